"""``detainer ingest``: release files into a store."""

from __future__ import annotations

from pathlib import Path

import click

from detainer_ledger.cli.account import print_account
from detainer_ledger.cli.options import json_option, progress_over, say, store_option


@click.command(
    name="ingest",
    epilog="""\b
Examples:
  detainer ingest 2026-ICLI-00005_Detainers_FY2?_*.xlsx --store store
  detainer ingest detainers.csv --store store --layout npr-2015
  detainer ingest FY15.csv --store store --release npr-fy15 --json""",
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, readable=False), metavar="FILE...")
@store_option
@click.option("--layout", help="Force a layout; 'detainer layouts' lists them.")
@click.option("--release", help="Name of the release; made from the layout and the files' digests if not given.")
@json_option
def command(files: tuple[Path, ...], store: Path, layout: str | None, release: str | None, as_json: bool) -> None:  # noqa: FBT001
    """Read release files (XLSX, CSV or tab-delimited text, Parquet) and append them to a store.

    The layout is recognised from the header. Files of one layout in one call are one release. All of them are read or
    none: if a file cannot be read, the store stays as it was. The account of every row is printed and kept.
    """
    from detainer_ledger.intake import ingest

    with progress_over(len(files), "reading") as progress:
        result = ingest(files, store, layout_id=layout, release_name=release, progress=progress)
    for name in result.known_files:
        say(f"{name}: this file was read before, to the byte; it is not counted twice.")
    print_account(result.accounts, as_json=as_json)
    for overlap in result.overlaps:
        say("Warning: " + overlap.sentence())
