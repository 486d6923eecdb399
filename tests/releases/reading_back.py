"""Reading a small file through the door for programs, and its rows and account as plain values to compare."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detainer_ledger.intake import read

COMPARED = ("source_sheet", "source_row", "issued_on", "facility_name", "facility_city", "lift_reason_raw")


@dataclass(frozen=True, slots=True)
class ReadBack:
    """What was read: ``rows`` in their order, each as a dictionary; ``set_aside`` by sheet and row, with the reason."""

    rows: tuple[dict[str, Any], ...]
    account: dict[str, Any]

    def facilities(self) -> dict[int, str | None]:
        """Return the facility of each record by the number of its row; for files of one sheet."""
        return {row["source_row"]: row["facility_name"] for row in self.rows}

    @property
    def sheets(self) -> tuple[dict[str, Any], ...]:
        return tuple(sheet for file in self.account["files"] for sheet in file["sheets"])

    @property
    def set_aside(self) -> dict[tuple[str, int], str]:
        return {(sheet["name"], each["row"]): each["reason"] for sheet, each in _aside(self.sheets)}


def _aside(sheets: tuple[dict[str, Any], ...]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    return ((sheet, each) for sheet in sheets for each in sheet["set_aside_rows"])


def read_back(path: Path, *columns: str) -> ReadBack:
    """Read one file, with further columns if asked; the account must close on the way."""
    release = read(path)
    account = json.loads(json.dumps(release.account.to_json()))
    assert account["rows_seen"] == account["kept"] + account["set_aside"]
    assert account["kept"] == release.table.num_rows
    return ReadBack(rows=tuple(release.table.select([*COMPARED, "quality", *columns]).to_pylist()), account=account)
