"""Screening at the terminal: what is typed, what is done and shown, exit codes 0, 1 and 2, and every message."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from detainer_ledger.casework import open_record, screening_command_kinds
from detainer_ledger.casework.screening import COLUMNS, Status, illustrative_protocol, protocol_schema
from detainer_ledger.cli.screening.group import COMMANDS
from tests.casework.screening.build import protocol_text
from tests.cli.record_desk import PERSON, TAKEN, Desk, bare_desk, desk_in, set_up
from tests.records import ENGINES, tamper
from tests.running import Ran, detainer

PERSON_ARGUMENTS = tuple(f"person.{name}={value}" for name, value in PERSON.items())
BEGIN = ("act", "new", "begin", "at=2026-02-02T09:00", "office=St. Paul (synthetic)", "zone=America/Chicago")
CHECKS = ("do_step", "step=initial-checks", "at=2026-02-02T11:00", "evidence=file-7", "--as", "olga")
PENDING = ("record_result", "step=initial-checks", "result=pending_authority", "at=2026-02-02T12:00", "--as", "olga")

REVIEW = (
    "second_review", "step=oversight-review", "outcome=in_order", "at=2026-02-04T15:00", "evidence=r", "--as", "sam",
)  # fmt: skip


def screening(desk: Desk, *arguments: str | Path, code: int = 0, typed: str | bytes = "") -> Ran:
    return desk.run("screening", *arguments, code=code, typed=typed)


def refusal(desk: Desk, *arguments: str | Path, code: int = 2) -> str:
    """Run a command, see that it does nothing but say what is wrong, and return what it says."""
    ran = screening(desk, *arguments, code=code)
    assert ran.out == ""
    return ran.err


def as_json(desk: Desk, *arguments: str | Path) -> Any:
    return json.loads(screening(desk, *arguments, "--json").out)


def begin(desk: Desk, *steps: tuple[str, ...]) -> str:
    case = str(as_json(desk, *BEGIN, "--as", "olga")["case"])
    for step in steps:
        screening(desk, "act", case, *step)
    return case


def with_protocol(engine: str, folder: Path) -> Iterator[Desk]:
    for desk in desk_in(engine, folder):
        screening(desk, "adopt", "--illustrative", "--as", "sam")
        yield desk


@pytest.fixture(params=ENGINES)
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    yield from with_protocol(request.param, tmp_path)


@pytest.fixture(scope="module", params=ENGINES)
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    yield from with_protocol(request.param, tmp_path_factory.mktemp("screening"))


# ---------------------------------------------------------------- help


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example_of_itself(name: str) -> None:
    ran = detainer("screening", name, "--help")
    assert ran.code == 0
    assert f"detainer screening {name}" in ran.out.partition("Example")[2]


def test_the_help_says_that_the_program_holds_no_list_and_knows_no_kstep() -> None:
    said = " ".join(detainer("screening", "--help").out.split())
    assert "holds no watch-list content and compares nobody with a list" in said
    assert "The steps of KSTEP are not public" in said
    for name, says in COMMANDS.items():
        assert name in said
        assert says.split(".")[0].split(",")[0][:30] in said


# ---------------------------------------------------------------- protocols


def test_a_protocol_that_is_printed_to_start_from_is_one_that_can_be_used(desk: Desk) -> None:
    template = screening(desk, "protocol", "--template").out
    assert template == illustrative_protocol().text
    said = screening(desk, "protocol", desk.file("mine.toml", template)).out
    assert said.startswith("illustrative@1 (illustrative, not KSTEP): ")
    for step in illustrative_protocol().steps:
        assert step.id in said
    assert "120 h excluding" in said
    assert "90 d" in said
    assert "initial-checks by another" in said


def test_the_deadline_at_the_end_of_the_day_is_listed(desk: Desk) -> None:
    said = screening(desk, "protocol", desk.file("mine.toml", protocol_text({"clock": "end-of-day"}, {"id": "b"}))).out
    lines = {line.split()[0]: line.split() for line in said.splitlines() if line}
    assert lines["checks"][2] == "end-of-day"
    assert lines["b"][2] == "-"


def test_the_schema_is_printed_as_json(desk: Desk) -> None:
    assert json.loads(screening(desk, "protocol", "--schema").out) == protocol_schema()


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (
            protocol_text({"hours": -1}),
            "This has to be a whole number from 1 to 43,920.\n  where: step checks, key hours",
        ),
        (protocol_text({"roles": ["chief"]}), "There is no such role that screens.\n  where: step checks, key roles"),
        (
            protocol_text({"id": "a", "depends_on": ["b"]}, {"id": "b", "depends_on": ["a"]}),
            "The steps depend on each other in a circle: ",
        ),
        (protocol_text({"hors": 1}), "There is no such key.\n  where: step checks, key hors"),
        ("id = ", "This is no TOML that can be read"),
        ("", "The protocol has no steps."),
        (b"\xff\xfe\x00", "The file is not UTF-8 text."),
        (b"#" * 200_001, "The protocol is longer than 200,000 bytes."),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", ["protocol", "adopt"])
def test_a_protocol_that_cannot_be_used_is_refused_with_the_place(
    shared: Desk, command: str, content: str | bytes, what: str
) -> None:
    path = shared.file("broken.toml", content)
    said = refusal(shared, command, path, *(("--as", "sam") if command == "adopt" else ()))
    head, *more = what.split("\n  where: ")
    assert said.startswith(f"detainer: {head}")
    for place in more:
        assert place in said
    assert "broken.toml" in said
    assert "to do: " in said


def test_a_file_that_is_not_there_is_named(shared: Desk) -> None:
    for command in (("protocol", "none.toml"), ("adopt", "none.toml", "--as", "sam")):
        assert "none.toml" in refusal(shared, *command)
    assert "cannot be read" in refusal(shared, "protocol", shared.folder)
    assert "nothing to check" in refusal(shared, "protocol")


def test_one_protocol_is_adopted_at_a_time_by_a_supervisor_and_once(desk: Desk) -> None:
    path = desk.file("mine.toml", protocol_text({}, in_force_from="2026-02-10"))
    assert "One protocol is adopted at a time" in refusal(desk, "adopt", "--as", "sam")
    assert "One protocol is adopted at a time" in refusal(desk, "adopt", path, "--illustrative", "--as", "sam")
    said = refusal(desk, "adopt", path, "--as", "olga", code=1)
    assert said == "Refused: The role issuing officer may not adopt protocol.\nThe refusal is recorded.\n"
    said = screening(desk, "adopt", path, "--as", "sam").out
    assert said == "test@1 is adopted: 1 steps, in force from 2026-02-10.\n"
    assert "already" in refusal(desk, "adopt", path, "--as", "sam")
    assert refusal(desk, "adopt", path, "--as", "eve").startswith("detainer: The record knows nobody of this name.")


def test_protocols_are_listed_with_the_digest_of_their_text_and_the_mark(desk: Desk) -> None:
    (row,) = as_json(desk, "protocols", "--as", "aud")
    assert row == {
        "protocol": "illustrative@1",
        "in_force_from": "2003-03-01",
        "steps": 7,
        "illustrative": True,
        "title": "Illustrative screening protocol, not KSTEP",
        "sha256": illustrative_protocol().sha256,
    }
    assert illustrative_protocol().sha256 in screening(desk, "protocols", "--as", "aud").out
    refusal(desk, "protocols", "--as", "jill", code=1)


def test_a_record_without_protocols_says_how_one_is_adopted(tmp_path: Path) -> None:
    desk = set_up(bare_desk(tmp_path))
    assert "detainer screening adopt FILE" in screening(desk, "protocols", "--as", "aud").out
    assert as_json(desk, "protocols", "--as", "aud") == []
    assert "The record has adopted no protocol." in refusal(desk, *BEGIN, "--as", "olga")


# ---------------------------------------------------------------- commands


def test_commands_are_listed_and_each_says_what_it_needs(shared: Desk) -> None:
    listed = screening(shared, "commands").out
    assert "'detainer screening commands NAME'" in listed
    for kind in screening_command_kinds().values():
        assert f"\n{kind.id} " in listed
        said = screening(shared, "commands", kind.id).out
        for field in kind.fields:
            assert field.name in said
            assert field.says in said
    assert [each["id"] for each in as_json(shared, "commands")] == list(screening_command_kinds())
    assert "did you mean 'do_step'?" in refusal(shared, "commands", "do-step")


def test_a_case_is_followed_from_custody_to_its_end(desk: Desk) -> None:
    case = begin(desk, CHECKS, PENDING)
    said = screening(desk, "act", case, "decide_custody", "at=2026-02-04T12:00", "decision=keep_in_custody",
                     "reason=No answer came yet.", "--as", "olga")  # fmt: skip
    assert said.out == f"{case}: custody_decided is event 4.\n"
    for step in (
        ("do_step", "step=authority-contacted", "at=2026-02-02T13:00", "evidence=call-1", "--as", "olga"),
        REVIEW,
        ("release_to_supervision", "at=2026-02-05T09:00", "--as", "olga"),
        ("do_step", "step=supervision-checks", "at=2026-02-05T10:00", "evidence=file-8", "--as", "olga"),
        ("end", "at=2026-02-20T09:00", "how=supervision_ended", "--as", "olga"),
    ):  # fmt: skip
        screening(desk, "act", case, *step)
    shown = as_json(desk, "show", case, "--as", "aud")
    assert {each["step"]: each["status"] for each in shown["steps"]} == {
        "initial-checks": "in_time",
        "authority-contacted": "in_time",
        "notify": "not_applicable",
        "classified-channel": "not_applicable",
        "oversight-review": "in_time",
        "supervision-checks": "in_time",
        "rescreen": "not_applicable",
    }
    assert (shown["stage"], shown["version"], shown["is_illustrative"]) == ("closed", 9, True)


def test_what_a_command_did_is_told_as_json_too(desk: Desk) -> None:
    first = as_json(desk, *BEGIN, "--key", "letter-1", "--as", "olga")
    assert first == {"case": first["case"], "events": [1], "repeat": False}
    again = as_json(desk, *BEGIN, "--key", "letter-1", "--as", "olga")
    assert again == {**first, "repeat": True}
    assert "(it had been done before)" in screening(desk, *BEGIN, "--key", "letter-1", "--as", "olga").out
    ran = screening(
        desk, "act", first["case"], "second_review", "at=2026-02-04T15:00", "outcome=in_order", "--as", "olga",
        "--json", code=1,
    )  # fmt: skip
    assert json.loads(ran.out)["refused"].startswith("The role issuing officer may not second review")
    assert json.loads(ran.out)["case"] == first["case"]


def test_a_case_has_its_values_from_a_file_too(desk: Desk) -> None:
    values = {"at": "2026-02-02T09:00", "office": "St. Paul (synthetic)", "zone": "America/Chicago", "person": PERSON}
    path = desk.file("begin.json", json.dumps(values))
    case = as_json(desk, "act", "new", "begin", "--values", path, "--as", "olga")["case"]
    refusal(desk, "act", "new", "begin", "--values", desk.file("bad.json", "[1]"), "--as", "olga")
    typed = json.dumps({"step": "initial-checks", "at": "2026-02-02T11:00", "evidence": ["a, b"]})
    screening(desk, "act", case, "do_step", "--values", "-", "--as", "olga", typed=typed)
    assert as_json(desk, "show", case, "--as", "aud")["events"][1]["says"]["evidence"] == ["a, b"]


@pytest.mark.parametrize(
    ("arguments", "what", "code"),
    [
        (("begin",), "There is no such case", 2),
        (("dostep",), "did you mean 'do_step'?", 2),
        (("do_step", "step=inital-checks", "at=2026-02-02T11:00"), "did you mean 'initial-checks'?", 2),
        (("do_step", "at=2026-02-02T11:00"), "The command do_step needs this field: the step, by its id.", 2),
        (("do_step", "step"), "A field is given as field=value.", 2),
        (("do_step", "step=a", "step=b"), "The field is given twice.", 2),
        (("do_step", "step=initial-checks", "at=2026-02-02"), "no day with a time of day", 2),
        (("do_step", "step=initial-checks", "at=2026-03-02T09:01"), "in the future", 2),
        (("do_step", "step=initial-checks", "at=2026-02-02T08:59"), "before what it follows on", 2),
        (("do_step", "step=initial-checks", "at=2026-02-02T11:00", "list=x"), "no such field", 2),
        (("record_result", "step=initial-checks", "at=2026-02-02T11:00", "result=match"), "none of the values", 2),
        (("record_result", "step=initial-checks", "at=2026-02-02T11:00", "result=not_run"), "has a reason", 2),
        (("do_step", "step=oversight-review", "at=2026-02-02T11:00"), "gives the step oversight-review to: superv", 1),
        (("move_protocol", "version=1", "reason=why"), "The role issuing officer may not move protocol", 1),
    ],
)
def test_what_cannot_be_done_is_refused_with_its_code(
    shared: Desk, arguments: tuple[str, ...], what: str, code: int
) -> None:
    case = begin(shared) if arguments != ("begin",) else "S-NOTHING"
    said = refusal(shared, "act", case, *arguments, "--as", "olga", code=code)
    assert what in said
    assert ("The refusal is recorded." in said) == (code == 1)
    if case != "S-NOTHING":
        assert as_json(shared, "show", case, "--as", "aud")["version"] == 1


def test_who_has_seen_an_earlier_version_is_told_to_look_again(desk: Desk) -> None:
    case = begin(desk, CHECKS)
    said = refusal(desk, "act", case, *PENDING, "--version", "1")
    assert said.startswith("detainer: The case has gone on to version 2 since it was seen at 1. Nothing was stored.")


def test_what_does_nothing_for_its_step_is_told_beside_what_was_done(desk: Desk) -> None:
    ran = screening(desk, "act", begin(desk, CHECKS), *CHECKS)
    assert "is event 3" in ran.out
    assert ran.err == "The step initial-checks was not open then: this is recorded, and does nothing for it.\n"


def test_nobody_who_is_not_named_does_anything(shared: Desk) -> None:
    for arguments in (BEGIN, ("list",), ("due",), ("show", "S-1"), ("coverage",), ("protocols",)):
        assert "--as" in refusal(shared, *arguments)


# ---------------------------------------------------------------- show, list, due


def test_a_case_is_shown_with_its_steps_its_timeline_and_the_mark(desk: Desk) -> None:
    case = begin(desk, CHECKS, PENDING)
    screening(
        desk, "act", case, "correct", "version=2", "values.at=2026-02-02T10:30", "reason=Misread.", "--as", "olga"
    )
    said = screening(desk, "show", case, "--as", "olga").out
    assert said.startswith(f"{case}  in custody  St. Paul (synthetic)  (America/Chicago)\n")
    assert "Protocol illustrative@1 (illustrative, not KSTEP), as of 2026-03-02 09:00" in said
    lines = {line.split()[0]: line for line in said.splitlines() if line}
    assert " in time " in lines["initial-checks"]
    assert "2026-02-03 09:00" in lines["initial-checks"]
    assert "2026-02-02 10:30" in lines["initial-checks"]
    assert " missing " in lines["authority-contacted"]
    assert "not applicable" in lines["rescreen"]
    assert "pending_authority" in lines["3"]
    assert "[corrected by event 4]" in lines["2"]
    # No answer never reads as an answer.
    assert "no_match" not in said
    assert "no match" not in said


def test_a_case_is_shown_as_it_stood_at_an_instant(desk: Desk) -> None:
    case = begin(desk, CHECKS)
    for at, status in (
        ("2026-02-02T14:59:59Z", "not_applicable"),
        ("2026-02-02T10:00-06:00", "not_due"),
        ("2026-02-02T11:00-06:00", "in_time"),
    ):
        shown = as_json(desk, "show", case, "--at", at, "--as", "aud")
        assert (shown["steps"][0]["step"], shown["steps"][0]["status"]) == ("initial-checks", status)
    for at in ("2026-02-02", "2026-02-02T10:00", "now", "2026-02-30T10:00Z"):
        assert "where: field --at" in refusal(desk, "show", case, "--at", at, "--as", "aud")


def test_the_json_of_a_case_has_its_shape(desk: Desk) -> None:
    case = begin(desk, CHECKS)
    shown = as_json(desk, "show", case, "--as", "aud")
    assert set(shown) == {
        "case", "stage", "version", "protocol", "is_illustrative", "detainer", "at", "steps", "events",
    }  # fmt: skip
    assert shown["steps"][0] == {
        "step": "initial-checks",
        "required": True,
        "round": 1,
        "status": "in_time",
        "triggered_at": "2026-02-02T09:00:00-06:00",
        "due_at": "2026-02-03T09:00:00-06:00",
        "done_at": "2026-02-02T11:00:00-06:00",
        "documented_at": "2026-02-02T11:00:00-06:00",
        "is_in_order": True,
        "ended_at": None,
    }
    assert {each["status"] for each in shown["steps"]} <= {each.value for each in Status}
    assert shown["events"][1]["says"] == {
        "at": "2026-02-02T11:00:00-06:00",
        "evidence": ["file-7"],
        "step": "initial-checks",
    }


def test_the_road_of_a_detainer_is_shown_with_its_screening(desk: Desk) -> None:
    detainer_id = desk.walk(TAKEN)
    case = as_json(
        desk, "act", "new", "begin", "at=2026-03-02T08:00", "office=St. Paul (synthetic)", f"detainer={detainer_id}",
        "--as", "olga",
    )["case"]  # fmt: skip
    assert case == "S-" + detainer_id[2:]
    said = screening(desk, "show", case, "--as", "sam").out
    assert said.index(f"Detainer {detainer_id}:") < said.index("arrest recorded") < said.index("custody taken")
    assert said.index("custody taken") < said.index("Screening:") < said.index("screening began")
    assert as_json(desk, "show", case, "--as", "sam")["detainer"] == detainer_id


def test_cases_are_listed_by_stage_and_office(desk: Desk) -> None:
    assert screening(desk, "list", "--as", "aud").out == "There is no such case.\n"
    case = begin(desk)
    other = as_json(desk, *BEGIN[:4], "office=Duluth (synthetic)", "zone=America/Chicago", "--as", "olga")["case"]
    screening(desk, "act", other, "void", "reason=Entered twice.", "--as", "olga")
    rows = {row["case"]: row for row in as_json(desk, "list", "--as", "aud")}
    assert rows[case] == {
        "case": case,
        "stage": "in_custody",
        "office": "St. Paul (synthetic)",
        "zone": "America/Chicago",
        "protocol": "illustrative@1",
        "is_illustrative": True,
        "detainer": None,
        "step": "initial-checks",
        "due": "2026-02-03T09:00-06:00",
        "voided": False,
    }
    assert (rows[other]["voided"], rows[other]["due"]) == (True, None)
    for filter_, found in (
        (("--stage", "closed"), {other}),
        (("--office", "St. Paul (synthetic)"), {case}),
        (("--stage", "closed", "--office", "St. Paul (synthetic)"), set()),
    ):
        assert {row["case"] for row in as_json(desk, "list", *filter_, "--as", "aud")} == found
    said = screening(desk, "list", "--as", "aud").out
    assert "illustrative@1 (illustrative, not KSTEP)" in said
    assert "choose one of: in_custody, under_supervision, closed." in refusal(
        desk, "list", "--stage", "x", "--as", "aud"
    )
    refusal(desk, "list", "--as", "jill", code=1)


def test_what_falls_due_is_listed_soonest_first_and_what_is_past_says_so(desk: Desk) -> None:
    assert screening(desk, "due", "--as", "sam").out == "Nothing falls due.\n"
    late = begin(desk)
    release = ("release_to_supervision", "at=2026-02-05T09:00", "--as", "olga")
    steps = (
        CHECKS,
        ("do_step", "step=oversight-review", "at=2026-02-04T15:00", "evidence=review-1", "--as", "sam"),
        release,
        ("do_step", "step=supervision-checks", "at=2026-02-05T10:00", "evidence=file-8", "--as", "olga"),
    )
    rolling = begin(desk, *steps)
    rows = as_json(desk, "due", "--as", "sam")
    assert [(row["case"], row["step"], row["due_at"]) for row in rows] == [
        (late, "initial-checks", "2026-02-03T09:00-06:00"),
        (late, "oversight-review", "2026-02-09T09:00-06:00"),
        (rolling, "rescreen", "2026-05-06T10:00-05:00"),
    ]
    assert (rows[0]["seconds_left"], rows[0]["left"]) == (-27 * 86_400, "27 d 0 h 00 min PAST")
    assert rows[2]["left"].endswith(" left")
    assert [row["case"] for row in as_json(desk, "due", "--within", "30", "--as", "sam")] == [late, late]
    assert [row["case"] for row in as_json(desk, "due", "--within", "65", "--as", "sam")] == [late, late, rolling]
    assert [row["case"] for row in as_json(desk, "due", "--supervision", "--as", "sam")] == [rolling]
    said = screening(desk, "due", "--as", "sam").out
    assert said.index(late) < said.index("PAST") < said.index(rolling)
    refusal(desk, "due", "--within", "-1", "--as", "sam")
    refusal(desk, "due", "--as", "nora", code=1)


# ---------------------------------------------------------------- compliance, coverage, extract


def test_compliance_tells_both_rates_and_the_number_of_lapses(desk: Desk) -> None:
    assert screening(desk, "compliance", "--as", "aud").out.startswith("No step was due by 2026-03-02T15:00+00:00.")
    begin(desk, CHECKS, PENDING)
    begin(desk)
    said = screening(desk, "compliance", "--as", "aud").out
    assert "files with at least one lapse  2 of 2 (100.0%)" in said
    # In the first two of three steps that were due, in the second both of two.
    assert "steps with a lapse             4 of 5 (80.0%)" in said
    assert "Cases follow illustrative@1 (illustrative, not KSTEP)." in said
    found = as_json(desk, "compliance", "--by", "step", "--as", "aud")
    assert set(found) == {"at", "illustrative", "all", "by", "rows", "lapses_per_file"}
    assert found["illustrative"] == ["illustrative@1"]
    assert found["lapses_per_file"] == {"2": 2}
    assert found["all"]["step_rate"] == 0.8
    assert set(found["all"]) == {
        "files", "files_with_lapse", "file_rate", "tested", "lapses", "step_rate", *(each.value for each in Status),
    }  # fmt: skip
    by_step = {row["step"]: (row["in_time"], row["missing"], row["not_applicable"]) for row in found["rows"]}
    assert by_step["initial-checks"] == (1, 1, 0)
    assert by_step["authority-contacted"] == (0, 1, 1)
    at = as_json(desk, "compliance", "--at", "2026-02-02T16:00Z", "--as", "aud")
    assert (at["all"]["tested"], at["all"]["not_due"], at["all"]["step_rate"]) == (0, 4, None)


def test_steps_that_are_only_reported_are_told_though_no_file_is_tested(desk: Desk) -> None:
    screening(desk, "adopt", desk.file("p.toml", protocol_text({"hours": 1, "required": False})), "--as", "sam")
    begin(desk)
    said = screening(desk, "compliance", "--as", "aud").out
    assert "files with at least one lapse  0 of 0 (-)" in said
    assert "steps with a lapse             1 of 1 (100.0%)" in said
    assert "illustrative" not in said


@pytest.mark.parametrize(
    ("arguments", "what", "code"),
    [
        (("--by", "city", "--as", "aud"), "it can be office, month, step, protocol, stage, case.", 2),
        (("--by", "office", "--by", "office", "--as", "aud"), "write office once.", 2),
        (("--at", "2026-02-02T10:00", "--as", "aud"), "has no time zone", 2),
        ((), "say who you are with --as, or give a --table.", 2),
        (("--as", "jill"), "The role receiving agency may not read screening.", 1),
        (("--as", "ada"), "The role administrator may not read screening.", 1),
        (("--table", "none.parquet"), "There is no such file.", 2),
    ],
)
def test_compliance_that_cannot_be_told_is_refused(
    shared: Desk, arguments: tuple[str, ...], what: str, code: int
) -> None:
    assert what in refusal(shared, "compliance", *arguments, code=code)


def test_compliance_is_counted_in_a_table_as_of_when_it_was_written(desk: Desk) -> None:
    begin(desk, CHECKS)
    out = desk.folder / "steps.parquet"
    assert screening(desk, "extract", "--out", out, "--as", "aud").out == f"7 steps are in {out}.\n"
    assert pq.read_schema(out).names == list(COLUMNS)
    desk.clock.forward(days=30)
    ran = screening(desk, "compliance", "--table", out)
    assert ran.out.startswith("At 2026-03-02T15:00+00:00:\n  Cases follow illustrative@1 (illustrative, not KSTEP).\n")
    assert ran.err == ""
    ran = screening(desk, "compliance", "--table", out, "--at", "2026-03-02T16:00Z", "--json")
    assert json.loads(ran.out)["illustrative"] == ["illustrative@1"]
    assert ran.err == "The table was written at 2026-03-02T15:00+00:00; what was recorded since is not in it.\n"
    before = as_json(desk, "compliance", "--table", out, "--at", "2026-03-02T15:00Z", "--by", "month")
    assert before == as_json(desk, "compliance", "--at", "2026-03-02T15:00Z", "--by", "month", "--as", "aud")
    assert "no Parquet file" in refusal(desk, "compliance", "--table", desk.file("x.parquet", "x"))


def test_an_extract_goes_into_a_folder_that_there_is(desk: Desk) -> None:
    nowhere = desk.folder / "no" / "x.parquet"
    assert "There is no such folder." in refusal(desk, "extract", "--out", nowhere, "--as", "aud")
    assert "written as Parquet" in refusal(desk, "extract", "--out", desk.folder / "steps.csv", "--as", "aud")
    assert "This is a folder." in refusal(desk, "extract", "--out", desk.folder, "--as", "aud")
    refusal(desk, "extract", "--out", desk.folder / "x.parquet", "--as", "jill", code=1)
    assert not (desk.folder / "x.parquet").exists()


def test_coverage_counts_a_declined_detainer_as_no_custody_and_says_nothing_of_anybody(desk: Desk) -> None:
    from tests.cli.record_desk import RELEASED_AFTER_DECLINE

    declined, taken = desk.walk(RELEASED_AFTER_DECLINE), desk.walk(TAKEN)
    begin(desk)
    assert as_json(desk, "coverage", "--as", "aud") == {
        "detainers": 2,
        "screened": 0,
        "custody_without_case": 1,
        "declined": 1,
        "other_ends": 0,
        "open": 0,
        "without_detainer": 1,
    }
    said = screening(desk, "coverage", "--as", "aud").out
    assert "       1  declined: no custody, therefore not screened\n" in said
    for case in (declined, taken):
        assert case not in said
    refusal(desk, "coverage", "--as", "jill", code=1)
    said = refusal(
        desk, "act", "new", "begin", "at=2026-03-02T08:00", "office=St. Paul", f"detainer={declined}", "--as", "olga"
    )
    assert "nobody is screened who was not taken into custody" in said


# ---------------------------------------------------------------- people, proofs, verification


def test_personal_fields_are_read_with_a_purpose_that_is_recorded(desk: Desk) -> None:
    case = as_json(desk, *BEGIN, *PERSON_ARGUMENTS, "--as", "olga")["case"]
    ran = detainer_with(desk, "screening", "person", case, "--purpose", "service of the copy", "--as", "olga")
    assert ran.code == 0
    for name, value in PERSON.items():
        assert f"{name:22} {value}\n" in ran.out
    assert "--purpose" in refusal(desk, "person", case, "--as", "olga")
    assert "purpose" in refusal(desk, "person", case, "--purpose", " ", "--as", "olga")
    refusal(desk, "person", case, "--purpose", "to see", "--as", "ada", code=1)
    screening(desk, "act", case, "erase_person", "reason=Order of a court.", "--as", "sam")
    said = screening(desk, "person", case, "--purpose", "to see", "--as", "olga").out
    assert said == "The case has no personal fields, or they were erased.\n"


def detainer_with(desk: Desk, *arguments: str) -> Ran:
    """Run a command that may show personal values."""
    import os
    from unittest import mock

    with mock.patch.dict(os.environ, {"DETAINER_RECORD": desk.url, "DETAINER_KEYS": str(desk.keys)}):
        return detainer(*arguments)


def test_a_case_is_proven_to_somebody_who_has_not_the_record(desk: Desk) -> None:
    case, other = begin(desk, CHECKS, PENDING), begin(desk, CHECKS)
    out = desk.folder / "proof.json"
    assert desk.record("prove", case, "--out", out, "--as", "aud").out == f"The proof is in {out}.\n"
    text = out.read_text()
    assert other not in text
    said = desk.record("check", out, "--public-key", desk.keys / "public-key.pem").out
    assert said.startswith("The proof holds: 3 events are in the checkpoint")
    assert "result pending_authority" in said
    out.write_text(text.replace("pending_authority", "no_match"))
    desk.record("check", out, "--public-key", desk.keys / "public-key.pem", code=1)


def test_a_case_is_proven_for_those_alone_who_may_read_it(desk: Desk) -> None:
    case = begin(desk)
    for who in ("jill", "ada"):
        said = desk.refusal("prove", case, "--out", desk.folder / "x.json", "--as", who, code=1)
        assert "may not read screening" in said
    for asked in ("S-NOTHING", "D-NOTHING"):
        assert "There is no such case" in desk.refusal("prove", asked, "--out", desk.folder / "x.json", "--as", "aud")
    assert not (desk.folder / "x.json").exists()
    both = ("prove", case, "--since", "x", "--out", desk.folder / "x.json", "--as", "aud")
    assert "Either a case is proven" in desk.refusal(*both)
    assert "Either a case is proven" in desk.refusal("prove", "--out", desk.folder / "x.json", "--as", "aud")


@pytest.mark.parametrize(
    ("sql", "find"),
    [
        ("UPDATE entry SET body = replace(body, 'pending_authority', 'no_match') WHERE stream = ?",
         lambda case: f"Event 3 of screening/{case} does not say what was recorded."),
        ("DELETE FROM entry WHERE stream = ? AND version = 2", lambda case: f"Event 2 of screening/{case} is missing."),
    ],
)  # fmt: skip
def test_verify_finds_what_was_changed_in_a_screening_case(desk: Desk, sql: str, find: Callable[[str], str]) -> None:
    case = begin(desk, CHECKS, PENDING)
    assert "verifies" in desk.record("verify").out
    record = open_record(desk.url, desk.keys, now=desk.clock)
    tamper(record.ledger, sql, f"screening/{case}")
    record.ledger.close()
    assert find(case) in desk.record("verify", code=1).out


def test_verify_finds_a_row_of_screening_that_was_changed_and_rebuild_makes_it_anew(desk: Desk) -> None:
    case = begin(desk)
    record = open_record(desk.url, desk.keys, now=desk.clock)
    tamper(record.ledger, "UPDATE view SET due = NULL WHERE key = ?", case)
    record.close()
    assert f"Cases: 1: {case}." in desk.record("verify", code=1).out
    desk.record("rebuild", "--as", "ada")
    assert "verifies" in desk.record("verify").out
    assert {row["case"] for row in as_json(desk, "due", "--as", "sam")} == {case}


def test_a_backup_brings_screening_cases_and_protocols_back(desk: Desk) -> None:
    case = begin(desk, CHECKS)
    before = as_json(desk, "show", case, "--as", "aud")
    desk.record("backup", desk.folder / "backup.gz", "--as", "ada")
    other = Desk(folder=desk.folder, url=str(desk.folder / "copy.db"), keys=desk.keys, clock=desk.clock)
    other.record("restore", desk.folder / "backup.gz", "--record", other.url)
    assert as_json(other, "show", case, "--as", "aud") == before
    assert as_json(other, "protocols", "--as", "aud") == as_json(desk, "protocols", "--as", "aud")
    assert as_json(other, "due", "--as", "sam") == as_json(desk, "due", "--as", "sam")
