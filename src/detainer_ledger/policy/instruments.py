"""The states' instruments on detainers, as data: what each limits, requires or permits, and when it is in force."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from detainer_ledger.clock import Trust

LIMITS, REQUIRES, PERMITS, REPORTING = "limits", "requires", "permits", "reporting"
"""Kinds of instruments; the table also knows ``notification-only``."""

HOLDS = "holds"
"""``about`` of an instrument that speaks of detainers and holds, not of agreements, papers or information."""


class Hold(StrEnum):
    """What an instrument says of holds on a detainer: barred, or allowed under its conditions alone."""

    BARRED = "barred"
    CONDITIONAL = "conditional"


class HoldClock(StrEnum):
    """How an instrument limits the length of a hold."""

    NONE = "none"
    CONTINUOUS_FROM_RELEASE = "continuous-48-from-release"
    CONTINUOUS_FROM_RECEIPT = "continuous-48-from-receipt"
    EXCLUDING = "48-excluding"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One instrument of a state (``jurisdiction`` is a USPS code, ``US`` for the federal one).

    ``in_force_from`` and ``in_force_to`` are inclusive days; ``from_year`` stands where a source names the year alone,
    and where it has neither the first day is unknown. ``hold`` is None where the instrument does not speak of holds or
    was not read; ``applies_to`` is empty where what was read does not say to which agencies it applies.
    """

    id: str
    jurisdiction: str
    name: str
    citation: str
    kind: tuple[str, ...]
    about: str
    effect: str
    trust: Trust
    aspects: Mapping[str, Trust]
    in_force_from: date | None = None
    in_force_to: date | None = None
    from_year: int | None = None
    dates_note: str = ""
    hold: Hold | None = None
    applies_to: tuple[str, ...] = ()
    clock: HoldClock = HoldClock.NONE
    proof_exception: bool = False
    reporting: str = ""
    reports_each: str | None = None

    def unconfirmed_aspects(self) -> tuple[str, ...]:
        """Return the parts of the instrument that no source that was read confirms."""
        return tuple(name for name, trust in self.aspects.items() if trust is Trust.UNCONFIRMED)

    def is_in_force(self, on: date) -> bool:
        """Tell whether the instrument is surely in force on a day.

        Where the year alone is known it is from the next year on; where nothing is known of its beginning, never.
        """
        first = self.in_force_from
        if first is None and self.from_year is not None:
            first = date(self.from_year + 1, 1, 1)
        return first is not None and first <= on <= (self.in_force_to or date.max)


@cache
def instruments() -> tuple[Instrument, ...]:
    """Return all instruments, by state, with the federal one last. A state without one is unknown, not "none"."""
    raw = tomllib.loads(files(__package__).joinpath("instruments.toml").read_text("utf-8"))
    return tuple(_instrument(entry) for entry in raw["instrument"])


def instruments_in_force(on: date, state: str | None = None) -> tuple[Instrument, ...]:
    """Return the instruments that are surely in force on a day, of one state (USPS code) or of all.

    Nothing follows from an empty answer: what is not listed is unknown.
    """
    return tuple(each for each in instruments() if state in (None, each.jurisdiction) and each.is_in_force(on))


@lru_cache(maxsize=4096)
def decline_instruments(state: str, on: date) -> tuple[Instrument, ...]:
    """Return the instruments of a state, in force on a day, that bar holds on a detainer or allow them conditionally.

    This is the annotation of a decline: "lawful by state instrument" is never said without the ids of these. A decline
    with no such instrument is not thereby unlawful; the list does not have every instrument.
    """
    return tuple(each for each in instruments_in_force(on, state) if LIMITS in each.kind and each.hold is not None)


def _instrument(entry: dict[str, Any]) -> Instrument:
    values = dict(entry)
    return Instrument(
        in_force_from=values.pop("from", None),
        in_force_to=values.pop("to", None),
        kind=tuple(values.pop("kind")),
        trust=Trust(values.pop("trust")),
        aspects={name: Trust(trust) for name, trust in values.pop("aspects", {}).items()},
        hold=Hold(values.pop("hold")) if "hold" in values else None,
        clock=HoldClock(values.pop("clock", "none")),
        applies_to=tuple(values.pop("applies_to", ())),
        **values,
    )
