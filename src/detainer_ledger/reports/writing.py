"""Writing a report: all of it aside, then into place, so that a folder holds a whole report or what it held before."""

from __future__ import annotations

import errno
import json
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from detainer_ledger.reports.charts import charts_of
from detainer_ledger.reports.drawing import svg_of
from detainer_ledger.reports.exports import write_csv, write_parquet, write_workbook
from detainer_ledger.reports.package import WHAT, datapackage_of, files_beside, provenance_of, readme_of
from detainer_ledger.reports.page import page_of
from detainer_ledger.reports.paper import pdf_of
from detainer_ledger.reports.value import Report, ReportFiles
from detainer_ledger.terms import BadInput

PAGE, PDF, WORKBOOK = "index.html", "report.pdf", "tables.xlsx"
DATAPACKAGE, PROVENANCE, README = "datapackage.json", "provenance.json", "README.txt"


def write_report(report: Report, out: Path, *, progress: Callable[[str], None] = lambda _name: None) -> ReportFiles:
    """Write a report into the folder ``out`` and return where its files are.

    The folder is made if it is missing. A former report in it is replaced as a whole. Raises BadInput if the folder
    holds anything else, and if it cannot be written; it is then as it was before.
    """
    out = Path(out)
    _refuse_foreign(out)
    aside = out.absolute().parent / f".{out.absolute().name}.{uuid.uuid4().hex[:8]}.part"
    try:
        (aside / "tables").mkdir(parents=True)
        _write_all(report, aside, progress)
        _put_in_place(aside, out)
    except OSError as error:
        raise _refusal(out, error) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
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
    _write_json(folder / DATAPACKAGE, datapackage_of(report, folder))
    (folder / README).write_text(readme_of(report), "utf-8")
    written = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    _write_json(folder / PROVENANCE, provenance_of(report, folder, written))


def _write_json(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _refuse_foreign(out: Path) -> None:
    """Refuse a folder with anything in it that a former report did not write."""
    do = "name a new or an empty folder with --out."
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise BadInput("The report needs a folder, and this is something else.", path=str(out), do=do)
    if not out.exists() or not any(out.iterdir()):
        return
    ours = _former_files(out)
    if ours is None:
        raise BadInput("The folder holds other things and is no former report.", folder=str(out), do=do)
    present = {path.relative_to(out).as_posix() for path in out.rglob("*") if not path.is_dir() or path.is_symlink()}
    if foreign := sorted(present - ours):
        raise BadInput(
            f"The folder holds a former report and something else, which would be lost: {foreign[0]}.",
            folder=str(out),
            do="move it elsewhere, or " + do,
        )


def _former_files(out: Path) -> frozenset[str] | None:
    """Return the files of the former report in a folder, None if there is none."""
    try:
        found = json.loads((out / PROVENANCE).read_text("utf-8"))
        if found["what"] != WHAT:
            return None
        return frozenset([PROVENANCE, *(entry["path"] for entry in found["entity"]["outputs"])])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _put_in_place(aside: Path, out: Path) -> None:
    if not out.exists():
        aside.rename(out)
        return
    former = aside.with_suffix(".former")
    out.rename(former)
    try:
        aside.rename(out)
    except OSError:
        former.rename(out)
        raise
    shutil.rmtree(former, ignore_errors=True)


def _refusal(out: Path, error: OSError) -> BadInput:
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        what, do = "There is no space left on the disk.", "free some space, or name a folder on another disk."
    elif error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        what, do = "The folder cannot be written by this user.", "change its permissions, or name another folder."
    else:
        what, do = f"The report cannot be written: {error.strerror or error}.", "name another folder with --out."
    return BadInput(what, folder=str(out), do=do)
