"""Placing the facilities of a detainers table: each distinct facility once, the answer in every row of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from detainer_ledger.places.folder import reference_folder, registers_in
from detainer_ledger.places.placing import Facility, Placement, Placer
from detainer_ledger.tables import connect
from detainer_ledger.terms import PLACEMENT_COLUMNS

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

_ASKED = ("facility_name", "facility_code", "facility_city", "facility_state")


def place_facilities(
    connection: DuckDBPyConnection,
    detainers: str,
    placer: Placer,
    table: str,
    progress: Callable[[str], None] = lambda _name: None,
) -> str:
    """Place the distinct facilities of a table and return SQL for the same table with the answers.

    ``detainers`` is a table or sub-query with the columns of a facility; ``table`` names the temporary table in which
    the answers are put. All columns come back, those of PLACEMENT_COLUMNS anew.
    """
    import pyarrow as pa

    keys = ", ".join(f"coalesce({column}, '') AS {column}" for column in _ASKED)
    rows = connection.execute(f"SELECT DISTINCT {keys} FROM {detainers} AS d").fetchall()
    columns: dict[str, list[Any]] = {name: [] for name in (*_ASKED, *PLACEMENT_COLUMNS)}
    for name, code, city, state in rows:
        placed = placer.place(Facility(name=name, code=code, city=city, state=state))
        for column, value in zip(columns, (name, code, city, state, *_values(placed)), strict=True):
            columns[column].append(value)
    progress(f"{len(rows):,} facilities")
    kinds = {name: pa.float32() if name == "match_confidence" else pa.string() for name in columns}
    answers = pa.table({name: pa.array(values, kinds[name]) for name, values in columns.items()})
    connection.register(f"{table}_arrow", answers)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT * FROM {table}_arrow")
    connection.unregister(f"{table}_arrow")
    same = " AND ".join(f"p.{column} = coalesce(d.{column}, '')" for column in _ASKED)
    filled = ", ".join(f"p.{column} AS {column}" for column in PLACEMENT_COLUMNS)
    return f"(SELECT d.* REPLACE ({filled}) FROM {detainers} AS d LEFT JOIN {table} AS p ON {same})"


def place(detainers: Any, placer: Placer | None = None) -> pa.Table:
    """Return the detainers table with its jurisdictions.

    ``detainers`` is anything that the table engine reads as one: an Arrow, pandas or Polars table, or the value of
    ``read``; ``placer`` is one with the user's registers, if none is given. The result is an Arrow table with the same
    rows in the same order and PLACEMENT_COLUMNS filled; those that are missing are added.
    """
    table = getattr(detainers, "table", detainers)
    connection = connect()
    try:
        connection.register("given", table)
        present = {row[0] for row in connection.execute("DESCRIBE SELECT * FROM given").fetchall()}
        added = ", ".join(
            f"CAST(NULL AS VARCHAR) AS {name}" for name in (*_ASKED, *PLACEMENT_COLUMNS) if name not in present
        )
        numbered = ", ".join(part for part in ("*", added, "row_number() OVER () AS given_row") if part)
        source = f"(SELECT {numbered} FROM given)"
        sql = place_facilities(
            connection, source, placer or Placer(registers=registers_in(reference_folder())), "placements"
        )
        return connection.sql(f"SELECT * EXCLUDE (given_row) FROM {sql} ORDER BY given_row").to_arrow_table()
    finally:
        connection.close()


def _values(placed: Placement) -> tuple[Any, ...]:
    return (
        placed.jurisdiction_id,
        placed.jurisdiction_name,
        placed.level,
        placed.county_fips,
        placed.confidence,
        placed.reason,
    )
