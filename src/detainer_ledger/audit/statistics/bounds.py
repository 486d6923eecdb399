"""Exact bounds: how many exceptions a population can hold, after so many were found in a random sample.

The lower bound is the least number K of exceptions in the population with P(X >= k | K) > a, the upper bound the
greatest K with P(X <= k | K) > a, where X is hypergeometric and a is 1 - confidence for a one-sided bound, half of that
for each of two-sided ones. No K outside is possible at this confidence: were the truth outside, a result as far out as
this one had at most the chance a. Sources: Konijn, H. S. (1973), Statistical Theory of Sample Survey Design and
Analysis; Wang, W. (2015), Exact Optimal Confidence Intervals for Hypergeometric Parameters, Journal of the American
Statistical Association 110, 1491-1499. Where the population's size is unknown the binomial distribution stands in its
place: Clopper, C. J., and Pearson, E. S. (1934), Biometrika 26, 404-413; or Wilson's interval, which is no guarantee.
"""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction

from detainer_ledger.audit.statistics.tails import binomial_tail, exceeds
from detainer_ledger.audit.values import Bound, Estimate
from detainer_ledger.terms import BadInput, wilson

LARGEST = 1_000_000_000
"""Units of the largest population that is taken."""

HYPERGEOMETRIC, CLOPPER_PEARSON, WILSON = "hypergeometric", "clopper_pearson", "wilson"


class Method(StrEnum):
    """How bounds are reckoned where the size of the population is unknown."""

    CLOPPER_PEARSON = CLOPPER_PEARSON
    WILSON = WILSON


FINITE_CONDITION = (
    "The bounds hold if the sample was drawn at random from the whole population, each set of {sample:,} files with the"
    " same chance. How it was drawn is not known from the numbers: if it was chosen in another way, they do not hold."
)
UNKNOWN_CONDITION = (
    "The bounds are for a population of unknown size and hold if the files were drawn at random and apart from each"
    " other. How they were drawn is not known from the numbers: if it was in another way, they do not hold."
)
WILSON_CONDITION = " Wilson's interval is near its confidence on average and can miss it for some rates."


def alpha_of(confidence: float, sides: int) -> Fraction:
    """Return the chance that is left outside on each side, exactly as the confidence is written in decimals.

    Raises BadInput for a confidence that is not above 0.5 and below 1, or sides other than 1 and 2.
    """
    if sides not in (1, 2):
        raise BadInput("Bounds have one side or two.", sides=sides)
    if not 0.5 < confidence < 1:
        raise BadInput(
            f"A confidence of {confidence:g} cannot be used.",
            option="--confidence",
            do="give a share above 0.5 and below 1, such as 0.95.",
        )
    # The shortest decimal of 0.95 is what was meant; its binary neighbour would decide ties by chance.
    return (1 - Fraction(repr(float(confidence)))) / sides


def lower_count(population: int, sample: int, exceptions: int, alpha: Fraction) -> int:
    """Return the least number of exceptions in the population: the smallest K with P(X >= k | K) > alpha."""
    # With fewer than k, or more than N - (n - k), this sample could not be; in between P grows with K.
    low, high = exceptions, population - (sample - exceptions)
    while low < high:
        middle = (low + high) // 2
        if exceeds(population, middle, sample, exceptions, alpha):
            high = middle
        else:
            low = middle + 1
    return low


def upper_count(population: int, sample: int, exceptions: int, alpha: Fraction) -> int:
    """Return the greatest number of exceptions in the population: the largest K with P(X <= k | K) > alpha."""
    # k exceptions at most is n - k others at least.
    return population - lower_count(population, sample, sample - exceptions, alpha)


def finite_bounds(
    population: int,
    sample: int,
    exceptions: int,
    *,
    not_testable: int = 0,
    confidence: float = 0.95,
    sides: int = 1,
) -> tuple[Bound, Bound]:
    """Return the lower and the upper bound of the exceptions in a population of known size.

    ``sample`` files were drawn, ``exceptions`` of them have one, ``not_testable`` could not be tested: the lower bound
    counts none of these as exceptions, the upper all. Rates are shares of the population. Raises BadInput for numbers
    that cannot be.
    """
    check_numbers(population, sample, exceptions, not_testable)
    alpha = alpha_of(confidence, sides)
    low = lower_count(population, sample, exceptions, alpha)
    high = upper_count(population, sample, exceptions + not_testable, alpha)
    return Bound(count=low, rate=low / population), Bound(count=high, rate=high / population)


