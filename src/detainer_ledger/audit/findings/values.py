"""What the auditors write, as frozen values: findings, recommendations, the agency's answers.

A finding has the elements that government auditing standards name (Government Auditing Standards, 2018 revision,
chapter 8): criteria, condition, cause and effect. Texts are *prose*: words, figures by their names, and passages that
are marked to be withheld from the public edition.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias


class Status(StrEnum):
    """Where a recommendation stands.

    ``resolved`` means that auditors and agency agree on the action to be taken, not that it was taken (OMB Circular
    A-50, 6.b); ``implemented`` that it was taken; ``closed_unimplemented`` that it will not be pursued.
    """

    OPEN = "open"
    RESOLVED = "resolved"
    IMPLEMENTED = "implemented"
    CLOSED_UNIMPLEMENTED = "closed_unimplemented"


class Position(StrEnum):
    """How the agency answered a recommendation."""

    CONCUR = "concur"
    PARTIALLY_CONCUR = "partially_concur"
    NON_CONCUR = "non_concur"


@dataclass(frozen=True, slots=True)
class Words:
    """Words as they were written; a blank line ends a paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class FigureName:
    """A figure by its name, as ``files.exceptions``: nobody types its digits."""

    name: str


@dataclass(frozen=True, slots=True)
class Marked:
    """A passage that the public edition withholds, for the reason with the id ``reason``."""

    reason: str
    pieces: tuple[Words | FigureName, ...]


Prose: TypeAlias = tuple[Words | FigureName | Marked, ...]
"""A text: its pieces in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactionReason:
    """Why passages are withheld: ``text`` is what the block says, ``basis`` the law that it rests on."""

    id: str
    text: str
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One element of a finding. Where ``is_absent``, the prose says why there is none."""

    prose: Prose
    is_absent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedFigure:
    """A figure from elsewhere than the sample: its value, ``kind`` (``count``, ``share`` or ``text``), and source."""

    name: str
    label: Prose
    value: int | float | str
    kind: str
    source: Prose


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A finding: its elements, the attributes and named figures that support it, and what it led to recommend.

    ``highlights`` is the sentence that the highlights page has of it.
    """

    id: str
    title: Prose
    highlights: Prose
    criteria: Element
    condition: Element
    cause: Element
    effect: Element
    attributes: tuple[str, ...]
    figures: tuple[NamedFigure, ...]
    recommendations: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """The agency's answer to a recommendation, by whom and when."""

    position: Position
    prose: Prose
    date: date
    by: Prose


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A dated change of a recommendation's status."""

    date: date
    status: Status
    prose: Prose


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """What should be done, by whom and when. Where there is no day, ``due`` is None and ``no_due`` says why."""

    id: str
    prose: Prose
    owner: Prose
    due: date | None
    no_due: Prose
    status: Status
    history: tuple[Change, ...]
    response: Response | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Management:
    """What the agency's management says of the whole report; ``summary`` is for the highlights page."""

    summary: Prose
    comments: Prose
    date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportTexts:
    """The texts about the report as a whole. ``why`` says why the audit was done; ``background`` may be ()."""

    title: str
    number: str
    agency: str
    office: str
    issued_on: date
    is_synthetic: bool
    why: Prose
    objective: Prose
    background: Prose
    scope: Prose
    method: Prose


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """All that the auditors wrote. Every name in it is known and every passage's reason is given."""

    report: ReportTexts
    findings: tuple[Finding, ...]
    recommendations: tuple[Recommendation, ...]
    management: Management | None
    reasons: Mapping[str, RedactionReason]

    def recommendation(self, recommendation_id: str) -> Recommendation:
        """Return a recommendation by its id. Raises KeyError if there is none."""
        for each in self.recommendations:
            if each.id == recommendation_id:
                return each
        raise KeyError(recommendation_id)

    @property
    def named_figures(self) -> tuple[NamedFigure, ...]:
        """Return the named figures of all findings."""
        return tuple(figure for finding in self.findings for figure in finding.figures)
