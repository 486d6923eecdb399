"""Figures counted by hand: loops over rows, from the written rules (domain reference 4.3, 4.4, 7.3; design, section 4).

Nothing here looks at the package's SQL, its definitions or its formulas; the interval is that of statsmodels.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from statsmodels.stats.proportion import proportion_confint

from .questions import Question
from .rows import Row

OUTCOMES = (
    "taken_into_custody",
    "declined_by_agency",
    "released_before_pickup",
    "withdrawn_by_ice",
    "transferred",
    "superseded_or_duplicate",
    "pending_or_unrecorded",
    "other",
)
HOLD_FORMS = ("I-247", "I-247D", "I-247A")


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A definition of "declined" as the domain reference words it."""

    is_declined: Callable[[Row], bool]
    denominator: str
    leaves_out_federal: bool = False
    by_recording_date: bool = False
    above: int | None = None


def outcome_of(row: Row) -> str:
    """Blank is pending (4.3)."""
    return row["outcome"] or "pending_or_unrecorded"


def recorded_decline(row: Row) -> bool:
    return outcome_of(row) == "declined_by_agency"


RULES = {
    "recorded": Rule(is_declined=recorded_decline, denominator="all"),
    "ddor": Rule(
        is_declined=lambda row: recorded_decline(row) or row["outcome_detail"] == "insufficient_notice",
        denominator="none",
        leaves_out_federal=True,
        by_recording_date=True,
    ),
    "oig-2018": Rule(is_declined=recorded_decline, denominator="none"),
    "trac": Rule(is_declined=recorded_decline, denominator="all"),
    "npr-share": Rule(is_declined=recorded_decline, denominator="resolved", above=100),
    "not-taken": Rule(is_declined=lambda row: outcome_of(row) != "taken_into_custody", denominator="all"),
    "broad": Rule(
        is_declined=lambda row: outcome_of(row) in ("declined_by_agency", "released_before_pickup"),
        denominator="resolved",
    ),
}

NAMED = {
    "state": "facility_state",
    "facility": "facility_name",
    "jurisdiction": "jurisdiction_id",
    "release": "release_id",
}
"""Groups that are called otherwise than their column."""


def figures_by_hand(rows: Sequence[Row], question: Question) -> list[dict[str, Any]]:
    """Return one row of figures for each group, the groups in their order with nulls last."""
    rule = RULES[question.declined]
    clock = "lifted_on" if rule.by_recording_date and any(row.get("lifted_on") for row in rows) else "issued_on"
    old_enough = _judged_until(rows)
    asked = [row for row in rows if _is_asked(row, question, clock)]
    if rule.above is not None:
        sizes = Counter(row["facility_name"] for row in asked if not _is_dropped(row, question))
        asked = [row for row in asked if row["facility_name"] is not None and sizes[row["facility_name"]] > rule.above]
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    if not question.by:
        groups[()] = []
    for row in asked:
        groups[tuple(_value(row, name, clock) for name in question.by)].append(row)
    releases = [release for release in old_enough if release in question.releases or not question.releases]
    conditions = {
        "definition": question.declined,
        "definition_version": 1,
        "clock": "recorded" if clock == "lifted_on" else "issued",
        "period_from": str(question.start) if question.start else None,
        "period_to": str(question.end) if question.end else None,
        "filters": "; ".join(f"{name}={'|'.join(values)}" for name, values in question.where.items()) or None,
        "releases": " ".join(releases),
    }
    counted = [
        dict(zip(question.by, key, strict=True)) | _figure(group, rule, question, old_enough) | conditions
        for key, group in groups.items()
    ]
    return sorted(counted, key=lambda row: [(row[name] is None, str(row[name])) for name in question.by])


def _is_asked(row: Row, question: Question, clock: str) -> bool:
    day = row.get(clock)
    if question.start and (day is None or day < question.start):
        return False
    if question.end and (day is None or day > question.end):
        return False
    if question.releases and row["release_id"] not in question.releases:
        return False
    return all(str(_value(row, name, clock)) in values for name, values in question.where.items())


