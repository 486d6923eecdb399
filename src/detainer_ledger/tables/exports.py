"""Writing rows where people open them: CSV that no spreadsheet program will run as formulas, and JSON."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def is_formula(text: str) -> bool:
    """Tell whether a spreadsheet program could run a text as a formula. Source of the signs: OWASP, CSV Injection."""
    return text.lstrip(" ").startswith(_STARTS_FORMULA) or text.lstrip().startswith(_STARTS_FORMULA)


def harmless(cell: Any) -> Any:
    """Return a cell as it can stand in a spreadsheet: text that would start a formula gets an apostrophe before it.

    Numbers stay numbers.
    """
    # A letter or a digit, with which most texts begin, is decided at once.
    if not isinstance(cell, str) or cell[:1].isalnum() or not is_formula(cell):
        return cell
    return "'" + cell


def write_csv(target: TextIO, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows as CSV with a header; null is an empty cell, and no cell starts a formula."""
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([harmless(row[name]) for name in columns] for row in rows)


def write_json(target: TextIO, value: Any) -> None:
    """Write a value as indented JSON, days as ISO text."""
    json.dump(value, target, indent=1, ensure_ascii=False, default=str)
    target.write("\n")
