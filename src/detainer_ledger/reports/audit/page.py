"""The report of an audit as one self-contained page: no script, no font and no picture from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from detainer_ledger.reports.audit.value import AuditReport, plain_of
from detainer_ledger.reports.charts import Chart
from detainer_ledger.reports.drawing import for_page
from detainer_ledger.reports.formats import long_day

Drawn = Mapping[str, tuple[Chart, str, str]]
"""Charts by id, each with its wide and its narrow drawing, as the renderer gave them."""


def page_of(report: AuditReport, drawn: Drawn) -> str:
    """Return the page."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FunctionLoader(lambda name: _template(__package__, name)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = _template("detainer_ledger.reports", "page.css") + _template(__package__, "audit.css")
    # The style sheets are ours and hold no text of an audit; drawings have escaped theirs already.
    return environment.get_template("audit.html.j2").render(
        report=report,
        style=Markup(style),  # noqa: S704
        charts={name: _figure(*each) for name, each in drawn.items()},
        plain=plain_of,
        issued=long_day(report.issued_on),
        made=report.made_at.strftime("%Y-%m-%d %H:%M UTC"),
    )


def _template(package: str, name: str) -> str:
    return files(package).joinpath("templates", name).read_text("utf-8")


def _figure(chart: Chart, wide: str, narrow: str) -> dict[str, Any]:
    from markupsafe import Markup

    def drawing(svg: str, name: str) -> Markup:
        return Markup(for_page(svg, name=name, title=chart.title, description=chart.description))  # noqa: S704

    return {
        "title": chart.title,
        "wide": drawing(wide, f"{chart.id}-wide"),
        "narrow": drawing(narrow, f"{chart.id}-narrow"),
    }
