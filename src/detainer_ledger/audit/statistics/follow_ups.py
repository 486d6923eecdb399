"""An audit and the one after it: what can be said of each attribute, and no more than both samples show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from detainer_ledger.audit.statistics.bounds import alpha_of
from detainer_ledger.audit.values import Attribute, Estimate, Evaluation, Programme
from detainer_ledger.terms import BadInput


class Change(StrEnum):
    """What two samples show of a rate of exceptions."""

    FEWER = "fewer"
    MORE = "more"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One subject, ``file`` or an attribute, in two audits, and what can be said of the change.

    ``fewer`` and ``more`` are said only where the bounds of both do not meet: the greatest rate after is below the
    least before, or the other way round. ``confidence`` is that of such a statement, at least.
    """

    subject: str
    title: str
    before: Estimate
    after: Estimate
    change: Change
    confidence: float
    sentence: str


def compare(before: tuple[Programme, Evaluation], after: tuple[Programme, Evaluation]) -> tuple[Compared, ...]:
    """Return what can be said of files and of each attribute, from an audit to the one after it.

    Raises BadInput where the two did not test the same, naming the attributes that differ, and where an evaluation is
    of another programme or their confidence is not the same.
    """
    for which, (programme, evaluation) in (("earlier", before), ("later", after)):
        if evaluation.programme_sha256 != programme.sha256:
            raise BadInput(
                f"The evaluation of the {which} audit is of another test programme than the one in its folder.",
                file="evaluation.json",
                do="evaluate it again: detainer audit evaluate.",
            )
    _refuse_differing(before[0], after[0])
    titles = {"file": "Files with an exception"} | {each.id: each.title for each in before[0].attributes}
    pairs = [(before[1].files, after[1].files)]
    later = {each.subject: each for each in after[1].attributes}
    pairs += [(each, later[each.subject]) for each in before[1].attributes]
    return tuple(_compared(titles[one.subject], one, other) for one, other in pairs)


def _refuse_differing(before: Programme, after: Programme) -> None:
    ones, others = ({each.id: each for each in programme.attributes} for programme in (before, after))
    differing = [
        f"{name} ({_difference(ones.get(name), others.get(name))})"
        for name in dict.fromkeys((*ones, *others))
        if _tested(ones.get(name)) != _tested(others.get(name))
    ]
    if differing:
        raise BadInput(
            f"The two audits did not test the same: {', '.join(differing)}.",
            file="programme.toml",
            do="compare audits of one test programme; a follow-up tests the attributes of the audit before it again.",
        )


def _tested(attribute: Attribute | None) -> Sequence[object]:
    """Return what makes an attribute the same: what was asked, against what, and whether a file fails by it."""
    return () if attribute is None else (attribute.question, attribute.criterion, attribute.is_required)


def _difference(one: Attribute | None, other: Attribute | None) -> str:
    if one is None or other is None:
        return "only in the later" if one is None else "only in the earlier"
    names = {"question": "question", "criterion": "criterion", "is_required": "whether it is required"}
    return "other " + " and ".join(said for name, said in names.items() if getattr(one, name) != getattr(other, name))


def _compared(title: str, before: Estimate, after: Estimate) -> Compared:
    if (before.confidence, before.sides) != (after.confidence, after.sides):
        raise BadInput(
            "The two audits were evaluated with bounds of another confidence or with other sides.",
            file="evaluation.json",
            do="evaluate both with the same --confidence, and both or none with --two-sided.",
        )
    change = Change.CANNOT_TELL
    if _is_below(after, before):
        change = Change.FEWER
    elif _is_below(before, after):
        change = Change.MORE
    # Only the two bounds that face each other could be wrong, each with alpha at most.
    confidence = float(1 - 2 * alpha_of(before.confidence, before.sides))
    return Compared(
        subject=before.subject,
        title=title,
        before=before,
        after=after,
        change=change,
        confidence=confidence,
        sentence=_sentence(change, before, after, confidence),
    )


def _is_below(one: Estimate, other: Estimate) -> bool:
    """Tell whether all that the first can be is below all that the second can be, in whole numbers."""
    most, least = one.upper.count, other.lower.count
    if most is None or least is None or not one.population or not other.population:
        return one.upper.rate < other.lower.rate
    return most * other.population < least * one.population


def _sentence(change: Change, before: Estimate, after: Estimate, confidence: float) -> str:
    if change is Change.CANNOT_TELL:
        return "A change cannot be told from these samples: what the rates can be overlaps."
    known = f"with at least {confidence * 100:g} % confidence"
    also = ""
    if before.not_applicable or after.not_applicable:
        also = " The shares are of all files: that it applies to more or fewer of them can be the reason."
    if change is Change.FEWER:
        return (
            f"A smaller share of files after: at most {after.upper.rate * 100:.1f} %, at least"
            f" {before.lower.rate * 100:.1f} % before, {known}.{also}"
        )
    return (
        f"A larger share of files after: at least {after.lower.rate * 100:.1f} %, at most"
        f" {before.upper.rate * 100:.1f} % before, {known}.{also}"
    )
