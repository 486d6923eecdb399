"""A record of a test's own, in SQLite and in a real PostgreSQL, with a clock that the test holds."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from detainer_ledger.ledger import (
    Keys,
    Ledger,
    NewEvent,
    Statement,
    create_ledger,
    erasing_person,
    keeping_person,
    make_keys,
    open_ledger,
)

ENGINES = ("sqlite", pytest.param("postgres", marks=pytest.mark.postgres))
"""Parameters of a test that runs on both; the second only where there is a server."""


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    at: datetime = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **parts: float) -> None:
        self.at += timedelta(**parts)


@dataclass(frozen=True)
class Place:
    """Where a record is: its address and its keys."""

    url: str
    keys: Keys
    keys_folder: Path


def postgres_server() -> str:
    """Return the address of the server to test on; skip without one, unless everything is required."""
    url = os.environ.get("DETAINER_TEST_POSTGRES", "")
    if not url:
        reason = "DETAINER_TEST_POSTGRES is not set to the postgresql:// URL of a server to write to"
        if os.environ.get("DETAINER_REQUIRE_ALL"):
            pytest.fail(reason)
        pytest.skip(reason)
    return url


def place_of_record(engine: str, folder: Path) -> Iterator[Place]:
    """Yield a place for a new record in an engine, and clean up after it."""
    keys_folder = folder / "keys"
    keys = make_keys(keys_folder)
    if engine == "sqlite":
        yield Place(url=f"sqlite:///{folder / 'record.db'}", keys=keys, keys_folder=keys_folder)
        return
    import psycopg

    server = postgres_server()
    schema = f"record_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}")
    mark = "&" if "?" in server else "?"
    try:
        yield Place(url=f"{server}{mark}options=-csearch_path%3D{schema}", keys=keys, keys_folder=keys_folder)
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP SCHEMA {schema} CASCADE")


def new_ledger(place: Place, clock: Clock | None = None) -> Ledger:
    """Make a record at a place."""
    return create_ledger(place.url, place.keys, origin="test.example/record", now=clock)


def again(place: Place, clock: Clock | None = None) -> Ledger:
    """Open the record at a place anew."""
    return open_ledger(place.url, place.keys, now=clock)


def keep_person(ledger: Ledger, fields: Mapping[str, str]) -> str:
    """Store somebody's fields, with an event of a stream of its own, and return the id."""
    person, also = keeping_person(ledger, fields)
    _noted(ledger, person, "kept", also)
    return person


def erase_person(ledger: Ledger, person: str) -> None:
    """Erase somebody's key, with an event that says so."""
    _noted(ledger, person, "erased", erasing_person(person))


def _noted(ledger: Ledger, person: str, kind: str, also: Sequence[Statement]) -> None:
    ledger.append(
        f"person/{person}",
        [NewEvent(kind=kind, body={})],
        head=ledger.head(f"person/{person}"),
        actor="tests",
        role="tests",
        command=ledger.new_key(),
        also=also,
    )


def tamper(ledger: Ledger, sql: str, *values: Any) -> None:
    """Change the database behind the record's back, as somebody with its password could."""
    with ledger.writing() as cursor:
        for table in ("entry", "seal", "checkpoint"):
            if ledger.engine.dialect.name == "postgresql":
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            else:
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_update")
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_delete")
        cursor.execute(ledger.sql(sql), values)
