"""``detainer record report``: what states ask of agencies."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click

from detainer_ledger.cli.options import DAY
from detainer_ledger.cli.record.group import as_option, keys_option, opened, record_option, refuse, write_new
from detainer_ledger.terms import BadInput


@click.group(
    name="report",
    epilog="""\b
Examples:
  detainer record report list
  detainer record report write illinois --from 2026-01-01 --to 2026-12-31 --out il.csv --as jill""",
)
def command() -> None:
    """List the reports that states ask for, or write one."""


@command.command(name="list", epilog="\b\nExample:\n  detainer record report list")
def list_them() -> None:
    """List the reports, with the law, the fields, and when they are due."""
    from detainer_ledger.casework import state_reports

    for each in state_reports().values():
        click.echo(f"{each.id} ({each.state}): {each.title}")
        click.echo(f"  law     {each.citation} ({each.trust})")
        click.echo(f"  period  {each.period}; {each.due}")
        click.echo(f"  fields  {', '.join(field['title'] for field in each.fields)}")
        if each.outside:
            click.echo(f"  not in a record of detainers: {', '.join(each.outside)}")


@command.command(
    name="write",
    epilog="\b\nExample:\n  detainer record report write illinois --from 2026-01-01 --to 2026-12-31 --as jill",
)
@click.argument("report")
@click.option("--from", "start", type=DAY, required=True, help="First day, inclusive.")
@click.option("--to", "end", type=DAY, required=True, help="Last day, inclusive.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="CSV file to write, with its notes beside it as FILE.notes.txt; standard output if left out.",
)
@as_option
@record_option
@keys_option
def write(report: str, start: date, end: date, out: Path | None, actor: str, url: str, keys: Path) -> None:
    """Write a report as CSV, with exactly the fields that the law names."""
    from detainer_ledger.casework import Refused, fill_report
    from detainer_ledger.tables import write_csv

    with opened(url, keys) as record:
        filled = fill_report(record, report, actor, start=start, end=end)
    if isinstance(filled, Refused):
        refuse(filled)
    titles = {field["name"]: field["title"] for field in filled.report.fields}
    rows = [{titles[name]: value for name, value in row.items()} for row in filled.rows]
    rows_in_words = "1 row" if len(rows) == 1 else f"{len(rows):,} rows"
    notes = [f"{rows_in_words}. {filled.report.citation}; due {filled.report.due}.", *filled.notes]
    if out is None:
        write_csv(sys.stdout, tuple(titles.values()), rows)
    else:
        beside = out.with_name(f"{out.name}.notes.txt")
        for path in (out, beside):
            if path.exists():
                raise BadInput("There is such a file already.", file=str(path), do="name another.")
        # Whoever gets the file later has the notes too.
        write_new(beside, "".join(f"{note}\n" for note in (*notes, f"Period: {start} to {end}, inclusive.")))
        with out.open("w", encoding="utf-8", newline="") as opened_file:
            write_csv(opened_file, tuple(titles.values()), rows)
    for note in notes:
        click.echo(note, err=True)
