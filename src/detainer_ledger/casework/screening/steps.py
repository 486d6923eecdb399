"""What a case's protocol asked for, and what was done of it: one row for each time that a step fell due. Pure.

Times are those at which things happened; what was recorded later about an earlier instant counts at that instant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from detainer_ledger.casework.screening.protocol import Protocol, ScreeningResult, Step, Trigger
from detainer_ledger.casework.state import Case, Told
from detainer_ledger.clock import Algorithm, add_hold

BEGAN = "screening_began"
ENDED = "screening_ended"

DOINGS = ("step_done", "notified", "second_reviewed")
"""Kinds of the events by which a step is done."""


class Status(StrEnum):
    """How a step stands at an instant; exactly one holds.

    ``undocumented`` was done, in time or not, with fewer references than the protocol asks for; ``out_of_order`` was
    done before a step that comes before it, or by who did that one where somebody else has to; ``not_applicable`` is a
    step that nothing made due, or whose time had not run out when custody and supervision ended.
    """

    IN_TIME = "in_time"
    LATE = "late"
    MISSING = "missing"
    UNDOCUMENTED = "undocumented"
    OUT_OF_ORDER = "out_of_order"
    NOT_DUE = "not_due"
    NOT_APPLICABLE = "not_applicable"


LAPSES = (Status.LATE, Status.MISSING, Status.UNDOCUMENTED, Status.OUT_OF_ORDER)
"""Statuses that are a lapse."""

TESTED = (Status.IN_TIME, *LAPSES)
"""Statuses of steps that had to be done: the denominator of step rates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueStep:
    """A step of a case, one of the times that it was made due; all instants are aware.

    ``round`` counts from 1. ``triggered_at`` is None where nothing made it due yet; ``due_at`` is None for a step
    without a deadline. ``done_at`` is when it was done, ``documented_at`` since when enough references show it, None
    where that is not so; ``is_in_order`` is None where it was not done. ``ended_at`` is when custody and supervision
    ended; for a periodic step, when the supervision ended in which it fell due.
    """

    step: str
    required: bool
    round: int
    triggered_at: datetime | None
    due_at: datetime | None
    done_at: datetime | None = None
    documented_at: datetime | None = None
    is_in_order: bool | None = None
    ended_at: datetime | None = None

    def status(self, at: datetime) -> Status:
        """Return how the step stands at an instant."""
        if self.triggered_at is None or at < self.triggered_at:
            return Status.NOT_APPLICABLE
        if self.done_at is not None and self.done_at <= at:
            if self.documented_at is None or self.documented_at > at:
                return Status.UNDOCUMENTED
            if not self.is_in_order:
                return Status.OUT_OF_ORDER
            return Status.IN_TIME if self.due_at is None or self.done_at <= self.due_at else Status.LATE
        if self.due_at is not None and self.due_at < at and (self.ended_at is None or self.due_at <= self.ended_at):
            return Status.MISSING
        if self.ended_at is not None and self.ended_at <= at:
            return Status.NOT_APPLICABLE
        return Status.NOT_DUE


def due_steps(case: Case, protocol: Protocol, *, at: datetime) -> tuple[DueStep, ...]:
    """Return every step of the protocol, once for each time that it was made due until an instant, in their order.

    A step that nothing made due stands in it once, so that none is missing from the list. Of what was done, each does
    the earliest round that was open then; what is done again in between does nothing more. Periodic rounds run from
    the release to supervision, and from each time that the step was done, while supervision lasts.

    The status of a row at an earlier instant is the one that ``due_steps`` gives at that instant.
    """
    zone = ZoneInfo(str(case.beginning.body["zone"]))
    ended = _at_of(case, ENDED)
    found: dict[str, list[Round]] = {}
    for step in _in_order(protocol):
        done = _doings(case, step, at)
        if step.trigger is Trigger.UNDER_SUPERVISION:
            rounds = _periodic(case, step, done, at)
        else:
            rounds = _rounds(step, [each for each in _triggers(case, step) if each <= at], done, zone)
            rounds = [(replace(row, ended_at=ended), told) for row, told in rounds]
        documented = _documented(case, step, [told for _row, told in rounds if told is not None])
        found[step.id] = [
            (_filled(step, replace(row, round=number), told, documented, found), told)
            for number, (row, told) in enumerate(rounds, start=1)
        ] or [(_never(step, ended), None)]
    return tuple(row for step in protocol.steps for row, _told in found[step.id])


