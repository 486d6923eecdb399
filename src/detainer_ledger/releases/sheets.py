"""Sheets as text: every received file becomes one or more sheets whose cells are all text or null.

Nothing is typed or cleaned here. A sheet stands in a table of the given connection with the columns ``c0``, ``c1``, …
and ``source_row`` (1-based, as a person counts the rows of the sheet or the records of the text file).
"""

from __future__ import annotations

import csv
import io
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detainer_ledger.releases.layouts import HEADER_SEARCH_ROWS, match_header
from detainer_ledger.releases.received import has_rare_characters
from detainer_ledger.releases.values import LONGEST_CELL
from detainer_ledger.tables import file_literal, identifier, literal
from detainer_ledger.terms import BadInput

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from detainer_ledger.releases.layouts import Layout
    from detainer_ledger.releases.received import Received

_SAMPLE_CHARACTERS = 1 << 18


@dataclass(frozen=True, slots=True, kw_only=True)
class RawSheet:
    """One sheet: ``table`` holds its cells, ``head`` its first rows, ``width`` the number of cell columns.

    ``starts_after_header`` tells that the table has no rows up to the header; ``rare`` are the cell columns that may
    hold control characters or blanks other than spaces; ``too_wide`` and ``too_narrow`` number the records that have
    more or fewer cells than the header, which stand in no table; ``may_have_long_cells`` tells whether a cell may be
    longer than LONGEST_CELL.
    """

    name: str
    table: str
    head: tuple[tuple[str | None, ...], ...]
    width: int
    hidden: bool = False
    starts_after_header: bool = False
    rare: frozenset[int] = frozenset()
    may_have_long_cells: bool = True
    too_wide: tuple[int, ...] = field(default=())
    too_narrow: tuple[int, ...] = field(default=())


def open_sheets(
    received: Received, connection: DuckDBPyConnection, spill: Path, *, kind: str, forced: Layout | None
) -> Iterator[RawSheet]:
    """Yield the sheets of a file, one at a time; a sheet's table is dropped when the next one is asked for.

    ``spill`` is a folder for copies that a text file may need. Raises BadInput for files that cannot be read.
    """
    if received.kind == "xlsx":
        yield from _workbook_sheets(received, connection)
    elif received.kind == "parquet":
        yield _parquet_sheet(received, connection)
    else:
        yield _text_sheet(received, connection, spill, kind=kind, forced=forced)


# ---------------------------------------------------------------- workbooks


def _workbook_sheets(received: Received, connection: DuckDBPyConnection) -> Iterator[RawSheet]:
    import fastexcel
    import pyarrow as pa

    try:
        book = fastexcel.read_excel(received.path)
    except fastexcel.FastExcelError as error:
        raise BadInput(
            "The workbook cannot be opened: it is damaged or not in a format that can be read.",
            file=received.name,
            do="open it in a spreadsheet program and save it again as .xlsx.",
        ) from error
    for number, name in enumerate(book.sheet_names):
        try:
            sheet = book.load_sheet(number, header_row=None, skip_rows=0, dtypes="string")
        except fastexcel.FastExcelError as error:
            raise BadInput(
                "A sheet of the workbook cannot be read: it is damaged or cut off.",
                file=received.name,
                sheet=name,
                do="fetch the file again, or open it in a spreadsheet program and save it again.",
            ) from error
        hidden = sheet.visible != "visible"
        if sheet.width == 0 or sheet.height == 0:
            yield RawSheet(name=name, table="", head=(), width=0, hidden=hidden)
            continue
        batch = sheet.to_arrow()
        del sheet
        yield _registered(pa, connection, name, batch, hidden=hidden)
        connection.unregister("raw_sheet")


_ROWS_PER_BATCH = 30_000


