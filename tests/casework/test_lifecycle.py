"""A case goes from stage to stage by the commands that its stage allows, and by no other."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from detainer_ledger.casework import Done, Refused, command_kinds, diagram, rebuild, stages
from detainer_ledger.ledger import verify
from detainer_ledger.terms import BadInput
from tests.casework.build import AGENCY, AUDITOR, GIVEN, OFFICER, READY, RECEIVED, SUPERVISOR, WAY, Office, with_changes

Step = tuple[str, dict[str, Any]]

ISSUED: tuple[Step, ...] = (*((kind, {}) for kind in READY), ("issue", {}))
SERVED: tuple[Step, ...] = (*ISSUED, ("serve_agency", {}))
HONORED: tuple[Step, ...] = (*SERVED, ("acknowledge", {}), ("answer", {}))

PATHS: dict[str, tuple[Step, ...]] = {
    "held on a detainer that is honored, and taken into custody": (
        *HONORED,
        ("serve_person", {}),
        ("expect_release", {}),
        ("begin_hold", {}),
        ("take_custody", {}),
        ("close", {}),
    ),
    "taken into custody before any release": (*HONORED, ("take_custody", {}), ("close", {})),
    "taken into custody before the detainer is served": (*ISSUED, ("take_custody", {}), ("close", {})),
    "reviewed, then issued": (
        *((kind, {}) for kind in READY),
        ("review", {}),
        ("review", {"reviewer": "neutral"}),
        ("issue", {}),
        ("lift", {}),
        ("close", {}),
    ),
    "an indication of citizenship that is examined and unfounded": (
        ("record_arrest", {}),
        ("indicate_citizenship", {}),
        ("examine_citizenship", {"result": "unfounded", "evidence": "interview-1,record-2"}),
        ("establish_probable_cause", {}),
        ("attach_warrant", {}),
        ("issue", {}),
        ("serve_agency", {}),
        ("release", {"by": OFFICER, "notice_given": None}),
        ("close", {}),
    ),
    "declined, and released": (
        *SERVED,
        ("answer", {"answer": "decline", "reason": "state_law", "legal_basis": "none_stated"}),
        ("expect_release", {}),
        ("release", {}),
        ("close", {"by": AGENCY, "reason": None}),
    ),
    "declined without a reason stated": (
        *SERVED,
        ("answer", {"answer": "decline", "reason": "not_stated", "legal_basis": "none_stated"}),
        ("release", {"notice_given": "no", "bail_posted_at": "2026-02-26T09:00"}),
        ("close", {}),
    ),
    "notice alone, and released on time": (
        *SERVED,
        ("acknowledge", {}),
        ("answer", {"answer": "notify_only"}),
        ("expect_release", {}),
        ("release", {}),
        ("close", {}),
    ),
    "no answer at first, then honored, then declined after all": (
        *SERVED,
        ("answer", {"by": OFFICER, "answer": "no_answer"}),
        ("answer", {"at": "2026-02-20T18:00"}),
        (
            "answer",
            {"at": "2026-02-20T19:00", "answer": "decline", "reason": "court_decision", "legal_basis": "none_stated"},
        ),
        ("release", {}),
        ("close", {}),
    ),
    "no answer, as an officer records, and released": (
        *SERVED,
        ("answer", {"by": OFFICER, "answer": "no_answer"}),
        ("release", {"by": SUPERVISOR}),
        ("close", {}),
    ),
    "held without any answer": (*SERVED, ("begin_hold", {}), ("release", {}), ("close", {})),
    "held until the hold ran out": (*HONORED, ("begin_hold", {}), ("expire", {}), ("close", {})),
    "lifted while the person is held, who is let go then": (
        *HONORED,
        ("begin_hold", {}),
        ("lift", {}),
        ("end_hold", {}),
        ("close", {}),
    ),
    "transferred to another agency": (*HONORED, ("transfer", {}), ("close", {})),
    "superseded by another detainer": (*HONORED, ("supersede", {}), ("close", {})),
    "entered by mistake": (("record_arrest", {}), ("void", {})),
    "received twice": (("receive", {}), ("answer", {}), ("void", {"by": AGENCY})),
    "closed without a detainer": (("record_arrest", {}), ("close", {"reason": "Charges were dropped."})),
    "received from outside, and lifted by whoever issued it": (
        ("receive", {}),
        ("acknowledge", {}),
        ("serve_person", {}),
        ("answer", {}),
        ("begin_hold", {}),
        ("record_lift", {}),
        ("end_hold", {"by": OFFICER}),
        ("close", {"by": AGENCY}),
    ),
    "received from outside, declined, and released": (
        ("receive", {"warrant_kind": "none", "warrant_signed_on": None, "bases": None}),
        ("answer", {"answer": "decline", "reason": "no_warrant_attached", "legal_basis": "fourth_amendment"}),
        ("release", {}),
        ("close", {"by": AGENCY}),
    ),
    "erased after it is closed": (*HONORED, ("take_custody", {}), ("close", {}), ("erase_person", {})),
}

EVENT = {
    "record_arrest": "arrest_recorded",
    "receive": "detainer_received",
    "indicate_citizenship": "citizenship_indicated",
    "examine_citizenship": "citizenship_examined",
    "establish_probable_cause": "probable_cause_established",
    "attach_warrant": "warrant_attached",
    "review": "reviewed",
    "override": "rule_overridden",
    "issue": "issued",
    "serve_agency": "served_on_agency",
    "serve_person": "served_on_person",
    "acknowledge": "acknowledged",
    "answer": "answered",
    "expect_release": "release_expected",
    "begin_hold": "hold_began",
    "take_custody": "custody_taken",
    "release": "released",
    "expire": "expired",
    "transfer": "transferred",
    "lift": "lifted",
    "record_lift": "lift_received",
    "end_hold": "hold_ended",
    "supersede": "superseded",
    "close_incident": "incident_closed",
    "close": "closed",
    "void": "voided",
    "correct": "corrected",
    "erase_person": "person_erased",
}

LEADS_TO = {
    "record_arrest": "arrest_recorded",
    "receive": "served",
    "issue": "issued",
    "serve_agency": "served",
    "acknowledge": "acknowledged",
    "answer": "answered",
    "begin_hold": "held",
    **dict.fromkeys(
        ("take_custody", "release", "expire", "transfer", "lift", "record_lift", "supersede"),
        "ended",
    ),
    "close": "closed",
    "void": "closed",
}
"""The stage to which a command leads; every other leaves the case where it is."""

STAYS = {("acknowledge", "answered"), ("acknowledge", "held"), ("answer", "held")}
"""Commands that say what was done before, and the stages that stand all the same."""


def leads(command: str, stage: str) -> str:
    """Return the stage to which a command leads from a stage."""
    return stage if (command, stage) in STAYS else LEADS_TO.get(command, stage)


# N none yet, R arrest recorded, I issued, S served, K acknowledged, A answered, H held, E ended, C closed
ALLOWED_FROM = """
                          N R I S K A H E C