def _value(row: Row, name: str, clock: str) -> Any:
    day: date | None = row[clock]
    if name == "year":
        return day and day.year
    if name == "fiscal_year":
        return day and (day.year + 1 if day.month in (10, 11, 12) else day.year)
    if name == "month":
        return day and f"{day:%Y-%m}"
    return row[NAMED.get(name, name)]


def _is_dropped(row: Row, question: Question) -> bool:
    return question.duplicates == "drop" and row.get("duplicate_kind") is not None


def _judged_until(rows: Sequence[Row]) -> dict[str, date | None]:
    """Return for each release the day six months before its last one, by going back day by day."""
    found: dict[str, date | None] = {}
    for release in sorted({row["release_id"] for row in rows}):
        issued = [row["issued_on"] for row in rows if row["release_id"] == release and row["issued_on"]]
        found[release] = _six_months_before(max(issued)) if issued else None
    return found


def _six_months_before(day: date) -> date:
    month = (day.month - 6 - 1) % 12 + 1
    earlier = day
    while earlier.month != month or earlier.day > day.day:
        earlier -= timedelta(days=1)
    return earlier


def _figure(group: list[Row], rule: Rule, question: Question, old_enough: dict[str, date | None]) -> dict[str, Any]:
    kind = question.denominator or rule.denominator
    population = [row for row in group if not (rule.leaves_out_federal and row.get("jurisdiction_level") == "federal")]
    counted = [row for row in population if not _is_dropped(row, question)]
    outcomes = Counter(outcome_of(row) for row in counted)
    eligible = [row for row in counted if _can_be_in_denominator(row, kind)]
    base = [row for row in eligible if kind != "resolved" or outcome_of(row) != "pending_or_unrecorded"]
    unknown = [row for row in eligible if _is_unknown(row)]
    unsure_level = [row for row in eligible if _may_be_outside(row, rule)]
    sure = [row for row in eligible if not _is_unknown(row) and not _may_be_outside(row, rule)]
    low = sum(rule.is_declined(row) for row in sure)
    high = sum(rule.is_declined(row) or _is_unknown(row) for row in eligible)
    declined = sum(rule.is_declined(row) for row in base)
    figure: dict[str, Any] = {
        "detainers": len(counted),
        **{outcome: outcomes[outcome] for outcome in OUTCOMES},
        "declined": declined,
        "denominator": None if kind == "none" else len(base),
        "denominator_kind": kind,
        "unattributed": sum(row.get("jurisdiction_id") is None for row in counted),
        "duplicates_excluded": len(population) - len(counted),
        "immature": sum(_is_immature(row, old_enough) for row in counted),
        "overridden": sum("policy/overridden" in (row.get("quality") or ()) for row in counted),
        "unknown": len(unknown),
        "declined_low": low,
        "declined_high": high,
        "unknown_level": len(unsure_level),
    }
    shares: dict[str, float | None] = dict.fromkeys(("rate", "ci_low", "ci_high", "bound_low", "bound_high"))
    if kind != "none" and base:
        shares["rate"] = declined / len(base)
        lowest, highest = proportion_confint(declined, len(base), alpha=0.05, method="wilson")
        shares["ci_low"], shares["ci_high"] = float(lowest), float(highest)
    if kind != "none" and eligible:
        shares["bound_low"] = low / len(eligible)
        surely_in = high + sum(not rule.is_declined(row) for row in sure)
        shares["bound_high"] = high / surely_in if surely_in else 0.0
    return figure | shares


def _can_be_in_denominator(row: Row, kind: str) -> bool:
    if outcome_of(row) == "superseded_or_duplicate":
        return False
    if kind == "all_minus_duplicates":
        return row.get("duplicate_kind") is None
    return kind != "hold_forms_only" or row["form"] in HOLD_FORMS


def _may_be_outside(row: Row, rule: Rule) -> bool:
    return rule.leaves_out_federal and row.get("jurisdiction_level") is None


def _is_unknown(row: Row) -> bool:
    return outcome_of(row) == "pending_or_unrecorded" or row["outcome_detail"] == "unmapped"


def _is_immature(row: Row, old_enough: dict[str, date | None]) -> bool:
    until = old_enough[row["release_id"]]
    return until is not None and row["issued_on"] is not None and row["issued_on"] > until
