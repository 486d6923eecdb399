"""The limits of a hold as a whole: what goes with them, notes, notice, shape, and the table behind them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest

from detainer_ledger.clock import (
    Algorithm,
    HoldLimits,
    StartsFrom,
    clock_rules,
    hold_json,
    hold_limits,
    is_within,
    notice_mark,
    skipped_days,
)
from detainer_ledger.terms import BadInput, forms, state_names

NEW_YORK = ZoneInfo("America/New_York")
START = datetime(2026, 3, 6, 15, tzinfo=NEW_YORK)


def asked(form: str = "I-247A", start: datetime | date | None = START, **more: object) -> HoldLimits:
    return hold_limits(form=form, start=start, zone=NEW_YORK, **more)  # type: ignore[arg-type]


def test_every_rule_of_the_table_names_its_source_and_what_it_says() -> None:
    rules = clock_rules()
    assert len({each.rule for each in rules}) == len(rules)
    known_forms = {each.code for each in forms()}
    for each in rules:
        assert each.citation
        assert each.sentence.endswith(".")
        assert each.doubt is None or each.doubt.endswith(".")
        assert (each.hours is None) == (each.algorithm is Algorithm.END_OF_DAY)
        assert each.hours in (None, 48)
        assert set(each.forms or ()) <= known_forms
        assert each.state is None or each.state in state_names()
        assert each.state is None or each.in_force_from is not None
        assert each.in_force_from is None or each.in_force_to is None or each.in_force_from <= each.in_force_to


def test_the_regulation_stands_first_and_a_clock_that_is_not_certain_says_so() -> None:
    marks = {each.rule: each.trust.value for each in clock_rules()}
    assert next(iter(marks)) == "8cfr287.7/hold-48h-excluding"
    assert marks["8cfr287.7/hold-48h-excluding"] == "confirmed"
    assert marks["I-247D/hold-48h"] == "secondary"
    assert marks["NJ-2018-6/release-day"] == "unconfirmed"


def test_a_limit_carries_the_rule_its_source_and_its_days_in_force() -> None:
    found = asked(start=datetime(2025, 3, 8, 9, tzinfo=NEW_YORK), state="North Carolina", received=START)
    limit = next(each for each in found.limits if each.state == "NC")
    assert found.state == "NC"
    assert (limit.in_force_from, limit.in_force_to) == (date(2024, 12, 1), date(2025, 9, 30))
    assert limit.starts_from is StartsFrom.RECEIPT
    assert limit.starts_at == START
    assert limit.citation.startswith("N.C. Gen. Stat. 162-62")


def test_a_published_label_is_read_as_its_form() -> None:
    found = asked("I247A - Immigration Detainer - Immigration Detainer - Notice of Action")
    assert found.form == "I-247A"
    assert len(found.limits) == 2


def test_limits_are_in_the_zone_of_the_facility_whatever_the_zone_of_the_start() -> None:
    assert asked(start=START.astimezone(UTC)) == asked()


def test_notice_is_due_48_elapsed_hours_before_the_release() -> None:
    after_the_change = datetime(2026, 3, 9, 15, tzinfo=NEW_YORK)
    by = asked(start=after_the_change).notice_by
    assert by is not None
    assert by.isoformat() == "2026-03-07T14:00:00-05:00"
    assert after_the_change.astimezone(UTC) - by.astimezone(UTC) == timedelta(hours=48)
    assert notice_mark().sentence.endswith("no breach.")


def test_notice_before_a_release_without_an_hour_is_counted_from_the_beginning_of_the_day() -> None:
    by = asked(start=date(2026, 3, 6)).notice_by
    assert by is not None
    assert by.isoformat() == "2026-03-04T00:00:00-05:00"
    assert asked(start=None).notice_by is None


@pytest.mark.parametrize("form", ["I-247N", "I-247G"])
def test_a_form_that_asks_for_notice_alone_says_so_and_keeps_the_mark_for_notice(form: str) -> None:
    found = asked(form, state="NC")
    assert found.limits == ()
    assert found.shortest is None
    assert found.status == "no hold requested"
    assert found.notice_by is not None
    assert any("asks for notice alone" in note for note in found.notes)


@pytest.mark.parametrize(
    ("question", "note"),
    [
        ({}, "No state was given"),
        ({"state": "CA"}, "No clock of CA is on record for 2026-03-06."),
        ({"start": None, "state": "NC"}, "none of NC is among the limits"),
        ({"start": None}, "It is not known when the person would otherwise be released"),
        ({"start": date(2026, 3, 6)}, "between 00:00 and 24:00 of the day"),
        ({"start": date(2025, 1, 15), "state": "NC"}, "it may be the shortest"),
        (
            {
                "start": datetime(2025, 1, 15, 10, tzinfo=NEW_YORK),
                "state": "NC",
                "received": datetime(2025, 1, 2, 9, tzinfo=NEW_YORK),
            },
            "had passed before the release",
        ),
        (
            {
                "start": date(2025, 1, 15),
                "state": "NC",
                "received": datetime(2025, 1, 15, 16, tzinfo=NEW_YORK),
            },
            "depends on the hour of the release",
        ),
        ({"form": "unknown"}, "The form is not known"),
        ({"form": "I-247X", "start": date(1990, 1, 1)}, "No limit of the table was in force"),
        ({"form": "I-247N", "issued_on": date(2017, 4, 2)}, "should not have been issued on 2017-04-02"),
        ({"form": "I-247A", "start": date(2017, 4, 1)}, "cannot have been in use on 2017-04-01"),
        ({"form": "I-247A", "issued_on": date(2016, 4, 1)}, "cannot have been issued on 2016-04-01"),
    ],
)
def test_a_note_says_what_the_limits_leave_open(question: dict[str, object], note: str) -> None:
    assert any(note in each for each in asked(**question).notes)  # type: ignore[arg-type]


def test_nothing_is_noted_where_everything_is_known() -> None:
    assert asked(state="NC").notes == ()
    still_active = asked("I-247D", datetime(2018, 3, 9, 10, tzinfo=NEW_YORK), state="NC", issued_on=date(2016, 2, 2))
    assert [note.split(".")[0] for note in still_active.notes] == ["No clock of NC is on record for 2018-03-09"]


def test_whether_a_release_was_in_time_is_told_across_the_hour_that_happens_twice() -> None:
    start = datetime(2026, 10, 30, 1, 30, tzinfo=NEW_YORK)
    limit = next(each for each in asked(start=start).limits if each.algorithm is Algorithm.CONTINUOUS)
    first = datetime(2026, 11, 1, 1, 30, tzinfo=NEW_YORK)
    assert is_within(limit, first) is True
    assert is_within(limit, first.replace(fold=1)) is False
    with pytest.raises(BadInput, match="has no time zone"):
        is_within(limit, first.replace(tzinfo=None))


def test_days_that_were_left_out_are_named() -> None:
    chicago = ZoneInfo("America/Chicago")
    start = datetime(2026, 7, 2, 14, tzinfo=chicago)
    assert [
        day.isoformat() for day, _ in skipped_days(start, datetime(2026, 7, 7, 14, tzinfo=chicago), zone=chicago)
    ] == [
        "2026-07-03",
        "2026-07-04",
        "2026-07-05",
    ]
    saturday = datetime(2026, 3, 14, tzinfo=chicago)
    assert skipped_days(datetime(2026, 3, 12, tzinfo=chicago), saturday, zone=chicago) == ()


def test_the_shape_is_that_of_the_contract_and_can_be_written_as_json() -> None:
    shape = json.loads(json.dumps(hold_json(asked())))
    assert [
        {key: each[key] for key in ("rule", "algorithm", "deadline", "elapsed_hours")} for each in shape["limits"]
    ] == [
        {
            "rule": "8cfr287.7/hold-48h-excluding",
            "algorithm": "excluding",
            "deadline": "2026-03-10T15:00:00-04:00",
            "elapsed_hours": 95,
        },
        {
            "rule": "I-247A/box1-hold",
            "algorithm": "continuous",
            "deadline": "2026-03-08T16:00:00-04:00",
            "elapsed_hours": 48,
        },
    ]
    assert shape["shortest"] == shape["limits"][1]
    assert shape["notice"]["by"] == "2026-03-04T15:00:00-05:00"
    assert hold_json(replace(asked(), shortest=None))["shortest"] is None


def test_a_queue_of_ten_thousand_is_evaluated_at_once() -> None:
    begun = perf_counter()
    for place in range(10_000):
        hold_limits(form="I-247A", start=START + timedelta(hours=place), zone=NEW_YORK, state="NH")
    # Well under a second; the bound leaves room for a busy machine.
    assert perf_counter() - begun < 3
