"""The rows of the tables and the SQL that reads and writes them, each statement made once for its number of rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from operator import attrgetter
from typing import Any

from msgspec import Struct

from detainer_ledger.ledger.events import Event
from detainer_ledger.ledger.gathering import Value, numbered

EVENT_COLUMNS = (
    "stream", "version", "kind", "kind_version", "recorded_at", "actor", "role", "command", "command_part",
    "command_digest", "previous", "body",
)  # fmt: skip
"""Columns of ``entry`` that make an event, in order."""

_VIEW_COLUMNS = ("view", "key", "owner", "due", "body")


class ViewRow(Struct, frozen=True, kw_only=True, gc=False):
    """A row of what commands read quickly: in view ``view`` under ``key``, of an owner, due at an instant or never.

    ``due`` is UTC in ISO 8601, so that text sorts as time; ``body`` is canonical JSON.
    """

    view: str
    key: str
    owner: str
    due: str | None
    body: str


def event_of(row: Sequence[Any]) -> Event:
    """Return the event of a row of EVENT_COLUMNS."""
    return Event(
        stream=row[0], version=row[1], kind=row[2], kind_version=row[3], recorded_at=row[4], actor=row[5], role=row[6],
        command=row[7], command_part=row[8], command_digest=row[9], previous=row[10], body=row[11],
    )  # fmt: skip


event_values = attrgetter(*EVENT_COLUMNS)
"""Gives the values of an event, in the order of EVENT_COLUMNS."""


def view_of(row: Sequence[Any]) -> ViewRow:
    """Return a row of a view as it was read with ``views_sql``."""
    view, key, owner, due, body = row
    return ViewRow(view=view, key=key, owner=owner, due=due, body=body)


def views_sql() -> str:
    """Return the SQL that reads rows of views; conditions follow on it."""
    return f"SELECT {', '.join(_VIEW_COLUMNS)} FROM view"


def view_values(row: ViewRow) -> tuple[Value, ...]:
    """Return the values of a row of a view, in the order of its columns."""
    return (row.view, row.key, row.owner, row.due, row.body)


def _row(columns: int) -> str:
    return f"({', '.join('?' * columns)})"


_END = "COALESCE((SELECT leaf FROM entry WHERE stream = ? ORDER BY version DESC LIMIT 1), ?)"


@cache
def select_ends(count: int) -> str:
    """Return the SQL that reads the hash of the last event of so many streams, each given with what stands for none."""
    return f"SELECT {', '.join([_END] * count)}"


@cache
def insert_entry(count: int) -> str:
    """Return the SQL that adds events where two streams end with the events with which they were seen.

    Where one does not, the first event gets no stream, which the table does not take. Versions alone would not do: a
    database put back to an older state has other events under the same numbers.
    """
    columns = ("stream", *EVENT_COLUMNS[1:], "leaf", "mac")
    first = f"(CASE WHEN {_END} = ? AND {_END} = ? THEN ? END{', ?' * (len(columns) - 1)})"
    return f"INSERT INTO entry ({', '.join(columns)}) VALUES {', '.join([first, *[_row(len(columns))] * (count - 1)])}"


@cache
def upsert_view(count: int) -> str:
    """Return the SQL that puts so many rows of views in the place of those with their keys."""
    rows = ", ".join([_row(len(_VIEW_COLUMNS))] * count)
    return (
        f"INSERT INTO view ({', '.join(_VIEW_COLUMNS)}) VALUES {rows} ON CONFLICT (view, key)"
        " DO UPDATE SET due = excluded.due, body = excluded.body"
    )


@cache
def append_sql(events: int, views: int) -> str:
    """Return the SQL that adds events and the rows of views that follow in one statement, which SQLite cannot.

    PostgreSQL writes the rows of views first: a write that did otherwise could wait for one that waits for it.
    """
    sql = insert_entry(events)
    return f"WITH added AS ({sql}) {upsert_view(views)}" if views else sql


@cache
def append_at_once(events: int, views: int) -> tuple[bytes, bytes]:
    """Return the name and the text of ``append_sql`` as PostgreSQL prepares it."""
    return f"append_{events}_{views}".encode(), numbered(append_sql(events, views))
