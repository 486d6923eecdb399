"""The report as PDF: tagged, with alternative texts, in the letters that come with the typesetter, from data alone."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from detainer_ledger.reports.drawing import for_paper
from detainer_ledger.reports.page import Drawn
from detainer_ledger.reports.texts import texts
from detainer_ledger.reports.value import Report
from detainer_ledger.reports.view import CellView, HeadView, TableView, view_of

PDF_STANDARD: Literal["ua-1"] = "ua-1"
"""PDF/UA-1: the typesetter refuses a document whose pictures have no alternative text."""

_PIXEL_MM = 0.2646
_UNBROKEN = 14
_DENSE_COLUMNS = 9
_LETTER = 0.51
"""Width of a letter of headings and digits, as a share of the type size."""
_PORTRAIT_PT, _TEXT_PT = 499, 62
"""Width between the margins of an upright page, and what a column of text needs at least."""


def pdf_of(report: Report, drawn: Mapping[str, Drawn]) -> bytes:
    """Return the PDF."""
    source = files(__package__).joinpath("templates", "report.typ").read_text("utf-8")
    return typeset("report", source, lambda root: _data(report, drawn, root), made_at=report.created_at)


def typeset(name: str, source: str, data: Callable[[Path], Mapping[str, Any]], *, made_at: datetime) -> bytes:
    """Return the PDF that a template makes of data, which it reads as ``NAME.json``; the same data give the same bytes.

    ``data`` is told the folder in which the template stands, and may put pictures there.
    """
    import typst

    with tempfile.TemporaryDirectory(prefix="detainer-") as folder:
        root = Path(folder)
        (root / f"{name}.typ").write_text(source, "utf-8")
        (root / f"{name}.json").write_text(json.dumps(in_letters(data(root))), "utf-8")
        made: bytes = typst.compile(
            str(root / f"{name}.typ"),
            root=str(root),
            format="pdf",
            ignore_system_fonts=True,
            pdf_standards=[PDF_STANDARD],
            timestamp=int(made_at.timestamp()),
        )
    return made


def paper_text(text: str) -> str:
    """Return a text in signs that the PDF's letters have; others are spelled out, as [U+4E2D]."""
    return "".join(sign if _has_letter(sign) else f"[U+{ord(sign):04X}]" for sign in text)


def _has_letter(sign: str) -> bool:
    # Latin with accents, Greek, Cyrillic, and the punctuation and arithmetic that the report itself uses.
    return ord(sign) < 0x180 or 0x391 <= ord(sign) <= 0x3C9 or 0x410 <= ord(sign) <= 0x44F or sign in _SIGNS


_SIGNS = frozenset("–—‘’“”…•≤≥±√·²\u200b")


def in_letters(value: Any) -> Any:
    """Return a value for JSON with all its texts in signs that the PDF's letters have."""
    if isinstance(value, str):
        return paper_text(value)
    if isinstance(value, Mapping):
        return {key: in_letters(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [in_letters(each) for each in value]
    return value


def _data(report: Report, drawn: Mapping[str, Drawn], root: Path) -> dict[str, Any]:
    views = {table.id: _view(view_of(table)) for table in report.tables}
    created = report.created_at
    when = created.strftime("%Y-%m-%d %H:%M UTC")
    return {
        "title": report.title,
        "subtitle": report.subtitle,
        "kicker": f"Detainer Ledger · report of {when}",
        "created": [created.year, created.month, created.day, created.hour, created.minute, created.second],
        "synthetic": report.is_synthetic,
        "banner": "Synthetic data" if report.is_synthetic else "Read this first",
        "warnings": report.warnings,
        "key_figures": [
            {"text": each.text, "label": each.label, "condition": each.condition} for each in report.key_figures
        ],
        "headline": report.headline,
        "sections": [
            {
                "title": section.title,
                "lead": section.lead,
                "charts": [_chart(drawn[chart_id], root) for chart_id in section.charts if chart_id in drawn],
                "tables": [views[table_id] for table_id in (*section.tables, *section.behind)],
            }
            for section in texts().sections
        ],
        "method": [{"title": each.title, "text": each.text, "formula": each.formula} for each in report.method],
        "facts": [
            ("Cite as", report.citation),
            ("Made by", f"Detainer Ledger {report.program_version}, {when}"),
            ("Command", breakable(report.command)),
        ],
        "releases": views["releases"],
    }


def _chart(drawn: Drawn, root: Path) -> dict[str, Any]:
    chart, wide, _narrow = drawn
    svg = paper_text(for_paper(wide, name=chart.id))
    file = f"{chart.id}.svg"
    (root / file).write_text(svg, "utf-8")
    width = float(svg.split('width="', 1)[1].split('"', 1)[0])
    return {"file": file, "title": chart.title, "alt": chart.description, "width": width * _PIXEL_MM}


def _view(view: TableView) -> dict[str, Any]:
    size, inset = (6.7, 2.2) if len(view.heads) >= _DENSE_COLUMNS else (8.0, 3.5)
    columns = [_column(view, place, head, size, inset) for place, head in enumerate(view.heads)]
    needed = sum(column["width"] if column["number"] else _TEXT_PT for column in columns)
    groups, at = [], 0
    for label, span in view.groups:
        groups.append({"label": label, "columns": columns[at : at + span]})
        at += span
    return {
        "title": view.title,
        "caption": view.caption,
        "note": view.note,
        "empty": view.empty,
        "columns": columns,
        "has_groups": view.has_groups,
        "head_rows": 2 if view.has_groups else 1,
        "groups": groups,
        "wide": bool(view.rows) and needed > _PORTRAIT_PT,
        "size": size,
        "inset": inset,
        "rows": [[_cell(cell) for cell in row] for row in view.rows],
    }


def _column(view: TableView, place: int, head: HeadView, size: float, inset: float) -> dict[str, Any]:
    """Return a column: numbers get the ``width`` in points that they need, texts a ``share`` of the rest."""
    texts_drawn = [text for row in view.rows for text in (row[place].text, *row[place].lines)]
    longest = max((len(text) for text in [*texts_drawn, head.label]), default=0)
    longest_word = max(len(word) for text in [*texts_drawn, head.label] for word in text.split(" "))
    return {
        "label": head.label,
        "number": head.is_number,
        "width": longest_word * size * _LETTER + 2 * inset,
        "share": min(max(longest, 14), 46),
    }


def _cell(cell: CellView) -> dict[str, Any]:
    return {"text": breakable(cell.text), "lines": [breakable(line) for line in cell.lines]}


def breakable(text: str, unbroken: int = _UNBROKEN) -> str:
    """Return a text in which a long run without a blank can be broken: digests, file names, hostile cells.

    Words of up to ``unbroken`` signs stay whole.
    """
    return " ".join(
        "\u200b".join(word[at : at + 8] for at in range(0, len(word), 8)) if len(word) > unbroken else word
        for word in text.split(" ")
    )
