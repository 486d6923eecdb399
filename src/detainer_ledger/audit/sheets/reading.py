"""Reading filled test sheets back: every inconsistency of all sheets is found before anything is taken over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from detainer_ledger.audit.sheets.inconsistencies import Inconsistency, refusal, structural
from detainer_ledger.audit.sheets.layout import TEST_COLUMNS, Manifest, Test
from detainer_ledger.audit.sheets.rows import SheetTests, look_at_tests
from detainer_ledger.audit.sheets.whole import read_manifest, read_rows, units_of
from detainer_ledger.audit.sheets.workbook import opened_workbook
from detainer_ledger.audit.values import Answer, Frame, Mark, Programme, Sample
from detainer_ledger.terms import LedgerError

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetMarks:
    """What one auditor's sheet says: a mark for each test, in the order of the sheet.

    ``aside`` are the tests that were set aside on purpose, ``reasons`` says why, one sentence with the place each.
    """

    file: str
    manifest: Manifest
    marks: tuple[Mark, ...]
    aside: frozenset[Test] = frozenset()
    reasons: tuple[str, ...] = ()

    @property
    def auditor(self) -> str:
        """Return who filled the sheet."""
        return self.manifest.auditor


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What a look at sheets found: those that could be read, and all that is inconsistent."""

    sheets: tuple[SheetMarks, ...]
    inconsistencies: tuple[Inconsistency, ...]


def read_sheets(
    paths: Sequence[Path],
    frame: Frame,
    sample: Sample,
    programme: Programme,
    *,
    progress: Progress = lambda _name: None,
) -> tuple[SheetMarks, ...]:
    """Return what the sheets say, in the order of the auditors. Raises BadInput naming every inconsistency."""
    looked = look_at_sheets(paths, frame, sample, programme, progress=progress)
    if looked.inconsistencies:
        raise refusal(looked.inconsistencies)
    return looked.sheets


def set_aside(looked: Looked) -> tuple[SheetMarks, ...]:
    """Return what sheets say without their inconsistent rows, whose tests count as not testable, with the reason.

    Raises BadInput where a sheet as a whole cannot be trusted: of another frame, without a column, incomplete.
    """
    whole = tuple(each for each in looked.inconsistencies if each.is_structural)
    if whole:
        raise refusal(whole)
    return tuple(
        _without(sheet, [each for each in looked.inconsistencies if each.file == sheet.file]) for sheet in looked.sheets
    )


def look_at_sheets(
    paths: Sequence[Path],
    frame: Frame,
    sample: Sample,
    programme: Programme,
    *,
    progress: Progress = lambda _name: None,
) -> Looked:
    """Look at all sheets and return what they say and all that is inconsistent; what is wrong raises nothing.

    In ``sheets`` the marks of inconsistent tests are missing.
    """
    sheets: list[SheetMarks] = []
    found: list[Inconsistency] = []
    for path in paths:
        try:
            with opened_workbook(path) as book:
                manifest, record = read_manifest(book, path, frame, sample, programme)
                units = units_of(manifest, sample)
                rows = tuple(read_rows(book, path, TEST_COLUMNS))
        except LedgerError as error:
            found.append(structural(error, path.name))
        else:
            asked = SheetTests(
                file=path.name, units=units, programme=programme, record=record, auditor=manifest.auditor
            )
            marks, wrong = look_at_tests(asked, rows)
            sheets.append(SheetMarks(file=path.name, manifest=manifest, marks=marks))
            found += wrong
        progress(path.name)
    if sheets and len(sheets) == len(paths):
        # What is missing beside the sheets can be told only when all that were given could be opened.
        found += _look_across(sheets)
    return Looked(sheets=_in_order(sheets), inconsistencies=tuple(found))


def _in_order(sheets: Sequence[SheetMarks]) -> tuple[SheetMarks, ...]:
    return tuple(sorted(sheets, key=lambda sheet: sheet.manifest.auditors.index(sheet.auditor)))


def _look_across(sheets: Sequence[SheetMarks]) -> Iterator[Inconsistency]:
    """Give what is inconsistent between sheets: written by different calls, by one auditor twice, or missing."""
    first = sheets[0]
    seen: dict[str, str] = {}
    for sheet in sheets:
        if sum(sheet.file == each.file for each in sheets) > 1:
            yield _whole(sheet, "Two sheets have the same file name.", "give each its own name, as it was written.")
        if (sheet.manifest.auditors, sheet.manifest.sharing) != (first.manifest.auditors, first.manifest.sharing):
            yield _whole(
                sheet,
                f"The sheet was not written together with {first.file}: the files were shared out otherwise.",
                "give back the sheets of one 'detainer audit sheet'.",
            )
        elif sheet.auditor in seen:
            yield _whole(
                sheet,
                f"This sheet and {seen[sheet.auditor]} are by the same auditor, {sheet.auditor}.",
                "give back the one that counts, and move the other away.",
            )
        seen.setdefault(sheet.auditor, sheet.file)
    for name in first.manifest.auditors:
        if name not in seen:
            yield _whole(
                first, f"The sheet of {name} is missing, whose tests are not on the others.", "give it back as well."
            )


def _whole(sheet: SheetMarks, what: str, do: str) -> Inconsistency:
    return Inconsistency(what=what, do=do, file=sheet.file, is_structural=True)


def _without(sheet: SheetMarks, found: Sequence[Inconsistency]) -> SheetMarks:
    """Return a sheet whose inconsistent tests are not testable; rows that are of no test are left out."""
    reasons = {(each.unit, each.attribute): each for each in reversed(found) if each.unit}
    marks = {(mark.unit, mark.attribute): mark for mark in sheet.marks}
    for test, reason in reasons.items():
        marks[test] = Mark(
            unit=test[0],
            attribute=test[1],
            answer=Answer.NOT_TESTABLE,
            auditor=sheet.auditor,
            remark=f"set aside: {reason.where}: {reason.what}",
        )
    return replace(
        sheet,
        marks=tuple(marks.values()),
        aside=frozenset(reasons),
        reasons=tuple(f"{each.where}: {each.what}" for each in found),
    )
