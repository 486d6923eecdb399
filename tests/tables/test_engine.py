"""The door to the table engine: nothing is printed behind the program's back, nothing fetched, nothing injected."""

from __future__ import annotations

from datetime import date

import pytest

from detainer_ledger.tables import connect, harmless, identifier, literal


@pytest.mark.parametrize(
    "setting",
    # The bar of a long statement would stand in the midst of JSON on standard output.
    ["enable_progress_bar", "autoinstall_known_extensions", "autoload_known_extensions", "allow_community_extensions"],
)
def test_the_engine_prints_no_bar_and_fetches_no_extension(setting: str) -> None:
    connection = connect()
    assert connection.execute(f"SELECT current_setting('{setting}')").fetchone() in {(False,), ("false",)}
    connection.close()


@pytest.mark.parametrize("text", ["", "O'Brien", "''", "\\", '"', "; DROP TABLE x", "Ñandú \N{BOMB}"])
def test_a_literal_and_an_identifier_come_back_as_they_were(text: str) -> None:
    connection = connect()
    assert connection.execute(f"SELECT {literal(text)}").fetchone() == (text,)
    if text:
        assert connection.execute(f"SELECT 1 AS {identifier(text)}").description[0][0] == text
    connection.close()


@pytest.mark.parametrize(("value", "sql"), [(None, "NULL"), (7, "7"), (date(2014, 1, 2), "DATE '2014-01-02'")])
def test_plain_values_are_written_as_standard_sql(value: date | int | None, sql: str) -> None:
    assert literal(value) == sql


@pytest.mark.parametrize(
    ("cell", "written"),
    [("=1+1", "'=1+1"), ("  @x", "'  @x"), ("\t=x", "'\t=x"), ("-2", "'-2"), (-2, -2), ("A=1", "A=1"), (None, None)],
)
def test_text_that_would_start_a_formula_gets_an_apostrophe_and_numbers_do_not(cell: object, written: object) -> None:
    assert harmless(cell) == written
