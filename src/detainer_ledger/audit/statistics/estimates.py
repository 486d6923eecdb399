"""What a sample shows about its population: rates, standard errors, exact bounds, and the condition of each.

Simple and systematic samples have the exact bounds of ``bounds``. A stratified sample has an estimate weighted by the
strata with its standard error, and bounds that are the sums of the strata's exact bounds, each stratum's at a
confidence that leaves its part of what may go wrong (Bonferroni); strata that were taken whole have no such part.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from fractions import Fraction
from math import sqrt

from detainer_ledger.audit.statistics.agreement import agreements
from detainer_ledger.audit.statistics.bounds import HYPERGEOMETRIC, alpha_of, lower_count, upper_count
from detainer_ledger.audit.statistics.tallies import Tally, tallies_of, together
from detainer_ledger.audit.values import Bound, Design, Estimate, Evaluation, Frame, Programme, Results, Sample

FULL_COUNT = "full_count"
STRATIFIED = "stratified_hypergeometric"

CONDITIONS: Mapping[Design, str] = {
    Design.SIMPLE: (
        "The bounds hold because the sample was drawn at random from the whole frame by its manifest, and hold for the"
        " files that the frame lists."
    ),
    Design.SYSTEMATIC: (
        "The bounds treat the systematic sample as a simple random one. They fail where exceptions recur along the"
        " order of the frame at a distance near the sampling interval."
    ),
    Design.STRATIFIED: (
        "The bounds are the sums of the exact bounds of the strata, each at a higher confidence, so that together they"
        " hold with at least the confidence given; they are wider than need be. They hold for the files that the frame"
        " lists."
    ),
    Design.ALL: (
        "Every file of the frame was taken: there is no sampling error, and the bounds differ only by the files that"
        " were not testable."
    ),
}
"""For each design a sentence that says when the bounds hold."""

NOT_TESTABLE_CONDITION = " Files that were not testable count as without exception below and as exceptions above."
NOT_APPLICABLE_CONDITION = (
    " The bounds are shares of all files of the frame; the rate is one of the files tested, to which the attribute"
    " applies."
)
STRATUM_CONDITION = " They hold for this stratum alone: not every stratum's hold together at this confidence."
ATTRIBUTE_CONDITION = " They hold for this attribute alone: not every attribute's hold together at this confidence."
NOT_DRAWN_CONDITION = " From some strata nothing was drawn; nothing is known of them."
AGAIN_CONDITION = (
    " The sample is not the first that was drawn in this audit; if the result of an earlier one led to it, the bounds"
    " do not hold."
)
NOT_COMMITTED_CONDITION = (
    " No digest of the seed was published before the draw: that it was not chosen among several is taken on trust."
)


UNTESTED_FILES_CONDITION = (
    " The rate of the files tested is then too high: one lapse shows whatever else could not be tested, and a file"
    " without any has to be testable throughout. Go by the bounds."
)


def evaluate(
    frame: Frame,
    sample: Sample,
    programme: Programme,
    results: Results,
    *,
    confidence: float = 0.95,
    sides: int = 1,
) -> Evaluation:
    """Return what the tests of a sample show about the frame: of files, of each attribute, of each stratum's files.

    ``confidence`` is that of each one-sided bound, or of two-sided ones together. Raises BadInput where the four are
    not of one audit, where a test is missing, and for a confidence that cannot be used.
    """
    alpha = alpha_of(confidence, sides)
    tallies = tallies_of(frame, sample, programme, results)

    def estimate(subject: str, parts: Mapping[str, Tally], design: Design, also: str = "") -> Estimate:
        made = _estimate(subject, parts, design, alpha)
        if subject == "file" and made.not_testable:
            also += UNTESTED_FILES_CONDITION
        return replace(made, confidence=confidence, sides=sides, condition=made.condition + also + _doubts(sample))

    alone = Design.SIMPLE if sample.design is Design.STRATIFIED else sample.design
    return Evaluation(
        frame_sha256=frame.sha256,
        sample_sha256=sample.sha256,
        programme_sha256=programme.sha256,
        design=sample.design,
        population=len(frame.units),
        sampled=len(sample.units),
        files=estimate("file", tallies.files, sample.design),
        attributes=tuple(
            estimate(attribute, parts, sample.design, "" if sample.design is Design.ALL else ATTRIBUTE_CONDITION)
            for attribute, parts in tallies.attributes.items()
        ),
        strata={
            name: estimate("file", {name: tally}, alone, "" if alone is Design.ALL else STRATUM_CONDITION)
            for name, tally in tallies.files.items()
            if name
        },
        exceptions_per_file=tallies.exceptions_per_file,
        agreements=agreements(programme, results),
    )


def _doubts(sample: Sample) -> str:
    """Return what of the draw has to be believed, "" where every file was taken."""
    if not sample.is_random:
        return ""
    return (NOT_COMMITTED_CONDITION if sample.commitment is None else "") + (
        AGAIN_CONDITION if sample.number > 1 else ""
    )


def _estimate(subject: str, parts: Mapping[str, Tally], design: Design, alpha: Fraction) -> Estimate:
    """Return an estimate from the tallies of the strata; its confidence and sides are still to be said."""
    whole = together(parts.values())
    rate = whole.exceptions / whole.tested if whole.tested else None
    error = None
    if design is Design.ALL:
        low, high, method = whole.exceptions, whole.exceptions + whole.not_testable, FULL_COUNT
    elif design is Design.STRATIFIED:
        low, high = summed_bounds(parts.values(), alpha)
        rate, error = weighted_rate(parts.values())
        method = STRATIFIED
    else:
        low, high = _bounds(whole, alpha)
        method = HYPERGEOMETRIC
    condition = CONDITIONS[design]
    if whole.not_testable:
        condition += NOT_TESTABLE_CONDITION
    if whole.not_applicable:
        condition += NOT_APPLICABLE_CONDITION
    if any(not tally.sampled for tally in parts.values()) and design is Design.STRATIFIED:
        condition += NOT_DRAWN_CONDITION
    return Estimate(
        subject=subject,
        population=whole.population,
        tested=whole.tested,
        exceptions=whole.exceptions,
        not_testable=whole.not_testable,
        not_applicable=whole.not_applicable,
        rate=rate,
        standard_error=error,
        lower=Bound(count=low, rate=low / whole.population),
        upper=Bound(count=high, rate=high / whole.population),
        confidence=0.0,
        sides=0,
        method=method,
        condition=condition,
    )


def _bounds(tally: Tally, alpha: Fraction) -> tuple[int, int]:
    return (
        lower_count(tally.population, tally.sampled, tally.exceptions, alpha),
        upper_count(tally.population, tally.sampled, tally.exceptions + tally.not_testable, alpha),
    )


def summed_bounds(parts: Collection[Tally], alpha: Fraction) -> tuple[int, int]:
    """Return bounds of the exceptions in all strata together, each wrong with a chance of at most ``alpha``.

    The sum of the strata's bounds, each at alpha divided by the number of strata from which some units but not all were
    drawn: the chance that any of those fails is at most the sum of theirs (Bonferroni), and while none fails the sum
    holds. A stratum that was taken whole has no sampling error and takes no part of alpha, one of which nothing was
    drawn can hold anything. Wider than need be; see docs/method/audit-statistics.md.
    """
    uncertain = sum(0 < each.sampled < each.population for each in parts)
    part = alpha / max(1, uncertain)
    found = [_bounds(each, part) for each in parts]
    return sum(low for low, _high in found), sum(high for _low, high in found)


def weighted_rate(parts: Collection[Tally]) -> tuple[float | None, float | None]:
    """Return the stratified estimate of the rate of exceptions among what can be tested, and its standard error.

    The combined ratio estimate: the estimated number of exceptions in all strata by the estimated number of units that
    can be tested. Its variance is the sum over strata of N² (1 - n/N) s² / n by the square of the latter, s² the sample
    variance of e = y - R x with y 1 for an exception and x 1 for a tested unit. Where every unit was tested this is the
    stratified estimate of a proportion, the sum of W p, with the variance sum of W² (1 - n/N) p (1 - p) / (n - 1).
    Source: Cochran, W. G. (1977), Sampling Techniques, 3rd ed., sections 5.10 and 6.11. The rate is None where a
    stratum was not drawn from or nothing was tested, the error also where one unit alone was drawn of a stratum that
    has more.
    """
    if any(not each.sampled for each in parts):
        return None, None
    exceptions = sum(each.population * each.exceptions / each.sampled for each in parts)
    testable = sum(each.population * each.tested / each.sampled for each in parts)
    if not testable:
        return None, None
    rate = exceptions / testable
    variance = 0.0
    for each in parts:
        if each.sampled == each.population:
            continue
        if each.sampled == 1:
            return rate, None
        mean = (each.exceptions - rate * each.tested) / each.sampled
        squares = each.exceptions * (1 - rate) ** 2 + (each.tested - each.exceptions) * rate**2
        spread = max(0.0, squares - each.sampled * mean**2) / (each.sampled - 1)
        variance += each.population**2 * (1 - each.sampled / each.population) * spread / each.sampled
    return rate, sqrt(variance) / testable
