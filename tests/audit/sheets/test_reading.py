"""Filled sheets read back: what was written is what is read, and whatever was spoilt is named by its place."""

from __future__ import annotations

import io
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.formula import ArrayFormula

from detainer_ledger.audit.sheets import workbook as sheet_workbook
from detainer_ledger.audit.sheets.inconsistencies import MOST_SHOWN, inconsistency_json, refusal
from detainer_ledger.audit.sheets.layout import Sharing
from detainer_ledger.audit.sheets.reading import SheetMarks, look_at_sheets, read_sheets, set_aside
from detainer_ledger.audit.sheets.writing import write_sheets
from detainer_ledger.audit.values import Answer, Mark, Unit
from detainer_ledger.terms import BadInput
from tests.audit.filling import Audit, attribute, audit_of, fill, small_audit, spoil, told

FROM_RECORD = Mark(
    unit="F-2", attribute="a-1", answer=Answer.NOT_MET, auditor="record", evidence="event 3", is_from_record=True
)


def written(folder: Path, audit: Audit, *auditors: str, **more: Any) -> tuple[Path, ...]:
    return write_sheets(folder, audit.frame, audit.sample, audit.programme, auditors=auditors or ("Ana",), **more)


def filled(folder: Path) -> tuple[Audit, Path]:
    """Return an audit of three files by two attributes, with one answer of the record, and its filled sheet."""
    audit = small_audit()
    (path,) = written(folder, audit, prefilled={("F-2", "a-1"): FROM_RECORD})
    fill(path)
    return audit, path


def read(audit: Audit, *paths: Path) -> tuple[SheetMarks, ...]:
    return read_sheets(paths, audit.frame, audit.sample, audit.programme)


def faults(audit: Audit, *paths: Path) -> list[tuple[str, str | None, int | None, str | None, str]]:
    looked = look_at_sheets(paths, audit.frame, audit.sample, audit.programme)
    return [(each.file, each.sheet, each.row, each.column, each.what) for each in looked.inconsistencies]


# ---------------------------------------------------------------- what is written is what is read

signs = st.characters(exclude_categories=["Cs", "Cc"])
texts = st.text(signs, max_size=40).map(str.strip)
answers = st.sampled_from(list(Answer))


@st.composite
def audits(draw: st.DrawFn) -> tuple[Audit, dict[tuple[str, str], tuple[str, str, str]]]:
    ids = draw(st.lists(texts.filter(bool), min_size=1, max_size=4, unique=True))
    names = draw(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=3, unique=True))
    audit = audit_of(
        tuple(Unit(id=each, stratum=draw(texts)) for each in ids),
        tuple(attribute(name, question=draw(texts.filter(bool))) for name in names),
    )
    said = {}
    for unit in ids:
        for name in names:
            answer = draw(answers)
            needs = answer in {Answer.NOT_TESTABLE, Answer.NOT_APPLICABLE}
            said[unit, name] = (str(answer), draw(texts), draw(texts.filter(bool)) if needs else draw(texts))
    return audit, said


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(audits(), st.integers(1, 2))
def test_what_auditors_fill_in_is_what_is_read(
    made: tuple[Audit, dict[tuple[str, str], tuple[str, str, str]]], n_auditors: int
) -> None:
    audit, said = made
    names = ("Ana", "Ben")[: min(n_auditors, len(audit.sample.units))]
    with tempfile.TemporaryDirectory() as folder:
        paths = written(Path(folder), audit, *names)
        for path in paths:
            fill(path, said)
        sheets = read(audit, *reversed(paths))
    assert [sheet.auditor for sheet in sheets] == list(names)
    assert {test: mark for sheet in sheets for test, mark in told(sheet.marks).items()} == said


def test_what_the_record_answered_comes_back_as_the_records(tmp_path: Path) -> None:
    audit, path = filled(tmp_path)
    (sheet,) = read(audit, path)
    assert [mark for mark in sheet.marks if mark.is_from_record] == [FROM_RECORD]
    assert {mark.auditor for mark in sheet.marks if not mark.is_from_record} == {"Ana"}


