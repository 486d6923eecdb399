"""The report of an audit, in the form of an Inspector General's: page, PDF and data from one frozen value."""

from detainer_ledger.reports.audit.building import audit_report_of
from detainer_ledger.reports.audit.reading import read_audit, read_audited, write_template
from detainer_ledger.reports.audit.value import Audited, AuditReport, AuditReportFiles, Edition, UnitsShown
from detainer_ledger.reports.audit.writing import write_audit_report

__all__ = [
    "AuditReport",
    "AuditReportFiles",
    "Audited",
    "Edition",
    "UnitsShown",
    "audit_report_of",
    "read_audit",
    "read_audited",
    "write_audit_report",
    "write_template",
]
