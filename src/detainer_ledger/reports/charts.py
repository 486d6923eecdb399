"""Charts as Vega-Lite specifications, built from the report's tables alone.

Each chart is drawn twice, wide and narrow, so that its letters stay readable on a telephone. Nothing is told by colour
alone: values are written beside their marks, unknown outcomes are hatched, and young months lie on a shaded ground
under a bracket.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from detainer_ledger.reports.formats import count, share
from detainer_ledger.reports.maps import declines_map, detainers_map, has_counties, shares_map
from detainer_ledger.reports.trend_chart import by_month_chart, has_months
from detainer_ledger.reports.value import Report, ReportTable

Spec = dict[str, Any]

INK, MUTED, RULE, DECLINED, CUSTODY, PALE = "#1b1b1b", "#595959", "#d8d5cd", "#c2451a", "#1f4e79", "#e8c9b8"
HATCH_UNKNOWN = "#fe0001"
"""Stands for a hatching; the drawing replaces it."""

OUTCOME_COLOURS = {
    "declined_by_agency": DECLINED,
    "released_before_pickup": "#eab464",
    "taken_into_custody": CUSTODY,
    "withdrawn_by_ice": "#86a9c4",
    "pending_or_unrecorded": HATCH_UNKNOWN,
}
OTHER_COLOUR = "#b5b0a5"

TOP_STATES, TOP_FACILITIES = 15, 15


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: which table it draws, its heading, what it shows in words, and its specifications by width."""

    id: str
    table_id: str
    title: str
    description: str
    wide: Spec
    narrow: Spec


def charts_of(report: Report) -> tuple[Chart, ...]:
    """Return the charts of a report; one that would have nothing to show is left out."""
    makers: tuple[tuple[str, str, str, Callable[[ReportTable], bool], Callable[..., Spec]], ...] = (
        (
            "definitions",
            "definitions",
            "Declined, under each definition",
            lambda table: bool(_computed(table)),
            definitions_chart,
        ),
        ("by_month", "by_month", "Detainers by month of issue and outcome", has_months, by_month_chart),
        ("outcomes", "outcomes", "Outcomes, as shares of all detainers", lambda _table: True, outcomes_chart),
        ("counties_detainers", "counties", "Detainers by county", has_counties, detainers_map),
        ("counties_declined", "counties", "Recorded declines by county", has_counties, declines_map),
        ("counties_share", "counties", "Share declined by county", has_counties, shares_map),
        ("states", "states", "Where declines are recorded: states", has_declines, states_chart),
        (
            "facilities_declines",
            "facilities_declines",
            "Where declines are recorded: facilities as published",
            has_declines,
            facilities_chart,
        ),
    )
    found = []
    for chart_id, table_id, title, is_drawn, draw in makers:
        table = report.table(table_id)
        if is_drawn(table):
            found.append(
                Chart(
                    id=chart_id,
                    table_id=table_id,
                    title=title,
                    description=_description(chart_id, table),
                    wide=draw(table, is_narrow=False),
                    narrow=draw(table, is_narrow=True),
                )
            )
    return tuple(found)


def definitions_chart(table: ReportTable, *, is_narrow: bool) -> Spec:
    """Return the range plot: for each definition count and share, with interval and bounds."""
    rows = [
        {
            **row,
            "count_text": count(row["declined"]),
            "share_text": share(row["rate"]) if row["rate"] is not None else "count only",
        }
        for row in _computed(table)
    ]
    name = "definition" if is_narrow else "title"
    rows = [{**row, "label": row[name]} for row in rows]
    order = [row["label"] for row in rows]
    label = {
        "domain": False,
        "ticks": False,
        "labelFontSize": 12.5,
        "labelPadding": 10,
        "title": None,
        "labelLimit": 380,
    }
    rate = _range_panel(
        rows,
        order,
        ("rate", "bound_low", "bound_high", "share_text"),
        "Share declined",
        width=190 if is_narrow else 290,
        axis={"format": ".0%", "tickCount": 4},
        y_axis=label,
    )
    if is_narrow:
        return rate
    n = _range_panel(
        rows,
        order,
        ("declined", "declined_low", "declined_high", "count_text"),
        "Detainers declined",
        width=210,
        axis={"format": ",d", "tickCount": 3},
        y_axis=None,
    )
    # Room for letters that are wider on the reader's machine than those that the renderer measures with.
    return {"hconcat": [rate, n], "spacing": 34, "padding": {"left": 28, "right": 8, "top": 5, "bottom": 5}}


def outcomes_chart(table: ReportTable, *, is_narrow: bool) -> Spec:
    """Return the bars of the outcomes, with share and count written beside them."""
    rows = [
        {
            "label": row["label"],
            "share": row["share"] or 0,
            "text": share(row["share"]) + ("" if is_narrow else f"  ·  {count(row['detainers'])}"),
            "colour": OUTCOME_COLOURS.get(str(row["outcome"]), OTHER_COLOUR),
        }
        for row in _records(table)
    ]
    return _bars(rows, value="share", width=150 if is_narrow else 430, axis={"format": ".0%", "tickCount": 4})


