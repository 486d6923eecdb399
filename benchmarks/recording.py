"""The record: durable commands against bare commits, and what a large record costs to read, extract and verify."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from benchmarks.measuring import Outcome, Task, best_of, process, python, seconds
from detainer_ledger.casework import (
    Agency,
    Command,
    Done,
    Record,
    add_actor,
    add_agency,
    create_record,
    held_against_events,
    open_record,
)
from detainer_ledger.ledger import Event, Ledger, ViewRow, verify

COMMANDS = 2_400
COMMANDS_POSTGRES = 9_600
WRITERS = 8
EVENT_BYTES = 600
"""About what an event takes with its hashes."""

EVENTS = 1_000_000
CASES = 100_000
NOW = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
URL = "DETAINER_TEST_POSTGRES"

STEPS: tuple[tuple[str, str, Mapping[str, object]], ...] = (
    (
        "officer",
        "record_arrest",
        {
            "agency": "oak-jail",
            "at": "2026-03-02T10:00",
            "arrest_kind": "arrest",
            "offence": "burglary",
            "criminal_offence": True,
            "independent_authority": True,
        },
    ),
    ("officer", "examine_citizenship", {"at": "2026-03-02T11:00", "result": "no_indication"}),
    ("officer", "establish_probable_cause", {"at": "2026-03-02T11:00", "bases": ["final_order"], "evidence": ["1"]}),
    ("officer", "attach_warrant", {"warrant_kind": "I-205", "signed": True, "signed_on": "2026-03-02"}),
    ("officer", "issue", {"at": "2026-03-02T12:00", "form": "I-247A", "box1": True, "box2": False}),
    ("officer", "serve_agency", {"at": "2026-03-02T12:30"}),
    ("jail", "serve_person", {"at": "2026-03-02T13:00"}),
    ("jail", "acknowledge", {"at": "2026-03-02T13:00"}),
    ("jail", "answer", {"at": "2026-03-02T13:05", "answer": "honor"}),
    ("jail", "begin_hold", {"at": "2026-03-08T05:00"}),
    ("jail", "take_custody", {"at": "2026-03-08T08:00"}),
    ("officer", "close", {}),
)
"""A case from arrest to close: twelve commands."""


def new_record(folder: Path, url: str | None = None) -> Record:
    """Make a record with an agency and two people; an earlier one in the folder is removed."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    record = create_record(
        url or str(folder / "record.db"),
        folder / "keys",
        origin="bench.example/record",
        administrator="ada",
        now=lambda: NOW,
    )
    add_agency(record, "ada", Agency(id="oak-jail", name="OAK COUNTY JAIL", state="ND", zone="America/Chicago"))
    add_actor(record, "ada", name="officer", role="issuing_officer")
    add_actor(record, "ada", name="jail", role="receiving_agency", agency="oak-jail")
    return record


def walk(record: Record, steps: int = len(STEPS)) -> str:
    """Take a case through its first steps and return its id."""
    case: str | None = None
    for who, kind, values in STEPS[:steps]:
        done = record.do(Command(kind=kind, case=case, values=values, zone="agency"), who)
        if not isinstance(done, Done):
            raise RuntimeError(f"{kind} was refused: {done.reason}")
        case = done.case
    return case or ""


