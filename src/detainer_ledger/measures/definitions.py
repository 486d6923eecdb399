"""Definitions of "declined" and denominators, as data (domain reference 4.4)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from detainer_ledger.terms import BadInput


class Denominator(StrEnum):
    """What a rate is a share of. Detainers that were superseded or entered twice leave every one of them (rule 4).

    ``all``: every detainer of the population. ``all_minus_duplicates``: the same without the rows marked as exact or
    likely repeats, which matters only where repeats are kept. ``resolved``: those with an outcome.
    ``hold_forms_only``: those on forms that ask for a hold (I-247, I-247D, I-247A). ``none``: a count without a rate.
    """

    ALL = "all"
    ALL_MINUS_DUPLICATES = "all_minus_duplicates"
    RESOLVED = "resolved"
    HOLD_FORMS_ONLY = "hold_forms_only"
    NONE = "none"


class Clock(StrEnum):
    """By which day a detainer falls into a period."""

    ISSUED = "issued"
    RECORDED = "recorded"
    UNSTATED = "unstated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One way to count "declined": numerator, population, clock and denominator, with the source that uses it."""

    id: str
    version: int
    title: str
    used_by: str
    source: str
    clock: Clock
    denominator: Denominator
    outcomes: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    everything_but: tuple[str, ...] = ()
    excluded_levels: tuple[str, ...] = ()
    above_detainers: int | None = None
    caveats: tuple[str, ...] = ()
    not_computable: str | None = None

    def numerator_in_words(self) -> str:
        """Return what is counted as declined, in words."""
        if self.everything_but:
            return "every outcome but " + ", ".join(self.everything_but)
        return " or ".join([*self.outcomes, *self.details])


@cache
def definitions() -> dict[str, Definition]:
    """Return all definitions by id, in the order of the table."""
    raw = tomllib.loads(files(__package__).joinpath("definitions.toml").read_text("utf-8"))
    found: dict[str, Definition] = {}
    for entry in raw["definition"]:
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()
        }
        values["clock"] = Clock(values["clock"])
        values["denominator"] = Denominator(values["denominator"])
        found[entry["id"]] = Definition(**values)
    return found


def definition(definition_id: str) -> Definition:
    """Return one definition. Raises BadInput that lists the known ids if there is none of this id."""
    try:
        return definitions()[definition_id]
    except KeyError:
        raise BadInput(
            f"There is no definition '{definition_id}'.", do="choose one of: " + ", ".join(definitions()) + "."
        ) from None
