"""``detainer audit report``: an Inspector General's report, with or without the marked passages."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import click

from detainer_ledger.cli.audit.writing import audit_option
from detainer_ledger.cli.options import progress_over

_STEPS = 3


@click.command(
    name="report",
    epilog="""\b
Examples:
  detainer audit report --audit audit-2026 --template
  detainer audit report --audit audit-2026 --out report
  detainer audit report --audit audit-2026 --out report --hide-units
  detainer audit report --audit audit-2026 --out report-full --edition full""",
)
@audit_option
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Folder to write the report to.")
@click.option(
    "--edition",
    type=click.Choice(["public", "full"]),
    default="public",
    show_default=True,
    help="public removes every marked passage; full has them, and says on each page that it is not for release.",
)
@click.option("--hide-units", "units", flag_value="hidden", default="shown", help="Leave out the ids of drawn files.")
@click.option("--template", "is_template", is_flag=True, help="Write findings.toml to start with, and no report.")
def command(folder: Path, out: Path | None, edition: str, units: str, is_template: bool) -> None:  # noqa: FBT001
    """Write the report of an audit: one HTML page without network, the same as PDF, and as JSON.

    The findings are those of findings.toml in the audit's folder. Figures in it are named and never typed; each leads
    to the row that tells where it comes from. A report is refused while a place of the template is unwritten, and a
    public one while words of a marked passage also stand unmarked.
    """
    if is_template:
        if out is not None:
            raise click.UsageError("--template writes findings.toml into the audit's folder; leave --out out.")
        from detainer_ledger.reports.audit import write_template

        click.echo(write_template(folder))
        return
    if out is None:
        raise click.UsageError("Name a folder to write the report to with --out, or start findings with --template.")
    from datetime import UTC, datetime

    from detainer_ledger.reports.audit import Edition, UnitsShown, audit_report_of, read_audit, write_audit_report

    audited, findings = read_audit(folder)
    report = audit_report_of(
        audited,
        findings,
        edition=Edition(edition),
        units=UnitsShown(units),
        made_at=datetime.now(UTC),
        command=shlex.join(["detainer", *sys.argv[1:]]),
    )
    with progress_over(_STEPS, "report") as progress:
        files = write_audit_report(report, out, progress=progress)
    click.echo(files.page)
