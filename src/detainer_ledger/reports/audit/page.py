"""The report of an audit as one self-contained page: no script, no font and no picture from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

from detainer_ledger.reports.audit.value import AuditReport, plain_of
from detainer_ledger.reports.charts import Chart
from detainer_ledger.reports.formats import long_day
from detainer_ledger.reports.page import figure_of, page_environment, template_text

Drawn = Mapping[str, tuple[Chart, str, str]]
"""Charts by id, each with its wide and its narrow drawing, as the renderer gave them."""


def page_of(report: AuditReport, drawn: Drawn) -> str:
    """Return the page."""
    from markupsafe import Markup

    environment = page_environment(__package__)
    style = template_text("detainer_ledger.reports", "page.css") + template_text(__package__, "audit.css")
    # The style sheets are ours and hold no text of an audit; drawings have escaped theirs already.
    return environment.get_template("audit.html.j2").render(
        report=report,
        style=Markup(style),  # noqa: S704
        charts={name: figure_of(*each) for name, each in drawn.items()},
        plain=plain_of,
        issued=long_day(report.issued_on),
        made=report.made_at.strftime("%Y-%m-%d %H:%M UTC"),
    )
