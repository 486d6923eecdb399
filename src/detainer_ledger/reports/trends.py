"""Figures by month, calendar year and fiscal year, with what is too young marked."""

from __future__ import annotations

from typing import Any

from detainer_ledger.reports.columns import (
    DETAINERS,
    IMMATURE,
    RATES,
    note_under,
    outcome_columns,
    without_small_shares,
)
from detainer_ledger.reports.reading import Reading
from detainer_ledger.reports.value import Column, Kind, ReportTable, table_of

YOUNG, PARTLY_YOUNG = "too young", "partly too young"

_NO_DAY = "no day of issue"


def by_month_table(reading: Reading) -> ReportTable:
    """Return the figures of each month that has detainers."""
    return _by_period(
        reading,
        "by_month",
        "month",
        Column("month", "Month", "Month of issue as YYYY-MM.", Kind.TEXT),
        title="Month by month",
        caption="Detainers by month of issue and outcome, with the share recorded as declined of all.",
    )


def by_year_table(reading: Reading) -> ReportTable:
    """Return the figures of each calendar year."""
    return _by_period(
        reading,
        "by_year",
        "year",
        Column("year", "Year", "Calendar year of issue.", Kind.YEAR),
        title="By calendar year",
        caption="Detainers by calendar year of issue and outcome, with the share recorded as declined of all.",
    )


def by_fiscal_year_table(reading: Reading) -> ReportTable:
    """Return the figures of each federal fiscal year."""
    return _by_period(
        reading,
        "by_fiscal_year",
        "fiscal_year",
        Column("fiscal_year", "Fiscal year", "Federal fiscal year, October to September, named by its end.", Kind.YEAR),
        title="By fiscal year",
        caption="Detainers by federal fiscal year (October to September, named by its end) and outcome.",
    )


def _by_period(reading: Reading, table_id: str, group: str, first: Column, *, title: str, caption: str) -> ReportTable:
    return table_of(
        table_id,
        title,
        caption,
        (first, DETAINERS, *outcome_columns(), *RATES, IMMATURE, _maturity_under(first.name), note_under(first.name)),
        (_row(dict(row), group) for row in reading.figures(group).rows),
        note=(
            "The first and the last period can be cut off by the period asked for or by the release. Shares of periods"
            " that are too young will change. A period in which the releases have no row is not listed."
        ),
    )


def _row(row: dict[str, Any], group: str) -> dict[str, Any]:
    young = row["immature"]
    maturity = YOUNG if young and young == row["detainers"] else PARTLY_YOUNG if young else None
    if row[group] is None:
        # A row without a day of issue cannot be told young or old.
        return {**without_small_shares(row), "maturity": None, "note": _NO_DAY}
    return {**without_small_shares(row), "maturity": maturity}


def _maturity_under(column: str) -> Column:
    meaning = f"'{YOUNG}' if every detainer is from the last 6 months of its release; empty where none is."
    return Column("maturity", "Maturity", meaning, Kind.TEXT, under=column)
