"""How long a hold lasted, what it ran from, what notice was given, and how it ended for ICE. Hours are elapsed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from detainer_ledger.clock import HOLD_HOURS, HoldLimits, Limit, hold_limits, is_within
from detainer_ledger.policy.checks.answers import Answer, Check, met, not_applicable, not_met, not_recorded
from detainer_ledger.policy.facts import Facts
from detainer_ledger.terms import UNKNOWN_FORM, notification_only_forms

REGULATION_LIMIT = "8cfr287.7/hold-48h-excluding"
LENGTH = ("hold.would_be_released_at", "hold.ended_at", "custody.taken_at")
"""Facts that the length of a hold rests on: it ends when custody is taken, unless another end is recorded."""


def hold_within(limit_rule: str, form: str | None = None) -> Check:
    """Return the check that a hold ended within the limit of a rule of the clock.

    ``form`` is the form whose limit it is, None for one that holds for every form that asks for a hold.
    """

    def check(facts: Facts, _on: date) -> Answer:
        early = unmeasured_hold(facts)
        if early is not None:
            return early
        if facts.hold.zone is None and limit_rule == REGULATION_LIMIT:
            return not_recorded("The time zone of the facility is not recorded.", "hold.zone")
        limits = limits_of(facts, form or facts.form or UNKNOWN_FORM)
        limit = next((each for each in limits.limits if each.rule == limit_rule), None)
        if limit is None:
            return not_applicable("The rule sets no limit for this hold.", "form", *LENGTH)
        return held_against(limit, facts)

    return check


def unmeasured_hold(facts: Facts) -> Answer | None:
    """Return the answer where there was no hold, or its length is not known; None where there is a length to test."""
    if facts.form in notification_only_forms() or facts.requests.hold is False:
        return not_applicable("The detainer asks for no hold.", "form", "requests.hold")
    if facts.custody.otherwise_detained:
        return not_applicable("The person was detained on other grounds.", "custody.otherwise_detained")
    start, ended = facts.hold.would_be_released_at, hold_end(facts)
    if start is None:
        return not_recorded("When the person would otherwise have been released is not recorded.", *LENGTH)
    if ended is None:
        return not_recorded("When the hold ended is not recorded.", *LENGTH)
    if ended <= start:
        return met("The person was not held beyond release.", *LENGTH)
    return None


def hold_end(facts: Facts) -> datetime | None:
    """Return the end of the hold: as recorded, or the instant at which ICE took custody."""
    return facts.hold.ended_at or facts.custody.taken_at


def limits_of(facts: Facts, form: str) -> HoldLimits:
    """Return the limits that the clock knows for this hold.

    Without a zone those of the forms are right all the same: they run on end, and from an instant.
    """
    return hold_limits(
        form=form,
        start=facts.hold.would_be_released_at,
        zone=ZoneInfo(facts.hold.zone or "UTC"),
        state=facts.state,
        received=facts.hold.received_at,
    )


def held_against(limit: Limit, facts: Facts) -> Answer:
    """Return whether a hold, of known length, ended within a limit."""
    start, ended = facts.hold.would_be_released_at, hold_end(facts)
    names = (*LENGTH, "hold.zone", *(("hold.received_at",) if limit.starts_from == "receipt" else ()))
    within = is_within(limit, ended) if ended is not None else None
    if start is None or ended is None or within is None or limit.deadline is None:
        return not_recorded("From when the limit runs is not recorded.", *names)
    held = f"The person was held {_hours(ended - start)} hours beyond release"
    deadline = limit.deadline.isoformat(timespec="minutes")
    if within:
        return met(f"{held}; the limit was {deadline}.", *names)
    return not_met(f"{held}, past the limit, which was {deadline}.", *names)


def box1_hold(facts: Facts, on: date) -> Answer:
    """Form I-247A, box 1."""
    if facts.requests.box1 is False:
        return not_applicable("Box 1 is not completed.", "requests.box1")
    return hold_within("I-247A/box1-hold", "I-247A")(facts, on)


def no_exclusion(facts: Facts, _on: date) -> Answer:
    """Form I-247A: 48 hours on end, also where the regulation would have allowed more."""
    early = unmeasured_hold(facts)
    if early is not None:
        return early
    start, ended = facts.hold.would_be_released_at, hold_end(facts)
    if start is None or ended is None:
        raise TypeError("a hold of known length has a start and an end")
    held = _hours(ended - start)
    if ended - start <= timedelta(hours=HOLD_HOURS):
        return met(f"The hold lasted {held} hours on end.", *LENGTH)
    allowed = next(each for each in limits_of(facts, "I-247A").limits if each.rule == REGULATION_LIMIT)
    if facts.hold.zone is not None and is_within(allowed, ended):
        return not_met(
            f"The hold lasted {held} hours on end, which the regulation allows and the form does not.", *LENGTH
        )
    return not_met(f"The hold lasted {held} hours on end.", *LENGTH)


def clock_start(facts: Facts, _on: date) -> Answer:
    """Form I-247A: from the time of release, not from receipt or booking."""
    began, start = facts.hold.began_at, facts.hold.would_be_released_at
    names = ("hold.began_at", "hold.would_be_released_at")
    if facts.requests.hold is False:
        return not_applicable("The detainer asks for no hold.", "requests.hold")
    if began is None or start is None:
        return not_recorded("What the hold was counted from is not recorded.", *names)
    if began == start:
        return met("The hold is counted from the time at which the person would have been released.", *names)
    side = "before" if began < start else "after"
    return not_met(f"The hold is counted from {_hours(abs(began - start))} hours {side} the time of release.", *names)


def notify_48h(facts: Facts, _on: date) -> Answer:
    """Form I-247A: notice 48 hours before release, "if possible"."""
    noticed = facts.hold.noticed_at
    planned = facts.hold.planned_release_at or facts.hold.would_be_released_at
    names = ("hold.noticed_at", "hold.planned_release_at", "hold.would_be_released_at")
    if noticed is None or planned is None:
        return not_recorded("When the agency gave notice of the release is not recorded.", *names)
    ahead = planned - noticed
    if ahead >= timedelta(hours=HOLD_HOURS):
        return met(f"Notice came {_hours(ahead)} hours before the release.", *names)
    when = "after the release" if ahead < timedelta() else f"{_hours(ahead)} hours before the release"
    return not_met(f"Notice came {when}, which is no breach: the form asks for 48 hours if possible.", *names)


def custody_or_cancel(facts: Facts, _on: date) -> Answer:
    """10074.1 and 10074.2: custody, or cancellation."""
    custody = facts.custody
    names = ("custody.taken_at", "custody.cancelled_at", "custody.ended_otherwise")
    if custody.taken_at is not None:
        return met("ICE took the person into custody.", *names)
    if custody.cancelled_at is not None:
        return met("ICE cancelled the detainer.", *names)
    if custody.otherwise_detained:
        return not_applicable("The person is still detained on other grounds.", *names, "custody.otherwise_detained")
    if not custody.ended_otherwise:
        return not_recorded("Whether ICE took custody or cancelled the detainer is not recorded.", *names)
    return not_met("The hold ended, and ICE neither took custody nor cancelled the detainer.", *names)


def cancel_when_unfounded(facts: Facts, _on: date) -> Answer:
    """10074.2: at once. The source names no number of hours, so the sentence tells them."""
    custody = facts.custody
    found = [each for each in (custody.found_citizen_at, custody.found_not_removable_at) if each is not None]
    names = ("custody.found_citizen_at", "custody.found_not_removable_at", "custody.cancelled_at", "custody.taken_at")
    if not found and facts.citizenship.citizen is None:
        return not_recorded("Whether the detainer turned out to be unfounded is not recorded.", *names)
    if not found and not facts.citizenship.citizen:
        return not_applicable("Nothing recorded shows the detainer to be unfounded.", *names, "citizenship.citizen")
    since = min(found) if found else None
    if custody.taken_at is not None and since is not None and custody.taken_at > since:
        return not_met("Custody was taken after the detainer turned out to be unfounded.", *names)
    if custody.cancelled_at is None:
        return not_recorded("The detainer turned out to be unfounded; its cancellation is not recorded.", *names)
    if since is None or custody.cancelled_at <= since:
        return met("The detainer turned out to be unfounded and was cancelled.", *names)
    return met(f"The detainer was cancelled {_hours(custody.cancelled_at - since)} hours after that was found.", *names)


def _hours(length: timedelta) -> str:
    """Return a length in hours, with one decimal unless it is whole."""
    return f"{length / timedelta(hours=1):.1f}".removesuffix(".0")
