"""Bad values are refused with the field and the reason, and nothing is stored; odd text is stored as the text it is."""

from __future__ import annotations

from typing import Any

import pytest

from detainer_ledger.casework import Agency, Command, Done, Field, add_agency, command_kinds, rebuild
from detainer_ledger.ledger import verify
from detainer_ledger.terms import BadInput
from tests.casework.build import (
    ADMINISTRATOR,
    AGENCY,
    ARREST,
    AUDITOR,
    GIVEN,
    OFFICER,
    PERSON,
    SUPERVISOR,
    WAY,
    Office,
    with_changes,
)

MEGABYTE = "x" * 1_000_000

BAD: dict[str, list[object]] = {
    "text": [
        7,
        True,
        ["x"],
        {"x": "y"},
        MEGABYTE,
        "x" * 2001,
        " ",
        "\t\n",
        "a\x00b",
        "a\x1b[2Jb",
        "a\x7fb",
        "a\rb",
        "a\x85b",
        "a\u202eb",
        "a\u200bb",
        "a\ufeffb",
        "a\ud800b",
        "a\ue000b",
    ],
    "line": [7, True, ["x"], {}, MEGABYTE, "x" * 2001, " ", "a\x00b", "a\x1b[2Jb", "a\u202eb", "a\ud800b"],
    "instant": [
        7,
        "today",
        "2026-02-20",
        "2026-02-30T10:00",
        "2026-02-20T25:00",
        "2026-02-20T10:00:60",
        "20260220T1000",
        "2026-02-20T10:00 CST",
        "2026-02-20T10:00+99:00",
        "0001-01-01T00:00",
        "9999-12-31T23:59",
        "1899-12-31T23:59-05:00",
        "٢٠٢٦-02-20T10:00",
        MEGABYTE,
        ["2026-02-20T10:00"],
        {},
    ],
    "day": ["today", "2026-02-30", "20.02.2026", "2026-02-20T10:00", "2026-03-03", "9999-12-31", MEGABYTE, 7, [], {}],
    "flag": ["perhaps", "1", 1, 0, "y", [], {}, MEGABYTE],
    "choice": ["another", "", 7, True, ["arrest"], {}, MEGABYTE, "ARREST", "arrest\x00"],
    "choices": [
        "another",
        ["final_order", "another"],
        [7],
        7,
        {},
        True,
        "final_order,,",
        MEGABYTE,
        ["final_order"] * 51,
    ],
    "references": [7, True, {}, [7], ["a\x00"], [MEGABYTE], ["x"] * 51, "x," * 60],
    "agency": ["oak", "OAK-JAIL", "oak-jail ", "' OR 1=1 --", 7, ["oak-jail"], MEGABYTE, "oak-jail\x00"],
    "form": ["I-247Z", "i-247a", 7, True, ["I-247A"], {}, MEGABYTE],
    "rule": ["no/such-rule", 7, ["forms/in-force"], {}, MEGABYTE],
    "lift_reason": ["Lifted", "LIFTED", 7, [], {}, MEGABYTE],
    "legal_basis": ["a law", 7, [], {}, MEGABYTE],
    "version": ["one", "-1", "1.0", True, "1e3", "²", "9" * 10, 0.5, [], {}, MEGABYTE],
    "case": [7, True, [], {}, MEGABYTE, "D-\x00", " "],
    "incident": [7, True, [], {}, MEGABYTE, "\x00", " ", "no-such-incident"],
    "values": [7, "offence=theft", [], {}, ["offence"]],
    "person": [
        7,
        "A name",
        [],
        {},
        {"name": 7},
        {"name": ""},
        {"name": "a\x00b"},
        {"name": MEGABYTE},
        {"shoe_size": "43"},
        {"name": {"first": "x"}},
    ],
}
"""For each kind of field, values that it does not allow. Not one of them is a person's."""

BEGINNINGS = {"record_arrest", "receive"}


def fields() -> list[tuple[str, Field]]:
    return [
        (kind.id, field)
        for kind in command_kinds().values()
        for field in kind.fields
        # An agency that names another than itself is denied: that is among the tests of roles.
        if (kind.id, field.name) != ("receive", "agency")
    ]


