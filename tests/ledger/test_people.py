"""Personal fields stand apart from events, encrypted, and can be erased while the record still verifies."""

from __future__ import annotations

from pathlib import Path

import pytest

from detainer_ledger.ledger import (
    Head,
    Ledger,
    NewEvent,
    make_keys,
    read_keys,
    read_person,
    verify,
)
from detainer_ledger.terms import BadInput, StoreError
from tests.records import Place, erase_person, keep_person, tamper

FIELDS = {"name": "Example Person (synthetic)", "birth_date": "1990-01-02"}


def test_fields_come_back_until_the_key_is_erased(ledger: Ledger) -> None:
    person = keep_person(ledger, FIELDS)
    ledger.append(
        "case/1", [NewEvent(kind="a", body={"person": person})], head=Head(), actor="x", role="y", command="1"
    )
    assert read_person(ledger, person) == FIELDS
    erase_person(ledger, person)
    assert read_person(ledger, person) is None
    assert verify(ledger).holds


def test_the_database_alone_shows_nobodys_fields(ledger: Ledger, place: Place, tmp_path: Path) -> None:
    person = keep_person(ledger, FIELDS)
    for table in ("person", "person_key"):
        for row in ledger.reading(f"SELECT * FROM {table}"):
            assert b"Example" not in b"".join(bytes(value) for value in row if not isinstance(value, str))
    stranger = Ledger(ledger.engine, make_keys(tmp_path / "other"), origin=ledger.origin, now=ledger.now)
    with pytest.raises(StoreError, match="cannot be read"):
        read_person(stranger, person)
    stranger.close()


def test_one_persons_fields_cannot_be_put_under_another(ledger: Ledger) -> None:
    first, second = keep_person(ledger, FIELDS), keep_person(ledger, {"name": "Another (synthetic)"})
    tamper(ledger, "UPDATE person SET sealed = (SELECT sealed FROM person WHERE id = ?) WHERE id = ?", first, second)
    with pytest.raises(StoreError, match="were changed"):
        read_person(ledger, second)


def test_keys_are_made_once_and_read_by_their_owner_alone(tmp_path: Path) -> None:
    made = make_keys(tmp_path / "keys")
    assert read_keys(tmp_path / "keys").secret == made.secret
    assert (tmp_path / "keys" / "secret.key").stat().st_mode & 0o077 == 0
    assert (tmp_path / "keys" / "signing-key.pem").stat().st_mode & 0o077 == 0
    with pytest.raises(BadInput, match="keys already"):
        make_keys(tmp_path / "keys")
    (tmp_path / "keys" / "secret.key").write_text("abc")
    with pytest.raises(BadInput, match="damaged"):
        read_keys(tmp_path / "keys")
    with pytest.raises(BadInput, match="cannot be read"):
        read_keys(tmp_path / "none")
