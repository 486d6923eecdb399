"""Rows of any table that a person keeps, by the names of its own header."""

from __future__ import annotations

import csv
import datetime as clock_times
import io
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detainer_ledger.releases import PlainRow, plain_rows
from detainer_ledger.terms import BadInput
from tests.conftest import WriteText
from tests.releases.bad_files import (
    archive_that_is_no_workbook,
    encrypted_workbook,
    old_workbook,
    truncated_workbook,
    workbook,
    workbook_with_a_damaged_sheet,
)

Told = list[tuple[str | None, int, dict[str, str]]]


def told(path: Path) -> Told:
    return [(row.sheet, row.number, dict(row.cells)) for row in plain_rows(path)]


def refused(path: Path) -> BadInput:
    with pytest.raises(BadInput) as caught:
        list(plain_rows(path))
    return caught.value


# ---------------------------------------------------------------- text


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_text_is_read_whatever_parts_its_cells_and_ends_its_lines(
    write_text: WriteText, delimiter: str, line_end: str
) -> None:
    text = line_end.join((delimiter.join("AB"), delimiter.join("12"), delimiter.join("34"))) + line_end
    assert told(write_text("log.csv", text)) == [(None, 2, {"A": "1", "B": "2"}), (None, 3, {"A": "3", "B": "4"})]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
def test_text_is_read_in_the_encodings_that_spreadsheet_programs_write(write_text: WriteText, encoding: str) -> None:
    content = "Straße,Größe\nNº 1,“x”\n".encode(encoding)
    if encoding == "utf-16-le":
        content = b"\xff\xfe" + content
    assert told(write_text("log.csv", content)) == [(None, 2, {"Straße": "Nº 1", "Größe": "“x”"})]


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("A,B\n 1 ,\t2\t\n", {"A": "1", "B": "2"}),
        (" A , B \n1,2\n", {"A": "1", "B": "2"}),
        ('A,B\n"1,5","say ""x"""\n', {"A": "1,5", "B": 'say "x"'}),
        ('A,B\n"one\ntwo",2\n', {"A": "one\ntwo", "B": "2"}),
        ("A,B\n1\n", {"A": "1", "B": ""}),
        ("A,B\n1,2,,\n", {"A": "1", "B": "2"}),
        ("A,B,,\n1,2\n", {"A": "1", "B": "2"}),
        ("A\n1\n", {"A": "1"}),
        ("A,B\n=1+1,'x\n", {"A": "=1+1", "B": "'x"}),
        ("A,B\n001,1e5\n", {"A": "001", "B": "1e5"}),
        ("A,B\n1,2", {"A": "1", "B": "2"}),
    ],
)
def test_cells_are_trimmed_text_by_the_names_of_the_header(
    write_text: WriteText, text: str, row: dict[str, str]
) -> None:
    assert told(write_text("log.csv", text)) == [(None, 2, row)]


def test_empty_rows_are_passed_over_and_counted_as_a_person_counts(write_text: WriteText) -> None:
    assert [number for _, number, _ in told(write_text("log.csv", "A,B\n\n1,2\n,\n  , \n3,4\n\n"))] == [3, 6]


def test_a_row_with_a_line_end_inside_a_cell_counts_as_one(write_text: WriteText) -> None:
    assert [number for _, number, _ in told(write_text("log.csv", 'A,B\n"one\ntwo",2\n3,4\n'))] == [2, 3]


def test_a_header_alone_gives_no_rows(write_text: WriteText) -> None:
    assert told(write_text("log.csv", "A,B\n")) == []


@pytest.mark.parametrize("above", ["\n", ",\n", "\n\n"])
def test_empty_rows_above_the_header_are_passed_over_too(write_text: WriteText, above: str) -> None:
    found = told(write_text("log.csv", above + "A,B\n1,2\n"))
    assert found == [(None, 2 + above.count("\n"), {"A": "1", "B": "2"})]


