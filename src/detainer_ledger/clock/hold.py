"""Every limit of one hold, which is the shortest, and the rule behind each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from functools import cache
from zoneinfo import ZoneInfo

from detainer_ledger.clock.algorithms import HOLD_HOURS, Algorithm, add_hold
from detainer_ledger.clock.instants import bounds_of_day, in_utc
from detainer_ledger.clock.limits import HoldLimits, HoldStatus, Limit
from detainer_ledger.clock.notes import notes_on_form, notes_on_start, notes_on_state
from detainer_ledger.clock.rules import ClockRule, StartsFrom, clock_rules, notice_mark
from detainer_ledger.terms import UNKNOWN_FORM, BadInput, Form, form_of, forms, state_code, state_names


def hold_limits(
    *,
    form: str,
    start: datetime | date | None,
    zone: ZoneInfo,
    state: str | None = None,
    received: datetime | None = None,
    issued_on: date | None = None,
    also_closed: frozenset[date] = frozenset(),
) -> HoldLimits:
    """Return every limit that applies to a hold, and which is the shortest.

    ``form`` is a code or a published label, ``unknown`` where it is not known. ``start`` is the instant at which the
    person would otherwise be released (aware), its local day, or None where it is not known. ``zone`` is the
    facility's, ``state`` its USPS code or name. ``received`` is the instant at which the agency had received both the
    detainer and the warrant. ``issued_on`` tells editions of a form apart; without it, the day of the start does.
    ``also_closed`` are local days that ``excluding`` leaves out too.

    The regulation applies to every hold that starts when it is in force, a form's limit to that form, a state's by the
    day of the start (of the receipt where the start is unknown). Raises BadInput for an unknown form or state, an
    instant without a zone, a day that the zone left out, and a receipt before the day of issue.
    """
    code, usps = _form_code(form), _state_code(state)
    begun = _span_of_start(start, zone)
    got = in_utc(received, field="received") if received is not None else None
    if got is not None and issued_on is not None and got.astimezone(zone).date() < issued_on:
        raise BadInput(
            f"The detainer was received on {got.astimezone(zone).date()}, before it was issued on {issued_on}.",
            do="look at both days, and at the zone of the facility.",
            field="received",
        )
    on = _day_of(start, zone) or (got.astimezone(zone).date() if got is not None else None)
    asks_hold = code == UNKNOWN_FORM or _forms()[code].asks_hold
    spans = {StartsFrom.RELEASE: begun, StartsFrom.RECEIPT: (got, got) if got is not None else None}
    limits = tuple(
        _limit(rule, spans[rule.starts_from], zone, also_closed)
        for rule in (clock_rules() if asks_hold else ())
        if rule.applies(form=code, state=usps, on=on, issued_on=issued_on or on or date.max)
    )
    shortest = _shortest(limits)
    notes = list(notes_on_form(code, _forms().get(code), on=on, issued_on=issued_on))
    if asks_hold:
        notes += notes_on_start(start, limits, shortest=shortest)
        notes += ["No limit of the table was in force on that day."] if not limits else []
        notes += notes_on_state(usps, limits, on=on)
    return HoldLimits(
        form=code,
        zone=zone,
        state=usps,
        start=start.astimezone(zone) if isinstance(start, datetime) else start,
        received=got.astimezone(zone) if got is not None else None,
        status=_status(limits) if asks_hold else HoldStatus.NO_HOLD,
        limits=limits,
        shortest=shortest,
        notice_by=(begun[0] - timedelta(hours=notice_mark().hours)).astimezone(zone) if begun is not None else None,
        notes=tuple(notes),
    )


@cache
def _forms() -> dict[str, Form]:
    return {each.code: each for each in forms()}


def _form_code(text: str) -> str:
    code = form_of(text)
    if code != UNKNOWN_FORM or text.strip().casefold() == UNKNOWN_FORM:
        return code
    known = [*sorted(_forms()), UNKNOWN_FORM]
    close = get_close_matches(text.strip().upper(), known, n=1)
    hint = f"perhaps {close[0]} is meant; known" if close else "known"
    raise BadInput(f"There is no form '{text.strip()}'.", do=f"{hint} are {', '.join(known)}.", field="form")


def _state_code(text: str | None) -> str | None:
    if text is None:
        return None
    code = state_code(text)
    if code is None:
        close = get_close_matches(text.strip().title(), state_names().values(), n=1)
        hint = f"perhaps {close[0]} is meant; " if close else ""
        raise BadInput(
            f"There is no state '{text.strip()}'.", do=f"{hint}write the USPS code, for example NC.", field="state"
        )
    return code


def _span_of_start(start: datetime | date | None, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    """Return the first and the last instant, in UTC, that the start can be."""
    if start is None:
        return None
    if isinstance(start, datetime):
        instant = in_utc(start, field="start")
        return instant, instant
    return bounds_of_day(start, zone, field="start")


def _day_of(start: datetime | date | None, zone: ZoneInfo) -> date | None:
    return start.astimezone(zone).date() if isinstance(start, datetime) else start


def _limit(
    rule: ClockRule, span: tuple[datetime, datetime] | None, zone: ZoneInfo, also_closed: frozenset[date]
) -> Limit:
    starts_at: datetime | None = None
    earliest: datetime | None = None
    latest: datetime | None = None
    deadline: datetime | None = None
    elapsed_hours: float | None = None
    if span is not None:
        hours = rule.hours or HOLD_HOURS
        earliest = latest = add_hold(span[0], rule.algorithm, zone=zone, hours=hours, also_closed=also_closed)
        # The end of a day is the same for every start within it; 24:00 is no part of it.
        if span[0] != span[1] and rule.algorithm is not Algorithm.END_OF_DAY:
            latest = add_hold(span[1], rule.algorithm, zone=zone, hours=hours, also_closed=also_closed)
        deadline = earliest if earliest == latest else None
        if span[0] == span[1]:
            starts_at = span[0].astimezone(zone)
            elapsed_hours = (earliest.astimezone(UTC) - span[0]) / timedelta(hours=1)
    return Limit(
        rule=rule.rule,
        algorithm=rule.algorithm,
        starts_from=rule.starts_from,
        starts_at=starts_at,
        deadline=deadline,
        elapsed_hours=elapsed_hours,
        earliest=earliest,
        latest=latest,
        state=rule.state,
        in_force_from=rule.in_force_from,
        in_force_to=rule.in_force_to,
        citation=rule.citation,
        trust=rule.trust,
        sentence=rule.sentence,
        doubt=rule.doubt,
    )


def _status(limits: Sequence[Limit]) -> HoldStatus:
    known = [each for each in limits if each.earliest is not None]
    if not known:
        return HoldStatus.UNDETERMINED
    if len(known) < len(limits):
        return HoldStatus.PARTLY
    return HoldStatus.DETERMINED if all(each.deadline is not None for each in known) else HoldStatus.INTERVAL


def _shortest(limits: Sequence[Limit]) -> Limit | None:
    spans = [
        (each, each.earliest.astimezone(UTC), each.latest.astimezone(UTC))
        for each in limits
        if each.earliest is not None and each.latest is not None
    ]
    for each, earliest, latest in spans:
        if all(earliest <= other[1] and latest <= other[2] for other in spans):
            return each
    return None
