"""A correction is a new event that names what it corrects and why; what was first recorded stays."""

from __future__ import annotations

from typing import Any

import pytest

from detainer_ledger.casework import Refused, rebuild
from detainer_ledger.ledger import verify
from detainer_ledger.terms import BadInput
from tests.casework.build import AGENCY, AUDITOR, OFFICER, OTHER_AGENCY, SUPERVISOR, Office


def version_of(office: Office, case: str, kind: str) -> str:
    """Return the number of the last event of a kind."""
    return str(max(event.version for event in office.events(case) if event.kind == kind))


def correct(office: Office, case: str, kind: str, by: str = OFFICER, **values: Any) -> None:
    office.done("correct", case, by=by, version=version_of(office, case, kind), values=values)


def test_what_was_recorded_stays_and_what_is_right_holds(office: Office) -> None:
    case = office.walk("issued")
    first = office.events(case)
    office.clock.forward(hours=1)
    done = office.done(
        "correct", case, version="1", values={"offence": "theft", "criminal_offence": "yes"}, reason="Misread."
    )
    assert office.events(case)[: len(first)] == first
    (event,) = done.events
    assert event.kind == "corrected"
    assert event.said() == {"version": 1, "values": {"offence": "theft"}, "reason": "Misread."}
    told = office.case(case).told[0]
    assert told.body["offence"] == "theft"
    assert told.corrected_by == (event.version,)
    assert office.events(case)[0].said()["offence"] == "burglary"
    office.done("correct", case, by=SUPERVISOR, version="1", values={"offence": "robbery"}, reason="Misread again.")
    told = office.case(case).told[0]
    assert (told.body["offence"], told.corrected_by) == ("robbery", (event.version, event.version + 1))
    assert verify(office.record.ledger).holds


def test_a_case_read_anew_is_what_its_corrections_made_of_it(office: Office) -> None:
    case = office.walk("held")
    correct(office, case, "hold_began", by=AGENCY, at="2026-02-25T12:00")
    correct(office, case, "issued", at="2026-02-20T13:30")
    correct(office, case, "arrest_recorded", offence="theft")
    other = office.again()
    found = other.show(case, AUDITOR)
    other.close()
    assert not isinstance(found, Refused)
    assert found.case == office.case(case)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"version": None}, "version"),
        ({"version": "0"}, "version"),
        ({"version": "99"}, "version"),
        ({"version": "6"}, "version"),
        ({"reason": None}, "reason"),
        ({"reason": " "}, "reason"),
        ({"values": None}, "values"),
        ({"values": {}}, "values"),
        ({"values": {"offence": "burglary"}}, "values"),
        ({"values": {"offence": "burglary", "at": "2026-02-20T16:00Z"}}, "values"),
        ({"values": {"at": "2026-03-02T10:00"}}, "values.at"),
        ({"values": {"at": "tomorrow"}}, "values.at"),
        ({"values": {"offence": "a\x00"}}, "values.offence"),
        ({"values": {"arrest_kind": "another"}}, "values.arrest_kind"),
        ({"values": {"agency": "elm-jail"}}, "values.agency"),
        ({"values": {"person": {"name": "Another (synthetic)"}}}, "values.person"),
        ({"values": {"stage": "issued"}}, "values.stage"),
        ({"values": {"clock_behind_seconds": "1"}}, "values.clock_behind_seconds"),
        ({"version": "5", "values": {"at": "2026-02-20T09:00"}}, "values.at"),
    ],
)
def test_a_correction_that_cannot_be_is_refused_and_nothing_is_stored(
    shared_office: Office, changed: dict[str, Any], field: str
) -> None:
    case = shared_office.walk("issued")
    shared_office.done("correct", case, values={"traffic_misdemeanor_only": "no"})
    before = shared_office.everything()
    with pytest.raises(BadInput) as raised:
        shared_office.do("correct", case, **changed)
    assert raised.value.where["field"] == field
    assert shared_office.everything() == before


