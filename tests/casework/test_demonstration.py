"""The demonstration: invented cases that end as their titles say, in a record that verifies."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from detainer_ledger.casework import Demonstrated, Record, Refused, Shown, command_kinds, demonstrate
from detainer_ledger.casework.demonstration import ADMINISTRATOR, AGENCY, AUDITOR, CASES, JAIL, OFFICER, SUPERVISOR
from detainer_ledger.ledger import verify
from detainer_ledger.terms import BadInput
from tests.records import place_of_record
from tests.running import detainer


@dataclass(frozen=True)
class Demonstration:
    """A demonstration, and its cases by title."""

    record: Record
    cases: Mapping[str, Demonstrated]

    def shown(self, title: str) -> Shown:
        found = self.record.show(self.cases[title].case, SUPERVISOR)
        assert isinstance(found, Shown)
        return found

    def kinds(self, title: str) -> list[str]:
        return [told.kind for told in self.shown(title).case.told]


@pytest.fixture(scope="module")
def demonstrated(tmp_path_factory: pytest.TempPathFactory, each_engine: str) -> Iterator[Demonstration]:
    folder = tmp_path_factory.mktemp("demonstration")
    for place in place_of_record(each_engine, folder / "aside"):
        record, cases, _ = demonstrate(place.url, folder / "keys")
        yield Demonstration(record, {each.title: each for each in cases})
        record.close()


HONORED = "Honored, and taken into custody within the limit"
DECLINED = "Declined under the agency's policy, and released"
PAST = "Held past the limit: an incident that somebody has to close"
LIFTED = "Lifted, because a claim of citizenship was borne out"
LET_GO = "Lifted while the person is held: the hold goes on until they are let go"
ALL_THE_SAME = "Held all the same, with a claim of citizenship open: refused, then recorded with an incident"
REFUSED = "Stopped and not arrested: the policy refuses a detainer"
NO_ANSWER = "No answer, and released without notice"
NOTICE_ALONE = "A form that asks for notice alone: notice is given, and the person released on time"
RAN_OUT = "The hold runs out and nobody comes: released at its limit"
OVERRIDDEN = "Issued without a warrant, which a supervisor let pass: the mark stays on every list and figure"
SUPERSEDED = "Superseded: another detainer, that of the case before, stands in its place"
CORRECTED = "Corrected: what was said stays to be seen beside what is right"
RECEIVED = "Received from outside this record, and lifted by whoever sent it"
VOIDED = "Entered twice: voided, it counts nowhere and stays to be seen"
TRANSFERRED = "Transferred to another agency before an answer"
HELD = "Still held: the clock runs"


def test_every_case_of_the_table_is_shown(demonstrated: Demonstration) -> None:
    assert list(demonstrated.cases) == [title for title, _ in CASES]
    assert set(demonstrated.cases) == {
        HONORED,
        DECLINED,
        NO_ANSWER,
        NOTICE_ALONE,
        RAN_OUT,
        PAST,
        LIFTED,
        LET_GO,
        ALL_THE_SAME,
        REFUSED,
        OVERRIDDEN,
        SUPERSEDED,
        CORRECTED,
        RECEIVED,
        VOIDED,
        TRANSFERRED,
        HELD,
    }


def test_every_command_and_every_ending_is_shown(demonstrated: Demonstration) -> None:
    shown = {told.kind for title in demonstrated.cases for told in demonstrated.shown(title).case.told}
    assert shown == {kind.event for kind in command_kinds().values()} | {"refused"}
    answers = {demonstrated.shown(title).case.said("answered", "answer") for title in demonstrated.cases}
    assert answers == {"honor", "decline", "notify_only", "no_answer", None}


@pytest.mark.parametrize(
    ("title", "stage", "ending"),
    [
        (HONORED, "closed", "custody_taken"),
        (DECLINED, "closed", "released"),
        (NO_ANSWER, "closed", "released"),
        (NOTICE_ALONE, "closed", "released"),
        (RAN_OUT, "closed", "expired"),
        (OVERRIDDEN, "closed", "custody_taken"),
        (SUPERSEDED, "closed", "superseded"),
        (CORRECTED, "closed", "released"),
        (RECEIVED, "closed", "lift_received"),
        (VOIDED, "closed", "voided"),
        (PAST, "closed", "expired"),
        (LIFTED, "closed", "lifted"),
        (LET_GO, "closed", "lifted"),
        (ALL_THE_SAME, "closed", "released"),
        (REFUSED, "closed", None),
        (TRANSFERRED, "closed", "transferred"),
        (HELD, "held", None),
    ],
)
def test_a_case_ends_as_its_title_says(demonstrated: Demonstration, title: str, stage: str, ending: str | None) -> None:
    case = demonstrated.shown(title).case
    assert (case.stage, case.ending.kind if case.ending else None) == (stage, ending)


def test_the_honored_case_ends_before_its_shortest_limit(demonstrated: Demonstration) -> None:
    shown = demonstrated.shown(HONORED)
    assert shown.limits is not None
    assert shown.limits.shortest is not None
    assert shown.limits.shortest.deadline is not None
    assert shown.case.ending is not None
    assert shown.case.ending.at is not None
    assert shown.case.ending.at <= shown.limits.shortest.deadline
    assert shown.incidents == ()


def test_the_hold_that_runs_out_ends_at_its_limit_without_an_incident(demonstrated: Demonstration) -> None:
    shown = demonstrated.shown(RAN_OUT)
    assert shown.limits is not None
    assert shown.limits.shortest is not None
    assert shown.case.ending is not None
    assert shown.case.ending.at == shown.limits.shortest.deadline
    assert shown.incidents == ()


def test_the_overridden_case_is_marked_on_the_list_and_no_other_is(demonstrated: Demonstration) -> None:
    found = demonstrated.record.cases(SUPERVISOR)
    assert not isinstance(found, Refused)
    marked = {row.key: json.loads(row.body)["overridden"] for row in found}
    assert marked.pop(demonstrated.cases[OVERRIDDEN].case) == ["10074.2/warrant-accompanies"]
    assert set(map(tuple, marked.values())) == {()}


def test_the_superseded_case_names_the_one_that_stands_in_its_place(demonstrated: Demonstration) -> None:
    said = demonstrated.shown(SUPERSEDED).case.said("superseded", "by_case")
    assert said == demonstrated.cases[OVERRIDDEN].case


def test_the_corrected_case_says_what_is_right_and_keeps_what_was_said(demonstrated: Demonstration) -> None:
    case = demonstrated.shown(CORRECTED).case
    assert case.said("released", "notice_given") is True
    events = demonstrated.record.ledger.events(f"case/{case.id}")
    assert next(each.said()["notice_given"] for each in events if each.kind == "released") is False


def test_the_declined_case_says_why_and_was_never_held(demonstrated: Demonstration) -> None:
    case = demonstrated.shown(DECLINED).case
    told = {name: case.said("answered", name) for name in ("answer", "reason", "legal_basis")}
    assert told == {"answer": "decline", "reason": "local_law_or_policy", "legal_basis": "agency_policy"}
    assert "hold_began" not in demonstrated.kinds(DECLINED)


def test_the_case_held_past_its_limit_has_an_incident_that_was_closed(demonstrated: Demonstration) -> None:
    incidents = demonstrated.shown(PAST).incidents
    assert incidents
    assert all(each.id.startswith("hold-past/") and each.closed_by for each in incidents)


def test_the_lifted_case_names_the_citizen_and_nobody_reads_the_person_any_more(demonstrated: Demonstration) -> None:
    case = demonstrated.shown(LIFTED).case
    assert case.said("citizenship_examined", "result") == "citizen"
    assert case.said("lifted", "reason") == "united_states_citizen_interviewed"
    assert demonstrated.record.person(case.id, SUPERVISOR, purpose="a test") is None


def test_the_refused_case_names_the_rules_and_no_override_gets_around_them(demonstrated: Demonstration) -> None:
    refusals = demonstrated.cases[REFUSED].refusals
    assert [each.reason for each in refusals] == [
        "Nobody may override the rule 10074.2/arrest-required.",
        "The policy's rules forbid this: issue.",
    ]
    assert "10074.2/arrest-required" in {finding.rule for finding in refusals[1].findings}
    assert demonstrated.kinds(REFUSED).count("refused") == 2
    assert "issued" not in demonstrated.kinds(REFUSED)


@pytest.mark.parametrize(
    ("title", "incident"), [(LET_GO, "held-after-lift"), (ALL_THE_SAME, "held-against/16001.2/usc-claim")]
)
def test_what_should_not_have_been_is_an_incident_that_was_closed(
    demonstrated: Demonstration, title: str, incident: str
) -> None:
    (found,) = demonstrated.shown(title).incidents
    assert found.id == incident
    assert found.closed_by is not None


def test_only_what_is_refused_has_refusals(demonstrated: Demonstration) -> None:
    refused = {REFUSED, ALL_THE_SAME}
    assert {title for title, each in demonstrated.cases.items() if each.refusals} == refused
    for title in demonstrated.cases:
        assert ("refused" in demonstrated.kinds(title)) == (title in refused)


def test_the_case_that_is_still_held_is_the_only_one_in_the_queue(demonstrated: Demonstration) -> None:
    queue = demonstrated.record.holds(JAIL)
    assert not isinstance(queue, Refused)
    assert [each.case for each in queue] == [demonstrated.cases[HELD].case]
    assert demonstrated.record.incidents(SUPERVISOR) == ()


def test_every_name_says_that_it_is_invented(demonstrated: Demonstration) -> None:
    actors = demonstrated.record.registry.actors
    assert set(actors) == {ADMINISTRATOR, OFFICER, SUPERVISOR, JAIL, AUDITOR}
    assert all("synthetic" in name for name in actors)
    assert "SYNTHETIC" in AGENCY.name
    for title, each in demonstrated.cases.items():
        if title != LIFTED:
            person = demonstrated.record.person(each.case, SUPERVISOR, purpose="a test")
            assert person is not None
            assert not isinstance(person, Refused)
            assert "(synthetic)" in person["name"]


def test_the_clock_of_the_demonstration_never_goes_back(demonstrated: Demonstration) -> None:
    for title in demonstrated.cases:
        for told in demonstrated.shown(title).case.told:
            assert "clock_behind_seconds" not in told.body, (title, told.kind)


def test_the_record_of_the_demonstration_verifies(demonstrated: Demonstration) -> None:
    found = verify(demonstrated.record.ledger)
    assert found.holds
    assert found.events > 60


def test_a_second_demonstration_in_the_same_place_is_refused(tmp_path: Path) -> None:
    demonstrate(str(tmp_path / "record.db"), tmp_path / "keys")[0].close()
    with pytest.raises(BadInput):
        demonstrate(str(tmp_path / "record.db"), tmp_path / "keys")


# ---------------------------------------------------------------- at the terminal


def demo(out: Path, code: int = 0) -> str:
    ran = detainer("demo", "--record", "--out", out)
    assert ran.code == code, ran.err
    assert "Traceback" not in ran.out + ran.err
    return ran.out if code == 0 else ran.err


def without_ids(text: str) -> str:
    return re.sub(r"\bp-[0-9a-f]{24}|\bD-[0-9A-Z]{10}", "ID", text)


def test_the_command_shows_each_case_the_queue_the_proof_and_the_figures(tmp_path: Path) -> None:
    said = demo(tmp_path / "demo")
    places = [said.index(f"\n{title}\n{'=' * len(title)}\n") for title, _ in CASES]
    assert places == sorted(places)
    assert "Refused, and recorded: The policy's rules forbid this: issue." in said
    assert re.search(r"\nHeld now: D-\w{10} until \w{3} 2026-03-\d\d \d\d:\d\d \(\d+\.\d h left\)\.\n", said)
    assert re.search(r"\nThe record verifies: \d+ events\.\n", said)
    assert (
        "Its extract, by the same measures as a published release: 15 detainers, 2 taken into custody, 1 declined,"
        " 1 not resolved yet." in said
    )
    assert said.endswith("Names are invented (synthetic).\n")


def test_the_command_shows_no_name_and_no_day_of_birth(tmp_path: Path) -> None:
    said = demo(tmp_path / "demo")
    for value in ("Example Person", "1990-01-01"):
        assert value not in said


def test_the_command_twice_in_a_folder_makes_the_same_anew(tmp_path: Path) -> None:
    first = demo(tmp_path / "demo")
    assert without_ids(demo(tmp_path / "demo")) == without_ids(first)
    ran = detainer(
        "record", "verify", "--record", tmp_path / "demo/record/record.db", "--keys", tmp_path / "demo/record/keys"
    )
    assert ran.code == 0


def test_a_folder_that_holds_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    assert "The folder holds other things." in demo(tmp_path, code=2)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("name", ["record", "store", "report"])
def test_a_folder_that_no_demonstration_made_is_left_alone_whatever_its_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "mine.txt").write_text("keep")
    demo(tmp_path, code=2)
    assert (tmp_path / name / "mine.txt").read_text() == "keep"
