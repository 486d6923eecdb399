"""One sheet to typed rows: the SQL that reads it, and the account of every row and cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from detainer_ledger.releases.layouts import HeaderMatch, MatchedColumn
from detainer_ledger.releases.sheets import RawSheet, too_long_cell
from detainer_ledger.releases.values import (
    BLANKS,
    CODE_OF,
    CONTROL_CHARACTERS,
    LONGEST_CELL,
    ValueExpression,
    is_redacted,
    text_of,
    value_of,
)
from detainer_ledger.tables import literal, parquet
from detainer_ledger.terms import UNKNOWN_FORM

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Part = Path | str
"""The typed rows of one sheet: a Parquet file, or the name of a table."""

SHEET_NUMBER_STEP = 1 << 32
"""``row_order`` is the sheet's number times this, plus the row: the order of files, sheets and rows in one integer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A row that is no record: its number in the sheet and the reason, such as ``row/blank``."""

    row: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetAccount:
    """What became of every row of one sheet.

    ``rows_seen`` counts the rows after the header, so that ``rows_seen == kept + len(set_aside)``. ``number`` is the
    sheet's place in the order of files and sheets; ``part`` holds its rows, None if it has none. ``redacted_cells`` is
    None where not all columns were read.
    """

    file: str
    sheet: str
    number: int
    layout_id: str | None
    header_row: int | None
    hidden: bool
    rows_seen: int
    kept: int
    set_aside: tuple[SetAside, ...] = ()
    redacted_cells: int | None = 0
    unknown_columns: tuple[str, ...] = ()
    missing_columns: tuple[str, ...] = ()
    withheld_columns: tuple[str, ...] = ()
    part: Part | None = field(default=None, compare=False)


def read_sheet(
    connection: DuckDBPyConnection,
    sheet: RawSheet,
    match: HeaderMatch,
    *,
    file: str,
    number: int,
    part: Part,
    read_on: date,
    columns: frozenset[str] | None = None,
) -> SheetAccount:
    """Write the typed rows of a sheet to ``part`` and return the account of the sheet.

    The part has the layout's columns by their names in our tables and, beside them, ``row_order``, ``source_row``,
    ``defects`` (list of ``kind:column``), ``row_hash`` (of all its published cells, where rows may be marked as
    repeats), ``row_reason`` (why a row is no record, else null) and ``redacted_cells``. ``number`` is the sheet's place
    in the order of files and sheets, from 0; ``read_on`` is the last day on which anything can have happened;
    ``columns`` names the layout's columns to read beside the date of issue, all if None. Raises BadInput for a cell
    that is longer than any spreadsheet cell.
    """
    first_row = 0 if sheet.starts_after_header else match.row
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW data_rows AS SELECT * FROM {sheet.table} WHERE source_row > {first_row}"
    )
    if sheet.may_have_long_cells:
        _refuse_too_long_cells(connection, sheet, match, file=file)
    _look_up_codes(connection, [each for each in match.columns if columns is None or each.column.name in columns])
    typed = typed_rows(sheet, match, number=number, read_on=read_on, columns=columns)
    if isinstance(part, Path):
        connection.execute(f"COPY ({typed}) TO {literal(str(part))} (FORMAT parquet, COMPRESSION lz4_raw)")
    else:
        connection.execute(f"CREATE TABLE {part} AS {typed}")
    seen, redacted = _survey(connection, part, counts_redacted=columns is None)
    set_aside = [
        *_set_aside(connection, part),
        *(SetAside(row=row, reason="row/too-many-cells") for row in sheet.too_wide),
        *(SetAside(row=row, reason="row/too-few-cells") for row in sheet.too_narrow),
    ]
    seen += len(sheet.too_wide) + len(sheet.too_narrow)
    return SheetAccount(
        file=file,
        sheet=sheet.name,
        number=number,
        layout_id=match.layout.id,
        header_row=match.row,
        hidden=sheet.hidden,
        rows_seen=seen,
        kept=seen - len(set_aside),
        set_aside=tuple(sorted(set_aside, key=lambda each: each.row)),
        redacted_cells=redacted,
        unknown_columns=match.unknown,
        missing_columns=match.missing,
        withheld_columns=tuple(each.column.header for each in match.columns if each.column.type == "withheld"),
        part=part,
    )


