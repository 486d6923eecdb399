"""A screening protocol as data: its steps, when each falls due, who does it, and what shows that it was done.

The steps of KSTEP are not public, and none are invented here: a protocol is a document that an agency writes, in TOML,
and adopts. The one that comes with the program is an illustration and says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from detainer_ledger.casework.access import Role
from detainer_ledger.clock import Algorithm

MOST_BYTES = 200_000
"""Longest document that is read."""

MOST_STEPS = 200
LONGEST_HOURS = 24 * 366 * 5
"""Longest deadline, five years: more is a slip of the pen."""

LONGEST_TEXT = 500
LONGEST_NAME = 60


class Trigger(StrEnum):
    """What makes a step due: each time that it happens, the step has to be done once more."""

    CUSTODY_TAKEN = "custody_taken"
    RELEASED_TO_SUPERVISION = "released_to_supervision"
    RESULT_RECEIVED = "result_received"
    UNDER_SUPERVISION = "under_supervision"


class ScreeningResult(StrEnum):
    """What the authority that owns a list has answered, as a person enters it. Neither of the last two is an answer."""

    NO_MATCH = "no_match"
    CONFIRMED = "confirmed_by_authority"
    NOT_CONFIRMED = "not_confirmed"
    PENDING = "pending_authority"
    NOT_RUN = "not_run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a protocol.

    ``trigger`` makes it due; for RESULT_RECEIVED only the results named in ``on_results``; for UNDER_SUPERVISION every
    ``every_days`` days, counted from the release to supervision and from each time that it was done. ``hours`` and
    ``clock`` give the deadline from the trigger (the clock of a hold: ``clock.Algorithm``): END_OF_DAY has no hours, a
    periodic step has none besides its period. ``roles`` may do it. ``evidence`` names what a reference has to show; a
    step done with fewer references is undocumented. ``depends_on`` names steps that come before it; ``by_another`` asks
    for somebody else than who did those. ``source`` says what the step rests on.
    """

    id: str
    title: str
    trigger: Trigger
    roles: tuple[str, ...]
    source: str
    required: bool = True
    on_results: tuple[str, ...] = ()
    every_days: int | None = None
    hours: int | None = None
    clock: Algorithm = Algorithm.CONTINUOUS
    evidence: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    by_another: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """A version of a protocol, in force from a day. ``sha256`` is that of its text, ``text`` the text itself."""

    id: str
    version: str
    title: str
    in_force_from: date
    source: str
    is_illustrative: bool
    steps: tuple[Step, ...]
    text: str
    sha256: str

    @property
    def name(self) -> str:
        """Return the protocol with its version, as cases refer to it."""
        return f"{self.id}@{self.version}"

    def step(self, step_id: str) -> Step | None:
        """Return a step by its id."""
        return next((step for step in self.steps if step.id == step_id), None)


KEYS: Mapping[str, str] = {
    "id": "short name: small letters, digits and hyphens",
    "version": "version, for example 2026-1: a word without blanks or @",
    "title": "what the protocol is",
    "in_force_from": "first day on which it applies, a TOML date",
    "source": "where it comes from: a directive, its number and date",
    "is_illustrative": "true for an example that no agency has adopted; it is then marked wherever it shows",
    "step": "the steps, each a [[step]]",
}
"""Keys of a protocol, with what each means."""

STEP_KEYS: Mapping[str, str] = {
    "id": "short name: small letters, digits, hyphens and slashes",
    "title": "what is done, in one line",
    "trigger": f"what makes it due: {', '.join(Trigger)}",
    "on_results": f"for result_received: after which results, of {', '.join(ScreeningResult)}",
    "every_days": "for under_supervision: every so many days",
    "hours": "deadline in hours after the trigger; without one the step never becomes late",
    "clock": f"how the hours are counted: {', '.join(Algorithm)} (default continuous); end-of-day has no hours",
    "roles": "who may do it: issuing_officer, supervisor",
    "required": "false for a step that is only reported (default true)",
    "evidence": "what references have to show, one for each",
    "depends_on": "ids of steps that come before it",
    "by_another": "true where somebody else does it than who did the steps before it",
    "source": "what the step rests on",
}
"""Keys of a step, with what each means."""

SCREENING_ROLES = (Role.ISSUING_OFFICER.value, Role.SUPERVISOR.value)
"""Roles of a record that a protocol can give steps to; an agency that receives detainers screens nobody."""
