"""The rows by which cases of both kinds are listed, as their events make them; they can be made anew at any time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from detainer_ledger.casework.lifecycle import NO_STAGE
from detainer_ledger.casework.record import Record
from detainer_ledger.casework.screening.beginning import SCREENING_PREFIX
from detainer_ledger.casework.screening.cases import screening_cases
from detainer_ledger.casework.screening.protocols import protocol_named, protocols_of
from detainer_ledger.casework.screening.rows import protocol_name, screening_row
from detainer_ledger.casework.state import Case, case_of
from detainer_ledger.casework.views import view_rows
from detainer_ledger.ledger import ViewRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A case with the rows that follow from its events."""

    case: Case
    rows: tuple[ViewRow, ...]


def listed(record: Record) -> Iterator[Listed]:
    """Give every case of a record with its rows, in the order of ids; memory holds one piece."""
    agencies, now = record.registry.agencies, record.ledger.now()
    for case in record.every_case():
        yield Listed(case=case, rows=view_rows(case, agencies[case.agency], now))
    protocols = protocols_of(record)
    for case in screening_cases(record):
        yield Listed(case=case, rows=(screening_row(case, protocol_named(protocols, protocol_name(case))),))


def rows_now(record: Record, case_id: str) -> tuple[ViewRow, ...]:
    """Return the rows that follow from the events of one case of either kind, () where there is no such case."""
    case = record.case_now(case_id)
    if case.stage != NO_STAGE:
        return view_rows(case, record.registry.agencies[case.agency], record.ledger.now())
    case = case_of(case_id, record.ledger.events(SCREENING_PREFIX + case_id))
    if case.stage == NO_STAGE:
        return ()
    return (screening_row(case, protocol_named(protocols_of(record), protocol_name(case))),)


def rebuild(record: Record) -> int:
    """Make the rows anew from the events, and return their number."""
    return record.ledger.replace_views(row for each in listed(record) for row in each.rows)
