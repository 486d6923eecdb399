"""Somebody who has only a checkpoint and a proof can check one case, and learns nothing about another."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from detainer_ledger.ledger import (
    Head,
    Ledger,
    NewEvent,
    ProofFails,
    check_proof,
    make_checkpoint,
    prove_case,
    prove_growth,
    read_checkpoint,
)
from detainer_ledger.ledger.checkpoints import sign
from detainer_ledger.terms import BadInput
from tests.records import Clock


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    heads = {case: Head() for case in range(3)}
    for number in range(7):
        for case, head in heads.items():
            heads[case] = ledger.append(
                f"case/{case}",
                [NewEvent(kind="noted", body={"secret": f"of case {case}", "n": number})],
                head=head,
                actor="officer-1",
                role="issuing_officer",
                command=f"{case}-{number}",
            ).head
    return ledger


def test_a_case_is_proven_with_nothing_about_any_other(filled: Ledger) -> None:
    proof = json.loads(json.dumps(prove_case(filled, "case/1")))
    shown = check_proof(proof, filled.keys.public, published=make_checkpoint(filled))
    assert [event["body"]["n"] for event in shown.events] == list(range(7))
    assert "of case 0" not in json.dumps(proof)
    assert "of case 2" not in json.dumps(proof)


def test_the_proof_can_be_checked_with_hashes_alone(filled: Ledger) -> None:
    """As the how-to tells an outsider to do it, without this program."""
    proof = prove_case(filled, "case/2")
    root = base64.b64decode(str(proof["checkpoint"]).split("\n")[2])
    size = int(str(proof["checkpoint"]).split("\n")[1])
    for each in proof["events"]:
        found = hashlib.sha256(b"\x00" + each["event"].encode()).digest()
        place, last = each["position"], size - 1
        for step in map(bytes.fromhex, each["path"]):
            while place == last and place % 2 == 0:
                place, last = place // 2, last // 2
            pair = step + found if place % 2 else found + step
            found = hashlib.sha256(b"\x01" + pair).digest()
            place, last = place // 2, last // 2
        assert found == root


def changed(proof: Mapping[str, Any], change: str) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(proof))
    events = copy["events"]
    if change == "text":
        events[2]["event"] = events[2]["event"].replace('"n":2', '"n":3')
    elif change == "left out":
        del events[3]
    elif change == "order":
        events[0], events[1] = events[1], events[0]
    elif change == "path":
        events[4]["path"][0] = "00" * 32
    elif change == "position":
        events[4]["position"] += 1
    elif change == "cut at the end":
        events.pop()
    elif change == "fewer said":
        events.pop()
        copy["case"] = copy["case"].replace("events 7", "events 6")
    elif change == "none":
        events.clear()
    return copy


@pytest.mark.parametrize(
    "change", ["text", "left out", "order", "path", "position", "cut at the end", "fewer said", "none"]
)
def test_a_changed_proof_proves_nothing(filled: Ledger, change: str) -> None:
    with pytest.raises(ProofFails, match="does not hold"):
        check_proof(changed(prove_case(filled, "case/1"), change), filled.keys.public)


def test_a_proof_rests_on_the_checkpoint_that_was_published(filled: Ledger, clock: Clock) -> None:
    published = make_checkpoint(filled)
    clock.forward(hours=1)
    filled.append("case/9", [NewEvent(kind="n", body={})], head=Head(), actor="a", role="b", command="late")
    proof = prove_case(filled, "case/1")
    check_proof(proof, filled.keys.public)
    with pytest.raises(ProofFails, match="rests on a later checkpoint"):
        check_proof(proof, filled.keys.public, published=published)


def test_a_later_checkpoint_is_proven_to_contain_an_earlier_one(filled: Ledger, clock: Clock) -> None:
    earlier = make_checkpoint(filled)
    clock.forward(hours=1)
    for number in range(5):
        filled.append(
            f"case/8{number}", [NewEvent(kind="n", body={})], head=Head(), actor="a", role="b", command=f"l{number}"
        )
    proof: dict[str, Any] = json.loads(json.dumps(prove_growth(filled, earlier)))
    shown = check_proof(proof, filled.keys.public)
    assert shown.earlier is not None
    assert (shown.earlier.size, shown.checkpoint.size) == (21, 26)
    proof["path"] = proof["path"][:-1]
    with pytest.raises(ProofFails, match="not the beginning"):
        check_proof(proof, filled.keys.public)


def test_growth_is_proven_to_whoever_kept_one_of_its_checkpoints_and_to_nobody_else(
    filled: Ledger, clock: Clock
) -> None:
    earlier = make_checkpoint(filled)
    filled.append(
        "case/9", [NewEvent(kind="noted", body={})], head=Head(), actor="a", role="auditor", command="one-more"
    )
    proof: dict[str, Any] = json.loads(json.dumps(prove_growth(filled, earlier)))
    for mine in (earlier, proof["checkpoint"]):
        assert check_proof(proof, filled.keys.public, published=mine).events == ()
    told = read_checkpoint(earlier, filled.keys.public)
    rewritten = sign(replace(told, root=bytes(32)), filled.keys.signing)
    with pytest.raises(ProofFails, match="neither"):
        check_proof(proof, filled.keys.public, published=rewritten)


def test_a_proof_has_every_event_of_which_it_says_that_there_are_no_more(
    filled: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An event is added while the proof is made: it is in the proof, or not under its checkpoint."""
    seal = filled.seal

    def added_before() -> int:
        monkeypatch.setattr(filled, "seal", seal)
        filled.append(
            "case/1",
            [NewEvent(kind="noted", body={"n": 7})],
            head=filled.head("case/1"),
            actor="officer-1",
            role="issuing_officer",
            command="late",
        )
        return seal()

    monkeypatch.setattr(filled, "seal", added_before)
    proof = json.loads(json.dumps(prove_case(filled, "case/1")))
    shown = check_proof(proof, filled.keys.public)
    assert [event["body"]["n"] for event in shown.events] == list(range(8))


@pytest.mark.parametrize("text", ["", "x", "a\nb\nc\nd\n\n", "a\n1\nAAAA\nmade x\n\n— a b\n"])
def test_what_is_no_checkpoint_is_refused(filled: Ledger, text: str) -> None:
    with pytest.raises(BadInput, match="no checkpoint"):
        prove_growth(filled, text)


@pytest.mark.parametrize("proof", [{}, {"proof": "x"}, {"checkpoint": 1}, {"checkpoint": "a", "events": 3}])
def test_what_is_no_proof_is_refused(filled: Ledger, proof: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        check_proof(proof, filled.keys.public)


def test_an_unknown_case_is_refused(filled: Ledger) -> None:
    with pytest.raises(BadInput, match="no case"):
        prove_case(filled, "case/none")
