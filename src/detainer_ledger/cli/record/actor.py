"""``detainer record actor``: the people who use a record, and their roles."""

from __future__ import annotations

from pathlib import Path

import click

from detainer_ledger.cli.record.group import as_option, keys_option, opened, record_option, refuse


@click.group(
    name="actor",
    epilog="""\b
Examples:
  detainer record actor add olga --role issuing_officer --as ada
  detainer record actor add jill --role receiving_agency --agency oak-jail --as ada
  detainer record actor list""",
)
def command() -> None:
    """Add people who use the record, remove or list them.

    Roles: issuing_officer, supervisor, receiving_agency (its own detainers alone), auditor (reads, changes nothing),
    administrator (sets up, sees no case).
    """


@command.command(name="add", epilog="\b\nExample:\n  detainer record actor add olga --role issuing_officer --as ada")
@click.argument("name")
@click.option("--role", required=True, help="issuing_officer, supervisor, receiving_agency, auditor or administrator.")
@click.option("--agency", help="The agency of a receiving_agency.")
@as_option
@record_option
@keys_option
def add(name: str, role: str, agency: str | None, actor: str, url: str, keys: Path) -> None:
    """Add somebody; an administrator does it."""
    from detainer_ledger.casework import add_actor

    with opened(url, keys) as record:
        refused = add_actor(record, actor, name=name, role=role, agency=agency)
    if refused is not None:
        refuse(refused)
    click.echo(f"{name} is added as {role}.")


@command.command(name="remove", epilog="\b\nExample:\n  detainer record actor remove olga --as ada")
@click.argument("name")
@as_option
@record_option
@keys_option
def remove(name: str, actor: str, url: str, keys: Path) -> None:
    """Remove somebody; what they did stays in the record."""
    from detainer_ledger.casework import remove_actor

    with opened(url, keys) as record:
        refused = remove_actor(record, actor, name=name)
    if refused is not None:
        refuse(refused)
    click.echo(f"{name} is removed.")


@command.command(name="list", epilog="\b\nExample:\n  detainer record actor list")
@record_option
@keys_option
def list_them(url: str, keys: Path) -> None:
    """List the people and their roles."""
    from detainer_ledger.cli.texttable import text_table

    with opened(url, keys) as record:
        rows = [
            {"name": each.name, "role": each.role.value, "agency": each.agency or ""}
            for each in record.registry.actors.values()
        ]
    click.echo(text_table(("name", "role", "agency"), rows))
