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

    from jinja2 import Environment

Drawn = tuple[Chart, str, str]
"""A chart with its wide and its narrow drawing, as the renderer gave them."""


def page_of(report: Report, drawn: Mapping[str, Drawn], *, files_written: tuple[tuple[str, str], ...]) -> str:
    """Return the page. ``files_written`` names the files beside it and what each is."""
    from markupsafe import Markup

    environment = page_environment(__package__)
    # The style sheet is ours and holds no text of a source; drawings have escaped theirs already.
    return environment.get_template("page.html.j2").render(
        report=report,
        style=Markup(template_text(__package__, "page.css")),  # noqa: S704
        charts={chart_id: figure_of(*each) for chart_id, each in drawn.items()},
        tables={table.id: view_of(table) for table in report.tables},
        sections=texts().sections,
        created=report.created_at.strftime("%Y-%m-%d %H:%M UTC"),
        files_written=files_written,
    )


def page_environment(package: str) -> Environment:
    """Return what draws pages from the templates of a package: everything that is put in is escaped."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    return Environment(
        loader=FunctionLoader(lambda name: template_text(package, name)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def template_text(package: str, name: str) -> str:
    """Return a template, or a style sheet, of a package."""
    return files(package).joinpath("templates", name).read_text("utf-8")


def figure_of(chart: Chart, wide: str, narrow: str) -> dict[str, Any]:
    """Return a chart as pages show it: its title, the table behind it, and both drawings with words for readers."""
    from markupsafe import Markup

    def drawing(svg: str, name: str) -> Markup:
        return Markup(for_page(svg, name=name, title=chart.title, description=chart.description))  # noqa: S704

    return {
        "title": chart.title,
        "table_id": chart.table_id,
        "wide": drawing(wide, f"{chart.id}-wide"),
        "narrow": drawing(narrow, f"{chart.id}-narrow"),
    }
