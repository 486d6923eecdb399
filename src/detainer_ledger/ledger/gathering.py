"""Statements that threads want to be written at one moment, gathered into one transaction of PostgreSQL.

A connection for each thread costs a server process for each, and a change from one to the next at every command: more
than the rules of the command. One connection for all writes what has come together while it wrote what came before,
with one wait for the disk. ``psycopg.pq`` is the driver's own door to libpq: its cursors cost as much again.
"""

from __future__ import annotations

import selectors
import threading
from collections.abc import Sequence
from itertools import count
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from psycopg.pq.abc import PGresult

Value = str | bytes | int | None
"""What a record stores."""

_DONE = frozenset({1, 2})
"""``PGRES_COMMAND_OK`` and ``PGRES_TUPLES_OK`` of libpq; the driver is no part of every installation."""

_END_OF_TRANSACTION = 10
"""``PGRES_PIPELINE_SYNC`` of libpq: what came before is committed, or its failure was told."""

_SQLSTATE = ord("C")
"""``PG_DIAG_SQLSTATE`` of libpq."""

_MOST_VALUES = 65_535
"""How many values a statement can have; libpq takes no more."""


def numbered(sql: str) -> bytes:
    """Return SQL with ``$1``, ``$2``, … where ``?`` marks a value."""
    first, *rest = sql.split("?")
    places = count(1)
    return "".join([first, *(f"${next(places)}{part}" for part in rest)]).encode()


class _Asked:
    """A statement that a thread waits for; ``turn`` is let go when it is done, or when its thread is to write."""

    __slots__ = ("error", "formats", "given", "is_done", "name", "sql", "stream", "turn")

    def __init__(self, stream: str, name: bytes, sql: bytes, values: Sequence[Value]) -> None:
        self.stream = stream
        self.name = name
        self.sql = sql
        self.given = [
            value.encode() if isinstance(value, str) else b"%d" % value if isinstance(value, int) else value
            for value in values
        ]
        # Text goes as bytes of a length of its own, which no zero in it cuts off; numbers go as they are written.
        self.formats = [0 if isinstance(value, int) else 1 for value in values]
        self.turn = threading.Lock()
        self.error: Exception | None = None
        self.is_done = False


