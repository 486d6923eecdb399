"""The gazetteer is whole, agrees with itself, and knows the history of counties."""

from __future__ import annotations

import csv
import unicodedata
from pathlib import Path

import pytest

from detainer_ledger.places import VINTAGE, counties, counties_by_name, county_shapes, state_shapes, towns_in
from detainer_ledger.terms import state_names


def in_force() -> set[str]:
    return {code for code, county in counties().items() if county.in_force(VINTAGE)}


def test_every_county_has_a_name_of_its_own_and_a_division_of_its_own() -> None:
    places = [counties()[code] for code in in_force()]
    assert len({place.division for place in places}) == len(places)
    assert len({(place.state, place.full_name) for place in places}) == len(places)
    assert {place.state for place in places} <= {*state_names(), "UM"}


def test_successors_exist_and_follow_at_once() -> None:
    for county in counties().values():
        for code in county.successors:
            assert code in counties(), county
            began = counties()[code].valid_from
            assert began is None or county.valid_to is None or began > county.valid_to


@pytest.mark.parametrize(
    ("state", "name", "codes"),
    [
        ("SD", "SHANNON", ["46102"]),
        ("AK", "WADEHAMPTON", ["02158"]),
        ("VA", "BEDFORD", ["51019"]),
        ("FL", "DADE", ["12086"]),
        ("AK", "VALDEZCORDOVA", ["02261"]),
        ("CT", "HARTFORD", ["09003"]),
        ("MO", "SAINTLOUIS", ["29189", "29510"]),
        ("MD", "BALTIMORE", ["24005", "24510"]),
    ],
)
def test_former_names_lead_to_what_the_county_became(state: str, name: str, codes: list[str]) -> None:
    assert sorted(county.fips for county in counties_by_name()[state][name]) == codes


def test_every_town_lies_in_counties_that_are_in_force() -> None:
    known = in_force()
    towns = [town for state in state_names() for town in towns_in(state).values()]
    assert len(towns) > 35_000
    assert [town for town in towns if not town.all_counties <= known] == []
    assert [town for town in towns if {code for code, _ in town.counties} & town.touches] == []


def test_every_county_of_the_states_can_be_drawn() -> None:
    territories = {"PR", "GU", "VI", "MP", "AS", "UM"}
    expected = {code for code in in_force() if counties()[code].state not in territories}
    assert expected <= set(county_shapes())
    assert {code[:2] for code in expected} <= set(state_shapes())
    assert all(
        len(ring) > 3 for shape in county_shapes().values() for polygon in shape["coordinates"] for ring in polygon
    )


@pytest.mark.shared
def test_counties_and_areas_agree_with_the_published_table(shared: Path) -> None:
    with (shared / "geography" / "county_aor.csv").open(encoding="utf-8", newline="") as opened:
        published = {row["geoid"]: row for row in csv.DictReader(opened)}
    assert set(published) <= set(counties())
    for code, row in published.items():
        assert counties()[code].area == (row["aor"] or None), code
        begin = [unicodedata.normalize("NFKD", name.lower())[:2] for name in (counties()[code].name, row["name"])]
        assert begin[0] == begin[1], code
