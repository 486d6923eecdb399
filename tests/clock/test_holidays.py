"""Holidays: the list by law, its years, and an independent library."""

from __future__ import annotations

from datetime import date

import holidays
import pytest

from detainer_ledger.clock import holiday_table, is_excluded_day, legal_holidays


def test_the_list_by_law_has_eleven_holidays_in_the_order_of_the_calendar() -> None:
    assert [each.name for each in holiday_table()] == [
        "New Year's Day",
        "Birthday of Martin Luther King, Jr.",
        "Washington's Birthday",
        "Memorial Day",
        "Juneteenth National Independence Day",
        "Independence Day",
        "Labor Day",
        "Columbus Day",
        "Veterans Day",
        "Thanksgiving Day",
        "Christmas Day",
    ]
    assert all("6103" in each.citation for each in holiday_table())


def test_the_days_of_2026_are_those_of_the_calendar() -> None:
    assert [day.isoformat() for day in legal_holidays(2026)] == [
        "2026-01-01",
        "2026-01-19",
        "2026-02-16",
        "2026-05-25",
        "2026-06-19",
        "2026-07-03",
        "2026-07-04",
        "2026-09-07",
        "2026-10-12",
        "2026-11-11",
        "2026-11-26",
        "2026-12-25",
    ]


@pytest.mark.parametrize("year", range(1978, 2100))
def test_each_year_has_the_days_of_the_library(year: int) -> None:
    assert set(legal_holidays(year)) == set(holidays.country_holidays("US", years=year))


@pytest.mark.parametrize("year", range(1978, 2021))
def test_juneteenth_is_no_holiday_before_2021(year: int) -> None:
    assert not [name for name in legal_holidays(year).values() if name.startswith("Juneteenth")]


@pytest.mark.parametrize(
    ("year", "days"),
    [(2021, ["06-18", "06-19"]), (2022, ["06-19", "06-20"]), (2023, ["06-19"]), (2024, ["06-19"])],
)
def test_juneteenth_is_a_holiday_from_2021(year: int, days: list[str]) -> None:
    found = [day for day, name in legal_holidays(year).items() if name.startswith("Juneteenth")]
    assert [f"{day:%m-%d}" for day in found] == days


def test_the_birthday_of_martin_luther_king_is_a_holiday_from_1986() -> None:
    assert date(1985, 1, 21) not in legal_holidays(1985)
    assert legal_holidays(1986)[date(1986, 1, 20)] == "Birthday of Martin Luther King, Jr."


def test_new_years_day_on_a_saturday_is_observed_in_the_year_before() -> None:
    assert legal_holidays(2021)[date(2021, 12, 31)] == "New Year's Day (observed)"
    assert legal_holidays(2022)[date(2022, 1, 1)] == "New Year's Day"


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        ("2026-07-02", None),
        ("2026-07-03", "Independence Day (observed)"),
        ("2026-07-04", "Independence Day"),
        ("2026-07-05", "Sunday"),
        ("2026-07-11", "Saturday"),
        ("2026-07-06", "added by the user"),
        ("2026-11-27", None),
        ("2021-01-20", None),
        ("2024-12-24", None),
    ],
)
def test_a_day_that_is_left_out_has_its_reason(day: str, reason: str | None) -> None:
    added = frozenset({date(2026, 7, 6), date(2026, 7, 5)})
    assert is_excluded_day(date.fromisoformat(day), also_closed=added) == reason


def test_the_table_of_a_year_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        legal_holidays(2026)[date(2026, 1, 2)] = "another day"  # type: ignore[index]
