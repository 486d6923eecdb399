"""Personal fields, apart from events: encrypted with a key per person, which can be erased.

A person's fields are encrypted with AES-256-GCM under a key of that person's own; the key is stored encrypted under the
record's secret. Without the key the fields are noise: erasing it erases the person, in the database and in every copy
of it that does not have the key, while the events, which name a person by a random id alone, still verify and count.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from contextlib import suppress

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from detainer_ledger.ledger.events import canonical
from detainer_ledger.ledger.store import Ledger, Statement
from detainer_ledger.terms import StoreError

_NONCE_BYTES = 12


def keeping_person(ledger: Ledger, fields: Mapping[str, str]) -> tuple[str, tuple[Statement, ...]]:
    """Return a new person's random id, and the statements that store the encrypted fields with the person's event."""
    person = "p-" + secrets.token_hex(12)
    key = AESGCM.generate_key(bit_length=256)
    sealed = _encrypt(key, person, canonical(fields).encode())
    wrapped = _encrypt(_wrapping_key(ledger), person, key)
    return person, (
        ("INSERT INTO person (id, sealed) VALUES (?, ?)", (person, sealed)),
        ("INSERT INTO person_key (id, wrapped) VALUES (?, ?)", (person, wrapped)),
    )


def erasing_person(person: str) -> tuple[Statement, ...]:
    """Return the statements that erase a person's key with the event that says so."""
    return (("DELETE FROM person_key WHERE id = ?", (person,)),)


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


def readable_persons(ledger: Ledger) -> frozenset[str]:
    """Return the ids of the people whose fields can be read: they and their keys are there, and as they were sealed."""
    wrapping = _wrapping_key(ledger)
    found = set()
    for person, sealed, wrapped in ledger.reading(
        "SELECT p.id, p.sealed, k.wrapped FROM person AS p JOIN person_key AS k ON k.id = p.id"
    ):
        with suppress(InvalidTag, ValueError):
            _decrypt(_decrypt(wrapping, person, bytes(wrapped)), person, bytes(sealed))
            found.add(person)
    return frozenset(found)


def _wrapping_key(ledger: Ledger) -> bytes:
    return ledger.keys.derived("people")


def _encrypt(key: bytes, person: str, content: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, content, person.encode())


def _decrypt(key: bytes, person: str, sealed: bytes) -> bytes:
    return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], person.encode())
