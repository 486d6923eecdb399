"""Signed checkpoints: one line of text says how many events a record has and what their root is.

A checkpoint is a signed note as transparency logs write it (C2SP, ``tlog-checkpoint`` and ``signed-note``): the name of
the record, the number of events, the root in base64, the instant, an empty line, and a line with the signature.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from detainer_ledger.terms import BadInput

_ED25519 = b"\x01"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What a checkpoint says: the record's name, its number of events, their root, and when it was made (UTC)."""

    origin: str
    size: int
    root: bytes
    made_at: str

    @property
    def text(self) -> str:
        """Return the text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\nmade {self.made_at}\n"


def sign(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> str:
    """Return a checkpoint with its signature, as text that can be published."""
    return sign_text(checkpoint.text, checkpoint.origin, key)


def sign_text(text: str, name: str, key: Ed25519PrivateKey) -> str:
    """Return lines of text with a signature under them, in the name of a record."""
    signature = _key_id(name, key.public_key()) + key.sign(text.encode())
    return f"{text}\n— {name} {base64.b64encode(signature).decode()}\n"


def is_signed_text(note: str, name: str, key: Ed25519PublicKey) -> bool:
    """Tell whether lines of text have under them a signature of this key, in the name of a record."""
    text, _, signatures = note.partition("\n\n")
    return any(_is_signed(f"{text}\n", name, line, key) for line in signatures.splitlines())


def read_checkpoint(note: str, key: Ed25519PublicKey | None) -> Checkpoint:
    """Return what a published checkpoint says, its signature checked with the key if there is one.

    Raises BadInput for text that is no checkpoint, or whose signature is not the key's.
    """
    text, found, signatures = note.replace("\r\n", "\n").partition("\n\n")
    lines = text.split("\n")
    try:
        origin, size, root_text, made = lines
        checkpoint = Checkpoint(
            origin=origin,
            size=int(size),
            root=base64.b64decode(root_text, validate=True),
            made_at=made.removeprefix("made "),
        )
    except ValueError:
        checkpoint = None
    if checkpoint is None or not found or len(checkpoint.root) != 32 or checkpoint.size < 0:
        raise BadInput("This is no checkpoint.", do="give the text that 'detainer record checkpoint' prints, whole.")
    signed = [line for line in signatures.splitlines() if key and _is_signed(checkpoint.text, origin, line, key)]
    if key is not None and not signed:
        raise BadInput(
            "The checkpoint's signature is not that of this key: it was changed, or another record signed it.",
            do="get the checkpoint again from where it was published, and the public key from the record's owner.",
        )
    return checkpoint


def _is_signed(text: str, name: str, line: str, key: Ed25519PublicKey) -> bool:
    parts = line.split(" ")
    if len(parts) < 3 or parts[0] != "—":
        return False
    try:
        signature = base64.b64decode(parts[-1], validate=True)
        key.verify(signature[4:], text.encode())
    except (ValueError, InvalidSignature):
        return False
    return signature[:4] == _key_id(name, key)


def _key_id(name: str, key: Ed25519PublicKey) -> bytes:
    raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + raw).digest()[:4]
