"""``detainer policy audit``: the rules that a release can show, over a whole release."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from detainer_ledger.cli.options import from_option, json_option, releases_option, say, store_option, to_option
from detainer_ledger.terms import OVERRIDDEN, BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from detainer_ledger.audit import RuleCounts


@click.command(
    name="audit",
    epilog="""\b
Examples:
  detainer policy audit --store store
  detainer policy audit --store store --by year,area_of_responsibility --format csv
  detainer policy audit --store store --from 2025-01-01 --to 2025-12-31 --by jurisdiction --json""",
)
@store_option
@from_option
@to_option
@click.option(
    "--by",
    multiple=True,
    metavar="COL,...",
    help="Group by year, area_of_responsibility, jurisdiction, state, form, or another group of 'measure'.",
)
@releases_option
@click.option(
    "--duplicates",
    type=click.Choice(["drop", "keep"]),
    default="drop",
    show_default=True,
    help="Rows marked as repeats.",
)
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json"]), help="How to print; a table if not given."
)
@json_option
def command(**options: Any) -> None:
    """Count of how many detainers each rule that a release can show is met, not met, or not recorded.

    Not recorded: the release has no such column, or the cell is empty. Not met: the column says no. The counts of a
    check add up to the detainers. What no release can show is listed with the reason.
    """
    from detainer_ledger.audit import rule_counts
    from detainer_ledger.measures import Duplicates, open_source
    from detainer_ledger.tables import write_csv, write_json

    form = options["form"] or ("json" if options["as_json"] else "table")
    if options["as_json"] and form != "json":
        raise BadInput(f"--json and --format {form} contradict each other.", do="give one of the two.")
    by = tuple(name.strip() for text in options["by"] for name in text.split(",") if name.strip())
    with closing(open_source(options["store"])) as opened:
        for each in opened.source.only(options["releases"]).common_periods(options["start"], options["end"]):
            say(
                f"Warning: {each.other} and {each.one} both have detainers from {each.first} to {each.last}, which are"
                " counted twice. Choose one with --release."
            )
        found = rule_counts(
            opened.engine,
            opened.source,
            by=by,
            start=options["start"],
            end=options["end"],
            duplicates=Duplicates(options["duplicates"]),
            releases=options["releases"],
        )
    if form == "csv":
        write_csv(sys.stdout, found.columns, found.rows)
    elif form == "json":
        write_json(sys.stdout, _counts_json(found))
    else:
        _print_counts(found)


def _counts_json(found: RuleCounts) -> dict[str, Any]:
    from detainer_ledger.audit import untested_rules

    return {
        "by": list(found.by),
        "from": found.start,
        "to": found.end,
        "duplicates": str(found.duplicates),
        "releases": [{"release_id": each.release_id, "sha256": list(each.sha256)} for each in found.source.releases],
        "checks": [
            {
                "check": each.id,
                "rule": each.rule.id,
                "question": each.question,
                "answers": dict(each.answers),
                "note": each.note,
                "citation": each.rule.citation,
                "trust": each.rule.trust.value,
            }
            for each in found.checks
        ],
        "rows": [dict(row) for row in found.rows],
        "lacking": {release: list(columns) for release, columns in found.lacking.items()},
        "not_testable": [{"rule": rule, "reason": reason} for rule, reason in untested_rules().items()],
    }


def _print_counts(found: RuleCounts) -> None:
    from detainer_ledger.audit import untested_rules
    from detainer_ledger.cli.texttable import text_table

    shown = [row for row in found.rows if row["population"]]
    left_out = {"duplicates_excluded"} | (set() if _total(found, "overridden") else {"overridden"})
    columns = (*found.by, *(name for name in found.columns[len(found.by) :] if name not in left_out))
    if not shown:
        click.echo("No check applies to a detainer of this period.\n")
    else:
        click.echo(text_table(columns, shown, labels=frozenset(found.by)) + "\n")
    for each in (each for each in found.checks if any(row["check"] == each.id for row in shown)):
        click.echo(f"{each.id}: {each.question}")
        for result, meaning in each.answers.items():
            click.echo(f"  {result.replace('_', ' ')}: {meaning}")
        click.echo(f"  rule: {each.rule.id} ({each.rule.trust})" + (f"\n  note: {each.note}" if each.note else ""))
    _print_conditions(found)
    click.echo("Not tested on a release:")
    for reason, some in _by_reason(untested_rules()).items():
        click.echo(f"  {reason} Rules: {', '.join(some)}.")


def _print_conditions(found: RuleCounts) -> None:
    click.echo(
        f"\nPeriod: {found.start or 'the beginning'} to {found.end or 'the end'}, by issue date."
        f" Repeats left out: {_total(found, 'duplicates_excluded'):,}."
    )
    if overridden := _total(found, "overridden"):
        click.echo(
            f"Issued after a supervisor overrode a rule of the policy: {overridden:,};"
            f" their rows are marked {OVERRIDDEN}."
        )
    for release, columns in found.lacking.items():
        click.echo(f"Release {release} has no value in: {', '.join(columns)}.")


def _total(found: RuleCounts, column: str) -> int:
    """Return the sum of a count that every check of a group repeats."""
    return sum({tuple(row[name] for name in found.by): row[column] for row in found.rows}.values())


def _by_reason(reasons: Mapping[str, str]) -> dict[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for rule, reason in reasons.items():
        found.setdefault(reason, []).append(rule)
    return dict(found)
