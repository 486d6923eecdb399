"""Screening cases in a record: how they begin, what fits them, who is kept apart, what is repeated and corrected."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from detainer_ledger.casework import Act, Command, Done, Field, Refused, screening_command_kinds, screening_stages
from detainer_ledger.casework.comparing import held_against_events
from detainer_ledger.casework.screening import Screenings, illustrative_protocol
from detainer_ledger.ledger import Conflict, check_proof, read_checkpoint, readable_persons, verify
from detainer_ledger.terms import BadInput
from tests.casework.build import ADMINISTRATOR, AGENCY, AUDITOR, OFFICER, PERSON, SUPERVISOR, Office, with_changes
from tests.casework.screening.build import BEGIN, GIVEN, READY, WAY, Room, protocol_text
from tests.casework.test_bad_input import BAD, STORED


def refusal(room: Room, kind: str, case: str | None = None, *, by: str | None = None, **changed: Any) -> BadInput:
    """Give a command that cannot be understood or does not fit, see that nothing is stored, and return the error."""
    before = room.office.everything()
    with pytest.raises(BadInput) as raised:
        room.do(kind, case, by=by, **changed)
    assert room.office.everything() == before
    assert raised.value.do
    return raised.value


# ---------------------------------------------------------------- the table of commands


def test_the_life_of_a_screening_case_is_told_by_its_table() -> None:
    kinds, stages = screening_command_kinds(), screening_stages()
    assert set(kinds) == set(GIVEN)
    assert list(stages) == ["in_custody", "under_supervision", "closed"]
    for kind in kinds.values():
        assert set(kind.from_stages) <= {"none", *stages}, kind.id
        assert kind.to_stage is None or kind.to_stage in stages
        assert kind.roles <= {"issuing_officer", "supervisor"}
    assert len({kind.event for kind in kinds.values()}) == len(kinds)


LEADS_TO = {
    "begin": "in_custody",
    "release_to_supervision": "under_supervision",
    "return_to_custody": "in_custody",
    "end": "closed",
    "void": "closed",
}


@pytest.mark.parametrize("stage", WAY)
@pytest.mark.parametrize("kind", [kind for kind in GIVEN if kind != "begin"])
def test_a_command_is_done_from_its_stages_alone(shared_room: Room, kind: str, stage: str) -> None:
    case = shared_room.begin(*WAY[stage])
    if kind == "document" and stage != "closed":
        shared_room.done("do_step", case)
    may = stage in screening_command_kinds()[kind].from_stages
    changed = {"by": SUPERVISOR} if kind == "second_review" else {}
    if may:
        shared_room.done(kind, case, **changed)
        assert shared_room.shown(case).case.stage == LEADS_TO.get(kind, stage)
        return
    assert "There is no" in refusal(shared_room, kind, case, **changed).what


def test_a_case_is_begun_once_and_every_other_command_is_given_on_a_case(room: Room) -> None:
    case = room.begin()
    assert "There is no begin on a case that is in custody." in refusal(room, "begin", case).what
    for kind in GIVEN:
        if kind != "begin":
            assert refusal(room, kind).where == {"field": "command"}
            assert refusal(room, kind, "S-NOTHING").where == {"field": "case"}
    assert "did you mean 'do_step'?" in refusal_of_kind(room, "dostep").do
    assert "screening commands" in refusal_of_kind(room, "zzz").do


def refusal_of_kind(room: Room, kind: str) -> BadInput:
    with pytest.raises(BadInput) as raised:
        room.give(OFFICER, kind, None, {})
    return raised.value


# ---------------------------------------------------------------- beginning


def test_a_case_says_the_office_the_zone_and_the_version_that_it_begins_under(room: Room) -> None:
    case = room.begin()
    (event,) = room.events(case)
    said = dict(event.said())
    assert said.pop("person") not in {None, ""}
    assert said == {
        "at": "2026-02-02T09:00:00-06:00",
        "office": "St. Paul (synthetic)",
        "zone": "America/Chicago",
        "protocol": "illustrative@1",
    }
    assert case.startswith("S-")
    shown = room.shown(case)
    assert (shown.case.stage, shown.protocol.name, shown.detainer) == ("in_custody", "illustrative@1", None)


BAD_BEGINNINGS: list[tuple[dict[str, Any], str]] = [
    ({"zone": None}, "at"),
    ({"zone": None, "at": "2026-02-02T09:00-06:00"}, "zone"),
    ({"zone": "CST"}, "zone"),
    ({"zone": 7}, "zone"),
    ({"zone": ["America/Chicago"]}, "zone"),
    ({"at": "2026-03-02T09:01"}, "at"),
    ({"at": "2026-03-08T02:30"}, "at"),
    ({"at": "2026-02-02"}, "at"),
    ({"at": None}, "at"),
    ({"office": None}, "office"),
    ({"at": "2003-02-28T12:00"}, "at"),
    ({"detainer": "D-NOTHING"}, "detainer"),
    ({"detainer": "D-\x00"}, "detainer"),
    ({"detainer": "D-\ud800"}, "detainer"),
    ({"detainer": ["D-1"]}, "detainer"),
    ({"detainer": "'; DROP TABLE entry; --"}, "detainer"),
    ({"detainer": "x" * 1_000_000}, "detainer"),
    ({"protocol": "illustrative@2"}, "protocol"),
]


def test_a_case_that_cannot_begin_so_is_refused_with_the_field(room: Room) -> None:
    for changed, field in BAD_BEGINNINGS:
        assert refusal(room, "begin", **changed).where["field"] == field, changed


def test_a_record_without_a_protocol_begins_no_case(office: Office) -> None:
    error = refusal(Room(office), "begin")
    assert "adopted no protocol" in error.what
    assert "detainer screening adopt" in error.do


def test_a_case_of_a_detainer_shares_its_person_its_zone_and_its_id(room: Room) -> None:
    detainer = room.taken()
    case = room.begin(at="2026-02-26T10:00", detainer=detainer, person=None, zone=None)
    assert case == "S-" + detainer.removeprefix("D-")
    said = room.events(case)[0].said()
    assert (said["zone"], said["detainer"]) == ("America/Chicago", detainer)
    assert said["person"] == room.office.events(detainer)[0].said()["person"]
    shown = room.shown(case)
    assert shown.detainer is not None
    assert [told.kind for told in shown.detainer.told][-1] == "custody_taken"
    assert room.screenings.person(case, AUDITOR, purpose="to test") == PERSON
    assert "erase them there" in refusal(room, "erase_person", case).do
    room.office.done("close", detainer)
    room.office.done("erase_person", detainer)
    assert room.screenings.person(case, AUDITOR, purpose="to test") is None
    assert held_against_events(room.office.record).n_unread_persons == 0


def test_a_detainer_has_one_case_and_another_where_that_one_was_voided(room: Room) -> None:
    detainer = room.taken()
    begin = {"at": "2026-02-26T10:00", "detainer": detainer, "person": None}
    first = room.begin(**begin)
    error = refusal(room, "begin", **begin)
    assert (error.where, first in error.do) == ({"field": "detainer"}, True)
    room.done("void", first)
    second = room.begin(**begin)
    assert second == f"{first}-2"
    assert second in refusal(room, "begin", **begin).do
    room.done("void", second)
    assert room.begin(**begin) == f"{first}-3"


@pytest.mark.parametrize("answer", ["decline", "honor"])
def test_nobody_is_screened_on_a_detainer_that_led_to_no_custody(room: Room, answer: str) -> None:
    office = room.office
    reason = {"reason": "state_law", "legal_basis": "none_stated"} if answer == "decline" else {}
    detainer = office.walk("acknowledged")
    office.done("answer", detainer, answer=answer, **reason)
    begin = {"at": "2026-02-27T10:00", "detainer": detainer, "person": None}
    assert "No custody is recorded" in refusal(room, "begin", **begin).what
    office.done("release", detainer)
    assert "nobody is screened" in refusal(room, "begin", **begin).what


def test_screening_begins_with_custody_and_not_before_it(room: Room) -> None:
    detainer = room.taken()
    error = refusal(room, "begin", at="2026-02-26T09:59", detainer=detainer, person=None)
    assert error.where == {"field": "at"}
    assert "2026-02-26T10:00-06:00" in error.what
    case = room.begin(at="2026-02-26T10:00", detainer=detainer, person=None)
    error = refusal(room, "correct", case, values={"at": "2026-02-25T10:00"})
    assert error.where == {"field": "values.at"}
    room.done("correct", case, values={"at": "2026-02-26T12:00"})


def test_the_person_of_a_detainer_is_not_given_again(room: Room) -> None:
    detainer = room.taken()
    assert refusal(room, "begin", at="2026-02-26T10:00", detainer=detainer).where == {"field": "person"}


# ---------------------------------------------------------------- what fits


def test_a_step_is_one_of_the_protocol_that_the_case_follows(room: Room) -> None:
    case = room.begin()
    error = refusal(room, "do_step", case, step="inital-checks")
    assert error.where == {"field": "step"}
    assert error.do == "did you mean 'initial-checks'?"
    assert "it has initial-checks, authority-contacted" in refusal(room, "do_step", case, step="zzz").do
    for kind in ("record_result", "notify", "document"):
        assert refusal(room, kind, case, step="zzz").where == {"field": "step"}
    assert refusal(room, "second_review", case, step="zzz").where == {"field": "step"}


def test_the_protocol_says_by_whom_a_step_is_done_and_the_refusal_is_recorded(room: Room) -> None:
    case = room.begin()
    for kind, changed in (("do_step", {"step": "oversight-review"}), ("notify", {"step": "oversight-review"})):
        before = room.events(case)
        refused = room.refused(kind, case, **changed)
        assert refused.reason == "The protocol gives the step oversight-review to: supervisor."
        assert room.events(case) == before
        assert room.office.access(OFFICER)[-1][0] == "denied"
        room.done(kind, case, by=SUPERVISOR, **changed)


def test_a_check_that_was_not_run_says_why_and_no_other_answer_does(room: Room) -> None:
    case = room.begin()
    assert refusal(room, "record_result", case, result="not_run").where == {"field": "reason"}
    assert refusal(room, "record_result", case, result="no_match", reason="x").where == {"field": "reason"}
    room.done("record_result", case, result="not_run", reason="The network was down.")
    for result in ("no_match", "pending_authority", "confirmed_by_authority", "not_confirmed"):
        room.done("record_result", case, result=result)
    assert refusal(room, "record_result", case, result="match").where == {"field": "result"}


def test_references_are_added_to_what_was_done(room: Room) -> None:
    case = room.begin()
    assert refusal(room, "document", case).where == {"field": "step"}
    room.done("do_step", case, evidence=None)
    assert refusal(room, "document", case, at="2026-02-02T10:59").where == {"field": "step"}
    assert room.statuses(case)["initial-checks"] == ["undocumented"]
    room.done("document", case)
    assert room.statuses(case)["initial-checks"] == ["in_time"]
    assert room.statuses(case, at="2026-02-03T00:00-06:00")["initial-checks"] == ["undocumented"]


def test_a_second_review_is_by_somebody_who_recorded_nothing_of_what_is_reviewed(room: Room) -> None:
    case = room.begin("do_step")
    room.done("record_result", case, by=SUPERVISOR)
    assert refusal(room, "second_review", case).where == {"field": "as"}
    decided = room.begin("do_step")
    room.done("decide_custody", decided, by=SUPERVISOR)
    assert refusal(room, "second_review", decided).where == {"field": "as"}
    other = room.begin("do_step")
    assert refusal(room, "second_review", other, outcome="not_in_order").where == {"field": "reason"}
    room.done("second_review", other, outcome="not_in_order", reason="No reference.")
    room.done("second_review", other, step="oversight-review", evidence="file-9")
    assert room.statuses(other)["oversight-review"] == ["in_time"]


@pytest.mark.parametrize(
    ("kinds", "kind", "at"),
    [
        ((), "do_step", "2026-02-02T08:59"),
        ((), "record_result", "2026-02-02T08:59"),
        ((), "notify", "2026-02-02T08:59"),
        ((), "decide_custody", "2026-02-02T08:59"),
        ((), "second_review", "2026-02-02T08:59"),
        ((), "release_to_supervision", "2026-02-02T08:59"),
        ((), "end", "2026-02-02T08:59"),
        (("do_step",), "document", "2026-02-02T08:59"),
        (("release_to_supervision",), "return_to_custody", "2026-02-05T08:59"),
        (("release_to_supervision",), "end", "2026-02-05T08:59"),
        (("release_to_supervision", "return_to_custody"), "release_to_supervision", "2026-02-10T08:59"),
    ],
)
def test_nothing_happens_before_what_it_follows_on_nor_in_the_future(
    room: Room, kinds: tuple[str, ...], kind: str, at: str
) -> None:
    case = room.begin(*kinds)
    error = refusal(room, kind, case, at=at)
    assert (error.where, "before what it follows on" in error.what) == ({"field": "at"}, True)
    error = refusal(room, kind, case, at="2026-03-02T09:01")
    assert (error.where, "in the future" in error.what) == ({"field": "at"}, True)


# ---------------------------------------------------------------- versions of the protocol


def test_a_case_keeps_the_version_that_it_began_under_when_a_newer_one_is_adopted(room: Room) -> None:
    text = illustrative_protocol().text.replace('version = "1"', 'version = "3"').replace("hours = 24", "hours = 2")
    old = room.begin()
    room.adopt(text.replace("in_force_from = 2003-03-01", "in_force_from = 2026-02-10"))
    assert room.shown(old).protocol.name == "illustrative@1"
    assert room.shown(room.begin(at="2026-02-09T23:59")).protocol.name == "illustrative@1"
    assert room.shown(room.begin(at="2026-02-10T00:00")).protocol.name == "illustrative@3"
    # The day is that of the case's zone.
    assert room.shown(room.begin(at="2026-02-10T05:59Z")).protocol.name == "illustrative@1"
    room.done("do_step", old)
    assert room.statuses(old)["initial-checks"] == ["in_time"]
    moved = room.done("move_protocol", old, version="3")
    assert moved.events[0].said()["protocol"] == "illustrative@3"
    # It was done when the two hours of the newer version ran out, which is in time.
    assert room.statuses(old)["initial-checks"] == ["in_time"]
    assert room.statuses(old)["oversight-review"] == ["missing"]
    assert held_against_events(room.office.record).stale_cases == ()


def test_a_case_is_moved_to_a_version_that_there_is_and_that_it_does_not_follow(room: Room) -> None:
    case = room.begin()
    assert refusal(room, "move_protocol", case, version="9").where == {"field": "version"}
    assert refusal(room, "move_protocol", case, version="illustrative@1").where == {"field": "version"}
    assert refusal(room, "move_protocol", case, reason=None).where == {"field": "reason"}
    room.done("do_step", case, at="2026-02-03T12:00")
    assert room.statuses(case)["initial-checks"] == ["late"]
    room.done("move_protocol", case)
    assert room.statuses(case)["initial-checks"] == ["in_time"]
    room.done("move_protocol", case, version="illustrative@1")
    assert room.statuses(case)["initial-checks"] == ["late"]


def test_what_a_newer_version_has_no_more_is_in_no_list_and_stays_to_be_seen_and_corrected(room: Room) -> None:
    room.adopt(protocol_text({"id": "other"}, in_force_from="2027-01-01"))
    case = room.begin("do_step")
    room.done("move_protocol", case, version="test@1")
    assert room.statuses(case) == {"other": ["not_due"]}
    assert [told.kind for told in room.shown(case).case.told] == ["screening_began", "step_done", "protocol_moved"]
    room.done("correct", case, version="2", values={"at": "2026-02-02T11:05"})
    assert refusal(room, "do_step", case).where == {"field": "step"}


# ---------------------------------------------------------------- corrections


def test_a_value_that_is_put_right_changes_the_status_and_both_stay_to_be_seen(room: Room) -> None:
    case = room.begin("do_step")
    room.done("correct", case, version="2", values={"at": "2026-02-04T11:00"})
    assert room.statuses(case)["initial-checks"] == ["late"]
    room.done("correct", case, version="2", values={"evidence": ""})
    assert room.statuses(case)["initial-checks"] == ["undocumented"]
    room.done("correct", case, version="2", values={"step": "authority-contacted"})
    assert room.statuses(case)["initial-checks"] == ["missing"]
    told = room.shown(case).case.told[1]
    assert told.corrected_by == (3, 4, 5)
    assert room.events(case)[1].said()["at"] == "2026-02-02T11:00:00-06:00"
    assert held_against_events(room.office.record).stale_cases == ()


def test_a_result_that_is_put_right_makes_due_what_follows_on_it(room: Room) -> None:
    case = room.begin("do_step", "record_result")
    assert room.statuses(case)["authority-contacted"] == ["missing"]
    room.done("correct", case, version="3", values={"result": "no_match"})
    assert room.statuses(case)["authority-contacted"] == ["not_applicable"]
    room.done("correct", case, version="3", values={"result": "not_run", "reason": "The network was down."})
    assert room.statuses(case)["initial-checks"] == ["missing"]
    room.done("correct", case, version="3", values={"result": "not_confirmed", "reason": ""})
    assert room.statuses(case)["initial-checks"] == ["in_time"]


@pytest.mark.parametrize(
    ("kinds", "version", "values", "field"),
    [
        (("do_step",), "2", {"step": "inital-checks"}, "values.step"),
        (("do_step",), "2", {"step": ""}, "values.step"),
        (("do_step",), "2", {"at": "2026-02-02T08:00"}, "values.at"),
        (("do_step",), "2", {"at": "2026-03-02T09:01"}, "values.at"),
        (("do_step",), "2", {"result": "no_match"}, "values.result"),
        (("record_result",), "2", {"result": "not_run"}, "values.reason"),
        (("record_result",), "2", {"reason": "why"}, "values.reason"),
        (("record_result",), "2", {"result": "match"}, "values.result"),
        (("second_review",), "2", {"outcome": "not_in_order"}, "values.reason"),
        ((), "1", {"person": {"name": "Another"}}, "values.person"),
        ((), "1", {"detainer": "D-1"}, "values.detainer"),
        ((), "1", {"zone": "America/New_York"}, "values.zone"),
        ((), "1", {"protocol": "illustrative@2"}, "values.protocol"),
        ((), "1", {"office": "St. Paul (synthetic)"}, "values"),
        (("do_step",), "1", {"at": "2026-03-02T09:01"}, "values.at"),
        (("release_to_supervision",), "1", {"at": "2026-02-06T09:00"}, "values.at"),
        (("move_protocol",), "2", {"version": "1"}, "version"),
        ((), "9", {"office": "Duluth"}, "version"),
    ],
)
def test_nothing_is_corrected_to_what_could_not_have_been_said(
    room: Room, kinds: tuple[str, ...], version: str, values: dict[str, Any], field: str
) -> None:
    case = room.begin(*kinds)
    assert refusal(room, "correct", case, by=SUPERVISOR, version=version, values=values).where["field"] == field


def test_what_the_protocol_gives_to_a_supervisor_is_corrected_by_a_supervisor(room: Room) -> None:
    case = room.begin("do_step")
    room.done("do_step", case, by=SUPERVISOR, step="oversight-review")
    for version, values in (("3", {"at": "2026-02-02T12:00"}), ("2", {"step": "oversight-review"})):
        refused = room.refused("correct", case, version=version, values=values)
        assert "gives the step oversight-review to: supervisor" in refused.reason
    room.done("correct", case, by=SUPERVISOR, version="3", values={"at": "2026-02-02T12:00"})
    # A second review belongs to supervisors, whatever the step.
    reviewed = room.begin("second_review")
    error = refusal(room, "correct", reviewed, version="2", values={"at": "2026-02-04T16:00"})
    assert "corrected by those who record it: supervisor" in error.what


# ---------------------------------------------------------------- keys and writers


def test_a_command_that_is_repeated_with_its_key_is_done_once(room: Room) -> None:
    screenings = room.screenings
    begin = Command(kind="begin", case=None, values=BEGIN, key="letter-1")
    first, again = screenings.do(begin, OFFICER), screenings.do(begin, OFFICER)
    assert isinstance(first, Done)
    assert isinstance(again, Done)
    assert (first.is_repeat, again.is_repeat, again.case, again.events) == (False, True, first.case, first.events)
    step = Command(kind="do_step", case=first.case, values=GIVEN["do_step"][1], key="letter-2")
    assert isinstance(screenings.do(step, OFFICER), Done)
    room.done("end", first.case)
    # Also after the case has gone on to where the command fits no more.
    again = screenings.do(step, OFFICER)
    assert isinstance(again, Done)
    assert again.is_repeat
    assert [event.kind for event in room.events(first.case)] == ["screening_began", "step_done", "screening_ended"]


@pytest.mark.parametrize(
    "changed",
    [
        {"values": with_changes(BEGIN, {"office": "Duluth"})},
        {"values": with_changes(BEGIN, {"person": {"name": "Another (synthetic)"}})},
        {"values": with_changes(BEGIN, {"person": None})},
        {"kind": "do_step", "case": "S-1"},
    ],
)
def test_a_key_that_was_used_for_something_else_is_refused(room: Room, changed: dict[str, Any]) -> None:
    given: dict[str, Any] = {"kind": "begin", "case": None, "values": BEGIN, "key": "letter-1"}
    room.screenings.do(Command(**given), OFFICER)
    before = room.office.everything()
    with pytest.raises(BadInput, match="was used for another command") as raised:
        room.screenings.do(Command(**{**given, **changed}), OFFICER)
    assert raised.value.where == {"field": "key"}
    assert PERSON["name"] not in raised.value.message()
    assert room.office.everything() == before


def test_the_key_of_a_command_on_a_detainer_is_none_for_a_screening_case(room: Room) -> None:
    case = room.begin()
    detainer = room.office.walk("arrest_recorded")
    void: dict[str, Any] = {"kind": "void", "values": {"reason": "Entered twice."}, "key": "letter-1"}
    assert isinstance(room.office.record.do(Command(case=detainer, **void), OFFICER), Done)
    with pytest.raises(BadInput, match="was used for another command"):
        room.screenings.do(Command(case=case, **void), OFFICER)
    assert room.shown(case).case.stage == "in_custody"


def test_whoever_has_seen_an_earlier_version_of_a_case_is_in_conflict(room: Room) -> None:
    case = room.begin("do_step")
    command = Command(kind="notify", case=case, values=GIVEN["notify"][1], version=1)
    with pytest.raises(Conflict, match="gone on to version 2"):
        room.screenings.do(command, OFFICER)
    assert len(room.events(case)) == 2


def test_of_two_writers_on_one_case_one_is_in_conflict(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    case = room.begin()
    other = Screenings(room.office.again())

    def meanwhile(*given: Any) -> Any:
        from detainer_ledger.casework.screening.protocols import protocols_of

        monkeypatch.undo()
        done = other.do(Command(kind="do_step", case=case, values=GIVEN["do_step"][1]), SUPERVISOR)
        assert isinstance(done, Done)
        return protocols_of(*given)

    monkeypatch.setattr("detainer_ledger.casework.screening.cases.protocols_of", meanwhile)
    with pytest.raises(Conflict):
        room.done("release_to_supervision", case)
    other.record.close()
    assert [event.kind for event in room.events(case)] == ["screening_began", "step_done"]
    room.done("release_to_supervision", case)


def test_many_who_begin_the_case_of_one_detainer_at_once_begin_one(room: Room) -> None:
    detainer = room.taken()
    values = with_changes(BEGIN, {"at": "2026-02-26T10:00", "detainer": detainer, "person": None})
    records = [room.office.again() for _ in range(4)]
    found: list[str] = []

    def begin(screenings: Screenings) -> None:
        try:
            done = screenings.do(Command(kind="begin", case=None, values=values), OFFICER)
            found.append("done" if isinstance(done, Done) else "refused")
        except (Conflict, BadInput) as error:
            found.append(type(error).__name__)

    threads = [threading.Thread(target=begin, args=(Screenings(each),)) for each in records]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for record in records:
        record.close()
    assert found.count("done") == 1
    assert set(found) <= {"done", "Conflict", "BadInput"}
    assert [event.kind for event in room.events("S-" + detainer[2:])] == ["screening_began"]


# ---------------------------------------------------------------- people


def test_personal_fields_are_kept_apart_and_encrypted_and_erased(room: Room) -> None:
    case = room.begin("do_step")
    office, screenings = room.office, room.screenings
    assert screenings.person(case, OFFICER, purpose="service of the copy") == PERSON
    person = room.events(case)[0].said()["person"]
    assert office.access(OFFICER)[-1] == (
        "person_read",
        {"case": case, "person": person, "purpose": "service of the copy"},
    )
    for table in office.everything().values():
        assert PERSON["name"] not in repr(table)
        assert PERSON["birth_date"] not in repr(table)
    room.done("erase_person", case)
    assert screenings.person(case, OFFICER, purpose="to see") is None
    assert "was erased before" in refusal(room, "erase_person", case).what
    assert readable_persons(office.record.ledger) == frozenset()
    assert held_against_events(office.record).n_unread_persons == 0
    assert verify(office.record.ledger).holds
    assert room.statuses(case)["initial-checks"] == ["in_time"]


def test_a_case_without_personal_fields_has_nobody_to_read_or_erase(room: Room) -> None:
    case = room.begin(person=None)
    assert room.screenings.person(case, AUDITOR, purpose="to see") is None
    assert "nothing is left" in refusal(room, "erase_person", case).do


def test_a_key_that_is_gone_without_an_erasure_is_found(room: Room) -> None:
    from tests.records import tamper

    room.begin()
    tamper(room.office.record.ledger, "DELETE FROM person_key")
    assert held_against_events(room.office.record).n_unread_persons == 1


def test_a_reading_without_a_purpose_is_none(room: Room) -> None:
    case = room.begin()
    before = room.office.everything()
    for purpose in ("", " ", "a\x00b", "x" * 2_001):
        with pytest.raises(BadInput) as raised:
            room.screenings.person(case, OFFICER, purpose=purpose)
        assert raised.value.where == {"field": "purpose"}
    assert room.office.everything() == before


@pytest.mark.parametrize("who", [AGENCY, ADMINISTRATOR])
def test_who_may_not_read_screening_does_not_learn_which_cases_there_are(room: Room, who: str) -> None:
    case = room.begin()
    for asked in (case, "S-NOTHING"):
        found = (
            room.screenings.show(asked, who),
            room.screenings.person(asked, who, purpose="to see"),
            room.screenings.proof(asked, who),
        )
        assert all(isinstance(each, Refused) for each in found)
        assert {each.reason for each in found if isinstance(each, Refused)} == {
            f"The role {'receiving agency' if who == AGENCY else 'administrator'} may not read screening."
        }
    assert [kind for kind, _ in room.office.access(who)] == ["denied"] * 6


def test_a_case_that_there_is_not_is_told_so(room: Room) -> None:
    screenings = room.screenings
    for asked in ("", "S-NOTHING", "S-\x00", "S-\ud800", "D-1", "x" * 100_000, "%", "'"):
        with pytest.raises(BadInput, match="There is no such case"):
            screenings.show(asked, AUDITOR)
        with pytest.raises(BadInput, match="There is no such case"):
            screenings.person(asked, AUDITOR, purpose="to see")
        with pytest.raises(BadInput, match="There is no such case"):
            screenings.proof(asked, AUDITOR)


# ---------------------------------------------------------------- proofs


def test_a_case_is_proven_under_a_checkpoint_and_nothing_of_another(room: Room) -> None:
    case, other = room.begin("do_step", "record_result"), room.begin("do_step")
    proof = room.screenings.proof(case, AUDITOR)
    assert not isinstance(proof, Refused)
    assert other not in repr(proof)
    assert PERSON["name"] not in repr(proof)
    public = room.office.place.keys.public
    proven = check_proof(proof, public)
    assert [event["kind"] for event in proven.events] == ["screening_began", "step_done", "result_received"]
    assert {event["stream"] for event in proven.events} == {f"screening/{case}"}
    assert read_checkpoint(proof["checkpoint"], public).size >= 3
    assert verify(room.office.record.ledger).holds


def test_events_of_a_screening_case_that_were_changed_are_found(room: Room) -> None:
    from tests.records import tamper

    case = room.begin("do_step")
    ledger = room.office.record.ledger
    ledger.seal()
    assert verify(ledger).holds
    tamper(ledger, "UPDATE entry SET body = replace(body, '11:00', '09:30') WHERE stream = ?", f"screening/{case}")
    found = verify(ledger)
    assert not found.holds
    assert any(f"screening/{case}" in each.sentence for each in found.discrepancies)


def test_who_may_prove_but_not_read_screening_proves_none(room: Room) -> None:
    case = room.begin()
    found = room.screenings.proof(case, AGENCY)
    assert isinstance(found, Refused)
    kind, said = room.office.access(AGENCY)[-1]
    assert (kind, said["act"], said["case"]) == ("denied", Act.PROVE.value, case)


# ---------------------------------------------------------------- bad input


KIND_BAD = {**BAD, "step": BAD["line"], "zone": ["CST", "Mars/Olympus", 7, [], {}, "x" * 1_000_000, "a\x00b"]}


def fields() -> list[tuple[str, Field]]:
    return [(kind.id, field) for kind in screening_command_kinds().values() for field in kind.fields]


@pytest.mark.parametrize(("kind", "field"), [pytest.param(*each, id=f"{each[0]}-{each[1].name}") for each in fields()])
def test_a_value_that_its_field_does_not_allow_is_refused_with_the_field_and_nothing_is_stored(
    shared_room: Room, kind: str, field: Field
) -> None:
    case = None if kind == "begin" else shared_room.begin(*READY.get(kind, ()))
    who = GIVEN[kind][0]
    before = shared_room.office.everything()
    for bad in KIND_BAD[field.kind]:
        if bad == "" and field.optional:
            continue
        with pytest.raises(BadInput) as raised:
            shared_room.give(who, kind, case, with_changes(GIVEN[kind][1], {field.name: bad}))
        named = str(raised.value.where["field"])
        assert named == field.name or named.startswith(f"{field.name}."), (bad, raised.value.where)
        told = raised.value.message()
        assert raised.value.do
        assert len(told) < 1_000
        assert all(character.isprintable() or character == "\n" for character in told), told
    if not field.optional:
        for empty in (None, ""):
            with pytest.raises(BadInput) as raised:
                shared_room.give(who, kind, case, {**GIVEN[kind][1], field.name: empty})
            assert raised.value.where == {"field": field.name}
    assert shared_room.office.everything() == before


def test_any_text_can_be_in_every_text_of_a_case_and_comes_back_as_it_was_written(room: Room) -> None:
    for text in STORED:
        check_text(room, text)
    assert held_against_events(room.office.record).stale_cases == ()
    assert verify(room.office.record.ledger).holds


def check_text(room: Room, text: str) -> None:
    line = " ".join(text.split())
    case = room.begin(office=text, person={"name": text})
    room.done("do_step", case, evidence=[text])
    room.done("record_result", case, result="not_run", reason=text, evidence=[text])
    room.done("notify", case, whom=text)
    room.done("document", case, evidence=[text])
    room.done("decide_custody", case, reason=text)
    room.done("second_review", case, outcome="not_in_order", reason=text)
    room.done("move_protocol", case, reason=text)
    room.done("correct", case, values={"office": f"not {text}"[:2000]}, reason=text)
    shown = room.shown(case).case
    assert shown.beginning.body["office"] == f"not {line}"[:2000]
    assert room.events(case)[0].said()["office"] == line
    assert shown.said("notified", "whom") == line
    assert shown.said("documented", "evidence") == [text]
    assert [told.body["reason"] for told in shown.told if "reason" in told.body] == [text] * 5
    assert room.screenings.person(case, AUDITOR, purpose=text) == {"name": text}


def test_a_clock_that_stands_behind_is_told_and_marked(room: Room) -> None:
    case = room.begin()
    room.office.clock.forward(hours=-5)
    done = room.done("do_step", case)
    assert "behind the last event of the case" in done.warnings[0]
    assert done.events[0].said()["clock_behind_seconds"] == 5 * 3600


def test_what_is_done_and_does_nothing_for_its_step_is_told(room: Room) -> None:
    case = room.begin()
    assert room.done("do_step", case).warnings == ()
    for kind, changed in (
        ("do_step", {}),
        ("do_step", {"step": "supervision-checks"}),
        ("notify", {"step": "authority-contacted"}),
    ):
        (warning,) = room.done(kind, case, **changed).warnings
        assert warning == (
            f"The step {changed.get('step', 'initial-checks')} was not open then:"
            " this is recorded, and does nothing for it."
        )
    assert room.done("notify", case).warnings == ()


def test_a_result_of_a_step_that_nobody_recorded_as_done_says_so(room: Room) -> None:
    case = room.begin()
    assert room.done("record_result", case).warnings == (
        "That the step initial-checks was done is not recorded yet: a result alone does no step.",
    )
    room.done("do_step", case)
    assert room.done("record_result", case, at="2026-02-02T13:00").warnings == ()


def test_a_case_that_begins_after_the_custody_of_its_detainer_says_from_when_deadlines_run(room: Room) -> None:
    taken = room.taken()
    done = room.done("begin", at="2026-03-01T09:00", detainer=taken, person=None)
    (warning,) = done.warnings
    assert warning.startswith("Custody was taken on the detainer at 2026-02-26T10:00")
    assert "its deadlines run from then on" in warning
