"""Intervals of shares."""

from __future__ import annotations

from functools import cache
from math import sqrt
from statistics import NormalDist

CONFIDENCE = 0.95
"""Confidence of every interval."""


def wilson(successes: int, trials: int, *, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the Wilson score interval of a share, as fractions of 1.

    Wilson, E. B. (1927), Journal of the American Statistical Association 22, 209-212:
    (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n). Raises ValueError unless 0 <= successes <= trials and trials > 0.
    """
    if not 0 <= successes <= trials or trials == 0:
        raise ValueError(f"{successes} of {trials} is no share")
    z = _quantile((1 + confidence) / 2)
    share = successes / trials
    middle = share + z * z / (2 * trials)
    reach = z * sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    width = 1 + z * z / trials
    # At the ends the formula gives 0 and 1 exactly; floating point would miss them by a hair.
    low = 0.0 if successes == 0 else (middle - reach) / width
    high = 1.0 if successes == trials else (middle + reach) / width
    return low, high


@cache
def _quantile(probability: float) -> float:
    return NormalDist().inv_cdf(probability)
