"""Properties of the clock, over many zones and starts from 2000 to 2035."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detainer_ledger.clock import (
    Algorithm,
    add_hold,
    day_begins,
    hold_limits,
    is_excluded_day,
    read_instant,
    skipped_days,
)
from detainer_ledger.terms import BadInput, forms, state_codes
from tests.clock import oracle

ZONES = [
    ZoneInfo(name)
    for name in (
        "America/New_York America/Chicago America/Denver America/Phoenix America/Los_Angeles America/Anchorage"
        " America/Adak Pacific/Honolulu America/Puerto_Rico Pacific/Guam Pacific/Pago_Pago America/Boise"
        " America/Indiana/Indianapolis America/Indiana/Tell_City America/Indiana/Knox America/Kentucky/Louisville"
        " America/North_Dakota/Beulah America/Detroit America/Menominee America/Metlakatla America/Havana"
        " America/St_Johns America/Sao_Paulo America/Asuncion America/Santiago Pacific/Apia Pacific/Kiritimati"
        " Australia/Lord_Howe Asia/Kathmandu Asia/Tehran Asia/Gaza Asia/Amman Africa/Casablanca Europe/Dublin"
        " Pacific/Chatham America/Nuuk UTC"
    ).split()
]


def instants(first: date, *, days_long: int) -> st.SearchStrategy[datetime]:
    """Return instants in UTC within so many days, to the microsecond."""
    begins = datetime.combine(first, time(), tzinfo=UTC)
    return st.timedeltas(timedelta(), timedelta(days=days_long)).map(lambda since: begins + since)


zones = st.sampled_from(ZONES)
starts = instants(date(2000, 1, 1), days_long=36 * 365)
hours_apart = st.timedeltas(timedelta(), timedelta(days=9))
days = st.dates(date(2000, 1, 1), date(2035, 12, 31))
closed_days = st.frozensets(st.dates(date(2025, 12, 20), date(2026, 1, 20)), max_size=12)
winter = instants(date(2025, 12, 18), days_long=33)
algorithms = st.sampled_from(Algorithm)
FORTY_EIGHT = timedelta(hours=48)


def held(start: datetime, algorithm: Algorithm, zone: ZoneInfo, closed: frozenset[date] = frozenset()) -> datetime:
    """Return the deadline in UTC, in which instants can be compared and subtracted."""
    return add_hold(start, algorithm, zone=zone, also_closed=closed).astimezone(UTC)


@given(starts, hours_apart, zones, algorithms)
def test_a_later_start_never_ends_earlier(start: datetime, apart: timedelta, zone: ZoneInfo, how: Algorithm) -> None:
    assert held(start, how, zone) <= held(start + apart, how, zone)


@given(winter, hours_apart, zones, closed_days)
def test_a_later_start_never_ends_earlier_with_days_added(
    start: datetime, apart: timedelta, zone: ZoneInfo, closed: frozenset[date]
) -> None:
    assert held(start, Algorithm.EXCLUDING, zone, closed) <= held(start + apart, Algorithm.EXCLUDING, zone, closed)


@given(starts, zones)
def test_continuous_is_48_elapsed_hours_and_excluding_never_less(start: datetime, zone: ZoneInfo) -> None:
    assert held(start, Algorithm.CONTINUOUS, zone) - start == FORTY_EIGHT
    assert held(start, Algorithm.EXCLUDING, zone) - start >= FORTY_EIGHT


@given(starts, zones)
def test_the_end_of_the_day_is_on_the_day_of_the_start(start: datetime, zone: ZoneInfo) -> None:
    ended = held(start, Algorithm.END_OF_DAY, zone)
    assert start <= ended
    assert ended.astimezone(zone).date() == start.astimezone(zone).date()


@settings(max_examples=150, deadline=None)
@given(starts, zones)
def test_the_slow_count_agrees_in_every_zone(start: datetime, zone: ZoneInfo) -> None:
    assert held(start, Algorithm.EXCLUDING, zone) == oracle.deadline("excluding", start, zone)
    assert held(start, Algorithm.END_OF_DAY, zone) == oracle.deadline("end-of-day", start, zone)


@settings(max_examples=60, deadline=None)
@given(winter, st.sampled_from(ZONES[:20]), closed_days)
def test_the_slow_count_agrees_with_days_added(start: datetime, zone: ZoneInfo, closed: frozenset[date]) -> None:
    assert held(start, Algorithm.EXCLUDING, zone, closed) == oracle.deadline("excluding", start, zone, closed)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(range(2000, 2036)), zones, st.timedeltas(timedelta(days=-4), timedelta(days=1)))
def test_the_slow_count_agrees_around_changes_of_the_clock(year: int, zone: ZoneInfo, before: timedelta) -> None:
    for change in changes_of_the_clock(zone, year):
        start = change + before
        assert held(start, Algorithm.EXCLUDING, zone) == oracle.deadline("excluding", start, zone)


def changes_of_the_clock(zone: ZoneInfo, year: int) -> list[datetime]:
    """Return the hours of a year at whose end the offset of a zone is another, in UTC."""
    hours = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(hours=place) for place in range(366 * 24)]
    offsets = [hour.astimezone(zone).utcoffset() for hour in hours]
    return [hour for hour, this, following in zip(hours, offsets, offsets[1:], strict=False) if this != following]


def test_the_slow_count_agrees_where_a_change_leads_back_to_the_day_before() -> None:
    # On 5 March 2010 at 02:00 clocks at Casey were set back to 23:00 of the day before.
    casey = ZoneInfo("Antarctica/Casey")
    start = datetime(2010, 3, 4, 15, 30, tzinfo=UTC)
    assert start.astimezone(casey).date() == date(2010, 3, 4)
    assert start > day_begins(date(2010, 3, 5), casey)
    assert held(start, Algorithm.EXCLUDING, casey) == oracle.deadline("excluding", start, casey)


@given(days, zones)
def test_a_day_begins_with_its_first_instant(day: date, zone: ZoneInfo) -> None:
    begins, ends = day_begins(day, zone), day_begins(day + timedelta(days=1), zone)
    if begins == ends:
        assert (day, zone.key) == (date(2011, 12, 30), "Pacific/Apia")
        return
    assert begins.astimezone(zone).date() == day
    assert (begins - timedelta(microseconds=1)).astimezone(zone).date() < day


@given(days, st.floats(0, 1, exclude_max=True), zones, st.sampled_from([None, "NC", "NH", "GA", "NJ"]))
def test_the_interval_of_a_day_holds_the_deadline_of_every_hour_in_it(
    day: date, share: float, zone: ZoneInfo, state: str | None
) -> None:
    begins, ends = day_begins(day, zone), day_begins(day + timedelta(days=1), zone)
    if begins == ends:
        return
    start = begins + share * (ends - begins)
    if start.astimezone(zone).date() != day:
        return
    known = hold_limits(form="I-247A", start=start, zone=zone, state=state, received=begins - timedelta(hours=5))
    spans = hold_limits(form="I-247A", start=day, zone=zone, state=state, received=begins - timedelta(hours=5))
    assert [each.rule for each in known.limits] == [each.rule for each in spans.limits]
    for exact, span in zip(known.limits, spans.limits, strict=True):
        assert exact.deadline is not None
        assert span.earliest is not None
        assert span.latest is not None
        # In the last minute of the day the end of the day has passed, and the start is the deadline.
        slack = timedelta(minutes=1) if exact.algorithm is Algorithm.END_OF_DAY else timedelta()
        deadline = exact.deadline.astimezone(UTC)
        assert span.earliest.astimezone(UTC) <= deadline <= span.latest.astimezone(UTC) + slack


@given(
    st.one_of(starts, days, st.none()),
    zones,
    st.sampled_from([each.code for each in forms()]),
    st.one_of(st.none(), st.sampled_from(sorted(set(state_codes().values())))),
    st.one_of(st.none(), starts),
)
def test_the_shortest_ends_no_later_than_any_other(
    start: datetime | date | None, zone: ZoneInfo, form: str, state: str | None, received: datetime | None
) -> None:
    if start == date(2011, 12, 30) and zone.key == "Pacific/Apia":
        return
    found = hold_limits(form=form, start=start, zone=zone, state=state, received=received)
    assert all(sentence.endswith(".") for sentence in found.notes)
    if found.shortest is None:
        assert not [each for each in found.limits if each.deadline is not None] or found.status != "determined"
        return
    for each in found.limits:
        if each.earliest is not None and each.latest is not None:
            assert found.shortest.earliest is not None
            assert found.shortest.latest is not None
            assert found.shortest.earliest.astimezone(UTC) <= each.earliest.astimezone(UTC)
            assert found.shortest.latest.astimezone(UTC) <= each.latest.astimezone(UTC)


@given(starts, zones)
def test_elapsed_time_is_the_hold_and_the_days_left_out(start: datetime, zone: ZoneInfo) -> None:
    deadline = add_hold(start, Algorithm.EXCLUDING, zone=zone)
    skipped = skipped_days(start, deadline, zone=zone)
    assert all(is_excluded_day(day) == reason for day, reason in skipped)
    left_out = timedelta()
    for day, _reason in skipped:
        begins = max(start, day_begins(day, zone))
        left_out += max(day_begins(day + timedelta(days=1), zone) - begins, timedelta())
    assert deadline.astimezone(UTC) - start == FORTY_EIGHT + left_out


@given(starts, zones)
def test_an_instant_that_is_written_with_its_offset_is_read_back(start: datetime, zone: ZoneInfo) -> None:
    local = start.astimezone(zone)
    assert read_instant(local.isoformat(), zone, field="start").astimezone(UTC) == start
    wall = local.replace(tzinfo=None).isoformat()
    if local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset():
        assert read_instant(wall, zone, field="start").astimezone(UTC) == start
        return
    with pytest.raises(BadInput, match="happens twice") as refused:
        read_instant(wall, zone, field="start")
    assert local.isoformat()[-6:] in refused.value.message()