@pytest.mark.parametrize("text", ["MET", " met ", "Met\n"])
def test_case_and_blanks_of_an_answer_do_not_matter(tmp_path: Path, text: str) -> None:
    audit, path = filled(tmp_path)
    spoil(path, lambda book: book["Tests"].__setitem__("E2", text))
    assert read(audit, path)[0].marks[0].answer is Answer.MET


def test_rows_may_stand_in_another_order(tmp_path: Path) -> None:
    audit = small_audit()
    (path,) = written(tmp_path, audit)
    fill(path, {("F-1", "a-1"): ("not_met", "p. 1", "")})
    before = read(audit, path)

    def turn(book: Any) -> None:
        sheet = book["Tests"]
        values = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
        for row, cells in zip(sheet.iter_rows(min_row=2), reversed(values), strict=True):
            for cell, value in zip(row, cells, strict=True):
                cell.value = value

    spoil(path, turn)
    assert read(audit, path) == before


# ---------------------------------------------------------------- whatever was spoilt is named


def put(place: str, value: object) -> Callable[[Any], None]:
    return lambda book: book["Tests"].__setitem__(place, value)


def insert(*cells: object) -> Callable[[Any], None]:
    return lambda book: book["Tests"].append(cells)


def twice(book: Any) -> None:
    book["Tests"].append([cell.value for cell in book["Tests"][2]])


def answered_twice(book: Any) -> None:
    twice(book)
    book["Tests"]["E8"] = "not_met"


KNOWN = "met, not_met, not_testable, not_applicable"


