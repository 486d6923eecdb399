"""Tables and code as text of Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence


def table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table in Markdown; empty cells are dashes, bars and angle brackets in cells are escaped."""
    lines = [_line(headers), _line(["---"] * len(headers))]
    lines += [_line([_cell(cell) for cell in row]) for row in rows]
    return "\n".join(lines)


def code(text: object) -> str:
    """Return text as code."""
    return f"`{text}`"


def listed(values: Iterable[object]) -> str:
    """Return values as code, parted by commas; a dash for none."""
    return ", ".join(code(value) for value in values) or "–"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(value: object) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = re.sub(r"\s+", " ", str(value)).strip().replace("|", "\\|")
    return text if "`" in text else text.replace("<", "&lt;")
