"""The keys of a record: one that signs checkpoints, and one secret from which the others are derived.

They stand in a folder of their own, apart from the database: whoever has only the database can neither sign, nor read a
person's fields, nor add an event that verifies.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from detainer_ledger.terms import BadInput

_SIGNING = "signing-key.pem"
_PUBLIC = "public-key.pem"
_SECRET = "secret.key"  # noqa: S105 - the name of a file


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Keys:
    """The keys of a record. Never printed."""

    signing: Ed25519PrivateKey
    secret: bytes

    @property
    def public(self) -> Ed25519PublicKey:
        """Return the key with which anybody can check a checkpoint."""
        return self.signing.public_key()

    def derived(self, purpose: str) -> bytes:
        """Return the 32 bytes of secret for a purpose (one step of HKDF, RFC 5869, with SHA-256)."""
        return hmac.new(self.secret, purpose.encode() + b"\x01", hashlib.sha256).digest()


def make_keys(folder: Path) -> Keys:
    """Make new keys in a folder that only its owner can read. Raises BadInput where there are keys already."""
    if any((folder / name).exists() for name in (_SIGNING, _SECRET)):
        raise BadInput(
            "There are keys already.", folder=str(folder), do="name another folder, or use the record there."
        )
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    keys = Keys(signing=Ed25519PrivateKey.generate(), secret=secrets.token_bytes(32))
    _write(folder / _SIGNING, keys.signing.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    _write(folder / _SECRET, keys.secret.hex().encode() + b"\n")
    (folder / _PUBLIC).write_bytes(public_pem(keys.public))
    return keys


def remove_keys(folder: Path) -> None:
    """Remove keys that were made just now for a record that could not be made."""
    for name in (_SIGNING, _SECRET, _PUBLIC):
        (folder / name).unlink(missing_ok=True)
    with suppress(OSError):
        folder.rmdir()


def read_keys(folder: Path) -> Keys:
    """Read the keys of a folder. Raises BadInput where they are missing or damaged."""
    try:
        signing = load_pem_private_key((folder / _SIGNING).read_bytes(), password=None)
        secret = bytes.fromhex((folder / _SECRET).read_text("ascii").strip())
    except OSError as error:
        raise BadInput(
            f"The record's keys cannot be read: {error.strerror}.",
            folder=str(folder),
            do="name the folder of keys that 'detainer record init' made, with --keys or DETAINER_KEYS.",
        ) from None
    except ValueError:
        signing, secret = None, b""
    if not isinstance(signing, Ed25519PrivateKey) or len(secret) != 32:
        raise BadInput("The record's keys are damaged.", folder=str(folder), do="take them from their backup.")
    return Keys(signing=signing, secret=secret)


def public_pem(key: Ed25519PublicKey) -> bytes:
    """Return a public key as PEM."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def read_public_key(path: Path) -> Ed25519PublicKey:
    """Read a public key from a PEM file. Raises BadInput where it is none."""
    try:
        key = load_pem_public_key(path.read_bytes())
    except OSError as error:
        raise BadInput(
            f"The public key cannot be read: {error.strerror}.", file=str(path), do="look at the path."
        ) from None
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise BadInput("This is no Ed25519 public key.", file=path.name, do="give the public-key.pem of the record.")
    return key


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(content)
