"""The accounts that a store keeps, and the rows behind each of their numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from detainer_ledger.releases import ReleaseAccount, defect_rows, flagged_rows
from detainer_ledger.tables import Store, connect
from detainer_ledger.terms import BadInput

FLAGS_OF_THE_ROW = frozenset({"date/bulk-entry", "form/notification_only"})
"""Flags that no single cell carries."""


def accounts_in(store_path: Path, release_ids: Sequence[str] = ()) -> tuple[ReleaseAccount, ...]:
    """Return the accounts of the releases in a store, of all of them if none is named."""
    return tuple(ReleaseAccount.from_json(each["account"]) for each in _manifests(store_path, release_ids))


def rows_with(store_path: Path, kind: str, release_ids: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
    """Return where each row with a defect, or set aside for a reason, stands.

    A row has ``release_id``, ``file``, ``sheet``, ``row`` (1-based), ``column`` (empty where the whole row is meant)
    and ``kind``. Raises BadInput that lists the kinds there are if no row has this one.
    """
    manifests = _manifests(store_path, release_ids)
    known: set[str] = set()
    for manifest in manifests:
        known |= set(manifest["account"]["defects"])
        for file in manifest["account"]["files"]:
            for sheet in file["sheets"]:
                known |= set(sheet["set_aside_reasons"])
    if kind not in known:
        raise BadInput(f"No row has '{kind}'.", do="choose one of: " + (", ".join(sorted(known)) or "none") + ".")
    return _rows_with(Store.open(store_path), manifests, kind)


def _rows_with(store: Store, manifests: Sequence[dict[str, Any]], kind: str) -> Iterator[dict[str, Any]]:
    connection = connect(memory_limit="400MB")
    try:
        for manifest in manifests:
            # An extract has no cells in which a defect could stand: every flag is the row's.
            if kind in FLAGS_OF_THE_ROW or "columns" in manifest:
                found = flagged_rows(connection, store.resolve(manifest["detainers"]), kind)
            else:
                parts = [store.resolve(part) for part in manifest["parts"]]
                found = defect_rows(connection, manifest["account"], parts, kind)
            for file, sheet, row, column in found:
                yield {
                    "release_id": manifest["release_id"],
                    "file": file,
                    "sheet": sheet,
                    "row": row,
                    "column": column,
                    "kind": kind,
                }
    finally:
        connection.close()


def _manifests(store_path: Path, release_ids: Sequence[str]) -> list[dict[str, Any]]:
    manifests = Store.open(store_path).manifests()
    known = [each["release_id"] for each in manifests]
    for release_id in release_ids:
        if release_id not in known:
            raise BadInput(
                f"The store has no release '{release_id}'.", do="choose one of: " + (", ".join(known) or "none") + "."
            )
    return [each for each in manifests if not release_ids or each["release_id"] in release_ids]
