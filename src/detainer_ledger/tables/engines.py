"""Engines that run a measure's standard SQL text: DuckDB here, Apache Spark, PostgreSQL or SQLite elsewhere."""

from __future__ import annotations

import re
import socket
import sqlite3
import tempfile
import warnings
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from subprocess import STDOUT
from typing import TYPE_CHECKING, Any, Protocol

from detainer_ledger.tables.engine import connect, file_literal, identifier
from detainer_ledger.terms import BadInput

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DETAINERS_TABLE = "detainers"
"""Name under which the SQL text finds the detainers table on every engine, unless told otherwise."""


EMBEDDED = (None, "duckdb")
"""Engine URLs that mean the embedded DuckDB."""


class Engine(Protocol):
    """Runs SQL text over one detainers table. ``close`` gives back what it holds.

    ``reads_paths`` tells whether the table is made of the files that the engine was given, or is one of its own.
    """

    table: str
    reads_paths: bool

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

    None or ``duckdb`` is the embedded DuckDB; ``local[*]``, ``local[N]`` and ``spark://HOST:PORT`` are Apache Spark
    over the same Parquet; ``postgresql://…`` and ``sqlite:///FILE`` run over ``table`` in that database.
    Raises BadInput for any other URL, and if the extra that an engine needs is not installed.
    """
    if url in EMBEDDED:
        connection = connect(memory_limit="200MB")
        # The footers of large files are asked more than once, and reading them takes as long as many a measure.
        connection.execute("SET parquet_metadata_cache = true")
        return DuckDBEngine(connection, parquet(paths))
    if url == "local" or url.startswith(("local[", "local-cluster[", "spark://")):
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
    """The embedded engine over a table of ``connection``, named or as SQL; closes the connection with itself."""

    table = DETAINERS_TABLE
    reads_paths = True

    def __init__(self, connection: DuckDBPyConnection, source: str) -> None:
        self._connection = connection
        self._connection.execute("SET preserve_insertion_order = false")
        self._connection.execute(f"CREATE TEMP VIEW {self.table} AS SELECT * FROM {source}")

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


_SPARK_SQL_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "8",
    # Only when told to does Spark follow the standard, quote names with double quotes, and leave ${...} as it stands.
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    "spark.sql.variable.substitute": "false",
}
_SPARK_QUIET = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.log.level": "ERROR"}
_SPARK_INSIDE = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
"""Settings with which a Spark of one machine listens to that machine alone."""


class SparkEngine:
    """Apache Spark over Parquet files, for data that outgrow one machine. Needs the extra ``[spark]`` and Java 17.

    A Spark session that already runs in this process is used and left running, with settings and views of its own.
    """

    table = DETAINERS_TABLE
    reads_paths = True

    def __init__(self, master: str, paths: Sequence[Path]) -> None:
        try:
            from pyspark.errors import PySparkException, PySparkRuntimeError
            from pyspark.sql import SparkSession
        except ImportError:
            raise BadInput(
                "Apache Spark is not installed.", do="install it with: pip install 'detainer-ledger[spark]'."
            ) from None
        try:
            running = SparkSession.active()
            self._started = None
        except PySparkRuntimeError:
            running = self._started = _start_spark(master)
        if running.sparkContext.master != master:
            raise BadInput(
                f"This process already runs Apache Spark at {running.sparkContext.master}.",
                engine=master,
                do="name that engine, or stop its session first.",
            )
        self._master = master
        # What Spark does not translate comes as the exception of its bridge to Java, which has no types.
        bridge: Any = import_module("py4j.protocol")
        self._failures = (PySparkException, bridge.Py4JError)
        self._session = running.newSession()
        for name, value in _SPARK_SQL_SETTINGS.items():
            self._session.conf.set(name, value)
        try:
            frame = self._session.read.option("mergeSchema", "true").parquet(*(_spark_path(path) for path in paths))
            frame.createOrReplaceTempView(self.table)
        except self._failures as error:
            self.close()
            raise self._refusal(error) from error

    def columns(self) -> frozenset[str]:
        """Return the names of the table's columns."""
        return frozenset(self._session.table(self.table).columns)

    def run(self, sql: str) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        """Return the names of the result's columns and its rows."""
        # Spark reads a backslash in a literal as an escape, which standard SQL does not; nowhere else is there one.
        try:
            frame = self._session.sql(sql.replace("\\", "\\\\"))
            return tuple(frame.columns), [tuple(row) for row in frame.collect()]
        except self._failures as error:
            raise self._refusal(error) from error

    def _refusal(self, error: Exception) -> BadInput:
        return BadInput(
            f"Apache Spark could not read the Parquet files or count their rows: {_spark_reason(error, ())}",
            engine=self._master,
            do="see that every machine of the cluster finds the files under the same path, and can read them.",
        )

    def close(self) -> None:
        """Stop Spark if it was started here."""
        self._session.catalog.dropTempView(self.table)
        if self._started is not None:
            self._started.stop()


