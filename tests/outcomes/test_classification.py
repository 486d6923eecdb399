"""The rules of the taxonomy on single detainers."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

import detainer_ledger as dl
from tests.conftest import WriteCsv


def classified(write_csv: WriteCsv, reason: str, form: str = "", linked: bool = False) -> dict[str, Any]:
    table = dl.read(write_csv([["1/2/15", form, "X JAIL", "OHIO", "", reason]])).table
    if linked:
        table = table.append_column("custody_linked_on", pa.array([table["issued_on"][0].as_py()], type=pa.date32()))
    row: dict[str, Any] = dl.classify(table).to_pylist()[0]
    return row


CASES = [
    # reason, linked, outcome, detail, basis
    ("Booked into Detention", False, "taken_into_custody", "booked", "recorded"),
    ("Booked into Detention", True, "taken_into_custody", "booked", "recorded"),
    ("Detainer Declined by LEA", False, "declined_by_agency", "recorded_declined", "recorded"),
    ("Detainer Declined by LEA", True, "declined_by_agency", "later_custody", "recorded"),
    ("Lifted", True, "withdrawn_by_ice", "unspecified", "recorded"),
    ("Died", True, "other", "died", "recorded"),
    ("", False, "pending_or_unrecorded", "blank", "none"),
    ("", True, "taken_into_custody", "linked_stay", "linked"),
    ("NA", False, "pending_or_unrecorded", "blank", "none"),
    ("b(6), b(7)c", False, "pending_or_unrecorded", "redacted", "none"),
    ("Moved to Mars", False, "other", "unmapped", "recorded"),
    ("Moved to Mars", True, "other", "unmapped", "recorded"),
]


@pytest.mark.parametrize(("reason", "linked", "outcome", "detail", "basis"), CASES)
def test_a_stay_changes_what_is_pending_and_never_a_recorded_reason(
    write_csv: WriteCsv, reason: str, linked: bool, outcome: str, detail: str, basis: str
) -> None:
    row = classified(write_csv, reason, linked=linked)
    assert (row["outcome"], row["outcome_detail"], row["outcome_basis"]) == (outcome, detail, basis)


@pytest.mark.parametrize(
    ("form", "reason", "flagged"),
    [
        ("I247N - Immigration Advisal - Request for Notification", "Detainer Declined by LEA", True),
        ("I247D - Immigration Detainer - Request for Action", "Detainer Declined by LEA", False),
        ("I247N - Immigration Advisal - Request for Notification", "Lifted", False),
    ],
)
def test_a_decline_of_a_mere_request_for_notice_stays_a_decline_and_is_flagged(
    write_csv: WriteCsv, form: str, reason: str, flagged: bool
) -> None:
    row = classified(write_csv, reason, form=form)
    assert ("form/notification_only" in row["quality"]) is flagged
    if reason.startswith("Detainer"):
        assert row["outcome"] == "declined_by_agency"


def test_classifying_twice_changes_nothing(write_csv: WriteCsv) -> None:
    rows = [["1/2/15", "I247N", "X JAIL", "OHIO", "", reason] for reason, *_ in CASES]
    once = dl.classify(dl.read(write_csv(rows)))
    assert dl.classify(once).equals(once)


def test_pandas_and_polars_tables_are_classified_like_arrow(write_csv: WriteCsv) -> None:
    import polars as pl

    table = dl.read(write_csv([["1/2/15", "", "X JAIL", "OHIO", "", "Lifted"]])).table
    expected = dl.classify(table).to_pylist()
    assert dl.classify(pl.from_arrow(table)).to_pylist() == expected
    assert dl.classify(table.to_pandas()).to_pylist()[0]["outcome"] == "withdrawn_by_ice"
