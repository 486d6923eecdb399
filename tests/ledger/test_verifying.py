"""Whatever is changed behind the record's back is found, and said where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from detainer_ledger.ledger import Head, Ledger, NewEvent, make_checkpoint, prove_case, verify
from detainer_ledger.ledger.merkle import leaf_hash
from detainer_ledger.terms import BadInput, StoreError
from tests.records import Clock, tamper


@pytest.fixture
def filled(ledger: Ledger, clock: Clock) -> Ledger:
    for case in range(4):
        head = Head()
        for number in range(5):
            head = ledger.append(
                f"case/{case}",
                [NewEvent(kind="noted", body={"n": number})],
                head=head,
                actor="officer-1",
                role="issuing_officer",
                command=f"{case}-{number}",
            ).head
    make_checkpoint(ledger)
    return ledger


def test_an_untouched_record_verifies(filled: Ledger) -> None:
    found = verify(filled)
    assert found.holds
    assert (found.events, found.sealed, found.checkpoints) == (20, 20, 1)


@pytest.mark.parametrize(
    ("sql", "kind", "stream", "version"),
    [
        ("UPDATE entry SET body = '{\"n\":9}' WHERE stream = 'case/2' AND version = 3", "altered", "case/2", 3),
        ("UPDATE entry SET actor = 'somebody' WHERE stream = 'case/1' AND version = 5", "altered", "case/1", 5),
        ("UPDATE entry SET recorded_at = '2020' WHERE stream = 'case/0' AND version = 1", "altered", "case/0", 1),
        ("DELETE FROM entry WHERE stream = 'case/3' AND version = 2", "missing", "case/3", 2),
        ("DELETE FROM entry WHERE stream = 'case/3' AND version = 5", "missing", None, None),
        ("DELETE FROM seal WHERE position = 7", "missing", None, None),
    ],
)
def test_a_change_is_found_and_named(
    filled: Ledger, sql: str, kind: str, stream: str | None, version: int | None
) -> None:
    tamper(filled, sql)
    found = verify(filled)
    assert not found.holds
    if stream is not None:
        assert any((each.kind, each.stream, each.version) == (kind, stream, version) for each in found.discrepancies)


def test_an_event_put_in_with_all_its_hashes_right_is_found(filled: Ledger) -> None:
    last = filled.events("case/1")[-1]
    text = last.text.replace('"version":5', '"version":6').replace(
        f'"previous":"{last.previous}"', f'"previous":"{last.leaf.hex()}"'
    )
    tamper(
        filled,
        "INSERT INTO entry (stream, version, kind, kind_version, recorded_at, actor, role, command, command_part,"
        " command_digest, previous, body, leaf, mac) SELECT stream, 6, kind, kind_version, recorded_at, actor, role,"
        " 'forged', 0, command_digest, ?, body, ?, mac FROM entry WHERE stream = 'case/1' AND version = 5",
        last.leaf.hex(),
        leaf_hash(text.replace(f'"command":"{last.command}"', '"command":"forged"').encode()),
    )
    found = verify(filled)
    assert ("inserted", "case/1", 6) in {(each.kind, each.stream, each.version) for each in found.discrepancies}


def test_two_events_that_changed_places_are_found(filled: Ledger) -> None:
    tamper(filled, "UPDATE seal SET position = position + 1000 WHERE position IN (3, 4)")
    tamper(filled, "UPDATE seal SET position = CASE position WHEN 1003 THEN 4 ELSE 3 END WHERE position > 1000")
    found = verify(filled)
    assert "reordered" in {each.kind for each in found.discrepancies}
    assert all(each.stream and each.version for each in found.discrepancies if each.kind == "reordered")
    assert min(each.position for each in found.discrepancies if each.position is not None) <= 3


def test_a_record_rewritten_from_end_to_end_differs_from_its_published_checkpoint(filled: Ledger, clock: Clock) -> None:
    published = make_checkpoint(filled)
    assert verify(filled, published=[published]).holds
    tamper(filled, "DELETE FROM checkpoint")
    tamper(filled, "DELETE FROM seal WHERE position >= 18")
    tamper(filled, "DELETE FROM entry WHERE stream = 'case/3' AND version >= 4")
    assert verify(filled).holds, "an end cut off shows only against a checkpoint"
    found = verify(filled, published=[published])
    assert [each.kind for each in found.discrepancies] == ["missing"]
    with pytest.raises(BadInput, match="signature"):
        verify(filled, published=[published.replace("20\n", "18\n", 1)])


def test_a_growing_record_keeps_all_its_checkpoints(filled: Ledger, clock: Clock) -> None:
    notes = [make_checkpoint(filled)]
    for number in range(3):
        clock.forward(hours=1)
        filled.append(
            f"case/9{number}",
            [NewEvent(kind="noted", body={})],
            head=Head(),
            actor="a",
            role="b",
            command=f"more-{number}",
        )
        notes.append(make_checkpoint(filled))
    assert len(set(notes)) == 4
    assert make_checkpoint(filled) == notes[-1]
    assert verify(filled, published=notes).checkpoints == 4


def test_what_others_write_while_a_record_is_verified_is_no_discrepancy(
    filled: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = filled.reading

    def with_a_writer(sql: str, *values: object) -> Iterator[Sequence[Any]]:
        rows = list(reading(sql, *values))
        if "mac" in sql:
            monkeypatch.setattr(filled, "reading", reading)
            filled.append(
                "case/9", [NewEvent(kind="noted", body={})], head=Head(), actor="a", role="auditor", command="meanwhile"
            )
            make_checkpoint(filled)
        yield from rows

    monkeypatch.setattr(filled, "reading", with_a_writer)
    assert verify(filled).discrepancies == ()


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE entry SET version = 'abc' WHERE stream = 'case/2' AND version = 3",
        "UPDATE entry SET kind = 7.5 WHERE stream = 'case/2' AND version = 3",
        "UPDATE entry SET body = x'00ff' WHERE stream = 'case/2' AND version = 3",
        "UPDATE entry SET body = CAST(x'fffe00' AS TEXT) WHERE stream = 'case/2' AND version = 3",
        "UPDATE entry SET body = '{' WHERE stream = 'case/2' AND version = 3",
    ],
)
def test_what_no_event_holds_is_found_and_verification_goes_on(filled: Ledger, sql: str) -> None:
    """SQLite takes anything in any column."""
    tamper(filled, sql)
    tamper(filled, "UPDATE entry SET actor = 'somebody' WHERE stream = 'case/3' AND version = 5")
    found = verify(filled)
    assert "altered" in {each.kind for each in found.discrepancies}
    assert any((each.stream, each.version) == ("case/3", 5) for each in found.discrepancies)
    # Whoever reads afterwards gets text, as before.
    assert [each.said()["n"] for each in filled.events("case/1")] == [0, 1, 2, 3, 4]


def test_an_event_that_is_none_is_told_without_a_traceback_by_whatever_reads_it(filled: Ledger) -> None:
    tamper(filled, "UPDATE entry SET body = '{' WHERE stream = 'case/2' AND version = 3")
    with pytest.raises(StoreError, match="Event 3 of case/2 is not as it was written") as raised:
        [each.said() for each in filled.events("case/2")]
    assert "record verify" in (raised.value.do or "")


def test_no_proof_is_made_of_a_case_that_was_changed(filled: Ledger) -> None:
    tamper(filled, "UPDATE entry SET actor = 'somebody' WHERE stream = 'case/2' AND version = 3")
    with pytest.raises(BadInput, match="cannot be proven") as raised:
        prove_case(filled, "case/2")
    assert "record verify" in (raised.value.do or "")
    assert prove_case(filled, "case/1")["proof"]
