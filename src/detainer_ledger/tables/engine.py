"""DuckDB, as this project uses it, and the quoting of SQL text."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from pathlib import Path
from weakref import WeakSet

import duckdb

_OPEN: WeakSet[duckdb.DuckDBPyConnection] = WeakSet()


def connect(
    *, memory_limit: str | None = None, threads: int | None = None, spill_to: Path | None = None
) -> duckdb.DuckDBPyConnection:
    """Open an in-memory DuckDB that never looks for extensions on the network.

    ``memory_limit`` is text such as ``"800MB"``, None for DuckDB's own default; ``spill_to`` is a folder for data that
    outgrow it.
    """
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
    }
    if memory_limit is not None:
        config["memory_limit"] = memory_limit
    if threads is not None:
        config["threads"] = threads
    if spill_to is not None:
        config["temp_directory"] = str(spill_to)
    return _prepared(duckdb.connect(":memory:", config=config))


def connect_beside(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Open another connection to the same in-memory DuckDB, for another thread: it has temporary tables of its own."""
    return _prepared(connection.cursor())


def _prepared(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    _OPEN.add(connection)
    # The engine's own bar would go to standard output, into the midst of what is printed there.
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def interrupt_all() -> None:
    """Break off what the connections of this process are doing; it ends there with an error. For another thread."""
    for connection in list(_OPEN):
        with suppress(duckdb.ConnectionException):
            connection.interrupt()


def literal(value: str | date | int | None) -> str:
    """Return ``value`` as a literal of standard SQL.

    >>> literal("O'Brien County")
    "'O''Brien County'"
    """
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    return "'" + value.replace("'", "''") + "'"


def file_literal(path: Path) -> str:
    """Return a path as a literal for the engine's readers, which would take ``*``, ``?`` and ``[`` in it for a pattern.

    >>> file_literal(Path("data[1].csv"))
    "'data[[]1].csv'"
    """
    return literal("".join(f"[{sign}]" if sign in "*?[" else sign for sign in str(path)))


def identifier(name: str) -> str:
    """Return ``name`` as a quoted identifier of standard SQL."""
    return '"' + name.replace('"', '""') + '"'
