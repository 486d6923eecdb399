"""The record's extract: one row per detainer in the columns of the detainers table, without personal fields.

The same table comes from a published release, so every figure runs on it. The outcome is that of the event that ended
the detainer; a detainer that is still open has none, and counts as unresolved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detainer_ledger.casework.access import Act, Agency
from detainer_ledger.casework.gates import overridden_rules
from detainer_ledger.casework.giving import Refused
from detainer_ledger.casework.holds import form_of_case, issued_on
from detainer_ledger.casework.incidents import PAST_A_LIMIT, incidents_of
from detainer_ledger.casework.record import Record
from detainer_ledger.casework.state import Case
from detainer_ledger.casework.views import CASES
from detainer_ledger.ledger import make_checkpoint, read_checkpoint
from detainer_ledger.terms import OVERRIDDEN, lift_reasons

if TYPE_CHECKING:
    import pyarrow as pa

EXTRACT_COLUMNS: Mapping[str, str] = {
    "detainer_id": "string",
    "release_id": "string",
    "source_file": "string",
    "source_sheet": "string",
    "source_row": "int32",
    "issued_on": "date32",
    "form": "string",
    "form_raw": "string",
    "facility_name": "string",
    "facility_code": "string",
    "facility_city": "string",
    "facility_state": "string",
    "area_of_responsibility": "string",
    "lift_reason_raw": "string",
    "lift_reason": "string",
    "lifted_on": "date32",
    "request_accepted": "bool",
    "basis_final_order": "bool",
    "basis_proceedings": "bool",
    "basis_biometric": "bool",
    "basis_statements": "bool",
    "apprehended_on": "date32",
    "quality": "list<string>",
}
"""Columns that a record fills, with their types; all others of the detainers table are empty.