def states_chart(table: ReportTable, *, is_narrow: bool) -> Spec:
    """Return the states with the most declines: the count, and the share with its interval."""
    rows = [row for row in _records(table) if row["state"] and row["declined"]]
    rows = sorted(rows, key=lambda row: (-row["declined"], row["state"]))[:TOP_STATES]
    bars = [
        {
            "label": row["state_name"],
            "declined": row["declined"],
            "text": count(row["declined"]) + ("" if is_narrow else f" of {count(row['detainers'])}"),
            "colour": DECLINED,
        }
        for row in rows
    ]
    left = _bars(bars, value="declined", width=150 if is_narrow else 250, axis={"format": ",d", "tickCount": 3})
    if is_narrow:
        return left
    shares = [
        {**row, "label": row["state_name"], "text": share(row["rate"]) if row["rate"] is not None else "fewer than 30"}
        for row in rows
    ]
    right = _interval_panel(shares, [row["label"] for row in bars], width=230)
    left["title"], right["title"] = (
        _heading("Declined, of all detainers"),
        _heading("Share declined, with 95% interval"),
    )
    return {"hconcat": [left, right], "spacing": 30}


def facilities_chart(table: ReportTable, *, is_narrow: bool) -> Spec:
    """Return the facilities with the most declines."""
    rows = [row for row in _records(table) if row["rank"] is not None and row["declined"]][:TOP_FACILITIES]
    bars = [
        {
            "label": f"{row['facility']}, {row['state'] or '–'}",
            "declined": row["declined"],
            "text": f"{count(row['declined'])} of {count(row['detainers'])}",
            "colour": DECLINED,
        }
        for row in rows
    ]
    return _bars(
        bars,
        value="declined",
        width=90 if is_narrow else 380,
        axis={"format": ",d", "tickCount": 3},
        label_limit=150 if is_narrow else 250,
    )


def has_declines(table: ReportTable) -> bool:
    """Return whether any place of the table has a decline."""
    return any(row["declined"] and row["note"] is None for row in _records(table))


def _records(table: ReportTable) -> list[dict[str, Any]]:
    return [dict(record) for record in table.records()]


def _computed(table: ReportTable) -> list[dict[str, Any]]:
    return [row for row in _records(table) if row["declined"] is not None]


def _heading(text: str) -> Spec:
    return {"text": text, "fontSize": 12.5, "fontWeight": 600, "color": INK, "anchor": "start", "offset": 12}


def _x(field: str, axis: Mapping[str, Any], **more: Any) -> Spec:
    return {"field": field, "type": "quantitative", "axis": {"title": None, **axis}, **more}


def _range_panel(
    rows: list[dict[str, Any]],
    order: list[str],
    fields: tuple[str, str, str, str],
    title: str,
    *,
    width: int,
    axis: Mapping[str, Any],
    y_axis: Mapping[str, Any] | None,
) -> Spec:
    """Return one panel of the range plot: bounds as a thin line, the interval as a bar, the figure as a dot."""
    value, low, high, text = fields
    y = {"field": "label", "type": "nominal", "sort": order, "axis": y_axis}
    layers: list[Spec] = [
        {
            "transform": [{"filter": f"isValid(datum.{low})"}],
            "mark": {"type": "rule", "strokeWidth": 7, "color": PALE, "strokeCap": "round"},
            "encoding": {"x": _x(low, axis), "x2": {"field": high}},
        },
        {
            "transform": [{"filter": f"isValid(datum.{value})"}],
            "mark": {"type": "point", "filled": True, "size": 95, "color": DECLINED, "opacity": 1},
            "encoding": {"x": _x(value, axis)},
        },
        {
            "transform": [{"filter": f"isValid(datum.{value})"}],
            "mark": {"type": "text", "dy": -13, "fontSize": 12.5, "fontWeight": 600, "color": INK},
            "encoding": {"x": _x(value, axis), "text": {"field": text}},
        },
    ]
    if value == "rate":
        layers.insert(
            1,
            {
                "transform": [{"filter": "isValid(datum.ci_low)"}],
                "mark": {"type": "rule", "strokeWidth": 2.5, "color": DECLINED},
                "encoding": {"x": _x("ci_low", axis), "x2": {"field": "ci_high"}},
            },
        )
        layers.append(
            {
                "transform": [{"filter": "!isValid(datum.rate)"}],
                "mark": {"type": "text", "align": "left", "fontSize": 12, "fontStyle": "italic", "color": MUTED},
                "encoding": {"x": {"value": 4}, "text": {"field": text}},
            },
        )
    return {
        "data": {"values": rows},
        "title": _heading(title),
        "width": width,
        "height": {"step": 42},
        "encoding": {"y": y},
        "layer": layers,
    }


