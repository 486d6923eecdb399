"""The files that an agency's log can be: text, workbooks, and what is neither."""

from __future__ import annotations

import datetime as clock_times
from collections.abc import Iterable
from pathlib import Path

import openpyxl
import pytest

from detainer_ledger.terms import BadInput
from tests.casework.build import Office
from tests.casework.logs import (
    BAD,
    HEADER,
    MAPPING,
    RECEIVED,
    TAKEN,
    WAITING,
    Row,
    imported,
    kinds,
    log,
    only,
    results,
    says,
    tried,
    what_is_kept,
)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_text_parted_by_commas_semicolons_or_tabs_is_read(office: Office, tmp_path: Path, delimiter: str) -> None:
    assert results(imported(office, log(tmp_path, TAKEN, WAITING, delimiter=delimiter))) == ["new", "new"]
    assert sorted(kinds(office)) == ["B-1", "B-3"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_text_in_each_usual_encoding_is_read(office: Office, tmp_path: Path, encoding: str) -> None:
    path = log(tmp_path, ("Nº-1", *RECEIVED[1:]))
    path.write_bytes(path.read_text("utf-8").encode(encoding))
    assert results(imported(office, path)) == ["new"]
    assert list(kinds(office)) == ["Nº-1"]


def workbook(folder: Path, *sheets: Iterable[Row]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for number, rows in enumerate(sheets, start=1):
        sheet = book.create_sheet(f"Month {number}")
        for row in rows:
            sheet.append(list(row))
    path = folder / "log.xlsx"
    book.save(path)
    return path


def test_a_workbook_is_read_sheet_by_sheet_with_the_place_of_each_row(office: Office, tmp_path: Path) -> None:
    done = imported(office, workbook(tmp_path, [HEADER, TAKEN, BAD], [HEADER, [], WAITING]))
    assert [(row.sheet, row.number, row.result) for row in done.rows] == [
        ("Month 1", 2, "new"),
        ("Month 1", 3, "error"),
        ("Month 2", 3, "new"),
    ]


def test_numbers_in_a_workbook_are_read_as_a_person_sees_them(office: Office, tmp_path: Path) -> None:
    imported(office, workbook(tmp_path, [HEADER, (4711, *RECEIVED[1:])]))
    assert list(kinds(office)) == ["4711"]


@pytest.mark.parametrize("formats", [True, False], ids=["with formats", "without formats"])
def test_days_and_times_in_cells_of_days_and_times_are_read_whatever_the_formats(
    office: Office, tmp_path: Path, formats: bool
) -> None:
    mapping = (
        MAPPING
        if formats
        else MAPPING.replace('day_format = "%m/%d/%Y"\n', "").replace('time_format = "%m/%d/%Y %H:%M"\n', "")
    )
    at = clock_times.datetime(2026, 2, 20, 9, 0)  # noqa: DTZ001 - a cell has no zone
    row = ("B-1", at, "I-247A", clock_times.date(2026, 2, 19))
    assert results(imported(office, workbook(tmp_path, [HEADER, row]), mapping)) == ["new"]
    said = says(office, "B-1", "detainer_received")
    assert (said["at"], said["issued_on"]) == ("2026-02-20T09:00:00-06:00", "2026-02-19")


@pytest.mark.parametrize("missing", ["Booking No", "Received", "Answer", "Outcome"])
def test_a_file_without_a_column_of_the_mapping_is_told_with_those_it_has(
    office: Office, tmp_path: Path, missing: str
) -> None:
    header = [name.replace(missing, "Other") if name == missing else name for name in HEADER]
    for do in (imported, tried):
        with pytest.raises(BadInput, match=f"The file has no column '{missing}', which the mapping names") as caught:
            do(office, log(tmp_path, WAITING, header=header))
        assert "Other" in caught.value.do
    assert what_is_kept(office) == {}


def test_a_file_with_a_header_alone_is_looked_at_for_its_columns(office: Office, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="The file has no column"):
        imported(office, log(tmp_path, header=("Something", "else")))


def test_a_second_sheet_without_a_column_is_told_with_its_name(office: Office, tmp_path: Path) -> None:
    path = workbook(tmp_path, [HEADER, WAITING], [("Notes", "By"), ("all quiet", "jill")])
    with pytest.raises(BadInput, match="The file has no column") as caught:
        imported(office, path)
    assert caught.value.where["sheet"] == "Month 2"


def test_a_file_that_cannot_be_read_to_its_end_stores_nothing(office: Office, tmp_path: Path) -> None:
    path = log(tmp_path, WAITING, TAKEN)
    path.write_text(path.read_text("utf-8") + '"x"y,3\n', "utf-8")
    with pytest.raises(BadInput, match="The text cannot be read as a table"):
        imported(office, path)
    assert what_is_kept(office) == {}


def test_sheets_that_the_mapping_names_are_read_and_no_others(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "log.xlsx"
    book = openpyxl.Workbook()
    book.active.title = "Log"
    for row in (HEADER, WAITING):
        book.active.append(list(row))
    book.create_sheet("Notes").append(["anything"])
    book.save(path)
    with pytest.raises(BadInput, match="has no column 'Booking No'") as raised:
        imported(office, path)
    assert 'sheets = ["Log"]' in (raised.value.do or "")
    named = 'sheets = ["Log"]\n' + MAPPING
    assert results(imported(office, path, named)) == ["new"]
    with pytest.raises(BadInput, match="There is no sheet 'Logs'"):
        imported(office, path, named.replace('"Log"', '"Logs"'))


def test_a_day_of_a_workbook_without_a_time_of_day_is_no_time(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "log.xlsx"
    book = openpyxl.Workbook()
    for row in (HEADER, ("B-9", clock_times.date(2026, 2, 20), *WAITING[2:])):
        book.active.append(list(row))
    book.save(path)
    done = only(imported(office, path))
    assert done.result == "error"
    assert "a day without a time of day" in done.message


def test_a_column_twice_in_the_header_is_told_with_its_name(office: Office, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="The header has 'Form' twice"):
        imported(office, log(tmp_path, WAITING, header=[*HEADER, "Form"]))


def test_a_file_that_is_not_there_or_is_no_table_is_told(office: Office, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="There is no such file"):
        imported(office, tmp_path / "none.csv")
    letter = tmp_path / "letter.pdf"
    letter.write_bytes(b"%PDF-1.7\n")
    with pytest.raises(BadInput, match="This is a PDF"):
        imported(office, letter)
