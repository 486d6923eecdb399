"""Proofs for somebody who has only a checkpoint: one case and nothing about any other, and one checkpoint's growth.

A proof of a case is JSON: the checkpoint as it was signed; for each event its text, its position, and the path of
hashes to the root; and a signed line that says how many events the case has under that checkpoint, so that none can be
left off at the end. A proof of growth has two checkpoints and the path that shows that the earlier tree begins the
later one: nothing was changed or removed between them (RFC 6962, 2.1.1 and 2.1.2).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from detainer_ledger.ledger.checkpoints import Checkpoint, is_signed_text, read_checkpoint, sign, sign_text
from detainer_ledger.ledger.merkle import (
    consistency_path,
    inclusion_paths,
    is_consistent,
    is_included,
    leaf_hash,
    root,
)
from detainer_ledger.ledger.store import Ledger, instant_text
from detainer_ledger.terms import BadInput

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

CASE_PROOF = "detainer-ledger case proof 1"
GROWTH_PROOF = "detainer-ledger growth proof 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """What a proof shows: the checkpoint that it rests on, and the texts of the events (none for growth).

    ``earlier`` is the earlier checkpoint of a proof of growth.
    """

    checkpoint: Checkpoint
    events: tuple[Mapping[str, Any], ...]
    earlier: Checkpoint | None = None


def make_checkpoint(ledger: Ledger) -> str:
    """Seal what is not sealed yet, sign a checkpoint over all events, keep it, and return its text.

    Where nothing was added since the last checkpoint that one is returned again.
    """
    ledger.seal()
    leaves = ledger.leaves()
    kept = _kept(ledger, len(leaves))
    if kept is not None:
        return kept
    made_at = instant_text(ledger.now())
    note = sign(
        Checkpoint(origin=ledger.origin, size=len(leaves), root=root(leaves), made_at=made_at), ledger.keys.signing
    )
    ledger.keep_checkpoint(len(leaves), made_at, note)
    return _kept(ledger, len(leaves)) or note


def prove_case(ledger: Ledger, stream: str) -> Mapping[str, Any]:
    """Return the proof of every event of a stream, under a checkpoint of now. Raises BadInput for an unknown stream."""
    note = make_checkpoint(ledger)
    checkpoint = read_checkpoint(note, ledger.keys.public)
    # After the checkpoint: it has to have every event of which it is signed that there are no more.
    events = ledger.events(stream)
    if not events:
        raise BadInput(f"There is no case '{stream}'.", do="'detainer record list' names the cases that you may see.")
    leaves = ledger.leaves()[: checkpoint.size]
    at = ledger.positions(stream)
    proven = [each for each in events if at.get(each.version, checkpoint.size) < checkpoint.size]
    paths = inclusion_paths(leaves, [at[each.version] for each in proven])
    proof = {
        "proof": CASE_PROOF,
        "checkpoint": note,
        "case": sign_text(_case_text(checkpoint, stream, len(proven)), ledger.origin, ledger.keys.signing),
        "events": [
            {"event": each.text, "position": at[each.version], "path": [beside.hex() for beside in path]}
            for each, path in zip(proven, paths, strict=True)
        ],
    }
    try:
        check_proof(proof, ledger.keys.public)
    except ProofFails as error:
        raise BadInput(
            f"The case cannot be proven: {error.what}",
            do="run 'detainer record verify': the record was changed.",
        ) from None
    return proof


def prove_growth(ledger: Ledger, earlier_note: str) -> Mapping[str, Any]:
    """Return the proof that an earlier checkpoint's events begin those of a checkpoint of now. Raises BadInput."""
    earlier = read_checkpoint(earlier_note, ledger.keys.public)
    note = make_checkpoint(ledger)
    later = read_checkpoint(note, ledger.keys.public)
    leaves = ledger.leaves()[: later.size]
    if not 0 < earlier.size <= later.size:
        raise BadInput(
            f"The checkpoint is over {earlier.size:,} events, and the record has {later.size:,}: nothing is proven.",
            do="give a checkpoint of this record over at least one event; if it is, events were removed since.",
        )
    return {
        "proof": GROWTH_PROOF,
        "earlier": earlier_note,
        "checkpoint": note,
        "path": [beside.hex() for beside in consistency_path(leaves, earlier.size)],
    }


