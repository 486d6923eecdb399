"""Making a synthetic release."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Any

from detainer_ledger.releases.synthetic.cells import Cells
from detainer_ledger.releases.synthetic.logic import Logic
from detainer_ledger.releases.synthetic.plan import Plan, Sheet, plan_release
from detainer_ledger.releases.synthetic.roles import roster
from detainer_ledger.releases.synthetic.truth import meaning_sql, truth_of
from detainer_ledger.releases.synthetic.words import SYNTHETIC_NOTE
from detainer_ledger.releases.synthetic.writing import Table, write_csv, write_json, write_parquet, write_workbook
from detainer_ledger.tables import connect, literal

MEMORY_LIMIT = "3GB"
"""What the engine may hold; a release is streamed and needs far less."""

MOST_ROWS_KEPT = 200_000
"""Up to so many rows the logical table is kept in memory."""


def synthesize(
    *, rows: int, seed: int, layout_id: str, file_format: str, out: Path, defects: bool = True
) -> tuple[Path, ...]:
    """Write an invented release of ``rows`` data rows to the folder ``out`` and return its files, truth.json last.

    The same arguments give the same files. ``truth.json`` is counted from the generator's own table. Records are the
    rows that are neither blank nor a repeated header; dates that are unreadable, missing or outside the release's
    window count under no month. Raises BadInput for a layout or format that cannot be made.
    """
    plan = plan_release(rows=rows, seed=seed, layout_id=layout_id, file_format=file_format, defects=defects)
    logic = Logic(plan, roster(plan))
    out.mkdir(parents=True, exist_ok=True)
    connection = prepared_connection(logic)
    try:
        meanings = row_meanings(connection, logic)
        written = [
            _write_file(connection, logic, out / name, {sheet: meanings[sheet] for sheet in sheets})
            for name, sheets in groupby(plan.sheets, key=lambda sheet: sheet.file)
        ]
        truth = out / "truth.json"
        write_json(truth, truth_of(connection, logic, meanings))
    finally:
        connection.close()
    return (*written, truth)


def prepared_connection(logic: Logic) -> Any:
    """Return a connection that knows the lists of ``logic``."""
    connection = connect(memory_limit=MEMORY_LIMIT)
    for name, values in logic.variables().items():
        connection.execute(f"SET VARIABLE {name} = [{', '.join(literal(value) for value in values)}]")
    return connection


def row_meanings(connection: Any, logic: Logic) -> dict[Sheet, str]:
    """Return the query of each sheet's rows; a small release is computed once and kept, a large one each time."""
    meanings = {sheet: meaning_sql(logic, sheet) for sheet in logic.plan.sheets}
    if logic.plan.rows > MOST_ROWS_KEPT:
        return meanings
    for number, (sheet, meaning) in enumerate(meanings.items()):
        connection.execute(f"CREATE TEMP TABLE rows_{number} AS {meaning}")
        meanings[sheet] = f"SELECT * FROM rows_{number}"
    return meanings


def _write_file(connection: Any, logic: Logic, target: Path, meanings: dict[Sheet, str]) -> Path:
    plan = logic.plan
    tables = [_table(logic, sheet, meaning) for sheet, meaning in meanings.items()]
    if plan.file_format == "csv":
        write_csv(connection, tables[0], target, delimiter=plan.style.delimiter)
    elif plan.file_format == "parquet":
        write_parquet(connection, tables[0], target)
    else:
        write_workbook(connection, tables, target, preamble=_preamble(plan))
    return target


def _table(logic: Logic, sheet: Sheet, meaning: str) -> Table:
    types = [each.column.type for each in sheet.columns]
    if logic.plan.layout.id == "npr-2015":
        # The real workbooks hold bare serial numbers (domain reference 5.1).
        types = ["serial" if each == "date" else each for each in types]
    return Table(
        file=sheet.file,
        sheet=sheet.name,
        headers=tuple(each.header for each in sheet.columns),
        types=tuple(types),
        expressions=tuple(Cells(logic, sheet).select()),
        source=meaning,
    )


def _preamble(plan: Plan) -> tuple[str, ...]:
    if not plan.style.preamble:
        return ()
    first, last = plan.style.window
    return (
        SYNTHETIC_NOTE,
        "ERO LESA Statistical Tracking Unit (invented)",
        f"Detainers prepared {first.isoformat()} to {last.isoformat()} (invented)",
        f"Layout {plan.layout.id}, seed {plan.seed}, {plan.rows} rows",
        "Made by detainer synth; truth.json has the right counts",
        SYNTHETIC_NOTE,
    )[: plan.style.preamble]
