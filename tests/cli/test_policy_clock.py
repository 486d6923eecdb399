"""``detainer policy clock`` as its users meet it: shape, table, messages, exit codes."""

from __future__ import annotations

import json
from typing import Any
from unittest import mock

import pytest
from click.testing import CliRunner

from detainer_ledger.cli.main import COMMANDS
from detainer_ledger.cli.policy_clock import command
from tests.clock.case_table import CASES, TITLES, Case
from tests.running import Ran, detainer

START = ("--form", "I-247A", "--start", "2026-03-06T15:00", "--zone", "America/New_York")


def clock(*arguments: str) -> Ran:
    """Run the command through the whole command line, with its messages and its exit code."""
    with mock.patch.dict(COMMANDS, {"policy_clock": "The limits of a hold."}):
        return detainer("policy_clock", *arguments)


HELP = ["-h", "--help"]
"""Names of the option for help, as the whole program has them; a command keeps those that it was first asked with."""


def answer(*arguments: str) -> Any:
    done = CliRunner().invoke(
        command, [*arguments, "--json"], catch_exceptions=False, help_option_names=["-h", "--help"]
    )
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_the_limits_are_printed_in_the_shape_of_the_contract() -> None:
    found = answer(*START)
    assert [(each["rule"], each["algorithm"], each["deadline"], each["elapsed_hours"]) for each in found["limits"]] == [
        ("8cfr287.7/hold-48h-excluding", "excluding", "2026-03-10T15:00:00-04:00", 95),
        ("I-247A/box1-hold", "continuous", "2026-03-08T16:00:00-04:00", 48),
    ]
    assert found["shortest"]["rule"] == "I-247A/box1-hold"
    assert found["shortest"]["deadline"] == "2026-03-08T16:00:00-04:00"
    assert found["limits"][0]["trust"] == "confirmed"
    assert found["limits"][0]["citation"].startswith("8 CFR 287.7(d)")


@pytest.mark.parametrize("case", CASES, ids=TITLES)
def test_every_case_can_be_asked_at_a_terminal(case: Case) -> None:
    arguments = [f"--form={case['form']}", f"--zone={case['zone']}"]
    given = [option for option in ("start", "state", "received", "issued_on") if option in case]
    arguments += [f"--{option.replace('_', '-')}={case[option]}" for option in given]
    arguments += [f"--also-closed={day}" for day in case.get("also_closed", ())]
    found = answer(*arguments)
    assert [each["rule"] for each in found["limits"]] == [each["rule"] for each in case["limits"]]
    assert (found["shortest"]["rule"] if found["shortest"] else "") == case["shortest"]
    assert found["status"] == case.get("status", "determined")
    assert clock(*arguments).code == 0


def test_the_table_says_the_deadlines_in_local_time_and_which_is_the_shortest() -> None:
    shown = clock(*START).out
    assert "Otherwise released: Fri 6 Mar 2026 15:00 EST\nStatus: determined\n" in shown
    assert (
        "rule                          counted     from     deadline                   hours  trust\n"
        "----------------------------  ----------  -------  -------------------------  -----  ---------\n"
        "8cfr287.7/hold-48h-excluding  excluding   release  Tue 10 Mar 2026 15:00 EDT  95     confirmed\n"
        "I-247A/box1-hold              continuous  release  Sun 8 Mar 2026 16:00 EDT   48     confirmed\n"
    ) in shown
    assert "Shortest: Sun 8 Mar 2026 16:00 EDT, by I-247A/box1-hold.\nA release at the deadline is in time.\n" in shown
    assert "  leaves out  Sat 7 Mar 2026: Saturday; Sun 8 Mar 2026: Sunday\n" in shown
    assert "  source      8 CFR 287.7(d), 62 FR 10312" in shown
    assert "Mark for notice: Wed 4 Mar 2026 15:00 EST (I-247A/notify-48h)." in shown
    assert "Note: No state was given: clocks of states are not among the limits.\n" in shown


def test_a_start_without_an_hour_is_shown_as_an_interval() -> None:
    shown = clock("--form", "I-247A", "--start", "2026-03-06", "--zone", "America/New_York").out
    assert "Status: interval\n" in shown
    assert "Sun 8 Mar 2026 00:00 EST to Mon 9 Mar 2026 01:00 EDT" in shown
    assert (
        "The hour of the release is not known: deadlines are for a start between 00:00 and 24:00 of the day." in shown
    )


