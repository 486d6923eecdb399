"""Backup and restore: one file that does not depend on the database, taken while others go on writing.

A backup is gzip over lines of JSON: a first line that says what it is, a line for each row of each table, and a last
line with the SHA-256 of all lines before it. The keys of persons are in a file of their own beside it, so that the two
can be kept apart: a backup without them holds nobody's fields, and does not bring back who was erased since.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import json
import os
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import LargeBinary, Table, insert

from detainer_ledger.ledger.schema import CHECKPOINT, ENTRY, FORMAT, PERSON, PERSON_KEY, SEAL, VIEW
from detainer_ledger.ledger.store import Ledger, event_mac
from detainer_ledger.terms import BadInput

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from detainer_ledger.ledger.keys import Keys

_KIND = "detainer-ledger backup"
_TABLES = (ENTRY, SEAL, CHECKPOINT, VIEW, PERSON)
_KEY_TABLES = (PERSON_KEY,)
_CHUNK = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """What a backup holds: the record's name, rows by table, and the SHA-256 of its lines."""

    origin: str
    rows: Mapping[str, int]
    sha256: str


def back_up(ledger: Ledger, target: Path) -> tuple[Backup, Backup]:
    """Write a backup to ``target`` and the keys of persons to the same name with ``.keys``; return both.

    Written aside and then put in place, and read again before it is said to be there. Raises BadInput where a file of
    the name exists.
    """
    keys = keys_beside(target)
    for path in (target, keys):
        if path.exists():
            raise BadInput("There is such a file already.", file=str(path), do="name another.")
    ledger.seal()
    with ledger.snapshot() as rows_of:
        written = _write(target, ledger.origin, _TABLES, rows_of)
        with_keys = _write(keys, ledger.origin, _KEY_TABLES, rows_of)
    if read_backup(target) != written or read_backup(keys) != with_keys:
        raise BadInput("The backup cannot be read again as it was written.", file=str(target), do="look at the disk.")
    return written, with_keys


def keys_beside(target: Path) -> Path:
    """Return the path of the file with the keys of persons that belongs to a backup."""
    return target.with_name(target.name + ".keys")


def read_backup(path: Path) -> Backup:
    """Check a backup from beginning to end and say what it holds. Raises BadInput if it is damaged."""
    rows: dict[str, int] = {}
    origin = ""
    digest = hashlib.sha256()
    told: str | None = None
    for line in _lines(path):
        if told is not None:
            raise _damaged(path)
        each = _parsed(line, path)
        if not origin:
            if each.get("kind") != _KIND or each.get("format") != FORMAT:
                raise BadInput("This is no backup of a record, or one of another version.", file=str(path))
            origin = str(each["origin"])
        elif "sha256" in each:
            told = str(each["sha256"])
            continue
        else:
            rows[each["table"]] = rows.get(each["table"], 0) + 1
        digest.update(line)
    if told is None or told != digest.hexdigest():
        raise _damaged(path)
    return Backup(origin=origin, rows=rows, sha256=told)


def restore(
    path: Path,
    url: str,
    keys: Keys,
    *,
    create: Callable[..., Ledger],
    persons: Path | None = None,
) -> tuple[Ledger, Backup]:
    """Put a backup into a new record at ``url``, in either engine, and return it with what the backup holds.

    ``persons`` is the file with the keys of persons; without it their fields stay unread. ``create`` makes the record.
    One transaction makes it and puts everything in. Raises BadInput for a damaged backup, or where there is a record
    already.
    """
    told = read_backup(path)
    _check_tables(told, path, _TABLES, "a record")
    _check_keys(path, keys)
    if persons is not None:
        _check_tables(read_backup(persons), persons, _KEY_TABLES, "the keys of persons")

    def fill(connection: Connection) -> None:
        for source, tables in ((path, _TABLES), (persons, _KEY_TABLES)):
            by_name = {table.name: table for table in tables}
            for name, rows in _in_pieces(source) if source else ():
                connection.execute(insert(by_name[name]), [_decoded(by_name[name], row) for row in rows])
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(
                "SELECT setval(pg_get_serial_sequence('entry', 'id'), greatest((SELECT max(id) FROM entry), 1))"
            )

    return create(url, keys, origin=told.origin, fill=fill), told


def _check_tables(told: Backup, path: Path, tables: Sequence[Table], what: str) -> None:
    if set(told.rows) - {table.name for table in tables}:
        raise BadInput(
            f"This is no backup of {what}.",
            file=str(path),
            do="give the backup, and the file of the same name with .keys for --persons.",
        )


def _check_keys(path: Path, keys: Keys) -> None:
    """Raise BadInput where the first event of a backup was not written with these keys."""
    for name, rows in _in_pieces(path):
        if name == ENTRY.name:
            row = _decoded(ENTRY, rows[0])
            if not hmac.compare_digest(event_mac(keys, row["leaf"]), row["mac"]):
                raise BadInput(
                    "The backup is of a record with other keys.",
                    file=str(path),
                    do="name the folder of keys with which the record was made (--keys).",
                )
            return


def _write(
    path: Path,
    origin: str,
    tables: Sequence[Table],
    rows_of: Callable[[Table], Iterator[Sequence[Any]]],
) -> Backup:
    aside = path.with_name(f".{path.name}.part")
    digest = hashlib.sha256()
    counts: dict[str, int] = {}
    # Only its owner reads it: reasons and offences are in it as they were written.
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as opened:

        def put(value: Mapping[str, Any]) -> None:
            line = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
            digest.update(line)
            opened.write(line)

        put({"kind": _KIND, "format": FORMAT, "origin": origin})
        for table in tables:
            for row in rows_of(table):
                put({"table": table.name, "row": [_encoded(value) for value in row]})
                counts[table.name] = counts.get(table.name, 0) + 1
        sha256 = digest.hexdigest()
        opened.write(json.dumps({"sha256": sha256}).encode() + b"\n")
    aside.replace(path)
    return Backup(origin=origin, rows=counts, sha256=sha256)


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with gzip.open(path, "rb") as opened:
            yield from opened
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise _damaged(path) from None
    except OSError as error:
        raise BadInput(f"The backup cannot be read: {error.strerror or error}.", file=str(path)) from None


def _in_pieces(path: Path) -> Iterator[tuple[str, list[list[Any]]]]:
    name = ""
    gathered: list[list[Any]] = []
    for line in _lines(path):
        each = _parsed(line, path)
        if "table" not in each:
            continue
        if gathered and (each["table"] != name or len(gathered) >= _CHUNK):
            yield name, gathered
            gathered = []
        name = each["table"]
        gathered.append(each["row"])
    if gathered:
        yield name, gathered


def _parsed(line: bytes, path: Path) -> dict[str, Any]:
    try:
        each = json.loads(line)
    except ValueError:
        raise _damaged(path) from None
    if not isinstance(each, dict):
        raise _damaged(path)
    return each


def _damaged(path: Path) -> BadInput:
    return BadInput("The backup is cut off or was changed.", file=str(path), do="use another copy of it.")


def _encoded(value: object) -> object:
    return base64.b64encode(bytes(value)).decode() if isinstance(value, bytes | memoryview) else value


def _decoded(table: Table, row: Sequence[Any]) -> dict[str, Any]:
    return {
        column.name: base64.b64decode(value) if isinstance(column.type, LargeBinary) else value
        for column, value in zip(table.columns, row, strict=True)
    }
