"""The files of an audit folder: written whole or not at all, and read back with every doubt named.

How a value stands in its JSON file, ``json_values`` says. A file of another kind or version, or with a key that this
version does not know, is refused rather than half read.
"""

from __future__ import annotations

import json
import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from detainer_ledger.audit.json_values import NotSuch, json_of, value_of
from detainer_ledger.audit.recorded import Recorded
from detainer_ledger.audit.sampling.drawing import Commitment, manifest_sha256
from detainer_ledger.audit.sampling.frames import frame_of_units, frame_text, units_of_text
from detainer_ledger.audit.values import Evaluation, Frame, Results, Sample
from detainer_ledger.terms import BadInput

Value = TypeVar("Value")

FRAME_CSV, FRAME_JSON = "frame.csv", "frame.json"
COMMITMENT, SAMPLE = "commitment.json", "sample.json"
SEED = "seed.txt"
RESULTS, EVALUATION = "results.json", "evaluation.json"
RECORDED = "recorded.json"
PROGRAMME = "programme.toml"

_KINDS: Mapping[type, tuple[str, str, str]] = {
    Commitment: ("audit commitment", COMMITMENT, "detainer audit commit"),
    Sample: ("audit sample", SAMPLE, "detainer audit draw"),
    Recorded: ("answers of a record", RECORDED, "detainer audit from-record"),
    Results: ("audit results", RESULTS, "detainer audit read"),
    Evaluation: ("audit evaluation", EVALUATION, "detainer audit evaluate"),
}
"""For each value the kind that its file names, the file, and the command that writes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _FrameHead:
    """What frame.json says of frame.csv."""

    title: str
    source: str
    source_sha256: str | None
    made_at: datetime
    units: int
    strata: Mapping[str, int]
    sha256: str


_FRAME_KIND = ("audit frame", FRAME_JSON, "detainer audit frame")


# ---------------------------------------------------------------- the files


def write_frame(folder: Path, frame: Frame) -> None:
    """Write frame.csv, whose bytes the frame's digest is of, and frame.json, making the folder if need be."""
    head = _FrameHead(
        title=frame.title,
        source=frame.source,
        source_sha256=frame.source_sha256,
        made_at=frame.made_at,
        units=len(frame.units),
        strata=frame.strata,
        sha256=frame.sha256,
    )
    write_whole(folder / FRAME_CSV, frame_text(frame.units))
    write_whole(folder / FRAME_JSON, json_of(head, _FRAME_KIND[0]))


def read_frame(folder: Path) -> Frame:
    """Return the frame of an audit folder.

    Raises BadInput where a file is missing or damaged, or where frame.csv is not the list that frame.json names.
    """
    head = _read(folder, _FrameHead, _FRAME_KIND)
    path = folder / FRAME_CSV
    content = _bytes(path, "detainer audit frame")
    frame = None
    if sha256(content).hexdigest() == head.sha256:
        try:
            units = units_of_text(content)
        except ValueError as error:
            raise BadInput(f"This is no frame: {error}.", file=str(path), do=_ASIDE) from None
        frame = frame_of_units(
            units, title=head.title, source=head.source, source_sha256=head.source_sha256, made_at=head.made_at
        )
    if frame is None or frame.sha256 != head.sha256:
        raise BadInput(
            "The frame was changed after it was made: its digest is not the one in frame.json.",
            file=str(path),
            do="put the file back as it was; another population is another audit folder.",
        )
    return frame


_ASIDE = "put the file back as it was written, or make it again in another folder."


def put_frame(folder: Path, frame: Frame) -> Frame:
    """Write the frame of a new audit, and return the one that is there: the first that was made of these units.

    Raises BadInput where the audit has a frame of other units.
    """
    if not (folder / FRAME_JSON).exists():
        write_frame(folder, frame)
        return frame
    before = read_frame(folder)
    if before.sha256 != frame.sha256:
        raise BadInput(
            "The audit has a frame already, and it lists other units.",
            folder=str(folder),
            do="begin another audit folder: a population that changes after the draw can be chosen to suit.",
        )
    return before


def write_commitment(folder: Path, commitment: Commitment) -> None:
    """Write commitment.json."""
    _write(folder, commitment)


def read_commitment(folder: Path) -> Commitment:
    """Return the commitment of an audit folder. Raises BadInput where there is none, or where it is damaged."""
    return _read(folder, Commitment, _KINDS[Commitment])


def write_sample(folder: Path, sample: Sample) -> None:
    """Write sample.json, the manifest of a draw."""
    _write(folder, sample)


def read_sample(folder: Path) -> Sample:
    """Return the sample of an audit folder. Raises BadInput where there is none, or its digest does not fit it."""
    sample = _read(folder, Sample, _KINDS[Sample])
    if manifest_sha256(sample) != sample.sha256:
        raise BadInput(
            "The manifest of the sample was changed after the draw: its digest does not fit it.",
            file=str(folder / SAMPLE),
            do="put the file back as it was.",
        )
    return sample


