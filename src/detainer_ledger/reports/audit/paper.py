"""The report of an audit as PDF: tagged, with alternative texts and inner links, from data alone."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from textwrap import shorten
from typing import Any

from detainer_ledger.reports.audit.page import Drawn
from detainer_ledger.reports.audit.value import (
    AuditReport,
    Cell,
    FindingShown,
    Grid,
    Paragraph,
    RecommendationShown,
    Section,
    Text,
    plain_of,
)
from detainer_ledger.reports.drawing import for_paper
from detainer_ledger.reports.formats import long_day
from detainer_ledger.reports.paper import breakable, paper_text, typeset

_PIXEL_MM = 0.2646
_UNBROKEN_WORD, _UNBROKEN_CELL = 34, 22
_RUNNING_HEAD = 80
"""Signs of the title at the head of each page."""
_SMALL_FROM = 7
"""Columns from which a table is set smaller."""


def pdf_of(report: AuditReport, drawn: Drawn) -> bytes:
    """Return the PDF: the same report gives the same bytes."""
    source = files(__package__).joinpath("templates", "audit.typ").read_text("utf-8")
    return typeset("audit", source, lambda root: _data(report, drawn, root), made_at=report.made_at)


def _data(report: AuditReport, drawn: Drawn, root: Path) -> dict[str, Any]:
    charts = {name: _chart(name, drawn, root) for name in drawn}
    made = report.made_at
    high = report.highlights
    return {
        "title": _word(report.title),
        "running": shorten(report.title, _RUNNING_HEAD, placeholder=" …"),
        "number": _word(report.number),
        "agency": _word(report.agency),
        "office": _word(report.office),
        "issued": long_day(report.issued_on),
        "created": [made.year, made.month, made.day, made.hour, made.minute, made.second],
        "synthetic": report.is_synthetic,
        "banner": report.banner,
        "warnings": report.warnings,
        "keys": [
            {"text": key.text, "label": key.label, "condition": key.condition, "figure": key.figure}
            for key in high.keys
        ],
        "condition": high.condition,
        "why": _text(high.why),
        "found": [{"runs": _runs(runs), "link": anchor} for runs, anchor in high.found],
        "recommended": [{"runs": _runs(runs), "link": anchor} for runs, anchor in high.recommended],
        "response": _text(high.response),
        "before": [_section(each, charts) for each in report.before],
        "findings": [_finding(each, charts) for each in report.findings],
        "summary": _grid(report.recommendations_summary),
        "recommendations": [_recommendation(each) for each in report.recommendations],
        "after": [_section(each, charts) for each in report.after],
        "made": [
            ("Program", f"Detainer Ledger {report.program_version}, {made.strftime('%Y-%m-%d %H:%M UTC')}"),
            ("Command", breakable(report.command)),
        ],
    }


def _section(section: Section, charts: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": section.id,
        "begins": section.id.startswith("appendix-attributes"),
        "title": section.title,
        "text": _text(section.text),
        "facts": [(fact.label, breakable(fact.text, _UNBROKEN_WORD)) for fact in section.facts],
        "charts": [charts[name] for name in section.charts],
        "grids": [_grid(grid) for grid in section.grids],
    }


def _finding(finding: FindingShown, charts: dict[str, Any]) -> dict[str, Any]:
    return {
        "anchor": finding.anchor,
        "number": finding.number,
        "title": _runs(finding.title),
        "plain": _word(plain_of(finding.title)),
        "elements": [
            {"label": each.label, "text": _text(each.text), "absent": each.is_absent} for each in finding.elements
        ],
        "charts": [charts[name] for name in finding.charts],
        "support": _grid(finding.support),
        "recommendations": [{"text": label, "link": anchor} for label, anchor in finding.recommendations],
    }


def _recommendation(each: RecommendationShown) -> dict[str, Any]:
    return {
        "anchor": each.anchor,
        "number": each.number,
        "text": _text(each.text),
        "owner": _runs(each.owner),
        "due": _runs(each.due),
        "overdue": each.is_overdue,
        "status": each.status,
        "position": each.position,
        "answered": _runs(each.answered),
        "answer": _text(each.answer),
        "history": [{"day": day, "status": status, "text": _text(text)} for day, status, text in each.history],
    }


def _chart(name: str, drawn: Drawn, root: Path) -> dict[str, Any]:
    chart, wide, _narrow = drawn[name]
    svg = paper_text(for_paper(wide, name=chart.id))
    file = f"{chart.id}.svg"
    (root / file).write_text(svg, "utf-8")
    width = float(svg.split('width="', 1)[1].split('"', 1)[0])
    return {"file": file, "title": chart.title, "alt": chart.description, "width": width * _PIXEL_MM}


def _grid(grid: Grid) -> dict[str, Any]:
    return {
        "title": grid.title,
        "caption": grid.caption,
        "note": grid.note,
        "abreast": grid.abreast,
        "size": 7.6 if len(grid.heads) >= _SMALL_FROM else 8.4,
        "heads": [{"label": head.label, "width": head.width, "number": head.is_number} for head in grid.heads],
        "rows": [[_cell(cell) for cell in row] for row in grid.rows],
        "anchors": grid.anchors,
    }


def _cell(cell: Cell) -> str | dict[str, Any]:
    """Return a cell: a text where there is no more to it, which keeps long tables short."""
    if not cell.lines and not cell.link:
        return breakable(cell.text, _UNBROKEN_CELL)
    return {
        "text": breakable(cell.text, _UNBROKEN_CELL),
        "lines": [breakable(line, _UNBROKEN_CELL) for line in cell.lines],
        "link": cell.link,
    }


def _text(text: Text) -> list[list[dict[str, str]]]:
    return [_runs(paragraph) for paragraph in text]


def _runs(paragraph: Paragraph) -> list[dict[str, str]]:
    return [
        {
            "text": _word(run.text),
            "kind": "withheld" if run.is_withheld else "marked" if run.reason else "figure" if run.figure else "words",
            "figure": run.figure,
        }
        for run in paragraph
    ]


def _word(text: str) -> str:
    return breakable(text, _UNBROKEN_WORD)
