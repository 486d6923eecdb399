"""Statements of several threads that are gathered into one transaction, on a real PostgreSQL."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from detainer_ledger.ledger.gathering import GatheredWrites, Value, numbered
from tests.records import postgres_server

INSERT = numbered("INSERT INTO kept (id, said, sealed) VALUES (?, ?, ?)")


@pytest.fixture
def connection() -> Iterator[Any]:
    import psycopg

    with psycopg.connect(postgres_server(), autocommit=True) as opened:
        schema = f"gathering_{uuid.uuid4().hex}"
        opened.execute(f"CREATE SCHEMA {schema}")
        opened.execute(f"SET search_path TO {schema}")
        opened.execute("CREATE TABLE kept (id integer PRIMARY KEY, said text, sealed bytea, place bigserial)")
        yield opened
        opened.execute(f"DROP SCHEMA {schema} CASCADE")


@pytest.fixture
def gathered(connection: Any) -> Iterator[GatheredWrites]:
    opened = beside(connection)
    yield opened
    opened.close()


def beside(connection: Any) -> GatheredWrites:
    """Open another connection to the same tables."""
    import psycopg

    ((path,),) = connection.execute("SHOW search_path")
    return GatheredWrites(psycopg.connect(postgres_server(), autocommit=True, options=f"-c search_path={path}"))


def rows(connection: Any) -> list[tuple[object, ...]]:
    return [tuple(row) for row in connection.execute("SELECT id, said, sealed FROM kept ORDER BY id")]


def write(gathered: GatheredWrites, number: int, said: str | None = "said", stream: str = "case/1") -> None:
    gathered.run(stream, b"keep", INSERT, (number, said, None))


@contextmanager
def locked(
    connection: Any, gathered: GatheredWrites, pool: ThreadPoolExecutor, number: int = 0
) -> Iterator[Future[None]]:
    """Let a first statement wait on the table's lock, so that what is asked for meanwhile comes together."""
    with connection.transaction():
        connection.execute("LOCK TABLE kept IN ACCESS EXCLUSIVE MODE")
        first = pool.submit(write, gathered, number)
        until(lambda: gathered._writer is not None and not gathered._waiting)
        yield first


def until(is_so: Any) -> None:
    """Wait until something is so; a test that waits in vain fails."""
    for _ in range(1000):
        if is_so():
            return
        time.sleep(0.01)
    raise AssertionError("it did not come to that")


def together(
    connection: Any, gathered: GatheredWrites, asked: Sequence[tuple[str, int, str]]
) -> list[BaseException | None]:
    """Write statements of a stream, an id and a text in one transaction, each of a thread; return their errors."""
    with ThreadPoolExecutor(len(asked) + 1) as pool:
        with locked(connection, gathered, pool, number=-1) as first:
            others = [pool.submit(write, gathered, number, said, stream) for stream, number, said in asked]
            until(lambda: len(gathered._waiting) == len(asked))
        assert first.exception() is None
        return [each.exception() for each in others]


def transactions(connection: Any) -> int:
    ((count,),) = connection.execute("SELECT count(DISTINCT xmin::text) FROM kept")
    return int(count)


class Interrupted:
    """A connection of libpq in one of whose calls an error is raised, as when somebody interrupts the program."""

    def __init__(self, link: Any, call: str, error: BaseException) -> None:
        self._link = link
        self._call = call
        self._error = error

    def __getattr__(self, name: str) -> Any:
        if name == self._call:
            raise self._error
        return getattr(self._link, name)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [("SELECT 1", b"SELECT 1"), ("(?, ?)", b"($1, $2)"), ("?", b"$1"), ("?" * 11, b"$1$2$3$4$5$6$7$8$9$10$11")],
)
def test_values_are_numbered_in_their_order(sql: str, expected: bytes) -> None:
    assert numbered(sql) == expected