def stage_for(command: str) -> str:
    stages = command_kinds()[command].from_stages
    if command == "void":
        return "arrest_recorded"
    return next(stage for stage in ("acknowledged", "arrest_recorded", "issued", "served", *stages) if stage in stages)


@pytest.fixture(scope="module")
def cases(shared_office: Office) -> dict[str, str]:
    """Give a case in each stage; whatever is refused leaves it as it is."""
    return {stage: shared_office.walk(stage) for stage in WAY}


def test_every_kind_of_field_has_bad_values_here() -> None:
    assert {field.kind for _, field in fields()} == set(BAD)


@pytest.mark.parametrize(
    ("command", "field"), [pytest.param(*each, id=f"{each[0]}-{each[1].name}") for each in fields()]
)
def test_a_value_that_its_field_does_not_allow_is_refused_with_the_field_and_nothing_is_stored(
    shared_office: Office, cases: dict[str, str], command: str, field: Field
) -> None:
    case = None if command in BEGINNINGS else cases[stage_for(command)]
    who = GIVEN[command][0]
    before = shared_office.everything()
    for bad in BAD[field.kind]:
        if bad == "" and field.optional:
            continue
        with pytest.raises(BadInput) as raised:
            shared_office.give(who, command, case, {**GIVEN[command][1], field.name: bad})
        named = str(raised.value.where["field"])
        assert named == field.name or (bad and named.startswith(f"{field.name}.")), (bad, raised.value.where)
        told = raised.value.message()
        assert raised.value.do, told
        assert len(told) < 1_000, told[:200]
        assert all(character.isprintable() or character == "\n" for character in told), told
    assert shared_office.everything() == before


@pytest.mark.parametrize(
    ("command", "field"),
    [pytest.param(*each, id=f"{each[0]}-{each[1].name}") for each in fields() if not each[1].optional],
)
def test_a_field_that_is_needed_and_missing_is_named(
    shared_office: Office, cases: dict[str, str], command: str, field: Field
) -> None:
    case = None if command in BEGINNINGS else cases[stage_for(command)]
    who = SUPERVISOR if command == "record_arrest" else GIVEN[command][0]
    before = shared_office.everything()
    for empty in (None, ""):
        with pytest.raises(BadInput, match=f"The command {command} needs this field") as raised:
            shared_office.give(who, command, case, {**GIVEN[command][1], field.name: empty})
        assert raised.value.where == {"field": field.name}
    assert shared_office.everything() == before


@pytest.mark.parametrize(
    ("command", "given", "hint"),
    [
        ("record_arrest", "offense", "did you mean 'offence'?"),
        ("record_arrest", "name", "it has agency, at, arrest_kind"),
        ("issue", "from", "did you mean 'form'?"),
        ("answer", "legal-basis", "did you mean 'legal_basis'?"),
        ("begin_hold", "at\x00\x1b", "did you mean 'at'?"),
        ("begin_hold", MEGABYTE, "it has at, despite."),
    ],
)
def test_a_field_that_a_command_has_not_is_refused_with_the_nearest_that_it_has(
    shared_office: Office, cases: dict[str, str], command: str, given: str, hint: str
) -> None:
    case = None if command in BEGINNINGS else cases[stage_for(command)]
    before = shared_office.everything()
    with pytest.raises(BadInput, match="has no such field") as raised:
        shared_office.give(GIVEN[command][0], command, case, {**GIVEN[command][1], given: "x"})
    assert hint in raised.value.do
    assert len(raised.value.message()) < 500
    assert all(character.isprintable() or character == "\n" for character in raised.value.message())
    assert shared_office.everything() == before


STORED = (
    "'; DROP TABLE entry; --",
    '" OR ""="',
    "Robert'); DELETE FROM view; --",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>&amp;&lt;",
    '=HYPERLINK("http://example.org","x")',
    "+1+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd",
    "-2+3",
    "{{ 7*7 }} ${7*7} %s %d {0} \\n \\u0000",
    "back\\slash / 'single' \"double\" `tick`",
    "two\nlines",
    "Zoë Łukasiewicz, 日本語, العربية, Ελληνικά, 😀",
    "e\u0301 and é are kept apart",
    "null",
    "x" * 2000,
)


