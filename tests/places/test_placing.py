"""Facilities are placed by the evidence of their names, and not placed where it does not decide."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detainer_ledger.places import Facility, Placement, Placer, correction_key, counties, read_register
from detainer_ledger.places.confidence import chance
from detainer_ledger.terms import JURISDICTION_LEVELS
from tests.conftest import WriteText

US = "ocd-division/country:us"
TX = f"{US}/state:tx"

# name, city, state, county, level, jurisdiction
DECIDED = [
    ("ADAMS CO JAIL, NEBRASKA", "HASTINGS", "NEBRASKA", "31001", "county", f"{US}/state:ne/county:adams"),
    ("STERNS CO. JAIL", "ST. CLOUD", "MINNESOTA", "27145", "county", f"{US}/state:mn/county:stearns"),
    ("ST TAMMANY PAR. JAIL", "COVINGTON", "LA", "22103", "county", f"{US}/state:la/parish:st._tammany"),
    ("DE KALB COUNTY JAIL", "DECATUR", "GA", "13089", "county", f"{US}/state:ga/county:dekalb"),
    ("PRINCE GEORGES COUNTY JAIL", "UPPER MARLBORO", "MD", "24033", "county", f"{US}/state:md/county:prince_george~s"),
    ("HARRIS CTY SO", "HOUSTON", "TX", "48201", "county", f"{TX}/county:harris"),
    ("COUNTY OF ORANGE JAIL", "SANTA ANA", "CA", "06059", "county", f"{US}/state:ca/county:orange"),
    ("CARSON COUNTY SHERIFF", "PANHANDLE", "TX", "48065", "county", f"{TX}/county:carson"),
    ("KILLEEN POLICE DEPT.", "KILLEEN", "TEXAS", "48027", "municipal", f"{TX}/place:killeen"),
    ("ALEXANDRIA CITY JAIL", "ALEXANDRIA", "VA", "51510", "municipal", f"{US}/state:va/place:alexandria"),
    ("F.C.I. BASTROP", "BASTROP", "TX", "48021", "federal", US),
    ("US MARSHALS, NE DISTRICT, OMAHA", "OMAHA", "NEBRASKA", "31055", "federal", US),
    ("US MARSHAL-RICHMOND, VA", "RICHMOND", "VIRGINIA", "51760", "federal", US),
    ("MANCHESTER HOLDROOM", "MANSHESTER", "NEW HAMPSHIRE", "33011", "ice", US),
    ("S.C.I. CAMBRIDGE SPRINGS", "CAMBRIDGE SPRING", "PENNSYLVANIA", "42039", "state", f"{US}/state:pa"),
    ("KETCHIKAN REGIONAL CC", "KETCHIKAN", "ALASKA", "02130", "state", f"{US}/state:ak"),
    ("SHANNON COUNTY JAIL", "PINE RIDGE", "SD", "46102", "county", f"{US}/state:sd/county:oglala_lakota"),
    ("MIDDLESEX COUNTY JAIL", "", "NEW JERSEY", "34023", "county", f"{US}/state:nj/county:middlesex"),
    ("US MARSHALS, SPOKANE,WA", "", "WA", "53063", "federal", US),
    ("SNOHOMISH COUNTY JAIL", "", "", "53061", "county", f"{US}/state:wa/county:snohomish"),
    ("CRAWFORD COUNTY JAIL, PA", "", "", "42039", "county", f"{US}/state:pa/county:crawford"),
]

# name, city, state, and what the reason says
UNDECIDED = [
    ("CLARK COUNTY JAIL", "", "", "the state would decide"),
    ("FRANKLIN COUNTY JAIL", "", "", "the state would decide"),
    ("GLENDALE POLICE DEPT", "", "", "no state is given"),
    ("OTHER-OTHER FACILITY", "HANOVER", "VIRGINIA", "placeholder"),
    ("OTHER-OTHER FACILITY", "", "", "placeholder"),
    ("ADAMS COUNTY JAIL, IL", "HASTINGS", "NEBRASKA", "either may be wrong"),
    ("X JAIL", "SPRINGFIELD", "ZZ", "not one of the United States"),
    ("", "", "", "The name is empty"),
    ("...", "DALLAS", "TX", "The name is empty"),
    ("監獄", "", "TX", "The name is empty"),
]


@pytest.mark.parametrize(("name", "city", "state", "county", "level", "jurisdiction"), DECIDED)
def test_what_the_name_decides_is_answered(
    name: str, city: str, state: str, county: str, level: str, jurisdiction: str
) -> None:
    placed = Placer().place(Facility(name=name, city=city, state=state))
    assert (placed.county_fips, placed.level, placed.jurisdiction_id) == (county, level, jurisdiction)
    assert placed.confidence is not None
    assert 0.9 <= placed.confidence <= 1


@pytest.mark.parametrize(("name", "city", "state", "reason"), UNDECIDED)
def test_what_nothing_decides_is_left_open_and_says_what_would_decide(
    name: str, city: str, state: str, reason: str
) -> None:
    placed = Placer().place(Facility(name=name, city=city, state=state))
    assert placed.abstained
    assert placed.confidence is None
    assert reason in placed.reason


@pytest.mark.parametrize(
    ("name", "city", "level"),
    [
        ("PARKLAND MEMORIAL HOSPITAL", "DALLAS", "hospital"),
        ("HOLIDAY INN", "DALLAS", "other"),
        ("CCA DETENTION FACILITY", "DALLAS", "private"),
    ],
)
def test_a_place_of_no_government_stands_somewhere_and_is_nobodys(name: str, city: str, level: str) -> None:
    placed = Placer().place(Facility(name=name, city=city, state="TX"))
    assert (placed.level, placed.jurisdiction_id, placed.county_fips) == (level, None, "48113")


def test_a_town_outside_every_county_does_not_stand_for_the_county_around_it() -> None:
    placed = Placer().place(Facility(name="MIDDLE RIVER REGIONAL JAIL", city="STAUNTON", state="VA"))
    assert placed.county_fips is None


@pytest.mark.parametrize(
    ("name", "city", "members"),
    [
        ("PIEDMONT REGIONAL JAIL", "FARMVILLE", "Prince Edward County"),
        ("MIDDLE RIVER REGIONAL JAIL", "STAUNTON", "since 2015-07-01 also of Rockingham County, Harrisonburg city"),
        ("NORTHWEST REG. ADULT DET.", "WINCHESTER", "Clarke County"),
        ("VIRGINIA PENINSULA REG. JAIL", "WILLIAMSBURG", "James City County"),
        ("EASTERN SHORE REGIONAL JAIL", "EASTVILLE", "are not on record"),
    ],
)
def test_a_regional_jail_says_to_which_counties_it_belongs_where_that_is_known(
    name: str, city: str, members: str
) -> None:
    placed = Placer().place(Facility(name=name, city=city, state="VA"))
    assert placed.level in {"regional", None}
    assert members in placed.reason


def test_new_york_citys_jails_are_the_citys() -> None:
    placed = Placer().place(Facility(name="KINGS COUNTY JAIL", city="BROOKLYN", state="NY"))
    assert (placed.county_fips, placed.level, placed.jurisdiction_id) == (
        "36047",
        "municipal",
        f"{US}/state:ny/place:new_york",
    )


def test_a_facility_code_tells_the_state_that_is_missing() -> None:
    without, with_code = (Placer().place(Facility(name="CLARK COUNTY JAIL", code=code)) for code in ("", "CLARKNV"))
    assert without.abstained
    assert with_code.county_fips == "32003"


@given(
    st.builds(
        Facility,
        name=st.text(max_size=400) | st.sampled_from(["X COUNTY", "COUNTY", "CO", "OF", ",", "- TX", "COUNTY OF"]),
        code=st.text(max_size=9),
        city=st.text(max_size=60) | st.sampled_from(["DALLAS", "ST", "N"]),
        state=st.sampled_from(["", "TX", "texas", "Narnia", "GU", "DC", "NE"]) | st.text(max_size=20),
    )
)
def test_every_text_has_an_answer_or_a_reason(facility: Facility) -> None:
    placed = Placer().place(facility)
    assert placed.reason
    assert placed.county_fips is None or placed.county_fips in counties()
    assert placed.level is None or placed.level in JURISDICTION_LEVELS
    assert placed.abstained == (placed.confidence is None)
    assert placed == Placer().place(facility)


@pytest.mark.parametrize("length", [10_000, 1_000_000])
def test_an_enormous_name_is_read_from_its_beginning(length: int) -> None:
    placed = Placer().place(Facility(name="DALLAS COUNTY JAIL" + " X" * length, state="TX"))
    assert placed.county_fips == "48113"


def test_a_correction_wins_over_every_rule_whatever_the_spelling() -> None:
    facility = Facility(name="Clark County Jail", city="", state="nevada")
    answer = Placement(county_fips="32003", rule="correction", reason="looked up")
    corrections: Mapping[tuple[str, str, str], Placement] = {correction_key(facility): answer}
    placer = Placer(corrections=corrections)
    assert placer.place(Facility(name="CLARK COUNTY JAIL.", state="NV")) is answer


def test_a_register_decides_between_the_counties_of_a_town(write_text: WriteText) -> None:
    register = read_register(write_text("mine.csv", "name,city,state,county_fips\nSHORELINE PRISON,AURORA,CO,08005\n"))
    facility = Facility(name="SHORELINE PRISON", city="AURORA", state="CO")
    alone, with_register = Placer().place(facility), Placer(registers=(register,)).place(facility)
    assert alone.county_fips != "08005" or "register" not in alone.rule
    assert with_register.county_fips == "08005"
    assert "mine.csv" in with_register.reason


def test_a_rule_without_a_share_of_its_own_has_that_of_the_rules_that_begin_alike() -> None:
    assert chance("county", "town-in-one-county") > 0.99
    assert chance("county", "town-in-name-of-a-new-kind") == chance("county", "town-in-name")
    assert 0.9 < chance("county", "") < 1
