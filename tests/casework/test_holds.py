"""Holds: their queue, the time that is left, and what happens where one goes past its limit."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from detainer_ledger.casework import (
    Agency,
    Hold,
    Refused,
    add_actor,
    add_agency,
    change_agency,
    held_against_events,
    rebuild,
)
from detainer_ledger.ledger import verify
from detainer_ledger.terms import BadInput
from tests.casework.build import (
    ADMINISTRATOR,
    AGENCY,
    AUDITOR,
    ELM,
    OAK,
    OFFICER,
    OTHER_AGENCY,
    READY,
    RECEIVED,
    SUPERVISOR,
    Office,
    with_changes,
)
from tests.records import tamper

AFTER_LIFT = "held-after-lift"
BOX1 = "hold-past/I-247A/box1-hold"
REGULATION = "hold-past/8cfr287.7/hold-48h-excluding"


def held(office: Office, began: str, **changed: Any) -> str:
    case = office.walk("answered")
    office.done("begin_hold", case, at=began, **changed)
    return case


def received_and_held(office: Office, who: str, agency: str, at: str, began: str, form: str = "I-247A") -> str:
    day = at[:10]
    said = with_changes(RECEIVED, {"agency": agency, "at": at, "issued_on": day, "form": form})
    case = office.give(who, "receive", None, {**said, "warrant_signed_on": day}).case
    assert case is not None
    office.give(who, "begin_hold", case, {"at": began})
    return case


def queue(office: Office, who: str = AUDITOR) -> tuple[Hold, ...]:
    found = office.record.holds(who)
    assert not isinstance(found, Refused)
    return found


def incidents(office: Office, case: str) -> list[str]:
    return [each.id for each in office.shown(case).incidents]


def test_the_queue_begins_with_the_hold_that_runs_out_first_and_says_how_much_time_is_left(
    office: Office,
) -> None:
    later = held(office, "2026-03-02T08:00")
    past = held(office, "2026-02-27T12:00")
    soon = held(office, "2026-03-01T00:30")
    # 09:00 in New York is 08:00 in Chicago: text of local times would sort these two the other way round.
    east = received_and_held(office, OTHER_AGENCY, ELM.id, "2026-02-20T08:00", "2026-03-02T08:30")
    found = queue(office)
    assert [hold.case for hold in found] == [past, soon, east, later]
    assert [hold.deadline.isoformat() for hold in found] == [
        "2026-03-01T12:00:00-06:00",
        "2026-03-03T00:30:00-06:00",
        "2026-03-04T08:30:00-05:00",
        "2026-03-04T08:00:00-06:00",
    ]
    assert [hold.seconds_left(office.clock()) for hold in found] == [
        -21 * 3600,
        15 * 3600 + 1800,
        46 * 3600 + 1800,
        47 * 3600,
    ]
    # Past a weekend the form's limit is the shorter; without one both fall on one instant, and the regulation is named.
    assert [hold.rule.partition("/")[0] for hold in found] == ["I-247A", "I-247A", "8cfr287.7", "8cfr287.7"]
    assert {hold.form for hold in found} == {"I-247A"}
    assert [hold.agency for hold in found] == [OAK.id, OAK.id, ELM.id, OAK.id]
    assert [hold.case for hold in queue(office, AGENCY)] == [past, soon, later]
    office.done("take_custody", soon, at="2026-03-02T08:59")
    assert [hold.case for hold in queue(office)] == [past, east, later]


@pytest.mark.parametrize(("past", "expected"), [(-1, []), (0, []), (1, [BOX1]), (60, [BOX1])])
def test_a_running_hold_is_an_incident_from_the_first_second_past_its_limit(
    office: Office, past: int, expected: list[str]
) -> None:
    case = held(office, "2026-02-27T21:00")
    limit = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
    office.clock.at = limit + timedelta(seconds=past)
    assert incidents(office, case) == expected
    assert queue(office)[0].seconds_left(office.clock()) == -past


@pytest.mark.parametrize(
    ("ended", "expected"),
    [
        ("2026-03-01T20:59:59", []),
        ("2026-03-01T21:00:00", []),
        ("2026-03-01T21:00:01", [BOX1]),
        ("2026-03-02T08:00", [BOX1]),
    ],
)
@pytest.mark.parametrize("how", ["take_custody", "release", "transfer"])
def test_a_hold_that_ended_past_its_limit_is_an_incident_however_it_ended(
    office: Office, how: str, ended: str, expected: list[str]
) -> None:
    case = held(office, "2026-02-27T21:00")
    office.done(how, case, at=ended)
    assert incidents(office, case) == expected
    listed = office.record.incidents(SUPERVISOR)
    assert not isinstance(listed, Refused)
    assert [each.case for each in listed] == ([case] if expected else [])
    # What a hold was does not change with the time at which it is looked at.
    office.clock.forward(days=30)
    assert incidents(office, case) == expected


def test_every_limit_that_is_past_is_an_incident_of_its_own(office: Office) -> None:
    case = held(office, "2026-02-24T10:00")
    office.done("expire", case, at="2026-02-26T10:00:01")
    assert incidents(office, case) == [REGULATION, BOX1]
    assert [each.sentence for each in office.shown(case).incidents] == [
        f"The hold ended 0 h 00 min past its limit of 2026-02-26T10:00-06:00 ({rule}). {doubt}"
        for rule, doubt in (
            (
                "8cfr287.7/hold-48h-excluding",
                "The regulation does not define holidays; the federal ones are taken.",
            ),
            ("I-247A/box1-hold", "The text of the edition of May 2025 was not found."),
        )
    ]


@pytest.mark.parametrize(("at", "is_out"), [("2026-02-26T09:59:59", False), ("2026-02-26T10:00", True)])
def test_a_hold_has_run_out_from_its_shortest_limit_on(office: Office, at: str, is_out: bool) -> None:
    case = held(office, "2026-02-24T10:00")
    if not is_out:
        with pytest.raises(BadInput, match="does not run out before 2026-02-26T10:00-06:00") as raised:
            office.do("expire", case, at=at)
        assert raised.value.where == {"field": "at"}
        return
    office.done("expire", case, at=at)
    version = str(office.kinds(case).index("expired") + 1)
    with pytest.raises(BadInput, match="does not run out before"):
        office.do("correct", case, by=AGENCY, version=version, values={"at": "2026-02-26T09:00"})


@pytest.mark.parametrize(
    ("let_go", "expected"),
    [
        ("2026-03-01T09:00", []),
        ("2026-03-01T10:00", []),
        ("2026-03-01T10:40", [AFTER_LIFT]),
        ("2026-03-01T21:00:01", [BOX1, AFTER_LIFT]),
    ],
)
def test_a_lift_does_not_let_a_person_go(office: Office, let_go: str, expected: list[str]) -> None:
    case = held(office, "2026-02-27T21:00")
    office.done("lift", case, at="2026-03-01T10:00")
    (hold,) = queue(office)
    assert (hold.rule, hold.deadline.isoformat()) == ("detainer-lifted", "2026-03-01T10:00:00-06:00")
    assert incidents(office, case) == [BOX1, AFTER_LIFT]
    with pytest.raises(BadInput, match="held still") as raised:
        office.do("close_incident", case, incident=AFTER_LIFT)
    assert raised.value.where == {"field": "incident"}
    with pytest.raises(BadInput, match="when that hold ended is not recorded") as raised:
        office.do("close", case)
    assert raised.value.where == {"field": "command"}
    with pytest.raises(BadInput, match="before what it follows on: hold began"):
        office.do("end_hold", case, at="2026-02-27T20:59")
    office.done("end_hold", case, at=let_go)
    assert queue(office) == ()
    assert incidents(office, case) == expected
    with pytest.raises(BadInput, match="Nobody is held"):
        office.do("end_hold", case, at=let_go)
    for name in expected:
        office.done("close_incident", case, incident=name)
    office.done("close", case)
    before = office.everything()["view"]
    rebuild(office.record)
    assert office.everything()["view"] == before


def test_the_length_of_a_hold_past_a_lift_is_told(office: Office) -> None:
    case = held(office, "2026-02-27T21:00")
    office.done("lift", case, at="2026-03-01T10:00")
    office.done("end_hold", case, at="2026-03-01T10:40")
    (incident,) = office.shown(case).incidents
    assert incident.sentence == "The hold ended 0 h 40 min past the lift of the detainer at 2026-03-01T10:00-06:00."


def test_an_incident_is_closed_by_a_person_with_a_reason_and_only_then_the_case(office: Office) -> None:
    case = held(office, "2026-02-27T21:00")
    with pytest.raises(BadInput, match="no close incident on a case that is held"):
        office.do("close_incident", case)
    office.done("take_custody", case, at="2026-03-02T08:00")
    with pytest.raises(BadInput, match=f"open incident: {BOX1}"):
        office.do("close", case)
    slips: list[tuple[dict[str, Any], str]] = [
        ({"reason": None}, "reason"),
        ({"reason": " \t"}, "reason"),
        ({"incident": "another"}, "incident"),
    ]
    for changed, field in slips:
        with pytest.raises(BadInput) as raised:
            office.do("close_incident", case, **changed)
        assert raised.value.where == {"field": field}
    for who in (OFFICER, AUDITOR, ADMINISTRATOR, OTHER_AGENCY):
        office.refused("close_incident", case, by=who)
    with pytest.raises(BadInput, match="open incident"):
        office.do("close", case)
    closing = office.done("close_incident", case, by=AGENCY, reason="The van broke down.")
    (incident,) = office.shown(case).incidents
    assert incident.closed_by == closing.events[0].version
    assert office.record.incidents(SUPERVISOR) == ()
    with pytest.raises(BadInput, match=f"closed by event {incident.closed_by}"):
        office.do("close_incident", case)
    office.done("close", case)
    told = office.case(case).last("incident_closed")
    assert told is not None
    assert (told.actor, told.body["reason"]) == (AGENCY, "The van broke down.")
    assert verify(office.record.ledger).holds


@pytest.mark.parametrize(
    ("now", "began", "deadline"),
    [
        # Clocks are set forward on 8 March 2026: 48 hours on end come to 49 by the wall.
        ("2026-03-12T12:00", "2026-03-07T10:00", "2026-03-09T11:00:00-05:00"),
        ("2026-03-12T12:00", "2026-03-06T02:30", "2026-03-08T03:30:00-05:00"),
        ("2026-03-12T12:00", "2026-03-06T01:59", "2026-03-08T01:59:00-06:00"),
        # They are set back on 1 November 2026: 48 hours come to 47 by the wall.
        ("2026-11-05T12:00", "2026-10-31T10:00", "2026-11-02T09:00:00-06:00"),
        ("2026-11-05T12:00", "2026-10-30T01:30", "2026-11-01T01:30:00-05:00"),
        ("2026-11-05T12:00", "2026-10-30T02:00", "2026-11-01T01:00:00-06:00"),
        # Neither.
        ("2026-07-05T12:00", "2026-07-01T00:00", "2026-07-03T00:00:00-05:00"),
    ],
)
def test_48_hours_are_hours_that_pass_whatever_the_clocks_on_the_wall_do(
    office: Office, now: str, began: str, deadline: str
) -> None:
    office.clock.at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    case = held(office, began)
    (hold,) = queue(office)
    assert hold.deadline.isoformat() == deadline
    assert hold.deadline - hold.began_at.astimezone(UTC) == timedelta(hours=48)
    limits = office.shown(case).limits
    assert limits is not None
    assert {limit.rule for limit in limits.limits} == {"8cfr287.7/hold-48h-excluding", "I-247A/box1-hold"}


def test_a_wall_time_that_does_not_exist_is_refused_and_one_that_happens_twice_needs_its_offset(
    office: Office,
) -> None:
    case = office.walk("answered")
    office.clock.at = datetime(2026, 11, 5, 12, 0, tzinfo=UTC)
    before = office.everything()
    for at, told in [("2026-03-08T02:30", "does not exist"), ("2026-11-01T01:30", "happens twice")]:
        with pytest.raises(BadInput, match=told) as raised:
            office.do("begin_hold", case, at=at)
        assert raised.value.where == {"field": "at"}
    assert office.everything() == before
    office.done("begin_hold", case, at="2026-11-01T01:30-06:00")
    assert queue(office)[0].began_at == datetime(2026, 11, 1, 7, 30, tzinfo=UTC)


def test_a_time_with_the_offset_of_another_zone_is_the_same_instant_in_the_agencys_own(office: Office) -> None:
    case = held(office, "2026-03-01T14:00:00Z")
    assert office.case(case).said("hold_began", "at") == "2026-03-01T08:00:00-06:00"
    assert queue(office)[0].deadline.isoformat() == "2026-03-03T08:00:00-06:00"


@pytest.mark.parametrize(
    ("state", "zone", "at", "began", "rule", "deadline"),
    [
        # A weekend, Presidents' Day: the regulation leaves three days out, the form none.
        ("MN", "America/Chicago", "2026-02-10T08:00", "2026-02-13T10:00", "I-247A/box1-hold", "2026-02-15T10:00-06:00"),
        # North Carolina counted from receipt until 30 September 2025, and from release since.
        (
            "NC",
            "America/New_York",
            "2025-09-29T08:00",
            "2025-09-30T09:00",
            "NC-HB10/hold-48h-from-receipt",
            "2025-10-01T08:00-04:00",
        ),
        (
            "NC",
            "America/New_York",
            "2025-09-29T08:00",
            "2025-10-01T09:00",
            "8cfr287.7/hold-48h-excluding",
            "2025-10-03T09:00-04:00",
        ),
        # No change of the clock in Arizona.
        ("AZ", "America/Phoenix", "2025-11-01T08:00", "2025-11-01T09:00", "I-247A/box1-hold", "2025-11-03T09:00-07:00"),
        (
            "HI",
            "Pacific/Honolulu",
            "2025-11-01T08:00",
            "2025-11-01T23:59",
            "I-247A/box1-hold",
            "2025-11-03T23:59-10:00",
        ),
    ],
)
def test_the_shortest_limit_of_the_agencys_state_and_zone_decides(
    office: Office, state: str, zone: str, at: str, began: str, rule: str, deadline: str
) -> None:
    agency = Agency(id="new-jail", name="New County Jail", state=state, zone=zone)
    assert add_agency(office.record, ADMINISTRATOR, agency) is None
    assert add_actor(office.record, ADMINISTRATOR, name="new", role="receiving_agency", agency="new-jail") is None
    received_and_held(office, "new", "new-jail", at, began)
    (hold,) = queue(office)
    assert (hold.rule, hold.deadline.isoformat(timespec="minutes")) == (rule, deadline)


def test_the_regulation_leaves_weekends_and_holidays_out(office: Office) -> None:
    case = received_and_held(office, AGENCY, OAK.id, "2026-02-10T08:00", "2026-02-13T10:00")
    limits = office.shown(case).limits
    assert limits is not None
    (regulation,) = [limit for limit in limits.limits if limit.rule == "8cfr287.7/hold-48h-excluding"]
    assert regulation.deadline is not None
    # Friday 10:00 to 24:00 are 14 hours; Tuesday has 24, and Wednesday the last 10.
    assert regulation.deadline.isoformat(timespec="minutes") == "2026-02-18T10:00-06:00"


def test_the_views_are_those_that_the_events_make(office: Office) -> None:
    for stage in ("arrest_recorded", "issued", "served", "answered", "held", "ended", "closed"):
        office.walk(stage)
    held(office, "2026-02-25T10:00")
    late = held(office, "2026-02-24T10:00")
    office.done("expire", late, at="2026-02-27T10:00")
    later = held(office, "2026-02-24T10:00")
    office.done("expire", later, at="2026-02-27T10:00")
    office.done("close_incident", later, incident=BOX1)
    corrected = held(office, "2026-02-24T10:00")
    office.done("correct", corrected, by=AGENCY, version="9", values={"at": "2026-02-28T10:00"})
    office.refused("issue", office.done("record_arrest").case)
    received_and_held(office, OTHER_AGENCY, ELM.id, "2026-02-20T08:00", "2026-03-02T08:30")
    before = office.everything()
    assert rebuild(office.record) == len(before["view"])
    assert office.everything() == before
    office.clock.forward(days=400)
    rebuild(office.record)
    assert office.everything() == before


def test_a_correction_of_the_beginning_of_a_hold_moves_its_limit_and_leaves_the_incident(office: Office) -> None:
    case = held(office, "2026-02-27T08:00")
    assert incidents(office, case) == [BOX1]
    version = office.kinds(case).index("hold_began") + 1
    corrected = office.done(
        "correct", case, by=AGENCY, version=str(version), values={"at": "2026-02-28T10:00"}, reason="A slip of the pen."
    )
    assert queue(office)[0].deadline.isoformat() == "2026-03-02T10:00:00-06:00"
    (incident,) = office.shown(case).incidents
    assert (incident.id, incident.closed_by) == (BOX1, None)
    assert incident.corrected_by == corrected.events[0].version
    assert incident.sentence.startswith("The hold is 25 h 00 min past its limit of 2026-03-01T08:00-06:00")


def test_a_hold_that_a_correction_makes_longer_is_an_incident_anew(office: Office) -> None:
    case = held(office, "2026-02-24T10:00")
    office.done("take_custody", case, at="2026-02-26T11:00")
    for name in (REGULATION, BOX1):
        office.done("close_incident", case, incident=name)
    office.done("close", case)
    version = str(office.kinds(case).index("custody_taken") + 1)
    office.done("correct", case, version=version, values={"at": "2026-03-01T11:00"})
    assert [(each.id, each.closed_by) for each in office.shown(case).incidents] == [(REGULATION, None), (BOX1, None)]
    listed = office.record.incidents(SUPERVISOR)
    assert not isinstance(listed, Refused)
    assert [each.incidents for each in listed] == [(REGULATION, BOX1)]
    closing = office.done("close_incident", case, incident=BOX1)
    assert {each.id: each.closed_by for each in office.shown(case).incidents} == {
        REGULATION: None,
        BOX1: closing.events[0].version,
    }


def test_a_hold_that_a_correction_makes_shorter_stays_closed(office: Office) -> None:
    case = held(office, "2026-02-24T10:00")
    office.done("take_custody", case, at="2026-02-26T13:00")
    for name in (REGULATION, BOX1):
        office.done("close_incident", case, incident=name)
    version = str(office.kinds(case).index("custody_taken") + 1)
    office.done("correct", case, version=version, values={"at": "2026-02-26T11:00"})
    found = office.shown(case).incidents
    assert all(each.closed_by and "ended 1 h 00 min past" in each.sentence for each in found)


def test_a_correction_of_something_else_leaves_an_incident_closed(office: Office) -> None:
    case = held(office, "2026-02-24T10:00")
    office.done("take_custody", case, at="2026-02-26T11:00")
    for name in (REGULATION, BOX1):
        office.done("close_incident", case, incident=name)
    office.done("correct", case, version="1", values={"offence": "theft"})
    assert all(each.closed_by for each in office.shown(case).incidents)


def test_a_closed_incident_stays_closed_when_a_correction_takes_it_away(office: Office) -> None:
    case = held(office, "2026-02-24T10:00")
    office.done("take_custody", case, at="2026-02-26T11:00")
    for name in (REGULATION, BOX1):
        office.done("close_incident", case, incident=name)
    version = str(office.kinds(case).index("custody_taken") + 1)
    office.done("correct", case, version=version, values={"at": "2026-02-26T09:00"})
    found = office.shown(case).incidents
    assert [each.id for each in found] == [REGULATION, BOX1]
    assert all(each.closed_by and each.corrected_by for each in found)
    office.done("close", case)


def test_an_incident_that_a_correction_opens_in_a_closed_case_can_be_closed(office: Office) -> None:
    case = office.walk("closed")
    version = office.kinds(case).index("custody_taken") + 1
    office.done("correct", case, version=str(version), values={"at": "2026-02-28T10:00"})
    assert incidents(office, case) == [REGULATION, BOX1]
    for name in (REGULATION, BOX1):
        office.done("close_incident", case, incident=name)


def test_a_correction_of_the_form_does_not_hide_a_running_hold(office: Office) -> None:
    case = office.walk("held")
    version = office.kinds(case).index("issued") + 1
    office.done("correct", case, version=str(version), values={"form": "I-247G", "covered_by_gonzalez": "yes"})
    assert office.stage(case) == "held"
    assert [hold.case for hold in queue(office)] == [case]


@pytest.mark.parametrize(
    ("stage", "kind", "by", "wrong", "right"),
    [
        ("issued", "arrest_recorded", OFFICER, {"arrest_kind": "stop"}, {"arrest_kind": "arrest"}),
        ("ended", "custody_taken", OFFICER, {"at": "2026-02-28T10:00"}, {"at": "2026-02-26T10:00"}),
    ],
)
def test_an_incident_that_a_correction_takes_away_again_stays_until_somebody_closes_it(
    office: Office, stage: str, kind: str, by: str, wrong: dict[str, Any], right: dict[str, Any]
) -> None:
    case = office.walk(stage)
    version = str(office.kinds(case).index(kind) + 1)
    office.done("correct", case, by=by, version=version, values=wrong)
    listed = office.record.incidents(SUPERVISOR)
    assert not isinstance(listed, Refused)
    assert [each.case for each in listed] == [case]
    office.done("correct", case, by=by, version=version, values=right)
    assert office.record.incidents(SUPERVISOR) == listed
    for each in office.shown(case).incidents:
        assert each.corrected_by is not None
        if office.stage(case) != "ended":
            office.done("take_custody", case)
        office.done("close_incident", case, incident=each.id)
    assert office.record.incidents(SUPERVISOR) == ()
    before = office.everything()["view"]
    rebuild(office.record)
    assert office.everything()["view"] == before


# ---------------------------------------------------------------- holds that nothing allows


def why_no_hold(office: Office, case: str) -> str:
    try:
        found = office.do("begin_hold", case)
    except BadInput as error:
        return str(error.do)
    assert isinstance(found, Refused)
    return found.reason


@pytest.mark.parametrize(
    ("before", "incident"),
    [
        (
            (("answer", {"answer": "decline", "reason": "state_law", "legal_basis": "none_stated"}),),
            "held-against/answer",
        ),
        ((("answer", {"answer": "notify_only"}),), "held-against/answer"),
        ((("indicate_citizenship", {"by": AGENCY}),), "held-against/16001.2/usc-claim"),
    ],
)
def test_a_hold_that_is_refused_and_happens_is_recorded_with_an_incident(
    office: Office, before: tuple[tuple[str, dict[str, Any]], ...], incident: str
) -> None:
    case = office.done("receive").case
    for kind, changed in before:
        office.done(kind, case, **changed)
    stage = office.stage(case)
    assert "despite=" in why_no_hold(office, case)
    assert office.stage(case) == stage
    office.done("begin_hold", case, despite="The night shift had not seen it.")
    assert [hold.case for hold in queue(office)] == [case]
    assert incident in incidents(office, case)
    listed = office.record.incidents(SUPERVISOR)
    assert not isinstance(listed, Refused)
    assert incident in listed[0].incidents
    office.done("release", case)
    with pytest.raises(BadInput, match="open incident"):
        office.do("close", case)


@pytest.mark.parametrize(
    ("received", "incident"),
    [({"form": "I-247G"}, "hold-past/no-detention"), ({"box1": "no", "box2": "yes"}, "held-against/box-1")],
)
def test_a_hold_on_a_detainer_that_asks_for_none_is_recorded_with_an_incident(
    office: Office, received: dict[str, Any], incident: str
) -> None:
    case = office.done("receive", **received).case
    assert "despite=" in office.refused("begin_hold", case).reason
    office.done("begin_hold", case, despite="Nobody looked at the form.")
    assert incident in incidents(office, case)


def test_nothing_is_said_of_what_forbids_a_hold_where_nothing_does(office: Office) -> None:
    case = office.walk("answered")
    with pytest.raises(BadInput, match="Nothing that the record knows forbids this hold") as raised:
        office.do("begin_hold", case, despite="To be sure.")
    assert raised.value.where == {"field": "despite"}


def test_a_hold_that_the_states_law_bars_is_told_at_once_and_is_an_incident(office: Office) -> None:
    agency = Agency(id="pine-jail", name="Pine County Jail", state="IL", zone="America/Chicago")
    assert add_agency(office.record, ADMINISTRATOR, agency) is None
    assert add_actor(office.record, ADMINISTRATOR, name="jil", role="receiving_agency", agency=agency.id) is None
    case = office.done("receive", by="jil", agency=agency.id).case
    began = office.done("begin_hold", case, by="jil")
    assert began.warnings == ("The agency held the person, which the state's instrument bars.",)
    (found,) = [each for each in office.shown(case).findings if each.rule == "state/no-hold"]
    assert found.result == "not_met"
    assert "held-against/state/no-hold" in incidents(office, case)
    office.done("release", case, by="jil")
    before = office.everything()["view"]
    rebuild(office.record)
    assert office.everything()["view"] == before


def test_a_hold_goes_on_from_its_first_beginning_when_another_detainer_takes_the_place_of_its_own(
    office: Office,
) -> None:
    first = held(office, "2026-02-27T21:00")
    second = office.walk("served")
    office.done("supersede", first, by_case=second, at="2026-03-01T10:00")
    office.done("begin_hold", second, at="2026-03-01T10:00")
    assert [(hold.case, hold.began_at.day) for hold in queue(office)] == [(first, 27), (second, 1)]
    with pytest.raises(BadInput, match="This case took the place of that one") as raised:
        office.do("supersede", second, by_case=first, at="2026-03-01T11:00")
    assert raised.value.where == {"field": "by_case"}
    with pytest.raises(BadInput, match="when that hold ended is not recorded"):
        office.do("close", first)
    office.done("end_hold", first, at="2026-03-01T22:00", how="custody_taken")
    assert incidents(office, first) == [BOX1]


def test_an_end_that_is_recorded_after_the_limit_does_not_undo_what_the_queue_showed(office: Office) -> None:
    case = held(office, "2026-03-01T10:00")
    office.clock.forward(hours=30)
    office.done("release", case, at="2026-03-03T09:00")
    assert incidents(office, case) == ["end-recorded-late"]
    with pytest.raises(BadInput, match="open incident"):
        office.do("close", case)
    # What was recorded when it was over already was in no queue.
    later = held(office, "2026-02-20T18:00")
    office.done("release", later, at="2026-02-21T18:00")
    assert incidents(office, later) == []


def test_what_is_remembered_of_a_case_goes_by_the_agency_as_it_is_now(office: Office) -> None:
    case = held(office, "2026-03-01T10:00")
    agency = replace(OAK, state="IL", zone="America/Denver")
    assert change_agency(office.record, ADMINISTRATOR, agency, reason="Typed wrongly.") is None
    for kind, changed in (("serve_person", {}), ("release", {"at": "2026-03-02T08:00"})):
        office.done(kind, case, **changed)
        assert held_against_events(office.record).stale_cases == ()
    assert incidents(office, case) == ["held-against/state/no-hold"]


def test_a_running_hold_past_its_limit_is_among_the_incidents_with_all_that_its_case_shows(office: Office) -> None:
    case = office.walk("held")
    found = office.record.incidents(AUDITOR)
    assert not isinstance(found, Refused)
    assert [(each.case, set(each.incidents)) for each in found] == [
        (case, {each.id for each in office.shown(case).incidents})
    ]
    office.done("lift", case, at="2026-03-01T10:00")
    found = office.record.incidents(AUDITOR)
    assert not isinstance(found, Refused)
    assert "held-after-lift" in found[0].incidents
    office.clock.at = datetime(2026, 2, 26, 10, 0, tzinfo=UTC)
    within = office.record.incidents(AUDITOR)
    assert not isinstance(within, Refused)
    assert within == ()


def test_what_a_release_ends_is_not_told_as_taken_away_by_a_correction_of_something_else(office: Office) -> None:
    case = office.walk("held")
    office.done("correct", case, version="1", values={"offence": "theft"})
    office.done("release", case, at="2026-02-26T10:00")
    assert {each.corrected_by for each in office.shown(case).incidents} <= {None}


def test_a_review_that_is_corrected_to_one_that_did_not_approve_is_an_incident(office: Office) -> None:
    case = office.follow(*READY, "review", "issue")
    version = office.kinds(case).index("reviewed") + 1
    office.done("correct", case, by=SUPERVISOR, version=str(version), values={"approved": "no"})
    assert [each.id for each in office.shown(case).incidents] == ["not-met-after-correction/review"]


def test_notice_is_not_given_before_the_detainer_is_there(office: Office) -> None:
    case = office.walk("served")
    with pytest.raises(BadInput, match="before what it follows on: served on agency") as raised:
        office.do("expect_release", case, noticed_at="2026-02-20T13:59")
    assert raised.value.where == {"field": "noticed_at"}


def test_rows_of_incidents_of_before_overrides_were_marked_are_read_too(office: Office) -> None:
    case = office.walk("served")
    office.done("examine_citizenship", case, at="2026-02-21T11:00", result="citizen")
    tamper(office.record.ledger, "UPDATE view SET body = '[\"citizenship-found-after-issue\"]' WHERE view = 'incident'")
    found = office.record.incidents(AUDITOR)
    assert not isinstance(found, Refused)
    assert [(each.case, each.incidents, each.overridden) for each in found] == [
        (case, ("citizenship-found-after-issue",), ())
    ]
