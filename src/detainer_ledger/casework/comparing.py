"""What a record keeps beside its events, held against what the events say of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from detainer_ledger.casework.lifecycle import NO_STAGE
from detainer_ledger.casework.record import CASE_PREFIX, Record
from detainer_ledger.casework.state import case_of
from detainer_ledger.casework.views import view_rows
from detainer_ledger.ledger import ViewRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is kept beside the events, held against them.

    ``stale_cases`` are the ids that lists and queues show otherwise than the events make them; ``n_unread_persons``
    counts people whose key is gone although no erasure is recorded.
    """

    stale_cases: tuple[str, ...]
    n_unread_persons: int


def held_against_events(record: Record) -> Kept:
    """Compare lists, queues and people's keys with the events of a record; memory holds one piece of them.

    What others change meanwhile is looked at again, and does not count.
    """
    agencies, now = record.registry.agencies, record.ledger.now()
    keys = record.ledger.persons_with_key()
    kept = groupby(record.ledger.every_view(), key=lambda row: row.key)
    pair: tuple[str, Iterable[ViewRow]] | None = next(kept, None)
    differing: list[str] = []
    unread = 0
    for case in record.every_case():
        while pair is not None and pair[0] < case.id:
            differing.append(pair[0])
            pair = next(kept, None)
        rows: set[ViewRow] = set()
        if pair is not None and pair[0] == case.id:
            rows = set(pair[1])
            pair = next(kept, None)
        if rows != set(view_rows(case, agencies[case.agency], now)):
            differing.append(case.id)
        person = case.beginning.body.get("person")
        unread += person is not None and person not in keys and case.last("person_erased") is None
    while pair is not None:
        differing.append(pair[0])
        pair = next(kept, None)
    stale = tuple(case_id for case_id in differing if _is_stale(record, case_id, now))
    return Kept(stale_cases=stale, n_unread_persons=unread)


def _is_stale(record: Record, case_id: str, now: datetime) -> bool:
    case = case_of(case_id, record.ledger.events(CASE_PREFIX + case_id))
    made: set[ViewRow] = set()
    if case.stage != NO_STAGE:
        made = set(view_rows(case, record.registry.agencies[case.agency], now))
    return made != set(record.ledger.views_of(case_id))
