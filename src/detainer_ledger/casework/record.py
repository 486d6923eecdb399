"""The record's one door: commands on cases, and what may be read of them, by whom.

A command is checked in this order: who gives it, what it says, where the case stands, what the policy's rules say. What
is refused by a rule or by a role is recorded as refused; what cannot be understood is refused and nothing is stored.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from detainer_ledger.casework.access import (
    Access,
    Act,
    Actor,
    Agency,
    Registry,
    registry_of,
    why_not_act,
    why_not_command,
)
from detainer_ledger.casework.checking import HELD_ALL_THE_SAME, check_case, check_correction
from detainer_ledger.casework.gates import facts_of, findings_of_case, gates_of, overridden_rules, refusing
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
from detainer_ledger.casework.holds import limits_of
from detainer_ledger.casework.incidents import NO_HOLD_ANSWERS, Incident, incidents_of
from detainer_ledger.casework.lifecycle import NO_STAGE, CommandKind, command_kinds
from detainer_ledger.casework.state import REFUSED, Case, after, case_of
from detainer_ledger.casework.values import Known, read_values, text_of, wall_zone
from detainer_ledger.casework.views import (
    CASES,
    CHANGES_NO_ROW,
    EXPECTED,
    HOLDS,
    INCIDENTS,
    ExpectedRelease,
    Hold,
    OpenIncidents,
    expected_releases_of,
    open_incidents_of,
    queue_of,
    view_rows,
)
from detainer_ledger.clock import HoldLimits
from detainer_ledger.ledger import (
    Conflict,
    Event,
    Head,
    Ledger,
    NewEvent,
    Statement,
    ViewRow,
    erasing_person,
    keeping_person,
    read_person,
)
from detainer_ledger.policy import Facts, Finding, Result, finding, result_of
from detainer_ledger.terms import BadInput, StoreError, notification_only_forms

CASE_PREFIX = "case/"
SETUP = "setup"
ACCESS_PREFIX = "access/"

_REMEMBERED_CASES = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A case as its readers see it: with its agency, limits of the hold, incidents, and the policy's findings."""

    case: Case
    agency: Agency
    limits: HoldLimits | None
    incidents: tuple[Incident, ...]
    findings: tuple[Finding, ...]


