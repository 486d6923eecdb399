"""``detainer audit follow-up``: an audit and the one before it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from detainer_ledger.cli.audit.writing import level, percent, print_json
from detainer_ledger.cli.options import json_option


@click.command(
    name="follow-up",
    epilog="""\b
Examples:
  detainer audit follow-up audit-2026 audit-2027
  detainer audit follow-up audit-2026 audit-2027 --json""",
)
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", type=click.Path(path_type=Path))
@json_option
def command(before: Path, after: Path, as_json: bool) -> None:  # noqa: FBT001
    """Compare two audits that tested the same, BEFORE and AFTER, attribute by attribute.

    A change is told only where the bounds of the two do not meet; otherwise it cannot be told from these samples.
    """
    from detainer_ledger.audit.statistics.follow_ups import compare
    from detainer_ledger.reports.audit import read_audited

    audits = tuple((each.programme, each.evaluation) for each in (read_audited(before), read_audited(after)))
    found = compare(audits[0], audits[1])
    if as_json:
        print_json([asdict(each) for each in found])
        return
    for each in found:
        click.echo(f"{each.subject}: {each.title}")
        for when, estimate in (("before", each.before), ("after", each.after)):
            click.echo(
                f"  {when + ':':7} {estimate.exceptions:,} of {estimate.tested:,} tested ({percent(estimate.rate)});"
                f" of all {estimate.population or 0:,} files {percent(estimate.lower.rate)} to"
                f" {percent(estimate.upper.rate)}"
            )
        click.echo(f"  {each.sentence}")
    for when, (_programme, evaluation) in zip(("Before", "After"), audits, strict=True):
        click.echo(f"\n{when}: {evaluation.files.condition}")
    click.echo(f"\nBounds: {level(found[0].before)}. Each statement is about its own subject, not about all together.")
