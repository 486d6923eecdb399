"""What a source wrote stays text: on the page, in the PDF, in the tables."""

from __future__ import annotations

import csv
import json
import re
import zipfile

import openpyxl
import pytest

from detainer_ledger.reports import Report, ReportFiles, build_report, write_report
from detainer_ledger.reports.value import MAX_TEXT, plain_text
from detainer_ledger.tables import is_formula
from tests.reports.report_stores import COMMAND, CREATED, FORMULA, HOSTILE, SCRIPT, MakeStore, ordinary_rows


def test_the_page_runs_and_loads_nothing(written: ReportFiles) -> None:
    page = written.page.read_text("utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in page
    links = re.findall(r'(?:src|href|xlink:href|action|srcset)\s*=\s*"([^"]*)"', page)
    assert all(link.startswith(("#", "data:")) for link in links)
    assert re.findall(r"@import|url\((?!#)", page) == []
    assert re.findall(r"\son[a-z]+\s*=", page) == []


def test_names_of_elements_are_unique(written: ReportFiles) -> None:
    names = re.findall(r'\bid="([^"]+)"', written.page.read_text("utf-8"))
    assert len(names) == len(set(names))


def test_no_cell_of_a_csv_file_is_a_formula(written: ReportFiles) -> None:
    seen = False
    for path in written.tables:
        if path.suffix != ".csv":
            continue
        with path.open(encoding="utf-8", newline="") as opened:
            for line in csv.reader(opened):
                for cell in line:
                    assert not is_formula(cell) or is_number(cell)
                    seen = seen or cell == f"'{FORMULA}"
    assert seen


def test_no_cell_of_the_workbook_is_a_formula_or_a_link(written: ReportFiles) -> None:
    texts = set()
    for sheet in openpyxl.load_workbook(written.workbook).worksheets:
        for line in sheet.iter_rows():
            for cell in line:
                assert cell.hyperlink is None
                if isinstance(cell.value, str):
                    assert cell.data_type == "s"
                    texts.add(cell.value)
    assert {FORMULA, SCRIPT, "http://example.com/jail"} <= texts
    with zipfile.ZipFile(written.workbook) as book:
        assert not any(b"<f>" in book.read(name) for name in book.namelist())


def test_signs_that_are_not_seen_are_spelled_out_and_long_texts_are_cut(report: Report) -> None:
    names = {str(value) for value in report.table("facilities_declines").values("facility")}
    assert any("[U+202E]turned" in name for name in names)
    assert max(len(name) for name in names) == MAX_TEXT + len(" […]")
    assert plain_text("a\nb\u2028c") == "a[U+000A]b[U+2028]c"
    # The name with a control character was left empty when the release was read.
    assert len(names & set(HOSTILE)) == len(HOSTILE) - 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *((text, True) for text in ("=1", "  =1", "\t=1", "+1", "-1", "@a", "\ra")),
        *((text, False) for text in ("a=1", "", "  a", "'=1")),
    ],
)
def test_a_formula_is_known_by_its_first_sign(text: str, expected: bool) -> None:
    assert is_formula(text) is expected


def test_synthetic_data_are_marked_everywhere(make_store: MakeStore, tmp_path_factory: pytest.TempPathFactory) -> None:
    from pypdf import PdfReader

    store = make_store(ordinary_rows()[:80], name="SYNTHETIC_npr.csv")
    report = build_report(store, command=COMMAND, created_at=CREATED)
    written = write_report(report, tmp_path_factory.mktemp("out") / "synthetic")
    assert report.is_synthetic
    assert report.warnings[0].startswith("Synthetic data")
    assert "<title>Synthetic data" in written.page.read_text("utf-8")
    assert all("Synthetic data" in page.extract_text() for page in PdfReader(written.pdf).pages)
    assert json.loads(written.datapackage.read_text("utf-8"))["synthetic"] is True
    assert json.loads(written.provenance.read_text("utf-8"))["synthetic"] is True
    assert "SYNTHETIC DATA" in written.readme.read_text("utf-8")
    assert report.table("releases").values("synthetic") == ["yes"]


def is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
