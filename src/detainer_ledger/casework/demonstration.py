"""A demonstration agency: one invented case of each kind, from the arrest to the close, through the record's own door.

Every name in it is invented and says that it is synthetic.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
_CAUSE: Mapping[str, object] = {"bases": ["final_order"], "evidence": ["order of removal, synthetic 1"]}
_WARRANT: Mapping[str, object] = {"warrant_kind": "I-205", "signed": True, "signed_on": "2026-03-02"}
_ISSUE: Mapping[str, object] = {"form": "I-247A", "box1": True, "box2": False}

_UNTIL_ISSUED: tuple[Step, ...] = (
    (OFFICER, "record_arrest", 0, _ARREST),
    (OFFICER, "examine_citizenship", 1, {"result": "no_indication"}),
    (OFFICER, "establish_probable_cause", 2, _CAUSE),
    (OFFICER, "attach_warrant", 2, _WARRANT),
    (SUPERVISOR, "review", 3, {"reviewer": "supervisor", "approved": True}),
    (OFFICER, "issue", 4, _ISSUE),
)
_UNTIL_SERVED: tuple[Step, ...] = (
    *_UNTIL_ISSUED,
    (OFFICER, "serve_agency", 5, {}),
    (JAIL, "serve_person", 6, {}),
    (JAIL, "acknowledge", 6, {}),
)
_UNTIL_HELD: tuple[Step, ...] = (
    *_UNTIL_SERVED,
    (JAIL, "answer", 7, {"answer": "honor"}),
    (JAIL, "expect_release", 24, {"noticed_hours": 8}),
    (JAIL, "begin_hold", 24, {}),
)

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
    shown = []
    for place, (title, steps) in enumerate(CASES):
        begins = BEGINS + timedelta(hours=place)
        shown.append(_walk(record, clock, title, steps, begins))
    clock.at = BEGINS + timedelta(hours=len(CASES) + 40)
    return record, tuple(shown), clock


def _walk(
    record: Record, clock: DemonstrationClock, title: str, steps: tuple[Step, ...], begins: datetime
) -> Demonstrated:
    case: str | None = None
    refusals: list[Refused] = []
    for who, kind, hours, told in steps:
        at = begins + timedelta(hours=hours)
        clock.at = at
        for values in _values(record, case, kind, told, at, begins):
            done = record.do(Command(kind=kind, case=case, values=values), who)
            if isinstance(done, Refused):
                refusals.append(done)
            case = done.case
    return Demonstrated(title=title, case=case or "", refusals=tuple(refusals))


def _values(
    record: Record, case: str | None, kind: str, told: Mapping[str, object], at: datetime, begins: datetime
) -> list[dict[str, object]]:
    values = dict(told)
    if values.get("incident") == "*" and case is not None:
        shown = record.show(case, SUPERVISOR)
        named = () if isinstance(shown, Refused) else shown.incidents
        return [{**values, "incident": each.id} for each in named]
    if kind not in {"attach_warrant", "override", "close", "close_incident", "erase_person"}:
        values["at"] = at.isoformat()
    if "noticed_hours" in values:
        values["noticed_at"] = (begins + timedelta(hours=float(str(values.pop("noticed_hours"))))).isoformat()
    return [values]