def _registered(pa: Any, connection: DuckDBPyConnection, name: str, batch: Any, *, hidden: bool) -> RawSheet:
    """Hand one Arrow batch to the table engine, cut into pieces so that all cores can work on it."""
    width = batch.num_columns
    columns = [f"c{place}" for place in range(width)]
    numbered = pa.RecordBatch.from_arrays(
        [*batch.columns, _counted(pa, batch.num_rows)], names=[*columns, "source_row"]
    )
    pieces = [numbered.slice(start, _ROWS_PER_BATCH) for start in range(0, max(numbered.num_rows, 1), _ROWS_PER_BATCH)]
    connection.register("raw_sheet", pa.Table.from_batches(pieces))
    head = batch.slice(0, HEADER_SEARCH_ROWS).to_pydict()
    rows = tuple(zip(*([_cut(cell) for cell in column] for column in head.values()), strict=True))
    return RawSheet(
        name=name,
        table="raw_sheet",
        head=rows,
        width=width,
        hidden=hidden,
        rare=frozenset(place for place, column in enumerate(batch.columns) if _is_rare(column)),
    )


def _counted(pa: Any, rows: int) -> Any:
    """Return 1, 2, 3, … as an Arrow column; made from a buffer, for which Arrow need not look for pandas."""
    return pa.Array.from_buffers(pa.int32(), rows, [None, pa.py_buffer(array("i", range(1, rows + 1)))])


def _is_rare(column: Any) -> bool:
    """Tell whether an Arrow text column holds rare characters, by looking at all its text at once."""
    buffer = column.buffers()[-1]
    if buffer is None:
        return False
    text = buffer.to_pybytes()
    return b"\n" in text or b"\t" in text or b"\r" in text or has_rare_characters(text)


# ---------------------------------------------------------------- Parquet


def _parquet_sheet(received: Received, connection: DuckDBPyConnection) -> RawSheet:
    source = f"read_parquet({file_literal(received.path)}, file_row_number = true, hive_partitioning = false)"
    try:
        described = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    except Exception as error:
        raise BadInput(
            "The Parquet file cannot be read: it is damaged or cut off.", file=received.name, do="fetch it again."
        ) from error
    headers = tuple(row[0] for row in described if row[0] != "file_row_number")
    cells = ", ".join(f"CAST({identifier(header)} AS VARCHAR) AS c{place}" for place, header in enumerate(headers))
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW raw_sheet AS SELECT {cells},"
        f" CAST(file_row_number + 2 AS INTEGER) AS source_row FROM {source}"
    )
    return RawSheet(
        name=received.path.stem,
        table="raw_sheet",
        head=(headers,),
        width=len(headers),
        starts_after_header=True,
        rare=frozenset(range(len(headers))),
    )


# ---------------------------------------------------------------- text


def _text_sheet(
    received: Received, connection: DuckDBPyConnection, spill: Path, *, kind: str, forced: Layout | None
) -> RawSheet:
    encoding = received.encoding or "utf-8"
    sample = _sample(received, encoding)
    delimiter, head = _delimiter_of(sample, received, kind=kind, forced=forced)
    match = match_header(head, kind=kind, forced=forced)  # refuses nothing: that was done where the delimiter was found
    if match is None:
        _refuse_too_long_head(received, head)
        return RawSheet(name=received.path.stem, table="", head=head, width=max(map(len, head), default=0))
    width = len(head[match.row - 1])
    preamble_is_plain = all("\n" not in (cell or "") for row in head[: match.row] for cell in row)
    is_plain = (
        encoding == "utf-8" and received.line_end is not None and not received.has_odd_quotes and preamble_is_plain
    )
    if is_plain and (loaded := _load_fast(connection, received, delimiter=delimiter, skip=match.row, width=width)):
        return RawSheet(
            name=received.path.stem,
            table="raw_sheet",
            head=head,
            width=width,
            starts_after_header=True,
            rare=frozenset(range(width)) if received.has_rare or loaded.has_odd_blanks else frozenset(),
            may_have_long_cells=received.has_long_line or loaded.has_line_ends,
        )
    too_wide, too_narrow = _load_exactly(
        connection, received, spill, encoding=encoding, delimiter=delimiter, skip=match.row, width=width
    )
    return RawSheet(
        name=received.path.stem,
        table="raw_sheet",
        head=head,
        width=width,
        starts_after_header=True,
        rare=frozenset(range(width)),
        too_wide=tuple(too_wide),
        too_narrow=tuple(too_narrow),
    )


def _refuse_too_long_head(received: Received, head: Sequence[Sequence[str | None]]) -> None:
    for number, row in enumerate(head, start=1):
        if any(len(cell or "") > LONGEST_CELL for cell in row):
            raise too_long_cell(received.name, None, number)


