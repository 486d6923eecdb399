"""The report of an audit: its figures are the evaluation's, and page, PDF and data say the same."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from detainer_ledger.audit.findings.reading import findings_of
from detainer_ledger.audit.findings.values import Words
from detainer_ledger.audit.sampling.drawing import draw
from detainer_ledger.audit.statistics.estimates import evaluate
from detainer_ledger.audit.values import Design
from detainer_ledger.reports.audit import (
    AuditReport,
    AuditReportFiles,
    Edition,
    audit_report_of,
    write_audit_report,
)
from detainer_ledger.reports.audit.sentences import median_of
from detainer_ledger.reports.audit.value import Run, plain_of
from detainer_ledger.reports.paper import paper_text
from detainer_ledger.terms import BadInput
from tests.reports.audit.conftest import report_of
from tests.reports.audit.invented import COMMAND, MADE, findings_text, invented, results_of, sampled_of

HOSTILE = (
    "<script>alert(1)</script>",
    "</title><img src=x onerror=alert(1)>",
    '#import "@preview/x:1.0.0" #read("/etc/passwd") $x$ *b* _i_ `r` <lbl> @ref',
    "{{ 7 * 7 }} {% include 'x' %}",
    "\u202eturned\u202c and \u0007bell",
    "W" * 400,
    "שלום עולם",
    "]] [x] \\ \\u{41} \" ' & &amp;",
)


def squeezed(text: str) -> str:
    return re.sub(r"\s+|\u200b", "", text)


def pdf_text(path: Path) -> str:
    from pypdf import PdfReader

    return "".join(page.extract_text() for page in PdfReader(path).pages)


def page_text(path: Path) -> str:
    body = path.read_text("utf-8").split("<body>", 1)[1]
    return unescape(re.sub(r"<[^>]+>", "", re.sub(r"<svg.*?</svg>", "", body, flags=re.S)))


def test_every_figure_of_a_text_is_the_evaluations_and_leads_to_its_row() -> None:
    audited, _findings = invented()
    report = report_of(Edition.PUBLIC)
    condition = next(each for each in report.findings[0].elements if each.label == "Condition")
    runs = [run for paragraph in condition.text for run in paragraph if run.figure]
    first = audited.evaluation.attributes[0]
    assert first.rate is not None
    assert [run.text for run in runs] == [
        str(first.exceptions),
        str(first.tested),
        f"{first.rate:.1%}",
        str(first.lower.count),
        "142",
        "95%",
        "9",
    ]
    estimates = next(each for each in report.after if each.id == "appendix-estimates").grids
    assert {run.figure for run in runs[:6]} == {estimates[0].anchors[1]}
    row = [cell.text for cell in estimates[0].rows[1]]
    assert row[2:5] == [str(first.tested), str(first.exceptions), str(first.not_testable)]
    assert runs[6].figure == estimates[2].anchors[0]


def test_every_link_leads_somewhere_and_every_name_stands_once(full: AuditReportFiles) -> None:
    page = full.page.read_text("utf-8")
    names = re.findall(r'\bid="([^"]+)"', page)
    assert len(names) == len(set(names))
    links = set(re.findall(r'href="#([^"]*)"', page))
    assert len(links) > 25
    assert links <= set(names)


def test_the_page_runs_and_loads_nothing(full: AuditReportFiles) -> None:
    page = full.page.read_text("utf-8")
    assert "<script" not in page
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in page
    links = re.findall(r'(?:src|href|xlink:href|action|srcset)\s*=\s*"([^"]*)"', page)
    assert all(link.startswith(("#", "data:")) for link in links)
    assert re.findall(r"@import|url\((?!#)", page) == []


def sentences_of(report: AuditReport) -> list[str]:
    paragraphs = [
        *(each for section in (*report.before, *report.after) for each in section.text),
        *(each for finding in report.findings for element in finding.elements for each in element.text),
        *(each for one in report.recommendations for each in (*one.text, *one.answer)),
        *report.highlights.why,
    ]
    grids = [
        *(grid for section in (*report.before, *report.after) for grid in section.grids),
        *(finding.support for finding in report.findings),
        report.recommendations_summary,
    ]
    cells = [text for grid in grids for row in grid.rows for cell in row for text in (cell.text, *cell.lines)]
    facts = [text for section in report.before for fact in section.facts for text in (fact.label, fact.text)]
    return [
        *("".join(f"{run.text}{run.figure}" for run in each) for each in paragraphs),
        *cells,
        *facts,
        *report.warnings,
    ]


def test_page_and_pdf_have_every_sentence_and_cell(full: AuditReportFiles) -> None:
    wanted = sentences_of(report_of(Edition.FULL))
    assert len(wanted) > 300
    page, pdf = squeezed(page_text(full.page)), squeezed(pdf_text(full.pdf))
    assert [each for each in wanted if squeezed(each) not in page] == []
    # Tables that go over a page, and lines that are broken by a heading that is repeated, differ in order only.
    missing = [each for each in wanted if squeezed(paper_text(each)) not in pdf]
    assert len(missing) < 0.02 * len(wanted), missing


def test_the_pdf_is_tagged_titled_and_has_contents(public: AuditReportFiles) -> None:
    from pypdf import PdfReader

    reader = PdfReader(public.pdf)
    assert "'/Marked': True" in str(reader.root_object["/MarkInfo"].get_object())
    assert str(reader.root_object["/Lang"]) == "en-US"
    assert reader.metadata is not None
    assert reader.metadata.title == report_of(Edition.PUBLIC).title
    titles = [each.title for each in reader.outline if not isinstance(each, list)]
    assert titles[0] == "Highlights"
    assert "Appendix C. Sample manifest" in titles


def test_the_same_report_gives_the_same_bytes(public: AuditReportFiles, tmp_path: Path) -> None:
    again = write_audit_report(report_of(Edition.PUBLIC), tmp_path / "again")
    for each in public.folder.iterdir():
        assert (again.folder / each.name).read_bytes() == each.read_bytes()


def test_the_data_say_what_the_page_says(public: AuditReportFiles) -> None:
    found = json.loads(public.data.read_bytes())
    assert found["what"] == "Detainer Ledger audit report"
    assert found["edition"] == "public"
    assert found["highlights"]["keys"][0]["text"] in public.page.read_text("utf-8")
    withheld = [
        run
        for finding in found["findings"]
        for each in finding["elements"]
        for one in each["text"]
        for run in one
        if run["is_withheld"]
    ]
    assert {each["text"] for each in withheld} == {
        "Withheld: Law enforcement technique",
        "Withheld: Deliberation within the agency",
    }


class Elements(HTMLParser):
    """Collects the names of a page's elements and of their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _value in attrs}


