"""``detainer policy clock``: the limits of a hold, side by side."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from detainer_ledger.cli.options import DAY, json_option
from detainer_ledger.cli.texttable import text_table

if TYPE_CHECKING:
    from detainer_ledger.clock import HoldLimits, Limit


@click.command(
    name="clock",
    epilog="""\b
Examples:
  detainer policy clock --form I-247A --start 2026-03-06T15:00 --zone America/New_York
  detainer policy clock --form I-247A --start 2026-03-06 --zone America/Phoenix --json
  detainer policy clock --form I-247A --start 2025-03-08T09:00 --received 2025-03-07T18:00 \\
      --zone America/New_York --state NC
  detainer policy clock --form I-247A --start 2026-11-01T01:30-05:00 --zone America/New_York""",
)
@click.option(
    "--form", required=True, metavar="FORM", help="Form of the detainer, such as I-247A; 'unknown' if it is not known."
)
@click.option(
    "--start",
    metavar="WHEN",
    help="When the person would otherwise be released: local time YYYY-MM-DDTHH:MM, with an offset if clocks were set"
    " back in that hour; a day alone gives intervals; left out if not known.",
)
@click.option("--zone", "zone_name", required=True, metavar="ZONE", help="IANA time zone of the facility.")
@click.option("--state", metavar="STATE", help="State of the facility, for clocks set by states.")
@click.option(
    "--received", metavar="WHEN", help="When the agency had received both the detainer and the warrant, a local time."
)
@click.option("--issued-on", type=DAY, help="Day of issue, YYYY-MM-DD: tells editions of a form apart.")
@click.option(
    "--also-closed",
    type=DAY,
    multiple=True,
    help="A day to leave out like a holiday, YYYY-MM-DD; can be given several times.",
)
@json_option
def command(
    form: str,
    start: str | None,
    zone_name: str,
    state: str | None,
    received: str | None,
    issued_on: date | None,
    also_closed: tuple[date, ...],
    as_json: bool,  # noqa: FBT001
) -> None:
    """Print every limit of a hold on a detainer, which of them is the shortest, and the rule behind each.

    Limits are counted from the time at which the person would otherwise be released, or from receipt where a state's
    law says so. Whether a hold is allowed at all is another question.
    """
    from detainer_ledger.clock import hold_json, hold_limits, read_instant, read_start, zone_named

    zone = zone_named(zone_name, field="zone")
    closed = frozenset(also_closed)
    found = hold_limits(
        form=form,
        start=read_start(start, zone, field="start") if start is not None else None,
        zone=zone,
        state=state,
        received=read_instant(received, zone, field="received") if received is not None else None,
        issued_on=issued_on,
        also_closed=closed,
    )
    if as_json:
        click.echo(json.dumps(hold_json(found), indent=1, ensure_ascii=False))
        return
    _print(found, closed)


def in_words(moment: datetime | date | None) -> str:
    """Return local time with weekday and zone, such as ``Sun 8 Mar 2026 16:00 EDT``; a day without its time."""
    if moment is None:
        return "not known"
    day = f"{moment:%a} {moment.day} {moment:%b} {moment.year}"
    if not isinstance(moment, datetime):
        return day
    time = f"{moment:%H:%M:%S}" if moment.second else f"{moment:%H:%M}"
    return f"{day} {time} {moment:%Z}"


def _print(found: HoldLimits, closed: frozenset[date]) -> None:
    from detainer_ledger.clock import HoldStatus, notice_mark

    click.echo(f"Form {found.form}, facility in {found.zone.key}, state {found.state or 'not given'}")
    click.echo(f"Otherwise released: {in_words(found.start)}")
    if found.received is not None:
        click.echo(f"Received: {in_words(found.received)}")
    click.echo(f"Status: {found.status.value}\n")
    if found.limits:
        rows = [
            {
                "rule": each.rule,
                "counted": each.algorithm.value,
                "from": each.starts_from.value,
                "deadline": _deadline(each),
                "hours": f"{each.elapsed_hours:.10g}" if each.elapsed_hours is not None else None,
                "trust": each.trust.value,
            }
            for each in found.limits
        ]
        click.echo(text_table(tuple(rows[0]), rows))
        click.echo("")
    if found.shortest is not None:
        which = "Shortest of those that are known" if found.status is HoldStatus.PARTLY else "Shortest"
        click.echo(f"{which}: {_deadline(found.shortest)}, by {found.shortest.rule}.")
        click.echo("A release at the deadline is in time.\n")
    for each in found.limits:
        _print_rule(each, found, closed)
    if found.notice_by is not None:
        mark = notice_mark()
        click.echo(f"Mark for notice: {in_words(found.notice_by)} ({mark.rule}). {mark.sentence}")
    for note in found.notes:
        click.echo(f"Note: {note}")


def _print_rule(limit: Limit, found: HoldLimits, closed: frozenset[date]) -> None:
    from detainer_ledger.clock import Algorithm, skipped_days

    click.echo(limit.rule)
    click.echo(f"  says        {limit.sentence}")
    if limit.algorithm is Algorithm.EXCLUDING and limit.starts_at is not None and limit.deadline is not None:
        skipped = skipped_days(limit.starts_at, limit.deadline, zone=found.zone, also_closed=closed)
        if skipped:
            click.echo("  leaves out  " + "; ".join(f"{in_words(day)}: {reason}" for day, reason in skipped))
    if limit.doubt is not None:
        click.echo(f"  doubt       {limit.doubt}")
    click.echo(f"  source      {limit.citation}\n")


def _deadline(limit: Limit) -> str | None:
    if limit.deadline is not None:
        return in_words(limit.deadline)
    return f"{in_words(limit.earliest)} to {in_words(limit.latest)}" if limit.earliest is not None else None
