"""Every case of the table: the clock gives its limits, and the slow count agrees with what is written."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from detainer_ledger.clock import Limit, clock_rules, is_within
from tests.clock import oracle
from tests.clock.case_table import CASES, TITLES, Case, asked, closed_in, utc, zone_of

HOUR = timedelta(hours=1)


def test_there_are_enough_cases_and_no_title_stands_twice() -> None:
    assert len([title for title in TITLES if title.startswith("Example ")]) == 8
    assert len(CASES) >= 68
    assert [title for title, times in Counter(TITLES).items() if times > 1] == []
    assert all(case["why"] for case in CASES)


def test_every_limit_of_the_table_is_in_a_case() -> None:
    tried = {expected["rule"] for case in CASES for expected in case["limits"]}
    assert {each.rule for each in clock_rules()} == tried


@pytest.mark.parametrize("case", CASES, ids=TITLES)
def test_the_clock_gives_the_limits_of_the_case(case: Case) -> None:
    found = asked(case)
    assert [each.rule for each in found.limits] == [expected["rule"] for expected in case["limits"]]
    assert found.status == case.get("status", "determined")
    assert (found.shortest.rule if found.shortest is not None else "") == case["shortest"]
    for limit, expected in zip(found.limits, case["limits"], strict=True):
        _agrees(limit, expected)


def _agrees(limit: Limit, expected: dict[str, Any]) -> None:
    assert limit.algorithm == expected["counted"]
    assert limit.elapsed_hours == (pytest.approx(expected["hours"], abs=1e-9) if "hours" in expected else None)
    if "deadline" in expected:
        assert limit.deadline is not None
        assert limit.deadline.isoformat() == datetime.fromisoformat(expected["deadline"]).isoformat()
        assert limit.earliest == limit.latest == limit.deadline
        return
    for end, written in ((limit.earliest, expected.get("earliest")), (limit.latest, expected.get("latest"))):
        assert (end.isoformat() if end is not None else None) == (
            datetime.fromisoformat(written).isoformat() if written is not None else None
        )
    assert (limit.deadline is None) == (
        expected.get("earliest") != expected.get("latest") or "earliest" not in expected
    )


@pytest.mark.parametrize("case", CASES, ids=TITLES)
def test_the_slow_count_agrees_with_what_is_written(case: Case) -> None:
    zone = zone_of(case)
    starts = {each.rule: each.starts_from for each in clock_rules()}
    for expected in case["limits"]:
        written = case.get("start" if starts[expected["rule"]] == "release" else "received")
        if written is None:
            assert set(expected) == {"rule", "counted"}
            continue
        if len(written) == len("2026-03-06"):
            first, last = oracle.day_bounds(date.fromisoformat(written), zone)
            earliest = oracle.deadline(expected["counted"], first, zone, closed_in(case))
            ends_with_day = expected["counted"] == "end-of-day"
            latest = earliest if ends_with_day else oracle.deadline(expected["counted"], last, zone, closed_in(case))
            assert (utc(expected["earliest"]), utc(expected["latest"])) == (earliest, latest)
            continue
        begun = datetime.fromisoformat(written)
        begun = (begun if begun.tzinfo is not None else begun.replace(tzinfo=zone)).astimezone(UTC)
        deadline = oracle.deadline(expected["counted"], begun, zone, closed_in(case))
        assert utc(expected["deadline"]) == deadline
        assert (deadline - begun) / HOUR == pytest.approx(expected["hours"], abs=1e-9)


@pytest.mark.parametrize("case", CASES, ids=TITLES)
def test_a_release_at_the_deadline_is_in_time_and_a_microsecond_later_it_is_not(case: Case) -> None:
    for limit in asked(case).limits:
        if limit.earliest is None or limit.latest is None:
            assert is_within(limit, datetime(2026, 1, 1, tzinfo=UTC)) is None
            continue
        earliest, latest = limit.earliest.astimezone(UTC), limit.latest.astimezone(UTC)
        assert is_within(limit, earliest) is True
        assert is_within(limit, latest + timedelta(microseconds=1)) is False
        if earliest < latest:
            assert is_within(limit, latest) is None