def unread_sheet(sheet: RawSheet, *, file: str, number: int) -> SheetAccount:
    """Return the account of a sheet without a header: its filled rows are seen, and all of them are set aside."""
    filled = [place for place, row in enumerate(sheet.head, start=1) if any((cell or "").strip() for cell in row)]
    return SheetAccount(
        file=file,
        sheet=sheet.name,
        number=number,
        layout_id=None,
        header_row=None,
        hidden=sheet.hidden,
        rows_seen=len(filled),
        kept=0,
        set_aside=tuple(SetAside(row=row, reason="sheet/no-header") for row in filled),
    )


def typed_rows(
    sheet: RawSheet, match: HeaderMatch, *, number: int, read_on: date, columns: frozenset[str] | None
) -> str:
    """Return the SQL that types the view ``data_rows``: cleaned texts, then parsed values, then values and defects."""
    asked = [each for each in match.columns if columns is None or each.column.name in columns | {"issued_on"}]
    read = [each for each in asked if each.column.type != "withheld"]
    coded = [each for each in read if each.column.name in CODE_OF]
    expressions = [value_of(each.column, layout=match.layout, read_on=read_on) for each in read]
    names = {each.name for each in expressions}
    joins = "".join(
        f" LEFT JOIN codes_{each.column.name} ON codes_{each.column.name}.spelling = c{each.position}" for each in coded
    )
    cleaned = {
        "source_row": "source_row",
        "row_reason": _reason(sheet, match),
        "is_alone": _is_alone(sheet, match),
        "has_control": _has_control(sheet),
        "row_hash": _row_hash(sheet) if match.layout.marks_duplicates and "person_key" in names else "NULL::UBIGINT",
    }
    if columns is None:
        redacted = (f"CAST({is_redacted(f'c{each.position}')} AS INTEGER)" for each in asked)
        cleaned["redacted_cells"] = " + ".join(redacted)
    cleaned |= {f"code_{each.column.name}": f"codes_{each.column.name}.code" for each in coded}
    cleaned |= {
        f"t_{each.column.name}": text_of(f"c{each.position}", look_closely=each.position in sheet.rare) for each in read
    }
    reason = next((each.position for each in read if each.column.name == "lift_reason_raw"), None)
    if reason is not None:
        cleaned["reason_is_redacted"] = is_redacted(f"c{reason}")
    parsed = {f"v_{each.name}": each.parsed for each in expressions}
    values = {
        "row_order": f"CAST({number} * {SHEET_NUMBER_STEP} + source_row AS BIGINT)",
        "source_row": "source_row",
        "row_reason": "row_reason"
        if "issued_on" not in names
        else "CASE WHEN is_alone AND v_issued_on IS NULL THEN 'row/not-a-record' ELSE row_reason END",
        **{each.name: each.value for each in expressions},
    }
    if reason is not None:
        values["lift_reason"] = "code_lift_reason_raw"
    if "form_raw" in names:
        values["form"] = f"coalesce(code_form_raw, '{UNKNOWN_FORM}')"
    values |= {"defects": _defect_list(expressions), "row_hash": "row_hash"}
    if columns is None:
        values["redacted_cells"] = "redacted_cells"
    return (
        f"SELECT {_named(values)} FROM (SELECT *, {_named(parsed)} FROM ("
        f"SELECT {_named(cleaned)} FROM data_rows{joins}))"
    )


def _named(expressions: Mapping[str, str]) -> str:
    return ", ".join(f"{sql} AS {name}" for name, sql in expressions.items())


def _cells(sheet: RawSheet) -> list[str]:
    return [f"c{place}" for place in range(sheet.width)]


def _row_hash(sheet: RawSheet) -> str:
    """Return SQL for a 64-bit digest of all cells.

    It is only ever compared among rows of one identifier, so that two different rows are taken for equal about once in
    10^18 pairs.
    """
    return f"hash({', '.join(_cells(sheet))})"


def _has_control(sheet: RawSheet) -> str:
    if not sheet.rare:
        return "FALSE"
    cells = ", ".join(f"c{place}" for place in sorted(sheet.rare))
    return f"regexp_matches(concat_ws(' ', {cells}), {literal(CONTROL_CHARACTERS)})"


def _reason(sheet: RawSheet, match: HeaderMatch) -> str:
    """Return SQL for why a row is no record as far as its cells tell: blank, or the header again."""
    headers = [(each.position, sheet.head[match.row - 1][each.position]) for each in match.columns[:4]]
    repeated = " AND ".join(f"c{position} = {literal(text)}" for position, text in headers)
    return (
        f"CASE WHEN {repeated} THEN 'row/repeated-header' WHEN {_is_filled(_cells(sheet))} THEN NULL"
        f" WHEN {_content(sheet)} = '' THEN 'row/blank' END"
    )


