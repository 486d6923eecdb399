"""``detainer report``: a report that a reader understands in a minute."""

from __future__ import annotations

import shlex
import sys
from datetime import date
from pathlib import Path

import click

from detainer_ledger.cli.options import from_option, progress_over, releases_option, store_option, to_option


@click.command(
    name="report",
    epilog="""\b
Examples:
  detainer report --store store --out report
  detainer report --store store --from 2014-01-01 --to 2015-07-19 --out report""",
)
@store_option
@from_option
@to_option
@releases_option
@click.option("--title", help="Title of the report.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to write to.")
def command(
    store: Path, start: date | None, end: date | None, releases: tuple[str, ...], title: str | None, out: Path
) -> None:
    """Write a report: one HTML page without network, the same as PDF, every table as CSV, Parquet and in one XLSX.

    A data package descriptor gives the meaning of every column, and a provenance file digests, versions and command.
    """
    from detainer_ledger.reports import build_report, write_report

    written = shlex.join(["detainer", *sys.argv[1:]])
    with progress_over(2, "report") as progress:
        report = build_report(store, start=start, end=end, releases=releases, command=written, title=title)
        progress("figures")
        files = write_report(report, out)
        progress("written")
    click.echo(files.page)
