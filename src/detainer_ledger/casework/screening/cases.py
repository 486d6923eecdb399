"""The door to screening cases: commands on them, and what may be read of them, by whom.

They stand in the same record as detainers, under the same roles, seals and keys. The software holds no list and asks
none: what an authority answered is entered by a person, and "pending" or "not run" never reads as "no match".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from detainer_ledger.casework.access import Act, Actor, Registry, why_not_act, why_not_command
from detainer_ledger.casework.checking import check_case, check_correction
from detainer_ledger.casework.giving import (
    Command,
    DeniedError,
    Done,
    Refused,
    actor_named,
    check_names,
    check_version,
    clock_warnings,
    digest_of,
    kind_named,
    new_id,
)
from detainer_ledger.casework.lifecycle import NO_STAGE, CommandKind, command_of_event, screening_command_kinds
from detainer_ledger.casework.record import SETUP, Record
from detainer_ledger.casework.screening.beginning import (
    SCREENING_PREFIX,
    begun,
    late_beginning,
    new_case_id,
    taken_into_custody,
    zone_of_case,
)
from detainer_ledger.casework.screening.fitting import (
    check_done_before,
    check_reviewer,
    check_right_now,
    check_said,
    erasing,
    idle_warnings,
)
from detainer_ledger.casework.screening.protocol import Protocol
from detainer_ledger.casework.screening.protocols import protocol_named, protocols_of
from detainer_ledger.casework.screening.rows import SCREENINGS, Due, dues_of, protocol_name, screening_row
from detainer_ledger.casework.screening.steps import BEGAN, DueStep, due_steps
from detainer_ledger.casework.state import Case, after, case_of
from detainer_ledger.casework.values import Known, read_values, shown, text_of, wall_zone
from detainer_ledger.ledger import (
    Event,
    Head,
    NewEvent,
    Statement,
    ViewRow,
    prove_case,
    read_person,
)
from detainer_ledger.terms import BadInput


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownScreening:
    """A screening case as its readers see it: with its protocol, its steps until ``at``, and its detainer's case."""

    case: Case
    protocol: Protocol
    steps: tuple[DueStep, ...]
    at: datetime
    detainer: Case | None


def _random_id() -> str:
    return new_id("S-")


