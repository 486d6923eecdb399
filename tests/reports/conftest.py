"""Small stores, built from releases that the tests write themselves, and a report of one of them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import pytest

from detainer_ledger.intake import ingest
from detainer_ledger.reports import Report, ReportFiles, build_report, write_report
from tests.reports.report_stores import COMMAND, CREATED, HEADER, MakeStore, Row, hostile_rows, ordinary_rows


@pytest.fixture(scope="session")
def make_store(tmp_path_factory: pytest.TempPathFactory) -> MakeStore:
    def make(rows: Sequence[Row], *, name: str = "npr.csv", into: Path | None = None) -> Path:
        folder = tmp_path_factory.mktemp("release")
        with (folder / name).open("w", encoding="utf-8", newline="") as opened:
            writer = csv.writer(opened, lineterminator="\n")
            writer.writerow(HEADER)
            writer.writerows(rows)
        store = into or folder / "store"
        ingest([folder / name], store)
        return store

    return make


@pytest.fixture(scope="session")
def report(make_store: MakeStore) -> Report:
    store = make_store([*ordinary_rows(), *hostile_rows(), ("",) * 6])
    return build_report(store, command=COMMAND, created_at=CREATED)


@pytest.fixture(scope="session")
def written(report: Report, tmp_path_factory: pytest.TempPathFactory) -> ReportFiles:
    return write_report(report, tmp_path_factory.mktemp("out") / "report")
