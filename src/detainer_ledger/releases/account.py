"""The account of a release: what became of every row, and which defects were found. Its sums must close."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from detainer_ledger.releases.table import records
from detainer_ledger.tables import literal

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from detainer_ledger.releases.reading import Part, SheetAccount
    from detainer_ledger.releases.release import ReleaseParts


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseAccount:
    """The account of one release, in the shape that ``detainer account --json`` prints (design, section 5)."""

    release_id: str
    layout: str
    files: tuple[dict[str, Any], ...]
    duplicates: dict[str, int]
    defects: dict[str, int]
    redacted_cells: int
    unknown_columns: tuple[str, ...]
    missing_columns: tuple[str, ...]
    withheld_columns: tuple[str, ...]
    unmapped_lift_reasons: dict[str, int]

    @property
    def rows_seen(self) -> int:
        """Rows after the headers of all sheets."""
        return sum(sheet["rows_seen"] for file in self.files for sheet in file["sheets"])

    @property
    def kept(self) -> int:
        """Rows that are records."""
        return sum(sheet["kept"] for file in self.files for sheet in file["sheets"])

    @property
    def set_aside(self) -> int:
        """Rows that are no records, each listed with its reason."""
        return sum(sheet["set_aside"] for file in self.files for sheet in file["sheets"])

    @property
    def set_aside_reasons(self) -> dict[str, int]:
        """Rows set aside by reason."""
        reasons: Counter[str] = Counter()
        for file in self.files:
            for sheet in file["sheets"]:
                reasons.update(sheet["set_aside_reasons"])
        return dict(sorted(reasons.items()))

    def to_json(self) -> dict[str, Any]:
        """Return the account as plain values."""
        return {
            "release_id": self.release_id,
            "layout": self.layout,
            "files": list(self.files),
            "rows_seen": self.rows_seen,
            "kept": self.kept,
            "set_aside": self.set_aside,
            "duplicates": self.duplicates,
            "defects": self.defects,
            "redacted_cells": self.redacted_cells,
            "unknown_columns": list(self.unknown_columns),
            "missing_columns": list(self.missing_columns),
            "withheld_columns": list(self.withheld_columns),
            "unmapped_lift_reasons": self.unmapped_lift_reasons,
        }

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> ReleaseAccount:
        """Read an account back from plain values."""
        return cls(
            release_id=raw["release_id"],
            layout=raw["layout"],
            files=tuple(raw["files"]),
            duplicates=raw["duplicates"],
            defects=raw["defects"],
            redacted_cells=raw["redacted_cells"],
            unknown_columns=tuple(raw["unknown_columns"]),
            missing_columns=tuple(raw["missing_columns"]),
            withheld_columns=tuple(raw["withheld_columns"]),
            unmapped_lift_reasons=raw["unmapped_lift_reasons"],
        )


def account_json(accounts: tuple[ReleaseAccount, ...]) -> dict[str, Any]:
    """Return the account of several releases, with the sums over all of them."""
    return {
        "releases": [account.to_json() for account in accounts],
        "rows_seen": sum(account.rows_seen for account in accounts),
        "kept": sum(account.kept for account in accounts),
        "set_aside": sum(account.set_aside for account in accounts),
    }


def take_account(
    connection: DuckDBPyConnection,
    release: ReleaseParts,
) -> ReleaseAccount:
    """Take the account of a release from the accounts of its sheets and from its typed rows.

    Needs a release of which all columns were read.
    """
    files, parts = release.files, release.parts
    sheets = [sheet for file in files for sheet in file.sheets]
    return ReleaseAccount(
        release_id=release.release_id,
        layout=release.layout.id,
        files=tuple(
            {
                "name": file.received.name,
                "sha256": file.received.sha256,
                "size_bytes": file.received.size_bytes,
                "sheets": [_sheet_json(sheet) for sheet in file.sheets],
            }
            for file in files
        ),
        duplicates=release.duplicates,
        defects=_defect_counts(connection, parts),
        redacted_cells=sum(sheet.redacted_cells or 0 for sheet in sheets),
        unknown_columns=_distinct(sheet.unknown_columns for sheet in sheets),
        missing_columns=_distinct(sheet.missing_columns for sheet in sheets),
        withheld_columns=_distinct(sheet.withheld_columns for sheet in sheets),
        unmapped_lift_reasons=_unmapped(connection, parts),
    )


def with_defects(connection: DuckDBPyConnection, account: ReleaseAccount, detainers: Path) -> ReleaseAccount:
    """Return the account with its defects counted in the finished table.

    There also stand the flags that take the whole release, or the outcome, to tell: days of bulk entry, and declines of
    mere requests for notice.
    """
    rows = connection.execute(
        "SELECT kind, count(*) FROM (SELECT unnest(quality) AS kind"
        f" FROM read_parquet({literal(str(detainers))}) WHERE len(quality) > 0) GROUP BY kind ORDER BY kind"
    ).fetchall()
    return replace(account, defects={str(kind): int(count) for kind, count in rows})


def flagged_rows(connection: DuckDBPyConnection, detainers: Path, kind: str) -> Iterator[tuple[str, str, int, str]]:
    """Yield file, sheet and row of each detainer that is flagged as a whole with ``kind``; the column is empty."""
    rows = connection.execute(
        f"SELECT source_file, source_sheet, source_row FROM read_parquet({literal(str(detainers))})"
        f" WHERE list_contains(quality, {literal(kind)}) ORDER BY 1, 2, 3"
    ).fetchall()
    for file, sheet, row in rows:
        yield str(file), str(sheet), int(row), ""


def _sheet_json(sheet: SheetAccount) -> dict[str, Any]:
    return {
        "name": sheet.sheet,
        "header_row": sheet.header_row,
        "hidden": sheet.hidden,
        "rows_seen": sheet.rows_seen,
        "kept": sheet.kept,
        "set_aside": len(sheet.set_aside),
        "set_aside_reasons": dict(Counter(each.reason for each in sheet.set_aside)),
        "set_aside_rows": [{"row": each.row, "reason": each.reason} for each in sheet.set_aside],
        "redacted_cells": sheet.redacted_cells,
    }


def _defect_counts(connection: DuckDBPyConnection, parts: Sequence[Part]) -> dict[str, int]:
    """Return how many rows have each kind of defect; a row with the same kind in two columns counts once."""
    rows = connection.execute(
        "SELECT kind, count(DISTINCT row_order) FROM (SELECT row_order, split_part(unnest(defects), ':', 1) AS kind"
        f" FROM {records(parts)} WHERE len(defects) > 0) GROUP BY kind ORDER BY kind"
    ).fetchall()
    return {str(kind): int(count) for kind, count in rows}


def _unmapped(connection: DuckDBPyConnection, parts: Sequence[Part]) -> dict[str, int]:
    described = connection.execute(f"DESCRIBE SELECT * FROM {records(parts)}").fetchall()
    if "lift_reason" not in {row[0] for row in described}:
        return {}
    rows = connection.execute(
        f"SELECT lift_reason_raw, count(*) FROM {records(parts)}"
        " WHERE lift_reason_raw IS NOT NULL AND lift_reason IS NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1000"
    ).fetchall()
    return {str(raw): int(count) for raw, count in rows}


def _distinct(groups: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for group in groups for name in group))


def defect_rows(
    connection: DuckDBPyConnection, account: dict[str, Any], parts: Sequence[Part], kind: str
) -> Iterator[tuple[str, str, int, str]]:
    """Yield file, sheet, row and column of each defect of one kind, and of each row set aside for that reason.

    ``account`` is the account of the release as plain values, ``parts`` the typed rows of its sheets in their order.
    """
    sheets = [(file["name"], sheet) for file in account["files"] for sheet in file["sheets"]]
    for name, sheet in sheets:
        for each in sheet["set_aside_rows"]:
            if each["reason"] == kind:
                yield name, sheet["name"], each["row"], ""
    read = [(name, sheet["name"]) for name, sheet in sheets if sheet["header_row"] is not None]
    for (name, label), part in zip(read, parts, strict=True):
        found = connection.execute(
            "SELECT source_row, split_part(defect, ':', 2) FROM"
            f" (SELECT source_row, unnest(defects) AS defect FROM {records([part])} WHERE len(defects) > 0)"
            f" WHERE split_part(defect, ':', 1) = {literal(kind)} ORDER BY 1, 2"
        )
        while rows := found.fetchmany(10_000):
            for row, column in rows:
                yield name, label, int(row), str(column)