def commands_sqlite(data: Path) -> Outcome:
    """Durable commands, each with its rules and views, against bare commits of one row of the size of an event."""
    record = new_record(data / "record-sqlite")
    bare = sqlite3.connect(data / "record-sqlite" / "bare.db", isolation_level=None)
    bare.execute("PRAGMA journal_mode = WAL")
    bare.execute("PRAGMA synchronous = FULL")
    bare.execute("CREATE TABLE IF NOT EXISTS row (id INTEGER PRIMARY KEY, body TEXT)")

    def commits() -> None:
        for _ in range(COMMANDS):
            bare.execute("BEGIN IMMEDIATE")
            bare.execute("INSERT INTO row (body) VALUES (?)", ("x" * EVENT_BYTES,))
            bare.execute("COMMIT")

    def commands() -> None:
        for _ in range(COMMANDS // len(STEPS)):
            walk(record)

    floor, ours = best_of(5, lambda: seconds(commits), lambda: seconds(commands))
    record.close()
    bare.close()
    return Outcome(floor=floor, ours=ours, times=3)


WRITER = """
import sys, threading
sys.path.insert(0, sys.argv[3])
from pathlib import Path
from benchmarks.recording import walk, NOW
from detainer_ledger.casework import open_record
record = open_record(sys.argv[1], Path(sys.argv[2]), now=lambda: NOW)
cases, threads = int(sys.argv[4]), int(sys.argv[5])
together = threading.Barrier(threads + 1)
def write():
    walk(record)
    together.wait()
    for _ in range(cases):
        walk(record)
    together.wait()
for _ in range(threads):
    threading.Thread(target=write).start()
print("ready", flush=True)
sys.stdin.readline()
together.wait()
together.wait()
print("done", flush=True)
"""
"""A process of a server that writes: its threads share one record, each with a connection of its own."""


def commands_postgres(data: Path) -> Outcome:
    """Commands of eight writers on PostgreSQL, against transactions of pgbench with one insert and eight clients.

    The writers are threads, in as many processes as there are cores, as a server would have them.
    """
    import psycopg

    server = _server()
    schema = f"bench_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}")
        connection.execute(f"CREATE TABLE {schema}.row (id bigserial PRIMARY KEY, body text)")
    url = _in_schema(server, schema)
    folder = data / "record-postgres"
    try:
        new_record(folder, url).close()
        per_writer = COMMANDS_POSTGRES // WRITERS // len(STEPS)
        script = folder / "insert.sql"
        script.write_text(f"INSERT INTO {schema}.row (body) VALUES (repeat('x', {EVENT_BYTES}));\n")
        transactions = per_writer * len(STEPS)

        def pgbench() -> float:
            asked = ["pgbench", "-n", "-c", str(WRITERS), "-j", "2", "-f", str(script), "-t", str(transactions), server]
            return process(asked)

        floor, ours = best_of(5, pgbench, lambda: _eight_writers(url, folder / "keys", per_writer))
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP SCHEMA {schema} CASCADE")
    return Outcome(floor=floor, ours=ours, times=3)


def _server() -> str:
    server = os.environ.get(URL)
    if not server:
        raise RuntimeError(f"{URL} is not set to the postgresql:// URL of a server to write to")
    return server


def _in_schema(server: str, schema: str) -> str:
    return f"{server}{'&' if '?' in server else '?'}options=-csearch_path%3D{schema}"