def _interval_panel(rows: list[dict[str, Any]], order: list[str], *, width: int) -> Spec:
    axis = {"format": ".0%", "tickCount": 4}
    has_rate = {"filter": "isValid(datum.rate)"}
    return {
        "data": {"values": rows},
        "width": width,
        "height": {"step": 25},
        "encoding": {"y": {"field": "label", "type": "nominal", "sort": order, "axis": None}},
        "layer": [
            {
                "transform": [has_rate],
                "mark": {"type": "rule", "strokeWidth": 2.5, "color": DECLINED},
                "encoding": {"x": _x("ci_low", axis), "x2": {"field": "ci_high"}},
            },
            {
                "transform": [has_rate],
                "mark": {"type": "point", "filled": True, "size": 60, "color": DECLINED, "opacity": 1},
                "encoding": {"x": _x("rate", axis)},
            },
            {
                "transform": [has_rate],
                "mark": {"type": "text", "align": "left", "dx": 8, "fontSize": 12, "color": INK},
                "encoding": {"x": _x("ci_high", axis), "text": {"field": "text"}},
            },
            {
                "transform": [{"filter": "!isValid(datum.rate)"}],
                "mark": {"type": "text", "align": "left", "fontSize": 11.5, "fontStyle": "italic", "color": MUTED},
                "encoding": {"x": {"value": 4}, "text": {"field": "text"}},
            },
        ],
    }


def _bars(
    rows: list[dict[str, Any]], *, value: str, width: int, axis: Mapping[str, Any], label_limit: int = 190
) -> Spec:
    """Return horizontal bars in the order of the rows, each with its text at its end."""
    y_axis = {
        "domain": False,
        "ticks": False,
        "title": None,
        "labelLimit": label_limit,
        "labelFontSize": 12.5,
        "labelPadding": 8,
    }
    y = {"field": "label", "type": "nominal", "sort": [row["label"] for row in rows], "axis": y_axis}
    return {
        "data": {"values": rows},
        "width": width,
        "height": {"step": 25},
        "encoding": {"y": y},
        "layer": [
            {
                "mark": {"type": "bar", "height": 15, "stroke": "#8b877d", "strokeWidth": 0.4},
                "encoding": {"x": _x(value, axis), "color": {"field": "colour", "type": "nominal", "scale": None}},
            },
            {
                "mark": {"type": "text", "align": "left", "dx": 6, "fontSize": 12, "color": INK},
                "encoding": {"x": _x(value, axis), "text": {"field": "text"}},
            },
        ],
    }


def _description(chart_id: str, table: ReportTable) -> str:
    """Return what a chart shows, for those who do not see it; all of its numbers are in the table behind it."""
    if chart_id == "definitions":
        parts = [f"{row['definition']}: {_words(row)}" for row in _computed(table)]
        return "Range plot of declined detainers under each definition. " + "; ".join(parts) + "."
    if chart_id == "by_month":
        months = [row for row in _records(table) if row["month"]]
        return (
            f"Stacked bars of detainers by outcome for {len(months)} months, {months[0]['month']} to"
            f" {months[-1]['month']}. Months too young to be judged lie on a shaded ground."
        )
    if chart_id == "outcomes":
        parts = [f"{row['label']} {share(row['share'])}" for row in _records(table)]
        return "Bars of outcomes as shares of all detainers: " + "; ".join(parts) + "."
    if chart_id.startswith("counties_"):
        return _map_words(chart_id, table)
    name = "state_name" if chart_id == "states" else "facility"
    rows = [row for row in _records(table) if row["declined"] and row["note"] is None]
    rows = sorted(rows, key=lambda row: -row["declined"])[:5]
    parts = [f"{row[name]} {count(row['declined'])}" for row in rows]
    return "Bars of recorded declines. The most: " + "; ".join(parts) + "."


def _map_words(chart_id: str, table: ReportTable) -> str:
    key = {"counties_detainers": "detainers", "counties_declined": "declined"}.get(chart_id)
    rows = [row for row in _records(table) if row[key or "rate"]]
    rows = sorted(rows, key=lambda row: -row[key or "rate"])[:5]
    parts = [f"{row['county']}, {row['state']} {count(row[key]) if key else share(row['rate'])}" for row in rows]
    what = {"detainers": "detainers", "declined": "recorded declines"}.get(key or "", "the share declined")
    return f"Map of counties shaded by {what}, in classes. The most: {'; '.join(parts)}."


def _words(row: Mapping[str, Any]) -> str:
    said = f"{count(row['declined'])} declined, from {count(row['declined_low'])} to {count(row['declined_high'])}"
    if row["rate"] is None:
        return said
    return f"{said}; {share(row['rate'])}, bounds {share(row['bound_low'])} to {share(row['bound_high'])}"