def test_a_start_that_is_not_known_has_no_deadline() -> None:
    shown = clock("--form", "I-247A", "--zone", "America/New_York").out
    assert "Otherwise released: not known\nStatus: cannot be determined\n" in shown
    assert "Shortest" not in shown
    assert "It is not known when the person would otherwise be released" in shown


def test_where_one_clock_alone_can_be_told_the_shortest_is_so_only_of_those_known() -> None:
    shown = clock("--form=I-247A", "--zone=America/New_York", "--state=NC", "--received=2025-03-07T18:00:30").out
    assert "Received: Fri 7 Mar 2025 18:00:30 EST\n" in shown
    assert "Status: partly determined\n" in shown
    assert "Shortest of those that are known: Sun 9 Mar 2025 19:00:30 EDT" in shown


def test_a_form_that_asks_for_notice_alone_has_no_table() -> None:
    shown = clock("--form", "I-247N", "--start", "2016-03-11T10:00", "--zone", "America/Chicago").out
    assert "Status: no hold requested\n" in shown
    assert "deadline" not in shown
    assert "asks for notice alone" in shown
    found = answer("--form", "I-247G", "--start", "2025-03-14T10:00", "--zone", "America/Los_Angeles")
    assert (found["limits"], found["shortest"]) == ([], None)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"--zone": "EST"}, "'EST' is not the time zone of a place."),
        ({"--zone": "America/NewYork"}, "There is no time zone 'America/NewYork'."),
        ({"--zone": ""}, "There is no time zone ''."),
        ({"--start": "2026-03-08T02:30"}, "2026-03-08T02:30 does not exist in America/New_York"),
        ({"--start": "2026-11-01T01:30"}, "2026-11-01T01:30 happens twice in America/New_York"),
        ({"--start": "2026-02-30"}, "'2026-02-30' is no day of the calendar."),
        ({"--start": "tomorrow"}, "'tomorrow' is no day with a time of day."),
        ({"--start": "0206-03-06T15:00"}, "The year 206 cannot be meant."),
        ({"--form": "I-247B"}, "There is no form 'I-247B'."),
        ({"--state": "XX"}, "There is no state 'XX'."),
        ({"--received": "2026-03-01"}, "'2026-03-01' is no day with a time of day."),
        ({"--received": "2026-03-08T02:30"}, "2026-03-08T02:30 does not exist in America/New_York"),
        (
            {"--received": "2026-03-01T10:00", "--issued-on": "2026-03-02"},
            "The detainer was received on 2026-03-01, before it was issued on 2026-03-02.",
        ),
    ],
)
def test_what_cannot_be_used_ends_in_one_message_that_says_where_and_what_to_do(
    changed: dict[str, str], message: str
) -> None:
    given = dict(zip(START[::2], START[1::2], strict=True)) | changed
    ran = clock(*(part for pair in given.items() for part in pair))
    first, where, to_do = ran.err.splitlines()
    assert ran.code == 2
    assert ran.out == ""
    assert first.startswith(f"detainer: {message}")
    assert where == f"  where: field {next(iter(changed)).removeprefix('--')}"
    assert to_do.startswith("  to do: ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (START[2:], "Missing option '--form'"),
        (START[:4], "Missing option '--zone'"),
        ((*START, "--issued-on", "2026-02-30"), "'2026-02-30' is no day; write it as YYYY-MM-DD"),
        ((*START, "--also-closed", "Easter"), "'Easter' is no day; write it as YYYY-MM-DD"),
    ],
)
def test_options_that_are_missing_or_no_day_are_refused(arguments: tuple[str, ...], message: str) -> None:
    ran = clock(*arguments)
    assert ran.code == 2
    assert message in ran.err


def test_the_help_has_examples_that_run() -> None:
    shown = CliRunner().invoke(command, ["--help"], help_option_names=HELP).output
    assert "Examples:" in shown
    joined = (command.epilog or "").replace("\\\n", " ")
    examples = [line.split() for line in joined.splitlines() if line.strip().startswith("detainer policy clock ")]
    assert len(examples) == 4
    for example in examples:
        assert clock(*example[3:]).code == 0