@pytest.mark.parametrize(
    ("change", "row", "column", "what", "do"),
    [
        (put("E2", "nearly"), 2, "answer", "This is no answer.", f"choose one of: {KNOWN}."),
        (put("E2", "Not met"), 2, "answer", "This is no answer.", "did you mean 'not_met'?"),
        (put("E2", "not_testble"), 2, "answer", "This is no answer.", "did you mean 'not_testable'?"),
        (put("E2", "met, not_met"), 2, "answer", "The cell has two answers.", "choose the one that counts."),
        (put("E2", "met\nnot_met"), 2, "answer", "The cell has two answers.", "choose the one that counts."),
        (put("E2", None), 2, "answer", "The test is not answered.", f"choose one of: {KNOWN}."),
        (put("E2", "   "), 2, "answer", "The test is not answered.", f"choose one of: {KNOWN}."),
        (put("E2", '="met"'), 2, "answer", "The cell holds a formula.", "write the text itself."),
        (
            put("F3", ArrayFormula("F3", "=A1:A2")),
            3,
            "evidence",
            "The cell holds a formula.",
            "write the text itself.",
        ),
        (put("G3", "=1+1"), 3, "remark", "The cell holds a formula.", "write the text itself."),
        (put("D3", "=1+1"), 3, "question", "The cell holds a formula.", "write the question as it was."),
        (put("H3", "=1+1"), 3, "answered by", "The cell holds a formula.", "empty the cell."),
        (
            put("E2", 1),
            2,
            "answer",
            "The cell holds a number, not text.",
            "format the cell as text and write it again, or begin it with an apostrophe.",
        ),
        (
            put("F2", openpyxl.utils.datetime.datetime.datetime(2026, 3, 2)),
            2,
            "evidence",
            "The cell holds a date or a time, not text.",
            "format the cell as text and write it again, or begin it with an apostrophe.",
        ),
        (
            put("F2", True),
            2,
            "evidence",
            "The cell holds TRUE or FALSE, not text.",
            "format the cell as text and write it again, or begin it with an apostrophe.",
        ),
        (put("F2", "#N/A"), 2, "evidence", "The cell holds an error, such as #N/A.", "write the text itself."),
        (
            put("G2", "x" * 2_001),
            2,
            "remark",
            "The text has 2,001 characters, and 2,000 are the most.",
            "shorten it, and name where the rest stands.",
        ),
        (
            put("G2", "a_x0007_b"),
            2,
            "remark",
            "The text holds control characters.",
            "write it again without them.",
        ),
        (
            put("E3", "not_testable"),
            3,
            "remark",
            "The answer is not_testable, and no remark says why.",
            "write why in a few words.",
        ),
        (
            put("E3", "Not_Applicable"),
            3,
            "remark",
            "The answer is not_applicable, and no remark says why.",
            "write why in a few words.",
        ),
        (put("B3", "south"), 3, "stratum", "The stratum was changed.", "write the stratum as it was."),
        (put("D3", "Is it well?"), 3, "question", "The question was changed.", "write the question as it was."),
        (
            put("E4", "met"),
            4,
            "answer",
            "The record answered this test, and its answer was changed.",
            "put it back; if the record is wrong, the record has to be mended.",
        ),
        (
            put("F4", None),
            4,
            "evidence",
            "The record answered this test, and its evidence was changed.",
            "put it back; if the record is wrong, the record has to be mended.",
        ),
        (
            put("A3", "F-7"),
            3,
            "unit",
            "The row is of no test of this sheet. The test of F-1 for a-2 was written here: its ids were changed.",
            "write the ids again as they were.",
        ),
        (
            put("C3", "a-3"),
            3,
            "attribute",
            "The row is of no test of this sheet. The test of F-1 for a-2 was written here: its ids were changed.",
            "write the ids again as they were.",
        ),
        (
            put("A3", "=A2"),
            3,
            "unit",
            "The cell holds a formula. The test of F-1 for a-2 was written here: its ids were changed.",
            "write the ids again as they were.",
        ),
        (
            insert("F-1x", "north", "a-1", "Is a-1 shown?", "met"),
            8,
            "unit",
            "The row is of no test of this sheet.",
            "did you mean 'F-1'?",
        ),
        (
            insert("something", None, "a-1"),
            8,
            "unit",
            "The row is of no test of this sheet.",
            "delete the row, if it was added.",
        ),
        (
            twice,
            8,
            "unit",
            "The test of F-1 for a-1 stands twice, first in row 2.",
            "delete the row that does not count.",
        ),
        (
            answered_twice,
            8,
            "answer",
            "The test of F-1 for a-1 stands twice, first in row 2, with two answers.",
            "delete the row that does not count.",
        ),
        (
            lambda book: book["Tests"].delete_rows(7),
            7,
            "unit",
            "The test of F-3 for a-2, which was written here, is missing.",
            "put its row back, with its answer.",
        ),
        (
            lambda book: book["Tests"].delete_rows(3),
            3,
            "unit",
            "The test of F-1 for a-2, which was written here, is missing.",
            "put its row back, with its answer.",
        ),
    ],
)
def test_a_row_that_is_inconsistent_is_named_and_can_be_set_aside(
    tmp_path: Path, change: Callable[[Any], None], row: int, column: str, what: str, do: str
) -> None:
    audit, path = filled(tmp_path)
    spoil(path, change)
    looked = look_at_sheets([path], audit.frame, audit.sample, audit.programme)
    (found,) = looked.inconsistencies
    assert (found.file, found.sheet, found.row, found.column) == ("sheet-ana.xlsx", "Tests", row, column)
    assert (found.what, found.do) == (what, do)
    with pytest.raises(BadInput) as caught:
        read(audit, path)
    assert caught.value.where == {"file": "sheet-ana.xlsx", "sheet": "Tests", "row": row, "column": column}
    assert "--set-aside" in caught.value.do

    (sheet,) = set_aside(looked)
    assert sheet.reasons == (f"sheet-ana.xlsx, sheet Tests, row {row}, column {column}: {what}",)
    marks = {(mark.unit, mark.attribute): mark for mark in sheet.marks}
    assert len(marks) == 6
    assert sheet.aside == ({(found.unit, found.attribute)} if found.unit else set())
    for test in sheet.aside:
        assert marks[test].answer is Answer.NOT_TESTABLE
        assert marks[test].remark == f"set aside: {sheet.reasons[0]}"
        assert not marks[test].is_from_record


