"""Sentences of an audit's report, composed from its values: warnings, key figures, facts of the method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from detainer_ledger.audit.findings.values import Findings, Position
from detainer_ledger.audit.values import Allocation, Design, Estimate, Evaluation, Sample
from detainer_ledger.reports.audit.appendices import METHODS, sides_words
from detainer_ledger.reports.audit.value import Audited, Edition, Fact, Key, UnitsShown
from detainer_ledger.reports.formats import count, number_of, share
from detainer_ledger.reports.value import seen_text

FULL_BANNER = "Full edition – not for release"
SYNTHETIC_BANNER = "Synthetic data"

DESIGNS: Mapping[Design, str] = {
    Design.SIMPLE: "Simple random sample: every set of files of this size had the same chance to be drawn.",
    Design.STRATIFIED: "Stratified random sample: within each stratum every set of files had the same chance.",
    Design.SYSTEMATIC: "Systematic sample: files at even distances in the list, from a start that was drawn.",
    Design.ALL: "Not a sample: every file of the population was taken.",
}
STATUSES: Mapping[str, str] = {
    "open": "Open",
    "resolved": "Resolved: action agreed on",
    "implemented": "Implemented",
    "closed_unimplemented": "Closed, not implemented",
}
POSITIONS: Mapping[Position, str] = {
    Position.CONCUR: "Concurs",
    Position.PARTIALLY_CONCUR: "Partially concurs",
    Position.NON_CONCUR: "Does not concur",
}
NO_ANSWER = "No answer yet"


def banner(findings: Findings, edition: Edition) -> str:
    """Return what stands on every page, "" for nothing."""
    parts = [SYNTHETIC_BANNER] if findings.report.is_synthetic else []
    parts += [FULL_BANNER] if edition is Edition.FULL else []
    return " · ".join(parts)


def warnings(audited: Audited, findings: Findings, edition: Edition, units: UnitsShown, *, marked: int) -> list[str]:
    """Return what a reader has to know before any figure; ``marked`` is how many passages are marked."""
    said = []
    if findings.report.is_synthetic:
        said.append("This audit is invented. It shows the form of a report and says nothing about any agency.")
    if edition is Edition.FULL:
        said.append(
            "This is the full edition. It holds passages that the public edition withholds, and is not for release."
            if marked
            else "This is the full edition and not for release; no passage of it is marked to be withheld."
        )
    elif marked:
        said.append(
            "Some passages are withheld from this edition. A block in their place tells the reason; the reasons and"
            " the law that each rests on stand in an appendix."
        )
    if units is UnitsShown.HIDDEN:
        said.append("The ids of the files that were drawn are left out of this edition; their digest is given instead.")
    return said + _doubts(audited)


def _doubts(audited: Audited) -> list[str]:
    sample, said = audited.sample, []
    if sample.is_random and sample.commitment is None:
        said.append(
            "No digest of the seed was published before the draw: that it was not chosen among several is taken on"
            " trust."
        )
    if sample.number > 1:
        said.append(
            f"This is draw number {count(sample.number)} of this audit. If the result of an earlier one led to it, the"
            " bounds do not hold."
        )
    return said


def keys(evaluation: Evaluation, findings: Findings, figure: str) -> tuple[Key, ...]:
    """Return the figures in large type, each with the condition under which it holds."""
    files = evaluation.files
    untested = f" {number_of(files.not_testable, 'file')} could not be tested." if files.not_testable else ""
    drawn = "taken" if evaluation.design is Design.ALL else "drawn"
    return (
        Key(
            text=f"{count(files.exceptions)} of {count(files.tested)}",
            label="files tested have at least one required attribute not met",
            condition=f"{number_of(evaluation.sampled, 'file')} {drawn}.{untested}",
            figure=figure,
        ),
        _population_key(files, figure, drawn),
        _lapses_key(evaluation, figure),
        Key(
            text=count(len(findings.recommendations)),
            label="recommendation" if len(findings.recommendations) == 1 else "recommendations",
            condition=positions_sentence(findings),
            figure="",
        ),
    )


def _population_key(files: Estimate, figure: str, drawn: str) -> Key:
    if files.lower.count is None or files.population is None:
        text, label = share(files.lower.rate), "of all files at least, in a population of unknown size"
    else:
        text = f"{count(files.lower.count)} of {count(files.population)}"
        label = f"files at least, in the whole population ({share(files.lower.rate)})"
    way = "By a full count" if drawn == "taken" else f"At {sides_words(files.confidence, files.sides)}"
    return Key(text=text, label=label, condition=f"{way}, under the condition below.", figure=figure)


def _lapses_key(evaluation: Evaluation, figure: str) -> Key:
    numbers = sorted(evaluation.exceptions_per_file)
    total = sum(evaluation.exceptions_per_file.values())
    middle = median_of(evaluation.exceptions_per_file)
    span = f"From {numbers[0]} to {numbers[-1]} in {number_of(total, 'file')}." if numbers else ""
    return Key(
        text=f"{middle:g}",
        label="required attributes not met in the median file",
        condition=f"{span} “At least one” does not tell whether lapses are few.",
        figure=figure,
    )


def median_of(per_number: Mapping[int, int]) -> float:
    """Return the median of numbers, each with how often it stands; 0 for none.

    >>> median_of({0: 1, 2: 1, 5: 1}), median_of({1: 1, 2: 1})
    (2.0, 1.5)
    """
    every = sum(per_number.values())
    if not every:
        return 0.0
    lower, upper = (every - 1) // 2, every // 2
    found, passed = [], 0
    for number in sorted(per_number):
        found += [number for place in sorted({lower, upper}) if passed <= place < passed + per_number[number]]
        passed += per_number[number]
    return sum(found) / len(found)


def positions_sentence(findings: Findings) -> str:
    """Return how the agency answered, as counts."""
    answered = [each.response.position for each in findings.recommendations if each.response]
    parts = [
        f"{verb} with {count(answered.count(position))}"
        for position, verb in (
            (Position.CONCUR, "concurs"),
            (Position.PARTIALLY_CONCUR, "partially concurs"),
            (Position.NON_CONCUR, "does not concur"),
        )
        if position in answered
    ]
    if waiting := len(findings.recommendations) - len(answered):
        parts.append(f"has not answered {count(waiting)} yet")
    return f"The agency {_listed(parts)}." if parts else ""


def _listed(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def facts(audited: Audited, units: UnitsShown) -> tuple[Fact, ...]:
    """Return how the audit was done, fact by fact."""
    frame, sample, files = audited.frame, audited.sample, audited.evaluation.files
    required = sum(each.is_required for each in audited.programme.attributes)
    found = [
        Fact(label="Population", text=f"{number_of(len(frame.units), 'file')}: {seen_text(frame.title)}"),
        Fact(
            label="Source of the list",
            text=f"{seen_text(frame.source)}; listed {frame.made_at.strftime('%Y-%m-%d %H:%M %Z').strip()}",
        ),
        Fact(label="Digest of the list", text=frame.sha256),
        Fact(label="Design", text=DESIGNS[sample.design]),
        Fact(label="Size", text=_size(sample)),
        *(_draw_facts(sample, units) if sample.is_random else ()),
        Fact(label="Digest of the manifest", text=_manifest(sample, units)),
        Fact(
            label="Tests",
            text=(
                f"{number_of(len(audited.programme.attributes), 'attribute')}, of which {count(required)} required:"
                f" {seen_text(audited.programme.title)}, version {seen_text(audited.programme.version)}"
            ),
        ),
        Fact(label="A file fails", text="where at least one required attribute is not met."),
        Fact(
            label="Not testable",
            text=(
                "is neither met nor not met. It is left out of rates; bounds count it as met for the least and as not"
                " met for the most."
            ),
        ),
        Fact(label="Not applicable", text="is left out of rates; bounds are shares of all files of the population."),
        Fact(
            label="Bounds",
            text=f"{METHODS.get(files.method, files.method)}; {sides_words(files.confidence, files.sides)}",
        ),
        Fact(label="They hold", text=seen_text(files.condition)),
    ]
    return (*found, *_tests(audited))


def _size(sample: Sample) -> str:
    text = f"{count(len(sample.units))} of {count(sample.frame_size)} files"
    if sample.allocation is Allocation.NEYMAN:
        return f"{text}, shared out among strata by size and standard deviation (Neyman)"
    return f"{text}, shared out among strata in proportion" if sample.allocation else text


def _draw_facts(sample: Sample, units: UnitsShown) -> tuple[Fact, ...]:
    if units is UnitsShown.HIDDEN:
        # With the seed, whoever can guess the ids could draw the sample again.
        withheld = "withheld with the ids of the files: with it the sample can be drawn again"
        return (Fact(label="Seed", text=withheld), Fact(label="Commitment", text=sample.commitment or "none"))
    if sample.commitment is None:
        committed = "none was published before the draw"
    else:
        salt = seen_text(sample.salt) or "none"
        committed = f"{sample.commitment}, fixed before the draw as the audit folder says; salt {salt}"
    found = [Fact(label="Seed", text=seen_text(sample.seed)), Fact(label="Commitment", text=committed)]
    if sample.number > 1:
        before = ", ".join(each[:12] for each in sample.earlier)
        found.append(
            Fact(
                label="Earlier draws",
                text=f"{count(sample.number - 1)} ({before}). Reason for drawing again: {seen_text(sample.again)}",
            )
        )
    return tuple(found)


def _manifest(sample: Sample, units: UnitsShown) -> str:
    if units is UnitsShown.HIDDEN or not sample.is_random:
        return sample.sha256
    return f"{sample.sha256}. Drawn again from it when this report was made: the same files in the same order."


def _tests(audited: Audited) -> tuple[Fact, ...]:
    results, found = audited.results, []
    from_record = sum(mark.is_from_record for mark in results.marks)
    if from_record:
        text = f"{count(from_record)} of {number_of(len(results.marks), 'test')}"
        found.append(Fact(label="Answered by the record itself", text=text))
    if audited.evaluation.agreements:
        found.append(Fact(label="Second auditor", text="Files were tested twice; an appendix tells the agreement."))
    if results.set_aside:
        text = (
            f"{number_of(len(results.set_aside), 'row')} of the test sheets, on purpose; their tests are not testable."
        )
        found.append(Fact(label="Set aside", text=text))
    if results.replaced:
        text = f"{count(len(results.replaced))} earlier readings of the sheets were replaced by this one."
        found.append(Fact(label="Read again", text=text))
    return tuple(found)
