"""A record with two agencies and somebody of each role, and cases walked to any stage of the life cycle.

Everything happens in the last days of February 2026, before the instant at which the clock of the tests stands: Monday
2 March 2026, 09:00 in Chicago. All people are synthetic.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from detainer_ledger.casework import (
    Agency,
    Case,
    Command,
    Done,
    Record,
    Refused,
    Shown,
    add_actor,
    add_agency,
    create_record,
    open_record,
)
from detainer_ledger.ledger import Event
from tests.records import Clock, Place

OAK = Agency(id="oak-jail", name="Oak County Jail", state="ND", zone="America/Chicago")
ELM = Agency(id="elm-jail", name="Elm County Jail", state="NY", zone="America/New_York")

OFFICER, SUPERVISOR, AGENCY, AUDITOR, ADMINISTRATOR = "olga", "sam", "jill", "aud", "ada"
OTHER_AGENCY = "nora"

PEOPLE = {
    OFFICER: ("issuing_officer", None),
    SUPERVISOR: ("supervisor", None),
    AGENCY: ("receiving_agency", OAK.id),
    OTHER_AGENCY: ("receiving_agency", ELM.id),
    AUDITOR: ("auditor", None),
}

PERSON = {"name": "Example Person (synthetic)", "birth_date": "1990-01-02"}

Values = Mapping[str, object]

ARREST: Values = {
    "agency": OAK.id,
    "at": "2026-02-20T10:00",
    "arrest_kind": "arrest",
    "offence": "burglary",
    "criminal_offence": "yes",
    "independent_authority": "yes",
    "person": PERSON,
}

RECEIVED: Values = {
    "agency": OAK.id,
    "at": "2026-02-20T15:00",
    "form": "I-247A",
    "issued_on": "2026-02-20",
    "warrant_kind": "I-200",
    "warrant_signed_on": "2026-02-20",
    "bases": "proceedings",
    "person": PERSON,
}

GIVEN: Mapping[str, tuple[str, Values]] = {
    "record_arrest": (OFFICER, ARREST),
    "receive": (AGENCY, RECEIVED),
    "indicate_citizenship": (OFFICER, {"at": "2026-02-20T10:30", "indication": "claim_of_the_person"}),
    "examine_citizenship": (OFFICER, {"at": "2026-02-20T11:00", "result": "no_indication"}),
    "establish_probable_cause": (
        OFFICER,
        {"at": "2026-02-20T11:30", "bases": "final_order", "evidence": "file-1"},
    ),
    "attach_warrant": (OFFICER, {"warrant_kind": "I-205", "signed": "yes", "signed_on": "2026-02-20"}),
    "review": (SUPERVISOR, {"at": "2026-02-20T12:00", "reviewer": "supervisor", "approved": "yes"}),
    "override": (SUPERVISOR, {"rule": "forms/in-force", "reason": "The new form is not printed yet."}),
    "issue": (OFFICER, {"at": "2026-02-20T13:00", "form": "I-247A", "box1": "yes", "box2": "no"}),
    "serve_agency": (OFFICER, {"at": "2026-02-20T14:00"}),
    "serve_person": (AGENCY, {"at": "2026-02-20T16:00"}),
    "acknowledge": (AGENCY, {"at": "2026-02-20T16:30"}),
    "answer": (AGENCY, {"at": "2026-02-20T17:00", "answer": "honor"}),
    "expect_release": (AGENCY, {"at": "2026-02-25T10:00", "noticed_at": "2026-02-21T10:00"}),
    "begin_hold": (AGENCY, {"at": "2026-02-25T10:00"}),
    "take_custody": (OFFICER, {"at": "2026-02-26T10:00"}),
    "release": (AGENCY, {"at": "2026-02-26T11:00", "notice_given": "yes"}),
    "expire": (AGENCY, {"at": "2026-02-27T10:00"}),
    "transfer": (AGENCY, {"at": "2026-02-26T10:00", "to_agency": "Pine County Jail"}),
    "lift": (OFFICER, {"at": "2026-02-26T10:00", "reason": "case_closed"}),
    "record_lift": (AGENCY, {"at": "2026-02-26T10:00", "reason": "lifted"}),
    "end_hold": (AGENCY, {"at": "2026-02-26T10:00"}),
    "supersede": (OFFICER, {"at": "2026-02-26T10:00"}),
    "close_incident": (SUPERVISOR, {"incident": "hold-past/I-247A/box1-hold", "reason": "Nobody came in time."}),
    "close": (OFFICER, {"reason": "Nothing is left to do."}),
    "void": (OFFICER, {"reason": "Entered twice."}),
    "correct": (OFFICER, {"version": "1", "values": {"offence": "theft"}, "reason": "It was taken from another file."}),
    "erase_person": (SUPERVISOR, {"reason": "Order of a court."}),
}
"""For each command, who gives it and what they say where everything is in order."""

READY = ("record_arrest", "examine_citizenship", "establish_probable_cause", "attach_warrant")
"""The commands after which a detainer can be issued."""

WAY: Mapping[str, tuple[str, ...]] = {
    "arrest_recorded": READY,
    "issued": (*READY, "issue"),
    "served": (*READY, "issue", "serve_agency"),
    "acknowledged": (*READY, "issue", "serve_agency", "acknowledge"),
    "answered": (*READY, "issue", "serve_agency", "acknowledge", "answer"),
    "held": (*READY, "issue", "serve_agency", "acknowledge", "answer", "begin_hold"),
    "ended": (*READY, "issue", "serve_agency", "acknowledge", "answer", "begin_hold", "take_custody"),
    "closed": (*READY, "issue", "serve_agency", "acknowledge", "answer", "begin_hold", "take_custody", "close"),
}
"""The shortest honest way to each stage, by commands."""

TABLES = ("meta", "entry", "seal", "checkpoint", "view", "person", "person_key")


@dataclass(frozen=True)
class Office:
    """A record in use, its place, and the clock by which it goes."""

    record: Record
    place: Place
    clock: Clock
    successors: list[str] = field(default_factory=list)

    def give(self, who: str, kind: str, case: str | None = None, values: Values | None = None) -> Done | Refused:
        """Give a command with exactly these values."""
        return self.record.do(Command(kind=kind, case=case, values=values or {}, zone="agency"), who)

    def do(self, kind: str, case: str | None = None, *, by: str | None = None, **changed: Any) -> Done | Refused:
        """Give a command as ``GIVEN`` has it, with some values changed; None leaves one out."""
        who, values = GIVEN[kind]
        if kind == "supersede":
            values = {"by_case": self.successor(), **values}
        return self.give(by or who, kind, case, with_changes(values, changed))

    def done(self, kind: str, case: str | None = None, *, by: str | None = None, **changed: Any) -> Done:
        """Give a command as ``do`` does, and see that it is done."""
        found = self.do(kind, case, by=by, **changed)
        assert isinstance(found, Done), found
        return found

    def refused(self, kind: str, case: str | None = None, *, by: str | None = None, **changed: Any) -> Refused:
        """Give a command as ``do`` does, and see that it is refused."""
        found = self.do(kind, case, by=by, **changed)
        assert isinstance(found, Refused), found
        return found

    def walk(self, stage: str, **arrest: Any) -> str:
        """Bring a new case to a stage and return its id."""
        return self.follow(*WAY[stage], first=arrest)

    def follow(self, *kinds: str, first: Values | None = None) -> str:
        """Give commands on a new case one after the other, the first with some values changed; return its id."""
        who, values = GIVEN[kinds[0]]
        began = self.give(who, kinds[0], None, with_changes(values, first or {}))
        assert isinstance(began, Done), began
        case = began.case
        for kind in kinds[1:]:
            self.done(kind, case)
        return case

    def successor(self) -> str:
        """Return a case that can take the place of another."""
        if not self.successors:
            self.successors.append(self.follow(*WAY["issued"], first={"person": None}))
        return self.successors[0]

    def shown(self, case: str, by: str = AUDITOR) -> Shown:
        """Return a case as somebody sees it."""
        found = self.record.show(case, by)
        assert isinstance(found, Shown), found
        return found

    def case(self, case: str) -> Case:
        """Return a case as it stands."""
        return self.shown(case).case

    def stage(self, case: str) -> str:
        """Return the stage of a case."""
        return self.case(case).stage

    def kinds(self, case: str) -> list[str]:
        """Return the kinds of a case's events, in order."""
        return [each.kind for each in self.events(case)]

    def events(self, case: str) -> tuple[Event, ...]:
        """Return a case's events as they are recorded."""
        return self.record.ledger.events(f"case/{case}")

    def access(self, who: str) -> list[tuple[str, Mapping[str, Any]]]:
        """Return what is recorded of somebody's reading and of denials: kinds with what they say."""
        return [(each.kind, each.said()) for each in self.record.ledger.events(f"access/{who}")]

    def everything(self) -> dict[str, list[tuple[object, ...]]]:
        """Return all rows of all tables."""
        return {table: sorted(self._rows(table), key=repr) for table in TABLES}

    def _rows(self, table: str) -> Iterator[tuple[object, ...]]:
        for row in self.record.ledger.rows(f"SELECT * FROM {table}"):
            yield tuple(bytes(each) if isinstance(each, bytes | memoryview) else each for each in row)

    def again(self) -> Record:
        """Open the same record anew, as another process would."""
        return open_record(self.place.url, self.place.keys, now=self.clock)


def new_office(place: Place, clock: Clock) -> Office:
    """Make a record at a place where there are no keys yet, with its agencies and people."""
    record = create_record(
        place.url, place.keys_folder / "record", origin="test.example/record", administrator=ADMINISTRATOR, now=clock
    )
    for agency in (OAK, ELM):
        assert add_agency(record, ADMINISTRATOR, agency) is None
    for name, (role, agency_id) in PEOPLE.items():
        assert add_actor(record, ADMINISTRATOR, name=name, role=role, agency=agency_id) is None
    keys = record.ledger.keys
    return Office(
        record=record, place=Place(url=place.url, keys=keys, keys_folder=place.keys_folder / "record"), clock=clock
    )


def with_changes(values: Values, changed: Values) -> dict[str, object]:
    """Return values with some changed, and without those that are changed to None."""
    return {name: value for name, value in {**values, **changed}.items() if value is not None}
