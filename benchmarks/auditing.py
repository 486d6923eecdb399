"""The audit: exact bounds of large populations, large frames, and the evaluation of many files."""

from __future__ import annotations

import os
import random
import time
from datetime import UTC, datetime
from math import comb
from pathlib import Path

from benchmarks.measuring import Outcome, Task, best_of, detainer, process, python, seconds
from detainer_ledger.audit.folder import read_frame, read_results, write_frame, write_results
from detainer_ledger.audit.sampling.drawing import draw, is_same_draw
from detainer_ledger.audit.sampling.frames import frame_of_units
from detainer_ledger.audit.statistics.bounds import finite_bounds
from detainer_ledger.audit.statistics.estimates import evaluate
from detainer_ledger.audit.values import Answer, Attribute, Design, Mark, Programme, Results, Unit

POPULATION = 1_000_000
FILES = 10_000
ATTRIBUTES = 20
SEED = "a seed of the benchmarks"


def bounds_of_a_million(_data: Path) -> Outcome:
    """The slowest of a hundred pairs of exact bounds, populations of a million, any sample and result: under 0.1 s.

    The floor is one binomial coefficient of a sample of 10,000 in whole numbers, which decides nothing yet.
    """
    rng = random.Random(18_36)
    cases = [(POPULATION // 2, POPULATION // 4), (POPULATION - 1, POPULATION // 2), (1, 1), (POPULATION // 2, 0)]
    cases += [(size := rng.randrange(1, POPULATION), rng.randrange(size + 1)) for _ in range(96)]
    slowest = max(
        min(seconds(lambda n=size, k=found: finite_bounds(POPULATION, n, k, sides=2)) for _ in range(3))
        for size, found in cases
    )
    (floor,) = best_of(3, lambda: seconds(lambda: comb(POPULATION, 10_000)))
    return Outcome(floor=floor, ours=slowest, times=0, plus=0.1)


def bounds_command(_data: Path) -> Outcome:
    """The published statement as a command, start of the program included: under a second beside a bare Python."""
    floor, ours = best_of(
        3,
        lambda: process(python("pass")),
        lambda: process(detainer("audit", "bounds", "--claim", "oig-18-36/sample")),
    )
    return Outcome(floor=floor, ours=ours, times=1, plus=1)


def evaluate_files(data: Path) -> Outcome:
    """The evaluation of 10,000 files of 20 attributes with its results read from the folder: under 2 s."""
    frame = frame_of_units(
        (Unit(id=f"F-{number:07d}", stratum=f"office {number % 12}") for number in range(FILES * 10)),
        title="Synthetic files",
        source="benchmarks",
        source_sha256=None,
        made_at=datetime(2026, 3, 9, tzinfo=UTC),
    )
    sample = draw(frame, design=Design.STRATIFIED, seed=SEED, size=FILES)
    programme = Programme(
        id="synthetic",
        version="1",
        title="Synthetic programme",
        attributes=tuple(
            Attribute(id=f"a{number:02d}", title="A", question="Q?", criterion="C.", source="benchmarks")
            for number in range(ATTRIBUTES)
        ),
        sha256="0" * 64,
    )
    rng = random.Random(2018)
    answers = list(Answer)
    marks = tuple(
        Mark(
            unit=unit.id,
            attribute=each.id,
            answer=rng.choices(answers, (90, 4, 2, 4))[0],
            auditor="one",
            evidence="page 3",
        )
        for unit in sample.units
        for each in programme.attributes
    )
    folder = data / "audit"
    write_results(
        folder,
        Results(frame_sha256=frame.sha256, sample_sha256=sample.sha256, programme_sha256=programme.sha256, marks=marks),
    )
    results = read_results(folder)
    floor, ours, reading = best_of(
        3,
        lambda: seconds(lambda: {(mark.unit, mark.attribute): mark.answer for mark in results.marks}),
        lambda: seconds(lambda: evaluate(frame, sample, programme, results)),
        lambda: seconds(lambda: read_results(folder)),
    )
    return Outcome(floor=floor, ours=ours + reading, times=0, plus=2)


def frame_of_a_million(data: Path) -> Outcome:
    """A frame of a million units: made, written, read back, a sample drawn and drawn again; under 30 s.

    The floor is the digest of each id.
    """
    from hashlib import sha256

    ids = [f"F-{number:07d}" for number in range(POPULATION)]
    floor = seconds(lambda: [sha256(each.encode()).digest() for each in ids])
    began = time.perf_counter()
    made = frame_of_units(
        (Unit(id=each) for each in ids),
        title="Synthetic files",
        source="benchmarks",
        source_sha256=None,
        made_at=datetime(2026, 3, 9, tzinfo=UTC),
    )
    folder = data / f"audit-frame-{os.getpid()}"
    write_frame(folder, made)
    frame = read_frame(folder)
    sample = draw(frame, design=Design.SIMPLE, seed=SEED, size=FILES)
    if not is_same_draw(frame, sample):
        raise RuntimeError("the sample cannot be drawn again")
    ours = time.perf_counter() - began
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    return Outcome(floor=floor, ours=ours, times=0, plus=30)


TASKS = (
    Task(name="audit-bounds-1m", run=bounds_of_a_million),
    Task(name="audit-bounds-command", run=bounds_command),
    Task(name="audit-evaluate-10k", run=evaluate_files),
    Task(name="audit-frame-1m", run=frame_of_a_million),
)
"""Tasks of this module."""
