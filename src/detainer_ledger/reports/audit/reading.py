"""Reading an audit folder for its report: every step's file, and whether each is of the same audit."""

from __future__ import annotations

import hashlib
from pathlib import Path

from detainer_ledger.audit.findings.reading import FILE, read_findings
from detainer_ledger.audit.findings.template import template_of
from detainer_ledger.audit.findings.values import Findings
from detainer_ledger.audit.folder import (
    COMMITMENT,
    EVALUATION,
    FRAME_CSV,
    FRAME_JSON,
    PROGRAMME,
    RESULTS,
    SAMPLE,
    read_evaluation,
    read_frame,
    read_results,
    read_sample,
    write_whole,
)
from detainer_ledger.audit.programme import read_programme
from detainer_ledger.audit.sampling.drawing import is_same_draw
from detainer_ledger.audit.statistics.estimates import evaluate
from detainer_ledger.reports.audit.value import Audited
from detainer_ledger.terms import BadInput

_FILES = (FRAME_CSV, FRAME_JSON, COMMITMENT, SAMPLE, PROGRAMME, RESULTS, EVALUATION, FILE)


def read_audited(folder: Path) -> Audited:
    """Read what the steps of an audit wrote.

    Raises BadInput where a file is missing or damaged, is of another frame, sample or programme, where the sample is
    not the one that its manifest draws, or where the evaluation is not what the results give.
    """
    frame, sample = read_frame(folder), read_sample(folder)
    programme, results = read_programme(folder / PROGRAMME), read_results(folder)
    found = read_evaluation(folder)
    fresh = evaluate(frame, sample, programme, results, confidence=found.files.confidence, sides=found.files.sides)
    if not is_same_draw(frame, sample):
        raise BadInput(
            "The sample is not the one that its manifest draws from this frame.",
            file=str(folder / SAMPLE),
            do="put the file back as the draw wrote it.",
        )
    if fresh != found:
        raise BadInput(
            "The evaluation is not what these results give.",
            file=str(folder / EVALUATION),
            do="run 'detainer audit evaluate' again.",
        )
    digests = tuple(
        (name, hashlib.sha256((folder / name).read_bytes()).hexdigest()) for name in _FILES if (folder / name).is_file()
    )
    return Audited(frame=frame, sample=sample, programme=programme, results=results, evaluation=found, digests=digests)


def read_audit(folder: Path) -> tuple[Audited, Findings]:
    """Read an audit folder with its findings; see `read_audited` and `read_findings`."""
    audited = read_audited(folder)
    return audited, read_findings(folder / FILE, audited.evaluation, audited.programme)


def write_template(folder: Path) -> Path:
    """Write a findings.toml to start with and return its path. Raises BadInput if there is one already."""
    path = folder / FILE
    if path.exists() or path.is_symlink():
        raise BadInput(
            "There are findings already; a template would take their place.",
            file=str(path),
            do="go on with that file, or move it elsewhere first.",
        )
    audited = read_audited(folder)
    write_whole(path, template_of(audited.evaluation, audited.programme).encode())
    return path
