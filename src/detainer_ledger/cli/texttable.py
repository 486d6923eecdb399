"""Plain tables for a terminal: numbers to the right, text to the left, nothing drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def text_table(
    columns: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    *,
    shares: frozenset[str] = frozenset(),
    labels: frozenset[str] = frozenset(),
) -> str:
    """Return rows as aligned lines under their column names.

    ``shares`` are shown in percent with one decimal; ``labels`` as they are, so that a year is not parted by a comma.
    """
    cells = [
        [
            str(row[name])
            if name in labels and row[name] is not None
            else _shown(row.get(name), is_share=name in shares)
            for name in columns
        ]
        for row in rows
    ]
    widths = [max([len(name), *(len(line[place]) for line in cells)]) for place, name in enumerate(columns)]
    numeric = [
        any(row.get(name) is not None for row in rows)
        and all(isinstance(row.get(name), int | float | None) for row in rows)
        for name in columns
    ]
    lines = [_line(list(columns), widths, numeric), _line(["-" * width for width in widths], widths, numeric)]
    lines += [_line(line, widths, numeric) for line in cells]
    return "\n".join(lines)


def _line(cells: Sequence[str], widths: Sequence[int], numeric: Sequence[bool]) -> str:
    padded = [
        cell.rjust(width) if right else cell.ljust(width)
        for cell, width, right in zip(cells, widths, numeric, strict=True)
    ]
    return "  ".join(padded).rstrip()


def _shown(value: Any, *, is_share: bool) -> str:
    if value is None:
        return "-"
    if is_share and isinstance(value, float):
        return f"{value:.1%}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return "".join(sign if sign.isprintable() else "?" for sign in str(value))
