"""Legal public holidays by law and year, and the days that the clock of 8 CFR 287.7(d) leaves out."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from types import MappingProxyType

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SATURDAY, _SUNDAY = 5, 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Holiday:
    """One holiday: a fixed ``day`` of a ``month``, or its ``nth`` weekday (0 is Monday; nth -1 the last one).

    ``from_year`` is the first year in which it is a legal holiday on this day; ``citation`` the law.
    """

    name: str
    month: int
    day: int | None
    weekday: int | None
    nth: int | None
    from_year: int
    citation: str

    def on(self, year: int) -> date | None:
        """Return the day on which it falls in a year, None before it was law."""
        if year < self.from_year:
            return None
        if self.weekday is None or self.nth is None:
            return date(year, self.month, self.day or 1)
        if self.nth > 0:
            first = date(year, self.month, 1)
            return first + timedelta(days=(self.weekday - first.weekday()) % 7 + 7 * (self.nth - 1))
        last = date(year + self.month // 12, self.month % 12 + 1, 1) - timedelta(days=1)
        return last - timedelta(days=(last.weekday() - self.weekday) % 7)


@cache
def _table() -> tuple[tuple[Holiday, ...], Mapping[int, int]]:
    raw = tomllib.loads(files(__package__).joinpath("holidays.toml").read_text("utf-8"))
    holidays = tuple(
        Holiday(
            name=entry["name"],
            month=entry["month"],
            day=entry.get("day"),
            weekday=_WEEKDAYS.index(entry["weekday"]) if "weekday" in entry else None,
            nth=entry.get("nth"),
            from_year=entry["from_year"],
            citation=entry["citation"],
        )
        for entry in raw["holiday"]
    )
    shifts = {_WEEKDAYS.index(entry["falls_on"]): entry["shift_days"] for entry in raw["observed"]}
    return holidays, MappingProxyType(shifts)


def holiday_table() -> tuple[Holiday, ...]:
    """Return the holidays of 5 U.S.C. 6103 in the order of the calendar, each with the year from which it is law."""
    return _table()[0]


@cache
def legal_holidays(year: int) -> Mapping[date, str]:
    """Return the legal holidays of a year by day, in order, with the days on which they are observed.

    One that falls on a Saturday is observed on the Friday before, one on a Sunday on the Monday after; both days are in
    the table, the second as ``... (observed)``. New Year's Day of the next year can be observed on 31 December of this
    one. Source: 5 U.S.C. 6103; Executive Order 11582.
    """
    holidays, shifts = _table()
    found: dict[date, str] = {}
    for each in holidays:
        for fell in (each.on(near) for near in (year, year + 1)):
            if fell is None:
                continue
            found.setdefault(fell, each.name)
            if fell.weekday() in shifts:
                found.setdefault(fell + timedelta(days=shifts[fell.weekday()]), f"{each.name} (observed)")
    return MappingProxyType({day: found[day] for day in sorted(found) if day.year == year})


def is_excluded_day(day: date, *, also_closed: frozenset[date] = frozenset()) -> str | None:
    """Return why the clock of 8 CFR 287.7(d) leaves a local day out, None where the day counts.

    A day is left out that is a Saturday, a Sunday, a legal holiday, the day on which one is observed, or one of
    ``also_closed``: days the user adds, such as holidays of a state.

    >>> is_excluded_day(date(2026, 7, 3))
    'Independence Day (observed)'
    >>> is_excluded_day(date(2026, 7, 6)) is None
    True
    """
    holiday = legal_holidays(day.year).get(day)
    if holiday is not None:
        return holiday
    if day.weekday() == _SATURDAY:
        return "Saturday"
    if day.weekday() == _SUNDAY:
        return "Sunday"
    return "added by the user" if day in also_closed else None
