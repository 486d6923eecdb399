"""Making a record's database and opening it again."""

from __future__ import annotations

import hmac
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event, insert, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError, ProgrammingError
from sqlalchemy.exc import DatabaseError as AnyDatabaseError

from detainer_ledger.ledger.connections import PATIENCE_SECONDS
from detainer_ledger.ledger.failures import place_of, unreachable
from detainer_ledger.ledger.schema import FORMAT, META, METADATA
from detainer_ledger.ledger.store import Ledger, event_mac
from detainer_ledger.terms import BadInput, StoreError

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Engine
    from sqlalchemy.engine.interfaces import DBAPIConnection

    from detainer_ledger.ledger.keys import Keys


_WAL_PAGES = 16_000
"""So many pages wait in SQLite's log before they are put into the file: fewer pauses while many commands come in."""


def create_ledger(
    url: str,
    keys: Keys,
    *,
    origin: str,
    now: Callable[[], datetime] | None = None,
    fill: Callable[[Connection], None] = lambda _connection: None,
) -> Ledger:
    """Make the tables of a new record in a database. ``origin`` names it in checkpoints.

    ``fill`` puts into them what the record begins with, in the transaction that makes them: all is there, or nothing.
    Raises BadInput for an URL that is none, or where there is a record already; StoreError where it cannot be made.
    """
    engine = engine_at(url)
    try:
        with engine.begin() as connection:
            if engine.dialect.has_table(connection, META.name):
                raise BadInput(
                    "There is a record already.",
                    record=place_of(engine),
                    do="use it, or name another place for a new one.",
                )
            METADATA.create_all(connection)
            told = {"format": FORMAT, "origin": origin, "keys": _mark_of(keys)}
            connection.execute(insert(META), [{"key": key, "value": value} for key, value in told.items()])
            fill(connection)
    except BaseException as error:
        engine.dispose()
        if isinstance(error, AnyDatabaseError):
            raise unreachable(error, place_of(engine)) from None
        raise
    if engine.dialect.name == "sqlite" and engine.url.database:
        # Only its owner reads it, as with the keys: reasons and offences are in it as they were written.
        Path(engine.url.database).chmod(0o600)
    return Ledger(engine, keys, origin=origin, now=now or _system_clock)


def open_ledger(url: str, keys: Keys, *, now: Callable[[], datetime] | None = None) -> Ledger:
    """Open a record. Raises BadInput for an URL that is none or names no record, StoreError for another version."""
    engine = engine_at(url)
    try:
        told = _told_by(engine)
    except BaseException:
        engine.dispose()
        raise
    if not hmac.compare_digest(told["keys"], _mark_of(keys)):
        engine.dispose()
        raise BadInput(
            "These are the keys of another record.",
            record=place_of(engine),
            do="name the folder of keys that was made with this record (--keys or DETAINER_KEYS).",
        )
    return Ledger(engine, keys, origin=told["origin"], now=now or _system_clock)


def _mark_of(keys: Keys) -> str:
    """Return what a record keeps to know its keys again; it tells nothing about them."""
    return event_mac(keys, b"the keys of this record").hex()


def _told_by(engine: Engine) -> dict[str, str]:
    """Return what a record says of itself, and refuse what is none."""
    where = place_of(engine)
    database = engine.url.database
    if engine.dialect.name == "sqlite" and database and not Path(database).is_file():
        raise BadInput(
            "There is no record here.", record=where, do="make one with 'detainer record init', or name another."
        )
    try:
        with engine.connect() as connection:
            told = {row.key: row.value for row in connection.execute(select(META.c.key, META.c.value))}
    except (ProgrammingError, OperationalError) as error:
        if "no such table" in str(error) or isinstance(error, ProgrammingError):
            raise BadInput(
                "There is no record in this database.", record=where, do="make one with 'detainer record init'."
            ) from None
        raise unreachable(error, place_of(engine)) from None
    except AnyDatabaseError as error:
        raise unreachable(error, place_of(engine)) from None
    if told.get("format") != FORMAT:
        raise StoreError(
            f"The record is of format {told.get('format')}, and this version reads {FORMAT}.",
            record=where,
            do="use the version of Detainer Ledger that wrote it, or a newer one.",
        )
    return told


def _system_clock() -> datetime:
    return datetime.now(UTC)


def engine_at(url: str) -> Engine:
    """Return an engine of a record's URL; a path alone is an SQLite file."""
    if not url.strip():
        raise BadInput(
            "The record is not named.", do="give a path or an URL with --record, or leave --record out for record.db."
        )
    try:
        parsed = make_url(url) if "://" in url else make_url("sqlite://").set(database=url)
        if parsed.drivername in {"postgresql", "postgres"}:
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
            raise BadInput(
                f"A record can be in SQLite or PostgreSQL, not in '{parsed.get_backend_name()}'.",
                do="give a path, sqlite:///path or postgresql://user@host/database.",
            )
        engine = create_engine(parsed, pool_size=8, max_overflow=8)
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise BadInput(
            "This is no address of a record.", do="give a path, sqlite:///path or postgresql://user@host/database."
        ) from None
    except ModuleNotFoundError:
        raise BadInput(
            "A record in PostgreSQL needs a driver that is not installed.",
            do="install it: pip install 'detainer-ledger[postgres]'.",
        ) from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "connect", _prepare_postgres)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _record: object) -> None:
    if not isinstance(connection, sqlite3.Connection):
        raise TypeError("not a connection of SQLite")
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {int(PATIENCE_SECONDS * 1000)}")
    cursor.execute("PRAGMA journal_mode = WAL")
    # FULL: a commit has returned only when it is on the disk.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute(f"PRAGMA wal_autocheckpoint = {_WAL_PAGES}")
    cursor.close()


def _prepare_postgres(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    # Events are guarded by what they follow on; a server that isolates more by default would turn writers away.
    cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED")
    cursor.execute("SET client_encoding TO 'UTF8'")
    cursor.close()
    connection.commit()


def _begin_sqlite(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN")
