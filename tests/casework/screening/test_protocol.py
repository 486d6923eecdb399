"""A protocol is read as it is written, or refused with the step, the key, and what helps."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detainer_ledger.casework import Refused
from detainer_ledger.casework.screening import (
    KEYS,
    STEP_KEYS,
    Protocol,
    ScreeningResult,
    Trigger,
    adopt,
    illustrative_protocol,
    protocol_of,
    protocol_schema,
    protocols_of,
)
from detainer_ledger.casework.screening.protocols import protocol_named, protocol_on
from detainer_ledger.clock import Algorithm
from detainer_ledger.ledger import Conflict
from detainer_ledger.terms import BadInput
from tests.casework.build import ADMINISTRATOR, AGENCY, AUDITOR, OFFICER, SUPERVISOR
from tests.casework.screening.build import STEP, Room, protocol_text, protocol_with, toml

Change = Mapping[str, Any]


def refusal(text: str) -> BadInput:
    with pytest.raises(BadInput) as raised:
        protocol_of(text, where="protocol.toml")
    error = raised.value
    assert error.where["file"] == "protocol.toml"
    assert error.do
    assert len(error.message()) < 1_500
    assert all(character.isprintable() or character == "\n" for character in error.message())
    return error


def test_the_protocol_that_comes_with_the_program_says_that_it_is_not_kstep() -> None:
    protocol = illustrative_protocol()
    assert protocol.is_illustrative
    assert "not KSTEP" in protocol.title
    assert {step.trigger for step in protocol.steps} == set(Trigger)
    for step in protocol.steps:
        if step.hours is not None or step.every_days is not None:
            assert "invented" in step.source, step.id


def test_everything_that_a_protocol_says_is_read() -> None:
    protocol = protocol_with(
        {"hours": 24, "clock": "excluding", "required": False, "evidence": ["a reference"]},
        {"id": "review", "roles": ["supervisor"], "depends_on": ["checks"], "by_another": True},
        {"id": "asked", "trigger": "result_received", "on_results": ["pending_authority", "not_run"]},
        {"id": "again", "trigger": "under_supervision", "every_days": 90},
        {"id": "today", "clock": "end-of-day"},
        id="st-paul",
        version="2026-1",
        in_force_from="2026-01-01",
        is_illustrative=True,
    )
    assert (protocol.name, protocol.in_force_from, protocol.is_illustrative) == (
        "st-paul@2026-1", date(2026, 1, 1), True,
    )  # fmt: skip
    checks, review, asked, again, today = protocol.steps
    assert (checks.hours, checks.clock, checks.required, checks.evidence) == (
        24, Algorithm.EXCLUDING, False, ("a reference",),
    )  # fmt: skip
    assert (review.roles, review.depends_on, review.by_another) == (("supervisor",), ("checks",), True)
    assert asked.on_results == ("pending_authority", "not_run")
    assert (again.trigger, again.every_days, again.hours) == (Trigger.UNDER_SUPERVISION, 90, None)
    assert (today.hours, today.clock) == (None, Algorithm.END_OF_DAY)
    assert (review.required, review.hours, review.clock) == (True, None, Algorithm.CONTINUOUS)
    assert protocol.step("again") is again
    assert protocol.step("none") is None


def test_the_digest_is_that_of_the_text_to_the_last_blank() -> None:
    text = protocol_text({})
    assert protocol_of(text, where="x").sha256 != protocol_of(text + " ", where="x").sha256


BROKEN_STEPS: list[tuple[str, Change, str, str]] = [
    ("unknown key", {"hors": 24}, "hors", "did you mean 'hours'?"),
    ("unknown key, none near", {"zzz": 24}, "zzz", "it can be id, title, trigger"),
    ("unknown role", {"roles": ["supervisr"]}, "roles", "did you mean 'supervisor'?"),
    ("a role that screens nobody", {"roles": ["receiving_agency"]}, "roles", "issuing_officer, supervisor"),
    ("an auditor", {"roles": ["auditor"]}, "roles", "it can be issuing_officer, supervisor."),
    ("no role", {"roles": []}, "roles", "write it as"),
    ("a role as text", {"roles": "supervisor"}, "roles", "write it as"),
    ("a role twice", {"roles": ["supervisor", "supervisor"]}, "roles", "write it once"),
    ("roles missing", {"roles": None}, "roles", "who may do it"),
    ("negative deadline", {"hours": -1}, "hours", "after what makes the step due"),
    ("zero deadline", {"hours": 0}, "hours", "after what makes the step due"),
    ("deadline of centuries", {"hours": 10**7}, "hours", "after what makes the step due"),
    ("deadline as text", {"hours": "24"}, "hours", "after what makes the step due"),
    ("deadline as a fraction", {"hours": 1.5}, "hours", "after what makes the step due"),
    ("deadline as a flag", {"hours": True}, "hours", "after what makes the step due"),
    ("unknown trigger", {"trigger": "custody-taken"}, "trigger", "did you mean 'custody_taken'?"),
    ("trigger of a wrong type", {"trigger": ["custody_taken"]}, "trigger", "did you mean"),
    ("trigger missing", {"trigger": None}, "trigger", "what makes it due"),
    ("unknown clock", {"hours": 24, "clock": "exclude"}, "clock", "did you mean 'excluding'?"),
    ("a clock without hours", {"clock": "excluding"}, "clock", "give hours"),
    ("hours that end-of-day does not count", {"hours": 24, "clock": "end-of-day"}, "hours", "leave it out"),
    ("a period without supervision", {"every_days": 90}, "every_days", "under_supervision"),
    ("supervision without a period", {"trigger": "under_supervision"}, "every_days", "give the days"),
    ("a period of none", {"trigger": "under_supervision", "every_days": 0}, "every_days", "look at the number"),
    (
        "a period with hours",
        {"trigger": "under_supervision", "every_days": 90, "hours": 24},
        "hours",
        "leave it out",
    ),
    (
        "a period with a clock",
        {"trigger": "under_supervision", "every_days": 90, "clock": "end-of-day"},
        "clock",
        "leave it out",
    ),
    ("results without the trigger", {"on_results": ["not_run"]}, "on_results", "result_received"),
    ("the trigger without results", {"trigger": "result_received"}, "on_results", "name the results"),
    (
        "an unknown result",
        {"trigger": "result_received", "on_results": ["match"]},
        "on_results",
        "did you mean 'no_match'?",
    ),
    ("another than nobody", {"by_another": True}, "by_another", "depends_on"),
    ("a flag as text", {"required": "false"}, "required", "without quotes"),
    ("a flag as a number", {"required": 0}, "required", "without quotes"),
    ("evidence as text", {"evidence": "a reference"}, "evidence", "write it as"),
    ("evidence that says nothing", {"evidence": [" "]}, "evidence", "write it as"),
    ("evidence of numbers", {"evidence": [7]}, "evidence", "write it as"),
    ("a title that says nothing", {"title": "  "}, "title", "in quotes"),
    ("a title of two lines", {"title": "a\nb"}, "title", "in quotes"),
    ("a title that drives the terminal", {"title": "a\x1b[2Jb"}, "title", "in quotes"),
    ("a long title", {"title": "x" * 501}, "title", "in quotes"),
    ("a title of a wrong type", {"title": 7}, "title", "in quotes"),
    ("a title missing", {"title": None}, "title", "give it: what is done"),
    ("a source missing", {"source": None}, "source", "give it: what the step rests on"),
    ("an id with blanks", {"id": "the checks"}, "id", "small letters"),
    ("an id in capitals", {"id": "Checks"}, "id", "small letters"),
    ("an id of marks alone", {"id": "--"}, "id", "small letters"),
    ("an id of other letters", {"id": "prüfung"}, "id", "small letters"),
    ("a long id", {"id": "x" * 61}, "id", "small letters"),
    ("an id that is a number", {"id": 7}, "id", "in quotes"),
    ("an id missing", {"id": None}, "id", "short name"),
    ("SQL for an id", {"id": "'; DROP TABLE entry; --"}, "id", "small letters"),
    ("HTML for an id", {"id": "<script>"}, "id", "small letters"),
]


@pytest.mark.parametrize(("change", "key", "do"), [each[1:] for each in BROKEN_STEPS], ids=[e[0] for e in BROKEN_STEPS])
def test_a_broken_step_is_refused_with_the_step_and_the_key(change: Change, key: str, do: str) -> None:
    error = refusal(protocol_text({"id": "first"}, change))
    assert (error.where["key"], do in error.do) == (key, True), error.message()
    named = change.get("id", "checks")
    assert error.where["step"] == ("2" if not isinstance(named, str) else named[:60])


BROKEN_HEADS: list[tuple[Change, str]] = [
    ({"id": None}, "id"),
    ({"id": "St. Paul"}, "id"),
    ({"version": None}, "version"),
    ({"version": 1}, "version"),
    ({"version": "2026 1"}, "version"),
    ({"version": "a@b"}, "version"),
    ({"version": "x" * 61}, "version"),
    ({"title": None}, "title"),
    ({"source": None}, "source"),
    ({"source": ""}, "source"),
    ({"in_force_from": None}, "in_force_from"),
    ({"in_force_from": '"2026-01-01"'}, "in_force_from"),
    ({"in_force_from": "2026-01-01T10:00:00"}, "in_force_from"),
    ({"in_force_from": "20260101"}, "in_force_from"),
    ({"is_illustrative": "yes"}, "is_illustrative"),
    ({"steps": 7}, "steps"),
    ({"watch_list": ["x"]}, "watch_list"),
]


@pytest.mark.parametrize(("change", "key"), BROKEN_HEADS)
def test_a_broken_head_is_refused_with_the_key(change: Change, key: str) -> None:
    error = refusal(protocol_text({}, **change))
    assert error.where == {"file": "protocol.toml", "key": key}


@pytest.mark.parametrize(
    ("steps", "way"),
    [
        ([{"id": "a", "depends_on": ["a"]}], "a → a"),
        ([{"id": "a", "depends_on": ["b"]}, {"id": "b", "depends_on": ["a"]}], "a → b → a"),
        (
            [{"id": "a", "depends_on": ["b"]}, {"id": "b", "depends_on": ["c"]}, {"id": "c", "depends_on": ["a"]}],
            "a → b → c → a",
        ),
    ],
)
def test_steps_that_depend_on_each_other_in_a_circle_are_refused_with_the_circle(steps: list[Change], way: str) -> None:
    error = refusal(protocol_text({"id": "sound"}, *steps))
    told = error.what.removeprefix("The steps depend on each other in a circle: ").removesuffix(".").split(" → ")
    names = way.split(" → ")
    assert len(told) == len(names)
    assert told[0] == told[-1] == error.where["step"]
    # A circle begins anywhere; each depends on the next.
    place = names.index(told[0])
    assert told[:-1] == names[place:-1] + names[:place]
    assert error.where["key"] == "depends_on"


def test_a_step_that_depends_on_none_that_there_is_is_refused_with_the_nearest() -> None:
    error = refusal(protocol_text({"id": "initial-checks"}, {"id": "review", "depends_on": ["inital-checks"]}))
    assert error.where == {"file": "protocol.toml", "step": "review", "key": "depends_on"}
    assert "did you mean 'initial-checks'?" in error.do


def test_two_steps_of_one_id_are_refused() -> None:
    error = refusal(protocol_text({"id": "a"}, {"id": "b"}, {"id": "a"}))
    assert error.where == {"file": "protocol.toml", "step": "a", "key": "id"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        toml(step=[]),
        toml(step="checks"),
        toml(step=["checks"]),
        "[step]\nid = 'a'\n",
    ],
)
def test_a_protocol_without_steps_is_refused(text: str) -> None:
    assert refusal(text).where == {"file": "protocol.toml", "key": "step"}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("id = 'a", "no TOML that can be read"),
        ("id = 'a'\nid = 'b'", "no TOML that can be read"),
        ("\x00", "no TOML that can be read"),
        ("\ufeffid = 'a'", "no TOML that can be read"),
        ("id = 'a\x1b[2J'", "no TOML that can be read"),
        ("PK\x03\x04", "no TOML that can be read"),
        ('{"id": "a"}', "no TOML that can be read"),
        ("in_force_from = 2026-02-30", "no TOML that can be read"),
        ("a = " + "[" * 50_000, "no TOML that can be read"),
        ("a = " + "9" * 5_000, "no TOML that can be read"),
        ("# " + "x" * 200_000, "longer than 200,000 bytes"),
        ("# " + "é" * 100_000, "longer than 200,000 bytes"),
        ("x" * 50_000_000, "longer than 200,000 bytes"),
        ("# \ud800\n", "no steps"),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_what_is_no_protocol_at_all_is_refused(text: str, what: str) -> None:
    assert what in refusal(text).what


def test_more_steps_than_anybody_follows_are_refused() -> None:
    minimal = toml(step=None) + "".join(f"[[step]]\nid='s{number}'\n" for number in range(201))
    assert "more than 200 steps" in refusal(minimal).what


@pytest.mark.parametrize("key", ["\x1b[2J", "x" * 1_000, "a\u202eb", "<b>"])
def test_a_key_that_is_no_word_is_shown_so_that_it_does_no_harm(key: str) -> None:
    assert refusal(protocol_text({}) + f"{json.dumps(key)} = 1\n").where["key"] != key or key == "<b>"


def test_the_first_words_of_an_id_that_drives_the_terminal_are_shown_without_it() -> None:
    assert refusal(protocol_text({"id": "a\x1b[2Jb"})).where["step"] == "a?[2Jb"


# ---------------------------------------------------------------- the schema


def said_of(text: str) -> dict[str, Any]:
    return json.loads(json.dumps(tomllib.loads(text), default=str))  # type: ignore[no-any-return]


def test_the_schema_has_the_keys_of_the_validator_with_what_each_means() -> None:
    schema = protocol_schema()
    step = schema["properties"]["step"]["items"]
    assert {key: each["description"] for key, each in schema["properties"].items()} == dict(KEYS)
    assert {key: each["description"] for key, each in step["properties"].items()} == dict(STEP_KEYS)
    assert schema["additionalProperties"] is step["additionalProperties"] is False


@pytest.mark.parametrize("key", KEYS)
def test_a_key_of_a_protocol_is_needed_by_the_schema_just_where_the_validator_needs_it(key: str) -> None:
    is_needed = key in protocol_schema()["required"]
    text = protocol_text(*([{}] if key != "step" else []), **({key: None} if key != "step" else {}))
    if is_needed:
        assert refusal(text).where["key"] == key
    else:
        assert protocol_of(text, where="x")


@pytest.mark.parametrize("key", STEP_KEYS)
def test_a_key_of_a_step_is_needed_by_the_schema_just_where_the_validator_needs_it(key: str) -> None:
    is_needed = key in protocol_schema()["properties"]["step"]["items"]["required"]
    text = protocol_text({key: None})
    if is_needed:
        assert refusal(text).where["key"] == key
    else:
        assert protocol_of(text, where="x")


def is_read(text: str) -> bool:
    try:
        protocol_of(text, where="x")
    except BadInput:
        return False
    return True


def schema_allows(value: Any, schema: Mapping[str, Any]) -> bool:
    """Tell whether a value is of a kind, for the words that the schema uses; a word that it does not know fails."""
    import re

    checks: dict[str, Any] = {
        "type": lambda kind: (
            isinstance(value, {"string": str, "integer": int, "boolean": bool, "array": list}[kind])
            and (kind != "integer" or not isinstance(value, bool))
        ),
        "minLength": lambda least: len(value) >= least,
        "maxLength": lambda most: len(value) <= most,
        "pattern": lambda pattern: re.search(pattern, value) is not None,
        "enum": lambda choices: value in choices,
        "minimum": lambda least: value >= least,
        "maximum": lambda most: value <= most,
        "minItems": lambda least: len(value) >= least,
        "uniqueItems": lambda _: len(set(value)) == len(value),
        "items": lambda each: all(schema_allows(item, each) for item in value),
        "description": lambda _: True,
        "format": lambda _: True,
    }
    return all(checks[word](said) for word, said in schema.items())


VALUES: Mapping[str, list[Any]] = {
    "id": ["a", "a-1/b_2", "A", "-", "", "x" * 60, "x" * 61, "a b", 7],
    "title": ["A title", "", "x" * 500, "x" * 501, 7],
    "source": ["A source", "", 7],
    "hours": [1, 43_920, 0, -1, 43_921, "1", True],
    "roles": [["supervisor"], ["issuing_officer", "supervisor"], [], ["auditor"], ["supervisor"] * 2, "supervisor"],
    "required": [True, False, "true", 1],
    "evidence": [[], ["a"], ["a", "a"], "a", [7]],
    "trigger": ["custody_taken", "released_to_supervision", "custody", "", 7],
}


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, values in VALUES.items() for value in values])
def test_the_schema_allows_a_value_just_where_the_validator_does(key: str, value: Any) -> None:
    said = protocol_schema()["properties"]["step"]["items"]["properties"][key]
    assert is_read(protocol_text({key: value})) == schema_allows(value, said)


@pytest.mark.parametrize("value", ["1", "2026-1", "2026 1", "a@b", "", "x" * 61])
def test_the_schema_and_the_validator_agree_on_versions(value: str) -> None:
    is_allowed = schema_allows(value, protocol_schema()["properties"]["version"])
    assert is_read(protocol_text({}, version=value)) == is_allowed


lines = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1, max_size=20).filter(str.strip)


@settings(max_examples=50, deadline=None)
@given(
    title=lines,
    hours=st.integers(1, 43_920),
    clock=st.sampled_from(["continuous", "excluding"]),
    evidence=st.lists(lines, max_size=4, unique=True),
    results=st.lists(st.sampled_from([each.value for each in ScreeningResult]), min_size=1, unique=True),
)
def test_whatever_fits_the_schema_is_read_as_it_was_written(
    title: str, hours: int, clock: str, evidence: list[str], results: list[str]
) -> None:
    text = protocol_text(
        {"title": title, "hours": hours, "clock": clock, "evidence": evidence},
        {"id": "asked", "trigger": "result_received", "on_results": results},
    )
    first, second = protocol_of(text, where="x").steps
    assert (first.title, first.hours, first.clock, first.evidence, second.on_results) == (
        title.strip(), hours, clock, tuple(evidence), tuple(results),
    )  # fmt: skip
    step = protocol_schema()["properties"]["step"]["items"]["properties"]
    for entry in said_of(text)["step"]:
        assert all(schema_allows(value, step[key]) for key, value in entry.items())


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda each: each.decode("latin-1")))
def test_no_text_whatever_ends_in_anything_but_a_protocol_or_a_refusal(text: str) -> None:
    told = ""
    try:
        protocol_of(text, where="x")
    except BadInput as error:
        told = error.message()
    assert all(character.isprintable() or character == "\n" for character in told)


# ---------------------------------------------------------------- adopting


def test_a_supervisor_adopts_a_version_and_everybody_who_may_read_sees_its_text(room: Room) -> None:
    record = room.office.record
    adopted = room.adopt(protocol_text({}))
    assert protocols_of(record)[-1] == adopted
    event = record.ledger.events("protocols")[-1]
    assert (event.kind, event.actor, event.role) == ("protocol_adopted", SUPERVISOR, "supervisor")
    assert event.said() == {"name": "test@1", "sha256": adopted.sha256, "text": protocol_text({})}


@pytest.mark.parametrize("who", [OFFICER, AGENCY, AUDITOR, ADMINISTRATOR])
def test_nobody_but_a_supervisor_adopts_and_the_refusal_is_recorded(shared_room: Room, who: str) -> None:
    record = shared_room.office.record
    before = record.ledger.events("protocols")
    assert isinstance(adopt(record, protocol_text({}), who, where="x"), Refused)
    assert record.ledger.events("protocols") == before
    kind, said = shared_room.office.access(who)[-1]
    assert (kind, said["act"]) == ("denied", "adopt_protocol")


def test_a_version_is_adopted_once_and_never_changed(room: Room) -> None:
    room.adopt(protocol_text({}))
    before = room.office.record.ledger.events("protocols")
    with pytest.raises(BadInput, match="already\\.") as raised:
        room.adopt(protocol_text({}))
    assert "nothing is left to do" in raised.value.do
    with pytest.raises(BadInput, match="with another text") as raised:
        room.adopt(protocol_text({"hours": 24}))
    assert raised.value.where == {"file": "protocol.toml", "key": "version"}
    assert room.office.record.ledger.events("protocols") == before


def test_a_broken_protocol_is_not_adopted(room: Room) -> None:
    before = room.office.everything()
    with pytest.raises(BadInput):
        room.adopt(protocol_text({"hours": -1}))
    assert room.office.everything() == before


def test_of_two_who_adopt_at_once_one_is_in_conflict(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Room(room.office)
    seen = protocols_of(room.office.record)

    def meanwhile(_record: object) -> tuple[Protocol, ...]:
        monkeypatch.undo()
        other.adopt(protocol_text({}))
        return seen

    monkeypatch.setattr("detainer_ledger.casework.screening.protocols.protocols_of", meanwhile)
    with pytest.raises(Conflict):
        room.adopt(protocol_text({"hours": 24}))
    assert [each.name for each in protocols_of(room.office.record)].count("test@1") == 1


def version(name: str, begins: str, of: str = "test") -> Protocol:
    return protocol_with({}, id=of, version=name, in_force_from=begins)


def test_the_version_that_came_into_force_last_applies_and_of_one_day_the_one_adopted_last() -> None:
    adopted = (version("2", "2026-02-01"), version("1", "2026-01-01"), version("2b", "2026-02-01"))
    on = {day: protocol_on(adopted, date.fromisoformat(day)).version for day in ("2026-01-01", "2026-01-31")}
    assert on == {"2026-01-01": "1", "2026-01-31": "1"}
    assert protocol_on(adopted, date(2026, 2, 1)).version == "2b"
    with pytest.raises(BadInput, match="No protocol is in force"):
        protocol_on(adopted, date(2025, 12, 31))
    with pytest.raises(BadInput, match="adopted no protocol"):
        protocol_on((), date(2026, 2, 1))


def test_a_protocol_is_named_by_its_version_or_by_id_and_version() -> None:
    adopted = (version("1", "2026-01-01"), version("2", "2026-01-01"), version("1", "2026-01-01", of="other"))
    assert protocol_named(adopted, "2").name == "test@2"
    assert protocol_named(adopted, "other@1").name == "other@1"
    with pytest.raises(BadInput, match="More than one protocol has this version") as raised:
        protocol_named(adopted, "1")
    assert "test@1, other@1" in raised.value.do
    with pytest.raises(BadInput, match="no such version") as raised:
        protocol_named(adopted, "3")
    assert "test@1, test@2, other@1" in raised.value.do


def test_the_builder_of_these_tests_makes_protocols_that_are_sound() -> None:
    assert set(STEP) <= set(STEP_KEYS)
    assert protocol_with({}).name == "test@1"
