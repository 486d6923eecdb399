"""The outcome mapping on published counts gives the published totals (domain reference 4.2), to the row."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from detainer_ledger.measures import inspector_general, outcomes_of_counts, published_years

DECLINED = {2007: 11, 2008: 64, 2009: 66, 2010: 121, 2011: 279, 2012: 942, 2013: 2378, 2014: 13595, 2015: 2785}
ALL = {
    2007: 39124,
    2008: 228077,
    2009: 256947,
    2010: 301119,
    2011: 314966,
    2012: 272878,
    2013: 204215,
    2014: 147849,
    2015: 49653,
}
WITH_A_REASON = {
    2007: 30516,
    2008: 161443,
    2009: 152195,
    2010: 153808,
    2011: 156876,
    2012: 138026,
    2013: 102035,
    2014: 75480,
    2015: 16526,
}


def test_the_restated_years_give_the_published_totals() -> None:
    years = {year.year: year for year in published_years()}
    assert {year: each.detainers for year, each in years.items()} == ALL
    assert {year: each.outcomes["declined_by_agency"] for year, each in years.items()} == DECLINED
    resolved = {year: each.detainers - each.outcomes["pending_or_unrecorded"] for year, each in years.items()}
    assert resolved == WITH_A_REASON
    assert sum(DECLINED.values()) == 20_241
    assert sum(ALL.values()) == 1_814_828


def test_the_first_months_hold_more_than_half_of_the_inspector_generals_number() -> None:
    office = inspector_general()
    assert office.declined_more_than == 29_269
    assert DECLINED[2014] + DECLINED[2015] == 16_380
    assert round(16_380 / office.declined_more_than, 2) == 0.56


@pytest.mark.shared
def test_the_yearly_file_gives_the_published_totals(shared: Path) -> None:
    with (shared / "npr_detainers/detainers_by_lift_reason_and_year.csv").open() as opened:
        rows = list(csv.DictReader(opened))
    for year, expected in DECLINED.items():
        counts = [(row["lift_reason"], int(row["count"])) for row in rows if int(row["year"]) == year]
        outcomes = outcomes_of_counts(counts)
        assert outcomes["declined_by_agency"] == expected
        assert sum(outcomes.values()) == WITH_A_REASON[year]
    with (shared / "npr_detainers/all_detainers_by_year.csv").open() as opened:
        assert {int(row["year"]): int(row["count"]) for row in csv.DictReader(opened)} == ALL


@pytest.mark.shared
def test_the_facility_counts_give_the_whole_release(shared: Path) -> None:
    with (shared / "npr_detainers/facility_lift_reason_counts_2007_2015.csv").open() as opened:
        rows = list(csv.DictReader(opened))
    outcomes = outcomes_of_counts((row["lift_reason"], int(row["count"])) for row in rows)
    assert sum(outcomes.values()) == 1_814_828
    assert outcomes["pending_or_unrecorded"] == 827_923
    assert outcomes["declined_by_agency"] == 20_241
    by_reason = Counter[str]()
    for row in rows:
        by_reason[row["lift_reason"]] += int(row["count"])
    assert outcomes["taken_into_custody"] == by_reason["Booked into Detention"]
    assert by_reason["United States Citizen Interviewed"] == 693


@pytest.mark.shared
def test_declines_by_facility_and_year_sum_to_the_release_but_for_the_row_without_facility(shared: Path) -> None:
    with (shared / "npr_detainers/declined_by_facility_year.csv").open() as opened:
        by_year = Counter[int]()
        for row in csv.DictReader(opened):
            by_year[int(row["year"])] += int(row["declined"])
    assert sum(by_year.values()) == 20_240
    assert by_year[2014] + by_year[2015] == 16_379