def _is_alone(sheet: RawSheet, match: HeaderMatch) -> str:
    """Return SQL that tells whether the date's cell is the only one with content, as that of a remark or a total is."""
    issued = next((each.position for each in match.columns if each.column.name == "issued_on"), None)
    if issued is None:
        return "FALSE"
    cell = f"c{issued}"
    others = [other for other in _cells(sheet) if other != cell]
    return (
        f"CASE WHEN {_is_filled(others)} OR {cell} LIKE '____-__-__%' THEN FALSE"
        f" ELSE {_content(sheet)} = trim({cell}, {literal(BLANKS)}) END"
    )


def _is_filled(cells: Sequence[str]) -> str:
    """Return SQL that is true where any of the cells begins with a printable character, which decides most rows."""
    return " OR ".join(f"({cell} >= '!' AND {cell} <= '~')" for cell in cells) or "FALSE"


def _content(sheet: RawSheet) -> str:
    """Return SQL for all text of a row without outer blanks."""
    return f"trim(concat_ws('', {', '.join(_cells(sheet))}), {literal(BLANKS)})"


def _defect_list(expressions: Sequence[ValueExpression]) -> str:
    """Return SQL for the list of the row's defects, each ``kind:column``; an empty list where there are none."""
    defects = [pair for expression in expressions for pair in expression.defects]
    defects.append(("text/control-character:", "has_control"))
    cases = ", ".join(f"CASE WHEN {condition} THEN {literal(name)} END" for name, condition in defects)
    any_defect = " OR ".join(f"({condition})" for _, condition in defects)
    return f"CASE WHEN {any_defect} THEN list_filter([{cases}], lambda each: each IS NOT NULL) ELSE [] END"


def _look_up_codes(connection: DuckDBPyConnection, columns: Sequence[MatchedColumn]) -> None:
    """Make one small table of raw cell and code for each column whose distinct values are few."""
    for each in columns:
        code_of = CODE_OF.get(each.column.name)
        if code_of is None:
            continue
        cell = f"c{each.position}"
        distinct = connection.execute(f"SELECT DISTINCT {cell} FROM data_rows WHERE {cell} IS NOT NULL").fetchall()
        known = [(raw, code) for (raw,) in distinct if (code := code_of(raw)) is not None]
        table = f"codes_{each.column.name}"
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} (spelling VARCHAR, code VARCHAR)")
        if known:
            rows = ", ".join(f"({literal(raw)}, {literal(code)})" for raw, code in known)
            connection.execute(f"INSERT INTO {table} VALUES {rows}")


def rows_in(parts: Sequence[Part]) -> str:
    """Return SQL for the rows of all parts, those set aside among them, under one set of columns."""
    files = [part for part in parts if isinstance(part, Path)]
    tables = [f"FROM {part}" for part in parts if not isinstance(part, Path)]
    return f"({' UNION ALL BY NAME '.join([f'FROM {parquet(files)}'] * bool(files) + tables)})"


def _survey(connection: DuckDBPyConnection, part: Part, *, counts_redacted: bool) -> tuple[int, int | None]:
    redacted = "coalesce(sum(redacted_cells), 0)" if counts_redacted else "NULL"
    row = connection.execute(f"SELECT count(*), {redacted} FROM {rows_in([part])}").fetchone()
    count, found = row or (0, 0)
    return int(count), None if found is None else int(found)


def _set_aside(connection: DuckDBPyConnection, part: Part) -> list[SetAside]:
    rows = connection.execute(
        f"SELECT source_row, row_reason FROM {rows_in([part])} WHERE row_reason IS NOT NULL ORDER BY source_row"
    ).fetchall()
    return [SetAside(row=int(row), reason=str(reason)) for row, reason in rows]


def _refuse_too_long_cells(connection: DuckDBPyConnection, sheet: RawSheet, match: HeaderMatch, *, file: str) -> None:
    """Raise for the first column in which a cell is longer than a spreadsheet cell can be."""
    longest = connection.execute(
        f"SELECT {', '.join(f'max(strlen({cell}))' for cell in _cells(sheet))} FROM data_rows"
    ).fetchone()
    for place, length in enumerate(longest or ()):
        # strlen counts bytes, which is quick; only where it is large are the characters counted.
        if (length or 0) <= LONGEST_CELL:
            continue
        row = connection.execute(
            f"SELECT min(source_row) FROM data_rows WHERE length(c{place}) > {LONGEST_CELL}"
        ).fetchone()
        if row and row[0] is not None:
            raise too_long_cell(file, sheet.name, int(row[0]), sheet.head[match.row - 1][place])
