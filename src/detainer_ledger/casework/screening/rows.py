"""The row by which a screening case is listed and found when something falls due; it follows from the events."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from detainer_ledger.casework.screening.protocol import Protocol
from detainer_ledger.casework.screening.steps import due_steps, next_due
from detainer_ledger.casework.state import Case
from detainer_ledger.ledger import ViewRow, canonical, instant_text

SCREENINGS = "screening"
"""View with a row for each screening case, due when its next step falls due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A step that falls due, or fell due and was not done: its case with office and stage, and its deadline.

    ``due_at`` is in the zone of the case.
    """

    case: str
    office: str
    stage: str
    step: str
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
    soonest = None if is_over or latest is None else next_due(due_steps(case, protocol, at=latest), latest)
    return ViewRow(
        view=SCREENINGS,
        key=case.id,
        owner="",
        due=instant_text(soonest.due_at) if soonest and soonest.due_at else None,
        body=canonical(
            {
                "stage": case.stage,
                "office": beginning["office"],
                "zone": beginning["zone"],
                "protocol": protocol.name,
                "is_illustrative": protocol.is_illustrative,
                "detainer": beginning.get("detainer"),
                "step": soonest.step if soonest else None,
                "voided": case.last("voided") is not None,
            }
        ),
    )


def dues_of(rows: Iterable[ViewRow]) -> tuple[Due, ...]:
    """Return what falls due by the rows of cases, in their order."""
    found = []
    for row in rows:
        said = json.loads(row.body)
        found.append(
            Due(
                case=row.key,
                office=said["office"],
                stage=said["stage"],
                step=said["step"],
                due_at=datetime.fromisoformat(row.due or "").astimezone(ZoneInfo(said["zone"])),
                detainer=said["detainer"],
            )
        )
    return tuple(found)
