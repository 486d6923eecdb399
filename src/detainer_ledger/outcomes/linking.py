"""Which stay in detention answers which detainer, inside one release and by its own identifier only.

The rule (domain reference 5.7): a detainer looks for the earliest stay of the same identifier whose first day lies
from two days before the issue date to ``window_days`` after it, both inclusive. A stay answers at most one detainer:
one that is recorded as booked comes first, then the one issued closest to the stay, then the lower ``detainer_id``.
What is left over looks again among the stays that are still free, until nothing changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LINK_WINDOWS_DAYS = (30, 90, 180, 365)
"""The windows for which the effect of linking is always shown."""

DAYS_BEFORE_ISSUE = 2
"""A stay can begin this many days before the detainer's date: papers are often dated after the fact."""

_AFTER_EVERY_GAP = 100_000
"""Days that are added to the gap of a detainer that is not recorded as booked, so that it stands after all that are."""


def find_stays(connection: DuckDBPyConnection, *, stints: str) -> None:
    """Fill the table ``stays`` (``person_key``, ``stay_book_in_at``, ``stay_on`` and others) of the connection.

    ``stints`` is a table or sub-query with ``person_key``, ``stay_book_in_at``, ``stay_book_out_at``, ``book_in_at``
    and ``facility_code``. A stay is an identifier and the instant of its first book-in. A stay whose first stint is in
    the facility of an earlier stay that is still open is the same custody entered twice, and is left out.
    """
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE stays AS SELECT person_key, stay_book_in_at,"
        " CAST(stay_book_in_at AS DATE) AS stay_on,"
        " arg_min(facility_code, coalesce(book_in_at, stay_book_in_at)) AS facility_code,"
        " max(coalesce(stay_book_out_at, TIMESTAMP '9999-12-31')) AS stay_book_out_at"
        f" FROM {stints} WHERE person_key IS NOT NULL AND stay_book_in_at IS NOT NULL GROUP BY 1, 2"
    )
    # Most persons have one stay, which can repeat no other: only the others are compared with each other.
    connection.execute(
        "DELETE FROM stays WHERE rowid IN (WITH several AS (SELECT rowid AS number, * FROM stays WHERE person_key IN"
        " (SELECT person_key FROM stays GROUP BY 1 HAVING count(*) > 1))"
        " SELECT s.number FROM several AS s JOIN several AS e ON e.person_key = s.person_key"
        " AND e.facility_code = s.facility_code AND e.stay_book_in_at < s.stay_book_in_at"
        " AND e.stay_book_out_at > s.stay_book_in_at)"
    )


def link_stays(connection: DuckDBPyConnection, *, detainers: str, window_days: int) -> int:
    """Fill the table ``links`` (``detainer_id``, ``custody_linked_on``) of the connection; return how many there are.

    ``detainers`` is a table or sub-query with ``detainer_id``, ``person_key``, ``issued_on``, ``lift_reason`` and
    ``duplicate_kind``; rows marked as repeats look for no stay. Needs the table ``stays`` (see ``find_stays``).
    """
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE pairs AS SELECT d.detainer_id, s.rowid AS stay_number, s.stay_on,"
        " s.stay_book_in_at,"
        " abs(s.stay_on - d.issued_on)"
        f" + CASE WHEN d.lift_reason = 'booked_into_detention' THEN 0 ELSE {_AFTER_EVERY_GAP} END"
        " AS place_in_line"
        f" FROM {detainers} AS d JOIN stays AS s ON s.person_key = d.person_key"
        f" AND s.stay_on BETWEEN d.issued_on - {DAYS_BEFORE_ISSUE} AND d.issued_on + {int(window_days)}"
        " WHERE d.duplicate_kind IS NULL"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE links (detainer_id VARCHAR, custody_linked_on DATE, stay_number BIGINT)"
    )
    while _count(connection, "pairs"):
        connection.execute(
            "INSERT INTO links WITH wishes AS (SELECT detainer_id, arg_min(stay_number, stay_book_in_at)"
            " AS stay_number, min(stay_on) AS stay_on, arg_min(place_in_line, stay_book_in_at) AS place_in_line"
            " FROM pairs GROUP BY detainer_id)"
            " SELECT arg_min(detainer_id, (place_in_line, detainer_id)), any_value(stay_on), stay_number"
            " FROM wishes GROUP BY stay_number"
        )
        # In two steps: few stays are left over, and often none, so that the detainers need not be compared as well.
        for key in ("stay_number", "detainer_id"):
            connection.execute(
                f"CREATE OR REPLACE TEMP TABLE pairs AS SELECT * FROM pairs ANTI JOIN links USING ({key})"
            )
            if not _count(connection, "pairs"):
                break
    return _count(connection, "links")


def _count(connection: DuckDBPyConnection, table: str) -> int:
    counted = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(counted[0]) if counted else 0
