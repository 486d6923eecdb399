"""Marking the rows of a release that repeat another of its rows. Nothing is ever removed.

Only rows with the release's own identifier are compared: two rows without one may be two people. ``exact`` means that
every published column is equal, ``likely`` that identifier and issue date are; the first row in file order is the one
that is kept (design, section 3).
"""

from __future__ import annotations


def duplicates_sql(rows: str) -> str:
    """Return SQL for the marked rows: ``row_order``, ``first_order`` (the row it repeats) and ``duplicate_kind``.

    ``rows`` is a table or sub-query with ``row_order``, ``person_key``, ``issued_on`` and ``row_hash``. Groups of one
    are dropped before anything is joined, so that the work grows with the repeats and not with the release.
    """
    return (
        "WITH exact_groups AS (SELECT person_key, row_hash, min(row_order) AS first_order"
        f" FROM {rows} WHERE person_key IS NOT NULL GROUP BY person_key, row_hash HAVING count(*) > 1),"
        " exact AS (SELECT r.row_order, g.first_order"
        f" FROM {rows} AS r JOIN exact_groups AS g ON r.person_key = g.person_key AND r.row_hash = g.row_hash"
        " WHERE r.row_order <> g.first_order),"
        " likely_groups AS (SELECT person_key, issued_on, min(row_order) AS first_order"
        f" FROM {rows} WHERE person_key IS NOT NULL AND issued_on IS NOT NULL"
        " GROUP BY person_key, issued_on HAVING count(*) > 1),"
        " likely AS (SELECT r.row_order, g.first_order"
        f" FROM {rows} AS r JOIN likely_groups AS g ON r.person_key = g.person_key AND r.issued_on = g.issued_on"
        " WHERE r.row_order <> g.first_order)"
        " SELECT row_order, first_order, 'exact' AS duplicate_kind FROM exact"
        " UNION ALL SELECT likely.row_order, likely.first_order, 'likely' FROM likely"
        " ANTI JOIN exact ON exact.row_order = likely.row_order"
    )