def unknown_bounds(
    sample: int,
    exceptions: int,
    *,
    not_testable: int = 0,
    confidence: float = 0.95,
    sides: int = 1,
    method: Method = Method.CLOPPER_PEARSON,
) -> tuple[Bound, Bound]:
    """Return the bounds of the rate of exceptions in a population of unknown size, as ``finite_bounds`` otherwise."""
    check_numbers(None, sample, exceptions, not_testable)
    alpha = alpha_of(confidence, sides)
    if not sample:
        return Bound(count=None, rate=0.0), Bound(count=None, rate=1.0)
    most = exceptions + not_testable
    if method is Method.WILSON:
        # One-sided bounds are the ends of the interval that leaves alpha on each side.
        between = float(1 - 2 * alpha)
        low, high = wilson(exceptions, sample, confidence=between)[0], wilson(most, sample, confidence=between)[1]
    else:
        low, high = (
            clopper_pearson_lower(sample, exceptions, alpha),
            1 - clopper_pearson_lower(sample, sample - most, alpha),
        )
    return Bound(count=None, rate=low), Bound(count=None, rate=high)


def clopper_pearson_lower(sample: int, exceptions: int, alpha: Fraction) -> float:
    """Return the rate p with P(X >= k | n, p) = alpha, X binomial; 0 for no exception. Bisection, rounded outwards."""
    if exceptions == 0:
        return 0.0
    limit = float(alpha)
    low, high = 0.0, exceptions / sample
    while True:
        middle = (low + high) / 2
        if not low < middle < high:
            return low
        if binomial_tail(sample, exceptions, middle) > limit:
            high = middle
        else:
            low = middle


def bounds_of(
    *,
    population: int | None,
    sample: int,
    exceptions: int,
    not_testable: int = 0,
    confidence: float = 0.95,
    sides: int = 1,
    method: Method = Method.CLOPPER_PEARSON,
) -> Estimate:
    """Return what a sample shows about its population: exact bounds, and the condition on which they hold.

    ``population`` is None where its size is unknown; then ``method`` says how the bounds are reckoned. Raises BadInput
    for numbers that cannot be.
    """
    if population is not None:
        lower, upper = finite_bounds(
            population, sample, exceptions, not_testable=not_testable, confidence=confidence, sides=sides
        )
        said, condition = HYPERGEOMETRIC, FINITE_CONDITION.format(sample=sample)
    else:
        lower, upper = unknown_bounds(
            sample, exceptions, not_testable=not_testable, confidence=confidence, sides=sides, method=method
        )
        said, condition = str(method), UNKNOWN_CONDITION + (WILSON_CONDITION if method is Method.WILSON else "")
    tested = sample - not_testable
    return Estimate(
        subject="file",
        population=population,
        tested=tested,
        exceptions=exceptions,
        not_testable=not_testable,
        not_applicable=0,
        rate=exceptions / tested if tested else None,
        standard_error=None,
        lower=lower,
        upper=upper,
        confidence=confidence,
        sides=sides,
        method=said,
        condition=condition,
    )


def check_numbers(population: int | None, sample: int, exceptions: int, not_testable: int) -> None:
    """Raise BadInput, naming the option, for numbers of files that cannot be together."""
    if population is not None and not 1 <= population <= LARGEST:
        raise BadInput(
            f"A population of {population:,} files cannot be.", option="--population", do=f"give 1 to {LARGEST:,}."
        )
    if not 0 <= sample <= LARGEST:
        raise BadInput(f"A sample of {sample:,} files cannot be.", option="--sample", do="give a number from 0 on.")
    if population is not None and sample > population:
        raise BadInput(
            f"The sample has {sample:,} files and the population only {population:,}.",
            option="--sample",
            do="look whether the two numbers were exchanged.",
        )
    if not 0 <= exceptions <= sample:
        raise BadInput(
            f"There cannot be {exceptions:,} files with an exception in a sample of {sample:,}.",
            option="--exceptions",
            do="give how many of the sampled files failed, not how many of the population.",
        )
    if not 0 <= not_testable <= sample - exceptions:
        raise BadInput(
            f"There cannot be {not_testable:,} files that were not testable beside {exceptions:,} exceptions in a"
            f" sample of {sample:,}.",
            option="--not-testable",
            do="count a file once: as an exception, or as not testable, or as neither.",
        )
