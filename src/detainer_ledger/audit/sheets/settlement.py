"""The sheet of settlement: the tests that two auditors answered otherwise, both answers shown, one to be written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from detainer_ledger.audit.sheets.drawing import Drawn, TestRow
from detainer_ledger.audit.sheets.inconsistencies import Inconsistency, structural
from detainer_ledger.audit.sheets.layout import (
    LONGEST_NAME,
    SETTLEMENT_COLUMNS,
    Sharing,
    Test,
    manifest_of,
    record_digest,
    settlement_path,
)
from detainer_ledger.audit.sheets.rows import Asked, faults_of_answer, inconsistent, match_rows
from detainer_ledger.audit.sheets.settling import Pair
from detainer_ledger.audit.sheets.whole import Row, read_manifest, read_rows
from detainer_ledger.audit.sheets.workbook import EMPTY, TextCell, opened_workbook, text_of
from detainer_ledger.audit.sheets.writing import draw_all, facts_of
from detainer_ledger.audit.values import Answer, Frame, Mark, Programme, Sample
from detainer_ledger.terms import LedgerError

_FILLED = ("answer", "evidence", "remark", "settled by")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What a sheet of settlement says: the settled marks, how many tests are still open, and what is inconsistent.

    ``is_stale`` says that the sheet is of other answers than those that differ now; then nothing of it counts, and
    ``is_filled`` tells whether somebody has written in it.
    """

    marks: Mapping[Test, Mark]
    n_open: int
    inconsistencies: tuple[Inconsistency, ...] = ()
    is_stale: bool = False
    is_filled: bool = False


def write_settlement(folder: Path, frame: Frame, sample: Sample, programme: Programme, pairs: Sequence[Pair]) -> Path:
    """Write sheets/settlement.xlsx with the tests that differ, one or more; an earlier one is replaced."""
    names = (pairs[0].first.auditor, pairs[0].second.auditor)
    answers = _answers(pairs)
    drawn = Drawn(
        title="Settlement",
        lines=_LINES,
        facts=(
            ("first auditor", names[0]),
            ("second auditor", names[1]),
            ("population", f"{frame.title}: {len(pairs):,} tests on which the two differ"),
            *facts_of(frame, sample, programme),
        ),
        programme=programme,
        columns=SETTLEMENT_COLUMNS,
        rows=tuple(_row(asked, pair) for asked, pair in zip(_asked(sample, programme, pairs), pairs, strict=True)),
        manifest=manifest_of(
            frame,
            sample,
            programme,
            auditor="",
            auditors=names,
            sharing=Sharing.TWO_EACH,
            from_record=answers,
        ),
        from_record=answers,
    )
    (path,) = draw_all({settlement_path(folder): drawn}, lambda _name: None)
    return path


def read_settlement(
    path: Path, frame: Frame, sample: Sample, programme: Programme, pairs: Sequence[Pair]
) -> Settlement:
    """Return what a sheet of settlement says of the tests that differ; what is wrong with it raises nothing."""
    try:
        with opened_workbook(path) as book:
            manifest, _ = read_manifest(book, path, frame, sample, programme)
            rows = tuple(read_rows(book, path, SETTLEMENT_COLUMNS))
    except LedgerError as error:
        return Settlement(marks={}, n_open=len(pairs), inconsistencies=(structural(error, path.name),))
    if manifest.record_sha256 != record_digest(_answers(pairs)):
        is_filled = any(row.cells[name].text or row.cells[name].fault for row in rows for name in _FILLED)
        return Settlement(marks={}, n_open=len(pairs), is_stale=True, is_filled=is_filled)
    asked = _asked(sample, programme, pairs)
    by_test, found = match_rows(path.name, asked, rows)
    marks: dict[Test, Mark] = {}
    n_open = 0
    for each, pair in zip(asked, pairs, strict=True):
        row = by_test.get(each.test)
        if row is None:
            continue
        found += _changed(path.name, each, row, pair)
        if not (row.cells["answer"].text or row.cells["answer"].fault):
            n_open += 1
            continue
        filled = Row(number=row.number, cells={**row.cells, **_taken_over(row, pair)})
        wrong = [*faults_of_answer(path.name, each, filled), *_faults_of_name(path.name, each, row)]
        found += wrong
        if not wrong:
            marks[each.test] = _mark(each, filled)
    # What is wrong here is mended: to set it aside would leave a test unsettled.
    inconsistencies = tuple(replace(one, is_structural=True) for one in sorted(found, key=lambda one: one.row or 0))
    return Settlement(marks=marks, n_open=n_open, inconsistencies=inconsistencies)