def _sample(received: Received, encoding: str) -> str:
    with received.path.open("r", encoding=_decoding(encoding), newline="", errors="replace") as opened:
        return opened.read(_SAMPLE_CHARACTERS)


def _decoding(encoding: str) -> str:
    """Return the codec that also swallows a byte order mark."""
    return "utf-8-sig" if encoding == "utf-8" else encoding


def _delimiter_of(
    sample: str, received: Received, *, kind: str, forced: Layout | None
) -> tuple[str, tuple[tuple[str | None, ...], ...]]:
    """Return the delimiter under which a header is found, comma or tab, and the first rows read with it."""
    heads = {delimiter: _head_rows(sample, delimiter) for delimiter in (",", "\t")}
    refusal: BadInput | None = None
    found: list[tuple[int, str]] = []
    for delimiter, head in heads.items():
        try:
            match = match_header(head, kind=kind, forced=forced)
        except BadInput as unknown_layout:
            refusal = unknown_layout
            continue
        if match is not None:
            found.append((len(match.columns), delimiter))
    if found:
        delimiter = max(found)[1]
        return delimiter, heads[delimiter]
    for wrong in (";", "|"):
        try:
            wrongly_parted = match_header(_head_rows(sample, wrong), kind=kind, forced=forced) is not None
        except BadInput:
            wrongly_parted = True
        if wrongly_parted:
            raise BadInput(
                f"The columns are parted by '{wrong}', not by a comma or a tab.",
                file=received.name,
                do="save the file with commas or tabs between the columns.",
            )
    if refusal is not None:
        raise refusal.at(file=received.name)
    return ",", heads[","]


def _head_rows(sample: str, delimiter: str) -> tuple[tuple[str | None, ...], ...]:
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    _allow_long_cells()
    return tuple(tuple(_cut(cell) for cell in row) for row in islice(reader, HEADER_SEARCH_ROWS))


def _cut(cell: str | None) -> str | None:
    """Return a cell of the first rows, cut where no cell can be so long: looking for headers must stay quick."""
    return cell[: LONGEST_CELL + 1] if cell else cell


