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


def stays_sql(stints: str) -> str:
    """Return SQL for the stays in a table of stints: ``person_key``, ``stay_on`` (first day), ``stay_number``.

    A stay is an identifier and the instant of its first book-in. A stay whose first stint is in the facility of an
    earlier stay that is still open is the same custody entered twice, and is left out.
    """
    return (
        "WITH stays AS (SELECT person_key, stay_book_in_at,"
        " arg_min(facility_code, coalesce(book_in_at, stay_book_in_at)) AS facility_code,"
        " max(coalesce(stay_book_out_at, TIMESTAMP '9999-12-31')) AS stay_book_out_at"
        f" FROM {stints} WHERE person_key IS NOT NULL AND stay_book_in_at IS NOT NULL GROUP BY 1, 2)"
        " SELECT person_key, CAST(stay_book_in_at AS DATE) AS stay_on, stay_book_in_at, row_number() OVER ()"
        " AS stay_number"
        " FROM stays AS s WHERE NOT EXISTS (SELECT 1 FROM stays AS e WHERE e.person_key = s.person_key"
        " AND e.facility_code = s.facility_code AND e.stay_book_in_at < s.stay_book_in_at"
        " AND e.stay_book_out_at > s.stay_book_in_at)"
    )


def find_stays(connection: DuckDBPyConnection, *, stints: str) -> None:
    """Fill the table ``stays`` of the connection from a table of stints.

    ``stints`` is a table or sub-query with ``person_key``, ``stay_book_in_at``, ``stay_book_out_at``, ``book_in_at``
    and ``facility_code``.
    """
    connection.execute(f"CREATE OR REPLACE TEMP TABLE stays AS {stays_sql(stints)}")


def link_stays(connection: DuckDBPyConnection, *, detainers: str, window_days: int) -> int:
    """Fill the table ``links`` (``detainer_id``, ``custody_linked_on``) of the connection; return how many there are.

    ``detainers`` is a table or sub-query with ``detainer_id``, ``person_key``, ``issued_on``, ``lift_reason`` and
    ``duplicate_kind``; rows marked as repeats look for no stay. Needs the table ``stays`` (see ``find_stays``).
    """
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE pairs AS SELECT d.detainer_id, s.stay_number, s.stay_on, s.stay_book_in_at,"
        " abs(s.stay_on - d.issued_on) AS gap, coalesce(d.lift_reason = 'booked_into_detention', FALSE) AS is_booked"
        f" FROM {detainers} AS d JOIN stays AS s ON s.person_key = d.person_key"
        f" AND s.stay_on BETWEEN d.issued_on - {DAYS_BEFORE_ISSUE} AND d.issued_on + {int(window_days)}"
        " WHERE d.duplicate_kind IS NULL"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE links (detainer_id VARCHAR, custody_linked_on DATE, stay_number BIGINT)"
    )
    total = 0
    while True:
        connection.execute(
            "INSERT INTO links WITH wishes AS ("
            "SELECT detainer_id, arg_min(struct_pack(stay_number, stay_on, gap, is_booked), stay_book_in_at) AS wish"
            " FROM pairs GROUP BY detainer_id)"
            " SELECT arg_min(detainer_id, (NOT wish.is_booked, wish.gap, detainer_id)), any_value(wish.stay_on),"
            " wish.stay_number FROM wishes GROUP BY wish.stay_number"
        )
        now = connection.execute("SELECT count(*) FROM links").fetchone()
        found = int(now[0]) if now else 0
        if found == total:
            return total
        total = found
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE pairs AS SELECT pairs.* FROM pairs"
            " ANTI JOIN links AS by_detainer ON by_detainer.detainer_id = pairs.detainer_id"
            " ANTI JOIN links AS by_stay ON by_stay.stay_number = pairs.stay_number"
        )
