"""The ways to count a hold."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from detainer_ledger.clock.holidays import is_excluded_day
from detainer_ledger.clock.instants import day_begins, in_utc

HOLD_HOURS = 48
"""Hours of a hold: 8 CFR 287.7(d), Forms I-247, I-247D and I-247A, and the state clocks of the table."""

_ONE_DAY = timedelta(days=1)
_NOTHING = timedelta()


class Algorithm(StrEnum):
    """How a limit is counted from its start.

    ``continuous``: elapsed hours, whatever the day. ``excluding``: elapsed hours of the local days that count, others
    left out whole (``is_excluded_day``). ``end-of-day``: to 23:59 of the start's local day.
    """

    CONTINUOUS = "continuous"
    EXCLUDING = "excluding"
    END_OF_DAY = "end-of-day"


def add_hold(
    start: datetime,
    algorithm: Algorithm,
    *,
    zone: ZoneInfo,
    hours: int = HOLD_HOURS,
    also_closed: frozenset[date] = frozenset(),
) -> datetime:
    """Return the deadline of a hold, in ``zone``: the last instant at which a release is in time.

    ``start`` is an aware datetime, ``zone`` the facility's, whose calendar days count. Hours are elapsed ones, counted
    in UTC, so that a day on which clocks change has 23 or 25. For ``excluding``, a start on a day that is left out
    waits for the next midnight that counts, and the deadline is the first instant at which the hours are used up: a
    hold from Thursday 00:00 ends on Saturday 00:00, not on Monday. For ``end-of-day``, a start in the last minute of a
    day is its own deadline. Raises BadInput for a start without a zone.
    """
    begun = in_utc(start, field="start")
    if algorithm is Algorithm.CONTINUOUS:
        ended = begun + timedelta(hours=hours)
    elif algorithm is Algorithm.END_OF_DAY:
        next_day = begun.astimezone(zone).date() + _ONE_DAY
        ended = max(begun, day_begins(next_day, zone) - timedelta(minutes=1))
    else:
        ended = _excluding(begun, zone, timedelta(hours=hours), also_closed)
    return ended.astimezone(zone)


def _excluding(begun: datetime, zone: ZoneInfo, left: timedelta, also_closed: frozenset[date]) -> datetime:
    now, day = begun, begun.astimezone(zone).date()
    while True:
        ends = day_begins(day + _ONE_DAY, zone)
        if is_excluded_day(day, also_closed=also_closed) is None:
            # Where a change of the clock leads back over midnight, an instant can lie past the end of its own date.
            counted = max(ends - now, _NOTHING)
            if counted >= left:
                return now + left
            left -= counted
        now = max(now, ends)
        day += _ONE_DAY


def skipped_days(
    start: datetime, deadline: datetime, *, zone: ZoneInfo, also_closed: frozenset[date] = frozenset()
) -> tuple[tuple[date, str], ...]:
    """Return the local days that ``excluding`` left out between a start and its deadline, each with the reason."""
    day, last = start.astimezone(zone).date(), deadline.astimezone(zone)
    # A deadline at midnight lies on no part of the day that begins there.
    last_day = last.date() - (_ONE_DAY if last.astimezone(UTC) == day_begins(last.date(), zone) else _NOTHING)
    found: list[tuple[date, str]] = []
    while day <= last_day:
        reason = is_excluded_day(day, also_closed=also_closed)
        if reason is not None:
            found.append((day, reason))
        day += _ONE_DAY
    return tuple(found)
