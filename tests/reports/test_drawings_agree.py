"""Page, PDF, text, Parquet and workbook say what the report's value says, and nothing else."""

from __future__ import annotations

import csv
import html
import json
import re
from datetime import date
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest
from pypdf import PdfReader

from detainer_ledger.reports import Kind, Report, ReportFiles
from detainer_ledger.reports.exports import sheet_name
from detainer_ledger.reports.formats import shown
from detainer_ledger.reports.paper import paper_text
from detainer_ledger.reports.texts import texts
from detainer_ledger.reports.value import Cell, Column, ReportTable
from detainer_ledger.reports.view import view_of
from detainer_ledger.tables import is_formula


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u200b\u00ad\u2010-]+", "", text)


def page_text(path: Path) -> str:
    body = path.read_text("utf-8").split("<body>", 1)[1]
    return squeezed(html.unescape(re.sub(r"<[^>]+>", " ", body)))


@pytest.fixture(scope="module")
def pdf_text(written: ReportFiles) -> str:
    # Each page's footer stands between the lines of two pages, so cells are looked for page by page.
    return "\n".join(squeezed(page.extract_text()) for page in PdfReader(written.pdf).pages)


def sentences_of(report: Report) -> list[str]:
    said = [report.title, report.subtitle, report.citation, report.command, *report.headline, *report.warnings]
    said += [text for each in report.key_figures for text in (each.text, each.label, each.condition)]
    said += [text for each in report.method for text in (each.title, each.text, each.formula) if text]
    said += [text for table in drawn_tables(report) for text in (table.title, table.caption, table.note) if text]
    return said


def drawn_tables(report: Report) -> list[ReportTable]:
    """Return the tables that are drawn: the others are too long, and stand in the files beside the page."""
    beside = {table for section in texts().sections for table in section.beside}
    return [table for table in report.tables if table.id not in beside]


def cells_of(report: Report) -> list[str]:
    found = []
    for table in drawn_tables(report):
        for row in table.rows:
            for column, value in zip(table.columns, row, strict=True):
                if value is not None:
                    found.append(shown(value, column.kind))
    return found


def test_every_sentence_and_every_cell_is_on_the_page(report: Report, written: ReportFiles) -> None:
    text = page_text(written.page)
    assert [each for each in [*sentences_of(report), *cells_of(report)] if squeezed(each) not in text] == []


def test_every_sentence_and_every_cell_is_in_the_pdf(report: Report, pdf_text: str) -> None:
    wanted = [paper_text(each) for each in [*sentences_of(report), *cells_of(report)]]
    assert [each for each in wanted if squeezed(each) not in pdf_text.replace("\n", "") and len(each) < 60] == []
    # A long text can be cut by the foot of a page: its words are there in any case.
    whole = pdf_text.replace("\n", "")
    assert [
        each for each in wanted if any(squeezed(word) not in whole for word in each.split() if len(word) < 30)
    ] == []


def test_every_table_has_a_place_in_the_outline(report: Report) -> None:
    placed = [table for section in texts().sections for table in (*section.tables, *section.behind, *section.beside)]
    assert sorted([*placed, "releases"]) == sorted(table.id for table in report.tables)


def test_drawn_tables_hold_every_column_but_idle_notes(report: Report) -> None:
    for table in report.tables:
        drawn = view_of(table)
        kept = [column for column in table.columns if not column.under and column.name != "note"]
        assert [head.label for head in drawn.heads if head.label != "Note"] == [column.label for column in kept]


def test_csv_holds_the_cells_of_the_report(report: Report, written: ReportFiles) -> None:
    for table in report.tables:
        with (written.folder / "tables" / f"{table.id}.csv").open(encoding="utf-8", newline="") as opened:
            header, *rows = list(csv.reader(opened))
        assert header == [column.name for column in table.columns]
        assert rows == [[as_csv(value) for value in row] for row in table.rows]


def test_parquet_holds_the_cells_of_the_report(report: Report, written: ReportFiles) -> None:
    for table in report.tables:
        assert pq.read_table(written.folder / "tables" / f"{table.id}.parquet").to_pylist() == table.records()


def test_the_workbook_holds_the_cells_of_the_report(report: Report, written: ReportFiles) -> None:
    book = openpyxl.load_workbook(written.workbook)
    assert book.sheetnames == [sheet_name(table.id) for table in report.tables]
    for table in report.tables:
        header, *rows = list(book[sheet_name(table.id)].iter_rows(values_only=True))
        assert list(header) == [column.name for column in table.columns]
        for row, expected in zip(rows, table.rows, strict=True):
            for value, wanted, column in zip(row, expected, table.columns, strict=True):
                assert same_cell(value, wanted, column), (table.id, column.name)


def test_the_data_package_describes_every_file_and_column(report: Report, written: ReportFiles) -> None:
    package = json.loads(written.datapackage.read_text("utf-8"))
    assert package["$schema"].endswith("/2.0/datapackage.json")
    paths = [resource["path"] for resource in package["resources"]]
    assert sorted(paths) == sorted(path.relative_to(written.folder).as_posix() for path in written.tables)
    assert all(re.fullmatch(r"[a-z0-9._-]+", resource["name"]) for resource in package["resources"])
    assert len({resource["name"] for resource in package["resources"]}) == len(paths)
    by_path = {resource["path"]: resource for resource in package["resources"]}
    for table in report.tables:
        fields = by_path[f"tables/{table.id}.csv"]["schema"]["fields"]
        assert [field["name"] for field in fields] == [column.name for column in table.columns]
        assert all(field["description"] for field in fields)


def test_digests_in_package_and_provenance_are_those_of_the_files(written: ReportFiles) -> None:
    import hashlib

    package = json.loads(written.datapackage.read_text("utf-8"))
    provenance = json.loads(written.provenance.read_text("utf-8"))
    told = {resource["path"]: resource["hash"].removeprefix("sha256:") for resource in package["resources"]}
    told |= {entry["path"]: entry["sha256"] for entry in provenance["entity"]["outputs"]}
    present = {path.relative_to(written.folder).as_posix() for path in written.folder.rglob("*") if path.is_file()}
    assert set(told) == present - {"provenance.json"}
    for path, digest in told.items():
        assert hashlib.sha256((written.folder / path).read_bytes()).hexdigest() == digest


def as_csv(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if is_formula(value) else value
    return value.isoformat() if isinstance(value, date) else str(value)


def same_cell(value: object, wanted: Cell, column: Column) -> bool:
    if column.kind is Kind.DAY and wanted is not None:
        return str(value)[:10] == str(wanted)
    if isinstance(wanted, float):
        return isinstance(value, int | float) and abs(value - wanted) < 1e-12
    return value == wanted


def test_a_table_without_a_row_or_column_says_so(report: Report) -> None:
    table: ReportTable = report.table("definitions")
    with pytest.raises(KeyError, match="no row"):
        table.cell("nothing", "declined")
    with pytest.raises(KeyError, match="no column"):
        table.values("nothing")
