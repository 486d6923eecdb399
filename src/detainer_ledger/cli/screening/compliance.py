"""``detainer screening compliance``: how far the protocol was followed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detainer_ledger.cli.options import json_option
from detainer_ledger.cli.record.group import keys_option, opened, record_option, refuse
from detainer_ledger.cli.screening.group import NOT_KSTEP, percent
from detainer_ledger.terms import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from detainer_ledger.casework import Case, Record
    from detainer_ledger.casework.screening import Compliance, ComplianceRow, Protocol


@click.command(
    name="compliance",
    epilog="""\b
Examples:
  detainer screening compliance --as aud
  detainer screening compliance --by office --by month --at 2026-06-30T23:59Z --as aud
  detainer screening compliance --table steps.parquet --by step""",
)
@click.option("--by", multiple=True, metavar="COLUMN", help="office, month, step, protocol, stage or case; repeatable.")
@click.option(
    "--at", "instant", help="At this instant, with its offset; by default now, or when the table was written."
)
@click.option("--table", type=click.Path(path_type=Path), help="Count in a table of 'detainer screening extract'.")
@click.option("--as", "actor", envvar="DETAINER_ACTOR", metavar="NAME", help="Who you are, as the record knows you.")
@record_option
@keys_option
@json_option
def command(
    by: tuple[str, ...],
    instant: str | None,
    table: Path | None,
    actor: str | None,
    url: str,
    keys: Path,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Count the steps that were in time, late, missing, undocumented, and the files with at least one lapse.

    Both rates stand side by side: "at least one lapse" hides whether lapses were few. Steps that are not due yet, or
    that nothing made due, are counted apart and are in no rate.
    """
    from detainer_ledger.clock import read_instant

    at = read_instant(instant, None, field="--at") if instant else None
    if table is not None:
        found, illustrative = _of_table(table, at, by)
    elif actor is None:
        raise BadInput("The record does not know who asks.", do="say who you are with --as, or give a --table.")
    else:
        with opened(url, keys) as record:
            found, illustrative = _of_record(record, actor, at, by)
    if as_json:
        click.echo(json.dumps(as_object(found, illustrative), indent=1, ensure_ascii=False))
        return
    for line in as_lines(found, illustrative):
        click.echo(line)


def _of_table(table: Path, at: datetime | None, by: tuple[str, ...]) -> tuple[Compliance, tuple[str, ...]]:
    """Count in a file, and return with the counts which illustrative protocols are in it."""
    from datetime import UTC, datetime

    from detainer_ledger.casework.screening import check_file, compliance_of, notes_of

    check_file(table)
    notes = notes_of(table)
    then = at or notes.written_at or datetime.now(UTC)
    if notes.written_at is not None and then > notes.written_at:
        written = notes.written_at.isoformat(timespec="minutes")
        click.echo(f"The table was written at {written}; what was recorded since is not in it.", err=True)
    return compliance_of(table, at=then, by=by), notes.illustrative


def _of_record(
    record: Record, actor: str, at: datetime | None, by: tuple[str, ...]
) -> tuple[Compliance, tuple[str, ...]]:
    """Count in a record, and return with the counts which illustrative protocols its cases follow."""
    from detainer_ledger.casework import Act
    from detainer_ledger.casework.screening import Screenings, compliance_of, step_rows, table_of

    if (refused := record.may(actor, Act.READ_SCREENING)) is not None:
        refuse(refused)
    now = record.ledger.now()
    illustrative: set[str] = set()

    def cases() -> Iterator[tuple[Case, Protocol]]:
        for case, protocol in Screenings(record).every_case():
            illustrative.update([protocol.name] if protocol.is_illustrative else [])
            yield case, protocol

    rows = table_of(step_rows(cases(), max(now, at or now)))
    return compliance_of(rows, at=at or now, by=by), tuple(sorted(illustrative))


def as_object(found: Compliance, illustrative: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return a compliance as JSON."""
    return {
        "at": found.at.isoformat(),
        "illustrative": list(illustrative),
        "all": _counts(found.all),
        "by": list(found.by),
        "rows": [{**dict(zip(found.by, row.group, strict=True)), **_counts(row)} for row in found.rows],
        "lapses_per_file": {str(lapses): files for lapses, files in found.lapses_per_file.items()},
    }


def as_lines(found: Compliance, illustrative: tuple[str, ...] = ()) -> list[str]:
    """Return a compliance as lines of text."""
    from detainer_ledger.cli.texttable import text_table

    whole = found.all
    if not whole.tested:
        return [f"No step was due by {found.at.isoformat(timespec='minutes')}."]
    lines = [
        f"At {found.at.isoformat(timespec='minutes')}:",
        *(f"  Cases follow {name}{NOT_KSTEP}." for name in illustrative),
        f"  files with at least one lapse  {whole.files_with_lapse:,} of {whole.files:,} ({percent(whole.file_rate)})",
        f"  steps with a lapse             {whole.lapses:,} of {whole.tested:,} ({percent(whole.step_rate)})",
        "",
        "  lapses in a file  files",
        *(f"  {lapses:16,}  {files:5,}" for lapses, files in found.lapses_per_file.items()),
        "",
    ]
    rows = found.rows or (whole,)
    table = [{**dict(zip(found.by, row.group, strict=True)), **_counts(row)} for row in rows]
    return [*lines, text_table(tuple(table[0]), table, shares=frozenset({"file_rate", "step_rate"}))]


def _counts(row: ComplianceRow) -> dict[str, Any]:
    return {
        "files": row.files,
        "files_with_lapse": row.files_with_lapse,
        "file_rate": row.file_rate,
        "tested": row.tested,
        "lapses": row.lapses,
        "step_rate": row.step_rate,
        **{status.value: count for status, count in row.steps.items()},
    }
