"""The commands on a case as the command line lists them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from detainer_ledger.casework import CommandKind


def list_commands(kinds: Mapping[str, CommandKind], name: str | None, *, group: str, as_json: bool) -> None:
    """Print the commands of a life cycle, or what one of them needs. Raises BadInput for one that there is not."""
    from detainer_ledger.cli.texttable import text_table
    from detainer_ledger.tables import write_json
    from detainer_ledger.terms import BadInput

    if name is not None and name not in kinds:
        from difflib import get_close_matches

        close = get_close_matches(name, kinds, n=1)
        raise BadInput(
            f"There is no command '{name[:60]}' on a case.",
            do=f"did you mean '{close[0]}'?" if close else f"'detainer {group} commands' lists them.",
        )
    chosen = [kinds[name]] if name else list(kinds.values())
    if as_json:
        write_json(sys.stdout, [{**asdict(each), "roles": sorted(each.roles)} for each in chosen])
        return
    if name is None:
        rows = [{"command": each.id, "does": each.says} for each in chosen]
        click.echo(text_table(("command", "does"), rows))
        click.echo(f"\n'detainer {group} commands NAME' says what a command needs.")
        return
    (kind,) = chosen
    click.echo(f"{kind.id}: {kind.says}")
    click.echo(f"  who    {', '.join(sorted(kind.roles))}")
    stays = f" (stays {', '.join(sorted(kind.stays_in))})" if kind.stays_in else ""
    then = f"; then {kind.to_stage}{stays}" if kind.to_stage else ""
    click.echo(f"  when   the case is {', '.join(kind.from_stages)}{then}")
    for field in kind.fields:
        choices = f" ({', '.join(field.choices)})" if field.choices else ""
        optional = "  may be left out" if field.optional else ""
        click.echo(f"  {field.name:24} {field.kind}: {field.says}{choices}{optional}")
