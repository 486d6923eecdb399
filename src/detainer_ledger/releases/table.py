"""From typed parts to the detainers table: the contract's columns, the same from every layout."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from detainer_ledger.releases.duplicates import duplicates_sql
from detainer_ledger.releases.reading import SHEET_NUMBER_STEP, Part, SheetAccount, rows_in
from detainer_ledger.tables import literal
from detainer_ledger.terms import DETAINERS, UNKNOWN_FORM

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

BULK_ENTRY_DEVIATIONS = 8
"""A day is a bulk entry if its count lies more than this many median absolute deviations above the state's median day
(domain reference 5.6). A deviation of less than one detainer is taken as one."""


def records(parts: Sequence[Part]) -> str:
    """Return SQL for the records of all parts: every kept row, under one set of columns."""
    return f"(SELECT * FROM {rows_in(parts)} WHERE row_reason IS NULL)"


@dataclass(frozen=True, slots=True)
class Findings:
    """Names of the temporary tables in which what was found about one release stands.

    ``number`` is that of the release's first sheet, so that several releases can be asked about at once.
    """

    number: int

    @property
    def duplicates(self) -> str:
        """The rows that repeat another: ``row_order``, ``first_order``, ``duplicate_kind``."""
        return f"duplicates_{self.number}"

    @property
    def bulk_days(self) -> str:
        """The days on which many detainers were entered at once: ``state``, ``day``."""
        return f"bulk_days_{self.number}"

    @property
    def sheets(self) -> str:
        """The sheets: ``number``, ``file``, ``sheet``, and the ``prefix`` of their detainers' ids."""
        return f"sheets_{self.number}"


def mark_duplicates(
    connection: DuckDBPyConnection, parts: Sequence[Part], findings: Findings, *, has_identifier: bool
) -> dict[str, int]:
    """Fill the table of duplicates and return how many rows are marked, by kind."""
    table = findings.duplicates
    if has_identifier:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {duplicates_sql(records(parts))}")
    else:
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {table} (row_order BIGINT, first_order BIGINT, duplicate_kind VARCHAR)"
        )
    counted = dict(
        connection.execute(f"SELECT duplicate_kind, count(*) FROM {table} GROUP BY duplicate_kind").fetchall()
    )
    return {kind: int(counted.get(kind, 0)) for kind in ("exact", "likely")}


