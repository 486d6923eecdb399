"""A demonstration agency: one invented case of each kind, from the arrest to the close, through the record's own door.

Every name in it is invented and says that it is synthetic.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from detainer_ledger.casework.access import Agency
from detainer_ledger.casework.giving import Command, Refused
from detainer_ledger.casework.record import Record
from detainer_ledger.casework.setup import add_actor, add_agency, create_record

ORIGIN = "synthetic.example/record"
ZONE = ZoneInfo("America/Chicago")
BEGINS = datetime(2026, 3, 2, 9, 0, tzinfo=ZONE)
"""When the demonstration's first case begins; its clock goes on from there, whatever the machine's says."""

AGENCY = Agency(
    id="synthetic-county-jail", name="SYNTHETIC COUNTY JAIL", state="ND", zone="America/Chicago", city="SYNTHETIC CITY"
)
ADMINISTRATOR, OFFICER, SUPERVISOR, JAIL, AUDITOR = (
    "administrator (synthetic)",
    "officer (synthetic)",
    "supervisor (synthetic)",
    "jail (synthetic)",
    "auditor (synthetic)",
)


class DemonstrationClock:
    """A clock that goes on by what the demonstration tells it."""

    def __init__(self) -> None:
        self.at = BEGINS

    def __call__(self) -> datetime:
        """Return the instant that it shows, in UTC."""
        return self.at.astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Demonstrated:
    """A case of the demonstration: what it shows, its id, and the refusals that belong to it."""

    title: str
    case: str
    refusals: tuple[Refused, ...]


Step = tuple[str, str, float, Mapping[str, object]]
"""Who, which command, hours after the arrest, and what it says."""

_ARREST: Mapping[str, object] = {
    "agency": AGENCY.id,
    "arrest_kind": "arrest",
    "offence": "burglary",
    "criminal_offence": True,
    "independent_authority": True,
    "area_of_responsibility": "St. Paul Area of Responsibility",
    "person": {"name": "Example Person (synthetic)", "birth_date": "1990-01-01"},
}
_RECEIVED: Mapping[str, object] = {
    "agency": AGENCY.id,
    "form": "I-247A",
    "box1": True,
    "issued_on": "2026-03-02",
    "warrant_kind": "I-200",
    "warrant_signed_on": "2026-03-02",
    "bases": ["proceedings"],
    "person": _ARREST["person"],
}
_CAUSE: Mapping[str, object] = {"bases": ["final_order"], "evidence": ["order of removal, synthetic 1"]}
_WARRANT: Mapping[str, object] = {"warrant_kind": "I-205", "signed": True}
_ISSUE: Mapping[str, object] = {"form": "I-247A", "box1": True, "box2": False}

_UNTIL_ISSUED: tuple[Step, ...] = (
    (OFFICER, "record_arrest", 0, _ARREST),
    (OFFICER, "examine_citizenship", 1, {"result": "no_indication"}),
    (OFFICER, "establish_probable_cause", 2, _CAUSE),
    (OFFICER, "attach_warrant", 2, _WARRANT),
    (SUPERVISOR, "review", 3, {"reviewer": "supervisor", "approved": True}),
    (OFFICER, "issue", 4, _ISSUE),
)
_SERVED: tuple[Step, ...] = (
    (OFFICER, "serve_agency", 5, {}),
    (JAIL, "serve_person", 6, {}),
    (JAIL, "acknowledge", 6, {}),
)
_HELD: tuple[Step, ...] = (
    (JAIL, "answer", 7, {"answer": "honor"}),
    (JAIL, "expect_release", 24, {"noticed_hours": 8}),
    (JAIL, "begin_hold", 24, {}),
)
_UNTIL_SERVED: tuple[Step, ...] = (*_UNTIL_ISSUED, *_SERVED)
_UNTIL_HELD: tuple[Step, ...] = (*_UNTIL_SERVED, *_HELD)

CASES: tuple[tuple[str, tuple[Step, ...]], ...] = (
    (
        "Honored, and taken into custody within the limit",
        (*_UNTIL_HELD, (OFFICER, "take_custody", 50, {}), (OFFICER, "close", 51, {})),
    ),
    (
        "Declined under the agency's policy, and released",
        (
            *_UNTIL_SERVED,
            (JAIL, "answer", 7, {"answer": "decline", "reason": "local_law_or_policy", "legal_basis": "agency_policy"}),
            (JAIL, "release", 30, {"notice_given": False}),
            (OFFICER, "close", 31, {}),
        ),
    ),
    (
        "No answer, and released without notice",
        (
            *_UNTIL_SERVED,
            (OFFICER, "answer", 28, {"answer": "no_answer"}),
            (JAIL, "release", 30, {"notice_given": False}),
            (OFFICER, "close", 31, {}),
        ),
    ),
    (
        "A form that asks for notice alone: notice is given, and the person released on time",
        (
            *_UNTIL_ISSUED[:-1],
            (OFFICER, "issue", 4, {"form": "I-247G", "box1": False, "box2": False, "covered_by_gonzalez": True}),
            *_SERVED,
            (JAIL, "answer", 7, {"answer": "notify_only"}),
            (JAIL, "expect_release", 60, {"noticed_hours": 10}),
            (JAIL, "release", 60, {"notice_given": True}),
            (OFFICER, "close", 61, {}),
        ),
    ),
    (
        "The hold runs out and nobody comes: released at its limit",
        (*_UNTIL_HELD, (JAIL, "expire", 72, {}), (OFFICER, "close", 73, {})),
    ),
    (
        "Held past the limit: an incident that somebody has to close",
        (
            *_UNTIL_HELD,
            (JAIL, "expire", 80, {}),
            (SUPERVISOR, "close_incident", 90, {"incident": "*", "reason": "Released late; the shift was told."}),
            (OFFICER, "close", 91, {}),
        ),
    ),
    (
        "Lifted, because a claim of citizenship was borne out",
        (
            *_UNTIL_SERVED,
            (JAIL, "indicate_citizenship", 8, {"indication": "claim_of_the_person"}),
            (OFFICER, "examine_citizenship", 9, {"result": "citizen", "evidence": ["passport, synthetic 2"]}),
            (OFFICER, "lift", 9, {"reason": "united_states_citizen_interviewed"}),
            (SUPERVISOR, "close_incident", 10, {"incident": "*", "reason": "Lifted within the hour."}),
            (OFFICER, "close", 10, {}),
            (SUPERVISOR, "erase_person", 12, {"reason": "retention rule, synthetic"}),
        ),
    ),
    (
        "Lifted while the person is held: the hold goes on until they are let go",
        (
            *_UNTIL_HELD,
            (OFFICER, "lift", 30, {"reason": "case_closed"}),
            (JAIL, "end_hold", 31, {"how": "released"}),
            (SUPERVISOR, "close_incident", 32, {"incident": "*", "reason": "The night shift let them go at once."}),
            (OFFICER, "close", 32, {}),
        ),
    ),
    (
        "Held all the same, with a claim of citizenship open: refused, then recorded with an incident",
        (
            *_UNTIL_SERVED,
            (JAIL, "indicate_citizenship", 8, {"indication": "claim_of_the_person"}),
            (JAIL, "begin_hold", 24, {}),
            (JAIL, "begin_hold", 24, {"despite": "The claim was not passed on to the shift."}),
            (OFFICER, "examine_citizenship", 25, {"result": "unfounded", "evidence": ["record, synthetic 3"]}),
            (JAIL, "release", 26, {"notice_given": True}),
            (SUPERVISOR, "close_incident", 27, {"incident": "*", "reason": "The shift was told."}),
            (OFFICER, "close", 28, {}),
        ),
    ),
    (
        "Stopped and not arrested: the policy refuses a detainer",
        (
            (OFFICER, "record_arrest", 0, {**_ARREST, "arrest_kind": "stop", "criminal_offence": False}),
            (OFFICER, "examine_citizenship", 1, {"result": "no_indication"}),
            (OFFICER, "establish_probable_cause", 2, _CAUSE),
            (OFFICER, "attach_warrant", 2, _WARRANT),
            (SUPERVISOR, "override", 3, {"rule": "10074.2/arrest-required", "reason": "tried, and refused"}),
            (OFFICER, "issue", 4, _ISSUE),
            (OFFICER, "close", 5, {"reason": "No detainer can be issued."}),
        ),
    ),
    (
        "Issued without a warrant, which a supervisor let pass: the mark stays on every list and figure",
        (
            *(step for step in _UNTIL_ISSUED if step[1] not in {"attach_warrant", "issue"}),
            (SUPERVISOR, "override", 3, {"rule": "10074.2/warrant-accompanies", "reason": "It is signed at noon."}),
            (OFFICER, "issue", 4, _ISSUE),
            *_SERVED,
            *_HELD,
            (OFFICER, "take_custody", 40, {}),
            (OFFICER, "close", 41, {}),
        ),
    ),
    (
        "Superseded: another detainer, that of the case before, stands in its place",
        (*_UNTIL_SERVED, (OFFICER, "supersede", 12, {"by_case": "*"}), (OFFICER, "close", 13, {})),
    ),
    (
        "Corrected: what was said stays to be seen beside what is right",
        (
            *_UNTIL_HELD,
            (JAIL, "release", 50, {"notice_given": False}),
            (OFFICER, "close", 51, {}),
            (
                JAIL,
                "correct",
                60,
                {"version": "*", "values": {"notice_given": True}, "reason": "Notice had gone to the night desk."},
            ),
        ),
    ),
    (
        "Received from outside this record, and lifted by whoever sent it",
        (
            (JAIL, "receive", 0, _RECEIVED),
            (JAIL, "serve_person", 2, {}),
            (JAIL, "acknowledge", 2, {}),
            (JAIL, "answer", 3, {"answer": "honor"}),
            (JAIL, "record_lift", 20, {"reason": "case_closed"}),
            (JAIL, "close", 21, {}),
        ),
    ),
    (
        "Entered twice: voided, it counts nowhere and stays to be seen",
        ((OFFICER, "record_arrest", 0, _ARREST), (OFFICER, "void", 1, {"reason": "The case was entered before."})),
    ),
    (
        "Transferred to another agency before an answer",
        (*_UNTIL_SERVED, (JAIL, "transfer", 12, {"to_agency": "State prison (synthetic)"}), (OFFICER, "close", 13, {})),
    ),
    ("Still held: the clock runs", _UNTIL_HELD),
)
"""What the demonstration shows, and the steps of each case."""


def demonstrate(url: str, keys: Path) -> tuple[Record, tuple[Demonstrated, ...], DemonstrationClock]:
    """Make a record at ``url`` and walk one case of each kind through it. Raises BadInput where there is one."""
    clock = DemonstrationClock()
    record = create_record(url, keys, origin=ORIGIN, administrator=ADMINISTRATOR, now=clock)
    add_agency(record, ADMINISTRATOR, AGENCY)
    for name, role, agency in (
        (OFFICER, "issuing_officer", None),
        (SUPERVISOR, "supervisor", None),
        (JAIL, "receiving_agency", AGENCY.id),
        (AUDITOR, "auditor", None),
    ):
        add_actor(record, ADMINISTRATOR, name=name, role=role, agency=agency)
    walks = [_Walk(title, steps, BEGINS + timedelta(hours=place)) for place, (title, steps) in enumerate(CASES)]
    walks[-1].begins = BEGINS + timedelta(hours=_LAST_BEGINS)
    # As in a jail, the cases go on side by side: the clock never goes back.
    order = sorted(
        (walk.begins + timedelta(hours=hours), place, number)
        for place, walk in enumerate(walks)
        for number, (_, _, hours, _) in enumerate(walk.steps)
    )
    for at, place, number in order:
        clock.at = at
        _step(record, walks[place], number, at, walks[place - 1].case)
    clock.at += timedelta(hours=_SHOWN_AFTER)
    return record, tuple(walk.shown() for walk in walks), clock


_LAST_BEGINS = 72
_SHOWN_AFTER = 4
"""The last case begins so many hours after the first, so that its hold still runs when the others are closed."""


@dataclass
class _Walk:
    """A case on its way: what it is to show, its steps, when it begins, and what came of it so far."""

    title: str
    steps: tuple[Step, ...]
    begins: datetime
    case: str | None = None
    refusals: list[Refused] = field(default_factory=list)

    def shown(self) -> Demonstrated:
        return Demonstrated(title=self.title, case=self.case or "", refusals=tuple(self.refusals))


def _step(record: Record, walk: _Walk, number: int, at: datetime, before: str | None) -> None:
    """Give one command; ``before`` is the case of the walk before this one."""
    who, kind, _, told = walk.steps[number]
    for values in _values(record, walk.case, kind, told, at, walk.begins, before):
        done = record.do(Command(kind=kind, case=walk.case, values=values), who)
        if isinstance(done, Refused):
            walk.refusals.append(done)
        walk.case = done.case


def _values(
    record: Record,
    case: str | None,
    kind: str,
    told: Mapping[str, object],
    at: datetime,
    begins: datetime,
    before: str | None,
) -> list[dict[str, object]]:
    values = dict(told)
    if values.get("by_case") == "*":
        values["by_case"] = before
    if values.get("version") == "*" and case is not None:
        values["version"] = _last_version(record, case, "released")
    if values.get("incident") == "*" and case is not None:
        shown = record.show(case, SUPERVISOR)
        named = () if isinstance(shown, Refused) else shown.incidents
        return [{**values, "incident": each.id} for each in named]
    if kind == "attach_warrant":
        values["signed_on"] = at.date().isoformat()
    if kind not in _WITHOUT_A_TIME:
        values["at"] = at.isoformat()
    if "noticed_hours" in values:
        values["noticed_at"] = (begins + timedelta(hours=float(str(values.pop("noticed_hours"))))).isoformat()
    return [values]


_WITHOUT_A_TIME = frozenset(
    {"attach_warrant", "override", "close", "close_incident", "correct", "void", "erase_person"}
)


def _last_version(record: Record, case: str, kind: str) -> int | None:
    """Return the number of the last event of a kind in a case."""
    shown = record.show(case, SUPERVISOR)
    told = None if isinstance(shown, Refused) else shown.case.last(kind)
    return told.version if told else None
