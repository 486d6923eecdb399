"""What can be shown of a record: that it is whole, that a case is in it, and that a copy is the same."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from detainer_ledger.casework import open_record
from tests.cli.record_desk import HELD, PERSON, TAKEN, Desk, bare_desk, set_up
from tests.records import tamper

Proof = dict[str, Any]


def change(desk: Desk, sql: str, *values: object) -> None:
    record = open_record(desk.url, desk.keys, now=desk.clock)
    tamper(record.ledger, sql, *values)
    record.ledger.close()


# ---------------------------------------------------------------- verify


def test_a_record_that_is_whole_verifies_with_exit_code_0(desk: Desk) -> None:
    desk.walk(TAKEN)
    desk.record("checkpoint", "--as", "aud")
    said = desk.record("verify").out
    # Two agencies and six people were added, and a case of nine events.
    assert said == "The record verifies: 17 events, each as recorded; 1 checkpoint holds.\n"
    found = desk.json("verify")
    assert {name: found[name] for name in ("holds", "events", "checkpoints", "discrepancies")} == {
        "holds": True,
        "events": 17,
        "checkpoints": 1,
        "discrepancies": [],
    }
    assert len(found["root"]) == 64


@pytest.mark.parametrize(
    ("kind", "sql", "sentence"),
    [
        (
            "altered",
            "UPDATE entry SET body = replace(body, 'burglary', 'fraud') WHERE stream = ? AND version = 1",
            "Event 1 of {stream} does not say what was recorded.",
        ),
        ("missing", "DELETE FROM entry WHERE stream = ? AND version = 3", "Event 3 of {stream} is missing."),
        (
            "altered",
            "UPDATE entry SET recorded_at = '2026-02-20T00:00:00.000000Z' WHERE stream = ? AND version = 5",
            "Event 5 of {stream} does not say what was recorded.",
        ),
        (
            "altered",
            "UPDATE entry SET actor = 'somebody else' WHERE stream = ? AND version = 4",
            "Event 4 of {stream} does not say what was recorded.",
        ),
    ],
)
def test_what_was_changed_behind_the_record_is_found_and_named(desk: Desk, kind: str, sql: str, sentence: str) -> None:
    stream = f"case/{desk.walk(TAKEN)}"
    desk.record("verify")
    change(desk, sql, stream)
    said = desk.record("verify", code=1).out
    assert said.startswith("The record does NOT verify. ")
    assert f"  {kind}: {sentence.format(stream=stream)}\n" in said
    found = json.loads(desk.record("verify", "--json", code=1).out)
    assert found["holds"] is False
    told = next(each for each in found["discrepancies"] if each["sentence"] == sentence.format(stream=stream))
    assert (told["kind"], told["case"]) == (kind, stream)


def test_a_record_that_lost_its_last_events_shows_against_a_published_checkpoint(desk: Desk) -> None:
    case = desk.walk(TAKEN)
    published = desk.folder / "published.txt"
    desk.record("checkpoint", "--out", published, "--as", "aud")
    for sql in (
        "DELETE FROM seal WHERE entry IN (SELECT id FROM entry WHERE stream = ? AND version = 9)",
        "DELETE FROM entry WHERE stream = ? AND version = 9",
    ):
        change(desk, sql, f"case/{case}")
    change(desk, "DELETE FROM checkpoint")
    # The lists still know; whoever makes them anew takes that away, too.
    assert "Lists and queues do NOT show" in desk.record("verify", code=1).out
    desk.record("rebuild", "--as", "ada")
    desk.record("verify")
    said = desk.record("verify", "--checkpoint", published, code=1).out
    assert "1 events are missing that the checkpoint of" in said


def test_a_text_that_is_no_checkpoint_is_bad_input(shared: Desk) -> None:
    said = shared.refusal("verify", "--checkpoint", shared.file("note.txt", "hello\n"))
    assert "This is no checkpoint." in said
    assert "The file cannot be read" in shared.refusal("verify", "--checkpoint", shared.folder / "none.txt")


# ---------------------------------------------------------------- checkpoints


def test_a_checkpoint_names_the_record_and_says_nothing_of_any_case(shared: Desk) -> None:
    case = shared.arrest()
    note = shared.record("checkpoint", "--as", "aud").out
    assert note.startswith("test.example/record\n")
    assert case not in note
    again = shared.folder / "again.txt"
    assert str(again) in shared.record("checkpoint", "--out", again, "--as", "ada").out
    assert again.read_text() == note


@pytest.mark.parametrize("asked", ["checkpoint", "prove"])
def test_a_file_that_is_there_already_is_not_written_over(shared: Desk, asked: str) -> None:
    case = shared.arrest()
    kept = shared.file(f"{asked}.txt", "kept from last month\n")
    more = (case,) if asked == "prove" else ()
    assert "There is such a file already." in shared.refusal(asked, *more, "--out", kept, "--as", "aud")
    assert kept.read_text() == "kept from last month\n"


# ---------------------------------------------------------------- proofs


def proof_of(desk: Desk, case: str) -> Proof:
    target = desk.folder / f"proof-{case}.json"
    target.unlink(missing_ok=True)
    desk.record("prove", case, "--out", target, "--as", "olga")
    told: Proof = json.loads(target.read_text())
    return told


def check(desk: Desk, proof: Proof | str, *more: str | Path, code: int) -> str:
    path = desk.file("given.json", proof if isinstance(proof, str) else json.dumps(proof))
    ran = desk.record("check", path, "--public-key", desk.keys / "public-key.pem", *more, code=code)
    assert (ran.out == "") == (code != 0)
    return ran.out + ran.err


def test_a_proof_holds_without_the_record_and_shows_every_event(shared: Desk, tmp_path: Path) -> None:
    case = shared.walk(TAKEN)
    proof = proof_of(shared, case)
    elsewhere = bare_desk(tmp_path)
    key = elsewhere.file("public-key.pem", (shared.keys / "public-key.pem").read_bytes())
    given = elsewhere.file("proof.json", json.dumps(proof))
    said = elsewhere.record("check", given, "--public-key", key).out
    assert said.startswith("The proof holds: 9 events are in the checkpoint of ")
    assert "test.example/record, none left out between them." in said
    assert [line.split()[3] for line in said.splitlines()[1:]] == [
        "arrest_recorded", "citizenship_examined", "probable_cause_established", "warrant_attached", "issued",
        "served_on_agency", "answered", "hold_began", "custody_taken",
    ]  # fmt: skip
    assert list(tmp_path.glob("record*")) == []


def test_a_proof_has_no_personal_value_and_no_other_case(shared: Desk) -> None:
    other, case = shared.arrest(), shared.walk(TAKEN)
    text = json.dumps(proof_of(shared, case))
    assert other not in text
    for value in PERSON.values():
        assert value not in text


def without_an_event(proof: Proof) -> None:
    del proof["events"][2]


def with_two_events_exchanged(proof: Proof) -> None:
    proof["events"][1], proof["events"][2] = proof["events"][2], proof["events"][1]


def with_a_changed_event(proof: Proof) -> None:
    proof["events"][0]["event"] = proof["events"][0]["event"].replace("burglary", "fraud")


def with_another_position(proof: Proof) -> None:
    proof["events"][0]["position"] += 1


def with_a_changed_path(proof: Proof) -> None:
    path = proof["events"][0]["path"]
    path[0] = "00" * 32


def without_events(proof: Proof) -> None:
    proof["events"] = []


@pytest.mark.parametrize(
    "changed",
    [without_an_event, with_two_events_exchanged, with_a_changed_event, with_another_position, with_a_changed_path,
     without_events],
)  # fmt: skip
def test_a_changed_proof_does_not_hold_and_leaves_with_exit_code_1(
    shared: Desk, changed: Callable[[Proof], None]
) -> None:
    proof = proof_of(shared, shared.walk(TAKEN))
    check(shared, proof, code=0)
    changed(proof)
    said = check(shared, proof, code=1)
    assert said.startswith("The proof does not hold: ")
    assert "to do: ask for a new proof" in said


def test_a_proof_on_a_forged_checkpoint_does_not_hold(shared: Desk) -> None:
    proof = proof_of(shared, shared.walk(TAKEN))
    lines = proof["checkpoint"].splitlines()
    lines[1] = str(int(lines[1]) + 1)
    check(shared, {**proof, "checkpoint": "\n".join(lines) + "\n"}, code=1)


def test_a_proof_that_rests_on_another_checkpoint_than_the_published_one_does_not_hold(desk: Desk) -> None:
    case = desk.walk(HELD)
    published = desk.folder / "published.txt"
    desk.record("checkpoint", "--out", published, "--as", "aud")
    first = proof_of(desk, case)
    assert "The proof holds" in check(desk, first, "--checkpoint", published, code=0)
    desk.record("act", case, "take_custody", "at=2026-03-02T08:00", "--as", "olga")
    said = check(desk, proof_of(desk, case), "--checkpoint", published, code=1)
    assert "The proof rests on a later checkpoint, over 17 events, than the one given, over 16." in said
    assert "ask for the proof of growth since yours" in said
    published.write_text(first["checkpoint"].replace("test.example/record", "other.example/record", 1))
    check(desk, first, "--checkpoint", published, code=2)


@pytest.mark.parametrize(
    "garbage",
    ["", "hello", "[]", "{}", '{"proof": 1}', '{"proof": "detainer-ledger case proof 1", "checkpoint": "x"}', "null"],
)
def test_what_is_no_proof_is_bad_input(shared: Desk, garbage: str) -> None:
    said = check(shared, garbage, code=2)
    assert "This is no" in said
    assert "to do: " in said


def test_json_nested_too_deeply_is_bad_input(shared: Desk) -> None:
    deep = shared.file("deep.json", "[" * 200_000)
    shared.refusal("check", deep, "--public-key", shared.keys / "public-key.pem")


def test_a_missing_proof_or_key_is_bad_input(shared: Desk) -> None:
    none = shared.folder / "none"
    some = shared.file("some.json", "{}")
    assert "The file cannot be read" in shared.refusal("check", none, "--public-key", shared.keys / "public-key.pem")
    assert "The public key cannot be read" in shared.refusal("check", some, "--public-key", none)
    assert "This is no Ed25519 public key." in shared.refusal("check", some, "--public-key", some)


def test_growth_is_proven_and_a_changed_past_is_not(desk: Desk) -> None:
    case = desk.walk(HELD)
    published, growth = desk.folder / "published.txt", desk.folder / "growth.json"
    desk.record("checkpoint", "--out", published, "--as", "aud")
    desk.record("act", case, "take_custody", "at=2026-03-02T08:00", "--as", "olga")
    desk.record("prove", "--since", published, "--out", growth, "--as", "aud")
    said = check(desk, growth.read_text(), code=0)
    assert "The proof holds: the first 16 events of the checkpoint of" in said
    told = json.loads(growth.read_text())
    told["path"][0] = "00" * 32
    assert "the earlier tree is not the beginning of the later one" in check(desk, told, code=1)


def test_a_case_or_a_checkpoint_is_proven_and_not_both_or_neither(shared: Desk) -> None:
    case = shared.arrest()
    out = ("--out", shared.folder / "out.json", "--as", "aud")
    for given in ((), (case, "--since", str(shared.folder / "x.txt"))):
        assert "Either a case is proven, or growth since a checkpoint." in shared.refusal("prove", *given, *out)
    assert not (shared.folder / "out.json").exists()


# ---------------------------------------------------------------- backup, restore, rebuild


def test_a_backup_says_how_many_events_and_keys_it_holds_and_can_be_read(desk: Desk) -> None:
    desk.walk(TAKEN)
    said = desk.record("backup", desk.folder / "backup.gz", "--as", "ada").out
    assert "17 events are in" in said
    assert "The keys of 1 persons are in" in said
    for name in ("backup.gz", "backup.gz.keys"):
        text = gzip.decompress((desk.folder / name).read_bytes()).decode()
        for value in PERSON.values():
            assert value not in text


def test_a_restored_record_is_the_same_and_goes_on(desk: Desk) -> None:
    case = desk.walk(HELD)
    desk.record("backup", desk.folder / "b.gz", "--as", "ada")
    there = ("--record", str(desk.folder / "restored.db"))
    said = desk.record("restore", desk.folder / "b.gz", "--persons", desk.folder / "b.gz.keys", *there).out
    assert "16 events are restored to sqlite:///" in said
    assert said.endswith("The record verifies.\n")
    for asked in (("list", "--as", "sam"), ("holds", "--as", "jill"), ("show", case, "--as", "sam")):
        assert desk.json(*asked, *there) == desk.json(*asked)
    desk.record("act", case, "take_custody", "at=2026-03-02T08:00", "--as", "olga", *there)
    assert desk.json("verify", *there)["events"] == 17
    assert desk.json("verify")["events"] == 16


def test_a_record_restored_without_the_keys_of_persons_reads_nobodys_fields(desk: Desk) -> None:
    case = desk.arrest()
    desk.record("backup", desk.folder / "b.gz", "--as", "ada")
    there = ("--record", str(desk.folder / "restored.db"))
    desk.record("restore", desk.folder / "b.gz", *there)
    said = desk.refusal("person", case, "--purpose", "service", "--as", "jill", *there)
    assert said.startswith("detainer: The person's fields are not here, and no erasure is recorded.\n")
    assert "restore without --persons" in said
    assert desk.json("verify", *there)["holds"] is True


def damaged(backup: Path, how: str) -> Path:
    raw = backup.read_bytes()
    content = {
        "cut off": raw[: len(raw) // 2],
        "one bit": raw[:-20] + bytes([raw[-20] ^ 1]) + raw[-19:],
        "badly packed": raw[:10] + bytes([255] * 40),
        "rewritten": gzip.compress(gzip.decompress(raw).replace(b"burglary", b"trespass")),
        "no backup": b"hello\n",
        "compressed text": gzip.compress(b"hello\n"),
        "compressed JSON": gzip.compress(b'{"a": 1}\n'),
        "empty": b"",
    }[how]
    path = backup.with_name("damaged.gz")
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "how",
    [
        "cut off",
        "one bit",
        "badly packed",
        "rewritten",
        "no backup",
        "compressed text",
        "compressed JSON",
        "empty",
    ],
)
def test_a_damaged_backup_is_refused_before_anything_is_made(desk: Desk, how: str) -> None:
    desk.arrest()
    desk.record("backup", desk.folder / "b.gz", "--as", "ada")
    target = desk.folder / "restored.db"
    said = desk.refusal("restore", damaged(desk.folder / "b.gz", how), "--record", str(target))
    assert "backup" in said
    assert not target.exists()


@pytest.mark.parametrize("given", [("b.gz", "--persons", "b.gz"), ("b.gz.keys",)], ids=["persons", "backup"])
def test_the_two_files_of_a_backup_given_for_each_other_are_refused(desk: Desk, given: tuple[str, ...]) -> None:
    desk.arrest()
    desk.record("backup", desk.folder / "b.gz", "--as", "ada")
    target = desk.folder / "restored.db"
    asked = [str(desk.folder / each) if each.startswith("b.") else each for each in given]
    desk.refusal("restore", *asked, "--record", str(target))
    assert not target.exists()


def test_nothing_is_restored_over_a_record_that_is_there(desk: Desk) -> None:
    desk.record("backup", desk.folder / "b.gz", "--as", "ada")
    before = desk.json("verify")
    assert "There is a record already." in desk.refusal("restore", desk.folder / "b.gz")
    assert desk.json("verify") == before


def test_lists_and_queues_made_anew_are_those_that_were_there(desk: Desk) -> None:
    desk.walk(HELD)
    desk.walk(TAKEN)
    asked = (("list", "--as", "sam"), ("holds", "--as", "sam"), ("holds", "--incidents", "--as", "sam"))
    before = [desk.json(*each) for each in asked]
    change(desk, "DELETE FROM view")
    assert desk.json("list", "--as", "sam") == []
    assert "rows of lists and queues are made anew." in desk.record("rebuild", "--as", "ada").out
    assert [desk.json(*each) for each in asked] == before
    assert desk.json("verify")["holds"] is True


def test_lists_and_queues_that_were_tampered_with_are_found_and_made_anew(desk: Desk) -> None:
    held, other = desk.walk(HELD), desk.arrest()
    for sql in (
        "DELETE FROM view",
        f"DELETE FROM view WHERE view = 'hold' AND key = '{held}'",
        f"UPDATE view SET due = '2027-01-01T00:00:00.000000Z' WHERE view = 'hold' AND key = '{held}'",
        "INSERT INTO view (view, key, owner, body) VALUES ('hold', 'D-GHOST', 'oak-jail', '{}')",
    ):
        change(desk, sql)
        said = desk.record("verify", code=1).out
        assert "The record verifies" in said
        assert "Lists and queues do NOT show what the events say" in said
        stale = json.loads(desk.record("verify", "--json", code=1).out)["stale_cases"]
        assert set(stale) <= {held, other, "D-GHOST"}
        assert stale[0] in said
        desk.record("rebuild", "--as", "ada")
        assert json.loads(desk.record("verify", "--json").out)["stale_cases"] == []


def test_people_whose_key_is_gone_without_an_erasure_are_counted(desk: Desk) -> None:
    desk.arrest()
    assert "cannot be read" not in desk.record("verify").out
    change(desk, "DELETE FROM person_key")
    assert "Fields of people that cannot be read: 1." in desk.record("verify").out
    assert json.loads(desk.record("verify", "--json").out)["unread_persons"] == 1


def test_files_of_a_record_are_read_by_their_owner_alone(tmp_path: Path) -> None:
    desk = set_up(bare_desk(tmp_path))
    desk.record("backup", desk.folder / "backup.gz", "--as", "ada")
    for name in (desk.url, desk.folder / "backup.gz", desk.folder / "backup.gz.keys"):
        assert Path(name).stat().st_mode & 0o077 == 0
