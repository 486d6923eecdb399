"""Where the detainers of a measure come from: a store, Parquet files, or a table in memory."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from detainer_ledger.tables import DETAINERS_TABLE, EMBEDDED, Engine, Store, engine_for, literal
from detainer_ledger.terms import OVERRIDDEN, BadInput

MATURITY_MONTHS = 6
"""Detainers issued in this many last months of their release are too young to be judged (domain reference 7.3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRelease:
    """One release of a source: its id, the SHA-256 of its files, and its first and last issue dates (inclusive).

    ``overridden`` is the number of its detainers that were issued after a supervisor overrode a rule of the policy;
    only the extract of an agency's record tells of them.
    """

    release_id: str
    sha256: tuple[str, ...]
    issued_first: date | None
    issued_last: date | None
    overridden: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonPeriod:
    """Two releases of one source and the days, inclusive, from which both have detainers: those are counted twice."""

    one: str
    other: str
    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Parquet files with classified detainers, and what is known of the releases in them.

    ``empty_columns`` are columns that are known to hold no value at all, and need not be read.
    """

    paths: tuple[Path, ...]
    releases: tuple[SourceRelease, ...]
    empty_columns: frozenset[str] = frozenset()

    def immature_after(self) -> tuple[tuple[str, date], ...]:
        """Return for each release the last issue date that is old enough to be judged."""
        return tuple(
            (release.release_id, months_before(release.issued_last, MATURITY_MONTHS))
            for release in self.releases
            if release.issued_last
        )

    def common_periods(self, start: date | None = None, end: date | None = None) -> tuple[CommonPeriod, ...]:
        """Return the pairs of releases that overlap between ``start`` and ``end`` (inclusive, None where open)."""
        found = []
        dated = [each for each in self.releases if each.issued_first and each.issued_last]
        for place, one in enumerate(dated):
            for other in dated[:place]:
                first = max(day for day in (one.issued_first, other.issued_first, start) if day)
                last = min(day for day in (one.issued_last, other.issued_last, end) if day)
                if first <= last:
                    found.append(CommonPeriod(one=one.release_id, other=other.release_id, first=first, last=last))
        return tuple(found)

    def only(self, release_ids: tuple[str, ...]) -> Source:
        """Return the source with these releases alone. Raises BadInput if one of them is not there."""
        known = {release.release_id for release in self.releases}
        for each in release_ids:
            if each not in known:
                raise BadInput(
                    f"There is no release '{each}' here.", do="choose one of: " + (", ".join(sorted(known)) or "none")
                )
        if not release_ids:
            return self
        kept = tuple(release for release in self.releases if release.release_id in release_ids)
        return replace(self, releases=kept)


def source_of(path: Path) -> Source:
    """Return the source in a store, a Parquet file, or a folder of Parquet files.

    Raises BadInput if there is nothing to measure in it, StoreError for a store that cannot be read.
    """
    if _is_store(path):
        return _store_source(path)
    with closing(_open_parquet(path)) as opened:
        return opened.source


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSource:
    """A source with the engine that counts in it; ``close`` closes the engine."""

    source: Source
    engine: Engine

    def close(self) -> None:
        """Give back what the engine holds."""
        self.engine.close()


def open_source(path: Path, url: str | None = None, *, table: str = DETAINERS_TABLE) -> OpenSource:
    """Open a store, a Parquet file, or a folder of Parquet files, on the engine that ``url`` names (see engine_for).

    Raises BadInput if there is nothing to measure in it, and what ``engine_for`` raises; StoreError for a store that
    cannot be read.
    """
    if _is_store(path):
        source = _store_source(path)
    else:
        embedded = _open_parquet(path)
        if url in EMBEDDED:
            return embedded
        embedded.close()
        source = embedded.source
    return OpenSource(source=source, engine=engine_for(url, source.paths, table=table))


def _is_store(path: Path) -> bool:
    return path.is_dir() and not any(path.glob("*.parquet"))


def _store_source(path: Path) -> Source:
    store = Store.open(path)
    manifests = store.manifests()
    if not manifests:
        raise BadInput(
            "The store is empty.", folder=str(path), do=f"read a release first: detainer ingest FILE --store {path}"
        )
    return Source(
        paths=tuple(store.resolve(manifest["detainers"]) for manifest in manifests),
        releases=tuple(_release(manifest) for manifest in manifests),
        empty_columns=_empty_columns(manifests),
    )


def _release(manifest: dict[str, Any]) -> SourceRelease:
    first, last = manifest["issued_first"], manifest["issued_last"]
    return SourceRelease(
        release_id=manifest["release_id"],
        sha256=tuple(file["sha256"] for file in manifest["account"]["files"]),
        issued_first=date.fromisoformat(first) if first else None,
        issued_last=date.fromisoformat(last) if last else None,
        overridden=manifest["account"]["defects"].get(OVERRIDDEN, 0),
    )


def _empty_columns(manifests: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    repeats = sum(sum(manifest["account"]["duplicates"].values()) for manifest in manifests)
    return frozenset() if repeats else frozenset({"duplicate_kind", "duplicate_of"})


_SELDOM_FILLED = ("duplicate_kind", "jurisdiction_id")
"""Columns that are worth a look: a measure that need not read one is quicker by more than the look costs."""


def _open_parquet(path: Path) -> OpenSource:
    """Look at Parquet files: the statistics in their footers answer most of it."""
    paths = tuple(sorted(path.glob("*.parquet"))) if path.is_dir() else (path,)
    if not paths[0].exists():
        raise BadInput("There is no such store or file.", path=str(path), do="look at the spelling of the path.")
    engine: Engine | None = None
    try:
        engine = engine_for(None, paths)
        return OpenSource(source=_parquet_source(engine, paths), engine=engine)
    except Exception as error:
        if engine is not None:
            engine.close()
        raise BadInput(
            "This is no table of detainers: it cannot be read as Parquet with the columns release_id and issued_on.",
            file=str(paths[0]),
            do="give a store or Parquet files with the columns of a detainers table; release files go without --store.",
        ) from error


def _parquet_source(engine: Engine, paths: tuple[Path, ...]) -> Source:
    table = engine.table
    # Asked alone, the least and the greatest come from the footers' statistics and no row is read.
    _names, ((low, high, first, last),) = engine.run(
        f"SELECT min(release_id), max(release_id), min(issued_on), max(issued_on) FROM {table}"
    )
    spans: list[tuple[Any, ...]] = [(low, first, last)]
    if low != high:
        _names, spans = engine.run(
            f"SELECT release_id, min(issued_on), max(issued_on) FROM {table} GROUP BY release_id ORDER BY 1"
        )
    overridden = _overridden(engine)
    seldom = [name for name in _SELDOM_FILLED if name in engine.columns()]
    return Source(
        paths=paths,
        releases=tuple(
            SourceRelease(
                release_id=str(release_id),
                sha256=(),
                issued_first=first,
                issued_last=last,
                overridden=overridden.get(str(release_id), 0),
            )
            for release_id, first, last in spans
        ),
        empty_columns=frozenset(
            name for name in seldom if not engine.run(f"SELECT 1 FROM {table} WHERE {name} IS NOT NULL LIMIT 1")[1]
        ),
    )


def _overridden(engine: Engine) -> Mapping[str, int]:
    """Return for each release the number of its detainers that were issued after a rule was overridden, if any."""
    columns = engine.columns()
    if "quality" not in columns:
        return {}
    # An extract says "record" where others name a sheet: the footers' statistics tell that of whole files.
    of_records = "source_sheet = 'record' AND " if "source_sheet" in columns else ""
    is_marked = f"{of_records}list_contains(quality, {literal(OVERRIDDEN)})"
    _names, rows = engine.run(f"SELECT release_id, count(*) FROM {engine.table} WHERE {is_marked} GROUP BY release_id")
    return {str(release_id): int(number) for release_id, number in rows}


def months_before(day: date, months: int) -> date:
    """Return the day ``months`` calendar months earlier, or the last day of that month if it is shorter."""
    place = day.year * 12 + day.month - 1 - months
    year, month = divmod(place, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
