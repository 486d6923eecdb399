"""Agreement of two auditors: Cohen's kappa against statsmodels, and on the answers before any was settled."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import cohens_kappa

from detainer_ledger.audit.sampling.drawing import draw
from detainer_ledger.audit.statistics.agreement import agreements, cohen_kappa
from detainer_ledger.audit.values import Answer, Design
from tests.audit.making import SEED, frame_with, programme_with, results_of

ANSWERS = list(Answer)


@given(st.lists(st.tuples(st.sampled_from(ANSWERS), st.sampled_from(ANSWERS)), min_size=1, max_size=60))
def test_kappa_is_that_of_statsmodels(pairs: list[tuple[Answer, Answer]]) -> None:
    table = np.zeros((4, 4))
    for one, other in pairs:
        table[ANSWERS.index(one), ANSWERS.index(other)] += 1
    found = cohen_kappa(pairs)
    if found is None:
        assert len({answer for pair in pairs for answer in pair}) == 1
    else:
        assert found == pytest.approx(cohens_kappa(table, return_results=False))


def test_kappa_is_not_defined_without_pairs_or_where_all_answers_are_one() -> None:
    assert cohen_kappa([]) is None
    assert cohen_kappa([(Answer.MET, Answer.MET)] * 5) is None
    assert cohen_kappa([(Answer.MET, Answer.MET), (Answer.NOT_MET, Answer.NOT_MET)]) == 1.0
    assert cohen_kappa([(Answer.MET, Answer.NOT_MET)]) == 0.0


def test_what_was_settled_afterwards_does_not_count_as_agreement() -> None:
    programme = programme_with("a")
    sample = draw(frame_with(20), design=Design.SIMPLE, seed=SEED, size=10)
    met = results_of(sample, programme, lambda _unit, _each: Answer.MET)
    other = tuple(replace(mark, answer=Answer.NOT_MET, auditor="two") for mark in met.marks[:4])
    settled = replace(met, marks=(*other, *met.marks[4:]), first=met.marks, second=other)
    (found,) = agreements(programme, settled)
    assert (found.attribute, found.units, found.agreed) == ("a", 4, 0.0)
    (told_without_first,) = agreements(programme, replace(settled, first=()))
    assert told_without_first.agreed == 1.0


def test_units_that_one_alone_tested_are_left_out_and_nobody_agrees_with_nobody() -> None:
    programme = programme_with("a", "b")
    sample = draw(frame_with(20), design=Design.SIMPLE, seed=SEED, size=10)
    met = results_of(sample, programme, lambda _unit, _each: Answer.MET)
    second = tuple(mark for mark in met.marks if mark.attribute == "a")[:3]
    a, b = agreements(programme, replace(met, second=second))
    assert (a.units, a.agreed) == (3, 1.0)
    assert (b.units, b.agreed, b.kappa) == (0, None, None)
    assert agreements(programme, met) == ()
