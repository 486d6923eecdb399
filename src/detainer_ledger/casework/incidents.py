"""Incidents: what a person has to look at and close with a reason, such as a hold past its limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache

from detainer_ledger.casework.access import Agency
from detainer_ledger.casework.gates import facts_of, overridden_rules, refusing
from detainer_ledger.casework.holds import form_of_case, limits_of
from detainer_ledger.casework.state import LIFTS, Case, Told
from detainer_ledger.policy import Result, Trust, decline_instruments, finding
from detainer_ledger.terms import forms, notification_only_forms

NO_HOLD_ANSWERS = frozenset({"decline", "notify_only"})
"""Answers by which the agency says that it does not hold."""

PAST_A_LIMIT = "hold-past/"
"""How the ids of those incidents begin that a hold past a limit is; the limit's rule follows."""

_AFTER_LIFT = "held-after-lift"

_BY_THE_CLOCK = (PAST_A_LIMIT, _AFTER_LIFT)
"""Beginnings of the ids of incidents that a hold makes by going on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Something that a person has to look at and close with a reason.

    ``id`` names it within its case; ``closed_by`` is the version of the event that closed it, None while it is open;
    ``corrected_by`` is that of the correction since which it would be none, which does not take it away;
    ``over_seconds`` says by how much a hold is too long, 0 where it is no matter of length.
    """

    id: str
    sentence: str
    closed_by: int | None = None
    corrected_by: int | None = None
    over_seconds: int = 0


def incidents_of(case: Case, agency: Agency, now: datetime) -> tuple[Incident, ...]:
    """Return the incidents of a case at an instant: limits of its hold that have passed, and citizens held.

    What was one stays one when a correction makes it look otherwise, until a person closes it; one that a correction
    makes worse after it was closed is open again.
    """
    if not _can_have_incidents(case):
        return ()
    closed = {str(told.body["incident"]): told.version for told in case.all("incident_closed")}
    found = _found(case, agency, now)
    for name, version in closed.items():
        later = next((each for each in case.corrections if each.told.version > version), None)
        then = found if later is None else _found(later.before, agency, now)
        if name in found and name in then and not _is_worse(found[name], then[name]):
            found[name] = replace(found[name], closed_by=version)
    return tuple(found.values())


def goes_on(case: Case, incident: Incident) -> bool:
    """Tell whether an incident grows while the person is held."""
    return case.is_held and incident.corrected_by is None and incident.id.startswith(_BY_THE_CLOCK)


def _can_have_incidents(case: Case) -> bool:
    """Tell whether anything happened of which an incident can come; most cases are spared the questions by that."""
    if case.corrections or "hold_began" in case.latest or "custody_taken" in case.latest:
        return True
    if _is_on_a_form_of_the_past(case):
        return True
    issued, examined = case.last_of("issued", "detainer_received"), case.last("citizenship_examined")
    return issued is not None and examined is not None and examined.version > issued.version


def _found(case: Case, agency: Agency, now: datetime) -> dict[str, Incident]:
    """Return the incidents of a case by their ids, those too that were such before a correction."""
    found = {each.id: each for each in _shown(case, agency, now)}
    later = case
    for correction in reversed(case.corrections):
        recorded_at = datetime.fromisoformat(correction.told.recorded_at)
        # What is none any more because of what happened afterwards was not taken away by the correction.
        left = {each.id for each in _shown(later.until(correction.told.version), agency, recorded_at)}
        for each in _shown(correction.before, agency, recorded_at):
            if each.id not in found and each.id not in left:
                found[each.id] = replace(each, corrected_by=correction.told.version)
        later = correction.before
    return found


def _is_worse(now: Incident, then: Incident) -> bool:
    if now.over_seconds or then.over_seconds:
        return now.over_seconds > then.over_seconds
    return now.sentence != then.sentence


def _shown(case: Case, agency: Agency, now: datetime) -> list[Incident]:
    """Return what the events show as they stand."""
    found = _past(case, agency, now)
    found += _taken_after_expected_release(case)
    if _found_citizen_after_issue(case):
        sentence = "Evidence of citizenship was found after the detainer was issued; it has to be lifted at once."
        found.append(Incident(id="citizenship-found-after-issue", sentence=sentence))
    if _is_on_a_form_of_the_past(case) and (issued := case.last("issued")) is not None:
        sentence = (
            f"The detainer was recorded on {_recorded_on(issued)} as issued on {issued.body['at'][:10]} on the"
            f" {issued.body['form']}, which was issued until {_last_days()[issued.body['form']]}."
        )
        found.append(Incident(id="form-out-of-its-dates-when-recorded", sentence=sentence))
    return found + _broken_by_correction(case, agency) + _held_against(case, agency)


def _past(case: Case, agency: Agency, now: datetime) -> list[Incident]:
    """Return the limits that the hold is past, and the lift of the detainer that it outlasts."""
    limits = limits_of(case, agency)
    if limits is None:
        return []
    end = case.hold_end
    until = end.at if end and end.at else now

    def over(name: str, since: datetime, what: str) -> Incident:
        seconds = int((until - since).total_seconds())
        sentence = f"The hold {'ended' if end else 'is'} {_length(seconds)} past {what}"
        return Incident(id=name, sentence=sentence, over_seconds=seconds)

    found = [
        over(
            f"{PAST_A_LIMIT}{limit.rule}",
            limit.deadline,
            f"its limit of {limit.deadline.isoformat(timespec='minutes')} ({limit.rule})."
            + (f" {limit.doubt}" if limit.doubt else ""),
        )
        for limit in limits.limits
        if limit.deadline is not None and until > limit.deadline
    ]
    if not limits.limits:
        sentence = f"The person was held on {form_of_case(case)}, which asks for no hold."
        found.append(Incident(id=f"{PAST_A_LIMIT}no-detention", sentence=sentence))
    shortest = limits.shortest.deadline if limits.shortest else None
    if end and shortest and until <= shortest and _was_seen_past(case, end, shortest):
        sentence = (
            "The hold is said to have ended in time, which was recorded after its limit of"
            f" {shortest.isoformat(timespec='minutes')}, when it stood in the queue as past it."
        )
        found.append(Incident(id="end-recorded-late", sentence=sentence))
    lifted = case.ending
    if lifted is not None and lifted.kind in LIFTS and lifted.at is not None and until > lifted.at:
        found.append(
            over(_AFTER_LIFT, lifted.at, f"the lift of the detainer at {lifted.at.isoformat(timespec='minutes')}.")
        )
    return found


