"""``detainer record holds``: the queue of holds by time left."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from detainer_ledger.cli.options import json_option
from detainer_ledger.cli.record.group import as_option, in_days, keys_option, opened, record_option, refuse

if TYPE_CHECKING:
    from datetime import datetime

    from detainer_ledger.casework import ExpectedRelease, OpenIncidents, Refused


@click.command(
    name="holds",
    epilog="""\b
Examples:
  detainer record holds --as jill
  detainer record holds --expected --as jill
  detainer record holds --incidents --as sam""",
)
@click.option("--incidents", is_flag=True, help="Cases with an incident that nobody has closed yet.")
@click.option("--expected", is_flag=True, help="Expected releases with neither hold nor end recorded.")
@as_option
@record_option
@keys_option
@json_option
def command(incidents: bool, expected: bool, actor: str, url: str, keys: Path, as_json: bool) -> None:  # noqa: FBT001
    """List the running holds, the one that runs out first on top; those past their limit say so."""
    from detainer_ledger.casework import Refused

    with opened(url, keys) as record:
        if incidents:
            _print_incidents(record.incidents(actor), as_json=as_json)
            return
        now = record.ledger.now()
        releases = record.expected_releases(actor)
        if expected:
            _print_expected(releases, now, as_json=as_json)
            return
        found = record.holds(actor)
    if isinstance(found, Refused):
        refuse(found)
    if isinstance(releases, Refused):
        refuse(releases)
    if as_json:
        rows = [
            {
                "case": each.case,
                "agency": each.agency,
                "form": each.form,
                "began_at": each.began_at.isoformat(),
                "deadline": each.deadline.isoformat(),
                "rule": each.rule,
                "seconds_left": each.seconds_left(now),
                "overridden": list(each.overridden),
            }
            for each in found
        ]
        click.echo(json.dumps(rows, indent=1))
        return
    passed = sum(each.expected_at < now for each in releases)
    if passed:
        click.echo(
            f"{passed} expected {'release has' if passed == 1 else 'releases have'} passed with neither a hold nor an"
            " end recorded: 'detainer record holds --expected' lists them.",
            err=True,
        )
    if not found:
        click.echo("Nobody is held on a detainer alone.")
        return
    table = [
        {
            "time left": _left(each.seconds_left(now)),
            "case": each.case,
            "agency": each.agency,
            "held since": f"{each.began_at:%a %Y-%m-%d %H:%M %z}",
            "limit": f"{each.deadline:%a %Y-%m-%d %H:%M %z}",
            "by rule": each.rule,
            **_mark(each.overridden),
        }
        for each in found
    ]
    click.echo(_marked_table(table))


def _print_expected(found: tuple[ExpectedRelease, ...] | Refused, now: datetime, *, as_json: bool) -> None:
    from detainer_ledger.casework import Refused

    if isinstance(found, Refused):
        refuse(found)
    left = [(each, int((each.expected_at - now).total_seconds())) for each in found]
    if as_json:
        rows = [
            {
                "case": each.case,
                "agency": each.agency,
                "expected_at": each.expected_at.isoformat(),
                "seconds_left": seconds,
                "overridden": list(each.overridden),
            }
            for each, seconds in left
        ]
        click.echo(json.dumps(rows, indent=1))
        return
    table = [
        {
            "time left": _left(seconds),
            "case": each.case,
            "agency": each.agency,
            "expected release": f"{each.expected_at:%a %Y-%m-%d %H:%M %z}",
            **_mark(each.overridden),
        }
        for each, seconds in left
    ]
    click.echo(_marked_table(table) if table else "No release is expected.")


def _print_incidents(found: tuple[OpenIncidents, ...] | Refused, *, as_json: bool) -> None:
    from detainer_ledger.casework import Refused

    if isinstance(found, Refused):
        refuse(found)
    if as_json:
        rows = [
            {
                "case": each.case,
                "agency": each.agency,
                "incidents": list(each.incidents),
                "overridden": list(each.overridden),
            }
            for each in found
        ]
        click.echo(json.dumps(rows, indent=1))
        return
    table = [
        {"case": each.case, "agency": each.agency, "incident": name, **_mark(each.overridden)}
        for each in found
        for name in each.incidents
    ]
    click.echo(_marked_table(table) if table else "No incident is open.")


def _mark(overridden: tuple[str, ...]) -> dict[str, str]:
    return {"overridden": ", ".join(overridden)}


def _marked_table(rows: list[dict[str, str]]) -> str:
    """Return rows as a table, with their mark of overridden rules where one of them has one."""
    from detainer_ledger.cli.texttable import text_table

    is_marked = any(row["overridden"] for row in rows)
    return text_table([name for name in rows[0] if is_marked or name != "overridden"], rows)


def _left(seconds: int) -> str:
    length = in_days(abs(seconds))
    return length if seconds >= 0 else f"PAST by {length}"
