"""The report as one self-contained page: no script, no font and no picture from elsewhere."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

from detainer_ledger.reports.charts import Chart
from detainer_ledger.reports.drawing import for_page
from detainer_ledger.reports.texts import texts
from detainer_ledger.reports.value import Report
from detainer_ledger.reports.view import view_of

if TYPE_CHECKING:
    from collections.abc import Mapping

Drawn = tuple[Chart, str, str]
"""A chart with its wide and its narrow drawing, as the renderer gave them."""


def page_of(report: Report, drawn: Mapping[str, Drawn], *, files_written: tuple[tuple[str, str], ...]) -> str:
    """Return the page. ``files_written`` names the files beside it and what each is."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FunctionLoader(_template),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # The style sheet is ours and holds no text of a source; drawings have escaped theirs already.
    return environment.get_template("page.html.j2").render(
        report=report,
        style=Markup(_template("page.css")),  # noqa: S704
        charts={chart_id: _figure(*each) for chart_id, each in drawn.items()},
        tables={table.id: view_of(table) for table in report.tables},
        sections=texts().sections,
        created=report.created_at.strftime("%Y-%m-%d %H:%M UTC"),
        files_written=files_written,
    )


def _template(name: str) -> str:
    return files(__package__).joinpath("templates", name).read_text("utf-8")


def _figure(chart: Chart, wide: str, narrow: str) -> dict[str, Any]:
    from markupsafe import Markup

    def drawing(svg: str, name: str) -> Markup:
        return Markup(for_page(svg, name=name, title=chart.title, description=chart.description))  # noqa: S704

    return {
        "title": chart.title,
        "table_id": chart.table_id,
        "wide": drawing(wide, f"{chart.id}-wide"),
        "narrow": drawing(narrow, f"{chart.id}-narrow"),
    }