def write_first_sample(folder: Path, sample: Sample) -> None:
    """Write sample.json where there is none. Raises BadInput where somebody else has drawn meanwhile."""
    path = folder / SAMPLE
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    try:
        write_whole(aside, json_of(sample, _KINDS[Sample][0]))
        # A link is refused where the name is taken; a file that is moved would take its place.
        os.link(aside, path)
    except FileExistsError:
        raise BadInput(
            "The sample is drawn already.",
            file=str(path),
            do="go on with it; or give --again REASON, which keeps the earlier manifest and stands in the new one.",
        ) from None
    finally:
        aside.unlink(missing_ok=True)


def keep_sample(folder: Path, sample: Sample) -> Path:
    """Keep the manifest of a sample beside the one that will follow it, under its number, and return the path."""
    path = folder / f"sample-{sample.number}.json"
    write_whole(path, json_of(sample, _KINDS[Sample][0]))
    return path


def earlier_samples(folder: Path, sample: Sample) -> tuple[Sample | None, ...]:
    """Return the manifests of the draws before a sample, None for one that is not there. Raises BadInput if damaged."""
    found: list[Sample | None] = []
    for number in range(1, sample.number):
        name = f"sample-{number}.json"
        what, _name, command = _KINDS[Sample]
        found.append(_read(folder, Sample, (what, name, command)) if (folder / name).exists() else None)
    return tuple(found)


def write_seed(folder: Path, *, seed: str, salt: str) -> None:
    """Write seed.txt for its owner alone: two lines of TOML, seed and salt."""
    text = (
        "# Keep this secret until the sample is drawn; then it is published in sample.json.\n"
        f"seed = {json.dumps(seed, ensure_ascii=False)}\nsalt = {json.dumps(salt)}\n"
    )
    write_whole(folder / SEED, text.encode(), mode=0o600)


def read_seed(folder: Path) -> tuple[str, str]:
    """Return seed and salt of seed.txt. Raises BadInput where it is damaged."""
    path = folder / SEED
    try:
        said = tomllib.loads(_bytes(path, "detainer audit commit").decode("utf-8"))
        seed, salt = said["seed"], said["salt"]
    except (ValueError, KeyError, RecursionError):
        seed = salt = None
    if not isinstance(seed, str) or not isinstance(salt, str):
        raise BadInput("The file has no seed and salt.", file=str(path), do="put it back as it was written.")
    return seed, salt


def write_recorded(folder: Path, recorded: Recorded) -> None:
    """Write recorded.json, the answers that a record gives by itself."""
    _write(folder, recorded)


def put_recorded(folder: Path, recorded: Recorded) -> None:
    """Write the answers of a record before a sample is drawn; the same answers again change nothing.

    Raises BadInput where the sample is drawn and the answers are others: they could be chosen to suit it.
    """
    before = read_recorded(folder)
    if before is not None and before.marks == recorded.marks:
        return
    if (folder / SAMPLE).exists():
        raise BadInput(
            "The sample is drawn, and the record's answers are not those that were taken before it.",
            folder=str(folder),
            do="go on with the answers that were taken, or begin another audit folder.",
        )
    write_recorded(folder, recorded)


def read_recorded(folder: Path) -> Recorded | None:
    """Return the answers of a record, None where the audit is not of one. Raises BadInput where they are damaged."""
    return _read(folder, Recorded, _KINDS[Recorded]) if (folder / RECORDED).exists() else None


def write_results(folder: Path, results: Results) -> None:
    """Write results.json."""
    _write(folder, results)


def read_results(folder: Path) -> Results:
    """Return the results of an audit folder. Raises BadInput where there are none, or where they are damaged."""
    return _read(folder, Results, _KINDS[Results])


def write_evaluation(folder: Path, evaluation: Evaluation) -> None:
    """Write evaluation.json."""
    _write(folder, evaluation)


def read_evaluation(folder: Path) -> Evaluation:
    """Return the evaluation of an audit folder. Raises BadInput where there is none, or where it is damaged."""
    return _read(folder, Evaluation, _KINDS[Evaluation])


def write_whole(path: Path, content: bytes, *, mode: int = 0o666) -> None:
    """Write a file whole or not at all: aside in its folder, which is made if need be, then moved into its place.

    ``mode`` are the permissions, less what the user's mask forbids.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        aside.unlink(missing_ok=True)
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as target:
            target.write(content)
            target.flush()
            os.fsync(target.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def _write(folder: Path, value: Commitment | Sample | Recorded | Results | Evaluation) -> None:
    kind, name, _command = _KINDS[type(value)]
    write_whole(folder / name, json_of(value, kind))


def _read(folder: Path, kind: type[Value], names: tuple[str, str, str]) -> Value:
    what, name, command = names
    path = folder / name
    content = _bytes(path, command)
    try:
        return value_of(content, kind, what)
    except NotSuch as error:
        raise BadInput(f"This is not the {what} that '{command}' writes: {error}.", file=str(path), do=_ASIDE) from None


def _bytes(path: Path, command: str) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise BadInput(
            f"There is no {path.name} in the audit folder.",
            folder=str(path.parent),
            do=f"run '{command}' first, or name another folder with --audit.",
        ) from None
    except OSError as error:
        raise BadInput(f"The file cannot be read: {error.strerror}.", file=str(path), do="look at the path.") from None
