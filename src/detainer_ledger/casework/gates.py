"""What the policy's rules say of a case, and which of them refuse a command.

A rule that rests on a source refuses; one that no source that was read confirms is told, and refuses nothing. What is
not recorded refuses like what is not met where the rule has to be shown to hold before a detainer is issued. The rules
on arrest hold for every form, and those on probable cause for every form that asks for a hold: nobody gets around them
by the choice of another form.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from detainer_ledger.casework.access import Agency
from detainer_ledger.casework.state import Case, Told
from detainer_ledger.policy import (
    AgencyAnswer,
    Arrest,
    ArrestKind,
    Basis,
    Citizenship,
    Component,
    Custody,
    Facts,
    Finding,
    HoldFacts,
    Issuance,
    ProbableCause,
    Requests,
    Result,
    Review,
    Served,
    Trust,
    Warrant,
    WarrantKind,
    finding,
    findings,
    result_of,
    rules,
    rules_in_force,
)
from detainer_ledger.terms import notification_only_forms

SHOWN_BEFORE_ISSUE = (
    "10074.2/arrest-required",
    "10074.2/independent-arrest-authority",
    "10074.2/not-temporary-stop",
    "10074.2/probable-cause",
    "10074.2/warrant-accompanies",
    "16001.2/usc-claim",
    "forms/in-force",
)
"""Rules that have to be met before a detainer is issued: not recorded refuses too."""

HELD_AT_ISSUE = (
    "10074.2/no-investigation-only",
    "10074.2/no-foreign-birth-alone",
    "16001.2/probative-evidence",
    "I-247A/box1-xor-box2",
    "I-247A/earlier-forms-remain",
    "I-247N/no-detention",
    "I-247G/no-detention",
    "gonzalez-2020/database-only-void",
    "gonzalez-2025/neutral-review",
    "gonzalez-2025/i247g-only",
    "2012/reason-to-believe",
    "pep/special-circumstances",
)
"""Rules that refuse the issue of a detainer where they are not met."""

HELD_AT_HOLD = ("I-247N/no-detention", "I-247G/no-detention", "16001.2/usc-claim", "16001.2/probative-evidence")
"""Rules that refuse the beginning of a hold where they are not met."""


def facts_of(
    case: Case, agency: Agency, *, issue_ahead: Mapping[str, Any] | None = None, hold_ahead: str | None = None
) -> Facts:
    """Return the facts of a case for the policy's rules.

    ``issue_ahead`` is what a command is about to say: the issue of a detainer before it is one; ``hold_ahead`` is the
    instant of a hold that is about to begin.
    """
    began = case.beginning
    issue: Mapping[str, Any] = issue_ahead or (issued.body if (issued := case.last("issued")) else {})
    received = began.body if began.kind == "detainer_received" else {}
    arrest = began.body if began.kind == "arrest_recorded" else {}
    form = issue.get("form") or received.get("form")
    boxes = issue or received
    issued_at = _instant(issue.get("at"))
    return Facts(
        issued_on=issued_at.date() if issued_at else _day(received.get("issued_on")),
        form=form,
        state=agency.state,
        area_of_responsibility=began.body.get("area_of_responsibility"),
        component=Component.ICE,
        arrest=_arrest(arrest),
        citizenship=_citizenship(case),
        probable_cause=_probable_cause(case, received),
        warrant=_warrant(case, received),
        review=Review(
            supervisor=_reviewed(case, "supervisor"), neutral=_reviewed(case, "neutral"), at=_at(case, "reviewed")
        ),
        requests=Requests(
            box1=boxes.get("box1"), box2=boxes.get("box2"), hold=boxes.get("box1"), notice=True if issue else None
        ),
        served=Served(
            agency_at=_at(case, "served_on_agency", "detainer_received"), person_at=_at(case, "served_on_person")
        ),
        hold=_hold(case, agency, hold_ahead),
        custody=Custody(
            taken_at=_at(case, "custody_taken"),
            cancelled_at=_at(case, "lifted", "lift_received"),
            ended_otherwise=_ended_otherwise(case),
            found_citizen_at=_found_citizen_at(case),
        ),
        issuance=Issuance(issued=bool(issue) or None),
        covered_by_gonzalez=issue.get("covered_by_gonzalez"),
        agency=AgencyAnswer(declined=_declined(case)),
    )


def findings_of_case(case: Case, agency: Agency, now: datetime) -> tuple[Finding, ...]:
    """Return what every rule says of a case: on the day of its detainer, today where none was issued."""
    issued = case.last_of("issued", "detainer_received")
    on = issued.at.date() if issued and issued.at else now.astimezone(ZoneInfo(agency.zone)).date()
    return findings(facts_of(case, agency), on, held_on=_day_of_hold(case))


def _day_of_hold(case: Case) -> date | None:
    """Return the day on which the agency held the person, or said what it would do; None where it has done neither."""
    told = case.last("hold_began") or case.last("answered")
    return told.at.date() if told and told.at else None


def refusing(
    command: str, facts: Facts, on: date, *, recorded_on: date, overridden: frozenset[str]
) -> tuple[Finding, ...]:
    """Return the findings that refuse a command on a day, by the rules of ``gates_of`` that were in force then.

    Those on arrest, probable cause and citizenship hold for every day, also for one before they were in force, and
    whatever day the machine's clock shows: nobody gets around them by the choice of another day. Rules that were
    overridden do not refuse, unless they are among those that nobody may override.
    """
    # Those on arrest and probable cause do not let another form off.
    is_other_form = facts.form != _FORM_OF_THE_DIRECTIVE
    of_any_form = replace(facts, form=_FORM_OF_THE_DIRECTIVE) if is_other_form else facts
    asks_for_a_hold = facts.form not in notification_only_forms()
    found = []
    for rule, needs_record, day in _gates_in_force(command, on, recorded_on):
        is_of_any_form = is_other_form and (rule in _ON_ARREST or (rule in _ON_PROBABLE_CAUSE and asks_for_a_hold))
        asked = of_any_form if is_of_any_form else facts
        result = result_of(rule, asked, day)
        if result is not Result.NOT_MET:
            is_covered = facts.covered_by_gonzalez is True and rule in _OF_COVERED_OFFICES
            if result is not Result.NOT_RECORDED or not (needs_record or is_covered):
                continue
        each = finding(rule, asked, day)
        if each.trust is not Trust.UNCONFIRMED and not (each.overridable and rule in overridden):
            found.append(each)
    return tuple(found)


@lru_cache(maxsize=1024)
def _gates_in_force(command: str, on: date, recorded_on: date) -> tuple[tuple[str, bool, date], ...]:
    """Return the rules that can refuse a command, whether not recorded refuses too, and the day to ask them of."""
    then = {rule.id for rule in rules_in_force(on)}
    first_days = {rule.id: rule.in_force_from or recorded_on for rule in rules() if rule.id in _OF_EVERY_DAY}
    return tuple(
        (rule, needs_record, on if rule in then else max(recorded_on, first_days[rule]))
        for rule, needs_record in gates_of(command).items()
        if rule in then or rule in first_days
    )


_FORM_OF_THE_DIRECTIVE = "I-247A"
_ON_ARREST = frozenset(
    {"10074.2/arrest-required", "10074.2/independent-arrest-authority", "10074.2/not-temporary-stop"}
)
_ON_PROBABLE_CAUSE = frozenset(
    {"10074.2/probable-cause", "10074.2/no-investigation-only", "10074.2/no-foreign-birth-alone"}
)
_ON_CITIZENSHIP = frozenset({"16001.2/usc-claim", "16001.2/probative-evidence"})
_OF_EVERY_DAY = _ON_ARREST | _ON_PROBABLE_CAUSE | _ON_CITIZENSHIP
_OF_COVERED_OFFICES = frozenset({"gonzalez-2025/neutral-review", "gonzalez-2025/i247g-only"})


def gates_of(command: str) -> Mapping[str, bool]:
    """Return the rules that can refuse a command, each with whether not recorded refuses too."""
    if command == "issue":
        return {**dict.fromkeys(SHOWN_BEFORE_ISSUE, True), **dict.fromkeys(HELD_AT_ISSUE, False)}
    return dict.fromkeys(HELD_AT_HOLD, False)


_NO_RULE: frozenset[str] = frozenset()


def overridden_rules(case: Case) -> frozenset[str]:
    """Return the rules that a supervisor has overridden in a case."""
    overridden = case.all("rule_overridden")
    return frozenset(str(told.body["rule"]) for told in overridden) if overridden else _NO_RULE


def _arrest(said: Mapping[str, Any]) -> Arrest:
    kind = said.get("arrest_kind")
    return Arrest(
        kind=ArrestKind(kind) if kind else None,
        at=_instant(said.get("at")),
        criminal_offence=said.get("criminal_offence"),
        independent_authority=said.get("independent_authority"),
        controlled_substance=said.get("controlled_substance"),
        traffic_misdemeanor_only=said.get("traffic_misdemeanor_only"),
    )


def _citizenship(case: Case) -> Citizenship:
    """Return what is known of citizenship: by the examination that was made last, if it settles every indication.

    What was found of a citizen stands, whatever is examined afterwards, until that finding itself is corrected.
    """
    indicated = case.all("citizenship_indicated")
    examined = max(case.all("citizenship_examined"), key=_when, default=None)
    if examined is None:
        return Citizenship(indication=True, examined=False) if indicated else Citizenship()
    found = {told.body["result"] for told in case.all("citizenship_examined")}
    is_open = any(_when(each) > _when(examined) or each.version > examined.version for each in indicated)
    return Citizenship(
        indication=bool(indicated) or found != {"no_indication"},
        examined=not is_open,
        probative_evidence=not found.isdisjoint({"probative_evidence", "citizen"}),
        citizen="citizen" in found,
    )


def _when(told: Told) -> tuple[datetime, int]:
    return told.at or datetime.fromisoformat(told.recorded_at), told.version


def _probable_cause(case: Case, received: Mapping[str, Any]) -> ProbableCause:
    told = case.last("probable_cause_established")
    body = told.body if told else received
    marked = body.get("bases")
    bases = None if marked is None else tuple(Basis(each) for each in marked)
    if told is None:
        return ProbableCause(bases=bases)
    return ProbableCause(
        established=bool(bases) and not body.get("investigation_only"),
        established_at=told.at,
        bases=bases,
        records_check_affirmative=body.get("records_check_affirmative"),
        investigation_only=body.get("investigation_only"),
        foreign_birth_and_no_record_only=body.get("foreign_birth_and_no_record_only"),
    )


def _warrant(case: Case, received: Mapping[str, Any]) -> Warrant:
    told = case.last("warrant_attached")
    body: Mapping[str, Any] = told.body if told else received
    kind = body.get("warrant_kind")
    signed_on = _day(body.get("signed_on" if told else "warrant_signed_on"))
    signed = body.get("signed") if told else True if signed_on else None
    return Warrant(kind=WarrantKind(kind) if kind else None, signed=signed, signed_on=signed_on)


def _reviewed(case: Case, reviewer: str) -> bool | None:
    found = [told.body["approved"] for told in case.all("reviewed") if told.body["reviewer"] == reviewer]
    return found[-1] if found else None


def _hold(case: Case, agency: Agency, ahead: str | None) -> HoldFacts:
    began = _at(case, "hold_began") or _instant(ahead)
    end = case.hold_end
    return HoldFacts(
        would_be_released_at=began,
        began_at=began,
        ended_at=end.at if end else None,
        zone=agency.zone,
        received_at=_at(case, "served_on_agency", "detainer_received"),
        noticed_at=_instant(case.said("release_expected", "noticed_at")),
        planned_release_at=_at(case, "release_expected"),
    )


def _ended_otherwise(case: Case) -> bool | None:
    """Tell whether a hold ended as a release or a transfer to another agency; None where that is not recorded."""
    end = case.hold_end
    how = None if end is None else end.body.get("how") if end.kind == "hold_ended" else end.kind
    return True if how in {"released", "expired", "transferred"} else None


def _found_citizen_at(case: Case) -> datetime | None:
    found = [
        told for told in case.all("citizenship_examined") if told.body["result"] in {"citizen", "probative_evidence"}
    ]
    return min((told.at for told in found if told.at), default=None)


def _declined(case: Case) -> bool | None:
    answer = case.said("answered", "answer")
    return None if answer is None else answer == "decline"


def _at(case: Case, *kinds: str) -> datetime | None:
    told = case.last_of(*kinds)
    return told.at if told else None


def _instant(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None


def _day(text: object) -> date | None:
    return date.fromisoformat(text) if isinstance(text, str) else None
