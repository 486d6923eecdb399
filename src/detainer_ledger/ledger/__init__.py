"""Append-only events and their proof: streams, hashes, checkpoints, personal fields apart. Knows no policy."""

from detainer_ledger.ledger.backup import Backup, back_up, keys_beside, read_backup, restore
from detainer_ledger.ledger.checkpoints import Checkpoint, read_checkpoint
from detainer_ledger.ledger.events import Event, Head, NewEvent, canonical
from detainer_ledger.ledger.keys import Keys, make_keys, read_keys, read_public_key, remove_keys
from detainer_ledger.ledger.opening import create_ledger, open_ledger
from detainer_ledger.ledger.people import erasing_person, keeping_person, read_person, readable_persons
from detainer_ledger.ledger.proofs import ProofFails, Proven, check_proof, make_checkpoint, prove_case, prove_growth
from detainer_ledger.ledger.schema import OWN_KEY
from detainer_ledger.ledger.statements import ViewRow
from detainer_ledger.ledger.store import Appended, Conflict, Ledger, Statement, instant_text
from detainer_ledger.ledger.verifying import Discrepancy, Verification, verify

__all__ = [
    "OWN_KEY",
    "Appended",
    "Backup",
    "Checkpoint",
    "Conflict",
    "Discrepancy",
    "Event",
    "Head",
    "Keys",
    "Ledger",
    "NewEvent",
    "ProofFails",
    "Proven",
    "Statement",
    "Verification",
    "ViewRow",
    "back_up",
    "canonical",
    "check_proof",
    "create_ledger",
    "erasing_person",
    "instant_text",
    "keeping_person",
    "keys_beside",
    "make_checkpoint",
    "make_keys",
    "open_ledger",
    "prove_case",
    "prove_growth",
    "read_backup",
    "read_checkpoint",
    "read_keys",
    "read_person",
    "read_public_key",
    "readable_persons",
    "remove_keys",
    "restore",
    "verify",
]
