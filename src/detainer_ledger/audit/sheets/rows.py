"""The tests of one sheet: each row held against the test that it has to be of, and its answer read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from detainer_ledger.audit.sheets.inconsistencies import Inconsistency
from detainer_ledger.audit.sheets.layout import NEEDS_REMARK, TESTS, Test
from detainer_ledger.audit.sheets.whole import Row
from detainer_ledger.audit.sheets.workbook import text_of
from detainer_ledger.audit.values import Answer, Attribute, Mark, Programme, Unit

_ANSWERS = tuple(str(each) for each in Answer)
_KNOWN = ", ".join(_ANSWERS)
_TEXTS = ("answer", "evidence", "remark")
_FIRST_ROW = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetTests:
    """What a sheet has to be about: its file's name, its units and attributes, who fills it, the record's answers."""

    file: str
    units: tuple[Unit, ...]
    programme: Programme
    auditor: str
    record: Mapping[Test, Mark]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One test as it was written: its unit and attribute, and the row in which it stood."""

    unit: Unit
    attribute: Attribute
    row: int

    @property
    def test(self) -> Test:
        """Return the ids of unit and attribute."""
        return self.unit.id, self.attribute.id


def asked_of(sheet: SheetTests) -> tuple[Asked, ...]:
    """Return the tests of a sheet in the order in which they were written."""
    pairs = ((unit, attribute) for unit in sheet.units for attribute in sheet.programme.attributes)
    return tuple(
        Asked(unit=unit, attribute=attribute, row=row) for row, (unit, attribute) in enumerate(pairs, start=_FIRST_ROW)
    )


def look_at_tests(sheet: SheetTests, rows: Sequence[Row]) -> tuple[tuple[Mark, ...], tuple[Inconsistency, ...]]:
    """Return the marks of all tests that are consistent, in the order of the sheet, and all that is not, by row."""
    asked = asked_of(sheet)
    if len(sheet.record) < len(asked) and not any(_is_answered(sheet, row) for row in rows):
        unanswered = Inconsistency(
            what="No test of the sheet is answered.",
            do="fill the sheet in, and save it under its own name.",
            file=sheet.file,
            sheet=TESTS,
            column="answer",
            is_structural=True,
        )
        return (), (unanswered,)
    by_test, found = match_rows(sheet.file, asked, rows)
    marks: list[Mark] = []
    for each in asked:
        row = by_test.get(each.test)
        if row is None:
            continue
        wrong = [*_changed_texts(sheet.file, each, row)]
        recorded = sheet.record.get(each.test)
        if recorded is not None:
            wrong += _changed_record(sheet.file, each, row, recorded)
        else:
            wrong += faults_of_answer(sheet.file, each, row)
        found += wrong
        if not wrong:
            marks.append(recorded if recorded is not None else _mark(each, row, sheet.auditor))
    return tuple(marks), tuple(sorted(found, key=lambda each: (each.row or 0, each.column or "")))


def _is_answered(sheet: SheetTests, row: Row) -> bool:
    """Tell whether somebody wrote an answer in a row, and not the record."""
    is_of_record = (row.cells["unit"].text, row.cells["attribute"].text) in sheet.record
    return not is_of_record and bool(row.cells["answer"].text or row.cells["answer"].fault)


def _mark(asked: Asked, row: Row, auditor: str) -> Mark:
    return Mark(
        unit=asked.unit.id,
        attribute=asked.attribute.id,
        answer=Answer(row.cells["answer"].text.casefold()),
        auditor=auditor,
        evidence=row.cells["evidence"].text,
        remark=row.cells["remark"].text,
    )


# ---------------------------------------------------------------- which row is of which test


def match_rows(file: str, asked: Sequence[Asked], rows: Sequence[Row]) -> tuple[dict[Test, Row], list[Inconsistency]]:
    """Return the row of each test that has exactly one, and what is wrong with the others.

    A row whose ids were changed is known by its place: it stands where a test was written that is missing.
    """
    tests = {(_plain(each.unit.id), _plain(each.attribute.id)): each for each in asked}
    rows_of: dict[Test, list[Row]] = {}
    strangers: list[Row] = []
    for row in rows:
        each = tests.get((row.cells["unit"].text, row.cells["attribute"].text))
        if each is None or row.cells["unit"].fault or row.cells["attribute"].fault:
            strangers.append(row)
        else:
            rows_of.setdefault(each.test, []).append(row)
    missing = {each.row: each for each in asked if each.test not in rows_of}
    found = [_stranger(file, row, missing.pop(row.number, None), tests) for row in strangers]
    found += [_missing(file, each) for each in missing.values()]
    for test, same in rows_of.items():
        found += _doubled(file, test, same)
    return {test: same[0] for test, same in rows_of.items() if len(same) == 1}, found


def _plain(text: str) -> str:
    """Return an id as it comes back from a cell."""
    return text_of(text, "s").text


