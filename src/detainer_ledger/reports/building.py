"""From a store to a report: a pure reading."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from detainer_ledger.reports.accounts import (
    account_table,
    duplicates_table,
    is_synthetic,
    linking_table,
    overlaps_table,
    releases_table,
    set_aside_table,
)
from detainer_ledger.reports.formats import long_day, number_of, period_words
from detainer_ledger.reports.headline import definitions_table, key_figures_table, terms_table
from detainer_ledger.reports.jurisdictions import jurisdiction_tables
from detainer_ledger.reports.places import facility_tables, states_table
from detainer_ledger.reports.quality import blanks_table, quality_table
from detainer_ledger.reports.reading import Reading, open_reading
from detainer_ledger.reports.reasons import forms_table, lift_reasons_table, outcomes_table
from detainer_ledger.reports.sentences import headline, key_figures, warnings
from detainer_ledger.reports.texts import texts
from detainer_ledger.reports.trends import by_fiscal_year_table, by_month_table, by_year_table
from detainer_ledger.reports.value import Report, ReportRelease, ReportTable, SourceFile, plain_text
from detainer_ledger.terms import VERSION

DEFAULT_TITLE = "Immigration detainers and what became of them"


def build_report(
    store: str | Path,
    *,
    start: date | None = None,
    end: date | None = None,
    releases: Sequence[str] = (),
    command: str,
    title: str | None = None,
    created_at: datetime | None = None,
    progress: Callable[[str], None] = lambda _name: None,
) -> Report:
    """Read a store and return its report; nothing is written.

    ``start`` and ``end`` are inclusive days of issue, ``releases`` the ids of the releases to count (all if none is
    named), ``command`` what the user typed, ``created_at`` the instant that the report carries (now if not given).
    ``progress`` is called with the id of each table before it is counted. Raises StoreError if there is no store, and
    BadInput if it is empty, if a release is unknown, or if no detainer was issued in the period.
    """
    reading = open_reading(Path(store), start=start, end=end, releases=releases)
    try:
        tables = {table.id: table for table in _tables(reading, progress)}
        first, last = reading.rows("MIN(issued_on), MAX(issued_on)")[0]
    finally:
        reading.engine.close()
    read = tuple(_release(manifest) for manifest in reading.manifests)
    synthetic = any(file.is_synthetic for release in read for file in release.files)
    created = (created_at or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
    named = plain_text(title or DEFAULT_TITLE)
    return Report(
        title=named,
        subtitle=_subtitle(read, start or first, end or last),
        created_at=created,
        command=plain_text(command),
        program_version=VERSION,
        start=start,
        end=end,
        issued_first=first,
        issued_last=last,
        releases=read,
        key_figures=key_figures(tables, first, last),
        headline=headline(tables, first, last),
        warnings=warnings(tables, is_synthetic=synthetic),
        tables=tuple(tables.values()),
        method=texts().method,
        citation=_citation(named, read, created, VERSION, start or first, end or last),
        is_synthetic=synthetic,
    )


def _tables(reading: Reading, progress: Callable[[str], None]) -> list[ReportTable]:
    """Return all tables, in the order of the report."""
    progress("definitions")
    heads = definitions_table(reading)
    found = [key_figures_table(reading, heads), heads, terms_table()]
    for name, build in (
        ("by_month", by_month_table),
        ("by_year", by_year_table),
        ("by_fiscal_year", by_fiscal_year_table),
        ("outcomes", outcomes_table),
        ("lift_reasons", lift_reasons_table),
        ("forms", forms_table),
        ("states", states_table),
    ):
        progress(name)
        found.append(build(reading))
    progress("facilities")
    found += facility_tables(reading)
    progress("jurisdictions")
    found += jurisdiction_tables(reading)
    for name, build in (
        ("quality", quality_table),
        ("blanks", blanks_table),
        ("account", account_table),
        ("set_aside", set_aside_table),
        ("duplicates", duplicates_table),
        ("overlaps", overlaps_table),
        ("linking", linking_table),
        ("releases", releases_table),
    ):
        progress(name)
        found.append(build(reading))
    return found


def _release(manifest: dict[str, Any]) -> ReportRelease:
    days = [date.fromisoformat(day) if day else None for day in (manifest["issued_first"], manifest["issued_last"])]
    return ReportRelease(
        release_id=manifest["release_id"],
        layout=manifest["layout"],
        files=tuple(
            SourceFile(
                name=plain_text(file["name"]),
                sha256=file["sha256"],
                is_synthetic=is_synthetic(file["name"], manifest["release_id"]),
            )
            for file in manifest["account"]["files"]
        ),
        issued_first=days[0],
        issued_last=days[1],
        rows=manifest["account"]["kept"],
        read_at=manifest["read_at"],
        program_version=manifest["program_version"],
    )


def _subtitle(releases: Sequence[ReportRelease], first: date | None, last: date | None) -> str:
    files = sum(len(release.files) for release in releases)
    layouts = sorted({release.layout for release in releases})
    return (
        f"Detainers issued {period_words(first, last)}, from {number_of(files, 'file')} of"
        f" {number_of(len(releases), 'release')} (layout {', '.join(layouts)})"
    )


def _citation(
    title: str,
    releases: Sequence[ReportRelease],
    created: datetime,
    version: str,
    first: date | None,
    last: date | None,
) -> str:
    digests = "; ".join(f"{release.release_id} ({_digests(release)})" for release in releases)
    return (
        f"“{title}”, detainers issued {period_words(first, last)}. Computed with Detainer Ledger {version} on"
        f" {long_day(created.date())} from: {digests}."
    )


def _digests(release: ReportRelease) -> str:
    shown = [f"SHA-256 {file.sha256[:12]}…" for file in release.files[:4]]
    rest = len(release.files) - len(shown)
    return ", ".join([*shown, *([f"and {rest} more"] if rest else [])])
