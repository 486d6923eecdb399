"""Corrections are checked before they win."""

from __future__ import annotations

from pathlib import Path

import pytest

from detainer_ledger.places import CORRECTION_COLUMNS, Facility, Placer, by_facility, read_corrections
from detainer_ledger.terms import BadInput
from tests.conftest import WriteText

HEADER = ",".join(CORRECTION_COLUMNS) + "\n"
GOOD = "PIER JAIL,OAKLAND,CA,ocd-division/country:us/state:ca/county:alameda,,county,06001,A. Clerk,2026-01-31,called\n"


def test_a_correction_is_read_and_named(write_text: WriteText) -> None:
    (found,) = read_corrections(write_text("overrides.csv", HEADER + GOOD))
    assert found.placement.jurisdiction_name == "Alameda County, CA"
    assert found.placement.confidence == 1.0
    assert "A. Clerk on 2026-01-31: called" in found.placement.reason
    placer = Placer(corrections=by_facility((found,)))
    assert placer.place(Facility(name="Pier Jail", city="Oakland", state="California")) == found.placement


def test_an_answer_may_be_that_it_is_nobodys(write_text: WriteText) -> None:
    (found,) = read_corrections(write_text("overrides.csv", HEADER + "BUS,,TX,,,,,A. Clerk,2026-01-31,no place\n"))
    assert found.placement.abstained


def test_without_a_file_there_are_none(tmp_path: Path) -> None:
    assert read_corrections(tmp_path / "overrides.csv") == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("facility_name\nX\n", "lack facility_city"),
        (HEADER + GOOD.replace("A. Clerk", ""), "column who"),
        (HEADER + GOOD.replace("called", " "), "column why"),
        (HEADER + GOOD.replace("2026-01-31", "31/1/26"), "no day"),
        (HEADER + GOOD.replace(",county,", ",shire,"), "no such level"),
        (HEADER + GOOD.replace("06001", "6001"), "no county of this code"),
        (HEADER + GOOD.replace("country:us", "country:uk"), "no Open Civic Data division"),
        (HEADER + GOOD + GOOD.replace("06001", "06037"), "something else in row 2"),
        (b"\xff\xfe", "not UTF-8"),
    ],
)
def test_what_cannot_be_used_is_told_with_its_place(write_text: WriteText, text: str | bytes, message: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_corrections(write_text("overrides.csv", text))
    assert message in refused.value.message()
