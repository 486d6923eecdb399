"""``detainer record access``: who read personal fields, and who was denied what."""

from __future__ import annotations

import json
from pathlib import Path

import click

from detainer_ledger.cli.options import json_option
from detainer_ledger.cli.record.group import as_option, keys_option, opened, record_option, refuse


@click.command(
    name="access",
    epilog="""\b
Examples:
  detainer record access --as aud
  detainer record access --case D-7K3M9QXT2A --as aud
  detainer record access --of jill --json --as aud""",
)
@click.option("--of", "name", help="Only what this person did.")
@click.option("--case", help="Only what concerns this case.")
@as_option
@record_option
@keys_option
@json_option
def command(name: str | None, case: str | None, actor: str, url: str, keys: Path, as_json: bool) -> None:  # noqa: FBT001
    """List every reading of personal fields with its purpose, and everything that was denied. For auditors."""
    from detainer_ledger.casework import Refused
    from detainer_ledger.cli.texttable import text_table

    with opened(url, keys) as record:
        found = record.accesses(actor)
    if isinstance(found, Refused):
        refuse(found)
    chosen = [each for each in found if name in {None, each.actor} and case in {None, str(each.said.get("case") or "")}]
    if as_json:
        rows = [
            {"recorded_at": each.recorded_at, "who": each.actor, "role": each.role, "kind": each.kind, **each.said}
            for each in chosen
        ]
        click.echo(json.dumps(rows, indent=1))
        return
    table = [
        {
            "recorded": each.recorded_at[:16] + "Z",
            "who": each.actor,
            "role": each.role,
            "what": each.kind.replace("_", " "),
            "case": str(each.said.get("case") or ""),
            "of it": str(each.said.get("purpose") or each.said.get("why") or ""),
        }
        for each in chosen
    ]
    click.echo(text_table(tuple(table[0]), table) if table else "Nothing was read or denied.")