def open_steps(rows: Iterable[DueStep], at: datetime) -> tuple[DueStep, ...]:
    """Return the steps with a deadline that are open at an instant, the one that falls due, or fell due, first on top.

    What can be done no more, since custody or that supervision has ended, shows as missing and is no task.
    """
    found = [
        (row.due_at, row.step, row)
        for row in rows
        if row.due_at is not None and row.ended_at is None and row.status(at) in {Status.NOT_DUE, Status.MISSING}
    ]
    return tuple(row for _due, _step, row in sorted(found, key=lambda each: each[:2]))


def doings_of(case: Case, step_id: str) -> list[Told]:
    """Return the events by which a step was done, in the order of their times; also those that did not count."""
    told = [each for kind in DOINGS for each in case.all(kind) if each.body.get("step") == step_id]
    return sorted(told, key=_moment)


Round = tuple[DueStep, Told | None]
"""A time that a step fell due, with the event by which it was done."""


def _never(step: Step, ended: datetime | None) -> DueStep:
    return DueStep(step=step.id, required=step.required, round=1, triggered_at=None, due_at=None, ended_at=ended)


def _filled(
    step: Step,
    row: DueStep,
    told: Told | None,
    documented: Mapping[int, datetime],
    found: Mapping[str, list[Round]],
) -> DueStep:
    """Return a row with what shows that it was done, and whether that was in order."""
    if told is None:
        return row
    is_in_order = _is_in_order(step, told, found)
    return replace(row, documented_at=documented.get(told.version), is_in_order=is_in_order)


def _rounds(step: Step, triggers: list[datetime], done: list[Told], zone: ZoneInfo) -> list[Round]:
    """Match what was done with what made the step due, the earliest first.

    What is done in a second custody or supervision does not make up for the first; an answer that is still open does
    not end with the next.
    """
    left = list(done)
    found: list[Round] = []
    is_of_a_period = step.trigger is not Trigger.RESULT_RECEIVED
    for place, triggered in enumerate(triggers):
        until = triggers[place + 1] if place + 1 < len(triggers) else None
        ends = until if is_of_a_period else None
        told = next((each for each in left if _when(each) >= triggered and (ends is None or _when(each) < ends)), None)
        if told is not None:
            # What is done again before the next round begins does nothing more.
            left = [each for each in left if each is not told and (until is None or _when(each) >= until)]
        found.append((_row(step, triggered, _deadline(step, triggered, zone), told), told))
    return found


def _periodic(case: Case, step: Step, done: list[Told], at: datetime) -> list[Round]:
    found: list[Round] = []
    period = timedelta(days=step.every_days or 0)
    for begins, ends in _supervisions(case):
        triggered = begins
        while triggered <= at and (ends is None or triggered < ends):
            told = next(
                (each for each in done if _when(each) > triggered and (ends is None or _when(each) <= ends)), None
            )
            found.append((replace(_row(step, triggered, triggered + period, told), ended_at=ends), told))
            if told is None:
                break
            triggered = _when(told)
    return found


def _row(step: Step, triggered: datetime, due: datetime | None, told: Told | None) -> DueStep:
    done = _when(told) if told is not None else None
    return DueStep(step=step.id, required=step.required, round=1, triggered_at=triggered, due_at=due, done_at=done)


@lru_cache(maxsize=1 << 14)
def _deadline_at(triggered: datetime, hours: int, clock: Algorithm, zone: ZoneInfo) -> datetime:
    return add_hold(triggered, clock, zone=zone, hours=hours)


def _deadline(step: Step, triggered: datetime, zone: ZoneInfo) -> datetime | None:
    if step.hours is None and step.clock is not Algorithm.END_OF_DAY:
        return None
    return _deadline_at(triggered, step.hours or 0, step.clock, zone)