def _answers(pairs: Sequence[Pair]) -> tuple[Mark, ...]:
    """Return both answers to each test, by which a sheet is known to be of them; evidence may be added later."""
    both = [mark for pair in pairs for mark in (pair.first, pair.second)]
    return tuple(replace(mark, evidence="", remark="") for mark in both)


def _asked(sample: Sample, programme: Programme, pairs: Sequence[Pair]) -> tuple[Asked, ...]:
    units = {unit.id: unit for unit in sample.units}
    attributes = {each.id: each for each in programme.attributes}
    return tuple(
        Asked(unit=units[pair.first.unit], attribute=attributes[pair.first.attribute], row=row)
        for row, pair in enumerate(pairs, start=2)
    )


def _row(asked: Asked, pair: Pair) -> TestRow:
    told = (asked.unit.id, asked.unit.stratum, asked.attribute.id, asked.attribute.question)
    said = [text for mark in (pair.first, pair.second) for text in (mark.answer, mark.evidence, mark.remark)]
    return TestRow(cells=(*told, *said, "", "", "", ""))


def _changed(file: str, asked: Asked, row: Row, pair: Pair) -> Iterator[Inconsistency]:
    """Give the cells that say what is to be settled and were changed."""
    told = {
        "stratum": asked.unit.stratum,
        "question": asked.attribute.question,
        "first answer": pair.first.answer,
        "second answer": pair.second.answer,
    }
    for column, text in told.items():
        cell = row.cells[column]
        if cell.fault is not None or cell.text != text_of(text, "s").text:
            yield inconsistent(file, asked, row, column, f"The {column} was changed.", "put it back as it was.")


def _taken_over(row: Row, pair: Pair) -> dict[str, TextCell]:
    """Return evidence and remark of the auditor whose answer it is, where the settlement leaves them empty."""
    answer = row.cells["answer"].text.casefold()
    same = next((mark for mark in (pair.first, pair.second) if mark.answer == answer), None)
    if same is None:
        return {}
    return {name: TextCell(text=getattr(same, name)) for name in ("evidence", "remark") if row.cells[name] == EMPTY}


def _faults_of_name(file: str, asked: Asked, row: Row) -> Iterator[Inconsistency]:
    cell = row.cells["settled by"]
    if cell.fault is not None:
        yield inconsistent(file, asked, row, "settled by", cell.fault, cell.do)
    elif not cell.text:
        yield inconsistent(file, asked, row, "settled by", "The test is settled by nobody.", "write who settles it.")
    elif len(cell.text) > LONGEST_NAME or not cell.text.isprintable():
        yield inconsistent(
            file, asked, row, "settled by", "This is no name.", f"write a name of at most {LONGEST_NAME} characters."
        )


def _mark(asked: Asked, row: Row) -> Mark:
    return Mark(
        unit=asked.unit.id,
        attribute=asked.attribute.id,
        answer=Answer(row.cells["answer"].text.casefold()),
        auditor=row.cells["settled by"].text,
        evidence=row.cells["evidence"].text,
        remark=row.cells["remark"].text,
    )


_LINES = (
    "1. On the sheet 'Tests' stand the tests that the two auditors answered otherwise, with what each wrote.",
    "2. Look at the file again, and choose the answer that counts. It may be either of the two, or another.",
    "3. Evidence and remark that are left empty are taken over from the auditor whose answer it is.",
    "4. Under 'settled by' write who settles it: one of the two, both, or a third.",
    "5. The answers of both stay in the results as they were, because agreement is reckoned from them.",
    "6. Leave rows and columns as they are, save the workbook under its own name, and read the sheets again.",
)
