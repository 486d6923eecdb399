"""``detainer measure``: figures by group."""

from __future__ import annotations

import sys
from contextlib import ExitStack, closing, nullcontext
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detainer_ledger.cli.options import from_option, json_option, progress_over, releases_option, say, to_option
from detainer_ledger.terms import OVERRIDDEN, BadInput

if TYPE_CHECKING:
    from detainer_ledger.measures import Figures, Source
    from detainer_ledger.tables import Engine

SHARES = frozenset({"rate", "ci_low", "ci_high", "bound_low", "bound_high"})
SHOWN_IN_TABLE = (
    "detainers",
    "taken_into_custody",
    "declined",
    "denominator",
    *sorted(SHARES, key="rate ci_low ci_high bound_low bound_high".split().index),
    "unknown",
    "immature",
)


@click.command(
    name="measure",
    epilog="""\b
Examples:
  detainer measure --store store
  detainer measure detainers.csv --by facility --format csv
  detainer measure --store store --by year,state --declined trac --format csv
  detainer measure --store store --by facility --where state=PA --from 2014-01-01 --to 2014-12-31
  detainer measure --store detainers.parquet --by month --engine 'local[*]' --format json
  detainer measure --store store --by state --sql""",
)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, readable=False), metavar="[FILE...]")
@click.option("--store", type=click.Path(path_type=Path), help="Store, Parquet file, or folder of Parquet files.")
@click.option("--layout", help="Force a layout for the files; 'detainer layouts' lists them.")
@click.option("--by", default="", metavar="COL,...", help="Group by these columns, parted by commas.")
@from_option
@to_option
@click.option(
    "--declined", default="recorded", show_default=True, metavar="DEF", help="Definition; see 'detainer definitions'."
)
@click.option(
    "--denominator",
    type=click.Choice(["all", "all_minus_duplicates", "resolved", "hold_forms_only", "none"]),
    help="What the rate is a share of; the definition's own if not given.",
)
@click.option(
    "--duplicates",
    type=click.Choice(["drop", "keep"]),
    default="drop",
    show_default=True,
    help="Rows marked as repeats.",
)
@releases_option
@click.option(
    "--where",
    multiple=True,
    metavar="COL=VALUE",
    help="Only rows with this value; several values of one column are alternatives.",
)
@click.option(
    "--engine", metavar="URL", help="duckdb, local[*], spark://HOST:PORT, postgresql://... or sqlite:///FILE."
)
@click.option(
    "--table", default="detainers", show_default=True, help="Name of the table, where the engine is a database."
)
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json", "parquet"]), default="table", show_default=True
)
@click.option("--out", type=click.Path(path_type=Path), help="Write to this file instead of standard output.")
@click.option("--sql", is_flag=True, help="Print the SQL text instead of running it.")
@json_option
def command(**options: Any) -> None:
    """Count detainers by group: outcomes, declines under a definition, rate with 95 % interval, and bounds.

    Rows marked as repeats are left out and counted. The bounds say what the rate would be if none, or all, of the
    detainers without an outcome had been declined. One row a group; counts are integers, shares fractions of 1.

    Counts what a store holds, or release files themselves: those are read as 'detainer ingest' reads them, but only in
    the columns that are asked for, and nothing is kept.
    """
    from detainer_ledger.measures import figures

    if options["as_json"] and options["form"] not in {"table", "json"}:
        raise BadInput(f"--json and --format {options['form']} contradict each other.", do="give one of the two.")
    with ExitStack() as opened:
        engine, source = _from_files(options, opened) if options["files"] else _from_store(options, opened)
        _warn_of_overlaps(source.only(options["releases"]), options["start"], options["end"])
        if options["sql"]:
            click.echo(_sql(engine, source, options))
            return
        found = figures(engine, source, **_question(options))
    _tell_of_overridden(found)
    _print(found, "json" if options["as_json"] else options["form"], options["out"])


def _from_store(options: dict[str, Any], opened: ExitStack) -> tuple[Engine, Source]:
    from detainer_ledger.measures import open_source

    if not options["store"]:
        raise BadInput(
            "Nothing was named that could be counted.", do="name release files, or a store: detainer measure --store S."
        )
    if options["layout"]:
        raise BadInput("A store knows the layouts of its releases.", do="leave out --layout, or name release files.")
    found = opened.enter_context(closing(open_source(options["store"], options["engine"], table=options["table"])))
    return found.engine, found.source


def _from_files(options: dict[str, Any], opened: ExitStack) -> tuple[Engine, Source]:
    from detainer_ledger.intake import open_files
    from detainer_ledger.measures import columns_asked, definition
    from detainer_ledger.tables import EMBEDDED

    if options["store"]:
        raise BadInput("Files and a store were named.", do="name release files, or a store with --store, not both.")
    if options["engine"] not in EMBEDDED:
        raise BadInput(
            "Release files are counted by the embedded engine alone.",
            engine=options["engine"].split("@")[-1],
            do="read them into a store with detainer ingest, and measure that on the other engine.",
        )
    question = _question(options)
    declined = definition(question["declined"])
    columns = columns_asked(
        by=question["by"],
        where=tuple(question["where"]),
        definition=declined,
        denominator=question["denominator"] or declined.denominator,
    )
    with progress_over(len(options["files"]), "reading") as progress:
        found = opened.enter_context(
            open_files(options["files"], columns=columns, layout_id=options["layout"], progress=progress)
        )
    for name in found.repeated:
        say(f"{name}: this file repeats another to the byte; it is not counted twice.")
    return found.engine, found.source


