"""Evaluation counts what it says it counts; the answers hold on facilities that nothing was fitted on."""

from __future__ import annotations

from pathlib import Path

import pytest

from detainer_ledger.places import Placer, Share, evaluate, is_fitted, read_register, read_truth
from detainer_ledger.terms import BadInput
from tests.conftest import WriteText

TRUTH = """facility_name,city,state,county_fips,also_ok_fips,agency_level,detainers_seen,must_abstain
DALLAS COUNTY JAIL,DALLAS,TX,48113,,county,10,false
HARRIS COUNTY JAIL,HOUSTON,TX,48113,,county,5,false
HARRIS COUNTY JAIL,HOUSTON,TX,48113,48201,private,1,false
NOWHERE IN PARTICULAR,,TX,48113,,,4,false
CLARK COUNTY JAIL,,,,,,,true
DALLAS COUNTY JAIL,DALLAS,TX,,,,,true
"""


def test_right_wrong_and_unanswered_are_counted_alone_and_by_detainers(write_text: WriteText) -> None:
    found = evaluate(Placer(), read_truth(write_text("truth.csv", TRUTH)))
    assert found.facilities == 6
    assert found.county.precision == Share(part=2, whole=3)
    assert found.county.recall == Share(part=2, whole=4)
    assert found.county.answered == Share(part=3, whole=4)
    assert found.county.false_attribution == Share(part=1, whole=4)
    assert found.county_weighted.precision == Share(part=11, whole=16)
    assert found.level.precision == Share(part=2, whole=3)
    assert found.confusions == {("private", "county"): 1}
    assert found.declinable == Share(part=1, whole=2)
    assert [(facility.name, right) for facility, _, right in found.wrong] == [("HARRIS COUNTY JAIL", "48113")]
    assert sum(each.right.whole for each in found.reliability) == 3


def test_without_the_city_less_is_known(write_text: WriteText) -> None:
    text = "facility_name,city,state,county_fips\nCENTRAL JAIL,DALLAS,TX,48113\n"
    truths = read_truth(write_text("truth.csv", text))
    assert evaluate(Placer(), truths).county.answered.part == 1
    assert evaluate(Placer(), truths, without_city=True).county.answered.part == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("facility_name,city\nX,Y\n", "does not say what the right answers are"),
        ("facility_name,county_fips\nX,6037\n", "not of five digits"),
        (b"facility_name,county_fips\nCA\xf1ON,06037\n", "not UTF-8"),
    ],
)
def test_a_file_without_answers_is_refused(write_text: WriteText, text: str | bytes, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        read_truth(write_text("truth.csv", text))


@pytest.fixture(scope="module")
def placer(shared: Path) -> Placer:
    names = ("hifld_prisons.csv", "hifld_local_law_enforcement.csv", "fbi_police_employees.csv")
    return Placer(registers=tuple(read_register(shared / "agencies" / name) for name in names))


# without the city, least answered, least right of the answers, most wrong of all, least right level: those of the
# facilities on which nothing was fitted, with room for chance (they are 825)
LIMITS = [(False, 0.985, 0.993, 0.007, 0.96), (True, 0.85, 0.985, 0.012, 0.95)]


@pytest.mark.shared
@pytest.mark.parametrize(("without_city", "answered", "right", "wrong", "level"), LIMITS)
def test_facilities_that_nothing_was_fitted_on_are_placed_right(
    shared: Path, placer: Placer, without_city: bool, answered: float, right: float, wrong: float, level: float
) -> None:
    truths = [each for each in read_truth(shared / "facilities" / "truth_dev.csv") if not is_fitted(each)]
    found = evaluate(placer, truths, without_city=without_city)
    assert (found.county.answered.value or 0) >= answered
    assert (found.county.precision.value or 0) >= right
    assert (found.county.false_attribution.value or 1) <= wrong
    assert (found.level.precision.value or 0) >= level
    assert (found.county_weighted.precision.value or 0) >= 0.995


@pytest.mark.shared
def test_what_must_not_be_answered_is_not(shared: Path, placer: Placer) -> None:
    found = evaluate(placer, read_truth(shared / "facilities" / "hard_examples.csv"))
    assert found.declinable == Share(part=0, whole=3)
    assert found.county.false_attribution.part == 0
    assert (found.level.precision.value or 0) >= 0.93
