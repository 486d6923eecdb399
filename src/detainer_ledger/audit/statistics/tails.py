"""Tails of the hypergeometric and the binomial distribution: exact where it matters, quick for a million units.

Single probabilities are by the saddle-point expansion of Loader, C. (2000), Fast and Accurate Computation of Binomial
Probabilities: good to about 14 digits where differences of logarithms of factorials lose half of theirs. A tail is
summed from the observed number outwards, where terms only fall, until they no longer change the sum.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from math import comb, exp, lgamma, log, log1p, pi, sqrt

DOUBT = 1e-9
"""Relative distance from alpha within which a sum of floating-point numbers does not decide."""

EXACT_LIMIT = 2_000
"""Units of the smallest part of a population up to which a doubt is settled in whole numbers."""


def exceeds(population: int, special: int, sample: int, found: int, alpha: Fraction) -> bool:
    """Tell whether P(X >= found) > alpha, of ``sample`` drawn from a population of which ``special`` are special.

    Decided in whole numbers where floating point could err, and the smallest of special, others, drawn and not drawn is
    at most EXACT_LIMIT; beyond that a doubt, one in a thousand million, counts as yes, which widens a bound by one.
    ``alpha`` is below one half.
    """
    least = max(0, sample + special - population)
    most = min(sample, special)
    if found <= least:
        return True
    if found > most:
        return False
    # The median lies within one of the mean (Jogdeo and Samuels, 1968, for sums of independent trials, which a
    # hypergeometric number is by Vatutin and Mikhailov, 1982): up to the whole part of the mean P is one half or more.
    if found <= sample * special // population:
        return True
    tail = hypergeometric_tail(population, special, sample, found)
    limit = float(alpha)
    if abs(tail - limit) > DOUBT * limit:
        return tail > limit
    if min(special, population - special, sample, population - sample) > EXACT_LIMIT:
        return True
    return exact_tail(population, special, sample, found) > alpha


def hypergeometric_tail(population: int, special: int, sample: int, found: int) -> float:
    """Return P(X >= found) for a ``found`` above the mean and within what is possible, good to about 12 digits."""
    share = sample / population
    first = (
        _binomial(special, found, share)
        * _binomial(population - special, sample - found, share)
        / _binomial(population, sample, share)
    )
    total = term = 1.0
    others = population - special - sample
    for count in range(found, min(sample, special)):
        term *= (special - count) * (sample - count) / ((count + 1) * (others + count + 1))
        total += term
        if term < 1e-17 * total:
            break
    return first * total


def exact_tail(population: int, special: int, sample: int, found: int) -> Fraction:
    """Return P(X >= found) as a fraction, from whole numbers alone."""
    # Drawn and special change places without changing P, and so the smaller gives the smaller numbers.
    special, sample = sorted((special, sample))
    least, most = max(0, sample + special - population), min(sample, special)
    whole = comb(population, special)
    if most - found < found - least:
        return Fraction(_ways(population, special, sample, found, most), whole)
    return 1 - Fraction(_ways(population, special, sample, least, found - 1), whole)


def _ways(population: int, special: int, sample: int, first: int, last: int) -> int:
    """Return how many of the sets of ``special`` have ``first`` to ``last`` among the ``sample``."""
    total = 0
    term = comb(sample, first) * comb(population - sample, special - first) if first <= last else 0
    for count in range(first, last + 1):
        total += term
        # C(s, c) C(N-s, m-c) to the next c: every step is a whole number again.
        term = (
            term * ((sample - count) * (special - count)) // ((count + 1) * (population - sample - special + count + 1))
            if count < last
            else 0
        )
    return total


def binomial_tail(sample: int, found: int, rate: float) -> float:
    """Return P(X >= found) of a binomial number, for a ``rate`` of at most found / sample."""
    if rate <= 0:
        return 1.0 if found <= 0 else 0.0
    first = _binomial(sample, found, rate)
    total = term = 1.0
    odds = rate / (1 - rate) if rate < 1 else float("inf")
    for count in range(found, sample):
        term *= (sample - count) / (count + 1) * odds
        total += term
        if term < 1e-17 * total:
            break
    return first * total


# ---------------------------------------------------------------- Loader's expansion


def _binomial(trials: int, found: int, rate: float) -> float:
    """Return the chance of ``found`` in ``trials`` at a ``rate`` between 0 and 1."""
    if found in (0, trials):
        # (1-p)^n or p^n, through the logarithm that keeps its digits.
        return exp(trials * (log1p(-rate) if found == 0 else log(rate)))
    others = trials - found
    log_part = (
        _stirling_rest(trials)
        - _stirling_rest(found)
        - _stirling_rest(others)
        - _deviance(found, trials * rate)
        - _deviance(others, trials * (1 - rate))
    )
    return exp(log_part) * sqrt(trials / (2 * pi * found * others))


def _stirling_rest(number: int) -> float:
    """Return log n! less Stirling's log(sqrt(2 pi n) (n/e)^n)."""
    if number < 16:
        return _small_rest(number)
    inverse = 1 / (number * number)
    return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - inverse / 1188) * inverse) * inverse) * inverse) / number


@cache
def _small_rest(number: int) -> float:
    return lgamma(number + 1) - (number + 0.5) * log(number) + number - 0.5 * log(2 * pi)


def _deviance(found: float, expected: float) -> float:
    """Return x log(x/M) + M - x, without the loss of digits near x = M."""
    difference = found - expected
    if abs(difference) >= 0.1 * (found + expected):
        return found * log(found / expected) - difference
    # With v = (x-M)/(x+M): (x-M) v + 2 x (v^3/3 + v^5/5 + ...), by the series of the inverse hyperbolic tangent.
    ratio = difference / (found + expected)
    total = difference * ratio
    power = 2 * found * ratio
    odd = 1
    while True:
        power *= ratio * ratio
        odd += 2
        following = total + power / odd
        if following == total:
            return total
        total = following
