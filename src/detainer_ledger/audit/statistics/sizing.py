"""How many files to draw: the smallest sample that would show a rate of exceptions to be tolerable.

Discovery and attribute sampling as auditors use it: if no more exceptions than expected are found, the exact one-sided
upper bound of ``bounds`` is at most the tolerable rate. Reckoned from that bound itself, so that a sample of this size
keeps what was promised when it is evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from detainer_ledger.audit.statistics.bounds import LARGEST, alpha_of
from detainer_ledger.audit.statistics.tails import binomial_tail, exceeds
from detainer_ledger.terms import BadInput

MOST_EXPECTED = 100_000
"""Exceptions that can be expected at most."""

USUAL_RATES = (0.01, 0.02, 0.05, 0.10, 0.15, 0.20)
"""Tolerable rates of a table, unless others are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleSize:
    """A sample size: with ``expected`` exceptions at most, the population's rate is at most ``tolerable``.

    ``population`` is None where its size is unknown. ``size`` is None where no sample can show it: the expected
    exceptions alone are more than is tolerable.
    """

    population: int | None
    tolerable: float
    confidence: float
    expected: int
    size: int | None


def sample_size(
    *, tolerable: float, population: int | None = None, confidence: float = 0.95, expected: int = 0
) -> SampleSize:
    """Return the smallest sample that shows a rate to be at most ``tolerable``, with ``expected`` exceptions in it.

    Raises BadInput for a rate that is not above 0 and below 1, for a population, a confidence or a number of expected
    exceptions that cannot be.
    """
    alpha = alpha_of(confidence, 1)
    if not 0 < tolerable < 1:
        raise BadInput(
            f"A tolerable rate of {tolerable:g} cannot be used.",
            option="--tolerable",
            do="give a share above 0 and below 1, such as 0.05.",
        )
    if not 0 <= expected <= MOST_EXPECTED:
        raise BadInput(
            f"{expected:,} exceptions cannot be expected.", option="--expected", do=f"give 0 to {MOST_EXPECTED:,}."
        )
    if population is not None and not 1 <= population <= LARGEST:
        raise BadInput(
            f"A population of {population:,} files cannot be.", option="--population", do=f"give 1 to {LARGEST:,}."
        )
    if population is None:
        size: int | None = _unknown(tolerable, expected, float(alpha))
    else:
        size = _finite(population, floor(Fraction(repr(float(tolerable))) * population), expected, alpha)
    return SampleSize(population=population, tolerable=tolerable, confidence=confidence, expected=expected, size=size)


def sample_sizes(
    rates: Sequence[float] = USUAL_RATES,
    *,
    population: int | None = None,
    confidence: float = 0.95,
    expected: int = 0,
) -> tuple[SampleSize, ...]:
    """Return a sample size for each tolerable rate. Raises what ``sample_size`` raises."""
    return tuple(
        sample_size(tolerable=rate, population=population, confidence=confidence, expected=expected) for rate in rates
    )


def _finite(population: int, tolerated: int, expected: int, alpha: Fraction) -> int | None:
    """Return the least n with P(X <= expected) <= alpha if one unit more than is tolerated had an exception."""
    if expected > tolerated:
        return None
    special = tolerated + 1

    def shows(size: int) -> bool:
        # At most e exceptions is at least n - e others.
        return not exceeds(population, population - special, size, size - expected, alpha)

    return _first(shows, expected + 1, population)


_MOST = 1_000_000_000
"""More files than any population has."""


def _unknown(tolerable: float, expected: int, alpha: float) -> int:
    def shows(size: int) -> bool:
        # Of fewer exceptions than would be expected at this rate no tail can be small.
        return expected < tolerable * size and binomial_tail(size, size - expected, 1 - tolerable) <= alpha

    high = expected + 1
    while not shows(high):
        high *= 2
        if high > _MOST:
            raise BadInput(
                f"More than {_MOST:,} files would have to be drawn.",
                option="--tolerable",
                do="tolerate a larger rate, or ask for less confidence.",
            )
    return _first(shows, expected + 1, high)


def _first(holds: Callable[[int], bool], low: int, high: int) -> int:
    """Return the first number from ``low`` on that holds, given that ``high`` does and all after the first do."""
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low
