"""Statements that PostgreSQL prepares once, run without what the driver does around a cursor.

That costs as much as the rules of a command. ``psycopg.pq`` is the driver's own door to libpq.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from psycopg.pq.abc import PGresult

Value = str | bytes | int | None
"""What a record stores."""

_DONE = frozenset({1, 2})
"""``PGRES_COMMAND_OK`` and ``PGRES_TUPLES_OK`` of libpq; the driver is no part of every installation."""

_SQLSTATE = ord("C")
"""``PG_DIAG_SQLSTATE`` of libpq."""

_NOT_PREPARED = b"26000"
"""``invalid_sql_statement_name``."""


def numbered(sql: str) -> bytes:
    """Return SQL with ``$1``, ``$2``, … where ``?`` marks a value."""
    first, *rest = sql.split("?")
    places = count(1)
    return "".join([first, *(f"${next(places)}{part}" for part in rest)]).encode()


def run_prepared(
    connection: Any, prepared: dict[bytes, list[int]], name: bytes, sql: bytes, values: Sequence[Value]
) -> None:
    """Run a statement on a connection that is in no transaction, and prepare it there the first time.

    ``prepared`` has the statements that the connection knows, by name, with how their values are written; values of one
    place are of one kind. Raises the driver's error of the statement's SQLSTATE.
    """
    given = [
        value.encode() if isinstance(value, str) else b"%d" % value if isinstance(value, int) else value
        for value in values
    ]
    link = connection.pgconn
    if name in prepared:
        result = link.exec_prepared(name, given, prepared[name])
        if result.status in _DONE:
            return
        if result.error_field(_SQLSTATE) != _NOT_PREPARED:
            raise _error_of(result)
    # The driver lets go of every prepared statement where a transaction of its own was rolled back.
    result = link.prepare(name, sql)
    if result.status in _DONE:
        # Text goes as bytes of a length of its own, which no zero in it cuts off; numbers go as they are written.
        prepared[name] = [0 if isinstance(value, int) else 1 for value in values]
        result = link.exec_prepared(name, given, prepared[name])
    if result.status not in _DONE:
        raise _error_of(result)


def _error_of(result: PGresult) -> Exception:
    from psycopg import DatabaseError, OperationalError, errors

    state = result.error_field(_SQLSTATE)
    said = (result.error_message or b"the connection is lost").decode(errors="replace").strip()
    if state is None:
        return OperationalError(said)
    try:
        return errors.lookup(state.decode())(said)
    except KeyError:
        return DatabaseError(said)
