"""A store's facilities are placed when it is read, and anew when registers or corrections change."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from detainer_ledger.intake import place_store, review_of
from detainer_ledger.places import CORRECTION_COLUMNS
from detainer_ledger.tables import Store
from tests.conftest import WriteCsv
from tests.running import detainer, tree

ROWS = [
    ["1/2/14", "", "DALLAS COUNTY JAIL", "TEXAS", "DALLAS", "Detainer Declined by LEA"],
    ["1/3/14", "", "DALLAS COUNTY JAIL", "TEXAS", "DALLAS", ""],
    ["1/3/14", "", "PIER JAIL", "CALIFORNIA", "", "Detainer Declined by LEA"],
    ["1/4/14", "", "OTHER-OTHER FACILITY", "", "", "Detainer Declined by LEA"],
]
CORRECTION = (
    "pier jail,,CA,ocd-division/country:us/state:ca/county:alameda,,county,06001,A. Clerk,2026-01-31,called them\n"
)


@pytest.fixture
def store(write_csv: WriteCsv, tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    assert detainer("ingest", write_csv(ROWS), "--store", folder).code == 0
    return folder


def detainers_in(store: Path) -> list[dict[str, object]]:
    opened = Store.open(store)
    found: list[dict[str, object]] = []
    for manifest in opened.manifests():
        found += pq.read_table(opened.resolve(manifest["detainers"])).to_pylist()
    return found


def test_ingest_places_what_the_names_decide(store: Path) -> None:
    rows = detainers_in(store)
    assert [row["county_fips"] for row in rows] == ["48113", "48113", None, None]
    assert [row["jurisdiction_level"] for row in rows] == ["county", "county", None, None]
    assert all(row["match_reason"] for row in rows)
    (manifest,) = Store.open(store).manifests()
    assert manifest["places"]["registers"] == []


def test_figures_by_jurisdiction_keep_what_is_not_attributed(store: Path) -> None:
    measured = detainer("measure", "--store", store, "--by", "jurisdiction", "--format", "json")
    rows = {row["jurisdiction"]: row for row in json.loads(measured.out)}
    assert rows["ocd-division/country:us/state:tx/county:dallas"]["declined"] == 1
    assert (rows[None]["detainers"], rows[None]["unattributed"]) == (2, 2)


def test_a_correction_counts_from_the_next_resolve_and_outcomes_stay(store: Path) -> None:
    before = detainers_in(store)
    (store / "overrides.csv").write_text(",".join(CORRECTION_COLUMNS) + "\n" + CORRECTION)
    done = detainer("resolve", "--store", store)
    assert done.code == 0, done.err
    after = detainers_in(store)
    assert [row["county_fips"] for row in after] == ["48113", "48113", "06001", None]
    assert [row["outcome"] for row in after] == [row["outcome"] for row in before]
    (manifest,) = Store.open(store).manifests()
    assert manifest["places"]["corrections"] == 1


def test_a_correction_that_cannot_be_used_leaves_the_store_as_it_was(store: Path) -> None:
    (store / "overrides.csv").write_text(",".join(CORRECTION_COLUMNS) + "\n" + CORRECTION.replace("county,", "shire,"))
    before = tree(store)
    refused = detainer("resolve", "--store", store)
    assert refused.code == 2
    assert "overrides.csv" in refused.err
    assert "no such level" in refused.err
    assert tree(store) == before


def test_the_review_has_what_changes_most_first_and_can_be_used_as_corrections(store: Path) -> None:
    listed = detainer("resolve", "--store", store, "--review")
    rows = list(csv.DictReader(io.StringIO(listed.out)))
    assert [row["facility_name"] for row in rows][:2] == ["OTHER-OTHER FACILITY", "PIER JAIL"]
    weights = [float(row["consequence"]) for row in rows]
    assert weights == sorted(weights, reverse=True)
    assert set(CORRECTION_COLUMNS) <= set(rows[0])
    (store / "overrides.csv").write_text(",".join(CORRECTION_COLUMNS) + "\n" + CORRECTION)
    again = detainer("resolve", "--store", store, "--review")
    assert "PIER JAIL" not in again.out


def test_an_empty_store_has_nothing_to_review(tmp_path: Path) -> None:
    from datetime import date

    Store.open_or_create(tmp_path / "store")
    assert list(review_of(tmp_path / "store", today=date(2026, 1, 1))) == []
    assert place_store(tmp_path / "store") == ()


@pytest.mark.shared
@pytest.mark.slow
def test_the_declines_of_2014_and_2015_rest_on_placeholders_in_part(shared: Path, tmp_path: Path) -> None:
    out = tmp_path / "by.csv"
    registers = ("hifld_prisons.csv", "hifld_local_law_enforcement.csv", "fbi_police_employees.csv")
    named = [word for name in registers for word in ("--reference", shared / "agencies" / name)]
    done = detainer(
        "resolve",
        shared / "npr_detainers" / "declined_by_facility_year.csv",
        *("--count", "declined", "--where", "year=2014", "--where", "year=2015", "--out", out),
        *named,
    )
    assert done.code == 0, done.err
    assert "16,379 in all" in done.err
    assert "2,775 at placeholders" in done.err
    with out.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert len({row["jurisdiction"] for row in rows}) > 400
    assert sum(int(row["declined"]) for row in rows) > 11_000
