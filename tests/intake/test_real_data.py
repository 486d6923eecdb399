"""The main job on the real files: accounts that close, and counts made a second time by another road."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

import detainer_ledger as dl
from detainer_ledger.measures import outcome_of

pytestmark = pytest.mark.shared

FY2015 = "npr_detainers/fy2015_detainers_2014-10_to_2015-02.csv"
PENNSYLVANIA = "pa_detainers/pa_detainers_2007-10_to_2010-12.csv"
MINNESOTA = "mn_2026/st_cloud_declined_sample.csv"


def raw_rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


@pytest.fixture(scope="module")
def store(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("real") / "store"
    dl.ingest([shared / FY2015], folder, release_name="fy2015")
    dl.ingest([shared / PENNSYLVANIA], folder, release_name="pa")
    dl.ingest([shared / MINNESOTA], folder, release_name="mn")
    return folder


@pytest.mark.parametrize(
    ("release", "name", "rows"), [("fy2015", FY2015, 43_619), ("pa", PENNSYLVANIA, 15_598), ("mn", MINNESOTA, 11)]
)
def test_the_account_closes_to_the_row(shared: Path, release: str, name: str, rows: int) -> None:
    account = dl.read(shared / name).account
    assert account.rows_seen == account.kept + account.set_aside == rows
    assert account.set_aside == 0
    assert account.unknown_columns == ()
    assert account.unmapped_lift_reasons == {}


@pytest.mark.parametrize(
    ("release", "name", "date", "reason"),
    [("fy2015", FY2015, "prepare_date", "lift_reason"), ("pa", PENNSYLVANIA, "date", "lift_reason")],
)
def test_outcomes_by_year_equal_a_count_of_the_raw_file(
    shared: Path, store: Path, release: str, name: str, date: str, reason: str
) -> None:
    expected = Counter((int(row[date][:4]), outcome_of(row[reason])[0]) for row in raw_rows(shared / name))
    table = dl.measure(store, by=["year", "outcome"], releases=[release]).to_pylist()
    assert {(row["year"], row["outcome"]): row["detainers"] for row in table} == dict(expected)


def test_months_equal_the_published_months(shared: Path, store: Path) -> None:
    published = {
        row["year_month"]: int(row["count"])
        for row in raw_rows(shared / "npr_detainers/detainers_by_year_and_month.csv")
    }
    months = {
        row["month"]: row["detainers"] for row in dl.measure(store, by=["month"], releases=["fy2015"]).to_pylist()
    }
    assert months == {month: published[month] for month in ("2014-10", "2014-11", "2014-12", "2015-01", "2015-02")}


def test_declines_by_facility_and_state_equal_a_count_of_the_raw_file(shared: Path, store: Path) -> None:
    expected = Counter(
        (row["det_facility"].strip() or None, row["state"].strip() or None)
        for row in raw_rows(shared / FY2015)
        if row["lift_reason"] == "Detainer Declined by LEA"
    )
    from detainer_ledger.terms import state_code

    table = dl.measure(store, by=["facility", "state"], releases=["fy2015"]).to_pylist()
    found = {(row["facility"], row["state"]): row["declined"] for row in table if row["declined"]}
    assert found == {(facility, state_code(state)): count for (facility, state), count in expected.items()}
    assert sum(found.values()) == 3_669


def test_every_row_carries_its_place_in_the_file(shared: Path) -> None:
    table = dl.read(shared / FY2015).table
    raw = raw_rows(shared / FY2015)
    for place in (0, 1, 1_000, 43_618):
        row = table.slice(place, 1).to_pylist()[0]
        assert row["source_row"] == place + 2
        assert row["facility_name"] == (raw[place]["det_facility"].strip() or None)
        assert row["issued_on"].isoformat() == raw[place]["prepare_date"]


def test_the_modern_layout_is_read_in_every_column_and_none_is_invented(shared: Path, store: Path) -> None:
    from detainer_ledger.releases.layouts import layout, match_header
    from detainer_ledger.tables import connect

    header = (shared / MINNESOTA).read_text().splitlines()[0].split(",")
    match = match_header([header])
    assert match is not None
    assert (match.layout.id, len(match.columns), match.unknown) == ("ddp-clean", 64, ())
    (part,) = (store / "2-read/mn").glob("*.parquet")
    connection = connect()
    names = [row[0] for row in connection.execute("DESCRIBE SELECT * FROM read_parquet($1)", [str(part)]).fetchall()]
    cursor = connection.execute("SELECT * FROM read_parquet($1) ORDER BY source_row", [str(part)])
    stored = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    connection.close()
    raw = raw_rows(shared / MINNESOTA)
    for column in layout("ddp-clean").columns:
        if column.header not in header:
            assert column.name not in names, column.name
            continue
        for before, after in zip(raw, stored, strict=True):
            cell, value = before[column.header].strip(), after[column.name]
            if cell in {"", "NA"}:
                assert value is None, column.header
            elif column.type == "yes_no":
                assert value is (cell in {"YES", "TRUE"}), column.header
            elif column.type == "date":
                assert value.isoformat() == cell
            elif column.type == "state":
                assert value == "MN"
            else:
                assert str(value) == cell, column.header


def test_the_minnesota_sample_is_declined_through_and_through(store: Path) -> None:
    (row,) = dl.measure(store, releases=["mn"]).to_pylist()
    assert (row["detainers"], row["declined"], row["rate"]) == (11, 11, 1.0)


def test_files_of_one_outcome_alone_are_read_as_releases_too(shared: Path, tmp_path: Path) -> None:
    result = dl.ingest([shared / "npr_detainers/americans.csv"], tmp_path / "store")
    assert result.accounts[0].kept == 693
    (row,) = dl.measure(tmp_path / "store").to_pylist()
    assert (row["withdrawn_by_ice"], row["declined"]) == (693, 0)
    result = dl.ingest([shared / "npr_detainers/residents.csv"], tmp_path / "store")
    assert result.accounts[0].kept == 1_846
    assert any("counted twice" in overlap.sentence() for overlap in result.overlaps)