class Record:
    """A record in use: a ledger with what is remembered of its cases. Safe to share between threads."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._cases: OrderedDict[str, tuple[Case, tuple[ViewRow, ...]]] = OrderedDict()
        """The cases seen last, each with its rows, () where they are not known."""
        self._registry = Registry()
        self._lock = threading.RLock()

    @property
    def registry(self) -> Registry:
        """Return the actors and agencies as they are now."""
        (leaf,) = self.ledger.ends(SETUP)
        return self._registry_at(leaf)

    def actor(self, name: str) -> Actor:
        """Return an actor by name. Raises BadInput for a name that the record does not know."""
        return actor_named(self.registry, name)

    def do(self, command: Command, actor_name: str) -> Done | Refused:
        """Do a command for an actor, or refuse it and record that.

        Raises BadInput for a command that cannot be understood or does not fit the case, with nothing stored; Conflict
        where somebody else has added to the case meanwhile.
        """
        kind = kind_named(command_kinds(), command.kind, group="record")
        check_names(command)
        # Only a command with a key of its own can be repeated, and has to be known again.
        digest = digest_of(command) if command.key else ""
        try:
            if (remembered := self._remembered(command.case)) is not None:
                # What is remembered may be old: good enough to do a command, which is written only where nothing has
                # changed since, and not to turn one away.
                try:
                    return self._do(command, kind, digest, actor_name, *remembered)
                except (BadInput, Conflict, DeniedError):
                    pass
            return self._do(command, kind, digest, actor_name, *self._seen(command.case))
        except DeniedError as denied:
            return self.deny_command(denied.actor, kind.id, command.case, denied.why)

    def show(self, case_id: str, actor_name: str) -> Shown | Refused:
        """Return a case for somebody who may see it. Raises BadInput for an unknown case or actor."""
        actor, case, agency = self._for_reading(case_id, actor_name)
        if (why := why_not_act(actor, Act.READ_CASE, case_agency=case.agency)) is not None:
            return self.deny(actor, Act.READ_CASE, case_id, why)
        now = self.ledger.now()
        return Shown(
            case=case,
            agency=agency,
            limits=limits_of(case, agency),
            incidents=incidents_of(case, agency, now),
            findings=findings_of_case(case, agency, now),
        )

    def person(self, case_id: str, actor_name: str, *, purpose: str) -> Mapping[str, str] | Refused | None:
        """Return the personal fields of a case for somebody who may read them; the reading is recorded first.

        None where the person was erased, or no fields were given. Raises BadInput for an unknown case or actor, and for
        a purpose that says nothing; StoreError where the fields should be there and cannot be read.
        """
        purpose = text_of(purpose, "purpose")
        actor, case, _ = self._for_reading(case_id, actor_name)
        if (why := why_not_act(actor, Act.READ_PERSON, case_agency=case.agency)) is not None:
            return self.deny(actor, Act.READ_PERSON, case_id, why)
        person = case.beginning.body.get("person")
        self.note_reading(actor, case_id, person, purpose)
        found = read_person(self.ledger, person) if person else None
        if person and found is None and case.last("person_erased") is None:
            raise StoreError(
                "The person's fields are not here, and no erasure is recorded.",
                case=case_id,
                do="a restore without --persons leaves them out; else restore a backup that has them.",
            )
        return found

    def note_reading(self, actor: Actor, case_id: str, person: str | None, purpose: str) -> None:
        """Record that somebody reads personal fields, before they do. Raises BadInput for a purpose without words."""
        said = {"case": case_id, "person": person, "purpose": text_of(purpose, "purpose")}
        self._log(actor, "person_read", said)

    def accesses(self, actor_name: str) -> tuple[Access, ...] | Refused:
        """Return every reading of personal fields and every denial that is recorded, in the order of their times."""
        actor = self.actor(actor_name)
        if (why := why_not_act(actor, Act.READ_ACCESS)) is not None:
            return self.deny(actor, Act.READ_ACCESS, None, why)
        found = [
            Access(
                recorded_at=event.recorded_at, actor=event.actor, role=event.role, kind=event.kind, said=event.said()
            )
            for _, events in self.ledger.streams(ACCESS_PREFIX)
            for event in events
        ]
        return tuple(sorted(found, key=lambda each: each.recorded_at))

    def case_now(self, case_id: str) -> Case:
        """Return a detainer's case as it is now, for those who have asked already whether it may be seen."""
        return case_of(case_id, self.ledger.events(CASE_PREFIX + case_id))

    def deny(self, actor: Actor, act: Act, case_id: str | None, why: str) -> Refused:
        """Record that somebody was denied an act, and return the refusal."""
        self._log(actor, "denied", {"act": act.value, "case": case_id, "why": why})
        return Refused(case=case_id, reason=why)

    def deny_command(self, actor: Actor, command: str, case_id: str | None, why: str) -> Refused:
        """Record that somebody was denied a command on a case, and return the refusal."""
        self._log(actor, "denied", {"command": command, "case": case_id, "why": why})
        return Refused(case=case_id, reason=why)

    def holds(self, actor_name: str) -> tuple[Hold, ...] | Refused:
        """Return the running holds that somebody may see, the one that runs out first at the beginning."""
        actor = self.actor(actor_name)
        if (why := why_not_act(actor, Act.LIST_CASES)) is not None:
            return self.deny(actor, Act.LIST_CASES, None, why)
        return queue_of(self.ledger.due(HOLDS, owner=actor.agency))

    def incidents(self, actor_name: str) -> tuple[OpenIncidents, ...] | Refused:
        """Return the cases with an incident that is not closed, of the agencies that somebody may see, oldest first.

        What the clock makes of a running hold is worked out from its case: no event says that a limit has passed.
        """
        rows = self._queue(actor_name, INCIDENTS)
        if isinstance(rows, Refused):
            return rows
        found = {each.case: each for each in open_incidents_of(rows)}
        holds = queue_of(self.ledger.due(HOLDS, owner=self.actor(actor_name).agency))
        now = self.ledger.now()
        for hold in holds:
            if hold.deadline < now:
                case = self.case_now(hold.case)
                named = incidents_of(case, self.registry.agencies[case.agency], now)
                since = datetime.fromisoformat(case.beginning.recorded_at)
                if open_ones := tuple(each.id for each in named if each.closed_by is None):
                    found[case.id] = OpenIncidents(
                        case=case.id, agency=case.agency, incidents=open_ones, since=since, overridden=hold.overridden
                    )
        return tuple(sorted(found.values(), key=lambda each: (each.since, each.case)))

    def expected_releases(self, actor_name: str) -> tuple[ExpectedRelease, ...] | Refused:
        """Return the expected releases of cases with neither a hold nor an end, that somebody may see, soonest first.

        One that has passed says that the person was released, or is held, and nobody has recorded it.
        """
        rows = self._queue(actor_name, EXPECTED)
        return rows if isinstance(rows, Refused) else expected_releases_of(rows)

    def cases(self, actor_name: str) -> tuple[ViewRow, ...] | Refused:
        """Return a row for each case that somebody may see; its body is JSON without personal fields."""
        actor = self.actor(actor_name)
        if (why := why_not_act(actor, Act.LIST_CASES)) is not None:
            return self.deny(actor, Act.LIST_CASES, None, why)
        return self.ledger.views(CASES, owner=actor.agency)

    def may(self, actor_name: str, act: Act) -> Refused | None:
        """Return a refusal, recorded, where somebody may not do something; None where they may."""
        actor = self.actor(actor_name)
        why = why_not_act(actor, act)
        return self.deny(actor, act, None, why) if why else None

    def tell_refused_row(self, actor_name: str, body: Mapping[str, object], *, key: str) -> None:
        """Record that a row of an import was refused, once for a key; what refused it was tried and is in no case."""
        self._log(self.actor(actor_name), "denied", body, key=key)

    def may_with_case(self, actor_name: str, act: Act, case_id: str) -> Refused | None:
        """Return a refusal, recorded, where somebody may not do something with a case; None where they may."""
        actor, case, _ = self._for_reading(case_id, actor_name)
        why = why_not_act(actor, act, case_agency=case.agency)
        return self.deny(actor, act, case_id, why) if why else None

    def every_case(self, *, agency: str | None = None) -> Iterator[Case]:
        """Give every case, of one agency or of all, in the order of their ids; memory holds one piece."""
        for stream, events in self.ledger.streams(CASE_PREFIX):
            case = case_of(stream.removeprefix(CASE_PREFIX), events)
            if case.stage != NO_STAGE and (agency is None or case.agency == agency):
                yield case

    def close(self) -> None:
        """Give what is not sealed its position, and let go of the database."""
        try:
            self.ledger.seal()
        finally:
            self.ledger.close()

    def _do(
        self, command: Command, kind: CommandKind, digest: str, actor_name: str, registry: Registry, case: Case
    ) -> Done | Refused:
        """Check a command against people, agencies and a case, decide on it, and record what follows."""
        actor = actor_named(registry, actor_name)
        if command.case and case.stage == NO_STAGE:
            raise _no_case()
        if not command.case and NO_STAGE not in kind.from_stages:
            raise BadInput(f"The command {kind.id} is given on a case.", field="command", do="name the case.")
        agency_id = str(command.values.get("agency") or "") if case.stage == NO_STAGE else case.agency
        if (why := why_not_command(actor, kind, case_agency=agency_id or None)) is not None:
            raise DeniedError(actor, why)
        if command.key is not None and (before := self.ledger.events_of_command(command.key)):
            return self._repeated(before, digest, command, registry)
        check_version(command, case)
        now = self.ledger.now()
        agency = registry.agencies.get(agency_id)
        zone = ZoneInfo(agency.zone) if agency else None
        known = Known(agencies=registry.agencies, zone=zone, wall_zone=wall_zone(command.zone, zone), now=now)
        body = read_values(kind, command.values, known)
        check_case(kind, case, body, agency=agency, role=actor.role, now=now)
        if agency is None:
            raise BadInput("The case needs an agency of the record.", field="agency", do="give one that it knows.")
        if "by_case" in body:
            self._check_successor(case, str(body["by_case"]))
        given = _Given(command, kind, actor, agency, digest, now, known, registry.leaf)
        return self._decide(given, case, body)

    def _check_successor(self, case: Case, other: str) -> None:
        """Raise BadInput where another case cannot take the place of one."""
        (end,) = self.ledger.ends(CASE_PREFIX + other)
        if not end:
            raise BadInput("There is no such case.", field="by_case", do="record the other detainer first.")
        found = self._case_at(other, end)
        if found.said("superseded", "by_case") == case.id:
            raise BadInput("This case took the place of that one.", field="by_case", do="name the newer detainer.")
        if found.last_of("issued", "detainer_received") is None or found.last("voided") is not None:
            raise BadInput(
                "The other case has no detainer.", field="by_case", do="issue it, or record its receipt, first."
            )

    def _decide(self, given: _Given, case: Case, body: dict[str, object]) -> Done | Refused:
        """Ask the rules, and record what follows."""
        kind, agency = given.kind, given.agency
        if kind.id == "override":
            rule = str(body["rule"])
            if rule in overridden_rules(case):
                raise BadInput("The rule was overridden before.", field="rule", do="nothing is left to do.")
            if rule not in gates_of("issue") and rule not in gates_of("begin_hold"):
                raise BadInput(
                    "The rule refuses no command, so that there is nothing to override.",
                    field="rule",
                    do="take a rule by which a detainer was refused; the reference of the life cycle lists them.",
                )
            if not _overridable(rule):
                found = finding(rule, facts_of(case, agency), given.now.date())
                forbids = (found,) if found.result is Result.NOT_MET else ()
                why = f"Nobody may override the rule {rule}."
                return self._refuse(given, case, body, why, forbids, recorded_why=why)
        elif kind.is_gated:
            at = datetime.fromisoformat(str(body["at"]))
            is_issue = kind.id == "issue"
            facts = facts_of(
                case, agency, issue_ahead=body if is_issue else None, hold_ahead=None if is_issue else str(body["at"])
            )
            today = given.now.astimezone(at.tzinfo).date()
            broken = refusing(kind.id, facts, at.date(), recorded_on=today, overridden=overridden_rules(case))
            if kind.id == "begin_hold":
                return self._decide_hold(given, case, body, facts, broken)
            if is_issue and False in {facts.review.supervisor, facts.review.neutral}:
                why = "A review did not approve the detainer."
                return self._refuse(given, case, body, why, broken, recorded_why=why)
            if broken:
                return self._refuse(given, case, body, f"The policy's rules forbid this: {kind.id}.", broken)
        elif kind.id == "correct":
            body["values"] = check_correction(case, body, role=given.actor.role, known=given.known)
        return self._record(given, case, body)

    def _decide_hold(
        self, given: _Given, case: Case, body: dict[str, object], facts: Facts, broken: tuple[Finding, ...]
    ) -> Done | Refused:
        """Refuse a hold that nothing allows, and record one that happens all the same, which is an incident."""
        forbids = ""
        if facts.form in notification_only_forms():
            forbids = f"The {facts.form} asks for notice alone: it neither requests nor allows that somebody is held."
        elif facts.requests.hold is False:
            forbids = "Box 1 of the detainer is not completed: it asks for no hold."
        elif broken:
            forbids = "The policy's rules forbid this hold."
        if forbids and "despite" not in body:
            why = "" if broken else forbids
            told = f"{forbids} {HELD_ALL_THE_SAME.capitalize()}"
            return self._refuse(given, case, body, told, broken, recorded_why=why)
        if "despite" in body and not forbids and case.said("answered", "answer") not in NO_HOLD_ANSWERS:
            raise BadInput("Nothing that the record knows forbids this hold.", field="despite", do="leave it out.")
        on = datetime.fromisoformat(str(body["at"])).date()
        is_barred = result_of("state/no-hold", facts, on) is Result.NOT_MET
        warnings = [finding("state/no-hold", facts, on).sentence] if is_barred else []
        return self._record(given, case, body, warnings=warnings)

    def _record(
        self, given: _Given, case: Case, body: dict[str, object], *, warnings: Sequence[str] = ()
    ) -> Done | Refused:
        also: tuple[Statement, ...] = ()
        if isinstance(fields := body.get("person"), dict):
            body["person"], also = keeping_person(self.ledger, fields)
        elif given.kind.id == "erase_person":
            also = erasing_person(str(case.beginning.body["person"]))
        warnings = [*warnings, *clock_warnings(case.head, self.ledger.newest_at(), given.now, body)]
        return self._append(given, case, NewEvent(kind=given.kind.event, body=body), warnings, also)

    def _refuse(
        self,
        given: _Given,
        case: Case,
        body: Mapping[str, object],
        reason: str,
        broken: Sequence[Finding],
        *,
        recorded_why: str = "",
    ) -> Done | Refused:
        """Record a refusal and return it; ``recorded_why`` is what the findings do not say of its reason."""
        said = {"command": given.kind.id, "said": dict(body), "findings": [each.as_json() for each in broken]}
        if recorded_why:
            said["reason"] = recorded_why
        done = self._append(given, case, NewEvent(kind=REFUSED, body=said), (), ())
        if isinstance(done, Refused) or done.is_repeat:
            return done
        return Refused(case=case.id, reason=reason, findings=tuple(broken))

    def _append(
        self, given: _Given, case: Case, event: NewEvent, warnings: Sequence[str], also: Sequence[Statement]
    ) -> Done | Refused:
        stream = CASE_PREFIX + case.id
        key = given.command.key or self.ledger.new_key()

        worked_out: list[tuple[Case, tuple[ViewRow, ...]]] = []

        def rows(added: tuple[Event, ...], head: Head) -> tuple[ViewRow, ...]:
            """Work out the rows from the event as it will stand, and give those that change."""
            kept = self._cases.get(case.id)
            before = kept[1] if kept is not None and kept[0].head == case.head else ()
            changed = after(case, added, head)
            is_quiet = before and event.kind in CHANGES_NO_ROW
            follow = before if is_quiet else view_rows(changed, given.agency, given.now)
            worked_out.append((changed, follow))
            return tuple(row for row in follow if row not in before)

        try:
            appended = self.ledger.append(
                stream,
                [event],
                head=case.head,
                actor=given.actor.name,
                role=given.actor.role.value,
                command=key,
                digest=given.digest,
                views=rows,
                also=also,
                while_at=(SETUP, given.setup),
            )
        except BaseException:
            self._forget(case.id)
            raise
        if appended.is_repeat:
            self._forget(case.id)
            return self._repeated(appended.events, given.digest, given.command, self._registry)
        self._remember(*worked_out[-1])
        return Done(case=case.id, events=appended.events, warnings=tuple(warnings))

    def _repeated(self, before: tuple[Event, ...], digest: str, command: Command, registry: Registry) -> Done | Refused:
        """Return what a command got when it was given before. Raises BadInput where its key was used for another.

        A command that says what its event says since a correction is the same one, too.
        """
        case = _case_id(before[0].stream)
        is_same = before[0].command_digest == digest or self._stands_so(before[0], command, registry)
        if (
            not is_same
            or command.case not in {None, case}
            or not self._is_same_person(json.loads(before[0].body).get("person"), command.values.get("person"))
        ):
            raise BadInput(
                f"The key '{command.key}' was used for another command.",
                field="key",
                do="give each command a key of its own; repeat a command with its own key and the same values.",
            )
        if before[0].kind == REFUSED:
            return Refused(case=case, reason="The policy refused this command before; the refusal is recorded.")
        return Done(case=case, events=before, is_repeat=True)

    def _stands_so(self, event: Event, command: Command, registry: Registry) -> bool:
        """Tell whether a command says what an event says now that it was corrected."""
        kind = kind_named(command_kinds(), command.kind, group="record")
        case = case_of(_case_id(event.stream), self.ledger.events(event.stream))
        told = next((each for each in case.told if each.version == event.version and each.corrected_by), None)
        if told is None or told.kind != kind.event:
            return False
        zone = ZoneInfo(registry.agencies[case.agency].zone)
        wall, now = wall_zone(command.zone, zone), self.ledger.now()
        read = read_values(kind, command.values, Known(agencies=registry.agencies, zone=zone, wall_zone=wall, now=now))
        names = [field.name for field in kind.fields if field.kind != "person"]
        return all(read.get(name) == told.body.get(name) for name in names)

    def _is_same_person(self, person: str | None, given: object) -> bool:
        """Tell whether the fields given are those that are kept; what was erased cannot be told apart from anything."""
        kept = read_person(self.ledger, person) if person else None
        if kept is None or not isinstance(given, Mapping):
            return True
        return {name: text_of(each, name) for name, each in given.items()} == dict(kept)

    def _remembered(self, case_id: str | None) -> tuple[Registry, Case] | None:
        """Return the people and agencies, and the case, as this record last saw them, without a question."""
        kept = self._cases.get(case_id) if case_id else None
        case = kept[0] if kept else Case(id=new_id("D-")) if not case_id else None
        return (self._registry, case) if case is not None and self._registry.leaf else None

    def _seen(self, case_id: str | None) -> tuple[Registry, Case]:
        """Return the people and agencies, and the case as it is now; a new one without an id."""
        setup, end = self.ledger.ends(SETUP, CASE_PREFIX + (case_id or ""))
        registry = self._registry_at(setup)
        return registry, self._case_at(case_id, end) if case_id else Case(id=new_id("D-"))

    def _registry_at(self, leaf: str) -> Registry:
        if self._registry.leaf != leaf:
            self._registry = registry_of(self.ledger.events(SETUP))
            with self._lock:
                # What is remembered of cases goes by agencies as they were.
                self._cases.clear()
        return self._registry

    def _case_at(self, case_id: str, leaf: str) -> Case:
        """Return a case that ends with an event, from memory or from its events."""
        kept = self._cases.get(case_id)
        if kept is not None and kept[0].head.leaf == leaf:
            self._remember(*kept)
            return kept[0]
        self._forget(case_id)
        case = case_of(case_id, self.ledger.events(CASE_PREFIX + case_id))
        if case.stage != NO_STAGE:
            self._remember(case)
        return case

    def _remember(self, case: Case, rows: tuple[ViewRow, ...] = ()) -> None:
        with self._lock:
            kept = self._cases.get(case.id)
            if kept is None or kept[0].head.version < case.head.version or not kept[1]:
                self._cases[case.id] = case, rows
            self._cases.move_to_end(case.id)
            if len(self._cases) > _REMEMBERED_CASES:
                self._cases.popitem(last=False)

    def _forget(self, case_id: str) -> None:
        with self._lock:
            self._cases.pop(case_id, None)

    def _for_reading(self, case_id: str, actor_name: str) -> tuple[Actor, Case, Agency]:
        setup, end = self.ledger.ends(SETUP, CASE_PREFIX + case_id)
        registry = self._registry_at(setup)
        actor = actor_named(registry, actor_name)
        case = self._case_at(case_id, end)
        if case.stage == NO_STAGE:
            raise _no_case()
        return actor, case, registry.agencies[case.agency]

    def _queue(self, actor_name: str, view: str) -> tuple[ViewRow, ...] | Refused:
        actor = self.actor(actor_name)
        if (why := why_not_act(actor, Act.LIST_CASES)) is not None:
            return self.deny(actor, Act.LIST_CASES, None, why)
        return self.ledger.views(view, owner=actor.agency, due_only=True)

    def _log(self, actor: Actor, kind: str, body: Mapping[str, object], *, key: str | None = None) -> None:
        """Record what somebody did that belongs to no case's stream; one person's two sessions wait for each other."""
        stream = ACCESS_PREFIX + actor.name
        while True:
            try:
                self.ledger.append(
                    stream,
                    [NewEvent(kind=kind, body=body)],
                    head=self.ledger.head(stream),
                    actor=actor.name,
                    role=actor.role.value,
                    command=key or self.ledger.new_key(),
                )
            except Conflict:
                continue
            return


class _Given(Struct, frozen=True):
    command: Command
    kind: CommandKind
    actor: Actor
    agency: Agency
    digest: str
    now: datetime
    known: Known
    setup: str


def _no_case() -> BadInput:
    return BadInput(
        "There is no such case.", field="case", do="'detainer record list' shows the cases that you may see."
    )


def _case_id(stream: str) -> str:
    return stream.removeprefix(CASE_PREFIX)


def _overridable(rule: str) -> bool:
    from detainer_ledger.policy import rules

    return next(each.overridable for each in rules() if each.id == rule)
