"""The room of screening cases, in SQLite, shared by a module, and in each engine."""

from __future__ import annotations

import pytest

from tests.casework.build import Office
from tests.casework.screening.build import Room, with_protocols


@pytest.fixture
def room(office: Office) -> Room:
    """Give a room of the test's own, in SQLite."""
    return with_protocols(office)


@pytest.fixture(scope="module")
def shared_room(shared_office: Office) -> Room:
    """Give a room in SQLite that the tests of a module share: each looks at cases of its own."""
    return with_protocols(shared_office)


@pytest.fixture
def each_room(each_office: Office) -> Room:
    """Give a room of the test's own, once in each engine."""
    return with_protocols(each_office)
