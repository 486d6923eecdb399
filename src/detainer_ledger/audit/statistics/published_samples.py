"""Samples that published audits reported: their numbers are data, and what is not known of them is said with them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from detainer_ledger.terms import BadInput


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedSample:
    """A published statement "so many of a sample from so many": the numbers, the source, and what was not found.

    ``ids`` are those of the published figures that it makes up; ``selection`` says what is known of how the sample was
    drawn, ``misreading`` how it is often told wrongly, ``kinds`` what is known of the exceptions.
    """

    ids: tuple[str, ...]
    title: str
    units: str
    exception: str
    population: int
    sample: int
    exceptions: int
    source: str
    url: str
    trust: str
    selection: str
    misreading: str
    kinds: str


@cache
def published_samples() -> tuple[PublishedSample, ...]:
    """Return all published samples that the program knows, in the order of the table."""
    raw = tomllib.loads(files(__package__).joinpath("published_samples.toml").read_text("utf-8"))
    return tuple(PublishedSample(**{**entry, "ids": tuple(entry["ids"])}) for entry in raw["sample"])


def published_sample(claim: str) -> PublishedSample:
    """Return the published sample with the id of one of its figures, or of its report where there is one sample.

    Raises BadInput, naming those that there are.
    """
    for each in published_samples():
        if claim in each.ids:
            return each
    of_report = [each for each in published_samples() if any(name.startswith(f"{claim}/") for name in each.ids)]
    if len(of_report) == 1:
        return of_report[0]
    known = ", ".join(name for each in published_samples() for name in each.ids)
    raise BadInput("There is no published sample of this name.", option="--claim", do=f"choose one of: {known}.")