@pytest.mark.parametrize("text", ['"Last, first";No\nx;1\n', '"Place, city, state";No;At\nx;1;2\n'])
def test_a_comma_inside_a_name_of_the_header_parts_nothing(write_text: WriteText, text: str) -> None:
    ((_, number, cells),) = told(write_text("log.csv", text))
    assert number == 2
    assert cells["No"] == "1"


@pytest.mark.parametrize(
    ("text", "message", "row"),
    [
        ("A,B,A\n1,2,3\n", "The header has 'A' twice.", 1),
        (" A,A \n1,2\n", "The header has 'A' twice.", 1),
        ('A,B\n1,2\n"x,3\n', "The text cannot be read as a table", 3),
        ('A,B\n"x"y,3\n', "The text cannot be read as a table", 2),
        ("A,B\n1," + "x" * 200_000 + "\n", "The text cannot be read as a table", 2),
    ],
)
def test_a_row_or_header_that_cannot_be_is_told_with_its_number(
    write_text: WriteText, text: str, message: str, row: int
) -> None:
    error = refused(write_text("log.csv", text))
    assert error.what.startswith(message)
    assert (error.where["file"], error.where["row"]) == ("log.csv", row)
    assert error.do


def test_a_column_without_a_name_between_others_is_named_by_its_place(write_text: WriteText) -> None:
    assert told(write_text("log.csv", "A,,,D\n1,2,3,4\n")) == [
        (None, 2, {"A": "1", "column 2": "2", "column 3": "3", "D": "4"})
    ]


def test_the_rows_before_one_that_cannot_be_read_are_given(write_text: WriteText) -> None:
    rows = plain_rows(write_text("log.csv", 'A,B\n1,2\n"1"x,2\n'))
    assert next(rows) == PlainRow(sheet=None, number=2, cells={"A": "1", "B": "2"}, n_cells=2)
    with pytest.raises(BadInput):
        next(rows)


def test_a_row_says_how_many_cells_it_has_and_empty_ones_beyond_the_header_are_none(write_text: WriteText) -> None:
    rows = plain_rows(write_text("log.csv", "A,B\n1\n1,2\n1,2,,\n1,2,,4\n"))
    assert [row.n_cells for row in rows] == [1, 2, 2, 4]


CELL = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Co", "Cn"), blacklist_characters=" ﻿"), max_size=12)


@given(rows=st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=8), delimiter=st.sampled_from(",;\t"))
def test_what_the_csv_module_writes_is_read_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], delimiter: str
) -> None:
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter, lineterminator="\n").writerows([["A", "B", "C"], *rows])
    path = tmp_path_factory.mktemp("plain") / "log.csv"
    path.write_bytes(written.getvalue().encode())
    expected = [
        (None, number, dict(zip("ABC", (cell.strip() for cell in row), strict=True)))
        for number, row in enumerate(rows, start=2)
        if any(cell.strip() for cell in row)
    ]
    assert told(path) == expected


# ---------------------------------------------------------------- workbooks


def test_each_sheet_has_a_header_of_its_own_and_rows_numbered_as_it_shows_them(tmp_path: Path) -> None:
    path = workbook(tmp_path / "log.xlsx", [("A", "B"), (1, 2), (), (3, None)], [("C",), ("x",)])
    assert told(path) == [
        ("Sheet1", 2, {"A": "1", "B": "2"}),
        ("Sheet1", 4, {"A": "3", "B": ""}),
        ("Sheet2", 2, {"C": "x"}),
    ]


def test_cells_of_a_workbook_are_text_as_a_person_sees_it(tmp_path: Path) -> None:
    at = clock_times.datetime(2026, 2, 20, 9, 30)  # noqa: DTZ001 - a cell has no zone
    cells: Sequence[object] = (4711, 1.5, True, at, " x ", "001", None, "=1+1")
    path = workbook(tmp_path / "log.xlsx", ["ABCDEFGH", cells])
    ((_, _, row),) = told(path)
    assert [row[name] for name in "ABDEFG"] == ["4711", "1.5", "2026-02-20 09:30:00", "x", "001", ""]
    assert row["C"].lower() == "true"
    # A formula whose value no program has computed is an empty cell.
    assert row["H"] == ""


