"""The policy's rules refuse a command with what they find; the refusal is recorded, and the case goes on."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from detainer_ledger.casework import Agency, Done, Refused, add_agency
from detainer_ledger.ledger import verify
from detainer_ledger.terms import BadInput
from tests.casework.build import ADMINISTRATOR, AUDITOR, OFFICER, READY, RECEIVED, SUPERVISOR, Office, with_changes

Step = tuple[str, dict[str, Any]]

ARREST, EXAMINED, CAUSE, WARRANT = ((kind, dict[str, Any]()) for kind in READY)
INDICATED: Step = ("indicate_citizenship", {})

FORBIDDEN: dict[str, tuple[tuple[Step, ...], dict[str, Any], set[str]]] = {
    "somebody who was only stopped": (
        (("record_arrest", {"arrest_kind": "stop"}), EXAMINED, CAUSE, WARRANT),
        {},
        {"10074.2/arrest-required", "10074.2/not-temporary-stop"},
    ),
    "somebody who was detained for a short time": (
        (("record_arrest", {"arrest_kind": "temporary_detention"}), EXAMINED, CAUSE, WARRANT),
        {},
        {"10074.2/arrest-required", "10074.2/not-temporary-stop"},
    ),
    "an arrest for no criminal offence": (
        (("record_arrest", {"criminal_offence": "no"}), EXAMINED, CAUSE, WARRANT),
        {},
        {"10074.2/arrest-required"},
    ),
    "an arrest by another's authority": (
        (("record_arrest", {"independent_authority": "no"}), EXAMINED, CAUSE, WARRANT),
        {},
        {"10074.2/independent-arrest-authority"},
    ),
    "no basis at all": ((ARREST, EXAMINED, WARRANT), {}, {"10074.2/probable-cause"}),
    "bases of which none is marked": (
        (ARREST, EXAMINED, ("establish_probable_cause", {"bases": []}), WARRANT),
        {},
        {"10074.2/probable-cause"},
    ),
    "an investigation alone": (
        (ARREST, EXAMINED, ("establish_probable_cause", {"investigation_only": "yes"}), WARRANT),
        {},
        {"10074.2/probable-cause", "10074.2/no-investigation-only"},
    ),
    "birth abroad and an empty search alone": (
        (
            ARREST,
            EXAMINED,
            (
                "establish_probable_cause",
                {
                    "bases": "biometric",
                    "records_check_affirmative": "yes",
                    "foreign_birth_and_no_record_only": "yes",
                },
            ),
            WARRANT,
        ),
        {},
        {"10074.2/probable-cause", "10074.2/no-foreign-birth-alone"},
    ),
    "a biometric match whose records check is not recorded": (
        (ARREST, EXAMINED, ("establish_probable_cause", {"bases": "biometric"}), WARRANT),
        {},
        {"10074.2/probable-cause"},
    ),
    "a biometric match without an affirmative records check": (
        (
            ARREST,
            EXAMINED,
            ("establish_probable_cause", {"bases": "biometric", "records_check_affirmative": "no"}),
            WARRANT,
        ),
        {},
        {"10074.2/probable-cause"},
    ),
    "no warrant": ((ARREST, EXAMINED, CAUSE), {}, {"10074.2/warrant-accompanies"}),
    "a warrant that is not signed": (
        (ARREST, EXAMINED, CAUSE, ("attach_warrant", {"signed": "no"})),
        {},
        {"10074.2/warrant-accompanies"},
    ),
    "a warrant that was signed after the issue": (
        (ARREST, EXAMINED, CAUSE, ("attach_warrant", {"signed_on": "2026-02-21"})),
        {},
        {"10074.2/warrant-accompanies"},
    ),
    "citizenship that nobody examined": ((ARREST, CAUSE, WARRANT), {}, {"16001.2/usc-claim"}),
    "an indication of citizenship that nobody examined": (
        (ARREST, INDICATED, CAUSE, WARRANT),
        {},
        {"16001.2/usc-claim"},
    ),
    "an indication of citizenship after the examination": (
        (ARREST, EXAMINED, ("indicate_citizenship", {"at": "2026-02-20T11:15"}), CAUSE, WARRANT),
        {},
        {"16001.2/usc-claim"},
    ),
    "a second indication after the first was unfounded": (
        (
            ARREST,
            INDICATED,
            ("examine_citizenship", {"result": "unfounded"}),
            ("indicate_citizenship", {"at": "2026-02-20T11:20", "indication": "document"}),
            CAUSE,
            WARRANT,
        ),
        {},
        {"16001.2/usc-claim"},
    ),
    "somebody found to be a citizen": (
        (ARREST, INDICATED, ("examine_citizenship", {"result": "citizen"}), CAUSE, WARRANT),
        {},
        {"16001.2/usc-claim", "16001.2/probative-evidence"},
    ),
    "probative evidence that somebody is a citizen": (
        (ARREST, INDICATED, ("examine_citizenship", {"result": "probative_evidence"}), CAUSE, WARRANT),
        {},
        {"16001.2/probative-evidence"},
    ),
    "a form that is not issued any more": (
        (ARREST, EXAMINED, CAUSE, WARRANT),
        {"form": "I-247D"},
        {"forms/in-force", "I-247A/earlier-forms-remain"},
    ),
    "the form of before 2015": ((ARREST, EXAMINED, CAUSE, WARRANT), {"form": "I-247"}, {"forms/in-force"}),
    "both boxes": ((ARREST, EXAMINED, CAUSE, WARRANT), {"box2": "yes"}, {"I-247A/box1-xor-box2"}),
    "a covered office whose neutral review did not approve": (
        (ARREST, EXAMINED, CAUSE, WARRANT, ("review", {"reviewer": "neutral", "approved": "no"})),
        {"covered_by_gonzalez": "yes"},
        {"gonzalez-2025/neutral-review", "gonzalez-2025/i247g-only"},
    ),
    "nothing but an arrest": (
        (ARREST,),
        {},
        {"10074.2/probable-cause", "10074.2/warrant-accompanies", "16001.2/usc-claim"},
    ),
}


def follow(office: Office, steps: tuple[Step, ...]) -> str:
    case = None
    for kind, changed in steps:
        case = office.done(kind, case, **changed).case
    assert case is not None
    return case


@pytest.mark.parametrize("reason", FORBIDDEN)
def test_a_detainer_that_the_policy_forbids_is_refused_with_what_was_found(shared_office: Office, reason: str) -> None:
    steps, changed, rules = FORBIDDEN[reason]
    case = follow(shared_office, steps)
    refused = shared_office.refused("issue", case, **changed)
    assert {finding.rule for finding in refused.findings} == rules
    assert all(finding.sentence and finding.citation for finding in refused.findings)
    assert {finding.result.value for finding in refused.findings} <= {"not_met", "not_recorded"}
    recorded = shared_office.events(case)[-1]
    assert (recorded.kind, recorded.actor, recorded.version) == ("refused", OFFICER, len(steps) + 1)
    assert recorded.said()["command"] == "issue"
    assert recorded.said()["findings"] == [finding.as_json() for finding in refused.findings]
    shown = shared_office.shown(case)
    assert shown.case.told[-1].body["said"]["form"] == changed.get("form", "I-247A")
    assert shown.case.stage == "arrest_recorded"


def on(day: str, kind: str, hour: int, **changed: object) -> Step:
    return kind, {"at": f"{day}T{hour}:00", **changed}


BACKDATED: dict[str, tuple[tuple[Step, ...], Step, set[str]]] = {
    "somebody who was only stopped": (
        (
            on("2016-03-01", "record_arrest", 10, arrest_kind="stop", criminal_offence="no"),
            on("2016-03-01", "examine_citizenship", 11),
            on("2016-03-01", "establish_probable_cause", 11),
        ),
        on("2016-03-01", "issue", 13, form="I-247D"),
        {"10074.2/arrest-required", "10074.2/not-temporary-stop"},
    ),
    "no basis": (
        (on("2016-03-01", "record_arrest", 10), on("2016-03-01", "examine_citizenship", 11)),
        on("2016-03-01", "issue", 13, form="I-247D"),
        {"10074.2/probable-cause"},
    ),
    "a citizen": (
        (
            on("2014-03-01", "record_arrest", 10),
            on("2014-03-01", "indicate_citizenship", 10),
            on("2014-03-01", "examine_citizenship", 11, result="citizen"),
            on("2014-03-01", "establish_probable_cause", 11),
        ),
        on("2014-03-01", "issue", 13, form="I-247"),
        {"16001.2/usc-claim", "16001.2/probative-evidence"},
    ),
}


@pytest.mark.parametrize("reason", BACKDATED)
def test_an_earlier_day_lets_nobody_off_the_rules_on_arrest_cause_and_citizenship(
    shared_office: Office, reason: str
) -> None:
    steps, (issue, changed), rules = BACKDATED[reason]
    refused = shared_office.refused(issue, follow(shared_office, steps), **changed)
    assert {finding.rule for finding in refused.findings} == rules


@pytest.mark.parametrize("reason", FORBIDDEN)
def test_a_refused_case_can_be_closed_and_one_that_is_made_good_can_be_issued(
    shared_office: Office, reason: str
) -> None:
    steps, changed, _ = FORBIDDEN[reason]
    first = follow(shared_office, steps)
    shared_office.refused("issue", first, **changed)
    shared_office.done("close", first, reason="The policy forbids it.")
    assert shared_office.stage(first) == "closed"
    case = follow(shared_office, steps)
    shared_office.refused("issue", case, **changed)
    for told in shared_office.case(case).all("citizenship_examined"):
        if told.body["result"] in {"citizen", "probative_evidence"}:
            shared_office.done("correct", case, version=str(told.version), values={"result": "unfounded"})
    for kind, said in [
        ("examine_citizenship", {"result": "unfounded", "at": "2026-02-20T12:00"}),
        ("establish_probable_cause", {}),
        ("attach_warrant", {}),
        ("review", {"reviewer": "neutral"}),
    ]:
        shared_office.done(kind, case, **said)
    arrest = {"arrest_kind": "arrest", "criminal_offence": "yes", "independent_authority": "yes", "offence": "theft"}
    shared_office.done("correct", case, values=arrest)
    shared_office.done("issue", case)
    assert shared_office.stage(case) == "issued"
    assert shared_office.kinds(case).count("refused") == 1


@pytest.mark.parametrize("found", ["citizen", "probative_evidence"])
@pytest.mark.parametrize("at", ["2026-02-20T11:05", "2026-02-20T11:40"])
def test_what_was_found_of_a_citizen_stands_whatever_is_examined_afterwards(
    shared_office: Office, found: str, at: str
) -> None:
    case = follow(shared_office, (ARREST, INDICATED, CAUSE, WARRANT))
    shared_office.done("examine_citizenship", case, result=found, at="2026-02-20T11:30")
    shared_office.done("examine_citizenship", case, result="no_indication", at=at)
    refused = shared_office.refused("issue", case)
    assert "16001.2/probative-evidence" in {finding.rule for finding in refused.findings}


NEVER = (
    "10074.2/arrest-required",
    "10074.2/independent-arrest-authority",
    "10074.2/not-temporary-stop",
    "10074.2/probable-cause",
    "10074.2/no-investigation-only",
    "10074.2/no-foreign-birth-alone",
    "16001.2/usc-claim",
    "16001.2/probative-evidence",
)


@pytest.mark.parametrize("rule", NEVER)
def test_nobody_overrides_a_rule_on_arrest_probable_cause_or_citizenship(shared_office: Office, rule: str) -> None:
    case = shared_office.done("record_arrest", arrest_kind="stop").case
    refused = shared_office.refused("override", case, rule=rule)
    assert refused.reason == f"Nobody may override the rule {rule}."
    is_broken = rule in {"10074.2/arrest-required", "10074.2/not-temporary-stop"}
    assert [finding.rule for finding in refused.findings] == ([rule] if is_broken else [])
    recorded = shared_office.events(case)[-1]
    assert (recorded.kind, recorded.said()["command"]) == ("refused", "override")
    assert recorded.said()["said"] == {"rule": rule, "reason": "The new form is not printed yet."}
    shared_office.refused("issue", case)
    for who in (OFFICER, AUDITOR, ADMINISTRATOR):
        assert "may not override" in shared_office.refused("override", case, by=who, rule=rule).reason


OVERRIDES: list[tuple[str, tuple[Step, ...], dict[str, Any]]] = [
    ("10074.2/warrant-accompanies", (ARREST, EXAMINED, CAUSE), {}),
    ("I-247A/box1-xor-box2", (ARREST, EXAMINED, CAUSE, WARRANT), {"box2": "yes"}),
]


@pytest.mark.parametrize(("rule", "steps", "changed"), OVERRIDES)
def test_a_supervisor_overrides_another_rule_with_a_written_reason_that_stays_visible(
    office: Office, rule: str, steps: tuple[Step, ...], changed: dict[str, Any]
) -> None:
    case = follow(office, steps)
    assert [finding.rule for finding in office.refused("issue", case, **changed).findings] == [rule]
    for who in (OFFICER, AUDITOR, ADMINISTRATOR):
        office.refused("override", case, by=who, rule=rule)
    office.done("override", case, rule=rule, reason="The magistrate signs today.")
    office.done("issue", case, **changed)
    shown = office.shown(case)
    (told,) = shown.case.all("rule_overridden")
    assert (told.actor, told.role) == (SUPERVISOR, "supervisor")
    assert told.body == {"rule": rule, "reason": "The magistrate signs today."}
    (found,) = [finding for finding in shown.findings if finding.rule == rule]
    assert found.result.value in {"not_met", "not_recorded"}
    rows = office.record.cases(AUDITOR)
    assert not isinstance(rows, Refused)
    (row,) = [row for row in rows if row.key == case]
    assert f'"overridden":["{rule}"]' in row.body
    office.done("serve_agency", case)
    assert f'"overridden":["{rule}"]' in str(office.record.ledger.view_row("case", case))
    assert verify(office.record.ledger).holds


def test_an_override_lets_its_own_rule_go_and_no_other(shared_office: Office) -> None:
    case = follow(shared_office, (ARREST, EXAMINED, CAUSE))
    shared_office.done("override", case, rule="10074.2/warrant-accompanies")
    refused = shared_office.refused("issue", case, box2="yes")
    assert [finding.rule for finding in refused.findings] == ["I-247A/box1-xor-box2"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"reason": None}, "reason"), ({"reason": "  "}, "reason"), ({"rule": None}, "rule"), ({"rule": "x"}, "rule")],
)
def test_an_override_says_which_rule_and_why(shared_office: Office, changed: dict[str, Any], field: str) -> None:
    case = shared_office.done("record_arrest").case
    before = shared_office.everything()
    with pytest.raises(BadInput) as raised:
        shared_office.do("override", case, **changed)
    assert raised.value.where == {"field": field}
    assert shared_office.everything() == before


def test_a_detainer_is_issued_whether_or_not_the_agency_is_expected_to_cooperate(office: Office) -> None:
    for _ in range(3):
        declined = office.walk("served")
        office.done("answer", declined, answer="decline", reason="state_law", legal_basis="none_stated")
    office.walk("issued")
    bay = Agency(id="bay-jail", name="Bay County Jail", state="CA", zone="America/Los_Angeles")
    assert add_agency(office.record, ADMINISTRATOR, bay) is None
    case = office.done("record_arrest", agency="bay-jail").case
    for kind in READY[1:]:
        office.done(kind, case, at=None if kind == "attach_warrant" else "2026-02-20T12:00")
    office.done("issue", case, at="2026-02-20T12:30")
    (found,) = [each for each in office.shown(case).findings if each.rule == "10074.2/issue-regardless"]
    assert found.result.value == "met"


@pytest.mark.parametrize(
    ("day", "form", "issued"),
    [
        ("2017-04-01", "I-247D", True),
        ("2017-04-02", "I-247D", False),
        ("2017-04-01", "I-247A", False),
        ("2017-04-02", "I-247A", True),
        ("2025-03-03", "I-247G", False),
        ("2025-03-04", "I-247G", True),
    ],
)
def test_a_form_is_issued_on_its_first_and_last_day_and_not_on_the_next(
    shared_office: Office, day: str, form: str, issued: bool
) -> None:
    case = follow(
        shared_office,
        (
            ("record_arrest", {"at": f"{day}T08:00"}),
            ("examine_citizenship", {"at": f"{day}T09:00"}),
            ("establish_probable_cause", {"at": f"{day}T09:30"}),
            ("attach_warrant", {"signed_on": day}),
        ),
    )
    # The day is that of the agency: 23:30 in Chicago is the next day in UTC.
    more = {"box1": "no", "covered_by_gonzalez": "yes"} if form == "I-247G" else {"box1": "yes"}
    found = shared_office.do("issue", case, at=f"{day}T23:30", form=form, **more)
    assert isinstance(found, Done) == issued
    if isinstance(found, Refused):
        assert "forms/in-force" in {finding.rule for finding in found.findings}


def test_a_correction_after_issue_that_breaks_a_rule_opens_an_incident_that_keeps_the_case_open(
    office: Office,
) -> None:
    case = office.walk("acknowledged")
    assert office.shown(case).incidents == ()
    office.done("correct", case, values={"arrest_kind": "stop"}, reason="The report says that it was a stop.")
    names = ["not-met-after-correction/10074.2/arrest-required", "not-met-after-correction/10074.2/not-temporary-stop"]
    assert sorted(each.id for each in office.shown(case).incidents) == names
    office.done("lift", case)
    with pytest.raises(BadInput, match="has an open incident"):
        office.do("close", case)
    for name in names:
        office.done("close_incident", case, incident=name, reason="The detainer was lifted at once.")
    office.done("close", case)
    assert all(each.closed_by is not None for each in office.shown(case).incidents)


def test_a_correction_after_issue_that_breaks_no_rule_opens_nothing(shared_office: Office) -> None:
    case = shared_office.walk("acknowledged")
    shared_office.done("correct", case, values={"offence": "theft"})
    assert shared_office.shown(case).incidents == ()


@pytest.mark.parametrize("result", ["probative_evidence", "citizen"])
def test_evidence_of_citizenship_after_issue_opens_an_incident(shared_office: Office, result: str) -> None:
    case = shared_office.walk("acknowledged")
    shared_office.done("indicate_citizenship", case, at="2026-02-21T10:00", indication="document")
    assert shared_office.shown(case).incidents == ()
    shared_office.done("examine_citizenship", case, at="2026-02-21T11:00", result=result)
    assert [each.id for each in shared_office.shown(case).incidents] == ["citizenship-found-after-issue"]
    shared_office.done("lift", case, reason="us_citizenship_claim")
    with pytest.raises(BadInput, match="open incident: citizenship-found-after-issue"):
        shared_office.do("close", case)
    shared_office.done("close_incident", case, incident="citizenship-found-after-issue")
    shared_office.done("close", case)


@pytest.mark.parametrize("breaks", ["correct", "examine_citizenship"])
def test_an_open_incident_of_a_case_without_a_hold_is_in_the_queue_of_incidents(
    shared_office: Office, breaks: str
) -> None:
    case = shared_office.walk("acknowledged")
    if breaks == "correct":
        shared_office.done("correct", case, values={"arrest_kind": "stop"})
    else:
        shared_office.done("examine_citizenship", case, at="2026-02-21T11:00", result="citizen")
    shared_office.done("lift", case)
    found = shared_office.record.incidents(SUPERVISOR)
    assert not isinstance(found, Refused)
    assert case in {each.case for each in found}


def test_no_detainer_is_issued_on_probative_evidence_of_citizenship(shared_office: Office) -> None:
    case = follow(
        shared_office, (ARREST, INDICATED, ("examine_citizenship", {"result": "probative_evidence"}), CAUSE, WARRANT)
    )
    assert isinstance(shared_office.do("issue", case), Refused)


def test_an_examination_made_before_an_indication_came_up_does_not_settle_it(shared_office: Office) -> None:
    case = follow(
        shared_office,
        (ARREST, ("indicate_citizenship", {"at": "2026-02-20T11:15"}), EXAMINED, CAUSE, WARRANT),
    )
    assert isinstance(shared_office.do("issue", case), Refused)


@pytest.mark.parametrize("form", ["I-247", "I-247X", "I-247D"])
def test_overriding_the_rule_on_forms_lets_nobody_out_of_the_rules_on_arrest_and_probable_cause(
    shared_office: Office, form: str
) -> None:
    case = follow(shared_office, (("record_arrest", {"arrest_kind": "stop"}), EXAMINED))
    for rule in ("forms/in-force", "I-247A/earlier-forms-remain"):
        shared_office.done("override", case, rule=rule)
    assert isinstance(shared_office.do("issue", case, form=form), Refused)


NOTICE_ALONE = {"form": "I-247G", "box1": "no", "covered_by_gonzalez": "yes"}


def test_a_request_for_notice_needs_an_arrest_and_an_examination_too(shared_office: Office) -> None:
    for first in ({"arrest_kind": "stop"}, {"criminal_offence": "no"}, {"independent_authority": "no"}):
        case = follow(shared_office, (("record_arrest", first), EXAMINED))
        assert isinstance(shared_office.do("issue", case, **NOTICE_ALONE), Refused)
    case = follow(shared_office, (ARREST,))
    assert isinstance(shared_office.do("issue", case, **NOTICE_ALONE), Refused)


@pytest.mark.parametrize("covered", [None, "no"])
def test_the_form_of_covered_offices_is_issued_by_them_alone(shared_office: Office, covered: str | None) -> None:
    case = follow(shared_office, (ARREST, EXAMINED, CAUSE))
    before = shared_office.events(case)
    with pytest.raises(BadInput) as raised:
        shared_office.do("issue", case, form="I-247G", box1="no", covered_by_gonzalez=covered)
    assert raised.value.where == {"field": "covered_by_gonzalez"}
    assert shared_office.events(case) == before
    shared_office.done("issue", case, **NOTICE_ALONE)


FORBIDDEN_ON_EVERY_DAY: dict[str, tuple[Step, ...]] = {
    "a stop": (("record_arrest", {"arrest_kind": "stop", "criminal_offence": "no"}), EXAMINED, CAUSE, WARRANT),
    "no examination": (ARREST, CAUSE, WARRANT),
    "an open indication": (ARREST, INDICATED, CAUSE, WARRANT),
    "no basis": (ARREST, EXAMINED, WARRANT),
}


@pytest.mark.parametrize(
    ("day", "form"),
    [
        (date(2005, 6, 1), "I-247"),
        (date(2011, 6, 1), "I-247"),
        (date(2014, 6, 1), "I-247"),
        (date(2016, 6, 1), "I-247D"),
        (date(2016, 6, 1), "I-247N"),
        (date(2026, 2, 27), "I-247A"),
    ],
)
def test_a_clock_that_was_set_back_gets_nobody_around_the_rules_on_arrest_cause_and_citizenship(
    office: Office, day: date, form: str
) -> None:
    office.clock.at = datetime.combine(day, time(20), UTC)
    for what, steps in FORBIDDEN_ON_EVERY_DAY.items():
        if (what, form) == ("no basis", "I-247N"):
            # A request for notice alone rests on no probable cause.
            continue
        dated = tuple(
            (kind, {**said, **({"signed_on": str(day)} if kind == "attach_warrant" else {"at": f"{day}T08:00"})})
            for kind, said in steps
        )
        case = follow(office, dated)
        refused = office.refused("issue", case, at=f"{day}T09:00", form=form, box1="no" if form == "I-247N" else "yes")
        assert {each.rule.partition("/")[0] for each in refused.findings} & {"10074.2", "16001.2"}, what


def test_a_day_of_issue_that_lies_back_does_not_hide_that_the_form_was_of_the_past(office: Office) -> None:
    case = follow(
        office,
        (
            ("record_arrest", {"at": "2017-03-20T08:00"}),
            ("examine_citizenship", {"at": "2017-03-20T09:00"}),
            ("establish_probable_cause", {"at": "2017-03-20T09:30"}),
        ),
    )
    office.done("issue", case, at="2017-03-20T10:00", form="I-247D")
    (incident,) = office.shown(case).incidents
    assert incident.id == "form-out-of-its-dates-when-recorded"
    assert "recorded on 2026-03-02 as issued on 2017-03-20 on the I-247D, which was issued until 2017-04-01" in (
        incident.sentence
    )
    found = office.record.incidents(AUDITOR)
    assert not isinstance(found, Refused)
    assert [each.case for each in found] == [case]
    office.done("lift", case)
    with pytest.raises(BadInput, match="open incident"):
        office.do("close", case)
    office.done("close_incident", case, incident=incident.id)
    office.done("close", case)


def test_who_let_the_calendar_of_forms_pass_leaves_that_mark_and_no_other(office: Office) -> None:
    case = follow(
        office,
        (
            ARREST,
            EXAMINED,
            CAUSE,
            WARRANT,
            ("override", {"rule": "forms/in-force"}),
            ("override", {"rule": "I-247A/earlier-forms-remain"}),
        ),
    )
    office.done("issue", case, form="I-247D")
    assert office.shown(case).incidents == ()


def test_a_correction_leaves_no_detainer_that_asks_for_nothing(office: Office) -> None:
    case = office.walk("issued")
    version = office.kinds(case).index("issued") + 1
    with pytest.raises(BadInput, match="asks for nothing") as raised:
        office.do("correct", case, version=str(version), values={"box1": "no"})
    assert raised.value.where == {"field": "values.box1"}


def test_a_covered_office_issues_nothing_for_a_hold_without_a_neutral_review(shared_office: Office) -> None:
    case = shared_office.walk("arrest_recorded")
    assert isinstance(shared_office.do("issue", case, covered_by_gonzalez="yes"), Refused)


@pytest.mark.parametrize("result", ["probative_evidence", "citizen"])
def test_nobody_is_held_on_a_detainer_after_evidence_of_citizenship(shared_office: Office, result: str) -> None:
    case = shared_office.walk("acknowledged")
    shared_office.done("examine_citizenship", case, at="2026-02-21T11:00", result=result)
    assert isinstance(shared_office.do("begin_hold", case), Refused)


@pytest.mark.parametrize(("form", "day"), [("I-247N", "2016-03-01"), ("I-247G", "2026-02-01")])
def test_nobody_is_held_on_a_request_for_notice_alone(shared_office: Office, form: str, day: str) -> None:
    received = with_changes(RECEIVED, {"form": form, "at": f"{day}T10:00", "issued_on": day, "warrant_signed_on": day})
    began = shared_office.give("jill", "receive", None, received)
    assert isinstance(began, Done)
    try:
        found = shared_office.do("begin_hold", began.case, at=f"{day}T11:00")
    except BadInput:
        return
    assert isinstance(found, Refused)


def test_a_refused_hold_is_recorded_and_a_later_release_too(shared_office: Office) -> None:
    """The form of 2016 asks for notice alone."""
    case = follow(
        shared_office,
        (
            ("record_arrest", {"at": "2016-03-01T08:00"}),
            ("examine_citizenship", {"at": "2016-03-01T09:00"}),
            ("establish_probable_cause", {"at": "2016-03-01T09:30"}),
        ),
    )
    shared_office.done("issue", case, at="2016-03-01T10:00", form="I-247N", box1="no")
    shared_office.done("serve_agency", case, at="2016-03-01T11:00")
    refused = shared_office.refused("begin_hold", case, at="2016-03-02T10:00")
    assert refused.reason.startswith("The I-247N asks for notice alone")
    assert shared_office.stage(case) == "served"
    shared_office.done("release", case)
    assert shared_office.kinds(case)[-2:] == ["refused", "released"]


@pytest.mark.parametrize(("form", "day"), [("I-247N", "2016-03-01"), ("I-247G", "2026-02-01")])
def test_no_hold_is_asked_for_on_a_form_that_asks_for_notice_alone(shared_office: Office, form: str, day: str) -> None:
    case = follow(
        shared_office,
        (
            ("record_arrest", {"at": f"{day}T08:00"}),
            ("examine_citizenship", {"at": f"{day}T09:00"}),
            ("establish_probable_cause", {"at": f"{day}T09:30"}),
        ),
    )
    more = {"covered_by_gonzalez": "yes"} if form == "I-247G" else {}
    refused = shared_office.refused("issue", case, at=f"{day}T10:00", form=form, **more)
    assert [finding.rule for finding in refused.findings] == [f"{form}/no-detention"]


def test_nobody_is_held_on_a_detainer_that_asks_for_no_hold(shared_office: Office) -> None:
    case = shared_office.walk("arrest_recorded")
    with pytest.raises(BadInput, match="asks for nothing") as raised:
        shared_office.do("issue", case, box1="no", box2="no")
    assert raised.value.where == {"field": "box1"}
    shared_office.done("issue", case, box1="no", box2="yes")
    shared_office.done("serve_agency", case)
    refused = shared_office.refused("begin_hold", case)
    assert refused.reason.startswith("Box 1 of the detainer is not completed: it asks for no hold.")
    recorded = shared_office.events(case)[-1]
    assert recorded.kind == "refused"
    assert recorded.said()["reason"] == "Box 1 of the detainer is not completed: it asks for no hold."


@pytest.mark.parametrize("first", ["supervisor", "neutral"])
def test_one_review_that_approves_does_not_make_another_good_that_did_not(shared_office: Office, first: str) -> None:
    case = shared_office.walk("arrest_recorded")
    second = {"supervisor": "neutral", "neutral": "supervisor"}[first]
    shared_office.done("review", case, reviewer=first, approved="no")
    shared_office.done("review", case, reviewer=second)
    assert "did not approve" in shared_office.refused("issue", case).reason
    # The findings do not say it: the event does.
    assert "did not approve" in str(shared_office.events(case)[-1].said()["reason"])
    shared_office.done("review", case, reviewer=first)
    shared_office.done("issue", case)


@pytest.mark.parametrize("rule", ["8cfr287.7/hold-48h-excluding", "10074.2/supervisory-review", "I-247A/notify-48h"])
def test_a_rule_that_refuses_nothing_is_not_overridden(shared_office: Office, rule: str) -> None:
    case = shared_office.walk("arrest_recorded")
    before = shared_office.events(case)
    with pytest.raises(BadInput, match="nothing to override") as raised:
        shared_office.do("override", case, rule=rule)
    assert raised.value.where == {"field": "rule"}
    assert shared_office.events(case) == before


def test_a_rule_is_overridden_once(shared_office: Office) -> None:
    case = shared_office.walk("arrest_recorded")
    shared_office.done("override", case)
    with pytest.raises(BadInput, match="overridden before"):
        shared_office.do("override", case)