def _start_spark(master: str) -> Any:
    """Start Spark and return its session. What its Java process prints is kept back, and told if it does not start."""
    from pyspark import SparkConf, SparkContext, java_gateway
    from pyspark.sql import SparkSession

    launch: Any = java_gateway.launch_gateway

    local = master.startswith("local")
    if not local:
        _reach_spark_master(master)
    settings = _SPARK_QUIET | (_SPARK_INSIDE if local else {})
    conf = SparkConf().setMaster(master).setAppName("detainer measure").setAll(list(settings.items()))
    with tempfile.TemporaryFile() as log, warnings.catch_warnings():
        # Spark warns of pandas 3 as soon as it is installed; nothing of pandas is used here.
        warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas", category=FutureWarning)
        try:
            if SparkContext._gateway is None:
                launched = launch(conf, {"stdout": log, "stderr": STDOUT})
                return SparkSession(SparkContext(conf=conf, gateway=launched))
            return SparkSession(SparkContext(conf=conf))
        except Exception as error:
            log.seek(0)
            printed = log.read(10_000).decode(errors="replace").splitlines()
            raise BadInput(
                f"Apache Spark could not be started: {_spark_reason(error, printed)}",
                engine=master,
                do="see that Java 17 or newer is installed (java -version) and that the address is right.",
            ) from error


def _reach_spark_master(master: str) -> None:
    """Raise BadInput unless something answers at the address; Spark itself would try for a minute."""
    for address in master.removeprefix("spark://").split(","):
        host, _, port = address.rpartition(":")
        try:
            socket.create_connection((host, int(port)), timeout=5).close()
        except (OSError, OverflowError, ValueError):
            continue
        return
    raise BadInput(
        "No Apache Spark master answers at this address.",
        engine=master,
        do="see that it runs and can be reached from here, and write it as spark://HOST:PORT (the port is often 7077).",
    )


def _spark_reason(error: Exception, printed: Sequence[str]) -> str:
    """Return in a line why Spark did not start: Java's own exception, or what the process printed before it ended."""
    thrown = getattr(error, "java_exception", None)
    if thrown is not None:
        return str(thrown).splitlines()[0]
    told = [line for line in printed if line.strip() and not line.startswith("WARNING")]
    return (told or str(error).splitlines() or [type(error).__name__])[0]


def _spark_path(path: Path) -> str:
    """Return a path as Spark takes it literally: characters of patterns need a backslash."""
    return re.sub(r"([\\*?\[\]{}])", r"\\\1", str(path.resolve()))


_POSTGRES_SETTINGS = ("SET datestyle = 'ISO, YMD'", "SET standard_conforming_strings = on")
"""What a server may have set otherwise: days as ISO text, and literals in which a backslash is a backslash."""


class PostgresEngine:
    """A table in an agency's own PostgreSQL, read and never written. Needs the extra ``[postgres]``."""

    reads_paths = False

    def __init__(self, url: str, table: str) -> None:
        try:
            import psycopg
        except ImportError:
            raise BadInput(
                "The PostgreSQL driver is not installed.",
                do="install it with: pip install 'detainer-ledger[postgres]'.",
            ) from None
        self.table = _quoted_table(table)
        try:
            named: dict[str, Any] = psycopg.conninfo.conninfo_to_dict(url)
            self._connection = psycopg.connect(**{"connect_timeout": 15, **named, "client_encoding": "UTF8"})
            self._connection.read_only = True
            for setting in _POSTGRES_SETTINGS:
                self._connection.execute(setting)
        except psycopg.Error as error:
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
            except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
                raise BadInput(
                    f"The database has no table {self.table}.", do="name the detainers table with --table."
                ) from None
            except psycopg.errors.InsufficientPrivilege:
                raise BadInput(
                    f"This user may not read the table {self.table}.", do="ask for the right to SELECT from it."
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

    reads_paths = False

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
    """Return SQL for a table over Parquet files that may differ in their columns.

    What stands in a folder's name, such as ``state=TX``, is never taken for a column.
    """
    listed = ", ".join(file_literal(path) for path in paths)
    union = ", union_by_name = true" if len(paths) > 1 else ""
    return f"read_parquet([{listed}], hive_partitioning = false{union})"


def _quoted_table(name: str) -> str:
    return ".".join(identifier(part) for part in name.split("."))
