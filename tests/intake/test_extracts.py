"""A table that is no release of files, put into a store as one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from detainer_ledger.intake import accounts_in, put_extract
from detainer_ledger.measures import measure
from detainer_ledger.terms import COLUMN_NAMES, DETAINERS, StoreError
from tests.conftest import WriteCsv
from tests.running import detainer, tree

KINDS = {
    "VARCHAR": pa.string(), "INTEGER": pa.int32(), "SMALLINT": pa.int16(), "DATE": pa.date32(),
    "BOOLEAN": pa.bool_(), "FLOAT": pa.float32(), "VARCHAR[]": pa.list_(pa.string()),
}  # fmt: skip
OUTCOME = ("outcome", "outcome_detail", "outcome_basis", "custody_linked_on")
SHA = "ab" * 32


def table_of(*rows: Mapping[str, Any]) -> pa.Table:
    """Return rows as a table with the columns that an extract has; what a row does not say is null."""
    columns = [column for column in DETAINERS if column.name not in OUTCOME]
    whole = [{"quality": [], **row} for row in rows]
    return pa.table(
        {column.name: pa.array([row.get(column.name) for row in whole], KINDS[column.sql_type]) for column in columns}
    )


def row(number: int, **more: Any) -> dict[str, Any]:
    return {
        "detainer_id": f"D-{number}", "release_id": "r", "source_file": "x.example/r", "source_sheet": "record",
        "source_row": number, "issued_on": date(2026, 2, number), "issued_year": 2026, "issued_month": "2026-02",
        "form": "I-247A", "facility_name": "HENNEPIN COUNTY JAIL", "facility_city": "MINNEAPOLIS",
        "facility_state": "MN", **more,
    }  # fmt: skip


def put(table: pa.Table, store: Path, release: str = "r") -> int:
    return put_extract(table, store, release_id=release, source="x.example/r", sha256=SHA)


def manifest(store: Path, release: str = "r") -> dict[str, Any]:
    told: dict[str, Any] = json.loads((store / "1-received" / f"{release}.json").read_text())
    return told


def kept(store: Path, release: str = "r") -> dict[str, dict[str, Any]]:
    table = pq.read_table(store / manifest(store, release)["detainers"])
    assert tuple(table.column_names) == COLUMN_NAMES
    return {each["detainer_id"]: each for each in table.to_pylist()}


def test_rows_are_classified_and_their_facilities_placed_as_those_of_any_release(tmp_path: Path) -> None:
    declined = {"lift_reason": "detainer_declined_by_lea", "lift_reason_raw": "Detainer Declined by LEA"}
    custody = {"lift_reason": "booked_into_detention", "lift_reason_raw": "Booked into Detention"}
    table = table_of(row(1, **declined), row(2, **custody), row(3), row(4, lift_reason_raw="Moved to Mars"))
    assert put(table, tmp_path / "store") == 4
    found = kept(tmp_path / "store")
    assert {name: (each["outcome"], each["outcome_basis"]) for name, each in found.items()} == {
        "D-1": ("declined_by_agency", "recorded"),
        "D-2": ("taken_into_custody", "recorded"),
        "D-3": ("pending_or_unrecorded", "none"),
        "D-4": ("other", "recorded"),
    }
    assert {each["jurisdiction_name"] for each in found.values()} == {found["D-1"]["jurisdiction_name"]}
    assert found["D-1"]["match_reason"]


def test_the_manifest_says_what_it_is_and_its_account_closes(tmp_path: Path) -> None:
    table = table_of(row(3, quality=["record/corrected"]), row(9, quality=["record/corrected", "policy/overridden"]))
    put(table, tmp_path / "store")
    told = manifest(tmp_path / "store")
    assert (told["layout"], told["issued_first"], told["issued_last"]) == ("record", "2026-02-03", "2026-02-09")
    assert "facility_name" in told["columns"]
    assert "birth_year" not in told["columns"]
    (account,) = accounts_in(tmp_path / "store")
    assert account.rows_seen == account.kept + account.set_aside == 2
    assert account.defects == {"record/corrected": 2, "policy/overridden": 1}
    (file,) = told["account"]["files"]
    assert (file["name"], file["sha256"]) == ("x.example/r", SHA)


def test_a_second_extract_of_the_same_id_takes_the_place_of_the_first(tmp_path: Path) -> None:
    put(table_of(row(1), row(2)), tmp_path / "store")
    put(table_of(row(3)), tmp_path / "store")
    assert list(kept(tmp_path / "store")) == ["D-3"]
    assert [path.name for path in (tmp_path / "store" / "1-received").iterdir()] == ["r.json"]
    assert len(list((tmp_path / "store").rglob("*.parquet"))) == 2


def test_extracts_of_two_records_stand_beside_each_other(tmp_path: Path) -> None:
    put(table_of(row(1)), tmp_path / "store")
    put(table_of(row(2, release_id="s")), tmp_path / "store", release="s")
    (figures,) = measure(tmp_path / "store").to_pylist()
    assert figures["detainers"] == 2


def test_an_extract_stands_beside_a_release_and_is_measured_with_it_and_alone(
    tmp_path: Path, write_csv: WriteCsv
) -> None:
    release = write_csv([["1/2/14", "", "X JAIL", "OHIO", "AKRON", "Detainer Declined by LEA"]])
    store = tmp_path / "store"
    assert detainer("ingest", release, "--store", store, "--release", "foia").code == 0
    put(table_of(row(1), row(2)), store)
    (both,) = measure(store).to_pylist()
    (alone,) = measure(store, releases=["r"]).to_pylist()
    assert (both["detainers"], both["declined"]) == (3, 1)
    assert (alone["detainers"], alone["declined"]) == (2, 0)


def test_an_empty_table_is_an_extract_too(tmp_path: Path) -> None:
    assert put(table_of(), tmp_path / "store") == 0
    assert kept(tmp_path / "store") == {}
    told = manifest(tmp_path / "store")
    assert (told["issued_first"], told["issued_last"], told["columns"]) == (None, None, [])


def test_an_extract_that_fails_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    put(table_of(row(1)), tmp_path / "store")
    before = tree(tmp_path / "store")
    with pytest.raises(Exception, match="lift_reason"):
        put(table_of(row(2)).drop_columns(["lift_reason"]), tmp_path / "store")
    assert tree(tmp_path / "store") == before


def test_a_folder_that_is_no_store_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(StoreError, match="is not a store"):
        put(table_of(row(1)), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
