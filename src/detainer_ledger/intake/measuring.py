"""Release files as a source for measures, without a store: only the columns that are asked for are read."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from detainer_ledger.measures import Source, SourceRelease
from detainer_ledger.outcomes import classified_sql
from detainer_ledger.releases import ReleaseParts, connect_for_reading, parts_of, read_files, receive_each, releases_in
from detainer_ledger.tables import DuckDBEngine, Engine
from detainer_ledger.terms import PLACEMENT_COLUMNS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_READ_FOR: Mapping[str, tuple[str, ...]] = {
    "form": ("form_raw",),
    "lift_reason": ("lift_reason_raw",),
    "outcome": ("lift_reason_raw",),
    "outcome_detail": ("lift_reason_raw",),
    "outcome_basis": ("lift_reason_raw",),
    "duplicate_kind": ("person_key",),
    **dict.fromkeys(PLACEMENT_COLUMNS, ("facility_name", "facility_code", "facility_city", "facility_state")),
}
"""Published columns from which a column of the detainers table is made, where it is not the one of the same name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFiles:
    """Release files that can be measured: the engine over their detainers, and what is known of their releases.

    ``repeated`` names the files that repeat another to the byte, which are not counted twice.
    """

    engine: Engine
    source: Source
    repeated: tuple[str, ...]


@contextmanager
def open_files(
    paths: Sequence[Path],
    *,
    columns: frozenset[str],
    layout_id: str | None = None,
    progress: Callable[[str], None] = lambda _name: None,
) -> Iterator[OpenFiles]:
    """Read release files and yield an engine over their classified detainers, in these columns alone.

    ``columns`` are columns of the detainers table (see ``columns_asked``). A measure counts what it would count in a
    store with the same files to which nothing is linked, save that facilities are placed only where a column of
    PLACEMENT_COLUMNS is asked for: a measure that asks for none counts every detainer as unattributed. Nothing is kept.
    Raises BadInput for a file that cannot be read.
    """
    if columns & set(PLACEMENT_COLUMNS):
        columns |= {"jurisdiction_id"}
    repeated: list[str] = []
    published = frozenset(name for column in columns for name in _READ_FOR.get(column, (column,)))
    with tempfile.TemporaryDirectory(prefix="detainer-") as name:
        folder = Path(name)
        connection = connect_for_reading(folder)
        files = read_files(
            receive_each(paths, repeated),
            folder,
            layout_id=layout_id,
            read_on=datetime.now(UTC).date(),
            columns=published,
            keep_in=connection,
            progress=progress,
        )
        grouped = sorted(releases_in(files).items())
        releases = [parts_of(connection, release_id, members) for release_id, members in grouped]
        engine = DuckDBEngine(connection, _classified(connection, releases, columns))
        try:
            yield OpenFiles(engine=engine, source=_source(releases), repeated=tuple(repeated))
        finally:
            engine.close()


def _classified(connection: DuckDBPyConnection, releases: Sequence[ReleaseParts], columns: frozenset[str]) -> str:
    wanted = ", ".join(sorted(columns))
    tables = [f"({release.detainers_sql})" for release in releases]
    if columns & set(PLACEMENT_COLUMNS):
        from detainer_ledger.places import Placer, place_facilities, reference_folder, registers_in

        placer = Placer(registers=registers_in(reference_folder()))
        tables = [
            place_facilities(connection, table, placer, f"placements_{number}") for number, table in enumerate(tables)
        ]
    each = (f"SELECT {wanted} FROM ({classified_sql(table)})" for table in tables)
    return f"({' UNION ALL '.join(each)})"


def _source(releases: Sequence[ReleaseParts]) -> Source:
    has_repeats = any(sum(release.duplicates.values()) for release in releases)
    return Source(
        paths=(),
        releases=tuple(
            SourceRelease(
                release_id=release.release_id,
                sha256=tuple(file.received.sha256 for file in release.files),
                issued_first=release.issued_first,
                issued_last=release.issued_last,
            )
            for release in releases
        ),
        empty_columns=frozenset() if has_repeats else frozenset({"duplicate_kind"}),
    )
