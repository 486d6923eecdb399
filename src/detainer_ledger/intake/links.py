"""Linking the detainers of a release in a store to the stays and arrests that were released with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detainer_ledger.intake.writing import MEMORY_LIMIT, write_detainers
from detainer_ledger.outcomes import LINK_WINDOWS_DAYS, OUTCOME_COLUMNS, classified_sql, find_stays, link_stays
from detainer_ledger.releases import FileRead, Part, read_files, receive_all, records
from detainer_ledger.tables import Store, Writing, connect, parquet
from detainer_ledger.terms import BadInput

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DEFAULT_WINDOW_DAYS = 180
"""The window in public use for a detainer and the custody that follows it (domain reference 5.7)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkResult:
    """What linking did: ``linked`` detainers answered by a stay, of them ``changed`` from pending to custody.

    ``by_window`` tells for each window in days how many detainers would be answered, ``later_custody`` how many
    recorded declines were followed by a stay, ``arrests`` how many detainers were followed by an
    arrest in the window, None if no arrests were given.
    """

    release_id: str
    window_days: int
    detainers_with_identifier: int
    linked: int
    changed: int
    later_custody: int
    by_window: dict[int, int]
    arrests: int | None

    def to_json(self) -> dict[str, Any]:
        """Return the result as plain values."""
        return {
            "release_id": self.release_id,
            "window_days": self.window_days,
            "detainers_with_identifier": self.detainers_with_identifier,
            "linked": self.linked,
            "changed": self.changed,
            "later_custody": self.later_custody,
            "by_window": {str(days): count for days, count in self.by_window.items()},
            "arrests": self.arrests,
        }


def link(
    store_path: str | Path,
    detentions: Sequence[str | Path],
    *,
    arrests: Sequence[str | Path] = (),
    window_days: int = DEFAULT_WINDOW_DAYS,
    release_id: str | None = None,
    progress: Callable[[str], None] = lambda _name: None,
) -> LinkResult:
    """Link a release's detainers to stays by the release's own identifier, and classify the release anew.

    A recorded reason is never overwritten. Linking again replaces the links of before. Raises BadInput if no release
    of the store has the identifiers of the detention files, or if ``window_days`` is not from 0 to 3650.
    """
    if not 0 <= window_days <= 3650:
        raise BadInput(f"A window of {window_days} days makes no sense.", do="use 30, 90, 180 or 365 days.")
    store = Store.open(Path(store_path))
    with store.writing() as writing:
        stays_read = _read(detentions, writing.staging / "detentions", "detentions", progress)
        arrests_read = _read(arrests, writing.staging / "arrests", "arrests", progress) if arrests else ()
        connection = connect(memory_limit=MEMORY_LIMIT, spill_to=writing.staging)
        try:
            stints = _stints(connection, stays_read)
            manifest = _release_of(connection, store, stints, release_id)
            result = _link(connection, store, manifest, stints, arrests_read, window_days)
            _commit(connection, store, writing, manifest, stays_read, result)
        finally:
            connection.close()
    return result


def _read(
    paths: Sequence[str | Path], folder: Path, kind: str, progress: Callable[[str], None]
) -> tuple[FileRead, ...]:
    folder.mkdir()
    received, _repeated = receive_all(Path(path) for path in paths)
    return read_files(received, folder, kind=kind, read_on=datetime.now(UTC).date(), progress=progress)


def _parts(files: Sequence[FileRead]) -> list[Part]:
    return [sheet.part for file in files for sheet in file.sheets if sheet.part is not None]


def _stints(connection: DuckDBPyConnection, files: Sequence[FileRead]) -> str:
    """Make the view ``stints`` with every column that linking asks for, null where the files lack it."""
    source = records(_parts(files))
    present = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
    wanted = {
        "person_key": "VARCHAR",
        "stay_book_in_at": "TIMESTAMP",
        "stay_book_out_at": "TIMESTAMP",
        "book_in_at": "TIMESTAMP",
        "facility_code": "VARCHAR",
    }
    selected = ", ".join(
        f"CAST({name if name in present else 'NULL'} AS {kind}) AS {name}" for name, kind in wanted.items()
    )
    connection.execute(f"CREATE OR REPLACE TEMP VIEW stints AS SELECT {selected} FROM {source}")
    return "stints"


