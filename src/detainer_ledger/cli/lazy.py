"""A group of commands that knows them by name and imports one only when it is called, so that help is quick."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from keyword import iskeyword
from typing import Any

import click


class LazyGroup(click.Group):
    """A click group over a table of names and short helps; each command stands in a module of its own.

    ``table`` has the names in the order of help; ``package`` is where the modules are, named after the commands with
    underscores for hyphens (and one at the end of a word of Python's own), each with a ``command``.
    """

    def __init__(self, *args: Any, table: Mapping[str, str], package: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self._table = table
        self._package = package

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the name is click's
        """Return the names of the commands in the order of help."""
        return list(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return one command, None if there is none of this name."""
        if cmd_name not in self._table:
            return None
        name = cmd_name.replace("-", "_") + ("_" if iskeyword(cmd_name) else "")
        module = f"{self._package}.{name}"
        command = import_module(module).command
        if not isinstance(command, click.Command):
            raise TypeError(f"{module} has no command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands from the table, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self._table.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; an unknown name is answered with the closest one."""
        name = args[0] if args else ""
        if name and not name.startswith("-") and name not in self._table:
            from difflib import get_close_matches

            close = get_close_matches(name, self._table, n=1)
            hint = f" Did you mean '{close[0]}'?" if close else f" '{ctx.command_path} --help' lists the commands."
            ctx.fail(f"There is no command '{name}'.{hint}")
        return super().resolve_command(ctx, args)