record_arrest             x . . . . . . . .
receive                   x . . . . . . . .
indicate_citizenship      . x x x x x x . .
examine_citizenship       . x x x x x x . .
establish_probable_cause  . x . . . . . . .
attach_warrant            . x . . . . . . .
review                    . x . . . . . . .
override                  . x . . . . . . .
issue                     . x . . . . . . .
serve_agency              . . x . . . . . .
serve_person              . . x x x x x . .
acknowledge               . . . x . x x . .
answer                    . . . x x x x . .
expect_release            . . . x x x x . .
begin_hold                . . . x x x . . .
take_custody              . . x x x x x . .
release                   . . x x x x x . .
expire                    . . . . . . x . .
transfer                  . . x x x x x . .
lift                      . . x x x x x . .
supersede                 . . x x x x x . .
close                     . x . . . . . x .
correct                   . x x x x x x x x
erase_person              . . . . . . . . x
"""
STAGE = {
    "N": "none",
    "R": "arrest_recorded",
    "I": "issued",
    "S": "served",
    "K": "acknowledged",
    "A": "answered",
    "H": "held",
    "E": "ended",
    "C": "closed",
}


def cells() -> list[tuple[str, str, bool]]:
    head, *lines = [line.split() for line in ALLOWED_FROM.strip().splitlines()]
    return [
        (command, STAGE[letter], mark == "x")
        for command, *marks in lines
        for letter, mark in zip(head, marks, strict=True)
    ]


@pytest.mark.parametrize("path", PATHS)
def test_every_way_through_the_life_cycle_is_recorded_step_by_step(office: Office, path: str) -> None:
    case: str | None = None
    stage = "none"
    for kind, said in PATHS[path]:
        by, changed = said.get("by"), {name: value for name, value in said.items() if name != "by"}
        done = office.done(kind, case, by=str(by) if by else None, **changed)
        case = done.case
        stage = leads(kind, stage)
        assert (office.stage(case), [event.kind for event in done.events]) == (stage, [EVENT[kind]])
    assert case is not None
    assert office.kinds(case) == [EVENT[kind] for kind, _ in PATHS[path]]
    assert [event.version for event in office.events(case)] == list(range(1, len(PATHS[path]) + 1))
    assert stage == "closed"
    assert verify(office.record.ledger).holds


def test_the_paths_and_the_tables_of_this_file_know_every_command_and_stage() -> None:
    tried = {kind for path in PATHS.values() for kind, _ in path}
    assert tried | {"override", "close_incident", "correct"} == set(command_kinds()) == set(EVENT)
    elsewhere = {"record_lift", "close_incident", "end_hold", "void"}
    assert {command for command, _, _ in cells()} | elsewhere == set(command_kinds())
    assert list(STAGE.values()) == ["none", *stages()]


@pytest.mark.parametrize(("command", "stage", "allowed"), cells())
def test_a_command_is_done_from_the_stages_that_allow_it_and_refused_from_every_other(
    shared_office: Office, command: str, stage: str, allowed: bool
) -> None:
    case = None if stage == "none" else shared_office.walk(stage)
    shared_office.successor()
    if (command, stage) in STAYS:
        # What is said now was not said before.
        case = shared_office.follow(*(each for each in WAY[stage] if each != command))
    if allowed:
        # The same answer is not given twice.
        changed = {"answer": "no_answer"} if (command, stage) == ("answer", "answered") else {}
        made = shared_office.done(command, case, **changed).case
        assert shared_office.kinds(made)[-1] == EVENT[command]
        assert shared_office.stage(made) == leads(command, stage)
        return
    before = shared_office.everything()
    with pytest.raises(BadInput) as raised:
        shared_office.do(command, case)
    assert raised.value.where == {"field": "command"}
    assert raised.value.do
    assert shared_office.everything() == before


@pytest.mark.parametrize("stage", ["served", "acknowledged", "answered", "held"])
def test_a_detainer_from_outside_is_lifted_from_every_stage_before_its_end(shared_office: Office, stage: str) -> None:
    way = {"served": (), "acknowledged": ("acknowledge",), "answered": ("answer",), "held": ("begin_hold",)}
    case = shared_office.follow("receive", *way[stage])
    assert shared_office.stage(case) == stage
    shared_office.done("record_lift", case)
    assert shared_office.stage(case) == "ended"


@pytest.mark.parametrize("stage", [*stages()])
def test_a_lift_that_was_received_is_none_of_a_detainer_issued_here(shared_office: Office, stage: str) -> None:
    case = shared_office.walk(stage)
    before = shared_office.everything()
    with pytest.raises(BadInput):
        shared_office.do("record_lift", case)
    assert shared_office.everything() == before


def test_what_was_done_before_a_hold_can_be_recorded_after_it_began(office: Office) -> None:
    """A shift holds first and writes afterwards: the stage stays, and the times tell the order."""
    case = office.follow(*READY, "issue", "serve_agency", "begin_hold")
    office.done("acknowledge", case)
    office.done("answer", case)
    office.done("expect_release", case)
    assert office.stage(case) == "held"
    assert office.case(case).said("answered", "answer") == "honor"
    queue = office.record.holds(AGENCY)
    assert not isinstance(queue, Refused)
    assert [each.case for each in queue] == [case]
    assert office.record.expected_releases(AGENCY) == ()
    with pytest.raises(BadInput, match="was acknowledged before") as raised:
        office.do("acknowledge", case)
    assert raised.value.where == {"field": "command"}


@pytest.mark.parametrize(
    ("at", "incidents"),
    [
        ("2026-02-20T17:00", {"held-against/answer"}),
        ("2026-02-25T10:00", {"held-against/answer"}),
        ("2026-02-25T10:01", set()),
    ],
)
def test_an_answer_against_a_hold_that_is_recorded_after_it_began_is_an_incident_where_it_was_given_before(
    office: Office, at: str, incidents: set[str]
) -> None:
    office.clock.at = datetime(2026, 2, 25, 17, 0, tzinfo=UTC)
    case = office.follow(*READY, "issue", "serve_agency", "begin_hold")
    assert office.shown(case).incidents == ()
    office.done("answer", case, at=at, answer="decline", reason="state_law", legal_basis="none_stated")
    assert {each.id for each in office.shown(case).incidents} == incidents
    found = office.record.incidents(AUDITOR)
    assert not isinstance(found, Refused)
    assert {name for each in found for name in each.incidents} == incidents
    before = office.everything()["view"]
    rebuild(office.record)
    assert office.everything()["view"] == before


def test_the_same_answer_is_not_given_twice(shared_office: Office) -> None:
    case = shared_office.walk("answered")
    before = shared_office.everything()
    with pytest.raises(BadInput, match="the answer already") as raised:
        shared_office.do("answer", case, at="2026-02-20T18:00")
    assert raised.value.where == {"field": "answer"}
    assert shared_office.everything() == before


@pytest.mark.parametrize("stage", [stage for stage in stages() if stage != "arrest_recorded"])
def test_a_detainer_that_was_issued_is_not_voided(shared_office: Office, stage: str) -> None:
    case = shared_office.walk(stage)
    before = shared_office.everything()
    with pytest.raises(BadInput) as raised:
        shared_office.do("void", case)
    assert raised.value.where == {"field": "command"}
    assert shared_office.everything() == before


def test_the_side_that_began_a_case_voids_it(shared_office: Office) -> None:
    arrest = shared_office.done("record_arrest").case
    received = shared_office.done("receive").case
    for case, wrong, right in ((arrest, AGENCY, SUPERVISOR), (received, OFFICER, AGENCY)):
        with pytest.raises(BadInput, match="begun by the other side"):
            shared_office.do("void", case, by=wrong)
        shared_office.done("void", case, by=right)
        assert shared_office.stage(case) == "closed"


def test_a_case_with_an_open_incident_is_not_voided(shared_office: Office) -> None:
    case = shared_office.done("receive").case
    shared_office.done("examine_citizenship", case, at="2026-02-21T10:00", result="citizen")
    with pytest.raises(BadInput, match="open incident: citizenship-found-after-issue"):
        shared_office.do("void", case, by=AGENCY)


@pytest.mark.parametrize("stage", [*stages()])
def test_no_hold_is_ended_apart_from_the_detainer_unless_that_was_lifted(shared_office: Office, stage: str) -> None:
    case = shared_office.walk(stage)
    before = shared_office.everything()
    with pytest.raises(BadInput):
        shared_office.do("end_hold", case)
    assert shared_office.everything() == before


@pytest.mark.parametrize("stage", [*stages()])
def test_no_incident_is_closed_where_there_is_none(shared_office: Office, stage: str) -> None:
    case = shared_office.walk(stage)
    before = shared_office.everything()
    with pytest.raises(BadInput):
        shared_office.do("close_incident", case)
    assert shared_office.everything() == before


@pytest.mark.parametrize("stage", ["arrest_recorded", "issued", "served", "held", "ended", "closed"])
def test_a_case_does_not_begin_twice(shared_office: Office, stage: str) -> None:
    case = shared_office.walk(stage)
    for command in ("record_arrest", "receive"):
        with pytest.raises(BadInput, match="There is no"):
            shared_office.do(command, case)


def test_a_command_on_a_case_that_does_not_exist_is_refused(shared_office: Office) -> None:
    before = shared_office.everything()
    for command in (each for each in GIVEN if each not in {"record_arrest", "receive"}):
        for case in ("D-NOSUCHCASE", "case/", "' OR 1=1 --"):
            with pytest.raises(BadInput, match="There is no such case") as raised:
                shared_office.do(command, case)
            assert raised.value.where == {"field": "case"}
    assert shared_office.everything() == before


def test_an_unknown_command_is_refused_with_the_nearest_name(shared_office: Office) -> None:
    with pytest.raises(BadInput, match="did you mean 'expire'") as raised:
        shared_office.give(OFFICER, "expiree")
    assert raised.value.where == {"field": "command"}


@pytest.mark.parametrize(
    ("command", "changed", "follows"),
    [
        ("establish_probable_cause", {"at": "2026-02-20T09:59"}, "arrest recorded"),
        ("review", {"at": "2026-02-20T09:59"}, "arrest recorded"),
        ("issue", {"at": "2026-02-20T09:59"}, "arrest recorded"),
        ("issue", {"at": "2026-02-20T11:29"}, "probable cause established"),
        ("serve_agency", {"at": "2026-02-20T12:59"}, "issued"),
        ("serve_person", {"at": "2026-02-20T12:59"}, "issued"),
        ("acknowledge", {"at": "2026-02-20T13:59"}, "served on agency"),
        ("answer", {"at": "2026-02-20T13:59"}, "served on agency"),
        ("begin_hold", {"at": "2026-02-20T13:59"}, "served on agency"),
        ("take_custody", {"at": "2026-02-25T09:59"}, "hold began"),
        ("release", {"at": "2026-02-25T09:59"}, "hold began"),
        ("expire", {"at": "2026-02-25T09:59"}, "hold began"),
        ("transfer", {"at": "2026-02-20T12:59"}, "issued"),
        ("lift", {"at": "2026-02-20T12:59"}, "issued"),
        ("supersede", {"at": "2026-02-20T12:59"}, "issued"),
    ],
)
def test_nothing_happens_before_what_it_follows_on(
    shared_office: Office, command: str, changed: dict[str, Any], follows: str
) -> None:
    before_it = {
        "issue": "arrest_recorded",
        "establish_probable_cause": "arrest_recorded",
        "review": "arrest_recorded",
        "serve_agency": "issued",
        "serve_person": "issued",
        "transfer": "issued",
        "lift": "issued",
        "supersede": "issued",
        "acknowledge": "served",
        "answer": "served",
        "begin_hold": "served",
    }
    case = shared_office.walk(before_it.get(command, "held"))
    before = shared_office.everything()
    with pytest.raises(BadInput, match=f"before what it follows on: {follows}") as raised:
        shared_office.do(command, case, **changed)
    assert raised.value.where == {"field": "at"}
    assert shared_office.everything() == before


def test_a_time_at_the_very_instant_of_what_it_follows_on_is_taken(shared_office: Office) -> None:
    case = shared_office.walk("arrest_recorded")
    shared_office.done("issue", case, at="2026-02-20T11:30")
    shared_office.done("serve_agency", case, at="2026-02-20T11:30")
    assert shared_office.stage(case) == "served"


@pytest.mark.parametrize("answer", ["decline", "notify_only"])
def test_nobody_is_held_on_a_detainer_that_is_declined_or_answered_with_notice_alone(
    shared_office: Office, answer: str
) -> None:
    case = shared_office.walk("served")
    why = {"reason": "state_law", "legal_basis": "none_stated"} if answer == "decline" else {}
    shared_office.done("answer", case, answer=answer, **why)
    before = shared_office.everything()
    with pytest.raises(BadInput, match="The agency answered"):
        shared_office.do("begin_hold", case)
    assert shared_office.everything() == before


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"answer": "decline"}, "reason"),
        ({"answer": "decline", "legal_basis": "none_stated"}, "reason"),
        ({"answer": "decline", "reason": "state_law"}, "legal_basis"),
        ({"answer": "decline", "reason": "because"}, "reason"),
        ({"answer": "decline", "reason": "state_law", "legal_basis": "a law"}, "legal_basis"),
        ({"answer": "honor", "reason": "state_law"}, "reason"),
        ({"answer": "notify_only", "legal_basis": "none_stated"}, "legal_basis"),
        ({"answer": "no_answer", "reason": "not_stated"}, "reason"),
        ({"answer": "perhaps"}, "answer"),
        ({"answer": None}, "answer"),
        ({"by": OFFICER}, "answer"),
        ({"by": SUPERVISOR, "answer": "decline", "reason": "state_law"}, "answer"),
        # An instrument of another state, and one that was not in force on the day of the answer.
        ({"answer": "decline", "reason": "state_law", "legal_basis": "ca-values-2018"}, "legal_basis"),
    ],
)
def test_an_answer_says_what_the_closed_lists_allow_and_no_more(
    shared_office: Office, said: dict[str, Any], field: str
) -> None:
    case = shared_office.walk("served")
    before = shared_office.everything()
    by = str(said.get("by") or AGENCY)
    changed = {name: value for name, value in said.items() if name != "by"}
    with pytest.raises(BadInput) as raised:
        shared_office.do("answer", case, by=by, **changed)
    assert raised.value.where == {"field": field}
    assert shared_office.everything() == before


def test_a_decline_can_name_an_instrument_of_the_agencys_own_state_that_is_in_force(office: Office) -> None:
    from detainer_ledger.casework import Agency, add_actor, add_agency

    record = office.record
    add_agency(record, "ada", Agency(id="bay-jail", name="Bay County Jail", state="CA", zone="America/Los_Angeles"))
    add_actor(record, "ada", name="bo", role="receiving_agency", agency="bay-jail")
    for basis, on, fits in [
        ("ca-values-2018", "2026-02-20", True),
        ("ca-trust-2014", "2017-12-31", True),
        ("ca-trust-2014", "2018-01-01", False),
        ("ca-values-2018", "2017-12-31", False),
        ("galarza-2014", "2026-02-20", True),
        ("local_ordinance", "2026-02-20", True),
    ]:
        received = with_changes(RECEIVED, {"agency": "bay-jail", "at": f"{on}T08:00", "issued_on": on})
        received["warrant_signed_on"] = on
        began = office.give("bo", "receive", None, received)
        assert isinstance(began, Done)
        said = {"at": f"{on}T09:00", "answer": "decline", "reason": "state_law", "legal_basis": basis}
        if fits:
            assert isinstance(office.give("bo", "answer", began.case, said), Done)
            assert office.case(began.case).said("answered", "legal_basis") == basis
        else:
            with pytest.raises(BadInput, match="was not in force"):
                office.give("bo", "answer", began.case, said)


def test_an_answer_to_a_lifted_detainer_is_refused_and_says_from_where_it_could_be_given(shared_office: Office) -> None:
    case = shared_office.walk("acknowledged")
    shared_office.done("lift", case)
    before = shared_office.everything()
    with pytest.raises(BadInput, match="no answer on a case that is ended") as raised:
        shared_office.do("answer", case)
    assert "served, acknowledged" in raised.value.message()
    assert shared_office.everything() == before


def test_a_case_without_a_detainer_is_closed_with_a_reason_alone(shared_office: Office) -> None:
    case = shared_office.walk("arrest_recorded")
    with pytest.raises(BadInput, match="closed with a reason"):
        shared_office.do("close", case, reason=None)
    shared_office.done("close", case, reason="No basis was found.")
    assert shared_office.stage(case) == "closed"


def test_a_detainer_does_not_take_its_own_place(shared_office: Office) -> None:
    case = shared_office.walk("issued")
    with pytest.raises(BadInput, match="does not take its own place"):
        shared_office.do("supersede", case, by_case=case)


def test_a_detainer_is_superseded_by_a_case_of_the_record_alone(shared_office: Office) -> None:
    case = shared_office.walk("issued")
    with pytest.raises(BadInput) as raised:
        shared_office.do("supersede", case, by_case="D-NOSUCHCASE")
    assert raised.value.where == {"field": "by_case"}


def test_an_hour_of_release_can_lie_ahead_and_everything_else_not(shared_office: Office) -> None:
    case = shared_office.walk("served")
    shared_office.done("expect_release", case, at="2026-03-09T10:00")
    with pytest.raises(BadInput, match="lies in the future") as raised:
        shared_office.do("begin_hold", case, at="2026-03-02T09:01")
    assert raised.value.where == {"field": "at"}


def test_the_diagram_shows_each_change_of_stage_once() -> None:
    lines = [line.strip() for line in diagram().splitlines()]
    ways = {
        f"{'[*]' if stage == 'none' else stage} --> {LEADS_TO[command]}: {command}"
        for command, stage, allowed in cells()
        if allowed and leads(command, stage) != stage
    }
    ways |= {f"{stage} --> ended: record_lift" for stage in ("served", "acknowledged", "answered", "held")}
    ways |= {f"{stage} --> closed: void" for stage in ("arrest_recorded", "served", "acknowledged", "answered")}
    assert sorted(lines[1:-1]) == sorted(ways)
    assert (lines[0], lines[-1]) == ("stateDiagram-v2", "closed --> [*]")


@pytest.mark.parametrize("other", ["an arrest alone", "a voided one"])
def test_no_detainer_is_superseded_by_a_case_without_one(office: Office, other: str) -> None:
    case = office.walk("served")
    by_case = office.walk("arrest_recorded") if other == "an arrest alone" else office.follow("receive")
    if other == "a voided one":
        office.done("void", by_case, by=AGENCY)
    before = office.events(case)
    with pytest.raises(BadInput, match="has no detainer") as raised:
        office.do("supersede", case, by_case=by_case)
    assert raised.value.where == {"field": "by_case"}
    assert office.events(case) == before
