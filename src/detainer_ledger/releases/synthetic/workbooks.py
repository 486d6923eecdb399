"""Writing workbooks of many rows.

``xlsxwriter`` makes the workbook with properties, formats, preamble and header. The data rows are spelled as XML by
the table engine and put in when the workbook is packed: cell by cell from Python it would take ten times as long.
"""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

from detainer_ledger.releases.synthetic.words import SYNTHETIC_NOTE
from detainer_ledger.releases.synthetic.writing import Table, written_aside

FETCHED_ROWS = 2048
"""Rows that are held at a time."""

PACKED = 1
"""Level of compression: speed before size."""

SHOWN_AS = {"date": "yyyy-mm-dd", "timestamp": "yyyy-mm-dd hh:mm:ss"}
"""Number formats of the columns that hold days or moments."""

_CREATED = datetime(2026, 1, 1)  # noqa: DTZ001 - a fixed mark, so that the same release has the same bytes


def write_workbook(connection: Any, tables: list[Table], target: Path, *, preamble: tuple[str, ...]) -> None:
    """Write tables to the sheets of one workbook. ``preamble`` stands above the header of every sheet.

    Without a preamble the workbook gets a last sheet that says that it is synthetic.
    """
    top = len(preamble) + 1
    styles = {kind: n for n, kind in enumerate(sorted({t for each in tables for t in each.types} & set(SHOWN_AS)), 1)}
    sheets = {f"xl/worksheets/sheet{number}.xml": table for number, table in enumerate(tables, start=1)}
    frame = io.BytesIO(_frame(tables, target.stem, preamble=preamble, styles=styles))
    with (
        written_aside(target) as aside,
        zipfile.ZipFile(frame) as made,
        zipfile.ZipFile(aside, "w", zipfile.ZIP_DEFLATED, compresslevel=PACKED) as book,
    ):
        for name in made.namelist():
            with book.open(name, "w", force_zip64=True) as part:
                if name in sheets:
                    _fill(connection, sheets[name], made.read(name), part, top=top, styles=styles)
                else:
                    part.write(made.read(name))


def _frame(tables: list[Table], title: str, *, preamble: tuple[str, ...], styles: dict[str, int]) -> bytes:
    """Return the workbook without its data rows."""
    import xlsxwriter

    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    book.set_properties({"title": title, "comments": SYNTHETIC_NOTE, "created": _CREATED})
    formats = {kind: book.add_format({"num_format": SHOWN_AS[kind]}) for kind in styles}
    for table in tables:
        sheet = book.add_worksheet(table.sheet)
        for row, line in enumerate(preamble):
            sheet.write_string(row, 0, line)
        for place, (header, column_type) in enumerate(zip(table.headers, table.types, strict=True)):
            sheet.write_string(len(preamble), place, header)
            sheet.set_column(place, place, None, formats.get(column_type))
    if not preamble:
        book.add_worksheet("README").write_string(0, 0, SYNTHETIC_NOTE)
    book.close()
    return made.getvalue()


def _fill(connection: Any, table: Table, frame: bytes, part: Any, *, top: int, styles: dict[str, int]) -> None:
    """Write a sheet's frame with the data rows in it."""
    from xlsxwriter.utility import xl_rowcol_to_cell

    last = xl_rowcol_to_cell(top + table.rows - 1, len(table.headers) - 1)
    head, tail = frame.decode("utf-8").split("</sheetData>")
    part.write(re.sub(r'<dimension ref="[^"]*"/>', f'<dimension ref="A1:{last}"/>', head).encode())
    found = connection.execute(_rows_sql(table, top=top, styles=styles))
    while rows := found.fetchmany(FETCHED_ROWS):
        part.write("".join(row for (row,) in rows).encode())
    part.write(f"</sheetData>{tail}".encode())


def _rows_sql(table: Table, *, top: int, styles: dict[str, int]) -> str:
    """Return the query of one text of XML for each row."""
    from xlsxwriter.utility import xl_col_to_name

    names = [f"c{number}" for number in range(1, len(table.headers) + 1)]
    listed = ", ".join(f"{sql} AS {name}" for sql, name in zip(table.expressions, names, strict=True))
    cells = [
        _cell_sql(name, xl_col_to_name(place), column_type, styles)
        for place, (name, column_type) in enumerate(zip(names, table.types, strict=True))
    ]
    return f"""
    SELECT concat('<row r="', n, '">', {", ".join(cells)}, '</row>')
    FROM (SELECT ({table.number}) + {top} AS n, {listed} FROM ({table.source}))"""


def _cell_sql(name: str, letters: str, column_type: str, styles: dict[str, int]) -> str:
    """Return SQL of a cell's XML, NULL where it is empty. Text stays text: nothing becomes a formula."""
    escaped = f"replace(replace(replace({name}, '&', '&amp;'), '<', '&lt;'), '>', '&gt;')"
    opened = f"'<c r=\"{letters}', n, '\""
    text = f'concat({opened} t="inlineStr"><is><t xml:space="preserve">\', {escaped}, \'</t></is></c>\')'
    style = f' s="{styles[column_type]}"' if column_type in styles else ""
    if column_type == "number":
        value, is_value = name, f"regexp_full_match({name}, '[0-9]+')"
    elif column_type in {"date", "serial"}:
        value = f"TRY_CAST({name} AS DATE) - DATE '1899-12-30'"
        is_value = f"{name} LIKE '____-__-__' AND TRY_CAST({name} AS DATE) >= DATE '1900-03-01'"
    elif column_type == "timestamp":
        value = f"epoch(TRY_CAST({name} AS TIMESTAMP) - TIMESTAMP '1899-12-30') / 86400"
        is_value = f"{name} LIKE '____-__-__ __:__:__'"
    else:
        return f"CASE WHEN {name} IS NOT NULL THEN {text} END"
    number = f"concat({opened}{style}><v>', {value}, '</v></c>')"
    return f"CASE WHEN {name} IS NULL THEN NULL WHEN {is_value} THEN {number} ELSE {text} END"
