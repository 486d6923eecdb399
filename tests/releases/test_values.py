"""How single published cells become values: domain reference 5.6, case by case."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import detainer_ledger as dl
from detainer_ledger.releases.layouts import layout
from detainer_ledger.releases.values import day_of, is_redacted, text_of
from detainer_ledger.tables import connect
from tests.conftest import WriteCsv

Row = dict[str, Any]


IDENTIFYING = ("issued_on", "criminality", "facility_name", "threat_level", "person_key")


def read_one(write_csv: WriteCsv, **cells: str) -> Row:
    """Read one row in the layout icli-2026-03 with these cells by column name, a sound date and facility otherwise.

    The file has only the columns that are needed: a short header is planned much faster than one of 65 columns.
    """
    cells = {"issued_on": "2024-05-06", "facility_name": "GREENE COUNTY JAIL", **cells}
    columns = [column for column in layout("icli-2026-03").columns if column.name in {*IDENTIFYING, *cells}]
    path = write_csv([[cells.get(column.name, "") for column in columns]], header=[c.header for c in columns])
    row: Row = dl.read(path).table.to_pylist()[0]
    return row


REDACTIONS = [
    "b(6), b(7)c",
    "b(6), b(7)C",
    "(b)(6), (b)(7)(c) (b)(7)(e)",
    "(b)(6)(b)(7)(c)",
    "b(7)(e)",
    "  b(6), b(7)c ",
    "B(6)",
]
NOT_REDACTIONS = ["b(6) JAIL", "BROWN COUNTY JAIL", "(CLOSED) JAIL", "b", "(b)", "6", "b(x)"]


@pytest.mark.parametrize("cell", REDACTIONS)
def test_a_redaction_becomes_null(write_csv: WriteCsv, cell: str) -> None:
    row = read_one(write_csv, facility_city=cell, citizenship_country=cell, person_key=cell)
    assert row["facility_city"] is None
    assert row["citizenship_country"] is None
    assert row["person_key"] is None


@pytest.mark.parametrize("cell", NOT_REDACTIONS)
def test_what_only_looks_like_a_redaction_stays(write_csv: WriteCsv, cell: str) -> None:
    assert read_one(write_csv, facility_city=cell)["facility_city"] == cell


@pytest.mark.parametrize("cell", ["", "NA", "N/A", " NA ", "   ", "\u00a0"])
def test_blank_and_na_become_null(write_csv: WriteCsv, cell: str) -> None:
    assert read_one(write_csv, facility_city=cell)["facility_city"] is None


@pytest.mark.parametrize(
    ("cell", "value"),
    [("  SPOKANE ", "SPOKANE"), ("\u00a0SPOKANE", "SPOKANE"), ("SAN  JUAN", "SAN  JUAN"), ("NAPA", "NAPA")],
)
def test_outer_blanks_go_and_inner_ones_stay(write_csv: WriteCsv, cell: str, value: str) -> None:
    assert read_one(write_csv, facility_city=cell)["facility_city"] == value


ISSUE_DATES = [
    ("2024-05-06", date(2024, 5, 6), None),
    ("2024-05-06 00:00:00", date(2024, 5, 6), None),
    ("2024-05-06T13:45:00", date(2024, 5, 6), None),
    ("45418", date(2024, 5, 6), None),
    ("45418.75", date(2024, 5, 6), None),
    ("5/6/24", date(2024, 5, 6), None),
    ("05/06/2024", date(2024, 5, 6), None),
    ("05/06/2024 03:10 PM", date(2024, 5, 6), None),
    ("5/6/24 15:10", date(2024, 5, 6), None),
    (" 2024-05-06 ", date(2024, 5, 6), None),
    ("06/14/0002 03:10 PM", None, "date/outside-release"),
    ("8017-01-01", None, "date/outside-release"),
    ("2019-01-01", None, "date/outside-release"),
    ("13/45/2024", None, "date/unreadable"),
    ("2024-02-30", None, "date/unreadable"),
    ("last Tuesday", None, "date/unreadable"),
    ("b(6), b(7)c", None, "date/missing"),
    ("", None, "date/missing"),
]


@pytest.mark.parametrize(("cell", "day", "defect"), ISSUE_DATES)
def test_an_issue_date_is_read_in_every_form_and_never_repaired(
    write_csv: WriteCsv, cell: str, day: date | None, defect: str | None
) -> None:
    row = read_one(write_csv, issued_on=cell)
    assert row["issued_on"] == day
    assert row["quality"] == ([defect] if defect else [])


SECONDARY_DATES = [
    ("apprehended_on", "06/14/0002 03:10 PM", None, "date/garbage-year"),
    ("apprehended_on", "8017-03-04", None, "date/garbage-year"),
    ("apprehended_on", "1979-12-31", None, "date/garbage-year"),
    ("apprehended_on", "1980-01-01", date(1980, 1, 1), None),
    ("final_order_on", "1989-12-31", None, "date/garbage-year"),
    ("final_order_on", "1990-01-01", date(1990, 1, 1), None),
    ("departed_on", "2999-01-01", None, "date/garbage-year"),
    ("departed_on", "soon", None, "date/unreadable"),
    ("warrant_served_on", "1/2/25", date(2025, 1, 2), None),
]


@pytest.mark.parametrize(("column", "cell", "day", "defect"), SECONDARY_DATES)
def test_a_secondary_date_outside_its_window_becomes_null_and_is_flagged(
    write_csv: WriteCsv, column: str, cell: str, day: date | None, defect: str | None
) -> None:
    row = read_one(write_csv, **{column: cell})
    assert row[column] == day
    assert row["quality"] == ([defect] if defect else [])
    assert row["issued_on"] == date(2024, 5, 6)


@pytest.mark.parametrize(
    ("cell", "value", "defect"),
    [
        ("YES", True, None),
        ("NO", False, None),
        ("yes", True, None),
        ("", None, None),
        ("NA", None, None),
        ("MAYBE", None, "yes_no/unknown"),
    ],
)
def test_a_blank_box_is_not_a_no(write_csv: WriteCsv, cell: str, value: bool | None, defect: str | None) -> None:
    row = read_one(write_csv, basis_biometric=cell)
    assert row["basis_biometric"] is value
    assert row["quality"] == ([defect] if defect else [])


@pytest.mark.parametrize(
    ("cell", "value", "defect"),
    [
        ("1990", 1990, None),
        ("1990.0", 1990, None),
        ("1990.5", None, "number/unreadable"),
        ("abc", None, "number/unreadable"),
        ("1066", None, "number/garbage-year"),
        ("3000", None, "number/garbage-year"),
        ("99999999999999999999", None, "number/unreadable"),
    ],
)
def test_a_birth_year_is_a_whole_number_in_living_memory(
    write_csv: WriteCsv, cell: str, value: int | None, defect: str | None
) -> None:
    row = read_one(write_csv, birth_year=cell)
    assert row["birth_year"] == value
    assert row["quality"] == ([defect] if defect else [])


@pytest.mark.parametrize(
    ("column", "cell", "target", "value", "defect"),
    [
        ("facility_state", "PUERTO RICO", "facility_state", "PR", None),
        ("facility_state", "FEDERATED STATES OF MICRONESIA", "facility_state", "FM", None),
        ("facility_state", "MEXICO", "facility_state", None, "state/unknown"),
        ("form_raw", "I247G - Advance Notification", "form", "I-247G", None),
        ("form_raw", "I999", "form", "unknown", "form/unknown"),
        ("form_raw", "", "form", "unknown", None),
        ("lift_reason_raw", "lifted – lack of funds", "lift_reason", "lack_of_funds", None),
        ("lift_reason_raw", "Moved to Mars", "lift_reason", None, "lift_reason/unknown"),
        ("lift_reason_raw", "b(7)(e)", "lift_reason", None, "lift_reason/redacted"),
        ("lift_reason_raw", "Judicial Review", "lift_reason", "judicial_review", "lift_reason/ambiguous"),
        ("facility_name", "OTHER-OTHER FACILITY", "facility_name", "OTHER-OTHER FACILITY", "facility/placeholder"),
        ("facility_name", "BELL\x07 JAIL", "facility_name", None, "text/control-character"),
    ],
)
def test_words_are_known_or_flagged(
    write_csv: WriteCsv, column: str, cell: str, target: str, value: str | None, defect: str | None
) -> None:
    row = read_one(write_csv, **{column: cell})
    assert row[target] == value
    assert row["quality"] == ([defect] if defect else [])


def test_raw_words_are_kept_beside_their_codes(write_csv: WriteCsv) -> None:
    row = read_one(write_csv, lift_reason_raw="  case closed", form_raw="I247A - x")
    assert row["lift_reason_raw"] == "case closed"
    assert row["form_raw"] == "I247A - x"


def test_withheld_columns_are_told_and_not_ingested(write_csv: WriteCsv, tmp_path: Path) -> None:
    columns = layout("icli-2026-03").columns
    cells = {"issued_on": "2024-05-06", "birth_date": "1970-01-01"}
    path = write_csv([[cells.get(column.name, "x") for column in columns]], header=[c.header for c in columns])
    release = dl.read(path)
    assert release.account.withheld_columns == ("Birth Date",)
    assert "birth_date" not in release.table.column_names
    dl.ingest([path], tmp_path / "store")
    stored = connect()
    parts = [str(part) for part in (tmp_path / "store").rglob("*.parquet")]
    names = {
        row[0]
        for row in stored.execute("DESCRIBE SELECT * FROM read_parquet($1, union_by_name = true)", [parts]).fetchall()
    }
    stored.close()
    assert "birth_date" not in names


def run_sql(expression: str, cell: str | None) -> Any:
    connection = connect()
    try:
        row = connection.execute(f"SELECT {expression} FROM (SELECT $1::VARCHAR AS c)", [cell]).fetchone()
        assert row is not None
        return row[0]
    finally:
        connection.close()


@settings(max_examples=60, deadline=None)
@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2173, 10, 13)))
def test_a_day_survives_every_way_of_writing_it(day: date) -> None:
    serial = str((day - date(1899, 12, 30)).days)
    written = [day.isoformat(), f"{day.isoformat()} 00:00:00", f"{day.month}/{day.day}/{day.year}"]
    if len(serial) == 5:
        written.append(serial)
    for text in written:
        assert run_sql(day_of("c"), text) == day


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40))
def test_reading_a_cell_never_fails_and_looking_closely_changes_nothing_for_plain_text(cell: str) -> None:
    quick = run_sql(text_of("c", look_closely=False), cell)
    close = run_sql(text_of("c", look_closely=True), cell)
    assert run_sql(is_redacted("c"), cell) in {True, False}
    run_sql(day_of("c"), cell)
    if cell.isprintable() and "\u00a0" not in cell:
        assert quick == close
