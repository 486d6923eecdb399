"""``detainer screening show``: one screening case, as it stands."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from detainer_ledger.cli.options import json_option
from detainer_ledger.cli.record.group import as_option, keys_option, opened, record_option, refuse
from detainer_ledger.cli.record.show import told_json, told_line
from detainer_ledger.cli.screening.group import local, marked

if TYPE_CHECKING:
    from detainer_ledger.casework.screening import ShownScreening


@click.command(
    name="show",
    epilog="\b\nExamples:\n  detainer screening show S-7K3M9QXT2A --as olga\n"
    "  detainer screening show S-7K3M9QXT2A --at 2026-03-05T12:00Z --as aud",
)
@click.argument("case")
@click.option("--at", "instant", help="As it stood at this instant, with its offset; now by default.")
@as_option
@record_option
@keys_option
@json_option
def command(case: str, instant: str | None, actor: str, url: str, keys: Path, as_json: bool) -> None:  # noqa: FBT001
    """Show a case: each step of its protocol with deadline and status, the timeline, and its detainer's road."""
    from detainer_ledger.casework import Refused
    from detainer_ledger.casework.screening import Screenings
    from detainer_ledger.clock import read_instant

    at = read_instant(instant, None, field="--at") if instant else None
    with opened(url, keys) as record:
        shown = Screenings(record).show(case, actor, at=at)
    if isinstance(shown, Refused):
        refuse(shown)
    if as_json:
        click.echo(json.dumps(shown_json(shown), indent=1, ensure_ascii=False))
        return
    for line in shown_lines(shown):
        click.echo(line)


def shown_json(shown: ShownScreening) -> dict[str, Any]:
    """Return a case as JSON."""
    return {
        "case": shown.case.id,
        "stage": shown.case.stage,
        "version": shown.case.head.version,
        "protocol": shown.protocol.name,
        "is_illustrative": shown.protocol.is_illustrative,
        "detainer": shown.detainer.id if shown.detainer else None,
        "at": shown.at.isoformat(),
        "steps": [
            {
                "step": row.step,
                "required": row.required,
                "round": row.round,
                "status": row.status(shown.at).value,
                "triggered_at": _iso(row.triggered_at),
                "due_at": _iso(row.due_at),
                "done_at": _iso(row.done_at),
                "documented_at": _iso(row.documented_at),
                "is_in_order": row.is_in_order,
                "ended_at": _iso(row.ended_at),
            }
            for row in shown.steps
        ],
        "events": [told_json(told) for told in shown.case.told],
    }


def shown_lines(shown: ShownScreening) -> list[str]:
    """Return a case as lines of text, with times in its zone."""
    from detainer_ledger.cli.texttable import text_table

    case = shown.case
    zone = ZoneInfo(str(case.beginning.body["zone"]))
    head = f"{case.id}  {case.stage.replace('_', ' ')}  {case.beginning.body['office']}  ({zone.key})"
    lines = [head, f"Protocol {marked(shown.protocol)}, as of {local(shown.at, zone)}", ""]
    rows = [
        {
            "step": row.step + (f" ({row.round})" if row.round > 1 else ""),
            "status": row.status(shown.at).value.replace("_", " "),
            "due": local(row.due_at, zone),
            "done": local(row.done_at, zone),
            "required": row.required,
        }
        for row in shown.steps
    ]
    lines += [text_table(("step", "status", "due", "done", "required"), rows), ""]
    if shown.detainer is not None:
        lines += [f"Detainer {shown.detainer.id}:"]
        lines += [told_line(told, zone, None) for told in shown.detainer.told if told.kind != "corrected"]
        lines += ["", "Screening:"]
    lines += ["Everything that was recorded, whenever it happened:"]
    before = {each.told.version: each.before for each in case.corrections}
    lines += [told_line(told, zone, before.get(told.version)) for told in case.told]
    return lines


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()
