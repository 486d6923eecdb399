"""What became of a detainer, and the published lift reasons that say so (domain reference 4.1 and 4.3)."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files


class Outcome(StrEnum):
    """The eight neutral outcomes, stored by their written value."""

    TAKEN_INTO_CUSTODY = "taken_into_custody"
    DECLINED_BY_AGENCY = "declined_by_agency"
    RELEASED_BEFORE_PICKUP = "released_before_pickup"
    WITHDRAWN_BY_ICE = "withdrawn_by_ice"
    TRANSFERRED = "transferred"
    SUPERSEDED_OR_DUPLICATE = "superseded_or_duplicate"
    PENDING_OR_UNRECORDED = "pending_or_unrecorded"
    OTHER = "other"


class OutcomeBasis(StrEnum):
    """What an outcome rests on: the release's lift reason, a linked stay, or nothing."""

    RECORDED = "recorded"
    LINKED = "linked"
    NONE = "none"


class DuplicateKind(StrEnum):
    """How sure it is that a row repeats another row of its release."""

    EXACT = "exact"
    LIKELY = "likely"


UNMAPPED = "unmapped"
"""``outcome_detail`` of a lift reason that no table knows; its outcome counts as unknown in every bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftReason:
    """One published lift reason: its stable ``code``, the ``labels`` seen, and the outcome it stands for."""

    code: str
    labels: tuple[str, ...]
    outcome: Outcome
    detail: str
    flag: str | None = None


@cache
def lift_reasons() -> tuple[LiftReason, ...]:
    """Return all known lift reasons, in the order of the table."""
    raw = tomllib.loads(files(__package__).joinpath("lift_reasons.toml").read_text("utf-8"))
    return tuple(
        LiftReason(
            code=entry["code"],
            labels=tuple(entry["labels"]),
            outcome=Outcome(entry["outcome"]),
            detail=entry["detail"],
            flag=entry.get("flag"),
        )
        for entry in raw["reason"]
    )


def fold_label(text: str) -> str:
    """Return ``text`` as labels are compared: trimmed, lower case, single spaces, every dash a hyphen."""
    return re.sub(r"\s+", " ", re.sub("[\u2010-\u2015\u2212]", "-", text)).strip().lower()


@cache
def lift_reason_by_label() -> dict[str, LiftReason]:
    """Return the lift reasons by folded label (see ``fold_label``)."""
    return {fold_label(label): reason for reason in lift_reasons() for label in reason.labels}
