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


def numbered(sql: str) -> bytes:
    """Return SQL with ``$1``, ``$2``, … where ``?`` marks a value."""
    first, *rest = sql.split("?")
    places = count(1)
    return "".join([first, *(f"${next(places)}{part}" for part in rest)]).encode()


class _Asked:
    """A statement that a thread waits for. ``turn`` is let go when it is done, or its thread is to write what waits."""

    __slots__ = ("error", "formats", "given", "is_abandoned", "is_done", "name", "sql", "stream", "turn")

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
        self.turn: threading.Lock | None = None
        self.error: Exception | None = None
        self.is_done = False
        self.is_abandoned = False


class GatheredWrites:
    """A connection to PostgreSQL on which the threads of a process write, each statement whole or not at all.

    Takes over an open connection of psycopg that is in no transaction. Safe to share between threads: one of them
    writes what has come together, and the next one what came meanwhile. What has returned from ``run`` is committed.
    """

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self._link = connection.pgconn
        self._link.nonblocking = 1
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
        statement's SQLSTATE, and OperationalError where the connection is lost, after which nothing more is run.
        """
        asked = _Asked(stream, name, sql, values)
        is_writing = False
        try:
            with self._lock:
                if self.connection.closed:
                    raise _lost("the connection was given up")
                if self._writer is None:
                    self._writer = asked
                else:
                    asked.turn = threading.Lock()
                    asked.turn.acquire()
                self._waiting.append(asked)
            if asked.turn is not None:
                asked.turn.acquire()
            if self._writer is asked:
                is_writing = True
                self._write_waiting()
        except BaseException as error:
            with self._lock:
                asked.is_abandoned = True
                if is_writing or self._writer is asked:
                    # The others wait for this thread, which was interrupted, or has lost the connection.
                    self._give_up(error)
            raise
        if asked.error is not None:
            raise asked.error

    def close(self) -> None:
        """Let go of the connection. No thread may be writing."""
        with self._lock:
            self._give_up(_lost("the connection was closed"))

    def _write_waiting(self) -> None:
        """Write what waits, tell its threads, and let one of those that came meanwhile write next."""
        with self._lock:
            batch = sorted([each for each in self._waiting if not each.is_abandoned], key=attrgetter("stream"))
            self._under_way, self._waiting = batch, []
        self._write(batch)
        with self._lock:
            for each in batch:
                _tell(each)
            self._under_way = []
            self._writer = next((each for each in self._waiting if not each.is_abandoned), None)
            if self._writer is not None and self._writer.turn is not None:
                self._writer.turn.release()

    def _write(self, batch: Sequence[_Asked]) -> None:
        """Write statements in one transaction; where one of them fails, nothing is, and each is run by itself."""
        for each in batch:
            if each.name not in self._prepared:
                each.error = self._prepare(each)
        taken = [each for each in batch if each.error is None]
        if len(taken) > 1 and self._is_written(taken):
            return
        for each in taken:
            each.error = _failure_of(self._link.exec_prepared(each.name, each.given, each.formats))

    def _prepare(self, asked: _Asked) -> Exception | None:
        """Prepare a statement, and return why the database does not take it, None where it does."""
        failure = _failure_of(self._link.prepare(asked.name, asked.sql))
        if failure is None:
            self._prepared.add(asked.name)
        return failure

    def _is_written(self, batch: Sequence[_Asked]) -> bool:
        """Run statements in one transaction and tell whether it was committed. Raises where the connection is lost."""
        link = self._link
        link.enter_pipeline_mode()
        for each in batch:
            link.send_query_prepared(each.name, each.given, each.formats)
        link.pipeline_sync()
        while link.flush():
            self._selector.modify(link.socket, selectors.EVENT_READ | selectors.EVENT_WRITE)
            self._selector.select()
            self._selector.modify(link.socket, selectors.EVENT_READ)
            link.consume_input()
        is_written = True
        while True:
            while not link.is_busy():
                result = link.get_result()
                if result is not None and result.status == _END_OF_TRANSACTION:
                    link.exit_pipeline_mode()
                    return is_written
                if self.connection.closed:
                    raise _lost("the connection is lost")
                is_written = is_written and (result is None or result.status in _DONE)
            self._selector.select()
            link.consume_input()

    def _give_up(self, error: BaseException) -> None:
        """Close the connection, and tell everybody who waits that it is lost. The lock is held."""
        self._selector.close()
        self.connection.close()
        for each in (*self._under_way, *self._waiting):
            if not each.is_done:
                each.error = error if isinstance(error, Exception) else _lost("another thread was interrupted")
            _tell(each)
        self._under_way, self._waiting, self._writer = [], [], None


def _tell(asked: _Asked) -> None:
    """Let the thread of a statement go on; it may have been told before."""
    asked.is_done = True
    if asked.turn is not None and asked.turn.locked():
        asked.turn.release()


def _lost(why: str) -> Exception:
    from psycopg import OperationalError

    return OperationalError(why)


def _failure_of(result: PGresult) -> Exception | None:
    """Return the driver's error of a result, None where it is none."""
    if result.status in _DONE:
        return None
    from psycopg import DatabaseError, OperationalError, errors

    state = result.error_field(_SQLSTATE)
    said = (result.error_message or b"the connection is lost").decode(errors="replace").strip()
    if state is None:
        return OperationalError(said)
    try:
        return errors.lookup(state.decode())(said)
    except KeyError:
        return DatabaseError(said)
