"""What a person wrote: instants, days, zones. Each refusal says what is wrong, where, and what to do."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detainer_ledger.clock import Algorithm, add_hold, hold_limits, read_instant, read_start, to_the_second, zone_named
from detainer_ledger.terms import BadInput

NEW_YORK = ZoneInfo("America/New_York")
START = datetime(2026, 3, 6, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-06T15:00", "2026-03-06T15:00:00-05:00"),
        (" 2026-03-06 15:00 ", "2026-03-06T15:00:00-05:00"),
        ("2026-03-06T15:00:30", "2026-03-06T15:00:30-05:00"),
        ("2026-03-06T15:00:30.25", "2026-03-06T15:00:30.250000-05:00"),
        ("2026-03-06T15:00Z", "2026-03-06T10:00:00-05:00"),
        ("2026-03-06T15:00-0800", "2026-03-06T18:00:00-05:00"),
        ("2026-07-06T15:00", "2026-07-06T15:00:00-04:00"),
        ("2026-11-01T01:30-04:00", "2026-11-01T01:30:00-04:00"),
        ("2026-11-01T01:30-05:00", "2026-11-01T01:30:00-05:00"),
        ("2026-03-08T03:00", "2026-03-08T03:00:00-04:00"),
        ("2026-11-01T00:59", "2026-11-01T00:59:00-04:00"),
        ("2026-11-01T02:00", "2026-11-01T02:00:00-05:00"),
    ],
)
def test_an_instant_is_read_in_the_zone_of_the_facility(text: str, instant: str) -> None:
    assert read_instant(text, NEW_YORK, field="start").isoformat() == instant


_ZONES = st.sampled_from(
    ("America/Chicago", "America/Detroit", "Europe/London", "Asia/Kathmandu", "Africa/Monrovia", "UTC")
)
_INSTANTS = st.datetimes(datetime(1901, 1, 1), datetime(2199, 12, 31)).flatmap(  # noqa: DTZ001
    lambda wall: _ZONES.map(lambda zone: wall.replace(tzinfo=ZoneInfo(zone)))
)
"""Instants of a long time: in 1901 Detroit was 5 h 32 min 11 s behind."""


@given(_INSTANTS, st.booleans())
def test_an_instant_is_written_as_the_standard_library_writes_it(instant: datetime, is_whole: bool) -> None:
    written = instant.replace(microsecond=0) if is_whole else instant
    assert to_the_second(written) == written.isoformat(timespec="seconds")


def test_an_instant_with_an_offset_needs_no_zone() -> None:
    assert read_instant("2026-03-06T15:00-05:00", None, field="start").isoformat() == "2026-03-06T15:00:00-05:00"


@pytest.mark.parametrize(
    ("text", "zone", "message"),
    [
        (
            "2026-03-06T15:00",
            None,
            (
                "'2026-03-06T15:00' has no time zone.\n  where: field start\n  to do: give the offset, for example"
                " 2026-03-06T15:00-05:00, or the zone of the facility."
            ),
        ),
        (
            "2026-03-08T02:30",
            NEW_YORK,
            (
                "2026-03-08T02:30 does not exist in America/New_York: clocks were set forward over it.\n"
                "  where: field start\n  to do: look at the time again; if the clock had not been changed yet, it was"
                " 2026-03-08T03:30-04:00."
            ),
        ),
        (
            "2026-11-01T01:30",
            NEW_YORK,
            (
                "2026-11-01T01:30 happens twice in America/New_York: clocks were set back.\n  where: field start\n"
                "  to do: give the offset: 2026-11-01T01:30-04:00 is the first, 2026-11-01T01:30-05:00 the second."
            ),
        ),
        (
            "next Friday",
            NEW_YORK,
            (
                "'next Friday' is no day with a time of day.\n  where: field start\n"
                "  to do: write it as YYYY-MM-DDTHH:MM, for example 2026-03-06T15:00."
            ),
        ),
        (
            "0026-03-06T15:00",
            NEW_YORK,
            "The year 26 cannot be meant.\n  where: field start\n  to do: write a year between 1900 and 2199.",
        ),
    ],
)
def test_an_instant_that_cannot_be_used_is_refused_with_what_to_do(
    text: str, zone: ZoneInfo | None, message: str
) -> None:
    with pytest.raises(BadInput) as refused:
        read_instant(text, zone, field="start")
    assert refused.value.message() == message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-03-06",
        "15:00",
        "2026-02-30T10:00",
        "2026-03-06T24:00",
        "2026-03-06T15",
        "20260306T1500",
        "2026-W10-5T10:00",
        "2026-03-06T15:00 EST",
        "2026-03-06T15:00-99:00",
        "３026-03-06T15:00",
        "2026-03-06T15:00\n2026-03-07T15:00",
    ],
)
def test_text_that_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="no day with a time of day"):
        read_instant(text, NEW_YORK, field="start")


def test_a_start_is_an_instant_or_a_day() -> None:
    assert read_start("2026-03-06", NEW_YORK, field="start") == date(2026, 3, 6)
    assert read_start("2026-03-06T15:00", NEW_YORK, field="start") == START
    with pytest.raises(BadInput, match="'2026-02-30' is no day of the calendar"):
        read_start("2026-02-30", NEW_YORK, field="start")
    with pytest.raises(BadInput, match="The year 9999 cannot be meant"):
        read_start("9999-12-31", NEW_YORK, field="start")


@pytest.mark.parametrize("name", ["America/New_York", " America/Indiana/Tell_City ", "US/Eastern", "UTC"])
def test_a_zone_is_found_by_its_name(name: str) -> None:
    assert zone_named(name, field="zone").key == name.strip()


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("America/NewYork", "perhaps America/New_York"),
        ("america/new_york", "perhaps America/New_York"),
        ("New York", "perhaps America/New_York"),
        ("Chicago", "perhaps America/Chicago"),
        ("America/Phenix", "perhaps America/Phoenix"),
        ("", "for example America/New_York or America/Phoenix"),
        ("Mars/Olympus", "for example America/New_York or America/Phoenix"),
        ("../../etc/passwd", "for example America/New_York or America/Phoenix"),
        ("/etc/localtime", "for example America/New_York or America/Phoenix"),
        ("EST", "name the zone of the facility by its place"),
        ("EST5EDT", "name the zone of the facility by its place"),
    ],
)
def test_an_unknown_zone_is_refused_with_the_nearest_names(name: str, hint: str) -> None:
    with pytest.raises(BadInput) as refused:
        zone_named(name, field="zone")
    assert "where: field zone" in refused.value.message()
    assert hint in refused.value.message()


def test_an_instant_without_a_zone_is_never_counted_from() -> None:
    naive = START.replace(tzinfo=None)
    with pytest.raises(BadInput, match="has no time zone"):
        add_hold(naive, Algorithm.CONTINUOUS, zone=NEW_YORK)
    with pytest.raises(BadInput, match="has no time zone"):
        hold_limits(form="I-247A", start=naive, zone=NEW_YORK)
    with pytest.raises(BadInput, match="has no time zone"):
        hold_limits(form="I-247A", start=START, received=naive, zone=NEW_YORK)


def test_a_day_that_a_zone_left_out_is_refused() -> None:
    with pytest.raises(BadInput, match="2011-12-30 does not exist in Pacific/Apia"):
        hold_limits(form="I-247", start=date(2011, 12, 30), zone=ZoneInfo("Pacific/Apia"))


@pytest.mark.parametrize(
    ("form", "hint"), [("I-247B", "perhaps I-247 is meant"), ("", "known are I-247,"), ("warrant", "known are I-247,")]
)
def test_an_unknown_form_is_refused(form: str, hint: str) -> None:
    with pytest.raises(BadInput, match="There is no form") as refused:
        hold_limits(form=form, start=START, zone=NEW_YORK)
    assert hint in refused.value.message()


@pytest.mark.parametrize(
    ("state", "hint"), [("XX", "USPS code"), ("North Carolin", "perhaps North Carolina"), ("", "")]
)
def test_an_unknown_state_is_refused(state: str, hint: str) -> None:
    with pytest.raises(BadInput, match="There is no state") as refused:
        hold_limits(form="I-247A", start=START, zone=NEW_YORK, state=state)
    assert hint in refused.value.message()


def test_a_receipt_before_the_day_of_issue_is_refused() -> None:
    with pytest.raises(BadInput, match="received on 2026-03-06, before it was issued on 2026-03-07"):
        hold_limits(form="I-247A", start=START, zone=NEW_YORK, received=START, issued_on=date(2026, 3, 7))
