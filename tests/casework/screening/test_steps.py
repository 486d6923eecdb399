"""What a case's protocol asked for and what was done of it, at any instant; on bare events, without a record."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detainer_ledger.casework.screening import LAPSES, TESTED, DueStep, Protocol, Status, due_steps
from detainer_ledger.casework.screening.steps import open_steps
from tests.casework.build import OFFICER, SUPERVISOR
from tests.casework.screening.build import (
    CHICAGO,
    Said,
    bare_case,
    instant,
    protocol_with,
    rows_of,
    statuses_of,
)

ONE = protocol_with({"hours": 24, "evidence": ["a reference"]})
"""One step, within 24 hours of custody, shown by one reference."""


def did(step: str, at: str, *evidence: str, by: str = OFFICER, **said: Any) -> Said:
    return ("step_done", at, {"step": step, "by": by, **({"evidence": list(evidence)} if evidence else {}), **said})


def result(step: str, at: str, what: str) -> Said:
    return ("result_received", at, {"step": step, "result": what})


def documented(step: str, at: str, *evidence: str) -> Said:
    return ("documented", at, {"step": step, "evidence": list(evidence)})


RELEASED, RESUMED, ENDED = "supervision_began", "custody_resumed", "screening_ended"

# Custody is taken on Monday 5 January 2026, 09:00 in Chicago.
WHOLE: list[tuple[str, list[Said], str, Status]] = [
    ("before custody", [], "2026-01-05T08:59", Status.NOT_APPLICABLE),
    ("at the beginning", [], "2026-01-05T09:00", Status.NOT_DUE),
    ("at the deadline", [], "2026-01-06T09:00", Status.NOT_DUE),
    ("after the deadline", [], "2026-01-06T09:00:01", Status.MISSING),
    ("not done yet", [did("checks", "2026-01-05T12:00", "f")], "2026-01-05T11:59", Status.NOT_DUE),
    ("done", [did("checks", "2026-01-05T12:00", "f")], "2026-01-05T12:00", Status.IN_TIME),
    ("done at the deadline", [did("checks", "2026-01-06T09:00", "f")], "2026-02-01T09:00", Status.IN_TIME),
    ("done late", [did("checks", "2026-01-06T09:01", "f")], "2026-02-01T09:00", Status.LATE),
    ("missing until it was done late", [did("checks", "2026-01-07T09:00", "f")], "2026-01-06T10:00", Status.MISSING),
    ("done without a reference", [did("checks", "2026-01-05T12:00")], "2026-02-01T09:00", Status.UNDOCUMENTED),
    ("late without a reference", [did("checks", "2026-01-07T12:00")], "2026-02-01T09:00", Status.UNDOCUMENTED),
    (
        "documented afterwards",
        [did("checks", "2026-01-05T12:00"), documented("checks", "2026-01-09T12:00", "f")],
        "2026-01-09T12:00",
        Status.IN_TIME,
    ),
    (
        "not documented yet",
        [did("checks", "2026-01-05T12:00"), documented("checks", "2026-01-09T12:00", "f")],
        "2026-01-09T11:59",
        Status.UNDOCUMENTED,
    ),
    ("another step done", [did("other", "2026-01-05T12:00", "f")], "2026-02-01T09:00", Status.MISSING),
    ("pending", [result("checks", "2026-01-05T12:00", "pending_authority")], "2026-02-01T09:00", Status.MISSING),
    ("no match", [result("checks", "2026-01-05T12:00", "no_match")], "2026-02-01T09:00", Status.MISSING),
    ("not run", [result("checks", "2026-01-05T12:00", "not_run")], "2026-02-01T09:00", Status.MISSING),
    (
        "said to be done, and not run",
        [did("checks", "2026-01-05T12:00", "f"), result("checks", "2026-01-05T13:00", "not_run")],
        "2026-02-01T09:00",
        Status.MISSING,
    ),
    (
        "not run, as it turned out later",
        [did("checks", "2026-01-05T12:00", "f"), result("checks", "2026-01-20T13:00", "not_run")],
        "2026-01-08T09:00",
        Status.MISSING,
    ),
    (
        "not run, and run afterwards",
        [
            did("checks", "2026-01-05T12:00", "f"),
            result("checks", "2026-01-05T13:00", "not_run"),
            did("checks", "2026-01-05T14:00", "f"),
        ],
        "2026-02-01T09:00",
        Status.IN_TIME,
    ),
    (
        "run anew after it was not run, and not run again",
        [
            result("checks", "2026-01-05T11:00", "not_run"),
            did("checks", "2026-01-05T12:00", "f"),
            result("checks", "2026-01-05T12:00", "not_run"),
        ],
        "2026-02-01T09:00",
        Status.MISSING,
    ),
    ("ended before the deadline", [(ENDED, "2026-01-06T08:00", {})], "2026-02-01T09:00", Status.NOT_APPLICABLE),
    ("going to end", [(ENDED, "2026-01-06T08:00", {})], "2026-01-06T07:59", Status.NOT_DUE),
    ("ended at the deadline", [(ENDED, "2026-01-06T09:00", {})], "2026-02-01T09:00", Status.MISSING),
    ("ended after the deadline", [(ENDED, "2026-01-07T09:00", {})], "2026-02-01T09:00", Status.MISSING),
    (
        "done and ended",
        [did("checks", "2026-01-05T12:00", "f"), (ENDED, "2026-01-05T13:00", {})],
        "2026-02-01T09:00",
        Status.IN_TIME,
    ),
]


@pytest.mark.parametrize(("events", "at", "status"), [each[1:] for each in WHOLE], ids=[each[0] for each in WHOLE])
def test_a_step_stands_at_an_instant_as_it_was_done(events: list[Said], at: str, status: Status) -> None:
    assert statuses_of(bare_case(*events), ONE, at) == {"checks": [status]}


def test_every_step_of_the_protocol_stands_in_the_list_even_where_nothing_made_it_due() -> None:
    protocol = protocol_with(
        {},
        {"id": "asked", "trigger": "result_received", "on_results": ["pending_authority"], "hours": 1},
        {"id": "release", "trigger": "released_to_supervision", "hours": 1},
        {"id": "again", "trigger": "under_supervision", "every_days": 30},
    )
    assert statuses_of(bare_case(), protocol, "2026-02-01T09:00") == {
        "checks": [Status.NOT_DUE],
        "asked": [Status.NOT_APPLICABLE],
        "release": [Status.NOT_APPLICABLE],
        "again": [Status.NOT_APPLICABLE],
    }


def test_a_step_without_a_deadline_never_becomes_late_or_missing() -> None:
    protocol = protocol_with({})
    assert statuses_of(bare_case(), protocol, "2036-01-01T00:00") == {"checks": [Status.NOT_DUE]}
    late = bare_case(did("checks", "2026-02-27T12:00"))
    assert statuses_of(late, protocol, "2026-02-28T00:00") == {"checks": [Status.IN_TIME]}


def test_a_result_makes_due_what_the_protocol_asks_for_after_that_result_alone() -> None:
    protocol = protocol_with(
        {"id": "asked", "trigger": "result_received", "on_results": ["pending_authority"], "hours": 24},
        {"id": "told", "trigger": "result_received", "on_results": ["confirmed_by_authority"], "hours": 24},
    )
    for what, asked, told in (
        ("pending_authority", Status.MISSING, Status.NOT_APPLICABLE),
        ("confirmed_by_authority", Status.NOT_APPLICABLE, Status.MISSING),
        ("no_match", Status.NOT_APPLICABLE, Status.NOT_APPLICABLE),
        ("not_confirmed", Status.NOT_APPLICABLE, Status.NOT_APPLICABLE),
        ("not_run", Status.NOT_APPLICABLE, Status.NOT_APPLICABLE),
    ):
        case = bare_case(result("checks", "2026-01-06T09:00", what))
        assert statuses_of(case, protocol, "2026-01-08T09:00") == {"asked": [asked], "told": [told]}


def test_each_time_that_a_step_is_made_due_it_has_to_be_done_once_more() -> None:
    protocol = protocol_with(
        {"id": "asked", "trigger": "result_received", "on_results": ["pending_authority"], "hours": 24}
    )
    pending = [result("checks", f"2026-01-{day:02}T09:00", "pending_authority") for day in (6, 10, 14)]
    case = bare_case(*pending, did("asked", "2026-01-06T12:00"), did("asked", "2026-01-14T10:00"))
    # What is done does the earliest round that is open: the second, late, and the third is not done.
    assert statuses_of(case, protocol, "2026-01-20T09:00") == {"asked": [Status.IN_TIME, Status.LATE, Status.MISSING]}
    assert [row.round for row in rows_of(case, protocol, "2026-01-20T09:00")["asked"]] == [1, 2, 3]
    assert statuses_of(case, protocol, "2026-01-10T09:00") == {"asked": [Status.IN_TIME, Status.NOT_DUE]}


def test_what_is_done_again_before_the_next_round_does_nothing_more() -> None:
    protocol = protocol_with({"hours": 24})
    case = bare_case(
        did("checks", "2026-01-05T10:00"),
        did("checks", "2026-01-05T11:00"),
        (RELEASED, "2026-01-08T09:00", {}),
        (RESUMED, "2026-01-09T09:00", {}),
    )
    assert statuses_of(case, protocol, "2026-01-12T09:00") == {"checks": [Status.IN_TIME, Status.MISSING]}


def test_two_things_done_in_one_minute_do_two_rounds() -> None:
    protocol = protocol_with(
        {"id": "asked", "trigger": "result_received", "on_results": ["pending_authority"], "hours": 24}
    )
    case = bare_case(
        result("checks", "2026-01-06T09:00", "pending_authority"),
        result("checks", "2026-01-06T10:00", "pending_authority"),
        did("asked", "2026-01-06T12:00", "f"),
        did("asked", "2026-01-06T12:00", "g"),
    )
    assert statuses_of(case, protocol, "2026-01-20T09:00") == {"asked": [Status.IN_TIME, Status.IN_TIME]}


def test_what_is_done_before_a_step_is_made_due_does_not_do_it() -> None:
    protocol = protocol_with({"id": "release", "trigger": "released_to_supervision", "hours": 24})
    case = bare_case(did("release", "2026-01-06T09:00"), (RELEASED, "2026-01-07T09:00", {}))
    assert statuses_of(case, protocol, "2026-01-09T09:00") == {"release": [Status.MISSING]}


def test_that_one_check_was_not_run_takes_back_no_other_time_that_it_was() -> None:
    protocol = protocol_with({"id": "again", "trigger": "under_supervision", "every_days": 10})
    case = bare_case(
        (RELEASED, "2026-01-06T09:00", {}),
        did("again", "2026-01-10T09:00"),
        did("again", "2026-01-18T09:00"),
        result("again", "2026-01-18T10:00", "not_run"),
    )
    assert statuses_of(case, protocol, "2026-01-20T08:00") == {"again": [Status.IN_TIME, Status.NOT_DUE]}
    assert statuses_of(case, protocol, "2026-01-20T10:00") == {"again": [Status.IN_TIME, Status.MISSING]}


# ---------------------------------------------------------------- references


def test_as_many_different_references_are_asked_for_as_the_protocol_names() -> None:
    protocol = protocol_with({"evidence": ["one", "two"]})
    for references, status in (
        (("f",), Status.UNDOCUMENTED),
        (("f", "f"), Status.UNDOCUMENTED),
        (("f", "g"), Status.IN_TIME),
        (("f", "g", "h"), Status.IN_TIME),
    ):
        case = bare_case(did("checks", "2026-01-05T10:00", *references))
        assert statuses_of(case, protocol, "2026-02-01T09:00") == {"checks": [status]}
    case = bare_case(
        did("checks", "2026-01-05T10:00", "f"),
        documented("checks", "2026-01-06T10:00", "f"),
        documented("checks", "2026-01-07T10:00", "g"),
    )
    (row,) = rows_of(case, protocol, "2026-02-01T09:00")["checks"]
    assert row.documented_at == instant("2026-01-07T10:00")


def test_references_of_one_time_do_not_show_another() -> None:
    protocol = protocol_with({"id": "again", "trigger": "under_supervision", "every_days": 30, "evidence": ["one"]})
    done = [(RELEASED, "2026-01-06T09:00", {}), did("again", "2026-01-10T09:00"), did("again", "2026-01-20T09:00")]
    late = documented("again", "2026-01-25T09:00", "f")
    assert statuses_of(bare_case(*done, late), protocol, "2026-01-26T09:00") == {
        "again": [Status.IN_TIME, Status.UNDOCUMENTED, Status.NOT_DUE]
    }
    more = documented("again", "2026-01-26T09:00", "g")
    assert statuses_of(bare_case(*done, late, more), protocol, "2026-01-26T09:00") == {
        "again": [Status.IN_TIME, Status.IN_TIME, Status.NOT_DUE]
    }
    # Where the first time has its reference, what is added goes to the second.
    shown = [done[0], did("again", "2026-01-10T09:00", "f"), done[2], late]
    assert statuses_of(bare_case(*shown), protocol, "2026-01-26T09:00") == {
        "again": [Status.IN_TIME, Status.IN_TIME, Status.NOT_DUE]
    }


def test_references_that_were_taken_away_by_a_correction_show_nothing() -> None:
    assert statuses_of(bare_case(did("checks", "2026-01-05T10:00", evidence=None)), ONE, "2026-02-01T09:00") == {
        "checks": [Status.UNDOCUMENTED]
    }


# ---------------------------------------------------------------- order, and who


REVIEWED = protocol_with(
    {"hours": 24},
    {"id": "review", "hours": 48, "depends_on": ["checks"], "by_another": True, "roles": ["supervisor"]},
)


BY_REVIEW: Said = ("second_reviewed", "2026-01-05T11:00", {"step": "review", "by": SUPERVISOR})


@pytest.mark.parametrize(
    ("events", "review"),
    [
        ([did("checks", "2026-01-05T10:00"), did("review", "2026-01-05T11:00", by=SUPERVISOR)], Status.IN_TIME),
        ([did("checks", "2026-01-05T11:00"), did("review", "2026-01-05T11:00", by=SUPERVISOR)], Status.IN_TIME),
        ([did("review", "2026-01-05T10:00", by=SUPERVISOR), did("checks", "2026-01-05T11:00")], Status.OUT_OF_ORDER),
        ([did("review", "2026-01-05T10:00", by=SUPERVISOR)], Status.OUT_OF_ORDER),
        (
            [did("checks", "2026-01-05T10:00", by=SUPERVISOR), did("review", "2026-01-05T11:00", by=SUPERVISOR)],
            Status.OUT_OF_ORDER,
        ),
        (
            [("notified", "2026-01-05T10:00", {"step": "checks"}), BY_REVIEW],
            Status.IN_TIME,
        ),
    ],
)  # fmt: skip
def test_a_step_is_in_order_after_what_comes_before_it_and_by_another(events: list[Said], review: Status) -> None:
    assert statuses_of(bare_case(*events), REVIEWED, "2026-02-01T09:00")["review"] == [review]


def test_of_a_second_round_too_somebody_else_does_what_somebody_else_has_to() -> None:
    again: list[Said] = [(RELEASED, "2026-01-08T09:00", {}), (RESUMED, "2026-01-09T09:00", {})]
    first = [did("checks", "2026-01-05T10:00"), did("review", "2026-01-05T11:00", by=SUPERVISOR)]
    for who, status in ((SUPERVISOR, Status.OUT_OF_ORDER), (OFFICER, Status.IN_TIME)):
        second = [did("checks", "2026-01-09T10:00", by=who), did("review", "2026-01-09T11:00", by=SUPERVISOR)]
        case = bare_case(*first, *again, *second)
        assert statuses_of(case, REVIEWED, "2026-02-01T09:00")["review"] == [Status.IN_TIME, status]


def test_what_comes_before_a_step_has_to_be_done_since_it_last_fell_due() -> None:
    again: list[Said] = [(RELEASED, "2026-01-08T09:00", {}), (RESUMED, "2026-01-09T09:00", {})]
    first = [did("checks", "2026-01-05T10:00"), did("review", "2026-01-05T11:00", by=SUPERVISOR)]
    case = bare_case(*first, *again, did("review", "2026-01-09T11:00", by=SUPERVISOR))
    assert statuses_of(case, REVIEWED, "2026-02-01T09:00")["review"] == [Status.IN_TIME, Status.OUT_OF_ORDER]


def test_a_step_that_nothing_had_made_due_by_then_is_not_asked_for_before_another() -> None:
    protocol = protocol_with(
        {"id": "asked", "trigger": "result_received", "on_results": ["pending_authority"]},
        {"id": "told", "trigger": "result_received", "on_results": ["confirmed_by_authority"], "depends_on": ["asked"]},
    )
    confirmed = [result("checks", "2026-01-06T09:00", "confirmed_by_authority"), did("told", "2026-01-06T10:00")]
    assert statuses_of(bare_case(*confirmed), protocol, "2026-02-01T09:00")["told"] == [Status.IN_TIME]
    # What makes it due afterwards changes nothing about what was in order before.
    later = result("checks", "2026-01-10T09:00", "pending_authority")
    assert statuses_of(bare_case(*confirmed, later), protocol, "2026-02-01T09:00")["told"] == [Status.IN_TIME]
    before = result("checks", "2026-01-05T10:00", "pending_authority")
    assert statuses_of(bare_case(before, *confirmed), protocol, "2026-02-01T09:00")["told"] == [Status.OUT_OF_ORDER]


def test_a_step_that_is_not_in_its_place_in_the_document_still_comes_after_what_it_depends_on() -> None:
    protocol = protocol_with({"id": "review", "depends_on": ["checks"]}, {})
    case = bare_case(did("checks", "2026-01-05T10:00"), did("review", "2026-01-05T11:00"))
    rows = due_steps(case, protocol, at=instant("2026-02-01T09:00"))
    assert [row.step for row in rows] == ["review", "checks"]
    assert {row.status(instant("2026-02-01T09:00")) for row in rows} == {Status.IN_TIME}


# ---------------------------------------------------------------- under supervision

AGAIN = protocol_with({"id": "again", "trigger": "under_supervision", "every_days": 10})


def dues(case_events: list[Said], at: str) -> list[tuple[str, str, str]]:
    return [
        (f"{row.triggered_at:%m-%d}", f"{row.due_at:%m-%d}", row.status(instant(at)).value)
        for row in rows_of(bare_case(*case_events), AGAIN, at)["again"]
        if row.triggered_at
    ]


def test_rescreening_rolls_from_the_release_and_from_each_time_that_it_was_done() -> None:
    events = [(RELEASED, "2026-01-06T09:00", {}), did("again", "2026-01-14T09:00"), did("again", "2026-01-30T09:00")]
    assert dues(events, "2026-02-05T09:00") == [
        ("01-06", "01-16", "in_time"),
        ("01-14", "01-24", "late"),
        ("01-30", "02-09", "not_due"),
    ]
    assert dues(events, "2026-02-10T09:00")[-1] == ("01-30", "02-09", "missing")
    assert dues(events, "2026-01-25T09:00") == [("01-06", "01-16", "in_time"), ("01-14", "01-24", "missing")]


def test_rescreening_is_one_round_however_long_it_is_not_done() -> None:
    events: list[Said] = [(RELEASED, "2026-01-06T09:00", {})]
    assert dues(events, "2027-01-06T09:00") == [("01-06", "01-16", "missing")]


def test_rescreening_ends_with_that_supervision_and_begins_anew_with_the_next() -> None:
    events = [
        (RELEASED, "2026-01-06T09:00", {}),
        (RESUMED, "2026-01-12T09:00", {}),
        (RELEASED, "2026-01-20T09:00", {}),
        did("again", "2026-01-22T09:00"),
        (RESUMED, "2026-02-15T09:00", {}),
        did("again", "2026-02-16T09:00"),
    ]
    assert dues(events, "2026-01-10T09:00") == [("01-06", "01-16", "not_due")]
    assert dues(events, "2026-02-28T09:00") == [
        ("01-06", "01-16", "not_applicable"),
        ("01-20", "01-30", "in_time"),
        ("01-22", "02-01", "missing"),
    ]


def test_supervision_that_begins_in_the_minute_in_which_custody_began_lasts() -> None:
    events: list[Said] = [
        (RELEASED, "2026-01-06T09:00", {}),
        (RESUMED, "2026-01-08T09:00", {}),
        (RELEASED, "2026-01-08T09:00", {}),
    ]
    assert dues(events, "2026-01-25T09:00")[-1] == ("01-08", "01-18", "missing")


def test_what_can_be_done_no_more_is_no_task() -> None:
    missed: list[Said] = [(RELEASED, "2026-01-06T09:00", {}), (RESUMED, "2026-01-28T09:00", {})]
    for events, step in (
        (missed[:1], "again"),
        (missed, None),
        ([*missed, (RELEASED, "2026-01-29T09:00", {})], "again"),
    ):
        rows = due_steps(bare_case(*events), AGAIN, at=instant("2026-01-30T09:00"))
        soonest = next(iter(open_steps(rows, instant("2026-01-30T09:00"))), None)
        assert (soonest.step if soonest else None) == step
        assert soonest is None or soonest.ended_at is None


def test_what_is_next_is_what_is_past_its_deadline_else_what_falls_due_first() -> None:
    protocol = protocol_with({"id": "b", "hours": 24}, {"id": "a", "hours": 48}, {"id": "c"}, {"id": "d", "hours": 24})
    for events, at, step in (
        ([], "2026-01-05T10:00", "b"),
        ([], "2026-02-05T10:00", "b"),
        ([did("b", "2026-01-05T10:00")], "2026-01-05T10:00", "d"),
        ([did("b", "2026-01-05T10:00"), did("d", "2026-01-09T10:00")], "2026-01-09T10:00", "a"),
        ([did(each, "2026-01-05T10:00") for each in ("a", "b", "d")], "2026-01-05T10:00", None),
    ):
        soonest = next(iter(open_steps(due_steps(bare_case(*events), protocol, at=instant(at)), instant(at))), None)
        assert (soonest.step if soonest else None) == step


# ---------------------------------------------------------------- clocks


@pytest.mark.parametrize(
    ("begins", "step", "due"),
    [
        # Friday afternoon: Saturday and Sunday are left out.
        ("2026-01-09T15:00", {"hours": 48, "clock": "excluding"}, "2026-01-13T15:00-06:00"),
        # Saturday waits for Monday's midnight.
        ("2026-01-10T15:00", {"hours": 24, "clock": "excluding"}, "2026-01-13T00:00-06:00"),
        # Monday 19 January 2026 is a legal holiday.
        ("2026-01-16T15:00", {"hours": 24, "clock": "excluding"}, "2026-01-20T15:00-06:00"),
        ("2026-01-16T15:00", {"hours": 24, "clock": "continuous"}, "2026-01-17T15:00-06:00"),
        ("2026-01-16T15:00", {"clock": "end-of-day"}, "2026-01-16T23:59-06:00"),
        # Clocks are set forward on Sunday 8 March 2026 and back on Sunday 1 November 2026: hours are elapsed ones.
        ("2026-03-07T15:00", {"hours": 24, "clock": "continuous"}, "2026-03-08T16:00-05:00"),
        ("2026-10-31T15:00", {"hours": 24, "clock": "continuous"}, "2026-11-01T14:00-06:00"),
        ("2026-03-06T15:00", {"hours": 24, "clock": "excluding"}, "2026-03-09T15:00-05:00"),
        ("2026-10-30T15:00", {"hours": 24, "clock": "excluding"}, "2026-11-02T15:00-06:00"),
        ("2026-03-08T01:30", {"clock": "end-of-day"}, "2026-03-08T23:59-05:00"),
        ("2026-11-01T00:30", {"clock": "end-of-day"}, "2026-11-01T23:59-06:00"),
    ],
)
def test_a_deadline_is_counted_by_the_clock_of_the_step_in_the_zone_of_the_case(
    begins: str, step: dict[str, Any], due: str
) -> None:
    case = bare_case(begins=begins)
    (row,) = rows_of(case, protocol_with(step), "2026-12-31T00:00")["checks"]
    assert row.due_at == datetime.fromisoformat(due)
    assert row.due_at.astimezone(CHICAGO).isoformat(timespec="minutes") == due
    assert row.status(row.due_at) is Status.NOT_DUE
    assert row.status(row.due_at + timedelta(microseconds=1)) is Status.MISSING


@pytest.mark.parametrize(
    ("begins", "due"),
    [("2026-03-01T09:00", "2026-03-11T10:00-05:00"), ("2026-10-25T09:00", "2026-11-04T08:00-06:00")],
)
def test_a_period_is_of_days_of_24_hours_also_where_clocks_are_set(begins: str, due: str) -> None:
    case = bare_case((RELEASED, begins, {}))
    (row,) = rows_of(case, AGAIN, "2026-12-31T00:00")["again"]
    assert row.due_at == datetime.fromisoformat(due)


def test_the_zone_of_the_case_says_where_a_weekend_is() -> None:
    protocol = protocol_with({"hours": 24, "clock": "excluding"})
    # Friday 23:30 in Chicago is Saturday in New York.
    for zone, due in (("America/Chicago", "2026-01-13T05:30+00:00"), ("America/New_York", "2026-01-13T05:00+00:00")):
        case = bare_case(begins="2026-01-09T23:30-06:00", zone=zone)
        (row,) = rows_of(case, protocol, "2026-02-01T00:00")["checks"]
        assert row.due_at is not None
        assert row.due_at.astimezone(UTC) == datetime.fromisoformat(due)


# ---------------------------------------------------------------- what always holds

EVERYTHING = protocol_with(
    {"id": "checks", "hours": 24, "evidence": ["one"]},
    {"id": "asked", "trigger": "result_received", "on_results": ["pending_authority"], "hours": 24},
    {
        "id": "review",
        "hours": 72,
        "clock": "excluding",
        "depends_on": ["checks", "asked"],
        "by_another": True,
        "evidence": ["one", "two"],
    },
    {"id": "release", "trigger": "released_to_supervision", "clock": "end-of-day", "required": False},
    {"id": "again", "trigger": "under_supervision", "every_days": 3, "evidence": ["one"], "depends_on": ["release"]},
)
IDS = [step.id for step in EVERYTHING.steps]
START = datetime(2026, 3, 5, 9, 0, tzinfo=CHICAGO)
"""Three days before clocks are set forward."""


@st.composite
def histories(draw: st.DrawFn) -> list[Said]:
    """Draw events of a case: supervision begins and ends in turn, everything else happens at any time."""
    turns: list[Said] = []
    hour = 0
    for kind in (RELEASED, RESUMED, RELEASED, ENDED)[: draw(st.integers(0, 4))]:
        hour += draw(st.integers(0, 150))
        turns.append((kind, at_hour(hour), {}))
    # Few steps and few hours, so that events meet each other.
    steps = st.sampled_from([*draw(st.lists(st.sampled_from(IDS), min_size=1, max_size=2)), "checks"])
    hours = st.sampled_from(range(0, 400, draw(st.sampled_from([1, 10, 40]))))
    acts = st.one_of(
        st.builds(
            lambda step, at, refs, by: did(step, at_hour(at), *refs, by=by),
            steps,
            hours,
            st.lists(st.sampled_from("fgh"), max_size=2),
            st.sampled_from([OFFICER, SUPERVISOR]),
        ),
        st.builds(
            lambda step, at, what: result(step, at_hour(at), what),
            steps,
            hours,
            st.sampled_from(["pending_authority", "not_run", "no_match"]),
        ),
        st.builds(
            lambda step, at, ref: documented(step, at_hour(at), ref),
            steps,
            hours,
            st.sampled_from("xyz"),
        ),
    )
    return [*draw(st.lists(acts, max_size=12)), *turns]


def at_hour(hours: int) -> str:
    return (START.astimezone(UTC) + timedelta(hours=hours)).isoformat()


def told_at(protocol: Protocol, events: list[Said], *, seen: datetime, at: datetime) -> dict[str, list[Status]]:
    """Return the statuses at an instant by the rows of another, without what had not been made due then."""
    case = bare_case(*events, begins=START.isoformat())
    found: dict[str, list[Status]] = {}
    for row in due_steps(case, protocol, at=seen):
        if row.triggered_at is not None and row.triggered_at <= at:
            found.setdefault(row.step, []).append(row.status(at))
    return found


@settings(max_examples=200, deadline=None)
@given(events=histories(), at=st.integers(-2, 420), later=st.integers(0, 400))
def test_the_rows_of_now_tell_of_every_earlier_instant_what_was_told_then(
    events: list[Said], at: int, later: int
) -> None:
    then = START + timedelta(hours=at)
    now = then + timedelta(hours=later)
    assert told_at(EVERYTHING, events, seen=now, at=then) == told_at(EVERYTHING, events, seen=then, at=then)


@settings(max_examples=200, deadline=None)
@given(events=histories(), at=st.integers(-2, 420))
def test_every_step_stands_in_the_list_in_rounds_of_one_order(events: list[Said], at: int) -> None:
    case = bare_case(*events, begins=START.isoformat())
    then = START + timedelta(hours=at)
    rows = due_steps(case, EVERYTHING, at=then)
    by_step: dict[str, list[DueStep]] = {}
    for row in rows:
        by_step.setdefault(row.step, []).append(row)
    assert list(by_step) == IDS
    for given_rows in by_step.values():
        assert [row.round for row in given_rows] == list(range(1, len(given_rows) + 1))
        triggers = [row.triggered_at for row in given_rows if row.triggered_at is not None]
        assert triggers == sorted(triggers)
        assert all(trigger <= then for trigger in triggers)
        done = [row.done_at for row in given_rows if row.done_at is not None]
        assert done == sorted(done)
        assert all(each <= then for each in done)
    for row in rows:
        assert (row.is_in_order is None) == (row.done_at is None)
        assert row.documented_at is None or (row.done_at is not None and row.documented_at >= row.done_at)
        assert row.status(then) in Status
        # A step that nobody did is never in time, and one that was made due by nothing is in no rate.
        assert row.done_at is not None or row.status(then) is not Status.IN_TIME
        assert row.triggered_at is not None or row.status(then) not in TESTED


@settings(max_examples=100, deadline=None)
@given(events=histories(), at=st.integers(0, 420), what=st.sampled_from(["pending_authority", "no_match", "not_run"]))
def test_no_result_ever_makes_a_step_done(events: list[Said], at: int, what: str) -> None:
    def done(given_events: list[Said]) -> set[tuple[str, datetime | None]]:
        rows = due_steps(bare_case(*given_events, begins=START.isoformat()), EVERYTHING, at=START + timedelta(hours=at))
        return {(row.step, row.done_at) for row in rows if row.done_at is not None}

    acts = [each for each in events if each[0] in {"step_done", "notified", "second_reviewed"}]
    instants = {(said["step"], instant(when)) for _, when, said in acts}
    assert done([*events, result("checks", at_hour(at), what)]) <= instants


def test_lapses_and_what_is_in_time_are_what_is_tested() -> None:
    assert {Status.IN_TIME, *LAPSES} == set(TESTED) == set(Status) - {Status.NOT_DUE, Status.NOT_APPLICABLE}


def test_what_is_done_in_a_second_custody_does_not_make_up_for_the_first() -> None:
    events = [
        (RELEASED, "2026-01-10T09:00", {}),
        (RESUMED, "2026-02-01T09:00", {}),
        did("checks", "2026-02-01T10:00", "f"),
    ]
    at = instant("2026-03-01T09:00")
    rows = due_steps(bare_case(*events), ONE, at=at)
    assert [row.status(at) for row in rows] == [Status.MISSING, Status.IN_TIME]


def test_that_a_check_was_not_run_in_a_second_custody_takes_nothing_from_the_first() -> None:
    events = [
        did("checks", "2026-01-05T12:00", "f"),
        (RELEASED, "2026-01-10T09:00", {}),
        (RESUMED, "2026-02-01T09:00", {}),
        result("checks", "2026-02-01T12:00", "not_run"),
    ]
    at = instant("2026-03-01T09:00")
    rows = due_steps(bare_case(*events), ONE, at=at)
    assert [row.status(at) for row in rows] == [Status.IN_TIME, Status.MISSING]


def test_every_step_that_is_open_stands_in_the_list_of_what_falls_due() -> None:
    protocol = protocol_with({"hours": 24}, {"id": "second", "hours": 12}, {"id": "third"})
    at = instant("2026-01-05T10:00")
    rows = due_steps(bare_case(), protocol, at=at)
    assert [row.step for row in open_steps(rows, at)] == ["second", "checks"]
