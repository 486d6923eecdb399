"""Which rows of a store would be counted twice: releases, and files of one release, with a period in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from detainer_ledger.measures import source_of
from detainer_ledger.tables import connect, literal, parquet

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Two releases, or two files of one release, with a period in common: rows of both in it are counted twice.

    ``within`` is the release of the two files, None where two releases are meant. ``rows`` and ``other_rows`` are the
    rows of each from ``first`` to ``last``, both inclusive.
    """

    one: str
    other: str
    within: str | None
    first: date
    last: date
    rows: int
    other_rows: int

    def sentence(self) -> str:
        """Say what would be counted twice and how to choose."""
        twice = (
            f"{self.one} ({self.rows:,} rows) and {self.other} ({self.other_rows:,} rows) overlap from {self.first} to"
            f" {self.last}"
        )
        if self.within:
            return (
                f"{twice}, both in release {self.within}. If they hold the same detainers, these are counted twice:"
                " read the files into releases of their own with --release NAME and choose one when you measure."
            )
        return (
            f"{twice}: those rows would be counted twice. Choose one with --release {self.one} or --release"
            f" {self.other}, or measure each period apart with --from and --to."
        )


def overlaps_in(
    store_path: Path, *, start: date | None = None, end: date | None = None, releases: Sequence[str] = ()
) -> tuple[Overlap, ...]:
    """Return the releases in a store whose issue dates have a period in common, and the files within a release.

    ``start`` and ``end`` are inclusive days of issue, ``releases`` the ids to look at (all if none is named). Files of
    one release overlap only if more than a few stray rows at the seam do.
    """
    source = source_of(store_path).only(tuple(releases))
    connection = connect(memory_limit="400MB")
    try:
        connection.execute(f"CREATE TEMP VIEW detainers AS SELECT * FROM {parquet(source.paths)}")
        found = [
            Overlap(
                one=each.one,
                other=each.other,
                within=None,
                first=each.first,
                last=each.last,
                rows=_rows_between(connection, each.one, None, each.first, each.last),
                other_rows=_rows_between(connection, each.other, None, each.first, each.last),
            )
            for each in source.common_periods(start, end)
        ]
        several = [each.release_id for each in source.releases if len(each.sha256) > 1]
        found += _overlapping_files(connection, several, start, end)
        return tuple(each for each in found if each.rows and each.other_rows)
    finally:
        connection.close()


def _overlapping_files(
    connection: DuckDBPyConnection, release_ids: Sequence[str], start: date | None, end: date | None
) -> list[Overlap]:
    if not release_ids:
        return []
    spans = connection.execute(
        "SELECT release_id, source_file, quantile_disc(issued_on, 0.01), quantile_disc(issued_on, 0.99) FROM detainers"
        f" WHERE issued_on IS NOT NULL AND release_id IN ({', '.join(literal(each) for each in release_ids)})"
        " GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    found = []
    for place, (release, file, file_first, file_last) in enumerate(spans):
        for other_release, other_file, other_first, other_last in spans[:place]:
            first = max(day for day in (file_first, other_first, start) if day)
            last = min(day for day in (file_last, other_last, end) if day)
            if release != other_release or first > last:
                continue
            found.append(
                Overlap(
                    one=other_file,
                    other=file,
                    within=release,
                    first=first,
                    last=last,
                    rows=_rows_between(connection, release, other_file, first, last),
                    other_rows=_rows_between(connection, release, file, first, last),
                )
            )
    return found


def _rows_between(connection: DuckDBPyConnection, release_id: str, file: str | None, first: date, last: date) -> int:
    """Count the rows of a release, or of one of its files, that were issued in a period."""
    of_file = f" AND source_file = {literal(file)}" if file else ""
    row = connection.execute(
        f"SELECT count(*) FROM detainers WHERE release_id = {literal(release_id)}{of_file}"
        f" AND issued_on BETWEEN {literal(first)} AND {literal(last)}"
    ).fetchone()
    return int(row[0]) if row else 0
