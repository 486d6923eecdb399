"""Any table that a person keeps, as rows of text by the names of its own header: for files that are no release."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from detainer_ledger.releases.received import Received, receive
from detainer_ledger.releases.sheets import open_sheets
from detainer_ledger.tables import connect
from detainer_ledger.terms import BadInput

_DELIMITERS = ",;\t"
_LONGEST_CELL = 131_072
"""Most characters of a cell: what Python's reader of CSV takes unless somebody else has changed its limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainRow:
    """One row: the sheet (None in a text file), its number as a person counts, and its cells, trimmed, by header.

    ``n_cells`` is how many it has: where the header names more, those are empty, and a row of a text file may have been
    cut off; where it names fewer, what stands beyond it is in no cell.
    """

    sheet: str | None
    number: int
    cells: Mapping[str, str]
    n_cells: int


def plain_rows(path: Path, *, needed: Collection[str] = (), sheets: Collection[str] = ()) -> Iterator[PlainRow]:
    """Give the rows of a workbook (.xlsx) or text file with one header row on top; empty rows are passed over.

    Text is parted by commas, semicolons or tabs. Hidden sheets, where programs keep the choices of a cell, are passed
    over, and so are those that are not among ``sheets``, where some are named. Raises BadInput for a file that cannot
    be read or has no header, a header with a name twice or without a column of ``needed``, a sheet that is not there,
    and a hidden one that has all of ``needed``: its rows might be meant.
    """
    received = receive(path)
    rows = _text_rows(received) if received.kind == "text" else _sheet_rows(received, needed)
    header: dict[str | None, list[str]] = {}
    seen: set[str | None] = set()
    for sheet, number, cells in rows:
        seen.add(sheet)
        if sheets and sheet is not None and sheet not in sheets:
            continue
        if sheet not in header and not any(cells):
            continue
        if sheet not in header:
            header[sheet] = _header(cells, received.name, sheet, number)
            _check_needed(header[sheet], needed, received.name, sheet)
            continue
        names = header[sheet]
        if any(cells):
            while len(cells) > len(names) and not cells[-1]:
                cells.pop()
            named = dict(zip(names, [*cells, *[""] * (len(names) - len(cells))], strict=False))
            yield PlainRow(sheet=sheet, number=number, cells=named, n_cells=len(cells))
    for name in sheets:
        if received.kind != "text" and name not in seen:
            raise BadInput(
                f"There is no sheet '{name[:60]}' with rows in the file.", file=received.name, do="look at its name."
            )
    if not header:
        raise BadInput(
            "The file has no header and no rows.", file=received.name, do="look whether it is the right one."
        )


def _header(cells: list[str], file: str, sheet: str | None, number: int) -> list[str]:
    names = list(cells)
    while names and not names[-1]:
        names.pop()
    names = [name or f"column {place}" for place, name in enumerate(names, start=1)]
    for name in names:
        if names.count(name) > 1:
            raise BadInput(
                f"The header has '{name[:60]}' twice.",
                file=file,
                sheet=sheet,
                row=number,
                do="give each column a name of its own.",
            )
    return names


def _check_needed(names: list[str], needed: Collection[str], file: str, sheet: str | None) -> None:
    for name in needed:
        if name not in names:
            raise BadInput(
                f"The file has no column '{name}', which the mapping names.",
                file=file,
                sheet=sheet,
                do=f"it has {', '.join(names)}."
                + ("" if sheet is None else ' Where another sheet is meant, the mapping says which: sheets = ["Log"].'),
            )


def _text_rows(received: Received) -> Iterator[tuple[None, int, list[str]]]:
    encoding = "utf-8-sig" if received.encoding == "utf-8" else received.encoding
    with received.path.open(encoding=encoding, newline="") as opened:
        first = next((line for line in opened if line.strip()), "")
        outside = re.sub(r'"[^"]*"', "", first)
        delimiter = max(_DELIMITERS, key=outside.count)
        opened.seek(0)
        reader = csv.reader(opened, delimiter=delimiter, strict=True)
        number = 0
        try:
            for number, cells in enumerate(reader, start=1):
                if any(len(cell) > _LONGEST_CELL for cell in cells):
                    raise _no_table(f"a cell has more than {_LONGEST_CELL:,} characters", received.name, number)
                yield None, number, [cell.strip() for cell in cells]
        except csv.Error as error:
            raise _no_table(str(error), received.name, number + 1) from None


def _no_table(why: str, file: str, row: int) -> BadInput:
    return BadInput(
        f"The text cannot be read as a table: {why}.",
        file=file,
        row=row,
        do="save it again as CSV from the program that made it.",
    )


def _sheet_rows(received: Received, needed: Collection[str]) -> Iterator[tuple[str, int, list[str]]]:
    if received.kind != "xlsx":
        raise BadInput("This is no spreadsheet.", file=received.name, do="save it as .xlsx or .csv.")
    connection = connect()
    try:
        for sheet in open_sheets(received, connection, received.path.parent, kind="detainers", forced=None):
            if sheet.width == 0:
                continue
            columns = ", ".join(f"c{place}" for place in range(sheet.width))
            found = connection.execute(f"SELECT source_row, {columns} FROM {sheet.table} ORDER BY source_row")
            if sheet.hidden:
                names = next(
                    ({(cell or "").strip() for cell in row[1:]} for row in found.fetchall() if any(row[1:])), set()
                )
                if needed and names.issuperset(needed):
                    raise BadInput(
                        "The sheet is hidden, and has the columns that are read.",
                        file=received.name,
                        sheet=sheet.name,
                        do="show the sheet if its rows are meant, or delete it.",
                    )
                continue
            while rows := found.fetchmany(1_000):
                for row in rows:
                    yield sheet.name, row[0], [(cell or "").strip() for cell in row[1:]]
    finally:
        connection.close()
