"""``detainer record import``: an agency's own spreadsheet."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from detainer_ledger.cli.options import json_option, progress_of
from detainer_ledger.cli.record.group import EXIT_NO, as_option, keys_option, opened, record_option, refuse

_MOST_TOLD = 20


@click.command(
    name="import",
    epilog="""\b
Examples:
  detainer record import log.xlsx --mapping mapping.toml --dry-run --as jill
  detainer record import log.xlsx --mapping mapping.toml --as jill""",
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--mapping", required=True, type=click.Path(path_type=Path), help="TOML file: which column means what.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and store nothing.")
@as_option
@record_option
@keys_option
@json_option
def command(
    file: Path,
    mapping: Path,
    dry_run: bool,  # noqa: FBT001
    actor: str,
    url: str,
    keys: Path,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Import an agency's spreadsheet: each row is a detainer that it received.

    The same file twice changes nothing. Rows that cannot be read are listed with their numbers, and the others are
    imported; the exit code is 1 if there were such rows.
    """
    from dataclasses import asdict

    from detainer_ledger.casework import Refused, import_file, read_mapping, try_file
    from detainer_ledger.tables import write_json

    told = read_mapping(mapping)
    with opened(url, keys) as record, progress_of("rows") as progress:
        act = try_file if dry_run else import_file
        done = act(record, file, told, actor, progress=progress)
    if isinstance(done, Refused):
        refuse(done)
    failed = [row for row in done.rows if row.result in {"error", "refused"}]
    if as_json:
        write_json(sys.stdout, {"dry_run": dry_run, "counts": done.counts, "rows": [asdict(row) for row in done.rows]})
    else:
        would = "would be " if dry_run else ""
        counts = done.counts
        click.echo(
            f"{len(done.rows):,} rows: {counts['new']:,} {would}new, {counts['more']:,} {would}added to,"
            f" {counts['unchanged']:,} unchanged, {counts['passed_over']:,} passed over, {counts['refused']:,} refused,"
            f" {counts['error']:,} with an error."
        )
        for row in failed[:_MOST_TOLD]:
            sheet = f"sheet {row.sheet}, " if row.sheet else ""
            case = f" ({row.case})" if row.case else ""
            click.echo(f"  {sheet}row {row.number}{case}: {row.message}", err=True)
        if len(failed) > _MOST_TOLD:
            click.echo(f"  … and {len(failed) - _MOST_TOLD:,} more; --json lists them all.", err=True)
    if failed:
        sys.exit(EXIT_NO)
