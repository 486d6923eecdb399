"""The account a store keeps: every flag of every row is in it, and its rows can be listed."""

from __future__ import annotations

from pathlib import Path

import detainer_ledger as dl
from detainer_ledger.intake import accounts_in, rows_with
from tests.conftest import WriteCsv

NOTICE = "I247N - Immigration Advisal - Request for Notification"


def test_flags_of_whole_rows_are_counted_and_listed(write_csv: WriteCsv, tmp_path: Path) -> None:
    rows = [[f"1/{1 + day}/14", "", "X JAIL", "OHIO", "", ""] for day in range(28) for _ in range(3)]
    rows += [["2/11/14", NOTICE, "Y JAIL", "OHIO", "", "Detainer Declined by LEA"]] * 60
    store = tmp_path / "store"
    dl.ingest([str(write_csv(rows))], str(store))
    (account,) = accounts_in(store)
    assert account.defects == {"date/bulk-entry": 60, "form/notification_only": 60}
    for kind in account.defects:
        assert [row["row"] for row in rows_with(store, kind)] == list(range(86, 146))


def test_a_database_with_other_releases_is_refused(write_csv: WriteCsv, tmp_path: Path) -> None:
    import sqlite3

    import pytest

    store = tmp_path / "store"
    dl.ingest([write_csv([["1/2/14", "", "X JAIL", "OHIO", "", ""]])], store, release_name="mine")
    database = tmp_path / "other.sqlite"
    connection = sqlite3.connect(database)
    connection.execute(
        "CREATE TABLE detainers AS SELECT 'other' AS release_id, '2014-01-02' AS issued_on, 'lifted' AS outcome,"
        " 'x' AS outcome_detail, NULL AS duplicate_kind, NULL AS jurisdiction_id"
    )
    connection.commit()
    connection.close()
    with pytest.raises(dl.BadInput, match="releases that the store does not know: other"):
        dl.measure(store, engine=f"sqlite:///{database}")
