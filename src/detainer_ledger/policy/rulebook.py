"""The rules as data: what each asks, who made it, when it was in force, where it stands, and how sure that is."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from detainer_ledger.clock import Trust

_FILES = (
    "regulation",
    "interim-2010",
    "guidance-2012",
    "pep-2014",
    "directive-10074-2",
    "citizenship-16001-2",
    "form-i-247a",
    "gonzalez",
    "laken-riley",
    "forms",
    "states",
)
"""Files of ``rules/``, one for each authority, in the order of ``rules()``."""

_OPEN = "open"
"""What a rule's ``from`` or ``to`` says where the file has a day for its other rules and this one has none."""


class Result(StrEnum):
    """What a check can find. ``not_recorded`` means that the facts do not say, which is never ``not_met``."""

    MET = "met"
    NOT_MET = "not_met"
    NOT_RECORDED = "not_recorded"
    NOT_APPLICABLE = "not_applicable"


class Checkable(StrEnum):
    """By what a rule can be tested: a published release, a release in part, the case's own record alone, nothing."""

    RELEASE = "release"
    PARTLY = "partly"
    RECORD = "record"
    NO = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: ``text`` says in plain words what it asks, ``citation`` names the original document.

    ``in_force_from`` and ``in_force_to`` are inclusive days, None where open; ``dates_note`` says what is not exact.
    ``forms`` and ``components`` are those that it concerns, empty for all. ``aspects`` are parts of it whose trust is
    another than ``trust``. ``overridable`` tells whether a supervisor can let a case go on although it is not met;
    ``presumes_issue`` that it speaks of detainers that were issued; ``is_of_the_hold`` that it speaks of what the
    agency does with the person, and so goes by the law of that day. ``results`` are those that its check can give.
    """

    id: str
    title: str
    text: str
    authority: str
    instrument: str
    citation: str
    trust: Trust
    checkable: Checkable
    check: str
    results: tuple[Result, ...]
    in_force_from: date | None = None
    in_force_to: date | None = None
    dates_note: str = ""
    forms: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    aspects: Mapping[str, Trust]
    overridable: bool = True
    presumes_issue: bool = True
    is_of_the_hold: bool = False

    def is_in_force(self, on: date) -> bool:
        """Tell whether the rule is in force on a day."""
        return (self.in_force_from or date.min) <= on <= (self.in_force_to or date.max)

    def unconfirmed_aspects(self) -> tuple[str, ...]:
        """Return the parts of the rule that no source that was read confirms."""
        return tuple(name for name, trust in self.aspects.items() if trust is Trust.UNCONFIRMED)


@cache
def rules() -> tuple[Rule, ...]:
    """Return all rules, in the order of their making: regulation, guidance by year, forms, courts, Congress, states."""
    return tuple(_rule(defaults | entry) for defaults, entry in _entries())


@cache
def rules_by_id() -> Mapping[str, Rule]:
    """Return all rules by id."""
    return {rule.id: rule for rule in rules()}


def rules_in_force(on: date) -> tuple[Rule, ...]:
    """Return the rules that are in force on a day, in the order of ``rules()``."""
    return tuple(rule for rule in rules() if rule.is_in_force(on))


def _entries() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    folder = files(__package__).joinpath("rules")
    found = []
    for name in _FILES:
        raw = tomllib.loads(folder.joinpath(f"{name}.toml").read_text("utf-8"))
        entries = raw.pop("rule")
        found += [(raw, entry) for entry in entries]
    return found


def _rule(entry: dict[str, Any]) -> Rule:
    values = dict(entry)
    return Rule(
        in_force_from=_day(values.pop("from", None)),
        in_force_to=_day(values.pop("to", None)),
        trust=Trust(values.pop("trust")),
        aspects={name: Trust(trust) for name, trust in values.pop("aspects", {}).items()},
        checkable=Checkable(values.pop("checkable")),
        results=tuple(Result(each) for each in values.pop("results")),
        forms=tuple(values.pop("forms", ())),
        components=tuple(values.pop("components", ())),
        **values,
    )


def _day(value: date | str | None) -> date | None:
    return None if value is None or value == _OPEN else date.fromisoformat(str(value))