FREE = {"text", "line", "references", "person", "values"}
"""Kinds of fields in which anything that can be printed may be said."""


@pytest.mark.parametrize(
    ("command", "field"),
    [pytest.param(*each, id=f"{each[0]}-{each[1].name}") for each in fields() if each[1].kind not in FREE],
)
def test_sql_and_html_are_refused_in_every_field_of_a_closed_kind(
    shared_office: Office, cases: dict[str, str], command: str, field: Field
) -> None:
    case = None if command in BEGINNINGS else cases[stage_for(command)]
    # Whoever may give the command for any agency, so that it is the value that is refused.
    who = SUPERVISOR if command == "record_arrest" else GIVEN[command][0]
    before = shared_office.everything()
    for text in STORED:
        with pytest.raises(BadInput) as raised:
            shared_office.give(who, command, case, {**GIVEN[command][1], field.name: text})
        assert str(raised.value.where["field"]).partition(".")[0] == field.name
    assert shared_office.everything() == before


def texts() -> list[tuple[str, str]]:
    return [
        (kind.id, field.name)
        for kind in command_kinds().values()
        for field in kind.fields
        if field.kind in {"text", "line"}
    ]


@pytest.mark.parametrize(("command", "field"), texts())
def test_text_comes_back_from_the_record_exactly_as_it_was_written(
    shared_office: Office, command: str, field: str
) -> None:
    if command == "close_incident":
        case = shared_office.walk("answered")
        shared_office.done("begin_hold", case)
        shared_office.done("release", case, at="2026-03-01T10:00")
    elif command in BEGINNINGS or command == "begin_hold":
        case = None
    else:
        case = shared_office.walk(stage_for(command))
    # What is kept as one line is tried in a test of its own.
    is_line = next(each.kind for name, each in fields() if (name, each.name) == (command, field)) == "line"
    for text in STORED if not is_line else [each for each in STORED if "\n" not in each]:
        repeats = command in {"override", "review", "correct"} or command in BEGINNINGS
        if command == "override":
            # A rule is overridden once.
            where: str | None = shared_office.walk(stage_for(command))
        else:
            where = case if repeats else case or shared_office.walk(stage_for(command))
        if command == "begin_hold":
            shared_office.done("answer", where, answer="notify_only")
        changed: dict[str, Any] = {field: text}
        if command == "correct":
            changed["values"] = {"offence": f"theft {len(text)} {text[:9]}".strip()}
        made = shared_office.done(command, where, **changed)
        assert shared_office.events(made.case)[-1].said()[field] == text
        told = shared_office.case(made.case).told[-1]
        assert told.body[field] == text
        if not repeats:
            break


@pytest.mark.parametrize("text", STORED)
def test_any_text_can_be_in_every_text_of_a_case_and_of_a_person(office: Office, text: str) -> None:
    line = " ".join(text.split())
    case = office.done(
        "record_arrest",
        offence=text,
        area_of_responsibility=text,
        person={"name": text, "birth_date": text, "file_number": text},
    ).case
    steps: list[tuple[str, dict[str, Any]]] = [
        ("examine_citizenship", {"evidence": [text]}),
        ("establish_probable_cause", {"evidence": [text, "file-2"]}),
        ("attach_warrant", {}),
        ("review", {"reason": text}),
        ("override", {"reason": text}),
        ("issue", {}),
        ("transfer", {"to_agency": text}),
        ("close", {"reason": text}),
    ]
    for kind, changed in steps:
        office.done(kind, case, **changed)
    office.done("correct", case, values={"offence": f"not {text}"[:2000]}, reason=text)
    shown = office.case(case)
    assert shown.beginning.body["offence"] == f"not {line}"[:2000]
    assert office.events(case)[0].said()["offence"] == line
    assert shown.beginning.body["area_of_responsibility"] == line
    assert [told.body["reason"] for told in shown.told if "reason" in told.body] == [text] * 4
    assert shown.said("probable_cause_established", "evidence") == [text, "file-2"]
    assert shown.said("transferred", "to_agency") == line
    assert office.record.person(case, AUDITOR, purpose=text) == {
        "name": text,
        "birth_date": text,
        "file_number": text,
    }
    before = office.everything()["view"]
    rebuild(office.record)
    assert office.everything()["view"] == before
    assert verify(office.record.ledger).holds


