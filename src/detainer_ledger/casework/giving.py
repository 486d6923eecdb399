"""What is common to all commands on a record, whatever they are given on: what is asked, and what came of it."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from detainer_ledger.casework.access import Actor, Registry
from detainer_ledger.casework.lifecycle import CommandKind
from detainer_ledger.casework.state import Case
from detainer_ledger.ledger import OWN_KEY, Conflict, Event, Head, instant_text
from detainer_ledger.policy import Finding
from detainer_ledger.terms import BadInput

_LONGEST_NAME = 200
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CLOCK_TOLERANCE = timedelta(seconds=1)
_SKEW = timedelta(seconds=60)
"""By so much the clocks of two machines that write to one record may differ without a word."""


class Command(Struct, frozen=True, kw_only=True):
    """What somebody asks for: the kind of command, the case (None for the first of a case), and what it says.

    ``key`` is used once: a repeated command with the same key changes nothing and gets what it got. ``version`` is that
    of the case which whoever gives the command has seen; None leaves it to the record. ``zone`` says of which place the
    times without an offset are: an IANA name, or AGENCY_ZONE; where it is None, such times are refused.
    """

    kind: str
    case: str | None
    values: Mapping[str, object]
    key: str | None = None
    version: int | None = None
    zone: str | None = None


class Done(Struct, frozen=True, kw_only=True):
    """A command that was done: its case, its events, whether it had been done before, and what to be told of."""

    case: str
    events: tuple[Event, ...]
    is_repeat: bool = False
    warnings: tuple[str, ...] = ()


class Refused(Struct, frozen=True, kw_only=True):
    """A command that was refused: why, and the findings that forbid it. The refusal is recorded."""

    case: str | None
    reason: str
    findings: tuple[Finding, ...] = ()


class DeniedError(Exception):
    """Somebody may not give a command, and why."""

    def __init__(self, actor: Actor, why: str) -> None:
        super().__init__(why)
        self.actor = actor
        self.why = why


def kind_named(kinds: Mapping[str, CommandKind], name: str, *, group: str) -> CommandKind:
    """Return a command of a life cycle by its id. Raises BadInput, with the nearest, for one that there is not."""
    if name not in kinds:
        from difflib import get_close_matches

        close = get_close_matches(str(name)[:60], list(kinds), n=1)
        raise BadInput(
            "There is no such command on a case.",
            field="command",
            do=f"did you mean '{close[0]}'?" if close else f"'detainer {group} commands' lists them.",
        )
    return kinds[name]


def actor_named(registry: Registry, name: str) -> Actor:
    """Return an actor by name. Raises BadInput for one that a record does not know."""
    if name not in registry.actors:
        raise BadInput(
            "The record knows nobody of this name.",
            field="as",
            do="an administrator adds people with 'detainer record actor add'.",
        )
    return registry.actors[name]


def check_names(command: Command) -> None:
    """Raise BadInput for a key or a case that no record could have."""
    for name, value in (("key", command.key), ("case", command.case)):
        if value is None:
            continue
        if not value.isprintable() or not 0 < len(value) <= _LONGEST_NAME or value.startswith(OWN_KEY):
            raise BadInput(
                f"This is no {name}: it has 1 to {_LONGEST_NAME} printed characters, and no {OWN_KEY} at its head.",
                field=name,
                do="look at how it was written.",
            )


def check_version(command: Command, case: Case) -> None:
    """Raise Conflict where a case has gone on since whoever gives a command has seen it."""
    if command.version is not None and command.version != case.head.version:
        raise Conflict(
            f"The case has gone on to version {case.head.version} since it was seen at {command.version}."
            " Nothing was stored.",
            case=case.id,
            do="look at the case again, and repeat the command if it still holds.",
        )


def digest_of(command: Command) -> str:
    """Return the digest of what a command says, without personal fields: they could be guessed from it."""
    said = {**command.values, "person": bool(command.values.get("person"))}
    zone = [command.zone] if command.zone is not None else []
    asked = json.dumps([command.kind, said, *zone], sort_keys=True, default=repr)
    return hashlib.sha256(asked.encode()).hexdigest()


def new_id(prefix: str) -> str:
    """Return an id that tells nothing, of ten letters and digits after a prefix."""
    bits = secrets.randbits(50)
    return prefix + "".join(_ALPHABET[bits >> shift & 31] for shift in range(0, 50, 5))


def clock_warnings(head: Head, newest_at: str, now: datetime, body: dict[str, object]) -> tuple[str, ...]:
    """Tell, and mark in the event, that this machine's clock is behind the case, or behind the record.

    ``newest_at`` is when the newest event of the record was recorded, by whatever machine.
    """
    for last_at, of, tolerance in ((head.recorded_at, "case", _CLOCK_TOLERANCE), (newest_at, "record", _SKEW)):
        if not last_at or now >= (last := datetime.fromisoformat(last_at)) - tolerance:
            continue
        behind = int((last - now).total_seconds())
        body["clock_behind_seconds"] = behind
        warning = (
            f"The clock of this machine is {behind:,} seconds behind the last event of the {of}, recorded at"
            f" {instant_text(last)}. The event is recorded with that mark; look at the clock."
        )
        return (warning,)
    return ()
