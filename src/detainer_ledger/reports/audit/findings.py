"""Findings and recommendations as they are drawn, each with the figures that it rests on."""

from __future__ import annotations

from datetime import date

from detainer_ledger.audit.findings.figures import estimates_by_subject
from detainer_ledger.audit.findings.values import Element, Finding, Findings, Recommendation
from detainer_ledger.reports.audit import appendices, sentences
from detainer_ledger.reports.audit.charts import chart_ids, title_of
from detainer_ledger.reports.audit.redaction import Shown, figure_text
from detainer_ledger.reports.audit.value import (
    Audited,
    Cell,
    ElementShown,
    FindingShown,
    Grid,
    Head,
    Paragraph,
    RecommendationShown,
    Run,
    plain_of,
)
from detainer_ledger.reports.formats import DASH, long_day

_ELEMENTS = ("criteria", "condition", "cause", "effect")


def finding_shown(
    finding: Finding, number: int, audited: Audited, findings: Findings, shown: Shown, hidden: frozenset[str]
) -> FindingShown:
    """Return a finding as it is drawn. ``hidden`` are the named figures that the edition leaves out."""
    numbers = {each.id: place for place, each in enumerate(findings.recommendations, start=1)}
    return FindingShown(
        anchor=f"finding-{number}-text",
        number=number,
        title=shown.line(finding.title),
        elements=tuple(_element(name, getattr(finding, name), shown) for name in _ELEMENTS),
        support=_support(finding, number, audited, shown, hidden),
        charts=tuple(chart_ids(f"finding-{number}", finding.attributes)),
        recommendations=tuple(
            (f"Recommendation {numbers[each]}", f"recommendation-{numbers[each]}") for each in finding.recommendations
        ),
    )


def _element(name: str, element: Element, shown: Shown) -> ElementShown:
    return ElementShown(label=name.capitalize(), text=shown.text(element.prose), is_absent=element.is_absent)


def _support(finding: Finding, number: int, audited: Audited, shown: Shown, hidden: frozenset[str]) -> Grid:
    """Return the figures that a finding rests on, each with the row that it comes from."""
    estimates = estimates_by_subject(audited.evaluation)
    rows = [
        (
            Cell(shown.rows[each], link=shown.rows[each]),
            Cell(title_of(each, audited.programme)),
            *(cell for place, cell in enumerate(appendices.numbers_of(estimates[each])) if place != 3),
        )
        for each in finding.attributes
    ]
    rows += [
        (
            Cell(shown.rows[f"figures.{each.name}"], link=shown.rows[f"figures.{each.name}"]),
            Cell(plain_of(shown.line(each.label)), (plain_of(shown.line(each.source)),)),
            *(Cell(DASH),) * 3,
            Cell(figure_text(each.value, each.kind)),
            *(Cell(DASH),) * 2,
        )
        for each in finding.figures
        if each.name not in hidden
    ]
    return Grid(
        id=f"support-{number}",
        title=f"What finding {number} rests on",
        caption="Files of the sample; at least and at most are what the whole population can hold.",
        heads=(
            Head("Figure", 0.55),
            Head("Attribute or figure", 2.8),
            Head("Tested", 0.8, is_number=True),
            Head("Exceptions", 1.05, is_number=True),
            Head("Not testable", 0.9, is_number=True),
            Head("Rate or value", 0.9, is_number=True),
            Head("At least", 0.85, is_number=True),
            Head("At most", 0.85, is_number=True),
        ),
        rows=tuple(rows),
    )


def summary_grid(findings: Findings, shown: Shown, today: date) -> Grid:
    """Return all recommendations in a table; those past due ``today`` say so."""
    return Grid(
        id="recommendations-summary",
        title="Recommendations at a glance",
        caption=f"Status on {long_day(today)}. “Resolved” means that the action is agreed on, not that it is done.",
        heads=(Head("No.", 0.45), Head("Owner", 2), Head("Due", 1.3), Head("Status", 1.5), Head("Agency", 1.3)),
        rows=tuple(
            (
                Cell(str(number), link=f"recommendation-{number}"),
                Cell(plain_of(shown.line(each.owner))),
                Cell(plain_of(_due(each, shown)), ("past due",) if _is_overdue(each, today) else ()),
                Cell(sentences.STATUSES[each.status]),
                Cell(sentences.POSITIONS[each.response.position] if each.response else sentences.NO_ANSWER),
            )
            for number, each in enumerate(findings.recommendations, start=1)
        ),
    )


def recommendation_shown(each: Recommendation, number: int, shown: Shown, today: date) -> RecommendationShown:
    """Return a recommendation as it is drawn."""
    answer = each.response
    answered: Paragraph = ()
    if answer:
        answered = (*shown.line(answer.by), Run(f", {long_day(answer.date)}"))
    return RecommendationShown(
        anchor=f"recommendation-{number}",
        number=number,
        text=shown.text(each.prose),
        owner=shown.line(each.owner),
        due=_due(each, shown),
        is_overdue=_is_overdue(each, today),
        status=sentences.STATUSES[each.status],
        position=sentences.POSITIONS[answer.position] if answer else sentences.NO_ANSWER,
        answered=answered,
        answer=shown.text(answer.prose) if answer else (),
        history=tuple(
            (long_day(change.date), sentences.STATUSES[change.status], shown.text(change.prose))
            for change in each.history
        ),
    )


def _due(each: Recommendation, shown: Shown) -> Paragraph:
    return (Run(long_day(each.due)),) if each.due else (Run("None: "), *shown.line(each.no_due))


def _is_overdue(each: Recommendation, today: date) -> bool:
    return each.due is not None and each.due < today and each.status in {"open", "resolved"}
