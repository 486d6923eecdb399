"""Verification: every event against its hash, its neighbours, its position in the tree, and published checkpoints."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from detainer_ledger.ledger.checkpoints import Checkpoint, read_checkpoint
from detainer_ledger.ledger.events import NO_LEAF
from detainer_ledger.ledger.merkle import root, roots_at
from detainer_ledger.ledger.statements import EVENT_COLUMNS, event_of
from detainer_ledger.ledger.store import Ledger, chain_start, chained
from detainer_ledger.terms import BadInput

MOST_TOLD = 100
"""How many discrepancies are told one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancy:
    """Something that is not as it was recorded.

    ``kind`` is one of ``altered``, ``missing``, ``inserted``, ``reordered``, ``checkpoint``; ``stream`` and ``version``
    name the event where it can be named, ``position`` its place in the tree.
    """

    kind: str
    sentence: str
    stream: str | None = None
    version: int | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What a verification found: the number of events, of sealed ones, of checkpoints, the root, and discrepancies."""

    events: int
    sealed: int
    checkpoints: int
    root: bytes
    discrepancies: tuple[Discrepancy, ...]
    n_discrepancies: int

    @property
    def holds(self) -> bool:
        """Tell whether nothing was found."""
        return self.n_discrepancies == 0


def verify(
    ledger: Ledger, *, published: Sequence[str] = (), progress: Callable[[int, int], None] = lambda _done, _total: None
) -> Verification:
    """Check a whole record: what was altered, is missing, was inserted or stands in another order, and where.

    ``published`` are checkpoints kept elsewhere; those that the record keeps itself are checked always. A change of all
    that follows an event, hashes included, shows only against a checkpoint. ``progress`` is told now and then how many
    of how many events were read. Raises BadInput for a published text that
    is no checkpoint, or is signed by another key.
    """
    notes = [read_checkpoint(note, ledger.keys.public) for note in published]
    ledger.seal()
    found = _Found()
    # Others may write meanwhile: what is sealed and signed now is looked for among the events that are read after it.
    kept = [row[0] for row in ledger.reading("SELECT note FROM checkpoint ORDER BY size")]
    ((last,),) = ledger.rows("SELECT max(position) FROM seal")
    count, leaves_of = _verify_entries(ledger, found, progress)
    leaves = _verify_seals(ledger, found, leaves_of, last)
    checked = _verify_checkpoints(ledger, found, leaves, kept, notes)
    return Verification(
        events=count,
        sealed=len(leaves),
        checkpoints=checked,
        root=root(leaves),
        discrepancies=tuple(found.told),
        n_discrepancies=found.count,
    )


class _Found:
    def __init__(self) -> None:
        self.told: list[Discrepancy] = []
        self.count = 0

    def add(
        self,
        kind: str,
        sentence: str,
        stream: str | None = None,
        version: int | None = None,
        position: int | None = None,
    ) -> None:
        self.count += 1
        if len(self.told) < MOST_TOLD:
            self.told.append(
                Discrepancy(kind=kind, sentence=sentence, stream=stream, version=version, position=position)
            )


_BINARY = (bytes, memoryview, bytearray)
_KINDS: tuple[type | tuple[type, ...], ...] = (
    str,
    int,
    str,
    int,
    str,
    str,
    str,
    str,
    int,
    str,
    str,
    str,
    _BINARY,
    _BINARY,
    int,
)
"""What each value is of which ``_verify_entries`` asks: SQLite takes any."""


def _verify_entries(
    ledger: Ledger, found: _Found, progress: Callable[[int, int], None]
) -> tuple[int, dict[int, tuple[bytes, str, int]]]:
    """Check each event's hash, code and predecessor; return their number, and the hash and name of each by entry."""
    leaves: dict[int, tuple[bytes, str, int]] = {}
    stream, version, previous, count = "", 0, NO_LEAF, 0
    ((total,),) = ledger.rows("SELECT count(*) FROM entry")
    asked = f"SELECT {', '.join(EVENT_COLUMNS)}, leaf, mac, id FROM entry ORDER BY stream, version"
    for row in ledger.reading_as_stored(asked):
        entry = row[-1]
        count += 1
        if any(not isinstance(value, kind) for value, kind in zip(row, _KINDS, strict=True)):
            found.add("altered", f"Entry {entry} of the database holds what no event holds.")
            continue
        event, kept, mac = event_of(row), bytes(row[-3]), bytes(row[-2])
        if event.stream != stream:
            stream, version, previous = event.stream, 0, NO_LEAF
        name = (event.stream, event.version)
        leaf = event.leaf
        if leaf != kept:
            found.add("altered", f"{_named(*name)} does not say what was recorded.", *name)
        elif not hmac.compare_digest(mac, ledger.mac(leaf)):
            found.add("inserted", f"{_named(*name)} was not written by this record.", *name)
        if event.version != version + 1:
            gone = f"{version + 1}" if event.version == version + 2 else f"{version + 1} to {event.version - 1}"
            found.add("missing", f"Event {gone} of {stream} is missing.", stream, version + 1)
        elif event.previous != previous:
            found.add("altered", f"{_named(*name)} does not follow on the event before it, which was changed.", *name)
        version, previous = event.version, kept.hex()
        leaves[entry] = (kept, *name)
        if count % 10_000 == 0:
            progress(count, max(count, total))
    return count, leaves


