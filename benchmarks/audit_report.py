"""The report of a large audit: charts, page and PDF of 300 pages and more, within an absolute limit."""

from __future__ import annotations

import random
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.measuring import Outcome, Task, process, python
from detainer_ledger.audit.findings.reading import FILE
from detainer_ledger.audit.findings.template import template_of
from detainer_ledger.audit.findings.text import MARKER
from detainer_ledger.audit.folder import (
    PROGRAMME,
    write_evaluation,
    write_frame,
    write_results,
    write_sample,
    write_whole,
)
from detainer_ledger.audit.programme import programme_of
from detainer_ledger.audit.sampling.drawing import draw
from detainer_ledger.audit.sampling.frames import frame_of_units
from detainer_ledger.audit.statistics.estimates import evaluate
from detainer_ledger.audit.values import Answer, Design, Mark, Results, Unit

POPULATION, SAMPLED, ATTRIBUTES, PAGES = 60_000, 15_000, 30, 300
SECONDS = 30.0
MADE = datetime(2026, 9, 14, tzinfo=UTC)

_ATTRIBUTE = """
[[attribute]]
id = "step-{place}"
title = "Invented step {place} is documented"
question = "Does the file show that step {place} was done?"
criterion = "The invented protocol asks that step {place} is done and documented on the day of custody."
source = "Invented protocol, section {place}"
"""

_WRITE = """
import sys, time
from detainer_ledger.cli import main
sys.argv = ["detainer", "audit", "report", "--audit", sys.argv[1], "--out", sys.argv[2]]
main()
"""


def make(folder: Path) -> Path:
    """Make the audit once: invented, with a finding for each attribute."""
    audit = folder / "audit-report"
    if (audit / FILE).is_file():
        return audit
    shutil.rmtree(audit, ignore_errors=True)
    text = 'id = "invented"\nversion = "1"\ntitle = "Invented programme"\n'
    text += "".join(_ATTRIBUTE.format(place=place) for place in range(1, ATTRIBUTES + 1))
    programme = programme_of(text, file=PROGRAMME)
    units = [Unit(id=f"SYNTHETIC-{place:06d}") for place in range(POPULATION)]
    frame = frame_of_units(units, title="Invented files", source="invented", source_sha256=None, made_at=MADE)
    sample = draw(frame, design=Design.SIMPLE, seed="an invented seed", size=SAMPLED)
    chance = random.Random(1)
    results = Results(
        frame_sha256=frame.sha256,
        sample_sha256=sample.sha256,
        programme_sha256=programme.sha256,
        marks=tuple(
            Mark(
                unit=unit.id,
                attribute=attribute.id,
                answer=Answer.NOT_MET if chance.random() < 0.12 else Answer.MET,
                auditor="auditor-1",
            )
            for unit in sample.units
            for attribute in programme.attributes
        ),
    )
    write_frame(audit, frame)
    write_sample(audit, sample)
    write_results(audit, results)
    evaluation = evaluate(frame, sample, programme, results)
    write_evaluation(audit, evaluation)
    write_whole(audit / PROGRAMME, text.encode())
    write_whole(audit / FILE, written(template_of(evaluation, programme)).encode())
    return audit


def written(template: str) -> str:
    """Return a template with every place written."""
    head = template.index("[report]")
    parts = template[head:].split(f'"{MARKER}')
    words = "Invented words of an auditor, who writes a sentence of about this length. " * 8
    found = [template[:head].replace(MARKER, "write"), parts[0]]
    for part in parts[1:]:
        place, rest = part.split('»"', 1)
        found += ["2026-12-31" if "the day as" in place else f'"{words if len(place) > 25 else place}"', rest]
    return "".join(found).replace("synthetic = false", "synthetic = true")


def report_300_pages(folder: Path) -> Outcome:
    """Write the report as a user does; the floor is one second, so that the limit is in seconds."""
    from pypdf import PdfReader

    audit, out = make(folder), folder / "audit-report-out"
    shutil.rmtree(out, ignore_errors=True)
    memory: list[float] = []
    began = time.perf_counter()
    process(python(_WRITE, str(audit), str(out)), sink=memory)
    took = time.perf_counter() - began
    pages = len(PdfReader(out / "report.pdf").pages)
    if pages < PAGES:
        raise RuntimeError(f"the report has {pages} pages, and {PAGES} were to be measured")
    return Outcome(floor=1.0, ours=took, times=SECONDS, largest_mb=memory[0])


TASKS = (Task(name="audit-report", run=report_300_pages),)