@pytest.mark.parametrize(
    "kind", ["refused", "corrected", "incident_closed", "rule_overridden", "person_erased", "closed"]
)
def test_what_somebody_decided_is_not_corrected(shared_office: Office, kind: str) -> None:
    office = shared_office
    case = office.done("record_arrest").case
    office.refused("issue", case)
    office.done("override", case)
    for step in ("examine_citizenship", "establish_probable_cause", "attach_warrant", "issue", "serve_agency"):
        office.done(step, case)
    office.done("begin_hold", case)
    office.done("release", case, at="2026-02-27T10:00:01")
    for incident in office.shown(case).incidents:
        office.done("close_incident", case, incident=incident.id)
    office.done("correct", case)
    office.done("close", case)
    office.done("erase_person", case)
    for who in (OFFICER, SUPERVISOR, AGENCY):
        with pytest.raises(BadInput, match="is not corrected") as raised:
            office.do("correct", case, by=who, version=version_of(office, case, kind), values={"reason": "x"})
        assert raised.value.where == {"field": "version"}


@pytest.mark.parametrize(
    ("kind", "by", "values", "allowed"),
    [
        ("arrest_recorded", AGENCY, {"offence": "theft"}, False),
        ("issued", AGENCY, {"box1": "no"}, False),
        ("acknowledged", OFFICER, {"at": "2026-02-20T16:40"}, False),
        ("acknowledged", AGENCY, {"at": "2026-02-20T16:40"}, True),
        ("hold_began", SUPERVISOR, {"at": "2026-02-25T10:30"}, False),
        ("hold_began", AGENCY, {"at": "2026-02-25T10:30"}, True),
        ("issued", SUPERVISOR, {"at": "2026-02-20T13:05"}, True),
    ],
)
def test_an_event_is_corrected_by_those_who_record_it(
    shared_office: Office, kind: str, by: str, values: dict[str, Any], allowed: bool
) -> None:
    case = shared_office.walk("held")
    if allowed:
        correct(shared_office, case, kind, by=by, **values)
        return
    with pytest.raises(BadInput, match="corrected by those who record it"):
        correct(shared_office, case, kind, by=by, **values)


def test_a_correction_by_another_agency_an_auditor_or_an_administrator_is_denied(shared_office: Office) -> None:
    case = shared_office.walk("held")
    before = shared_office.events(case)
    for who in (OTHER_AGENCY, AUDITOR, "ada"):
        shared_office.refused("correct", case, by=who)
    assert shared_office.events(case) == before


def test_a_correction_changes_the_list_of_cases_too(office: Office) -> None:
    case = office.walk("answered")
    correct(office, case, "issued", at="2026-02-20T13:45")
    correct(office, case, "answered", by=AGENCY, answer="notify_only")
    row = office.record.ledger.view_row("case", case)
    assert row is not None
    assert '"answer":"notify_only"' in row.body
    assert '"issued_on":"2026-02-20"' in row.body
    before = office.everything()["view"]
    rebuild(office.record)
    assert office.everything()["view"] == before


def test_a_correction_can_take_out_what_should_not_have_been_said(office: Office) -> None:
    case = office.walk("served")
    office.done("answer", case, answer="decline", reason="state_law", legal_basis="none_stated")
    correct(office, case, "answered", by=AGENCY, answer="honor", reason=None, legal_basis=None)
    body = office.case(case).told[-2].body
    assert body["answer"] == "honor"
    assert body.get("reason") is None


@pytest.mark.parametrize(
    ("by", "values"),
    [
        (AGENCY, {"answer": "decline"}),
        (AGENCY, {"answer": "decline", "reason": "state_law"}),
        (AGENCY, {"reason": "state_law"}),
        (OFFICER, {"answer": "notify_only"}),
        (AGENCY, {"answer": "decline", "reason": "state_law", "legal_basis": "ca-values-2018"}),
    ],
)
def test_a_corrected_answer_is_one_that_could_have_been_given(office: Office, by: str, values: dict[str, Any]) -> None:
    case = office.walk("answered")
    with pytest.raises(BadInput):
        correct(office, case, "answered", by=by, **values)


