"""How far protocols were followed: counts and rates, against a plain count in Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detainer_ledger.casework.screening import (
    COLUMNS,
    GROUPS,
    LAPSES,
    TESTED,
    Compliance,
    DueStep,
    Notes,
    Status,
    compliance_of,
    extract_steps,
    notes_of,
    step_rows,
    table_of,
)
from detainer_ledger.casework.screening.compliance import status_sql
from detainer_ledger.casework.screening.table import schema
from detainer_ledger.tables import connect
from detainer_ledger.terms import BadInput
from tests.casework.build import AUDITOR, OFFICER
from tests.casework.screening.build import Room, bare_case, protocol_text, protocol_with
from tests.casework.screening.test_steps import EVERYTHING, START, histories

FIRST = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
instants = st.integers(0, 12).map(lambda hours: FIRST + timedelta(hours=hours))
some_instants = st.none() | instants

due_step_rows = st.builds(
    DueStep,
    step=st.sampled_from(["a", "b", "c"]),
    required=st.booleans(),
    round=st.integers(1, 3),
    triggered_at=some_instants,
    due_at=some_instants,
    done_at=some_instants,
    documented_at=some_instants,
    is_in_order=st.none() | st.booleans(),
    ended_at=some_instants,
)

Row = tuple[dict[str, str], DueStep]
rows_of_cases = st.lists(
    st.tuples(
        st.fixed_dictionaries(
            {
                "case": st.sampled_from(["S-1", "S-2", "S-3", "S-4"]),
                "office": st.sampled_from(["St. Paul", "O'Hare", 'a "quoted" one', "東京"]),
                "month": st.sampled_from(["2026-01", "2026-02"]),
                "stage": st.sampled_from(["in_custody", "closed"]),
                "protocol": st.sampled_from(["test@1", "test@2"]),
            }
        ),
        due_step_rows,
    ),
    max_size=25,
)


def as_table(rows: Sequence[Row]) -> pa.Table:
    def naive(at: datetime | None) -> datetime | None:
        return None if at is None else at.replace(tzinfo=None)

    return table_of(
        {
            **about,
            "step": row.step,
            "required": row.required,
            "round": row.round,
            "triggered_at": naive(row.triggered_at),
            "due_at": naive(row.due_at),
            "done_at": naive(row.done_at),
            "documented_at": naive(row.documented_at),
            "is_in_order": row.is_in_order,
            "ended_at": naive(row.ended_at),
        }
        for about, row in rows
    )


ABOUT = {"office": "x", "month": "2026-01", "stage": "closed", "protocol": "test@1"}


def told_by_sql(rows: Sequence[DueStep], at: datetime) -> list[str]:
    connection = connect()
    connection.register("given", as_table([({**ABOUT, "case": f"S-{n:06}"}, row) for n, row in enumerate(rows)]))
    found = connection.execute(f'SELECT {status_sql(at)} FROM given ORDER BY "case"').fetchall()
    connection.close()
    return [status for (status,) in found]


def test_the_status_in_sql_is_the_status_in_python_in_every_order_of_two_instants() -> None:
    few = [None, *(FIRST + timedelta(hours=hours) for hours in (1, 2))]
    rows = [
        DueStep(step="a", required=True, round=1, triggered_at=triggered, due_at=due, done_at=done,
                documented_at=documented, is_in_order=is_in_order, ended_at=ended)
        for triggered, due, done, documented, ended in product(few, repeat=5)
        for is_in_order in (None, True, False)
    ]  # fmt: skip
    for hours in (0, 1, 2, 3):
        at = FIRST + timedelta(hours=hours)
        told = [row.status(at).value for row in rows]
        assert told_by_sql(rows, at) == told
    assert set(told) == {each.value for each in Status}


@settings(max_examples=20, deadline=None)
@given(rows=st.lists(due_step_rows, min_size=1, max_size=60), at=instants)
def test_the_status_in_sql_is_the_status_in_python(rows: list[DueStep], at: datetime) -> None:
    assert told_by_sql(rows, at) == [row.status(at).value for row in rows]


def plain_count(rows: Sequence[Row], at: datetime, by: Sequence[str]) -> dict[tuple[str, ...], tuple[Any, ...]]:
    """Count by going through the rows one after the other."""
    steps: dict[tuple[str, ...], Counter[Status]] = {}
    files: dict[tuple[str, ...], set[str]] = {}
    failing: dict[tuple[str, ...], set[str]] = {}
    for about, row in rows:
        group = tuple({**about, "step": row.step}[name] for name in by)
        status = row.status(at)
        steps.setdefault(group, Counter())[status] += 1
        if row.required and status in TESTED:
            files.setdefault(group, set()).add(about["case"])
            if status in LAPSES:
                failing.setdefault(group, set()).add(about["case"])
    return {
        group: (dict(counts), len(files.get(group, ())), len(failing.get(group, ()))) for group, counts in steps.items()
    }


def told(found: Compliance) -> dict[tuple[str, ...], tuple[Any, ...]]:
    return {
        row.group: ({status: n for status, n in row.steps.items() if n}, row.files, row.files_with_lapse)
        for row in found.rows
    }


@settings(max_examples=30, deadline=None)
@given(rows=rows_of_cases, at=instants, by=st.lists(st.sampled_from(GROUPS), unique=True, max_size=3))
def test_the_counts_are_those_of_a_plain_count(rows: list[Row], at: datetime, by: list[str]) -> None:
    found = compliance_of(as_table(rows), at=at, by=by)
    whole = plain_count(rows, at, []).get((), ({}, 0, 0))
    assert ({status: n for status, n in found.all.steps.items() if n}, found.all.files, found.all.files_with_lapse) == (
        whole
    )
    assert told(found) == (plain_count(rows, at, by) if by else {})
    assert [row.group for row in found.rows] == sorted(row.group for row in found.rows)
    required: dict[str, list[Status]] = {}
    for about, row in rows:
        if row.required and row.status(at) in TESTED:
            required.setdefault(about["case"], []).append(row.status(at))
    lapses = Counter(sum(status in LAPSES for status in of_case) for of_case in required.values())
    assert found.lapses_per_file == dict(sorted(lapses.items()))
    for each in (found.all, *found.rows):
        assert list(each.steps) == list(Status)
        assert each.tested == sum(each.steps[status] for status in TESTED)
        assert each.lapses == sum(each.steps[status] for status in LAPSES)
        assert each.step_rate == (each.lapses / each.tested if each.tested else None)
        assert each.file_rate == (each.files_with_lapse / each.files if each.files else None)


@settings(max_examples=12, deadline=None)
@given(cases=st.lists(histories(), min_size=1, max_size=4), at=st.integers(-2, 420), later=st.integers(0, 100))
def test_a_table_of_cases_tells_of_every_earlier_instant_what_was_told_then(
    cases: list[Any], at: int, later: int
) -> None:
    then = START + timedelta(hours=at)

    def counted(seen: datetime) -> dict[Status, int]:
        made = ((bare_case(*events, begins=START.isoformat()), EVERYTHING) for events in cases)
        found = compliance_of(table_of(step_rows(made, seen)), at=then).all
        # What nothing has made due yet stands in the list of then once, and in that of now by its round.
        return {status: n for status, n in found.steps.items() if status is not Status.NOT_APPLICABLE}

    assert counted(then) == counted(then + timedelta(hours=later))


def test_file_rate_and_step_rate_stand_side_by_side(room: Room) -> None:
    # Of two files the first has one lapse among two steps that were tested, the second none among two.
    first = room.begin("do_step")
    second = room.begin("do_step")
    room.done("do_step", second, by="sam", step="oversight-review", at="2026-02-03T09:00", evidence="file-2")
    table = table_of(step_rows(room.screenings.every_case(), room.office.clock()))
    found = compliance_of(table, at=room.office.clock(), by=("case",))
    assert (found.all.files_with_lapse, found.all.files, found.all.file_rate) == (1, 2, 0.5)
    assert (found.all.lapses, found.all.tested, found.all.step_rate) == (1, 4, 0.25)
    assert found.lapses_per_file == {0: 1, 1: 1}
    rates = {row.group[0]: (row.file_rate, row.step_rate) for row in found.rows}
    assert rates == {first: (1.0, 0.5), second: (0.0, 0.0)}


def test_a_step_that_is_only_reported_counts_among_steps_and_fails_no_file() -> None:
    protocol = protocol_with({"hours": 24, "required": False}, {"id": "other"})
    table = table_of(step_rows([(bare_case(), protocol)], FIRST + timedelta(days=9)))
    found = compliance_of(table, at=FIRST + timedelta(days=9)).all
    assert (found.steps[Status.MISSING], found.tested, found.lapses) == (1, 1, 1)
    assert (found.files, found.files_with_lapse, found.file_rate) == (0, 0, None)
    assert compliance_of(table, at=FIRST + timedelta(days=9)).lapses_per_file == {}


def test_a_record_without_cases_has_no_rates_and_none_is_zero() -> None:
    found = compliance_of(table_of([]), at=FIRST, by=("office",))
    assert (found.all.step_rate, found.all.file_rate, found.rows, found.lapses_per_file) == (None, None, (), {})


def test_pending_and_not_run_are_never_counted_as_done(room: Room) -> None:
    case = room.begin()
    for result, reason in (("pending_authority", {}), ("not_run", {"reason": "No network."}), ("no_match", {})):
        room.done("record_result", case, result=result, **reason)
        found = compliance_of(
            table_of(step_rows(room.screenings.every_case(), room.office.clock())), at=room.office.clock()
        )
        assert found.all.steps[Status.IN_TIME] == 0
        assert room.statuses(case)["initial-checks"] == ["missing"]


def test_voided_cases_are_counted_nowhere(room: Room, tmp_path: Path) -> None:
    kept, voided = room.begin("do_step"), room.begin("do_step")
    room.done("void", voided)
    out = tmp_path / "steps.parquet"
    rows = extract_steps(room.office.record, out, AUDITOR)
    assert isinstance(rows, int)
    table = pq.read_table(out)
    assert set(table["case"].to_pylist()) == {kept}
    assert table.num_rows == rows == len(room.shown(kept).steps)


def test_the_table_has_its_columns_and_says_what_the_case_says(room: Room, tmp_path: Path) -> None:
    case = room.begin("do_step", "record_result", "release_to_supervision")
    out = tmp_path / "steps.parquet"
    extract_steps(room.office.record, out, AUDITOR)
    table = pq.read_table(out)
    assert table.schema.names == list(COLUMNS)
    assert table.schema.equals(schema())
    shown = room.shown(case)
    steps = table.to_pylist()
    assert [(row["step"], row["round"]) for row in steps] == [(row.step, row.round) for row in shown.steps]
    assert {(row["case"], row["office"], row["month"], row["stage"], row["protocol"]) for row in steps} == {
        (case, "St. Paul (synthetic)", "2026-02", "under_supervision", "illustrative@1")
    }
    first = steps[0]
    assert {name: str(first[name]) for name in ("triggered_at", "done_at", "documented_at", "due_at")} == {
        "triggered_at": "2026-02-02 15:00:00",
        "done_at": "2026-02-02 17:00:00",
        "documented_at": "2026-02-02 17:00:00",
        "due_at": "2026-02-03 15:00:00",
    }
    assert (first["required"], first["is_in_order"], first["ended_at"]) == (True, True, None)


def test_an_extract_replaces_the_file_as_a_whole_and_leaves_nothing_beside_it(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "folder" / "steps.parquet"
    out.parent.mkdir()
    assert extract_steps(room.office.record, out, AUDITOR) == 0
    assert pq.read_table(out).schema.names == list(COLUMNS)
    room.begin()
    before = out.read_bytes()

    def broken(*_: Any) -> Iterator[Mapping[str, Any]]:
        raise OSError("no space left")

    monkeypatch.setattr("detainer_ledger.casework.screening.table.step_rows", broken)
    with pytest.raises(OSError, match="no space left"):
        extract_steps(room.office.record, out, AUDITOR)
    assert out.read_bytes() == before
    assert [each.name for each in out.parent.iterdir()] == ["steps.parquet"]


def test_a_table_says_when_it_was_written_and_which_protocols_in_it_are_illustrations(
    room: Room, tmp_path: Path
) -> None:
    out = tmp_path / "steps.parquet"
    extract_steps(room.office.record, out, AUDITOR)
    assert notes_of(out) == Notes(written_at=room.office.clock(), illustrative=())
    room.adopt(protocol_text({}, in_force_from="2026-02-10"))
    room.begin(at="2026-02-10T09:00")
    room.done("void", room.begin())
    extract_steps(room.office.record, out, AUDITOR)
    assert notes_of(out).illustrative == ()
    room.begin()
    extract_steps(room.office.record, out, AUDITOR)
    assert notes_of(out).illustrative == ("illustrative@1",)
    pq.write_table(table_of([]), out)
    assert notes_of(out) == Notes(written_at=None, illustrative=())


def test_a_file_is_written_into_a_folder_that_there_is(room: Room, tmp_path: Path) -> None:
    for out, what in ((tmp_path, "This is a folder."), (tmp_path / "no" / "x.parquet", "There is no such folder.")):
        with pytest.raises(BadInput, match=what) as raised:
            extract_steps(room.office.record, out, AUDITOR)
        assert raised.value.where == {"file": str(out)}
    assert list(tmp_path.glob("**/*.p*t*")) == []


def test_the_month_is_that_of_the_offices_zone(room: Room) -> None:
    case = room.begin(at="2026-02-01T05:30Z")
    (month,) = {row["month"] for row in step_rows(room.screenings.every_case(), room.office.clock())}
    assert month == "2026-01"
    room.done("correct", case, values={"at": "2026-02-01T06:30Z"})
    (month,) = {row["month"] for row in step_rows(room.screenings.every_case(), room.office.clock())}
    assert month == "2026-02"


@pytest.mark.parametrize(
    ("by", "do"),
    [
        (("city",), "it can be office, month"),
        (("office", "office"), "write office once"),
        (("office; DROP TABLE given",), "it can be"),
    ],
)
def test_what_steps_are_not_counted_by_is_refused(by: tuple[str, ...], do: str) -> None:
    with pytest.raises(BadInput) as raised:
        compliance_of(table_of([]), at=FIRST, by=by)
    assert raised.value.where == {"option": "--by"}
    assert do in raised.value.do


def test_what_is_no_table_of_steps_is_refused_with_the_file_and_the_column(tmp_path: Path) -> None:
    good = table_of([])
    text = tmp_path / "text.parquet"
    text.write_text("case,office\n")
    empty = tmp_path / "empty.parquet"
    empty.write_bytes(b"")
    less = tmp_path / "less.parquet"
    pq.write_table(good.drop_columns(["due_at"]), less)
    other = tmp_path / "other.parquet"
    pq.write_table(good.set_column(9, "due_at", pa.array([], pa.string())), other)
    for path, column in (
        (tmp_path / "none.parquet", None),
        (text, None),
        (empty, None),
        (tmp_path, None),
        (less, "due_at"),
        (other, "due_at"),
    ):
        with pytest.raises(BadInput) as raised:
            compliance_of(path, at=FIRST)
        assert raised.value.where["file"] == str(path)
        assert raised.value.where.get("column") == column
        assert "detainer screening extract" in raised.value.do


def test_a_table_is_counted_the_same_from_a_file_and_from_memory(room: Room, tmp_path: Path) -> None:
    for _ in range(3):
        room.begin("do_step", "record_result")
    out = tmp_path / 'o\'clock "steps".parquet'
    extract_steps(room.office.record, out, AUDITOR)
    at = room.office.clock()
    table = table_of(step_rows(room.screenings.every_case(), at))
    assert compliance_of(out, at=at, by=("office", "step")) == compliance_of(table, at=at, by=("office", "step"))


def test_no_personal_field_and_no_person_stands_in_the_table(room: Room) -> None:
    case = room.begin("do_step")
    person = room.events(case)[0].said()["person"]
    rows = list(step_rows(room.screenings.every_case(), room.office.clock()))
    assert person not in repr(rows)
    assert OFFICER not in repr(rows)
