"""Writing the report of an audit: page, PDF, the report as data, and what it was made from."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any

from detainer_ledger.reports.audit.page import page_of
from detainer_ledger.reports.audit.paper import pdf_of
from detainer_ledger.reports.audit.value import AuditReport, AuditReportFiles
from detainer_ledger.reports.charts import Chart
from detainer_ledger.reports.drawing import svg_of
from detainer_ledger.reports.folders import write_folder, write_json
from detainer_ledger.reports.package import library_versions

PAGE, PDF, DATA, PROVENANCE = "index.html", "report.pdf", "report.json", "provenance.json"
WHAT = "Detainer Ledger audit report"
"""Mark in the provenance by which a folder is known as a former report of an audit."""

LIBRARIES = ("jinja2", "typst", "vl-convert-python")


def write_audit_report(
    report: AuditReport, out: Path, *, progress: Callable[[str], None] = lambda _name: None
) -> AuditReportFiles:
    """Write the report of an audit into a folder and return where its files are.

    A former report of an audit in it is replaced as a whole. Raises BadInput if the folder holds anything else, and if
    it cannot be written; it is then as it was before.
    """
    out = Path(out)
    write_folder(out, lambda folder: _write_all(report, folder, progress), provenance=PROVENANCE, what=WHAT)
    return AuditReportFiles(folder=out, page=out / PAGE, pdf=out / PDF, data=out / DATA, provenance=out / PROVENANCE)


def _write_all(report: AuditReport, folder: Path, progress: Callable[[str], None]) -> None:
    progress("charts")
    drawn = {each.id: (each, svg_of(each.wide), svg_of(each.narrow)) for each in report.charts}
    progress("page")
    (folder / PAGE).write_text(page_of(report, drawn), "utf-8")
    progress("pdf")
    (folder / PDF).write_bytes(pdf_of(report, drawn))
    write_json(folder / DATA, {"what": WHAT, "version": 1, **_plain(report)})
    write_json(folder / PROVENANCE, _provenance(report, folder))


def _plain(value: Any) -> Any:
    """Return a value in JSON's terms. Of a chart its title and description: its numbers stand in the tables."""
    if isinstance(value, Chart):
        return {"id": value.id, "title": value.title, "description": value.description}
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value


def _provenance(report: AuditReport, folder: Path) -> dict[str, Any]:
    """Return who made what from what, in the words of W3C PROV."""
    return {
        "what": WHAT,
        "edition": report.edition.value,
        "synthetic": report.is_synthetic,
        "agent": {
            "type": "SoftwareAgent",
            "name": "Detainer Ledger",
            "version": report.program_version,
            "python": platform.python_version(),
            "libraries": library_versions(LIBRARIES),
        },
        "activity": {"type": "Activity", "command": report.command, "created": report.made_at.isoformat()},
        "entity": {
            "inputs": [{"name": name, "sha256": digest} for name, digest in report.inputs],
            "outputs": [
                {"path": name, "sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest()}
                for name in (PAGE, PDF, DATA)
            ],
        },
    }
