"""``detainer record person``: the personal fields of a case."""

from __future__ import annotations

from pathlib import Path

import click

from detainer_ledger.cli.record.group import as_option, keys_option, opened, print_person, record_option


@click.command(
    name="person",
    epilog="\b\nExample:\n  detainer record person D-7K3M9QXT2A --purpose 'service of the copy' --as jill",
)
@click.argument("case")
@click.option("--purpose", required=True, help="Why you read them; it is recorded with your name.")
@as_option
@record_option
@keys_option
def command(case: str, purpose: str, actor: str, url: str, keys: Path) -> None:
    """Read the personal fields of a case. The reading is recorded before they are shown."""
    with opened(url, keys) as record:
        found = record.person(case, actor, purpose=purpose)
    print_person(found)
