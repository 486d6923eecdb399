"""``detainer record restore``: a record anew from a backup."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from detainer_ledger.cli.record.group import EXIT_NO, keys_option, record_option


@click.command(
    name="restore",
    epilog="""\b
Examples:
  detainer record restore backup.gz --persons backup.gz.keys --record restored.db
  detainer record restore backup.gz --persons backup.gz.keys --record postgresql://ledger@db/ledger""",
)
@click.argument("backup", type=click.Path(path_type=Path))
@click.option(
    "--persons", type=click.Path(path_type=Path), help="The FILE.keys of the backup; without it nobody's fields."
)
@record_option
@keys_option
def command(backup: Path, persons: Path | None, url: str, keys: Path) -> None:
    """Make a new record from a backup, in SQLite or PostgreSQL, and verify it.

    This is also how a record moves from one machine with SQLite to a server with PostgreSQL. --keys names the folder of
    keys that the record was made with.
    """
    from detainer_ledger.ledger import create_ledger, read_keys, restore, verify

    ledger, told = restore(backup, url, read_keys(keys), create=create_ledger, persons=persons)
    try:
        found = verify(ledger)
        place = ledger.place
    finally:
        ledger.close()
    click.echo(f"{told.rows.get('entry', 0):,} events are restored to {place}.")
    if not found.holds:
        click.echo(
            f"The record does NOT verify: {found.n_discrepancies:,} discrepancies; run 'detainer record verify'."
        )
        sys.exit(EXIT_NO)
    click.echo("The record verifies.")