def test_hostile_text_in_every_field_stays_text(tmp_path: Path) -> None:
    text = " ".join(HOSTILE)
    audited, programme = sampled_of(30, 5)
    attribute = replace(programme.attributes[0], title=text, question=text, criterion=text, source=text)
    programme = replace(programme, title=text, version=text, attributes=(attribute, *programme.attributes[1:]))
    frame = replace(audited.frame, title=text, source=text)
    results = replace(results_of(audited.sample, programme), set_aside=(text,))
    evaluation = evaluate(frame, audited.sample, programme, results)
    findings = findings_of(findings_text(programme), evaluation, programme)
    hostile = Words(text)
    finding = replace(
        findings.findings[0],
        title=(hostile,),
        highlights=(hostile,),
        effect=replace(findings.findings[0].effect, prose=(hostile,)),
        figures=tuple(replace(each, label=(hostile,), source=(hostile,)) for each in findings.findings[0].figures),
    )
    one = findings.recommendations[0]
    assert one.response is not None
    one = replace(
        one, prose=(hostile,), owner=(hostile,), response=replace(one.response, prose=(hostile,), by=(hostile,))
    )
    findings = replace(
        findings,
        report=replace(
            findings.report, title=text, number=text, agency=text, office=text, objective=(hostile,), scope=(hostile,)
        ),
        findings=(finding, *findings.findings[1:]),
        recommendations=(one, *findings.recommendations[1:]),
    )
    report = audit_report_of(
        replace(audited, frame=frame, programme=programme, results=results, evaluation=evaluation),
        findings,
        edition=Edition.FULL,
        made_at=MADE,
        command=text,
    )
    written = write_audit_report(report, tmp_path / "report")
    page = written.page.read_text("utf-8")
    elements = Elements()
    elements.feed(page)
    assert not elements.tags & {"script", "img", "iframe", "object", "form", "base"}
    assert not {each for each in elements.attributes if each.startswith("on")}
    assert "\u202e" not in page
    assert "\u0007" not in page
    assert squeezed(report.title) in squeezed(page_text(written.page))
    assert squeezed(paper_text(report.title))[:60] in squeezed(pdf_text(written.pdf))


