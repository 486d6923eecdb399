"""One outcome per detainer, by the rules of the domain reference 4.3.

1. The recorded lift reason decides. A linked stay turns ``pending_or_unrecorded`` into ``taken_into_custody``; it never
   overwrites a recorded reason. A recorded decline followed by a stay stays a decline, with the detail
   ``later_custody``.
2. A decline recorded against a form that asks for notice only stays a decline, and its row is flagged
   ``form/notification_only``.
3. A lift reason that no table knows becomes ``other``, detail ``unmapped``: it counts as unknown in every bound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from detainer_ledger.tables import connect, literal
from detainer_ledger.terms import COLUMN_NAMES, UNMAPPED, Outcome, OutcomeBasis, lift_reasons, notification_only_forms

if TYPE_CHECKING:
    import pyarrow as pa

OUTCOME_COLUMNS = ("outcome", "outcome_detail", "outcome_basis", "custody_linked_on")
"""The columns that classification adds to the detainers table."""


def classified_sql(detainers: str, *, links: str | None = None) -> str:
    """Return SQL for the whole detainers table with its outcomes.

    ``detainers`` is a table or sub-query with the other columns; ``links`` one with ``detainer_id`` and
    ``custody_linked_on``, the first day of the stay that answers the detainer (see ``link_stays``).
    """
    linked = "l.custody_linked_on" if links else "CAST(NULL AS DATE)"
    join = f" LEFT JOIN {links} AS l ON l.detainer_id = d.detainer_id" if links else ""
    reasons = ", ".join(
        f"({literal(each.code)}, {literal(each.outcome)}, {literal(each.detail)})" for each in lift_reasons()
    )
    declined = f"m.outcome = '{Outcome.DECLINED_BY_AGENCY}'"
    blank = "d.lift_reason_raw IS NULL"
    outcome = (
        f"CASE WHEN m.outcome IS NOT NULL THEN m.outcome WHEN NOT ({blank}) THEN '{Outcome.OTHER}'"
        f" WHEN {linked} IS NOT NULL THEN '{Outcome.TAKEN_INTO_CUSTODY}' ELSE '{Outcome.PENDING_OR_UNRECORDED}' END"
    )
    detail = (
        f"CASE WHEN {declined} AND {linked} IS NOT NULL THEN 'later_custody' WHEN m.detail IS NOT NULL THEN m.detail"
        f" WHEN NOT ({blank}) THEN '{UNMAPPED}' WHEN {linked} IS NOT NULL THEN 'linked_stay'"
        " WHEN list_contains(d.quality, 'lift_reason/redacted') THEN 'redacted' ELSE 'blank' END"
    )
    basis = (
        f"CASE WHEN NOT ({blank}) THEN '{OutcomeBasis.RECORDED}'"
        f" WHEN {linked} IS NOT NULL THEN '{OutcomeBasis.LINKED}' ELSE '{OutcomeBasis.NONE}' END"
    )
    notice_only = ", ".join(literal(code) for code in notification_only_forms())
    flag = "form/notification_only"
    quality = (
        f"CASE WHEN {declined} AND d.form IN ({notice_only}) AND NOT list_contains(d.quality, '{flag}')"
        f" THEN list_append(d.quality, '{flag}') ELSE d.quality END"
    )
    added = {
        "quality": quality,
        "outcome": outcome,
        "outcome_detail": detail,
        "outcome_basis": basis,
        "custody_linked_on": linked,
    }
    selected = ", ".join(f"{added[name]} AS {name}" if name in added else f"d.{name}" for name in COLUMN_NAMES)
    return (
        f"SELECT {selected} FROM {detainers} AS d"
        f" LEFT JOIN (VALUES {reasons}) AS m(code, outcome, detail) ON m.code = d.lift_reason{join}"
    )


def classify(detainers: Any) -> pa.Table:
    """Return the detainers table with its outcomes.

    ``detainers`` is anything that the table engine reads as one: an Arrow, pandas or Polars table, or the value of
    ``read``. The result is an Arrow table in the order of the input; tables that were classified before are classified
    anew from their lift reasons, and the links they hold are kept.
    """
    table = getattr(detainers, "table", detainers)
    connection = connect()
    try:
        connection.register("given", table)
        names = {row[0] for row in connection.execute("DESCRIBE SELECT * FROM given").fetchall()}
        dropped = ", ".join(sorted(names & set(OUTCOME_COLUMNS)))
        rest = f"(SELECT * EXCLUDE ({dropped}) FROM given)" if dropped else "given"
        links = None
        if "custody_linked_on" in names:
            links = "(SELECT detainer_id, custody_linked_on FROM given WHERE custody_linked_on IS NOT NULL)"
        return connection.sql(classified_sql(rest, links=links)).to_arrow_table()
    finally:
        connection.close()
