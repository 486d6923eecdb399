"""Charts of an audit: rates with what the population can hold, and how many lapses a file has.

Nothing is told by colour alone, every value is written beside its mark, and each chart is drawn wide and narrow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import shorten, wrap
from typing import Any

from detainer_ledger.audit.findings.figures import FILES, estimates_by_subject
from detainer_ledger.audit.values import Estimate, Evaluation, Programme
from detainer_ledger.reports.charts import CUSTODY, INK, MUTED, PALE, Chart
from detainer_ledger.reports.formats import count, number_of, share
from detainer_ledger.reports.value import seen_text

Spec = dict[str, Any]

FILES_TITLE = "Any required attribute not met"
_WIDE_LABEL, _NARROW_LABEL, _LINES = 42, 42, 2
_MOST_BARS = 30
_MOST_ROWS = 20


def chart_ids(chart_id: str, subjects: Sequence[object]) -> list[str]:
    """Return the ids of the charts that `rates_charts` makes of so many subjects."""
    return [f"{chart_id}-{at // _MOST_ROWS + 1}" for at in range(0, len(subjects), _MOST_ROWS)]


def rates_charts(
    chart_id: str, title: str, evaluation: Evaluation, programme: Programme, subjects: Sequence[str]
) -> list[Chart]:
    """Return the charts of rates, no taller than a page: a dot for the sample, a bar for what the population can hold.

    The bar reaches from the lower to the upper bound; both are shares of all files.
    """
    found = estimates_by_subject(evaluation)
    rows = [_row(found[each], title_of(each, programme)) for each in subjects]
    ids = chart_ids(chart_id, rows)
    return [
        _rates_chart(each, title if len(ids) == 1 else f"{title} ({place} of {len(ids)})", rows[at : at + _MOST_ROWS])
        for place, (each, at) in enumerate(zip(ids, range(0, len(rows), _MOST_ROWS), strict=True), start=1)
    ]


def _rates_chart(chart_id: str, title: str, rows: Sequence[Mapping[str, Any]]) -> Chart:
    told = "; ".join(f"{row['title']}: {row['words']}" for row in rows)
    return Chart(
        id=chart_id,
        table_id="estimates",
        title=title,
        description=(
            "Dots are shares of the files drawn, bars reach from the least to the most of all files that can have an"
            " exception."
            f" {told}."
        ),
        wide=_rates(rows, label_width=_WIDE_LABEL, width=370, axis=_SIDE_AXIS, step=40),
        narrow=_narrow_rates(rows),
    )


def per_file_chart(evaluation: Evaluation) -> Chart:
    """Return the bars of files by the number of required attributes that they do not meet."""
    most = max(evaluation.exceptions_per_file, default=0)
    counts = {number: evaluation.exceptions_per_file.get(number, 0) for number in range(most + 1)}
    shown = {str(number): files for number, files in counts.items() if number < _MOST_BARS}
    if rest := sum(files for number, files in counts.items() if number >= _MOST_BARS):
        shown[f"{_MOST_BARS}+"] = rest
    told = "; ".join(f"{number}: {number_of(files, 'file')}" for number, files in shown.items())
    return Chart(
        id="per-file",
        table_id="per-file",
        title="Files by how many required attributes they do not meet",
        description=f"Bars of files by the number of required attributes not met. {told}.",
        wide=_bars(shown, width=560, height=230),
        narrow=_bars(shown, width=270, height=200),
    )


def title_of(subject: str, programme: Programme) -> str:
    """Return how a subject is called: the title of an attribute, or words for files and strata."""
    if subject == FILES:
        return FILES_TITLE
    attribute = programme.attribute(subject)
    if attribute is not None:
        return seen_text(attribute.title)
    return seen_text(f"Files of stratum {subject.removeprefix('strata.')}: {FILES_TITLE.lower()}")


def _row(estimate: Estimate, title: str) -> dict[str, Any]:
    """Return a row of the chart: its dot is a share of all files drawn, as the bounds are of all files.

    The rate is of those tested, which can be far fewer where an attribute seldom applies; it stands in words.
    """
    rate = share(estimate.rate) if estimate.rate is not None else "not tested"
    drawn = estimate.tested + estimate.not_testable + estimate.not_applicable
    counted = f"{count(estimate.exceptions)} of {count(estimate.tested)}"
    text = f"{counted}  ({rate})"
    if estimate.tested < drawn:
        text = f"{count(estimate.exceptions)} of {count(drawn)} drawn, {rate} of {count(estimate.tested)} tested"
    return {
        "title": title,
        "rate": estimate.rate * estimate.tested / drawn if estimate.rate is not None else None,
        "low": estimate.lower.rate,
        "high": estimate.upper.rate,
        "text": text if estimate.rate is not None else "no file to test",
        "words": f"{counted} tested ({rate}), of all {share(estimate.lower.rate)} to {share(estimate.upper.rate)}",
        "is_files": estimate.subject == FILES,
    }


_SIDE_AXIS: Spec = {
    "domain": False,
    "ticks": False,
    "title": None,
    "labelLimit": 300,
    "minExtent": 300,
    "labelFontSize": 12.5,
    "labelLineHeight": 15,
    "labelPadding": 12,
    "labelExpr": "split(datum.value, '\\n')",
}


def _labelled(rows: Sequence[Mapping[str, Any]], width: int) -> list[dict[str, Any]]:
    """Return the rows with labels that are broken into lines, and differ even where titles do not."""
    found, seen = [], set()
    for row in rows:
        lines = wrap(shorten(row["title"], width * _LINES, placeholder=" …"), width) or ["–"]
        label = "\n".join(line[:width] for line in lines[:_LINES])
        while label in seen:
            label += "\u2009"
        seen.add(label)
        found.append({**row, "label": label})
    return found


def _rates(rows: Sequence[Mapping[str, Any]], *, label_width: int, width: int, axis: Spec | None, step: int) -> Spec:
    values = _labelled(rows, label_width)
    y = {"field": "label", "type": "nominal", "sort": [row["label"] for row in values], "axis": axis}
    return {
        "data": {"values": values},
        "width": width,
        "height": {"step": step},
        "padding": {"left": 26, "right": 30, "top": 5, "bottom": 5},
        "encoding": {"y": y},
        "layer": _marks(),
    }


def _marks() -> list[Spec]:
    scale = {"domain": [0, 1], "nice": False}
    axis = {"title": None, "format": ".0%", "values": [0, 0.25, 0.5, 0.75, 1], "domain": False, "ticks": False}
    x = {"type": "quantitative", "scale": scale, "axis": axis}
    tested: Spec = {"filter": "isValid(datum.rate)"}
    return [
        {
            "mark": {"type": "rule", "strokeWidth": 8, "color": PALE},
            "encoding": {"x": {"field": "low", **x}, "x2": {"field": "high"}},
        },
        *(
            {
                "mark": {"type": "tick", "thickness": 2, "size": 15, "color": INK, "orient": "vertical"},
                "encoding": {"x": {"field": end, **x}},
            }
            for end in ("low", "high")
        ),
        {
            "transform": [tested],
            "mark": {"type": "point", "filled": True, "size": 105, "opacity": 1, "color": CUSTODY},
            "encoding": {"x": {"field": "rate", **x}},
        },
        {
            # Beside the middle of the bar, and never outside of the drawing.
            "transform": [{"calculate": "datum.rate === null ? 0.5 : datum.rate", "as": "at"}],
            "mark": {
                "type": "text",
                "dy": -15,
                "fontSize": 12,
                "fontWeight": 600,
                "color": INK,
                "align": {"expr": "datum.at > 0.6 ? 'right' : datum.at < 0.4 ? 'left' : 'center'"},
            },
            "encoding": {"x": {"field": "at", **x}, "text": {"field": "text"}},
        },
    ]


def _narrow_rates(rows: Sequence[Mapping[str, Any]]) -> Spec:
    """Return the chart for a telephone: each title stands above its bar."""
    spec = _rates(rows, label_width=_NARROW_LABEL, width=270, axis=None, step=84)
    title: Spec = {
        "mark": {"type": "text", "align": "left", "dy": -36, "baseline": "bottom", "lineBreak": "\n", "fontSize": 12},
        "encoding": {"x": {"value": 0}, "text": {"field": "label"}, "color": {"value": INK}},
    }
    return {**spec, "padding": {"left": 12, "right": 22, "top": 5, "bottom": 5}, "layer": [*spec["layer"], title]}


def _bars(counts: Mapping[str, int], *, width: int, height: int) -> Spec:
    values = [{"number": number, "files": files, "text": count(files)} for number, files in counts.items()]
    x = {
        "field": "number",
        "type": "nominal",
        "sort": list(counts),
        "axis": {
            "title": "required attributes not met",
            "titleFontWeight": 400,
            "titlePadding": 8,
            "titleColor": MUTED,
            "labelAngle": 0,
            "ticks": False,
        },
    }
    y = {
        "field": "files",
        "type": "quantitative",
        "axis": {"title": None, "format": ",d", "tickCount": 4, "tickMinStep": 1, "domain": False, "ticks": False},
    }
    return {
        "data": {"values": values},
        "width": min(width, 64 * max(len(values), 3)),
        "height": height,
        "encoding": {"x": x, "y": y},
        "layer": [
            {"mark": {"type": "bar", "color": CUSTODY, "width": {"band": 0.72}}},
            {
                "mark": {"type": "text", "dy": -8, "fontSize": 12, "fontWeight": 600, "color": INK},
                "encoding": {"text": {"field": "text"}},
            },
        ],
    }
