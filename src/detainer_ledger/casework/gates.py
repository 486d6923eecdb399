"""What the policy's rules say of a case, and which of them refuse a command.

A rule that is confirmed by a source that was read refuses; one that is not is told, and refuses nothing. What is not
recorded refuses like what is not met where the rule has to be shown to hold before a detainer is issued.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from detainer_ledger.casework.access import Agency
from detainer_ledger.casework.state import Case
from detainer_ledger.policy import Facts, Finding, Result, finding, read_facts, rules_in_force

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

HELD_AT_HOLD = ("I-247N/no-detention", "16001.2/probative-evidence")
"""Rules that refuse the beginning of a hold where they are not met."""


def facts_of(case: Case, agency: Agency, *, ahead: Mapping[str, Any] | None = None) -> Facts:
    """Return the facts of a case for the policy's rules.

    ``ahead`` is what a command is about to say: the issue of a detainer before it is one.
    """
    began = case.beginning
    issue: Mapping[str, Any] = ahead or (issued.body if (issued := case.last("issued")) else {})
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
                "hold": _hold(case, agency, received),
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
    in_force = {rule.id for rule in rules_in_force(on)}
    found = []
    for rule, needs_record in rules.items():
        if rule not in in_force:
            continue
        each = finding(rule, facts, on)
        is_broken = each.result is Result.NOT_MET or (needs_record and each.result is Result.NOT_RECORDED)
        if is_broken and each.trust == "confirmed" and not (each.overridable and rule in overridden):
            found.append(each)
    return tuple(found)


def gates_of(command: str) -> Mapping[str, bool]:
    """Return the rules that can refuse a command, each with whether not recorded refuses too."""
    if command == "issue":
        return {**dict.fromkeys(SHOWN_BEFORE_ISSUE, True), **dict.fromkeys(HELD_AT_ISSUE, False)}
    return dict.fromkeys(HELD_AT_HOLD, False)


def overridden_rules(case: Case) -> frozenset[str]:
    """Return the rules that a supervisor has overridden in a case."""
    return frozenset(str(told.body["rule"]) for told in case.all("rule_overridden"))


def _citizenship(case: Case) -> dict[str, object]:
    indicated, examined = case.last("citizenship_indicated"), case.last("citizenship_examined")
    result = examined.body["result"] if examined else None
    is_open = indicated is not None and (examined is None or examined.version < indicated.version)
    return {
        "indication": None
        if indicated is None and examined is None
        else indicated is not None or result != "no_indication",
        "examined": False if is_open else True if examined else None,
        "probative_evidence": None if result is None else result in {"probative_evidence", "citizen"},
        "citizen": None if result is None else result == "citizen",
    }


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


def _hold(case: Case, agency: Agency, received: Mapping[str, Any]) -> dict[str, object]:
    began, ended = case.said("hold_began", "at"), case.ending
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
