"""An invented audit: 142 files of which 40 were drawn, tested, evaluated, and written about. It is synthetic."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from detainer_ledger.audit.findings.reading import FILE, findings_of
from detainer_ledger.audit.findings.values import Findings
from detainer_ledger.audit.folder import write_evaluation, write_frame, write_results, write_sample
from detainer_ledger.audit.programme import illustrative_programme, illustrative_text
from detainer_ledger.audit.sampling.drawing import draw
from detainer_ledger.audit.sampling.frames import frame_of_units
from detainer_ledger.audit.statistics.estimates import evaluate
from detainer_ledger.audit.values import Answer, Design, Mark, Programme, Results, Sample, Unit
from detainer_ledger.reports.audit import Audited

MADE = datetime(2026, 9, 14, 12, 0, tzinfo=UTC)
COMMAND = "detainer audit report --audit audit-2026 --out report"
SECRET = "a relay through the Harbor Street annex"
"""What the invented findings mark to be withheld."""

FINDINGS = """
[report]
title = "Screening Files Show Lapses That Oversight Did Not Find"
number = "OIA-26-07"
agency = "the Screening Directorate (invented)"
office = "Office of Invented Audits"
issued_on = 2026-09-30
synthetic = true
why = \"\"\"
An earlier audit found that files of screened people did not show the steps that the protocol requires, and that
nobody had noticed. We tested whether the controls promised since then work.\"\"\"
objective = "To determine whether the Directorate carries out and documents each step of its screening protocol."
background = \"\"\"
The Directorate screens people who are taken into its custody. Its protocol asks for checks at custody, contact with
the authority that owns the information, and a second review.

Since January 2025 each office keeps a file for each case. The files are the only evidence that a step was done.\"\"\"
scope = \"\"\"
All {population} files that were opened from October 2024 to September 2025. We tested {sampled} of them and did not
assess the decisions taken in any case.\"\"\"
method = \"\"\"
Two auditors tested each file against the attributes in Appendix A. We interviewed supervisors of four offices and
read the Directorate's instructions. We did this work from March to August 2026.\"\"\"

[[redaction-reason]]
id = "b7e"
text = "Law enforcement technique"
basis = "5 U.S.C. 552(b)(7)(E)"

[[redaction-reason]]
id = "b5"
text = "Deliberation within the agency"
basis = "5 U.S.C. 552(b)(5)"

[[finding]]
id = "initial-checks"
title = "Files do not show that initial checks were made in time"
highlights = \"\"\"
Of {ATTRIBUTE-1.tested} files that could be tested, {ATTRIBUTE-1.exceptions} do not show that initial checks were made
when the protocol asks for them.\"\"\"
criteria = \"\"\"
The protocol asks that initial checks are made and recorded when custody begins. Standards for internal control ask
that transactions are recorded promptly.\"\"\"
condition = \"\"\"
{ATTRIBUTE-1.exceptions} of {ATTRIBUTE-1.tested} files ({ATTRIBUTE-1.rate}) do not show the checks. In the whole
population at least {ATTRIBUTE-1.lower.count} of {ATTRIBUTE-1.population} files do not, at a confidence of
{ATTRIBUTE-1.confidence}.

In {figures.late-files} of these files the checks were made by [[redact:b7e|SECRET]] and recorded
afterwards.\"\"\"
cause = \"\"\"
Officers without access to the network enter results when they return. Supervisors have no list of open checks.
[[redact:b5|A draft instruction of May 2026 would have moved the deadline to {figures.draft-hours} hours.]]\"\"\"
effect = "The Directorate cannot show that people were screened before decisions on custody were taken."
attributes = ["ATTRIBUTE-1", "ATTRIBUTE-2"]
recommendations = ["list-of-open-checks", "network"]
[[finding.figures]]
name = "late-files"
label = "Files in which the checks were recorded more than a day later"
value = 9
source = "Auditors' analysis of the time stamps of the 40 files, working paper C-12"
[[finding.figures]]
name = "draft-hours"
label = "Hours in the draft instruction"
value = 987654321
source = "Draft of May 2026, working paper D-3"

[[finding]]
id = "second-review"
title = "Second reviews are missing or not dated"
highlights = \"\"\"
{ATTRIBUTE-3.exceptions} of {ATTRIBUTE-3.tested} files lack a dated second review, and no report tells supervisors
so.\"\"\"
criteria = "The protocol asks for a second review by a person who did not do the first."
condition = \"\"\"
{ATTRIBUTE-3.exceptions} of {ATTRIBUTE-3.tested} files have no dated second review ({ATTRIBUTE-3.rate}). Of all files
tested, {files.exceptions} have at least one lapse, and {per_file.1} have one alone.\"\"\"
cause = {absent = "Offices gave different explanations, and the files do not allow to choose among them."}
effect = "Errors of the first review stay unknown."
attributes = ["ATTRIBUTE-3"]
recommendations = ["monthly-report"]

