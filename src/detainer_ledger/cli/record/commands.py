"""``detainer record commands``: what can be done with a case, and what each command has to say."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from detainer_ledger.cli.options import json_option


@click.command(name="commands", epilog="\b\nExamples:\n  detainer record commands\n  detainer record commands issue")
@click.argument("name", required=False)
@json_option
def command(name: str | None, as_json: bool) -> None:  # noqa: FBT001
    """List the commands on a case, or say what one of them needs."""
    from detainer_ledger.casework import command_kinds
    from detainer_ledger.cli.texttable import text_table
    from detainer_ledger.tables import write_json
    from detainer_ledger.terms import BadInput

    kinds = command_kinds()
    if name is not None and name not in kinds:
        from difflib import get_close_matches

        close = get_close_matches(name, kinds, n=1)
        raise BadInput(
            f"There is no command '{name[:60]}' on a case.",
            do=f"did you mean '{close[0]}'?" if close else "'detainer record commands' lists them.",
        )
    chosen = [kinds[name]] if name else list(kinds.values())
    if as_json:
        write_json(sys.stdout, [{**asdict(each), "roles": sorted(each.roles)} for each in chosen])
        return
    if name is None:
        rows = [{"command": each.id, "does": each.says} for each in chosen]
        click.echo(text_table(("command", "does"), rows))
        click.echo("\n'detainer record commands NAME' says what a command needs.")
        return
    (kind,) = chosen
    click.echo(f"{kind.id}: {kind.says}")
    click.echo(f"  who    {', '.join(sorted(kind.roles))}")
    click.echo(
        f"  when   the case is {', '.join(kind.from_stages)}" + (f"; then {kind.to_stage}" if kind.to_stage else "")
    )
    for field in kind.fields:
        choices = f" ({', '.join(field.choices)})" if field.choices else ""
        optional = "  may be left out" if field.optional else ""
        click.echo(f"  {field.name:24} {field.kind}: {field.says}{choices}{optional}")
