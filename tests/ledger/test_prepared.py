"""Statements that are prepared once, on a real PostgreSQL."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from detainer_ledger.ledger.prepared import Value, numbered, run_prepared
from tests.records import postgres_server

INSERT = numbered("INSERT INTO kept (id, said, sealed) VALUES (?, ?, ?)")


@pytest.fixture
def connection() -> Iterator[Any]:
    import psycopg

    with psycopg.connect(postgres_server(), autocommit=True) as opened:
        schema = f"prepared_{uuid.uuid4().hex}"
        opened.execute(f"CREATE SCHEMA {schema}")
        opened.execute(f"SET search_path TO {schema}")
        opened.execute("CREATE TABLE kept (id integer PRIMARY KEY, said text, sealed bytea)")
        yield opened
        opened.execute(f"DROP SCHEMA {schema} CASCADE")


def rows(connection: Any) -> list[tuple[object, ...]]:
    return [tuple(row) for row in connection.execute("SELECT id, said, sealed FROM kept ORDER BY id")]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [("SELECT 1", b"SELECT 1"), ("(?, ?)", b"($1, $2)"), ("?", b"$1"), ("?" * 11, b"$1$2$3$4$5$6$7$8$9$10$11")],
)
def test_values_are_numbered_in_their_order(sql: str, expected: bytes) -> None:
    assert numbered(sql) == expected


@pytest.mark.postgres
def test_every_kind_of_value_comes_back_as_it_was(connection: Any) -> None:
    prepared: dict[bytes, list[int]] = {}
    given: list[tuple[Value, ...]] = [
        (1, "ünïcode 'quoted' %s $1 ? \\", b"\x00\xff"),
        (2, None, None),
        (-3, "", b""),
    ]
    for values in given:
        run_prepared(connection, prepared, b"keep", INSERT, values)
    assert rows(connection) == sorted(given, key=str)
    assert list(prepared) == [b"keep"]


@pytest.mark.postgres
def test_a_text_with_a_zero_is_refused_and_never_cut_off(connection: Any) -> None:
    import psycopg

    with pytest.raises(psycopg.DataError):
        run_prepared(connection, {}, b"keep", INSERT, (1, "one\0two", None))
    assert rows(connection) == []


@pytest.mark.postgres
def test_an_error_is_that_of_its_code_and_the_statement_goes_on_to_be_used(connection: Any) -> None:
    import psycopg

    prepared: dict[bytes, list[int]] = {}
    connection.execute("INSERT INTO kept VALUES (1, 'one', NULL)")
    with pytest.raises(psycopg.errors.UniqueViolation):
        run_prepared(connection, prepared, b"keep", INSERT, (1, "two", None))
    run_prepared(connection, prepared, b"keep", INSERT, (2, "two", None))
    with pytest.raises(psycopg.errors.UndefinedTable):
        run_prepared(connection, prepared, b"other", numbered("INSERT INTO none VALUES (?)"), (1,))
    assert rows(connection) == [(1, "one", None), (2, "two", None)]


@pytest.mark.postgres
def test_a_statement_that_the_connection_has_let_go_of_is_prepared_again(connection: Any) -> None:
    prepared: dict[bytes, list[int]] = {}
    run_prepared(connection, prepared, b"keep", INSERT, (1, "one", None))
    connection.execute("DEALLOCATE ALL")
    run_prepared(connection, prepared, b"keep", INSERT, (2, "two", None))
    assert [row[0] for row in rows(connection)] == [1, 2]


@pytest.mark.postgres
def test_a_connection_that_is_lost_is_told_as_such(connection: Any) -> None:
    import psycopg

    with psycopg.connect(postgres_server(), autocommit=True) as lost:
        pid = lost.info.backend_pid
        connection.execute("SELECT pg_terminate_backend(%s)", [pid])
        for _ in range(50):
            if lost.closed:
                break
            with suppress(psycopg.OperationalError):
                run_prepared(lost, {}, uuid.uuid4().hex.encode(), numbered("SELECT ?::text"), ("x",))
        assert lost.closed
        with pytest.raises(psycopg.OperationalError):
            run_prepared(lost, {}, b"ask", numbered("SELECT ?::text"), ("x",))
