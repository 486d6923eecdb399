"""``detainer record rebuild``: lists and queues from the events."""

from __future__ import annotations

from pathlib import Path

import click

from detainer_ledger.cli.record.group import as_option, keys_option, opened, record_option, refuse


@click.command(name="rebuild", epilog="\b\nExample:\n  detainer record rebuild --as ada")
@as_option
@record_option
@keys_option
def command(actor: str, url: str, keys: Path) -> None:
    """Make the lists and queues anew from the events. Nothing of the record itself changes."""
    from detainer_ledger.casework import Act, rebuild

    with opened(url, keys) as record:
        refused = record.may(actor, Act.BACK_UP)
        rows = 0 if refused else rebuild(record)
    if refused is not None:
        refuse(refused)
    click.echo(f"{rows:,} rows of lists and queues are made anew.")
