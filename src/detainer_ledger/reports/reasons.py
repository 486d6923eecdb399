"""What became of the detainers: outcomes, the published lift reasons behind them, and the forms."""

from __future__ import annotations

from typing import Any

from detainer_ledger.measures import OUTCOMES
from detainer_ledger.reports.columns import DECLINED, DETAINERS, RATES, UNKNOWN, note_under, without_small_shares
from detainer_ledger.reports.reading import Reading
from detainer_ledger.reports.texts import texts
from detainer_ledger.reports.value import Column, Kind, ReportTable, plain_text, table_of
from detainer_ledger.terms import UNMAPPED, forms

MAX_REASONS = 100
"""So many published values are listed one by one; the rest stands in one row."""

_SHARE = Column("share", "Share", "Share of all detainers counted.", Kind.SHARE, "1")


def outcomes_table(reading: Reading) -> ReportTable:
    """Return counts and shares of the eight outcomes, and what each rests on."""
    found: dict[str, dict[str, int]] = {}
    for row in reading.figures("outcome", "outcome_basis").rows:
        found.setdefault(row["outcome"], {})[row["outcome_basis"]] = row["detainers"]
    total = sum(sum(each.values()) for each in found.values())
    resolved = total - sum(found.get("pending_or_unrecorded", {}).values())
    words = texts().outcomes

    def record(outcome: str) -> dict[str, Any]:
        n = sum(found.get(outcome, {}).values())
        counts_here = outcome != "pending_or_unrecorded" and resolved
        return {
            "outcome": outcome,
            "label": words[outcome].label,
            "meaning": words[outcome].meaning,
            "detainers": n,
            "share": n / total if total else None,
            "share_resolved": n / resolved if counts_here else None,
            "linked": found.get(outcome, {}).get("linked", 0),
        }

    columns = (
        Column("outcome", "Id", "Id of the outcome.", Kind.CODE, under="label"),
        Column("label", "Outcome", "What became of the detainer.", Kind.TEXT),
        DETAINERS,
        _SHARE,
        Column("share_resolved", "Of those with an outcome", "Share of detainers with an outcome.", Kind.SHARE, "1"),
        Column(
            "linked",
            "By a linked stay",
            "Of these, by a linked stay and not a recorded reason.",
            Kind.COUNT,
            "detainers",
        ),
        Column("meaning", "Meaning", "What the outcome means and does not mean.", Kind.TEXT),
    )
    return table_of(
        "outcomes",
        "What became of the detainers",
        "Detainers by outcome. The shares of all add up to 100%.",
        columns,
        map(record, OUTCOMES),
    )


def lift_reasons_table(reading: Reading) -> ReportTable:
    """Return the published lift reasons as written, most frequent first, with the outcome that each is read as."""
    rows = reading.rows(
        "lift_reason_raw, lift_reason, outcome, outcome_detail, COUNT(*) AS n",
        where="duplicate_kind IS NULL",
        group="lift_reason_raw, lift_reason, outcome, outcome_detail",
    )
    rows.sort(key=lambda row: (-row[4], str(row[0]), str(row[2]), str(row[3])))
    total = sum(row[4] for row in rows)
    records = [_reason(row, total) for row in rows[:MAX_REASONS]]
    if rest := rows[MAX_REASONS:]:
        n = sum(row[4] for row in rest)
        note = f"{len(rest):,} further published values, together"
        records.append({"detainers": n, "share": n / total, "note": note})
    columns = (
        Column("lift_reason_raw", "Lift reason as published", "Lift reason as the release has it.", Kind.RAW),
        DETAINERS,
        _SHARE,
        Column("outcome", "Read as", "Outcome that the lift reason is read as.", Kind.TEXT),
        Column("outcome_detail", "Detail", "The outcome in more detail.", Kind.TEXT),
        Column("lift_reason", "Code", "Code of the lift reason in the project's table.", Kind.CODE),
        note_under("lift_reason_raw"),
    )
    return table_of(
        "lift_reasons",
        "Lift reasons as published",
        "Published values, in the source's own words, and the outcome that each is read as.",
        columns,
        records,
        note="ICE has published no definition of any lift reason. Words in quotation marks are the source's.",
    )


def forms_table(reading: Reading) -> ReportTable:
    """Return the figures of each form."""
    known = {form.code: form for form in forms()}

    def record(row: dict[str, Any]) -> dict[str, Any]:
        form = known.get(row["form"])
        asks = None if form is None else "hold" if form.asks_hold else "notice alone"
        return {**without_small_shares(row), "asks": asks, "calendar": form.calendar if form else None}

    columns = (
        Column("form", "Form", "Form of the detainer.", Kind.TEXT),
        Column("asks", "Asks for", "Whether the form asks for a hold or for notice alone.", Kind.TEXT),
        DETAINERS,
        DECLINED,
        *RATES,
        UNKNOWN,
        Column("calendar", "In use:", "When the form was in use.", Kind.TEXT, under="form"),
        note_under("form"),
    )
    return table_of(
        "forms",
        "Forms",
        "Detainers by form, with the share recorded as declined of all.",
        columns,
        (record(dict(row)) for row in reading.figures("form").rows),
        note=(
            "A release after a request for notice alone can be recorded as a decline although the agency complied."
            " 'unknown' is a release without forms, or a label that is not known."
        ),
    )


def _reason(row: tuple[Any, ...], total: int) -> dict[str, Any]:
    raw, code, outcome, detail, n = row
    note = None
    if detail == UNMAPPED:
        note = "unmapped: counts as unknown"
    elif raw is None:
        note = "blank in the release"
    return {
        "lift_reason_raw": None if raw is None else plain_text(str(raw)),
        "lift_reason": code,
        "outcome": texts().outcomes[outcome].label,
        "outcome_detail": str(detail).replace("_", " "),
        "detainers": n,
        "share": n / total if total else None,
        "note": note,
    }
