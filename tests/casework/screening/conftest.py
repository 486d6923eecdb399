"""The room of screening cases, of a test's own and shared by a module: once in each engine, as the records are."""

from __future__ import annotations

import pytest

from tests.casework.build import Office
from tests.casework.screening.build import Room, with_protocols


@pytest.fixture
def room(office: Office) -> Room:
    """Give a room of the test's own."""
    return with_protocols(office)


@pytest.fixture(scope="module")
def shared_room(shared_office: Office) -> Room:
    """Give a room that the tests of a module share: each looks at cases of its own."""
    return with_protocols(shared_office)