def _allow_long_cells() -> None:
    """Let the csv module read every cell of a sample; what is too long is refused later, with its place.

    The limit is one for the whole process, in which several files are read at once, so that it is only ever raised.
    """
    csv.field_size_limit(max(csv.field_size_limit(), _SAMPLE_CHARACTERS + 1))


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A text file that was loaded; tells whether its cells hold line ends, or tabs and line ends."""

    has_line_ends: bool
    has_odd_blanks: bool


def _load_fast(
    connection: DuckDBPyConnection, received: Received, *, delimiter: str, skip: int, width: int
) -> _Loaded | None:
    """Load a well-formed text file with the table engine; None if it finds anything that is not well formed.

    Every line must be accounted for: it is above the data, or ends a record, or stands inside a quoted cell. The engine
    passes over blank lines without a word, and a record that it lost would shift the row numbers.
    """
    # The engine finds \r\n by itself; told of it, it reads nothing at all.
    line_end = {"\n": "new_line = '\\n'", "\r": "new_line = '\\r'"}.get(received.line_end or "")
    options = [f"delim = {literal(delimiter)}", f"skip = {skip}", *([line_end] if line_end else [])]
    source = _csv_source(received.path, [f"c{place}" for place in range(width)], options)
    try:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE raw_lines AS SELECT * FROM {source}")
    except Exception as error:
        if _is_no_matter_of_the_text(error):
            raise
        return None
    counted = connection.execute("SELECT count(*) FROM raw_lines").fetchone()
    records = counted[0] if counted else 0
    inside = received.n_lines - skip - records
    if inside and inside != _lines_inside_cells(connection, width, line_end=received.line_end or "\n"):
        return None
    connection.execute(
        "CREATE OR REPLACE TEMP VIEW raw_sheet AS"
        f" SELECT *, CAST(rowid + {skip + 1} AS INTEGER) AS source_row FROM raw_lines"
    )
    has_tabs = received.has_tab and (delimiter != "\t" or _has_tab_inside_cells(connection, width))
    return _Loaded(has_line_ends=inside > 0, has_odd_blanks=inside > 0 or has_tabs)


def _csv_source(path: Path, columns: Sequence[str], options: Sequence[str]) -> str:
    """Return SQL for a text file, all cells as text, in which anything that is not well formed is an error."""
    listed = ", ".join(f"'{name}': 'VARCHAR'" for name in columns)
    fixed = (
        "auto_detect = false, hive_partitioning = false, header = false, quote = '\"', escape = '\"',"
        " strict_mode = true, null_padding = false, max_line_size = 8000000"
    )
    return f"read_csv({file_literal(path)}, {fixed}, columns = {{{listed}}}, {', '.join(options)})"


def _lines_inside_cells(connection: DuckDBPyConnection, width: int, *, line_end: str) -> int:
    """Count the line ends that quoted cells hold."""
    sign = f"chr({ord(line_end[-1])})"
    counted = " + ".join(
        f"coalesce(sum(length(c{place}) - length(replace(c{place}, {sign}, ''))), 0)" for place in range(width)
    )
    row = connection.execute(f"SELECT {counted} FROM raw_lines").fetchone()
    return int(row[0]) if row else 0


def _has_tab_inside_cells(connection: DuckDBPyConnection, width: int) -> bool:
    found = " OR ".join(f"contains(c{place}, chr(9))" for place in range(width))
    row = connection.execute(f"SELECT count(*) > 0 FROM raw_lines WHERE {found}").fetchone()
    return bool(row and row[0])


def _is_no_matter_of_the_text(error: Exception) -> bool:
    """Tell whether the disk is full, or Ctrl-C was pressed."""
    return any(words in str(error) for words in ("No space left", "Could not write", "Interrupted!"))


def _load_exactly(
    connection: DuckDBPyConnection,
    received: Received,
    spill: Path,
    *,
    encoding: str,
    delimiter: str,
    skip: int,
    width: int,
) -> tuple[list[int], list[int]]:
    """Load any text file record by record, and return the numbers of the records with too many or too few cells."""
    copied = spill / "records.csv"
    too_wide: list[int] = []
    too_narrow: list[int] = []
    _allow_long_cells()
    with (
        received.path.open("r", encoding=_decoding(encoding), newline="") as opened,
        copied.open("w", encoding="utf-8", newline="") as written,
    ):
        reader = csv.reader(opened, delimiter=delimiter, strict=True)
        writer = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\n")
        number = 0
        try:
            for number, row in enumerate(reader, start=1):
                if number <= skip:
                    continue
                if len(row) == width or not row:
                    writer.writerow([number, *(row or [""] * width)])
                elif len(row) > width and not any(cell.strip() for cell in row[width:]):
                    writer.writerow([number, *row[:width]])
                else:
                    (too_wide if len(row) > width else too_narrow).append(number)
        except csv.Error as error:
            raise _unreadable_record(error, received, number + 1) from error
    columns = ["source_row", *(f"c{place}" for place in range(width))]
    source = _csv_source(copied, columns, ["delim = ','", "new_line = '\\n'"])
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE raw_sheet AS"
        f" SELECT * REPLACE (CAST(source_row AS INTEGER) AS source_row) FROM {source}"
    )
    copied.unlink()
    return too_wide, too_narrow


def _unreadable_record(error: csv.Error, received: Received, number: int) -> BadInput:
    if "field limit" in str(error):
        return too_long_cell(received.name, None, number)
    if "unexpected end of data" in str(error):
        what = "A quotation mark is opened and never closed: the file was cut off or a cell holds a stray quote."
    else:
        what = "A quotation mark stands where none can be, so that the cells after it cannot be told apart."
    return BadInput(what, file=received.name, row=number, do="mend the row, or fetch the file again.")


def too_long_cell(file: str, sheet: str | None, row: int | None, column: str | None = None) -> BadInput:
    """Return the refusal of a cell that is longer than a spreadsheet cell can be."""
    return BadInput(
        f"A cell is longer than {LONGEST_CELL:,} characters, the most that a spreadsheet cell can hold.",
        file=file,
        sheet=sheet,
        row=row,
        column=column,
        do="look for a quotation mark that is never closed, or for two files run together.",
    )
