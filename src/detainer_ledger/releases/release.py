"""Reading the files of one release: every file and sheet, side by side where there are many, and the account."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from detainer_ledger.releases.account import ReleaseAccount, take_account
from detainer_ledger.releases.layouts import HeaderMatch, Layout, layout, layouts, match_header
from detainer_ledger.releases.processes import in_processes
from detainer_ledger.releases.reading import SheetAccount, read_sheet, unread_sheet
from detainer_ledger.releases.received import Received, receive
from detainer_ledger.releases.sheets import RawSheet, open_sheets
from detainer_ledger.releases.table import columns_of, detainers_sql, find_bulk_days, mark_duplicates, records
from detainer_ledger.tables import connect
from detainer_ledger.terms import BadInput

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Progress = Callable[[str], None]
"""Told the name of each file when it has been read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRead:
    """One file that was read: what it is, and the accounts of its sheets in their order."""

    received: Received
    sheets: tuple[SheetAccount, ...]


def receive_all(paths: Iterable[Path]) -> tuple[tuple[Received, ...], tuple[str, ...]]:
    """Look at all files; return the distinct ones and the names of those that repeat another to the byte."""
    distinct: dict[str, Received] = {}
    repeated: list[str] = []
    for path in paths:
        received = receive(path)
        if received.sha256 in distinct:
            repeated.append(received.name)
        else:
            distinct[received.sha256] = received
    return tuple(distinct.values()), tuple(repeated)


