"""Marking the rows of a release that repeat another of its rows. Nothing is ever removed.

Only rows with the release's own identifier are compared: two rows without one may be two people. ``exact`` means that
every published column is equal, ``likely`` that identifier and issue date are; the first row in file order is the one
that is kept (design, section 3).
"""

from __future__ import annotations


def duplicates_sql(rows: str) -> str:
    """Return SQL for the marked rows: ``row_order``, ``first_order`` (the row it repeats) and ``duplicate_kind``.

    ``rows`` is a table or sub-query with ``row_order``, ``person_key``, ``issued_on`` and ``row_hash``. Rows that are
    equal have the same identifier and the same date, so only the rows that share both with another are looked at
    closely: the work grows with the repeats and not with the release.
    """
    return (
        "WITH groups AS (SELECT person_key, issued_on, min(row_order) AS first_of_day"
        f" FROM {rows} WHERE person_key IS NOT NULL GROUP BY person_key, issued_on HAVING count(*) > 1),"
        " candidates AS (SELECT r.row_order, r.person_key, r.issued_on, r.row_hash, g.first_of_day"
        f" FROM {rows} AS r JOIN groups AS g"
        " ON r.person_key = g.person_key AND r.issued_on IS NOT DISTINCT FROM g.issued_on),"
        " compared AS (SELECT *, min(row_order) OVER (PARTITION BY person_key, row_hash) AS first_equal"
        " FROM candidates)"
        " SELECT row_order, CASE WHEN row_order <> first_equal THEN first_equal ELSE first_of_day END AS first_order,"
        " CASE WHEN row_order <> first_equal THEN 'exact' ELSE 'likely' END AS duplicate_kind FROM compared"
        " WHERE row_order <> first_equal OR (row_order <> first_of_day AND issued_on IS NOT NULL)"
    )
