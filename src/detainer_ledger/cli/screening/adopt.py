"""``detainer screening adopt``: a version of a protocol."""

from __future__ import annotations

from pathlib import Path

import click

from detainer_ledger.cli.record.group import as_option, keys_option, opened, read_text, record_option, refuse
from detainer_ledger.terms import BadInput


@click.command(
    name="adopt",
    epilog="""\b
Examples:
  detainer screening adopt protocol.toml --as sam
  detainer screening adopt --illustrative --as sam""",
)
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--illustrative", is_flag=True, help="Adopt the illustrative protocol, to try the commands.")
@as_option
@record_option
@keys_option
def command(file: Path | None, illustrative: bool, actor: str, url: str, keys: Path) -> None:  # noqa: FBT001
    """Adopt a version of a protocol; cases that began before its first day keep the version they began under."""
    from detainer_ledger.casework import Refused
    from detainer_ledger.casework.screening import adopt, illustrative_protocol
    from detainer_ledger.cli.screening.group import marked

    if (file is None) != illustrative:
        raise BadInput("One protocol is adopted at a time.", do="name a FILE, or write --illustrative.")
    where = file.name if file else "illustrative.toml"
    text = read_text(file) if file else illustrative_protocol().text
    with opened(url, keys) as record:
        adopted = adopt(record, text, actor, where=where)
    if isinstance(adopted, Refused):
        refuse(adopted)
    click.echo(f"{marked(adopted)} is adopted: {len(adopted.steps)} steps, in force from {adopted.in_force_from}.")