@pytest.mark.parametrize("at", ["2026-02-20T10:00\x00", "\x1b[2J2026-02-20T10:00", "2026\u202e-02-20"])
def test_a_message_about_a_time_has_no_control_characters_of_what_was_given(shared_office: Office, at: str) -> None:
    with pytest.raises(BadInput) as raised:
        shared_office.do("record_arrest", at=at)
    assert raised.value.where == {"field": "at"}
    assert all(character.isprintable() or character == "\n" for character in raised.value.message())


def test_blanks_around_a_text_are_left_out(shared_office: Office) -> None:
    case = shared_office.done("record_arrest", offence="  theft \n").case
    assert shared_office.case(case).beginning.body["offence"] == "theft"


INSTANTS = [(command, field) for command, field in fields() if field.kind == "instant"]


@pytest.mark.parametrize(
    ("command", "field"), [pytest.param(*each, id=f"{each[0]}-{each[1].name}") for each in INSTANTS]
)
def test_a_time_that_does_not_say_its_zone_is_refused_with_the_field_and_nothing_is_stored(
    shared_office: Office, cases: dict[str, str], command: str, field: Field
) -> None:
    case = None if command in BEGINNINGS else cases[stage_for(command)]
    who, values = GIVEN[command]
    # The other times of the command say theirs.
    said = {each.name: f"{values[each.name]}-06:00" for of, each in INSTANTS if of == command and each.name in values}
    before = shared_office.everything()
    for text in ("2026-02-26T10:00", "2026-02-26 10:00", "2026-02-26T10:00:30"):
        asked = Command(kind=command, case=case, values={**values, **said, field.name: text})
        with pytest.raises(BadInput, match="The time does not say its zone") as raised:
            shared_office.record.do(asked, who)
        assert raised.value.where == {"field": field.name}
        assert "2026-02-26T10:00-06:00 for the time in America/Chicago" in (raised.value.do or "")
    assert shared_office.everything() == before


def test_a_time_of_a_correction_that_does_not_say_its_zone_is_refused_too(office: Office) -> None:
    case = office.walk("served")
    before = office.everything()
    values = {"version": 6, "values": {"at": "2026-02-20T14:30"}, "reason": "Misread."}
    with pytest.raises(BadInput, match="The time does not say its zone") as raised:
        office.record.do(Command(kind="correct", case=case, values=values), OFFICER)
    assert raised.value.where == {"field": "values.at"}
    assert office.everything() == before


@pytest.mark.parametrize(
    ("zone", "text", "at"),
    [
        (None, "2026-02-20T10:00-06:00", "2026-02-20T10:00:00-06:00"),
        (None, "2026-02-20T16:00Z", "2026-02-20T10:00:00-06:00"),
        ("agency", "2026-02-20T10:00", "2026-02-20T10:00:00-06:00"),
        ("America/Chicago", "2026-02-20T10:00", "2026-02-20T10:00:00-06:00"),
        ("America/New_York", "2026-02-20T11:00", "2026-02-20T10:00:00-06:00"),
        ("UTC", "2026-02-20T16:00", "2026-02-20T10:00:00-06:00"),
        ("America/New_York", "2026-02-20T10:00-06:00", "2026-02-20T10:00:00-06:00"),
    ],
)
def test_a_command_says_of_which_place_its_times_without_an_offset_are(
    shared_office: Office, zone: str | None, text: str, at: str
) -> None:
    asked = Command(kind="record_arrest", case=None, values={**ARREST, "at": text}, zone=zone)
    done = shared_office.record.do(asked, OFFICER)
    assert isinstance(done, Done)
    assert done.events[0].said()["at"] == at