[[recommendation]]
id = "list-of-open-checks"
text = "Give supervisors a daily list of initial checks that are due, and record who cleared each."
owner = "Assistant Director for Operations"
due = 2026-12-31
status = "resolved"
[[recommendation.history]]
date = 2026-08-14
status = "open"
[[recommendation.history]]
date = 2026-09-02
status = "resolved"
text = "A pilot in two offices was agreed on."
[recommendation.response]
position = "concur"
text = "The Directorate will extend the pilot to all offices by the end of the year."
by = "Director, Screening Directorate"
date = 2026-09-02

[[recommendation]]
id = "network"
text = "Provide each office with access to the network on which results have to be recorded."
owner = "Chief Information Officer"
due = {absent = "It depends on an appropriation."}
status = "open"
[recommendation.response]
position = "partially_concur"
text = "The Directorate agrees on the need and cannot give a day before funds are known."
by = "Director, Screening Directorate"
date = 2026-09-02

[[recommendation]]
id = "monthly-report"
text = "Report each month, by office, how many second reviews are late, missing or not dated."
owner = "Assistant Director for Oversight"
due = 2026-06-30
status = "open"

[management]
summary = "The Directorate says that the files understate what was done."
comments = \"\"\"
The Directorate thanks the auditors. It holds that most steps were done and not written down, and will train staff.

It asks that a later audit tests files opened after the training.\"\"\"
date = 2026-09-04
"""


def sampled_of(population: int, sampled: int, *, strata: bool = False) -> tuple[Audited, Programme]:
    """Return an audit of this size without digests, with about one test in three not met."""
    units = [
        Unit(id=f"KF-{place:06d}", stratum=("North", "South")[place % 2] if strata else "")
        for place in range(population)
    ]
    frame = frame_of_units(
        units, title="Invented screening files", source="invented.csv", source_sha256=None, made_at=MADE
    )
    design = Design.STRATIFIED if strata else Design.SIMPLE
    sample = draw(frame, design=design, seed="an invented seed", size=sampled)
    programme = illustrative_programme()
    results = results_of(sample, programme)
    evaluation = evaluate(frame, sample, programme, results)
    audited = Audited(
        frame=frame, sample=sample, programme=programme, results=results, evaluation=evaluation, digests=()
    )
    return audited, programme


def results_of(sample: Sample, programme: Programme) -> Results:
    """Return invented results: half of the tests of the first attribute not met, fewer of those after it."""
    chance = random.Random(7)
    marks = []
    for unit in sample.units:
        for place, attribute in enumerate(programme.attributes):
            thrown = chance.random()
            share = 0.62 - 0.05 * place
            answer = Answer.NOT_TESTABLE if thrown > 0.97 else Answer.NOT_MET if thrown < share else Answer.MET
            marks.append(Mark(unit=unit.id, attribute=attribute.id, answer=answer, auditor="auditor-1"))
    second = tuple(
        replace(each, auditor="auditor-2", answer=Answer.MET if chance.random() < 0.05 else each.answer)
        for each in marks
    )
    return Results(
        frame_sha256=sample.frame_sha256,
        sample_sha256=sample.sha256,
        programme_sha256=programme.sha256,
        marks=tuple(marks),
        second=second,
    )


def findings_text(programme: Programme, secret: str = SECRET) -> str:
    """Return the invented findings.toml."""
    text = FINDINGS.replace("SECRET", secret)
    for place in (1, 2, 3):
        text = text.replace(f"ATTRIBUTE-{place}", programme.attributes[place - 1].id)
    return text


def invented(population: int = 142, sampled: int = 40, *, strata: bool = False) -> tuple[Audited, Findings]:
    """Return the invented audit with its findings."""
    audited, programme = sampled_of(population, sampled, strata=strata)
    audited = replace(
        audited, digests=tuple((name, f"{place:064x}") for place, name in enumerate(("results.json", FILE), start=1))
    )
    return audited, findings_of(findings_text(programme), audited.evaluation, programme)


def write_invented(folder: Path) -> Path:
    """Write the invented audit as a folder, with its findings, and return it."""
    audited, programme = sampled_of(142, 40)
    write_frame(folder, audited.frame)
    write_sample(folder, audited.sample)
    (folder / "programme.toml").write_text(illustrative_text(), "utf-8")
    write_results(folder, audited.results)
    write_evaluation(folder, audited.evaluation)
    (folder / FILE).write_text(findings_text(programme), "utf-8")
    return folder
