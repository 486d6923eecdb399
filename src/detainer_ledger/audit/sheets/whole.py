"""The sheet as a whole: of what it is, whom it is for, and whether its columns are those that were written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from detainer_ledger.audit.sheets.layout import (
    MANIFEST,
    RECORD,
    TESTS,
    Manifest,
    SheetColumn,
    Test,
    manifest_from,
    record_digest,
    share_out,
)
from detainer_ledger.audit.sheets.workbook import TextCell, sheet_rows, texts_by_name
from detainer_ledger.audit.values import Answer, Frame, Mark, Programme, Sample, Unit
from detainer_ledger.terms import BadInput

if TYPE_CHECKING:
    from openpyxl import Workbook


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of tests: its number as a person counts, and its cells by the names of the columns."""

    number: int
    cells: Mapping[str, TextCell]


def read_manifest(
    book: Workbook, path: Path, frame: Frame, sample: Sample, programme: Programme
) -> tuple[Manifest, Mapping[Test, Mark]]:
    """Return what a workbook's hidden sheets say: of what it is, and what the record answered.

    Raises BadInput for a workbook that is no test sheet, or is one of another frame, sample or programme.
    """
    if MANIFEST not in book.sheetnames:
        raise BadInput("This workbook is no test sheet of an audit.", do="give back the sheets that were written.")
    told = {cells[0].text: cells[1].text for _, cells in sheet_rows(book, path, MANIFEST) if len(cells) > 1}
    manifest = manifest_from(told)
    if manifest is None:
        raise BadInput("The hidden sheet was changed.", sheet=MANIFEST, do=_AS_WRITTEN)
    marks = [_recorded(cells) for _, cells in sheet_rows(book, path, RECORD)]
    for what, here, there in (
        ("frame", frame.sha256, manifest.frame_sha256),
        ("sample", sample.sha256, manifest.sample_sha256),
        ("programme", programme.sha256, manifest.programme_sha256),
    ):
        if here != there:
            raise BadInput(
                f"The sheet is of another {what}: of {there[:12]}…, and the audit's is {here[:12]}….",
                sheet=MANIFEST,
                do="give back the sheets that were written for this audit.",
            )
    whole = [mark for mark in marks if mark is not None]
    if len(whole) != len(marks) or record_digest(whole) != manifest.record_sha256:
        raise BadInput("The hidden sheet of the record's answers was changed.", sheet=RECORD, do=_AS_WRITTEN)
    return manifest, {(mark.unit, mark.attribute): mark for mark in whole}


_AS_WRITTEN = "give back the sheet as it was written; fill in the columns for it alone."


def _recorded(cells: Sequence[TextCell]) -> Mark | None:
    texts = [cell.text for cell in cells]
    texts += [""] * (6 - len(texts))
    if texts[2] not in list(Answer):
        return None
    return Mark(
        unit=texts[0],
        attribute=texts[1],
        answer=Answer(texts[2]),
        evidence=texts[3],
        remark=texts[4],
        auditor=texts[5],
        is_from_record=True,
    )


def units_of(manifest: Manifest, sample: Sample) -> tuple[Unit, ...]:
    """Return the files that a sheet is about. Raises BadInput where its auditor is not among those who test."""
    if not manifest.auditor:
        raise BadInput(
            "This is the sheet of settlement, not a test sheet.",
            do="leave it in the folder 'sheets' and name test sheets only; it is read with them.",
        )
    try:
        return share_out(sample, manifest.auditors, manifest.sharing)[manifest.auditor]
    except (KeyError, BadInput):
        raise BadInput("The hidden sheet was changed.", sheet=MANIFEST, do=_AS_WRITTEN) from None


def read_rows(book: Workbook, path: Path, columns: Sequence[SheetColumn]) -> Iterator[Row]:
    """Give the rows of tests. Raises BadInput where a column is missing, doubled or unknown, or a cell has none."""
    rows = sheet_rows(book, path, TESTS)
    number, header = next(rows, (1, []))
    _check_header(header, columns, number)
    for number, cells in rows:
        for place, cell in enumerate(cells):
            has_name = place < len(header) and header[place].text
            if not has_name and (cell.text or cell.fault):
                raise BadInput(
                    "The row has a cell in a column without a name.",
                    sheet=TESTS,
                    row=number,
                    column=_letter(place),
                    do="empty the cell, or move what it says into the remark.",
                )
        yield Row(number=number, cells=texts_by_name(header, cells))


def _check_header(header: Sequence[TextCell], columns: Sequence[SheetColumn], number: int) -> None:
    known = [column.name for column in columns]
    for place, cell in enumerate(header):
        if cell.fault is not None:
            raise BadInput(f"{cell.fault}", sheet=TESTS, row=number, column=_letter(place), do=_AS_WRITTEN)
    names = [cell.text.casefold() for cell in header]
    for name in known:
        if names.count(name) > 1:
            letters = " and ".join(_letter(place) for place, each in enumerate(names) if each == name)
            raise BadInput(
                f"The column '{name}' stands twice, in {letters}.", sheet=TESTS, row=number, column=name, do=_AS_WRITTEN
            )
        if name not in names:
            raise BadInput(f"The column '{name}' is missing.", sheet=TESTS, row=number, column=name, do=_AS_WRITTEN)
    for place, name in enumerate(names):
        if name and name not in known:
            raise BadInput(
                "This column is not of the sheet.",
                sheet=TESTS,
                row=number,
                column=_letter(place),
                do="delete it; what it says can stand in the remarks.",
            )


def _letter(place: int) -> str:
    first, last = divmod(place, 26)
    return (chr(ord("A") + first - 1) if first else "") + chr(ord("A") + last)
