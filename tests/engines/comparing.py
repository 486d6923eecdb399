"""Comparing figures: counts and words exactly, the interval to nine digits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

ROUNDED = ("ci_low", "ci_high")


def assert_same(found: Sequence[Mapping[str, Any]], expected: Sequence[Mapping[str, Any]]) -> None:
    """Fail unless both are the same figures in the same order."""
    assert [_exact(row) for row in found] == [_exact(row) for row in expected]
    for name in ROUNDED:
        got, hoped = [row[name] for row in found], [row[name] for row in expected]
        assert [each is None for each in got] == [each is None for each in hoped]
        known = [each for each in hoped if each is not None]
        assert [each for each in got if each is not None] == pytest.approx(known, rel=1e-9, abs=1e-12)


def _exact(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ROUNDED}
