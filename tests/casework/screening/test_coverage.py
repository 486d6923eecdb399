"""Which detainers led to screening: counts that add up, and no word about anybody who was not in custody."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from detainer_ledger.casework import Refused
from detainer_ledger.casework.screening import NOT_SCREENED, Coverage, coverage_of
from tests.casework.build import ADMINISTRATOR, AGENCY, AUDITOR, OFFICER, SUPERVISOR
from tests.casework.screening.build import Room

NONE = {
    "detainers": 0,
    "screened": 0,
    "custody_without_case": 0,
    "declined": 0,
    "other_ends": 0,
    "open": 0,
    "without_detainer": 0,
}


def counts(room: Room, by: str = AUDITOR) -> dict[str, int]:
    found = coverage_of(room.office.record, by)
    assert isinstance(found, Coverage)
    assert found.detainers == (
        found.screened + found.custody_without_case + found.declined + found.other_ends + found.open
    )
    return {name: number for name, number in asdict(found).items() if number}


def declined(room: Room) -> str:
    case = room.office.walk("acknowledged")
    room.office.done("answer", case, answer="decline", reason="state_law", legal_basis="none_stated")
    room.office.done("release", case)
    return case


def test_an_empty_record_counts_nothing(room: Room) -> None:
    assert coverage_of(room.office.record, AUDITOR) == Coverage(**NONE)


def test_a_detainer_that_was_declined_counts_as_no_custody_therefore_not_screened(room: Room) -> None:
    declined(room)
    assert counts(room) == {"detainers": 1, "declined": 1}
    assert NOT_SCREENED == "no custody, therefore not screened"


def test_each_detainer_counts_once_where_it_belongs(room: Room) -> None:
    office = room.office
    # An arrest without a detainer is none.
    office.walk("arrest_recorded")
    # A declined detainer whose person is not released yet has not ended.
    waiting = office.walk("acknowledged")
    office.done("answer", waiting, answer="decline", reason="state_law", legal_basis="none_stated")
    assert counts(room) == {"detainers": 1, "open": 1}
    declined(room)
    assert counts(room) == {"detainers": 2, "open": 1, "declined": 1}
    lifted = office.walk("acknowledged")
    office.done("lift", lifted)
    assert counts(room) == {"detainers": 3, "open": 1, "declined": 1, "other_ends": 1}
    taken = room.taken()
    assert counts(room) == {"detainers": 4, "open": 1, "declined": 1, "other_ends": 1, "custody_without_case": 1}
    case = room.begin(at="2026-02-26T10:00", detainer=taken, person=None)
    assert counts(room) == {"detainers": 4, "open": 1, "declined": 1, "other_ends": 1, "screened": 1}
    # A case that was begun by mistake counts nowhere.
    room.done("void", case)
    assert counts(room) == {"detainers": 4, "open": 1, "declined": 1, "other_ends": 1, "custody_without_case": 1}
    room.begin(at="2026-02-26T10:00", detainer=taken, person=None)
    assert counts(room)["screened"] == 1


def test_a_detainer_that_was_declined_and_led_to_custody_all_the_same_led_to_custody(room: Room) -> None:
    case = room.office.walk("acknowledged")
    room.office.done("answer", case, answer="decline", reason="state_law", legal_basis="none_stated")
    room.office.done("take_custody", case)
    assert counts(room) == {"detainers": 1, "custody_without_case": 1}


def test_detainers_that_were_voided_or_superseded_leave_the_count(room: Room) -> None:
    received = room.office.follow("receive")
    assert counts(room) == {"detainers": 1, "open": 1}
    room.office.done("void", received, by=AGENCY)
    assert counts(room) == {}
    superseded = room.office.walk("acknowledged")
    room.office.done("supersede", superseded)
    # What took its place is counted, once.
    assert counts(room) == {"detainers": 1, "open": 1}


def test_screening_cases_without_a_detainer_stand_apart(room: Room) -> None:
    room.begin()
    room.done("void", room.begin())
    assert counts(room) == {"without_detainer": 1}


def test_what_is_counted_names_nobody(room: Room) -> None:
    case = declined(room)
    found = coverage_of(room.office.record, AUDITOR)
    assert case not in repr(found)


@pytest.mark.parametrize(("who", "may"), [(OFFICER, True), (SUPERVISOR, True), (AGENCY, False), (ADMINISTRATOR, False)])
def test_coverage_is_for_those_who_read_screening_and_detainers(room: Room, who: str, may: bool) -> None:
    assert isinstance(coverage_of(room.office.record, who), Coverage if may else Refused)
