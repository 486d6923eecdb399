"""A store that cannot be read or written: one message that says what to do, and nothing changed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.disks import small_disk_at
from tests.intake.apart import SHORT_OF_DISK, book, picture, rows, start, table
from tests.releases.test_bad_input import assert_refused
from tests.running import Ran, detainer, tree

MARK = "detainer-store.json"
UNPRIVILEGED = ("setpriv", "--securebits", "+noroot", "--inh-caps=-all", "--bounding-set=-all")
"""Lets root be an owner like any other, whom permissions bind."""


@pytest.fixture
def store(tmp_path: Path) -> Path:
    first = table(tmp_path / "first.csv", rows(50))
    assert detainer("ingest", first, "--store", tmp_path / "store", "--release", "first").code == 0
    return tmp_path / "store"


@pytest.fixture
def second(tmp_path: Path) -> Path:
    return table(tmp_path / "second.csv", rows(4_000))


def marked(content: str) -> dict[str, str]:
    return {MARK: content}


FOLDERS = [
    ("a newer version", marked(json.dumps({"format": 2})), "newer version", "upgrade this program"),
    ("a mark that is cut off", marked('{"format"'), "is damaged", "from a copy"),
    ("a mark without format", marked("[]"), "does not tell its format", "from a copy"),
    (
        "a release's record that is cut off",
        marked('{"format": 1}') | {"1-received/a.json": "{"},
        "record of a release",
        "",
    ),
    (
        "a release whose table is gone",
        marked('{"format": 1}') | {"1-received/a.json": '{"parts": [], "detainers": "4-classified/a/gone.parquet"}'},
        "A file of release 'a' is missing",
        "from a copy",
    ),
]


@pytest.mark.parametrize(("files", "says", "helps"), [case[1:] for case in FOLDERS], ids=[case[0] for case in FOLDERS])
@pytest.mark.parametrize("command", ["ingest", "account", "measure"])
def test_a_store_that_cannot_be_understood_is_refused_by_every_command(
    command: str, files: dict[str, str], says: str, helps: str, second: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "odd"
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    before = tree(folder)
    arguments: list[str | Path] = [command, *([second] if command == "ingest" else []), "--store", folder]
    assert_refused(detainer(*arguments), says=says, where=str(folder), helps=helps)
    assert tree(folder) == before


def test_a_folder_of_other_things_is_not_taken_for_a_store(second: Path, tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "letter.txt").write_text("x")
    before = tree(folder)
    assert_refused(detainer("ingest", second, "--store", folder), says="holds other things", where="documents")
    assert_refused(detainer("account", "--store", folder), says="no store in this folder", helps="detainer ingest FILE")
    assert tree(folder) == before


def test_a_file_is_not_taken_for_a_store(second: Path) -> None:
    for command in (["ingest", second], ["account"]):
        refused = detainer(*command, "--store", second)
        assert_refused(refused, says="There is a file where the store's folder should be", where="second.csv")


def test_output_into_a_folder_that_is_not_there_is_refused(store: Path, tmp_path: Path) -> None:
    target = tmp_path / "nowhere" / "figures.csv"
    refused = detainer("measure", "--store", store, "--format", "csv", "--out", target)
    assert_refused(refused, says="No such file or directory", where=str(target), helps="look at the path")


def as_owner_without_privileges(*arguments: str | Path) -> Ran:
    """Run the command as one whom permissions bind."""
    before = UNPRIVILEGED if os.getuid() == 0 else ()
    if before and not shutil.which(before[0]):
        if os.environ.get("CI"):
            pytest.fail("run as another user than root, or install setpriv")
        pytest.skip("permissions do not bind root, and there is no setpriv")
    command = [*before, sys.executable, "-m", "detainer_ledger", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return Ran(code=done.returncode, out=done.stdout, err=done.stderr)


@pytest.fixture
def read_only(store: Path) -> Iterator[Path]:
    folders = [store, *(each for each in store.rglob("*") if each.is_dir())]
    for each in folders:
        each.chmod(0o500)
    (store / ".lock").chmod(0o400)
    yield store
    for each in folders:
        each.chmod(0o700)


def test_a_read_only_store_can_be_read_and_not_written(read_only: Path, second: Path) -> None:
    before = tree(read_only)
    refused = as_owner_without_privileges("ingest", second, "--store", read_only)
    assert_refused(refused, says="read-only for this user", where=str(read_only), helps="permissions")
    assert tree(read_only) == before
    assert as_owner_without_privileges("account", "--store", read_only).code == 0
    assert as_owner_without_privileges("measure", "--store", read_only).code == 0


def test_a_store_cannot_be_made_in_a_read_only_folder(read_only: Path, second: Path) -> None:
    refused = as_owner_without_privileges("ingest", second, "--store", read_only / "2-read" / "new")
    assert_refused(refused, says="read-only for this user", helps="name another folder")


def test_a_file_that_may_not_be_read_is_named(store: Path, second: Path) -> None:
    second.chmod(0)
    refused = as_owner_without_privileges("ingest", second, "--store", store)
    assert_refused(refused, says="Permission denied", where=str(second), helps="whether you may read")


@pytest.mark.parametrize(("kind", "most_bytes"), [("csv", 10), ("csv", 40_000), ("xlsx", 1_000)])
def test_without_space_for_a_file_the_store_stays(kind: str, most_bytes: int, store: Path, tmp_path: Path) -> None:
    make = table if kind == "csv" else book
    file = make(tmp_path / f"second.{kind}", rows(8_000))
    before = tree(store)
    running = start(str(most_bytes), "ingest", file, "--store", store, script=SHORT_OF_DISK)
    out, err = running.communicate()
    refused = Ran(code=running.returncode, out=out, err=err)
    assert_refused(refused, says="no space left on the disk", where=str(store), helps="free some space")
    assert tree(store) == before


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of 256 kilobytes. Without the right to do so there is the limit of file sizes, tested above."""
    with small_disk_at(tmp_path / "disk", "256k") as disk:
        yield disk


def test_on_a_full_disk_the_store_stays_and_goes_on_when_there_is_space(
    small_disk: Path, store: Path, second: Path
) -> None:
    on_disk = shutil.copytree(store, small_disk / "store")
    before = tree(on_disk)
    filler = small_disk / "filler"
    for left in (0, 4_096, 16_384, 40_960, 65_536, 98_304):
        fill(small_disk, filler, left)
        refused = detainer("ingest", second, "--store", on_disk)
        if refused.code == 0:
            break
        assert_refused(refused, says="no space left on the disk", where=str(on_disk))
        assert tree(on_disk) == before
    filler.unlink()
    assert detainer("ingest", second, "--store", on_disk).code == 0
    assert detainer("ingest", second, "--store", store).code == 0
    assert picture(on_disk) == picture(store)


def fill(disk: Path, filler: Path, left: int) -> None:
    """Fill a disk but for so many bytes."""
    filler.unlink(missing_ok=True)
    free = shutil.disk_usage(disk).free
    filler.write_bytes(bytes(max(free - left, 0)))
