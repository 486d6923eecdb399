"""``detainer record show``: one case, as it stands."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from detainer_ledger.cli.options import json_option
from detainer_ledger.cli.record.group import as_option, in_days, keys_option, opened, record_option, refuse

if TYPE_CHECKING:
    from detainer_ledger.casework import Case, Shown, Told


_RESULTS = {"not_met": "not met", "met": "met", "not_recorded": "not recorded", "not_applicable": "not applicable"}
_LATE = timedelta(hours=1)
"""From so long after it happened on, an event tells when it was recorded."""

BROKEN = frozenset({"not_met"})
"""Findings that are shown unless all are asked for."""


@click.command(name="show", epilog="\b\nExample:\n  detainer record show D-7K3M9QXT2A --as olga")
@click.argument("case")
@click.option("--rules", is_flag=True, help="Also the rules that are met, not recorded or not applicable.")
@as_option
@record_option
@keys_option
@json_option
def command(case: str, rules: bool, actor: str, url: str, keys: Path, as_json: bool) -> None:  # noqa: FBT001
    """Show a case: timeline with corrections and refusals, limits of the hold, incidents, findings of the policy."""
    from detainer_ledger.casework import Refused

    with opened(url, keys) as record:
        shown = record.show(case, actor)
        now = record.ledger.now()
    if isinstance(shown, Refused):
        refuse(shown)
    if as_json:
        click.echo(json.dumps(shown_json(shown), indent=1, ensure_ascii=False))
        return
    for line in shown_lines(shown, now, results=frozenset(_RESULTS) if rules else BROKEN):
        click.echo(line)


def shown_json(shown: Shown) -> dict[str, Any]:
    """Return a case as JSON."""
    from detainer_ledger.clock import hold_json

    # Of several corrections the first knows what the event said at its recording.
    before = [each.before for each in reversed(shown.case.corrections)]
    first = {told.version: told.body for case in before for told in case.told}
    return {
        "case": shown.case.id,
        "stage": shown.case.stage,
        "version": shown.case.head.version,
        "agency": shown.agency.id,
        "events": [
            {
                **told_json(told),
                **({"said_before": dict(first[told.version])} if told.corrected_by else {}),
            }
            for told in shown.case.told
        ],
        "limits": hold_json(shown.limits) if shown.limits else None,
        "incidents": [
            {
                "id": each.id,
                "sentence": each.sentence,
                "closed_by": each.closed_by,
                "corrected_by": each.corrected_by,
            }
            for each in shown.incidents
        ],
        "findings": [each.as_json() for each in shown.findings],
    }


def told_json(told: Told) -> dict[str, Any]:
    """Return an event as it stands as JSON."""
    return {
        "version": told.version,
        "kind": told.kind,
        "recorded_at": told.recorded_at,
        "actor": told.actor,
        "role": told.role,
        "says": dict(told.body),
        "corrected_by": list(told.corrected_by),
    }


def shown_lines(shown: Shown, now: datetime, *, results: frozenset[str]) -> list[str]:
    """Return a case as lines of text, with times in the agency's zone, and the findings with one of ``results``."""
    case, agency = shown.case, shown.agency
    zone = ZoneInfo(agency.zone)
    lines = [f"{case.id}  {case.stage.replace('_', ' ')}  {agency.name}, {agency.state}  ({agency.zone})", ""]
    before = {each.told.version: each.before for each in case.corrections}
    lines += [told_line(told, zone, before.get(told.version)) for told in case.told]
    if shown.limits is not None:
        lines += ["", "Limits of the hold:"]
        for limit in shown.limits.limits:
            if limit.deadline is None:
                continue
            is_shortest = " (the shortest)" if limit is shown.limits.shortest else ""
            left = f", {_left(int((limit.deadline - now).total_seconds()))}" if case.is_held else ""
            lines.append(f"  {limit.deadline:%a %Y-%m-%d %H:%M}  {limit.rule}{is_shortest}{left}")
            if limit.doubt:
                lines.append(f"    {limit.doubt}")
        lines += [f"  {note}" for note in shown.limits.notes]
    if shown.incidents:
        lines += ["", "Incidents:"]
        for incident in shown.incidents:
            state = f"closed by event {incident.closed_by}" if incident.closed_by else "OPEN"
            lines.append(f"  {incident.id}  {state}\n    {incident.sentence}")
            if incident.corrected_by:
                lines.append(f"    So it stood until event {incident.corrected_by} corrected the case.")
    by_result = Counter(each.result.value for each in shown.findings)
    counts = ", ".join(f"{by_result[result]} {title}" for result, title in _RESULTS.items() if by_result[result])
    lines += ["", f"Rules of the policy: {counts}."]
    for result in _RESULTS:
        if result in results:
            lines += [
                f"  {_RESULTS[result]}: {each.rule}: {each.sentence}"
                for each in shown.findings
                if each.result == result
            ]
    return lines


def told_line(told: Told, zone: ZoneInfo, before: Case | None) -> str:
    """Return an event as a line; ``before`` is the case before a correction, which tells what the event said."""
    recorded = datetime.fromisoformat(told.recorded_at).astimezone(zone)
    at = told.at.astimezone(zone) if told.at else recorded
    words = {name: in_words(value) for name, value in told.body.items() if name not in {"at", "findings", "said"}}
    if before is not None:
        was = next(each.body for each in before.told if each.version == told.body["version"])
        words["values"] = "; ".join(
            f"{name} {in_words(was[name]) if name in was else 'nothing'} → {in_words(value)}"
            for name, value in told.body["values"].items()
        )
    if findings := told.body.get("findings"):
        words["forbidden by"] = ", ".join(each["rule"] for each in findings)
    said = ", ".join(f"{name} {value}" for name, value in words.items())
    corrected = f"  [corrected by event {', '.join(map(str, told.corrected_by))}]" if told.corrected_by else ""
    late = f"  [recorded {recorded:%Y-%m-%d %H:%M}]" if recorded - at >= _LATE else ""
    kind = f"{told.kind.replace('_', ' '):28}"
    return f"{told.version:4}  {at:%Y-%m-%d %H:%M}  {kind} {told.actor}: {said}{corrected}{late}"


def in_words(value: object) -> str:
    """Return a value of an event as a person reads it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return "; ".join(f"{name} {in_words(each)}" for name, each in value.items())
    if isinstance(value, list):
        return "; ".join(map(in_words, value))
    # A line of its own would look like an event.
    return " ⏎ ".join(str(value).splitlines())


def _left(seconds: int) -> str:
    return f"{in_days(abs(seconds))} {'left' if seconds >= 0 else 'PAST'}"
