"""What is read twice is noticed: the same file is not counted twice, and releases that overlap are told."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from tests.intake.apart import rows, table
from tests.running import detainer, tree


def kept_in(store: Path) -> int:
    kept = json.loads(detainer("account", "--store", store, "--json").out)["kept"]
    assert isinstance(kept, int)
    return kept


def test_the_same_file_twice_in_one_call_is_counted_once(tmp_path: Path) -> None:
    file = table(tmp_path / "a.csv", rows(20))
    copy = Path(shutil.copy(file, tmp_path / "copy of a.csv"))
    ran = detainer("ingest", file, copy, file, "--store", tmp_path / "store")
    assert ran.code == 0
    assert ran.err.count("was read before, to the byte; it is not counted twice") == 2
    assert "copy of a.csv: " in ran.err
    assert kept_in(tmp_path / "store") == 20


def test_the_same_file_in_a_second_call_changes_nothing(tmp_path: Path) -> None:
    file, store = table(tmp_path / "a.csv", rows(20)), tmp_path / "store"
    detainer("ingest", file, "--store", store)
    before = tree(store)
    ran = detainer("ingest", file, "--store", store, "--release", "again")
    assert ran.code == 0
    assert ran.err == "a.csv: this file was read before, to the byte; it is not counted twice.\n"
    assert tree(store) == before


def test_overlapping_releases_are_told_with_the_rows_and_how_to_choose(tmp_path: Path) -> None:
    store = tmp_path / "store"
    early = table(tmp_path / "early.csv", rows(10, days=10))
    late = table(tmp_path / "late.csv", rows(10, first=date(2014, 1, 8), days=10))
    assert detainer("ingest", early, "--store", store, "--release", "early").err == ""
    ran = detainer("ingest", late, "--store", store, "--release", "late")
    assert ran.code == 0
    assert "late (3 rows) and early (3 rows) overlap from 2014-01-08 to 2014-01-10" in ran.err
    assert "--release late or --release early" in ran.err
    assert kept_in(store) == 20


def test_overlapping_files_of_one_release_are_told(tmp_path: Path) -> None:
    early = table(tmp_path / "early.csv", rows(10, days=10))
    late = table(tmp_path / "late.csv", rows(10, first=date(2014, 1, 8), days=10))
    ran = detainer("ingest", early, late, "--store", tmp_path / "store", "--release", "both")
    assert (
        "early.csv (3 rows) and late.csv (3 rows) overlap from 2014-01-08 to 2014-01-10, both in release both"
        in ran.err
    )


def test_files_of_one_name_from_two_folders_give_every_detainer_its_own_id(tmp_path: Path) -> None:
    files = []
    for month in (1, 2):
        (tmp_path / str(month)).mkdir()
        files.append(table(tmp_path / str(month) / "data.csv", rows(3, first=date(2014, month, 1))))
    store = tmp_path / "store"
    assert detainer("ingest", *files, "--store", store).code == 0
    (detainers,) = (store / "4-classified").glob("*/*.parquet")
    assert len(set(pq.read_table(detainers)["detainer_id"].to_pylist())) == 6


def test_a_folder_named_like_a_partition_or_a_pattern_does_not_change_the_figures(tmp_path: Path) -> None:
    folder = tmp_path / "facility_state=Ohio" / "data[1]"
    folder.mkdir(parents=True)
    (folder.parent / "data1").mkdir()
    table(folder.parent / "data1" / "a[1].csv", rows(7))
    table(folder / "a1.csv", rows(7))
    store = folder / "store"
    assert detainer("ingest", table(folder / "a[1].csv", rows(5)), "--store", store).code == 0
    counted = detainer("measure", "--store", store, "--by", "state", "--format", "csv").out.splitlines()[1:]
    assert [line.split(",")[:2] for line in counted] == [["TX", "5"]]
