"""The invented audit's report in both editions, written once."""

from __future__ import annotations

import pytest

from detainer_ledger.reports.audit import (
    AuditReport,
    AuditReportFiles,
    Edition,
    UnitsShown,
    audit_report_of,
    write_audit_report,
)
from tests.reports.audit.invented import COMMAND, MADE, invented


def report_of(edition: Edition, units: UnitsShown = UnitsShown.SHOWN) -> AuditReport:
    audited, findings = invented()
    return audit_report_of(audited, findings, edition=edition, units=units, made_at=MADE, command=COMMAND)


@pytest.fixture(scope="session")
def public(tmp_path_factory: pytest.TempPathFactory) -> AuditReportFiles:
    return write_audit_report(report_of(Edition.PUBLIC), tmp_path_factory.mktemp("public") / "report")


@pytest.fixture(scope="session")
def full(tmp_path_factory: pytest.TempPathFactory) -> AuditReportFiles:
    return write_audit_report(report_of(Edition.FULL), tmp_path_factory.mktemp("full") / "report")


@pytest.fixture(scope="session")
def hidden(tmp_path_factory: pytest.TempPathFactory) -> AuditReportFiles:
    return write_audit_report(
        report_of(Edition.PUBLIC, UnitsShown.HIDDEN), tmp_path_factory.mktemp("hidden") / "report"
    )