def _stranger(file: str, row: Row, stood: Asked | None, tests: Mapping[Test, Asked]) -> Inconsistency:
    """Say of a row that is of no test what was changed, or that it was added."""
    column = next((name for name in ("unit", "attribute") if row.cells[name].fault), None)
    if column is not None:
        what, do = row.cells[column].fault or "", row.cells[column].do
    else:
        units, attributes = {unit for unit, _ in tests}, {attribute for _, attribute in tests}
        column = "unit" if row.cells["unit"].text not in units else "attribute"
        known = units if column == "unit" else attributes
        is_known = row.cells[column].text in known
        close = get_close_matches(row.cells[column].text, known, n=1, cutoff=0.8)
        what = "The row is of no test of this sheet."
        do = f"did you mean '{close[0]}'?" if close and not is_known else "delete the row, if it was added."
    if stood is not None:
        what = f"{what} The test of {stood.unit.id} for {stood.attribute.id} was written here: its ids were changed."
        do = "write the ids again as they were."
    return Inconsistency(
        what=what,
        do=do,
        file=file,
        sheet=TESTS,
        row=row.number,
        column=column,
        unit=stood.unit.id if stood else "",
        attribute=stood.attribute.id if stood else "",
    )


def _missing(file: str, asked: Asked) -> Inconsistency:
    return Inconsistency(
        what=f"The test of {asked.unit.id} for {asked.attribute.id}, which was written here, is missing.",
        do="put its row back, with its answer.",
        file=file,
        sheet=TESTS,
        row=asked.row,
        column="unit",
        unit=asked.unit.id,
        attribute=asked.attribute.id,
    )


def _doubled(file: str, test: Test, rows: Sequence[Row]) -> Iterator[Inconsistency]:
    answers = {row.cells["answer"].text.casefold() for row in rows}
    for row in rows[1:]:
        yield Inconsistency(
            what=f"The test of {test[0]} for {test[1]} stands twice, first in row {rows[0].number}"
            + (", with two answers." if len(answers) > 1 else "."),
            do="delete the row that does not count.",
            file=file,
            sheet=TESTS,
            row=row.number,
            column="answer" if len(answers) > 1 else "unit",
            unit=test[0],
            attribute=test[1],
        )


# ---------------------------------------------------------------- what a row says


def _changed_texts(file: str, asked: Asked, row: Row) -> Iterator[Inconsistency]:
    """Give the cells that say what the test is and were changed: the answer may be to another question."""
    for column, text in (("stratum", asked.unit.stratum), ("question", asked.attribute.question)):
        cell = row.cells[column]
        if cell.fault is not None or cell.text != _plain(text):
            yield inconsistent(
                file, asked, row, column, cell.fault or f"The {column} was changed.", f"write the {column} as it was."
            )
    if row.cells["answered by"].fault is not None:
        yield inconsistent(file, asked, row, "answered by", row.cells["answered by"].fault or "", "empty the cell.")


def _changed_record(file: str, asked: Asked, row: Row, recorded: Mark) -> Iterator[Inconsistency]:
    for column in _TEXTS:
        cell = row.cells[column]
        if cell.fault is not None or cell.text != getattr(recorded, column):
            yield inconsistent(
                file,
                asked,
                row,
                column,
                f"The record answered this test, and its {column} was changed.",
                "put it back; if the record is wrong, the record has to be mended.",
            )


def faults_of_answer(file: str, asked: Asked, row: Row) -> Iterator[Inconsistency]:
    """Give what is wrong with the answer, the evidence and the remark of a row that an auditor fills in."""
    for column in _TEXTS:
        cell = row.cells[column]
        if cell.fault is not None:
            yield inconsistent(file, asked, row, column, cell.fault, cell.do)
    if row.cells["answer"].fault is not None:
        return
    answer = row.cells["answer"].text.casefold()
    if answer not in _ANSWERS:
        yield inconsistent(file, asked, row, "answer", *_no_answer(answer))
    elif answer in NEEDS_REMARK and not row.cells["remark"].text and row.cells["remark"].fault is None:
        yield inconsistent(
            file, asked, row, "remark", f"The answer is {answer}, and no remark says why.", "write why in a few words."
        )


def _no_answer(text: str) -> tuple[str, str]:
    """Return what is wrong with a text that is no answer, and what helps."""
    if not text:
        return "The test is not answered.", f"choose one of: {_KNOWN}."
    parts = [part.strip() for part in re.split(r"[,;/|\n+]| and | or ", text)]
    if len(parts) > 1 and all(part in _ANSWERS for part in parts):
        return "The cell has two answers.", "choose the one that counts."
    close = get_close_matches(re.sub(r"[\s-]+", "_", text), _ANSWERS, n=1)
    return "This is no answer.", f"did you mean '{close[0]}'?" if close else f"choose one of: {_KNOWN}."


def inconsistent(file: str, asked: Asked, row: Row, column: str, what: str, do: str) -> Inconsistency:
    """Return an inconsistency of a test, with its place."""
    return Inconsistency(
        what=what,
        do=do,
        file=file,
        sheet=TESTS,
        row=row.number,
        column=column,
        unit=asked.unit.id,
        attribute=asked.attribute.id,
    )
