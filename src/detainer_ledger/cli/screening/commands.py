"""``detainer screening commands``: what can be done with a screening case, and what each command has to say."""

from __future__ import annotations

import click

from detainer_ledger.cli.options import json_option


@click.command(
    name="commands", epilog="\b\nExamples:\n  detainer screening commands\n  detainer screening commands do_step"
)
@click.argument("name", required=False)
@json_option
def command(name: str | None, as_json: bool) -> None:  # noqa: FBT001
    """List the commands on a screening case, or say what one of them needs."""
    from detainer_ledger.casework import screening_command_kinds
    from detainer_ledger.cli.listing import list_commands

    list_commands(screening_command_kinds(), name, group="screening", as_json=as_json)
