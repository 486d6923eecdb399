"""Figures by state and facility; placeholders stand apart and are never a place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from detainer_ledger.reports.columns import (
    DECLINED,
    DENOMINATOR,
    DETAINERS,
    IMMATURE,
    RATES,
    UNKNOWN,
    note_under,
    without_small_shares,
)
from detainer_ledger.reports.reading import MIN_N, Reading
from detainer_ledger.reports.value import Column, Kind, ReportTable, table_of
from detainer_ledger.terms import state_names

TOP = 25
"""So many facilities are listed."""

MANY_DECLINES = 10

_PLACE = ("facility", "facility_city", "state")
_PLACEHOLDER = "placeholder, not a place"
_UNNAMED = "no facility stated"


def states_table(reading: Reading) -> ReportTable:
    """Return the figures of each state and territory, most detainers first; without a state last."""
    names = state_names()

    def record(row: dict[str, Any]) -> dict[str, Any]:
        if row["state"] is None:
            return {**without_small_shares(row), "state_name": "State not stated", "note": "no state in the release"}
        return {**without_small_shares(row), "state_name": names.get(row["state"], row["state"])}

    rows = sorted(
        (dict(row) for row in reading.figures("state").rows),
        key=lambda row: (row["state"] is None, -row["detainers"], str(row["state"])),
    )
    columns = (
        Column("state", "Code", "USPS code; empty where the release has no state.", Kind.CODE, under="state_name"),
        Column("state_name", "State", "State or territory in which the facility stands, as published.", Kind.TEXT),
        DETAINERS,
        DECLINED,
        DENOMINATOR,
        *RATES,
        UNKNOWN,
        IMMATURE,
        note_under("state_name"),
    )
    return table_of(
        "states",
        "States",
        "Detainers by state of the facility as published, with the share recorded as declined of all.",
        columns,
        map(record, rows),
        note=f"A state is where the facility stands, not who runs it. Shares among fewer than {MIN_N} are not shown.",
    )


def facility_tables(reading: Reading) -> tuple[ReportTable, ReportTable, ReportTable]:
    """Return the facilities with the most detainers, those with the most declines, and how many have any decline."""
    placeholders = frozenset(
        row[0]
        for row in reading.rows(
            "facility_name", where="list_contains(quality, 'facility/placeholder')", group="facility_name"
        )
    )
    rows = [dict(row) for row in reading.figures(*_PLACE).rows]
    named = [row for row in rows if row["facility"] is not None and row["facility"] not in placeholders]
    buckets = _buckets(reading, placeholders)
    by_detainers = _ranked(named, lambda row: row["detainers"])
    by_declines = _ranked([row for row in named if row["declined"]], lambda row: row["declined"])
    return (
        _facilities("facilities", "Facilities with the most detainers", by_detainers, buckets),
        _facilities("facilities_declines", "Facilities with the most recorded declines", by_declines, buckets),
        _range_table(rows, named, placeholders),
    )


def _buckets(reading: Reading, placeholders: frozenset[str]) -> list[dict[str, Any]]:
    """Return the rows that stand for no facility: each placeholder, and detainers without any facility."""
    found = [dict(row) for row in reading.figures("facility").rows]
    placeholder_rows = [_bucket(row, _PLACEHOLDER) for row in found if row["facility"] in placeholders]
    unnamed = [_bucket(row, _UNNAMED) for row in found if row["facility"] is None]
    return [*placeholder_rows, *unnamed]


def _bucket(row: dict[str, Any], what: str) -> dict[str, Any]:
    shown = without_small_shares(row)
    return {**shown, "note": f"{what}; {shown['note']}" if shown.get("note") else what}


def _ranked(rows: Iterable[dict[str, Any]], by: Callable[[dict[str, Any]], int]) -> list[dict[str, Any]]:
    ordered = sorted(rows, key=lambda row: (-by(row), *(str(row[name] or "") for name in _PLACE)))
    return [{"rank": place, **without_small_shares(row)} for place, row in enumerate(ordered[:TOP], start=1)]


def _facilities(
    table_id: str, title: str, ranked: Sequence[dict[str, Any]], buckets: Sequence[dict[str, Any]]
) -> ReportTable:
    columns = (
        Column("rank", "Rank", "Place in the order; empty for what is no facility.", Kind.YEAR),
        Column("facility", "Facility", "Facility as published.", Kind.RAW),
        Column("facility_city", "City", "City as published; it can be a mailing address.", Kind.RAW, under="facility"),
        Column("state", "State", "USPS code of the state.", Kind.CODE),
        DETAINERS,
        DECLINED,
        *RATES,
        UNKNOWN,
        note_under("facility"),
    )
    return table_of(
        table_id,
        title,
        f"The first {TOP} by facility, city and state as published. Placeholders stand last and have no rank.",
        columns,
        [*ranked, *buckets],
        note=(
            "A facility is a text as published, not a jurisdiction; the next section tells who runs the places, as far"
            f" as that is known. Shares among fewer than {MIN_N} are not shown."
        ),
        empty="No facility has a recorded decline.",
    )


def _range_table(
    rows: Sequence[dict[str, Any]], named: Sequence[dict[str, Any]], placeholders: frozenset[str]
) -> ReportTable:
    by_name: dict[str, list[int]] = {}
    for row in named:
        totals = by_name.setdefault(row["facility"], [0, 0])
        totals[0] += row["detainers"]
        totals[1] += row["declined"]
    ways = {
        "distinct names": [declined for _n, declined in by_name.values()],
        "distinct name, city and state": [row["declined"] for row in named],
    }
    placed = sum(row["declined"] for row in named)
    unplaced = sum(row["declined"] for row in rows if row["facility"] in placeholders)
    unnamed = sum(row["declined"] for row in rows if row["facility"] is None)
    records = [
        {
            "way": way,
            "facilities": len(declines),
            "declining": sum(n > 0 for n in declines),
            "declining_once": sum(n == 1 for n in declines),
            "declining_often": sum(n >= MANY_DECLINES for n in declines),
            "declined": placed,
            "declined_placeholder": unplaced,
            "declined_unnamed": unnamed,
        }
        for way, declines in ways.items()
    ]
    columns = (
        Column("way", "Counted by", "What makes two facilities different.", Kind.TEXT),
        Column("facilities", "Facilities", "Facilities that were sent a detainer.", Kind.COUNT, "facilities"),
        Column("declining", "With a decline", "Facilities with at least one decline.", Kind.COUNT, "facilities"),
        Column("declining_once", "With one alone", "Facilities with exactly one.", Kind.COUNT, "facilities"),
        Column(
            "declining_often",
            f"With {MANY_DECLINES} or more",
            f"Facilities with {MANY_DECLINES} or more.",
            Kind.COUNT,
            "facilities",
        ),
        Column("declined", "Declines at facilities", "Declines at these facilities.", Kind.COUNT, "detainers"),
        Column(
            "declined_placeholder",
            "At placeholders",
            "Declines at a placeholder, not a place.",
            Kind.COUNT,
            "detainers",
        ),
        Column("declined_unnamed", "No facility", "Declines without a facility.", Kind.COUNT, "detainers"),
    )
    return table_of(
        "range_of_declining_facilities",
        "How many facilities declined",
        "Distinct facilities as published with at least one recorded decline, counted in two ways.",
        columns,
        records,
        note=(
            "These are texts as published, not jurisdictions: one jail can stand under several spellings, and one name"
            " for several jails. They cannot be compared with a published number of jurisdictions, for which the next"
            " section has a range. Placeholders are not counted as a facility."
        ),
    )
