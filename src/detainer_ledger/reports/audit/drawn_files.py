"""The tables of the files that were drawn: strata, manifest, and the results of each file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from detainer_ledger.audit.values import Answer, Mark, Programme, Results, Sample
from detainer_ledger.reports.audit.value import Cell, Grid, Head
from detainer_ledger.reports.formats import DASH, count
from detainer_ledger.reports.value import seen_text


def strata_grid(sample: Sample) -> Grid:
    """Return how the sample was shared out among strata."""
    return Grid(
        id="strata",
        title="Strata of the population and the sample",
        caption="How many files each stratum has, and how many of them were drawn.",
        heads=(Head("Stratum", 3), Head("Files", 1, is_number=True), Head("Drawn", 1, is_number=True)),
        rows=tuple(
            (Cell(seen_text(name) or DASH), Cell(count(size)), Cell(count(sample.drawn.get(name, 0))))
            for name, size in sample.strata.items()
        ),
    )


def manifest_grid(sample: Sample) -> Grid:
    """Return all files that were drawn, in the order of the draw."""
    has_strata = any(sample.strata)
    heads = (Head("Order", 0.7, is_number=True), Head("File", 2), *((Head("Stratum", 1.6),) if has_strata else ()))
    return Grid(
        id="manifest",
        title="The files that were drawn, in their order",
        caption="With frame, design, sizes and seed of the section on method, anybody who has the list draws the same.",
        heads=heads,
        rows=tuple(
            (Cell(count(place)), Cell(seen_text(unit.id)), *((Cell(seen_text(unit.stratum)),) if has_strata else ()))
            for place, unit in enumerate(sample.units, start=1)
        ),
        abreast=2 if has_strata else 3,
    )


def results_grid(sample: Sample, programme: Programme, results: Results) -> Grid:
    """Return for each file which attributes are not met, and which could not be tested."""
    short = {each.id: f"A{place}" for place, each in enumerate(programme.attributes, start=1)}
    required = {each.id for each in programme.attributes if each.is_required}
    found: dict[str, dict[Answer, list[str]]] = {unit.id: {} for unit in sample.units}
    for mark in _in_order(results.marks, short):
        if mark.unit in found:
            found[mark.unit].setdefault(mark.answer, []).append(short[mark.attribute])
    needed = {short[each] for each in required}

    def row(unit: str) -> tuple[Cell, ...]:
        not_met = found[unit].get(Answer.NOT_MET, [])
        return (
            Cell(seen_text(unit)),
            Cell(", ".join(not_met) or "none"),
            Cell(", ".join(found[unit].get(Answer.NOT_TESTABLE, [])) or DASH),
            Cell("yes" if needed & set(not_met) else "no"),
        )

    legend = "; ".join(f"{short[each.id]} {seen_text(each.title)}" for each in programme.attributes)
    return Grid(
        id="results",
        title="Results of each file",
        caption=f"A file fails where a required attribute is not met. {legend}.",
        heads=(Head("File", 1.4), Head("Not met", 2), Head("Not testable", 1.1), Head("Fails", 0.6)),
        rows=tuple(row(unit.id) for unit in sample.units),
        abreast=2,
    )


def _in_order(marks: Sequence[Mark], order: Mapping[str, str]) -> list[Mark]:
    places = {attribute: place for place, attribute in enumerate(order)}
    return sorted((each for each in marks if each.attribute in places), key=lambda each: places[each.attribute])
