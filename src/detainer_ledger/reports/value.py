"""The report as a frozen value: tables with meanings, and the sentences composed from their cells.

Page, PDF, text, Parquet and workbook are all drawn from this value, so that none of them can say something else.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeAlias

Cell: TypeAlias = int | float | str | date | None
"""A typed value of a table. None is what does not apply or is not known; it is drawn as a dash."""

MAX_TEXT = 200
"""Longer texts of a source are cut in a report, and end in CUT_MARK."""

CUT_MARK = " […]"


class Kind(StrEnum):
    """What a column holds, which decides how it is drawn and exported."""

    TEXT = "text"
    RAW = "raw"
    CODE = "code"
    COUNT = "count"
    SHARE = "share"
    YEAR = "year"
    DAY = "day"

    @property
    def is_number(self) -> bool:
        """Whether cells are drawn flush right."""
        return self in {Kind.COUNT, Kind.SHARE, Kind.YEAR}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``name`` in exports, ``label`` where it is drawn, what it means, its kind and unit.

    ``under`` names the column in whose cells this one is drawn as a second line; ``group`` is a heading above several
    columns that stand side by side.
    """

    name: str
    label: str
    meaning: str
    kind: Kind = Kind.COUNT
    unit: str | None = None
    under: str | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportTable:
    """A table of a report. ``caption`` says what is counted, ``note`` how to read it, ``empty`` what no rows mean."""

    id: str
    title: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    empty: str = "There is nothing to show."

    def column(self, name: str) -> Column:
        """Return a column by its name. Raises KeyError if there is none."""
        return self.columns[self._place(name)]

    def records(self) -> list[dict[str, Cell]]:
        """Return the rows by column name."""
        names = [column.name for column in self.columns]
        return [dict(zip(names, row, strict=True)) for row in self.rows]

    def cell(self, key: Cell, name: str) -> Cell:
        """Return the cell in column ``name`` of the row whose first cell is ``key``. Raises KeyError for none."""
        place = self._place(name)
        for row in self.rows:
            if row[0] == key:
                return row[place]
        raise KeyError(f"{self.id} has no row {key!r}")

    def count(self, key: Cell, name: str) -> int:
        """Return a cell that is a count, 0 where it is empty."""
        value = self.cell(key, name)
        return value if isinstance(value, int) else 0

    def values(self, name: str) -> list[Cell]:
        """Return all cells of a column."""
        place = self._place(name)
        return [row[place] for row in self.rows]

    def _place(self, name: str) -> int:
        for place, column in enumerate(self.columns):
            if column.name == name:
                return place
        raise KeyError(f"{self.id} has no column {name!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFigure:
    """A figure in large type: a formatted cell, what it is, and the condition under which it holds."""

    text: str
    label: str
    condition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A titled paragraph of the method; ``formula`` stands on a line of its own."""

    title: str
    text: str
    formula: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file that the report rests on."""

    name: str
    sha256: str
    is_synthetic: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRelease:
    """A release that the report rests on: its files, layout, first and last day of issue, and kept rows."""

    release_id: str
    layout: str
    files: tuple[SourceFile, ...]
    issued_first: date | None
    issued_last: date | None
    rows: int
    read_at: str
    program_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report. ``start`` and ``end`` are the period asked for, ``issued_first`` and ``issued_last`` what is in it."""

    title: str
    subtitle: str
    created_at: datetime
    command: str
    program_version: str
    start: date | None
    end: date | None
    issued_first: date | None
    issued_last: date | None
    releases: tuple[ReportRelease, ...]
    key_figures: tuple[KeyFigure, ...]
    headline: tuple[str, ...]
    warnings: tuple[str, ...]
    tables: tuple[ReportTable, ...]
    method: tuple[Paragraph, ...]
    citation: str
    is_synthetic: bool

    def table(self, table_id: str) -> ReportTable:
        """Return a table by its id. Raises KeyError if there is none."""
        for table in self.tables:
            if table.id == table_id:
                return table
        raise KeyError(f"the report has no table {table_id!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFiles:
    """Where a written report is. ``tables`` has every CSV and Parquet file."""

    folder: Path
    page: Path
    pdf: Path
    workbook: Path
    tables: tuple[Path, ...]
    datapackage: Path
    provenance: Path
    readme: Path


def table_of(
    table_id: str,
    title: str,
    caption: str,
    columns: Sequence[Column],
    records: Iterable[Mapping[str, Any]],
    *,
    note: str = "",
    empty: str = "There is nothing to show.",
) -> ReportTable:
    """Build a table from records by column name; columns that a record lacks are empty, texts are made harmless."""
    rows = tuple(tuple(_cell(record.get(column.name)) for column in columns) for record in records)
    return ReportTable(
        id=table_id, title=title, caption=caption, columns=tuple(columns), rows=rows, note=note, empty=empty
    )


def plain_text(text: str) -> str:
    """Return a source's text as reports show it: signs that are not seen are spelled out, and the length is limited.

    >>> plain_text("bell" + chr(7))
    'bell[U+0007]'
    """
    return seen_text(text[:MAX_TEXT] + CUT_MARK if len(text) > MAX_TEXT else text)


def seen_text(text: str) -> str:
    """Return a text of any length in which signs that are not seen are spelled out."""
    return "".join(f"[U+{ord(sign):04X}]" if _is_unseen(sign) else sign for sign in text)


def _is_unseen(sign: str) -> bool:
    # Control, formatting, private, unassigned and lone surrogate code points, and line separators: Excel's XML forbids
    # the first, and the others can turn a text round or hide part of it.
    return sign != " " and unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def _cell(value: Any) -> Cell:
    if isinstance(value, str):
        return plain_text(value)
    if value is None or isinstance(value, int | float | date):
        return value
    raise TypeError(f"a report has no cells of {type(value).__name__}")
