"""From a chart's specification to SVG: for the page without any outside reference, for the PDF with its own fonts."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from detainer_ledger.reports.charts import HATCH_UNKNOWN, INK, MUTED, RULE

PDF_FONT = "Libertinus Serif"

_CONFIG: dict[str, Any] = {
    "background": "transparent",
    "font": "sans-serif",
    "view": {"stroke": None},
    "axis": {
        "gridColor": RULE,
        "gridWidth": 0.8,
        "domainColor": MUTED,
        "tickColor": MUTED,
        "labelColor": INK,
        "labelFontSize": 12,
        "titleColor": INK,
    },
    "legend": {"labelColor": INK},
}

_PATTERN = (
    '<defs><pattern id="{name}-unknown" width="5" height="5" patternUnits="userSpaceOnUse"'
    ' patternTransform="rotate(45)">'
    '<rect width="5" height="5" fill="#f3f1ec"/><rect width="1.4" height="5" fill="#a39d90"/></pattern></defs>'
)


def svg_of(spec: dict[str, Any]) -> str:
    """Return a chart as SVG text, as the renderer draws it. The renderer is given no way to the network."""
    import vl_convert

    drawn: str = vl_convert.vegalite_to_svg(
        {"$schema": "https://vega.github.io/schema/vega-lite/v6.json", **spec},
        vl_version="6.4",
        config=_CONFIG,
        allowed_base_urls=[],
    )
    # A tenth of a unit is finer than any screen or paper shows, and outlines of counties have many points.
    return re.sub(r' d="[^"]+"', lambda path: re.sub(r"(\d+\.\d)\d+", r"\1", path.group()), drawn)


def for_page(svg: str, *, name: str, title: str, description: str) -> str:
    """Return an SVG to stand in a page: named and described, in the page's letters, without outside references."""
    inside, width, height = _parts(svg, name)
    inside = re.sub(r' font-family="[^"]*"', "", inside)
    label = f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-desc">{escape(description)}</desc>'
    return (
        f'<svg role="img" aria-labelledby="{name}-title {name}-desc" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}">{label}{inside}</svg>'
    )


def for_paper(svg: str, *, name: str) -> str:
    """Return an SVG to stand in the PDF, in its letters."""
    inside, width, height = _parts(svg, name)
    inside = re.sub(r' font-family="[^"]*"', f' font-family="{PDF_FONT}"', inside)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f"{inside}</svg>"
    )


def _parts(svg: str, name: str) -> tuple[str, str, str]:
    """Return what is inside the outer element, its width and its height."""
    opening = re.match(r"\s*<svg\b[^>]*>", svg)
    if opening is None:
        raise ValueError("the renderer gave no SVG")
    size = {key: re.search(rf'\b{key}="([0-9.]+)"', opening.group()) for key in ("width", "height")}
    width, height = (found.group(1) if found else "600" for found in (size["width"], size["height"]))
    inside = svg[opening.end() : svg.rindex("</svg>")]
    # What each mark says is told by the title, the description and the table; a reader need not walk through every bar.
    inside = re.sub(r' (?:role|aria-[a-z]+)="[^"]*"', "", inside)
    # Names are made unique: a page holds many drawings, and two of each.
    inside = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', inside)
    inside = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", inside)
    inside = inside.replace(HATCH_UNKNOWN, f"url(#{name}-unknown)")
    return _PATTERN.format(name=name) + inside, width, height
