"""Workbooks as they come, each read a second time by openpyxl: rows, sheets, and every kind of cell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from detainer_ledger.releases.layouts import layout
from tests.releases import bad_files as bad
from tests.releases.bad_files import HEADER, ROW
from tests.releases.reading_back import ReadBack, read_back

Rows = Sequence[Sequence[object]]
BLANK = (None,)


def jail(name: str) -> tuple[object, ...]:
    return (*ROW[:2], name, *ROW[3:])


A, B, C = jail("JAIL A"), jail("JAIL B"), jail("JAIL C")

BOOKS: dict[str, tuple[Rows, ...]] = {
    "one sheet": ([HEADER, A, B],),
    "leading empty rows": ([BLANK, BLANK, BLANK, HEADER, A, B],),
    "leading empty columns": ([(None, None, *row) for row in (HEADER, A, B)],),
    "leading empty rows and columns": ([BLANK, BLANK, *[(None, *row) for row in (HEADER, A, B)]],),
    "a preamble of other widths": ([("ICE",), (None, "As of", 2015, None, None, None, None, "x"), HEADER, A, B],),
    "the header in row 20": ([*[BLANK] * 19, HEADER, A, B],),
    "a preamble and the header in row 20": ([("ICE",), *[BLANK] * 18, HEADER, A, B],),
    "gaps between rows": ([HEADER, BLANK, A, BLANK, BLANK, B, BLANK, C],),
    "three sheets": ([HEADER, A], [BLANK, HEADER, B], [("ICE",), BLANK, HEADER, C, A]),
    "columns in another order": ([HEADER, A], [tuple(reversed(HEADER)), tuple(reversed(B))]),
}
"""Workbooks of openpyxl, by name: the rows of each sheet."""


def by_openpyxl(path: Path) -> list[tuple[str, int, str]]:
    """Return sheet, row number and facility of each record, as another reader finds them."""
    found = []
    for sheet in openpyxl.load_workbook(path).worksheets:
        place: int | None = None
        for row in sheet.iter_rows():
            values = [cell.value for cell in row]
            if HEADER[2] in values:
                place = values.index(HEADER[2])
            elif place is not None and values[place] is not None:
                found.append((sheet.title, row[place].row, str(values[place])))
    return found


def by_us(back: ReadBack) -> list[tuple[str, int, str]]:
    return [(row["source_sheet"], row["source_row"], row["facility_name"]) for row in back.rows]


@pytest.mark.parametrize("name", BOOKS)
def test_records_stand_in_the_rows_in_which_a_spreadsheet_shows_them(name: str, tmp_path: Path) -> None:
    path = bad.workbook(tmp_path / "book.xlsx", *BOOKS[name])
    back = read_back(path)
    assert by_us(back) == by_openpyxl(path)
    assert set(back.set_aside.values()) <= {"row/blank"}


def test_a_hidden_sheet_is_read_and_named_as_hidden(tmp_path: Path) -> None:
    path = bad.workbook(tmp_path / "book.xlsx", [HEADER, A], [HEADER, B], [HEADER, C])
    book = openpyxl.load_workbook(path)
    book.worksheets[1].sheet_state = "hidden"
    book.worksheets[2].sheet_state = "veryHidden"
    book.save(path)
    back = read_back(path)
    assert by_us(back) == by_openpyxl(path)
    assert [sheet["hidden"] for sheet in back.sheets] == [False, True, True]


def test_a_sheet_without_a_header_is_set_aside_and_listed(tmp_path: Path) -> None:
    notes = [BLANK, ("Notes",), BLANK, ("Dates are of the day of preparation.", "x")]
    back = read_back(bad.workbook(tmp_path / "book.xlsx", notes, [HEADER, A], []))
    assert by_us(back) == [("Sheet2", 2, "JAIL A")]
    assert [(sheet["name"], sheet["header_row"], sheet["kept"]) for sheet in back.sheets] == [
        ("Sheet1", None, 0),
        ("Sheet2", 1, 1),
        ("Sheet3", None, 0),
    ]
    assert back.set_aside == {("Sheet1", 2): "sheet/no-header", ("Sheet1", 4): "sheet/no-header"}


def test_every_filled_row_of_a_long_sheet_without_a_header_is_set_aside(tmp_path: Path) -> None:
    notes = [(f"Note {number}",) for number in range(1, 101)]
    back = read_back(bad.workbook(tmp_path / "book.xlsx", [HEADER, A], notes))
    assert [row for sheet, row in back.set_aside if sheet == "Sheet2"] == list(range(1, 101))


def test_a_sheet_that_holds_only_a_chart_is_no_trouble(tmp_path: Path) -> None:
    path = bad.workbook(tmp_path / "book.xlsx", [HEADER, A])
    book = openpyxl.load_workbook(path)
    book.create_chartsheet("Chart")
    book.save(path)
    assert by_us(read_back(path)) == [("Sheet1", 2, "JAIL A")]


DAY = dt.date(2014, 1, 2)
DATES: list[tuple[object, dt.date | None]] = [
    (dt.date(2014, 1, 2), DAY),
    (dt.datetime.combine(DAY, dt.time(15, 10)), DAY),
    (dt.datetime.combine(DAY, dt.time(23, 59, 59)), DAY),
    (41641, DAY),
    (41641.0, DAY),
    (41641.63, DAY),
    ("41641", DAY),
    ("2014-01-02", DAY),
    ("1/2/14", DAY),
    ("1/2/2014 3:10 PM", DAY),
    (" 2014-01-02 ", DAY),
    ("06/14/0002 03:10 PM", None),
    (dt.time(3, 10), None),
    (True, None),
    ("#N/A", None),
    ("#DIV/0!", None),
]
"""What a date cell can hold, and the day that it means; what is not understood is null and flagged."""


def test_a_date_is_understood_however_the_cell_holds_it(tmp_path: Path) -> None:
    path = bad.workbook(tmp_path / "book.xlsx", [HEADER, *[(cell, *ROW[1:]) for cell, _day in DATES]])
    back = read_back(path)
    assert [row["issued_on"] for row in back.rows] == [day for _cell, day in DATES]
    assert [row["source_row"] for row in back.rows if not row["quality"]] == [
        number for number, (_cell, day) in enumerate(DATES, start=2) if day
    ]


VALUES: list[tuple[str, str, object, Any, str | None]] = [
    ("Birth Year", "birth_year", 1980, 1980, None),
    ("Birth Year", "birth_year", 1980.0, 1980, None),
    ("Birth Year", "birth_year", "1980", 1980, None),
    ("Birth Year", "birth_year", "1980.0", 1980, None),
    ("Birth Year", "birth_year", 1980.5, None, "number/unreadable"),
    ("Birth Year", "birth_year", "#VALUE!", None, None),  # error cells arrive as empty, see decision 0003
    ("Birth Year", "birth_year", None, None, None),
    ("Deportation Ordered Yes No", "basis_final_order", True, True, None),
    ("Deportation Ordered Yes No", "basis_final_order", False, False, None),
    ("Deportation Ordered Yes No", "basis_final_order", "YES", True, None),
    ("Detention Facility Code", "facility_code", 5, "5", None),
    ("Detention Facility Code", "facility_code", 5.0, "5", None),
    ("Detention Facility Code", "facility_code", "05", "05", None),
    ("Detention Facility Code", "facility_code", 12345678, "12345678", None),
    ("Detention Facility Code", "facility_code", 0.5, "0.5", None),
]
"""A cell in a column, the value that it becomes, and the defect that it is flagged with."""


def test_numbers_booleans_and_errors_become_values_or_defects(tmp_path: Path) -> None:
    headers = [column.header for column in layout("icli-2026-08").columns]
    rows = []
    for header, _name, cell, _value, _defect in VALUES:
        filled: dict[str, object] = {"Detainer Prepared Date": DAY, "Detention Facility": "JAIL", header: cell}
        rows.append([filled.get(each) for each in headers])
    path = bad.workbook(tmp_path / "book.xlsx", [headers, *rows])
    back = read_back(path, *{name for _header, name, _cell, _value, _defect in VALUES})
    got = [row[name] for row, (_header, name, _cell, _value, _defect) in zip(back.rows, VALUES, strict=True)]
    assert [(type(value), value) for value in got] == [(type(each[3]), each[3]) for each in VALUES]
    flagged = [tuple(flag for flag in row["quality"] if flag.startswith("number/")) for row in back.rows]
    assert flagged == [(each[4],) if each[4] else () for each in VALUES]


SHEETS_IN_XML = {
    "inline strings": '<row r="1">{header}</row><row r="2">{record}</row>',
    "rows without numbers": "<row>{header}</row><row>{record}</row>",
    "a gap in the numbers of rows": '<row r="4">{header}</row><row r="9">{record}</row>',
    "a dimension that is too small": '<row r="1">{header}</row><row r="2">{record}</row>',
}


@pytest.mark.parametrize("name", SHEETS_IN_XML)
def test_a_sheet_that_another_program_wrote_is_read(name: str, tmp_path: Path) -> None:
    header, record = (
        "".join(f'<c t="inlineStr"><is><t xml:space="preserve">{cell}</t></is></c>' for cell in row)
        for row in (HEADER, ROW)
    )
    dimension = '<dimension ref="A1"/>' if "dimension" in name else ""
    sheet = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"{dimension}<sheetData>{SHEETS_IN_XML[name].format(header=header, record=record)}</sheetData></worksheet>"
    )
    path = bad.with_sheet_xml(tmp_path / "book.xlsx", sheet.encode())
    assert by_us(read_back(path)) == [("Sheet", 9 if "gap" in name else 2, ROW[2])]


def test_the_result_of_a_formula_is_read_and_rich_text_is_put_together(tmp_path: Path) -> None:
    cells = [f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in ROW]
    cells[0] = "<c><f>DATE(2014,1,2)</f><v>41641</v></c>"
    cells[2] = '<c t="str"><f>"JAIL "&amp;"A"</f><v>JAIL A</v></c>'
    cells[4] = '<c t="inlineStr"><is><r><t xml:space="preserve">AUS</t></r><r><t>TIN</t></r></is></c>'
    start, end = bad.sheet_xml([HEADER]).split(b"</sheetData>")
    sheet = start + f"<row>{''.join(cells)}</row></sheetData>".encode() + end
    (row,) = read_back(bad.with_sheet_xml(tmp_path / "book.xlsx", sheet)).rows
    assert (row["issued_on"], row["facility_name"], row["facility_city"]) == (DAY, "JAIL A", "AUSTIN")


def test_days_of_a_workbook_that_counts_from_1904_are_right(tmp_path: Path) -> None:
    path = bad.workbook(tmp_path / "book.xlsx", [HEADER, A])
    book = openpyxl.load_workbook(path)
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.worksheets[0]["A2"] = dt.datetime(2014, 1, 2)  # noqa: DTZ001 - a spreadsheet knows no zones
    book.save(path)
    assert read_back(path).rows[0]["issued_on"] == DAY
