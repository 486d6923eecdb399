"""From what an audit wrote to its report: a pure function."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from detainer_ledger.audit.findings.figures import FILES, known_figures
from detainer_ledger.audit.findings.values import Findings
from detainer_ledger.audit.values import Design
from detainer_ledger.reports.audit import appendices, drawn_files, sentences
from detainer_ledger.reports.audit.charts import chart_ids, per_file_chart, rates_charts
from detainer_ledger.reports.audit.findings import finding_shown, recommendation_shown, summary_grid
from detainer_ledger.reports.audit.redaction import HIDDEN_FILES, Shown, hidden_figures, passages_of, refuse_open
from detainer_ledger.reports.audit.value import (
    Audited,
    AuditReport,
    Edition,
    Grid,
    Highlights,
    Paragraph,
    Run,
    Section,
    Text,
    UnitsShown,
)
from detainer_ledger.reports.charts import Chart
from detainer_ledger.reports.formats import count, long_day, number_of, share
from detainer_ledger.reports.value import seen_text
from detainer_ledger.terms import VERSION

FINDINGS_FILE = "findings.toml"
_ELEMENTS = ("criteria", "condition", "cause", "effect")
_MOST_ON_HIGHLIGHTS = 5


def audit_report_of(
    audited: Audited,
    findings: Findings,
    *,
    edition: Edition,
    units: UnitsShown = UnitsShown.SHOWN,
    made_at: datetime,
    command: str,
) -> AuditReport:
    """Return the report of an audit.

    In the public edition every marked passage is gone, with the figures that only passages name and the digest of
    findings.toml, from which a passage could be guessed and checked. Raises BadInput if the words of a passage also
    stand unmarked in it, or the id of a file that is to stay hidden.
    """
    hidden = hidden_figures(findings) if edition is Edition.PUBLIC else frozenset()
    named = [each for each in findings.named_figures if each.name not in hidden]
    shown = Shown(
        edition=edition,
        figures=known_figures(audited.evaluation, findings.named_figures),
        rows=appendices.figure_rows(audited.evaluation, named),
        reasons={each.id: seen_text(each.text) for each in findings.reasons.values()},
    )
    passages = passages_of(findings, shown)
    charts = _charts(audited, findings)
    made = made_at.astimezone(UTC).replace(microsecond=0)
    inputs = tuple(each for each in audited.digests if edition is Edition.FULL or each[0] != FINDINGS_FILE)
    report = AuditReport(
        edition=edition,
        units=units,
        is_synthetic=findings.report.is_synthetic,
        title=seen_text(findings.report.title),
        number=seen_text(findings.report.number),
        agency=seen_text(findings.report.agency),
        office=seen_text(findings.report.office),
        issued_on=findings.report.issued_on,
        made_at=made,
        program_version=VERSION,
        command=seen_text(command),
        banner=sentences.banner(findings, edition),
        warnings=tuple(sentences.warnings(audited, findings, edition, units, marked=len(passages))),
        highlights=_highlights(audited, findings, shown),
        before=_before(audited, findings, shown, units),
        findings=tuple(
            finding_shown(each, number, audited, findings, shown, hidden)
            for number, each in enumerate(findings.findings, start=1)
        ),
        recommendations_summary=summary_grid(findings, shown, findings.report.issued_on),
        recommendations=tuple(
            recommendation_shown(each, number, shown, findings.report.issued_on)
            for number, each in enumerate(findings.recommendations, start=1)
        ),
        after=_after(audited, findings, shown, units, hidden, inputs, marked=bool(passages)),
        charts=charts,
        inputs=inputs,
    )
    if edition is Edition.PUBLIC:
        refuse_open(report, passages)
    if units is UnitsShown.HIDDEN:
        refuse_open(report, tuple((HIDDEN_FILES, unit.id) for unit in audited.sample.units))
    return report


def _charts(audited: Audited, findings: Findings) -> tuple[Chart, ...]:
    evaluation, programme = audited.evaluation, audited.programme
    subjects = [FILES, *(each.subject for each in evaluation.attributes)]
    found = [*rates_charts("rates", "Files and attributes: rate and bounds", evaluation, programme, subjects)]
    found.append(per_file_chart(evaluation))
    for number, each in enumerate(findings.findings, start=1):
        title = f"Attributes of finding {number}: rate and bounds"
        found += rates_charts(f"finding-{number}", title, evaluation, programme, each.attributes)
    return tuple(found)


def _highlights(audited: Audited, findings: Findings, shown: Shown) -> Highlights:
    told = [
        (shown.line(each.highlights), f"finding-{number}-text")
        for number, each in enumerate(findings.findings, start=1)
    ]
    asked = [
        (shown.line(each.prose), f"recommendation-{number}")
        for number, each in enumerate(findings.recommendations, start=1)
    ]
    response: Text = ((Run(sentences.positions_sentence(findings)),),) if findings.recommendations else ()
    if findings.management:
        response = (*response, *shown.text(findings.management.summary))
    return Highlights(
        why=shown.text(findings.report.why),
        found=_most(told, "findings", "findings"),
        recommended=_most(asked, "recommendations", "recommendations"),
        response=response,
        keys=sentences.keys(audited.evaluation, findings, shown.rows[FILES]),
        condition=seen_text(audited.evaluation.files.condition),
    )


def _most(rows: Sequence[tuple[Paragraph, str]], what: str, anchor: str) -> tuple[tuple[Paragraph, str], ...]:
    if len(rows) <= _MOST_ON_HIGHLIGHTS:
        return tuple(rows)
    rest = len(rows) - _MOST_ON_HIGHLIGHTS
    return (*rows[:_MOST_ON_HIGHLIGHTS], ((Run(f"and {count(rest)} more {what} in the report."),), anchor))


def _before(audited: Audited, findings: Findings, shown: Shown, units: UnitsShown) -> tuple[Section, ...]:
    texts, sample = findings.report, audited.sample
    found = [
        Section(id="objective", title="Objective", text=shown.text(texts.objective)),
        Section(id="scope", title="Scope", text=shown.text(texts.scope)),
        Section(
            id="method",
            title="Method",
            text=shown.text(texts.method),
            facts=sentences.facts(audited, units),
            grids=(drawn_files.strata_grid(sample),) if any(sample.strata) else (),
        ),
        Section(
            id="figures",
            title="Results in figures",
            text=(_results_sentence(audited, shown),),
            charts=(*chart_ids("rates", (FILES, *audited.evaluation.attributes)), "per-file"),
            grids=(appendices.per_file_grid(audited.evaluation),),
        ),
    ]
    if texts.background:
        found.insert(0, Section(id="background", title="Background", text=shown.text(texts.background)))
    return tuple(found)


def _results_sentence(audited: Audited, shown: Shown) -> Paragraph:
    files, row = audited.evaluation.files, shown.rows[FILES]
    said = [
        Run("Of "),
        Run(number_of(files.tested, "file"), figure=row),
        Run(" that could be tested, "),
        Run(count(files.exceptions), figure=row),
        Run(f" had at least one required attribute not met ({share(files.rate)}). "),
    ]
    if files.lower.count is not None and files.population is not None:
        upper = "" if files.upper.count is None else f" and at most {count(files.upper.count)}"
        said += [
            Run(f"In the whole population of {number_of(files.population, 'file')} there are at least "),
            Run(f"{count(files.lower.count)}{upper}", figure=row),
            Run(f" such files ({appendices.sides_words(files.confidence, files.sides)}). "),
        ]
    return (*said, Run(seen_text(files.condition)))


def _after(
    audited: Audited,
    findings: Findings,
    shown: Shown,
    units: UnitsShown,
    hidden: frozenset[str],
    inputs: tuple[tuple[str, str], ...],
    *,
    marked: bool,
) -> tuple[Section, ...]:
    found = []
    if findings.management:
        said: Paragraph = (Run(f"Comments of {long_day(findings.management.date)}."),)
        found.append(
            Section(id="comments", title="Management comments", text=(said, *shown.text(findings.management.comments)))
        )
    parts: list[tuple[str, str, Text, Sequence[Grid]]] = [
        ("attributes", "Attributes, criteria and sources", (), [appendices.attributes_grid(audited.programme)]),
        (
            "estimates",
            "Estimates, bounds, and where each figure comes from",
            (),
            _estimates(audited, findings, shown, hidden),
        ),
    ]
    if units is UnitsShown.SHOWN:
        parts += [
            ("manifest", "Sample manifest", _how_drawn(audited), [drawn_files.manifest_grid(audited.sample)]),
            (
                "results",
                "Results of each file",
                (),
                [drawn_files.results_grid(audited.sample, audited.programme, audited.results)],
            ),
        ]
    else:
        parts.append(("manifest", "Sample manifest", (_hidden_sentence(audited),), []))
    if audited.evaluation.agreements:
        parts.append(
            (
                "agreement",
                "Agreement between auditors",
                (),
                [appendices.agreement_grid(audited.evaluation, audited.programme)],
            )
        )
    if marked:
        parts.append(("reasons", "Passages withheld", (), [appendices.reasons_grid(findings)]))
    parts.append(("provenance", "Provenance", (), [appendices.digests_grid(inputs, _note(audited, inputs))]))
    found += [
        Section(
            id=f"appendix-{name}", title=f"Appendix {chr(ord('A') + place)}. {title}", text=text, grids=tuple(grids)
        )
        for place, (name, title, text, grids) in enumerate(parts)
    ]
    return tuple(found)


def _estimates(audited: Audited, findings: Findings, shown: Shown, hidden: frozenset[str]) -> list[Grid]:
    grids = [appendices.estimates_grid(audited, shown.rows), appendices.ways_grid(audited.evaluation)]
    named = appendices.named_grid(findings, shown, hidden)
    return [*grids, named] if named.rows else grids


def _how_drawn(audited: Audited) -> Text:
    """Say how whoever has the list of files can draw the sample again without this program."""
    sample = audited.sample
    if not sample.is_random:
        return ()
    steps = {
        Design.SIMPLE: f"the {number_of(len(sample.units), 'file')} with the least numbers were drawn, in that order",
        Design.STRATIFIED: "in each stratum the files with the least numbers were drawn, in that order",
        Design.SYSTEMATIC: "the place where the sample starts is drawn alike; the documentation has the formula",
    }[sample.design]
    said = (
        "Every file has a number, the SHA-256 of the seed, a zero byte, the digest of the list in hexadecimal, a zero"
        f" byte, and its id, all as UTF-8: {steps}. The digest of the list is the SHA-256 of frame.csv, which has the"
        " ids in their order."
    )
    if sample.commitment is not None:
        said += " The commitment is the SHA-256 of salt, zero byte, digest of the list, zero byte, and seed."
    return ((Run(said),),)


def _hidden_sentence(audited: Audited) -> Paragraph:
    drawn = number_of(len(audited.sample.units), "file")
    return (
        Run(
            f"{drawn} of {count(audited.sample.frame_size)} were drawn. Their ids and the results of each are left out"
            f" of this edition. Whoever holds the manifest can compare its digest: {audited.sample.sha256}."
        ),
    )


def _note(audited: Audited, inputs: Sequence[tuple[str, str]]) -> str:
    if (FINDINGS_FILE in dict(audited.digests)) == (FINDINGS_FILE in dict(inputs)):
        return ""
    return (
        f"The digest of {FINDINGS_FILE} is not given in the public edition: by it, a guess at a withheld passage could"
        " be checked."
    )