@pytest.mark.parametrize("zone", ["CST", "Chicago", "", "America/Oak", "agency ", "x" * 5000])
def test_a_zone_that_there_is_not_is_refused(shared_office: Office, zone: str) -> None:
    before = shared_office.everything()
    with pytest.raises(BadInput) as raised:
        shared_office.record.do(Command(kind="record_arrest", case=None, values=ARREST, zone=zone), OFFICER)
    assert raised.value.where == {"field": "zone"}
    assert len(raised.value.message()) < 1_000
    assert shared_office.everything() == before


@pytest.mark.parametrize("text", ["2026-03-08T02:30", "2025-11-02T01:30"])
def test_a_time_that_clocks_passed_over_or_that_was_twice_is_told_as_such_with_or_without_a_zone(
    shared_office: Office, text: str
) -> None:
    for zone in (None, "agency", "America/Chicago"):
        asked = Command(kind="record_arrest", case=None, values={**ARREST, "at": text}, zone=zone)
        with pytest.raises(BadInput, match=r"does not exist|happens twice") as raised:
            shared_office.record.do(asked, OFFICER)
        assert raised.value.where == {"field": "at"}


@pytest.mark.parametrize(
    ("stage", "command", "by", "changed", "field", "told"),
    [
        (None, "record_arrest", OFFICER, {"agency": "new-jail", "at": "2026-02-20T10:00"}, "agency", "no such agency"),
        (None, "record_arrest", OFFICER, {"at": "2026-03-02T09:00:01"}, "at", "in the future"),
        (None, "record_arrest", OFFICER, {"at": "2026-03-02T10:00:00-05:00"}, None, None),
        (None, "record_arrest", OFFICER, {"at": "2026-03-02T10:00:01-05:00"}, "at", "in the future"),
        (None, "receive", AGENCY, {"issued_on": "2026-03-03"}, "issued_on", "in the future"),
        (None, "receive", AGENCY, {"issued_on": "2026-02-21"}, "issued_on", "received before this day"),
        (None, "receive", AGENCY, {"warrant_signed_on": "2026-02-21"}, "warrant_signed_on", "received before this day"),
        (None, "receive", AGENCY, {"warrant_kind": "none"}, "warrant_signed_on", "No warrant has no day of signature"),
        ("served", "begin_hold", AGENCY, {"at": "2026-02-20T13:59"}, "at", "before what it follows on"),
        ("arrest_recorded", "attach_warrant", OFFICER, {"signed_on": "2026-03-03"}, "signed_on", "in the future"),
        ("served", "expect_release", AGENCY, {"noticed_at": "2026-03-02T09:01"}, "noticed_at", "in the future"),
    ],
)
def test_a_time_is_looked_at_in_the_agencys_zone(
    shared_office: Office,
    stage: str | None,
    command: str,
    by: str,
    changed: dict[str, Any],
    field: str | None,
    told: str | None,
) -> None:
    case = shared_office.walk(stage) if stage else None
    if field is None:
        shared_office.done(command, case, by=by, **changed)
        return
    before = shared_office.everything()
    with pytest.raises(BadInput, match=told) as raised:
        shared_office.do(command, case, by=by, **changed)
    assert raised.value.where == {"field": field}
    assert shared_office.everything() == before


def test_the_day_is_the_agencys_own_where_another_has_begun_elsewhere(office: Office) -> None:
    office.clock.at = office.clock.at.replace(hour=4)
    case = office.walk("arrest_recorded")
    with pytest.raises(BadInput, match="in the future"):
        office.do("attach_warrant", case, signed_on="2026-03-02")
    office.done("attach_warrant", case, signed_on="2026-03-01")


def test_a_message_never_repeats_a_personal_value(shared_office: Office) -> None:
    name = "Unmistakable Person (synthetic)"
    for person in ({"name": f"{name}\x00"}, {"names": name}, {"name": [name]}, {name: "x"}):
        with pytest.raises(BadInput) as raised:
            shared_office.do("record_arrest", person=person)
        if name not in person:
            assert name not in raised.value.message()


