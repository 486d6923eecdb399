"""What a report reads from a store: figures through the measures room, counts of rows through the tables room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from detainer_ledger.measures import Duplicates, Figures, Source, figures, source_of
from detainer_ledger.reports.formats import long_day, period_words
from detainer_ledger.tables import Engine, Store, engine_for, literal
from detainer_ledger.terms import BadInput

MIN_N = 30
"""A share among fewer detainers than this is not shown for a month or a place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An opened store with what is asked of it: the period (inclusive days of issue) and the releases."""

    store: Path
    engine: Engine
    source: Source
    manifests: tuple[dict[str, Any], ...]
    start: date | None
    end: date | None
    releases: tuple[str, ...]
    columns: frozenset[str]

    def figures(
        self,
        *by: str,
        declined: str = "recorded",
        duplicates: Duplicates = Duplicates.DROP,
        where: Mapping[str, Sequence[str]] | None = None,
    ) -> Figures:
        """Return figures of the report's period and releases."""
        return figures(
            self.engine,
            self.source,
            by=by,
            start=self.start,
            end=self.end,
            declined=declined,
            duplicates=duplicates,
            releases=self.releases,
            where=where,
        )

    def rows(self, select: str, *, where: str = "", group: str = "", in_period: bool = True) -> list[tuple[Any, ...]]:
        """Run ``SELECT select`` over the chosen rows and return what it finds."""
        tests = [*self._scope(in_period=in_period), *([where] if where else [])]
        sql = f"SELECT {select} FROM {self.engine.table}"
        sql += f" WHERE {' AND '.join(f'({test})' for test in tests)}" if tests else ""
        sql += f" GROUP BY {group}" if group else ""
        return self.engine.run(sql)[1]

    def period_test(self) -> str:
        """Return SQL that is true for rows inside the period."""
        return " AND ".join(self._period()) or "1 = 1"

    def _period(self) -> list[str]:
        tests = []
        if self.start:
            tests.append(f"issued_on >= {literal(self.start.isoformat())}")
        if self.end:
            tests.append(f"issued_on <= {literal(self.end.isoformat())}")
        return tests

    def _scope(self, *, in_period: bool) -> list[str]:
        tests = self._period() if in_period else []
        if self.releases:
            tests.append(f"release_id IN ({', '.join(literal(each) for each in self.releases)})")
        return tests


def open_reading(store: Path, *, start: date | None, end: date | None, releases: Sequence[str]) -> Reading:
    """Open a store for a report. Close its engine when done.

    Raises StoreError if there is no store, BadInput if it is empty, for an unknown release, and if no detainer lies in
    the period.
    """
    manifests = Store.open(store).manifests()
    source = source_of(store)
    source.only(tuple(releases))  # refuses unknown releases with a list of those that there are
    if start and end and end < start:
        raise BadInput(f"The period ends ({end}) before it begins ({start}).", do="swap the two days.")
    chosen = tuple(each for each in manifests if not releases or each["release_id"] in releases)
    engine = engine_for(None, source.paths)
    reading = Reading(
        store=store,
        engine=engine,
        source=source,
        manifests=chosen,
        start=start,
        end=end,
        releases=tuple(releases),
        columns=engine.columns(),
    )
    try:
        _refuse_nothing(reading)
    except Exception:
        engine.close()
        raise
    return reading


def _refuse_nothing(reading: Reading) -> None:
    if reading.rows("COUNT(*)")[0][0]:
        return
    everything = replace(reading, start=None, end=None)
    first, last = everything.rows("MIN(issued_on), MAX(issued_on)")[0]
    asked = period_words(reading.start, reading.end)
    raise BadInput(
        f"No detainer of this store was issued in the period asked for ({asked})."
        if reading.start or reading.end
        else "The chosen releases have no rows.",
        do=f"choose a period between {long_day(first)} and {long_day(last)}." if first else "read a release with rows.",
    )
