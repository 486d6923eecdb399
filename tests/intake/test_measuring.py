"""Counting release files themselves gives what counting a store of them gives, and keeps nothing."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

import pytest

from detainer_ledger.measures import definitions
from detainer_ledger.releases.synthetic import synthesize
from tests.conftest import WriteCsv
from tests.running import detainer, tree

QUESTIONS = (
    (),
    ("--by", "facility"),
    ("--by", "state,year", "--from", "2010-01-01", "--to", "2024-12-31"),
    ("--by", "outcome,outcome_detail,outcome_basis"),
    ("--by", "form,lift_reason", "--denominator", "hold_forms_only"),
    ("--by", "fiscal_year,month", "--duplicates", "keep"),
    ("--by", "facility_city", "--where", "state=TX", "--where", "state=CA"),
    ("--by", "gender,citizenship_country,criminality"),
    *(("--by", "state", "--declined", each.id) for each in definitions().values() if not each.not_computable),
)


@pytest.fixture(
    scope="module",
    params=[("npr-2015", "csv"), ("icli-2026-08", "csv"), ("cilp-2025", "xlsx"), ("ddp-clean", "parquet")],
    ids=lambda each: "-".join(each),
)
def release(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], Path]:
    """Files of a release with every kind of defect, and a store of them."""
    layout, form = request.param
    folder = tmp_path_factory.mktemp("release")
    synthesize(rows=900, seed=7, layout_id=layout, file_format=form, out=folder)
    files = sorted(folder.glob(f"*.{form}"))
    store = folder / "store"
    assert detainer("ingest", *files, "--store", store).code == 0
    return files, store


@pytest.mark.parametrize("question", QUESTIONS, ids=" ".join)
def test_files_and_a_store_of_them_give_the_same_figures(
    release: tuple[list[Path], Path], question: tuple[str, ...]
) -> None:
    files, store = release
    stored = detainer("measure", "--store", store, *question, "--format", "csv")
    counted = detainer("measure", *files, *question, "--format", "csv")
    assert counted.code == 0, counted.err
    assert as_unplaced(counted.out) == as_unplaced(stored.out)


@pytest.mark.parametrize("group", ["jurisdiction", "jurisdiction_level", "county_fips", "jurisdiction_name,state"])
def test_a_question_for_jurisdictions_places_the_facilities_of_files(
    release: tuple[list[Path], Path], group: str
) -> None:
    files, store = release
    stored = detainer("measure", "--store", store, "--by", group, "--format", "csv")
    counted = detainer("measure", *files, "--by", group, "--format", "csv")
    assert counted.out == stored.out
    assert len(counted.out.splitlines()) > 2


def as_unplaced(table: str) -> list[dict[str, str]]:
    """Return the rows without the count of what has no jurisdiction: files are placed only where that is asked."""
    return [{**row, "unattributed": ""} for row in csv.DictReader(table.splitlines())]


def test_files_of_two_layouts_are_two_releases_and_one_count(tmp_path: Path) -> None:
    files = []
    for layout in ("npr-2015", "icli-2026-08"):
        synthesize(rows=300, seed=3, layout_id=layout, file_format="csv", out=tmp_path / layout)
        files += sorted((tmp_path / layout).glob("*.csv"))
    store = tmp_path / "store"
    assert detainer("ingest", *files, "--store", store).code == 0
    for question in ((), ("--by", "release,facility"), ("--by", "gender")):
        stored = detainer("measure", "--store", store, *question, "--format", "csv")
        counted = detainer("measure", *files, *question, "--format", "csv")
        assert as_unplaced(counted.out) == as_unplaced(stored.out)


def test_a_file_that_repeats_another_is_counted_once_and_named(write_csv: WriteCsv, tmp_path: Path) -> None:
    one = write_csv([["1/2/14", "", "X JAIL", "OHIO", "", ""]])
    again = tmp_path / "again.csv"
    again.write_bytes(one.read_bytes())
    counted = detainer("measure", one, again, "--format", "csv")
    assert counted.out.splitlines()[1].startswith("1,")
    assert "again.csv: this file repeats another to the byte" in counted.err


def test_nothing_is_left_behind(
    release: tuple[list[Path], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, _store = release
    beside = tree(files[0].parent)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert detainer("measure", *files, "--by", "state").code == 0
    assert tree(files[0].parent) == beside
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Nothing was named that could be counted"),
        (("{file}", "--store", "{store}"), "Files and a store were named"),
        (("--store", "{store}", "--layout", "npr-2015"), "A store knows the layouts"),
        (("{file}", "--engine", "local[*]"), "counted by the embedded engine alone"),
        (("{file}", "--engine", "postgresql://me:secret@host/db"), "counted by the embedded engine alone"),
        (("{file}", "--by", "shoe_size"), "There is no column 'shoe_size'"),
        (("{file}", "--declined", "mine"), "There is no definition"),
        (("{file}", "{file}x"), "There is no such file"),
        (("{file}", "--layout", "icli-2026-08"), "icli-2026-08"),
    ],
)
def test_what_cannot_be_counted_is_refused_with_one_message(
    arguments: tuple[str, ...], message: str, write_csv: WriteCsv, tmp_path: Path
) -> None:
    places = {"file": write_csv([["1/2/14", "", "X JAIL", "OHIO", "", ""]]), "store": tmp_path / "store"}
    if "{store}" in arguments:
        detainer("ingest", places["file"], "--store", places["store"])
    refused = detainer("measure", *(each.format(**places) for each in arguments))
    assert (refused.code, refused.out) == (2, "")
    assert message in refused.err
    assert "secret" not in refused.err
