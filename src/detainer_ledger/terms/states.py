"""States and territories by USPS code."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files


@cache
def state_names() -> dict[str, str]:
    """Return the names by USPS code, in the order of the table."""
    return dict(_table()["names"])


@cache
def _table() -> dict[str, dict[str, str]]:
    return tomllib.loads(files(__package__).joinpath("states.toml").read_text("utf-8"))


@cache
def state_codes() -> dict[str, str]:
    """Return USPS codes by every spelling that is understood, in upper case with single spaces."""
    table = _table()
    spellings = {code: code for code in table["names"]}
    spellings |= {name.upper(): code for code, name in table["names"].items()}
    spellings |= {alias.upper(): code for alias, code in table["aliases"].items()}
    return spellings


def state_code(text: str | None) -> str | None:
    """Return the USPS code of a state written as code or in words, None where it is neither.

    >>> state_code(" new  york ")
    'NY'
    """
    return state_codes().get(re.sub(r"\s+", " ", text or "").strip().upper())
