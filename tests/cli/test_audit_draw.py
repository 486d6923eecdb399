"""``detainer audit commit`` and ``draw``: a sample that nobody can have shopped for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from detainer_ledger.audit.folder import read_frame, read_sample, write_first_sample, write_frame
from detainer_ledger.audit.sampling.drawing import draw as draw_sample
from detainer_ledger.audit.values import Design
from detainer_ledger.terms import BadInput
from tests.audit.making import SEED, frame_with
from tests.running import Ran, detainer, tree


@pytest.fixture
def audit(tmp_path: Path) -> Path:
    write_frame(tmp_path / "audit", frame_with({"north": 40, "south": 102}))
    return tmp_path / "audit"


def draw(audit: Path, *arguments: object) -> Ran:
    return detainer("audit", "draw", "--audit", audit, *map(str, arguments))


def test_a_seed_is_committed_to_drawn_with_and_revealed(audit: Path) -> None:
    done = detainer("audit", "commit", "--audit", audit)
    assert done.code == 0
    published = json.loads((audit / "commitment.json").read_text())
    assert f"Publish: {published['sha256']}" in done.out
    seed = (audit / "seed.txt").read_text().split('"')[1]
    assert len(seed) == 64
    assert seed not in done.out + done.err + (audit / "commitment.json").read_text()
    assert "Warning: keep" in done.err
    drawn = draw(audit, "--size", 40)
    assert (drawn.code, drawn.err) == (0, "")
    said = json.loads((audit / "sample.json").read_text())
    assert (said["seed"], said["commitment"]) == (seed, published["sha256"])
    checked = draw(audit, "--check")
    assert (checked.code, checked.out) == (
        0,
        "The same sample: 40 of 142 units, in the same order.\nSeed and salt are those whose digest was published.\n",
    )


def test_another_seed_than_the_one_committed_to_draws_nothing(audit: Path) -> None:
    detainer("audit", "commit", "--audit", audit, "--seed", SEED)
    before = tree(audit)
    done = draw(audit, "--size", 40, "--seed", SEED + "!")
    assert (done.code, done.out) == (2, "")
    assert "not those whose digest was published" in done.err
    assert tree(audit) == before
    salt = (audit / "seed.txt").read_text().split('"')[3]
    (audit / "seed.txt").unlink()
    assert "seed.txt is not there" in draw(audit, "--size", 40).err
    assert draw(audit, "--size", 40, "--seed", SEED, "--salt", salt).code == 0


def test_a_commitment_comes_once_and_before_the_draw(audit: Path) -> None:
    assert draw(audit, "--size", 5, "--seed", SEED).code == 0
    done = detainer("audit", "commit", "--audit", audit)
    assert (done.code, "The sample is drawn already" in done.err) == (2, True)
    (audit / "sample.json").unlink()
    assert detainer("audit", "commit", "--audit", audit).code == 0
    before = tree(audit)
    assert "The seed is fixed already" in detainer("audit", "commit", "--audit", audit).err
    assert tree(audit) == before


def test_no_seed_is_fixed_before_the_frame_which_could_be_made_to_suit_it(tmp_path: Path) -> None:
    refused = detainer("audit", "commit", "--audit", tmp_path / "audit", "--seed", SEED)
    assert refused.code == 2
    assert "There is no frame.json" in refused.err
    assert not (tmp_path / "audit").exists()


def test_of_two_who_draw_at_once_one_is_told_that_the_sample_is_drawn(audit: Path) -> None:
    frame = read_frame(audit)
    one, other = (draw_sample(frame, design=Design.SIMPLE, seed=f"{SEED} {place}", size=5) for place in "ab")
    write_first_sample(audit, one)
    with pytest.raises(BadInput, match="The sample is drawn already"):
        write_first_sample(audit, other)
    assert read_sample(audit) == one
    assert not list(audit.glob(".*.part"))


def test_a_second_draw_needs_a_reason_and_keeps_the_first(audit: Path) -> None:
    draw(audit, "--size", 5, "--seed", SEED)
    first = (audit / "sample.json").read_bytes()
    refused = draw(audit, "--size", 9, "--seed", SEED)
    assert refused.code == 2
    assert "The sample is drawn already." in refused.err
    assert (audit / "sample.json").read_bytes() == first
    done = draw(audit, "--size", 9, "--seed", SEED, "--again", "five were too few")
    assert done.code == 0
    assert "this is draw 2 in this folder; the reason stands in the manifest: five were too few" in done.err
    assert (audit / "sample-1.json").read_bytes() == first
    assert json.loads((audit / "sample.json").read_text())["earlier"] == [json.loads(first)["sha256"]]
    assert draw(audit, "--check").code == 0
    (audit / "sample-1.json").unlink()
    lost = draw(audit, "--check")
    assert (lost.code, "earlier draws are not all there" in lost.out) == (1, True)


def test_a_reason_without_a_first_draw_is_refused(audit: Path) -> None:
    assert "Nothing was drawn before." in draw(audit, "--size", 5, "--seed", SEED, "--again", "why not").err


def test_a_sample_without_a_commitment_warns(audit: Path) -> None:
    assert "no digest of the seed was published beforehand" in draw(audit, "--size", 5, "--seed", SEED).err
    assert draw(audit, "--check").err.startswith("Warning: no digest")


def test_a_manifest_that_does_not_draw_its_sample_is_found(audit: Path) -> None:
    draw(audit, "--size", 5, "--seed", SEED)
    path = audit / "sample.json"
    said = json.loads(path.read_text())
    said["units"].reverse()
    path.write_text(json.dumps(said))
    assert "manifest of the sample was changed" in draw(audit, "--check").err
    from dataclasses import replace

    from detainer_ledger.audit.folder import SAMPLE, write_whole
    from detainer_ledger.audit.json_values import json_of, value_of
    from detainer_ledger.audit.sampling.drawing import manifest_sha256
    from detainer_ledger.audit.values import Sample

    forged = value_of(path.read_bytes(), Sample, "audit sample")
    write_whole(audit / SAMPLE, json_of(replace(forged, sha256=manifest_sha256(forged)), "audit sample"))
    done = draw(audit, "--check", "--json")
    assert done.code == 1
    told = json.loads(done.out)
    assert (told["same"], told["faults"]) == (False, ["Drawn again from this seed and frame, the units are others."])


def test_a_stratified_draw_tells_its_shares(audit: Path) -> None:
    done = draw(audit, "--size", 20, "--design", "stratified", "--seed", SEED)
    assert "By stratum (proportional): north 6 of 40, south 14 of 102." in done.out
    asked = ("--allocation", "neyman", "--deviation", "north=0.5", "--deviation", "south=0.1")
    done = draw(audit, "--size", 20, "--design", "stratified", "--seed", SEED, "--again", "a test", *asked, "--json")
    assert json.loads(done.out)["drawn"] == {"north": 13, "south": 7}
    assert draw(audit, "--check").code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--size", 5), "No seed was given."),
        (("--seed", SEED), "How many units to draw was not said."),
        (("--size", 143, "--seed", SEED), "A sample of 143 cannot be drawn from 142 units."),
        (("--size", 5, "--seed", "short"), "The seed has 5 characters."),
        (("--size", 5, "--seed", SEED, "--salt", "ab"), "A salt belongs to a commitment"),
        (("--size", 5, "--seed", SEED, "--deviation", "north"), "no standard deviation of a stratum"),
        (("--size", 5, "--seed", SEED, "--deviation", "north=1", "--deviation", "north=1"), "two standard deviations"),
        (("--check", "--size", 5), "--check needs nothing besides"),
        (("--check",), "There is no sample.json in the audit folder."),
    ],
)
def test_what_cannot_be_drawn_is_refused_and_nothing_written(
    audit: Path, arguments: tuple[object, ...], message: str
) -> None:
    before = tree(audit)
    done = draw(audit, *arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert tree(audit) == before
