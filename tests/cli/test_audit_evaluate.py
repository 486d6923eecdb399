"""``detainer audit evaluate`` and ``follow-up``: from results to plain sentences."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from detainer_ledger.audit.folder import read_frame, read_sample, write_frame, write_results, write_sample
from detainer_ledger.audit.programme import read_programme
from detainer_ledger.audit.sampling.drawing import draw, manifest_sha256
from detainer_ledger.audit.values import Answer, Design
from tests.audit.making import SEED, frame_with, results_of
from tests.running import detainer, tree

PROGRAMME = """
id = "synthetic"
version = "1"
title = "Synthetic programme"

[[attribute]]
id = "present"
title = "Present"
question = "Is it there?"
criterion = "It is there."
source = "tests"

[[attribute]]
id = "reviewed"
title = "Reviewed"
question = "Was it reviewed?"
criterion = "It is reviewed."
source = "tests"
"""


def an_audit(folder: Path, *, failing: int, design: Design = Design.SIMPLE) -> Path:
    """Make an audit of 142 files with a sample of 40, so many of which do not meet 'present'."""
    frame = frame_with({"north": 42, "south": 100})
    sample = draw(frame, design=design, seed=SEED, size=40)
    write_frame(folder, frame)
    write_sample(folder, sample)
    (folder / "programme.toml").write_text(PROGRAMME)
    programme = read_programme(folder / "programme.toml")
    bad = {unit.id for unit in sample.units[:failing]}
    results = results_of(
        sample,
        programme,
        lambda unit, each: Answer.NOT_MET if each == "present" and unit.id in bad else Answer.MET,
    )
    write_results(folder, replace(results, second=results.marks[:10]))
    return folder


def test_an_evaluation_is_told_in_sentences_and_a_table(tmp_path: Path) -> None:
    audit = an_audit(tmp_path / "audit", failing=40)
    done = detainer("audit", "evaluate", "--audit", audit)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(
        "Of 40 sampled files 40 have an exception and 0 were not testable. The frame has 142 files.\n"
        "Of all of them at least 134 (94.4 %) and at most 142 (100.0 %) have an exception, each by itself with 95 %"
        " confidence.\n"
    )
    assert "Tested files by how many required attributes are not met: 0: 0; 1: 40." in done.out
    rows = [line.split()[0:3] for line in done.out.splitlines()]
    assert ["present", "40", "40"] in rows
    assert ["reviewed", "40", "0"] in rows
    assert "Cohen's kappa" in done.out


def test_the_json_is_the_file_that_is_written(tmp_path: Path) -> None:
    audit = an_audit(tmp_path / "audit", failing=4)
    done = detainer("audit", "evaluate", "--audit", audit, "--two-sided", "--confidence", "0.9", "--json")
    said = json.loads(done.out)
    assert said == json.loads((audit / "evaluation.json").read_text("utf-8"))
    assert (said["files"]["sides"], said["files"]["confidence"]) == (2, 0.9)
    assert set(said["strata"]) == {"north", "south"}


def test_a_sample_that_its_manifest_does_not_draw_is_not_evaluated(tmp_path: Path) -> None:
    audit = an_audit(tmp_path / "audit", failing=4)
    sample, frame = read_sample(audit), read_frame(audit)
    picked = tuple(unit for unit in frame.units if unit not in sample.units)[:40]
    picked_by_hand = replace(sample, units=picked)
    write_sample(audit, replace(picked_by_hand, sha256=manifest_sha256(picked_by_hand)))
    done = detainer("audit", "evaluate", "--audit", audit)
    assert (done.code, done.out) == (2, "")
    assert "Drawn again from this seed and frame, the units are others." in done.err
    assert not (audit / "evaluation.json").exists()


def test_a_stratified_sample_has_a_standard_error(tmp_path: Path) -> None:
    audit = an_audit(tmp_path / "audit", failing=10, design=Design.STRATIFIED)
    told = detainer("audit", "evaluate", "--audit", audit).out
    assert "weighted by stratum, se its standard error" in told
    assert "sums of the exact bounds of the strata" in told


def test_an_evaluation_of_files_that_do_not_belong_together_writes_nothing(tmp_path: Path) -> None:
    audit = an_audit(tmp_path / "audit", failing=4)
    frame, sample = read_frame(audit), read_sample(audit)
    write_sample(audit, draw(frame, design=Design.SIMPLE, seed=SEED, size=len(sample.units) - 1))
    before = tree(audit)
    done = detainer("audit", "evaluate", "--audit", audit)
    assert (done.code, done.out) == (2, "")
    assert "The results are of another sample" in done.err
    assert tree(audit) == before


@pytest.mark.parametrize(
    ("missing", "command"),
    [("frame.json", "frame"), ("sample.json", "draw"), ("results.json", "read")],
)
def test_a_step_that_is_missing_is_named(tmp_path: Path, missing: str, command: str) -> None:
    audit = an_audit(tmp_path / "audit", failing=4)
    (audit / missing).unlink()
    done = detainer("audit", "evaluate", "--audit", audit)
    assert done.code == 2
    assert f"run 'detainer audit {command}' first" in done.err


def test_a_follow_up_says_what_can_be_said(tmp_path: Path) -> None:
    before, after = an_audit(tmp_path / "before", failing=40), an_audit(tmp_path / "after", failing=5)
    for audit in (before, after):
        detainer("audit", "evaluate", "--audit", audit)
    done = detainer("audit", "follow-up", before, after)
    assert (done.code, done.err) == (0, "")
    assert "A smaller share of files after" in done.out
    assert "with at least 90 % confidence" in done.out
    assert "A change cannot be told from these samples" in done.out
    said = json.loads(detainer("audit", "follow-up", before, after, "--json").out)
    assert [(each["subject"], each["change"]) for each in said] == [
        ("file", "fewer"),
        ("present", "fewer"),
        ("reviewed", "cannot_tell"),
    ]


def test_a_follow_up_of_another_programme_names_what_differs(tmp_path: Path) -> None:
    before, after = an_audit(tmp_path / "before", failing=40), an_audit(tmp_path / "after", failing=5)
    (after / "programme.toml").write_text(PROGRAMME.replace("Was it reviewed?", "Was it read?"))
    frame, sample = read_frame(after), read_sample(after)
    assert sample.frame_sha256 == frame.sha256
    results = results_of(sample, read_programme(after / "programme.toml"), lambda _unit, _each: Answer.MET)
    write_results(after, results)
    for audit in (before, after):
        detainer("audit", "evaluate", "--audit", audit)
    done = detainer("audit", "follow-up", before, after)
    assert (done.code, done.out) == (2, "")
    assert "did not test the same: reviewed (other question)." in done.err


def test_a_follow_up_believes_no_evaluation_that_the_results_do_not_give(tmp_path: Path) -> None:
    before, after = an_audit(tmp_path / "before", failing=40), an_audit(tmp_path / "after", failing=5)
    for audit in (before, after):
        detainer("audit", "evaluate", "--audit", audit)
    path = after / "evaluation.json"
    path.write_text(path.read_text().replace('"exceptions": 5', '"exceptions": 0', 1))
    done = detainer("audit", "follow-up", before, after)
    assert (done.code, done.out) == (2, "")
    assert "The evaluation is not what these results give" in done.err


def test_a_follow_up_says_on_which_conditions_each_audit_stands(tmp_path: Path) -> None:
    before, after = an_audit(tmp_path / "before", failing=40), an_audit(tmp_path / "after", failing=5)
    for audit in (before, after):
        detainer("audit", "evaluate", "--audit", audit)
    said = detainer("audit", "follow-up", before, after).out
    assert said.count("No digest of the seed was published before the draw") == 2
