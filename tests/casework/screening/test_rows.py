"""The rows by which screening cases are listed and queued: they follow from the events, and tampering is found."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from detainer_ledger.casework import rebuild
from detainer_ledger.casework.comparing import held_against_events
from detainer_ledger.casework.lists import listed, rows_now
from detainer_ledger.casework.screening import Due
from detainer_ledger.ledger import ViewRow
from tests.casework.build import AUDITOR
from tests.casework.screening.build import CHICAGO, Room, protocol_text
from tests.records import tamper


def row_of(room: Room, case: str) -> ViewRow:
    rows = room.screenings.rows(AUDITOR)
    assert isinstance(rows, tuple)
    (row,) = [row for row in rows if row.key == case]
    return row


def dues(room: Room) -> list[tuple[str, str, str]]:
    found = room.screenings.due(AUDITOR)
    assert isinstance(found, tuple)
    assert all(isinstance(each, Due) for each in found)
    return [(each.case, each.step, each.due_at.astimezone(CHICAGO).strftime("%m-%d %H:%M")) for each in found]


def test_a_row_says_where_a_case_is_and_what_falls_due_next(room: Room) -> None:
    case = room.begin()
    row = row_of(room, case)
    assert json.loads(row.body) == {
        "stage": "in_custody",
        "office": "St. Paul (synthetic)",
        "zone": "America/Chicago",
        "protocol": "illustrative@1",
        "is_illustrative": True,
        "detainer": None,
        "step": "initial-checks",
        "open": [
            ["2026-02-03T15:00:00.000000Z", "initial-checks", False],
            ["2026-02-09T15:00:00.000000Z", "oversight-review", False],
        ],
        "voided": False,
    }
    assert row.owner == ""
    assert datetime.fromisoformat(row.due or "") == datetime.fromisoformat("2026-02-03T09:00-06:00")
    due, _review = room.screenings.due(AUDITOR)  # type: ignore[misc]
    assert (due.case, due.office, due.stage, due.step, due.detainer) == (
        case, "St. Paul (synthetic)", "in_custody", "initial-checks", None,
    )  # fmt: skip


def test_what_falls_due_stands_in_the_queue_soonest_first(room: Room) -> None:
    late = room.begin(at="2026-02-20T09:00")
    first = room.begin(at="2026-02-10T09:00")
    second = room.begin(at="2026-02-10T10:00")
    assert dues(room) == [
        (first, "initial-checks", "02-11 09:00"),
        (second, "initial-checks", "02-11 10:00"),
        (first, "oversight-review", "02-18 09:00"),
        (second, "oversight-review", "02-18 10:00"),
        (late, "initial-checks", "02-21 09:00"),
        (late, "oversight-review", "02-27 09:00"),
    ]
    room.done("do_step", first, at="2026-02-10T12:00")
    # 120 hours, without the weekend and the holiday on Monday 16 February.
    assert dues(room) == [
        (second, "initial-checks", "02-11 10:00"),
        (first, "oversight-review", "02-18 09:00"),
        (second, "oversight-review", "02-18 10:00"),
        (late, "initial-checks", "02-21 09:00"),
        (late, "oversight-review", "02-27 09:00"),
    ]


def test_what_is_done_leaves_the_queue_and_what_a_result_makes_due_enters_it(room: Room) -> None:
    case = room.begin("do_step")
    room.done("second_review", case, step="oversight-review", evidence="file-9")
    assert dues(room) == []
    room.done("record_result", case)
    assert dues(room) == [(case, "authority-contacted", "02-03 12:00")]
    room.done("do_step", case, step="authority-contacted", at="2026-02-03T11:00")
    assert dues(room) == []
    room.done("release_to_supervision", case)
    assert dues(room) == [(case, "supervision-checks", "02-07 09:00"), (case, "rescreen", "05-06 10:00")]
    room.done("do_step", case, step="supervision-checks", at="2026-02-06T09:00")
    assert dues(room) == [(case, "rescreen", "05-06 10:00")]
    room.done("do_step", case, step="rescreen", at="2026-02-16T09:00")
    assert dues(room) == [(case, "rescreen", "05-17 10:00")]


@pytest.mark.parametrize("kind", ["end", "void"])
def test_nothing_falls_due_in_a_closed_case(room: Room, kind: str) -> None:
    case = room.begin()
    assert len(dues(room)) == 2
    room.done(kind, case)
    assert dues(room) == []
    row = row_of(room, case)
    assert (row.due, json.loads(row.body)["step"], json.loads(row.body)["voided"]) == (None, None, kind == "void")
    assert room.statuses(case)["initial-checks"] == ["missing"]


def test_a_rescreening_that_was_missed_before_custody_began_anew_is_no_task(room: Room) -> None:
    room.adopt(
        protocol_text({"id": "again", "trigger": "under_supervision", "every_days": 3}, in_force_from="2026-02-01")
    )
    case = room.begin("release_to_supervision")
    assert dues(room) == [(case, "again", "02-08 09:00")]
    room.done("return_to_custody", case)
    assert dues(room) == []
    assert room.statuses(case) == {"again": ["missing"]}


def test_the_version_of_the_protocol_says_what_falls_due(room: Room) -> None:
    case = room.begin()
    room.done("move_protocol", case)
    assert dues(room)[0] == (case, "initial-checks", "02-04 09:00")
    room.done("correct", case, values={"at": "2026-02-01T09:00"})
    assert dues(room)[0] == (case, "initial-checks", "02-03 09:00")


def everything(room: Room) -> list[str]:
    """Bring cases to every place, with detainers among them, and return the ids of screening cases."""
    taken = room.taken()
    return [
        room.begin(),
        room.begin("do_step", "record_result", "document", "second_review"),
        room.begin("release_to_supervision", "return_to_custody"),
        room.begin("do_step", "end"),
        room.begin("void"),
        room.begin("move_protocol", "correct", "erase_person"),
        room.begin(at="2026-02-26T10:00", detainer=taken, person=None),
    ]


def test_rows_made_anew_are_the_rows_that_are_kept(room: Room) -> None:
    cases = everything(room)
    record = room.office.record
    before = room.office.everything()["view"]
    made = {each.case.id: each.rows for each in listed(record)}
    assert set(cases) <= set(made)
    for case in cases:
        assert made[case] == rows_now(record, case) == record.ledger.views_of(case)
    assert rebuild(record) == len(before)
    assert room.office.everything()["view"] == before
    # A deadline that passes changes no row.
    room.office.clock.forward(days=400)
    rebuild(record)
    assert room.office.everything()["view"] == before
    assert rows_now(record, "S-NOTHING") == ()


def test_lists_that_were_not_touched_hold_against_the_events(room: Room) -> None:
    everything(room)
    found = held_against_events(room.office.record)
    assert (found.stale_cases, found.n_unread_persons) == ((), 0)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE view SET due = NULL WHERE key = ?",
        "UPDATE view SET body = replace(body, 'in_custody', 'closed') WHERE key = ?",
        "UPDATE view SET due = '2030-01-01T00:00:00.000000Z' WHERE key = ?",
        "DELETE FROM view WHERE key = ?",
        "UPDATE view SET view = 'hold' WHERE key = ?",
    ],
)
def test_a_row_that_was_changed_behind_the_record_is_found(room: Room, sql: str) -> None:
    case, *_ = everything(room)
    record = room.office.record
    tamper(record.ledger, sql, case)
    assert held_against_events(record).stale_cases == (case,)
    rebuild(record)
    assert held_against_events(record).stale_cases == ()


@pytest.mark.parametrize("key", ["S-ZZZZZZZZZZ", "S-0", "A-1"])
def test_a_row_that_was_put_in_is_found(room: Room, key: str) -> None:
    everything(room)
    record = room.office.record
    sql = "INSERT INTO view (view, key, owner, due, body) VALUES ('screening', ?, '', NULL, '{}')"
    tamper(record.ledger, sql, key)
    assert held_against_events(record).stale_cases == (key,)
