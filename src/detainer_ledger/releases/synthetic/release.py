"""Making a synthetic release."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from detainer_ledger.releases.synthetic.cells import Cells
from detainer_ledger.releases.synthetic.logic import Logic
from detainer_ledger.releases.synthetic.plan import Plan, Sheet, plan_release
from detainer_ledger.releases.synthetic.roles import roster
from detainer_ledger.releases.synthetic.truth import SheetCounts, count_sheet, meaning_sql, truth_of
from detainer_ledger.releases.synthetic.words import SYNTHETIC_NOTE
from detainer_ledger.releases.synthetic.workbooks import write_workbook
from detainer_ledger.releases.synthetic.writing import Table, write_csv, write_json, write_parquet
from detainer_ledger.tables import connect

MEMORY_LIMIT = "1GB"
"""What the engine of one worker may hold; rows are streamed and need far less."""

MOST_WORKERS = 3

MOST_ROWS_KEPT = 200_000
"""Up to so many rows one worker keeps the logical table; above, each file is made by itself, several at a time."""


def synthesize(
    *, rows: int, seed: int, layout_id: str, file_format: str, out: Path, defects: bool = True
) -> tuple[Path, ...]:
    """Write an invented release of ``rows`` data rows to the folder ``out`` and return its files, truth.json last.

    The same arguments give the same files. ``truth.json`` is counted from the generator's own table, never from the
    files. Records are the rows that are neither blank nor a repeated header; issue dates that are unreadable, missing
    or outside the release's window count under no month. Raises BadInput for a layout or format that cannot be made.
    """
    plan = plan_release(rows=rows, seed=seed, layout_id=layout_id, file_format=file_format, defects=defects)
    logic = Logic(plan, roster(plan))
    out.mkdir(parents=True, exist_ok=True)
    files = [_File(out / name, tuple(sheets)) for name, sheets in groupby(plan.sheets, key=lambda sheet: sheet.file)]
    workers = 1 if rows <= MOST_ROWS_KEPT else min(MOST_WORKERS, os.cpu_count() or 1, len(files))
    with ThreadPoolExecutor(workers) as pool:
        shares = pool.map(lambda first: _make(logic, files[first::workers]), range(workers))
        counts = {sheet: counted for share in shares for sheet, counted in share.items()}
    truth = out / "truth.json"
    write_json(truth, truth_of(logic, [(sheet, counts[sheet]) for sheet in plan.sheets]))
    return (*(each.target for each in files), truth)


@dataclass(frozen=True, slots=True)
class _File:
    """A file to be made and the sheets that it holds."""

    target: Path
    sheets: tuple[Sheet, ...]


def prepared_connection(logic: Logic) -> Any:
    """Return a connection that knows the lists of ``logic``."""
    connection = connect(memory_limit=MEMORY_LIMIT)
    # It looks through the long lists again at every level of a query, and there is nothing to gain.
    connection.execute("SET disabled_optimizers = 'statistics_propagation'")
    for name, values in logic.variables.items():
        listed_type = "INTEGER[]" if isinstance(values[0], int) else "VARCHAR[]"
        connection.execute(f"SET VARIABLE {name} = $1::{listed_type}", [values])
    return connection


def _make(logic: Logic, files: list[_File]) -> dict[Sheet, SheetCounts]:
    """Write files and count what they mean."""
    connection = prepared_connection(logic)
    try:
        counts: dict[Sheet, SheetCounts] = {}
        for each in files:
            meanings = {sheet: _meaning(connection, logic, sheet) for sheet in each.sheets}
            _write(connection, logic, each.target, meanings)
            counts |= {sheet: count_sheet(connection, logic, meaning) for sheet, meaning in meanings.items()}
        return counts
    finally:
        connection.close()


def _meaning(connection: Any, logic: Logic, sheet: Sheet) -> str:
    """Return the query of a sheet's rows with their meaning, from a table if the release is small."""
    meaning = meaning_sql(logic, sheet)
    if logic.plan.rows > MOST_ROWS_KEPT:
        return meaning
    name = f"rows_from_{sheet.start}"
    connection.execute(f"CREATE TEMP TABLE {name} AS {meaning}")
    return f"SELECT * FROM {name}"


def _write(connection: Any, logic: Logic, target: Path, meanings: dict[Sheet, str]) -> None:
    tables = [_table(logic, sheet, meaning) for sheet, meaning in meanings.items()]
    write_tables(connection, logic.plan, tables, target)


def write_tables(connection: Any, plan: Plan, tables: list[Table], target: Path) -> None:
    """Write tables to one file in the format of the plan; only a workbook can hold more than one."""
    if plan.file_format == "csv":
        write_csv(connection, tables[0], target, delimiter=plan.style.delimiter)
    elif plan.file_format == "parquet":
        write_parquet(connection, tables[0], target)
    else:
        write_workbook(connection, tables, target, preamble=_preamble(plan))


def _table(logic: Logic, sheet: Sheet, meaning: str) -> Table:
    types = [each.column.type for each in sheet.columns]
    if logic.plan.layout.id == "npr-2015":
        # The real workbooks hold bare serial numbers (domain reference 5.1).
        types = ["serial" if each == "date" else each for each in types]
    return Table(
        sheet=sheet.name,
        headers=tuple(each.header for each in sheet.columns),
        types=tuple(types),
        expressions=tuple(Cells(logic, sheet).select()),
        source=meaning,
        number=f"i - {sheet.start} + 1",
        rows=sheet.rows,
    )


def _preamble(plan: Plan) -> tuple[str, ...]:
    """Return the lines above the header, as many as the layout has."""
    first, last = plan.style.window
    return (
        SYNTHETIC_NOTE,
        "ERO LESA Statistical Tracking Unit (invented)",
        f"Detainers prepared {first.isoformat()} to {last.isoformat()} (invented)",
        f"Layout {plan.layout.id}, seed {plan.seed}, {plan.rows} rows",
        "Made by detainer synth; truth.json has the right counts",
        SYNTHETIC_NOTE,
    )[: plan.style.preamble]
