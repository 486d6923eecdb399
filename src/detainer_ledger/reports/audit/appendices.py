"""The tables of an audit's report: attributes, estimates, manifest, results, agreement, reasons, digests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from detainer_ledger.audit.findings.figures import FILES, estimates_by_subject
from detainer_ledger.audit.findings.values import Findings, NamedFigure
from detainer_ledger.audit.statistics.bounds import HYPERGEOMETRIC
from detainer_ledger.audit.statistics.estimates import FULL_COUNT, STRATIFIED
from detainer_ledger.audit.values import Bound, Estimate, Evaluation, Programme
from detainer_ledger.reports.audit.charts import title_of
from detainer_ledger.reports.audit.redaction import Shown, figure_text
from detainer_ledger.reports.audit.value import Audited, Cell, Grid, Head, plain_of
from detainer_ledger.reports.formats import DASH, count, share
from detainer_ledger.reports.value import seen_text

METHODS: Mapping[str, str] = {
    HYPERGEOMETRIC: "Exact bounds for a finite population (hypergeometric distribution)",
    STRATIFIED: "Sums of the exact bounds of the strata, each at a higher confidence",
    FULL_COUNT: "A full count, without sampling error",
}
"""How bounds are computed, in words."""

_DIGEST = 8
"""Signs of a digest where its whole length stands elsewhere."""


def figure_rows(evaluation: Evaluation, named: Sequence[NamedFigure]) -> dict[str, str]:
    """Return for each subject the number of the row that its figures come from, as F1."""
    subjects = [*estimates_by_subject(evaluation), *(f"figures.{each.name}" for each in named)]
    return {subject: f"F{place}" for place, subject in enumerate(subjects, start=1)}


def attributes_grid(programme: Programme) -> Grid:
    """Return what every file was tested for, with the criterion and its source."""
    return Grid(
        id="attributes",
        title=f"{seen_text(programme.title)}, version {seen_text(programme.version)}",
        caption="A file fails where a required attribute is not met. Others are reported and fail no file.",
        heads=(Head("Attribute", 1.3), Head("Question", 1.5), Head("Criterion and its source", 2.2)),
        rows=tuple(
            (
                Cell(
                    seen_text(each.title),
                    (seen_text(each.id), "required" if each.is_required else "reported only, fails no file"),
                ),
                Cell(seen_text(each.question)),
                Cell(seen_text(each.criterion), (seen_text(each.source),)),
            )
            for each in programme.attributes
        ),
    )


def estimates_grid(audited: Audited, rows: Mapping[str, str]) -> Grid:
    """Return the rows that figures come from: counts, rate, bounds, method, and the files that they rest on."""
    ways = _ways(audited.evaluation)
    rests = (
        f"frame {audited.evaluation.frame_sha256[:_DIGEST]} · sample {audited.evaluation.sample_sha256[:_DIGEST]}"
        f" · programme {audited.evaluation.programme_sha256[:_DIGEST]}"
        f" · results {dict(audited.digests).get('results.json', DASH)[:_DIGEST]}"
    )
    found = estimates_by_subject(audited.evaluation)
    return Grid(
        id="estimates",
        title="Estimates and bounds",
        caption=(
            "Exceptions are files that do not meet the attribute, the rate their share of those tested. At least and at"
            " most: what the population can hold. Not testable files count as met for the one, as exceptions for the"
            " other."
        ),
        heads=(
            Head("Figure", 0.5),
            Head("Of what", 2.6),
            Head("Tested", 0.75, is_number=True),
            Head("Exceptions", 0.95, is_number=True),
            Head("Not testable", 0.8, is_number=True),
            Head("Not applicable", 0.95, is_number=True),
            Head("Rate", 0.75, is_number=True),
            Head("At least", 0.85, is_number=True),
            Head("At most", 0.85, is_number=True),
            Head("Method", 0.65),
        ),
        rows=tuple(
            (
                Cell(rows[subject]),
                Cell(title_of(subject, audited.programme), (*_id_line(subject), rests)),
                *numbers_of(each),
                Cell(ways[_way(each)], link=ways[_way(each)]),
            )
            for subject, each in found.items()
        ),
        anchors=tuple(rows[subject] for subject in found),
    )


def ways_grid(evaluation: Evaluation) -> Grid:
    """Return the methods by which bounds were computed, each with the condition under which they hold."""
    return Grid(
        id="ways",
        title="Methods and their conditions",
        caption="Each row of the estimates names the method it was computed by.",
        heads=(Head("Method", 0.5), Head("How bounds were computed", 2.5), Head("They hold", 4)),
        rows=tuple(
            (
                Cell(number),
                Cell(METHODS.get(method, seen_text(method)), (sides_words(confidence, sides),)),
                Cell(seen_text(condition)),
            )
            for (method, condition, confidence, sides), number in _ways(evaluation).items()
        ),
        anchors=tuple(_ways(evaluation).values()),
    )


def numbers_of(estimate: Estimate) -> tuple[Cell, ...]:
    """Return an estimate as cells: tested, exceptions, not testable, not applicable, rate, at least, at most."""
    return (
        Cell(count(estimate.tested)),
        Cell(count(estimate.exceptions)),
        Cell(count(estimate.not_testable)),
        Cell(count(estimate.not_applicable)),
        Cell(share(estimate.rate), _standard_error(estimate)),
        _bound(estimate.lower),
        _bound(estimate.upper),
    )


def sides_words(confidence: float, sides: int) -> str:
    """Return how sure bounds are."""
    together = "each bound on its own" if sides == 1 else "both bounds together"
    return f"{figure_text(confidence, 'share')} confidence, {together}"


def named_grid(findings: Findings, shown: Shown, hidden: frozenset[str]) -> Grid:
    """Return the figures that do not come from the sample, each with its source."""
    kept = [(finding, each) for finding in findings.findings for each in finding.figures if each.name not in hidden]
    numbers = {finding.id: place for place, finding in enumerate(findings.findings, start=1)}
    rows = [shown.rows[f"figures.{each.name}"] for _finding, each in kept]
    return Grid(
        id="named",
        title="Figures from elsewhere than the sample",
        caption="What the auditors took from other sources. This program did not compute these figures.",
        heads=(Head("Figure", 0.5), Head("What it is", 2.5), Head("Value", 1, is_number=True), Head("Source", 3)),
        rows=tuple(
            (
                Cell(row),
                Cell(plain_of(shown.line(each.label)), (f"finding {numbers[finding.id]}",)),
                Cell(figure_text(each.value, each.kind)),
                Cell(plain_of(shown.line(each.source))),
            )
            for row, (finding, each) in zip(rows, kept, strict=True)
        ),
        anchors=tuple(rows),
    )


def per_file_grid(evaluation: Evaluation) -> Grid:
    """Return how many files have so many required attributes not met."""
    return Grid(
        id="per-file",
        title="Files by how many required attributes they do not meet",
        caption="That a file has at least one does not tell whether it has few.",
        heads=(
            Head("Required attributes not met", 1.6, is_number=True),
            Head("Files", 1, is_number=True),
            Head("Share of files", 1, is_number=True),
        ),
        rows=tuple(
            (Cell(count(number)), Cell(count(files)), Cell(share(files / max(evaluation.sampled, 1))))
            for number, files in _per_file(evaluation)
        ),
        abreast=2,
    )


def agreement_grid(evaluation: Evaluation, programme: Programme) -> Grid:
    """Return how two auditors agreed on each attribute."""
    return Grid(
        id="agreement",
        title="Agreement between two auditors",
        caption=(
            "Files that both tested, the share of equal answers, and Cohen's kappa: 1 is full agreement, 0 what chance"
            " would give; it is not defined where both gave one and the same answer throughout."
        ),
        heads=(
            Head("Attribute", 3),
            Head("Files", 0.8, is_number=True),
            Head("Agreed", 0.8, is_number=True),
            Head("Kappa", 0.8, is_number=True),
        ),
        rows=tuple(
            (
                Cell(title_of(each.attribute, programme)),
                Cell(count(each.units)),
                Cell(share(each.agreed)),
                Cell(DASH if each.kappa is None else f"{each.kappa:.2f}"),
            )
            for each in evaluation.agreements
        ),
    )


def reasons_grid(findings: Findings) -> Grid:
    """Return the reasons for which passages are withheld, with the law that each rests on."""
    return Grid(
        id="reasons",
        title="Why passages are withheld",
        caption="Each withheld passage is replaced by a block of one size that names its reason.",
        heads=(Head("Reason", 2), Head("Legal basis", 3)),
        rows=tuple((Cell(seen_text(each.text)), Cell(seen_text(each.basis))) for each in findings.reasons.values()),
    )


def digests_grid(inputs: Sequence[tuple[str, str]], note: str) -> Grid:
    """Return the SHA-256 of every file that the report rests on."""
    return Grid(
        id="digests",
        title="Files that this report rests on",
        caption="SHA-256 of each file as it was when the report was made.",
        heads=(Head("File", 1), Head("SHA-256", 3.4)),
        rows=tuple((Cell(seen_text(name)), Cell(digest)) for name, digest in inputs),
        note=note,
    )


def _per_file(evaluation: Evaluation) -> Iterator[tuple[int, int]]:
    for number in range(max(evaluation.exceptions_per_file, default=0) + 1):
        yield number, evaluation.exceptions_per_file.get(number, 0)


def _standard_error(estimate: Estimate) -> tuple[str, ...]:
    return () if estimate.standard_error is None else (f"standard error {share(estimate.standard_error)}",)


def _bound(bound: Bound) -> Cell:
    if bound.count is None:
        return Cell(share(bound.rate))
    return Cell(count(bound.count), (share(bound.rate),))


def _id_line(subject: str) -> tuple[str, ...]:
    return () if subject == FILES else (seen_text(subject),)


_Way = tuple[str, str, float, int]


def _way(estimate: Estimate) -> _Way:
    return estimate.method, estimate.condition, estimate.confidence, estimate.sides


def _ways(evaluation: Evaluation) -> dict[_Way, str]:
    found: dict[_Way, str] = {}
    for each in estimates_by_subject(evaluation).values():
        found.setdefault(_way(each), f"M{len(found) + 1}")
    return found