class GatheredWrites:
    """A connection to PostgreSQL on which several threads write, each statement whole or not at all.

    Takes over an open connection of psycopg that is in no transaction. Safe to share between threads that no signal
    interrupts: one of them writes what has come together, and the next one what came meanwhile. What has returned from
    ``run`` is committed.
    """

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self._link = connection.pgconn
        self._link.nonblocking = 1
        self._link.enter_pipeline_mode()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._link.socket, selectors.EVENT_READ)
        self._prepared: set[bytes] = set()
        self._lock = threading.Lock()
        self._waiting: list[_Asked] = []
        self._under_way: list[_Asked] = []
        self._writer: _Asked | None = None
        """Whose thread uses the connection; no other one does."""

    def run(self, stream: str, name: bytes, sql: bytes, values: Sequence[Value]) -> None:
        """Run a statement durably, and prepare it under its name the first time.

        Statements of one transaction run in the order of their streams, so that two processes that write on the same
        ones do not wait for each other. Values of one place are of one kind. Raises the driver's error of the
        statement's SQLSTATE, ProgrammingError for more values than a statement can have, and OperationalError where
        the connection is lost, after which nothing more is run.
        """
        if len(values) > _MOST_VALUES:
            raise _too_many_values()
        asked = _Asked(stream, name, sql, values)
        try:
            with self._lock:
                if self.connection.closed:
                    raise _lost("the connection was given up")
                asked.turn.acquire()
                self._waiting.append(asked)
                if self._writer is None:
                    self._writer = asked
                    asked.turn.release()
            asked.turn.acquire()
            if not asked.is_done:
                self._write_waiting()
        except BaseException as error:
            with self._lock:
                if self._writer is asked:
                    self._give_up(str(error))
            raise
        if asked.error is not None:
            raise asked.error

    def close(self) -> None:
        """Let go of the connection. No thread may be writing."""
        with self._lock:
            self._give_up("the connection was closed")

    def _write_waiting(self) -> None:
        """Write what waits, tell its threads, and let one of those that came meanwhile write next."""
        with self._lock:
            self._under_way, self._waiting = sorted(self._waiting, key=attrgetter("stream")), []
        self._write(self._under_way)
        with self._lock:
            for each in self._under_way:
                _tell(each)
            self._under_way = []
            self._writer = self._waiting[0] if self._waiting else None
            if self._writer is not None:
                self._writer.turn.release()

    def _write(self, batch: Sequence[_Asked]) -> None:
        """Write statements in one transaction but for those that fail, which are run again, each by itself.

        What failed beside others can be done without them, or fail in another way.
        """
        for each in batch:
            each.error = self._prepare(each)
        left = [each for each in batch if each.error is None]
        by_itself: list[_Asked] = []
        while left:
            failed = self._failed(left)
            if failed is None:
                break
            place, result = failed
            if len(left) == 1:
                left[0].error = _error_of(result)
                break
            # Where the end of the transaction fails, nobody knows whose fault it is.
            at_fault = left[place : place + 1] or left
            by_itself += at_fault
            left = [each for each in left if each not in at_fault]
        for each in by_itself:
            failed = self._failed([each])
            each.error = _error_of(failed[1]) if failed is not None else None

    def _prepare(self, asked: _Asked) -> Exception | None:
        """Prepare a statement that is new, and return why the database does not take it, None where it does."""
        if asked.name in self._prepared:
            return None
        self._link.send_prepare(asked.name, asked.sql)
        failed = self._failure()
        if failed is not None:
            return _error_of(failed[1])
        self._prepared.add(asked.name)
        return None

    def _failed(self, batch: Sequence[_Asked]) -> tuple[int, PGresult] | None:
        """Run statements in one transaction; return the place and answer of the first that failed, None where none did.

        The place behind the last is that of the transaction's end.
        """
        for each in batch:
            self._link.send_query_prepared(each.name, each.given, each.formats)
        return self._failure()

    def _failure(self) -> tuple[int, PGresult] | None:
        """End a transaction, and return the place and the text of its first failure. Raises where all is lost."""
        link = self._link
        link.pipeline_sync()
        while link.flush():
            self._selector.modify(link.socket, selectors.EVENT_READ | selectors.EVENT_WRITE)
            self._selector.select()
            self._selector.modify(link.socket, selectors.EVENT_READ)
            link.consume_input()
        answers: list[PGresult] = []
        while True:
            while not link.is_busy():
                result = link.get_result()
                if result is None:
                    if self.connection.closed:
                        raise _lost("the connection is lost")
                elif result.status == _END_OF_TRANSACTION:
                    return next(((n, each) for n, each in enumerate(answers) if each.status not in _DONE), None)
                else:
                    answers.append(result)
            self._selector.select()
            link.consume_input()

    def _give_up(self, why: str) -> None:
        """Close the connection, and tell everybody who waits that it is lost. The lock is held."""
        self._selector.close()
        self.connection.close()
        for each in (*self._under_way, *self._waiting):
            if not each.is_done:
                each.error = _lost(why)
                _tell(each)
        self._under_way, self._waiting, self._writer = [], [], None


def _tell(asked: _Asked) -> None:
    """Let the thread of a statement go on. That of the writer may not have taken its turn when it is interrupted."""
    asked.is_done = True
    if asked.turn.locked():
        asked.turn.release()


def _too_many_values() -> Exception:
    from psycopg import ProgrammingError

    return ProgrammingError(f"a statement can have {_MOST_VALUES:,} values at the most")


def _lost(why: str) -> Exception:
    from psycopg import OperationalError

    return OperationalError(why)


def _error_of(result: PGresult) -> Exception:
    """Return the driver's error of an answer."""
    from psycopg import DatabaseError, OperationalError, errors

    state = result.error_field(_SQLSTATE)
    said = (result.error_message or b"the connection is lost").decode(errors="replace").strip()
    if state is None:
        return OperationalError(said)
    try:
        return errors.lookup(state.decode())(said)
    except KeyError:
        return DatabaseError(said)
