"""Placing the facilities of a store: with the user's registers, and the corrections that stand in the store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detainer_ledger.intake.writing import MEMORY_LIMIT, write_detainers
from detainer_ledger.outcomes import OUTCOME_COLUMNS, classified_sql
from detainer_ledger.places import (
    CORRECTIONS_FILE,
    Correction,
    Placer,
    Register,
    by_facility,
    place_facilities,
    read_corrections,
    reference_folder,
    registers_in,
)
from detainer_ledger.tables import Store, connect, parquet

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedRelease:
    """What placing did with one release: its detainers, and how many of them have a jurisdiction and a county."""

    release_id: str
    detainers: int
    with_jurisdiction: int
    with_county: int


def placer_for(store: Store, registers: Sequence[Register] | None = None) -> Placer:
    """Return the placer of a store: the user's registers (those of the reference folder), and its corrections.

    Raises BadInput for corrections or registers that cannot be used.
    """
    found = registers_in(reference_folder()) if registers is None else tuple(registers)
    return Placer(registers=found, corrections=by_facility(corrections_in(store)))


def corrections_in(store: Store) -> tuple[Correction, ...]:
    """Return the corrections that stand in a store, none where it has no file of them. Raises BadInput."""
    return read_corrections(store.path / CORRECTIONS_FILE)


def placed(connection: DuckDBPyConnection, detainers: str, placer: Placer) -> str:
    """Place the facilities of a detainers table and return SQL for the table with their jurisdictions."""
    return place_facilities(connection, detainers, placer, "placements")


def places_record(placer: Placer, now: datetime) -> dict[str, Any]:
    """Return what a manifest keeps of the placing: when, with which registers, and how many corrections."""
    return {
        "placed_at": now.isoformat(timespec="microseconds"),
        "registers": [
            {"name": each.name, "sha256": each.sha256, "layout": each.layout, "rows": each.rows}
            for each in placer.registers
        ],
        "corrections": len(placer.corrections),
    }


def place_store(
    store_path: str | Path,
    *,
    registers: Sequence[Register] | None = None,
    progress: Callable[[str], None] = lambda _name: None,
) -> tuple[PlacedRelease, ...]:
    """Place the facilities of every release of a store anew, with the registers and corrections of now.

    Outcomes and links stay as they are. Nothing changes before all releases are worked out; they are then put in place
    one after the other, and a second run finishes what was killed in between. Raises BadInput for corrections or
    registers that cannot be used, StoreError for a store that cannot be read or written.
    """
    store = Store.open(Path(store_path))
    placer = placer_for(store, registers)
    now = datetime.now(UTC)
    done: list[PlacedRelease] = []
    with store.writing() as writing:
        connection = connect(memory_limit=MEMORY_LIMIT, spill_to=writing.staging)
        manifests = []
        try:
            for manifest in store.manifests():
                before = parquet([store.resolve(manifest["detainers"])])
                target = writing.staging / "detainers.parquet"
                again = placed(connection, before, placer)
                links = f"(SELECT detainer_id, custody_linked_on FROM {before} WHERE custody_linked_on IS NOT NULL)"
                rest = f"(SELECT * EXCLUDE ({', '.join(OUTCOME_COLUMNS)}) FROM {again})"
                sql = classified_sql(rest, links=links)
                write_detainers(connection, sql, target)
                done.append(_counted(connection, manifest["release_id"], target))
                classified = writing.place_classified(manifest["release_id"], target)
                manifests.append({**manifest, "detainers": classified, "places": places_record(placer, now)})
                progress(manifest["release_id"])
        finally:
            connection.close()
        for manifest in manifests:
            writing.commit(manifest)
    return tuple(done)


def _counted(connection: DuckDBPyConnection, release_id: str, detainers: Path) -> PlacedRelease:
    row = connection.execute(
        f"SELECT count(*), count(jurisdiction_id), count(county_fips) FROM {parquet([detainers])}"
    ).fetchone() or (0, 0, 0)
    return PlacedRelease(
        release_id=release_id, detainers=int(row[0]), with_jurisdiction=int(row[1]), with_county=int(row[2])
    )
