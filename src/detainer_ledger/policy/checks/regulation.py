"""The regulation, the statute behind it, and the interim policy of 2010."""

from __future__ import annotations

from datetime import date

from detainer_ledger.clock import Trust
from detainer_ledger.policy.checks.answers import Answer, met, not_applicable, not_met, not_recorded
from detainer_ledger.policy.facts import Facts, IssuerRole


def request_nature(facts: Facts, _on: date) -> Answer:
    """8 CFR 287.7(a): every form asks for notice; one that was filled in without is another paper."""
    names = ("requests.notice", "form")
    if facts.requests.notice is not None:
        if facts.requests.notice:
            return met("The detainer asks the agency for notice before release.", *names)
        return not_met("The detainer does not ask the agency for notice before release.", *names)
    if facts.form is not None:
        return met(f"The {facts.form} asks the agency for notice before release.", *names)
    return not_recorded("Whether the detainer asks for notice before release is not recorded.", *names)


def authorized_issuer(facts: Facts, _on: date) -> Answer:
    """8 CFR 287.7(b)."""
    role = facts.issuer_role
    if role is None:
        return not_recorded("The role of the issuing officer is not recorded.", "issuer_role")
    if role is IssuerRole.OTHER:
        return not_met("The issuing officer is of no kind that the regulation lists.", "issuer_role")
    shown = role.value.replace("_", " ")
    answer = met(f"The regulation lists the issuing officer's role ({shown}).", "issuer_role")
    if role is not IssuerRole.IMMIGRATION_ENFORCEMENT_AGENT:
        return answer
    return Answer(result=answer.result, sentence=answer.sentence, facts=answer.facts, trust=Trust.UNCONFIRMED)


def records_available(facts: Facts, _on: date) -> Answer:
    """8 CFR 287.7(c)."""
    names = ("records_given", "issuance.requested_by_agency")
    if facts.issuance.requested_by_agency is False:
        return not_applicable("The agency did not ask for action and reported no conviction.", *names)
    if facts.records_given is None:
        return not_recorded("Whether the agency gave its records is not recorded.", *names)
    if facts.records_given:
        return met("The agency gave the records it has.", *names)
    return not_met("The agency did not give the records it has.", *names)


def no_federal_cost(_facts: Facts, _on: date) -> Answer:
    """8 CFR 287.7(e): nothing in a case shows it."""
    return not_recorded("Who bore the cost is in no record of a case.")


def drug_arrest(facts: Facts, _on: date) -> Answer:
    """8 U.S.C. 1357(d): a prompt decision when asked, then custody."""
    issuance, custody = facts.issuance, facts.custody
    names = ("arrest.controlled_substance", "issuance.requested_by_agency", "issuance.decided_promptly")
    if facts.arrest.controlled_substance is False:
        return not_applicable("The arrest was not for a controlled substance.", *names)
    if issuance.requested_by_agency is False:
        return not_applicable("The agency did not ask for a decision.", *names)
    if facts.arrest.controlled_substance is None or issuance.requested_by_agency is None:
        return not_recorded(
            "Whether the agency asked after an arrest for a controlled substance is not recorded.", *names
        )
    if issuance.decided_promptly is None:
        return not_recorded("Whether the decision on a detainer was prompt is not recorded.", *names)
    if not issuance.decided_promptly:
        return not_met("The decision on a detainer was not prompt.", *names)
    if issuance.issued is False or custody.otherwise_detained:
        return met("The decision was prompt, and there was nobody to take over.", *names, "issuance.issued")
    if custody.taken_at is not None:
        return met("The decision was prompt, and custody was taken.", *names, "custody.taken_at")
    return not_recorded(
        "The decision was prompt; whether custody was taken is not recorded.", *names, "custody.taken_at"
    )


def traffic_misdemeanor(facts: Facts, _on: date) -> Answer:
    """10074.1: not on a traffic misdemeanor alone."""
    arrest = facts.arrest
    names = ("arrest.traffic_misdemeanor_only", "arrest.convicted", "arrest.traffic_exception")
    if arrest.traffic_misdemeanor_only is None:
        return not_recorded("Whether the charge is a traffic misdemeanor alone is not recorded.", *names)
    if not arrest.traffic_misdemeanor_only:
        return not_applicable("The charge is not a traffic misdemeanor alone.", *names)
    if arrest.convicted or arrest.traffic_exception:
        why = "the person was convicted of it" if arrest.convicted else "an exception holds"
        return met(f"The charge is a traffic misdemeanor alone, but {why}.", *names)
    if arrest.convicted is None or arrest.traffic_exception is None:
        return not_recorded(
            "The charge is a traffic misdemeanor alone; conviction or an exception is not recorded.", *names
        )
    return not_met("The charge is a traffic misdemeanor alone, with no conviction and no exception.", *names)
