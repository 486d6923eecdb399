"""Whether what a command says of a screening case fits its protocol and what was recorded before. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from detainer_ledger.casework.access import Actor
from detainer_ledger.casework.giving import DeniedError
from detainer_ledger.casework.screening.protocol import Protocol, ScreeningResult, Step
from detainer_ledger.casework.screening.protocols import protocol_named
from detainer_ledger.casework.screening.rows import protocol_name
from detainer_ledger.casework.screening.steps import DOINGS, doings_of, due_steps
from detainer_ledger.casework.state import Case
from detainer_ledger.ledger import Statement, erasing_person
from detainer_ledger.terms import BadInput

_BY_ROLE = frozenset({"do_step", "notify", "second_review"})
"""Commands by which a step is done: the protocol says by whom."""


def check_said(command: str, said: Mapping[str, Any], protocol: Protocol, actor: Actor) -> None:
    """Raise BadInput for what a command cannot say, DeniedError where the protocol gives the step to others."""
    if said.get("step") is not None:
        _check_role(command, _step(said, protocol), actor)
    if command == "record_result":
        is_not_run = said["result"] == ScreeningResult.NOT_RUN
        if is_not_run != (said.get("reason") is not None):
            do = "say why." if is_not_run else "leave it out."
            raise BadInput("A check that was not run has a reason, and no other result has.", field="reason", do=do)
    if command == "second_review" and said["outcome"] == "not_in_order" and said.get("reason") is None:
        raise BadInput("A review that finds fault says what it found.", field="reason", do="say it.")


def check_right_now(
    command: str, before: Mapping[str, Any], changed: Mapping[str, object], protocol: Protocol, actor: Actor
) -> None:
    """Raise what ``check_said`` does where a command could not have said what a correction makes of it.

    The step that an event named before has to be one of the actor's, too; a step that the protocol has no more stays.
    """
    if before.get("step") is not None and (step := protocol.step(str(before["step"]))) is not None:
        _check_role(command, step, actor)
    right = {**before, **changed}
    if "step" not in changed:
        right.pop("step", None)
    try:
        check_said(command, right, protocol, actor)
    except BadInput as error:
        raise BadInput(error.what, do=error.do, field=f"values.{error.where['field']}") from None


def check_done_before(case: Case, said: Mapping[str, Any]) -> None:
    """Raise BadInput where references are to show a step that was not done by then."""
    at = datetime.fromisoformat(said["at"])
    if not any(told.at is not None and told.at <= at for told in doings_of(case, said["step"])):
        raise BadInput(
            "The step was not done by then, as far as the record says.",
            field="step",
            do="record with do_step that it was done; references can be given there.",
        )


_REVIEWED = ("step_done", "notified", "result_received", "documented", "custody_decided")
"""Kinds of the events that a second review looks at."""


def check_reviewer(case: Case, actor: Actor) -> None:
    """Raise BadInput where somebody would review what they recorded themselves."""
    did = {told.actor for kind in _REVIEWED for told in case.all(kind)}
    if actor.name in did:
        raise BadInput(
            "A second review is by somebody else than who did what is reviewed.",
            field="as",
            do="ask another supervisor.",
        )


def idle_warnings(event: str, case: Case, said: Mapping[str, Any], protocols: tuple[Protocol, ...]) -> tuple[str, ...]:
    """Tell that something done does nothing for its step: nothing had made it due by then, or it was done before."""
    if event == "result_received":
        return _undone_warning(case, said)
    if event not in DOINGS or "step" not in said:
        return ()
    at = datetime.fromisoformat(said["at"])
    rows = due_steps(case, protocol_named(protocols, protocol_name(case)), at=at)
    if any(row.step == said["step"] and row.triggered_at is not None and row.done_at is None for row in rows):
        return ()
    return (f"The step {said['step']} was not open then: this is recorded, and does nothing for it.",)


def _undone_warning(case: Case, said: Mapping[str, Any]) -> tuple[str, ...]:
    """Tell that a result is recorded of a step that nobody recorded as done: a result alone does no step."""
    at = datetime.fromisoformat(said["at"])
    is_done = any(told.at is not None and told.at <= at for told in doings_of(case, said["step"]))
    if is_done or said["result"] == ScreeningResult.NOT_RUN:
        return ()
    return (f"That the step {said['step']} was done is not recorded yet: a result alone does no step.",)


def erasing(case: Case) -> tuple[Statement, ...]:
    """Return what erases the person of a case. Raises BadInput where there is nothing of its own to erase."""
    beginning = case.beginning.body
    if "detainer" in beginning:
        raise BadInput("The person's fields are those of the detainer.", field="command", do="erase them there.")
    if "person" not in beginning or case.last("person_erased") is not None:
        raise BadInput("There is nobody to erase.", field="command", do="nothing is left to do.")
    return erasing_person(str(beginning["person"]))


def _step(said: Mapping[str, Any], protocol: Protocol) -> Step:
    step = protocol.step(str(said["step"]))
    if step is None:
        ids = [each.id for each in protocol.steps]
        close = get_close_matches(str(said["step"])[:60], ids, n=1)
        hint = f"did you mean '{close[0]}'?" if close else f"it has {', '.join(ids[:20])}{' …' if ids[20:] else ''}."
        raise BadInput(f"The protocol {protocol.name} has no such step.", field="step", do=hint)
    return step


def _check_role(command: str, step: Step, actor: Actor) -> None:
    if command in _BY_ROLE and actor.role.value not in step.roles:
        allowed = ", ".join(role.replace("_", " ") for role in step.roles)
        raise DeniedError(actor, f"The protocol gives the step {step.id} to: {allowed}.")
