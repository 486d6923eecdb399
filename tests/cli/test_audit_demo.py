"""The demonstration of an audit, and an audit of a record, from the command line."""

from __future__ import annotations

import csv
import json
from hashlib import sha256
from pathlib import Path

import pytest

from tests.running import detainer, tree


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("audit") / "demo"
    ran = detainer("audit", "demo", "--out", out)
    assert ran.code == 0, ran.err
    assert "inside the bounds" in ran.out
    assert str(out / "report-public" / "index.html") in ran.out
    return out


def test_the_truth_of_the_invented_files_lies_inside_the_bounds_that_it_tells(demo: Path) -> None:
    recorded = json.loads((demo / "audit" / "recorded.json").read_text())
    failed = {mark["unit"] for mark in recorded["marks"] if mark["answer"] == "not_met"}
    files = json.loads((demo / "audit" / "evaluation.json").read_text())["files"]
    # Every attribute but those of one step is required, and nothing failed in that one.
    assert not [mark for mark in recorded["marks"] if mark["answer"] == "not_met" and "channel" in mark["attribute"]]
    assert files["lower"]["count"] <= len(failed) <= files["upper"]["count"]
    assert files["population"] == 142
    assert files["tested"] == 40


def test_the_public_report_withholds_the_marked_passage_and_the_full_one_has_it(demo: Path) -> None:
    passage = "This sentence shows how a passage is withheld"
    assert passage in (demo / "report-full" / "index.html").read_text()
    for content in tree(demo / "report-public").values():
        assert content is None or passage.encode() not in content


def test_every_page_says_that_it_is_synthetic_and_not_kstep(demo: Path) -> None:
    page = (demo / "report-public" / "index.html").read_text()
    assert "Synthetic data" in page
    assert "which is not KSTEP" in page


def test_the_draw_of_the_demo_can_be_repeated_from_its_manifest(demo: Path) -> None:
    ran = detainer("audit", "draw", "--audit", demo / "audit", "--check")
    assert (ran.code, ran.err) == (0, "")


def test_a_second_demo_clears_the_first_and_leaves_other_folders_alone(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("mine")
    ran = detainer("audit", "demo", "--out", tmp_path)
    assert ran.code == 2
    assert "The folder holds other things" in ran.err
    assert tree(tmp_path) == {"kept.txt": b"mine"}


def test_an_audit_takes_screening_files_and_detainers_from_a_record(demo: Path, tmp_path: Path) -> None:
    record = ("--record", demo / "record" / "record.db", "--keys", demo / "record" / "keys")
    who = ("--as", "auditor (synthetic)")
    audit = tmp_path / "audit"
    asked = ("audit", "from-record", "screening", *record, "--audit", audit, "--title", "Files (synthetic)")
    ran = detainer(*asked, *who, "--at", "2026-09-18T14:00Z")
    assert ran.code == 0, ran.err
    assert "Units: 142" in ran.out
    assert (audit / "frame.csv").read_bytes() == (demo / "audit" / "frame.csv").read_bytes()
    again = detainer(*asked, *who, "--at", "2026-09-18T14:00Z")
    assert again.code == 0
    denied = detainer(*asked, "--as", "administrator (synthetic)")
    assert denied.code == 1
    assert "may not read screening" in denied.err
    none = detainer("audit", "from-record", "detainers", *record, *who, "--audit", tmp_path / "no", "--title", "None")
    assert none.code == 2
    assert "The frame has no unit" in none.err
    assert not (tmp_path / "no").exists()


def test_answers_of_a_record_reach_the_sheets_of_the_files_that_are_drawn(demo: Path, tmp_path: Path) -> None:
    record = ("--record", demo / "record" / "record.db", "--keys", demo / "record" / "keys")
    audit = tmp_path / "audit"
    for arguments in (
        ("from-record", "screening", *record, "--audit", audit, "--title", "Files", "--as", "auditor (synthetic)"),
        ("draw", "--audit", audit, "--size", "5", "--design", "stratified", "--seed", "invented seed of this test"),
        ("sheet", "--audit", audit, "--auditor", "ana"),
        ("read", "--audit", audit),
        ("evaluate", "--audit", audit),
    ):
        ran = detainer("audit", *arguments)
        assert ran.code == 0, ran.err
    assert "stratified" in (audit / "sample.json").read_text()
    results = json.loads((audit / "results.json").read_text())
    assert all(mark["is_from_record"] for mark in results["marks"])


def test_the_report_says_how_the_draw_is_repeated_and_so_it_is(demo: Path) -> None:
    said = json.loads((demo / "audit" / "sample.json").read_text())
    page = (demo / "report-public" / "index.html").read_text()
    assert "the SHA-256 of the seed, a zero byte, the digest of the list in hexadecimal, a zero" in page
    listed = (demo / "audit" / "frame.csv").read_bytes()
    digest = sha256(listed).hexdigest()
    ids = [row["id"] for row in csv.DictReader(listed.decode().splitlines())]
    ranked = sorted(ids, key=lambda each: sha256(f"{said['seed']}\0{digest}\0{each}".encode()).digest())
    assert ranked[:40] == [unit["id"] for unit in said["units"]]
    committed = sha256(f"{said['salt']}\0{digest}\0{said['seed']}".encode()).hexdigest()
    assert committed == said["commitment"]
