"""How good the data are: defects by kind, and how much of each column is empty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from detainer_ledger.releases import layout
from detainer_ledger.reports.reading import Reading
from detainer_ledger.reports.texts import texts
from detainer_ledger.reports.value import Column, Kind, ReportTable, table_of
from detainer_ledger.tables import identifier, literal
from detainer_ledger.terms import DETAINERS

_UNKNOWN_DEFECT = "A defect that this version of the report has no words for."
_ROWS = Column("rows", "Rows", "Rows of the period, repeats included.", Kind.COUNT, "rows")


def quality_table(reading: Reading) -> ReportTable:
    """Return the defects of the rows in the period by kind, most frequent first."""
    total = int(reading.rows("COUNT(*)")[0][0])
    # A row can have several defects, so the rows of each kind are counted and not their sum.
    kinds = sorted({str(row[0]) for row in reading.rows("DISTINCT UNNEST(quality)")})
    counts = reading.rows(
        ", ".join(f"COUNT(*) FILTER (list_contains(quality, {literal(kind)}))" for kind in kinds) or "0"
    )[0]
    words = texts().defects
    found = sorted(zip(kinds, counts, strict=False), key=lambda each: (-each[1], each[0]))
    columns = (
        Column("defect", "Defect", "Kind of defect.", Kind.CODE),
        _ROWS,
        Column("share", "Share", "Share of all rows of the period.", Kind.SHARE, "1"),
        Column("meaning", "In plain words", "What the defect is and what was done.", Kind.TEXT),
    )
    records = (
        {"defect": kind, "rows": int(n), "share": n / total, "meaning": words.get(kind, _UNKNOWN_DEFECT)}
        for kind, n in found
    )
    return table_of(
        "quality",
        "Defects",
        "Rows with a defect, by kind. A row can have several. No value is repaired: it is left empty and marked.",
        columns,
        records,
        empty="No defect was found.",
    )


def blanks_table(reading: Reading) -> ReportTable:
    """Return how many rows have nothing in each column that their release publishes."""
    meanings = {column.name: column.meaning for column in DETAINERS}
    totals: dict[str, list[int]] = {}
    for manifest in reading.manifests:
        published = [name for name in _published_by(manifest) if name in meanings]
        for name, rows, blank in _blanks_in(reading, manifest["release_id"], published):
            entry = totals.setdefault(name, [0, 0])
            entry[0] += rows
            entry[1] += blank
    records: list[dict[str, Any]] = [
        {"column": name, "rows": rows, "blank": blank, "share": blank / rows, "meaning": meanings[name]}
        for name, (rows, blank) in sorted(totals.items(), key=lambda each: (-each[1][1] / each[1][0], each[0]))
    ]
    columns = (
        Column("column", "Column", "Column of the detainers table.", Kind.CODE),
        _ROWS,
        Column(
            "blank", "Empty", "Rows in which the column is empty, withheld or could not be read.", Kind.COUNT, "rows"
        ),
        Column("share", "Share empty", "Empty as a share of the rows.", Kind.SHARE, "1"),
        Column("meaning", "What it holds", "Meaning of the column.", Kind.TEXT),
    )
    return table_of(
        "blanks",
        "Empty cells",
        "How much of each published column is empty, over the releases that have the column.",
        columns,
        records,
    )


def _published_by(manifest: Mapping[str, Any]) -> list[str]:
    """Return the columns that a release has: those of its layout that are not missing, or those of an extract."""
    if "columns" in manifest:
        return list(manifest["columns"])
    missing = set(manifest["account"]["missing_columns"])
    return [column.name for column in layout(manifest["layout"]).columns if column.header not in missing]


def _blanks_in(reading: Reading, release_id: str, names: list[str]) -> list[tuple[str, int, int]]:
    counts = reading.rows(
        ", ".join(["COUNT(*)", *(f"COUNT({identifier(name)})" for name in names)]),
        where=f"release_id = {literal(release_id)}",
    )[0]
    rows = int(counts[0])
    return [(name, rows, rows - int(n)) for name, n in zip(names, counts[1:], strict=True)] if rows else []
