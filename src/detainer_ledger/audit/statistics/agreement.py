"""How far two auditors who tested the same files agreed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from detainer_ledger.audit.values import Agreement, Answer, Mark, Programme, Results


def agreements(programme: Programme, results: Results) -> tuple[Agreement, ...]:
    """Return the agreement on each attribute, in the programme's order; () where nobody tested a second time.

    Compared are the marks of the two before any difference was settled, over the units that both have. "Not testable"
    and "not applicable" are answers like the others.
    """
    if not results.second:
        return ()
    first = _by_test(results.first or results.marks)
    pairs: dict[str, list[tuple[Answer, Answer]]] = {each.id: [] for each in programme.attributes}
    for (unit, attribute), other in _by_test(results.second).items():
        one = first.get((unit, attribute))
        if one is not None and attribute in pairs:
            pairs[attribute].append((one, other))
    return tuple(_agreement(attribute, found) for attribute, found in pairs.items())


def _by_test(marks: Iterable[Mark]) -> dict[tuple[str, str], Answer]:
    return {(mark.unit, mark.attribute): mark.answer for mark in marks}


def _agreement(attribute: str, pairs: list[tuple[Answer, Answer]]) -> Agreement:
    agreed = sum(one is other for one, other in pairs)
    return Agreement(
        attribute=attribute,
        units=len(pairs),
        agreed=agreed / len(pairs) if pairs else None,
        kappa=cohen_kappa(pairs),
    )


def cohen_kappa(pairs: list[tuple[Answer, Answer]]) -> float | None:
    """Return Cohen's kappa: agreement beyond what the two would reach by chance, 1 for full agreement.

    (p_o - p_e) / (1 - p_e), p_o the share of equal answers and p_e the sum over answers of the product of both shares.
    Source: Cohen, J. (1960), A coefficient of agreement for nominal scales, Educational and Psychological Measurement
    20, 37-46. None without pairs, or where both gave one and the same answer throughout: then p_e is 1.
    """
    size = len(pairs)
    ones, others = Counter(one for one, _other in pairs), Counter(other for _one, other in pairs)
    agreed = sum(one is other for one, other in pairs)
    by_chance = sum(count * others[answer] for answer, count in ones.items())
    if by_chance == size * size:
        return None
    return (size * agreed - by_chance) / (size * size - by_chance)
