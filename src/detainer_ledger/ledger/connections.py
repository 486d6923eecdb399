"""The connections of a process to a record's database: kept while they are good, and waited for when it is away."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from sqlalchemy.exc import DatabaseError as AnyDatabaseError

from detainer_ledger.ledger.failures import place_of, unusable
from detainer_ledger.ledger.gathering import GatheredWrites
from detainer_ledger.terms import StoreError

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

PATIENCE_SECONDS = 20.0
"""How long a command waits for a database that has gone away, or that another writer holds, before it gives up."""


class _OnConnection(Protocol):
    @property
    def connection(self) -> Any: ...


L = TypeVar("L", bound=_OnConnection)
T = TypeVar("T")


class Connections:
    """The connections that the threads of a process keep. Safe to share between threads.

    Each thread has one of its own, on which every statement is its own transaction; on PostgreSQL they share another,
    on which what they write is gathered. The main thread shares with nobody: a signal interrupts it alone, and it gives
    its connection up then. Others are taken from the engine for as long as something takes. A process that was forked
    off takes connections of its own.
    """

    def __init__(self, engine: Engine) -> None:
        driver = engine.dialect.loaded_dbapi
        self.engine = engine
        self.dialect = engine.dialect.name
        self.integrity_error: type[Exception] = driver.IntegrityError
        self.database_error: type[Exception] = driver.Error
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._near = threading.local()
        self._lock = threading.Lock()
        self._owned: list[tuple[threading.Thread, Any]] = []
        self._gathered: dict[bool, GatheredWrites] = {}
        """That of the main thread under True."""

    def _leave_to_parent(self) -> None:
        """Use no connection of the process that this one was forked off from; that one goes on with them."""
        if os.getpid() != self._process:
            self._begin()
            self.engine.dispose(close=False)

    def fresh(self) -> Any:
        """Return a connection of the engine; whoever takes it closes it. Raises StoreError where there is none."""
        self._leave_to_parent()
        try:
            return self.engine.raw_connection()
        except AnyDatabaseError as error:
            raise self.told(error.orig if isinstance(error.orig, Exception) else error) from None
        except self.database_error as error:
            raise self.told(error) from None

    def alone(self, act: Callable[[Any], T]) -> T:
        """Do something with the cursor of this thread's connection, and wait for a database that has gone away.

        It is done again from its beginning then. Raises IntegrityError of the driver, and else StoreError.
        """
        return self._patiently(self.own_cursor, act)

    def together(self, act: Callable[[GatheredWrites], None]) -> None:
        """Write something on the connection that threads share, and wait for a database that has gone away.

        It is done again from its beginning then. Raises IntegrityError of the driver, and else StoreError.
        """
        self._patiently(self._shared, act)

    def own_cursor(self) -> Any:
        """Return the cursor of the connection that this thread keeps.

        To take a connection from the pool and put it back costs as much as a quick question.
        """
        self._leave_to_parent()
        cursor = getattr(self._near, "cursor", None)
        if cursor is None:
            connection = self._kept()
            cursor = self._near.cursor = connection.cursor()
            with self._lock:
                ended = [each for thread, each in self._owned if not thread.is_alive()]
                self._owned = [each for each in self._owned if each[0].is_alive()]
                self._owned.append((threading.current_thread(), connection))
            for each in ended:
                self._close(each)
        return cursor

    def told(self, error: Exception) -> StoreError:
        """Return what a user is told of an error of the driver."""
        return unusable(error, place_of(self.engine))

    def close(self) -> None:
        """Let go of every connection. No thread may be using one."""
        self._leave_to_parent()
        with self._lock:
            for _, connection in self._owned:
                connection.close()
            self._owned.clear()
            for gathered in self._gathered.values():
                gathered.close()
            self._gathered.clear()
        self._near = threading.local()
        self.engine.dispose()

    def _shared(self) -> GatheredWrites:
        self._leave_to_parent()
        is_main = threading.current_thread() is threading.main_thread()
        found = self._gathered.get(is_main)
        if found is not None and not found.connection.closed:
            return found
        # Nobody waits for another one's attempt to connect; of two that come about the second is let go.
        made = GatheredWrites(self._kept())
        with self._lock:
            now = self._gathered.get(is_main)
            if now is None or now.connection.closed:
                self._gathered[is_main] = made
                return made
        made.close()
        return now

    def _kept(self) -> Any:
        """Return a connection that the engine's pool knows nothing of any more.

        On PostgreSQL every statement is its own transaction, with a plan that stays right while tables grow: a
        statement keeps the plan that was made for it when the table was small, and that would read the whole of it,
        time and again, until statistics are taken the next time.
        """
        pooled = self.fresh()
        pooled.detach()
        connection = pooled.dbapi_connection
        if self.dialect == "postgresql":
            connection.autocommit = True
            try:
                connection.execute("SET enable_seqscan = off")
            except self.database_error as error:
                self._close(connection)
                raise self.told(error) from None
        return connection

    def _patiently(self, take: Callable[[], L], act: Callable[[L], T]) -> T:
        """Do something on a connection, and again on another where the database had gone away.

        A second attempt does no harm: an event has its version, and a version is written once.
        """
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                line = take()
            except StoreError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)
                continue
            try:
                return act(line)
            except self.integrity_error:
                raise
            except self.database_error as error:
                if not self._is_gone(error, line.connection) or time.monotonic() > until:
                    raise self.told(error) from None
                self._let_go(line.connection)
                time.sleep(0.2)

    def _let_go(self, connection: Any) -> None:
        cursor = getattr(self._near, "cursor", None)
        if cursor is not None and cursor.connection is connection:
            self._near.cursor = None
            with self._lock:
                self._owned = [each for each in self._owned if each[1] is not connection]
        self._close(connection)

    def _close(self, connection: Any) -> None:
        with suppress(self.database_error):
            connection.close()

    def _is_gone(self, error: Exception, connection: Any) -> bool:
        return self.dialect == "postgresql" and bool(
            self.engine.dialect.is_disconnect(error, connection, None)  # type: ignore[arg-type]
        )