def _release_of(connection: DuckDBPyConnection, store: Store, stints: str, release_id: str | None) -> dict[str, Any]:
    """Return the manifest of the release whose identifiers the stints carry."""
    shared: dict[str, int] = {}
    manifests = {each["release_id"]: each for each in store.manifests()}
    if release_id is not None and release_id not in manifests:
        raise BadInput(
            f"The store has no release '{release_id}'.", do="choose one of: " + (", ".join(manifests) or "none") + "."
        )
    for each in manifests.values():
        if release_id in (None, each["release_id"]):
            row = connection.execute(
                f"SELECT count(DISTINCT person_key) FROM {_detainers(store, each)}"
                f" WHERE person_key IN (SELECT person_key FROM {stints})"
            ).fetchone()
            shared[each["release_id"]] = int(row[0]) if row else 0
    best = max(shared, key=lambda each: shared[each], default=None)
    if best is None or shared[best] == 0:
        raise BadInput(
            "No release of the store shares an identifier with the detention files.",
            do="identifiers are drawn anew in each release: use the detention files that came with the detainers.",
        )
    return manifests[best]


def _detainers(store: Store, manifest: dict[str, Any]) -> str:
    return parquet([store.resolve(manifest["detainers"])])


def _link(
    connection: DuckDBPyConnection,
    store: Store,
    manifest: dict[str, Any],
    stints: str,
    arrests: Sequence[FileRead],
    window_days: int,
) -> LinkResult:
    detainers = _detainers(store, manifest)
    find_stays(connection, stints=stints)
    by_window = {days: link_stays(connection, detainers=detainers, window_days=days) for days in LINK_WINDOWS_DAYS}
    linked = link_stays(connection, detainers=detainers, window_days=window_days)
    counts = connection.execute(
        "SELECT count(*) FILTER (WHERE d.lift_reason_raw IS NULL),"
        " count(*) FILTER (WHERE d.lift_reason = 'detainer_declined_by_lea')"
        f" FROM links JOIN {detainers} AS d USING (detainer_id)"
    ).fetchone() or (0, 0)
    identified = connection.execute(f"SELECT count(*) FROM {detainers} WHERE person_key IS NOT NULL").fetchone()
    return LinkResult(
        release_id=manifest["release_id"],
        window_days=window_days,
        detainers_with_identifier=int(identified[0]) if identified else 0,
        linked=linked,
        changed=int(counts[0]),
        later_custody=int(counts[1]),
        by_window=by_window,
        arrests=_followed_by_arrest(connection, detainers, arrests, window_days) if arrests else None,
    )


def _followed_by_arrest(
    connection: DuckDBPyConnection, detainers: str, arrests: Sequence[FileRead], window_days: int
) -> int:
    row = connection.execute(
        f"SELECT count(DISTINCT d.detainer_id) FROM {detainers} AS d JOIN {records(_parts(arrests))} AS a"
        " ON a.person_key = d.person_key AND CAST(a.apprehended_at AS DATE)"
        f" BETWEEN d.issued_on AND d.issued_on + {int(window_days)} WHERE d.duplicate_kind IS NULL"
    ).fetchone()
    return int(row[0]) if row else 0


def _commit(
    connection: DuckDBPyConnection,
    store: Store,
    writing: Writing,
    manifest: dict[str, Any],
    files: Sequence[FileRead],
    result: LinkResult,
) -> None:
    """Classify the release with its new links and make that the state that counts."""
    unclassified = f"(SELECT * EXCLUDE ({', '.join(OUTCOME_COLUMNS)}) FROM {_detainers(store, manifest)})"
    target = writing.staging / "detainers.parquet"
    write_detainers(connection, classified_sql(unclassified, links="links"), target)
    writing.commit(
        {
            **manifest,
            "detainers": writing.place_classified(manifest["release_id"], target),
            "links": {
                **result.to_json(),
                "linked_at": datetime.now(UTC).isoformat(timespec="microseconds"),
                "files": [{"name": file.received.name, "sha256": file.received.sha256} for file in files],
            },
        }
    )
