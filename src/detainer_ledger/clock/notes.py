"""Sentences beside the limits of a hold: what they rest on, and what they leave open."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

from detainer_ledger.clock.limits import Limit
from detainer_ledger.clock.rules import StartsFrom, forms_without_limit
from detainer_ledger.terms import Form


def notes_on_form(code: str, form: Form | None, *, on: date | None, issued_on: date | None) -> Iterator[str]:
    """Say what a form without a limit asks for, and whether the form was in use (``form`` None: not known).

    ``on`` is the day of the start; it is looked at where the day of issue is not known.
    """
    if code in forms_without_limit():
        yield forms_without_limit()[code]
    if form is None:
        return
    day, what = (issued_on, "issued") if issued_on is not None else (on, "in use")
    if day is not None and form.in_force_from is not None and day < form.in_force_from:
        yield f"The {code} cannot have been {what} on {day}: {form.calendar}."
    elif issued_on is not None and form.in_force_to is not None and issued_on > form.in_force_to:
        yield f"The {code} should not have been issued on {issued_on}: {form.calendar}."


def notes_on_start(
    start: datetime | date | None, limits: tuple[Limit, ...], *, shortest: Limit | None
) -> Iterator[str]:
    """Say what a start that is missing, or a day alone, means for the limits."""
    if start is None:
        yield "It is not known when the person would otherwise be released: limits that start there have no deadline."
    elif not isinstance(start, datetime):
        yield "The hour of the release is not known: deadlines are for a start between 00:00 and 24:00 of the day."
    from_receipt = [each for each in limits if each.starts_from is StartsFrom.RECEIPT]
    if any(each.deadline is None for each in from_receipt):
        yield "A limit runs from the receipt of detainer and warrant, which is not given: it may be the shortest."
    if isinstance(start, datetime) and any(
        each.deadline is not None and each.deadline.astimezone(UTC) < start.astimezone(UTC) for each in from_receipt
    ):
        yield "A limit that runs from receipt had passed before the release: it leaves no time for a hold."
    if shortest is None and any(each.earliest is not None for each in limits):
        yield "Which limit is the shortest depends on the hour of the release."


def notes_on_state(state: str | None, limits: tuple[Limit, ...], *, on: date | None) -> Iterator[str]:
    """Say whether clocks of a state are among the limits; ``on`` is the day they are looked up by."""
    if state is None:
        yield "No state was given: clocks of states are not among the limits."
    elif on is None:
        yield f"Clocks of states go by the day of the start, which is not known: none of {state} is among the limits."
    elif not any(each.state == state for each in limits):
        yield (
            f"No clock of {state} is on record for {on}. Other law of the state or the county can still forbid or"
            " shorten a hold."
        )