@pytest.mark.parametrize(
    "values", [{"answer": "decline", "reason": "state_law", "legal_basis": "none_stated"}, {"answer": "notify_only"}]
)
def test_a_hold_on_an_answer_that_is_corrected_to_one_against_it_is_an_incident(
    office: Office, values: dict[str, Any]
) -> None:
    case = office.walk("held")
    correct(office, case, "answered", by=AGENCY, **values)
    assert "held-against/answer" in [each.id for each in office.shown(case).incidents]


@pytest.mark.parametrize(
    ("kind", "by", "at"),
    [
        ("arrest_recorded", OFFICER, "2026-02-20T13:30"),
        ("probable_cause_established", OFFICER, "2026-02-20T13:30"),
        ("issued", OFFICER, "2026-02-20T14:30"),
        ("served_on_agency", OFFICER, "2026-02-25T10:30"),
    ],
)
def test_a_time_is_not_corrected_to_one_after_what_follows_on_it(office: Office, kind: str, by: str, at: str) -> None:
    case = office.walk("held")
    with pytest.raises(BadInput) as raised:
        correct(office, case, kind, by=by, at=at)
    assert raised.value.where["field"] == "values.at"


def test_a_hold_is_not_corrected_to_begin_after_its_end(office: Office) -> None:
    case = office.follow("receive", "begin_hold", "release")
    try:
        correct(office, case, "hold_began", by=AGENCY, at="2026-02-27T10:00")
    except BadInput:
        return
    office.shown(case)


def test_a_detainer_is_not_received_before_the_day_on_which_it_was_issued(office: Office) -> None:
    with pytest.raises(BadInput) as raised:
        office.do("receive", at="2026-02-19T10:00")
    assert raised.value.where == {"field": "issued_on"}


def test_a_message_about_a_field_that_cannot_be_corrected_has_no_control_characters(office: Office) -> None:
    case = office.walk("issued")
    with pytest.raises(BadInput) as raised:
        office.do("correct", case, values={"\x1b[2J": "x"})
    assert all(character.isprintable() or character == "\n" for character in raised.value.message())


@pytest.mark.parametrize(
    ("kind", "by", "values"),
    [
        ("answered", OFFICER, {"answer": "no_answer"}),
        ("issued", AGENCY, {"box1": "no"}),
        ("citizenship_examined", AGENCY, {"result": "unfounded"}),
    ],
)
def test_what_one_side_recorded_is_not_corrected_by_the_other(
    office: Office, kind: str, by: str, values: dict[str, str]
) -> None:
    case = office.walk("answered")
    version = str(office.kinds(case).index(kind) + 1)
    before = office.kinds(case)
    with pytest.raises(BadInput, match=r"corrected by|alone corrects"):
        office.do("correct", case, by=by, version=version, values=values)
    assert office.kinds(case) == before


def test_a_claim_of_citizenship_after_a_correction_is_in_the_queue_as_in_the_case(office: Office) -> None:
    case = office.walk("issued")
    office.done("correct", case, values={"offence": "theft"})
    office.done("indicate_citizenship", case, at="2026-02-21T10:00")
    before = office.everything()["view"]
    rebuild(office.record)
    assert office.everything()["view"] == before
    assert office.shown(case).incidents == ()


def test_whether_a_detainer_is_issued_is_not_for_the_agency(office: Office) -> None:
    case = office.walk("arrest_recorded")
    with pytest.raises(BadInput, match="not for the agency"):
        office.do("close", case, by=AGENCY, reason="No detainer is wanted.")
    assert office.stage(case) == "arrest_recorded"
