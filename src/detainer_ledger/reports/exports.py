"""The report's tables as CSV, Parquet and workbook. What a source wrote is no formula and no link in any."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detainer_ledger.reports.value import Cell, Column, Kind, Report, ReportTable
from detainer_ledger.tables import harmless

if TYPE_CHECKING:
    import pyarrow as pa

SHEET_NAME_LENGTH = 31
"""Longest name of a sheet in a workbook."""

_MAX_COLUMN_WIDTH = 60


def write_csv(table: ReportTable, path: Path) -> None:
    """Write a table as CSV in UTF-8: shares as fractions of 1, days as YYYY-MM-DD, empty where there is nothing.

    A text that a spreadsheet program could run as a formula gets an apostrophe before it; numbers are never touched.
    """
    with path.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened, lineterminator="\n")
        writer.writerow([column.name for column in table.columns])
        writer.writerows([_csv_cell(value) for value in row] for row in table.rows)


def write_parquet(table: ReportTable, path: Path) -> None:
    """Write a table as Parquet, with the meaning and unit of each column in its metadata."""
    import pyarrow.parquet as pq

    pq.write_table(arrow_of(table), path, compression="zstd")


def arrow_of(table: ReportTable) -> pa.Table:
    """Return a table as an Arrow table: counts and years as int64, shares as double, days as date32."""
    import pyarrow as pa

    kinds = {
        Kind.COUNT: pa.int64(),
        Kind.YEAR: pa.int64(),
        Kind.SHARE: pa.float64(),
        Kind.DAY: pa.date32(),
    }
    fields = [
        pa.field(
            column.name,
            kinds.get(column.kind, pa.string()),
            metadata={"title": column.label, "description": column.meaning, "unit": column.unit or ""},
        )
        for column in table.columns
    ]
    schema = pa.schema(fields, metadata={"title": table.title, "description": table.caption})
    return pa.Table.from_pylist(table.records(), schema=schema)


def write_workbook(report: Report, path: Path) -> None:
    """Write all tables as one workbook, a sheet each. Texts are written as texts, never as formulas or links."""
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    book = xlsxwriter.Workbook(str(path), options)
    try:
        created = report.created_at.replace(tzinfo=None)
        comments = "Synthetic data: invented detainers." if report.is_synthetic else report.subtitle
        book.set_properties({"title": report.title, "comments": comments, "created": created})
        formats = {
            "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
            Kind.COUNT: book.add_format({"num_format": "#,##0"}),
            Kind.SHARE: book.add_format({"num_format": "0.0%"}),
            Kind.DAY: book.add_format({"num_format": "yyyy-mm-dd"}),
        }
        for table in report.tables:
            _write_sheet(book.add_worksheet(sheet_name(table.id)), table, formats)
    finally:
        book.close()


def sheet_name(table_id: str) -> str:
    """Return the name of a table's sheet."""
    return table_id[:SHEET_NAME_LENGTH]


def _write_sheet(sheet: Any, table: ReportTable, formats: dict[Any, Any]) -> None:
    for place, column in enumerate(table.columns):
        sheet.write_string(0, place, column.name, formats["head"])
        sheet.set_column(place, place, _width(table, place, column))
        for line, row in enumerate(table.rows, start=1):
            _write_cell(sheet, line, place, row[place], formats.get(column.kind))
    sheet.freeze_panes(1, 1)


def _write_cell(sheet: Any, line: int, place: int, value: Cell, cell_format: Any) -> None:
    if value is None:
        return
    if isinstance(value, str):
        sheet.write_string(line, place, value)
    elif isinstance(value, date):
        sheet.write_datetime(line, place, value, cell_format)
    else:
        sheet.write_number(line, place, value, cell_format)


def _width(table: ReportTable, place: int, column: Column) -> int:
    longest: Sequence[int] = [len(str(row[place])) for row in table.rows if isinstance(row[place], str)]
    return min(max([len(column.name), 8, *longest]) + 2, _MAX_COLUMN_WIDTH)


def _csv_cell(value: Cell) -> Any:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else harmless(value)
