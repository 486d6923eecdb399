"""``detainer screening list``: the screening cases."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from detainer_ledger.cli.options import json_option
from detainer_ledger.cli.record.group import as_option, keys_option, opened, record_option, refuse


@click.command(
    name="list",
    epilog="""\b
Examples:
  detainer screening list --as olga
  detainer screening list --stage under_supervision --as sam""",
)
@click.option("--stage", help="Only cases in this stage.")
@click.option("--office", help="Only cases of this office.")
@as_option
@record_option
@keys_option
@json_option
def command(stage: str | None, office: str | None, actor: str, url: str, keys: Path, as_json: bool) -> None:  # noqa: FBT001
    """List the screening cases, without anybody's name."""
    from detainer_ledger.casework import Refused, screening_stages
    from detainer_ledger.casework.screening import Screenings
    from detainer_ledger.cli.screening.group import NOT_KSTEP
    from detainer_ledger.cli.texttable import text_table
    from detainer_ledger.terms import BadInput

    if stage is not None and stage not in screening_stages():
        raise BadInput("There is no such stage.", field="stage", do=f"choose one of: {', '.join(screening_stages())}.")
    with opened(url, keys) as record:
        found = Screenings(record).rows(actor)
    if isinstance(found, Refused):
        refuse(found)
    rows = [{"case": row.key, **json.loads(row.body), "due": row.due} for row in found]
    for row in rows:
        # What falls due is told by 'due'.
        del row["open"]
        due, zone = row["due"], ZoneInfo(row["zone"])
        row["due"] = datetime.fromisoformat(due).astimezone(zone).isoformat(timespec="minutes") if due else None
    rows = [row for row in rows if stage in {None, row["stage"]} and office in {None, row["office"]}]
    if as_json:
        click.echo(json.dumps(rows, indent=1, ensure_ascii=False))
        return
    for row in rows:
        row["protocol"] += NOT_KSTEP if row["is_illustrative"] else ""
    columns = ("case", "stage", "office", "protocol", "detainer", "step", "due", "voided")
    click.echo(text_table(columns, rows) if rows else "There is no such case.")
