"""Reports: a frozen value read from a store; page, PDF, tables and data package are drawn from it."""

from detainer_ledger.reports.building import build_report
from detainer_ledger.reports.value import (
    Column,
    KeyFigure,
    Kind,
    Report,
    ReportFiles,
    ReportRelease,
    ReportTable,
)
from detainer_ledger.reports.writing import write_report

__all__ = [
    "Column",
    "KeyFigure",
    "Kind",
    "Report",
    "ReportFiles",
    "ReportRelease",
    "ReportTable",
    "build_report",
    "write_report",
]
