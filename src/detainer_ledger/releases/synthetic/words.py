"""The vocabulary of the synthetic releases, read from TOML, and choices from it as SQL text."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from math import gcd
from typing import Any

from detainer_ledger.releases.synthetic.mixing import Mixer
from detainer_ledger.tables import literal

SYNTHETIC_NOTE = "SYNTHETIC DATA, not a record of any person"
"""Stands in every file of a synthetic release that has room for a note."""


@cache
def vocabulary() -> dict[str, Any]:
    """Return ``vocabulary.toml``."""
    return tomllib.loads(files(__package__).joinpath("vocabulary.toml").read_text("utf-8"))


@cache
def place_words() -> dict[str, Any]:
    """Return ``places.toml``."""
    return tomllib.loads(files(__package__).joinpath("places.toml").read_text("utf-8"))


def spread(weights: dict[str, int]) -> list[str]:
    """Return every value so often, that an equal draw of one of them keeps the weights."""
    step = gcd(*weights.values())
    return [value for value, weight in weights.items() for _ in range(weight // step)]


def picked(mixer: Mixer, salt: str, weights: dict[str, int], *, own: bool = False, shift: str | None = None) -> str:
    """Return SQL that picks one of the weighted values."""
    values = spread(weights)
    if len(set(values)) == 1:
        return literal(values[0])
    return f"{text_list(values)}[1 + {mixer.draw(salt, len(values), own=own, shift=shift)}]"


def text_list(values: list[str]) -> str:
    """Return a list of texts as SQL."""
    return "[" + ", ".join(literal(value) for value in values) + "]"
