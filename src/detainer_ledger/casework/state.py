"""What a case is: the events of its stream, corrections put in their place, and what follows from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from detainer_ledger.casework.lifecycle import NO_STAGE, command_of_event
from detainer_ledger.ledger import Event, Head

REFUSED = "refused"
CORRECTED = "corrected"
NO_HEAD = Head()


_instant = lru_cache(maxsize=1 << 14)(datetime.fromisoformat)
"""The times of a case are asked for again at every command."""


class Told(Struct, frozen=True, kw_only=True):
    """An event as it stands after corrections: what it says, when it was recorded, by whom; and who corrected it.

    ``body`` is what holds now; ``corrected_by`` names the versions of the events that changed it.
    """

    version: int
    kind: str
    recorded_at: str
    actor: str
    role: str
    body: Mapping[str, Any]
    corrected_by: tuple[int, ...] = ()

    @property
    def at(self) -> datetime | None:
        """Return when it happened, None where the event says no instant."""
        at = self.body.get("at")
        return _instant(at) if at else None


class Case(Struct, frozen=True, kw_only=True):
    """A case: its id, its events as they stand, the stage it is in, and the end of its stream.

    ``latest`` has the last event of each kind, so that it need not be looked for; ``corrections`` has each correction
    with the case as it stood before it, the first at the beginning.
    """

    id: str
    told: tuple[Told, ...] = ()
    stage: str = NO_STAGE
    head: Head = NO_HEAD
    latest: Mapping[str, Told] = field(default_factory=dict)
    corrections: tuple[Correction, ...] = ()

    def last(self, kind: str) -> Told | None:
        """Return the last event of a kind, None where there is none."""
        return self.latest.get(kind)

    def last_of(self, *kinds: str) -> Told | None:
        """Return the last event of any of these kinds, None where there is none."""
        last: Told | None = None
        latest = self.latest
        for kind in kinds:
            if (told := latest.get(kind)) is not None and (last is None or told.version > last.version):
                last = told
        return last

    def all(self, kind: str) -> tuple[Told, ...]:
        """Return the events of a kind."""
        if kind not in self.latest:
            return ()
        return tuple(told for told in self.told if told.kind == kind)

    def said(self, kind: str, field: str) -> Any:
        """Return what the last event of a kind says in a field, None where it says nothing."""
        told = self.latest.get(kind)
        return told.body.get(field) if told else None

    def until(self, version: int) -> Case:
        """Return the case as its events up to a version make it, corrections put in their place."""
        told = tuple(each for each in self.told if each.version <= version)
        return replace(self, told=told, latest=latest_of(told))

    @property
    def beginning(self) -> Told:
        """Return the event with which the case began. Raises LookupError for a case without one."""
        for kind in _BEGINNINGS:
            if (found := self.latest.get(kind)) is not None:
                return found
        raise LookupError(f"the case {self.id} has no beginning")

    @property
    def agency(self) -> str:
        """Return the id of the agency that the case concerns."""
        return str(self.beginning.body["agency"])

    @property
    def ending(self) -> Told | None:
        """Return the event that says what became of the detainer."""
        return None if self.latest.keys().isdisjoint(ENDINGS) else self.last_of(*ENDINGS)

    @property
    def hold_end(self) -> Told | None:
        """Return the event with which the hold ended, None where none began or it goes on.

        That a detainer is lifted, or another takes its place, does not let go a person who is held: an event of its
        own says when that was.
        """
        if "hold_began" not in self.latest or (ending := self.ending) is None:
            return None
        return self.last("hold_ended") if ending.kind in _ENDS_NO_HOLD else ending

    @property
    def is_held(self) -> bool:
        """Tell whether the person is held, as far as the record says."""
        return "hold_began" in self.latest and self.hold_end is None


class Correction(Struct, frozen=True, kw_only=True):
    """A correction, and the case as it stood before it."""

    told: Told
    before: Case


_BEGINNINGS = ("arrest_recorded", "detainer_received", "screening_began")
"""Kinds of the events with which a case begins; it has one of them, once."""

ENDINGS = (
    "custody_taken", "released", "expired", "transferred", "lifted", "lift_received", "superseded", "voided",
)  # fmt: skip
"""Kinds of the events that end a detainer."""

LIFTS = ("lifted", "lift_received")
"""Those by which the requesting agency gives it up."""

_ENDS_NO_HOLD = (*LIFTS, "superseded")


def case_of(case: str, events: Iterable[Event]) -> Case:
    """Return the case that the events of a stream make."""
    found = tuple(events)
    if not found:
        return Case(id=case)
    last = found[-1]
    head = Head(version=last.version, leaf=last.leaf.hex(), recorded_at=last.recorded_at)
    return after(Case(id=case), found, head)


def after(case: Case, events: Sequence[Event], head: Head) -> Case:
    """Return the case after more events of its stream, which then has this end."""
    told = list(case.told)
    latest = dict(case.latest)
    corrections = case.corrections
    stage = case.stage
    kinds = command_of_event()
    for event in events:
        body = event.said()
        told.append(
            Told(
                version=event.version,
                kind=event.kind,
                recorded_at=event.recorded_at,
                actor=event.actor,
                role=event.role,
                body=body,
            )
        )
        if event.kind == CORRECTED:
            stood = tuple(told[:-1])
            before = Case(id=case.id, told=stood, stage=stage, latest=latest_of(stood), corrections=corrections)
            corrections = (*corrections, Correction(told=told[-1], before=before))
            _correct(told, event.version, body)
            latest = latest_of(told)
        latest[event.kind] = told[-1]
        kind = kinds.get(event.kind)
        if kind is not None:
            stage = kind.after(stage)
    return Case(id=case.id, told=tuple(told), stage=stage, head=head, latest=latest, corrections=corrections)


def latest_of(told: Iterable[Told]) -> dict[str, Told]:
    """Return the last event of each kind."""
    return {each.kind: each for each in told}


def _correct(told: list[Told], version: int, body: Mapping[str, Any]) -> None:
    """Put what a correction says in the place of what the event said."""
    for place, each in enumerate(told):
        if each.version == body["version"]:
            told[place] = replace(
                each, body={**each.body, **body["values"]}, corrected_by=(*each.corrected_by, version)
            )
