"""A full disk, a clock set back, a database that goes away, a process that is killed: what was acknowledged stays."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from detainer_ledger.casework import Command, Done, Refused, create_record, rebuild
from detainer_ledger.ledger import Appended, verify
from detainer_ledger.terms import BadInput, StoreError
from tests.casework.build import ARREST, AUDITOR, GIVEN, OFFICER, PERSON, Office, new_office
from tests.disks import small_disk_at
from tests.records import Clock, Place, place_of_record


def asked(kind: str, case: str | None, key: str) -> Command:
    return Command(kind=kind, case=case, values=GIVEN[kind][1], key=key, zone="agency")


LONG = {**ARREST, "offence": "x" * 2000}


@dataclass(frozen=True)
class Full:
    """What happened where the disk was full: the command, what was told, and all that is stored before and after."""

    command: Command
    told: StoreError
    before: dict[str, list[tuple[object, ...]]]
    after: dict[str, list[tuple[object, ...]]]


def fill(office: Office, full: Office) -> Full:
    """Record arrests through an office whose disk is nearly full until it is, and look at what is stored."""
    for number in range(2_000):
        before = office.everything()
        command = Command(kind="record_arrest", case=None, values=LONG, key=f"key-{number}", zone="agency")
        try:
            full.record.do(command, OFFICER)
        except StoreError as error:
            with pytest.raises(StoreError):
                full.record.do(command, OFFICER)
            return Full(command=command, told=error, before=before, after=office.everything())
    raise AssertionError("the disk did not fill")


def see_full(full: Full) -> None:
    """See that a full disk is told as such, and that nothing was stored, of a person neither."""
    assert "no space left" in full.told.what
    assert "Nothing was stored" in full.told.what
    assert "free space" in full.told.do
    assert "repeat the command" in full.told.do
    assert full.after == full.before


def see_done_once(office: Office, full: Full) -> None:
    """See that the same command is done, once there is space, and that the record holds."""
    done = office.record.do(full.command, OFFICER)
    assert isinstance(done, Done)
    assert not done.is_repeat
    assert office.record.person(done.case, AUDITOR, purpose="audit") == PERSON
    assert verify(office.record.ledger).holds
    before = office.everything()["view"]
    rebuild(office.record)
    assert office.everything()["view"] == before


def test_on_a_full_disk_nothing_is_stored_and_the_same_command_is_done_once_there_is_space(
    sqlite_office: Office,
) -> None:
    """A file in SQLite that can grow by two pages and no further is as one on a full disk."""
    sqlite_office.walk("held")
    ((pages,),) = sqlite_office.record.ledger.rows("PRAGMA page_count")
    record = sqlite_office.again()
    record.ledger.engine.dispose()

    def limit(connection: Any, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages + 2}")

    event.listen(record.ledger.engine, "connect", limit)
    full = fill(sqlite_office, replace(sqlite_office, record=record))
    record.ledger.close()
    see_full(full)
    see_done_once(sqlite_office, full)


def test_what_was_committed_is_not_told_as_not_stored(sqlite_office: Office) -> None:
    """The log of an SQLite file is put into the file after the commit, where something can fail too."""
    office = replace(sqlite_office, record=sqlite_office.again())
    office.record.ledger.engine.dispose()

    def without_checkpoints(connection: Any, _record: object) -> None:
        connection.set_authorizer(
            lambda action, pragma, *_: (
                sqlite3.SQLITE_DENY
                if action == sqlite3.SQLITE_PRAGMA and pragma == "wal_checkpoint"
                else sqlite3.SQLITE_OK
            )
        )

    event.listen(office.record.ledger.engine, "connect", without_checkpoints)
    before = office.everything()["entry"]
    try:
        office.done("record_arrest")
        is_told_stored = True
    except StoreError as error:
        is_told_stored = "Nothing was stored" not in error.what
    is_stored = office.everything()["entry"] != before
    office.record.ledger.close()
    assert (is_stored, is_told_stored) == (True, True)


@pytest.mark.parametrize("seconds", [2, 7200, 400 * 86400])
def test_a_clock_set_back_is_marked_in_the_event_and_told(office: Office, seconds: int) -> None:
    office.clock.forward(days=401)
    case = office.walk("issued")
    office.clock.forward(seconds=-seconds)
    done = office.done("serve_agency", case)
    (warning,) = done.warnings
    assert f"{seconds:,} seconds behind the last event of the case" in warning
    assert "look at the clock" in warning
    assert done.events[0].said()["clock_behind_seconds"] == seconds
    assert office.case(case).told[-1].body["clock_behind_seconds"] == seconds
    assert done.events[0].recorded_at < office.events(case)[-2].recorded_at
    assert office.stage(case) == "served"
    assert verify(office.record.ledger).holds
    before = office.everything()["view"]
    rebuild(office.record)
    assert office.everything()["view"] == before


def test_a_clock_that_goes_on_or_is_off_by_a_second_is_not_marked(office: Office) -> None:
    case = office.walk("issued")
    office.clock.forward(seconds=-1)
    done = office.done("serve_agency", case)
    office.clock.forward(hours=1)
    again = office.done("acknowledge", case)
    assert (done.warnings, again.warnings) == ((), ())
    assert "clock_behind_seconds" not in done.events[0].body + again.events[0].body


@pytest.mark.parametrize(("seconds", "is_told"), [(30, False), (90, True), (400 * 86400, True)])
def test_a_clock_set_back_is_told_at_a_new_case_too(office: Office, seconds: int, is_told: bool) -> None:
    """The case has no event before; the record has, whichever process wrote it. Clocks may differ by a minute."""
    office.clock.forward(days=500)
    office.walk("issued")
    office.clock.forward(seconds=-seconds)
    other = office.again()
    for record in (office.record, other):
        done = replace(office, record=record).done("record_arrest", person=None)
        assert [f"{seconds:,} seconds behind the last event of the record" in each for each in done.warnings] == (
            [True] if is_told else []
        )
        assert done.events[0].said().get("clock_behind_seconds") == (seconds if is_told else None)
    other.close()


def test_a_clock_set_back_makes_the_present_the_future_and_says_so(office: Office) -> None:
    case = office.walk("issued")
    office.clock.forward(days=-20)
    before = office.everything()
    with pytest.raises(BadInput, match=r"lies in the future: it is 2026-02-10T09:00-06:00") as raised:
        office.do("serve_agency", case)
    assert raised.value.where == {"field": "at"}
    assert office.everything() == before


def test_an_arrest_whose_answer_was_lost_keeps_its_person(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database went away after it had written: the second attempt finds the event of the first."""
    lose_answer(monkeypatch, office)
    done = office.done("record_arrest")
    assert office.record.person(done.case, AUDITOR, purpose="audit") == PERSON
    assert office.kinds(done.case) == ["arrest_recorded"]


