"""Which detainers led to screening. Where no custody was taken nobody is screened: a count, and no suspicion."""

from __future__ import annotations

import json
from dataclasses import dataclass

from detainer_ledger.casework.access import Act
from detainer_ledger.casework.giving import Refused
from detainer_ledger.casework.record import Record
from detainer_ledger.casework.screening.rows import SCREENINGS
from detainer_ledger.casework.views import CASES

NOT_SCREENED = "no custody, therefore not screened"
"""What is said of a detainer that ended without custody, whatever the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Detainers of a record by what became of them, as counts that add up to ``detainers``.

    ``screened`` led to custody and have a screening case; ``custody_without_case`` led to custody and have none, which
    the record cannot explain; ``declined`` and ``other_ends`` ended without custody; ``open`` have not ended.
    ``without_detainer`` counts screening cases of people taken into custody without one, and stands apart.
    """

    detainers: int
    screened: int
    custody_without_case: int
    declined: int
    other_ends: int
    open: int
    without_detainer: int


def coverage_of(record: Record, actor: str) -> Coverage | Refused:
    """Count the detainers of a record by whether they led to screening.

    Cases without a detainer, and detainers that were voided or superseded, are not counted.
    """
    for act in (Act.READ_SCREENING, Act.LIST_CASES):
        if (refused := record.may(actor, act)) is not None:
            return refused
    bodies = [json.loads(row.body) for row in record.ledger.views(SCREENINGS)]
    cases = [body for body in bodies if not body["voided"]]
    linked = {body["detainer"] for body in cases if body["detainer"]}
    counts = {"screened": 0, "custody_without_case": 0, "declined": 0, "other_ends": 0, "open": 0}
    for row in record.ledger.views(CASES):
        said = json.loads(row.body)
        # Of a superseded detainer another stands in its place: it leaves every denominator (decision 6).
        if said["form"] is None or said["ending"] in {"voided", "superseded"}:
            continue
        counts[_place(said, is_linked=row.key in linked)] += 1
    return Coverage(
        detainers=sum(counts.values()), without_detainer=sum(1 for body in cases if not body["detainer"]), **counts
    )


def _place(said: dict[str, str | None], *, is_linked: bool) -> str:
    if said["ending"] == "custody_taken":
        return "screened" if is_linked else "custody_without_case"
    if said["ending"] is None:
        return "open"
    return "declined" if said["answer"] == "decline" else "other_ends"
