"""Sharing a sample out among strata, in exact fractions, so that every program gives the same shares."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import floor, isfinite

from detainer_ledger.terms import BadInput


def proportional(strata: Mapping[str, int], size: int) -> Mapping[str, int]:
    """Return for each stratum its share of ``size`` in proportion to its units: largest remainders, least one each.

    ``size`` is at most the sum of ``strata``. A stratum gets one at least wherever ``size`` suffices for one each.
    """
    return _shared(strata, size, {name: Fraction(units) for name, units in strata.items()})


def neyman(strata: Mapping[str, int], size: int, deviations: Mapping[str, float]) -> Mapping[str, int]:
    """Return for each stratum its share of ``size`` in proportion to its units times its standard deviation.

    Neyman, J. (1934), Journal of the Royal Statistical Society 97, 558-625; where that asks for more units than a
    stratum has, all of them are taken and the rest is shared out among the others (Cochran, W. G. (1977), Sampling
    Techniques, 3rd ed., sections 5.5 and 5.8). A stratum gets one at least wherever ``size`` suffices for one each.
    Raises BadInput unless every stratum has a standard deviation that is not negative, and one of them more than zero.
    """
    for name in deviations:
        if name not in strata:
            raise BadInput(
                f"The frame has no stratum '{name}'.", option="--deviation", do=f"name one of: {', '.join(strata)}."
            )
    for name in strata:
        if name not in deviations:
            raise BadInput(
                "A stratum has no standard deviation, which Neyman's allocation needs.",
                stratum=name,
                option="--deviation",
                do=f"add --deviation '{name}=0.5', from a pilot or an earlier audit.",
            )
        if not isfinite(deviations[name]) or deviations[name] < 0:
            raise BadInput("A standard deviation is no number from 0 on.", stratum=name, option="--deviation")
    if not any(deviations.values()):
        raise BadInput(
            "Every standard deviation is 0.", option="--deviation", do="use --allocation proportional instead."
        )
    # The shortest decimal of a number is what was typed; its binary neighbour could tip a tie.
    exact = {name: Fraction(str(deviations[name])) for name in strata}
    return _shared(strata, size, {name: strata[name] * exact[name] for name in strata})


def _shared(strata: Mapping[str, int], size: int, weights: Mapping[str, Fraction]) -> Mapping[str, int]:
    whole: dict[str, int] = {}
    quotas = _quotas(strata, size, weights, whole)
    shares = {name: whole.get(name, floor(quotas.get(name, Fraction(0)))) for name in strata}
    by_remainder = sorted(quotas, key=lambda name: (-(quotas[name] - floor(quotas[name])), name))
    for name in by_remainder[: size - sum(shares.values())]:
        shares[name] += 1
    return _one_each(shares, size, weights)


def _quotas(
    strata: Mapping[str, int], size: int, weights: Mapping[str, Fraction], whole: dict[str, int]
) -> Mapping[str, Fraction]:
    """Return the exact shares of the strata that are not taken whole; ``whole`` gets those that are."""
    while True:
        left = [name for name in strata if name not in whole]
        remaining = size - sum(whole.values())
        total = sum((weights[name] for name in left), start=Fraction(0))
        if not total:
            # Only strata without any variation are left: what remains is shared out by their units.
            weights = {**weights, **{name: Fraction(strata[name]) for name in left}}
            total = Fraction(sum(strata[name] for name in left))
        if not left:
            return {}
        quotas = {name: remaining * weights[name] / total for name in left}
        full = [name for name in left if quotas[name] >= strata[name]]
        if not full:
            return quotas
        whole.update({name: strata[name] for name in full})


def _one_each(shares: dict[str, int], size: int, weights: Mapping[str, Fraction]) -> Mapping[str, int]:
    """Give a stratum without any unit one of the stratum that has most above its weight, if all can have one."""
    if size < len(shares):
        return shares
    total = sum(weights.values(), start=Fraction(0))
    for name in [name for name, share in shares.items() if not share]:
        giver = max(
            (other for other, share in shares.items() if share > 1),
            key=lambda other: (shares[other] - size * weights[other] / total, shares[other], other),
        )
        shares[giver] -= 1
        shares[name] = 1
    return shares