def lose_answer(patch: pytest.MonkeyPatch, office: Office) -> None:
    """Write the next command as it is, and then once more, as somebody does who was not told of the first."""
    ledger = office.record.ledger
    append = ledger.append

    def twice(*given: Any, **named: Any) -> Appended:
        patch.setattr(ledger, "append", append)
        append(*given, **named)
        return append(*given, **named)

    patch.setattr(ledger, "append", twice)


@pytest.mark.parametrize("key", ["key-1", None])
def test_a_command_whose_answer_was_lost_is_done_once(
    office: Office, monkeypatch: pytest.MonkeyPatch, key: str | None
) -> None:
    case = office.walk("issued")
    lose_answer(monkeypatch, office)
    command = Command(kind="serve_agency", case=case, values=GIVEN["serve_agency"][1], key=key, zone="agency")
    done = office.record.do(command, OFFICER)
    assert isinstance(done, Done)
    assert [each.kind for each in done.events] == ["served_on_agency"]
    assert office.kinds(case)[-2:] == ["issued", "served_on_agency"]
    assert office.stage(case) == "served"


def test_a_record_that_could_not_be_made_can_be_made_where_the_database_is_right(tmp_path: Path) -> None:
    with pytest.raises((BadInput, StoreError)):
        create_record("sqlite:////nowhere/at/all.db", tmp_path / "keys", origin="x.example", administrator="ada")
    create_record(str(tmp_path / "r.db"), tmp_path / "keys", origin="x.example", administrator="ada").close()


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="the open files of a process are not told here")
def test_threads_that_have_ended_keep_no_file_open(office: Office) -> None:
    def n_open() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    before = n_open()
    for _ in range(30):
        thread = threading.Thread(target=office.record.holds, args=(AUDITOR,))
        thread.start()
        thread.join()
    assert n_open() < before + 10


@dataclass(frozen=True)
class Server:
    """A PostgreSQL of a test's own."""

    bin: Path
    folder: Path

    @property
    def url(self) -> str:
        return f"postgresql://postgres@/postgres?host={self.folder}&port=54987"

    def control(self, *arguments: str) -> None:
        as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        subprocess.run(
            [*as_postgres, str(self.bin / arguments[0]), f"--pgdata={self.folder / 'data'}", *arguments[1:]],
            check=True,
            capture_output=True,
            cwd="/",
        )

    def start(self) -> None:
        options = f"-p 54987 -k {self.folder} -c listen_addresses='' -c fsync=off"
        self.control("pg_ctl", f"--log={self.folder / 'log'}", "--wait", "start", f"--options={options}")

    def stop(self) -> None:
        self.control("pg_ctl", "--mode=fast", "--wait", "stop")

    def start_after(self, seconds: float) -> threading.Thread:
        def later() -> None:
            time.sleep(seconds)
            self.start()

        thread = threading.Thread(target=later)
        thread.start()
        return thread