def _verify_seals(
    ledger: Ledger, found: _Found, leaves_of: dict[int, tuple[bytes, str, int]], last: int | None
) -> list[bytes]:
    """Check that each position up to the last holds the event that was put there; return the leaf hashes."""
    leaves: list[bytes] = []
    chain = chain_start()
    for position, entry, leaf, kept_chain in ledger.reading(
        "SELECT position, entry, leaf, chain FROM seal WHERE position <= ? ORDER BY position",
        -1 if last is None else last,
    ):
        if position != len(leaves):
            found.add("missing", f"Position {len(leaves)} of the tree is missing.", position=len(leaves))
        chain = chained(chain, bytes(leaf))
        stands = leaves_of.get(entry)
        if stands is None:
            found.add("missing", f"The event at position {position} is missing.", position=position)
        elif stands[0] != bytes(leaf):
            found.add("altered", f"{_named(*stands[1:])} is not the one sealed at {position}.", *stands[1:], position)
        if chain != bytes(kept_chain):
            stream, version = stands[1:] if stands is not None else (None, None)
            what = _named(*stands[1:]) if stands is not None else "What"
            sentence = f"{what} stands at position {position}, where another was sealed."
            found.add("reordered", sentence, stream, version, position)
            chain = bytes(kept_chain)
        leaves.append(bytes(leaf))
    return leaves


def _verify_checkpoints(
    ledger: Ledger, found: _Found, leaves: list[bytes], kept: Sequence[str], published: Sequence[Checkpoint]
) -> int:
    checkpoints = set(published)
    for note in kept:
        try:
            checkpoints.add(read_checkpoint(note, ledger.keys.public))
        except BadInput:
            found.add("checkpoint", "A checkpoint that the record keeps is not signed with its key.")
    sound = 0
    roots = roots_at(leaves, [checkpoint.size for checkpoint in checkpoints if checkpoint.size <= len(leaves)])
    for checkpoint in sorted(checkpoints, key=lambda each: (each.size, each.made_at)):
        where = f"the checkpoint of {checkpoint.made_at} over {checkpoint.size:,} events"
        if checkpoint.origin != ledger.origin:
            found.add("checkpoint", f"{where} is of another record, {checkpoint.origin}.".capitalize())
        elif checkpoint.size > len(leaves):
            found.add("missing", f"{checkpoint.size - len(leaves):,} events are missing that {where} has.")
        elif roots[checkpoint.size] != checkpoint.root:
            found.add(
                "altered",
                f"Something between positions {sound:,} and {checkpoint.size - 1:,} is not what {where} has.",
                position=sound,
            )
        else:
            sound = checkpoint.size
    return len(checkpoints)


def _named(stream: str, version: int) -> str:
    return f"Event {version} of {stream}"
