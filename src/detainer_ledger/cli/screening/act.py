"""``detainer screening act``: a command on a screening case."""

from __future__ import annotations

from pathlib import Path

import click

from detainer_ledger.cli.options import json_option
from detainer_ledger.cli.record.group import as_option, keys_option, opened, record_option, tell_done


@click.command(
    name="act",
    epilog="""\b
Examples:
  detainer screening act new begin at=2026-03-02T09:00 office="St. Paul" zone=America/Chicago --as olga
  detainer screening act new begin at=2026-03-02T09:00 office="St. Paul" detainer=D-7K3M9QXT2A --as olga
  detainer screening act S-7K3M9QXT2A do_step step=initial-checks at=2026-03-02T11:00 evidence=file-7 --as olga
  detainer screening act S-7K3M9QXT2A record_result step=initial-checks result=pending_authority \\
      at=2026-03-02T12:00 --as olga""",
)
@click.argument("case")
@click.argument("kind", metavar="COMMAND")
@click.argument("values", nargs=-1, metavar="[FIELD=VALUE]...")
@click.option("--values", "file", type=click.Path(path_type=Path), help="JSON file with fields; - for standard input.")
@click.option("--key", help="Key of this command: repeated with the same key it changes nothing.")
@click.option("--version", type=int, help="Version of the case that you have seen; refused if it has gone on.")
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
    actor: str,
    url: str,
    keys: Path,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Give a command on a screening case; CASE is its id, or 'new' for the first command of a case.

    Times without an offset are in the zone of the case. Evidence are references to documents; no field takes content of
    any list. What a role may not do is refused (exit code 1), and the refusal is recorded.
    """
    from detainer_ledger.casework import Command
    from detainer_ledger.casework.screening import Screenings
    from detainer_ledger.cli.values import values_given

    said = values_given(file, values)
    asked = Command(kind=kind, case=None if case == "new" else case, values=said, key=key, version=version)
    with opened(url, keys) as record:
        done = Screenings(record).do(asked, actor)
    tell_done(done, as_json=as_json)
