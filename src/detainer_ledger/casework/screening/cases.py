"""The door to screening cases: commands on them, and what may be read of them, by whom.

They stand in the same record as detainers, under the same roles, seals and keys. The software holds no list and asks
none: what an authority answered is entered by a person, and "pending" or "not run" never reads as "no match".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from detainer_ledger.casework.access import Act, Actor, why_not_act, why_not_command
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
    new_id,
)
from detainer_ledger.casework.lifecycle import NO_STAGE, CommandKind, screening_command_kinds
from detainer_ledger.casework.record import SETUP, Record
from detainer_ledger.casework.screening.protocol import Protocol, ScreeningResult
from detainer_ledger.casework.screening.protocols import protocol_named, protocol_on, protocols_of
from detainer_ledger.casework.screening.rows import SCREENINGS, Due, dues_of, protocol_name, screening_row
from detainer_ledger.casework.screening.steps import DueStep, due_steps
from detainer_ledger.casework.state import Case, after, case_of
from detainer_ledger.casework.values import Known, read_values
from detainer_ledger.ledger import (
    Event,
    Head,
    NewEvent,
    Statement,
    ViewRow,
    erasing_person,
    keeping_person,
    read_person,
)
from detainer_ledger.terms import BadInput

SCREENING_PREFIX = "screening/"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownScreening:
    """A screening case as its readers see it: with its protocol, its steps until ``at``, and its detainer's case."""

    case: Case
    protocol: Protocol
    steps: tuple[DueStep, ...]
    at: datetime
    detainer: Case | None


class Screenings:
    """The screening cases of a record."""

    def __init__(self, record: Record) -> None:
        self.record = record

    def do(self, command: Command, actor_name: str) -> Done | Refused:
        """Do a command for an actor, or refuse it and record that.

        Raises BadInput for a command that cannot be understood or does not fit the case, with nothing stored; Conflict
        where somebody else has added to the case meanwhile.
        """
        kind = _kind(command.kind)
        check_names(command)
        actor = actor_named(self.record.registry, actor_name)
        try:
            return self._do(command, kind, actor)
        except DeniedError as denied:
            return self.record.deny(actor, kind.id, command.case, denied.why)

    def show(self, case_id: str, actor_name: str, *, at: datetime | None = None) -> ShownScreening | Refused:
        """Return a case with its steps as they stand at an instant, now by default. Raises BadInput."""
        actor = self.record.actor(actor_name)
        if (why := why_not_act(actor, Act.READ_SCREENING)) is not None:
            return self.record.deny(actor, Act.READ_SCREENING.value, case_id, why)
        case = self._case(case_id)
        if case.stage == NO_STAGE:
            raise _no_case()
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
        """Return the next step of each case that falls due, or fell due and was not done, soonest first."""
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
        actor = self.record.actor(actor_name)
        case = self._case(case_id)
        if case.stage == NO_STAGE:
            raise _no_case()
        if (why := why_not_act(actor, Act.READ_SCREENING) or why_not_act(actor, Act.READ_PERSON)) is not None:
            return self.record.deny(actor, Act.READ_PERSON.value, case_id, why)
        person = case.beginning.body.get("person")
        self.record.note_reading(actor, case_id, person, purpose)
        return read_person(self.record.ledger, person) if person else None

    def _do(self, command: Command, kind: CommandKind, actor: Actor) -> Done | Refused:
        registry, ledger = self.record.registry, self.record.ledger
        if (why := why_not_command(actor, kind, case_agency=None)) is not None:
            raise DeniedError(actor, why)
        digest = digest_of(command) if command.key else ""
        if command.key is not None and (before := ledger.events_of_command(command.key)):
            return _repeated(before, digest, command)
        if not command.case and kind.id != "begin":
            raise BadInput(f"The command {kind.id} is given on a case.", field="command", do="name the case.")
        case = self._case(command.case) if command.case else Case(id=self._new_id(command))
        if command.case and case.stage == NO_STAGE:
            raise _no_case()
        check_version(command, case)
        now = ledger.now()
        known = Known(agencies=registry.agencies, zone=self._zone(command, case), now=now)
        body = read_values(kind, command.values, known)
        check_case(kind, case, body, agency=None, role=actor.role, now=now)
        protocols = protocols_of(self.record)
        also = self._complete(kind, case, body, actor, protocols, known)
        warnings = clock_warnings(case.head, now, body)

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
            return _repeated(appended.events, digest, command)
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
            return self._begin(body, protocols, known)
        protocol = protocol_named(protocols, protocol_name(case))
        if kind.id == "move_protocol":
            chosen = protocol_named(protocols, str(body["version"]))
            if chosen.name == protocol.name:
                raise BadInput("The case follows this version already.", field="version", do="name another.")
            body["protocol"] = chosen.name
        elif kind.id == "correct":
            body["values"] = check_correction(case, body, role=actor.role, known=known)
        elif "step" in body:
            _check_step(kind, body, protocol, actor)
        if kind.id == "record_result" and (body["result"] == ScreeningResult.NOT_RUN) != ("reason" in body):
            do = "say why." if body["result"] == ScreeningResult.NOT_RUN else "leave it out."
            raise BadInput("A check that was not run has a reason, and no other result has.", field="reason", do=do)
        if kind.id == "second_review":
            _check_reviewer(case, body, actor)
        return _erasing(case) if kind.id == "erase_person" else ()

    def _begin(self, body: dict[str, object], protocols: tuple[Protocol, ...], known: Known) -> tuple[Statement, ...]:
        zone = known.zone
        if zone is None:
            raise BadInput("The case needs a time zone.", field="zone", do="name it, for example America/Chicago.")
        body["zone"] = zone.key
        at = datetime.fromisoformat(str(body["at"])).astimezone(zone)
        body["protocol"] = protocol_on(protocols, at.date()).name
        fields = body.pop("person", None)
        if detainer := body.get("detainer"):
            linked = self.record.case_now(str(detainer))
            taken = linked.last("custody_taken")
            if taken is None:
                raise BadInput(
                    "No custody is recorded on that detainer, and nobody is screened who was not taken into custody.",
                    field="detainer",
                    do="record take_custody on it first, or leave it out.",
                )
            if fields is not None:
                raise BadInput("The person's fields are those of the detainer.", field="person", do="leave them out.")
            if person := linked.beginning.body.get("person"):
                body["person"] = person
            return ()
        if isinstance(fields, dict):
            body["person"], also = keeping_person(self.record.ledger, fields)
            return also
        return ()

    def _zone(self, command: Command, case: Case) -> ZoneInfo | None:
        if case.stage != NO_STAGE:
            return ZoneInfo(str(case.beginning.body["zone"]))
        from detainer_ledger.casework.values import zone_of

        if given := command.values.get("zone"):
            return zone_of(str(given)[:60])
        detainer = command.values.get("detainer")
        linked = self.record.case_now(str(detainer)[:60]) if detainer else None
        if linked is None or linked.stage == NO_STAGE:
            if detainer:
                raise BadInput("There is no such case.", field="detainer", do="name a detainer of this record.")
            return None
        return ZoneInfo(self.record.registry.agencies[linked.agency].zone)

    def _new_id(self, command: Command) -> str:
        """Return the id of a new case: that of its detainer with another letter, so that a detainer has one."""
        detainer = str(command.values.get("detainer") or "")
        if not detainer:
            return new_id("S-")
        case_id = "S-" + detainer[:60].removeprefix("D-")
        if self.record.ledger.ends(SCREENING_PREFIX + case_id)[0]:
            raise BadInput("The detainer has a screening case.", field="detainer", do=f"go on with {case_id}.")
        return case_id

    def _case(self, case_id: str) -> Case:
        return case_of(case_id, self.record.ledger.events(SCREENING_PREFIX + case_id))