def test_hidden_and_empty_sheets_are_passed_over(tmp_path: Path) -> None:
    path = workbook(tmp_path / "log.xlsx", [("A",), ("1",)], [], [("B",), ("2",)])
    book = openpyxl.load_workbook(path)
    book["Sheet3"].sheet_state = "hidden"
    book.save(path)
    assert told(path) == [("Sheet1", 2, {"A": "1"})]


def test_a_hidden_sheet_whose_rows_might_be_meant_is_told(tmp_path: Path) -> None:
    path = workbook(tmp_path / "log.xlsx", [("A",), ("1",)], [(), ("A", "B"), ("2", "3")], [("List",), ("x",)])
    book = openpyxl.load_workbook(path)
    book["Sheet2"].sheet_state = book["Sheet3"].sheet_state = "hidden"
    book.save(path)
    with pytest.raises(BadInput, match="hidden") as refusal:
        list(plain_rows(path, needed=["A"]))
    assert refusal.value.where["sheet"] == "Sheet2"


def test_what_is_wrong_in_a_workbook_is_told_with_its_sheet(tmp_path: Path) -> None:
    error = refused(workbook(tmp_path / "log.xlsx", [("A",), ("1",)], [("B", "B"), ("1", "2")]))
    assert error.what == "The header has 'B' twice."
    assert (error.where["sheet"], error.where["row"]) == ("Sheet2", 1)
    (row,) = plain_rows(workbook(tmp_path / "wide.xlsx", [("A",), ("1", "2")]))
    assert (row.n_cells, dict(row.cells)) == (2, {"A": "1"})


@pytest.mark.parametrize(
    "make",
    [
        archive_that_is_no_workbook,
        encrypted_workbook,
        old_workbook,
        truncated_workbook,
        workbook_with_a_damaged_sheet,
    ],
)
def test_a_workbook_that_cannot_be_opened_is_told_as_such(tmp_path: Path, make: object) -> None:
    assert callable(make)
    error = refused(make(tmp_path))
    assert error.what
    assert error.do


def test_a_sheet_without_a_column_that_is_needed_is_told_with_those_it_has(tmp_path: Path) -> None:
    path = workbook(tmp_path / "log.xlsx", [("A", "B"), ("1", "2")], [("B", "C"), ("1", "2")])
    assert len(list(plain_rows(path, needed=["B"]))) == 2
    with pytest.raises(BadInput) as caught:
        list(plain_rows(path, needed=["B", "A"]))
    assert caught.value.what.startswith("The file has no column 'A'")
    assert caught.value.where["sheet"] == "Sheet2"
    assert (caught.value.do or "").startswith("it has B, C.")


# ---------------------------------------------------------------- other files


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty."),
        (b"%PDF-1.7\n", "This is a PDF"),
        (b"\x1f\x8b\x08", "The file is compressed (gzip)."),
        (b"<html></html>", "This is a web page or XML"),
        (b"A,B\n1,\0\n", "This is not text: there is a zero byte"),
        (b"A,B\n1,\x81\n", "The text is neither UTF-8 nor Windows-1252"),
        (b"PAR1PAR1", "This is no spreadsheet."),
    ],
)
def test_what_is_no_table_is_told_as_such(write_text: WriteText, content: bytes, message: str) -> None:
    error = refused(write_text("log.csv", content))
    assert error.what.startswith(message)
    assert error.do


def test_a_file_or_folder_that_is_no_file_is_told_as_such(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.csv").what == "There is no such file."
    assert refused(tmp_path).what == "A folder was given where a file is needed."
