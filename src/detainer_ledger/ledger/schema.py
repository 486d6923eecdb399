"""The tables of a record, and the triggers that keep events from being changed.

``entry`` has the events, in the order in which they were written by whoever wrote them; ``seal`` gives each its
position in the tree. Neither is ever updated. ``view`` has what commands read quickly, and can be made anew from the
events. ``person`` has personal fields, encrypted; ``person_key`` the key of each person, itself encrypted.
"""

from __future__ import annotations

from sqlalchemy import (
    DDL,
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    event,
    text,
)

FORMAT = "1"
"""Version of the tables; a record of another version is refused."""

METADATA = MetaData()

_TEXT = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that sorts by its code points on every engine."""

_ID = BigInteger().with_variant(Integer, "sqlite")

OWN_KEY = "~"
"""What the keys begin with that the record makes itself, for commands that were given none."""

GIVEN_KEY = f"command NOT LIKE '{OWN_KEY}%'"
"""Condition on an event whose command was given a key: only those can be repeated, and only they are looked up."""

META = Table("meta", METADATA, Column("key", _TEXT, primary_key=True), Column("value", _TEXT, nullable=False))

ENTRY = Table(
    "entry",
    METADATA,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("stream", _TEXT, nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", _TEXT, nullable=False),
    Column("kind_version", Integer, nullable=False),
    Column("recorded_at", _TEXT, nullable=False),
    Column("actor", _TEXT, nullable=False),
    Column("role", _TEXT, nullable=False),
    Column("command", _TEXT, nullable=False),
    Column("command_part", Integer, nullable=False),
    Column("command_digest", _TEXT, nullable=False),
    Column("previous", _TEXT, nullable=False),
    Column("body", _TEXT, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    UniqueConstraint("stream", "version", name="entry_once_a_version"),
    Index(
        "entry_once_a_command",
        "command",
        "command_part",
        unique=True,
        sqlite_where=text(GIVEN_KEY),
        postgresql_where=text(GIVEN_KEY),
    ),
)

SEAL = Table(
    "seal",
    METADATA,
    Column("position", _ID, primary_key=True, autoincrement=False),
    Column("entry", _ID, nullable=False, unique=True),
    Column("leaf", LargeBinary, nullable=False),
    Column("chain", LargeBinary, nullable=False),
)

CHECKPOINT = Table(
    "checkpoint",
    METADATA,
    Column("size", _ID, primary_key=True, autoincrement=False),
    Column("made_at", _TEXT, nullable=False),
    Column("note", _TEXT, nullable=False),
)

_IS_DUE = text("due IS NOT NULL")

VIEW = Table(
    "view",
    METADATA,
    Column("view", _TEXT, primary_key=True),
    Column("key", _TEXT, primary_key=True),
    Column("owner", _TEXT, nullable=False),
    Column("due", _TEXT, nullable=True),
    Column("body", _TEXT, nullable=False),
    # SQLite reads a queue out of the index alone. PostgreSQL limits what an index can hold, and finds a row quickly.
    Index("view_by_due", "view", "due", "key", "owner", "body", sqlite_where=_IS_DUE).ddl_if(dialect="sqlite"),
    Index("view_by_due", "view", "due", postgresql_where=_IS_DUE).ddl_if(dialect="postgresql"),
    Index("view_by_owner", "view", "owner"),
    sqlite_with_rowid=False,
    postgresql_with={"fillfactor": 50},
)

PERSON = Table("person", METADATA, Column("id", _TEXT, primary_key=True), Column("sealed", LargeBinary, nullable=False))

PERSON_KEY = Table(
    "person_key", METADATA, Column("id", _TEXT, primary_key=True), Column("wrapped", LargeBinary, nullable=False)
)

APPEND_ONLY = (ENTRY, SEAL, CHECKPOINT)
"""Tables of which no row is ever changed or removed."""


def _listen(table: Table, sql: str, *, dialect: str) -> None:
    statement: DDL = DDL(sql)  # type: ignore[no-untyped-call]
    event.listen(table, "after_create", statement.execute_if(dialect=dialect))


def _forbid_changes(table: Table) -> None:
    for verb in ("UPDATE", "DELETE"):
        _listen(
            table,
            f"CREATE TRIGGER {table.name}_no_{verb.lower()} BEFORE {verb} ON {table.name}"
            f" BEGIN SELECT RAISE(ABORT, '{table.name} is append-only'); END",
            dialect="sqlite",
        )
    _listen(
        table,
        f"CREATE OR REPLACE FUNCTION {table.name}_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{table.name} is append-only'; END $$",
        dialect="postgresql",
    )
    _listen(
        table,
        f"CREATE TRIGGER {table.name}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table.name}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {table.name}_append_only()",
        dialect="postgresql",
    )


for _each in APPEND_ONLY:
    _forbid_changes(_each)
