"""``detainer link``: detainers to stays."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from detainer_ledger.cli.options import json_option, progress_over, store_option


@click.command(
    name="link",
    epilog="""\b
Examples:
  detainer link --store store --detentions Detentions_FY25.xlsx Detentions_FY26.xlsx
  detainer link --store store --detentions stints.csv --arrests arrests.csv --window 90""",
)
@store_option
@click.option(
    "--detentions", required=True, multiple=True, type=click.Path(path_type=Path), help="File of detention stints."
)
@click.option("--arrests", multiple=True, type=click.Path(path_type=Path), help="File of arrests.")
@click.argument("more_detentions", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE...]")
@click.option(
    "--window", default=180, show_default=True, metavar="DAYS", help="How long after the detainer a stay may begin."
)
@click.option("--release", help="Release to link; the one that shares the identifiers if not given.")
@json_option
def command(
    store: Path,
    detentions: tuple[Path, ...],
    arrests: tuple[Path, ...],
    more_detentions: tuple[Path, ...],
    window: int,
    release: str | None,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Find the stay in detention that answers each detainer, inside one release and by its own identifier.

    A stay answers at most one detainer. A recorded lift reason is never overwritten; a recorded decline that a stay
    follows keeps its outcome and gets the detail later_custody.
    """
    from detainer_ledger.intake import link
    from detainer_ledger.tables import write_json

    files = (*detentions, *more_detentions)
    with progress_over(len(files) + len(arrests), "reading") as progress:
        result = link(store, files, arrests=arrests, window_days=window, release_id=release, progress=progress)
    if as_json:
        write_json(sys.stdout, result.to_json())
        return
    click.echo(
        f"Release {result.release_id}: of {result.detainers_with_identifier:,} detainers with an identifier,"
        f" {result.linked:,} are answered by a stay within {result.window_days} days."
    )
    click.echo(f"  {result.changed:,} had no recorded outcome and are now taken_into_custody (basis: linked).")
    click.echo(f"  {result.later_custody:,} are recorded as declined and stay so, with the detail later_custody.")
    shown = ", ".join(f"{days} days {count:,}" for days, count in result.by_window.items())
    click.echo(f"  Answered by window: {shown}.")
    if result.arrests is not None:
        click.echo(f"  {result.arrests:,} were followed by an arrest within {result.window_days} days.")