def with_column(name: str, place: str) -> Callable[[Any], None]:
    return put(place, name)


def drop_sheet(name: str) -> Callable[[Any], None]:
    return lambda book: book.remove(book[name])


def told_otherwise(key: str, value: str) -> Callable[[Any], None]:
    def change(book: Any) -> None:
        for row in book["_manifest"].iter_rows():
            if row[0].value == key:
                row[1].value = value

    return change


@pytest.mark.parametrize(
    ("change", "sheet", "row", "column", "what"),
    [
        (put("E1", None), "Tests", 1, "answer", "The column 'answer' is missing."),
        (lambda book: book["Tests"].delete_cols(6), "Tests", 1, "evidence", "The column 'evidence' is missing."),
        (put("I1", "answer"), "Tests", 1, "answer", "The column 'answer' stands twice, in E and I."),
        (put("I1", "note"), "Tests", 1, "I", "This column is not of the sheet."),
        (put("A1", "=1"), "Tests", 1, "A", "The cell holds a formula."),
        (put("J5", "by the way"), "Tests", 5, "J", "The row has a cell in a column without a name."),
        (put("BZ5", "by the way"), "Tests", 5, None, "The row has cells beyond column 64."),
        (lambda book: book["Tests"].delete_rows(1, 9), "Tests", 1, "unit", "The column 'unit' is missing."),
        (drop_sheet("Tests"), "Tests", None, None, "The workbook has no sheet 'Tests'."),
        (drop_sheet("_manifest"), None, None, None, "This workbook is no test sheet of an audit."),
        (drop_sheet("_record"), "_record", None, None, "The workbook has no sheet '_record'."),
        (told_otherwise("what", "a list"), "_manifest", None, None, "The hidden sheet was changed."),
        (told_otherwise("version", "2"), "_manifest", None, None, "The hidden sheet was changed."),
        (told_otherwise("auditors", "[" * 9_999), "_manifest", None, None, "The hidden sheet was changed."),
        (told_otherwise("auditor", "Eve"), "_manifest", None, None, "The hidden sheet was changed."),
        (told_otherwise("sharing", "some"), "_manifest", None, None, "The hidden sheet was changed."),
        (
            told_otherwise("frame_sha256", "f" * 64),
            "_manifest",
            None,
            None,
            "The sheet is of another frame: of ffffffffffff…, and the audit's is aaaaaaaaaaaa….",
        ),
        (
            told_otherwise("sample_sha256", "f" * 64),
            "_manifest",
            None,
            None,
            "The sheet is of another sample: of ffffffffffff…, and the audit's is bbbbbbbbbbbb….",
        ),
        (
            told_otherwise("programme_sha256", "f" * 64),
            "_manifest",
            None,
            None,
            "The sheet is of another programme: of ffffffffffff…, and the audit's is cccccccccccc….",
        ),
        (
            lambda book: book["_record"].__setitem__("C1", "met"),
            "_record",
            None,
            None,
            "The hidden sheet of the record's answers was changed.",
        ),
        (
            lambda book: book["Tests"].delete_cols(5) or book["Tests"].insert_cols(5),
            "Tests",
            1,
            "answer",
            "The column 'answer' is missing.",
        ),
    ],
)
def test_a_sheet_that_cannot_be_trusted_is_named_and_never_set_aside(
    tmp_path: Path, change: Callable[[Any], None], sheet: str | None, row: int | None, column: str | None, what: str
) -> None:
    audit, path = filled(tmp_path)
    spoil(path, change)
    looked = look_at_sheets([path], audit.frame, audit.sample, audit.programme)
    (found,) = looked.inconsistencies
    assert (found.file, found.sheet, found.row, found.column) == ("sheet-ana.xlsx", sheet, row, column)
    assert found.what == what
    with pytest.raises(BadInput, match="mend the sheets and read them again") as caught:
        set_aside(looked)
    assert "--set-aside" not in caught.value.do


