"""What the instruments of a state, in force on the day, ask of the agency. Findings cite the instruments themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from msgspec.structs import replace

from detainer_ledger.clock import Trust
from detainer_ledger.policy.checks.answers import Answer, met, not_applicable, not_met, not_recorded
from detainer_ledger.policy.checks.holds import LENGTH, held_against, hold_end, limits_of, unmeasured_hold
from detainer_ledger.policy.facts import Facts
from detainer_ledger.policy.instruments import (
    HOLDS,
    REQUIRES,
    Hold,
    HoldClock,
    Instrument,
    decline_instruments,
    instruments_in_force,
)
from detainer_ledger.policy.rulebook import Result
from detainer_ledger.terms import UNKNOWN_FORM

_TRUSTS = tuple(Trust)
"""From the surest to the least sure."""


def state_no_hold(facts: Facts, on: date) -> Answer:
    """No hold where it is barred, and none outside the conditions where it is allowed conditionally."""
    limiting = decline_instruments(facts.state, on) if facts.state else ()
    answer, binding = _binding(facts, on, limiting)
    return answer or _cited(_no_hold(facts, binding), binding)


def _no_hold(facts: Facts, binding: Sequence[Instrument]) -> Answer:
    names: tuple[str, ...] = ("state", "agency.declined", *LENGTH)
    start, ended = facts.hold.would_be_released_at, hold_end(facts)
    if facts.agency.declined:
        return met("The agency declined to hold.", *names)
    names = (*names, "hold.began_at")
    if ended is None and facts.hold.began_at is None:
        return not_recorded("Whether the agency held the person beyond release is not recorded.", *names)
    if start is None:
        return not_recorded("When the person would otherwise have been released is not recorded.", *names)
    if ended is not None and ended <= start:
        return met("The agency did not hold the person beyond release.", *names)
    if any(each.hold is Hold.BARRED for each in binding):
        return not_met("The agency held the person, which the state's instrument bars.", *names)
    names = (*names, "agency.exception_applies")
    if facts.agency.exception_applies is None:
        return not_recorded(
            "The agency held the person; whether a condition of the state's instrument allowed it is not recorded.",
            *names,
        )
    if facts.agency.exception_applies:
        return met("The agency held the person under a condition of the state's instrument.", *names)
    return not_met("The agency held the person outside the conditions of the state's instrument.", *names)


def state_comply(facts: Facts, on: date) -> Answer:
    """No decline where the request has to be fulfilled."""
    in_force = _in_force(facts, on)
    answer, binding = _binding(facts, on, [each for each in in_force if REQUIRES in each.kind and each.about == HOLDS])
    return answer or _cited(_comply(facts, binding), binding)


def _comply(facts: Facts, binding: Sequence[Instrument]) -> Answer:
    names: tuple[str, ...] = ("state", "agency.declined")
    if facts.agency.declined is None:
        return not_recorded("Whether the agency declined is not recorded.", *names)
    if not facts.agency.declined:
        return met("The agency did not decline.", *names)
    if any(each.proof_exception for each in binding):
        names = (*names, "agency.proof_of_status")
        if facts.agency.proof_of_status is None:
            return not_recorded(
                "The agency declined; whether the person showed proof of citizenship or lawful status is not recorded.",
                *names,
            )
        if facts.agency.proof_of_status:
            return met("The agency declined on proof of citizenship or lawful status.", *names)
    return not_met("The agency declined, and the state's instrument requires that detainers be fulfilled.", *names)


def state_hold_limit(facts: Facts, on: date) -> Answer:
    """The state's own clock, as the room ``clock`` counts it."""
    in_force = _in_force(facts, on)
    answer, binding = _binding(facts, on, [each for each in in_force if each.clock is not HoldClock.NONE])
    if answer is not None:
        return answer
    early = unmeasured_hold(facts)
    if early is not None:
        return _cited(early, binding)
    if facts.hold.zone is None:
        return _cited(not_recorded("The time zone of the facility is not recorded.", "hold.zone"), binding)
    found = limits_of(facts, facts.form or UNKNOWN_FORM)
    tested = [held_against(each, facts) for each in found.limits if each.state == facts.state]
    if not tested:
        return _cited(not_applicable("No clock of the state was in force when the hold began.", "state"), binding)
    worst = min(tested, key=lambda each: (Result.NOT_MET, Result.NOT_RECORDED, Result.MET).index(each.result))
    return _cited(worst, binding)


def state_report(facts: Facts, on: date) -> Answer:
    """The reports that instruments ask for case by case."""
    in_force = _in_force(facts, on)
    answer, binding = _binding(facts, on, [each for each in in_force if each.reports_each is not None])
    return answer or _cited(_report(facts, binding), binding)


def _report(facts: Facts, binding: Sequence[Instrument]) -> Answer:
    names = ("state", "agency.declined", "agency.reported")
    declined = facts.agency.declined
    if all(each.reports_each != "detainer" for each in binding):
        asked = {"refusal": True, "assistance": False}
        wanted = {asked[each.reports_each] for each in binding if each.reports_each in asked}
        if declined is None:
            return not_recorded("Whether the agency declined, and so has to report, is not recorded.", *names)
        if declined not in wanted:
            return not_applicable("The state's instrument asks for no report of such a case.", *names)
    if facts.agency.reported is None:
        return not_recorded("Whether the case was reported as the state asks is not recorded.", *names)
    if facts.agency.reported:
        return met("The case was reported as the state asks.", *names)
    return not_met("The case was not reported as the state asks.", *names)


def _in_force(facts: Facts, on: date) -> tuple[Instrument, ...]:
    return instruments_in_force(on, facts.state) if facts.state else ()


def _binding(facts: Facts, on: date, asked: Iterable[Instrument]) -> tuple[Answer | None, tuple[Instrument, ...]]:
    """Return the instruments among ``asked`` that bind this kind of agency, or the answer where none can be said to.

    A state of which no instrument is in force is unknown. Where others are, but none of the kind asked for, the rule
    does not apply.
    """
    if facts.state is None:
        return not_recorded("The state is not recorded.", "state"), ()
    if not _in_force(facts, on):
        return not_recorded(
            f"The list has no instrument of {facts.state} in force on {on}, which is unknown and not none.", "state"
        ), ()
    candidates = tuple(asked)
    if not candidates:
        return not_applicable(f"No listed instrument of {facts.state} in force on {on} speaks of that.", "state"), ()
    kind = facts.agency.kind
    binding = tuple(each for each in candidates if not each.applies_to or kind is None or kind in each.applies_to)
    if not binding:
        return _cited(
            not_applicable("The state's instrument does not apply to this kind of agency.", "state", "agency.kind"),
            candidates,
        ), ()
    if kind is None and all(each.applies_to for each in binding):
        return _cited(
            not_recorded("To which kind of agency the request went is not recorded.", "state", "agency.kind"), binding
        ), ()
    return None, binding


def _cited(answer: Answer, binding: Sequence[Instrument]) -> Answer:
    """Return an answer with the citations of its instruments, their trust, and what is unconfirmed of them."""
    doubts = [f"{each.id}: {', '.join(each.unconfirmed_aspects())}" for each in binding if each.unconfirmed_aspects()]
    doubt = f" Not confirmed by a source that was read, of {'; of '.join(doubts)}." if doubts else ""
    return replace(
        answer,
        sentence=answer.sentence + doubt,
        citation="; ".join(f"{each.citation} [{each.id}]" for each in binding),
        trust=max((each.trust for each in binding), key=_TRUSTS.index),
    )
