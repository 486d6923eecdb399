"""``detainer demo``: the whole road on data that the project makes or states itself."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detainer_ledger.cli.making_room import make_room
from detainer_ledger.cli.options import progress_over

if TYPE_CHECKING:
    from detainer_ledger.intake import IngestResult, LinkResult

ROWS = 4_000
SEED = 20_180_105
LAYOUT = "icli-2026-03"
MARK = ".detainer-demo"
PARTS = ("release", "detentions", "store", "report", "record")
"""What the demo writes into its folder."""


@click.command(
    name="demo", epilog="\b\nExamples:\n  detainer demo\n  detainer demo --record\n  detainer demo --out somewhere"
)
@click.option(
    "--out", default="detainer-demo", show_default=True, type=click.Path(path_type=Path), help="Folder to write to."
)
@click.option("--record", is_flag=True, help="Instead, walk invented cases through an agency's record.")
def command(out: Path, record: bool) -> None:  # noqa: FBT001
    """Make a small synthetic release with real-looking defects, read it, link it, measure it and write the report.

    Nothing is fetched. The synthetic files say that they are; the published figures are restated from their sources.
    With --record one invented case of each kind goes from the arrest to the close, and its timeline is shown.
    """
    if record:
        from detainer_ledger.cli.record.demo import show_demonstration

        show_demonstration(out)
        return
    from detainer_ledger.intake import ingest, link
    from detainer_ledger.releases.synthetic import synthesize, synthesize_detentions
    from detainer_ledger.reports import build_report, write_report

    make_room(out, mark=MARK, parts=PARTS)
    store = out / "store"
    with progress_over(4, "demo") as progress:
        made = synthesize(rows=ROWS, seed=SEED, layout_id=LAYOUT, file_format="xlsx", out=out / "release")
        stints = synthesize_detentions(
            rows=ROWS, seed=SEED, layout_id=LAYOUT, file_format="csv", out=out / "detentions"
        )
        progress("release made")
        read = ingest([path for path in made if path.suffix == ".xlsx"], store)
        progress("read")
        linked = link(store, [path for path in stints if path.suffix == ".csv"])
        progress("linked")
        written = shlex.join(["detainer", *sys.argv[1:]])
        report = build_report(store, command=written, title="Detainers in a synthetic release")
        files = write_report(report, out / "report")
        progress("report written")
    for line in _five_lines(store, read, linked):
        click.echo(line)
    click.echo(f"Report: {files.page}")


def _five_lines(store: Path, read: IngestResult, linked: LinkResult) -> list[str]:
    """Say what the demo shows: the account, the outcomes, the declines, the link, and the published figures."""
    from detainer_ledger.measures import inspector_general, published_years

    (account,) = read.accounts
    plain = _figure(store, "recorded")
    share = _figure(store, "npr-share")
    declined = {year.year: year.outcomes["declined_by_agency"] for year in published_years()}
    office = inspector_general()
    in_months = declined[2014] + declined[2015]
    account_line = (
        f"Synthetic release: {account.rows_seen:,} rows seen = {account.kept:,} kept + {account.set_aside:,} set aside;"
        f" {account.duplicates['exact'] + account.duplicates['likely']:,} marked as repeats, none removed."
    )
    outcome_line = (
        f"Outcomes: of {plain['detainers']:,} detainers {plain['taken_into_custody']:,} were taken into custody,"
        f" {plain['declined_by_agency']:,} declined, {plain['unknown']:,} have no outcome that is understood."
    )
    declined_line = (
        f"Declined: {plain['rate']:.1%} of all, somewhere from {plain['bound_low']:.1%} to {plain['bound_high']:.1%}"
        f" whatever the unknown ones were; counted as NPR did, {_percent(share['rate'])}."
    )
    link_line = (
        f"Linked to stays in detention: {linked.linked:,} within {linked.window_days} days,"
        f" {linked.later_custody:,} of them after a recorded decline."
    )
    published_line = (
        f"Published figures: the release of 2007 to 2015 has {sum(declined.values()):,} declines, {in_months:,} of them"
        f" from January 2014 to July 2015: {in_months / office.declined_more_than:.0%} of the Inspector General's"
        f" {office.declined_more_than:,} for {office.first_month} to {office.last_month}."
    )
    return [account_line, outcome_line, declined_line, link_line, published_line]


def _percent(share: float | None) -> str:
    return "not computable here (no facility is large enough)" if share is None else f"{share:.1%} of the resolved"


def _figure(store: Path, declined: str) -> dict[str, Any]:
    from detainer_ledger.measures import measure

    return dict(measure(store, declined=declined).to_pylist()[0])
