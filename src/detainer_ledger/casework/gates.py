"""What the policy's rules say of a case, and which of them refuse a command.

A rule that rests on a source refuses; one that no source that was read confirms is told, and refuses nothing. What is
not recorded refuses like what is not met where the rule has to be shown to hold before a detainer is issued. The rules
on arrest hold for every form, and those on probable cause for every form that asks for a hold: nobody gets around them
by the choice of another form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from detainer_ledger.casework.access import Agency
from detainer_ledger.casework.state import Case, Told
from detainer_ledger.policy import Facts, Finding, Result, Trust, finding, read_facts, rules_in_force
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
    return read_facts(
        _given(
            {
                "issued_on": _day(issue.get("at")) or received.get("issued_on"),
                "form": form,
                "state": agency.state,
                "area_of_responsibility": began.body.get("area_of_responsibility"),
                "component": "ICE",
                "arrest": {
                    "kind": arrest.get("arrest_kind"),
                    "at": arrest.get("at"),
                    **{
                        name: arrest.get(name)
                        for name in (
                            "criminal_offence",
                            "independent_authority",
                            "controlled_substance",
                            "traffic_misdemeanor_only",
                        )
                    },
                },
                "citizenship": _citizenship(case),
                "probable_cause": _probable_cause(case, received),
                "warrant": _warrant(case, received),
                "review": {
                    "supervisor": _reviewed(case, "supervisor"),
                    "neutral": _reviewed(case, "neutral"),
                    "at": case.said("reviewed", "at"),
                },
                "requests": {
                    "box1": issue.get("box1"),
                    "box2": issue.get("box2"),
                    "hold": issue.get("box1"),
                    "notice": True if issue else None,
                },
                "served": {
                    "agency_at": case.said("served_on_agency", "at") or received.get("at"),
                    "person_at": case.said("served_on_person", "at"),
                },
                "hold": _hold(case, agency, received, hold_ahead),
                "custody": {
                    "taken_at": case.said("custody_taken", "at"),
                    "cancelled_at": case.said("lifted", "at"),
                    "found_citizen_at": _found_citizen_at(case),
                },
                "issuance": {"issued": bool(issue) or None},
                "covered_by_gonzalez": issue.get("covered_by_gonzalez"),
                "agency": {"declined": _declined(case)},
            }
        ),
        where=case.id,
    )


def refusing(rules: Mapping[str, bool], facts: Facts, on: date, *, overridden: frozenset[str]) -> tuple[Finding, ...]:
    """Return the findings that refuse a command on a day: of ``rules``, each with whether not recorded refuses too.

    Rules that were overridden do not refuse, unless they are among those that nobody may override.
    """
    in_force = _ids_in_force(on)
    found = []
    for rule, needs_record in rules.items():
        if rule not in in_force:
            continue
        each = finding(rule, _as_asked(rule, facts), on)
        needs_record = needs_record or (rule in _OF_COVERED_OFFICES and facts.covered_by_gonzalez is True)
        is_broken = each.result is Result.NOT_MET or (needs_record and each.result is Result.NOT_RECORDED)
        if is_broken and each.trust is not Trust.UNCONFIRMED and not (each.overridable and rule in overridden):
            found.append(each)
    return tuple(found)


@lru_cache(maxsize=1024)
def _ids_in_force(on: date) -> frozenset[str]:
    return frozenset(rule.id for rule in rules_in_force(on))


def _as_asked(rule: str, facts: Facts) -> Facts:
    """Return the facts as a rule is asked: those on arrest and probable cause do not let another form off."""
    of_arrest = rule in _ON_ARREST
    of_cause = rule in _ON_PROBABLE_CAUSE and facts.form not in notification_only_forms()
    return replace(facts, form=_FORM_OF_THE_DIRECTIVE) if of_arrest or of_cause else facts


_FORM_OF_THE_DIRECTIVE = "I-247A"
_ON_ARREST = frozenset(
    {"10074.2/arrest-required", "10074.2/independent-arrest-authority", "10074.2/not-temporary-stop"}
)
_ON_PROBABLE_CAUSE = frozenset(
    {"10074.2/probable-cause", "10074.2/no-investigation-only", "10074.2/no-foreign-birth-alone"}
)
_OF_COVERED_OFFICES = frozenset({"gonzalez-2025/neutral-review", "gonzalez-2025/i247g-only"})


def gates_of(command: str) -> Mapping[str, bool]:
    """Return the rules that can refuse a command, each with whether not recorded refuses too."""
    if command == "issue":
        return {**dict.fromkeys(SHOWN_BEFORE_ISSUE, True), **dict.fromkeys(HELD_AT_ISSUE, False)}
    return dict.fromkeys(HELD_AT_HOLD, False)


def overridden_rules(case: Case) -> frozenset[str]:
    """Return the rules that a supervisor has overridden in a case."""
    return frozenset(str(told.body["rule"]) for told in case.all("rule_overridden"))


def _citizenship(case: Case) -> dict[str, object]:
    """Return what is known of citizenship: by the examination that was made last, if it settles every indication."""
    indicated = case.all("citizenship_indicated")
    examined = max(case.all("citizenship_examined"), key=_when, default=None)
    if examined is None:
        return {"indication": True, "examined": False} if indicated else {}
    result = examined.body["result"]
    is_open = any(_when(each) > _when(examined) or each.version > examined.version for each in indicated)
    return {
        "indication": bool(indicated) or result != "no_indication",
        "examined": not is_open,
        "probative_evidence": result in {"probative_evidence", "citizen"},
        "citizen": result == "citizen",
    }


def _when(told: Told) -> tuple[datetime, int]:
    return told.at or datetime.fromisoformat(told.recorded_at), told.version


def _probable_cause(case: Case, received: Mapping[str, Any]) -> dict[str, object]:
    told = case.last("probable_cause_established")
    if told is None:
        return {"bases": received.get("bases")}
    body = told.body
    return {
        "established": bool(body["bases"]) and not body.get("investigation_only"),
        "established_at": body["at"],
        **{
            name: body.get(name)
            for name in ("bases", "records_check_affirmative", "investigation_only", "foreign_birth_and_no_record_only")
        },
    }


def _warrant(case: Case, received: Mapping[str, Any]) -> dict[str, object]:
    told = case.last("warrant_attached")
    if told is not None:
        return {"kind": told.body["warrant_kind"], **{name: told.body[name] for name in ("signed", "signed_on")}}
    signed_on = received.get("warrant_signed_on")
    return {"kind": received.get("warrant_kind"), "signed_on": signed_on, "signed": True if signed_on else None}


def _reviewed(case: Case, reviewer: str) -> bool | None:
    found = [told.body["approved"] for told in case.all("reviewed") if told.body["reviewer"] == reviewer]
    return found[-1] if found else None


def _hold(case: Case, agency: Agency, received: Mapping[str, Any], ahead: str | None) -> dict[str, object]:
    began, ended = case.said("hold_began", "at") or ahead, case.ending
    return {
        "would_be_released_at": began,
        "began_at": began,
        "ended_at": ended.body["at"] if began and ended else None,
        "zone": agency.zone,
        "received_at": case.said("served_on_agency", "at") or received.get("at"),
        "noticed_at": case.said("release_expected", "noticed_at"),
        "planned_release_at": case.said("release_expected", "at"),
    }


def _found_citizen_at(case: Case) -> object:
    told = case.last("citizenship_examined")
    return told.body["at"] if told and told.body["result"] in {"citizen", "probative_evidence"} else None


def _declined(case: Case) -> bool | None:
    answer = case.said("answered", "answer")
    return None if answer is None else answer == "decline"


def _day(at: object) -> str | None:
    return datetime.fromisoformat(at).date().isoformat() if isinstance(at, str) else None


def _given(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts that are recorded: without those that are None, and without parts that are empty."""
    found: dict[str, Any] = {}
    for name, value in facts.items():
        kept = _given(value) if isinstance(value, Mapping) else value
        if kept is not None and kept != {}:
            found[name] = kept
    return found
