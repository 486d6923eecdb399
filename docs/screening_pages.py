"""Tables of screening: the keys of a protocol, triggers, results and statuses, commands, and the table of steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from markdown_tables import code, table

from detainer_ledger.casework import Role, screening_command_kinds, screening_stages
from detainer_ledger.casework.screening import COLUMNS, KEYS, STEP_KEYS, ScreeningResult, Status, Trigger

TRIGGERS: Mapping[Trigger, str] = {
    Trigger.CUSTODY_TAKEN: "Custody was taken, or taken again after a release to supervision.",
    Trigger.RELEASED_TO_SUPERVISION: "The person was released to supervision.",
    Trigger.RESULT_RECEIVED: "A result was received that is among `on_results`.",
    Trigger.UNDER_SUPERVISION: "Time under supervision: `every_days` days after the release to supervision, and after"
    " each time that the step was done.",
}
"""What makes a step due."""

RESULTS: Mapping[ScreeningResult, str] = {
    ScreeningResult.NO_MATCH: "The authority answered that there is no match.",
    ScreeningResult.CONFIRMED: "The authority confirmed the match.",
    ScreeningResult.NOT_CONFIRMED: "The authority did not confirm it.",
    ScreeningResult.PENDING: "The authority was asked and has not answered. No answer, and never shown as one.",
    ScreeningResult.NOT_RUN: "The check was not run, with the reason. It takes back that the step was last said to"
    " be done before it, since it last fell due, and no other time.",
}
"""What a person enters of an authority's answer."""

STATUSES: Mapping[Status, str] = {
    Status.IN_TIME: "Done by its deadline, or it has none; documented and in order.",
    Status.LATE: "Done after its deadline; documented and in order.",
    Status.MISSING: "Not done, and its deadline is past. It passed before custody and supervision ended.",
    Status.UNDOCUMENTED: "Done, in time or not, with fewer references than the step's `evidence` names.",
    Status.OUT_OF_ORDER: "Done and documented, but before what comes before it (`depends_on`) was done since that last"
    " fell due, or by the one who did that where somebody else has to (`by_another`).",
    Status.NOT_DUE: "Made due and not done, and its deadline has not passed.",
    Status.NOT_APPLICABLE: "Nothing made it due, or custody and supervision, or the supervision in which it fell due,"
    " ended before its deadline.",
}
"""How a step stands at an instant."""


def protocol_keys() -> str:
    """Return the keys of a protocol."""
    return table(("key", "meaning"), [(code(key), says) for key, says in KEYS.items()])


def step_keys() -> str:
    """Return the keys of a step."""
    return table(("key", "meaning"), [(code(key), says) for key, says in STEP_KEYS.items()])


def triggers() -> str:
    """Return the triggers with what each is."""
    return table(("trigger", "the step falls due because"), [(code(each), TRIGGERS[each]) for each in Trigger])


def results() -> str:
    """Return the results with what each means."""
    return table(("result", "meaning"), [(code(each), RESULTS[each]) for each in ScreeningResult])


def statuses() -> str:
    """Return the statuses with their definitions."""
    return table(("status", "holds where"), [(code(each), STATUSES[each]) for each in Status])


def step_columns() -> str:
    """Return the columns of the table of steps."""
    return table(("column", "type", "meaning"), [(code(name), kind, says) for name, (kind, says) in COLUMNS.items()])


def stage_list() -> str:
    """Return the stages of a screening case."""
    return table(("stage", "meaning"), [(code(name), says) for name, says in screening_stages().items()])


def command_list() -> str:
    """Return the commands on a screening case, and who may give each."""
    roles = (Role.ISSUING_OFFICER, Role.SUPERVISOR)
    rows = [
        (code(kind.id), kind.says, *("yes" if role.value in kind.roles else "no" for role in roles))
        for kind in screening_command_kinds().values()
    ]
    return table(("command", "does", *(role.value.replace("_", " ") for role in roles)), rows)


SCREENING_PARTS: Mapping[str, Callable[[], str]] = {
    "protocol-keys": protocol_keys,
    "protocol-step-keys": step_keys,
    "protocol-triggers": triggers,
    "screening-results": results,
    "screening-statuses": statuses,
    "screening-columns": step_columns,
    "screening-stages": stage_list,
    "screening-commands": command_list,
}
"""The generated parts by name."""
