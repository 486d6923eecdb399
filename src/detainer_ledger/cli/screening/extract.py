"""``detainer screening extract``: the steps of all cases as a table."""

from __future__ import annotations

from pathlib import Path

import click

from detainer_ledger.cli.record.group import as_option, keys_option, opened, record_option, refuse
from detainer_ledger.terms import BadInput


@click.command(name="extract", epilog="\b\nExample:\n  detainer screening extract --out steps.parquet --as aud")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Parquet file to write.")
@as_option
@record_option
@keys_option
def command(out: Path, actor: str, url: str, keys: Path) -> None:
    """Write a row for each time that a step fell due, in Parquet, without personal fields."""
    from detainer_ledger.casework import Refused
    from detainer_ledger.casework.screening import extract_steps

    if not out.is_dir() and out.suffix.lower() != ".parquet":
        raise BadInput("The table is written as Parquet.", option="--out", do="name a file that ends in .parquet.")
    with opened(url, keys) as record:
        rows = extract_steps(record, out, actor)
    if isinstance(rows, Refused):
        refuse(rows)
    click.echo(f"{rows:,} steps are in {out}.")
