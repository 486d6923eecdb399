"""The figures that findings may name, by name: those of the evaluation, and those that findings bring along."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from detainer_ledger.audit.findings.values import NamedFigure
from detainer_ledger.audit.values import Estimate, Evaluation

FILES = "files"
"""Name of the figures about whole files, and their subject."""

COUNT, SHARE, TEXT = "count", "share", "text"
KINDS = (COUNT, SHARE, TEXT)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFigure:
    """A figure: its name, the ``subject`` whose row shows where it comes from, its value and kind.

    ``value`` is None where there is none, and ``why_none`` then says why.
    """

    name: str
    subject: str
    value: int | float | str | None
    kind: str
    why_none: str = ""


def estimates_by_subject(evaluation: Evaluation) -> dict[str, Estimate]:
    """Return all estimates by subject, in the order of the report: ``files``, attributes, ``strata.NAME``."""
    found = {FILES: evaluation.files}
    found.update({each.subject: each for each in evaluation.attributes if each.subject not in found})
    found.update({f"strata.{name}": each for name, each in evaluation.strata.items() if name})
    return found


def known_figures(evaluation: Evaluation, named: Iterable[NamedFigure] = ()) -> Mapping[str, KnownFigure]:
    """Return every figure by its name.

    For ``files``, each attribute id and each ``strata.NAME``: ``.tested``, ``.exceptions``, ``.met``,
    ``.not_testable``, ``.not_applicable``, ``.population``, ``.rate``, ``.lower.count``, ``.lower.rate``,
    ``.upper.count``, ``.upper.rate``, ``.confidence``. Of the audit: ``population``, ``sampled``, ``confidence``,
    and ``per_file.K``, the files with K required attributes not met. ``figures.NAME`` are those of the findings.
    """
    found: dict[str, KnownFigure] = {}

    def add(name: str, subject: str, value: int | float | str | None, kind: str, why: str = "") -> None:
        found.setdefault(name, KnownFigure(name=name, subject=subject, value=value, kind=kind, why_none=why))

    add("population", FILES, evaluation.population, COUNT)
    add("sampled", FILES, evaluation.sampled, COUNT)
    add("confidence", FILES, evaluation.files.confidence, SHARE)
    for number in range(max(evaluation.exceptions_per_file, default=0) + 1):
        add(f"per_file.{number}", FILES, evaluation.exceptions_per_file.get(number, 0), COUNT)
    for figure in named:
        add(f"figures.{figure.name}", f"figures.{figure.name}", figure.value, figure.kind)
    for subject, estimate in estimates_by_subject(evaluation).items():
        for name, value, kind, why in _of(estimate):
            add(f"{subject}.{name}", subject, value, kind, why)
    return found


def _of(estimate: Estimate) -> tuple[tuple[str, int | float | None, str, str], ...]:
    unknown = "the size of the population is not known"
    return (
        ("tested", estimate.tested, COUNT, ""),
        ("exceptions", estimate.exceptions, COUNT, ""),
        ("met", estimate.tested - estimate.exceptions, COUNT, ""),
        ("not_testable", estimate.not_testable, COUNT, ""),
        ("not_applicable", estimate.not_applicable, COUNT, ""),
        ("population", estimate.population, COUNT, unknown),
        ("rate", estimate.rate, SHARE, "no file could be tested for it"),
        ("lower.count", estimate.lower.count, COUNT, unknown),
        ("lower.rate", estimate.lower.rate, SHARE, ""),
        ("upper.count", estimate.upper.count, COUNT, unknown),
        ("upper.rate", estimate.upper.rate, SHARE, ""),
        ("confidence", estimate.confidence, SHARE, ""),
    )
