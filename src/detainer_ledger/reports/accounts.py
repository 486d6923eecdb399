"""Every row accounted for: files and sheets, rows set aside, repeats, overlapping releases, links."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from detainer_ledger.intake import overlaps_in
from detainer_ledger.releases import layout
from detainer_ledger.reports.reading import Reading
from detainer_ledger.reports.texts import texts
from detainer_ledger.reports.value import Column, Kind, ReportTable, table_of

SYNTHETIC_PREFIX = "SYNTHETIC_"
"""Names of files with invented data begin so."""

LISTED_ROWS = 20
"""So many row numbers are listed for a reason to set rows aside."""

_RELEASE = Column("release_id", "Release", "Id of the release in the store.", Kind.CODE)
_FILE = Column("file", "File", "Name of the file.", Kind.RAW)
_SHEET = Column("sheet", "Sheet", "Sheet of the workbook; for other files the name without ending.", Kind.RAW)


def account_table(reading: Reading) -> ReportTable:
    """Return what became of the rows of each sheet; every line closes: seen = kept + set aside."""
    records = [
        {
            "release_id": release,
            "file": file["name"],
            "sheet": sheet["name"],
            "rows_seen": sheet["rows_seen"],
            "kept": sheet["kept"],
            "set_aside": sheet["set_aside"],
            "redacted_cells": sheet["redacted_cells"],
        }
        for release, file, sheet in _sheets(reading)
    ]
    columns = (
        _RELEASE,
        _FILE,
        _SHEET,
        Column("rows_seen", "Seen", "Rows after the header.", Kind.COUNT, "rows"),
        Column("kept", "Kept", "Rows that are records.", Kind.COUNT, "rows"),
        Column("set_aside", "Set aside", "Rows that are no records, each with a reason.", Kind.COUNT, "rows"),
        Column("redacted_cells", "Withheld cells", "Cells that the agency withheld.", Kind.COUNT, "cells"),
    )
    return table_of(
        "account",
        "The account",
        "Rows of each file and sheet, whatever the period. In each line, rows seen are rows kept and rows set aside.",
        columns,
        records,
    )


def set_aside_table(reading: Reading) -> ReportTable:
    """Return the rows that were set aside by sheet and reason, with their numbers."""
    words = texts().set_aside
    records = []
    for release, file, sheet in _sheets(reading):
        for reason, n in sorted(sheet["set_aside_reasons"].items()):
            numbers = [str(row["row"]) for row in sheet["set_aside_rows"] if row["reason"] == reason]
            listed = ", ".join(numbers[:LISTED_ROWS]) + (" and more" if len(numbers) > LISTED_ROWS else "")
            records.append(
                {
                    "release_id": release,
                    "file": file["name"],
                    "sheet": sheet["name"],
                    "reason": reason,
                    "rows": n,
                    "meaning": words.get(reason, reason),
                    "row_numbers": listed,
                }
            )
    columns = (
        _RELEASE,
        _FILE,
        _SHEET,
        Column("reason", "Reason", "Why the rows are no records.", Kind.CODE),
        Column("rows", "Rows", "Rows set aside for this reason.", Kind.COUNT, "rows"),
        Column("meaning", "In plain words", "What the reason means.", Kind.TEXT),
        Column("row_numbers", "Which", f"Numbers of the first {LISTED_ROWS} rows in the sheet.", Kind.TEXT),
    )
    return table_of(
        "set_aside",
        "Rows set aside",
        "Rows that are no records, by sheet and reason.",
        columns,
        records,
        empty="No row was set aside.",
    )


def duplicates_table(reading: Reading) -> ReportTable:
    """Return how the kept rows of each release become the detainers counted; every line closes."""
    found: dict[str, dict[str, int]] = {}
    for release, kind, inside, n in reading.rows(
        f"release_id, duplicate_kind, CASE WHEN {reading.period_test()} THEN 1 ELSE 0 END, COUNT(*)",
        group="1, 2, 3",
        in_period=False,
    ):
        place = (kind or "counted") if inside else "outside"
        entry = found.setdefault(release, {})
        entry[place] = entry.get(place, 0) + int(n)
    records = [
        {
            "release_id": manifest["release_id"],
            "kept": manifest["account"]["kept"],
            "outside": found.get(manifest["release_id"], {}).get("outside", 0),
            "exact": found.get(manifest["release_id"], {}).get("exact", 0),
            "likely": found.get(manifest["release_id"], {}).get("likely", 0),
            "counted": found.get(manifest["release_id"], {}).get("counted", 0),
            "marked": _marked(manifest),
        }
        for manifest in reading.manifests
    ]
    columns = (
        _RELEASE,
        Column("kept", "Kept", "Rows that are records.", Kind.COUNT, "rows"),
        Column("outside", "Outside the period", "Rows outside the period asked for.", Kind.COUNT, "rows"),
        Column(
            "exact", "Exact repeats", "Rows that equal an earlier one in every published column.", Kind.COUNT, "rows"
        ),
        Column("likely", "Likely repeats", "Rows of an identifier and day of issue seen before.", Kind.COUNT, "rows"),
        Column("counted", "Counted", "Detainers counted in the figures.", Kind.COUNT, "detainers"),
        Column("marked", "Repeats marked", "Whether repeats can be told in this release.", Kind.TEXT),
    )
    return table_of(
        "duplicates",
        "Repeats",
        "From rows kept to detainers counted. In each line, rows kept are the four columns after it, together.",
        columns,
        records,
        note="Nothing is deleted: repeats stay in the store, marked with the row that they repeat.",
    )


def overlaps_table(reading: Reading) -> ReportTable:
    """Return the releases, and the files of one release, that have days of issue of the period in common."""
    found = overlaps_in(reading.store, start=reading.start, end=reading.end, releases=reading.releases)
    columns = (
        Column("one", "This", "Id of a release, or name of a file of one release.", Kind.RAW),
        Column("other", "and this", "The other release or file.", Kind.RAW),
        Column("within", "Both in", "Release of the two files; empty where two releases are meant.", Kind.CODE),
        Column("first", "From", "First day in common.", Kind.DAY),
        Column("last", "To", "Last day in common.", Kind.DAY),
        Column("rows", "Rows of the first", "Rows of the first on these days.", Kind.COUNT, "rows"),
        Column("other_rows", "Rows of the other", "Rows of the other on these days.", Kind.COUNT, "rows"),
    )
    return table_of(
        "overlaps",
        "Overlapping releases and files",
        "Releases, and files of one release, with days of issue in common: what is in both is counted twice.",
        columns,
        [asdict(each) for each in found],
        empty="No two releases, and no two files of a release, have days of issue in common.",
    )


def linking_table(reading: Reading) -> ReportTable:
    """Return what linking to stays did, by window."""
    records = []
    for manifest in reading.manifests:
        links = manifest.get("links") or {"by_window": {}}
        for days, linked in sorted((int(key), value) for key, value in links["by_window"].items()):
            identified, is_used = links["detainers_with_identifier"], days == links["window_days"]
            records.append(
                {
                    "release_id": manifest["release_id"],
                    "window_days": days,
                    "with_identifier": identified,
                    "linked": linked,
                    "share": linked / identified if identified else None,
                    "changed": links["changed"] if is_used else None,
                    "later_custody": links["later_custody"] if is_used else None,
                    "note": "used in this report" if is_used else None,
                }
            )
    columns = (
        _RELEASE,
        Column("window_days", "Window in days", "Days after issue in which a stay can answer.", Kind.COUNT, "days"),
        Column("with_identifier", "With identifier", "Rows that have the release's identifier.", Kind.COUNT, "rows"),
        Column("linked", "Answered by a stay", "Detainers that a stay answers.", Kind.COUNT, "detainers"),
        Column("share", "Share", "Answered as a share of rows with identifier.", Kind.SHARE, "1"),
        Column("changed", "Outcome filled", "Empty outcomes filled as taken into custody.", Kind.COUNT, "detainers"),
        Column("later_custody", "Declined, later in custody", "Declines followed by a stay.", Kind.COUNT, "detainers"),
        Column("note", "Note", "Which window the outcomes of this report use.", Kind.TEXT),
    )
    return table_of(
        "linking",
        "Linked stays in detention",
        "How many detainers a stay of the same release and identifier answers, by window.",
        columns,
        records,
        note="A recorded reason is never overwritten; a decline followed by a stay stays a decline.",
        empty="No stays in detention were linked.",
    )


def releases_table(reading: Reading) -> ReportTable:
    """Return the files that the report rests on, with their digests."""
    records = [
        {
            "release_id": manifest["release_id"],
            "file": file["name"],
            "layout": manifest["layout"],
            "issued_first": _day(manifest["issued_first"]),
            "issued_last": _day(manifest["issued_last"]),
            "rows": sum(sheet["kept"] for sheet in file["sheets"]),
            "read_at": str(manifest["read_at"])[:19] + "Z",
            "sha256": file["sha256"],
            "synthetic": "yes" if is_synthetic(file["name"], manifest["release_id"]) else "no",
        }
        for manifest in reading.manifests
        for file in manifest["account"]["files"]
    ]
    columns = (
        _RELEASE,
        _FILE,
        Column("layout", "Layout", "Layout by which the file was read.", Kind.CODE),
        Column("issued_first", "First issued", "First day of issue in the release.", Kind.DAY),
        Column("issued_last", "Last issued", "Last day of issue in the release.", Kind.DAY),
        Column("rows", "Rows kept", "Rows of the file that are records.", Kind.COUNT, "rows"),
        Column("synthetic", "Synthetic", "Whether the data are invented.", Kind.TEXT),
        Column("read_at", "Read at", "When the file was read into the store (UTC).", Kind.TEXT),
        Column("sha256", "SHA-256", "Digest of the file.", Kind.CODE, under="file"),
    )
    return table_of(
        "releases",
        "Files that this report rests on",
        "Every file, with the digest that tells whether yours is the same.",
        columns,
        records,
    )


def is_synthetic(file_name: str, release_id: str) -> bool:
    """Return whether a file or its release says that the data are invented."""
    return file_name.startswith(SYNTHETIC_PREFIX) or "SYNTHETIC" in release_id.upper()


def _sheets(reading: Reading) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    for manifest in reading.manifests:
        for file in manifest["account"]["files"]:
            for sheet in file["sheets"]:
                yield manifest["release_id"], file, sheet


def _marked(manifest: Mapping[str, Any]) -> str:
    """Say whether repeats were looked for in a release."""
    if "columns" in manifest:
        return "no: each case of a record is one row"
    return "yes" if layout(manifest["layout"]).marks_duplicates else "no: the layout has no identifier"


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
