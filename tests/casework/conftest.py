"""A record with its people, in SQLite, and in each engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.casework.build import Office, new_office
from tests.records import ENGINES, Clock, place_of_record


@contextmanager
def _office(engine: str, folder: Path) -> Iterator[Office]:
    with contextmanager(place_of_record)(engine, folder) as place:
        made = new_office(place, Clock())
        yield made
        made.record.close()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """Give a record of the test's own, in SQLite."""
    with _office("sqlite", tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def shared_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Give a record in SQLite that the tests of a module share: each looks at cases of its own."""
    with _office("sqlite", tmp_path_factory.mktemp("shared")) as made:
        # Made beforehand, so that no test finds a case more than before because it was the first to need it.
        made.successor()
        yield made


@pytest.fixture(params=ENGINES)
def each_office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """Give a record of the test's own, once in each engine."""
    with _office(request.param, tmp_path) as made:
        yield made
