"""``detainer screening due``: what falls due."""

from __future__ import annotations

import json
from pathlib import Path

import click

from detainer_ledger.cli.options import json_option
from detainer_ledger.cli.record.group import as_option, in_days, keys_option, opened, record_option, refuse


@click.command(
    name="due",
    epilog="""\b
Examples:
  detainer screening due --as sam
  detainer screening due --supervision --within 14 --as sam""",
)
@click.option("--supervision", is_flag=True, help="Only people under supervision: whose rescreening is due.")
@click.option("--within", type=click.IntRange(min=0), metavar="DAYS", help="Only what falls due within so many days.")
@as_option
@record_option
@keys_option
@json_option
def command(supervision: bool, within: int | None, actor: str, url: str, keys: Path, as_json: bool) -> None:  # noqa: FBT001
    """List every step that falls due, soonest first; what is past its deadline says so."""
    from detainer_ledger.casework import Refused
    from detainer_ledger.casework.screening import Screenings
    from detainer_ledger.cli.texttable import text_table

    with opened(url, keys) as record:
        found = Screenings(record).due(actor)
        now = record.ledger.now()
    if isinstance(found, Refused):
        refuse(found)
    rows = []
    for each in found:
        seconds = int((each.due_at - now).total_seconds())
        if (supervision and not each.is_rescreening) or (within is not None and seconds > within * 86_400):
            continue
        left = f"{in_days(abs(seconds))} {'left' if seconds >= 0 else 'PAST'}"
        rows.append(
            {
                "case": each.case,
                "office": each.office,
                "step": each.step,
                "due_at": each.due_at.isoformat(timespec="minutes"),
                "seconds_left": seconds,
                "left": left,
            }
        )
    if as_json:
        click.echo(json.dumps(rows, indent=1, ensure_ascii=False))
        return
    columns = ("case", "office", "step", "due_at", "left")
    click.echo(text_table(columns, rows) if rows else "Nothing falls due.")