def check_proof(proof: Mapping[str, Any], key: Ed25519PublicKey, *, published: str | None = None) -> Proven:
    """Check a proof with nothing but the record's public key, and return what it shows.

    ``published`` is a checkpoint kept by whoever checks: the proof has to rest on the same one, and a proof of growth
    has to have it as the earlier or the later of its two. Raises BadInput where the proof is damaged, and says what
    does not hold where it proves nothing.
    """
    try:
        checkpoint = _checkpoint_in(proof, "checkpoint", key)
        mine = read_checkpoint(published, key) if published is not None else None
        if proof["proof"] == GROWTH_PROOF:
            return _check_growth(proof, checkpoint, key, mine)
        if proof["proof"] != CASE_PROOF:
            raise KeyError("proof")
        if mine is not None:
            _check_same(mine, checkpoint)
        return _check_case(proof, checkpoint, key)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BadInput(
            "This is no proof, or a damaged one.", do="give the file that 'detainer record prove' wrote, whole."
        ) from None


def _checkpoint_in(proof: Mapping[str, Any], name: str, key: Ed25519PublicKey) -> Checkpoint:
    note = str(proof[name])
    checkpoint = read_checkpoint(note, None)
    if not is_signed_text(note, checkpoint.origin, key):
        raise _fails("a checkpoint in it is not signed with this key")
    return checkpoint


def _check_same(published: Checkpoint, checkpoint: Checkpoint) -> None:
    if published.origin == checkpoint.origin and published.size < checkpoint.size:
        raise ProofFails(
            f"The proof rests on a later checkpoint, over {checkpoint.size:,} events, than the one given, over"
            f" {published.size:,}. Records grow; this alone says nothing against it.",
            do="ask for the proof of growth since yours ('detainer record prove --since'), and check that too.",
        )
    if published != checkpoint:
        raise _fails("it rests on another checkpoint than the one given")


def _check_growth(
    proof: Mapping[str, Any], checkpoint: Checkpoint, key: Ed25519PublicKey, published: Checkpoint | None
) -> Proven:
    earlier = _checkpoint_in(proof, "earlier", key)
    if published is not None and not any(_is_of_same_tree(published, each) for each in (earlier, checkpoint)):
        raise _fails("neither of its two checkpoints is the one given")
    path = [bytes.fromhex(each) for each in proof["path"]]
    if earlier.origin != checkpoint.origin:
        raise _fails("the two checkpoints are of different records")
    if not is_consistent(earlier.size, checkpoint.size, earlier.root, checkpoint.root, path):
        raise _fails("the earlier tree is not the beginning of the later one")
    return Proven(checkpoint=checkpoint, events=(), earlier=earlier)


def _is_of_same_tree(one: Checkpoint, other: Checkpoint) -> bool:
    return (one.origin, one.size, one.root) == (other.origin, other.size, other.root)


def _check_case(proof: Mapping[str, Any], checkpoint: Checkpoint, key: Ed25519PublicKey) -> Proven:
    events: list[Mapping[str, Any]] = []
    previous = ""
    for number, each in enumerate(proof["events"], start=1):
        text = str(each["event"])
        leaf = leaf_hash(text.encode())
        path = [bytes.fromhex(beside) for beside in each["path"]]
        if not is_included(leaf, int(each["position"]), checkpoint.size, path, checkpoint.root):
            raise _fails(f"event {number} is not in the record that the checkpoint is of")
        event = json.loads(text)
        is_next = event["version"] == number and event["previous"] == previous
        if not is_next or (events and event["stream"] != events[0]["stream"]):
            raise _fails(f"event {number} does not follow on the one before it: one is left out, or of another case")
        previous = leaf.hex()
        events.append(event)
    if not events:
        raise _fails("it has no events")
    told = str(proof["case"])
    if not told.startswith(_case_text(checkpoint, events[0]["stream"], len(events)) + "\n"):
        raise _fails(f"the case has not {len(events)} events under this checkpoint: some are left off at the end")
    if not is_signed_text(told, checkpoint.origin, key):
        raise _fails("the line that says how many events the case has is not signed with this key")
    return Proven(checkpoint=checkpoint, events=tuple(events))


def _case_text(checkpoint: Checkpoint, stream: str, events: int) -> str:
    """Return what is signed of a case: the record, the checkpoint's size, the stream, and the number of its events."""
    return f"{checkpoint.origin}\ncase {stream}\nevents {events}\nof the first {checkpoint.size}\n"


def _fails(why: str) -> ProofFails:
    return ProofFails(f"The proof does not hold: {why}.", do="ask for a new proof, and tell whoever keeps the record.")


class ProofFails(BadInput):
    """A proof that can be read and does not hold: the answer is no."""


def _kept(ledger: Ledger, size: int) -> str | None:
    found = ledger.rows("SELECT note FROM checkpoint WHERE size = ?", size)
    return found[0][0] if found else None
