"""Commands on cases at the terminal: what is typed, what is done, and what is shown of it."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from detainer_ledger.casework import command_kinds
from tests.cli.record_desk import (
    ARREST,
    HELD,
    ISSUED,
    PERSON,
    READY,
    RELEASED_AFTER_DECLINE,
    TAKEN,
    Desk,
    bare_desk,
)
from tests.running import detainer

PERSON_ARGUMENTS = tuple(f"person.{name}={value}" for name, value in PERSON.items())


# ---------------------------------------------------------------- people and agencies


def test_init_says_where_the_record_and_the_keys_are_and_what_comes_next(tmp_path: Path) -> None:
    desk = bare_desk(tmp_path)
    said = desk.record("init", "--origin", "county.example/detainers", "--administrator", "ada").out
    assert str(tmp_path / "record.db") in said
    assert str(desk.keys / "public-key.pem") in said
    assert "detainer record agency add" in said
    assert {each.name for each in desk.keys.iterdir()} == {"signing-key.pem", "secret.key", "public-key.pem"}
    assert "No agency was added yet." in desk.record("agency", "list").out


def test_somebody_who_is_removed_can_do_nothing_more_and_what_they_did_stays(desk: Desk) -> None:
    case = desk.arrest()
    assert "olga is removed." in desk.record("actor", "remove", "olga", "--as", "ada").out
    assert "olga" not in desk.record("actor", "list").out
    assert "The record knows nobody of this name." in desk.refusal("show", case, "--as", "olga")
    assert "olga" in desk.record("show", case, "--as", "sam").out


def test_a_name_is_not_given_to_somebody_in_another_role(desk: Desk) -> None:
    desk.record("actor", "remove", "aud", "--as", "ada")
    said = desk.refusal("actor", "add", "aud", "--role", "supervisor", "--as", "ada")
    assert "Somebody else had this name" in said
    desk.record("actor", "add", "aud", "--role", "auditor", "--as", "ada")


def test_what_was_said_wrongly_of_an_agency_is_put_right_with_its_clocks(desk: Desk) -> None:
    held = desk.walk(HELD)
    before = desk.json("holds", "--as", "jill")[0]["deadline"]
    change = ("agency", "change", "oak-jail")
    said = desk.record(*change, "--state", "ND", "--zone", "America/Denver", "--reason", "typed wrongly", "--as", "ada")
    assert "oak-jail is changed" in said.out
    assert "were read in America/Chicago and stay the instants that they are" in said.out
    # What was written under the old zone is told with its offset.
    assert "Sun 2026-03-01 10:00 -0600" in desk.record("holds", "--as", "jill").out
    (row,) = desk.json("holds", "--as", "jill")
    assert datetime.fromisoformat(row["deadline"]) == datetime.fromisoformat(before)
    assert row["deadline"] != before
    # A case that was remembered under the old clock goes on under the new one.
    desk.record("act", held, "serve_person", "at=2026-03-02T07:30", "--as", "jill")
    # The other state does not bar holds.
    assert desk.json("show", held, "--as", "sam")["incidents"] == []
    assert desk.json("verify")["stale_cases"] == []
    assert "changes nothing" in desk.refusal(*change, "--zone", "America/Denver", "--reason", "again", "--as", "ada")
    assert "no such agency" in desk.refusal("agency", "change", "x", "--city", "X", "--reason", "x", "--as", "ada")
    assert "no state" in desk.refusal(*change, "--state", "XX", "--reason", "x", "--as", "ada")
    desk.refusal(*change, "--city", "X", "--reason", "x", "--as", "olga", code=1)


def test_a_line_break_in_a_text_makes_no_line_that_looks_like_an_event(desk: Desk) -> None:
    case = desk.walk(())
    forged = "   3  2026-02-21 09:00  custody taken                olga:"
    desk.record("act", case, "void", f"reason=mistake\n{forged}", "--as", "olga")
    shown = desk.record("show", case, "--as", "olga").out
    assert f"reason mistake ⏎ {forged}" in shown
    assert forged not in shown.splitlines()
    proof = desk.folder / "one.json"
    desk.record("prove", case, "--out", proof, "--as", "aud")
    checked = desk.record("check", proof, "--public-key", desk.keys / "public-key.pem").out
    assert f"⏎ {forged}" in checked
    assert forged not in checked.splitlines()


@pytest.mark.parametrize(
    "asked",
    [
        ("actor", "add", "a\nb", "--role", "auditor"),
        ("agency", "add", "x", "--name", "A\nB", "--state", "ND", "--zone", "America/Chicago"),
    ],
)
def test_a_name_has_no_line_break(desk: Desk, asked: tuple[str, ...]) -> None:
    assert "A name is written on one line." in desk.refusal(*asked, "--as", "ada")


def test_a_record_that_is_not_named_is_asked_for(desk: Desk) -> None:
    assert "The record is not named." in desk.refusal("verify", "--record", "")
    assert "The record is not named." in desk.refusal("list", "--record", " ", "--as", "sam")


@pytest.mark.parametrize(
    "arguments",
    [
        ("actor", "add", "x", "--role", "auditor"),
        ("actor", "remove", "aud"),
        ("agency", "change", "oak-jail", "--city", "X", "--reason", "x"),
        ("agency", "add", "x", "--name", "X", "--state", "MN", "--zone", "America/Chicago"),
        ("backup", "backup.gz"),
        ("rebuild",),
        ("checkpoint",),
        ("import", "nothing.csv", "--mapping", "map.toml"),
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_what_a_role_may_not_do_is_refused_with_exit_code_1(shared: Desk, arguments: tuple[str, ...]) -> None:
    shared.file(
        "map.toml",
        'agency = "oak-jail"\nkey = ["A"]\nzone = "agency"\n[receive]\nat = "B"\nform = "C"\nissued_on = "D"\n',
    )
    asked = tuple(str(shared.folder / each) if each == "map.toml" else each for each in arguments)
    said = shared.refusal(*asked, "--as", "olga", code=1)
    assert said.startswith("Refused: The role issuing officer may not ")
    assert "The refusal is recorded." in said


# ---------------------------------------------------------------- what there is to do


def test_every_command_on_a_case_is_listed_with_what_it_does(shared: Desk) -> None:
    listed = shared.record("commands").out
    for kind in command_kinds().values():
        assert f"\n{kind.id} " in listed
        assert kind.says in listed


@pytest.mark.parametrize("name", command_kinds())
def test_what_a_command_needs_is_shown_with_its_fields_choices_and_roles(shared: Desk, name: str) -> None:
    shown = shared.record("commands", name).out
    kind = command_kinds()[name]
    assert shown.startswith(f"{name}: {kind.says}\n")
    assert all(role in shown for role in kind.roles)
    lines = {line.split()[0]: line for line in shown.splitlines()[3:]}
    assert list(lines) == [field.name for field in kind.fields]
    for field in kind.fields:
        assert ("may be left out" in lines[field.name]) == field.optional
        assert all(choice in lines[field.name] for choice in field.choices)


def test_commands_as_json_are_the_table_of_commands(shared: Desk) -> None:
    found = {each["id"]: each for each in json.loads(shared.record("commands", "--json").out)}
    assert list(found) == list(command_kinds())
    assert [field["name"] for field in found["answer"]["fields"]] == ["at", "answer", "reason", "legal_basis"]
    (one,) = json.loads(shared.record("commands", "issue", "--json").out)
    assert one == found["issue"]


# ---------------------------------------------------------------- giving a command


def test_a_command_is_done_and_says_its_case_and_event(shared: Desk) -> None:
    said = shared.record("act", "new", "record_arrest", *ARREST, "--as", "olga").out
    case, rest = said.split(": ", 1)
    assert rest == "arrest_recorded is event 1.\n"
    assert shared.json("show", case, "--as", "sam")["version"] == 1


def test_times_without_an_offset_are_in_the_zone_of_the_agency(shared: Desk) -> None:
    case = shared.arrest()
    (event,) = shared.json("show", case, "--as", "sam")["events"]
    assert event["says"]["at"] == "2026-02-20T10:00:00-06:00"


def test_a_field_in_a_field_is_written_with_a_dot(shared: Desk) -> None:
    case = shared.arrest()
    shared.record(
        "act", case, "correct", "version=1", "values.offence=theft", "values.at=2026-02-20T09:45", "reason=slip",
        "--as", "olga",
    )  # fmt: skip
    says = shared.json("show", case, "--as", "sam")["events"][0]["says"]
    assert (says["offence"], says["at"]) == ("theft", "2026-02-20T09:45:00-06:00")


@pytest.mark.parametrize("way", ["file", "standard input"])
def test_fields_are_read_from_a_file_or_from_standard_input(shared: Desk, way: str) -> None:
    said = {name: value for name, _, value in (each.partition("=") for each in ARREST)}
    text = json.dumps({**said, "criminal_offence": True, "person": PERSON})
    source = "-" if way == "standard input" else shared.file("arrest.json", text)
    typed = text if source == "-" else ""
    done = json.loads(
        shared.record("act", "new", "record_arrest", "--values", source, "--json", "--as", "olga", typed=typed).out
    )
    shown = shared.record("person", done["case"], "--purpose", "service of the copy", "--as", "jill").out
    assert {line[:22].strip(): line[23:] for line in shown.splitlines()} == PERSON


def test_what_is_typed_comes_before_what_a_file_says(shared: Desk) -> None:
    said = {name: value for name, _, value in (each.partition("=") for each in ARREST)}
    source = shared.file("other.json", json.dumps({**said, "offence": "arson"}))
    done = shared.json("act", "new", "record_arrest", "offence=fraud", "--values", source, "--as", "olga")
    assert shared.json("show", done["case"], "--as", "sam")["events"][0]["says"]["offence"] == "fraud"


def test_a_part_of_a_field_that_is_typed_is_added_to_those_of_the_file(shared: Desk) -> None:
    name = {"name": PERSON["name"]}
    source = shared.file("person.json", json.dumps({"person": name}))
    typed = f"person.gender={PERSON['gender']}"
    done = shared.json("act", "new", "record_arrest", *ARREST, typed, "--values", source, "--as", "olga")
    shown = shared.record("person", done["case"], "--purpose", "service", "--as", "jill").out
    assert {line[:22].strip(): line[23:] for line in shown.splitlines()} == {**name, "gender": PERSON["gender"]}


@pytest.mark.parametrize(
    "twice",
    [("offence=arson", "offence=fraud"), ("person.gender=x", "person.gender=y"), ("person.gender=x", "person=y")],
)
def test_a_field_given_twice_is_refused(shared: Desk, twice: tuple[str, str]) -> None:
    given = [each for each in ARREST if not each.startswith("offence=")] + ["offence=arson"] * ("person" in twice[0])
    said = shared.refusal("act", "new", "record_arrest", *given, *twice, "--as", "olga")
    assert twice[0].partition("=")[0].partition(".")[0] in said
    assert "no such" not in said
    assert "has to name fields" not in said


def test_a_command_repeated_with_its_key_changes_nothing_and_says_so(shared: Desk) -> None:
    asked = ("act", "new", "record_arrest", *ARREST, *PERSON_ARGUMENTS, "--key", "one-of-these", "--as", "olga")
    first, again = shared.json(*asked), shared.json(*asked)
    assert (first["repeat"], again["repeat"]) == (False, True)
    assert (again["case"], again["events"]) == (first["case"], first["events"])
    assert "(it had been done before)" in shared.record(*asked).out
    assert shared.json("show", first["case"], "--as", "sam")["version"] == 1


def test_a_key_that_looks_like_one_of_the_records_own_is_refused_or_repeated(shared: Desk) -> None:
    before = len(shared.json("list", "--as", "sam"))
    asked = ("act", "new", "record_arrest", *ARREST, "--key", "~mine", "--as", "olga")
    for _ in range(2):
        detainer("record", *asked, "--record", shared.url, "--keys", shared.keys)
    assert len(shared.json("list", "--as", "sam")) <= before + 1


def test_a_key_used_for_something_else_is_refused(shared: Desk) -> None:
    case = shared.arrest()
    said = ("act", case, "attach_warrant", "signed=yes", "signed_on=2026-02-20", "--key", "once", "--as", "olga")
    shared.record(*said, "warrant_kind=I-200")
    assert "The key 'once' was used for another command." in shared.refusal(*said, "warrant_kind=I-205")


def test_a_case_that_has_gone_on_since_it_was_seen_takes_no_command(shared: Desk) -> None:
    case = shared.arrest()
    examine = ("act", case, *READY[0])
    shared.record(*examine, "--version", "1")
    said = shared.refusal(*examine, "--version", "1")
    assert "The case has gone on to version 2 since it was seen at 1. Nothing was stored." in said
    assert shared.json("show", case, "--as", "sam")["version"] == 2


def test_what_the_policy_forbids_is_refused_with_the_rule_and_its_source(shared: Desk) -> None:
    case = shared.arrest()
    asked = ("act", case, "issue", "at=2026-02-20T13:00", "form=I-247A", "box1=yes", "box2=no", "--as", "olga")
    said = shared.refusal(*asked, code=1)
    assert said.startswith("Refused: The policy's rules forbid this: issue.\n  10074.2/probable-cause: ")
    assert "The refusal is recorded." in said
    shown = shared.record("show", case, "--as", "sam").out
    assert "refused" in shown
    told = json.loads(shared.record(*asked, "--json", code=1).out)
    assert set(told) == {"refused", "case", "findings"}
    assert {"rule", "result", "sentence", "citation", "trust", "facts"} <= set(told["findings"][0])


def test_an_agency_answers_and_sees_its_own_detainers_alone(shared: Desk) -> None:
    case = shared.walk(ISSUED)
    for asked in (
        ("act", case, "answer", "at=2026-02-20T17:00", "answer=honor"),
        ("show", case),
        ("person", case, "--purpose", "curiosity"),
        ("prove", case, "--out", str(shared.folder / "not-written.json")),
    ):
        assert "its own detainers alone" in shared.refusal(*asked, "--as", "nora", code=1)
    assert not (shared.folder / "not-written.json").exists()


def test_a_clock_that_went_back_is_told(desk: Desk) -> None:
    case = desk.arrest()
    desk.clock.forward(hours=-2)
    ran = desk.record("act", case, *READY[0])
    assert "The clock of this machine is 7,200 seconds behind the last event of the case" in ran.err


# ---------------------------------------------------------------- showing


def test_a_case_is_shown_with_timeline_limits_incidents_and_rules(desk: Desk) -> None:
    case = desk.walk(HELD)
    desk.clock.forward(hours=72)
    shown = desk.record("show", case, "--as", "jill").out
    lines = shown.splitlines()
    assert lines[0] == f"{case}  held  OAK COUNTY JAIL, IL  (America/Chicago)"
    assert "   1  2026-02-20 10:00  arrest recorded              olga: agency oak-jail" in shown
    assert "   8  2026-03-01 10:00  hold began                   jill: " in shown
    assert "Limits of the hold:" in shown
    assert "(the shortest)" in shown
    assert "min PAST" in shown
    assert "hold-past/I-247A/box1-hold  OPEN" in shown
    assert "Rules of the policy:" in shown


def test_the_rules_that_are_met_are_shown_only_when_asked_for(shared: Desk) -> None:
    case = shared.walk(TAKEN)
    few, all_ = (shared.record("show", case, *more, "--as", "sam").out for more in ((), ("--rules",)))
    assert "\n  met: " not in few
    assert "\n  met: 10074.2/probable-cause: " in all_
    assert "\n  not recorded: " in all_


def test_a_case_as_json_has_its_events_limits_incidents_and_findings(shared: Desk) -> None:
    case = shared.walk(TAKEN)
    shown = shared.json("show", case, "--as", "aud")
    assert set(shown) == {"case", "stage", "version", "agency", "events", "limits", "incidents", "findings"}
    assert (shown["case"], shown["stage"], shown["version"], shown["agency"]) == (case, "ended", 9, "oak-jail")
    assert [each["version"] for each in shown["events"]] == list(range(1, 10))
    assert shown["limits"]["shortest"]["deadline"] == "2026-03-03T10:00:00-06:00"
    # The agency is in a state that bars holds.
    assert [each["id"] for each in shown["incidents"]] == ["held-against/state/no-hold"]
    assert {each["result"] for each in shown["findings"]} <= {"met", "not_met", "not_recorded", "not_applicable"}


def test_a_correction_shows_beside_what_it_corrects(shared: Desk) -> None:
    case = shared.arrest()
    shared.record("act", case, "correct", "version=1", "values.offence=theft", "reason=slip", "--as", "olga")
    first = next(
        line for line in shared.record("show", case, "--as", "sam").out.splitlines() if line.startswith("   1")
    )
    assert "offence theft" in first
    assert "[corrected by event 2]" in first
    text = shared.record("show", case, "--as", "sam").out
    assert "values offence burglary → theft" in text
    event = shared.json("show", case, "--as", "sam")["events"][0]
    assert (event["says"]["offence"], event["said_before"]["offence"]) == ("theft", "burglary")


def test_a_refusal_tells_what_forbade_it(shared: Desk) -> None:
    case = shared.arrest()
    issue = ("issue", "at=2026-02-20T13:00", "form=I-247A", "box1=yes", "box2=no")
    shared.record("act", case, *issue, "--as", "olga", code=1)
    assert "command issue, forbidden by 10074.2/" in shared.record("show", case, "--as", "sam").out


def test_an_event_that_was_recorded_late_says_when(desk: Desk) -> None:
    case = desk.arrest()
    desk.record("act", case, "examine_citizenship", "at=2026-03-02T08:30", "result=no_indication", "--as", "olga")
    first, second = [
        line for line in desk.record("show", case, "--as", "sam").out.splitlines() if line.startswith(("   1", "   2"))
    ]
    assert first.endswith("[recorded 2026-03-02 09:00]")
    assert "[recorded" not in second


def test_expected_releases_that_have_passed_are_listed_until_a_hold_or_an_end_is_recorded(desk: Desk) -> None:
    assert "No release is expected." in desk.record("holds", "--expected", "--as", "jill").out
    case = desk.walk(ISSUED)
    expected = ("expect_release", "at=2026-03-02T20:00", "noticed_at=2026-03-02T08:00")
    desk.record("act", case, *expected, "--as", "jill")
    assert "11 h 00 min" in desk.record("holds", "--expected", "--as", "jill").out
    assert desk.record("holds", "--as", "jill").err == ""
    desk.clock.forward(days=5)
    (row,) = desk.json("holds", "--expected", "--as", "aud")
    assert (row["case"], row["seconds_left"]) == (case, -(4 * 24 + 13) * 3600)
    assert "PAST by 4 d 13 h 00 min" in desk.record("holds", "--expected", "--as", "jill").out
    assert "1 expected release has passed" in desk.record("holds", "--as", "jill").err
    assert desk.json("holds", "--expected", "--as", "nora") == []
    desk.record("act", case, "take_custody", "at=2026-03-06T09:00", "--as", "olga")
    assert desk.json("holds", "--expected", "--as", "aud") == []
    (incident,) = desk.json("show", case, "--as", "aud")["incidents"]
    assert incident["id"] == "custody-after-expected-release"
    assert incident["sentence"].startswith("Custody was taken 85 h 00 min after the expected release")


def test_cases_are_listed_by_stage_as_text_and_as_json(desk: Desk) -> None:
    begun, held = desk.arrest(), desk.walk(HELD)
    text = desk.record("list", "--as", "sam").out
    assert text.splitlines()[0].split() == [
        "case", "stage", "agency", "form", "issued_on", "answer", "ending", "overridden"
    ]  # fmt: skip
    assert begun in text
    assert [row["case"] for row in desk.json("list", "--stage", "held", "--as", "sam")] == [held]
    assert "There is no such case." in desk.record("list", "--stage", "closed", "--as", "sam").out
    assert desk.json("list", "--stage", "closed", "--as", "sam") == []


def test_holds_are_listed_by_time_left_and_those_past_their_limit_say_so(desk: Desk) -> None:
    assert "Nobody is held on a detainer alone." in desk.record("holds", "--as", "jill").out
    later, sooner = desk.walk(HELD), desk.walk((*HELD[:-1], ("begin_hold", "at=2026-03-01T06:00", "--as", "jill")))
    rows = desk.json("holds", "--as", "jill")
    assert [row["case"] for row in rows] == [sooner, later]
    # From Sunday 1 March 06:00 in Chicago 48 hours; the clock stands at Monday 09:00.
    assert (rows[0]["deadline"], rows[0]["seconds_left"]) == ("2026-03-03T06:00:00-06:00", 21 * 3600)
    assert "21 h 00 min" in desk.record("holds", "--as", "jill").out
    desk.clock.forward(hours=22, minutes=30)
    assert "PAST by 1 h 30 min" in desk.record("holds", "--as", "jill").out
    assert desk.json("holds", "--as", "nora") == []


def test_ended_holds_with_an_open_incident_are_listed_until_somebody_closes_it(desk: Desk) -> None:
    assert "No incident is open." in desk.record("holds", "--incidents", "--as", "sam").out
    case = desk.walk(HELD)
    desk.clock.forward(hours=72)
    desk.record("act", case, "expire", "at=2026-03-05T08:00", "--as", "jill")
    (row,) = desk.json("holds", "--incidents", "--as", "sam")
    assert (row["case"], row["agency"]) == (case, "oak-jail")
    text = desk.record("holds", "--incidents", "--as", "sam").out
    assert all(incident in text for incident in row["incidents"])
    assert desk.json("holds", "--incidents", "--as", "nora") == []
    for incident in row["incidents"]:
        desk.record("act", case, "close_incident", f"incident={incident}", "reason=told", "--as", "sam")
    assert desk.json("holds", "--incidents", "--as", "sam") == []


# ---------------------------------------------------------------- persons


def test_personal_fields_are_shown_once_the_reading_is_recorded(shared: Desk) -> None:
    case = shared.arrest()
    shown = shared.record("person", case, "--purpose", "service of the copy", "--as", "jill").out
    assert {line[:22].strip(): line[23:] for line in shown.splitlines()} == PERSON


def test_a_case_without_personal_fields_says_so(shared: Desk) -> None:
    case = shared.arrest(person={})
    said = shared.record("person", case, "--purpose", "service", "--as", "jill").out
    assert said == "The case has no personal fields, or they were erased.\n"


def test_an_erased_person_is_read_by_nobody(shared: Desk) -> None:
    case = shared.walk(RELEASED_AFTER_DECLINE)
    shared.record("act", case, "close", "--as", "olga")
    shared.record("act", case, "erase_person", "reason=retention", "--as", "sam")
    said = shared.record("person", case, "--purpose", "service", "--as", "sam").out
    assert said == "The case has no personal fields, or they were erased.\n"
    assert shared.json("show", case, "--as", "sam")["version"] == 10


@pytest.mark.parametrize(
    "purpose", ["", "   ", "x" * 5_000, "service\x1b[2J"], ids=["empty", "blank", "long", "escape"]
)
def test_a_purpose_that_says_nothing_or_cannot_be_kept_is_refused(shared: Desk, purpose: str) -> None:
    case = shared.arrest()
    shared.record("person", case, "--purpose", purpose, "--as", "jill", code=2)


def test_readings_of_a_person_are_listed_for_the_auditor_by_name_and_by_case(desk: Desk) -> None:
    assert desk.record("access", "--as", "aud").out == "Nothing was read or denied.\n"
    case, other = desk.arrest(), desk.arrest()
    for which, who in ((case, "olga"), (case, "jill"), (other, "olga")):
        desk.record("person", which, "--purpose", "service of the copy", "--as", who)
        desk.clock.forward(minutes=1)
    lines = desk.record("access", "--as", "aud").out.splitlines()[2:]
    assert [line.split()[1:3] for line in lines] == [
        ["olga", "issuing_officer"],
        ["jill", "receiving_agency"],
        ["olga", "issuing_officer"],
    ]
    assert all(line.endswith("service of the copy") for line in lines)
    assert [each["case"] for each in desk.json("access", "--of", "olga", "--as", "aud")] == [case, other]
    assert [each["who"] for each in desk.json("access", "--case", case, "--as", "aud")] == ["olga", "jill"]
    assert "may not read access" in desk.refusal("access", "--as", "sam", code=1)