@pytest.mark.postgres
def test_every_kind_of_value_comes_back_as_it_was(connection: Any, gathered: GatheredWrites) -> None:
    given: list[tuple[Value, ...]] = [
        (1, "ünïcode 'quoted' %s $1 ? \\", b"\x00\xff"),
        (2, None, None),
        (-3, "", b""),
    ]
    for values in given:
        gathered.run("case/1", b"keep", INSERT, values)
    assert rows(connection) == sorted(given, key=str)


@pytest.mark.postgres
def test_a_text_with_a_zero_is_refused_and_never_cut_off(connection: Any, gathered: GatheredWrites) -> None:
    import psycopg

    with pytest.raises(psycopg.DataError):
        write(gathered, 1, "one\0two")
    assert rows(connection) == []


@pytest.mark.postgres
def test_an_error_is_that_of_its_code_and_the_connection_goes_on_to_be_used(
    connection: Any, gathered: GatheredWrites
) -> None:
    import psycopg

    write(gathered, 1)
    with pytest.raises(psycopg.errors.UniqueViolation):
        write(gathered, 1)
    for _ in range(2):
        with pytest.raises(psycopg.errors.UndefinedTable):
            gathered.run("case/1", b"other", numbered("INSERT INTO none VALUES (?)"), (1,))
    write(gathered, 2)
    assert [row[0] for row in rows(connection)] == [1, 2]


@pytest.mark.postgres
def test_what_comes_together_is_one_transaction_in_the_order_of_streams(
    connection: Any, gathered: GatheredWrites
) -> None:
    asked = [(f"case/{9 - number}", number, "said") for number in range(1, 9)]
    assert together(connection, gathered, asked) == [None] * len(asked)
    assert transactions(connection) == 2
    ordered = [row[0] for row in connection.execute("SELECT id FROM kept ORDER BY place")]
    assert ordered == [-1, 8, 7, 6, 5, 4, 3, 2, 1]


@pytest.mark.postgres
def test_of_what_comes_together_only_what_fails_is_not_written(connection: Any, gathered: GatheredWrites) -> None:
    import psycopg

    asked = [("case/1", 1, "said"), ("case/2", -1, "said"), ("case/3", 3, "one\0two"), ("case/4", 4, "said")]
    one, taken, cut, four = together(connection, gathered, asked)
    assert (one, four) == (None, None)
    assert isinstance(taken, psycopg.errors.UniqueViolation)
    assert isinstance(cut, psycopg.DataError)
    assert [row[0] for row in rows(connection)] == [-1, 1, 4]
    assert transactions(connection) == 2


@pytest.mark.postgres
def test_where_the_end_of_a_transaction_fails_it_is_told_to_whom_it_concerns(
    connection: Any, gathered: GatheredWrites
) -> None:
    import psycopg

    connection.execute("ALTER TABLE kept ADD UNIQUE (said) DEFERRABLE INITIALLY DEFERRED")
    asked = [("case/1", 1, "one"), ("case/2", 2, "two"), ("case/3", 3, "two"), ("case/4", 4, "four")]
    one, two, doubled, four = together(connection, gathered, asked)
    assert (one, two, four) == (None, None, None)
    assert isinstance(doubled, psycopg.errors.UniqueViolation)
    assert [row[0] for row in rows(connection)] == [-1, 1, 2, 4]


@pytest.mark.postgres
def test_a_statement_with_too_many_values_is_refused_and_harms_nobody(gathered: GatheredWrites) -> None:
    import psycopg

    with pytest.raises(psycopg.ProgrammingError, match="65,535 values"):
        gathered.run("case/1", b"long", numbered(f"SELECT {'?, ' * 65_535}?"), ["x"] * 65_536)
    write(gathered, 1)


@pytest.mark.postgres
def test_a_connection_that_ends_without_a_word_is_told_as_lost(gathered: GatheredWrites) -> None:
    import psycopg

    write(gathered, 1)
    link, close = gathered._link, gathered.connection.close

    class Silent(Interrupted):
        """A connection of which no answer comes any more."""

        def is_busy(self) -> int:
            return 0

        def get_result(self) -> None:
            close()

    gathered._link = Silent(link, "", ValueError())
    with pytest.raises(psycopg.OperationalError, match="is lost"):
        write(gathered, 2)