def test_a_sheet_that_nobody_filled_in_is_named_once(tmp_path: Path) -> None:
    audit = small_audit(files=40)
    (path,) = written(tmp_path, audit, prefilled={("F-2", "a-1"): FROM_RECORD})
    assert faults(audit, path) == [("sheet-ana.xlsx", "Tests", None, "answer", "No test of the sheet is answered.")]


def test_a_sheet_that_the_record_answered_throughout_needs_no_filling(tmp_path: Path) -> None:
    audit = small_audit(files=1, attributes=1)
    mark = replace(FROM_RECORD, unit="F-1")
    (path,) = written(tmp_path, audit, prefilled={("F-1", "a-1"): mark})
    assert read(audit, path)[0].marks == (mark,)


# ---------------------------------------------------------------- several sheets


def test_inconsistencies_of_all_sheets_are_named_together(tmp_path: Path) -> None:
    audit = small_audit(files=4)
    paths = written(tmp_path, audit, "Ana", "Ben")
    for path in paths:
        fill(path)
        spoil(path, put("E2", "?"))
        spoil(path, put("E4", None))
    with pytest.raises(BadInput) as caught:
        read(audit, *paths)
    empty, strange = "The test is not answered.", "This is no answer."
    assert caught.value.what.splitlines() == [
        "The sheets have 4 inconsistencies; nothing was read.",
        *(
            f"  {file}, sheet Tests, row {row}, column answer: {what} To do: choose one of: {KNOWN}."
            for file in ("sheet-ana.xlsx", "sheet-ben.xlsx")
            for row, what in ((2, strange), (4, empty))
        ),
    ]


def test_a_hundred_are_shown_and_the_others_counted(tmp_path: Path) -> None:
    audit = small_audit(files=120, attributes=1)
    (path,) = written(tmp_path, audit)
    fill(path, {(unit.id, "a-1"): ("no", "", "") for unit in audit.sample.units})
    found = look_at_sheets([path], audit.frame, audit.sample, audit.programme).inconsistencies
    assert len(found) == 120
    lines = refusal(found).what.splitlines()
    assert len(lines) == MOST_SHOWN + 2
    assert lines[-1] == "  and 20 more."
    assert inconsistency_json(found[0])["row"] == 2


def test_nothing_that_an_auditor_wrote_is_repeated_in_a_message(tmp_path: Path) -> None:
    audit, path = filled(tmp_path)
    for place in ("A3", "B5", "C6", "D7", "E2", "H2"):
        spoil(path, put(place, "Invented Person, 1990-01-01"))
    with pytest.raises(BadInput) as caught:
        read(audit, path)
    assert "Invented" not in caught.value.message()
    looked = look_at_sheets([path], audit.frame, audit.sample, audit.programme)
    assert "Invented" not in str(looked.inconsistencies)
    assert "Invented" not in str(set_aside(looked))


def test_a_sheet_that_is_missing_is_named(tmp_path: Path) -> None:
    audit = small_audit()
    one, other = written(tmp_path, audit, "Ana", "Ben")
    fill(one)
    fill(other)
    assert faults(audit, other) == [
        ("sheet-ben.xlsx", None, None, None, "The sheet of Ana is missing, whose tests are not on the others.")
    ]


def test_a_copy_of_a_sheet_is_named(tmp_path: Path) -> None:
    audit, path = filled(tmp_path)
    copy = path.with_name("sheet-ana (1).xlsx")
    shutil.copy(path, copy)
    assert faults(audit, path, copy) == [
        (copy.name, None, None, None, "This sheet and sheet-ana.xlsx are by the same auditor, Ana.")
    ]


def test_sheets_of_two_calls_are_named(tmp_path: Path) -> None:
    audit, path = filled(tmp_path / "one")
    (other, _) = written(tmp_path / "two", audit, "Ben", "Cy")
    fill(other)
    assert faults(audit, path, other)[0] == (
        "sheet-ben.xlsx",
        None,
        None,
        None,
        "The sheet was not written together with sheet-ana.xlsx: the files were shared out otherwise.",
    )