def read_files(
    received: Sequence[Received],
    folder: Path,
    *,
    kind: str = "detainers",
    layout_id: str | None = None,
    read_on: date,
    progress: Progress = lambda _name: None,
) -> tuple[FileRead, ...]:
    """Read the files and write their typed rows as Parquet parts into ``folder``; return them in the order given.

    Workbooks are read in processes of their own, as many as there are cores, since unpacking them is most of the
    work; text and Parquet files are read here, on all cores. Raises BadInput for the first file that cannot be read.
    """
    forced = layout(layout_id) if layout_id else None
    if forced is not None and forced.kind != kind:
        raise BadInput(
            f"The layout '{forced.id}' is one of {forced.kind}, and {kind} are read here.",
            do="choose one of: " + ", ".join(each.id for each in layouts().values() if each.kind == kind) + ".",
        )
    jobs = [
        _Job(received=each, place=place, folder=folder, kind=kind, forced=forced, read_on=read_on)
        for place, each in enumerate(received)
    ]
    done: dict[int, FileRead] = {}
    for job, result in _read_tables([job for job in jobs if job.received.kind != "xlsx"]):
        done[job.place] = result
        progress(job.received.name)
    books = sorted((job for job in jobs if job.received.kind == "xlsx"), key=lambda job: -job.received.size_bytes)
    with closing(_read_books(books)) as results:
        for job, result in results:
            done[job.place] = result
            progress(job.received.name)
    return tuple(done[place] for place in range(len(jobs)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    received: Received
    place: int
    folder: Path
    kind: str
    forced: Layout | None
    read_on: date
    threads: int | None = None


SHEETS_PER_FILE = 1000
"""A sheet's number is its file's place times this, plus its own place: the order of files, then of sheets."""


def _read_tables(tables: Sequence[_Job]) -> Iterator[tuple[_Job, FileRead]]:
    """Read text and Parquet files in threads: the table engine works outside the interpreter's lock."""
    if not tables:
        return
    cores = os.cpu_count() or 1
    workers = min(cores, len(tables))
    jobs = [replace(job, threads=max(1, cores // workers)) for job in tables]
    with ThreadPoolExecutor(workers) as pool:
        yield from zip(jobs, pool.map(_read_file, jobs), strict=True)


def _read_books(books: Sequence[_Job]) -> Generator[tuple[_Job, FileRead]]:
    if not books:
        return
    cores = os.cpu_count() or 1
    workers = min(cores, len(books))
    jobs = [replace(job, threads=max(1, cores // workers)) for job in books]
    with closing(in_processes(_read_file, jobs, workers=workers)) as results:
        try:
            yield from results
        except BrokenProcessPool:
            raise BadInput(
                "A process that was reading a workbook ended before it was done, most likely for want of memory.",
                file=", ".join(job.received.name for job in jobs),
                do="save the largest sheet as .csv and read that, or read the files on a machine with more memory.",
            ) from None


def _read_file(job: _Job) -> FileRead:
    """Read all sheets of one file. Runs in a process of its own for workbooks."""
    accounts: list[SheetAccount] = []
    with tempfile.TemporaryDirectory(prefix="reading-", dir=job.folder) as spill:
        connection = connect(threads=job.threads, memory_limit="1GB", spill_to=Path(spill))
        try:
            sheets = open_sheets(job.received, connection, Path(spill), kind=job.kind, forced=job.forced)
            for place, sheet in enumerate(sheets):
                number = job.place * SHEETS_PER_FILE + place
                match = _header_of(sheet, job)
                if match is None:
                    whole = _with_all_rows(connection, sheet)
                    accounts.append(unread_sheet(whole, file=job.received.name, number=number))
                    continue
                accounts.append(
                    read_sheet(
                        connection,
                        sheet,
                        match,
                        file=job.received.name,
                        number=number,
                        part=job.folder / f"{number:07d}.parquet",
                        read_on=job.read_on,
                    )
                )
        finally:
            connection.close()
    _refuse_without_rows(job.received, accounts)
    return FileRead(received=job.received, sheets=tuple(accounts))


def _with_all_rows(connection: DuckDBPyConnection, sheet: RawSheet) -> RawSheet:
    """Return a sheet without a header with all rows in ``head``, each as one cell: every filled one is set aside."""
    if not sheet.table or sheet.starts_after_header:
        return sheet
    cells = ", ".join(f"c{place}" for place in range(sheet.width))
    rows = connection.execute(f"SELECT concat_ws('', {cells}) FROM {sheet.table} ORDER BY source_row").fetchall()
    return replace(sheet, head=tuple(rows))


def _header_of(sheet: RawSheet, job: _Job) -> HeaderMatch | None:
    """Find the header of a sheet. Raises BadInput, with the place, if it is of no layout or lacks the issue date."""
    try:
        match = match_header(sheet.head, kind=job.kind, forced=job.forced)
    except BadInput as refusal:
        raise refusal.at(file=job.received.name, sheet=sheet.name) from None
    if match is None:
        return None
    issued = match.layout.column("issued_on")
    if issued is not None and all(each.column.name != "issued_on" for each in match.columns):
        raise BadInput(
            f"The header lacks '{issued.header}', the date by which layout '{match.layout.id}' counts.",
            file=job.received.name,
            sheet=sheet.name,
            row=match.row,
            do="force another layout with --layout, or none; 'detainer layouts' lists them.",
        )
    return match


def _refuse_without_rows(received: Received, accounts: Sequence[SheetAccount]) -> None:
    headed = [each for each in accounts if each.layout_id is not None]
    if not headed and sum(each.rows_seen for each in accounts) == 0:
        raise BadInput(
            "There is nothing in the file: every sheet is empty, or holds only blanks.",
            file=received.name,
            sheet=", ".join(each.sheet for each in accounts) or None,
            do="look whether it was saved whole, or fetch it again.",
        )
    if not headed:
        raise BadInput(
            "No sheet has a header that is known: none of the first rows holds the column names of a release.",
            file=received.name,
            sheet=", ".join(each.sheet for each in accounts),
            do="look whether it is the right file; 'detainer layouts' lists the layouts and their column names.",
        )
    if sum(each.kept for each in headed) == 0:
        raise BadInput(
            "The header is there, but no record follows it.",
            file=received.name,
            sheet=", ".join(each.sheet for each in headed),
            do="look whether the file was filtered or cut off before it was saved.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseParts:
    """The typed parts of one release: which files and sheets, where their rows stand, and what was found in them.

    ``detainers_sql`` needs the temporary tables of the connection that ``parts_of`` was given.
    """

    release_id: str
    layout: Layout
    files: tuple[FileRead, ...]
    parts: tuple[Path, ...]
    detainers_sql: str
    account: ReleaseAccount
    issued_first: date | None
    issued_last: date | None


def releases_in(files: Sequence[FileRead], *, name: str | None = None) -> dict[str, tuple[FileRead, ...]]:
    """Group files into releases, by layout; return them by release id.

    The id is ``name``, or else the layout and eight digits of a digest over the files' digests, so that the same files
    make the same release anywhere. Raises BadInput if a name is given and the files are of several layouts.
    """
    grouped: dict[str, list[FileRead]] = {}
    for file in files:
        layout_id = next(sheet.layout_id for sheet in file.sheets if sheet.layout_id)
        grouped.setdefault(layout_id, []).append(file)
    if name is not None and len(grouped) > 1:
        raise BadInput(
            f"The files are of {len(grouped)} layouts ({', '.join(grouped)}), so they cannot be one release.",
            do="read the files of each release in a call of their own.",
        )
    return {name or _release_id(layout_id, members): tuple(members) for layout_id, members in grouped.items()}


def _release_id(layout_id: str, files: Sequence[FileRead]) -> str:
    digests = "\n".join(sorted(file.received.sha256 for file in files))
    return f"{layout_id}-{hashlib.sha256(digests.encode()).hexdigest()[:8]}"


def parts_of(connection: DuckDBPyConnection, release_id: str, files: Sequence[FileRead]) -> ReleaseParts:
    """Mark the repeats in a release and take its account. Leaves its temporary tables in ``connection``."""
    sheets = [sheet for file in files for sheet in file.sheets if sheet.part is not None]
    parts = tuple(sheet.part for sheet in sheets if sheet.part is not None)
    described = layout(next(sheet.layout_id for sheet in sheets if sheet.layout_id))
    present = columns_of(connection, parts)
    marked = mark_duplicates(connection, parts, has_identifier=described.marks_duplicates and "person_key" in present)
    find_bulk_days(connection, parts, has_state="facility_state" in present)
    first, last = _issued_span(connection, parts)
    return ReleaseParts(
        release_id=release_id,
        layout=described,
        files=tuple(files),
        parts=parts,
        detainers_sql=detainers_sql(connection, parts, release_id=release_id, sheets=sheets),
        account=take_account(connection, release_id, described.id, files, duplicates=marked),
        issued_first=first,
        issued_last=last,
    )


def _issued_span(connection: DuckDBPyConnection, parts: Sequence[Path]) -> tuple[date | None, date | None]:
    row = connection.execute(f"SELECT min(issued_on), max(issued_on) FROM {records(parts)}").fetchone()
    return (row[0], row[1]) if row else (None, None)
