"""Events are appended once, in order, durably, and never changed."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sqlalchemy.event import listen

from detainer_ledger.ledger import (
    Conflict,
    Event,
    Head,
    Ledger,
    NewEvent,
    Statement,
    ViewRow,
    create_ledger,
    instant_text,
    open_ledger,
)
from detainer_ledger.ledger.events import canonical
from detainer_ledger.ledger.statements import select_ends
from detainer_ledger.terms import BadInput, StoreError
from tests.records import Clock, Place, again, new_ledger


class _Word(StrEnum):
    NO = "no"


_TEXT = st.text(st.characters(exclude_categories=["Cs"]))
_SAID = st.recursive(
    st.none() | st.booleans() | st.integers() | _TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(_TEXT, inner),
    max_leaves=20,
)
"""What an event can say."""


def add(ledger: Ledger, stream: str, *kinds: str, head: Head | None = None, command: str | None = None) -> Head:
    given = head or ledger.head(stream)
    return ledger.append(
        stream,
        [NewEvent(kind=kind, body={"said": kind}) for kind in kinds],
        head=given,
        actor="officer-1",
        role="issuing_officer",
        command=command or f"{stream}-{given.version}-{'-'.join(kinds)}",
    ).head


def test_events_come_back_in_order_and_each_holds_the_hash_of_the_one_before(ledger: Ledger, clock: Clock) -> None:
    head = add(ledger, "case/1", "a", "b")
    clock.forward(hours=1)
    head = add(ledger, "case/1", "c", head=head)
    events = ledger.events("case/1")
    assert [(each.version, each.kind) for each in events] == [(1, "a"), (2, "b"), (3, "c")]
    assert [each.previous for each in events] == ["", events[0].leaf.hex(), events[1].leaf.hex()]
    assert events[2].recorded_at == "2026-03-02T16:00:00.000000Z"
    assert ledger.head("case/1") == head
    assert ledger.events("case/2") == ()


def test_of_two_writers_on_one_stream_one_wins_and_the_other_is_told(ledger: Ledger) -> None:
    stale = add(ledger, "case/1", "a")
    add(ledger, "case/1", "b", head=stale)
    with pytest.raises(Conflict, match="Somebody else has added"):
        add(ledger, "case/1", "c", head=stale)
    assert [each.kind for each in ledger.events("case/1")] == ["a", "b"]


def test_a_repeated_command_is_one_event_and_gets_what_it_got(ledger: Ledger) -> None:
    def repeat(digest: str) -> tuple[Event, ...]:
        return ledger.append(
            "case/1", [NewEvent(kind="a", body={})], head=Head(), actor="x", role="y", command="key", digest=digest
        ).events

    first = repeat("d1")
    assert repeat("d1") == first
    assert len(ledger.events("case/1")) == 1
    with pytest.raises(BadInput, match="was used for another command"):
        repeat("d2")


def test_views_are_written_with_their_events_or_not_at_all(ledger: Ledger) -> None:
    def row(due: str | None, body: str) -> ViewRow:
        return ViewRow(view="hold", key="1", owner="jail", due=due, body=body)

    def put(head: Head, view: ViewRow, command: str) -> Head:
        return ledger.append(
            "case/1",
            [NewEvent(kind="a", body={})],
            head=head,
            actor="x",
            role="y",
            command=command,
            views=lambda _events, _head: [view],
        ).head

    head = put(Head(), row("2026-01-02T00:00:00Z", "{}"), "1")
    put(head, row("2026-01-01T00:00:00Z", '{"n":2}'), "2")
    with pytest.raises(Conflict):
        put(head, row(None, '{"n":3}'), "3")
    assert ledger.views("hold", due_only=True) == (row("2026-01-01T00:00:00Z", '{"n":2}'),)
    assert ledger.views("hold", owner="another") == ()
    assert ledger.replace_views(iter([row(None, "{}")])) == 1
    assert ledger.views("hold", due_only=True) == ()


@pytest.mark.parametrize("table", ["entry", "seal"])
@pytest.mark.parametrize("sql", ["UPDATE {} SET leaf = leaf", "DELETE FROM {}"])
def test_nothing_is_updated_or_deleted(ledger: Ledger, table: str, sql: str) -> None:
    add(ledger, "case/1", "a")
    ledger.seal()
    with pytest.raises(StoreError, match="cannot be changed or removed"), ledger.writing() as cursor:
        cursor.execute(sql.format(table))


def test_streams_are_given_in_order_whole_and_only_those_asked_for(ledger: Ledger) -> None:
    for stream in ("case/10", "case/2", "access", "case/1"):
        add(ledger, stream, "a", "b")
    found = [(stream, len(events)) for stream, events in ledger.streams("case/")]
    assert found == [("case/1", 2), ("case/10", 2), ("case/2", 2)]


def test_many_writers_lose_nothing(ledger: Ledger) -> None:
    def write(number: int) -> None:
        head = Head()
        for _ in range(20):
            head = add(ledger, f"case/{number}", "a", head=head)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sum(len(events) for _, events in ledger.streams("case/")) == 120
    assert ledger.seal() == 120
    assert ledger.seal() == 0
    assert len(ledger.leaves()) == 120


def test_a_record_is_found_again(place: Place, clock: Clock) -> None:
    first = new_ledger(place, clock)
    add(first, "case/1", "a")
    first.close()
    second = again(place)
    assert second.origin == "test.example/record"
    assert len(second.events("case/1")) == 1
    second.close()
    with pytest.raises(BadInput, match="There is a record already"):
        new_ledger(place)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://u@h/d", "SQLite or PostgreSQL, not in 'mysql'"),
        ("://", "no address of a record"),
        ("sqlite:////nowhere/at/all.db", "cannot be used"),
    ],
)
def test_a_place_that_cannot_be_used_is_refused(tmp_path: Path, url: str, message: str) -> None:
    from detainer_ledger.ledger import make_keys

    keys = make_keys(tmp_path / "keys")
    with pytest.raises((BadInput, StoreError), match=message):
        create_ledger(url, keys, origin="x").close()


def test_a_place_without_a_record_says_how_to_make_one(tmp_path: Path) -> None:
    import sqlite3

    from detainer_ledger.ledger import make_keys

    keys = make_keys(tmp_path / "keys")
    sqlite3.connect(tmp_path / "empty.db").close()
    (tmp_path / "empty.db").touch()
    for name in ("none.db", "empty.db"):
        with pytest.raises(BadInput, match="no record") as raised:
            open_ledger(str(tmp_path / name), keys)
        assert "detainer record init" in raised.value.message()


@pytest.mark.parametrize("place", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_writers_whose_connection_is_lost_again_and_again_write_each_event_once(ledger: Ledger) -> None:
    written = dict.fromkeys((f"case/{number}" for number in range(4)), 0)
    failed: list[BaseException] = []
    stop = threading.Event()

    def write(stream: str) -> None:
        head = Head()
        try:
            while not stop.is_set():
                head = add(ledger, stream, "a", head=head)
                written[stream] += 1
        except BaseException as error:  # noqa: BLE001 - a thread's error has to reach the test
            failed.append(error)

    writers = [threading.Thread(target=write, args=(stream,)) for stream in written]
    for writer in writers:
        writer.start()
    ended = 0
    while ended < 3 and not failed:
        shared = ledger._connections._gathered.get(False)
        # It may be lost already.
        with suppress(ledger._connections.database_error):
            if shared is not None:
                pid = shared.connection.info.backend_pid
                ended += ledger.rows("SELECT pg_terminate_backend(?)", pid)[0][0]
        time.sleep(0.1)
    stop.set()
    for writer in writers:
        writer.join()
    assert failed == []
    assert all(written.values())
    streams = {stream: [event.version for event in events] for stream, events in ledger.streams("case/")}
    assert streams == {stream: list(range(1, count + 1)) for stream, count in written.items()}


class Alarm(BaseException):
    """What a signal raises."""


@pytest.mark.parametrize("place", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_a_program_that_is_interrupted_while_it_waits_lets_its_other_threads_go_on(ledger: Ledger) -> None:
    def ring(_signal: int, _frame: object) -> None:
        raise Alarm

    before = signal.signal(signal.SIGALRM, ring)
    try:
        with ThreadPoolExecutor(1) as pool:
            with ledger.writing() as cursor:
                cursor.execute("LOCK TABLE entry IN ACCESS EXCLUSIVE MODE")
                other = pool.submit(add, ledger, "case/2", "a", head=Head())
                signal.setitimer(signal.ITIMER_REAL, 0.3)
                with pytest.raises(Alarm):
                    add(ledger, "case/1", "a", head=Head())
            assert other.result(10).version == 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert add(ledger, "case/3", "a").version == 1


# SQLite itself must not be in use by another thread when a process is forked off.
@pytest.mark.parametrize("place", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_process_that_is_forked_off_while_others_write_has_connections_of_its_own(ledger: Ledger) -> None:
    written = dict.fromkeys((f"case/{number}" for number in range(2)), 0)
    stop = threading.Event()

    def write(stream: str) -> None:
        head = Head()
        while not stop.is_set():
            head = add(ledger, stream, "a", head=head)
            written[stream] += 1

    add(ledger, "case/main", "a")
    writers = [threading.Thread(target=write, args=(stream,)) for stream in written]
    for writer in writers:
        writer.start()
    children = []
    for number in range(3):
        time.sleep(0.1)
        child = os.fork()
        if child == 0:
            signal.alarm(20)
            add(ledger, f"case/child-{number}", "a")
            ledger.close()
            os._exit(0)
        children.append(child)
    ends = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    stop.set()
    for writer in writers:
        writer.join()
    add(ledger, "case/main", "b")
    assert ends == [0, 0, 0]
    found = {stream: len(events) for stream, events in ledger.streams("case/")}
    assert found == {**written, "case/main": 2, "case/child-0": 1, "case/child-1": 1, "case/child-2": 1}


@pytest.mark.parametrize("place", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
@pytest.mark.parametrize("also", [(), (("DELETE FROM person WHERE id = ?", ("nobody",)),)], ids=["alone", "also"])
def test_every_write_locks_rows_of_views_before_it_adds_its_event(ledger: Ledger, also: Sequence[Statement]) -> None:
    """Two writes that lock the same things in another order wait for each other, and one of them is turned away."""

    def put(head: Head) -> Head:
        row = ViewRow(view="case", key="1", owner="oak-jail", due=None, body=f'"{head.version}"')
        return ledger.append(
            "case/1",
            [NewEvent(kind="a", body={})],
            head=head,
            actor="officer-1",
            role="issuing_officer",
            command=ledger.new_key(),
            views=lambda _events, _head: [row],
            also=also,
        ).head

    head = put(Head())
    with ThreadPoolExecutor(1) as pool:
        with ledger.writing() as cursor:
            cursor.execute("SELECT key FROM view FOR UPDATE")
            second = pool.submit(put, head)
            waits = "SELECT count(*) FROM pg_locks WHERE NOT granted"
            while ledger.rows(waits)[0][0] == 0:
                time.sleep(0.01)
            # What another writer would do next: it finds the event's place free.
            cursor.execute("SET LOCAL lock_timeout = '2s'")
            cursor.execute(
                "INSERT INTO entry SELECT id + 1000, stream, 2, kind, kind_version, recorded_at, actor, role, 'other',"
                " command_part, command_digest, previous, body, leaf, mac FROM entry"
            )
        with pytest.raises(Conflict):
            second.result(10)


@pytest.mark.parametrize("place", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_the_end_of_a_stream_is_looked_up_by_an_index_even_where_a_record_is_small(ledger: Ledger) -> None:
    add(ledger, "case/1", "a")
    with ledger.writing() as cursor:
        cursor.execute("ANALYZE entry")
    plan = [row[0] for row in ledger.rows(f"EXPLAIN {select_ends(1)}", "case/1", b"")]
    assert any("Index Scan Backward using entry_once_a_version" in line for line in plan), plan
    assert not any("Seq Scan" in line for line in plan), plan


@given(_SAID)
def test_what_an_event_says_is_written_as_the_standard_library_writes_it(said: object) -> None:
    text = canonical(said)
    assert text == json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    event = Event(**dict.fromkeys(Event.__struct_fields__, "") | {"body": text})  # type: ignore[arg-type]
    assert event.said() == said == json.loads(text)


@given(st.datetimes(timezones=st.sampled_from((UTC, ZoneInfo("America/Chicago"), ZoneInfo("Europe/London")))))
def test_the_time_of_recording_sorts_as_text(instant: datetime) -> None:
    assume(datetime(2, 1, 1, tzinfo=UTC) < instant < datetime(9998, 1, 1, tzinfo=UTC))
    in_utc = instant.astimezone(UTC).replace(tzinfo=None)
    assert instant_text(instant) == in_utc.isoformat(timespec="microseconds") + "Z"


def test_a_word_of_a_list_is_written_as_what_it_says() -> None:
    assert canonical({"why": [_Word.NO]}) == '{"why":["no"]}'


@pytest.mark.parametrize(
    "value",
    [1.5, [0.0], {"a": {"b": [1e3]}}, {1: "a"}, {"a": b"b"}, {"a": date(2026, 3, 2)}, {"a": {"b"}}],
    ids=repr,
)
def test_an_event_says_nothing_that_another_program_would_write_otherwise(value: object) -> None:
    with pytest.raises(TypeError, match=r"cannot hold|str"):
        canonical(value)


def test_a_database_that_may_only_be_read_is_told_with_what_to_do(ledger: Ledger) -> None:
    def only_reading(connection: Any, _record: object) -> None:
        is_sqlite = ledger.engine.dialect.name == "sqlite"
        connection.cursor().execute("PRAGMA query_only = ON" if is_sqlite else "SET default_transaction_read_only = on")
        connection.commit()

    listen(ledger.engine, "connect", only_reading)
    ledger.close()
    with pytest.raises(StoreError, match="may be read and not written") as raised:
        add(ledger, "case/1", "a")
    assert "copy its file" in str(raised.value.do)
