"""Who may do what: roles, actors and agencies, and the one function that answers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from detainer_ledger.casework.lifecycle import CommandKind
from detainer_ledger.ledger import Event


class Role(StrEnum):
    """What somebody is in a record."""

    ISSUING_OFFICER = "issuing_officer"
    SUPERVISOR = "supervisor"
    RECEIVING_AGENCY = "receiving_agency"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Act(StrEnum):
    """What can be done with a record besides the commands on a case."""

    READ_CASE = "read_case"
    READ_PERSON = "read_person"
    READ_ACCESS = "read_access"
    LIST_CASES = "list_cases"
    EXTRACT = "extract"
    IMPORT = "import"
    PROVE = "prove"
    CHECKPOINT = "checkpoint"
    BACK_UP = "back_up"
    SET_UP = "set_up"
    READ_SCREENING = "read_screening"
    ADOPT_PROTOCOL = "adopt_protocol"


ACTS: Mapping[Role, frozenset[Act]] = {
    Role.ISSUING_OFFICER: frozenset({Act.READ_CASE, Act.READ_PERSON, Act.LIST_CASES, Act.PROVE, Act.READ_SCREENING}),
    Role.SUPERVISOR: frozenset(
        {
            Act.READ_CASE,
            Act.READ_PERSON,
            Act.LIST_CASES,
            Act.PROVE,
            Act.EXTRACT,
            Act.READ_SCREENING,
            Act.ADOPT_PROTOCOL,
        }
    ),
    Role.RECEIVING_AGENCY: frozenset(
        {Act.READ_CASE, Act.READ_PERSON, Act.LIST_CASES, Act.PROVE, Act.EXTRACT, Act.IMPORT}
    ),
    Role.AUDITOR: frozenset(
        {
            Act.READ_CASE,
            Act.READ_PERSON,
            Act.READ_ACCESS,
            Act.LIST_CASES,
            Act.PROVE,
            Act.EXTRACT,
            Act.CHECKPOINT,
            Act.READ_SCREENING,
        }
    ),
    Role.ADMINISTRATOR: frozenset({Act.CHECKPOINT, Act.BACK_UP, Act.SET_UP}),
}
"""What each role may do besides commands, which say who may give them. Agencies see their own cases alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody who uses the record. ``agency`` is the agency of a RECEIVING_AGENCY, None for all others."""

    name: str
    role: Role
    agency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """An agency that receives detainers: its id, name, state (USPS code), and the zone of its clocks (IANA)."""

    id: str
    name: str
    state: str
    zone: str
    city: str = ""
    facility_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Somebody's reading of personal fields (``person_read``), or that they were denied something (``denied``).

    ``recorded_at`` is UTC; ``said`` has the case, and the purpose of a reading, or what was denied and why.
    """

    recorded_at: str
    actor: str
    role: str
    kind: str
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """The actors and agencies of a record, as its setup stream says; ``leaf`` is the hash of its last event.

    ``former`` has those who were removed, by name: what they did stays under it.
    """

    leaf: str = ""
    actors: Mapping[str, Actor] = field(default_factory=dict)
    agencies: Mapping[str, Agency] = field(default_factory=dict)
    former: Mapping[str, Actor] = field(default_factory=dict)


def registry_of(events: Iterable[Event]) -> Registry:
    """Return the actors and agencies that the events of the setup stream add, change and remove."""
    actors: dict[str, Actor] = {}
    former: dict[str, Actor] = {}
    agencies: dict[str, Agency] = {}
    last: Event | None = None
    for event in events:
        said = json.loads(event.body)
        last = event
        if event.kind == "actor_added":
            actors[said["name"]] = Actor(name=said["name"], role=Role(said["role"]), agency=said.get("agency"))
        elif event.kind == "actor_removed":
            if (removed := actors.pop(said["name"], None)) is not None:
                former[removed.name] = removed
        elif event.kind in {"agency_added", "agency_changed"}:
            said.pop("reason", None)
            agencies[said["id"]] = Agency(**said)
    return Registry(leaf=last.leaf.hex() if last else "", actors=actors, agencies=agencies, former=former)


def why_not_act(actor: Actor, act: Act, *, case_agency: str | None = None) -> str | None:
    """Return why somebody may not do something besides commands, in one sentence; None where they may.

    ``case_agency`` is the agency of the case concerned, None where it concerns no one case.
    """
    if act not in ACTS[actor.role]:
        return f"The role {_words(actor.role)} may not {_words(act)}."
    return _why_not_this_case(actor, case_agency)


def why_not_command(actor: Actor, kind: CommandKind, *, case_agency: str | None) -> str | None:
    """Return why somebody may not give a command on a case of an agency; None where they may."""
    if actor.role not in kind.roles:
        allowed = ", ".join(_words(role) for role in sorted(kind.roles))
        return f"The role {_words(actor.role)} may not {_words(kind.id)}: that is for {allowed}."
    return _why_not_this_case(actor, case_agency)


def _why_not_this_case(actor: Actor, case_agency: str | None) -> str | None:
    if actor.role is Role.RECEIVING_AGENCY and case_agency is not None and case_agency != actor.agency:
        return "An agency may see and answer its own detainers alone."
    return None


def _words(name: str) -> str:
    return name.replace("_", " ")
