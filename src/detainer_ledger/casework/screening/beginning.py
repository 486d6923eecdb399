"""How a screening case begins: for somebody taken into custody, with or without a detainer of the record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from detainer_ledger.casework.access import Registry
from detainer_ledger.casework.giving import Command
from detainer_ledger.casework.lifecycle import NO_STAGE
from detainer_ledger.casework.record import Record
from detainer_ledger.casework.screening.protocol import Protocol
from detainer_ledger.casework.screening.protocols import protocol_on
from detainer_ledger.casework.state import Case, case_of
from detainer_ledger.casework.values import Known, text_of, zone_of
from detainer_ledger.ledger import Statement, keeping_person
from detainer_ledger.terms import BadInput

SCREENING_PREFIX = "screening/"

_MOST_BEGUN = 100
"""So many cases can be begun for one detainer, one after the other was voided."""


def begun(
    record: Record, body: dict[str, object], protocols: tuple[Protocol, ...], known: Known
) -> tuple[Statement, ...]:
    """Put into the values of a new case what the record adds, and return what keeps its person. Raises BadInput."""
    zone = known.zone
    if zone is None:
        raise BadInput("The case needs a time zone.", field="zone", do="name it, for example America/Chicago.")
    body["zone"] = zone.key
    at = datetime.fromisoformat(str(body["at"])).astimezone(zone)
    body["protocol"] = protocol_on(protocols, at.date()).name
    fields = body.pop("person", None)
    if detainer := body.get("detainer"):
        linked = taken_into_custody(record, str(detainer), str(body["at"]), field="at")
        if fields is not None:
            raise BadInput("The person's fields are those of the detainer.", field="person", do="leave them out.")
        if person := linked.beginning.body.get("person"):
            body["person"] = person
        return ()
    if isinstance(fields, dict):
        body["person"], also = keeping_person(record.ledger, fields)
        return also
    return ()


def taken_into_custody(record: Record, detainer: str, at: str, *, field: str) -> Case:
    """Return a detainer's case that led to custody by an instant. Raises BadInput for another."""
    linked = record.case_now(detainer)
    taken = linked.last("custody_taken")
    if taken is None or taken.at is None:
        raise BadInput(
            "No custody is recorded on that detainer, and nobody is screened who was not taken into custody.",
            field="detainer",
            do="record take_custody on it first, or leave it out.",
        )
    if datetime.fromisoformat(at) < taken.at:
        raise BadInput(
            f"This is before custody was taken on the detainer, at {taken.at.isoformat(timespec='minutes')}.",
            field=field,
            do="look at the time and its zone, or correct the detainer.",
        )
    return linked


def late_beginning(record: Record, body: Mapping[str, object]) -> tuple[str, ...]:
    """Tell that a case begins after custody was taken on its detainer: its deadlines run from its own beginning."""
    detainer = body.get("detainer")
    taken = record.case_now(str(detainer)).last("custody_taken") if detainer else None
    if taken is None or taken.at is None or datetime.fromisoformat(str(body["at"])) <= taken.at:
        return ()
    since = taken.at.isoformat(timespec="minutes")
    said = f"Custody was taken on the detainer at {since}, and this case begins later: its deadlines run from then on."
    return (f"{said} Correct its time if they should not.",)


def zone_of_case(record: Record, registry: Registry, command: Command, case: Case) -> ZoneInfo | None:
    """Return the zone of a case; of a new one, that which is given, else that of its detainer's agency."""
    if case.stage != NO_STAGE:
        return ZoneInfo(str(case.beginning.body["zone"]))
    detainer = _detainer(command)
    linked = record.case_now(detainer) if detainer else None
    if linked is not None and linked.stage == NO_STAGE:
        raise BadInput("There is no such case.", field="detainer", do="name a detainer of this record.")
    given = command.values.get("zone")
    if given is not None and given != "":
        return zone_of(text_of(given, "zone"))
    return ZoneInfo(registry.agencies[linked.agency].zone) if linked is not None else None


def new_case_id(record: Record, command: Command, ids: Callable[[], str]) -> str:
    """Return the id of a new case: that of its detainer with another letter, so that a detainer has one.

    A case that was voided counts nowhere: the next one of the detainer gets a number after it.
    """
    detainer = _detainer(command)
    if not detainer:
        return ids()
    first = "S-" + detainer.removeprefix("D-")
    for case_id in (first, *(f"{first}-{number}" for number in range(2, _MOST_BEGUN))):
        before = case_of(case_id, record.ledger.events(SCREENING_PREFIX + case_id))
        if before.stage == NO_STAGE:
            return case_id
        if before.last("voided") is None:
            raise BadInput("The detainer has a screening case.", field="detainer", do=f"go on with {case_id}.")
    raise BadInput(
        "Too many screening cases of the detainer were voided.", field="detainer", do="look at how they were begun."
    )


def _detainer(command: Command) -> str:
    """Return the detainer that a command names, "" where it names none. Raises BadInput for what is no name."""
    given = command.values.get("detainer")
    return "" if given is None or given == "" else text_of(given, "detainer")
