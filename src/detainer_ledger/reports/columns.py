"""Columns that several tables share, with one meaning each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from detainer_ledger.measures import OUTCOMES
from detainer_ledger.reports.reading import MIN_N
from detainer_ledger.reports.texts import texts
from detainer_ledger.reports.value import Column, Kind

INTERVAL = "95% interval"
SHARE_BOUNDS = "Bounds of the share"
COUNT_BOUNDS = "Bounds of the count"
SMALL = f"fewer than {MIN_N}: no share"

DETAINERS = Column("detainers", "Detainers", "Detainers counted, without repeats.", Kind.COUNT, "detainers")
DECLINED = Column(
    "declined", "Declined", "Detainers that count as declined under the definition.", Kind.COUNT, "detainers"
)
DENOMINATOR = Column(
    "denominator",
    "Of",
    "Detainers that the share is a share of; empty where there is no share.",
    Kind.COUNT,
    "detainers",
)
UNKNOWN = Column(
    "unknown", "Outcome unknown", "Detainers without an outcome that is understood.", Kind.COUNT, "detainers"
)
IMMATURE = Column(
    "immature", "Too young", "Detainers issued in the last 6 months of their release.", Kind.COUNT, "detainers"
)
RATE = Column("rate", "Share", "Declined as a share of the denominator.", Kind.SHARE, "1")
CI_LOW = Column("ci_low", "from", "Lower end of Wilson's 95% interval of the share.", Kind.SHARE, "1", group=INTERVAL)
CI_HIGH = Column("ci_high", "to", "Upper end of Wilson's 95% interval of the share.", Kind.SHARE, "1", group=INTERVAL)
BOUND_LOW = Column(
    "bound_low", "least", "Share if no detainer of unknown outcome was declined.", Kind.SHARE, "1", group=SHARE_BOUNDS
)
BOUND_HIGH = Column(
    "bound_high",
    "most",
    "Share if every detainer of unknown outcome was declined.",
    Kind.SHARE,
    "1",
    group=SHARE_BOUNDS,
)
DECLINED_LOW = Column(
    "declined_low",
    "least",
    "Count if no detainer of unknown outcome was declined and none of unknown level belongs to the population.",
    Kind.COUNT,
    "detainers",
    group=COUNT_BOUNDS,
)
DECLINED_HIGH = Column(
    "declined_high",
    "most",
    "Count if every detainer of unknown outcome was declined.",
    Kind.COUNT,
    "detainers",
    group=COUNT_BOUNDS,
)
RATES = (RATE, CI_LOW, CI_HIGH, BOUND_LOW, BOUND_HIGH)


def note_under(column: str) -> Column:
    """Return the column of notes, drawn under another column."""
    return Column("note", "Note", "What limits the reading of this row.", Kind.TEXT, under=column)


def outcome_columns() -> tuple[Column, ...]:
    """Return one column of counts for each outcome, in their order."""
    words = texts().outcomes
    return tuple(
        Column(name, words[name].short, f"{words[name].label}: {words[name].meaning}", Kind.COUNT, "detainers")
        for name in OUTCOMES
    )


def without_small_shares(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of figures whose share is left out where the denominator is small, with a note that says so.

    The bounds go with the share: they would tell it.
    """
    if row["denominator"] is not None and row["denominator"] >= MIN_N:
        return dict(row)
    return {**row, **dict.fromkeys(column.name for column in RATES), "note": SMALL}
