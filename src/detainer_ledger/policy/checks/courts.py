"""Gonzalez v. ICE and its settlement, and the Laken Riley Act."""

from __future__ import annotations

from datetime import date

from detainer_ledger.policy.checks.answers import Answer, met, not_applicable, not_met, not_recorded
from detainer_ledger.policy.checks.directive import BASES, has_basis_beside_biometric, was_issued
from detainer_ledger.policy.facts import Facts, area_of

LOS_ANGELES = "Los Angeles"
"""The area of responsibility that stands for the Central District of California in this room."""

NINTH_CIRCUIT = frozenset({"AK", "AZ", "CA", "GU", "HI", "ID", "MP", "MT", "NV", "OR", "WA"})
"""States and territories of the Ninth Circuit. Source: 28 U.S.C. 41, unconfirmed."""


def database_only_void(facts: Facts, _on: date) -> Answer:
    """Gonzalez, judgment of 2020: the Los Angeles area stands for the court's district."""
    names = ("area_of_responsibility", BASES)
    area = facts.area_of_responsibility
    if area is not None and area_of(area) != LOS_ANGELES:
        return not_applicable("The detainer is not from the Los Angeles area.", *names)
    bases = facts.probable_cause.bases
    if bases == ():
        return not_applicable("The detainer names no basis, and so no check of databases.", *names)
    if area is None:
        return not_recorded("The area that the detainer is from is not recorded.", *names)
    if has_basis_beside_biometric(bases):
        return met("The detainer rests on more than a check of databases.", *names)
    if bases is None:
        return not_recorded("On which bases of probable cause the detainer rests is not recorded.", *names)
    return not_met("The detainer rests on a check of databases alone, from the Los Angeles area.", *names)


def prompt_determination(facts: Facts, _on: date) -> Answer:
    """Gonzalez, 9th Cir. 2020: in the states of that circuit."""
    names = ("state", "custody.prompt_determination")
    if facts.state is not None and facts.state not in NINTH_CIRCUIT:
        return not_applicable(f"{facts.state} is not in the Ninth Circuit.", *names)
    if facts.custody.otherwise_detained:
        return not_applicable("The person was not detained on the detainer.", *names, "custody.otherwise_detained")
    if facts.state is None:
        return not_recorded("The state in which the person was held is not recorded.", *names)
    if facts.custody.prompt_determination is None:
        return not_recorded("Whether a neutral magistrate looked at probable cause promptly is not recorded.", *names)
    if facts.custody.prompt_determination:
        return met("A neutral magistrate determined probable cause promptly.", *names)
    return not_met("No neutral magistrate determined probable cause promptly.", *names)


def neutral_review(facts: Facts, _on: date) -> Answer:
    """Gonzalez settlement: no I-247A from a covered office without a neutral review."""
    names = ("covered_by_gonzalez", "review.neutral")
    if facts.covered_by_gonzalez is None:
        return not_recorded("Whether the office is covered by the settlement is not recorded.", *names)
    if not facts.covered_by_gonzalez:
        return not_applicable("The office is not covered by the settlement.", *names)
    if facts.review.neutral is None:
        return not_recorded("Whether a neutral reviewer examined probable cause is not recorded.", *names)
    if facts.review.neutral:
        return met("A neutral reviewer examined probable cause.", *names)
    return not_met("No neutral reviewer examined probable cause.", *names)


def i247g_only(facts: Facts, _on: date) -> Answer:
    """Gonzalez settlement: the I-247G alone, until there is a neutral review."""
    names = ("covered_by_gonzalez", "form", "review.neutral")
    if facts.covered_by_gonzalez is None:
        return not_recorded("Whether the office is covered by the settlement is not recorded.", *names)
    if not facts.covered_by_gonzalez:
        return not_applicable("The office is not covered by the settlement.", *names)
    if facts.form is None:
        return not_recorded("The form is not recorded.", *names)
    if facts.form == "I-247G":
        return met("A covered office issued an I-247G.", *names)
    if facts.form == "I-247A" and facts.review.neutral:
        return not_applicable("There is a neutral review, with which a covered office may issue an I-247A.", *names)
    if facts.form == "I-247A" and facts.review.neutral is None:
        return not_recorded("A covered office issued an I-247A; a neutral review is not recorded.", *names)
    return not_met(f"A covered office issued an {facts.form} without a neutral review.", *names)


def mandatory_issue(facts: Facts, _on: date) -> Answer:
    """Laken Riley Act: the two conditions, then the duty."""
    act = facts.laken_riley
    names = ("laken_riley.inadmissible", "laken_riley.listed_offence", "issuance.issued", "issued_on")
    if act.inadmissible is False or act.listed_offence is False:
        return not_applicable("The Act does not describe this person.", *names[:2])
    if act.inadmissible is None or act.listed_offence is None:
        return not_recorded("Whether the Act describes this person is not recorded.", *names[:2])
    issued = was_issued(facts)
    if issued is None:
        return not_recorded("The Act describes this person; whether a detainer was issued is not recorded.", *names)
    if issued:
        return met("The Act describes this person, and a detainer was issued.", *names)
    return not_met("The Act describes this person, and no detainer was issued.", *names)
