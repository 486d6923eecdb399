"""Instants and local days: reading what a person wrote, and where a local day begins."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from msgspec import to_builtins

from detainer_ledger.terms import BadInput

FIRST_YEAR, LAST_YEAR = 1900, 2199
"""Years that are read; anything else is a slip of the pen."""

_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_EXAMPLE = "write it as YYYY-MM-DDTHH:MM, for example 2026-03-06T15:00"


def zone_named(text: str, *, field: str) -> ZoneInfo:
    """Return the time zone of an IANA name, such as ``America/Chicago``.

    Raises BadInput, with the nearest names, for an unknown one, and for an abbreviation such as ``EST``: that is an
    offset, and does not follow the daylight saving of a place. ``UTC`` is taken.
    """
    name = text.strip()
    if name == "UTC" or ("/" in name and name in _zone_names()):
        return ZoneInfo(name)
    if name and "/" not in name and name in _zone_names():
        raise BadInput(
            f"'{name}' is not the time zone of a place.",
            do="name the zone of the facility by its place, for example America/New_York or America/Phoenix.",
            field=field,
        )
    raise BadInput(f"There is no time zone '{name}'.", do=_nearest_zones(name), field=field)


def read_instant(text: str, zone: ZoneInfo | None, *, field: str) -> datetime:
    """Return the instant that a text names, in ``zone``; with an explicit offset and no zone, at that offset.

    ``text`` is a day and a time of day, ``2026-03-06T15:00``, seconds and an offset (``-05:00``, ``Z``) if wanted.
    Without an offset it is wall time in ``zone``. Raises BadInput for what is no such text, for a time without a zone,
    for a wall time that does not exist because clocks were set forward, and for one that happens twice because they
    were set back, which an offset decides.
    """
    written = text.strip()
    try:
        read = datetime.fromisoformat(written) if _INSTANT.fullmatch(written) else None
    except ValueError:
        read = None
    if read is None:
        raise BadInput(f"'{written}' is no day with a time of day.", do=f"{_EXAMPLE}.", field=field)
    _check_year(read, field)
    if read.tzinfo is not None:
        return read if zone is None else read.astimezone(zone)
    if zone is None:
        raise BadInput(
            f"'{written}' has no time zone.",
            do=f"give the offset, for example {written}-05:00, or the zone of the facility.",
            field=field,
        )
    return _wall_time(read, zone, field)


def read_start(text: str, zone: ZoneInfo, *, field: str) -> datetime | date:
    """Return the instant that a text names, or the day where it gives no time of day. Raises BadInput as above."""
    written = text.strip()
    if not _DAY.fullmatch(written):
        return read_instant(text, zone, field=field)
    try:
        day = date.fromisoformat(written)
    except ValueError:
        raise BadInput(f"'{written}' is no day of the calendar.", do=f"{_EXAMPLE}.", field=field) from None
    _check_year(day, field)
    return day


def to_the_second(instant: datetime) -> str:
    """Return an aware instant as ISO 8601 with its offset, ``2026-03-06T15:00:00-05:00``; parts of a second fall away.

    It is the text that ``isoformat`` gives, in a third of the time.
    """
    offset = instant.utcoffset()
    if offset is None or offset.seconds % 60 or instant.microsecond:
        # ISO 8601 and its writers know offsets of whole minutes; the zones of a hundred years ago had others.
        return instant.isoformat(timespec="seconds")
    text: str = to_builtins(instant)
    return f"{text[:-1]}+00:00" if text.endswith("Z") else text


@lru_cache(maxsize=8192)
def day_begins(day: date, zone: ZoneInfo) -> datetime:
    """Return the instant, in UTC, at which a local day begins: its first midnight.

    Where clocks are set forward over midnight (America/Havana), it is the instant of the change. A day that a zone left
    out (Pacific/Apia, 30 December 2011) begins and ends at one instant. Exact for every zone from 1997 on; where a
    change of the clock falls between midnight and the first minutes of a day and leads back before it (America/St_Johns
    until 2011), the day runs from its first midnight all the same.
    """
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def _wall_time(read: datetime, zone: ZoneInfo, field: str) -> datetime:
    # Both take a third of the time of two calls of replace(), and every command has a time.
    first = datetime.combine(read, read.time(), zone)
    second = datetime(
        read.year, read.month, read.day, read.hour, read.minute, read.second, read.microsecond, zone, fold=1
    )
    if first.utcoffset() == second.utcoffset():
        return first
    precision = "auto" if read.second or read.microsecond else "minutes"
    written = read.isoformat(timespec=precision)
    later = first.astimezone(UTC).astimezone(zone)
    if later.replace(tzinfo=None) != read:
        raise BadInput(
            f"{written} does not exist in {zone.key}: clocks were set forward over it.",
            do="look at the time again; if the clock had not been changed yet, it was"
            f" {later.isoformat(timespec=precision)}.",
            field=field,
        )
    raise BadInput(
        f"{written} happens twice in {zone.key}: clocks were set back.",
        do=f"give the offset: {first.isoformat(timespec=precision)} is the first,"
        f" {second.isoformat(timespec=precision)} the second.",
        field=field,
    )


def _check_year(day: date, field: str) -> None:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise BadInput(
            f"The year {day.year} cannot be meant.",
            do=f"write a year between {FIRST_YEAR} and {LAST_YEAR}.",
            field=field,
        )


@cache
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones())


def _nearest_zones(name: str) -> str:
    """Say which zones come nearest, by whole name or by place alone."""
    folded = name.casefold().replace(" ", "_")
    spellings: dict[str, str] = {}
    for zone in sorted(_zone_names()):
        if "/" in zone and not zone.startswith(("Etc/", "posix/", "right/")):
            spellings.setdefault(zone.casefold(), zone)
            spellings.setdefault(zone.rpartition("/")[2].casefold(), zone)
    near = dict.fromkeys(spellings[each] for each in get_close_matches(folded, spellings, n=3, cutoff=0.7))
    if near:
        return f"perhaps {' or '.join(near)} is meant."
    return "write the IANA name of the facility's zone, for example America/New_York or America/Phoenix."


def in_utc(instant: datetime, *, field: str) -> datetime:
    """Return an aware datetime in UTC. Raises BadInput for one without a zone or out of the years that are read."""
    if instant.utcoffset() is None:
        raise BadInput(
            "An instant has no time zone.", do="give it one: limits are counted in elapsed time.", field=field
        )
    _check_year(instant, field)
    return instant.astimezone(UTC)


def bounds_of_day(day: date, zone: ZoneInfo, *, field: str) -> tuple[datetime, datetime]:
    """Return the instants, in UTC, at which a local day begins and ends. Raises BadInput if the zone left it out."""
    _check_year(day, field)
    begins, ends = day_begins(day, zone), day_begins(day + timedelta(days=1), zone)
    if begins == ends:
        raise BadInput(
            f"{day} does not exist in {zone.key}: the calendar there left it out.",
            do="look at the day and at the zone again.",
            field=field,
        )
    return begins, ends