def _by(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _where(given: tuple[str, ...]) -> dict[str, list[str]]:
    kept: dict[str, list[str]] = {}
    for each in given:
        column, equals, value = each.partition("=")
        if not equals:
            raise BadInput(f"'{each}' is no condition.", do="write it as --where state=PA.")
        kept.setdefault(column.strip(), []).append(value)
    return kept


def _question(options: dict[str, Any]) -> dict[str, Any]:
    """Return what the options ask, in the words of ``measure_of``."""
    from detainer_ledger.measures import Denominator, Duplicates

    return {
        "by": _by(options["by"]),
        "start": options["start"],
        "end": options["end"],
        "declined": options["declined"],
        "denominator": Denominator(options["denominator"]) if options["denominator"] else None,
        "duplicates": Duplicates(options["duplicates"]),
        "releases": options["releases"],
        "where": _where(options["where"]),
    }


def _sql(engine: Any, source: Source, options: dict[str, Any]) -> str:
    from detainer_ledger.measures import measure_of, measure_sql

    measure = measure_of(engine, source, **_question(options))
    return measure_sql(measure, table=engine.table, columns=engine.columns()) + ";"


def _warn_of_overlaps(source: Source, start: date | None, end: date | None) -> None:
    for each in source.common_periods(start, end):
        say(
            f"Warning: {each.other} and {each.one} both have detainers from {each.first} to {each.last}, which are"
            " counted twice. Choose one with --release."
        )


def _tell_of_overridden(found: Figures) -> None:
    if overridden := _total(found, "overridden"):
        say(
            f"Note: of these detainers, {overridden:,} {'was' if overridden == 1 else 'were'} issued after a supervisor"
            f" overrode a rule of the policy; their rows are marked {OVERRIDDEN}."
        )


def _print(found: Figures, form: str, out: Path | None) -> None:
    from detainer_ledger.tables import write_csv, write_json

    if form == "parquet":
        import pyarrow.parquet as pq

        pq.write_table(found.to_arrow(), out if out else sys.stdout.buffer)
        return
    with out.open("w", encoding="utf-8", newline="") if out else nullcontext(sys.stdout) as target:
        if form == "csv":
            write_csv(target, found.columns, found.rows)
        elif form == "json":
            write_json(target, [dict(row) for row in found.rows])
        else:
            target.write(_for_reading(found) + "\n")


def _for_reading(found: Figures) -> str:
    from detainer_ledger.cli.texttable import text_table

    measure = found.measure
    columns = [*SHOWN_IN_TABLE[:3]]
    # A count without a rate has its bounds as counts.
    columns += ["declined_low", "declined_high"] if _is_count(found) else SHOWN_IN_TABLE[3:-2]
    columns += ["unknown", *(["unknown_level"] if measure.definition.excluded_levels else []), "immature"]
    columns += ["overridden"] if _total(found, "overridden") else []
    labels = frozenset(measure.by)
    lines = [text_table((*measure.by, *columns), found.rows, shares=SHARES, labels=labels), ""]
    if not found.rows:
        lines = ["No detainer answers to this period and these filters.", ""]
    return "\n".join([*lines, *_conditions(found)])


def _is_count(found: Figures) -> bool:
    return str(found.measure.denominator) == "none"


def _conditions(found: Figures) -> list[str]:
    """Return what every number above rests on: definition, period, denominator, doubt, and releases."""
    measure, definition = found.measure, found.measure.definition
    period = f"{measure.start or 'the beginning'} to {measure.end or 'the end'}, by {measure.clock} date"
    bounds = "Bounds: none, or all, of the detainers of unknown outcome declined"
    if definition.excluded_levels:
        bounds += f", and those of unknown level left out or in ({', '.join(definition.excluded_levels)} is left out)"
    excluded, unattributed = _total(found, "duplicates_excluded"), _total(found, "unattributed")
    lines = [
        f"Declined: {definition.numerator_in_words()} (definition {definition.id}, version {definition.version}).",
        f"Period: {period}. Denominator: {measure.denominator}.",
        f"{bounds}." if _is_count(found) else f"Interval: Wilson, 95 %. {bounds}.",
        f"Repeats left out: {excluded:,}. Jurisdiction not attributed: {unattributed:,}.",
    ]
    if definition.clock != measure.clock:
        lines.append(
            f"Note: this definition's clock is {definition.clock}; the detainers have only the day of issue to go by."
        )
    lines += [f"Note: {caveat}" for caveat in definition.caveats]
    for release in found.source.releases:
        digests = ", ".join(digest[:12] for digest in release.sha256) or "no digest known"
        lines.append(f"Release: {release.release_id} (SHA-256 {digests}).")
    return lines


def _total(found: Figures, column: str) -> int:
    return sum(row[column] for row in found.rows)
