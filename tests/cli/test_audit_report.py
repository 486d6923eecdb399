"""``detainer audit report`` as it is used: a template, a report, and refusals that leave nothing behind."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from detainer_ledger.audit.findings.reading import FILE
from detainer_ledger.audit.folder import read_sample
from tests.reports.audit.invented import SECRET, write_invented
from tests.running import detainer, tree


@pytest.fixture
def audit(tmp_path: Path) -> Path:
    folder = tmp_path / "audit"
    folder.mkdir()
    return write_invented(folder)


def test_a_report_is_public_unless_the_full_one_is_asked_for(audit: Path, tmp_path: Path) -> None:
    ran = detainer("audit", "report", "--audit", audit, "--out", tmp_path / "report")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.strip() == str(tmp_path / "report" / "index.html")
    assert {*tree(tmp_path / "report")} == {"index.html", "report.pdf", "report.json", "provenance.json"}
    assert SECRET not in (tmp_path / "report" / "index.html").read_text("utf-8")
    ran = detainer("audit", "report", "--audit", audit, "--out", tmp_path / "full", "--edition", "full")
    assert ran.code == 0
    page = " ".join((tmp_path / "full" / "index.html").read_text("utf-8").split())
    assert SECRET in page
    assert "not for release" in page


def test_the_provenance_has_the_digest_of_every_file_that_was_read(audit: Path, tmp_path: Path) -> None:
    import hashlib

    detainer("audit", "report", "--audit", audit, "--out", tmp_path / "full", "--edition", "full")
    found = json.loads((tmp_path / "full" / "provenance.json").read_bytes())
    inputs = {each["name"]: each["sha256"] for each in found["entity"]["inputs"]}
    assert inputs == {
        each.name: hashlib.sha256(each.read_bytes()).hexdigest() for each in audit.iterdir() if each.is_file()
    }
    assert found["activity"]["command"].startswith("detainer audit report --audit ")


def test_hidden_units_are_in_no_file(audit: Path, tmp_path: Path) -> None:
    ran = detainer("audit", "report", "--audit", audit, "--out", tmp_path / "report", "--hide-units")
    assert ran.code == 0
    for name in ("index.html", "report.json", "provenance.json"):
        said = (tmp_path / "report" / name).read_text("utf-8")
        assert not re.search(r"KF-\d{6}", said)
        # Whoever can guess the ids could draw the sample again with its seed.
        assert read_sample(audit).seed not in said


def test_a_template_is_written_once_and_no_report_is_made_of_it(audit: Path, tmp_path: Path) -> None:
    (audit / FILE).unlink()
    ran = detainer("audit", "report", "--audit", audit, "--template")
    assert (ran.code, ran.out.strip()) == (0, str(audit / FILE))
    first = (audit / FILE).read_bytes()
    again = detainer("audit", "report", "--audit", audit, "--template")
    assert again.code == 2
    assert "There are findings already" in again.err
    assert (audit / FILE).read_bytes() == first
    ran = detainer("audit", "report", "--audit", audit, "--out", tmp_path / "report")
    assert ran.code == 2
    assert "has not been written yet" in ran.err
    assert "line " in ran.err
    assert not (tmp_path / "report").exists()


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("evaluation.json", '"exceptions": ', '"exceptions": 1', "not what these results give"),
        ("results.json", '"answer": "met"', '"answer": "not_met"', "not what these results give"),
        ("sample.json", '"seed": "an', '"seed": "on', "changed after the draw"),
        ("frame.csv", "KF-000001", "KF-900001", "frame was changed"),
        ("programme.toml", "Initial checks: present", "Initial checks: gone", "another test programme"),
        (FILE, "{files.exceptions}", "{files.exemptions}", "There is no figure {files.exemptions}"),
        (FILE, "A pilot in two offices", f"A pilot by {SECRET}", "also stand in the open"),
    ],
)
def test_what_was_changed_or_slipped_is_refused_and_leaves_nothing(
    name: str, old: str, new: str, said: str, audit: Path, tmp_path: Path
) -> None:
    text = (audit / name).read_text("utf-8")
    assert old in text
    (audit / name).write_text(text.replace(old, new, 1), "utf-8")
    before = tree(tmp_path)
    ran = detainer("audit", "report", "--audit", audit, "--out", tmp_path / "report")
    assert ran.code == 2
    assert said in ran.err
    assert "to do: " in ran.err
    assert "Traceback" not in ran.err
    assert "Harbor" not in ran.err
    assert tree(tmp_path) == before


@pytest.mark.parametrize(
    "name", ["frame.json", "sample.json", "programme.toml", "results.json", "evaluation.json", FILE]
)
def test_a_missing_file_is_named(name: str, audit: Path, tmp_path: Path) -> None:
    (audit / name).unlink()
    ran = detainer("audit", "report", "--audit", audit, "--out", tmp_path / "report")
    assert ran.code == 2
    assert name in ran.err
    assert "Traceback" not in ran.err


def test_a_report_needs_a_folder_and_a_template_takes_none(audit: Path, tmp_path: Path) -> None:
    assert "--out" in detainer("audit", "report", "--audit", audit).err
    ran = detainer("audit", "report", "--audit", audit, "--template", "--out", tmp_path / "x")
    assert (ran.code, "leave --out out" in ran.err) == (2, True)
