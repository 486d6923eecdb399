"""Decisions of courts on detainers, as data."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from detainer_ledger.clock import Trust


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision: its holding in our own words. ``on`` is its day, None where the year alone is known."""

    id: str
    name: str
    court: str
    citation: str
    on: date | None
    year: int
    holding: str
    trust: Trust


@cache
def decisions() -> tuple[Decision, ...]:
    """Return all decisions, in the order of the table."""
    raw = tomllib.loads(files(__package__).joinpath("decisions.toml").read_text("utf-8"))
    return tuple(
        Decision(
            id=entry["id"],
            name=entry["name"],
            court=entry["court"],
            citation=entry["citation"],
            on=entry.get("on"),
            year=entry["on"].year if "on" in entry else entry["year"],
            holding=entry["holding"],
            trust=Trust(entry["trust"]),
        )
        for entry in raw["decision"]
    )
