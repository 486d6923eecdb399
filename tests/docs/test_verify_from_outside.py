"""The lines of the how-to check a real proof without this program, and fail on every proof that was changed."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from detainer_ledger.casework import Agency, Command, Done, Record, add_actor, add_agency, create_record
from detainer_ledger.ledger import prove_case
from tests.docs.test_docs import DOCS, blocks

PAGE = DOCS / "how-to" / "verify-from-outside.md"
NOON = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
CASES = 5

Proof = dict[str, Any]


@dataclass(frozen=True)
class Checked:
    code: int
    out: str
    err: str


def check(proof: Proof, folder: Path) -> Checked:
    """Run the page's lines on a proof, in a Python that cannot see this program."""
    (script,) = blocks(PAGE.read_text("utf-8"), "python")
    (folder / "check.py").write_text(script, "utf-8")
    (folder / "proof.json").write_text(json.dumps(proof), "utf-8")
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "check.py", "proof.json"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return Checked(code=ran.returncode, out=ran.stdout, err=ran.stderr)


def done(record: Record, kind: str, case: str | None, who: str, **values: object) -> str:
    given = record.do(Command(kind=kind, case=case, values={"at": "2026-03-02T11:00", **values}, zone="agency"), who)
    assert isinstance(given, Done)
    return given.case


@pytest.fixture(scope="module")
def proofs(tmp_path_factory: pytest.TempPathFactory) -> list[Proof]:
    """Return the proofs of all cases of a record, which have their events between those of others."""
    folder = tmp_path_factory.mktemp("record")
    record = create_record(
        str(folder / "record.db"), folder / "keys", origin="test.example/record", administrator="ada", now=lambda: NOON
    )
    try:
        add_agency(record, "ada", Agency(id="oak-jail", name="OAK COUNTY JAIL", state="ND", zone="America/Chicago"))
        add_actor(record, "ada", name="jill", role="receiving_agency", agency="oak-jail")
        received = {"agency": "oak-jail", "form": "I-247A", "issued_on": "2026-03-02"}
        cases = [done(record, "receive", None, "jill", **received, offence="Straßenraub") for _ in range(CASES)]
        for case in cases:
            done(record, "acknowledge", case, "jill")
        for case in cases:
            done(record, "answer", case, "jill", answer="decline", reason="not_stated", legal_basis="none_stated")
        return [json.loads(json.dumps(prove_case(record.ledger, f"case/{case}"))) for case in cases]
    finally:
        record.close()


@pytest.mark.parametrize("place", range(CASES))
def test_a_proof_holds(proofs: list[Proof], place: int, tmp_path: Path) -> None:
    checked = check(proofs[place], tmp_path)
    assert (checked.code, checked.err) == (0, "")
    assert checked.out.splitlines()[-1].startswith("3 events of case/D-")
    assert "'reason': 'not_stated'" in checked.out


def reword(proof: Proof) -> None:
    proof["events"][2]["event"] = proof["events"][2]["event"].replace("decline", "honor")


def move(proof: Proof) -> None:
    proof["events"][1]["position"] += 1


def shorten(proof: Proof) -> None:
    proof["events"][1]["path"].pop()


def lengthen(proof: Proof) -> None:
    proof["events"][1]["path"].append("00" * 32)


def turn_a_hash(proof: Proof) -> None:
    first = proof["events"][0]["path"][0]
    proof["events"][0]["path"][0] = ("1" if first[0] == "0" else "0") + first[1:]


def leave_out(proof: Proof) -> None:
    del proof["events"][1]


def leave_the_first_out(proof: Proof) -> None:
    del proof["events"][0]


def swap(proof: Proof) -> None:
    proof["events"][0], proof["events"][1] = proof["events"][1], proof["events"][0]


def repeat(proof: Proof) -> None:
    proof["events"].insert(1, proof["events"][0])


def other_root(proof: Proof) -> None:
    lines = proof["checkpoint"].split("\n")
    lines[2] = base64.b64encode(bytes(32)).decode()
    proof["checkpoint"] = "\n".join(lines)


def smaller_tree(proof: Proof) -> None:
    lines = proof["checkpoint"].split("\n")
    lines[1] = "3"
    proof["checkpoint"] = "\n".join(lines)


CHANGES: tuple[Callable[[Proof], None], ...] = (
    reword,
    move,
    shorten,
    lengthen,
    turn_a_hash,
    leave_out,
    leave_the_first_out,
    swap,
    repeat,
    other_root,
    smaller_tree,
)


@pytest.mark.parametrize("change", CHANGES)
def test_a_proof_that_was_changed_does_not_hold(
    proofs: list[Proof], change: Callable[[Proof], None], tmp_path: Path
) -> None:
    changed = json.loads(json.dumps(proofs[1]))
    change(changed)
    assert changed != proofs[1]
    checked = check(changed, tmp_path)
    assert checked.code == 1
    assert checked.err.startswith("Event ")
    assert "Traceback" not in checked.err


def test_events_of_two_cases_are_no_proof_of_one(proofs: list[Proof], tmp_path: Path) -> None:
    mixed = json.loads(json.dumps(proofs[0]))
    mixed["events"][1:] = proofs[1]["events"][1:]
    assert check(mixed, tmp_path).code == 1


def test_a_proof_from_which_the_last_event_was_taken_does_not_hold(proofs: list[Proof], tmp_path: Path) -> None:
    early = json.loads(json.dumps(proofs[0]))
    early["events"].pop()
    checked = check(early, tmp_path)
    assert (checked.code, checked.err) == (1, "The case has another number of events.\n")
