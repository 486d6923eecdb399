"""``detainer audit frame``: the population to draw from."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from detainer_ledger.cli.audit.writing import audit_option, print_json
from detainer_ledger.cli.options import json_option, say
from detainer_ledger.terms import BadInput

if TYPE_CHECKING:
    from detainer_ledger.audit.values import Frame


@click.command(
    name="frame",
    epilog="""\b
Examples:
  detainer audit frame files.csv --title "Screening files, fiscal year 2026" --audit audit-2026
  detainer audit frame files.csv --id case --by office --title "Screening files" --audit audit-2026
  detainer audit frame --store store --by state --title "Detainers of the release" --audit audit-2026""",
)
@click.argument("file", required=False, type=click.Path(path_type=Path), metavar="[FILE.csv]")
@click.option("--store", type=click.Path(path_type=Path), help="A store instead: every detainer is a unit.")
@click.option("--release", "releases", multiple=True, metavar="ID", help="Only this release of the store.")
@click.option("--title", required=True, help="What the files are.")
@click.option("--id", "id_column", metavar="COLUMN", help="Column with the ids of a CSV; 'id' unless said.")
@click.option("--by", metavar="COLUMN", help="Column with the strata.")
@audit_option
@json_option
def command(
    file: Path | None,
    store: Path | None,
    releases: tuple[str, ...],
    title: str,
    id_column: str | None,
    by: str | None,
    folder: Path,
    as_json: bool,  # noqa: FBT001
) -> None:
    """List the population to draw from, once, with a digest that every later step names.

    FILE.csv has one row for each file, with an id that tells nothing about a person. frame.csv holds the ids in order;
    'sha256sum frame.csv' prints the frame's digest. A row that cannot be in a frame refuses the whole list.
    """
    from detainer_ledger.audit.folder import put_frame
    from detainer_ledger.audit.sampling.frames import frame_of_csv, frame_of_store

    now = datetime.now(UTC).replace(microsecond=0)
    if (file is None) == (store is None):
        raise BadInput("One list is needed.", do="name a CSV file, or a store with --store, and not both.")
    if file is not None:
        if releases:
            raise BadInput("A CSV file has no releases.", option="--release", do="leave --release out.")
        made = frame_of_csv(file, title=title, id_column=id_column or "id", by=by, made_at=now)
    elif store is not None:
        if id_column:
            raise BadInput("The ids of a store are its detainer_id.", option="--id", do="leave --id out.")
        made = frame_of_store(store, title=title, by=by, made_at=now, releases=releases)
    kept = put_frame(folder, made)
    if kept is not made:
        say("The audit has this frame already; nothing was written.")
    made = kept
    if as_json:
        print_json(_as_json(made))
        return
    click.echo(f"Frame: {made.title}. Units: {len(made.units):,}.")
    if "" not in made.strata:
        click.echo("Strata: " + ", ".join(f"{name} {count:,}" for name, count in made.strata.items()) + ".")
    click.echo(f"SHA-256 of {folder / 'frame.csv'}: {made.sha256}")


def _as_json(frame: Frame) -> dict[str, object]:
    return {
        "title": frame.title,
        "source": frame.source,
        "source_sha256": frame.source_sha256,
        "made_at": frame.made_at.isoformat(),
        "units": len(frame.units),
        "strata": dict(frame.strata),
        "sha256": frame.sha256,
    }