@pytest.mark.postgres
def test_texts_larger_than_what_a_socket_holds_come_together(connection: Any, gathered: GatheredWrites) -> None:
    asked = [(f"case/{number}", number, str(number) * 2_000_000) for number in range(1, 7)]
    assert together(connection, gathered, asked) == [None] * len(asked)
    assert transactions(connection) == 2
    assert rows(connection)[1:] == [(number, said, None) for _, number, said in asked]


@pytest.mark.postgres
def test_threads_of_two_processes_that_write_without_pause_lose_and_double_nothing(
    connection: Any, gathered: GatheredWrites
) -> None:
    import psycopg

    other = beside(connection)

    def write_many(thread: int) -> list[int]:
        written = []
        for number in range(200):
            # Every fourth one is asked for by all threads: one of them gets it.
            wanted = number if number % 4 == 0 else 1000 * thread + number
            with suppress(psycopg.errors.UniqueViolation):
                write(gathered if thread % 2 else other, wanted, stream=f"case/{wanted}")
                written.append(wanted)
        return written

    with ThreadPoolExecutor(8) as pool:
        written = [number for each in pool.map(write_many, range(1, 9)) for number in each]
    other.close()
    assert sorted(written) == [row[0] for row in rows(connection)]
    assert len(written) == len(set(written)) == 8 * 150 + 50


@pytest.mark.postgres
def test_a_connection_that_is_lost_is_told_to_all_who_wait(connection: Any, gathered: GatheredWrites) -> None:
    import psycopg

    write(gathered, 1)
    with ThreadPoolExecutor(4) as pool, locked(connection, gathered, pool) as first:
        others = [pool.submit(write, gathered, number) for number in (2, 3)]
        until(lambda: len(gathered._waiting) == len(others))
        connection.execute("SELECT pg_terminate_backend(%s)", [gathered.connection.info.backend_pid])
        told = [first.exception(), *(each.exception() for each in others)]
    assert all(isinstance(each, psycopg.OperationalError) for each in told)
    assert gathered.connection.closed
    with pytest.raises(psycopg.OperationalError):
        write(gathered, 4)
    assert [row[0] for row in rows(connection)] == [1]


@pytest.mark.postgres
def test_a_connection_lost_in_the_middle_of_a_transaction_of_several_is_told_to_each(
    connection: Any, gathered: GatheredWrites
) -> None:
    import psycopg

    write(gathered, 1)
    with ThreadPoolExecutor(4) as pool:
        with locked(connection, gathered, pool, number=2):
            others = [pool.submit(write, gathered, number) for number in (3, 4)]
            until(lambda: len(gathered._waiting) == len(others))
            gathered._link = Interrupted(gathered._link, "consume_input", psycopg.OperationalError("gone"))
        told = [each.exception() for each in others]
    assert [str(each) for each in told] == ["gone", "gone"]
    assert gathered.connection.closed


@pytest.mark.postgres
def test_a_thread_that_is_interrupted_while_it_writes_leaves_nobody_waiting(
    connection: Any, gathered: GatheredWrites
) -> None:
    import psycopg

    write(gathered, 1)
    with ThreadPoolExecutor(4) as pool:
        with locked(connection, gathered, pool, number=2) as first:
            others = [pool.submit(write, gathered, number) for number in (3, 4)]
            until(lambda: len(gathered._waiting) == len(others))
            gathered._link = Interrupted(gathered._link, "pipeline_sync", KeyboardInterrupt())
        told = [each.exception() for each in others]
    assert first.exception() is None
    assert sorted(type(each).__name__ for each in told) == ["KeyboardInterrupt", "OperationalError"]
    assert any(isinstance(each, psycopg.OperationalError) for each in told)
    assert [row[0] for row in rows(connection)] == [1, 2]