def _was_seen_past(case: Case, end: Told, deadline: datetime) -> bool:
    """Tell whether a hold was recorded before its limit, and its end only afterwards."""
    began = case.last("hold_began")
    recorded = [datetime.fromisoformat(each.recorded_at) for each in (began, end) if each]
    return recorded[0] <= deadline < recorded[-1]


def _taken_after_expected_release(case: Case) -> list[Incident]:
    """Return that custody was taken later than the person was expected to be released, with no hold recorded."""
    expected, taken = case.last("release_expected"), case.last("custody_taken")
    if expected is None or taken is None or case.last("hold_began") is not None:
        return []
    if expected.at is None or taken.at is None or taken.at <= expected.at:
        return []
    seconds = int((taken.at - expected.at).total_seconds())
    sentence = (
        f"Custody was taken {_length(seconds)} after the expected release of"
        f" {expected.at.isoformat(timespec='minutes')}, and no hold is recorded."
    )
    return [Incident(id="custody-after-expected-release", sentence=sentence, over_seconds=seconds)]


def _is_on_a_form_of_the_past(case: Case) -> bool:
    """Tell whether a detainer was recorded as issued when its form was not issued any more, and nobody let it pass.

    A day of issue that lies back gets around the calendar of forms; that somebody looks at it is what is left to do.
    """
    issued = case.last("issued")
    last_day = _last_days().get(issued.body["form"]) if issued is not None else None
    if issued is None or last_day is None or _recorded_on(issued) <= last_day:
        return False
    return "forms/in-force" not in overridden_rules(case)


@cache
def _last_days() -> Mapping[str, date]:
    return {form.code: form.in_force_to for form in forms() if form.in_force_to is not None}


def _found_citizen_after_issue(case: Case) -> bool:
    issued = case.last_of("issued", "detainer_received")
    return issued is not None and any(
        told.version > issued.version and told.body["result"] in {"probative_evidence", "citizen"}
        for told in case.all("citizenship_examined")
    )


def _broken_by_correction(case: Case, agency: Agency) -> list[Incident]:
    """Return the rules that refuse the issue of a detainer now that something was corrected."""
    issued = case.last("issued")
    if not case.corrections or issued is None or issued.at is None:
        return []
    then = case.until(issued.version)
    broken = refusing(
        "issue",
        facts_of(then, agency),
        issued.at.date(),
        recorded_on=_recorded_on(issued),
        overridden=overridden_rules(then),
    )
    sentences = {each.rule: each.sentence for each in broken}
    review = facts_of(then, agency).review
    if False in {review.supervisor, review.neutral}:
        sentences["review"] = "A review did not approve the detainer."
    return [
        Incident(
            id=f"not-met-after-correction/{name}",
            sentence=f"After a correction the detainer could not be issued: {sentence}",
        )
        for name, sentence in sentences.items()
    ]


def _recorded_on(told: Told) -> date:
    """Return the day on which something was recorded, where it happened."""
    return datetime.fromisoformat(told.recorded_at).astimezone(told.at.tzinfo if told.at else None).date()


def _held_against(case: Case, agency: Agency) -> list[Incident]:
    """Return what forbade the hold: the agency's own answer, the detainer's boxes, the policy, the state's law."""
    began = case.last("hold_began")
    if began is None or began.at is None:
        return []
    found: list[tuple[str, str]] = []
    on = began.at.date()
    answers = [_answer_at(case, began.at)]
    if "despite" in began.body or case.corrections:
        then = case.until(began.version)
        facts = facts_of(then, agency)
        # A hold that was recorded despite an answer is one against it, whatever their times.
        answers.append(then.said("answered", "answer"))
        if facts.requests.hold is False and facts.form not in notification_only_forms():
            found.append(("box-1", "The person was held on a detainer whose box 1 is not completed."))
        found += [
            (each.rule, f"The person was held all the same: {each.sentence}")
            for each in refusing(
                "begin_hold", facts, on, recorded_on=_recorded_on(began), overridden=overridden_rules(then)
            )
            if facts.form not in notification_only_forms()
        ]
    if against := [answer for answer in answers if answer in NO_HOLD_ANSWERS]:
        found.insert(0, ("answer", f"The person was held although the agency had answered: {against[0]}."))
    if decline_instruments(agency.state, on):
        of_state = finding("state/no-hold", facts_of(case, agency), on)
        if of_state.result is Result.NOT_MET and of_state.trust is not Trust.UNCONFIRMED:
            found.append((of_state.rule, of_state.sentence))
    return [Incident(id=f"held-against/{name}", sentence=sentence) for name, sentence in found]


def _answer_at(case: Case, at: datetime) -> str | None:
    """Return the agency's answer as it stood at an instant, whenever it was recorded."""
    given = [told for told in case.all("answered") if told.at is not None and told.at <= at]
    return str(max(given, key=lambda told: (told.at, told.version)).body["answer"]) if given else None


def _length(seconds: int) -> str:
    return f"{seconds // 3600} h {seconds // 60 % 60:02d} min"