def screening_cases(record: Record) -> Iterator[Case]:
    """Give every screening case in the order of ids; memory holds one piece."""
    for stream, events in record.ledger.streams(SCREENING_PREFIX):
        yield case_of(stream.removeprefix(SCREENING_PREFIX), events)


def _erasing(case: Case) -> tuple[Statement, ...]:
    """Return what erases the person of a case. Raises BadInput where there is nothing of its own to erase."""
    beginning = case.beginning.body
    if "detainer" in beginning:
        raise BadInput("The person's fields are those of the detainer.", field="command", do="erase them there.")
    if "person" not in beginning or case.last("person_erased") is not None:
        raise BadInput("There is nobody to erase.", field="command", do="nothing is left to do.")
    return erasing_person(str(beginning["person"]))


def _check_step(kind: CommandKind, body: Mapping[str, object], protocol: Protocol, actor: Actor) -> None:
    """Raise BadInput for a step that the protocol does not have, DeniedError where the role may not do it."""
    from difflib import get_close_matches

    step = protocol.step(str(body["step"]))
    if step is None:
        ids = [each.id for each in protocol.steps]
        close = get_close_matches(str(body["step"])[:60], ids, n=1)
        hint = f"did you mean '{close[0]}'?" if close else f"it has {', '.join(ids)}."
        raise BadInput(f"The protocol {protocol.name} has no such step.", field="step", do=hint)
    if kind.id in {"do_step", "notify", "second_review"} and actor.role.value not in step.roles:
        allowed = ", ".join(role.replace("_", " ") for role in step.roles)
        raise DeniedError(actor, f"The protocol gives the step {step.id} to: {allowed}.")


def _check_reviewer(case: Case, body: Mapping[str, object], actor: Actor) -> None:
    """Raise BadInput where somebody reviews what they did themselves, or finds fault and does not say what."""
    did = {told.actor for kind in ("step_done", "notified", "result_received") for told in case.all(kind)}
    if did == {actor.name}:
        raise BadInput(
            "A second review is by somebody else than who did what is reviewed.",
            field="as",
            do="ask another supervisor.",
        )
    if body["outcome"] == "not_in_order" and "reason" not in body:
        raise BadInput("A review that finds fault says what it found.", field="reason", do="say it.")


def _repeated(before: tuple[Event, ...], digest: str, command: Command) -> Done:
    """Return what a command got when it was given before. Raises BadInput where its key was used for another."""
    case = before[0].stream.removeprefix(SCREENING_PREFIX)
    if before[0].command_digest != digest or command.case not in {None, case}:
        raise BadInput(
            f"The key '{command.key}' was used for another command.",
            field="key",
            do="give each command a key of its own; repeat a command with its own key and the same values.",
        )
    return Done(case=case, events=before, is_repeat=True)


def _kind(name: str) -> CommandKind:
    kinds = screening_command_kinds()
    if name not in kinds:
        from difflib import get_close_matches

        close = get_close_matches(str(name)[:60], list(kinds), n=1)
        raise BadInput(
            "There is no such command on a screening case.",
            field="command",
            do=f"did you mean '{close[0]}'?" if close else "'detainer screening commands' lists them.",
        )
    return kinds[name]


def _no_case() -> BadInput:
    return BadInput("There is no such case.", field="case", do="'detainer screening list' shows the cases.")
