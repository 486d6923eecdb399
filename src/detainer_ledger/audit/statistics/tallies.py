"""Counting what was found: every file and attribute of a sample once, by stratum, after the results were checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from detainer_ledger.audit.values import Answer, Frame, Mark, Programme, Results, Sample
from detainer_ledger.terms import BadInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What was found in one stratum: ``population`` units, ``sampled`` of them, and what became of those.

    ``sampled`` = ``exceptions`` + those met + ``not_testable`` + ``not_applicable``.
    """

    population: int
    sampled: int
    exceptions: int
    not_testable: int
    not_applicable: int = 0

    @property
    def tested(self) -> int:
        """Units with an exception, or without one."""
        return self.sampled - self.not_testable - self.not_applicable


def together(tallies: Iterable[Tally]) -> Tally:
    """Return the sums of tallies."""
    parts = list(tallies)
    return Tally(
        population=sum(each.population for each in parts),
        sampled=sum(each.sampled for each in parts),
        exceptions=sum(each.exceptions for each in parts),
        not_testable=sum(each.not_testable for each in parts),
        not_applicable=sum(each.not_applicable for each in parts),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tallies:
    """The tallies of a sample by stratum: of files, and of each attribute.

    ``exceptions_per_file`` counts, among the files that were tested, those with 0, 1, 2, … required attributes not met.
    """

    files: Mapping[str, Tally]
    attributes: Mapping[str, Mapping[str, Tally]]
    exceptions_per_file: Mapping[int, int]


def tallies_of(frame: Frame, sample: Sample, programme: Programme, results: Results) -> Tallies:
    """Count what the results say of every file and attribute of a sample.

    A file fails where a required attribute is not met, passes where all of them are met or not applicable, and is not
    testable otherwise. A test without a mark counts as not testable where rows were set aside. Raises BadInput where
    results, sample, programme and frame are not of one audit, and for a mark that is missing, is there twice, or is of
    a unit or attribute that was not to be tested.
    """
    check_same(frame, sample, programme, results)
    answers = _answers(sample, programme, results)
    required = [place for place, each in enumerate(programme.attributes) if each.is_required]
    by_stratum: dict[str, list[Sequence[Answer]]] = {name: [] for name in frame.strata}
    for unit in sample.units:
        by_stratum[unit.stratum].append(answers[unit.id])
    sizes = {name: (size, len(by_stratum[name])) for name, size in frame.strata.items()}
    lapses: dict[int, int] = {}
    files = {}
    for name, (population, sampled) in sizes.items():
        failed = untested = 0
        for given in by_stratum[name]:
            count = sum(given[place] is Answer.NOT_MET for place in required)
            if not count and any(given[place] is Answer.NOT_TESTABLE for place in required):
                untested += 1
                continue
            failed += count > 0
            lapses[count] = lapses.get(count, 0) + 1
        files[name] = Tally(population=population, sampled=sampled, exceptions=failed, not_testable=untested)
    return Tallies(
        files=files,
        attributes={
            attribute.id: {name: _tally(sizes[name], by_stratum[name], place) for name in sizes}
            for place, attribute in enumerate(programme.attributes)
        },
        exceptions_per_file={count: lapses.get(count, 0) for count in range(max(lapses, default=-1) + 1)},
    )


def _tally(size: tuple[int, int], files: Sequence[Sequence[Answer]], place: int) -> Tally:
    given = [each[place] for each in files]
    return Tally(
        population=size[0],
        sampled=size[1],
        exceptions=given.count(Answer.NOT_MET),
        not_testable=given.count(Answer.NOT_TESTABLE),
        not_applicable=given.count(Answer.NOT_APPLICABLE),
    )


def check_same(frame: Frame, sample: Sample, programme: Programme, results: Results) -> None:
    """Raise BadInput where frame, sample, programme and results are not of one audit, saying which is another's."""
    for what, named, found in (
        ("sample was drawn from another frame", sample.frame_sha256, frame.sha256),
        ("results are of another frame", results.frame_sha256, frame.sha256),
        ("results are of another sample", results.sample_sha256, sample.sha256),
        ("results are of another test programme", results.programme_sha256, programme.sha256),
    ):
        if named != found:
            raise BadInput(
                f"The {what}: it has the digest {found[:12]}…, and {named[:12]}… is named.",
                do="put the file back as it was, or begin another audit folder.",
            )
    strata = {unit.id: unit.stratum for unit in frame.units}
    for unit in sample.units:
        if strata.get(unit.id) != unit.stratum:
            raise BadInput("The sample has a unit that the frame has not.", unit=unit.id, do="draw the sample again.")


def _answers(sample: Sample, programme: Programme, results: Results) -> Mapping[str, Sequence[Answer]]:
    """Return by unit the answers in the order of the attributes."""
    places = {attribute.id: place for place, attribute in enumerate(programme.attributes)}
    found: dict[str, list[Answer | None]] = {unit.id: [None] * len(places) for unit in sample.units}
    for mark in results.marks:
        place, row = places.get(mark.attribute), found.get(mark.unit)
        if place is None or row is None:
            raise _stranger(mark, "unit" if row is None else "attribute")
        if row[place] is not None:
            raise BadInput(
                "The results have two marks of one test.", file="results.json", unit=mark.unit, attribute=mark.attribute
            )
        row[place] = mark.answer
    return {unit: _complete(unit, row, programme, results) for unit, row in found.items()}


def _stranger(mark: Mark, what: str) -> BadInput:
    other = "a unit that was not drawn" if what == "unit" else "an attribute that is not tested"
    return BadInput(
        f"The results have a mark of {other}.",
        file="results.json",
        unit=mark.unit,
        attribute=mark.attribute,
        do="read the sheets again with 'detainer audit read'.",
    )


def _complete(unit: str, row: Sequence[Answer | None], programme: Programme, results: Results) -> Sequence[Answer]:
    complete = [each or Answer.NOT_TESTABLE for each in row]
    if None in row and not results.set_aside:
        raise BadInput(
            "The results lack a test, and no row was set aside.",
            file="results.json",
            unit=unit,
            attribute=programme.attributes[row.index(None)].id,
            do="read the sheets again with 'detainer audit read'.",
        )
    return complete
