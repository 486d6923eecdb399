"""Personal fields, apart from events: encrypted with a key per person, which can be erased.

A person's fields are encrypted with AES-256-GCM under a key of that person's own; the key is stored encrypted under the
record's secret. Without the key the fields are noise: erasing it erases the person, in the database and in every copy
of it that does not have the key, while the events, which name a person by a random id alone, still verify and count.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from detainer_ledger.ledger.events import canonical
from detainer_ledger.ledger.store import Ledger
from detainer_ledger.terms import StoreError

_NONCE_BYTES = 12


def keep_person(ledger: Ledger, fields: Mapping[str, str]) -> str:
    """Encrypt and store a person's fields under a new key, and return the person's random id."""
    person = "p-" + secrets.token_hex(12)
    key = AESGCM.generate_key(bit_length=256)
    sealed = _encrypt(key, person, canonical(fields).encode())
    wrapped = _encrypt(_wrapping_key(ledger), person, key)
    with ledger.writing() as cursor:
        cursor.execute(ledger.sql("INSERT INTO person (id, sealed) VALUES (?, ?)"), (person, sealed))
        cursor.execute(ledger.sql("INSERT INTO person_key (id, wrapped) VALUES (?, ?)"), (person, wrapped))
    return person


def read_person(ledger: Ledger, person: str) -> Mapping[str, str] | None:
    """Return a person's fields; None where the person was erased or is unknown. Raises StoreError if damaged."""
    found = list(
        ledger.reading(
            "SELECT p.sealed, k.wrapped FROM person AS p JOIN person_key AS k ON k.id = p.id WHERE p.id = ?", person
        )
    )
    if not found:
        return None
    try:
        key = _decrypt(_wrapping_key(ledger), person, bytes(found[0][1]))
        fields: Mapping[str, str] = json.loads(_decrypt(key, person, bytes(found[0][0])))
    except (InvalidTag, ValueError):
        raise StoreError(
            "A person's fields cannot be read: they were changed, or the keys are those of another record.",
            record=ledger.place,
            do="use the keys that the record was made with, or a backup.",
        ) from None
    return fields


def erase_person(ledger: Ledger, person: str) -> bool:
    """Erase a person's key, and tell whether there was one; the encrypted fields that stay behind are noise."""
    with ledger.erasing() as cursor:
        cursor.execute(ledger.sql("DELETE FROM person_key WHERE id = ?"), (person,))
        return cursor.rowcount > 0


def _wrapping_key(ledger: Ledger) -> bytes:
    return ledger.keys.derived("people")


def _encrypt(key: bytes, person: str, content: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, content, person.encode())


def _decrypt(key: bytes, person: str, sealed: bytes) -> bytes:
    return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], person.encode())
