"""How often answers of each rule are right, measured on facilities whose place is known."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


def chance(question: str, rule: str) -> float:
    """Return the share of a rule's answers that are right, 0 to 1.

    ``question`` is ``county`` or ``level``. The share is (right + 1/2) / (answers + 1) of the table
    ``reference/confidence.csv``, which draws few answers towards one half. Where the table has no such rule, that of
    the longest beginning of its name is taken (``town-in-name`` for ``town-in-name-state``), else that of all rules
    that answer the question.
    """
    table = _table()
    parts = rule.split("-")
    for count in range(len(parts), -1, -1):
        if (found := table.get((question, "-".join(parts[:count])))) is not None:
            return found
    raise KeyError(question)


@cache
def _table() -> Mapping[tuple[str, str], float]:
    source = files(__package__).joinpath("reference/confidence.csv")
    with source.open("r", encoding="utf-8") as opened:
        return {
            (row["question"], row["rule"]): (int(row["right"]) + 0.5) / (int(row["answers"]) + 1)
            for row in csv.DictReader(opened)
        }
