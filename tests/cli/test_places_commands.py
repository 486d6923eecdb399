"""The commands that place facilities: what they print, and what they refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import WriteText
from tests.running import detainer

FACILITIES = "facility_name,city,state,n\nDALLAS COUNTY JAIL,DALLAS,TX,3\nX JAIL,,,2\nOTHER-OTHER FACILITY,,,5\n"
TRUTH = "facility_name,city,state,county_fips,agency_level\nDALLAS COUNTY JAIL,DALLAS,TX,48113,county\n"


def test_resolve_says_what_was_answered_and_with_what(write_text: WriteText, tmp_path: Path) -> None:
    done = detainer("resolve", write_text("in.csv", FACILITIES), "--out", tmp_path / "out.csv")
    assert "Rows: 3. Distinct facilities: 3. Rows with a county: 1" in done.out
    assert "No register of agencies was used" in done.out
    as_json = detainer("resolve", write_text("in.csv", FACILITIES), "--out", tmp_path / "out.csv", "--json")
    assert json.loads(as_json.out) == {
        "rows": 3,
        "facilities": 3,
        "with_county": 1,
        "with_jurisdiction": 1,
        "abstained": 2,
        "registers": [],
    }


def test_resolve_adds_counts_up_with_the_range(write_text: WriteText) -> None:
    done = detainer("resolve", write_text("in.csv", FACILITIES), "--count", "n")
    assert done.out.splitlines()[1].endswith(",county,3")
    assert "at least 1, at most 2" in done.err
    assert "5 at placeholders" in done.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("resolve",), "Give a FILE with --out"),
        (("resolve", "{in}"), "Name the file to write"),
        (("resolve", "{in}", "--count", "nothing"), "no column 'nothing'"),
        (("resolve", "{in}", "--count", "city"), "no whole number"),
        (("resolve", "{in}", "--count", "n", "--where", "city"), "COLUMN=VALUE"),
        (("resolve", "--store", "{in}x", "--review"), "There is no store"),
        (("reference", "add", "{in}"), "columns are those of no known register"),
        (("reference", "remove", "mine.csv"), "no register 'mine.csv'"),
        (("evaluate", "facilities", "{in}"), "does not say what the right answers are"),
        (("evaluate", "facilities", "{in}x"), "cannot be read"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_message(
    arguments: tuple[str, ...], message: str, write_text: WriteText
) -> None:
    source = write_text("in.csv", FACILITIES)
    refused = detainer(*(each.replace("{in}", str(source)) for each in arguments))
    assert refused.code == 2
    assert message in refused.err
    assert "Traceback" not in refused.err


def test_evaluate_prints_scores_with_intervals_and_the_reliability(write_text: WriteText) -> None:
    done = detainer("evaluate", "facilities", write_text("truth.csv", TRUTH), "--wrong")
    assert "100.0% (20.7%-100.0%)" in done.out
    assert "Reliability of the confidence" in done.out
    as_json = json.loads(detainer("evaluate", "facilities", write_text("truth.csv", TRUTH), "--json").out)
    assert as_json["county"]["precision"] == pytest.approx(
        {"count": 1, "of": 1, "share": 1.0, "ci_low": 0.2065, "ci_high": 1.0}, abs=1e-4
    )


def test_registers_are_added_listed_used_and_removed(
    write_text: WriteText, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DETAINER_REFERENCE", str(tmp_path / "kept"))
    register = write_text("mine.csv", "name,city,state,county_fips\nX JAIL,DALLAS,TX,48113\n")
    assert detainer("reference", "list").out == "No register was added yet.\n"
    assert "agencies: 1 (layout plain)" in detainer("reference", "add", register).out
    assert "mine.csv" in detainer("reference", "list").out
    done = detainer("resolve", write_text("in.csv", FACILITIES), "--out", tmp_path / "out.csv")
    assert "Registers used: mine.csv." in done.out
    assert detainer("reference", "remove", "mine.csv").out == "mine.csv is removed.\n"