def find_bulk_days(
    connection: DuckDBPyConnection, parts: Sequence[Part], findings: Findings, *, has_state: bool
) -> None:
    """Fill the table of the days on which many detainers were entered at once."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {findings.bulk_days} (state VARCHAR, day DATE)")
    if not has_state:
        return
    connection.execute(
        f"INSERT INTO {findings.bulk_days}"
        " WITH days AS (SELECT facility_state AS state, issued_on AS day, count(*) AS n"
        f" FROM {records(parts)} WHERE facility_state IS NOT NULL AND issued_on IS NOT NULL GROUP BY ALL),"
        " middles AS (SELECT state, median(n) AS middle, mad(n) AS deviation FROM days GROUP BY state)"
        " SELECT state, day FROM days JOIN middles USING (state)"
        f" WHERE n - middle > {BULK_ENTRY_DEVIATIONS} * greatest(deviation, 1)"
    )


def detainers_sql(
    connection: DuckDBPyConnection,
    parts: Sequence[Part],
    findings: Findings,
    *,
    release_id: str,
    sheets: Sequence[SheetAccount],
) -> str:
    """Return SQL for the detainers table of a release, without the outcome columns.

    Needs the tables that ``mark_duplicates`` and ``find_bulk_days`` fill. Columns that the
    layout does not have are null; the columns of the placement are null until the facilities are placed.
    """
    present = columns_of(connection, parts)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {findings.sheets} (number BIGINT, file VARCHAR, sheet VARCHAR, prefix VARCHAR)"
    )
    rows = [
        f"({each.number}, {literal(each.file)}, {literal(each.sheet)}, {literal(f'{release_id}/{label}/')})"
        for each, label in zip(sheets, sheet_labels(sheets), strict=True)
    ]
    connection.execute(f"INSERT INTO {findings.sheets} VALUES {', '.join(rows)}")
    has_repeats = _any(connection, findings.duplicates)
    has_bulk = _any(connection, findings.bulk_days) and "facility_state" in present
    special = {
        "detainer_id": "s.prefix || r.source_row",
        "release_id": literal(release_id),
        "source_file": "s.file",
        "source_sheet": "s.sheet",
        "source_row": "r.source_row",
        "issued_year": "year(r.issued_on)",
        "issued_fiscal_year": "year(r.issued_on + INTERVAL 3 MONTH)",
        "issued_month": "left(CAST(r.issued_on AS VARCHAR), 7)",
        "form": "r.form" if "form" in present else literal(UNKNOWN_FORM),
        "quality": _quality(has_bulk),
    }
    if has_repeats:
        special["duplicate_of"] = f"f.prefix || (d.first_order % {SHEET_NUMBER_STEP})"
        special["duplicate_kind"] = "d.duplicate_kind"
    selected = []
    for column in DETAINERS:
        if column.name.startswith("outcome") or column.name == "custody_linked_on":
            continue
        sql = special.get(column.name) or (f"r.{column.name}" if column.name in present else "NULL")
        selected.append(f"CAST({sql} AS {column.sql_type}) AS {column.name}")
    joins = ""
    if has_repeats:
        joins += (
            f" LEFT JOIN {findings.duplicates} AS d ON d.row_order = r.row_order"
            f" LEFT JOIN {findings.sheets} AS f ON f.number = d.first_order // {SHEET_NUMBER_STEP}"
        )
    if has_bulk:
        joins += f" LEFT JOIN {findings.bulk_days} AS b ON b.state = r.facility_state AND b.day = r.issued_on"
    return (
        f"SELECT {', '.join(selected)} FROM {records(parts)} AS r"
        f" JOIN {findings.sheets} AS s ON s.number = r.row_order // {SHEET_NUMBER_STEP}{joins}"
    )


def _any(connection: DuckDBPyConnection, table: str) -> bool:
    return connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is not None


def columns_of(connection: DuckDBPyConnection, parts: Sequence[Part]) -> frozenset[str]:
    """Return the names of the columns that any of the parts has."""
    described = connection.execute(f"DESCRIBE SELECT * FROM {records(parts)}").fetchall()
    return frozenset(row[0] for row in described)


def sheet_labels(sheets: Sequence[SheetAccount]) -> tuple[str, ...]:
    """Return what stands for each sheet in ``detainer_id``: its name, with the file's where names repeat."""
    counted = Counter(each.sheet for each in sheets)
    ways: tuple[Callable[[int, SheetAccount], str], ...] = (
        lambda _place, each: PurePath(each.file).stem,
        lambda _place, each: each.file,
        lambda place, each: f"{each.file}#{place}",  # files of one name from several folders
    )
    labels: tuple[str, ...] = ()
    for file_of in ways:
        labels = tuple(
            each.sheet if counted[each.sheet] == 1 else f"{file_of(place, each)}:{each.sheet}"
            for place, each in enumerate(sheets, start=1)
        )
        if len(set(labels)) == len(labels):
            break
    return labels


def _quality(has_bulk: bool) -> str:  # noqa: FBT001 - says which columns exist, not which behaviour is wanted
    several = "list_sort(list_distinct(list_transform(r.defects, lambda each: split_part(each, ':', 1))))"
    # Most rows have no defect, and most of the others have one.
    one = "[split_part(r.defects[1], ':', 1)]"
    found = f"CASE len(r.defects) WHEN 0 THEN [] WHEN 1 THEN {one} ELSE {several} END"
    if not has_bulk:
        return found
    return f"CASE WHEN b.day IS NULL THEN {found} ELSE list_append({found}, 'date/bulk-entry') END"
