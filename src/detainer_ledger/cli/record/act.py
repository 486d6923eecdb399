"""``detainer record act``: a command on a case."""

from __future__ import annotations

from pathlib import Path

import click

from detainer_ledger.cli.options import json_option
from detainer_ledger.cli.record.group import as_option, keys_option, opened, record_option, tell_done, zone_option
from detainer_ledger.terms import BadInput


@click.command(
    name="act",
    epilog="""\b
Examples:
  detainer record act new record_arrest agency=oak-jail at=2026-03-02T09:00-06:00 arrest_kind=arrest \\
      offence=burglary criminal_offence=yes independent_authority=yes --as olga
  detainer record act D-7K3M9QXT2A issue at=2026-03-02T13:00 form=I-247A box1=yes box2=no --zone agency --as olga
  detainer record act D-7K3M9QXT2A answer --values answer.json --as jill""",
)
@click.argument("case")
@click.argument("kind", metavar="COMMAND")
@click.argument("values", nargs=-1, metavar="[FIELD=VALUE]...")
@click.option("--values", "file", type=click.Path(path_type=Path), help="JSON file with fields; - for standard input.")
@click.option("--key", help="Key of this command: repeated with the same key it changes nothing.")
@click.option("--version", type=int, help="Version of the case that you have seen; refused if it has gone on.")
@zone_option
@as_option
@record_option
@keys_option
@json_option
def command(
    case: str,
    kind: str,
    values: tuple[str, ...],
    file: Path | None,
    key: str | None,
    version: int | None,
    zone: str | None,
    actor: str,
    url: str,
    keys: Path,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Give a command on a case; CASE is its id, or 'new' for the first command of a case.

    A time says its zone: by its offset, or by --zone for all that have none. A field in a field is written with a dot:
    values.at=…. Personal fields are best given with --values, so that they stand in no history of the shell. What the
    policy forbids is refused with the findings that forbid it (exit code 1), and the refusal is recorded.
    """
    from detainer_ledger.casework import Command, command_kinds
    from detainer_ledger.cli.values import values_given

    if case in command_kinds():
        raise BadInput(
            f"A command is given on a case, and {case} is a command.",
            field="case",
            do=f"write the case's id before it, or 'new' for the first of a case: detainer record act new {case} ….",
        )
    said = values_given(file, values)
    asked = Command(kind=kind, case=None if case == "new" else case, values=said, key=key, version=version, zone=zone)
    with opened(url, keys) as record:
        done = record.do(asked, actor)
    tell_done(done, as_json=as_json)
