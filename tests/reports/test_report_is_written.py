"""A report is written whole or not at all, the same from the same, and whatever the data are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from detainer_ledger.intake import ingest
from detainer_ledger.releases import layout
from detainer_ledger.reports import Report, ReportFiles, build_report, write_report
from detainer_ledger.terms import BadInput
from tests.reports.report_stores import BLANK, BOOKED, COMMAND, CREATED, DECLINED, MakeStore, Row, ordinary_rows, row


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_report_is_the_same_to_the_byte(report: Report, written: ReportFiles, tmp_path: Path) -> None:
    again = write_report(report, tmp_path / "again")
    assert contents(again.folder) == contents(written.folder)


def test_reading_a_store_twice_gives_equal_reports(make_store: MakeStore) -> None:
    store = make_store(ordinary_rows())
    first, second = (build_report(store, command=COMMAND, created_at=CREATED) for _ in range(2))
    assert first == second


def test_a_former_report_is_replaced_and_nothing_is_left_beside_it(report: Report, tmp_path: Path) -> None:
    out = tmp_path / "report"
    write_report(report, out)
    (out / "index.html").write_text("old")
    assert write_report(report, out).page.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_a_folder_with_other_things_is_refused_and_kept(report: Report, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(BadInput, match="no former report"):
        write_report(report, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    with pytest.raises(BadInput, match="needs a folder"):
        write_report(report, tmp_path / "thesis.txt")


def test_a_former_report_with_a_foreign_file_is_refused(report: Report, tmp_path: Path) -> None:
    out = write_report(report, tmp_path / "report").folder
    (out / "notes.txt").write_text("mine")
    with pytest.raises(BadInput, match=r"notes\.txt"):
        write_report(report, out)
    assert (out / "notes.txt").read_text() == "mine"


def test_a_failure_leaves_the_former_report(report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = write_report(report, tmp_path / "report").folder
    before = contents(out)

    def fail(*_args: object) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("detainer_ledger.reports.writing.pdf_of", fail)
    with pytest.raises(BadInput, match="no space left"):
        write_report(report, out)
    assert contents(out) == before
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([row(f"{month}/1/13", BOOKED) for month in range(1, 13)], "none is recorded as declined"),
        ([row("3/1/13", BLANK) for _ in range(40)], "it is not known what became of them"),
        ([row("3/1/13", BOOKED), row("3/2/13", DECLINED)], "1 are recorded as declined"),
        ([row("3/1/13", DECLINED, facility="", state="", city="") for _ in range(3)], "100.0% of all"),
        ([row("3/1/13", DECLINED, facility="OTHER-OTHER FACILITY", state="", city="")], "100.0% of all"),
    ],
    ids=["no-declines", "all-unknown", "one-month", "no-states", "placeholder-alone"],
)
def test_a_report_can_be_written_of_thin_data(
    rows: Sequence[Row], says: str, make_store: MakeStore, tmp_path: Path
) -> None:
    report = build_report(make_store(rows), command=COMMAND, created_at=CREATED)
    written = write_report(report, tmp_path / "report")
    assert says in " ".join(report.headline)
    assert len(PdfReader(written.pdf).pages) > 1


def test_a_store_of_several_layouts_gives_one_report(make_store: MakeStore, tmp_path: Path) -> None:
    store = make_store(ordinary_rows())
    modern = tmp_path / "modern.csv"
    header = [column.header for column in layout("icli-2026-03").columns]
    values = {"Detainer Prepare Date": "2026-01-05", "Detainer Facility": "COUNTY JAIL", "Facility State": "MINNESOTA"}
    modern.write_text(",".join(header) + "\n" + ",".join(values.get(name, "") for name in header) + "\n")
    ingest([modern], store)
    report = build_report(store, command=COMMAND, created_at=CREATED)
    assert sorted(release.layout for release in report.releases) == ["icli-2026-03", "npr-2015"]
    assert len(report.table("account").rows) == 2
    assert write_report(report, tmp_path / "report").page.exists()


def test_progress_tells_the_steps(make_store: MakeStore, tmp_path: Path) -> None:
    steps: list[str] = []
    report = build_report(make_store(ordinary_rows()), command=COMMAND, progress=steps.append)
    write_report(report, tmp_path / "report", progress=steps.append)
    assert steps[0] == "definitions"
    assert steps[-1] == "pdf"


def test_the_pdf_is_tagged_and_names_its_language(written: ReportFiles) -> None:
    root: Any = PdfReader(written.pdf).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert str(root["/Lang"]).startswith("en")
    assert b"pdfuaid" in root["/Metadata"].get_data()


def test_heavy_libraries_wait_until_they_are_needed() -> None:
    import subprocess
    import sys

    code = (
        "import sys, detainer_ledger.reports;"
        "print([name for name in ('vl_convert', 'typst', 'jinja2', 'xlsxwriter', 'pyarrow') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert told.strip() == "[]"
