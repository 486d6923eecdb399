"""An invented audit whose sheets are written, filled in as an auditor does it, and spoilt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl

from detainer_ledger.audit.values import Attribute, Design, Frame, Mark, Programme, Sample, Unit

Filled = Mapping[tuple[str, str], tuple[str, str, str]]
"""Answer, evidence and remark by unit and attribute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """Frame, sample and programme that belong together."""

    frame: Frame
    sample: Sample
    programme: Programme


def audit_of(units: tuple[Unit, ...], attributes: tuple[Attribute, ...]) -> Audit:
    """Return an audit that tests all units for all attributes."""
    frame = Frame(
        title="Synthetic files",
        source="invented",
        source_sha256=None,
        made_at=datetime(2026, 3, 2, 9, tzinfo=UTC),
        units=units,
        sha256="a" * 64,
    )
    sample = Sample(
        frame_sha256=frame.sha256,
        frame_size=len(units),
        design=Design.SIMPLE,
        allocation=None,
        deviations={},
        strata={"": len(units)},
        drawn={"": len(units)},
        seed="invented",
        commitment=None,
        units=units,
        sha256="b" * 64,
    )
    programme = Programme(id="invented", version="1", title="Invented tests", attributes=attributes, sha256="c" * 64)
    return Audit(frame=frame, sample=sample, programme=programme)


def attribute(name: str, **more: Any) -> Attribute:
    """Return an attribute of this id."""
    told = {"title": name, "question": f"Is {name} shown?", "criterion": f"{name} is shown.", "source": "Invented, 1"}
    return Attribute(id=name, **{**told, **more})


def small_audit(*, files: int = 3, attributes: int = 2) -> Audit:
    """Return an audit of the files F-1, F-2, … by the attributes a-1, a-2, …"""
    units = tuple(Unit(id=f"F-{number}", stratum="north") for number in range(1, files + 1))
    return audit_of(units, tuple(attribute(f"a-{number}") for number in range(1, attributes + 1)))


def fill(path: Path, said: Filled | None = None) -> None:
    """Fill a sheet in: as told, and ``met`` where nothing is told and the record has not answered."""
    book = openpyxl.load_workbook(path)
    sheet = book["Tests"]
    names = [cell.value for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        cells = dict(zip(names, row, strict=True))
        if cells["answer"].value:
            continue
        test = (cells["unit"].value, cells["attribute"].value)
        for name, text in zip(("answer", "evidence", "remark"), (said or {}).get(test, ("met", "", "")), strict=True):
            put(cells[name], text)
    book.save(path)


def put(cell: Any, text: str) -> None:
    """Write a text into a cell as a text, whatever it begins with."""
    cell.value = text or None
    if text:
        cell.data_type = "s"


def spoil(path: Path, change: Callable[[Any], None]) -> None:
    """Change a sheet's workbook and save it."""
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)


def told(marks: tuple[Mark, ...]) -> dict[tuple[str, str], tuple[str, str, str]]:
    """Return what marks say, by unit and attribute."""
    return {(mark.unit, mark.attribute): (str(mark.answer), mark.evidence, mark.remark) for mark in marks}