def test_two_sheets_of_one_file_name_are_named(tmp_path: Path) -> None:
    audit = small_audit()
    one, other = written(tmp_path, audit, "Ana", "Ben", sharing=Sharing.TWO_EACH)
    fill(one)
    fill(other)
    (tmp_path / "elsewhere").mkdir()
    moved = other.rename(tmp_path / "elsewhere" / one.name)
    assert {what for *_, what in faults(audit, one, moved)} == {"Two sheets have the same file name."}


# ---------------------------------------------------------------- files that are no sheets


def zipped(**parts: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_DOT_", "."), content)
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "The file is empty."),
        (b"unit,answer\nF-1,met\n", "This is not a workbook."),
        (b"PK\x03\x04" + b"\0" * 99, "The workbook is damaged or cut off."),
        (zipped(mimetype=b"text"), "This is an archive, but not an Excel workbook."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 999, "This is a workbook of the old .xls format"),
        (b"%PDF-1.7", "This is a PDF, not a table."),
        (zipped(xl__workbook_DOT_xml=b"<workbook/>"), "The workbook is damaged or cut off."),
        (zipped(xl__workbook_DOT_xml=b"<!DOCTYPE a [<!ENTITY b 'c'>]><workbook/>"), "The workbook holds a declaration"),
        (zipped(xl__workbook_DOT_xml="<workbook/>".encode("utf-16")), "The workbook holds a declaration"),
    ],
)
def test_what_is_no_workbook_is_named(tmp_path: Path, content: bytes, what: str) -> None:
    audit = small_audit()
    path = tmp_path / "sheet-ana.xlsx"
    path.write_bytes(content)
    ((file, _, _, _, said),) = faults(audit, path)
    assert file == "sheet-ana.xlsx"
    assert said.startswith(what)


def test_a_sheet_that_is_not_there_is_named(tmp_path: Path) -> None:
    ((_, _, _, _, said),) = faults(small_audit(), tmp_path / "none.xlsx")
    assert said == "There is no such file."


def test_a_workbook_that_would_fill_memory_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    audit, path = filled(tmp_path)
    monkeypatch.setattr(sheet_workbook, "LARGEST_UNPACKED_BYTES", 10_000)
    assert "and 10,000 are the most: it was not opened." in faults(audit, path)[0][4]
    monkeypatch.setattr(sheet_workbook, "LARGEST_BYTES", 1_000)
    assert "bytes, and 1,000 are the most: it was not opened." in faults(audit, path)[0][4]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32), st.integers(0, 255), st.booleans())
def test_a_damaged_sheet_is_read_as_it_was_or_refused(tmp_path: Path, place: int, byte: int, is_cut: bool) -> None:
    folder = tmp_path / "whole"
    if not folder.exists():
        filled(folder)
    audit = small_audit()
    content = bytearray((folder / "sheets" / "sheet-ana.xlsx").read_bytes())
    if is_cut:
        del content[place % len(content) :]
    else:
        content[place % len(content)] = byte
    path = tmp_path / "sheet-ana.xlsx"
    path.write_bytes(content)
    looked = look_at_sheets([path], audit.frame, audit.sample, audit.programme)
    if not looked.inconsistencies:
        assert looked.sheets == read(audit, folder / "sheets" / "sheet-ana.xlsx")


@pytest.mark.slow
def test_fifty_thousand_tests_are_read(tmp_path: Path) -> None:
    audit = small_audit(files=1_000, attributes=50)
    marks = {
        (unit.id, each.id): replace(FROM_RECORD, unit=unit.id, attribute=each.id)
        for unit in audit.sample.units
        for each in audit.programme.attributes
    }
    (path,) = written(tmp_path, audit, prefilled=marks)
    assert len(read(audit, path)[0].marks) == 50_000


def test_a_row_far_below_all_others_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    audit, path = filled(tmp_path)
    with zipfile.ZipFile(path) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    with zipfile.ZipFile(path, "w") as changed:
        for name, content in parts.items():
            changed.writestr(name, content.replace(b'<row r="4"', b'<row r="2000000000"'))
    assert any("The sheet has rows beyond 200,100." in each[4] for each in faults(audit, path))
