"""The guidance of 2012 and the Priority Enforcement Program of 2014."""

from __future__ import annotations

from datetime import date

from msgspec.structs import fields

from detainer_ledger.policy.checks.answers import Answer, Check, met, not_applicable, not_met, not_recorded
from detainer_ledger.policy.checks.directive import BASES
from detainer_ledger.policy.facts import Component, Conditions, Facts
from detainer_ledger.terms import hold_forms, notification_only_forms

CONDITIONS = {
    "felony": "felony",
    "three_misdemeanors": "three misdemeanors",
    "serious_misdemeanor": "serious misdemeanor",
    "illegal_entry": "conviction under 8 U.S.C. 1325",
    "illegal_reentry": "re-entry after removal or return",
    "removal_order": "outstanding order of removal",
    "immigration_fraud": "immigration fraud",
    "significant_risk": "significant risk",
}
"""The eight conditions of the guidance of 2012 by their facts, with the name that findings use."""


def scope_2012(facts: Facts, _on: date) -> Answer:
    """Guidance of 2012: ICE and 287(g), not CBP."""
    if facts.component is None:
        return not_recorded("For whom the issuing officer acts is not recorded.", "component")
    who = "ICE" if facts.component is Component.ICE else "a 287(g) officer"
    return met(f"The guidance holds for detainers by {who}.", "component")


def condition(name: str, title: str) -> Check:
    """Return the check of one of the eight conditions: one that a case does not rest on is not applicable."""

    def check(facts: Facts, _on: date) -> Answer:
        value = getattr(facts.conditions, name)
        dotted = f"conditions.{name}"
        if value is None:
            return not_recorded(f"Whether the condition '{title}' holds is not recorded.", dotted)
        if value:
            return met(f"The condition '{title}' holds.", dotted)
        return not_applicable(f"The detainer does not rest on the condition '{title}'.", dotted)

    return check


def reason_to_believe(facts: Facts, _on: date) -> Answer:
    """Guidance of 2012: reason to believe, and at least one condition."""
    values = {f"conditions.{each.name}": getattr(facts.conditions, each.name) for each in fields(Conditions)}
    holding = [name for name, value in values.items() if value]
    if facts.reason_to_believe is False:
        return not_met("There was no reason to believe that the person is removable.", "reason_to_believe")
    if not holding and None not in values.values():
        return not_met("None of the eight conditions holds.", "reason_to_believe", *values)
    if facts.reason_to_believe is None:
        return not_recorded("Whether there was reason to believe is not recorded.", "reason_to_believe", *holding)
    if not holding:
        missing = [name for name, value in values.items() if value is None]
        return not_recorded("Whether one of the eight conditions holds is not recorded.", "reason_to_believe", *missing)
    return met("There was reason to believe, and a condition holds.", "reason_to_believe", *holding)


def notify_first(facts: Facts, _on: date) -> Answer:
    """Memorandum of 2014: notice as the rule, a hold in special circumstances."""
    names = ("form", "requests.hold", "special_circumstances")
    asks = _asks_hold(facts)
    if facts.form == "I-247X":
        return not_applicable("The I-247X asks for a transfer, neither for notice alone nor for a hold.", *names)
    if asks is None:
        return not_recorded("Whether the detainer asks for a hold is not recorded.", *names)
    if not asks:
        return met("The detainer asks for notice alone.", *names)
    if facts.special_circumstances is None:
        return not_recorded("The detainer asks for a hold; special circumstances are not recorded.", *names)
    if facts.special_circumstances:
        return met("The detainer asks for a hold in special circumstances.", *names)
    return not_met("The detainer asks for a hold without special circumstances.", *names)


def special_circumstances(facts: Facts, _on: date) -> Answer:
    """Memorandum of 2014: a hold on a final order or other sufficient probable cause."""
    cause = facts.probable_cause
    names = ("special_circumstances", "probable_cause.established", BASES)
    asks = _asks_hold(facts)
    if asks is False or facts.form == "I-247X":
        return not_applicable("The detainer asks for no hold.", "form", "requests.hold")
    if asks is None:
        return not_recorded("Whether the detainer asks for a hold is not recorded.", "form", "requests.hold")
    if facts.special_circumstances is False:
        return not_met("The detainer asks for a hold without special circumstances.", *names)
    if cause.established is False or cause.bases == ():
        return not_met("The detainer asks for a hold without probable cause.", *names)
    has_cause = bool(cause.established or cause.bases)
    if facts.special_circumstances is None or not has_cause:
        return not_recorded("Special circumstances with probable cause are not recorded.", *names)
    return met("The detainer asks for a hold in special circumstances, with probable cause.", *names)


def pep_priority(facts: Facts, _on: date) -> Answer:
    """Form I-247D, box A."""
    if facts.pep_priority is None:
        return not_recorded("Which enforcement priority the form names is not recorded.", "pep_priority")
    if not facts.pep_priority:
        return not_met("The form names no enforcement priority.", "pep_priority")
    return met("The form names an enforcement priority.", "pep_priority")


def _asks_hold(facts: Facts) -> bool | None:
    if facts.requests.hold is not None:
        return facts.requests.hold
    if facts.form in notification_only_forms():
        return False
    return True if facts.form in hold_forms() else None
