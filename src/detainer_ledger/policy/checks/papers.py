"""The forms as papers: their calendar, their boxes, their copies, and what those that ask for notice alone mean."""

from __future__ import annotations

from datetime import date

from detainer_ledger.policy.checks.answers import Answer, met, not_applicable, not_met, not_recorded
from detainer_ledger.policy.checks.directive import BASES
from detainer_ledger.policy.facts import Facts
from detainer_ledger.terms import forms

LAST_DAY_OF_EARLIER_FORMS = max(
    form.in_force_to for form in forms() if form.in_force_to and form.code in {"I-247D", "I-247N", "I-247X"}
)


def form_in_force(facts: Facts, _on: date) -> Answer:
    """The form calendar."""
    names = ("form", "issued_on")
    form = next((each for each in forms() if each.code == facts.form), None)
    if form is None:
        return not_recorded("The form is not recorded.", *names)
    if facts.issued_on is None:
        return not_recorded("The day of issue is not recorded.", *names)
    if (form.in_force_from or date.min) <= facts.issued_on <= (form.in_force_to or date.max):
        return met(f"The {form.code} was in use on the day of issue.", *names)
    return not_met(f"The {form.code} was not in use on the day of issue ({form.calendar}).", *names)


def earlier_forms_remain(facts: Facts, _on: date) -> Answer:
    """Guidance on the I-247A: D, N and X are not issued after 1 April 2017."""
    names = ("form", "issued_on")
    if facts.form is None:
        return not_recorded("The form is not recorded.", *names)
    if facts.issued_on is None:
        return not_recorded("The day of issue is not recorded.", *names)
    if facts.issued_on > LAST_DAY_OF_EARLIER_FORMS:
        return not_met(f"An {facts.form} was issued after {LAST_DAY_OF_EARLIER_FORMS}.", *names)
    return met(f"The {facts.form} was issued by {LAST_DAY_OF_EARLIER_FORMS} and stays active.", *names)


def no_detention(facts: Facts, _on: date) -> Answer:
    """The forms that ask for notice alone cannot ask for a hold, nor be declined by not holding."""
    names = ("form", "requests.hold", "agency.declined")
    if facts.requests.hold:
        return not_met("A hold was asked for on a form that asks for notice alone.", *names)
    if facts.agency.declined:
        return not_met("The request is recorded as declined, although nothing to hold for was asked.", *names)
    if facts.form is None:
        return not_recorded("The form is not recorded.", *names)
    return met(f"The {facts.form} asks for notice alone.", *names)


def probable_cause_box(facts: Facts, _on: date) -> Answer:
    """Form I-247D, box B."""
    bases = facts.probable_cause.bases
    if bases is None:
        return not_recorded("Whether the form names evidence of probable cause is not recorded.", BASES)
    if not bases:
        return not_met("The form names no evidence of probable cause.", BASES)
    return met("The form names the evidence of probable cause.", BASES)


def copy_asked(facts: Facts, _on: date) -> Answer:
    """Form I-247 of 2013: the agency is asked to hand over a copy."""
    return _copy(facts) or met("The person got a copy of the detainer.", *_COPY)


def copy_served(facts: Facts, _on: date) -> Answer:
    """Forms I-247D and I-247A: no effect before a copy is served, so no hold before it either."""
    answer = _copy(facts)
    if answer is not None:
        return answer
    served, began = facts.served.person_at, facts.hold.began_at
    if served is not None and began is not None and served > began:
        return not_met("The hold began before a copy was served on the person.", *_COPY, "hold.began_at")
    return met("A copy of the detainer was served on the person.", *_COPY)


_COPY = ("served.person_at", "served.person_served")


def _copy(facts: Facts) -> Answer | None:
    """Return the answer where no copy is known to have reached the person, None where one has."""
    if facts.served.person_at is not None or facts.served.person_served:
        return None
    if facts.served.person_served is None:
        return not_recorded("Whether the person got a copy of the detainer is not recorded.", *_COPY)
    return not_met("The person got no copy of the detainer.", *_COPY)


def box2_transfer(facts: Facts, _on: date) -> Answer:
    """Form I-247A, box 2: the person came from the Department's custody."""
    names = ("requests.box2", "requests.from_dhs_custody")
    if facts.requests.box2 is None:
        return not_recorded("Whether box 2 is completed is not recorded.", *names)
    if not facts.requests.box2:
        return not_applicable("Box 2 is not completed.", *names)
    if facts.requests.from_dhs_custody is None:
        return not_recorded("Whether the person came from the Department's custody is not recorded.", *names)
    if facts.requests.from_dhs_custody:
        return met("Box 2 is completed for a person who came from the Department's custody.", *names)
    return not_met("Box 2 is completed for a person who did not come from the Department's custody.", *names)


def box1_xor_box2(facts: Facts, _on: date) -> Answer:
    """Form I-247A: not both boxes."""
    box1, box2 = facts.requests.box1, facts.requests.box2
    names = ("requests.box1", "requests.box2")
    if box1 and box2:
        return not_met("Box 1 and box 2 are both completed.", *names)
    if box1 is False or box2 is False:
        return met("Box 1 and box 2 are not both completed.", *names)
    return not_recorded("Which of the two boxes are completed is not recorded.", *names)
