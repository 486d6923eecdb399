"""``detainer record commands``: what can be done with a case, and what each command has to say."""

from __future__ import annotations

import click

from detainer_ledger.cli.options import json_option


@click.command(name="commands", epilog="\b\nExamples:\n  detainer record commands\n  detainer record commands issue")
@click.argument("name", required=False)
@json_option
def command(name: str | None, as_json: bool) -> None:  # noqa: FBT001
    """List the commands on a case, or say what one of them needs."""
    from detainer_ledger.casework import command_kinds
    from detainer_ledger.cli.listing import list_commands

    list_commands(command_kinds(), name, group="record", as_json=as_json)
