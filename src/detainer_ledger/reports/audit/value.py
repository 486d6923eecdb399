"""The report of an audit as a frozen value: page, PDF and JSON are all drawn from it.

Texts are paragraphs of *runs*. What the public edition withholds is not in this value at all: a withheld run has the
reason in the place of the words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from detainer_ledger.audit.values import Evaluation, Frame, Programme, Results, Sample
from detainer_ledger.reports.charts import Chart


class Edition(StrEnum):
    """Whom a report is for: everybody, or those who may read the marked passages."""

    PUBLIC = "public"
    FULL = "full"


class UnitsShown(StrEnum):
    """Whether the ids of the files that were drawn stand in the report."""

    SHOWN = "shown"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """What a report rests on: everything that the steps of an audit wrote, of one frame, sample and programme.

    ``digests`` are the SHA-256 of the files by name.
    """

    frame: Frame
    sample: Sample
    programme: Programme
    results: Results
    evaluation: Evaluation
    digests: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a paragraph. ``figure`` is the row that a figure comes from, "" for words.

    ``reason`` is why a passage is marked, "" where it is not; where ``is_withheld``, ``text`` tells that reason alone.
    """

    text: str
    figure: str = ""
    reason: str = ""
    is_withheld: bool = False


Paragraph: TypeAlias = tuple[Run, ...]
Text: TypeAlias = tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """A heading of a table: ``width`` is a share of the text's width in the PDF."""

    label: str
    width: float = 1.0
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its text, smaller lines under it, and the place within the report that it leads to."""

    text: str
    lines: tuple[str, ...] = ()
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table.

    ``anchors`` name the rows that others lead to, () if none do; ``abreast`` is how often it stands side by side on
    paper, for long lists of little.
    """

    id: str
    title: str
    caption: str
    heads: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]
    anchors: tuple[str, ...] = ()
    abreast: int = 1
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A figure in large type: what it is, the condition under which it holds, and the row that it comes from."""

    text: str
    label: str
    condition: str
    figure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementShown:
    """An element of a finding under its name; where ``is_absent``, the text says why there is none."""

    label: str
    text: Text
    is_absent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingShown:
    """A finding as it is drawn. ``recommendations`` are their numbers and anchors, ``charts`` the ids of charts."""

    anchor: str
    number: int
    title: Paragraph
    elements: tuple[ElementShown, ...]
    support: Grid
    charts: tuple[str, ...]
    recommendations: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendationShown:
    """A recommendation as it is drawn, with the agency's answer and what changed since."""

    anchor: str
    number: int
    text: Text
    owner: Paragraph
    due: Paragraph
    is_overdue: bool
    status: str
    position: str
    answered: Paragraph
    answer: Text
    history: tuple[tuple[str, str, Text], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Highlights:
    """The page that is read if only one is: why, what was found, what is recommended, what the agency answers.

    ``condition`` says when the bounds among the ``keys`` hold.
    """

    why: Text
    found: tuple[tuple[Paragraph, str], ...]
    recommended: tuple[tuple[Paragraph, str], ...]
    response: Text
    keys: tuple[Key, ...]
    condition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A fact of the method: its name, and what it was here."""

    label: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the report with its own heading: text, then facts, then charts by id, then tables."""

    id: str
    title: str
    text: Text = ()
    facts: tuple[Fact, ...] = ()
    charts: tuple[str, ...] = ()
    grids: tuple[Grid, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """The report of an audit. ``banner`` stands on every page; ``warnings`` are read first."""

    edition: Edition
    units: UnitsShown
    is_synthetic: bool
    title: str
    number: str
    agency: str
    office: str
    issued_on: date
    made_at: datetime
    program_version: str
    command: str
    banner: str
    warnings: tuple[str, ...]
    highlights: Highlights
    before: tuple[Section, ...]
    findings: tuple[FindingShown, ...]
    recommendations_summary: Grid
    recommendations: tuple[RecommendationShown, ...]
    after: tuple[Section, ...]
    charts: tuple[Chart, ...]
    inputs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReportFiles:
    """Where a written report is."""

    folder: Path
    page: Path
    pdf: Path
    data: Path
    provenance: Path


def plain_of(paragraph: Paragraph) -> str:
    """Return a paragraph as text, for contents, titles and descriptions."""
    return "".join(f"[{run.text}]" if run.is_withheld else run.text for run in paragraph)
