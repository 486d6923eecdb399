"""A table that is no release of files, put into a store as one: the extract of an agency's own record."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detainer_ledger.intake.jurisdictions import placed, placer_for, places_record
from detainer_ledger.intake.writing import MEMORY_LIMIT, write_detainers
from detainer_ledger.outcomes import classified_sql
from detainer_ledger.tables import Store, connect, literal
from detainer_ledger.terms import VERSION, BadInput

if TYPE_CHECKING:
    import pyarrow as pa

LAYOUT = "record"
"""What a manifest names as the layout of an extract."""


def put_extract(table: pa.Table, store_path: str | Path, *, release_id: str, source: str, sha256: str) -> int:
    """Put a table with the columns of DETAINERS, but for the outcome and the jurisdiction, into a store as a release.

    Facilities are placed and outcomes classified as those of any release. ``source`` names where it comes from and
    ``sha256`` what it is the extract of. An earlier extract of the same id is replaced; nothing changes before the new
    one is whole. Returns the number of rows. Raises BadInput where the store has a release of this id from elsewhere,
    StoreError for a store that cannot be written.
    """
    store = Store.open_or_create(Path(store_path))
    _refuse_another_source(store, release_id, source)
    now = datetime.now(UTC)
    placer = placer_for(store)
    with store.writing() as writing:
        connection = connect(memory_limit=MEMORY_LIMIT, spill_to=writing.staging)
        try:
            connection.register("extract", table)
            rows = writing.staging / "rows.parquet"
            connection.execute(f"COPY extract TO {literal(str(rows))} (FORMAT parquet)")
            detainers = writing.staging / "detainers.parquet"
            write_detainers(connection, classified_sql(placed(connection, "extract", placer)), detainers)
            first, last = connection.execute("SELECT min(issued_on), max(issued_on) FROM extract").fetchall()[0]
            defects = connection.execute(
                "SELECT defect, count(*) FROM (SELECT unnest(quality) AS defect FROM extract) GROUP BY 1 ORDER BY 1"
            ).fetchall()
        finally:
            connection.close()
        writing.commit(
            {
                "release_id": release_id,
                "layout": LAYOUT,
                "columns": [name for name in table.column_names if table[name].null_count < table.num_rows],
                "read_at": now.isoformat(timespec="microseconds"),
                "program_version": VERSION,
                "issued_first": _iso(first),
                "issued_last": _iso(last),
                "account": _account(release_id, source, sha256, table.num_rows, dict(defects)),
                "parts": [writing.place_read(release_id, rows)],
                "detainers": writing.place_classified(release_id, detainers),
                "links": None,
                "places": places_record(placer, now),
            }
        )
    return int(table.num_rows)


def _refuse_another_source(store: Store, release_id: str, source: str) -> None:
    for manifest in store.manifests():
        names = [file["name"] for file in manifest["account"]["files"]]
        if manifest["release_id"] == release_id and names != [source]:
            raise BadInput(
                f"The store has a release {release_id} of another record: {', '.join(names)[:200]}.",
                store=str(store.path),
                do="write this extract into a store of its own.",
            )


def _account(release_id: str, source: str, sha256: str, rows: int, defects: dict[str, int]) -> dict[str, Any]:
    """Return the account of an extract: every case with a detainer is a row, and none is set aside."""
    sheet = {
        "name": "record",
        "header_row": 1,
        "hidden": False,
        "rows_seen": rows,
        "kept": rows,
        "set_aside": 0,
        "set_aside_reasons": {},
        "set_aside_rows": [],
        "redacted_cells": 0,
    }
    return {
        "release_id": release_id,
        "layout": LAYOUT,
        "files": [{"name": source, "sha256": sha256, "size_bytes": 0, "sheets": [sheet]}],
        "rows_seen": rows,
        "kept": rows,
        "set_aside": 0,
        "duplicates": {"exact": 0, "likely": 0},
        "defects": defects,
        "redacted_cells": 0,
        "unknown_columns": [],
        "missing_columns": [],
        "withheld_columns": [],
        "unmapped_lift_reasons": {},
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
