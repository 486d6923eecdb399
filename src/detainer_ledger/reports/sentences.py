"""Sentences and key figures, composed from cells of the report's tables and from nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from detainer_ledger.intake import Overlap
from detainer_ledger.reports.formats import count, number_of, period_words, share
from detainer_ledger.reports.value import KeyFigure, ReportTable

Tables = Mapping[str, ReportTable]


def key_figures(tables: Tables, first: date | None, last: date | None) -> tuple[KeyFigure, ...]:
    """Return the four figures in large type, each with its condition."""
    keys, heads = tables["key_figures"], tables["definitions"]
    declined, most = keys.count("declined", "count"), keys.count("declined_most", "count")
    repeats = keys.count("duplicates_excluded", "count")
    return (
        KeyFigure(
            text=count(keys.count("detainers", "count")),
            label="detainers",
            condition=f"issued {period_words(first, last)}; {_none_or(repeats)} of the rows left out as repeats",
        ),
        KeyFigure(
            text=count(declined),
            label="recorded as declined",
            condition=f"by the agency asked; it could be up to {count(most)} if every unknown outcome was a decline",
        ),
        KeyFigure(
            text=_share(heads, "recorded", "rate"),
            label="share declined",
            condition=(
                f"of {number_of(heads.count('recorded', 'denominator'), 'detainer')}; 95% interval"
                f" {_interval(heads, 'recorded')}; bounds {_bounds(heads, 'recorded')}"
                if heads.cell("recorded", "rate") is not None
                else "no detainer is in the denominator"
            ),
        ),
        KeyFigure(
            text=_share(keys, "unknown", "share"),
            label="outcome unknown",
            condition=(
                f"{number_of(keys.count('unknown', 'count'), 'detainer')};"
                f" {count(keys.count('immature', 'count'))} are too young to be judged"
            ),
        ),
    )


def headline(tables: Tables, first: date | None, last: date | None) -> tuple[str, ...]:
    """Return what the report says, in a few sentences."""
    said = [_declined(tables, first, last), _unknown(tables), _definitions(tables), _custody(tables)]
    said += [_facilities(tables), _account(tables)]
    return tuple(sentence for sentence in said if sentence)


def warnings(tables: Tables, *, is_synthetic: bool) -> tuple[str, ...]:
    """Return what a reader has to know before any figure."""
    keys = tables["key_figures"]
    detainers, immature = keys.count("detainers", "count"), keys.count("immature", "count")
    said = []
    if is_synthetic:
        said.append("Synthetic data: these detainers are invented. No figure here says anything about the world.")
    said += [_overlap(row) for row in tables["overlaps"].records()]
    if detainers and immature == detainers:
        said.append(
            "Every detainer here was issued in the last 6 months of its release and is too young to be judged: outcomes"
            " are still being filled in, and every share will change."
        )
    elif immature:
        said.append(
            f"{number_of(immature, 'detainer')} ({_share(keys, 'immature', 'share')}) were issued in the last 6 months"
            " of their release and are too young to be judged: their shares will change."
        )
    return tuple(said)


def _overlap(row: Mapping[str, Any]) -> str:
    return Overlap(**row).sentence()


def _declined(tables: Tables, first: date | None, last: date | None) -> str:
    keys, heads = tables["key_figures"], tables["definitions"]
    declined, detainers = keys.count("declined", "count"), keys.count("detainers", "count")
    period = period_words(first, last)
    if not declined:
        return (
            f"Of {number_of(detainers, 'detainer')} issued {period}, none is recorded as declined by the agency asked."
        )
    return (
        f"Of {number_of(detainers, 'detainer')} issued {period}, {count(declined)} are recorded as declined by the"
        f" agency asked: {_share(heads, 'recorded', 'rate')} of all (95% interval {_interval(heads, 'recorded')})."
    )


def _unknown(tables: Tables) -> str:
    keys, heads = tables["key_figures"], tables["definitions"]
    unknown = keys.count("unknown", "count")
    if not unknown:
        return "Every detainer has an outcome that is understood."
    return (
        f"For {count(unknown)} ({_share(keys, 'unknown', 'share')}) it is not known what became of them. If none of"
        f" these was declined, the share is {_share(heads, 'recorded', 'bound_low')}; if every one was, it is"
        f" {_share(heads, 'recorded', 'bound_high')}."
    )


def _definitions(tables: Tables) -> str:
    rows = [row for row in tables["definitions"].records() if row["declined"] is not None]
    counts = sorted((int(str(row["declined"])), str(row["definition"])) for row in rows)
    rates = sorted((row["rate"], str(row["definition"])) for row in rows if isinstance(row["rate"], float))
    refused = [row for row in tables["definitions"].records() if row["not_computable"]]
    said = (
        f"It depends on the definition: from {count(counts[0][0])} ({counts[0][1]}) to {count(counts[-1][0])}"
        f" ({counts[-1][1]}) detainers count as declined"
    )
    if rates:
        said += f", and from {share(rates[0][0])} ({rates[0][1]}) to {share(rates[-1][0])} ({rates[-1][1]})"
    return said + f". {number_of(len(refused), 'definition')} in use cannot be computed from these data."


def _custody(tables: Tables) -> str:
    keys = tables["key_figures"]
    return (
        f"{count(keys.count('taken_into_custody', 'count'))}"
        f" ({_share(keys, 'taken_into_custody', 'share')}) are recorded or linked as taken into custody."
    )


def _facilities(tables: Tables) -> str:
    table = tables["range_of_declining_facilities"]
    by_name, by_place = (table.count(way, "declining") for way in ("distinct names", "distinct name, city and state"))
    if not by_place:
        return ""
    low, high = sorted((by_name, by_place))
    facilities = count(low) if low == high else f"{count(low)} to {count(high)}"
    said = f"Declines are recorded at {facilities} distinct facilities as published."
    rows = tables["range_of_declining_jurisdictions"]
    known, most = (rows.count(way, "jurisdictions") for way in rows.values("count")[:2])
    said += f" The jurisdictions that declined number at least {count(known)}"
    said += "." if known == most else f", and at most {count(most)} if every facility without one is its own."
    if placeholder := table.count("distinct names", "declined_placeholder"):
        said += f" {number_of(placeholder, 'decline')} stand at a placeholder and cannot be placed."
    return said


def _account(tables: Tables) -> str:
    keys = tables["key_figures"]
    return (
        f"{number_of(keys.count('rows_seen', 'count'), 'row')} were read:"
        f" {count(keys.count('rows_kept', 'count'))} kept,"
        f" {_none_or(keys.count('rows_set_aside', 'count'))} set aside. Of the rows kept,"
        f" {_none_or(keys.count('duplicates_excluded', 'count'))} are left out as repeats and"
        f" {_none_or(keys.count('outside_period', 'count'))} as outside the period."
    )


def _none_or(value: int) -> str:
    return count(value) if value else "none"


def _share(table: ReportTable, key: str, name: str) -> str:
    value = table.cell(key, name)
    return share(value) if isinstance(value, int | float) else share(None)


def _interval(table: ReportTable, key: str) -> str:
    return f"{_share(table, key, 'ci_low')} to {_share(table, key, 'ci_high')}"


def _bounds(table: ReportTable, key: str) -> str:
    return f"{_share(table, key, 'bound_low')} to {_share(table, key, 'bound_high')}"
