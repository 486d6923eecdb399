"""The files of an audit folder: what was written is read back, what was changed is found, nothing is half written."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detainer_ledger.audit import folder as files
from detainer_ledger.audit.json_values import NotSuch, json_of, value_of
from detainer_ledger.audit.programme import programme_of
from detainer_ledger.audit.sampling.drawing import Commitment, draw
from detainer_ledger.audit.statistics.estimates import evaluate
from detainer_ledger.audit.values import Allocation, Answer, Design, Evaluation, Mark, Results, Sample
from detainer_ledger.terms import BadInput
from tests.audit.making import NOW, SEED, frame_with, programme_with, results_of

FRAME = frame_with({"north": 12, "south": 8})
PROGRAMME = programme_with("a", "b")


def whole() -> tuple[Sample, Results, Evaluation, Commitment]:
    sample = draw(
        FRAME,
        design=Design.STRATIFIED,
        seed=SEED,
        size=9,
        allocation=Allocation.NEYMAN,
        deviations={"north": 0.1, "south": 0.25},
    )
    results = results_of(sample, PROGRAMME, lambda unit, each: Answer.NOT_MET if unit.id < each else Answer.MET)
    results = replace(results, second=results.marks[:3], set_aside=("sheet one, row 4: two answers — synthetic",))
    evaluation = evaluate(FRAME, sample, PROGRAMME, results)
    return sample, results, evaluation, Commitment(sha256="c" * 64, frame_sha256=None, made_at=NOW)


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    sample, results, evaluation, commitment = whole()
    files.write_frame(tmp_path / "audit", FRAME)
    files.write_sample(tmp_path / "audit", sample)
    files.write_results(tmp_path / "audit", results)
    files.write_evaluation(tmp_path / "audit", evaluation)
    files.write_commitment(tmp_path / "audit", commitment)
    assert files.read_frame(tmp_path / "audit") == FRAME
    assert files.read_sample(tmp_path / "audit") == sample
    assert files.read_results(tmp_path / "audit") == results
    assert files.read_evaluation(tmp_path / "audit") == evaluation
    assert files.read_commitment(tmp_path / "audit") == commitment
    names = {path.name for path in (tmp_path / "audit").iterdir()}
    assert names == {
        "frame.csv", "frame.json", "sample.json", "results.json", "evaluation.json", "commitment.json",
    }  # fmt: skip


def test_files_say_what_they_are(tmp_path: Path) -> None:
    files.write_sample(tmp_path, whole()[0])
    said = json.loads((tmp_path / "sample.json").read_text("utf-8"))
    assert (said["what"], said["version"], said["design"]) == ("audit sample", 1, "stratified")


MARKS = st.builds(
    Mark,
    unit=st.text(),
    attribute=st.text(),
    answer=st.sampled_from(Answer),
    auditor=st.text(),
    evidence=st.text(),
    remark=st.text(),
    is_from_record=st.booleans(),
)


@given(st.lists(MARKS, max_size=5).map(tuple), st.lists(st.text(), max_size=3).map(tuple))
def test_results_come_back_from_their_json(marks: tuple[Mark, ...], aside: tuple[str, ...]) -> None:
    results = Results(
        frame_sha256="f", sample_sha256="s", programme_sha256="p", marks=marks, second=marks, set_aside=aside
    )
    assert value_of(json_of(results, "audit results"), Results, "audit results") == results


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(["marks", "second", "frame_sha256", "set_aside"]), JSON)
def test_any_other_value_in_a_field_is_refused_with_the_field(field: str, value: Any) -> None:
    said = {"what": "audit results", "version": 1, "frame_sha256": "f", "sample_sha256": "s", "programme_sha256": "p"}
    text = json.dumps({**said, "marks": [], field: value}).encode()
    is_fit = {
        "frame_sha256": isinstance(value, str),
        "set_aside": isinstance(value, list) and all(isinstance(each, str) for each in value),
    }
    if is_fit.get(field, value == []):
        found = value_of(text, Results, "audit results")
        assert json.loads(json_of(found, "audit results"))[field] == value
        return
    with pytest.raises(NotSuch, match=f"^{field}"):
        value_of(text, Results, "audit results")


def _changed(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    said = json.loads(path.read_text("utf-8"))
    change(said)
    path.write_text(json.dumps(said), "utf-8")


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda said: said.update(what="audit sample"), "its kind is 'audit sample', not 'audit results'"),
        (lambda said: said.pop("what"), "its kind is missing"),
        (lambda said: said.update(version=2), "its version is 2; this program reads version 1"),
        (lambda said: said.update(version=True), "its version is True"),
        (lambda said: said.pop("marks"), "it lacks marks"),
        (lambda said: said.update(extra=1), "it has 'extra', which this version does not know"),
        (lambda said: said["marks"][3].update(answer="perhaps"), r"marks\[3\].answer: it is 'perhaps'"),
        (lambda said: said["marks"][3].pop("unit"), r"marks\[3\]: it lacks unit"),
        (lambda said: said["marks"].append(7), "an object is expected"),
        (lambda said: said.update(marks={}), "marks: a list is expected"),
    ],
)
def test_a_file_that_is_not_what_was_written_is_refused_with_the_place(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], what: str
) -> None:
    files.write_results(tmp_path, whole()[1])
    _changed(tmp_path / "results.json", change)
    with pytest.raises(BadInput, match=what) as refused:
        files.read_results(tmp_path)
    assert refused.value.where == {"file": str(tmp_path / "results.json")}
    assert refused.value.do


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "no JSON"),
        (b'{"what": "audit results"', "no JSON: .* in line 1, column"),
        (b"[]", "no object"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[" * 100_000, "nested too deeply|no JSON"),
        (b'{"what": NaN}', "NaN is no number"),
    ],
)
def test_damaged_json_is_refused_without_a_traceback(tmp_path: Path, content: bytes, what: str) -> None:
    (tmp_path / "results.json").write_bytes(content)
    with pytest.raises(BadInput, match=what):
        files.read_results(tmp_path)


@pytest.mark.parametrize(
    ("read", "command"),
    [
        (files.read_frame, "frame"),
        (files.read_sample, "draw"),
        (files.read_results, "read"),
        (files.read_evaluation, "evaluate"),
        (files.read_commitment, "commit"),
    ],
)
def test_a_step_that_was_not_done_names_its_command(
    tmp_path: Path, read: Callable[[Path], object], command: str
) -> None:
    with pytest.raises(BadInput) as refused:
        read(tmp_path)
    assert f"run 'detainer audit {command}' first" in refused.value.do


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("frame.csv", lambda text: text.replace("north-0003,north\n", "")),
        ("frame.csv", lambda text: text.replace("north-0003,north", "north-0003,south")),
        ("frame.csv", lambda text: text + "\n"),
        ("frame.json", lambda text: text.replace(FRAME.sha256, "0" * 64)),
    ],
    ids=["left out", "another stratum", "a byte more", "digest"],
)
def test_a_frame_that_was_changed_is_found(tmp_path: Path, name: str, change: Callable[[str], str]) -> None:
    files.write_frame(tmp_path, FRAME)
    path = tmp_path / name
    path.write_text(change(path.read_text("utf-8")), "utf-8")
    with pytest.raises(BadInput, match="frame was changed after it was made"):
        files.read_frame(tmp_path)


def test_a_forged_frame_with_a_digest_that_fits_is_still_a_frame_or_refused(tmp_path: Path) -> None:
    files.write_frame(tmp_path, FRAME)
    content = b"id,stratum\nb,\na,\n"
    (tmp_path / "frame.csv").write_bytes(content)
    from hashlib import sha256

    _changed(tmp_path / "frame.json", lambda said: said.update(sha256=sha256(content).hexdigest()))
    with pytest.raises(BadInput, match="frame was changed after it was made"):
        files.read_frame(tmp_path)


def test_a_manifest_that_was_changed_is_found(tmp_path: Path) -> None:
    files.write_sample(tmp_path, whole()[0])
    _changed(tmp_path / "sample.json", lambda said: said.update(seed="another seed of the tests"))
    with pytest.raises(BadInput, match="manifest of the sample was changed"):
        files.read_sample(tmp_path)


def test_seed_and_salt_come_back_and_are_for_their_owner_alone(tmp_path: Path) -> None:
    seed = 'Zahlen: "7", 12 \\ 31 — Lotterie'
    files.write_seed(tmp_path, seed=seed, salt="ab12")
    assert files.read_seed(tmp_path) == (seed, "ab12")
    assert (tmp_path / "seed.txt").stat().st_mode & 0o077 == 0
    (tmp_path / "seed.txt").write_text("seed = 3\n")
    with pytest.raises(BadInput, match="no seed and salt"):
        files.read_seed(tmp_path)


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "results.json"
    files.write_whole(path, b"before")

    def fails(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("detainer_ledger.audit.folder.os.fsync", fails)
    with pytest.raises(OSError, match="No space left"):
        files.write_whole(path, b"after")
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == {"results.json": b"before"}


def test_the_earlier_manifest_is_kept_under_its_number(tmp_path: Path) -> None:
    sample = whole()[0]
    path = files.keep_sample(tmp_path, sample)
    assert path.name == "sample-1.json"
    assert files.earlier_samples(tmp_path, replace(sample, number=3)) == (sample, None)


def test_hostile_nesting_and_numbers_are_refused_without_a_traceback(tmp_path: Path) -> None:
    deep, long = "[" * 5_000, "9" * 5_000
    for text in (f"id = {deep}", f"version = {long}"):
        with pytest.raises(BadInput):
            programme_of(text, file="programme.toml")
    files.write_seed(tmp_path, seed="a seed of the tests", salt="00")
    (tmp_path / "seed.txt").write_text(f"seed = {deep}")
    with pytest.raises(BadInput):
        files.read_seed(tmp_path)
    (tmp_path / "sample.json").write_text(f'{{"frame_size": {long}}}')
    with pytest.raises(BadInput):
        files.read_sample(tmp_path)
