"""Sample sizes keep what they promise when the sample is evaluated, and no smaller one does."""

from __future__ import annotations

from fractions import Fraction

import pytest

from detainer_ledger.audit.statistics.bounds import unknown_bounds, upper_count
from detainer_ledger.audit.statistics.sizing import USUAL_RATES, sample_size, sample_sizes
from detainer_ledger.terms import BadInput


@pytest.mark.parametrize("expected", [0, 1, 4])
@pytest.mark.parametrize("tolerable", [0.01, 0.05, 0.1, 0.34, 0.9])
def test_the_size_is_the_first_whose_upper_bound_is_tolerable(tolerable: float, expected: int) -> None:
    for population in (1, 7, 20, 53, 142):
        keeps = (
            size
            for size in range(expected, population + 1)
            if upper_count(population, size, expected, Fraction(1, 20)) <= Fraction(str(tolerable)) * population
        )
        found = sample_size(tolerable=tolerable, population=population, expected=expected)
        assert found.size == next(keeps, None)


@pytest.mark.parametrize("expected", [0, 1, 4])
@pytest.mark.parametrize("tolerable", [0.05, 0.1, 0.34, 0.9])
def test_without_a_population_the_size_is_the_first_whose_clopper_pearson_bound_is_tolerable(
    tolerable: float, expected: int
) -> None:
    found = sample_size(tolerable=tolerable, expected=expected).size
    assert found is not None
    assert unknown_bounds(found, expected)[1].rate <= tolerable
    if found > expected + 1:
        assert unknown_bounds(found - 1, expected)[1].rate > tolerable


def test_the_sizes_that_auditors_know_by_heart() -> None:
    # (1 - 0.05)^59 is below 0.05, (1 - 0.01)^299 too.
    assert sample_size(tolerable=0.05).size == 59
    assert sample_size(tolerable=0.01).size == 299


def test_a_small_population_needs_fewer_files_than_an_unknown_one() -> None:
    for known, unknown in zip(sample_sizes(population=142), sample_sizes(), strict=True):
        assert known.size is not None
        assert unknown.size is not None
        assert known.size <= unknown.size
    assert [each.tolerable for each in sample_sizes()] == list(USUAL_RATES)


def test_more_expected_exceptions_than_are_tolerable_cannot_be_shown() -> None:
    assert sample_size(tolerable=0.01, population=142, expected=2).size is None


@pytest.mark.parametrize(
    ("asked", "option"),
    [
        ({"tolerable": 0.0}, "--tolerable"),
        ({"tolerable": 1.0}, "--tolerable"),
        ({"tolerable": 5.0}, "--tolerable"),
        ({"tolerable": float("nan")}, "--tolerable"),
        ({"tolerable": 0.05, "expected": -1}, "--expected"),
        ({"tolerable": 0.05, "population": 0}, "--population"),
        ({"tolerable": 0.05, "confidence": 0.3}, "--confidence"),
    ],
)
def test_what_cannot_be_asked_names_its_option(asked: dict[str, float], option: str) -> None:
    with pytest.raises(BadInput) as refused:
        sample_size(**asked)  # type: ignore[arg-type]
    assert refused.value.where == {"option": option}
