"""Interrupted at any moment, a store has its old state or its new one, and a second run ends as if undisturbed."""

from __future__ import annotations

import fcntl
import os
import random
import shutil
import signal
import time
from datetime import date
from pathlib import Path

import pytest

from tests.intake.apart import (
    BUSY_IN_THE_ENGINE,
    KILLED_AT_RENAME,
    book,
    files_in,
    picture,
    processes_of,
    rows,
    start,
    table,
    wait_until_gone,
)
from tests.running import detainer, tree


class Scene:
    """A store with one release, the files of a second, and what the store is before and after they are read."""

    def __init__(self, folder: Path) -> None:
        self.old_store = folder / "old"
        self.files = (
            table(folder / "large.csv", rows(20_000)),
            book(folder / "small.xlsx", rows(300, first=date(2013, 1, 1))),
        )
        first = table(folder / "first.csv", rows(200, first=date(2012, 1, 1)))
        assert detainer("ingest", first, "--store", self.old_store, "--release", "first").code == 0
        new_store = shutil.copytree(self.old_store, folder / "new")
        began = time.monotonic()
        undisturbed = start("ingest", *self.files, "--store", new_store)
        undisturbed.communicate()
        self.seconds = time.monotonic() - began
        assert undisturbed.returncode == 0
        self.old, self.new = picture(self.old_store), picture(new_store)
        self.new_files = files_in(new_store)
        assert self.old != self.new

    def assert_recovers(self, store: Path) -> None:
        """The store answers with its old or its new state, and the same command once more ends in the new one."""
        assert picture(store) in (self.old, self.new)
        again = detainer("ingest", *self.files, "--store", store)
        assert again.code == 0, again.err
        assert picture(store) == self.new
        assert files_in(store) == self.new_files


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return Scene(tmp_path_factory.mktemp("scene"))


@pytest.fixture
def store(scene: Scene, tmp_path: Path) -> Path:
    return shutil.copytree(scene.old_store, tmp_path / "store")


def test_killed_after_the_last_release_counted_it_recovers(scene: Scene, store: Path) -> None:
    assert detainer("ingest", *scene.files, "--store", store).code == 0
    (store / ".staging" / "killed").mkdir(parents=True)
    scene.assert_recovers(store)


def kill_after(scene: Scene, store: Path, seconds: float) -> None:
    running = start("ingest", *scene.files, "--store", store)
    time.sleep(seconds)
    running.kill()
    running.communicate()
    wait_until_gone(running.pid)


@pytest.mark.parametrize("share", [0.55, 0.95])
def test_killed_at_some_moment_it_recovers(share: float, scene: Scene, store: Path) -> None:
    kill_after(scene, store, scene.seconds * share)
    scene.assert_recovers(store)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(int(os.environ.get("DETAINER_KILL_ROUNDS", "10"))))
def test_killed_at_a_random_moment_it_recovers(number: int, scene: Scene, store: Path) -> None:
    moment = random.Random(number).uniform(0.05, 1.05)
    kill_after(scene, store, scene.seconds * moment)
    scene.assert_recovers(store)


@pytest.mark.parametrize(
    "rename", [pytest.param(1, marks=pytest.mark.slow), pytest.param(2, marks=pytest.mark.slow), 3, 4]
)
def test_killed_while_files_are_moved_into_place_it_recovers(rename: int, scene: Scene, store: Path) -> None:
    running = start(str(rename), "ingest", *scene.files, "--store", store, script=KILLED_AT_RENAME)
    running.communicate()
    assert running.returncode == -signal.SIGKILL
    assert picture(store) == scene.old
    scene.assert_recovers(store)


@pytest.mark.slow
def test_four_renames_are_all_there_are(scene: Scene, store: Path) -> None:
    running = start("5", "ingest", *scene.files, "--store", store, script=KILLED_AT_RENAME)
    running.communicate()
    assert running.returncode == 0


def test_killed_before_the_first_release_is_in_it_a_new_store_is_empty(scene: Scene, tmp_path: Path) -> None:
    store = tmp_path / "new"
    file = scene.files[0]
    running = start("2", "ingest", file, "--store", store, script=KILLED_AT_RENAME)
    running.communicate()
    assert running.returncode == -signal.SIGKILL
    measured = detainer("measure", "--store", store)
    assert (measured.code, measured.out) == (2, "")
    assert "The store is empty" in measured.err
    assert detainer("ingest", file, "--store", store).code == 0
    assert picture(store)["account"] != scene.old["account"]


@pytest.mark.parametrize("is_new", [False, True], ids=["a store", "no store"])
def test_ctrl_c_leaves_the_old_state_and_no_process(is_new: bool, scene: Scene, store: Path, tmp_path: Path) -> None:
    path = tmp_path / "absent" if is_new else store
    before = tree(path)
    running = start("ingest", *scene.files, "--store", path)
    while not list(path.glob(".staging/*/0000000.parquet")):  # the text file is read, the workbook is not
        assert running.poll() is None
        time.sleep(0.005)
    os.killpg(running.pid, signal.SIGINT)  # a terminal tells the whole group
    out, err = running.communicate(timeout=20)
    assert (running.returncode, out, err) == (130, "", "\nStopped.\n")
    assert processes_of(running.pid) == []
    assert tree(path) == before


def test_ctrl_c_breaks_off_a_statement_that_would_take_hours() -> None:
    running = start("measure", script=BUSY_IN_THE_ENGINE)
    assert running.stdout is not None
    assert running.stdout.readline() == "begun\n"
    time.sleep(0.3)  # the statement has begun
    os.killpg(running.pid, signal.SIGINT)
    _out, err = running.communicate(timeout=10)
    assert (running.returncode, err.strip()) == (130, "Stopped.")


def test_a_second_writer_is_told_to_wait(scene: Scene, store: Path) -> None:
    before = tree(store)
    with (store / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        refused = detainer("ingest", *scene.files, "--store", store)
    assert refused.code == 2
    assert "Another command is writing to this store." in refused.err
    assert "wait until it is done" in refused.err
    assert tree(store) == before
    scene.assert_recovers(store)


def test_two_at_once_into_a_new_store_lose_nothing(tmp_path: Path) -> None:
    one = table(tmp_path / "one.csv", rows(3_000))
    other = table(tmp_path / "other.csv", rows(2_000, first=date(2010, 1, 1)))
    store = tmp_path / "store"
    running = [start("ingest", file, "--store", store) for file in (one, other)]
    for each in running:
        _out, err = each.communicate()
        assert each.returncode in (0, 2)
        assert (each.returncode == 2) == (err.count("detainer: ") == 1)
    for file in (one, other):
        assert detainer("ingest", file, "--store", store).code == 0
    account = detainer("account", "--store", store)
    assert account.out.count("The account closes:") == 2
    counted = detainer("measure", "--store", store, "--by", "year", "--format", "csv").out.splitlines()
    assert [line.split(",")[:2] for line in counted[1:]] == [["2010", "2000"], ["2014", "3000"]]
