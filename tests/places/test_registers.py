"""Registers are recognised by their columns, and looked at only where they are unambiguous."""

from __future__ import annotations

from pathlib import Path

import pytest

from detainer_ledger.places import Facility, Placer, add_register, read_register, registers_in, remove_register
from detainer_ledger.places.registers import CodedFacility
from detainer_ledger.terms import BadInput
from tests.conftest import WriteText

PLAIN = "name,city,state,county_fips\n"


def test_an_agency_of_one_name_in_two_counties_decides_nothing(write_text: WriteText) -> None:
    register = read_register(
        write_text("r.csv", PLAIN + "OAK PRISON,A,TX,48201\nOAK PRISON,B,TX,48113\nELM PRISON,B,TX,48113\n")
    )
    assert register.county_of("OAK PRISON", "TX", None) is None
    assert register.county_of("OAK PRISON", "TX", frozenset({"48113"})) == "48113"
    assert register.county_of("ELM PRISON", "TX", None) == "48113"
    assert register.county_of("ELM PRISON", "OK", None) is None
    assert register.county_of_town("B", "TX") == "48113"


def test_codes_of_connecticuts_regions_are_read_through_the_town(write_text: WriteText) -> None:
    register = read_register(write_text("r.csv", PLAIN + "GARNER PRISON,NEWTOWN,CT,09190\n"))
    assert register.county_of("GARNER PRISON", "CT", None) == "09001"


def test_an_institution_is_known_by_its_own_name_without_its_kind(write_text: WriteText) -> None:
    text = "facilityid,name,city,state,type,county,countyfips,securelvl\n1,MCF - ST. CLOUD,X,MN,STATE,Y,27141,\n"
    register = read_register(write_text("prisons.csv", text))
    assert register.level_of("MINN CF ST CLOUD", "MN", "27141") == "state"
    assert register.county_of_core("MINN CF ST CLOUD", "MN", None) == "27141"
    assert register.county_of_core("ST CLOUD POLICE DEPT", "MN", frozenset({"27145"})) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n", "columns are those of no known register"),
        ("", "columns are those of no known register"),
        (b"name,city,state,county_fips\nCA\xf1ON,X,CO,08043\n", "not UTF-8"),
    ],
)
def test_what_is_no_register_is_refused(write_text: WriteText, text: str | bytes, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        read_register(write_text("r.csv", text))


def test_a_missing_register_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read_register(tmp_path / "none.csv")


def test_registers_are_kept_replaced_and_removed(write_text: WriteText, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    assert registers_in(folder) == ()
    first = add_register(write_text("r.csv", PLAIN + "OAK PRISON,A,TX,48201\n"), folder)
    second = add_register(write_text("r.csv", PLAIN + "OAK PRISON,A,TX,48113\n"), folder)
    assert first.sha256 != second.sha256
    assert registers_in(folder) == (second,)
    remove_register("r.csv", folder)
    assert registers_in(folder) == ()
    with pytest.raises(BadInput, match="no register"):
        remove_register("r.csv", folder)


CODES = "facility_code,facility_name,facility_city,facility_state\n"


def test_a_table_of_codes_fills_what_the_release_left_empty(write_text: WriteText) -> None:
    codes = read_register(write_text("codes.csv", CODES + "ANOKAMN,ANOKA CO. JAIL,ANOKA,MINNESOTA\n"))
    facility = Facility(code="anokamn")
    assert Placer().place(facility).abstained
    placed = Placer(registers=(codes,)).place(facility)
    assert (placed.level, placed.county_fips) == ("county", "27003")
    assert placed.reason.endswith("By its code in codes.csv: name, city, state.")


def test_a_code_changes_nothing_that_the_release_says(write_text: WriteText) -> None:
    codes = read_register(write_text("codes.csv", CODES + "OAK01TX,OAK COUNTY JAIL,DALLAS,TX\n"))
    in_another_state = Facility(name="CLARK COUNTY JAIL", code="OAK01TX", state="NV")
    whole = Facility(name="CLARK COUNTY JAIL", code="OAK01TX", city="LAS VEGAS", state="NV")
    for facility in (in_another_state, whole):
        assert Placer(registers=(codes,)).place(facility) == Placer().place(facility)


def test_a_code_that_stands_for_several_towns_says_only_what_they_share(write_text: WriteText) -> None:
    codes = read_register(
        write_text("codes.csv", CODES + "OTHERTX,JAIL,DALLAS,TX\nOTHERTX,jail ,AUSTIN,TX\nNONE,,,\n,NAMELESS,X,TX\n")
    )
    assert codes.by_code == {"OTHERTX": CodedFacility(name="JAIL", state="TX")}


@pytest.mark.shared
@pytest.mark.parametrize(
    ("file", "layout", "agencies"),
    [
        ("hifld_prisons.csv", "hifld-prisons", 6_468),
        ("hifld_local_law_enforcement.csv", "hifld-law-enforcement", 23_486),
        ("fbi_police_employees.csv", "fbi-police-employees", 18_330),
    ],
)
def test_the_public_registers_are_recognised(shared: Path, file: str, layout: str, agencies: int) -> None:
    register = read_register(shared / "agencies" / file)
    assert (register.layout, register.rows) == (layout, agencies)
