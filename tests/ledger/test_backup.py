"""A backup is whole, is taken while others write, and can be put into either engine."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from detainer_ledger.ledger import (
    Head,
    Ledger,
    NewEvent,
    back_up,
    backup,
    create_ledger,
    keys_beside,
    make_checkpoint,
    open_ledger,
    read_backup,
    read_person,
    restore,
    verify,
)
from detainer_ledger.terms import BadInput
from tests.records import ENGINES, Place, erase_person, keep_person, place_of_record


def add(ledger: Ledger, case: int, count: int) -> None:
    head = Head()
    for number in range(count):
        head = ledger.append(
            f"case/{case}",
            [NewEvent(kind="noted", body={"n": number, "said": "ünïcode"})],
            head=head,
            actor="officer-1",
            role="issuing_officer",
            command=f"{case}-{number}",
        ).head


@pytest.mark.parametrize("target", ENGINES)
def test_a_backup_comes_back_in_either_engine(ledger: Ledger, place: Place, tmp_path: Path, target: str) -> None:
    add(ledger, 1, 5)
    person = keep_person(ledger, {"name": "Example (synthetic)"})
    note = make_checkpoint(ledger)
    written, _ = back_up(ledger, tmp_path / "backup.gz")
    (tmp_path / "second").mkdir()
    for there in place_of_record(target, tmp_path / "second"):
        restored, told = restore(
            tmp_path / "backup.gz", there.url, place.keys, create=create_ledger, persons=tmp_path / "backup.gz.keys"
        )
        assert told == written
        assert restored.events("case/1") == ledger.events("case/1")
        assert read_person(restored, person) == {"name": "Example (synthetic)"}
        assert verify(restored, published=[note]).holds
        add(restored, 2, 2)
        assert verify(restored, published=[note]).events == 8
        restored.close()


def test_a_backup_without_keys_brings_nobody_back(ledger: Ledger, place: Place, tmp_path: Path) -> None:
    person = keep_person(ledger, {"name": "Example (synthetic)"})
    back_up(ledger, tmp_path / "backup.gz")
    erase_person(ledger, person)
    restored, _ = restore(tmp_path / "backup.gz", str(tmp_path / "new.db"), place.keys, create=create_ledger)
    assert read_person(restored, person) is None
    restored.close()


def test_a_backup_is_of_one_moment_while_commands_go_on(ledger: Ledger, place: Place, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        case = 100
        while not stop.is_set():
            add(ledger, case, 10)
            case += 1

    add(ledger, 1, 10)
    writer = threading.Thread(target=write)
    writer.start()
    try:
        back_up(ledger, tmp_path / "backup.gz")
    finally:
        stop.set()
        writer.join()
    restored, _ = restore(tmp_path / "backup.gz", str(tmp_path / "new.db"), place.keys, create=create_ledger)
    assert verify(restored).holds
    assert len(restored.events("case/1")) == 10
    restored.close()


@pytest.mark.parametrize("harm", ["cut", "changed", "not gzip", "empty"])
def test_a_damaged_backup_is_refused_and_nothing_is_made(
    ledger: Ledger, place: Place, tmp_path: Path, harm: str
) -> None:
    import gzip

    add(ledger, 1, 5)
    path = tmp_path / "backup.gz"
    back_up(ledger, path)
    content = path.read_bytes()
    if harm == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif harm == "changed":
        path.write_bytes(gzip.compress(gzip.decompress(content).replace(b"officer-1", b"officer-2")))
    elif harm == "not gzip":
        path.write_bytes(b"something else")
    else:
        path.write_bytes(b"")
    with pytest.raises(BadInput, match=r"cut off|no backup"):
        restore(path, str(tmp_path / "new.db"), place.keys, create=create_ledger)
    assert not (tmp_path / "new.db").exists()


def test_a_backup_replaces_nothing(ledger: Ledger, tmp_path: Path) -> None:
    back_up(ledger, tmp_path / "backup.gz")
    assert keys_beside(tmp_path / "backup.gz").stat().st_mode & 0o077 == 0
    assert read_backup(tmp_path / "backup.gz").rows == {}
    with pytest.raises(BadInput, match="such a file already"):
        back_up(ledger, tmp_path / "backup.gz")


@pytest.mark.parametrize("target", ENGINES)
def test_a_restore_that_breaks_off_leaves_no_record_and_can_be_done_again(
    ledger: Ledger, place: Place, tmp_path: Path, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(ledger, 1, 5)
    back_up(ledger, tmp_path / "backup.gz")
    (tmp_path / "second").mkdir()
    for there in place_of_record(target, tmp_path / "second"):
        with monkeypatch.context() as broken:

            def break_off(*_: object) -> None:
                raise KeyboardInterrupt

            broken.setattr(backup, "_decoded", break_off)
            # The first piece has been read by then, to see that the keys are the right ones.
            broken.setattr(backup, "_check_keys", lambda *_: None)
            with pytest.raises(KeyboardInterrupt):
                restore(tmp_path / "backup.gz", there.url, place.keys, create=create_ledger)
        with pytest.raises(BadInput, match="There is no record"):
            open_ledger(there.url, place.keys)
        restored, _ = restore(tmp_path / "backup.gz", there.url, place.keys, create=create_ledger)
        assert restored.events("case/1") == ledger.events("case/1")
        restored.close()
