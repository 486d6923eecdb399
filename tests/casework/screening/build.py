"""Screening cases in the record of the other tests, protocols as text, and cases made of bare events without a record.

The clock stands on Monday 2 March 2026, 09:00 in Chicago; cases begin in February. Everybody is synthetic.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from detainer_ledger.casework import Case, Command, Done, Refused
from detainer_ledger.casework.screening import (
    DueStep,
    Protocol,
    Screenings,
    ShownScreening,
    Status,
    adopt,
    due_steps,
    illustrative_protocol,
    protocol_of,
)
from detainer_ledger.casework.state import Told, latest_of
from detainer_ledger.ledger import Event
from tests.casework.build import AUDITOR, OFFICER, PERSON, SUPERVISOR, Office, Values, with_changes

CHICAGO = ZoneInfo("America/Chicago")

BEGIN: Values = {
    "at": "2026-02-02T09:00",
    "office": "St. Paul (synthetic)",
    "zone": "America/Chicago",
    "person": PERSON,
}

GIVEN: Mapping[str, tuple[str, Values]] = {
    "begin": (OFFICER, BEGIN),
    "do_step": (OFFICER, {"step": "initial-checks", "at": "2026-02-02T11:00", "evidence": "file-7"}),
    "record_result": (OFFICER, {"step": "initial-checks", "at": "2026-02-02T12:00", "result": "pending_authority"}),
    "notify": (OFFICER, {"at": "2026-02-02T13:00", "whom": "the office of the director"}),
    "document": (OFFICER, {"step": "initial-checks", "at": "2026-02-03T12:00", "evidence": "file-8"}),
    "decide_custody": (
        OFFICER,
        {"at": "2026-02-04T12:00", "decision": "keep_in_custody", "reason": "No answer came yet."},
    ),
    "second_review": (SUPERVISOR, {"at": "2026-02-04T15:00", "outcome": "in_order"}),
    "release_to_supervision": (OFFICER, {"at": "2026-02-05T09:00"}),
    "return_to_custody": (OFFICER, {"at": "2026-02-10T09:00"}),
    "end": (OFFICER, {"at": "2026-02-20T09:00", "how": "supervision_ended"}),
    "move_protocol": (SUPERVISOR, {"version": "illustrative@2", "reason": "The new deadlines apply to it."}),
    "void": (OFFICER, {"reason": "Entered twice."}),
    "correct": (OFFICER, {"version": "1", "values": {"office": "Duluth (synthetic)"}, "reason": "Typed wrongly."}),
    "erase_person": (SUPERVISOR, {"reason": "Order of a court."}),
}
"""For each command, who gives it and what they say where everything is in order."""

READY: Mapping[str, tuple[str, ...]] = {
    "return_to_custody": ("release_to_supervision",),
    "document": ("do_step",),
}
"""What comes before a command that cannot be the first on a case."""

WAY: Mapping[str, tuple[str, ...]] = {
    "in_custody": (),
    "under_supervision": ("release_to_supervision",),
    "closed": ("do_step", "end"),
}
"""The shortest way to each stage after the beginning."""


@dataclass(frozen=True)
class Room:
    """Screening cases of a record in use."""

    office: Office

    @property
    def screenings(self) -> Screenings:
        return Screenings(self.office.record)

    def give(self, who: str, kind: str, case: str | None = None, values: Values | None = None) -> Done | Refused:
        """Give a command with exactly these values."""
        return self.screenings.do(Command(kind=kind, case=case, values=values or {}), who)

    def do(self, kind: str, case: str | None = None, *, by: str | None = None, **changed: Any) -> Done | Refused:
        """Give a command as ``GIVEN`` has it, with some values changed; None leaves one out."""
        who, values = GIVEN[kind]
        return self.give(by or who, kind, case, with_changes(values, changed))

    def done(self, kind: str, case: str | None = None, *, by: str | None = None, **changed: Any) -> Done:
        found = self.do(kind, case, by=by, **changed)
        assert isinstance(found, Done), found
        return found

    def refused(self, kind: str, case: str | None = None, *, by: str | None = None, **changed: Any) -> Refused:
        found = self.do(kind, case, by=by, **changed)
        assert isinstance(found, Refused), found
        return found

    def begin(self, *kinds: str, **changed: Any) -> str:
        """Begin a case, give these commands on it, and return its id."""
        case = self.done("begin", **changed).case
        for kind in kinds:
            self.done(kind, case)
        return case

    def taken(self) -> str:
        """Return the id of a detainer that led to custody on 26 February 2026, 10:00."""
        return self.office.walk("ended")

    def shown(self, case: str, *, at: str | None = None, by: str = AUDITOR) -> ShownScreening:
        found = self.screenings.show(case, by, at=datetime.fromisoformat(at) if at else None)
        assert isinstance(found, ShownScreening), found
        return found

    def statuses(self, case: str, *, at: str | None = None) -> dict[str, list[str]]:
        """Return the statuses of each step of a case, one for each time that it fell due."""
        shown = self.shown(case, at=at)
        return statuses_at(shown.steps, shown.at)

    def events(self, case: str) -> tuple[Event, ...]:
        return self.office.record.ledger.events(f"screening/{case}")

    def adopt(self, text: str, by: str = SUPERVISOR) -> Protocol:
        found = adopt(self.office.record, text, by, where="protocol.toml")
        assert isinstance(found, Protocol), found
        return found


def with_protocols(office: Office) -> Room:
    """Return the room of a record that has adopted two versions of the illustrative protocol; the second is not yet in
    force."""
    room = Room(office)
    room.adopt(illustrative_protocol().text)
    text = illustrative_protocol().text.replace('version = "1"', 'version = "2"')
    room.adopt(text.replace("in_force_from = 2003-03-01", "in_force_from = 2027-01-01").replace("= 24", "= 48"))
    return room


def statuses_at(rows: tuple[DueStep, ...], at: datetime) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row.step, []).append(row.status(at).value)
    return found


STEP: Values = {
    "id": "checks",
    "title": "Checks (synthetic)",
    "trigger": "custody_taken",
    "roles": ["issuing_officer", "supervisor"],
    "source": "Invented for a test.",
}


def toml(**values: Any) -> str:
    """Return values as lines of TOML; what JSON writes of text, numbers, flags and lists is TOML too."""
    return "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items() if value is not None)


def protocol_text(*steps: Values, **head: Any) -> str:
    """Return a protocol with these steps, each of which changes ``STEP``; None leaves a key out."""
    day = head.pop("in_force_from", "2020-01-01")
    said = {
        "id": "test",
        "version": "1",
        "title": "A protocol (synthetic)",
        "source": "Invented for a test.",
        **head,
    }
    begins = "" if day is None else f"in_force_from = {day}\n"
    return toml(**said) + begins + "".join(f"\n[[step]]\n{toml(**{**STEP, **step})}" for step in steps)


def protocol_with(*steps: Values, **head: Any) -> Protocol:
    return protocol_of(protocol_text(*steps, **head), where="test.toml")


Said = tuple[str, str, dict[str, Any]]
"""An event of a bare case: its kind, when it happened (wall time of the case), and what else it says."""


def bare_case(*events: Said, begins: str = "2026-01-05T09:00", zone: str = "America/Chicago") -> Case:
    """Return a case of these events, as a record would tell them; ``by`` among what one says is who recorded it."""
    told = []
    for version, (kind, at, said) in enumerate([("screening_began", begins, {}), *events], start=1):
        body = {name: value for name, value in said.items() if name != "by"}
        if kind == "screening_began":
            body |= {"zone": zone, "office": "St. Paul (synthetic)", "protocol": "test@1"}
        told.append(
            Told(
                version=version,
                kind=kind,
                recorded_at="2026-03-02T15:00:00.000000Z",
                actor=said.get("by", OFFICER),
                role="issuing_officer",
                body={"at": instant(at, zone).isoformat(), **body},
            )
        )
    ends = {"screening_ended": "closed", "supervision_began": "under_supervision", "custody_resumed": "in_custody"}
    stage = next((ends[kind] for kind, _, _ in reversed(events) if kind in ends), "in_custody")
    return Case(id="S-BARE", told=tuple(told), stage=stage, latest=latest_of(told))


def instant(at: str, zone: str = "America/Chicago") -> datetime:
    """Return an instant that is written as wall time of a zone, or with its offset."""
    read = datetime.fromisoformat(at)
    return read if read.tzinfo else read.replace(tzinfo=ZoneInfo(zone))


def rows_of(case: Case, protocol: Protocol, at: str) -> dict[str, list[DueStep]]:
    """Return the rows of each step of a case at an instant."""
    found: dict[str, list[DueStep]] = {}
    for row in due_steps(case, protocol, at=instant(at)):
        found.setdefault(row.step, []).append(row)
    return found


def statuses_of(case: Case, protocol: Protocol, at: str) -> dict[str, list[Status]]:
    """Return the statuses of each step of a case at an instant."""
    return {step: [row.status(instant(at)) for row in rows] for step, rows in rows_of(case, protocol, at).items()}
