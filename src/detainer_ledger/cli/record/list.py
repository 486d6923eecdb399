"""``detainer record list``: the cases that somebody may see."""

from __future__ import annotations

import json
from pathlib import Path

import click

from detainer_ledger.cli.options import json_option
from detainer_ledger.cli.record.group import as_option, keys_option, opened, record_option, refuse


@click.command(
    name="list", epilog="\b\nExamples:\n  detainer record list --as jill\n  detainer record list --stage held --as sam"
)
@click.option("--stage", help="Only cases in this stage.")
@as_option
@record_option
@keys_option
@json_option
def command(stage: str | None, actor: str, url: str, keys: Path, as_json: bool) -> None:  # noqa: FBT001
    """List the cases that you may see, without anybody's name."""
    from detainer_ledger.casework import Refused, stages
    from detainer_ledger.cli.texttable import text_table
    from detainer_ledger.terms import BadInput

    if stage is not None and stage not in stages():
        raise BadInput("There is no such stage.", field="stage", do=f"choose one of: {', '.join(stages())}.")
    with opened(url, keys) as record:
        found = record.cases(actor)
    if isinstance(found, Refused):
        refuse(found)
    rows = [{"case": row.key, "agency": row.owner, **json.loads(row.body)} for row in found]
    rows = [row for row in rows if stage is None or row["stage"] == stage]
    if as_json:
        click.echo(json.dumps(rows, indent=1))
        return
    for row in rows:
        row["overridden"] = ", ".join(row["overridden"])
    columns = ("case", "stage", "agency", "form", "issued_on", "answer", "ending", "overridden")
    click.echo(text_table(columns, rows) if rows else "There is no such case.")
