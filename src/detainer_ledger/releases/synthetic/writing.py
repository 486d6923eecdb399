"""Writing the files of a synthetic release: aside first, then under their own name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detainer_ledger.releases.synthetic.words import SYNTHETIC_NOTE
from detainer_ledger.tables import identifier, literal

FETCHED_ROWS = 65_536
"""Rows of a Parquet file that are held at a time, where they pass through Python."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A query ready to be written: headers, types and as many SQL expressions, over a query ordered by row.

    ``number`` is the SQL of a row's place among the data rows, counted from 1; ``rows`` their number.
    """

    sheet: str
    headers: tuple[str, ...]
    types: tuple[str, ...]
    expressions: tuple[str, ...]
    source: str
    number: str
    rows: int

    @property
    def has_distinct_headers(self) -> bool:
        """Tell whether the engine can keep the headers as column names: it renames the second of two equal ones."""
        return len({header.lower() for header in self.headers}) == len(self.headers)

    def query(self, *, named: bool) -> str:
        """Return the SELECT, its columns ``named`` by their headers or else ``c1, c2 …``."""
        names = self.headers if named else tuple(f"c{number}" for number in range(1, len(self.headers) + 1))
        listed = ", ".join(f"{sql} AS {identifier(name)}" for sql, name in zip(self.expressions, names, strict=True))
        return f"SELECT {listed} FROM ({self.source})"


@contextmanager
def written_aside(target: Path) -> Iterator[Path]:
    """Give a path to write to, and rename it to ``target`` if all went well; else leave nothing behind."""
    aside = target.with_name(f".{target.name}.partial")
    try:
        yield aside
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)


def write_json(target: Path, value: dict[str, Any]) -> None:
    """Write ``value`` with one line for each of its parts, so that a difference shows."""
    lines = [f" {json.dumps(key)}: {json.dumps(part, ensure_ascii=False)}" for key, part in value.items()]
    with written_aside(target) as aside:
        aside.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


def write_csv(connection: Any, table: Table, target: Path, *, delimiter: str) -> None:
    """Stream one table to a text file."""
    named = table.has_distinct_headers
    query = table.query(named=named)
    if not named:
        listed = ", ".join(f"{literal(header)} AS c{number}" for number, header in enumerate(table.headers, start=1))
        query = f"SELECT {listed} UNION ALL ({query})"
    with written_aside(target) as aside:
        connection.execute(
            f"COPY ({query}) TO {literal(str(aside))}"
            f" (FORMAT csv, HEADER {str(named).lower()}, DELIMITER {literal(delimiter)})"
        )


def write_parquet(connection: Any, table: Table, target: Path) -> None:
    """Stream one table to a Parquet file that says that it is synthetic."""
    with written_aside(target) as aside:
        if table.has_distinct_headers:
            connection.execute(
                f"COPY ({table.query(named=True)}) TO {literal(str(aside))}"
                f" (FORMAT parquet, KV_METADATA {{synthetic: 'true', note: {literal(SYNTHETIC_NOTE)}}})"
            )
        else:
            _write_parquet_with_equal_headers(connection, table, aside)


def _write_parquet_with_equal_headers(connection: Any, table: Table, aside: Path) -> None:
    """Write by Arrow, which keeps equal headers."""
    import pyarrow
    import pyarrow.parquet

    batches = connection.sql(table.query(named=False)).to_arrow_reader(FETCHED_ROWS)
    fields = [field.with_name(header) for field, header in zip(batches.schema, table.headers, strict=True)]
    schema = pyarrow.schema(fields, metadata={"synthetic": "true", "note": SYNTHETIC_NOTE})
    with pyarrow.parquet.ParquetWriter(aside, schema) as writer:
        for batch in batches:
            writer.write_batch(pyarrow.RecordBatch.from_arrays(batch.columns, schema=schema))