def _eight_writers(url: str, keys: Path, cases: int) -> float:
    processes = next(number for number in (8, 4, 2, 1) if number <= (os.cpu_count() or 1))
    asked = python(WRITER, url, str(keys), str(Path(__file__).parents[1]), str(cases), str(WRITERS // processes))
    writers = [
        subprocess.Popen(asked, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(processes)
    ]
    for writer in writers:
        if writer.stdout is None or writer.stdout.readline() != "ready\n":
            raise RuntimeError("a writer did not begin")
    began = time.perf_counter()
    for writer in writers:
        if writer.stdin is not None:
            writer.stdin.write("\n")
            writer.stdin.flush()
    for writer in writers:
        if writer.stdout is None or writer.stdout.readline() != "done\n":
            raise RuntimeError("a writer did not finish")
    took = time.perf_counter() - began
    for writer in writers:
        writer.communicate("")
    return took


@dataclass(frozen=True, slots=True)
class Large:
    """Where a large record is: its folder, with the keys, and its address."""

    folder: Path
    url: str


def large_in_sqlite(data: Path) -> Large:
    """Return where the large record in SQLite is."""
    return Large(data / "record-large", str(data / "record-large" / "record.db"))


def large_in_postgres(data: Path) -> Large:
    """Return where the large record in PostgreSQL is: in a schema that stays, since it takes minutes to fill."""
    import psycopg

    server, schema = _server(), "bench_record_large"
    folder = data / "record-large-postgres"
    with psycopg.connect(server, autocommit=True) as connection:
        if not (folder / "made").exists():
            connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    return Large(folder, _in_schema(server, schema))


def large_record(large: Large) -> Record:
    """Return a record of a million events in a hundred thousand cases, ten thousand of them held; made once."""
    folder = large.folder
    made = folder / "made"
    if made.exists():
        return open_record(large.url, folder / "keys", now=lambda: NOW)
    record = new_record(folder, large.url)
    closed, held = walk(record), walk(record, 10)
    ledger = record.ledger
    # Every case has at least its twelve events; notes of citizenship examined again fill up to a million.
    templates = {"closed": ledger.events(f"case/{closed}"), "held": ledger.events(f"case/{held}")}
    rows = {"closed": _views_of(ledger, closed), "held": _views_of(ledger, held)}
    with ledger.writing() as cursor:
        for number in range(CASES):
            kind = "held" if number < CASES // 10 else "closed"
            name = f"D-{number:010d}"
            length = 50 if number == CASES // 2 else len(templates[kind])
            entries = [
                (*ledger_values(event), event.leaf, ledger.mac(event.leaf))
                for event in _copies(templates[kind], name, length)
            ]
            cursor.executemany(ledger.sql(_INSERT), entries)
            cursor.executemany(
                ledger.sql("INSERT INTO view (view, key, owner, due, body) VALUES (?, ?, ?, ?, ?)"),
                [(row.view, name, row.owner, row.due, row.body) for row in rows[kind]],
            )
    ledger.seal()
    made.touch()
    return record


_COLUMNS = (
    "stream", "version", "kind", "kind_version", "recorded_at", "actor", "role", "command", "command_part",
    "command_digest", "previous", "body",
)  # fmt: skip
_INSERT = f"INSERT INTO entry ({', '.join(_COLUMNS)}, leaf, mac) VALUES ({', '.join('?' * (len(_COLUMNS) + 2))})"


def ledger_values(event: Event) -> tuple[object, ...]:
    """Return the values of an event in the order of the columns."""
    return tuple(getattr(event, column) for column in _COLUMNS)


def _copies(events: tuple[Event, ...], case: str, length: int) -> Iterator[Event]:
    """Give the events of a case as those of another, its second event repeated until there are ``length``."""
    more = length - len(events)
    previous = ""
    for version, event in enumerate((*events[:2], *[events[1]] * more, *events[2:]), start=1):
        made = replace(event, stream=f"case/{case}", version=version, previous=previous, command=f"{case}-{version}")
        previous = made.leaf.hex()
        yield made


def _views_of(ledger: Ledger, case: str) -> list[ViewRow]:
    found = [ledger.view_row(view, case) for view in ("case", "hold", "incident")]
    return [row for row in found if row is not None]


def case_of_fifty(large: Large) -> Outcome:
    """A case of fifty events at a million events stored: under 5 ms."""
    record = large_record(large)
    record.show(f"D-{0:010d}", "officer")
    took = []
    for _ in range(5):
        fresh = Record(record.ledger)
        fresh.actor("officer")
        took.append(seconds(lambda one=fresh: one.show(f"D-{CASES // 2:010d}", "officer")))
    loads = [seconds(lambda: record.ledger.events(f"case/D-{CASES // 2:010d}")) for _ in range(5)]
    record.close()
    return Outcome(floor=min(loads), ours=min(took), times=0, plus=0.005)


def hold_queue(large: Large) -> Outcome:
    """The queue of ten thousand open holds: under 50 ms."""
    record = large_record(large)
    held = record.holds("jail")
    if isinstance(held, tuple) and len(held) < CASES // 10:
        raise RuntimeError("the queue is too short")
    floor, ours = best_of(
        5,
        lambda: seconds(lambda: [json.loads(row.body) for row in record.ledger.views("hold", due_only=True)]),
        lambda: seconds(lambda: record.holds("jail")),
    )
    record.close()
    return Outcome(floor=floor, ours=ours, times=0, plus=0.05)


EXTRACT = """
import sys
from pathlib import Path
from detainer_ledger.casework import extract, open_record
record = open_record(sys.argv[1], Path(sys.argv[2]))
print(extract(record, Path(sys.argv[3]), "jail"))
record.close()
"""


def extract_cases(large: Large) -> Outcome:
    """The extract of a hundred thousand cases as a process: under 60 s and 1 GB."""
    record = large_record(large)
    floor = seconds(lambda: sum(1 for _ in record.ledger.reading("SELECT body FROM entry")))
    record.close()
    folder = large.folder
    shutil.rmtree(folder / "store", ignore_errors=True)
    memory: list[float] = []
    asked = python(EXTRACT, large.url, str(folder / "keys"), str(folder / "store"))
    ours = process(asked, sink=memory)
    return Outcome(floor=floor, ours=ours, times=0, plus=60, largest_mb=max(memory), most_mb=1_000)


def verify_all(large: Large) -> Outcome:
    """The verification of a million events, with lists and queues held against them: under 60 s."""
    record = large_record(large)
    began = time.perf_counter()
    found = verify(record.ledger)
    kept = held_against_events(record)
    ours = time.perf_counter() - began
    if not found.holds or found.events < EVENTS or kept.stale_cases:
        raise RuntimeError("the record does not verify, or is too small")
    floor = seconds(lambda: sum(1 for _ in record.ledger.reading("SELECT body FROM entry")))
    record.close()
    return Outcome(floor=floor, ours=ours, times=0, plus=60)


TASKS = (
    Task(name="record-commands", run=commands_sqlite),
    Task(name="record-commands-postgres", run=commands_postgres, large=True),
    *(
        Task(name=name + suffix, run=lambda data, run=run, place=place: run(place(data)), large=True)
        for suffix, place in (("", large_in_sqlite), ("-postgres", large_in_postgres))
        for name, run in (
            ("record-case-of-50", case_of_fifty),
            ("record-hold-queue", hold_queue),
            ("record-extract-100k", extract_cases),
            ("record-verify-1m", verify_all),
        )
    ),
)
"""Tasks of this module."""
