"""Who may do what: a role and a command, or a role and another act, each cell of the table proven."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from detainer_ledger.casework import (
    ACTS,
    Act,
    Agency,
    Command,
    Done,
    Refused,
    Role,
    add_actor,
    add_agency,
    command_kinds,
    remove_actor,
)
from detainer_ledger.terms import BadInput
from tests.casework.build import (
    ADMINISTRATOR,
    AGENCY,
    ARREST,
    AUDITOR,
    GIVEN,
    OAK,
    OFFICER,
    OTHER_AGENCY,
    PEOPLE,
    PERSON,
    RECEIVED,
    SUPERVISOR,
    Office,
    with_changes,
)

WHO = {"O": OFFICER, "S": SUPERVISOR, "R": AGENCY, "U": AUDITOR, "A": ADMINISTRATOR}
ROLE = {
    "O": "issuing_officer",
    "S": "supervisor",
    "R": "receiving_agency",
    "U": "auditor",
    "A": "administrator",
}

# O issuing officer, S supervisor, R receiving agency, U auditor, A administrator
COMMANDS = """
                          O S R U A
record_arrest             x x . . .
receive                   . . x . .
indicate_citizenship      x x x . .
examine_citizenship       x x . . .
establish_probable_cause  x x . . .
attach_warrant            x x . . .
review                    . x . . .
override                  . x . . .
issue                     x x . . .
serve_agency              x x . . .
serve_person              x x x . .
acknowledge               . . x . .
answer                    x x x . .
expect_release            . . x . .
begin_hold                . . x . .
take_custody              x x x . .
release                   x x x . .
expire                    . . x . .
transfer                  x x x . .
lift                      x x . . .
record_lift               . . x . .
end_hold                  x x x . .
supersede                 x x . . .
close_incident            . x x . .
close                     x x x . .
void                      x x x . .
correct                   x x x . .
erase_person              . x . . .
"""

ACTS_OF = """
             O S R U A
