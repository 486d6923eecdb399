"""Another way to count a hold, slow and plain: the clock is walked in UTC, minute by minute.

It shares nothing with the code under test. Days are those of the local date of each minute, holidays those of the
library ``holidays``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays

MINUTE = timedelta(minutes=1)
FEDERAL = holidays.country_holidays("US", years=range(1985, 2101))


def counts(day: date, also_closed: frozenset[date] = frozenset()) -> bool:
    """Return whether a local day counts for a clock that leaves out weekends and federal holidays."""
    return day.weekday() < 5 and day not in FEDERAL and day not in also_closed


def walked(begun: datetime, zone: ZoneInfo, counted: Callable[[date], bool], *, hours: int = 48) -> datetime:
    """Walk from an instant until so many hours of counted local days have gone by."""
    now, left = begun.astimezone(UTC), timedelta(hours=hours)
    while left:
        # Offsets are whole minutes, so a local day begins with a minute: only the first and last steps are shorter.
        step = min(MINUTE - timedelta(seconds=now.second, microseconds=now.microsecond), left)
        if counted(now.astimezone(zone).date()):
            left -= step
        now += step
    return now


def end_of_day(begun: datetime, zone: ZoneInfo) -> datetime:
    """Return the last 23:59 of the local day, or the start if that has passed."""
    day = begun.astimezone(zone).date()
    now = begun.astimezone(UTC).replace(second=0, microsecond=0)
    last = now
    while now < begun.astimezone(UTC) + timedelta(hours=27):
        if now.astimezone(zone).date() == day:
            last = now
        now += MINUTE
    return max(last, begun.astimezone(UTC))


def deadline(algorithm: str, begun: datetime, zone: ZoneInfo, also_closed: frozenset[date] = frozenset()) -> datetime:
    """Return the deadline, in UTC, by one of the three ways to count."""
    if algorithm == "continuous":
        return walked(begun, zone, lambda _day: True)
    if algorithm == "excluding":
        return walked(begun, zone, lambda day: counts(day, also_closed))
    assert algorithm == "end-of-day"
    return end_of_day(begun, zone)


def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the first minute of a local day, and the first one of a later day, both in UTC."""
    now = datetime.combine(day, time(), tzinfo=UTC) - timedelta(days=1)
    while now.astimezone(zone).date() < day:
        now += MINUTE
    first = now
    while now.astimezone(zone).date() == day:
        now += MINUTE
    return first, now
