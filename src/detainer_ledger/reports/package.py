"""What goes with the tables: the data package's description, the provenance, and a file that says what each file is."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from detainer_ledger.measures import definitions
from detainer_ledger.reports.value import Column, Kind, Report, ReportTable

WHAT = "Detainer Ledger report"
"""Mark in the provenance by which a folder is known as a former report."""

LIBRARIES = ("duckdb", "jinja2", "pyarrow", "typst", "vl-convert-python", "xlsxwriter")

_TYPES = {Kind.COUNT: "integer", Kind.YEAR: "integer", Kind.SHARE: "number", Kind.DAY: "date"}
_MEDIA = {
    ".csv": "text/csv",
    ".parquet": "application/vnd.apache.parquet",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".html": "text/html",
    ".pdf": "application/pdf",
    ".json": "application/json",
    ".txt": "text/plain",
}


def files_beside(report: Report) -> tuple[tuple[str, str], ...]:
    """Return the files of a report and what each is."""
    return (
        ("index.html", "The report as one page that needs no network."),
        ("report.pdf", "The same sentences, charts and tables as PDF, for reading and printing."),
        ("tables.xlsx", "All tables as a workbook, a sheet each."),
        ("tables/*.csv", f"{len(report.tables)} tables as text: shares are fractions of 1, days are YYYY-MM-DD."),
        ("tables/*.parquet", "The same tables with types and the meaning of each column."),
        ("datapackage.json", "What each table and column means (Data Package 2.0)."),
        ("provenance.json", "Which files, program, definitions and command made this, with SHA-256 of everything."),
    )


def datapackage_of(report: Report, folder: Path) -> dict[str, Any]:
    """Return the description of the tables in ``folder`` (Data Package 2.0)."""
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "detainer-report",
        "title": report.title,
        "description": (
            f"{report.subtitle}. Shares are fractions of 1, days are inclusive. In CSV files a text that a spreadsheet"
            " program could run as a formula has an apostrophe before it, which is not part of the text; signs that are"
            " not seen are spelled out, as [U+0007]."
        ),
        "created": report.created_at.isoformat(),
        "version": report.program_version,
        "synthetic": report.is_synthetic,
        "licenses": [
            {"name": "other-pd", "title": "Counts of records that a federal agency of the United States released"}
        ],
        "sources": [
            {
                "title": file.name,
                "path": file.name,
                "hash": f"sha256:{file.sha256}",
                "release": release.release_id,
                "layout": release.layout,
                "synthetic": file.is_synthetic,
            }
            for release in report.releases
            for file in release.files
        ],
        "resources": [_resource(table, folder, ending) for table in report.tables for ending in (".csv", ".parquet")],
    }


def provenance_of(report: Report, folder: Path, written: Sequence[str]) -> dict[str, Any]:
    """Return who made what from what, in the words of W3C PROV; ``written`` are the files in ``folder`` so far."""
    return {
        "what": WHAT,
        "synthetic": report.is_synthetic,
        "agent": {
            "type": "SoftwareAgent",
            "name": "Detainer Ledger",
            "version": report.program_version,
            "python": platform.python_version(),
            "libraries": library_versions(LIBRARIES),
        },
        "activity": {
            "type": "Activity",
            "command": report.command,
            "created": report.created_at.isoformat(),
            "period": {
                "from": report.start.isoformat() if report.start else None,
                "to": report.end.isoformat() if report.end else None,
                "issued_first": report.issued_first.isoformat() if report.issued_first else None,
                "issued_last": report.issued_last.isoformat() if report.issued_last else None,
            },
            "filters": {"releases": [release.release_id for release in report.releases], "duplicates": "drop"},
            "definitions": [
                {"id": each.id, "version": each.version, "title": each.title, "source": each.source}
                for each in definitions().values()
            ],
        },
        "entity": {
            "inputs": [
                {
                    "name": file.name,
                    "sha256": file.sha256,
                    "release": release.release_id,
                    "layout": release.layout,
                    "read_at": release.read_at,
                    "read_by": release.program_version,
                    "synthetic": file.is_synthetic,
                }
                for release in report.releases
                for file in release.files
            ],
            "outputs": [{"path": name, **_measured(folder / name)} for name in sorted(written)],
        },
        "wasGeneratedBy": "every entity in outputs was generated by the activity",
        "used": "the activity used every entity in inputs",
        "wasAssociatedWith": "the activity was associated with the agent",
    }


def readme_of(report: Report) -> str:
    """Return what each file is, as text."""
    lines = [report.title, "=" * len(report.title), ""]
    if report.is_synthetic:
        lines += ["SYNTHETIC DATA: these detainers are invented.", ""]
    lines += [report.subtitle + ".", ""]
    lines += [f"{name}\n    {what}" for name, what in files_beside(report)]
    lines += ["", "Cite as", f"    {report.citation}", "", "Made with", f"    {report.command}", ""]
    return "\n".join(lines)


def _resource(table: ReportTable, folder: Path, ending: str) -> dict[str, Any]:
    path = f"tables/{table.id}{ending}"
    measured = _measured(folder / path)
    resource = {
        "name": f"{table.id.replace('_', '-')}{'' if ending == '.csv' else ending.replace('.', '-')}",
        "type": "table",
        "title": table.title,
        "description": " ".join(text for text in (table.caption, table.note) if text),
        "path": path,
        "format": ending.lstrip("."),
        "mediatype": _MEDIA[ending],
        "bytes": measured["bytes"],
        "hash": f"sha256:{measured['sha256']}",
        "schema": {"fields": [_field(column) for column in table.columns], "missingValues": [""]},
    }
    return {**resource, "encoding": "utf-8"} if ending == ".csv" else resource


def _field(column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        "type": _TYPES.get(column.kind, "string"),
        "title": column.label.rstrip(":"),
        "description": column.meaning,
    }
    return {**field, "unit": column.unit} if column.unit else field


def _measured(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def library_versions(names: Sequence[str]) -> dict[str, str]:
    """Return the installed version of each library."""
    return {name: _version(name) for name in names}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"