@pytest.mark.parametrize(
    ("design", "strata", "said"),
    [
        (Design.SIMPLE, False, "Simple random sample"),
        (Design.SYSTEMATIC, False, "Systematic sample"),
        (Design.STRATIFIED, True, "Stratified random sample"),
        (Design.ALL, False, "Not a sample: every file of the population was taken."),
    ],
)
def test_the_method_says_how_files_were_chosen(design: Design, strata: bool, said: str, tmp_path: Path) -> None:
    audited, programme = sampled_of(60, 12, strata=strata)
    sample = draw(audited.frame, design=design, seed="a seed of eight", size=None if design is Design.ALL else 12)
    results = results_of(sample, programme)
    evaluation = evaluate(audited.frame, sample, programme, results)
    audited = replace(audited, sample=sample, results=results, evaluation=evaluation)
    findings = findings_of(findings_text(programme), evaluation, programme)
    report = audit_report_of(audited, findings, edition=Edition.PUBLIC, made_at=MADE, command=COMMAND)
    method = next(each for each in report.before if each.id == "method")
    facts = {fact.label: fact.text for fact in method.facts}
    assert facts["Design"].startswith(said)
    assert ("Seed" in facts) == (design is not Design.ALL)
    assert evaluation.files.condition == facts["They hold"] == report.highlights.condition
    assert bool(method.grids) == strata
    assert write_audit_report(report, tmp_path / "report").pdf.is_file()


def test_a_draw_that_is_not_the_first_or_not_committed_to_is_told_before_any_figure() -> None:
    audited, findings = invented()
    sample = replace(audited.sample, number=2, again="The first list was not complete.", earlier=("a" * 64,))
    report = audit_report_of(
        replace(audited, sample=sample), findings, edition=Edition.PUBLIC, made_at=MADE, command=COMMAND
    )
    assert any("draw number 2" in each for each in report.warnings)
    assert any("No digest of the seed was published" in each for each in report.warnings)
    facts = {fact.label: fact.text for section in report.before for fact in section.facts}
    assert facts["Earlier draws"] == "1 (aaaaaaaaaaaa). Reason for drawing again: The first list was not complete."
    committed = replace(audited.sample, commitment="b" * 64, salt="salt")
    report = audit_report_of(
        replace(audited, sample=committed), findings, edition=Edition.PUBLIC, made_at=MADE, command=COMMAND
    )
    assert not any("No digest of the seed" in each for each in report.warnings)


def test_a_recommendation_past_its_day_says_so_unless_it_is_closed() -> None:
    report = report_of(Edition.PUBLIC)
    assert [each.is_overdue for each in report.recommendations] == [False, False, True]
    audited, findings = invented()
    late = replace(findings, report=replace(findings.report, issued_on=date(2027, 2, 1)))
    report = audit_report_of(audited, late, edition=Edition.PUBLIC, made_at=MADE, command=COMMAND)
    assert [each.is_overdue for each in report.recommendations] == [True, False, True]
    assert plain_of(report.recommendations[1].due) == "None: It depends on an appropriation."


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [({}, 0.0), ({0: 3}, 0.0), ({0: 1, 4: 1}, 2.0), ({1: 5, 2: 4}, 1.0), ({0: 2, 3: 2, 9: 1}, 3.0)],
)
def test_the_median_is_that_of_the_files(numbers: dict[int, int], expected: float) -> None:
    assert median_of(numbers) == expected


def test_a_former_report_is_replaced_and_another_folder_is_refused(full: AuditReportFiles, tmp_path: Path) -> None:
    report = report_of(Edition.PUBLIC)
    out = tmp_path / "report"
    write_audit_report(report, out)
    write_audit_report(report, out)
    (out / "mine.txt").write_text("mine", "utf-8")
    with pytest.raises(BadInput, match="would be lost"):
        write_audit_report(report, out)
    assert (out / "mine.txt").read_text("utf-8") == "mine"
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "index.html").write_text("mine", "utf-8")
    with pytest.raises(BadInput, match="no former report"):
        write_audit_report(report, tmp_path / "other")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["other", "report"]


def test_a_withheld_title_stands_in_contents_as_its_reason() -> None:
    assert (
        plain_of((Run("On "), Run("Withheld: Technique", reason="x", is_withheld=True))) == "On [Withheld: Technique]"
    )
