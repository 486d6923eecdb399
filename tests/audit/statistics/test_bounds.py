"""Exact bounds: against their definition in whole numbers, scipy and statsmodels, and by how often they hold."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from math import comb
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import hypergeom
from statsmodels.stats.proportion import proportion_confint

from detainer_ledger.audit.statistics.bounds import (
    Method,
    alpha_of,
    bounds_of,
    finite_bounds,
    lower_count,
    unknown_bounds,
    upper_count,
)
from detainer_ledger.audit.statistics.tails import exact_tail, hypergeometric_tail
from detainer_ledger.terms import BadInput

ALPHAS = (Fraction(1, 100), Fraction(1, 40), Fraction(1, 20), Fraction(1, 4))


@cache
def chance(population: int, special: int, sample: int, found: int) -> Fraction:
    """P(X = found), from the definition."""
    if not 0 <= found <= special or not 0 <= sample - found <= population - special:
        return Fraction(0)
    return Fraction(comb(special, found) * comb(population - special, sample - found), comb(population, sample))


def test_forty_of_forty_from_142_is_at_least_134() -> None:
    lower, upper = finite_bounds(142, 40, 40)
    assert (lower.count, upper.count) == (134, 142)
    assert f"{lower.rate:.1%}" == "94.4%"


def test_one_file_fewer_than_the_bound_would_have_been_seen_more_rarely_than_one_time_in_twenty() -> None:
    assert chance(142, 134, 40, 40) > Fraction(1, 20) >= chance(142, 133, 40, 40)


def test_the_page_of_the_method_has_the_numbers_of_the_worked_example() -> None:
    page = (Path(__file__).parents[3] / "docs" / "method" / "audit-statistics.md").read_text("utf-8")
    for special in (134, 133):
        assert f"$K = {special}$" in page
        assert f"{float(chance(142, special, 40, 40)):.4f}" in page
    both = [each.count for each in finite_bounds(142, 40, 40, sides=2)]
    assert f"give {both[0]} to {both[1]}" in page


@pytest.mark.parametrize("alpha", ALPHAS, ids=str)
@pytest.mark.parametrize("population", [1, 2, 5, 12, 20])
def test_bounds_are_those_of_their_definition(population: int, alpha: Fraction) -> None:
    for sample in range(population + 1):
        for found in range(sample + 1):
            least = next(
                special
                for special in range(population + 1)
                if sum(chance(population, special, sample, more) for more in range(found, sample + 1)) > alpha
            )
            most = next(
                special
                for special in range(population, -1, -1)
                if sum(chance(population, special, sample, fewer) for fewer in range(found + 1)) > alpha
            )
            assert lower_count(population, sample, found, alpha) == least
            assert upper_count(population, sample, found, alpha) == most


def every_truth() -> Iterator[tuple[int, int, int]]:
    for population in (1, 3, 10, 17, 30):
        for sample in {1, population // 3, population // 2, population - 1, population}:
            for special in range(population + 1):
                yield population, sample, special


@pytest.mark.parametrize(("confidence", "sides"), [(0.95, 1), (0.95, 2), (0.8, 1), (0.99, 2)])
def test_bounds_hold_at_least_as_often_as_they_say_whatever_the_truth(confidence: float, sides: int) -> None:
    alpha = alpha_of(confidence, sides)
    promised = 1 - alpha * sides
    for population, sample, special in every_truth():
        low = high = both = Fraction(0)
        for found in range(sample + 1):
            probability = chance(population, special, sample, found)
            is_above = lower_count(population, sample, found, alpha) <= special
            is_below = upper_count(population, sample, found, alpha) >= special
            low += probability * is_above
            high += probability * is_below
            both += probability * (is_above and is_below)
        assert low >= 1 - alpha
        assert high >= 1 - alpha
        if sides == 2:
            assert both >= promised


@given(st.data())
def test_large_populations_agree_with_scipy(data: st.DataObject) -> None:
    population = data.draw(st.integers(1_000, 1_000_000))
    sample = data.draw(st.integers(0, population))
    found = data.draw(st.integers(0, sample))
    least = lower_count(population, sample, found, Fraction(1, 20))
    assert hypergeom.sf(found - 1, population, least, sample) > 0.05 * (1 - 1e-7)
    if least > found:
        assert hypergeom.sf(found - 1, population, least - 1, sample) <= 0.05 * (1 + 1e-7)


@given(st.data())
def test_more_exceptions_never_lower_a_bound_and_more_confidence_never_narrows(data: st.DataObject) -> None:
    population = data.draw(st.integers(2, 5_000))
    sample = data.draw(st.integers(1, population))
    found = data.draw(st.integers(0, sample - 1))
    alpha = data.draw(st.sampled_from(ALPHAS))
    few, many = (
        (lower_count(population, sample, each, alpha), upper_count(population, sample, each, alpha))
        for each in (found, found + 1)
    )
    assert few[0] <= many[0]
    assert few[1] <= many[1]
    assert found <= few[0] <= few[1] <= population - (sample - found)
    assert lower_count(population, sample, found, alpha / 2) <= few[0]
    assert upper_count(population, sample, found, alpha / 2) >= few[1]


def test_a_tie_is_decided_in_whole_numbers() -> None:
    # One unit of twenty: P(X >= 1 | K = 1) is 1/20 exactly, which is not more than 1/20.
    assert lower_count(20, 1, 1, Fraction(1, 20)) == 2
    # The same with numbers for which floating point cannot tell.
    assert lower_count(1_000_000, 1, 1, Fraction(1, 20)) == 50_001


def test_a_confidence_means_its_decimals() -> None:
    assert alpha_of(0.95, 1) == Fraction(1, 20)
    assert alpha_of(0.9, 2) == Fraction(1, 20)


def test_a_full_count_has_no_sampling_error() -> None:
    assert [each.count for each in finite_bounds(30, 30, 7)] == [7, 7]


def test_an_empty_sample_shows_nothing() -> None:
    assert [each.count for each in finite_bounds(30, 0, 0)] == [0, 30]
    assert [each.rate for each in unknown_bounds(0, 0)] == [0, 1]


def test_what_was_not_testable_widens_both_bounds() -> None:
    known = finite_bounds(142, 40, 10)
    doubtful = finite_bounds(142, 40, 10, not_testable=5)
    worst = finite_bounds(142, 40, 15)
    assert doubtful[0] == known[0]
    assert doubtful[1] == worst[1] != known[1]
    assert unknown_bounds(40, 10, not_testable=5)[1] == unknown_bounds(40, 15)[1]


@given(st.integers(1, 3_000).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))))
def test_intervals_of_unknown_populations_agree_with_statsmodels(numbers: tuple[int, int]) -> None:
    sample, found = numbers
    for method, name in ((Method.CLOPPER_PEARSON, "beta"), (Method.WILSON, "wilson")):
        low, high = unknown_bounds(sample, found, sides=2, method=method)
        expected = proportion_confint(found, sample, alpha=0.05, method=name)
        assert (low.rate, high.rate) == pytest.approx(expected, abs=1e-10)
        one_low, one_high = unknown_bounds(sample, found, sides=1, method=method)
        expected = proportion_confint(found, sample, alpha=0.10, method=name)
        assert (one_low.rate, one_high.rate) == pytest.approx(expected, abs=1e-10)


@given(st.data())
def test_quick_tails_are_the_exact_ones_to_eleven_digits(data: st.DataObject) -> None:
    population = data.draw(st.integers(10, 3_000))
    special = data.draw(st.integers(1, population - 1))
    sample = data.draw(st.integers(1, population - 1))
    least = max(sample * special // population + 1, sample + special - population + 1)
    if least > min(special, sample):
        return
    found = data.draw(st.integers(least, min(special, sample)))
    exact = exact_tail(population, special, sample, found)
    if exact > Fraction(1, 10**200):
        quick = hypergeometric_tail(population, special, sample, found)
        assert quick == pytest.approx(float(exact), rel=1e-11)


def test_the_condition_says_that_an_unknown_choice_gives_no_bound() -> None:
    found = bounds_of(population=142, sample=40, exceptions=40)
    assert "How it was drawn is not known" in found.condition
    assert "they do not hold" in found.condition
    assert found.method == "hypergeometric"
    assert found.rate == 1.0


@pytest.mark.parametrize(
    ("numbers", "option"),
    [
        ({"population": 0, "sample": 0, "exceptions": 0}, "--population"),
        ({"population": -5, "sample": 0, "exceptions": 0}, "--population"),
        ({"population": 10, "sample": 11, "exceptions": 0}, "--sample"),
        ({"population": None, "sample": -1, "exceptions": 0}, "--sample"),
        ({"population": 10, "sample": 5, "exceptions": 6}, "--exceptions"),
        ({"population": 10, "sample": 5, "exceptions": -1}, "--exceptions"),
        ({"population": 10, "sample": 5, "exceptions": 3, "not_testable": 3}, "--not-testable"),
        ({"population": 10, "sample": 5, "exceptions": 3, "not_testable": -1}, "--not-testable"),
        ({"population": 10, "sample": 5, "exceptions": 3, "confidence": 1.0}, "--confidence"),
        ({"population": 10, "sample": 5, "exceptions": 3, "confidence": 95.0}, "--confidence"),
        ({"population": 10, "sample": 5, "exceptions": 3, "confidence": 0.5}, "--confidence"),
        ({"population": 10, "sample": 5, "exceptions": 3, "confidence": float("nan")}, "--confidence"),
    ],
)
def test_numbers_that_cannot_be_name_their_option(numbers: dict[str, float], option: str) -> None:
    with pytest.raises(BadInput) as refused:
        bounds_of(**numbers)  # type: ignore[arg-type]
    assert refused.value.where == {"option": option}
    assert refused.value.do
