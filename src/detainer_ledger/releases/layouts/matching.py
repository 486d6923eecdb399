"""Finding the header of a sheet and the layout it belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from detainer_ledger.releases.layouts.layout import (
    HEADER_SEARCH_ROWS,
    Layout,
    LayoutColumn,
    fold_header,
    layouts,
)
from detainer_ledger.terms import BadInput

ENOUGH_KNOWN_NAMES = 3
"""A row is taken for a header if it holds at least this many names of one layout (domain reference 5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedColumn:
    """A column of the file that the layout knows: its 0-based ``position`` and its description."""

    position: int
    column: LayoutColumn


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderMatch:
    """A header that was found: ``row`` (1-based), the layout, and how the file's columns fall to it."""

    row: int
    layout: Layout
    columns: tuple[MatchedColumn, ...]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    width: int


def match_header(
    rows: Sequence[Sequence[str | None]], *, kind: str = "detainers", forced: Layout | None = None
) -> HeaderMatch | None:
    """Find the header in the first ``rows`` of a sheet and the layout that it fits best.

    Returns None if no row holds enough known names: the sheet has no header. Raises BadInput, naming the nearest
    layout and the columns that differ, if a header was found that fits no layout of ``kind`` (or not ``forced``).
    """
    candidates = [forced] if forced else [each for each in layouts().values() if each.kind == kind]
    matches = _fits(rows, candidates)
    if not matches:
        return None
    fitting = [match for match in matches if _identified(match)] or ([] if not forced else matches)
    if not fitting:
        others = _fits(rows, [each for each in layouts().values() if each.kind != kind])
        if known := [match for match in others if _identified(match)]:
            raise _other_kind(max(known, key=_closeness).layout.kind, kind)
        raise _unknown_layout(max(matches, key=_closeness))
    return max(fitting, key=_closeness)


def _fits(rows: Sequence[Sequence[str | None]], candidates: Sequence[Layout]) -> list[HeaderMatch]:
    """Return how each row that has enough known names of a layout falls to it."""
    found = []
    for number, row in enumerate(rows[:HEADER_SEARCH_ROWS], start=1):
        folded = [fold_header(cell or "") for cell in row]
        for each in candidates:
            # Most rows are data, in which hardly a cell is the name of a column.
            names = _names(each.id)
            if sum(cell in names for cell in folded) < min(ENOUGH_KNOWN_NAMES, len(each.columns)):
                continue
            match = _fit(number, row, folded, each)
            if len(match.columns) >= min(ENOUGH_KNOWN_NAMES, len(each.columns)):
                found.append(match)
    return found


def _fit(number: int, row: Sequence[str | None], folded_row: Sequence[str], described: Layout) -> HeaderMatch:
    """Assign the columns of one row to the columns of one layout."""
    spellings = _spellings(described.id)
    seen: dict[str, int] = {}
    taken: dict[str, MatchedColumn] = {}
    unknown: list[str] = []
    for position, (cell, folded) in enumerate(zip(row, folded_row, strict=True)):
        if not folded:
            continue
        seen[folded] = seen.get(folded, 0) + 1
        column = spellings.get((folded, seen[folded]))
        if column is None or column.name in taken:
            unknown.append((cell or "").strip())
        else:
            taken[column.name] = MatchedColumn(position=position, column=column)
    missing = [column.header for column in described.columns if column.name not in taken and not column.optional]
    return HeaderMatch(
        row=number,
        layout=described,
        columns=tuple(taken.values()),
        unknown=tuple(unknown),
        missing=tuple(missing),
        width=len(row),
    )


@cache
def _spellings(layout_id: str) -> dict[tuple[str, int], LayoutColumn]:
    return {
        (spelling, column.occurrence): column
        for column in reversed(layouts()[layout_id].columns)
        for spelling in column.spellings()
    }


@cache
def _names(layout_id: str) -> frozenset[str]:
    return frozenset(spelling for spelling, _occurrence in _spellings(layout_id))


def _identified(match: HeaderMatch) -> bool:
    """Tell whether all the headers that identify the layout are there."""
    present = {spelling for matched in match.columns for spelling in matched.column.spellings()}
    return all(fold_header(header) in present for header in match.layout.identified_by)


def _closeness(match: HeaderMatch) -> tuple[int, int, int]:
    return (len(match.columns), -len(match.missing), -match.row)


_READ_BY = {
    "detainers": "detainer ingest FILE --store DIR",
    "detentions": "detainer link --store DIR --detentions FILE",
    "arrests": "detainer link --store DIR --detentions FILE --arrests FILE",
}


def _other_kind(found: str, wanted: str) -> BadInput:
    return BadInput(f"This is a file of {found}, and {wanted} are read here.", do=f"give it to: {_READ_BY[found]}.")


def _unknown_layout(nearest: HeaderMatch) -> BadInput:
    known_headers = _named(nearest.missing)
    return BadInput(
        f"The layout is not known. The nearest is '{nearest.layout.id}', but the file lacks {known_headers}"
        f" and has columns that it does not know: {_named(nearest.unknown)}.",
        do="if it is that layout all the same, say --layout "
        f"{nearest.layout.id}; a new layout is one short description, see docs/how-to/add-a-layout.md.",
        row=nearest.row,
    )


def _named(headers: Iterable[str], most: int = 8) -> str:
    listed = list(headers)
    if not listed:
        return "none"
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(f"'{header[:60]}'" for header in listed[:most]) + more
