"""``detainer resolve``: which jurisdiction runs a facility, and in which county it stands."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from detainer_ledger.cli.options import json_option, progress_over, references_option, say


@click.command(
    name="resolve",
    epilog="""\b
Examples:
  detainer resolve facilities.csv --out placed.csv
  detainer resolve facilities.csv --out placed.csv --reference hifld_prisons.csv
  detainer resolve declines.csv --count declined --where year=2014 --out by_jurisdiction.csv
  detainer resolve --store store
  detainer resolve --store store --review --out look.csv""",
)
@click.argument("file", required=False, type=click.Path(path_type=Path, readable=False), metavar="[FILE]")
@click.option(
    "--out", type=click.Path(path_type=Path), help="File to write; standard output for --review if not given."
)
@click.option(
    "--store",
    type=click.Path(path_type=Path),
    help="A store: its corrections (overrides.csv) win; without FILE, its own facilities are placed anew.",
)
@click.option("--count", "count_column", metavar="COLUMN", help="Add this column of FILE up by jurisdiction instead.")
@click.option(
    "--where", multiple=True, metavar="COLUMN=VALUE", help="With --count: only such rows; can be given several times."
)
@click.option("--review", is_flag=True, help="List the store's facilities that would change most of the figures first.")
@references_option
@json_option
def command(
    file: Path | None,
    out: Path | None,
    store: Path | None,
    count_column: str | None,
    where: tuple[str, ...],
    review: bool,  # noqa: FBT001
    references: tuple[Path, ...],
    as_json: bool,  # noqa: FBT001
) -> None:
    """Place facilities: FILE has facility_name, city and state, of which all but the name may be empty.

    Its columns come back unchanged with jurisdiction (an Open Civic Data division id), level (who runs the place),
    county_fips (where it stands), confidence, abstained and reason. What the evidence does not decide stays empty, and
    the reason says what would decide. Registers added with 'detainer reference add' are used always.
    """
    if file is not None and count_column is not None and not review:
        _tally(file, out, store, references, count_column, where)
    elif file is not None and not review:
        _resolve_file(file, out, store, references, as_json)
    elif file is None and store is not None and review:
        _review(store, out)
    elif file is None and store is not None:
        _place_again(store, references, as_json)
    else:
        raise click.UsageError("Give a FILE with --out, or a --store, with --review if it is to be reviewed.")


def _resolve_file(
    file: Path,
    out: Path | None,
    store: Path | None,
    references: tuple[Path, ...],
    as_json: bool,  # noqa: FBT001
) -> None:
    from detainer_ledger.cli.options import placer_with
    from detainer_ledger.places import resolve_file
    from detainer_ledger.tables import write_json

    if out is None:
        raise click.UsageError("Name the file to write with --out.")
    placer = placer_with(references, store)
    with progress_over(0, "placing") as progress:
        done = resolve_file(file, out, placer, progress=lambda rows: progress(f"{rows:,} rows"))
    if as_json:
        write_json(
            sys.stdout,
            {
                "rows": done.rows,
                "facilities": done.facilities,
                "with_county": done.with_county,
                "with_jurisdiction": done.with_jurisdiction,
                "abstained": done.abstained,
                "registers": [each.name for each in placer.registers],
            },
        )
        return
    click.echo(
        f"Rows: {done.rows:,}. Distinct facilities: {done.facilities:,}. Rows with a county: {done.with_county:,}, with"
        f" a jurisdiction: {done.with_jurisdiction:,}, with neither: {done.abstained:,}. Written to {out}."
    )
    click.echo(_used(tuple(each.name for each in placer.registers)))


def _tally(
    file: Path,
    out: Path | None,
    store: Path | None,
    references: tuple[Path, ...],
    count_column: str,
    where: tuple[str, ...],
) -> None:
    from detainer_ledger.cli.options import placer_with
    from detainer_ledger.places import tally_file
    from detainer_ledger.tables import write_csv

    kept: dict[str, frozenset[str]] = {}
    for test in where:
        column, sign, value = test.partition("=")
        if not sign:
            raise click.UsageError(f"--where {test} is no test; write COLUMN=VALUE.")
        kept[column] = kept.get(column, frozenset()) | {value}
    placer = placer_with(references, store)
    found = tally_file(file, placer, count_column=count_column, where=kept)
    columns = ("jurisdiction", "jurisdiction_name", "level", count_column)
    rows = [dict(zip(columns, row, strict=True)) for row in found.jurisdictions]
    if out is not None:
        with out.open("w", encoding="utf-8", newline="") as opened:
            write_csv(opened, columns, rows)
    else:
        write_csv(sys.stdout, columns, rows)
    attributed = found.total - found.without - found.at_placeholders
    say(
        f"{found.total:,} in all: {attributed:,} at {found.least:,} jurisdictions, {found.without:,} at"
        f" {found.most - found.least:,} facilities without one, {found.at_placeholders:,} at placeholders.\n"
        f"Jurisdictions: at least {found.least:,}, at most {found.most:,} if each of these facilities is its own."
        f" Placeholders stand for any number.\n{_used(tuple(each.name for each in placer.registers))}"
    )


def _place_again(store: Path, references: tuple[Path, ...], as_json: bool) -> None:  # noqa: FBT001
    from detainer_ledger.intake import place_store
    from detainer_ledger.places import read_register, reference_folder, registers_in
    from detainer_ledger.tables import write_json

    registers = (*(read_register(path) for path in references), *registers_in(reference_folder()))
    with progress_over(0, "placing") as progress:
        done = place_store(store, registers=registers, progress=progress)
    if as_json:
        write_json(
            sys.stdout,
            [
                {
                    "release_id": each.release_id,
                    "detainers": each.detainers,
                    "with_jurisdiction": each.with_jurisdiction,
                    "with_county": each.with_county,
                }
                for each in done
            ],
        )
        return
    for each in done:
        click.echo(
            f"{each.release_id}: {each.with_jurisdiction:,} of {each.detainers:,} detainers have a jurisdiction,"
            f" {each.with_county:,} a county."
        )
    click.echo(_used(tuple(each.name for each in registers)))


def _review(store: Path, out: Path | None) -> None:
    from detainer_ledger.intake import REVIEW_COLUMNS, review_of
    from detainer_ledger.tables import write_csv

    rows = list(review_of(store, today=datetime.now(UTC).date()))
    if out is None:
        write_csv(sys.stdout, REVIEW_COLUMNS, rows)
        return
    with out.open("w", encoding="utf-8", newline="") as opened:
        write_csv(opened, REVIEW_COLUMNS, rows)
    say(
        f"{len(rows):,} facilities, the most consequential first. Fill in the answer, who and why, add the row to"
        f" {store / 'overrides.csv'}, and run 'detainer resolve --store {store}'."
    )


def _used(names: tuple[str, ...]) -> str:
    if names:
        return "Registers used: " + ", ".join(names) + "."
    return "No register of agencies was used; 'detainer reference add FILE' adds one, and more is answered."
