"""The append-only store of events, on SQLite or PostgreSQL.

A command's events and the views that follow from them are written in one transaction, durably: what ``append`` has
returned survives the end of the process and of the machine. Streams are guarded by their version: of two writers on one
stream one wins, and the other gets ``Conflict``. A command's key is used once; a repeated command gets what it got.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from itertools import count, islice
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from msgspec import Struct, to_builtins

from detainer_ledger.ledger.connections import PATIENCE_SECONDS, Connections
from detainer_ledger.ledger.events import Event, Head, NewEvent, canonical
from detainer_ledger.ledger.failures import place_of
from detainer_ledger.ledger.gathering import Value
from detainer_ledger.ledger.schema import GIVEN_KEY, META, OWN_KEY
from detainer_ledger.ledger.statements import (
    EVENT_COLUMNS,
    ViewRow,
    append_at_once,
    append_sql,
    event_of,
    event_values,
    insert_entry,
    select_ends,
    upsert_view,
    view_of,
    view_values,
    views_sql,
)
from detainer_ledger.terms import BadInput, LedgerError

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.engine import Engine
    from sqlalchemy.engine.interfaces import DBAPICursor

    from detainer_ledger.ledger.keys import Keys

_CHUNK = 5_000
_LAST_EVENTS = 1_000
_MAC_PURPOSE = "events"
_CHAIN_START = hashlib.sha256(b"detainer-ledger chain").digest()


class Conflict(LedgerError):  # noqa: N818 - it names what happened, as the message does
    """Somebody else has added to the stream since it was read; read it again and repeat the command."""


Statement = tuple[str, tuple[object, ...]]
"""SQL that belongs to an append and is done with it or not at all, with its values."""

Views = Callable[[tuple[Event, ...], Head], Sequence[ViewRow]]
"""Gives the rows of views that follow from events, after which a stream has this end."""


def _readable(stored: bytes) -> str:
    return stored.decode("utf-8", "replace")


def _no_views(_events: tuple[Event, ...], _head: Head) -> Sequence[ViewRow]:
    return ()


class Appended(Struct, frozen=True, kw_only=True):
    """What an append did: the events, the new end of the stream, and whether the command had been done before."""

    events: tuple[Event, ...]
    head: Head
    is_repeat: bool


class Ledger:
    """A record's events. Made by ``create_ledger`` and ``open_ledger``; safe to share between threads."""

    def __init__(self, engine: Engine, keys: Keys, *, origin: str, now: Callable[[], datetime]) -> None:
        self.engine = engine
        self.keys = keys
        self.origin = origin
        self.now = now
        # The standard library's HMAC lets other threads go first, at every event and for two microseconds of work.
        self._mac_of_nothing = HMAC(keys.derived(_MAC_PURPOSE), SHA256())
        self._keys_begin = OWN_KEY + secrets.token_hex(8)
        self._keys = count()
        self._has_leavings = False
        self._newest: str | None = None
        self._connections = Connections(engine)
        self._dialect = engine.dialect.name
        self._mark = "?" if self._dialect == "sqlite" else "%s"

    def append(
        self,
        stream: str,
        events: Sequence[NewEvent],
        *,
        head: Head,
        actor: str,
        role: str,
        command: str,
        digest: str = "",
        views: Views = _no_views,
        also: Sequence[Statement] = (),
        while_at: tuple[str, str] | None = None,
    ) -> Appended:
        """Add events to a stream after its head, with the views that follow, in one durable transaction.

        ``command`` is the key of the command, used once in the whole record; ``digest`` says what it asked; ``views``
        gives the rows that follow from the events as they are recorded; ``also`` is done in the same transaction, and
        what it deletes is overwritten; ``while_at`` is another stream with the hash of the event that still has to be
        its last.
        Raises Conflict where either stream is not as it was seen, BadInput where the key was used for something else,
        StoreError where the database cannot be written.
        """
        other, leaf_of_other = while_at or (stream, head.leaf)
        as_seen = (stream, b"", bytes.fromhex(head.leaf), other, b"", bytes.fromhex(leaf_of_other))
        recorded_at = instant_text(self.now())
        added: list[Event] = []
        leaves: list[bytes] = []
        for part, new in enumerate(events):
            added.append(
                Event(
                    stream=stream,
                    version=head.version + 1,
                    kind=new.kind,
                    kind_version=new.kind_version,
                    recorded_at=recorded_at,
                    actor=actor,
                    role=role,
                    command=command,
                    command_part=part,
                    command_digest=digest,
                    previous=head.leaf,
                    body=canonical(new.body),
                )
            )
            leaves.append(added[-1].leaf)
            head = Head(version=head.version + 1, leaf=leaves[-1].hex(), recorded_at=recorded_at)
        try:
            rows = views(tuple(added), head)
            self._write(as_seen, added, leaves, rows, also)
        except self._connections.integrity_error:
            return self._already_there(stream, command, digest)
        if self._newest is not None:
            self._newest = max(self._newest, recorded_at)
        return Appended(events=tuple(added), head=head, is_repeat=False)

    def events(self, stream: str) -> tuple[Event, ...]:
        """Return the events of a stream in order; none where there is no such stream."""
        found = self.rows(f"SELECT {', '.join(EVENT_COLUMNS)} FROM entry WHERE stream = ? ORDER BY version", stream)
        return tuple(event_of(row) for row in found)

    def events_of_command(self, command: str) -> tuple[Event, ...]:
        """Return the events that a command with a key gave; none where its key was not used."""
        found = self.rows(
            f"SELECT {', '.join(EVENT_COLUMNS)} FROM entry WHERE command = ? AND {GIVEN_KEY} ORDER BY command_part",
            command,
        )
        return tuple(event_of(row) for row in found)

    def new_key(self) -> str:
        """Return a key for a command that was given none; nobody can repeat it but the record itself."""
        # A process that was forked off has the same beginning and the same count.
        return f"{self._keys_begin}-{os.getpid():x}-{next(self._keys):x}"

    def head(self, stream: str) -> Head:
        """Return the end of a stream."""
        found = self.rows(
            "SELECT version, leaf, recorded_at FROM entry WHERE stream = ? ORDER BY version DESC LIMIT 1", stream
        )
        return Head(version=found[0][0], leaf=bytes(found[0][1]).hex(), recorded_at=found[0][2]) if found else Head()

    def newest_at(self) -> str:
        """Return when the newest of the last events that are known here was recorded, "" in an empty record.

        The database is asked once; after that, what was added from here is known. The last event that was written is
        not always the newest: that is why more of them are looked at.
        """
        if self._newest is None:
            last = f"SELECT recorded_at FROM entry ORDER BY id DESC LIMIT {_LAST_EVENTS}"
            self._newest = str(self.rows(f"SELECT COALESCE(MAX(recorded_at), '') FROM ({last}) AS last_events")[0][0])
        return self._newest

    def ends(self, *streams: str) -> tuple[str, ...]:
        """Return the hash of the last event of each stream, "" where there is none, with one question."""
        found = self.rows(select_ends(len(streams)), *(value for stream in streams for value in (stream, b"")))
        return tuple(bytes(leaf).hex() for leaf in found[0])

    def streams(self, prefix: str) -> Iterator[tuple[str, tuple[Event, ...]]]:
        """Give every stream whose name begins with a text, in the order of names, with its events.

        Read in pieces: memory holds one piece, whatever the size of the record.
        """
        asked = (
            f"SELECT {', '.join(EVENT_COLUMNS)} FROM entry WHERE stream >= ? AND stream < ? ORDER BY stream, version"
        )
        stream = ""
        gathered: list[Event] = []
        for row in self.reading(asked, prefix, prefix + "\U0010ffff"):
            each = event_of(row)
            if each.stream != stream and gathered:
                yield stream, tuple(gathered)
                gathered = []
            stream = each.stream
            gathered.append(each)
        if gathered:
            yield stream, tuple(gathered)

    def views(self, view: str, *, owner: str | None = None, due_only: bool = False) -> tuple[ViewRow, ...]:
        """Return the rows of a view in the order in which they fall due, else of their keys."""
        conditions = [
            "view = ?",
            *(["owner = ?"] if owner is not None else []),
            *(["due IS NOT NULL"] if due_only else []),
        ]
        order = "due, key" if due_only else "key"
        found = self.rows(
            f"{views_sql()} WHERE {' AND '.join(conditions)} ORDER BY {order}",
            view,
            *([owner] if owner is not None else []),
        )
        return tuple([view_of(row) for row in found])

    def due(self, view: str, *, owner: str | None = None) -> Sequence[Sequence[str]]:
        """Return key, owner and body of each row of a view that is due, the one that falls due first at the beginning.

        A queue of ten thousand is asked for every minute: nothing is made of its rows here.
        """
        of_owner = "" if owner is None else " AND owner = ?"
        asked = f"SELECT key, owner, body FROM view WHERE view = ? AND due IS NOT NULL{of_owner} ORDER BY due, key"
        return self.rows(asked, view, *([owner] if of_owner else []))

    def n_views(self, view: str, *, owner: str | None = None) -> int:
        """Return how many rows a view has, of one owner or of all."""
        of_owner = "" if owner is None else " AND owner = ?"
        found = self.rows(f"SELECT count(*) FROM view WHERE view = ?{of_owner}", view, *([owner] if of_owner else []))
        return int(found[0][0])

    def every_view(self) -> Iterator[ViewRow]:
        """Give the rows of all views in the order of their keys, as they were at one moment."""
        for row in self.reading(f"{views_sql()} ORDER BY key, view"):
            yield view_of(row)

    def views_of(self, key: str) -> tuple[ViewRow, ...]:
        """Return the rows that all views have under a key."""
        found = self.rows(f"{views_sql()} WHERE key = ?", key)
        return tuple([view_of(row) for row in found])

    def view_row(self, view: str, key: str) -> ViewRow | None:
        """Return one row of a view."""
        found = self.rows(f"{views_sql()} WHERE view = ? AND key = ?", view, key)
        return view_of(found[0]) if found else None

    def replace_views(self, rows: Iterator[ViewRow]) -> int:
        """Put these rows in the place of all there are, in one transaction, and return their number."""
        sql = self.sql(upsert_view(1))
        count = 0
        with self.writing() as cursor:
            if self._dialect == "postgresql":
                # Whoever adds an event now writes its rows after these.
                cursor.execute("LOCK TABLE view IN EXCLUSIVE MODE")
            cursor.execute("DELETE FROM view")
            while piece := list(islice(rows, _CHUNK)):
                cursor.executemany(sql, [view_values(row) for row in piece])
                count += len(piece)
        return count

    def seal(self) -> int:
        """Give every event that has none a position in the tree, and return how many got one.

        Events are written by many at once and get their positions afterwards, by one: that costs writers nothing.
        """
        with self.writing() as cursor:
            if self._dialect == "postgresql":
                cursor.execute("LOCK TABLE seal IN EXCLUSIVE MODE")
            cursor.execute("SELECT position, chain FROM seal ORDER BY position DESC LIMIT 1")
            last = cursor.fetchone()
            position, chain = (last[0] + 1, bytes(last[1])) if last else (0, _CHAIN_START)
            cursor.execute(
                "SELECT e.id, e.leaf FROM entry AS e LEFT JOIN seal AS s ON s.entry = e.id WHERE s.entry IS NULL"
                " ORDER BY e.id"
            )
            rows: list[tuple[int, int, bytes, bytes]] = []
            for entry, leaf in cursor.fetchall():
                chain = chained(chain, bytes(leaf))
                rows.append((position, entry, bytes(leaf), chain))
                position += 1
            if rows:
                cursor.executemany(
                    self.sql("INSERT INTO seal (position, entry, leaf, chain) VALUES (?, ?, ?, ?)"), rows
                )
        return len(rows)

    def keep_checkpoint(self, size: int, made_at: str, note: str) -> None:
        """Keep a signed checkpoint over the first ``size`` events; one that is there already stands."""
        with self.writing() as cursor:
            cursor.execute(
                self.sql("INSERT INTO checkpoint (size, made_at, note) VALUES (?, ?, ?) ON CONFLICT (size) DO NOTHING"),
                (size, made_at, note),
            )

    def leaves(self) -> list[bytes]:
        """Return the leaf hashes of the tree, in order."""
        return [bytes(row[0]) for row in self.reading("SELECT leaf FROM seal ORDER BY position")]

    def positions(self, stream: str) -> dict[int, int]:
        """Return the position in the tree of each sealed event of a stream, by version."""
        found = self.rows(
            "SELECT e.version, s.position FROM entry AS e JOIN seal AS s ON s.entry = e.id WHERE e.stream = ?", stream
        )
        return {row[0]: row[1] for row in found}

    def reading(self, sql: str, *values: object) -> Iterator[Sequence[Any]]:
        """Give the rows of a query piece by piece, all as they were at one moment, while others go on writing."""
        yield from self._reading(self._connections.fresh(), sql, *values)

    def reading_as_stored(self, sql: str, *values: object) -> Iterator[Sequence[Any]]:
        """Give rows as ``reading`` does, and what is no text with marks in its place: a file can be changed to that."""
        connection = self._connections.fresh()
        if self._dialect == "sqlite":
            connection.driver_connection.text_factory = _readable
            # Nobody else is to get it, who would be given marks for text.
            connection.detach()
        yield from self._reading(connection, sql, *values)

    def _reading(self, connection: Any, sql: str, *values: object) -> Iterator[Sequence[Any]]:
        is_server_side = self._dialect == "postgresql"
        cursor = connection.cursor(name="reading") if is_server_side else connection.cursor()
        try:
            if not is_server_side:
                cursor.execute("BEGIN")
            cursor.execute(self.sql(sql), values)
            while rows := cursor.fetchmany(_CHUNK):
                yield from rows
        except self._connections.database_error as error:
            raise self._connections.told(error) from None
        finally:
            with suppress(self._connections.database_error):
                cursor.close()
                connection.rollback()
            connection.close()

    @contextmanager
    def snapshot(self) -> Iterator[Callable[[Table], Iterator[Sequence[Any]]]]:
        """Yield a function that gives the rows of a table, all tables as they were at one moment."""
        connection = self._connections.fresh()
        try:
            connection.cursor().execute(
                "BEGIN" if self._dialect == "sqlite" else "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
            )

            def rows_of(table: Table) -> Iterator[Sequence[Any]]:
                cursor = connection.cursor() if self._dialect == "sqlite" else connection.cursor(name="snapshot")
                columns = ", ".join(column.name for column in table.columns)
                cursor.execute(f"SELECT {columns} FROM {table.name} ORDER BY {next(iter(table.primary_key)).name}")
                while rows := cursor.fetchmany(_CHUNK):
                    yield from rows
                cursor.close()

            # The first read fixes the moment.
            list(rows_of(META))
            yield rows_of
        finally:
            connection.rollback()
            connection.close()

    @contextmanager
    def writing(self) -> Iterator[DBAPICursor]:
        """Yield a cursor of one transaction, committed at the end and rolled back where anything fails."""
        connection = self._connections.fresh()
        try:
            cursor = connection.cursor()
            if self._dialect == "sqlite":
                cursor.execute("BEGIN IMMEDIATE")
            yield cursor
            connection.commit()
        except BaseException as error:
            with suppress(self._connections.database_error):
                connection.rollback()
            if isinstance(error, self._connections.database_error):
                raise self._connections.told(error) from None
            raise
        finally:
            connection.close()

    def close(self) -> None:
        """Let go of the database."""
        if self._has_leavings:
            self._clear_log(self._connections.own_cursor())
        self._connections.close()

    def mac(self, leaf: bytes) -> bytes:
        """Return the code that an event written by this record has, and one put into its database has not."""
        code = self._mac_of_nothing.copy()
        code.update(leaf)
        return code.finalize()

    def _write(
        self,
        as_seen: Sequence[Value],
        events: Sequence[Event],
        leaves: Sequence[bytes],
        views: Sequence[ViewRow],
        also: Sequence[Statement],
    ) -> None:
        entries: list[Value] = [*as_seen]
        for each, leaf in zip(events, leaves, strict=True):
            entries += [*event_values(each), leaf, self.mac(leaf)]
        rows = [value for row in views for value in view_values(row)]
        if self._dialect == "postgresql" and not also:
            # One statement is written whole, and with those of other threads.
            name, sql = append_at_once(len(events), len(views))
            self._connections.together(lambda gathered: gathered.run(events[0].stream, name, sql, [*entries, *rows]))
            return
        statements: list[tuple[str, list[Value]]] = []
        if self._dialect == "postgresql":
            statements += [(self.sql(append_sql(len(events), len(views))), [*entries, *rows])]
        else:
            statements += [(insert_entry(len(events)), entries)]
            statements += [(upsert_view(len(views)), rows)] if rows else []
        self._connections.alone(lambda cursor: self._write_alone(cursor, statements, also))

    def _write_alone(
        self,
        cursor: DBAPICursor,
        statements: Sequence[tuple[str, list[Value]]],
        also: Sequence[Statement],
    ) -> None:
        """Write an event with what belongs to it in one transaction."""
        if self._dialect == "sqlite" and len(statements) == 1 and not also:
            # A statement that stands alone is its own transaction.
            cursor.execute(*statements[0])
            return
        cursor.execute("BEGIN IMMEDIATE" if self._dialect == "sqlite" else "BEGIN")
        try:
            for statement in statements:
                cursor.execute(*statement)
            self._write_also(cursor, also)
            cursor.execute("COMMIT")
        except BaseException:
            # A database that is full or gone has rolled back by itself.
            with suppress(self._connections.database_error):
                cursor.execute("ROLLBACK")
            raise
        if self._dialect == "sqlite" and any(sql.startswith("DELETE") for sql, _ in also):
            self._has_leavings = True
        if self._has_leavings:
            self._clear_log(cursor)

    def _clear_log(self, cursor: DBAPICursor) -> None:
        """Put SQLite's log of changes into its file, so that nothing of what was deleted stays in it.

        While somebody reads the record that cannot be done: it is tried again at the next write, and at the end.
        """
        with suppress(self._connections.database_error):
            cursor.execute("PRAGMA busy_timeout = 0")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._has_leavings = any(row[0] for row in cursor.fetchall())
        cursor.execute(f"PRAGMA busy_timeout = {int(PATIENCE_SECONDS * 1000)}")
        cursor.fetchall()

    def _write_also(self, cursor: DBAPICursor, also: Sequence[Statement]) -> None:
        if also and self._dialect == "sqlite":
            cursor.execute("PRAGMA secure_delete = ON")
        for sql, values in also:
            cursor.execute(self.sql(sql), values)

    def _already_there(self, stream: str, command: str, digest: str) -> Appended:
        before = self.events_of_command(command)
        if not before:
            # The record's own second attempt, after a database that was gone had written the first.
            before = tuple(each for each in self.events(stream) if each.command == command)
        if not before:
            raise Conflict(
                "Somebody else has added to this case meanwhile. Nothing was stored.",
                case=stream,
                do="look at the case again, and repeat the command if it still holds.",
            )
        if digest != before[0].command_digest:
            raise BadInput(
                f"The key '{command}' was used for another command.",
                do="give each command a key of its own; repeat a command with its own key and the same values.",
            )
        last = before[-1]
        head = Head(version=last.version, leaf=last.leaf.hex(), recorded_at=last.recorded_at)
        return Appended(events=before, head=head, is_repeat=True)

    def rows(self, sql: str, *values: object) -> list[Sequence[Any]]:
        """Return all rows of a query; ``?`` marks a value."""

        def asked(cursor: DBAPICursor) -> list[Sequence[Any]]:
            cursor.execute(self.sql(sql), values)
            return list(cursor.fetchall())

        return self._connections.alone(asked)

    def sql(self, sql: str) -> str:
        """Return SQL with the marks for values of this database."""
        return sql if self._mark == "?" else sql.replace("%", "%%").replace("?", self._mark)

    @property
    def place(self) -> str:
        """Return where the record is, without any password."""
        return place_of(self.engine)


def event_mac(keys: Keys, leaf: bytes) -> bytes:
    """Return the code that an event has which was written with these keys."""
    return hmac.digest(keys.derived(_MAC_PURPOSE), leaf, "sha256")


def instant_text(instant: datetime) -> str:
    """Return an instant as UTC in ISO 8601 with microseconds, so that text sorts as time."""
    text: str = to_builtins(instant.astimezone(UTC))
    return text if "." in text else f"{text[:-1]}.000000Z"


def chained(chain: bytes, leaf: bytes) -> bytes:
    """Return the running hash after a leaf: each position's hash holds all before it."""
    return hashlib.sha256(chain + leaf).digest()


def chain_start() -> bytes:
    """Return the running hash before the first leaf."""
    return _CHAIN_START
