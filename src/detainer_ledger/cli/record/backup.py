"""``detainer record backup``: one file of the whole record."""

from __future__ import annotations

from pathlib import Path

import click

from detainer_ledger.cli.record.group import as_option, keys_option, opened, record_option, refuse


@click.command(name="backup", epilog="\b\nExample:\n  detainer record backup backup-2026-03-02.gz --as ada")
@click.argument("target", metavar="FILE", type=click.Path(path_type=Path))
@as_option
@record_option
@keys_option
def command(target: Path, actor: str, url: str, keys: Path) -> None:
    """Back the record up, as it is at one moment, while commands go on.

    The keys of persons go into FILE.keys, so that they can be kept apart, and thrown away when a person is erased.
    Both are read again before the command says that they are there. The folder of --keys is not in them.
    """
    from detainer_ledger.casework import Act
    from detainer_ledger.ledger import back_up, keys_beside

    with opened(url, keys) as record:
        refused = record.may(actor, Act.BACK_UP)
        written = None if refused else back_up(record.ledger, target)
    if refused is not None:
        refuse(refused)
    if written is not None:
        click.echo(
            f"{written[0].rows.get('entry', 0):,} events are in {target}, SHA-256 of its lines {written[0].sha256}."
        )
        click.echo(f"The keys of {written[1].rows.get('person_key', 0):,} persons are in {keys_beside(target)}.")
