"""``detainer record init``: a new record."""

from __future__ import annotations

from pathlib import Path

import click

from detainer_ledger.cli.record.group import keys_option, record_option


@click.command(
    name="init",
    epilog="""\b
Examples:
  detainer record init --origin county.example/detainers --administrator ada
  detainer record init --record postgresql://ledger@db/ledger --keys /etc/ledger.keys \\
      --origin county.example/detainers --administrator ada""",
)
@record_option
@keys_option
@click.option("--origin", required=True, help="Name of the record in checkpoints, as county.example/detainers.")
@click.option("--administrator", required=True, help="Name of the first administrator.")
def command(url: str, keys: Path, origin: str, administrator: str) -> None:
    """Make a new record with its keys and its first administrator."""
    from detainer_ledger.casework import create_record

    record = create_record(url, keys, origin=origin, administrator=administrator)
    place = record.ledger.place
    record.close()
    click.echo(f"Record: {place}")
    click.echo(f"Keys:   {keys}  (keep a copy of this folder apart from the database)")
    click.echo(f"Give {keys / 'public-key.pem'} to whoever is to check checkpoints and proofs.")
    click.echo(
        f"Next:   detainer record agency add oak-jail --name 'OAK COUNTY JAIL' --state ND"
        f" --zone America/Chicago --as {administrator}"
    )