Personal fields (country, year of birth, gender) never leave the record. The day on which a warrant was signed is not
the one on which it was served, which the record does not have.
"""

_REASON_OF_ENDING = {
    "custody_taken": "booked_into_detention",
    "expired": "hold_expired",
    "transferred": "transferred",
    "superseded": "superseded_by_new_form",
}


def extract(
    record: Record,
    store: Path,
    actor: str,
    *,
    progress: Callable[[int, int], None] = lambda _done, _cases: None,
) -> tuple[str, int] | Refused:
    """Write the extract of a record into a store as a release, and return its id and the number of detainers.

    Cases without a detainer are not in it, nor are those that were voided. A receiving agency gets its own detainers.
    The manifest names the checkpoint that the extract is of: its root stands where a release has the SHA-256 of its
    file. An earlier extract of the record is replaced.
    """
    from detainer_ledger.intake import put_extract

    if (refused := record.may(actor, Act.EXTRACT)) is not None:
        return refused
    agency = record.actor(actor).agency
    checkpoint = read_checkpoint(make_checkpoint(record.ledger), record.ledger.keys.public)
    name = record.ledger.origin.replace("/", "-").replace(":", "-")
    release = f"record-{name}" + (f"-{agency}" if agency else "")
    agencies = record.registry.agencies
    now = record.ledger.now()
    cases = _told_of(record.every_case(agency=agency), record.ledger.n_views(CASES, owner=agency), progress)
    table = extract_table(cases, agencies, release=release, source=record.ledger.origin, now=now)
    rows = put_extract(table, store, release_id=release, source=record.ledger.origin, sha256=checkpoint.root.hex())
    return release, rows


def _told_of(cases: Iterable[Case], total: int, progress: Callable[[int, int], None]) -> Iterator[Case]:
    for done, case in enumerate(cases, start=1):
        if done % 100 == 0:
            progress(done, max(done, total))
        yield case


def extract_table(
    cases: Iterable[Case], agencies: Mapping[str, Agency], *, release: str, source: str, now: datetime
) -> pa.Table:
    """Return the extract as an Arrow table with all columns of the detainers table but outcome and jurisdiction."""
    import pyarrow as pa

    from detainer_ledger.terms import DETAINERS

    columns: dict[str, list[Any]] = {name: [] for name in EXTRACT_COLUMNS}
    number = 0
    for case in cases:
        if form_of_case(case) is None or case.last("voided") is not None:
            continue
        number += 1
        row = {
            **_row(case, agencies[case.agency], now),
            "release_id": release,
            "source_file": source,
            "source_sheet": "record",
            "source_row": number,
        }
        for name, values in columns.items():
            values.append(row.get(name))
    kinds = {"string": pa.string(), "int32": pa.int32(), "date32": pa.date32(), "bool": pa.bool_()}
    kinds["list<string>"] = pa.list_(pa.string())
    filled = {name: pa.array(values, kinds[EXTRACT_COLUMNS[name]]) for name, values in columns.items()}
    days = columns["issued_on"]
    filled["issued_year"] = pa.array([day and day.year for day in days], pa.int16())
    filled["issued_fiscal_year"] = pa.array([day and day.year + (day.month >= 10) for day in days], pa.int16())
    filled["issued_month"] = pa.array([day and f"{day:%Y-%m}" for day in days], pa.string())
    empty = {"SMALLINT": pa.int16(), "DATE": pa.date32(), "BOOLEAN": pa.bool_(), "FLOAT": pa.float32()}
    for column in DETAINERS:
        if column.name not in filled and column.name not in _CLASSIFIED:
            filled[column.name] = pa.nulls(len(days), empty.get(column.sql_type, pa.string()))
    return pa.table({column.name: filled[column.name] for column in DETAINERS if column.name in filled})


_CLASSIFIED = frozenset({"outcome", "outcome_detail", "outcome_basis", "custody_linked_on"})


def _row(case: Case, agency: Agency, now: datetime) -> dict[str, Any]:
    bases = case.said("probable_cause_established", "bases") or case.said("detainer_received", "bases")
    ending = case.ending
    answer = case.said("answered", "answer")
    reason = lift_reason_of(case)
    arrest = case.last("arrest_recorded")
    return {
        "detainer_id": case.id,
        "issued_on": issued_on(case),
        "form": form_of_case(case),
        "form_raw": form_of_case(case),
        "facility_name": agency.name,
        "facility_code": agency.facility_code or None,
        "facility_city": agency.city or None,
        "facility_state": agency.state,
        "area_of_responsibility": case.beginning.body.get("area_of_responsibility"),
        "lift_reason_raw": _label(reason),
        "lift_reason": reason,
        "lifted_on": ending.at.date() if ending and ending.at else None,
        "request_accepted": None if answer in {None, "no_answer"} else answer != "decline",
        **{
            f"basis_{basis}": None if bases is None else basis in bases
            for basis in ("final_order", "proceedings", "biometric", "statements")
        },
        "apprehended_on": arrest.at.date() if arrest and arrest.at else None,
        "quality": list(_marks(case, agency, now)),
    }


def lift_reason_of(case: Case) -> str | None:
    """Return the code of the lift reason that says what became of a case's detainer, None while nothing has.

    A release after the agency declined is a decline, whatever came between; a decline without a release yet is one too.
    Custody that was taken all the same is custody.
    """
    ending = case.ending
    if case.said("answered", "answer") == "decline" and (ending is None or ending.kind in {"released", "expired"}):
        return "detainer_declined_by_lea"
    if ending is None:
        return None
    if ending.kind in {"lifted", "lift_received"}:
        return str(ending.body["reason"])
    if ending.kind == "released":
        # Only what somebody recorded is said of notice.
        return "insufficient_notice_to_ice" if ending.body.get("notice_given") is False else "no_longer_in_custody"
    return _REASON_OF_ENDING[ending.kind]


def _label(reason: str | None) -> str | None:
    return next((each.labels[0] for each in lift_reasons() if each.code == reason), None)


def _marks(case: Case, agency: Agency, now: datetime) -> Iterator[str]:
    if overridden_rules(case):
        yield OVERRIDDEN
    if any(told.corrected_by for told in case.told):
        yield "record/corrected"
    incidents = incidents_of(case, agency, now)
    if any(each.id.startswith(PAST_A_LIMIT) for each in incidents):
        yield "record/hold-past-limit"
    if any(not each.id.startswith(PAST_A_LIMIT) for each in incidents):
        yield "record/incident"
