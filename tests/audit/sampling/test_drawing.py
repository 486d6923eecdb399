"""Samples: drawn again from their manifest by other code, with equal chances, and not to be shopped for."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from detainer_ledger.audit.sampling.allocation import neyman, proportional
from detainer_ledger.audit.sampling.drawing import (
    Commitment,
    draw,
    drawn_after,
    faults_of_draw,
    is_same_draw,
    manifest_sha256,
    new_salt,
    new_seed,
    opens,
    seed_digest,
)
from detainer_ledger.audit.values import Allocation, Design, Frame, Sample
from detainer_ledger.terms import BadInput
from tests.audit.making import NOW, SEED, frame_with

STRATA = {"east": 5, "north": 30, "south": 65}


def number_of(frame: Frame, word: str) -> int:
    """The draw number, as the documentation says it, written here once more."""
    return int(sha256(b"\x00".join([SEED.encode(), frame.sha256.encode(), word.encode()])).hexdigest(), 16)


def test_a_simple_sample_is_the_units_with_the_least_draw_numbers() -> None:
    frame = frame_with(142)
    by_number = sorted((number_of(frame, unit.id), unit.id) for unit in frame.units)
    sample = draw(frame, design=Design.SIMPLE, seed=SEED, size=40)
    assert [unit.id for unit in sample.units] == [unit_id for _number, unit_id in by_number[:40]]


def test_a_larger_sample_of_one_seed_holds_the_smaller() -> None:
    frame = frame_with(142)
    small, large = (draw(frame, design=Design.SIMPLE, seed=SEED, size=size) for size in (40, 60))
    assert large.units[:40] == small.units


def test_a_stratified_sample_has_the_least_draw_numbers_of_each_stratum() -> None:
    frame = frame_with(STRATA)
    sample = draw(frame, design=Design.STRATIFIED, seed=SEED, size=20)
    assert sample.drawn == {"east": 1, "north": 6, "south": 13}
    expected = [
        unit
        for name, share in sample.drawn.items()
        for unit in sorted(
            (unit for unit in frame.units if unit.stratum == name), key=lambda unit: number_of(frame, unit.id)
        )[:share]
    ]
    assert list(sample.units) == expected


def test_a_systematic_sample_follows_from_its_start() -> None:
    frame = frame_with(142)
    start = number_of(frame, "start 0") % 142
    sample = draw(frame, design=Design.SYSTEMATIC, seed=SEED, size=40)
    assert list(sample.units) == [frame.units[int((start + each * 142) / 40)] for each in range(40)]


@pytest.mark.parametrize(("population", "size"), [(10, 3), (10, 10), (7, 5), (12, 4), (5, 1)])
def test_every_unit_has_the_same_chance_in_a_systematic_sample(population: int, size: int) -> None:
    # All starts are as likely as each other; over all of them every unit is drawn size times.
    drawn = Counter((start + each * population) // size for start in range(population) for each in range(size))
    assert drawn == dict.fromkeys(range(population), size)


def test_every_unit_has_the_same_chance_in_a_simple_sample() -> None:
    frame = frame_with(12)
    drawn = Counter(
        unit.id
        for seed in range(3_000)
        for unit in draw(frame, design=Design.SIMPLE, seed=f"seed number {seed}", size=3).units
    )
    assert len(drawn) == 12
    assert chisquare(list(drawn.values())).pvalue > 0.001


def test_pairs_have_the_same_chance_in_a_simple_sample_too() -> None:
    frame = frame_with(6)
    pairs = Counter(
        frozenset(unit.id for unit in draw(frame, design=Design.SIMPLE, seed=f"seed number {seed}", size=2).units)
        for seed in range(3_000)
    )
    assert len(pairs) == 15
    assert chisquare(list(pairs.values())).pvalue > 0.001


def test_all_takes_every_unit_and_is_no_random_sample() -> None:
    frame = frame_with(STRATA)
    sample = draw(frame, design=Design.ALL, seed=SEED)
    assert sample.units == frame.units
    assert not sample.is_random


@pytest.mark.parametrize("design", list(Design))
def test_a_manifest_draws_its_sample_again(design: Design) -> None:
    frame = frame_with(STRATA)
    sample = draw(frame, design=design, seed=SEED, size=None if design is Design.ALL else 20)
    assert is_same_draw(frame, sample)
    assert faults_of_draw(frame, sample, None) == ()


def _manifest() -> tuple[Frame, Sample]:
    frame = frame_with(STRATA)
    return frame, draw(frame, design=Design.STRATIFIED, seed=SEED, size=20)


@pytest.mark.parametrize(
    "change",
    [
        lambda sample, frame: {"units": sample.units[1:]},
        lambda sample, frame: {"units": tuple(reversed(sample.units))},
        lambda sample, frame: {"units": (*sample.units[:-1], next(u for u in frame.units if u not in sample.units))},
        lambda sample, frame: {"seed": "another seed of the tests"},
        lambda sample, frame: {"design": Design.SIMPLE, "allocation": None},
        lambda sample, frame: {"drawn": {"east": 5, "north": 5, "south": 10}},
        lambda sample, frame: {"frame_sha256": "0" * 64},
        lambda sample, frame: {"number": 2},
        lambda sample, frame: {"commitment": "0" * 64},
    ],
    ids=["fewer", "order", "exchanged", "seed", "design", "shares", "frame", "number", "commitment"],
)
def test_a_manifest_that_was_changed_is_found(change) -> None:  # type: ignore[no-untyped-def]
    frame, sample = _manifest()
    changed = replace(sample, **change(sample, frame))
    assert faults_of_draw(frame, changed, None)
    assert manifest_sha256(changed) != sample.sha256


def test_a_frame_with_one_unit_more_gives_another_sample() -> None:
    one, other = (draw(frame_with(size), design=Design.SIMPLE, seed=SEED, size=20) for size in (100, 101))
    assert {unit.id for unit in one.units} != {unit.id for unit in other.units}


# ---------------------------------------------------------------- commitments


def test_a_commitment_is_the_digest_of_salt_frame_and_seed() -> None:
    assert seed_digest("seed", salt="salt", frame_sha256="ab") == sha256(b"salt\x00ab\x00seed").hexdigest()
    assert seed_digest("seed", salt="salt", frame_sha256=None) == sha256(b"salt\x00\x00seed").hexdigest()


def test_only_the_seed_and_salt_that_were_committed_to_draw() -> None:
    frame = frame_with(30)
    salt = new_salt()
    fixed = Commitment(
        sha256=seed_digest(SEED, salt=salt, frame_sha256=frame.sha256), frame_sha256=frame.sha256, made_at=NOW
    )
    assert opens(fixed, seed=SEED, salt=salt)
    sample = draw(frame, design=Design.SIMPLE, seed=SEED, size=5, commitment=fixed, salt=salt)
    assert sample.commitment == fixed.sha256
    assert faults_of_draw(frame, sample, fixed) == ()
    for seed, other_salt in ((SEED + "!", salt), (SEED, new_salt())):
        with pytest.raises(BadInput, match="not those whose digest was published"):
            draw(frame, design=Design.SIMPLE, seed=seed, size=5, commitment=fixed, salt=other_salt)
    with pytest.raises(BadInput, match="made for another frame"):
        draw(frame_with(31), design=Design.SIMPLE, seed=SEED, size=5, commitment=fixed, salt=salt)


def test_random_seeds_and_salts_are_not_repeated() -> None:
    assert len({new_seed() for _ in range(100)} | {new_salt() for _ in range(100)}) == 200


@pytest.mark.parametrize("seed", ["", "1234567", "with a\nbreak in it", "with a blank at its end "])
def test_a_seed_that_can_be_guessed_or_not_read_out_is_refused(seed: str) -> None:
    with pytest.raises(BadInput) as refused:
        draw(frame_with(30), design=Design.SIMPLE, seed=seed, size=5)
    assert refused.value.where["option"] == "--seed"


def test_another_draw_names_the_one_before_and_its_reason() -> None:
    frame = frame_with(30)
    first = draw(frame, design=Design.SIMPLE, seed=SEED, size=5)
    second = drawn_after(
        draw(frame, design=Design.SIMPLE, seed=SEED, size=8), earlier=first, reason="five were too few"
    )
    assert (second.number, second.again, second.earlier) == (2, "five were too few", (first.sha256,))
    assert faults_of_draw(frame, second, None, (first,)) == ()
    assert faults_of_draw(frame, second, None, (None,))
    assert faults_of_draw(frame, second, None, (replace(first, seed="another seed of the tests"),))
    with pytest.raises(BadInput):
        drawn_after(first, earlier=first, reason=" ")


# ---------------------------------------------------------------- sizes and shares


@pytest.mark.parametrize(
    ("asked", "option"),
    [
        ({"design": Design.SIMPLE}, "--size"),
        ({"design": Design.SIMPLE, "size": 0}, "--size"),
        ({"design": Design.SIMPLE, "size": 31}, "--size"),
        ({"design": Design.ALL, "size": 12}, "--size"),
        ({"design": Design.STRATIFIED, "size": 12}, "--design"),
        ({"design": Design.SIMPLE, "size": 12, "allocation": Allocation.NEYMAN}, "--allocation"),
    ],
)
def test_a_draw_that_does_not_fit_the_frame_names_its_option(asked: dict[str, object], option: str) -> None:
    with pytest.raises(BadInput) as refused:
        draw(frame_with(30), seed=SEED, **asked)  # type: ignore[arg-type]
    assert refused.value.where["option"] == option


SIZES = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=3), st.integers(1, 400), min_size=1, max_size=8)


@given(SIZES, st.data())
def test_shares_add_up_fit_their_strata_and_leave_none_out_that_can_have_one(
    strata: dict[str, int], data: st.DataObject
) -> None:
    size = data.draw(st.integers(1, sum(strata.values())))
    deviations = {name: data.draw(st.sampled_from([0.0, 0.1, 0.5, 3.0])) for name in strata}
    found = [proportional(strata, size)]
    if any(deviations.values()):
        found.append(neyman(strata, size, deviations))
    for shares in found:
        assert list(shares) == list(strata)
        assert sum(shares.values()) == size
        assert all(0 <= shares[name] <= strata[name] for name in strata)
        assert size < len(strata) or all(shares.values())


@given(SIZES, st.data())
def test_proportional_shares_are_within_one_of_the_quota_where_no_stratum_needs_help(
    strata: dict[str, int], data: st.DataObject
) -> None:
    whole = sum(strata.values())
    size = data.draw(st.integers(1, whole))
    if all(size * units >= whole for units in strata.values()):
        assert all(abs(share - size * strata[name] / whole) < 1 for name, share in proportional(strata, size).items())


def test_neyman_shares_by_units_times_deviation_and_takes_whole_what_would_be_more_than_whole() -> None:
    assert neyman({"a": 100, "b": 100}, 40, {"a": 0.1, "b": 0.3}) == {"a": 10, "b": 30}
    # 10 x 50 of 10 x 50 + 90 x 1 asks for 17 of ten; the other 10 go to the rest.
    assert neyman({"a": 10, "b": 90}, 20, {"a": 50.0, "b": 1.0}) == {"a": 10, "b": 10}


@pytest.mark.parametrize(
    ("deviations", "what"),
    [
        ({"a": 0.5}, "has no standard deviation"),
        ({"a": 0.5, "b": 0.5, "c": 0.5}, "no stratum 'c'"),
        ({"a": -0.5, "b": 0.5}, "no number from 0 on"),
        ({"a": float("inf"), "b": 0.5}, "no number from 0 on"),
        ({"a": 0.0, "b": 0.0}, "Every standard deviation is 0"),
    ],
)
def test_deviations_that_cannot_be_used_are_named(deviations: dict[str, float], what: str) -> None:
    with pytest.raises(BadInput, match=what):
        neyman({"a": 10, "b": 90}, 20, deviations)
