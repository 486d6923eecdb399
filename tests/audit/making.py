"""Frames, samples, programmes and results of a test's own; all units are invented."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from detainer_ledger.audit.sampling.frames import frame_of_units
from detainer_ledger.audit.values import Answer, Attribute, Frame, Mark, Programme, Results, Sample, Unit

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SEED = "a seed of the tests"


def frame_with(strata: Mapping[str, int] | int) -> Frame:
    """Return a frame of so many units, by stratum if strata are named."""
    sizes = {"": strata} if isinstance(strata, int) else strata
    units = [Unit(id=f"{name or 'F'}-{number:04d}", stratum=name) for name, n in sizes.items() for number in range(n)]
    return frame_of_units(units, title="Synthetic files", source="tests", source_sha256=None, made_at=NOW)


def programme_with(*attributes: str, optional: tuple[str, ...] = ()) -> Programme:
    """Return a programme with these attributes, those of ``optional`` not required."""
    return Programme(
        id="synthetic",
        version="1",
        title="Synthetic programme",
        attributes=tuple(
            Attribute(
                id=each,
                title=f"Title of {each}",
                question=f"Is {each} there?",
                criterion="It is there.",
                source="tests",
                is_required=each not in optional,
            )
            for each in (*attributes, *optional)
        ),
        sha256="p" * 64,
    )


def results_of(sample: Sample, programme: Programme, answer: Callable[[Unit, str], Answer]) -> Results:
    """Return results in which every test has the answer that the function gives."""
    return Results(
        frame_sha256=sample.frame_sha256,
        sample_sha256=sample.sha256,
        programme_sha256=programme.sha256,
        marks=tuple(
            Mark(unit=unit.id, attribute=each.id, answer=answer(unit, each.id), auditor="one")
            for unit in sample.units
            for each in programme.attributes
        ),
    )
