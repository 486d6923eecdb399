"""``detainer screening protocols``: what the record adopted."""

from __future__ import annotations

import json
from pathlib import Path

import click

from detainer_ledger.cli.options import json_option
from detainer_ledger.cli.record.group import as_option, keys_option, opened, record_option, refuse


@click.command(name="protocols", epilog="\b\nExample:\n  detainer screening protocols --as aud")
@as_option
@record_option
@keys_option
@json_option
def command(actor: str, url: str, keys: Path, as_json: bool) -> None:  # noqa: FBT001
    """List the protocols that the record adopted, with the digest of each text."""
    from detainer_ledger.casework import Act
    from detainer_ledger.casework.screening import protocols_of
    from detainer_ledger.cli.texttable import text_table

    with opened(url, keys) as record:
        refused = record.may(actor, Act.READ_SCREENING)
        found = () if refused else protocols_of(record)
    if refused is not None:
        refuse(refused)
    rows = [
        {
            "protocol": each.name,
            "in_force_from": each.in_force_from.isoformat(),
            "steps": len(each.steps),
            "illustrative": each.is_illustrative,
            "title": each.title,
            "sha256": each.sha256,
        }
        for each in found
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=1, ensure_ascii=False))
    elif rows:
        click.echo(text_table(tuple(rows[0]), rows))
    else:
        click.echo("No protocol is adopted yet: 'detainer screening adopt FILE'.")
