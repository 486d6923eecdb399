"""``detainer audit demo``: a whole audit of invented files, held against what is so."""

from __future__ import annotations

import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from detainer_ledger.cli.making_room import make_room
from detainer_ledger.cli.options import progress_over

if TYPE_CHECKING:
    from collections.abc import Callable

    from detainer_ledger.audit.recorded import Recorded
    from detainer_ledger.audit.values import Evaluation, Programme

SIZE = 40
"""As many files as OIG-18-36 sampled."""

SEED = "synthetic audit of 142 files, demonstration"
SALT = "5afe0000000000000000000000000001"
_PARTS = ("record", "audit", "report-public", "report-full")
_STEPS = 6


@click.command(name="demo", epilog="\b\nExamples:\n  detainer audit demo\n  detainer audit demo --out somewhere")
@click.option(
    "--out", default="audit-demo", show_default=True, type=click.Path(path_type=Path), help="Folder to write to."
)
def command(out: Path) -> None:
    """Make a record of 142 invented screening cases with known lapses, audit 40 of them, and report.

    The seed is promised before the draw, the record answers the tests, two editions of the report are written, and the
    bounds are held against what is so of all 142. With 95 % confidence a bound misses one time in twenty; the cases and
    the seed are fixed, so that everybody sees the same.
    """
    make_room(out, mark=".detainer-audit-demo", parts=_PARTS)
    with progress_over(_STEPS, "audit") as progress:
        recorded, programme = _take_files(out, progress)
        found = _draw_and_test(out / "audit", progress)
        _report(out, progress)
    for line in _held_against_truth(found, recorded, programme):
        click.echo(line)
    click.echo(f"Audit:  {out / 'audit'}")
    click.echo(f"Report: {out / 'report-public' / 'index.html'}   with the marked passages: {out / 'report-full'}")


def _take_files(out: Path, progress: Callable[[str], None]) -> tuple[Recorded, Programme]:
    """Make the record, and take frame, programme and answers from it."""
    from detainer_ledger.audit.demonstration.record import ORIGIN, lapsed_record
    from detainer_ledger.audit.folder import put_frame, write_recorded
    from detainer_ledger.audit.recorded import Recorded, screening_files
    from detainer_ledger.audit.sampling.frames import frame_of_units
    from detainer_ledger.audit.sheets.taking_over import choose_programme
    from detainer_ledger.casework.screening import Screenings

    (out / "record").mkdir()
    record, at = lapsed_record(str(out / "record" / "record.db"), out / "record" / "keys")
    try:
        files = screening_files(Screenings(record).every_case(), at=at)
    finally:
        record.close()
    progress("record made")
    folder = out / "audit"
    made = frame_of_units(
        files.units,
        title="Screening files (synthetic)",
        source=f"record {ORIGIN}",
        source_sha256=None,
        made_at=datetime.now(UTC).replace(microsecond=0),
    )
    frame = put_frame(folder, made)
    programme = choose_programme(folder, files.programme, named="of the record")
    recorded = Recorded(frame_sha256=frame.sha256, programme_sha256=programme.sha256, at=at, marks=files.marks)
    write_recorded(folder, recorded)
    return recorded, programme


def _draw_and_test(folder: Path, progress: Callable[[str], None]) -> Evaluation:
    """Promise a seed, draw, write the sheets that the record fills in, read them back, and evaluate."""
    from detainer_ledger.audit.folder import PROGRAMME, read_frame, write_commitment, write_evaluation, write_sample
    from detainer_ledger.audit.programme import read_programme
    from detainer_ledger.audit.sampling.drawing import Commitment, draw, seed_digest
    from detainer_ledger.audit.sheets.reading import read_sheets
    from detainer_ledger.audit.sheets.taking_over import recorded_answers, take_over
    from detainer_ledger.audit.sheets.writing import write_sheets
    from detainer_ledger.audit.statistics.estimates import evaluate
    from detainer_ledger.audit.values import Design

    frame, programme = read_frame(folder), read_programme(folder / PROGRAMME)
    commitment = Commitment(
        sha256=seed_digest(SEED, salt=SALT, frame_sha256=frame.sha256),
        frame_sha256=frame.sha256,
        made_at=datetime.now(UTC).replace(microsecond=0),
    )
    write_commitment(folder, commitment)
    sample = draw(frame, design=Design.SIMPLE, seed=SEED, size=SIZE, commitment=commitment, salt=SALT)
    write_sample(folder, sample)
    progress("sample drawn")
    answered = recorded_answers(folder, frame, sample, programme)
    paths = write_sheets(folder, frame, sample, programme, auditors=["Synthetic auditor"], prefilled=answered)
    done = take_over(folder, read_sheets(paths, frame, sample, programme), frame, sample, programme)
    if done.results is None:
        raise RuntimeError("the sheets that the record filled in were not read")
    progress("files tested")
    found = evaluate(frame, sample, programme, done.results)
    write_evaluation(folder, found)
    progress("evaluated")
    return found


def _report(out: Path, progress: Callable[[str], None]) -> None:
    """Write findings in invented words, and both editions of the report."""
    from detainer_ledger.audit.demonstration.findings import invented_findings
    from detainer_ledger.audit.findings.reading import FILE
    from detainer_ledger.audit.folder import PROGRAMME, read_evaluation, write_whole
    from detainer_ledger.audit.programme import read_programme
    from detainer_ledger.reports.audit import (
        Edition,
        UnitsShown,
        audit_report_of,
        read_audit,
        write_audit_report,
    )

    programme = read_programme(out / "audit" / PROGRAMME)
    text = invented_findings(read_evaluation(out / "audit"), programme)
    write_whole(out / "audit" / FILE, text.encode())
    audited, findings = read_audit(out / "audit")
    for edition in Edition:
        report = audit_report_of(
            audited,
            findings,
            edition=edition,
            units=UnitsShown.SHOWN,
            made_at=datetime.now(UTC),
            command=shlex.join(["detainer", *sys.argv[1:]]),
        )
        write_audit_report(report, out / f"report-{edition.value}")
        progress(f"{edition.value} report written")


def _held_against_truth(found: Evaluation, recorded: Recorded, programme: Programme) -> list[str]:
    """Say what the sample shows of all files, and what is so."""
    from detainer_ledger.audit.recorded import failing_units

    files = found.files
    truth = len(failing_units(recorded, programme))
    low, high = files.lower.count or 0, files.upper.count or 0
    inside = "inside" if low <= truth <= high else "OUTSIDE, as one in twenty is,"
    return [
        f"Sampled {found.sampled} of {found.population} invented files: {files.exceptions} have at least one lapse.",
        f"So of all {found.population} at least {low} and at most {high} have one, each with 95 % confidence.",
        f"In truth {truth} have one: {inside} the bounds. The population, its lapses and its names are synthetic.",
    ]