read_case    x x x x .
read_person  x x x x .
read_access  . . . x .
list_cases   x x x x .
extract      . x x x .
import       . . x . .
prove        x x x x .
checkpoint   . . . x x
back_up      . . . . x
set_up       . . . . x
read_screening  x x . x .
adopt_protocol  . x . . .
"""


def grid(text: str) -> list[tuple[str, str, bool]]:
    head, *lines = [line.split() for line in text.strip().splitlines()]
    return [(name, letter, mark == "x") for name, *marks in lines for letter, mark in zip(head, marks, strict=True)]


def ready_for(office: Office, command: str, by: str) -> tuple[str | None, dict[str, Any]]:
    """Return a case on which a command can be given by whoever may, and what it says there."""
    if command in {"record_arrest", "receive"}:
        return None, {}
    if command == "close_incident":
        case = office.walk("answered")
        office.done("begin_hold", case)
        office.done("take_custody", case, at="2026-02-28T10:00")
        return case, {}
    if command == "record_lift":
        return office.follow("receive"), {}
    if command == "void":
        return (office.follow("receive") if by == AGENCY else office.walk("arrest_recorded")), {}
    if command == "end_hold":
        return office.follow("receive", "begin_hold", "record_lift"), {}
    stage = {
        "issue": "arrest_recorded",
        "serve_agency": "issued",
        "expire": "held",
        "close": "ended",
        "erase_person": "closed",
        **dict.fromkeys(("acknowledge", "answer", "expect_release", "serve_person", "begin_hold"), "served"),
        **dict.fromkeys(("take_custody", "release", "transfer", "lift", "supersede"), "acknowledged"),
    }.get(command, "arrest_recorded")
    return office.walk(stage), {}


def test_the_table_of_this_file_knows_every_command_act_and_role() -> None:
    assert {command for command, _, _ in grid(COMMANDS)} == set(command_kinds())
    assert {act for act, _, _ in grid(ACTS_OF)} == {each.value for each in Act}
    assert set(ROLE.values()) == {each.value for each in Role} == {each.value for each in ACTS}


@pytest.mark.parametrize(("command", "letter", "allowed"), grid(COMMANDS))
def test_a_command_is_done_for_those_who_may_give_it_and_denied_to_all_others(
    shared_office: Office, command: str, letter: str, allowed: bool
) -> None:
    case, changed = ready_for(shared_office, command, WHO[letter])
    who = WHO[letter]
    if command == "answer" and letter in "OS":
        changed = {"answer": "no_answer"}
    if command == "correct" and letter == "R":
        case = shared_office.walk("acknowledged")
        version = shared_office.kinds(case).index("acknowledged") + 1
        changed = {"version": str(version), "values": {"at": "2026-02-20T16:45"}}
    before = shared_office.events(case) if case else ()
    access = shared_office.access(who)
    if allowed:
        done = shared_office.done(command, case, by=who, **changed)
        event = done.events[0]
        assert (event.actor, event.role) == (who, ROLE[letter])
        assert shared_office.access(who) == access
        return
    refused = shared_office.refused(command, case, by=who, **changed)
    assert f"The role {ROLE[letter].replace('_', ' ')} may not {command.replace('_', ' ')}" in refused.reason
    assert shared_office.events(case or "") == before
    assert shared_office.access(who)[len(access) :] == [
        ("denied", {"command": command, "case": case, "why": refused.reason})
    ]


def try_act(office: Office, act: str, who: str, case: str) -> object:
    record = office.record
    ways: dict[str, Callable[[], object]] = {
        "read_case": lambda: record.show(case, who),
        "read_person": lambda: record.person(case, who, purpose="to test"),
        "read_access": lambda: record.accesses(who),
        "list_cases": lambda: record.cases(who),
        "prove": lambda: record.may_with_case(who, Act.PROVE, case),
        "set_up": lambda: add_agency(
            record, who, Agency(id=f"jail-of-{who}", name="Another Jail", state="MN", zone="America/Chicago")
        ),
    }
    return ways.get(act, lambda: record.may(who, Act(act)))()


@pytest.mark.parametrize(("act", "letter", "allowed"), grid(ACTS_OF))
def test_an_act_is_done_for_those_who_may_and_denied_to_all_others(
    shared_office: Office, act: str, letter: str, allowed: bool
) -> None:
    who = WHO[letter]
    case = shared_office.walk("held")
    access = shared_office.access(who)
    setup = shared_office.record.ledger.events("setup")
    found = try_act(shared_office, act, who, case)
    noted = shared_office.access(who)[len(access) :]
    if allowed:
        assert not isinstance(found, Refused)
        assert [kind for kind, _ in noted] == (["person_read"] if act == "read_person" else [])
        return
    assert isinstance(found, Refused)
    assert found.reason == f"The role {ROLE[letter].replace('_', ' ')} may not {act.replace('_', ' ')}."
    of_a_case = act in {"read_case", "read_person", "prove"}
    assert noted == [("denied", {"act": act, "case": case if of_a_case else None, "why": found.reason})]
    assert shared_office.record.ledger.events("setup") == setup


@pytest.mark.parametrize(
    "command", [command for command, letter, allowed in grid(COMMANDS) if letter == "R" and allowed]
)
def test_an_agency_gives_commands_on_its_own_detainers_alone(shared_office: Office, command: str) -> None:
    case, changed = ready_for(shared_office, command, AGENCY)
    before = shared_office.events(case) if case else ()
    refused = shared_office.refused(command, case, by=OTHER_AGENCY, **changed)
    assert refused.reason == "An agency may see and answer its own detainers alone."
    assert refused.findings == ()
    assert shared_office.events(case or "") == before
    assert shared_office.access(OTHER_AGENCY)[-1] == (
        "denied",
        {"command": command, "case": case, "why": refused.reason},
    )


def test_an_agency_sees_its_own_cases_holds_incidents_and_people_alone(office: Office) -> None:
    record = office.record
    mine = office.walk("held")
    elsewhere = office.give(OTHER_AGENCY, "receive", None, with_changes(RECEIVED, {"agency": "elm-jail"}))
    assert isinstance(elsewhere, Done)
    late = office.walk("answered")
    office.done("begin_hold", late, at="2026-02-24T10:00")
    office.done("take_custody", late, at="2026-02-27T10:00")
    for who, cases, holds, incidents in [
        (AGENCY, {mine, late}, {mine}, {late, mine}),
        (OTHER_AGENCY, {elsewhere.case}, set(), set()),
        (OFFICER, {mine, late, elsewhere.case}, {mine}, {late, mine}),
        (SUPERVISOR, {mine, late, elsewhere.case}, {mine}, {late, mine}),
        (AUDITOR, {mine, late, elsewhere.case}, {mine}, {late, mine}),
    ]:
        rows, queue, open_ones = record.cases(who), record.holds(who), record.incidents(who)
        assert not isinstance(rows, Refused)
        assert not isinstance(queue, Refused)
        assert not isinstance(open_ones, Refused)
        assert {row.key for row in rows} == cases
        assert {hold.case for hold in queue} == holds
        assert {hold.case for hold in open_ones} == incidents
    for refused in (
        record.show(mine, OTHER_AGENCY),
        record.person(mine, OTHER_AGENCY, purpose="curiosity"),
        record.may_with_case(OTHER_AGENCY, Act.PROVE, mine),
    ):
        assert refused == Refused(case=mine, reason="An agency may see and answer its own detainers alone.")
    assert [kind for kind, _ in office.access(OTHER_AGENCY)] == ["denied"] * 3
    assert {case.id for case in record.every_case(agency=OAK.id)} == {mine, late}


def test_an_administrator_sees_no_case_by_any_way(office: Office) -> None:
    case = office.walk("held")
    record = office.record
    for found in (
        record.show(case, ADMINISTRATOR),
        record.person(case, ADMINISTRATOR, purpose="support"),
        record.cases(ADMINISTRATOR),
        record.holds(ADMINISTRATOR),
        record.incidents(ADMINISTRATOR),
        record.may_with_case(ADMINISTRATOR, Act.PROVE, case),
    ):
        assert isinstance(found, Refused)
        assert "administrator may not" in found.reason
    assert [kind for kind, _ in office.access(ADMINISTRATOR)] == ["denied"] * 6


def test_an_auditor_reads_everything_and_changes_nothing(office: Office) -> None:
    case = office.walk("held")
    office.successor()
    before = office.everything()
    office.shown(case, AUDITOR)
    for found in (office.record.cases(AUDITOR), office.record.holds(AUDITOR), office.record.incidents(AUDITOR)):
        assert not isinstance(found, Refused)
    assert office.everything() == before
    for command in GIVEN:
        office.refused(command, None if command in {"record_arrest", "receive"} else case, by=AUDITOR)
    after = office.everything()
    assert after["view"] == before["view"]
    assert after["person"] == before["person"]
    assert [kind for kind, _ in office.access(AUDITOR)] == ["denied"] * len(GIVEN)


@pytest.mark.parametrize("who", [OFFICER, SUPERVISOR, AGENCY, AUDITOR])
def test_reading_a_person_is_recorded_with_its_purpose_before_the_fields_are_returned(
    office: Office, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    case = office.walk("issued")
    person = office.case(case).beginning.body["person"]
    noted: list[list[str]] = []

    def reading(ledger: object, asked: str) -> dict[str, str]:
        noted.append([kind for kind, _ in office.access(who)])
        return {"name": asked}

    assert office.record.person(case, who, purpose="identification") == PERSON
    monkeypatch.setattr("detainer_ledger.casework.record.read_person", reading)
    assert office.record.person(case, who, purpose="a request for records") == {"name": person}
    assert noted == [["person_read", "person_read"]]
    assert office.access(who) == [
        ("person_read", {"case": case, "person": person, "purpose": "identification"}),
        ("person_read", {"case": case, "person": person, "purpose": "a request for records"}),
    ]
    assert PERSON["name"] not in repr(office.access(who))


def test_nobody_unknown_does_or_reads_anything(office: Office) -> None:
    case = office.walk("issued")
    before = office.everything()
    for act in (
        lambda: office.record.do(
            Command(kind="serve_agency", case=case, values=GIVEN["serve_agency"][1], zone="agency"), "eve"
        ),
        lambda: office.record.show(case, "eve"),
        lambda: office.record.person(case, "eve", purpose="x"),
        lambda: office.record.cases("eve"),
        lambda: office.record.holds("eve"),
        lambda: add_agency(office.record, "eve", OAK),
    ):
        with pytest.raises(BadInput, match="knows nobody of this name"):
            act()
    assert office.everything() == before


def test_somebody_who_was_removed_does_nothing_more_and_what_they_did_stays(office: Office) -> None:
    case = office.walk("issued")
    other = office.again()
    assert remove_actor(other, ADMINISTRATOR, name=OFFICER) is None
    other.close()
    with pytest.raises(BadInput, match="knows nobody"):
        office.do("serve_agency", case)
    office.done("serve_agency", case, by=SUPERVISOR)
    assert [event.actor for event in office.events(case)] == [OFFICER] * 5 + [SUPERVISOR]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"name": "new", "role": "governor"}, "role"),
        ({"name": "new", "role": "receiving_agency"}, "agency"),
        ({"name": "new", "role": "receiving_agency", "agency": "no-jail"}, "agency"),
        ({"name": "new", "role": "auditor", "agency": "oak-jail"}, "agency"),
        ({"name": OFFICER, "role": "auditor"}, "name"),
        ({"name": "", "role": "auditor"}, "name"),
        ({"name": "a\x00b", "role": "auditor"}, "name"),
        ({"name": "x" * 1_000_000, "role": "auditor"}, "name"),
    ],
)
def test_somebody_is_added_with_a_role_that_fits_or_not_at_all(
    office: Office, said: dict[str, Any], field: str
) -> None:
    before = office.everything()
    with pytest.raises(BadInput) as raised:
        add_actor(office.record, ADMINISTRATOR, **said)
    assert raised.value.where == {"field": field}
    assert office.everything() == before


@pytest.mark.parametrize(
    ("agency", "field"),
    [
        (Agency(id="Oak Jail", name="x", state="MN", zone="America/Chicago"), "id"),
        (Agency(id="oak-jail", name="x", state="MN", zone="America/Chicago"), "id"),
        (Agency(id="new-jail", name="", state="MN", zone="America/Chicago"), "name"),
        (Agency(id="new-jail", name="x", state="ZZ", zone="America/Chicago"), "state"),
        (Agency(id="new-jail", name="x", state="MN", zone="CST"), "zone"),
        (Agency(id="new-jail", name="x", state="MN", zone="America/Chicago", city="\x1b[2J"), "city"),
        (Agency(id="new-jail", name="x", state="MN", zone="America/Chicago", facility_code="\x07"), "facility_code"),
    ],
)
def test_an_agency_is_added_with_a_state_and_a_zone_or_not_at_all(office: Office, agency: Agency, field: str) -> None:
    before = office.everything()
    with pytest.raises(BadInput) as raised:
        add_agency(office.record, ADMINISTRATOR, agency)
    assert raised.value.where["field"] == field
    assert office.everything() == before


def test_the_last_administrator_stays(office: Office) -> None:
    with pytest.raises(BadInput, match="last administrator"):
        remove_actor(office.record, ADMINISTRATOR, name=ADMINISTRATOR)
    assert add_actor(office.record, ADMINISTRATOR, name="ben", role="administrator") is None
    assert remove_actor(office.record, "ben", name=ADMINISTRATOR) is None
    assert sorted(office.record.registry.actors) == sorted([*PEOPLE, "ben"])


@pytest.mark.parametrize("who", [OFFICER, SUPERVISOR, AGENCY, AUDITOR])
def test_nobody_but_an_administrator_sets_the_record_up(office: Office, who: str) -> None:
    setup = office.record.ledger.events("setup")
    for refused in (
        add_actor(office.record, who, name="new", role="supervisor"),
        remove_actor(office.record, who, name=AUDITOR),
        add_agency(office.record, who, Agency(id="new-jail", name="x", state="MN", zone="America/Chicago")),
    ):
        assert isinstance(refused, Refused)
    assert office.record.ledger.events("setup") == setup


@pytest.mark.parametrize("who", [ADMINISTRATOR, AUDITOR, OTHER_AGENCY])
def test_somebody_without_access_learns_nothing_from_the_version_of_a_case(office: Office, who: str) -> None:
    case = office.walk("issued")
    found = office.record.do(
        Command(kind="acknowledge", case=case, values=GIVEN["acknowledge"][1], version=1, zone="agency"), who
    )
    assert isinstance(found, Refused)
    assert [kind for kind, _ in office.access(who)] == ["denied"]


def test_an_agency_that_leaves_its_own_name_out_is_told_of_the_field(office: Office) -> None:
    with pytest.raises(BadInput) as raised:
        office.do("receive", agency=None)
    assert raised.value.where == {"field": "agency"}
    assert office.access(AGENCY) == []


def test_an_officer_names_an_agency_that_the_record_knows(office: Office) -> None:
    before = office.everything()
    with pytest.raises(BadInput, match="did you mean 'oak-jail'") as raised:
        office.give(OFFICER, "record_arrest", None, with_changes(ARREST, {"agency": "oak-jial"}))
    assert raised.value.where == {"field": "agency"}
    assert office.everything() == before
