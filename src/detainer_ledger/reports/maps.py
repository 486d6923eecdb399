"""Maps of counties, in classes: no finer than the numbers are, readable in print, drawn without any network."""

from __future__ import annotations

from typing import Any

from detainer_ledger.places import MAP_HEIGHT, MAP_WIDTH, county_shapes, state_shapes
from detainer_ledger.reports.formats import count
from detainer_ledger.reports.reading import MIN_N
from detainer_ledger.reports.value import ReportTable

Spec = dict[str, Any]

NOTHING, TOO_FEW = "none", f"fewer than {MIN_N}: no share"
_GROUND, _LINE, _NOTHING, _TOO_FEW = "#f6f4ef", "#b5b0a5", "#dcd8cf", "#c9c3b6"
_BLUES = ("#c6d7e6", "#86a9c4", "#4a7ba6", "#1f4e79", "#0d2a47")
_REDS = ("#f3d9cb", "#e5a98c", "#d4754c", "#b0431c", "#6e2409")

_COUNTS = ((1, 9), (10, 99), (100, 999), (1_000, 9_999), (10_000, None))
_SHARES = ((0.0, 0.01), (0.01, 0.05), (0.05, 0.2), (0.2, 0.5), (0.5, None))


def detainers_map(table: ReportTable, *, is_narrow: bool) -> Spec:
    """Return the map of detainers by county."""
    return _map(table, [_count_class(row["detainers"]) for row in table.records()], _BLUES, "Detainers", is_narrow)


def declines_map(table: ReportTable, *, is_narrow: bool) -> Spec:
    """Return the map of recorded declines by county."""
    return _map(table, [_count_class(row["declined"]) for row in table.records()], _REDS, "Declined", is_narrow)


def shares_map(table: ReportTable, *, is_narrow: bool) -> Spec:
    """Return the map of the share declined by county, counties with few detainers marked and not shaded."""
    return _map(table, [_share_class(row["rate"]) for row in table.records()], _REDS, "Share declined", is_narrow)


def has_counties(table: ReportTable) -> bool:
    """Tell whether any county of the table can be drawn."""
    return any(code in county_shapes() for code in table.values("county_fips"))


def _count_class(value: Any) -> str:
    for low, high in _COUNTS:
        if value >= low and (high is None or value <= high):
            return f"{count(low)} or more" if high is None else f"{count(low)} to {count(high)}"
    return NOTHING


def _share_class(value: Any) -> str:
    if value is None:
        return TOO_FEW
    if value == 0:
        return NOTHING
    for low, high in _SHARES:
        if high is None or value < high:
            return _share_words(low, high)
    raise AssertionError("the last class has no end")


def _share_words(low: float, high: float | None) -> str:
    if high is None:
        return f"{low:.0%} and more"
    return f"under {high:.0%}" if low == 0 else f"{low:.0%} to under {high:.0%}"


def _map(table: ReportTable, classes: list[str], colours: tuple[str, ...], title: str, is_narrow: bool) -> Spec:  # noqa: FBT001
    of_county = dict(zip(table.values("county_fips"), classes, strict=True))
    drawn = {code: name for code, name in of_county.items() if code in county_shapes()}
    is_share = title.startswith("Share")
    steps = (
        [_share_words(low, high) for low, high in _SHARES]
        if is_share
        else [_count_class(low) for low, _high in _COUNTS]
    )
    known = [*zip(steps, colours, strict=True), (NOTHING, _NOTHING), *([(TOO_FEW, _TOO_FEW)] if is_share else [])]
    used = [(name, colour) for name, colour in known if name in drawn.values()]
    width = 360 if is_narrow else 720
    outlines = [{"type": "Feature", "geometry": shape} for _code, shape in sorted(state_shapes().items())]
    places = [
        {"type": "Feature", "geometry": county_shapes()[str(code)], "properties": {"class": name}}
        for code, name in sorted(drawn.items(), key=lambda each: str(each[0]))
    ]
    legend = {
        "title": title,
        "orient": "bottom",
        "columns": 2 if is_narrow else 6,
        "symbolType": "square",
        "symbolStrokeWidth": 0,
        "symbolOpacity": 1,
        "labelLimit": 220,
    }
    colour = {
        "field": "properties.class",
        "type": "nominal",
        "scale": {"domain": [name for name, _ in used], "range": [each for _, each in used]},
        "legend": legend,
    }
    return {
        "width": width,
        "height": width * MAP_HEIGHT / MAP_WIDTH,
        "projection": {"type": "identity", "scale": width / MAP_WIDTH, "translate": [0, 0]},
        "layer": [
            {
                "data": {"values": outlines, "name": "ground"},
                "mark": {"type": "geoshape", "clip": False, "fill": _GROUND, "stroke": _LINE, "strokeWidth": 0.6},
            },
            {
                "data": {"values": places, "name": "places"},
                "mark": {"type": "geoshape", "clip": False, "stroke": "#ffffff", "strokeWidth": 0.25},
                "encoding": {"color": colour},
            },
            {
                "data": {"values": outlines, "name": "lines"},
                "mark": {"type": "geoshape", "clip": False, "filled": False, "stroke": _LINE, "strokeWidth": 0.6},
            },
        ],
    }
