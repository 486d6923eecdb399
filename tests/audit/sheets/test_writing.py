"""What a test sheet looks like to the auditor who opens it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from detainer_ledger.audit.sheets import drawing as sheet_drawing
from detainer_ledger.audit.sheets.layout import Sharing, checked_auditors, share_out, sheet_paths
from detainer_ledger.audit.sheets.workbook import opened_workbook, sheet_rows, text_of
from detainer_ledger.audit.sheets.writing import write_sheets
from detainer_ledger.audit.values import Answer, Mark, Unit
from detainer_ledger.terms import BadInput
from tests.audit.filling import Audit, attribute, audit_of, small_audit
from tests.running import tree


def written(folder: Path, audit: Audit, *auditors: str, **more: Any) -> tuple[Path, ...]:
    return write_sheets(folder, audit.frame, audit.sample, audit.programme, auditors=auditors or ("Ana",), **more)


def rows(path: Path, sheet: str = "Tests") -> list[tuple[object, ...]]:
    return [tuple(row) for row in openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True)]


def test_there_is_a_row_for_each_file_and_attribute_in_the_order_of_the_draw(tmp_path: Path) -> None:
    audit = audit_of((Unit(id="F-9", stratum="s"), Unit(id="F-1", stratum="n")), (attribute("b"), attribute("a")))
    (path,) = written(tmp_path, audit, "Ana Ruiz")
    assert path == tmp_path / "sheets" / "sheet-ana-ruiz.xlsx"
    header, *tests = rows(path)
    assert header == ("unit", "stratum", "attribute", "question", "answer", "evidence", "remark", "answered by")
    assert [row[:4] for row in tests] == [
        ("F-9", "s", "b", "Is b shown?"),
        ("F-9", "s", "a", "Is a shown?"),
        ("F-1", "n", "b", "Is b shown?"),
        ("F-1", "n", "a", "Is a shown?"),
    ]
    assert all(row[4:] == (None, None, None, None) for row in tests)


def test_only_answer_evidence_and_remark_can_be_filled_in(tmp_path: Path) -> None:
    (path,) = written(tmp_path, small_audit())
    book = openpyxl.load_workbook(path)
    assert all(sheet.protection.sheet for sheet in book)
    names = [cell.value for cell in book["Tests"][1]]
    for row in book["Tests"].iter_rows(min_row=2):
        assert [name for name, cell in zip(names, row, strict=True) if not cell.protection.locked] == [
            "answer",
            "evidence",
            "remark",
        ]
        # What is typed into a cell of text stays as it was typed.
        assert {cell.number_format for cell in row[4:7]} == {"@"}


def test_the_answer_is_chosen_from_a_list(tmp_path: Path) -> None:
    (path,) = written(tmp_path, small_audit(files=3, attributes=2))
    sheet = openpyxl.load_workbook(path)["Tests"]
    (listed,) = [each for each in sheet.data_validations.dataValidation if each.type == "list"]
    assert listed.formula1 == '"met,not_met,not_testable,not_applicable"'
    assert str(listed.sqref) == "E2:E7"
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == "A1:H7"


def test_the_sheet_says_what_it_is_of_and_what_to_do(tmp_path: Path) -> None:
    audit = small_audit()
    (path,) = written(tmp_path, audit, "Ana")
    book = openpyxl.load_workbook(path)
    assert [(sheet.title, sheet.sheet_state) for sheet in book] == [
        ("Read me", "visible"),
        ("Criteria", "visible"),
        ("Tests", "visible"),
        ("_manifest", "hidden"),
        ("_record", "hidden"),
    ]
    told = "\n".join(str(cell) for row in rows(path, "Read me") for cell in row if cell)
    assert all(digest in told for digest in (audit.frame.sha256, audit.sample.sha256, audit.programme.sha256))
    assert "against slips, not against intent" in told
    assert book.properties.title == "Test sheet"
    assert book.properties.creator == "Ana"
    assert rows(path, "Criteria")[1] == ("a-1", "a-1", "Is a-1 shown?", "a-1 is shown.", "Invented, 1", "yes")


def test_what_the_record_answered_is_locked_and_named(tmp_path: Path) -> None:
    mark = Mark(unit="F-2", attribute="a-1", answer=Answer.MET, auditor="case C-7", evidence="event 4", remark="")
    (path,) = written(tmp_path, small_audit(), prefilled={("F-2", "a-1"): mark})
    sheet = openpyxl.load_workbook(path)["Tests"]
    assert [cell.value for cell in sheet[4]][4:] == ["met", "event 4", None, "record (case C-7)"]
    assert all(cell.protection.locked for cell in sheet[4])
    assert {cell.fill.fgColor.rgb for cell in sheet[4]} == {"FFDCE9F5"}


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "http://example.org",
        "<b>&amp;</b>",
        "{=A1}",
        "00012",
        "1e5",
        "_x0041_",
        "ä\u202eb",
        "x" * 2_000,
    ],
)
def test_hostile_texts_stay_texts(tmp_path: Path, text: str) -> None:
    audit = audit_of((Unit(id=text, stratum=text),), (attribute("a", question=text, source=text),))
    mark = Mark(unit=text, attribute="a", answer=Answer.MET, auditor="r", evidence=text, remark=text)
    (path,) = written(tmp_path, audit, prefilled={(text, "a"): mark})
    book = openpyxl.load_workbook(path)
    row = book["Tests"][2]
    assert all(cell.data_type == "s" for cell in row)
    assert all(cell.hyperlink is None for cell in row)
    # What looks like an escaped sign is escaped itself, so that spreadsheet programs show it as it is.
    assert [text_of(row[place].value, "s").text for place in (0, 1, 3, 5, 6)] == [text] * 5


def test_control_characters_of_a_record_are_shown_as_such(tmp_path: Path) -> None:
    mark = Mark(unit="F-1", attribute="a-1", answer=Answer.MET, auditor="r", evidence="a\x07b\r\nc", remark="")
    (path,) = written(tmp_path, small_audit(), prefilled={("F-1", "a-1"): mark})
    assert openpyxl.load_workbook(path)["Tests"]["F2"].value == "a\ufffdb\nc"


def test_files_are_dealt_to_the_auditors_like_cards(tmp_path: Path) -> None:
    audit = small_audit(files=5)
    shares = share_out(audit.sample, ("ana", "ben"), Sharing.SHARED)
    assert {name: [unit.id for unit in units] for name, units in shares.items()} == {
        "ana": ["F-1", "F-3", "F-5"],
        "ben": ["F-2", "F-4"],
    }
    paths = written(tmp_path, audit, "ana", "ben")
    assert [sorted({str(row[0]) for row in rows(path)[1:]}) for path in paths] == [
        ["F-1", "F-3", "F-5"],
        ["F-2", "F-4"],
    ]


def test_two_auditors_each_test_every_file(tmp_path: Path) -> None:
    one, other = written(tmp_path, small_audit(), "ana", "ben", sharing=Sharing.TWO_EACH)
    assert rows(one) == rows(other)


@pytest.mark.parametrize("auditors", [("ana",), ("ana", "ben", "cy")])
def test_agreement_is_between_two(tmp_path: Path, auditors: tuple[str, ...]) -> None:
    with pytest.raises(BadInput, match="Each file is to be tested by two auditors, and"):
        written(tmp_path, small_audit(), *auditors, sharing=Sharing.TWO_EACH)
    assert tree(tmp_path) == {}


@pytest.mark.parametrize("name", ["", "  ", "...", "a\nb\x07", "x" * 61, "a\u202eb"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="This is no name of an auditor"):
        checked_auditors([name])


def test_two_names_that_become_one_file_are_refused() -> None:
    with pytest.raises(BadInput, match="cannot be told apart: 'Ana R' and 'ana-r'"):
        checked_auditors(["Ana R", "ana-r"])


def test_names_of_any_script_and_with_signs_of_paths_become_file_names(tmp_path: Path) -> None:
    paths = written(tmp_path, small_audit(), "../Ana", "李 明", "O'Neil, B.")
    assert [path.name for path in paths] == ["sheet-ana.xlsx", "sheet-李-明.xlsx", "sheet-o-neil-b.xlsx"]
    assert {path.parent for path in paths} == {tmp_path / "sheets"}


def test_sheets_that_are_there_are_never_written_over(tmp_path: Path) -> None:
    written(tmp_path, small_audit(), "ana")
    before = tree(tmp_path)
    with pytest.raises(BadInput, match=r"may be filled in: sheet-ana\.xlsx\."):
        written(tmp_path, small_audit(), "ben")
    assert tree(tmp_path) == before


def test_what_spreadsheet_programs_leave_beside_an_open_sheet_is_no_sheet(tmp_path: Path) -> None:
    written(tmp_path, small_audit(), "ana")
    for name in ("~$sheet-ana.xlsx", ".sheet-ana.xlsx", "settlement.xlsx", "notes.txt"):
        (tmp_path / "sheets" / name).write_text("")
    assert [path.name for path in sheet_paths(tmp_path)] == ["sheet-ana.xlsx"]


def test_nothing_is_left_where_a_sheet_cannot_be_written(tmp_path: Path) -> None:
    audit = audit_of((Unit(id="F-1"), Unit(id="x" * 40_000)), (attribute("a"),))
    with pytest.raises(BadInput, match="A text has 40,000 characters, and a cell holds 32,767"):
        written(tmp_path, audit, "ana", "ben")
    assert [name for name, content in tree(tmp_path).items() if content is not None] == []


def test_more_tests_than_can_be_read_back_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_drawing, "MOST_TESTS", 5)
    with pytest.raises(BadInput, match="The sheet would have 6 tests, and 5 are the most"):
        written(tmp_path, small_audit())


def test_more_auditors_than_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="There is no file left for d: the sample has 3"):
        written(tmp_path, small_audit(), "a", "b", "c", "d")


def test_a_sample_of_another_frame_is_refused(tmp_path: Path) -> None:
    audit = small_audit()
    other = replace(audit, sample=replace(audit.sample, frame_sha256="f" * 64))
    with pytest.raises(BadInput, match="The sample was drawn from another frame"):
        written(tmp_path, other)


@pytest.mark.parametrize("test", [("F-99", "a-1"), ("F-1", "a-9")])
def test_an_answer_of_the_record_to_no_test_is_refused(tmp_path: Path, test: tuple[str, str]) -> None:
    mark = Mark(unit=test[0], attribute=test[1], answer=Answer.MET, auditor="r")
    with pytest.raises(BadInput, match="An answer of the record is of no test of this sample"):
        written(tmp_path, small_audit(), prefilled={test: mark})


@pytest.mark.slow
def test_a_thousand_files_by_fifty_attributes_are_written(tmp_path: Path) -> None:
    (path,) = written(tmp_path, small_audit(files=1_000, attributes=50))
    with opened_workbook(path) as book:
        assert sum(1 for _ in sheet_rows(book, path, "Tests")) == 50_001
