"""The steps of all screening cases as a table: one row for each time that a step fell due, without personal fields."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detainer_ledger.casework.access import Act
from detainer_ledger.casework.giving import Refused
from detainer_ledger.casework.record import Record
from detainer_ledger.casework.screening.cases import Screenings
from detainer_ledger.casework.screening.protocol import Protocol
from detainer_ledger.casework.screening.steps import DueStep, due_steps
from detainer_ledger.casework.state import Case
from detainer_ledger.terms import BadInput

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS: Mapping[str, tuple[str, str]] = {
    "case": ("string", "id of the screening case"),
    "office": ("string", "office that answers for it"),
    "month": ("string", "month in which custody was taken, in the office's zone, YYYY-MM"),
    "stage": ("string", "in_custody, under_supervision or closed, when the table was written"),
    "protocol": ("string", "protocol that it follows, with its version"),
    "step": ("string", "step of the protocol"),
    "required": ("bool", "whether the step counts in the rate of files"),
    "round": ("int32", "which time it fell due, from 1"),
    "triggered_at": ("instant", "when it was made due, UTC; empty where nothing made it due"),
    "due_at": ("instant", "by when it has to be done, UTC, inclusive; empty without a deadline"),
    "done_at": ("instant", "when it was done, UTC; empty where it was not"),
    "documented_at": ("instant", "since when enough references show it, UTC; empty where they do not"),
    "is_in_order": ("bool", "whether it was done after what comes before it; empty where it was not done"),
    "ended_at": ("instant", "when custody and supervision ended, UTC; empty while they last"),
}
"""Columns of the table, each with its type and what it means."""

_BATCH = 50_000
_WRITTEN_AT, _ILLUSTRATIVE = b"written_at", b"illustrative_protocols"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """What a file of steps says of itself: when it was written, and which protocols in it are illustrations."""

    written_at: datetime | None
    illustrative: tuple[str, ...]


def extract_steps(record: Record, out: Path, actor: str) -> int | Refused:
    """Write the steps of all cases, as they are now, to a Parquet file, and return the number of rows.

    Voided cases are not in it. A file that is there is replaced as a whole. Raises BadInput.
    """
    import pyarrow.parquet as pq

    if (refused := record.may(actor, Act.READ_SCREENING)) is not None:
        return refused
    if out.is_dir() or not out.parent.is_dir():
        what = "This is a folder." if out.is_dir() else "There is no such folder."
        raise BadInput(what, file=str(out), do="name a file in a folder that there is.")
    now, illustrative = record.ledger.now(), set[str]()

    def noted() -> Iterator[tuple[Case, Protocol]]:
        for case, protocol in Screenings(record).every_case():
            illustrative.update([protocol.name] if protocol.is_illustrative else [])
            yield case, protocol

    aside = out.with_name(f".{out.name}.{uuid.uuid4().hex[:8]}.part")
    rows = 0
    try:
        with pq.ParquetWriter(aside, schema()) as writer:
            for batch in _batches(step_rows(noted(), now)):
                writer.write_table(batch)
                rows += batch.num_rows
            writer.add_key_value_metadata(
                {_WRITTEN_AT: now.isoformat(), _ILLUSTRATIVE: json.dumps(sorted(illustrative))}
            )
        os.replace(aside, out)  # noqa: PTH105 - replaces what is there in one step
    finally:
        aside.unlink(missing_ok=True)
    return rows


def notes_of(path: Path) -> Notes:
    """Return what a file of steps says of itself, where it says anything."""
    import pyarrow.parquet as pq

    said = pq.read_metadata(path).metadata or {}
    written = said.get(_WRITTEN_AT)
    return Notes(
        written_at=datetime.fromisoformat(written.decode()) if written else None,
        illustrative=tuple(json.loads(said.get(_ILLUSTRATIVE, b"[]"))),
    )


def step_rows(cases: Iterable[tuple[Case, Protocol]], now: datetime) -> Iterator[dict[str, Any]]:
    """Give a row in ``COLUMNS`` for each step of each case, one after the other."""
    for case, protocol in cases:
        beginning = case.beginning
        about = {
            "case": case.id,
            "office": beginning.body["office"],
            "month": beginning.body["at"][:7],
            "stage": case.stage,
            "protocol": protocol.name,
        }
        for row in due_steps(case, protocol, at=now):
            yield {**about, **_values(row)}


def _values(row: DueStep) -> dict[str, Any]:
    return {
        "step": row.step,
        "required": row.required,
        "round": row.round,
        "triggered_at": _utc(row.triggered_at),
        "due_at": _utc(row.due_at),
        "done_at": _utc(row.done_at),
        "documented_at": _utc(row.documented_at),
        "is_in_order": row.is_in_order,
        "ended_at": _utc(row.ended_at),
    }


def _utc(instant: datetime | None) -> datetime | None:
    return None if instant is None else instant.astimezone(UTC).replace(tzinfo=None)


def schema() -> pa.Schema:
    """Return the columns as an Arrow schema; instants are UTC without saying so."""
    import pyarrow as pa

    kinds = {"string": pa.string(), "bool": pa.bool_(), "int32": pa.int32(), "instant": pa.timestamp("us")}
    return pa.schema([(name, kinds[kind]) for name, (kind, _meaning) in COLUMNS.items()])


def table_of(rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Return rows as an Arrow table."""
    import pyarrow as pa

    return pa.Table.from_pylist([dict(row) for row in rows], schema=schema())


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[pa.Table]:
    from itertools import islice

    # An empty table still has its columns.
    yield table_of(islice(rows, _BATCH))
    while piece := list(islice(rows, _BATCH)):
        yield table_of(piece)
