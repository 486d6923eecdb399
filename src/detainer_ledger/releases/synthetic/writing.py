"""Writing the files of a synthetic release: aside first, then under their own name."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from detainer_ledger.releases.synthetic.words import SYNTHETIC_NOTE
from detainer_ledger.tables import identifier, literal

FETCHED_ROWS = 2048
"""Rows that a workbook's writer holds at a time."""

_EXCEL_DAY_ZERO = date(1899, 12, 30).toordinal()
_CREATED = datetime(2026, 1, 1)  # noqa: DTZ001 - a fixed mark, so that the same release has the same bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A query ready to be written: a header and as many SQL expressions, over a query ordered by row."""

    file: str
    sheet: str
    headers: tuple[str, ...]
    types: tuple[str, ...]
    expressions: tuple[str, ...]
    source: str

    def query(self, names: tuple[str, ...] | None = None) -> str:
        """Return the SELECT, the columns named ``c1, c2 …`` unless told otherwise."""
        names = names or tuple(f"c{number}" for number in range(1, len(self.headers) + 1))
        listed = ", ".join(f"{sql} AS {identifier(name)}" for sql, name in zip(self.expressions, names, strict=True))
        return f"SELECT {listed} FROM ({self.source})"


@contextmanager
def written_aside(target: Path) -> Iterator[Path]:
    """Give a path to write to, and rename it to ``target`` if all went well; else leave nothing behind."""
    aside = target.with_name(f".{target.name}.partial")
    try:
        yield aside
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)


def write_json(target: Path, value: dict[str, Any]) -> None:
    """Write ``value`` with one line for each of its lists' entries."""
    with written_aside(target) as aside:
        aside.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", "utf-8")


def write_csv(connection: Any, table: Table, target: Path, *, delimiter: str) -> None:
    """Stream one table to a text file."""
    are_distinct = len({header.lower() for header in table.headers}) == len(table.headers)
    query = table.query(table.headers if are_distinct else None)
    if not are_distinct:
        # The engine would rename the second of two equal headers, and a real release has two.
        listed = ", ".join(f"{literal(header)} AS c{n}" for n, header in enumerate(table.headers, start=1))
        query = f"SELECT {listed} UNION ALL ({query})"
    with written_aside(target) as aside:
        connection.execute(
            f"COPY ({query}) TO {literal(str(aside))}"
            f" (FORMAT csv, HEADER {str(are_distinct).lower()}, DELIMITER {literal(delimiter)})"
        )


def write_parquet(connection: Any, table: Table, target: Path) -> None:
    """Stream one table to a Parquet file that says that it is synthetic."""
    with written_aside(target) as aside:
        if len({header.lower() for header in table.headers}) == len(table.headers):
            connection.execute(
                f"COPY ({table.query(table.headers)}) TO {literal(str(aside))}"
                f" (FORMAT parquet, KV_METADATA {{synthetic: 'true', note: {literal(SYNTHETIC_NOTE)}}})"
            )
        else:
            _write_parquet_with_equal_headers(connection, table, aside)


def _write_parquet_with_equal_headers(connection: Any, table: Table, aside: Path) -> None:
    """Write by Arrow, since the engine would rename the second of two equal headers."""
    import pyarrow
    import pyarrow.parquet

    batches = connection.sql(table.query()).to_arrow_reader(FETCHED_ROWS * 32)
    fields = [field.with_name(header) for field, header in zip(batches.schema, table.headers, strict=True)]
    schema = pyarrow.schema(fields, metadata={"synthetic": "true", "note": SYNTHETIC_NOTE})
    with pyarrow.parquet.ParquetWriter(aside, schema) as writer:
        for batch in batches:
            writer.write_batch(pyarrow.RecordBatch.from_arrays(batch.columns, schema=schema))


def write_workbook(connection: Any, tables: list[Table], target: Path, *, preamble: tuple[str, ...]) -> None:
    """Write tables to the sheets of one workbook. ``preamble`` stands above the header of every sheet.

    Without a preamble the workbook gets a last sheet that says that it is synthetic.
    """
    import xlsxwriter

    with written_aside(target) as aside:
        book = xlsxwriter.Workbook(str(aside), {"constant_memory": True, "strings_to_formulas": False})
        book.set_properties({"title": target.stem, "comments": SYNTHETIC_NOTE, "created": _CREATED})
        formats = {"date": book.add_format({"num_format": "yyyy-mm-dd"}), "blank": book.add_format()}
        for table in tables:
            _write_sheet(connection, table, book.add_worksheet(table.sheet), preamble, formats)
        if not preamble:
            book.add_worksheet("README").write_string(0, 0, SYNTHETIC_NOTE)
        book.close()


def _write_sheet(connection: Any, table: Table, sheet: Any, preamble: tuple[str, ...], formats: dict[str, Any]) -> None:
    """Write text as text, so that nothing becomes a formula, and days and numbers as such."""
    for row, line in enumerate(preamble):
        sheet.write_string(row, 0, line)
    top = len(preamble)
    for place, header in enumerate(table.headers):
        sheet.write_string(top, place, header)
    writers = [_cell_writer(sheet, each, formats) for each in table.types]
    found = connection.execute(table.query())
    row = top
    while rows := found.fetchmany(FETCHED_ROWS):
        for values in rows:
            row += 1
            for place, value in enumerate(values):
                if value is not None:
                    writers[place](row, place, value)


def _cell_writer(sheet: Any, column_type: str, formats: dict[str, Any]) -> Callable[[int, int, str], Any]:
    """Return the function that writes the cells of a column of this type."""
    text, number = sheet.write_string, sheet.write_number
    if column_type == "number":
        return lambda row, place, value: (number if value.isdecimal() else text)(
            row, place, int(value) if value.isdecimal() else value
        )
    if column_type not in {"date", "serial", "timestamp"}:
        return text  # type: ignore[no-any-return]
    shown = {"date": formats["date"], "timestamp": formats.get("timestamp")}.get(column_type)
    serials: dict[str, float | None] = {}

    def write(row: int, place: int, value: str) -> None:
        if value not in serials:
            serials[value] = _serial(value)
        serial = serials[value]
        if serial is None:
            text(row, place, value)
        else:
            number(row, place, serial, shown)

    return write


def _serial(value: str) -> float | None:
    """Return the Excel serial of an ISO day or time, None if the text is anything else."""
    try:
        moment = datetime.fromisoformat(value) if value[4:5] == "-" else None
    except ValueError:
        return None
    if moment is None or moment.year < 1900:
        return None
    seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
    return moment.toordinal() - _EXCEL_DAY_ZERO + (seconds / 86400 if seconds else 0)
