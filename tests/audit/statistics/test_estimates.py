"""Estimates: what counts as what, how often bounds hold whatever the truth, and the errors of the sampling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import product
from math import comb

import pytest

from detainer_ledger.audit.sampling.drawing import draw, drawn_after
from detainer_ledger.audit.statistics.estimates import evaluate, summed_bounds, weighted_rate
from detainer_ledger.audit.statistics.tallies import Tally
from detainer_ledger.audit.values import Answer, Design, Evaluation, Results, Unit
from detainer_ledger.terms import BadInput
from tests.audit.making import SEED, frame_with, programme_with, results_of

MET, NOT_MET = Answer.MET, Answer.NOT_MET
UNTESTED, OUTSIDE = Answer.NOT_TESTABLE, Answer.NOT_APPLICABLE


def evaluated(
    answers: Sequence[tuple[Answer, ...]], *, design: Design = Design.SIMPLE, population: int = 142
) -> Evaluation:
    """Evaluate a sample whose files have these answers to a required a, a required b and an optional c."""
    frame = frame_with(population)
    sample = draw(frame, design=design, seed=SEED, size=len(answers))
    programme = programme_with("a", "b", optional=("c",))
    rows = {unit.id: row for unit, row in zip(sample.units, answers, strict=True)}
    results = results_of(sample, programme, lambda unit, each: rows[unit.id]["abc".index(each)])
    return evaluate(frame, sample, programme, results)


def test_the_inspector_generals_sample_is_evaluated_to_134_of_142_files() -> None:
    found = evaluated([(NOT_MET, MET, MET)] * 40)
    assert (found.files.exceptions, found.files.lower.count, found.files.upper.count) == (40, 134, 142)
    assert found.files.method == "hypergeometric"
    attributes = {each.subject: (each.exceptions, each.lower.count) for each in found.attributes}
    assert attributes == {"a": (40, 134), "b": (0, 0), "c": (0, 0)}


@pytest.mark.parametrize(
    ("answers", "counted"),
    [
        ((MET, MET, MET), "passed"),
        ((MET, MET, NOT_MET), "passed"),
        ((MET, MET, UNTESTED), "passed"),
        ((MET, OUTSIDE, MET), "passed"),
        ((OUTSIDE, OUTSIDE, OUTSIDE), "passed"),
        ((NOT_MET, MET, MET), "failed"),
        ((NOT_MET, UNTESTED, MET), "failed"),
        ((NOT_MET, OUTSIDE, MET), "failed"),
        ((MET, UNTESTED, MET), "not testable"),
        ((OUTSIDE, UNTESTED, MET), "not testable"),
    ],
)
def test_a_file_fails_by_a_required_attribute_alone_and_is_never_guessed(
    answers: tuple[Answer, ...], counted: str
) -> None:
    files = evaluated([answers]).files
    found = {"failed": files.exceptions, "not testable": files.not_testable}
    found["passed"] = files.tested - files.exceptions
    assert {name for name, count in found.items() if count} == {counted}


def test_what_was_not_testable_or_not_applicable_stands_apart_and_widens_the_bounds() -> None:
    rows = [(NOT_MET, MET, MET)] * 4 + [(UNTESTED, MET, MET)] * 3 + [(OUTSIDE, MET, MET)] * 2 + [(MET, MET, MET)] * 11
    found = evaluated(rows, population=60).attributes[0]
    assert (found.tested, found.exceptions, found.not_testable, found.not_applicable) == (15, 4, 3, 2)
    assert found.rate == pytest.approx(4 / 15)
    fewest = evaluated([(NOT_MET, MET, MET)] * 4 + [(MET, MET, MET)] * 16, population=60).attributes[0]
    most = evaluated([(NOT_MET, MET, MET)] * 7 + [(MET, MET, MET)] * 13, population=60).attributes[0]
    assert found.lower == fewest.lower
    assert found.upper == most.upper
    assert "not testable" in found.condition
    assert "shares of all files" in found.condition


def test_files_are_counted_by_how_many_required_attributes_are_not_met() -> None:
    rows = [(NOT_MET, NOT_MET, NOT_MET)] * 2 + [(MET, MET, NOT_MET)] * 3 + [(UNTESTED, MET, MET)]
    assert evaluated(rows).exceptions_per_file == {0: 3, 1: 0, 2: 2}
    assert evaluated([(UNTESTED, MET, MET)]).exceptions_per_file == {}


def test_where_nothing_was_testable_there_is_no_rate_and_no_bound_that_excludes_anything() -> None:
    files = evaluated([(UNTESTED, UNTESTED, UNTESTED)] * 20, population=20).files
    assert files.rate is None
    assert (files.lower.count, files.upper.count) == (0, 20)


def test_a_full_count_is_bounded_by_what_was_not_testable_alone() -> None:
    rows = [(NOT_MET, MET, MET)] * 4 + [(UNTESTED, MET, MET)] * 3 + [(MET, MET, MET)] * 13
    found = evaluated(rows, design=Design.ALL, population=20).files
    assert (found.lower.count, found.upper.count, found.method) == (4, 7, "full_count")
    assert "no sampling error" in found.condition
    assert "seed" not in found.condition


def test_a_systematic_sample_is_said_to_be_treated_as_a_simple_one() -> None:
    rows = [(NOT_MET, MET, MET)] * 4 + [(MET, MET, MET)] * 16
    systematic, simple = (evaluated(rows, design=each).files for each in (Design.SYSTEMATIC, Design.SIMPLE))
    assert (systematic.lower, systematic.upper) == (simple.lower, simple.upper)
    assert "recur along the order" in systematic.condition


def test_the_condition_tells_of_a_seed_that_was_not_committed_to_and_of_another_draw() -> None:
    frame, programme = frame_with(30), programme_with("a")
    first = draw(frame, design=Design.SIMPLE, seed=SEED, size=5)
    second = drawn_after(first, earlier=first, reason="for a test")
    said = [
        evaluate(frame, sample, programme, results_of(sample, programme, lambda _unit, _each: MET)).files.condition
        for sample in (first, second)
    ]
    assert "taken on trust" in said[0]
    assert "not the first" not in said[0]
    assert "not the first" in said[1]


# ---------------------------------------------------------------- strata

STRATA = ((6, 3), (9, 4), (4, 4))
"""Population and sample of each of three strata, the last taken whole."""


def chance(population: int, special: int, sample: int, found: int) -> Fraction:
    if not 0 <= found <= special or not 0 <= sample - found <= population - special:
        return Fraction(0)
    return Fraction(comb(special, found) * comb(population - special, sample - found), comb(population, sample))


def tallies(found: tuple[int, ...], sizes: tuple[tuple[int, int], ...] = STRATA) -> list[Tally]:
    return [
        Tally(population=population, sampled=sample, exceptions=count, not_testable=0)
        for (population, sample), count in zip(sizes, found, strict=True)
    ]


@pytest.mark.parametrize("alpha", [Fraction(1, 20), Fraction(1, 5)], ids=str)
def test_bounds_of_strata_together_hold_at_least_as_often_as_they_say_whatever_the_truth(alpha: Fraction) -> None:
    bounds = {found: summed_bounds(tallies(found), alpha) for found in product(*(range(n + 1) for _size, n in STRATA))}
    for truth in product(*(range(0, size + 1, 2) for size, _n in STRATA)):
        low = high = Fraction(0)
        for found, (least, most) in bounds.items():
            probability = Fraction(1)
            for (size, sample), special, count in zip(STRATA, truth, found, strict=True):
                probability *= chance(size, special, sample, count)
            low += probability * (least <= sum(truth))
            high += probability * (most >= sum(truth))
        assert min(low, high) >= 1 - alpha


def test_strata_that_were_taken_whole_cost_the_others_nothing() -> None:
    sampled, whole = Tally(population=100, sampled=20, exceptions=3, not_testable=0), tallies((2,), ((4, 4),))
    alone = summed_bounds([sampled], Fraction(1, 20))
    assert summed_bounds([sampled, *whole], Fraction(1, 20)) == (alone[0] + 2, alone[1] + 2)


def test_a_stratum_of_which_nothing_was_drawn_can_hold_anything() -> None:
    parts = [Tally(population=50, sampled=50, exceptions=3, not_testable=0), *tallies((0,), ((7, 0),))]
    assert summed_bounds(parts, Fraction(1, 20)) == (3, 10)
    assert weighted_rate(parts) == (None, None)


def test_the_stratified_rate_is_right_on_average_and_so_is_its_variance() -> None:
    whole = sum(size for size, _n in STRATA)
    truth = (2, 7, 1)
    mean = square = variance = 0.0
    for found in product(*(range(n + 1) for _size, n in STRATA)):
        probability = Fraction(1)
        for (size, sample), special, count in zip(STRATA, truth, found, strict=True):
            probability *= chance(size, special, sample, count)
        rate, error = weighted_rate(tallies(found))
        assert rate is not None
        assert error is not None
        mean += float(probability) * rate
        square += float(probability) * rate**2
        variance += float(probability) * error**2
    assert mean == pytest.approx(sum(truth) / whole)
    assert variance == pytest.approx(square - mean**2)


def test_the_standard_error_is_cochrans_for_proportions_where_all_was_tested() -> None:
    parts = tallies((5, 2), ((100, 20), (300, 30)))
    rate, error = weighted_rate(parts)
    weights, shares = (0.25, 0.75), (5 / 20, 2 / 30)
    assert rate == pytest.approx(sum(w * p for w, p in zip(weights, shares, strict=True)))
    variance = sum(
        w**2 * (1 - n / size) * p * (1 - p) / (n - 1)
        for w, p, (size, n) in zip(weights, shares, ((100, 20), (300, 30)), strict=True)
    )
    assert error == pytest.approx(variance**0.5)


def test_one_unit_of_a_stratum_gives_a_rate_and_no_error() -> None:
    rate, error = weighted_rate(tallies((1, 5), ((10, 1), (100, 20))))
    assert rate == pytest.approx((10 * 1 + 100 * 0.25) / 110)
    assert error is None


def test_the_weighted_rate_undoes_an_uneven_allocation() -> None:
    frame, programme = frame_with({"north": 20, "south": 80}), programme_with("a")
    sample = draw(frame, design=Design.STRATIFIED, seed=SEED, size=100)
    uneven = replace(
        sample,
        units=tuple(unit for unit in sample.units if unit.stratum == "north" or unit.id < "south-0010"),
        drawn={"north": 20, "south": 10},
    )
    results = results_of(uneven, programme, lambda unit, _each: NOT_MET if unit.stratum == "north" else MET)
    found = evaluate(frame, uneven, programme, results)
    assert found.files.rate == pytest.approx(0.2)
    assert found.files.standard_error == pytest.approx(0.0)
    assert {name: each.rate for name, each in found.strata.items()} == {"north": 1.0, "south": 0.0}
    assert found.files.lower.count == 20
    assert found.strata["north"].lower.count == found.strata["north"].upper.count == 20


def test_strata_are_estimated_in_a_simple_sample_too() -> None:
    frame, programme = frame_with({"north": 20, "south": 80}), programme_with("a")
    sample = draw(frame, design=Design.SIMPLE, seed=SEED, size=30)
    found = evaluate(frame, sample, programme, results_of(sample, programme, lambda _unit, _each: MET))
    assert {name: each.population for name, each in found.strata.items()} == {"north": 20, "south": 80}
    assert sum(each.tested for each in found.strata.values()) == 30
    assert "this stratum alone" in found.strata["north"].condition


# ---------------------------------------------------------------- results of another audit


def _audit() -> dict[str, object]:
    frame, programme = frame_with(10), programme_with("a", "b")
    sample = draw(frame, design=Design.SIMPLE, seed=SEED, size=4)
    results = results_of(sample, programme, lambda _unit, _each: MET)
    return {"frame": frame, "sample": sample, "programme": programme, "results": results}


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"frame": frame_with(11)}, "sample was drawn from another frame"),
        ({"programme": replace(programme_with("a", "b"), sha256="q" * 64)}, "another test programme"),
        ({"sample": draw(frame_with(10), design=Design.SIMPLE, seed=SEED, size=3)}, "another sample"),
    ],
    ids=["frame", "programme", "sample"],
)
def test_results_of_another_audit_are_refused_and_what_is_the_others_is_said(
    changed: dict[str, object], what: str
) -> None:
    with pytest.raises(BadInput, match=what):
        evaluate(*(_audit() | changed).values())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda marks: marks[:-1], "lack a test"),
        (lambda marks: (*marks, marks[0]), "two marks of one test"),
        (lambda marks: (*marks, replace(marks[0], unit="F-9999")), "unit that was not drawn"),
        (lambda marks: (*marks, replace(marks[0], attribute="z")), "attribute that is not tested"),
    ],
    ids=["missing", "twice", "unit", "attribute"],
)
def test_results_that_are_not_one_mark_for_each_test_are_refused(change, what: str) -> None:  # type: ignore[no-untyped-def]
    audit = _audit()
    results = audit["results"]
    assert isinstance(results, Results)
    audit["results"] = replace(results, marks=change(results.marks))
    with pytest.raises(BadInput, match=what) as refused:
        evaluate(*audit.values())  # type: ignore[arg-type]
    assert refused.value.where["unit"]
    assert refused.value.where["attribute"]


def test_a_test_of_a_row_that_was_set_aside_counts_as_not_testable() -> None:
    audit = _audit()
    results = audit["results"]
    assert isinstance(results, Results)
    audit["results"] = replace(results, marks=results.marks[:-1], set_aside=("sheet 1, row 9: two answers",))
    found = evaluate(*audit.values())  # type: ignore[arg-type]
    assert found.files.not_testable == 1
    assert found.attributes[1].not_testable == 1


def test_a_unit_of_another_stratum_than_in_the_frame_is_refused() -> None:
    audit = _audit()
    sample = audit["sample"]
    audit["sample"] = replace(sample, units=(Unit(id=sample.units[0].id, stratum="x"), *sample.units[1:]))  # type: ignore[attr-defined,type-var]
    with pytest.raises(BadInput, match="unit that the frame has not"):
        evaluate(*audit.values())  # type: ignore[arg-type]
