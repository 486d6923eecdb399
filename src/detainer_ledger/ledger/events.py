"""What an event is, and the text over which its hash is taken."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from detainer_ledger.ledger.merkle import leaf_hash

NO_LEAF = ""
"""What the first event of a stream has as the hash of the event before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """Something that happened and is to be recorded: a stable written kind with its version, and what it says.

    ``body`` holds text, whole numbers, booleans, None, and lists and mappings of them; never a fraction, whose text
    differs from one program to the next, and never a personal field.
    """

    kind: str
    body: Mapping[str, Any]
    kind_version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A recorded event.

    ``stream`` is the case that it belongs to and ``version`` its number there, from 1. ``recorded_at`` is UTC in ISO
    8601; ``actor`` and ``role`` say who recorded it. ``command`` is the key of the command that it came from, with the
    number of this event among those of the command and the digest of what was asked. ``previous`` is the leaf hash, in
    hexadecimal, of the event before it in the stream.
    """

    stream: str
    version: int
    kind: str
    kind_version: int
    recorded_at: str
    actor: str
    role: str
    command: str
    command_part: int
    command_digest: str
    previous: str
    body: str

    @property
    def text(self) -> str:
        """Return the event as canonical JSON: keys sorted, no blanks; ``body`` stands in it as an object."""
        return (
            f'{{"actor":{_quoted(self.actor)},"body":{self.body},"command":{_quoted(self.command)}'
            f',"command_digest":{_quoted(self.command_digest)},"command_part":{self.command_part}'
            f',"kind":{_quoted(self.kind)},"kind_version":{self.kind_version},"previous":{_quoted(self.previous)}'
            f',"recorded_at":{_quoted(self.recorded_at)},"role":{_quoted(self.role)}'
            f',"stream":{_quoted(self.stream)},"version":{self.version}}}'
        )

    @property
    def leaf(self) -> bytes:
        """Return the hash of the event as a leaf of the tree."""
        return leaf_hash(self.text.encode())

    def said(self) -> Mapping[str, Any]:
        """Return the body as a mapping."""
        said: Mapping[str, Any] = json.loads(self.body)
        return said


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The end of a stream: its version (0 where there is none), and the hash and time of its last event."""

    version: int = 0
    leaf: str = NO_LEAF
    recorded_at: str = ""


def canonical(value: object) -> str:
    """Return a value as canonical JSON. Raises TypeError for a fraction or what JSON has not."""
    _refuse_fractions(value)
    return _ENCODER.encode(value)


def _refuse_fractions(value: object) -> None:
    if isinstance(value, float):
        raise TypeError("an event cannot hold a fraction")
    if isinstance(value, Mapping):
        members: Iterable[object] = value.values()
    elif isinstance(value, list | tuple):
        members = value
    else:
        return
    for each in members:
        # Nearly every member is plain: it is not worth a call of its own.
        if type(each) not in _PLAIN:
            _refuse_fractions(each)


_PLAIN = frozenset({str, int, bool, type(None)})
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
_quoted = json.encoder.encode_basestring
