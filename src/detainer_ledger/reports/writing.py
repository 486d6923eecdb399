"""Writing a report: tables, page, PDF, descriptions, and last the provenance, which names them all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from detainer_ledger.reports.charts import charts_of
from detainer_ledger.reports.drawing import svg_of
from detainer_ledger.reports.exports import write_csv, write_parquet, write_workbook
from detainer_ledger.reports.folders import write_folder, write_json
from detainer_ledger.reports.package import WHAT, datapackage_of, files_beside, provenance_of, readme_of
from detainer_ledger.reports.page import page_of
from detainer_ledger.reports.paper import pdf_of
from detainer_ledger.reports.value import Report, ReportFiles

PAGE, PDF, WORKBOOK = "index.html", "report.pdf", "tables.xlsx"
DATAPACKAGE, PROVENANCE, README = "datapackage.json", "provenance.json", "README.txt"


def write_report(report: Report, out: Path, *, progress: Callable[[str], None] = lambda _name: None) -> ReportFiles:
    """Write a report into the folder ``out`` and return where its files are.

    The folder is made if it is missing. A former report in it is replaced as a whole. Raises BadInput if the folder
    holds anything else, and if it cannot be written; it is then as it was before.
    """
    out = Path(out)
    write_folder(out, lambda aside: _write_all(report, aside, progress), provenance=PROVENANCE, what=WHAT)
    return ReportFiles(
        folder=out,
        page=out / PAGE,
        pdf=out / PDF,
        workbook=out / WORKBOOK,
        tables=tuple(
            out / "tables" / f"{each.id}{ending}" for each in report.tables for ending in (".csv", ".parquet")
        ),
        datapackage=out / DATAPACKAGE,
        provenance=out / PROVENANCE,
        readme=out / README,
    )


def _write_all(report: Report, folder: Path, progress: Callable[[str], None]) -> None:
    progress("tables")
    (folder / "tables").mkdir()
    for table in report.tables:
        write_csv(table, folder / "tables" / f"{table.id}.csv")
        write_parquet(table, folder / "tables" / f"{table.id}.parquet")
    write_workbook(report, folder / WORKBOOK)
    progress("charts")
    drawn = {chart.id: (chart, svg_of(chart.wide), svg_of(chart.narrow)) for chart in charts_of(report)}
    progress("page")
    (folder / PAGE).write_text(page_of(report, drawn, files_written=files_beside(report)), "utf-8")
    progress("pdf")
    (folder / PDF).write_bytes(pdf_of(report, drawn))
    write_json(folder / DATAPACKAGE, datapackage_of(report, folder))
    (folder / README).write_text(readme_of(report), "utf-8")
    written = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    write_json(folder / PROVENANCE, provenance_of(report, folder, written))