def test_evidence_that_is_needed_is_not_an_empty_list(shared_office: Office) -> None:
    case = shared_office.done("record_arrest").case
    with pytest.raises(BadInput):
        shared_office.do("establish_probable_cause", case, evidence=[])


@pytest.mark.parametrize("area", ["Saint\u00a0Paul", "Saint\nPaul", "Saint\u3000Paul", "Saint\u2028Paul"])
def test_a_case_can_be_shown_whatever_blanks_are_in_its_area(shared_office: Office, area: str) -> None:
    try:
        case = shared_office.done("record_arrest", area_of_responsibility=area).case
    except BadInput:
        return
    shared_office.shown(case)


def test_a_case_can_be_shown_however_old_its_arrest_is(office: Office) -> None:
    assert (
        add_agency(
            office.record,
            ADMINISTRATOR,
            Agency(id="lake-jail", name="Lake County Jail", state="MI", zone="America/Detroit"),
        )
        is None
    )
    arrest = with_changes(ARREST, {"agency": "lake-jail", "at": "1904-05-06T10:00"})
    try:
        began = office.give(OFFICER, "record_arrest", None, arrest)
    except BadInput:
        return
    assert isinstance(began, Done)
    office.shown(began.case)


@pytest.mark.parametrize("correcting", [False, True], ids=["told", "corrected"])
def test_bail_is_not_posted_after_the_release(shared_office: Office, *, correcting: bool) -> None:
    case = shared_office.walk("acknowledged")
    after = {"bail_posted_at": "2026-02-26T11:01"}
    if correcting:
        shared_office.done("release", case, bail_posted_at="2026-02-26T11:00")
        with pytest.raises(BadInput, match="Bail was posted after the release"):
            shared_office.do("correct", case, by=AGENCY, version=str(len(shared_office.events(case))), values=after)
    else:
        with pytest.raises(BadInput, match="Bail was posted after the release"):
            shared_office.do("release", case, **after)


@pytest.mark.parametrize("purpose", ["", "  ", "a\x1b[2Jb", MEGABYTE])
def test_the_purpose_of_a_reading_is_a_text_like_any_other(shared_office: Office, purpose: str) -> None:
    case = shared_office.walk("issued")
    before = shared_office.everything()
    with pytest.raises(BadInput) as raised:
        shared_office.record.person(case, AUDITOR, purpose=purpose)
    assert raised.value.where == {"field": "purpose"}
    assert shared_office.everything() == before


@pytest.mark.parametrize("key", ["", MEGABYTE, "a\x00b", "a\nb"])
def test_the_key_of_a_command_is_a_short_text(shared_office: Office, key: str) -> None:
    before = shared_office.everything()
    with pytest.raises(BadInput) as raised:
        shared_office.record.do(
            Command(kind="record_arrest", case=None, values=ARREST, key=key, zone="agency"), OFFICER
        )
    assert raised.value.where == {"field": "key"}
    assert shared_office.everything() == before


@pytest.mark.parametrize(("part", "text"), [("key", "a\x00b"), ("key", "a\ud800b"), ("case", "a\ud800b")])
def test_a_key_or_a_case_that_is_no_text_is_bad_input_in_each_engine(office: Office, part: str, text: str) -> None:
    key, case = (text, None) if part == "key" else (None, text)
    with pytest.raises(BadInput):
        office.record.do(Command(kind="record_arrest", case=case, values=ARREST, key=key, zone="agency"), OFFICER)


def test_a_person_is_stored_with_the_fields_that_are_kept_and_no_other(shared_office: Office) -> None:
    every = {
        "name": "Example Person (synthetic)",
        "birth_date": "1990-01-02",
        "citizenship_country": "Nowhere",
        "gender": "not stated",
        "file_number": "A000000000",
        "booking_number": "B-1",
    }
    case = shared_office.done("record_arrest", person=every).case
    assert shared_office.record.person(case, AUDITOR, purpose="to test") == every
    with pytest.raises(BadInput, match="No such personal field is kept") as raised:
        shared_office.do("record_arrest", person={**PERSON, "address": "Nowhere 1"})
    assert raised.value.where == {"field": "person.address"}
