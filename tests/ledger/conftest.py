"""A record in each engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from detainer_ledger.ledger import Ledger
from tests.records import ENGINES, Clock, Place, new_ledger, place_of_record


@pytest.fixture(params=ENGINES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    yield from place_of_record(request.param, tmp_path)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(place: Place, clock: Clock) -> Iterator[Ledger]:
    made = new_ledger(place, clock)
    yield made
    made.close()
