"""Puts rows into each engine: Parquet, SQLite with days as ISO text, PostgreSQL with its own types."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from detainer_ledger.terms import Column

from .rows import COLUMNS, Row

ARROW = {"VARCHAR": pa.string(), "DATE": pa.date32(), "SMALLINT": pa.int16(), "VARCHAR[]": pa.list_(pa.string())}
SQLITE = {"VARCHAR": "TEXT", "DATE": "TEXT", "SMALLINT": "INTEGER", "VARCHAR[]": "TEXT"}
POSTGRES = {"VARCHAR": "VARCHAR", "DATE": "DATE", "SMALLINT": "SMALLINT", "VARCHAR[]": "VARCHAR[]"}


def without(*names: str) -> tuple[Column, ...]:
    """Return the columns but those named."""
    return tuple(column for column in COLUMNS if column.name not in names)


def write_parquet(rows: Sequence[Row], path: Path, columns: Sequence[Column] = COLUMNS) -> Path:
    """Write rows to one Parquet file."""
    schema = pa.schema([(column.name, ARROW[column.sql_type]) for column in columns])
    pq.write_table(pa.Table.from_pylist(list(rows), schema=schema), path)
    return path


def write_folder(rows: Sequence[Row], folder: Path) -> Path:
    """Write rows to a folder of Parquet files, one for each release."""
    folder.mkdir()
    for number, release in enumerate(sorted({row["release_id"] for row in rows})):
        write_parquet([row for row in rows if row["release_id"] == release], folder / f"{number}.parquet")
    return folder


def write_sqlite(
    rows: Sequence[Row], path: Path, columns: Sequence[Column] = COLUMNS, table: str = "detainers"
) -> Path:
    """Write rows to a table of an SQLite file."""
    described = ", ".join(f'"{column.name}" {SQLITE[column.sql_type]}' for column in columns)
    values = ", ".join("?" for _ in columns)
    with closing(sqlite3.connect(path)) as connection, connection:
        name = table.replace('"', '""')
        connection.execute(f'CREATE TABLE "{name}" ({described})')
        connection.executemany(
            f'INSERT INTO "{name}" VALUES ({values})', [[_as_sqlite(row[c.name]) for c in columns] for row in rows]
        )
    return path


def write_postgres(rows: Sequence[Row], url: str, schema: str, columns: Sequence[Column] = COLUMNS) -> str:
    """Write rows to the table ``detainers`` of a schema made anew, and return the URL that looks there first."""
    import psycopg

    described = ", ".join(f'"{column.name}" {POSTGRES[column.sql_type]}' for column in columns)
    with psycopg.connect(url, client_encoding="UTF8") as connection:
        connection.execute(f'CREATE SCHEMA "{schema}"'.encode())
        connection.execute(f'CREATE TABLE "{schema}".detainers ({described})'.encode())
        with connection.cursor().copy(f'COPY "{schema}".detainers FROM STDIN'.encode()) as copy:
            for row in rows:
                copy.write_row([row[column.name] for column in columns])
    return f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3D{schema}"


def drop_schema(url: str, schema: str) -> None:
    """Remove a schema and what is in it."""
    import psycopg

    with psycopg.connect(url) as connection:
        connection.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE'.encode())


def _as_sqlite(value: Any) -> Any:
    if isinstance(value, list):
        return json.dumps(value)
    return value.isoformat() if isinstance(value, date) else value
