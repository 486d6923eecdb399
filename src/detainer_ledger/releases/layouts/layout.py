"""The layout descriptions, read from TOML and checked when they are loaded."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from detainer_ledger.terms import BadInput

HEADER_SEARCH_ROWS = 20
"""The header is looked for in this many first rows of a sheet (domain reference 5)."""

TYPES = frozenset(
    {"text", "date", "timestamp", "number", "yes_no", "state", "form", "lift_reason", "identifier", "withheld"}
)
"""What a column can hold. ``withheld`` columns are recognised and never ingested."""

KINDS = frozenset({"detainers", "detentions", "arrests"})
"""What the rows of a layout are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutColumn:
    """One published column: ``header`` and ``aliases`` as written, ``name`` in our tables, ``type`` (see TYPES).

    ``occurrence`` tells which of several columns with the same header is meant, counted from 1 and from the left.
    """

    header: str
    name: str
    type: str
    aliases: tuple[str, ...] = ()
    occurrence: int = 1
    optional: bool = False
    note: str = ""

    def spellings(self) -> tuple[str, ...]:
        """Return the folded spellings under which the column is known."""
        return tuple(fold_header(text) for text in (self.header, *self.aliases))


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One layout. ``issued_from`` and ``issued_to`` are the release's own window, inclusive, None where open.

    ``identified_by`` names headers that a file must have to be recognised; ``marks_duplicates`` says whether rows
    may be marked as repeats (never where the release has no identifier).
    """

    id: str
    kind: str
    title: str
    source: str
    identified_by: tuple[str, ...]
    columns: tuple[LayoutColumn, ...]
    issued_from: date | None = None
    issued_to: date | None = None
    marks_duplicates: bool = False
    notes: tuple[str, ...] = ()

    def column(self, name: str) -> LayoutColumn | None:
        """Return the column of this name in our tables, None where the layout has none."""
        return next((column for column in self.columns if column.name == name), None)


def fold_header(text: str) -> str:
    """Return a header as headers are compared: lower case, everything but letters and digits a single blank.

    >>> fold_header(" Detainer_Prepare  Date ")
    'detainer prepare date'
    """
    return re.sub(r"[^a-z0-9]+", " ", text.lower()).strip()


@cache
def layouts() -> dict[str, Layout]:
    """Return all layouts by id. Raises ValueError with file and column if a description is not sound."""
    found: dict[str, Layout] = {}
    for entry in sorted(files(__package__).iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".toml"):
            described = _checked(entry.name, tomllib.loads(entry.read_text("utf-8")))
            found[described.id] = described
    return found


def layout(layout_id: str) -> Layout:
    """Return one layout. Raises BadInput that lists the known ids if there is none of this id."""
    try:
        return layouts()[layout_id]
    except KeyError:
        raise BadInput(
            f"There is no layout '{layout_id}'.", do="choose one of: " + ", ".join(layouts()) + "."
        ) from None


def _checked(file_name: str, raw: dict[str, Any]) -> Layout:
    """Build a layout and refuse unknown kinds and types, repeated names, and identifying headers without a column."""
    columns = tuple(
        LayoutColumn(**{**entry, "aliases": tuple(entry.get("aliases", ()))}) for entry in raw.pop("columns")
    )
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in raw.items()}
    described = Layout(**values, columns=columns)
    if file_name != f"{described.id}.toml":
        raise ValueError(f"{file_name}: id is '{described.id}', which must be the file's name")
    if described.kind not in KINDS:
        raise ValueError(f"{file_name}: kind '{described.kind}' is none of {sorted(KINDS)}")
    names: set[str] = set()
    for column in columns:
        if column.type not in TYPES:
            raise ValueError(
                f"{file_name}: column '{column.header}' has type '{column.type}', not one of {sorted(TYPES)}"
            )
        if column.name in names:
            raise ValueError(f"{file_name}: the name '{column.name}' stands twice")
        names.add(column.name)
    known = {spelling for column in columns for spelling in column.spellings()}
    for header in described.identified_by:
        if fold_header(header) not in known:
            raise ValueError(f"{file_name}: identified_by names '{header}', which is no column")
    return described
