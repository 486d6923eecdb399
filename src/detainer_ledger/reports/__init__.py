"""Reports: a frozen value read from a store; page, PDF, tables and data package are drawn from it."""

from detainer_ledger.reports.building import build_report
from detainer_ledger.reports.value import (
    Column,
    Kind,
    KeyFigure,
    Report,
    ReportFiles,
    ReportRelease,
    ReportTable,
)

__all__ = [
    "Column",
    "KeyFigure",
    "Kind",
    "Report",
    "ReportFiles",
    "ReportRelease",
    "ReportTable",
    "build_report",
]