def _triggers(case: Case, step: Step) -> list[datetime]:
    """Return the instants at which something made a step due, in their order."""
    if step.trigger is Trigger.CUSTODY_TAKEN:
        kinds: tuple[str, ...] = (BEGAN, "custody_resumed")
    elif step.trigger is Trigger.RELEASED_TO_SUPERVISION:
        kinds = ("supervision_began",)
    else:
        received = (told for told in case.all("result_received") if told.body["result"] in step.on_results)
        return sorted(_when(told) for told in received)
    return sorted(_when(told) for kind in kinds for told in case.all(kind))


def _doings(case: Case, step: Step, at: datetime) -> list[Told]:
    """Return the events by which a step was done until an instant, without those that a "not run" takes back.

    That a check was not run says of the last time before it that it was said to be done, that it was not: at any
    instant, as it was not done then either. Times before that one stand, and those before the step last fell due.
    """
    done = doings_of(case, step.id)
    triggers = [] if step.trigger is Trigger.UNDER_SUPERVISION else _triggers(case, step)
    taken_back: set[int] = set()
    for received in case.all("result_received"):
        if received.body["step"] != step.id or received.body["result"] != ScreeningResult.NOT_RUN:
            continue
        since = max((each for each in triggers if each <= _when(received)), default=None)
        before = [each for each in done if _when(each) <= _when(received) and (since is None or _when(each) >= since)]
        taken_back.update(each.version for each in before[-1:])
    return [each for each in done if each.version not in taken_back and _when(each) <= at]


def _documented(case: Case, step: Step, done: list[Told]) -> dict[int, datetime]:
    """Return since when enough references show each time that a step was done, by the version of its event.

    References that are added later go to the earliest time before them of which too few are there.
    """
    needed = len(step.evidence)
    references = {told.version: set(told.body.get("evidence") or ()) for told in done}
    since = {told.version: _when(told) for told in done if len(references[told.version]) >= needed}
    added = [each for each in case.all("documented") if each.body["step"] == step.id]
    for each in sorted(added, key=_moment):
        lacking = (told.version for told in done if told.version not in since and _when(told) <= _when(each))
        if (version := next(lacking, None)) is None:
            continue
        references[version].update(each.body["evidence"])
        if len(references[version]) >= needed:
            since[version] = _when(each)
    return since


def _is_in_order(step: Step, told: Told, found: Mapping[str, list[Round]]) -> bool:
    """Tell whether what comes before a step was done before it, and by somebody else where that is asked.

    A step that had fallen due by then has to be done since it last did; one that nothing had made due is not asked.
    """
    at = _when(told)
    for other in step.depends_on:
        asked = [row.triggered_at for row, _told in found[other] if row.triggered_at and row.triggered_at <= at]
        if not asked:
            continue
        before = [each for _row, each in found[other] if each is not None and max(asked) <= _when(each) <= at]
        if not before or (step.by_another and before[-1].actor == told.actor):
            return False
    return True


def _supervisions(case: Case) -> Iterator[tuple[datetime, datetime | None]]:
    """Give the times under supervision, each with its end, None while it lasts.

    Events say in which order they follow on each other, also where two of them have one time.
    """
    ends = sorted([*case.all("custody_resumed"), *case.all(ENDED)], key=lambda each: each.version)
    for began in case.all("supervision_began"):
        yield _when(began), next((_when(end) for end in ends if end.version > began.version), None)


def _in_order(protocol: Protocol) -> tuple[Step, ...]:
    """Return the steps, each after those that it depends on."""
    from graphlib import TopologicalSorter

    by_id = {step.id: step for step in protocol.steps}
    order = TopologicalSorter({step.id: step.depends_on for step in protocol.steps}).static_order()
    return tuple(by_id[step_id] for step_id in order)


def _moment(told: Told) -> tuple[datetime, int]:
    return _when(told), told.version


def _when(told: Told) -> datetime:
    at = told.at
    if at is None:
        raise LookupError(f"event {told.version} ({told.kind}) says no instant")
    return at


def _at_of(case: Case, kind: str) -> datetime | None:
    told = case.last(kind)
    return told.at if told is not None else None
