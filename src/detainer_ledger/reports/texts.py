"""Words of the report that are data: labels of outcomes, meanings of defects, the method."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from detainer_ledger.reports.value import Paragraph


@dataclass(frozen=True, slots=True)
class OutcomeText:
    """How an outcome is called and what it means."""

    label: str
    short: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A section of page and PDF: charts, tables, and tables that the page folds.

    ``beside`` are tables too long to be drawn: they stand in the files beside the page.
    """

    id: str
    title: str
    lead: str
    charts: tuple[str, ...]
    tables: tuple[str, ...]
    behind: tuple[str, ...]
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """All of the words: outcomes, defects, reasons for setting rows aside, clocks and denominators by id, the method.

    ``sections`` is the order of page and PDF.
    """

    outcomes: dict[str, OutcomeText]
    defects: dict[str, str]
    set_aside: dict[str, str]
    clocks: dict[str, str]
    denominators: dict[str, str]
    method: tuple[Paragraph, ...]
    sections: tuple[Section, ...]


@cache
def texts() -> Texts:
    """Return the words of the report."""
    raw = tomllib.loads(files(__package__).joinpath("texts.toml").read_text("utf-8"))
    return Texts(
        outcomes={key: OutcomeText(**entry) for key, entry in raw["outcome"].items()},
        defects=raw["defect"],
        set_aside=raw["set_aside"],
        clocks=raw["clock"],
        denominators=raw["denominator"],
        method=tuple(Paragraph(**entry) for entry in raw["method"]),
        sections=tuple(_section(entry) for entry in raw["section"]),
    )


def _section(entry: dict[str, Any]) -> Section:
    lists = {key: tuple(entry.get(key, ())) for key in ("charts", "tables", "behind", "beside")}
    return Section(**{**entry, **lists})
