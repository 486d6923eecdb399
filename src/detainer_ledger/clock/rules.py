"""The limits of a hold as data: which rule sets one, counted how, from what, in force when, by which source."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from detainer_ledger.clock.algorithms import Algorithm


class StartsFrom(StrEnum):
    """What starts a clock: the instant of the planned ``release``, or the ``receipt`` of detainer and warrant."""

    RELEASE = "release"
    RECEIPT = "receipt"


class Trust(StrEnum):
    """How well a rule is known: read in its source, in a report about it, or general knowledge."""

    CONFIRMED = "confirmed"
    SECONDARY = "secondary"
    UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRule:
    """One rule that limits a hold.

    ``forms`` is None where it holds for every form that asks for a hold, ``state`` None where it is federal. Days in
    force and days of issue are inclusive, None where open. ``hours`` is None for ``end-of-day``.
    """

    rule: str
    algorithm: Algorithm
    hours: int | None
    starts_from: StartsFrom
    forms: tuple[str, ...] | None
    state: str | None
    in_force_from: date | None
    in_force_to: date | None
    issued_from: date | None
    issued_to: date | None
    citation: str
    trust: Trust
    sentence: str
    doubt: str | None

    def applies(self, *, form: str, state: str | None, on: date | None, issued_on: date) -> bool:
        """Return whether it limits a hold on this form, in this state, that starts on this day.

        Where the day is None it is not known, and a federal rule is taken to be in force, one of a state is not.
        """
        if self.forms is not None and form not in self.forms:
            return False
        if not _between(issued_on, self.issued_from, self.issued_to):
            return False
        if self.state is not None and self.state != state:
            return False
        return self.state is None if on is None else _between(on, self.in_force_from, self.in_force_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeMark:
    """The mark for advance notice, in hours before the release; ``sentence`` says that missing it is no breach."""

    rule: str
    hours: int
    citation: str
    trust: Trust
    sentence: str


def _between(day: date, first: date | None, last: date | None) -> bool:
    return (first is None or first <= day) and (last is None or day <= last)


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("limits.toml").read_text("utf-8"))


@cache
def clock_rules() -> tuple[ClockRule, ...]:
    """Return all limits in the order of the table: the regulation, the forms, the states."""
    return tuple(
        ClockRule(
            rule=entry["rule"],
            algorithm=Algorithm(entry["algorithm"]),
            hours=entry.get("hours"),
            starts_from=StartsFrom(entry["starts_from"]),
            forms=tuple(entry["forms"]) if "forms" in entry else None,
            state=entry.get("state"),
            in_force_from=entry.get("from"),
            in_force_to=entry.get("to"),
            issued_from=entry.get("issued_from"),
            issued_to=entry.get("issued_to"),
            citation=entry["citation"],
            trust=Trust(entry["trust"]),
            sentence=entry["sentence"],
            doubt=entry.get("doubt"),
        )
        for entry in _table()["limit"]
    )


@cache
def forms_without_limit() -> Mapping[str, str]:
    """Return what is to be said of each form that prints no limit of its own, by form."""
    return MappingProxyType({entry["form"]: entry["sentence"] for entry in _table()["without_limit"]})


@cache
def notice_mark() -> NoticeMark:
    """Return the mark for advance notice."""
    entry = _table()["notice"]
    return NoticeMark(
        rule=entry["rule"],
        hours=entry["hours"],
        citation=entry["citation"],
        trust=Trust(entry["trust"]),
        sentence=entry["sentence"],
    )
