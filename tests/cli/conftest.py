"""A terminal with a record, of a test's own and shared by a module: once in each engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.record_desk import Desk, desk_in
from tests.records import ENGINES


@pytest.fixture(params=ENGINES)
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """Give a desk of the test's own."""
    yield from desk_in(request.param, tmp_path)


@pytest.fixture(scope="module", params=ENGINES)
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Give a desk that the tests of a module share."""
    yield from desk_in(request.param, tmp_path_factory.mktemp("desk"))
