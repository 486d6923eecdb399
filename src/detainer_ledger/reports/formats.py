"""How cells are written: the same words and digits on the page and in the PDF."""

from __future__ import annotations

from datetime import date, datetime

from detainer_ledger.reports.value import Cell, Kind

DASH = "–"
"""Drawn for a cell that is empty."""

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def shown(value: Cell, kind: Kind) -> str:
    """Return a cell as it is drawn.

    >>> shown(1234567, Kind.COUNT), shown(0.0654, Kind.SHARE), shown(None, Kind.COUNT), shown("Lifted", Kind.RAW)
    ('1,234,567', '6.5%', '–', '“Lifted”')
    """
    if value is None or value == "":
        return DASH
    if isinstance(value, datetime | date):
        return value.isoformat()
    if kind is Kind.SHARE and isinstance(value, int | float):
        return share(value)
    if kind is Kind.COUNT and isinstance(value, int):
        return count(value)
    if kind is Kind.RAW:
        return f"“{value}”"
    return str(value)


def count(value: int) -> str:
    """Return a count with thousands separators."""
    return f"{value:,}"


def share(value: float | None) -> str:
    """Return a share in percent with one decimal; what would wrongly round to nothing or to all is told as such.

    >>> share(0.0001), share(0.99999), share(0.5)
    ('<0.1%', '>99.9%', '50.0%')
    """
    if value is None:
        return DASH
    percent = value * 100
    if 0 < percent < 0.05:
        return "<0.1%"
    if 99.95 <= percent < 100:
        return ">99.9%"
    return f"{percent:.1f}%"


def long_day(day: date) -> str:
    """Return a day in words.

    >>> long_day(date(2015, 2, 28))
    '28 February 2015'
    """
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def period_words(first: date | None, last: date | None) -> str:
    """Return a period in words, with open ends told."""
    if first and last:
        return f"{long_day(first)} to {long_day(last)}" if first != last else long_day(first)
    if first:
        return f"from {long_day(first)}"
    return f"up to {long_day(last)}" if last else "all days"


def number_of(value: int, one: str, many: str | None = None) -> str:
    """Return a count with its noun.

    >>> number_of(1, "row"), number_of(2100, "row")
    ('1 row', '2,100 rows')
    """
    return f"{count(value)} {one if value == 1 else many or one + 's'}"
