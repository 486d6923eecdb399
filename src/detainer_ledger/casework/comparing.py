"""What a record keeps beside its events, held against what the events say of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from detainer_ledger.casework.lists import listed, rows_now
from detainer_ledger.casework.record import Record
from detainer_ledger.ledger import ViewRow, readable_persons


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is kept beside the events, held against them.

    ``stale_cases`` are the ids that lists and queues show otherwise than the events make them; ``n_unread_persons``
    counts people whose fields cannot be read although no erasure is recorded.
    """

    stale_cases: tuple[str, ...]
    n_unread_persons: int


def held_against_events(record: Record) -> Kept:
    """Compare lists, queues and people's keys with the events of a record; memory holds one piece of them.

    What others change meanwhile is looked at again, and does not count.
    """
    readable = readable_persons(record.ledger)
    kept = groupby(record.ledger.every_view(), key=lambda row: row.key)
    pair: tuple[str, Iterable[ViewRow]] | None = next(kept, None)
    differing: list[str] = []
    unread = 0
    for each in listed(record):
        case = each.case
        while pair is not None and pair[0] < case.id:
            differing.append(pair[0])
            pair = next(kept, None)
        rows: set[ViewRow] = set()
        if pair is not None and pair[0] == case.id:
            rows = set(pair[1])
            pair = next(kept, None)
        if rows != set(each.rows):
            differing.append(case.id)
        person = case.beginning.body.get("person")
        # A screening case shares the person with its detainer, where an erasure is recorded.
        is_shared = "detainer" in case.beginning.body
        unread += person is not None and not is_shared and person not in readable and case.last("person_erased") is None
    while pair is not None:
        differing.append(pair[0])
        pair = next(kept, None)
    stale = tuple(case_id for case_id in differing if _is_stale(record, case_id))
    return Kept(stale_cases=stale, n_unread_persons=unread)


def _is_stale(record: Record, case_id: str) -> bool:
    return set(rows_now(record, case_id)) != set(record.ledger.views_of(case_id))