class Screenings:
    """The screening cases of a record."""

    def __init__(self, record: Record, *, ids: Callable[[], str] = _random_id) -> None:
        """Open the cases of a record; ``ids`` gives the ids of new ones that belong to no detainer."""
        self.record = record
        self._ids = ids

    def do(self, command: Command, actor_name: str) -> Done | Refused:
        """Do a command for an actor, or refuse it and record that.

        Raises BadInput for a command that cannot be understood or does not fit the case, with nothing stored; Conflict
        where somebody else has added to the case meanwhile.
        """
        kind = kind_named(screening_command_kinds(), command.kind, group="screening")
        check_names(command)
        registry = self.record.registry
        actor = actor_named(registry, actor_name)
        try:
            return self._do(command, kind, actor, registry)
        except DeniedError as denied:
            return self.record.deny_command(actor, kind.id, command.case, denied.why)

    def show(self, case_id: str, actor_name: str, *, at: datetime | None = None) -> ShownScreening | Refused:
        """Return a case with its steps as they stand at an instant, now by default. Raises BadInput."""
        if (refused := self._may_with_case(actor_name, Act.READ_SCREENING, case_id)) is not None:
            return refused
        case = self._known_case(case_id)
        when = at or self.record.ledger.now()
        protocol = self.protocol_of(case)
        detainer = case.beginning.body.get("detainer")
        return ShownScreening(
            case=case,
            protocol=protocol,
            steps=due_steps(case, protocol, at=when),
            at=when,
            detainer=self.record.case_now(detainer) if detainer else None,
        )

    def due(self, actor_name: str) -> tuple[Due, ...] | Refused:
        """Return every step that falls due, or fell due and can still be done, soonest first."""
        if (refused := self.record.may(actor_name, Act.READ_SCREENING)) is not None:
            return refused
        return dues_of(self.record.ledger.views(SCREENINGS, due_only=True))

    def rows(self, actor_name: str) -> tuple[ViewRow, ...] | Refused:
        """Return a row for each case; its body is JSON without personal fields."""
        if (refused := self.record.may(actor_name, Act.READ_SCREENING)) is not None:
            return refused
        return self.record.ledger.views(SCREENINGS)

    def every_case(self) -> Iterator[tuple[Case, Protocol]]:
        """Give every case that was not voided with the protocol that it follows, in the order of ids."""
        protocols = {each.name: each for each in protocols_of(self.record)}
        for case in screening_cases(self.record):
            if case.last("voided") is None:
                yield case, protocols[protocol_name(case)]

    def protocol_of(self, case: Case) -> Protocol:
        """Return the protocol that a case follows."""
        return protocol_named(protocols_of(self.record), protocol_name(case))

    def person(self, case_id: str, actor_name: str, *, purpose: str) -> Mapping[str, str] | Refused | None:
        """Return the personal fields of a case for somebody who may read them; the reading is recorded first."""
        if (refused := self._may_with_case(actor_name, Act.READ_PERSON, case_id)) is not None:
            return refused
        actor, case = self.record.actor(actor_name), self._known_case(case_id)
        person = case.beginning.body.get("person")
        self.record.note_reading(actor, case_id, person, purpose)
        return read_person(self.record.ledger, person) if person else None

    def proof(self, case_id: str, actor_name: str) -> Mapping[str, Any] | Refused:
        """Return the proof of every event of a case for somebody who may read and prove it. Raises BadInput."""
        if (refused := self._may_with_case(actor_name, Act.PROVE, case_id)) is not None:
            return refused
        self._known_case(case_id)
        return prove_case(self.record.ledger, SCREENING_PREFIX + case_id)

    def _may_with_case(self, actor_name: str, act: Act, case_id: str) -> Refused | None:
        """Return a refusal, recorded, where somebody may not read screening and do this with a case.

        Before it is looked up: whoever may not read screening does not learn which cases there are.
        """
        actor = self.record.actor(actor_name)
        why = why_not_act(actor, Act.READ_SCREENING) or why_not_act(actor, act)
        return self.record.deny(actor, act, shown(case_id), why) if why else None

    def _do(self, command: Command, kind: CommandKind, actor: Actor, registry: Registry) -> Done | Refused:
        ledger = self.record.ledger
        if (why := why_not_command(actor, kind, case_agency=None)) is not None:
            raise DeniedError(actor, why)
        digest = digest_of(command) if command.key else ""
        if command.key is not None and (before := ledger.events_of_command(command.key)):
            return self._repeated(before, digest, command)
        if not command.case and kind.id != "begin":
            raise BadInput(f"The command {kind.id} is given on a case.", field="command", do="name the case.")
        case = self._known_case(command.case) if command.case else Case(id=new_case_id(self.record, command, self._ids))
        check_version(command, case)
        now = ledger.now()
        zone = zone_of_case(self.record, registry, command, case)
        # The first command of a case says its zone, or names the detainer of an agency that has one.
        wall = wall_zone(command.zone, zone) or zone
        known = Known(agencies=registry.agencies, zone=zone, wall_zone=wall, now=now)
        body = read_values(kind, command.values, known)
        check_case(kind, case, body, agency=None, role=actor.role, now=now)
        protocols = protocols_of(self.record)
        also = self._complete(kind, case, body, actor, protocols, known)
        warnings = (
            *clock_warnings(case.head, ledger.newest_at(), now, body),
            *idle_warnings(kind.event, case, body, protocols),
            *(late_beginning(self.record, body) if kind.id == "begin" else ()),
        )

        def rows(added: tuple[Event, ...], head: Head) -> tuple[ViewRow, ...]:
            changed = after(case, added, head)
            return (screening_row(changed, protocol_named(protocols, protocol_name(changed))),)

        appended = ledger.append(
            SCREENING_PREFIX + case.id,
            [NewEvent(kind=kind.event, body=body)],
            head=case.head,
            actor=actor.name,
            role=actor.role.value,
            command=command.key or ledger.new_key(),
            digest=digest,
            views=rows,
            also=also,
            while_at=(SETUP, registry.leaf),
        )
        if appended.is_repeat:
            return self._repeated(appended.events, digest, command)
        return Done(case=case.id, events=appended.events, warnings=warnings)

    def _complete(
        self,
        kind: CommandKind,
        case: Case,
        body: dict[str, object],
        actor: Actor,
        protocols: tuple[Protocol, ...],
        known: Known,
    ) -> tuple[Statement, ...]:
        """Put into a command's values what the record adds, and check what goes by the protocol."""
        if kind.id == "begin":
            return begun(self.record, body, protocols, known)
        protocol = protocol_named(protocols, protocol_name(case))
        if kind.id == "move_protocol":
            chosen = protocol_named(protocols, str(body["version"]))
            if chosen.name == protocol.name:
                raise BadInput("The case follows this version already.", field="version", do="name another.")
            body["protocol"] = chosen.name
        elif kind.id == "correct":
            body["values"] = self._corrected(case, body, protocol, actor, known)
        else:
            check_said(kind.id, body, protocol, actor)
        if kind.id == "document":
            check_done_before(case, body)
        if kind.id == "second_review":
            check_reviewer(case, actor)
        return erasing(case) if kind.id == "erase_person" else ()

    def _corrected(
        self, case: Case, body: Mapping[str, Any], protocol: Protocol, actor: Actor, known: Known
    ) -> dict[str, object]:
        """Return the values of a correction, which the command that is corrected could have said."""
        changed = check_correction(case, body, role=actor.role, known=known)
        told = next(each for each in case.told if each.version == body["version"])
        kind = command_of_event()[told.kind]
        if told.kind == BEGAN and "at" in changed and (detainer := told.body.get("detainer")):
            taken_into_custody(self.record, str(detainer), str(changed["at"]), field="values.at")
        check_right_now(kind.id, told.body, changed, protocol, actor)
        return changed

    def _repeated(self, before: tuple[Event, ...], digest: str, command: Command) -> Done:
        """Return what a command got when it was given before. Raises BadInput where its key was used for another."""
        case = before[0].stream.removeprefix(SCREENING_PREFIX)
        if (
            before[0].command_digest != digest
            or command.case not in {None, case}
            or not self._is_same_person(before[0].said().get("person"), command.values.get("person"))
        ):
            raise BadInput(
                f"The key '{command.key}' was used for another command.",
                field="key",
                do="give each command a key of its own; repeat a command with its own key and the same values.",
            )
        return Done(case=case, events=before, is_repeat=True)

    def _is_same_person(self, person: object, given: object) -> bool:
        """Tell whether the fields given are those that are kept; what was erased cannot be told apart from anything."""
        kept = read_person(self.record.ledger, str(person)) if person else None
        if kept is None or not isinstance(given, Mapping):
            return True
        return {str(name): text_of(each, "person") for name, each in given.items()} == dict(kept)

    def _known_case(self, case_id: str) -> Case:
        """Return a case that there is. Raises BadInput for another."""
        case = self._case(case_id) if case_id.isprintable() else None
        if case is None or case.stage == NO_STAGE:
            raise BadInput("There is no such case.", field="case", do="'detainer screening list' shows the cases.")
        return case

    def _case(self, case_id: str) -> Case:
        return case_of(case_id, self.record.ledger.events(SCREENING_PREFIX + case_id))


def screening_cases(record: Record) -> Iterator[Case]:
    """Give every screening case in the order of ids; memory holds one piece."""
    for stream, events in record.ledger.streams(SCREENING_PREFIX):
        yield case_of(stream.removeprefix(SCREENING_PREFIX), events)
