"""A file's rows come back as they are, with the answers beside them."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow as pa
import pytest

from detainer_ledger.places import ADDED_COLUMNS, Placer, place, resolve_file
from detainer_ledger.terms import BadInput
from tests.conftest import WriteText


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def test_columns_come_back_unchanged_and_answers_stand_beside_them(write_text: WriteText, tmp_path: Path) -> None:
    source = write_text(
        "in.csv",
        'id,facility_name,city,state,note\n1,"DALLAS COUNTY JAIL",Dallas,texas," a, b "\n2,OTHER-OTHER FACILITY,,,=x\n',
    )
    done = resolve_file(source, tmp_path / "out.csv", Placer())
    first, second = rows_of(tmp_path / "out.csv")
    assert list(first) == ["id", "facility_name", "city", "state", "note", *ADDED_COLUMNS]
    assert (first["city"], first["note"], first["county_fips"], first["abstained"]) == (
        "Dallas",
        " a, b ",
        "48113",
        "false",
    )
    assert (second["note"], second["county_fips"], second["confidence"], second["abstained"]) == ("=x", "", "", "true")
    assert (done.rows, done.facilities, done.with_county, done.abstained) == (2, 2, 1, 1)


def test_a_column_of_the_same_name_is_not_overwritten(write_text: WriteText, tmp_path: Path) -> None:
    source = write_text("in.csv", "facility,state,county_fips\nDALLAS COUNTY JAIL,TX,mine\n")
    resolve_file(source, tmp_path / "out.csv", Placer())
    (row,) = rows_of(tmp_path / "out.csv")
    assert (row["county_fips"], row["resolved_county_fips"]) == ("mine", "48113")


def test_short_rows_are_answered_too(write_text: WriteText, tmp_path: Path) -> None:
    resolve_file(write_text("in.csv", "name,city,state\nSNOHOMISH COUNTY JAIL\n"), tmp_path / "out.csv", Placer())
    assert rows_of(tmp_path / "out.csv")[0]["county_fips"] == "53061"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "The file is empty"),
        ("a,b\n1,2\n", "No column holds the names"),
        (b"facility_name\nCA\xf1ON\n", "not UTF-8"),
    ],
)
def test_what_cannot_be_read_is_refused_and_nothing_is_written(
    write_text: WriteText, tmp_path: Path, text: str | bytes, message: str
) -> None:
    source = write_text("in.csv", text)
    with pytest.raises(BadInput, match=message):
        resolve_file(source, tmp_path / "out.csv", Placer())
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        resolve_file(tmp_path / "none.csv", tmp_path / "out.csv", Placer())


def test_a_table_is_placed_and_keeps_its_other_columns() -> None:
    table = pa.table({"facility_name": ["DALLAS COUNTY JAIL", None], "facility_state": ["TX", None], "n": [1, 2]})
    placed = place(table).to_pylist()
    assert [(row["n"], row["county_fips"], row["jurisdiction_level"]) for row in placed] == [
        (1, "48113", "county"),
        (2, None, None),
    ]
    assert placed[1]["match_reason"].startswith("The name is empty")
