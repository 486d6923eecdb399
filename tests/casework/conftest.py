"""A record with its people, once in each engine: a test that asks for one runs in SQLite and in PostgreSQL."""

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


@pytest.fixture(params=ENGINES)
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """Give a record of the test's own."""
    with _office(request.param, tmp_path) as made:
        yield made


@pytest.fixture(scope="module", params=ENGINES)
def shared_office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Give a record that the tests of a module share: each looks at cases of its own."""
    with _office(request.param, tmp_path_factory.mktemp("shared")) as made:
        # Made beforehand, so that no test finds a case more than before because it was the first to need it.
        made.successor()
        yield made


@pytest.fixture
def sqlite_office(tmp_path: Path) -> Iterator[Office]:
    """Give a record of the test's own in SQLite, for what is so in SQLite alone: its file, its log, its pages."""
    with _office("sqlite", tmp_path) as made:
        yield made


@pytest.fixture(scope="module", params=ENGINES)
def each_engine(request: pytest.FixtureRequest) -> str:
    """Give the name of each engine, for a record that a test makes itself with ``place_of_record``."""
    return str(request.param)
