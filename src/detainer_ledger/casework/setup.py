"""Setting a record up: who uses it, and which agencies it knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from detainer_ledger.casework.access import Act, Agency, Role
from detainer_ledger.casework.giving import Refused
from detainer_ledger.casework.lists import rebuild
from detainer_ledger.casework.record import SETUP, Record
from detainer_ledger.casework.values import name_of, text_of, zone_of
from detainer_ledger.ledger import (
    Keys,
    NewEvent,
    create_ledger,
    make_keys,
    open_ledger,
    read_keys,
    remove_keys,
)
from detainer_ledger.terms import BadInput, state_code

FIRST_ACTOR = "setup"
"""Who adds the first administrator of a new record."""


def create_record(
    url: str, keys_folder: Path, *, origin: str, administrator: str, now: Callable[[], datetime] | None = None
) -> Record:
    """Make a new record with its keys and its first administrator.

    ``origin`` names the record in checkpoints, as a host and path that nobody else uses. Raises BadInput where there is
    a record or are keys already, StoreError where the database cannot be made.
    """
    name = name_of(administrator, "administrator")
    origin = name_of(origin, "origin")
    if " " in origin or "\n" in origin:
        raise BadInput("The name of a record has no blanks.", field="origin", do="write it as county.example/record.")
    keys = make_keys(keys_folder)
    try:
        record = Record(create_ledger(url, keys, origin=origin, now=now))
    except BaseException:
        remove_keys(keys_folder)
        raise
    _add(record, "actor_added", {"name": name, "role": Role.ADMINISTRATOR.value, "agency": None}, FIRST_ACTOR)
    return record


def open_record(url: str, keys: Path | Keys, *, now: Callable[[], datetime] | None = None) -> Record:
    """Open a record with its keys. Raises BadInput, StoreError."""
    return Record(open_ledger(url, read_keys(keys) if isinstance(keys, Path) else keys, now=now))


def add_actor(record: Record, by: str, *, name: str, role: str, agency: str | None = None) -> Refused | None:
    """Add somebody who uses the record; an administrator does it. Returns a refusal, or None where it was done.

    ``agency`` is the agency of a receiving_agency, and nobody else's. Raises BadInput.
    """
    if (refused := record.may(by, Act.SET_UP)) is not None:
        return refused
    if role not in {each.value for each in Role}:
        raise BadInput("There is no such role.", field="role", do=f"it can be {', '.join(Role)}.")
    registry = record.registry
    if (role == Role.RECEIVING_AGENCY) != (agency is not None):
        raise BadInput(
            "A receiving_agency has an agency, and no other role has.", field="agency", do="give it, or leave it out."
        )
    if agency is not None and agency not in registry.agencies:
        raise BadInput("There is no such agency in the record.", field="agency", do="add the agency first.")
    name = name_of(name, "name")
    if name in registry.actors:
        raise BadInput("Somebody of this name is there already.", field="name", do="choose another name.")
    before = registry.former.get(name)
    if before is not None and (before.role.value, before.agency) != (role, agency):
        raise BadInput(
            "Somebody else had this name, in another role or agency, and what they did stays under it.",
            field="name",
            do="choose another name.",
        )
    _add(record, "actor_added", {"name": name, "role": role, "agency": agency}, by)
    return None


def remove_actor(record: Record, by: str, *, name: str) -> Refused | None:
    """Remove somebody; what they did stays. Returns a refusal, or None. Raises BadInput for the last administrator."""
    if (refused := record.may(by, Act.SET_UP)) is not None:
        return refused
    actors = record.registry.actors
    if name not in actors:
        raise BadInput(
            "The record knows nobody of this name.", field="name", do="look at 'detainer record actor list'."
        )
    administrators = [each.name for each in actors.values() if each.role is Role.ADMINISTRATOR]
    if administrators == [name]:
        raise BadInput("This is the last administrator.", field="name", do="add another first.")
    _add(record, "actor_removed", {"name": name}, by)
    return None


def add_agency(record: Record, by: str, agency: Agency) -> Refused | None:
    """Add an agency; an administrator does it. Returns a refusal, or None where it was done. Raises BadInput."""
    if (refused := record.may(by, Act.SET_UP)) is not None:
        return refused
    identifier = name_of(agency.id, "id")
    if not identifier.replace("-", "").isalnum() or not identifier.isascii() or identifier != identifier.lower():
        raise BadInput(
            "An agency's id has small letters, digits and hyphens alone.", field="id", do="write it as oak-county-jail."
        )
    if identifier in record.registry.agencies:
        raise BadInput("There is an agency of this id already.", field="id", do="choose another id.")
    _add(record, "agency_added", _said_of(agency), by)
    return None


def change_agency(record: Record, by: str, agency: Agency, *, reason: str) -> Refused | None:
    """Put what is right of an agency in the place of what was said of it, and make the views of its cases anew.

    An administrator does it. The clocks and rules of its cases go by what is said now; what was said before stays in
    the record. Returns a refusal, or None where it was done. Raises BadInput.
    """
    if (refused := record.may(by, Act.SET_UP)) is not None:
        return refused
    before = record.registry.agencies.get(agency.id)
    if before is None:
        raise BadInput(
            "There is no such agency in the record.", field="id", do="'detainer record agency list' names them."
        )
    body = {**_said_of(agency), "reason": text_of(reason, "reason")}
    if _said_of(before) == _said_of(agency):
        raise BadInput("That changes nothing.", field="id", do="say what is right.")
    _add(record, "agency_changed", body, by)
    rebuild(record)
    return None


def _said_of(agency: Agency) -> dict[str, object]:
    """Return what an event says of an agency. Raises BadInput."""
    state = state_code(agency.state)
    if state is None:
        raise BadInput("This is no state.", field="state", do="give its two letters, for example ND.")
    return {
        "id": agency.id,
        "name": name_of(agency.name, "name"),
        "state": state,
        "zone": zone_of(agency.zone).key,
        "city": name_of(agency.city, "city") if agency.city else "",
        "facility_code": name_of(agency.facility_code, "facility_code") if agency.facility_code else "",
    }


def _add(record: Record, kind: str, body: Mapping[str, object], by: str) -> None:
    actor = record.registry.actors.get(by)
    record.ledger.append(
        SETUP,
        [NewEvent(kind=kind, body=body)],
        head=record.ledger.head(SETUP),
        actor=by,
        role=actor.role.value if actor else FIRST_ACTOR,
        command=record.ledger.new_key(),
    )
