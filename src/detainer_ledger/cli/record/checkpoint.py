"""``detainer record checkpoint``: a signed statement of how many events there are, and of their root."""

from __future__ import annotations

from pathlib import Path

import click

from detainer_ledger.cli.record.group import as_option, keys_option, opened, record_option, refuse, write_new


@click.command(
    name="checkpoint", epilog="\b\nExample:\n  detainer record checkpoint --out checkpoint-2026-03-02.txt --as aud"
)
@click.option("--out", type=click.Path(path_type=Path), help="File to write; standard output if left out.")
@as_option
@record_option
@keys_option
def command(out: Path | None, actor: str, url: str, keys: Path) -> None:
    """Sign how many events there are and their root, and print it.

    Publish it, or give it to somebody who does not keep the record: whoever has it can tell later that nothing before
    it was changed. It says nothing about any case.
    """
    from detainer_ledger.casework import Act
    from detainer_ledger.ledger import make_checkpoint

    with opened(url, keys) as record:
        refused = record.may(actor, Act.CHECKPOINT)
        note = "" if refused else make_checkpoint(record.ledger)
    if refused is not None:
        refuse(refused)
    if out is None:
        click.echo(note, nl=False)
    else:
        write_new(out, note)
        click.echo(f"The checkpoint is in {out}.")