@contextmanager
def a_server(folder: Path) -> Iterator[Server]:
    """Give a server in an empty folder; skip where PostgreSQL is not installed, unless everything is required."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [
        Path(path) for path in [shutil.which("initdb")] if path
    ]
    if not found:
        reason = "there is no initdb to make a PostgreSQL of the test's own with"
        if os.environ.get("DETAINER_REQUIRE_ALL"):
            pytest.fail(reason)
        pytest.skip(reason)
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    made = Server(bin=found[-1].parent, folder=folder)
    made.control("initdb", "--auth=trust", "--encoding=UTF8", "--no-locale", "--username=postgres")
    made.start()
    try:
        yield made
    finally:
        made.control("pg_ctl", "--mode=immediate", "stop")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="pg-") as folder, a_server(Path(folder)) as made:
        yield made


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """Give a folder on a disk of 64 MB, with a name that is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="small-") as folder, small_disk_at(Path(folder), "64m") as disk:
        yield disk


@pytest.mark.postgres
@pytest.mark.slow
def test_on_a_full_disk_of_postgresql_nothing_is_stored_and_the_same_command_is_done_once_there_is_space(
    small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with a_server(small_disk) as server:
        monkeypatch.setenv("DETAINER_TEST_POSTGRES", server.url)
        for place in place_of_record("postgres", tmp_path):
            office = new_office(place, Clock())
            ballast = small_disk / "ballast"
            with ballast.open("wb") as file, contextlib.suppress(OSError):
                file.write(bytes(64 << 20))
            full = fill(office, office)
            see_full(full)
            ballast.unlink()
            see_done_once(office, full)
            office.record.close()


@pytest.fixture
def away_office(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """Give a record in a PostgreSQL that can be stopped."""
    monkeypatch.setenv("DETAINER_TEST_POSTGRES", server.url)
    for place in place_of_record("postgres", tmp_path):
        office = new_office(place, Clock())
        yield office
        office.record.close()


@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0, 2, 10])
def test_a_command_waits_for_a_database_that_goes_away_while_it_writes_and_is_done_once(
    away_office: Office, server: Server, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    ledger = away_office.record.ledger
    case = away_office.walk("issued")
    mac = ledger.mac
    starting: list[threading.Thread] = []

    def gone(leaf: bytes) -> bytes:
        monkeypatch.setattr(ledger, "mac", mac)
        server.stop()
        starting.append(server.start_after(seconds))
        return mac(leaf)

    monkeypatch.setattr(ledger, "mac", gone)
    done = away_office.record.do(asked("serve_agency", case, "key-1"), OFFICER)
    starting[0].join()
    assert isinstance(done, Done)
    assert away_office.kinds(case)[-2:] == ["issued", "served_on_agency"]
    assert verify(ledger).holds


@pytest.mark.postgres
@pytest.mark.slow
def test_a_command_waits_for_a_database_that_went_away_before_it_and_is_done_once(
    away_office: Office, server: Server
) -> None:
    case = away_office.walk("issued")
    server.stop()
    starting = server.start_after(3)
    try:
        done = away_office.record.do(asked("serve_agency", case, "key-1"), OFFICER)
    finally:
        starting.join()
    assert isinstance(done, Done)
    assert away_office.kinds(case)[-2:] == ["issued", "served_on_agency"]


@pytest.mark.postgres
@pytest.mark.slow
def test_a_database_that_stays_away_is_told_and_the_same_command_is_done_when_it_is_back(
    away_office: Office, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("detainer_ledger.ledger.store.PATIENCE_SECONDS", 1.0)
    case = away_office.walk("issued")
    before = away_office.everything()
    server.stop()
    try:
        with pytest.raises(StoreError) as raised:
            away_office.record.do(asked("serve_agency", case, "key-1"), OFFICER)
    finally:
        server.start()
    assert "cannot be read or written" in raised.value.what
    assert "repeat the command with its key" in raised.value.do
    assert "Traceback" not in raised.value.message()
    after = _when_it_is_back(away_office.everything)
    assert after == before
    done = away_office.record.do(asked("serve_agency", case, "key-1"), OFFICER)
    assert isinstance(done, Done)
    assert not done.is_repeat


@pytest.mark.postgres
@pytest.mark.slow
def test_a_database_that_goes_away_in_the_middle_of_a_transaction_is_told_without_a_traceback(
    away_office: Office, server: Server
) -> None:
    try:
        with pytest.raises(StoreError, match="cannot be read or written"):
            stop_within(away_office, server)
    finally:
        server.start()


def stop_within(office: Office, server: Server) -> None:
    with office.record.ledger.writing() as cursor:
        server.stop()
        cursor.execute("SELECT 1")


@pytest.mark.postgres
@pytest.mark.slow
def test_of_many_commands_through_an_outage_each_that_was_acknowledged_is_there_once(
    away_office: Office, server: Server
) -> None:
    """Four writers go on while the database is stopped and started; each repeats with its key what it was told of."""
    done: dict[str, str] = {}
    other: list[Exception] = []
    stop = threading.Event()

    def write(number: int) -> None:
        turn = 0
        while not stop.is_set():
            key = f"{number}-{turn}"
            try:
                found = away_office.record.do(
                    Command(kind="record_arrest", case=None, values=ARREST, key=key, zone="agency"), OFFICER
                )
            except StoreError:
                time.sleep(0.1)
                continue
            except Exception as error:  # noqa: BLE001 - a thread's error has to reach the test
                other.append(error)
                return
            assert isinstance(found, Done)
            done[key] = found.case
            turn += 1

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    for _ in range(2):
        time.sleep(1)
        server.stop()
        time.sleep(2)
        server.start()
    time.sleep(1)
    stop.set()
    for writer in writers:
        writer.join()
    assert other == []
    assert len(done) > 20
    after = replace(away_office, record=away_office.again())
    for key, case in done.items():
        assert [each.stream for each in after.record.ledger.events_of_command(key)] == [f"case/{case}"]
    assert verify(after.record.ledger).holds
    before = after.everything()["view"]
    rebuild(after.record)
    assert after.everything()["view"] == before
    after.record.close()


def _when_it_is_back(act: Callable[[], Any]) -> Any:
    """Do something that is read; a connection that died is found dead by the first who uses it."""
    for _ in range(20):
        try:
            return act()
        except StoreError:
            time.sleep(0.1)
    return act()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("engine", "rounds"), [("sqlite", 25), pytest.param("postgres", 12, marks=pytest.mark.postgres)]
)
def test_a_process_that_is_killed_at_any_moment_loses_nothing_that_it_acknowledged(
    tmp_path: Path, engine: str, rounds: int
) -> None:
    chance = random.Random(20260302)
    for place in place_of_record(engine, tmp_path):
        office = new_office(place, Clock())
        acknowledged: dict[str, str] = {}
        turn = 0
        while turn < rounds or len(acknowledged) <= 20_000:
            acknowledged |= killed_after(office.place, turn, chance.uniform(0.05, 1.6))
            see_acknowledged(office, acknowledged)
            turn += 1
        see_whole(office)
        office.record.close()


def killed_after(place: Place, seed: int, seconds: float) -> dict[str, str]:
    """Let a process give commands, kill it so long after its first acknowledgement, and return what it acknowledged."""
    worker = subprocess.Popen(
        [sys.executable, "-m", "tests.casework.worker", place.url, str(place.keys_folder), str(seed), "1000000"],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        text=True,
    )
    assert worker.stdout is not None
    first = worker.stdout.readline()
    killing = threading.Timer(seconds, worker.kill)
    killing.start()
    lines = [first, *worker.stdout]
    killing.join()
    worker.wait()
    worker.stdout.close()
    assert worker.returncode == -9
    # The last line can be cut off; its command was acknowledged, but not told whole.
    whole = [line.partition(" ") for line in lines if line.endswith("\n")]
    return {key: kind.strip() for key, _, kind in whole}


def see_acknowledged(office: Office, acknowledged: dict[str, str]) -> None:
    """See that each acknowledged command is there as one event of its kind."""
    found: dict[str, list[str]] = {}
    for command, kind in office.record.ledger.rows(
        "SELECT command, kind FROM entry WHERE stream >= 'case/' AND stream < 'case0'"
    ):
        found.setdefault(command, []).append(kind)
    assert {key: found.get(key) for key in acknowledged} == {key: [kind] for key, kind in acknowledged.items()}


def see_whole(office: Office) -> None:
    """See that nothing is half written, that the trail verifies, and that the views are those of the events."""
    record = office.record
    assert verify(record.ledger).holds
    before = office.everything()
    rows = {row[1]: json.loads(str(row[4])) for row in before["view"] if row[0] == "case"}
    n_cases = 0
    people: dict[str, bool] = {}
    for case in record.every_case():
        n_cases += 1
        assert rows[case.id]["stage"] == case.stage
        assert [told.version for told in case.told] == list(range(1, case.head.version + 1))
        if person := case.beginning.body.get("person"):
            people[person] = case.last("person_erased") is not None
    assert n_cases == len(rows)
    rebuild(record)
    assert office.everything()["view"] == before["view"]
    assert {row[0] for row in before["person"]} == set(people)
    assert {row[0] for row in before["person_key"]} == {person for person, erased in people.items() if not erased}
    found = record.cases(AUDITOR)
    assert not isinstance(found, Refused)
    assert len(found) == n_cases
