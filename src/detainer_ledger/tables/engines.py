"""Engines that run a measure's standard SQL text: DuckDB here, Apache Spark, PostgreSQL or SQLite elsewhere."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from detainer_ledger.tables.engine import connect, identifier, literal
from detainer_ledger.terms import BadInput

DETAINERS_TABLE = "detainers"
"""Name under which the SQL text finds the detainers table on every engine, unless told otherwise."""


class Engine(Protocol):
    """Runs SQL text over one detainers table. ``close`` gives back what it holds."""

    table: str

    def columns(self) -> frozenset[str]:
        """Return the names of the table's columns."""
        ...

    def run(self, sql: str) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        """Return the names of the result's columns and its rows."""
        ...

    def close(self) -> None:
        """Give back connections and sessions."""
        ...


def engine_for(url: str | None, paths: Sequence[Path], *, table: str = DETAINERS_TABLE) -> Engine:
    """Return the engine that a URL names, over Parquet ``paths`` or over a table of its own.

    None or ``duckdb`` is the embedded DuckDB; ``local[*]``, ``local[N]`` and ``spark://HOST:PORT`` are Apache Spark over
    the same Parquet; ``postgresql://…`` and ``sqlite:///FILE`` run over ``table`` in that database. Raises BadInput for
    any other URL, and if the extra that an engine needs is not installed.
    """
    if url in (None, "duckdb"):
        return DuckDBEngine(paths)
    if url.startswith(("local", "spark://")):
        return SparkEngine(url, paths)
    if url.startswith(("postgresql://", "postgres://")):
        return PostgresEngine(url, table)
    if url.startswith("sqlite:///"):
        return SQLiteEngine(Path(url.removeprefix("sqlite:///")), table)
    raise BadInput(
        "There is no engine for this URL.",
        url=url.split("@")[-1],
        do="use duckdb, local[*], spark://HOST:PORT, postgresql://HOST/DATABASE or sqlite:///FILE.",
    )


class DuckDBEngine:
    """The embedded engine over Parquet files; holds at most a few hundred megabytes."""

    table = DETAINERS_TABLE

    def __init__(self, paths: Sequence[Path]) -> None:
        self._connection = connect(memory_limit="200MB")
        self._connection.execute("SET preserve_insertion_order = false")
        self._connection.execute(f"CREATE TEMP VIEW {self.table} AS SELECT * FROM {parquet(paths)}")

    def columns(self) -> frozenset[str]:
        """Return the names of the table's columns."""
        return frozenset(row[0] for row in self._connection.execute(f"DESCRIBE {self.table}").fetchall())

    def run(self, sql: str) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        """Return the names of the result's columns and its rows."""
        result = self._connection.execute(sql)
        return tuple(column[0] for column in result.description or ()), result.fetchall()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class SparkEngine:
    """Apache Spark over Parquet files, for data that outgrow one machine. Needs the extra ``[spark]`` and Java 17."""

    table = DETAINERS_TABLE

    def __init__(self, master: str, paths: Sequence[Path]) -> None:
        try:
            from pyspark.sql import SparkSession
        except ImportError:
            raise BadInput(
                "Apache Spark is not installed.", do="install it with: pip install 'detainer-ledger[spark]'."
            ) from None
        try:
            self._session = (
                SparkSession.builder.master(master)
                .appName("detainer measure")
                .config("spark.ui.enabled", "false")
                .config("spark.ui.showConsoleProgress", "false")
                .config("spark.log.level", "ERROR")
                .config("spark.sql.session.timeZone", "UTC")
                .config("spark.sql.shuffle.partitions", "8")
                .getOrCreate()
            )
        except Exception as error:
            raise BadInput(
                "Apache Spark could not be started.",
                engine=master,
                do="see that Java 17 or newer is installed (java -version) and that the address is right.",
            ) from error
        frame = self._session.read.option("mergeSchema", "true").parquet(*(str(path.resolve()) for path in paths))
        frame.createOrReplaceTempView(self.table)

    def columns(self) -> frozenset[str]:
        """Return the names of the table's columns."""
        return frozenset(self._session.table(self.table).columns)

    def run(self, sql: str) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        """Return the names of the result's columns and its rows."""
        # Spark quotes identifiers with back quotes unless it is told to follow the standard.
        self._session.conf.set("spark.sql.ansi.enabled", "true")
        self._session.conf.set("spark.sql.ansi.doubleQuotedIdentifiers", "true")
        frame = self._session.sql(sql)
        return tuple(frame.columns), [tuple(row) for row in frame.collect()]

    def close(self) -> None:
        """Stop the session."""
        self._session.stop()


class PostgresEngine:
    """A table in an agency's own PostgreSQL, read and never written. Needs the extra ``[postgres]``."""

    def __init__(self, url: str, table: str) -> None:
        try:
            import psycopg
        except ImportError:
            raise BadInput(
                "The PostgreSQL driver is not installed.", do="install it with: pip install 'detainer-ledger[postgres]'."
            ) from None
        self.table = _quoted_table(table)
        try:
            self._connection = psycopg.connect(url, autocommit=False)
            self._connection.read_only = True
        except psycopg.OperationalError as error:
            raise BadInput(
                "The PostgreSQL server cannot be reached or refuses the connection.",
                server=url.split("@")[-1],
                do="see that it runs, and that host, database, user and password are right.",
            ) from error

    def columns(self) -> frozenset[str]:
        """Return the names of the table's columns. Raises BadInput if there is no such table."""
        import psycopg

        with self._connection.cursor() as cursor:
            try:
                cursor.execute(f"SELECT * FROM {self.table} LIMIT 0")
            except psycopg.errors.UndefinedTable:
                raise BadInput(
                    f"The database has no table {self.table}.", do="name the detainers table with --table."
                ) from None
            return frozenset(column.name for column in cursor.description or ())

    def run(self, sql: str) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        """Return the names of the result's columns and its rows."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql.encode())
            return tuple(column.name for column in cursor.description or ()), cursor.fetchall()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class SQLiteEngine:
    """A table in an SQLite file, opened for reading alone; days are text as YYYY-MM-DD."""

    def __init__(self, path: Path, table: str) -> None:
        self.table = _quoted_table(table)
        if not path.is_file():
            raise BadInput("There is no such SQLite file.", file=str(path), do="look at the spelling of the path.")
        self._connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)

    def columns(self) -> frozenset[str]:
        """Return the names of the table's columns. Raises BadInput if there is no such table."""
        try:
            described = self._connection.execute(f"SELECT * FROM {self.table} LIMIT 0").description
        except sqlite3.Error as error:
            raise BadInput(
                f"The file cannot be read as an SQLite database with a table {self.table}: {error}.",
                do="name the detainers table with --table.",
            ) from None
        return frozenset(column[0] for column in described)

    def run(self, sql: str) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        """Return the names of the result's columns and its rows."""
        cursor = self._connection.execute(sql)
        return tuple(column[0] for column in cursor.description), cursor.fetchall()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def parquet(paths: Sequence[Path]) -> str:
    """Return SQL for a table over Parquet files that may differ in their columns."""
    listed = ", ".join(literal(str(path)) for path in paths)
    return f"read_parquet([{listed}], union_by_name = true)" if len(paths) > 1 else f"read_parquet([{listed}])"


def _quoted_table(name: str) -> str:
    return ".".join(identifier(part) for part in name.split("."))
