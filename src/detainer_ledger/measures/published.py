"""Figures that others have published, restated as data, and folded to outcomes by this project's own rules."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from detainer_ledger.terms import UNMAPPED, Outcome, fold_label, lift_reason_by_label


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedYear:
    """One calendar year of the release of 2007 to 2015: all detainers, and their outcomes by recorded lift reason."""

    year: int
    detainers: int
    outcomes: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectorGeneralFigure:
    """The declined detainers of report OIG-18-36: the number is a least one, the months are inclusive."""

    declined_more_than: int
    first_month: str
    last_month: str
    source: str


def outcomes_of_counts(counts: Iterable[tuple[str | None, int]]) -> dict[str, int]:
    """Fold counts by published lift reason to counts by outcome, as the rules of the domain reference 4.3 do.

    A blank reason is ``pending_or_unrecorded``; one that no table knows is ``other``. Every outcome is a key.
    """
    folded = {str(outcome): 0 for outcome in Outcome}
    for label, count in counts:
        folded[outcome_of(label)[0]] += count
    return folded


def outcome_of(label: str | None) -> tuple[str, str]:
    """Return outcome and detail of one published lift reason.

    >>> outcome_of("Detainer Declined by LEA")
    ('declined_by_agency', 'recorded_declined')
    """
    folded = fold_label(label or "")
    if folded in {"", "na", "n/a"}:
        return str(Outcome.PENDING_OR_UNRECORDED), "blank"
    reason = lift_reason_by_label().get(folded)
    return (str(reason.outcome), reason.detail) if reason else (str(Outcome.OTHER), UNMAPPED)


@cache
def published_years() -> tuple[PublishedYear, ...]:
    """Return the calendar years 2007 (from October) to 2015 (to 19 July)."""
    raw = _table()
    found = []
    for place, year in enumerate(raw["years"]):
        counts = [(label, by_year[place]) for label, by_year in raw["by_lift_reason"].items()]
        everything = raw["all_detainers"][place]
        blank = everything - sum(count for _, count in counts)
        found.append(
            PublishedYear(year=year, detainers=everything, outcomes=outcomes_of_counts([*counts, (None, blank)]))
        )
    return tuple(found)


def inspector_general() -> InspectorGeneralFigure:
    """Return the Inspector General's number of declined detainers."""
    return InspectorGeneralFigure(**_table()["inspector_general"])


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("published.toml").read_text("utf-8"))
