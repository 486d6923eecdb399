"""Tables as they are drawn, in text: the same for the page and the PDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from detainer_ledger.reports.formats import shown
from detainer_ledger.reports.value import Cell, Column, Kind, ReportTable


@dataclass(frozen=True, slots=True)
class HeadView:
    """A heading: its text, whether numbers stand below it, and the heading above it, if any."""

    label: str
    is_number: bool
    group: str
    kind: str


@dataclass(frozen=True, slots=True)
class CellView:
    """A drawn cell: its text, and the smaller lines under it."""

    text: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableView:
    """A drawn table. ``groups`` are headings above columns with how many each spans, the empty one for none."""

    id: str
    title: str
    caption: str
    note: str
    empty: str
    heads: tuple[HeadView, ...]
    groups: tuple[tuple[str, int], ...]
    rows: tuple[tuple[CellView, ...], ...]

    @property
    def has_groups(self) -> bool:
        """Whether there is a second line of headings."""
        return any(label for label, _span in self.groups)


def view_of(table: ReportTable) -> TableView:
    """Return a table as it is drawn. A column of notes is left out where there are none."""
    drawn = [column for column in table.columns if not column.under and not _is_idle(table, column)]
    under = {column.name: [each for each in table.columns if each.under == column.name] for column in drawn}
    places = {column.name: place for place, column in enumerate(table.columns)}

    def cell(row: Sequence[Cell], column: Column) -> CellView:
        lines = [(each, row[places[each.name]]) for each in under[column.name]]
        return CellView(
            text=shown(row[places[column.name]], column.kind),
            lines=tuple(_line(each, value) for each, value in lines if value is not None),
        )

    heads = tuple(
        HeadView(column.label, column.kind.is_number, column.group or "", column.kind.value) for column in drawn
    )
    return TableView(
        id=table.id,
        title=table.title,
        caption=table.caption,
        note=table.note,
        empty=table.empty,
        heads=heads,
        groups=tuple((label, len(list(each))) for label, each in groupby(heads, key=lambda head: head.group)),
        rows=tuple(tuple(cell(row, column) for column in drawn) for row in table.rows),
    )


def _is_idle(table: ReportTable, column: Column) -> bool:
    return column.name == "note" and all(value is None for value in table.values("note"))


def _line(column: Column, value: Cell) -> str:
    text = shown(value, column.kind)
    return f"{column.label} {text}" if column.label.endswith(":") and column.kind is Kind.TEXT else text
