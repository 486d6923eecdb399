"""Linking detainers to stays, against the rule told again in plain Python."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detainer_ledger.outcomes import find_stays, link_stays
from detainer_ledger.tables import connect

DAY = date(2024, 1, 1)
Detainer = tuple[str, str, int, bool]  # id, person, day of issue, recorded as booked
Stay = tuple[str, int]  # person, first day


def link(detainers: list[Detainer], stays: list[Stay], window: int) -> dict[str, date]:
    connection = connect()
    given_detainers = pa.table(
        {
            "detainer_id": [each[0] for each in detainers],
            "person_key": [each[1] for each in detainers],
            "issued_on": pa.array([DAY + timedelta(each[2]) for each in detainers], type=pa.date32()),
            "lift_reason": pa.array(
                ["booked_into_detention" if each[3] else None for each in detainers], type=pa.string()
            ),
            "duplicate_kind": pa.array([None] * len(detainers), type=pa.string()),
        }
    )
    given_stints = pa.table(
        {
            "person_key": [each[0] for each in stays],
            "stay_book_in_at": pa.array(
                [datetime.combine(DAY + timedelta(each[1]), time()) for each in stays], type=pa.timestamp("us")
            ),
            "stay_book_out_at": pa.array([None] * len(stays), type=pa.timestamp("us")),
            "book_in_at": pa.array([None] * len(stays), type=pa.timestamp("us")),
            "facility_code": pa.array([f"F{place}" for place in range(len(stays))], type=pa.string()),
        }
    )
    connection.register("d", given_detainers)
    connection.register("s", given_stints)
    find_stays(connection, stints="s")
    count = link_stays(connection, detainers="d", window_days=window)
    found = dict(connection.execute("SELECT detainer_id, custody_linked_on FROM links").fetchall())
    connection.close()
    assert len(found) == count
    return found


def link_by_hand(detainers: list[Detainer], stays: list[Stay], window: int) -> dict[str, date]:
    """Rounds: each open one names its earliest free stay; a stay takes booked, then close, then low id."""
    free = set(stays)
    open_detainers = {each[0]: each for each in detainers}
    found: dict[str, date] = {}
    while True:
        wishes: dict[Stay, list[Detainer]] = {}
        for each in open_detainers.values():
            fitting = [stay for stay in free if stay[0] == each[1] and -2 <= stay[1] - each[2] <= window]
            if fitting:
                wishes.setdefault(min(fitting, key=lambda stay: stay[1]), []).append(each)
        if not wishes:
            return found
        for stay, wanting in wishes.items():
            taken = min(wanting, key=lambda each: (not each[3], abs(stay[1] - each[2]), each[0]))
            found[taken[0]] = DAY + timedelta(stay[1])
            free.discard(stay)
            del open_detainers[taken[0]]


@pytest.mark.parametrize(
    ("gap", "linked"), [(-3, False), (-2, True), (0, True), (179, True), (180, True), (181, False)]
)
def test_the_window_has_both_its_ends(gap: int, linked: bool) -> None:
    assert bool(link([("d1", "p", 10, False)], [("p", 10 + gap)], 180)) is linked


def test_a_stay_answers_one_detainer_and_the_booked_one_comes_first() -> None:
    detainers = [("d1", "p", 0, True), ("d2", "p", 20, False)]
    assert set(link(detainers, [("p", 21)], 180)) == {"d1"}


def test_without_a_booked_one_the_closest_detainer_takes_the_stay() -> None:
    detainers = [("d1", "p", 0, False), ("d2", "p", 20, False)]
    assert set(link(detainers, [("p", 21)], 180)) == {"d2"}


def test_who_lost_a_stay_takes_the_next_one() -> None:
    detainers = [("d1", "p", 0, False), ("d2", "p", 20, False)]
    assert link(detainers, [("p", 21), ("p", 60)], 180) == {"d1": DAY + timedelta(60), "d2": DAY + timedelta(21)}


def test_another_person_is_never_linked() -> None:
    assert link([("d1", "p", 0, False)], [("q", 1)], 180) == {}


days = st.integers(min_value=0, max_value=80)
people = st.sampled_from("pqr")


@settings(max_examples=80, deadline=None)
@given(
    detainers=st.lists(st.tuples(people, days, st.booleans()), max_size=10),
    stays=st.lists(st.tuples(people, days), max_size=8, unique=True),
    window=st.sampled_from([0, 7, 30, 90]),
)
def test_linking_follows_the_rule_and_no_stay_answers_two(
    detainers: list[tuple[str, int, bool]], stays: list[Stay], window: int
) -> None:
    named = [(f"d{place:02}", person, day, booked) for place, (person, day, booked) in enumerate(detainers)]
    found = link(named, stays, window)
    assert found == link_by_hand(named, stays, window)
    people_of = {each[0]: each[1] for each in named}
    answered = [(people_of[detainer], day) for detainer, day in found.items()]
    assert len(answered) == len(set(answered))


def test_a_custody_entered_twice_in_the_same_facility_is_one_stay() -> None:
    connection = connect()
    connection.execute(
        "CREATE TABLE s AS SELECT * FROM (VALUES"
        " ('p', TIMESTAMP '2024-01-02 10:00', NULL::TIMESTAMP, NULL::TIMESTAMP, 'F1'),"
        " ('p', TIMESTAMP '2024-01-05 10:00', TIMESTAMP '2024-02-01 00:00', NULL::TIMESTAMP, 'F1'),"
        " ('p', TIMESTAMP '2024-03-01 10:00', NULL::TIMESTAMP, NULL::TIMESTAMP, 'F2'))"
        " AS t(person_key, stay_book_in_at, stay_book_out_at, book_in_at, facility_code)"
    )
    connection.execute(
        "CREATE TABLE d AS SELECT 'd' || i AS detainer_id, 'p' AS person_key, DATE '2024-01-01' AS issued_on,"
        " NULL::VARCHAR AS lift_reason, NULL::VARCHAR AS duplicate_kind FROM range(3) AS r(i)"
    )
    find_stays(connection, stints="s")
    assert link_stays(connection, detainers="d", window_days=180) == 2
    connection.close()
