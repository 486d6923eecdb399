"""The chart of months: bars stacked by outcome, on a shaded ground where they are too young to be judged."""

from __future__ import annotations

from typing import Any

from detainer_ledger.reports.texts import texts
from detainer_ledger.reports.trends import YOUNG
from detainer_ledger.reports.value import ReportTable

Spec = dict[str, Any]

_STACK: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("declined_by_agency", ("declined_by_agency",), "#c2451a"),
    ("released_before_pickup", ("released_before_pickup",), "#eab464"),
    ("taken_into_custody", ("taken_into_custody",), "#1f4e79"),
    ("withdrawn_by_ice", ("withdrawn_by_ice",), "#86a9c4"),
    ("", ("transferred", "superseded_or_duplicate", "other"), "#b5b0a5"),
    ("pending_or_unrecorded", ("pending_or_unrecorded",), "#fe0001"),
)
_MONTH_WIDTH = 74


def has_months(table: ReportTable) -> bool:
    """Return whether any detainer has a month."""
    return any(table.values("month"))


def by_month_chart(table: ReportTable, *, is_narrow: bool) -> Spec:
    """Return the bars by month, the declined at the bottom where their height can be compared."""
    rows = [dict(row) for row in table.records() if row["month"]]
    span = _span(rows)
    full = 270 if is_narrow else 620
    x_axis = {
        "title": None,
        "grid": False,
        "format": "%b %Y" if span <= 18 else "%Y",
        "tickCount": min(span, 4 if is_narrow else 10) if span <= 18 else {"interval": "year", "step": 1},
        "labelOverlap": "greedy",
    }
    x = {"field": "month", "type": "temporal", "timeUnit": "utcyearmonth", "scale": {"type": "utc"}, "axis": x_axis}
    young: Spec = {
        "data": {"values": _young_spans(rows)},
        "mark": {"type": "rect", "fill": "#f3ead8", "opacity": 1},
        "encoding": {
            "x": {"field": "from", "type": "temporal", "scale": {"type": "utc"}},
            "x2": {"field": "to"},
        },
    }
    label: Spec = {
        "data": {"values": _young_spans(rows)[-1:]},
        "mark": {
            "type": "text",
            "align": "right",
            "baseline": "bottom",
            "fontSize": 12,
            "fontStyle": "italic",
            "color": "#3d3d3d",
        },
        "encoding": {
            "x": {"field": "to", "type": "temporal", "scale": {"type": "utc"}},
            "y": {"value": -7},
            "text": {"value": "shaded: too young to be judged"},
        },
    }
    bracket: Spec = {
        "data": {"values": _young_spans(rows)},
        "mark": {"type": "rule", "color": "#6b6455", "strokeWidth": 1.5},
        "encoding": {
            "x": {"field": "from", "type": "temporal", "scale": {"type": "utc"}},
            "x2": {"field": "to"},
            "y": {"value": -3},
        },
    }
    bars: Spec = {
        "data": {"values": _cells(rows)},
        "mark": {"type": "bar", "stroke": "#ffffff", "strokeWidth": 0.4 if span > 36 else 0.8, "width": {"band": 0.84}},
        "encoding": {
            "x": x,
            "y": {
                "field": "detainers",
                "type": "quantitative",
                "stack": "zero",
                "axis": {"title": None, "format": ",d", "tickCount": 5, "domain": False, "ticks": False},
            },
            "order": {"field": "order"},
            "color": _colour(is_narrow=is_narrow),
        },
    }
    has_young = bool(_young_spans(rows))
    return {
        "width": min(full, max(_MONTH_WIDTH * span, 200)),
        "height": 250 if is_narrow else 300,
        "layer": [young, bars, bracket, label] if has_young else [bars],
    }


def _colour(*, is_narrow: bool) -> Spec:
    # The legend reads as the stack does, from the top down.
    order = list(reversed(_STACK))
    return {
        "field": "label",
        "type": "nominal",
        "scale": {"domain": [_label(key) for key, _, _ in order], "range": [colour for _, _, colour in order]},
        "legend": {
            "orient": "bottom" if is_narrow else "right",
            "columns": 2 if is_narrow else 1,
            "title": None,
            "symbolType": "square",
            "symbolSize": 170,
            "symbolStrokeWidth": 0.5,
            "labelFontSize": 12.5,
            "labelLimit": 200,
            "rowPadding": 5,
            "offset": 18,
        },
    }


def _label(outcome: str) -> str:
    return texts().outcomes[outcome].label if outcome else "Other outcomes"


def _cells(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "month": f"{row['month']}-01",
            "label": _label(key),
            "order": order,
            "detainers": sum(row[name] for name in names),
        }
        for row in rows
        for order, (key, names, _colour) in enumerate(_STACK)
    ]


def _young_spans(rows: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Return the runs of months that are too young, from the first day to the day after the last."""
    spans: list[dict[str, str]] = []
    for row in rows:
        if row["maturity"] != YOUNG:
            continue
        first, after = f"{row['month']}-01", f"{_next(row['month'])}-01"
        if spans and spans[-1]["to"] == first:
            spans[-1]["to"] = after
        else:
            spans.append({"from": first, "to": after})
    return spans


def _next(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04d}-{number % 12 + 1:02d}"


def _span(rows: list[dict[str, Any]]) -> int:
    """Return the number of calendar months from the first to the last."""
    months = [int(row["month"][:4]) * 12 + int(row["month"][5:]) for row in rows]
    return max(months) - min(months) + 1
