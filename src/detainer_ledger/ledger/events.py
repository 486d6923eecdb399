"""What an event is, and the text over which its hash is taken."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from detainer_ledger.ledger.merkle import leaf_hash
from detainer_ledger.terms import StoreError

NO_LEAF = ""
"""What the first event of a stream has as the hash of the event before it."""


class NewEvent(Struct, frozen=True, kw_only=True):
    """Something that happened and is to be recorded: a stable written kind with its version, and what it says.

    ``body`` holds text, whole numbers, booleans, None, and lists and mappings of them; never a fraction, whose text
    differs from one program to the next, and never a personal field.
    """

    kind: str
    body: Mapping[str, Any]
    kind_version: int = 1


class Event(Struct, frozen=True, kw_only=True, gc=False):
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
        """Return the body as a mapping. Raises StoreError where it is not as any event was written."""
        try:
            said: Mapping[str, Any] = _DECODER.decode(self.body)
        except msgspec.DecodeError:
            raise StoreError(
                f"Event {self.version} of {self.stream} is not as it was written.",
                do="'detainer record verify' tells what was changed; restore a backup from before.",
            ) from None
        return said


class Head(Struct, frozen=True, kw_only=True, gc=False):
    """The end of a stream: its version (0 where there is none), and the hash and time of its last event."""

    version: int = 0
    leaf: str = NO_LEAF
    recorded_at: str = ""


def canonical(value: object) -> str:
    """Return a value as canonical JSON: keys sorted by their characters, no blanks, only what has to be is escaped.

    Raises TypeError for a fraction, a key that is no text, or what JSON has not.
    """
    _check_members(value)
    return _ENCODER.encode(value).decode()


def _check_members(value: object) -> None:
    """Raise TypeError for what the encoder would take and an event does not."""
    if isinstance(value, dict):
        members: Iterable[object] = value.values()
    elif isinstance(value, list | tuple):
        members = value
    elif value is None or isinstance(value, str | int):
        return
    else:
        raise TypeError(f"an event cannot hold a {type(value).__name__}")
    # Nearly every member is plain: it is not worth a call of its own.
    if not _PLAIN.issuperset(map(type, members)):
        for each in members:
            _check_members(each)


_PLAIN = frozenset({str, int, bool, type(None)})
_ENCODER = msgspec.json.Encoder(order="sorted")
_DECODER = msgspec.json.Decoder()
_quoted = json.encoder.encode_basestring
