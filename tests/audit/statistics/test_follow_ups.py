"""Follow-ups: a change is told only where neither sample can be explained without one."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import comb

import pytest

from detainer_ledger.audit.sampling.drawing import draw
from detainer_ledger.audit.statistics.bounds import lower_count, upper_count
from detainer_ledger.audit.statistics.estimates import evaluate
from detainer_ledger.audit.statistics.follow_ups import Change, compare
from detainer_ledger.audit.values import Answer, Design, Evaluation, Programme
from detainer_ledger.terms import BadInput
from tests.audit.making import SEED, frame_with, programme_with, results_of

PROGRAMME = programme_with("a", "b")


def audit(
    failing: int, *, size: int = 40, programme: Programme = PROGRAMME, confidence: float = 0.95, sides: int = 1
) -> tuple[Programme, Evaluation]:
    """An audit of 142 files in which so many of the sample do not meet a, and all meet b."""
    frame = frame_with(142)
    sample = draw(frame, design=Design.SIMPLE, seed=SEED, size=size)
    bad = {unit.id for unit in sample.units[:failing]}
    results = results_of(
        sample,
        programme,
        lambda unit, each: Answer.NOT_MET if each == "a" and unit.id in bad else Answer.MET,
    )
    return programme, evaluate(frame, sample, programme, results, confidence=confidence, sides=sides)


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [(40, 5, Change.FEWER), (5, 40, Change.MORE), (20, 18, Change.CANNOT_TELL), (5, 5, Change.CANNOT_TELL)],
)
def test_a_change_is_told_only_where_the_bounds_do_not_meet(before: int, after: int, change: Change) -> None:
    files, a, b = compare(audit(before), audit(after))
    assert (files.change, a.change, b.change) == (change, change, Change.CANNOT_TELL)
    assert [each.subject for each in (files, a, b)] == ["file", "a", "b"]
    assert ("cannot be told" in a.sentence) == (change is Change.CANNOT_TELL)


def test_the_statement_says_the_confidence_that_it_has() -> None:
    assert compare(audit(40), audit(5))[0].confidence == pytest.approx(0.90)
    assert compare(audit(40, sides=2), audit(5, sides=2))[0].confidence == pytest.approx(0.95)


def test_populations_without_a_change_seldom_seem_to_have_one() -> None:
    population, sample, alpha = 30, 12, Fraction(1, 20)
    bounds = {
        k: (lower_count(population, sample, k, alpha), upper_count(population, sample, k, alpha))
        for k in range(sample + 1)
    }
    for special in range(population + 1):
        chances = {
            k: Fraction(comb(special, k) * comb(population - special, sample - k), comb(population, sample))
            for k in bounds
        }
        wrong = sum(
            chances[one] * chances[other]
            for one in bounds
            for other in bounds
            if bounds[one][1] < bounds[other][0] or bounds[other][1] < bounds[one][0]
        )
        assert wrong <= 2 * alpha


@pytest.mark.parametrize(
    ("later", "what"),
    [
        (programme_with("a", "c"), r"b \(only in the earlier\), c \(only in the later\)"),
        (programme_with("a", optional=("b",)), r"b \(other whether it is required\)"),
        (
            replace(
                PROGRAMME, attributes=(PROGRAMME.attributes[0], replace(PROGRAMME.attributes[1], question="Another?"))
            ),
            r"b \(other question\)",
        ),
    ],
    ids=["attributes", "required", "question"],
)
def test_audits_that_did_not_test_the_same_are_refused_with_the_attributes(later: Programme, what: str) -> None:
    with pytest.raises(BadInput, match=what):
        compare(audit(5), audit(5, programme=later))


def test_a_later_version_that_asks_the_same_can_be_compared() -> None:
    later = replace(PROGRAMME, version="2", sha256="q" * 64)
    assert len(compare(audit(5), audit(5, programme=later))) == 3


def test_an_evaluation_of_another_programme_or_confidence_is_refused() -> None:
    programme, evaluation = audit(5)
    with pytest.raises(BadInput, match="evaluation of the later audit is of another test programme"):
        compare(audit(5), (programme, replace(evaluation, programme_sha256="0" * 64)))
    with pytest.raises(BadInput, match="another confidence"):
        compare(audit(5), audit(5, confidence=0.9))
