"""The row by which a screening case is listed and found when something falls due; it follows from the events."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from detainer_ledger.casework.screening.protocol import Protocol, Trigger
from detainer_ledger.casework.screening.steps import due_steps, open_steps
from detainer_ledger.casework.state import Case
from detainer_ledger.ledger import ViewRow, canonical, instant_text

SCREENINGS = "screening"
"""View with a row for each screening case, due when its next step falls due."""


_RESCREENING = frozenset({Trigger.UNDER_SUPERVISION, Trigger.RELEASED_TO_SUPERVISION})


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A step that falls due, or fell due and was not done: its case with office and stage, and its deadline.

    ``due_at`` is in the zone of the case; ``is_rescreening`` tells whether supervision makes the step due.
    """

    case: str
    office: str
    stage: str
    step: str
    is_rescreening: bool
    due_at: datetime
    detainer: str | None


def protocol_name(case: Case) -> str:
    """Return the protocol that a case follows, with its version."""
    moved = case.said("protocol_moved", "protocol")
    return str(moved or case.beginning.body["protocol"])


def screening_row(case: Case, protocol: Protocol) -> ViewRow:
    """Return the row of a case. It changes with events alone: a deadline that passes changes nothing."""
    beginning = case.beginning.body
    latest = max((told.at for told in case.told if told.at is not None), default=None)
    # What was due when the case was closed can be done no more: it shows as missing, and is no task.
    is_over = case.stage == "closed" or latest is None
    open_ones = () if is_over or latest is None else open_steps(due_steps(case, protocol, at=latest), latest)
    again = {step.id for step in protocol.steps if step.trigger in _RESCREENING}
    due = [(instant_text(each.due_at), each.step, each.step in again) for each in open_ones if each.due_at is not None]
    return ViewRow(
        view=SCREENINGS,
        key=case.id,
        owner="",
        due=due[0][0] if due else None,
        body=canonical(
            {
                "stage": case.stage,
                "office": beginning["office"],
                "zone": beginning["zone"],
                "protocol": protocol.name,
                "is_illustrative": protocol.is_illustrative,
                "detainer": beginning.get("detainer"),
                "step": due[0][1] if due else None,
                "open": [list(each) for each in due],
                "voided": case.last("voided") is not None,
            }
        ),
    )


def dues_of(rows: Iterable[ViewRow]) -> tuple[Due, ...]:
    """Return every open step of the rows of cases, soonest first."""
    found = []
    for row in rows:
        said = json.loads(row.body)
        zone = ZoneInfo(said["zone"])
        for due, step, is_rescreening in said["open"]:
            found.append(
                Due(
                    case=row.key,
                    office=said["office"],
                    stage=said["stage"],
                    step=step,
                    is_rescreening=is_rescreening,
                    due_at=datetime.fromisoformat(due).astimezone(zone),
                    detainer=said["detainer"],
                )
            )
    return tuple(sorted(found, key=lambda each: (each.due_at, each.case, each.step)))
