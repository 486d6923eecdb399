"""``detainer layouts``: the layouts that are known."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from detainer_ledger.cli.options import json_option
from detainer_ledger.cli.texttable import text_table


@click.command(name="layouts", epilog="\b\nExamples:\n  detainer layouts\n  detainer layouts icli-2026-03")
@click.argument("layout_id", required=False, metavar="[LAYOUT]")
@json_option
def command(layout_id: str | None, as_json: bool) -> None:  # noqa: FBT001
    """List the layouts of releases that are recognised, or the columns of one of them."""
    from detainer_ledger.releases import layout, layouts
    from detainer_ledger.tables import write_json

    shown = [layout(layout_id)] if layout_id else list(layouts().values())
    if as_json:
        write_json(sys.stdout, [asdict(each) for each in shown])
        return
    for each in shown:
        click.echo(f"{each.id}: {each.title}\n  {len(each.columns)} columns of {each.kind}; source: {each.source}")
        if layout_id:
            rows = [
                {
                    "header": column.header + (f" ({column.occurrence})" if column.occurrence > 1 else ""),
                    "name": column.name,
                    "type": column.type,
                    "also written": ", ".join(column.aliases) or "-",
                    "may be missing": column.optional,
                }
                for column in each.columns
            ]
            click.echo("\n" + text_table(("header", "name", "type", "also written", "may be missing"), rows))
            for note in each.notes:
                click.echo(f"\nNote: {note}")
