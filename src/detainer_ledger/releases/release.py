"""Reading the files of one release: every file and sheet, side by side where there are many, and the account."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from detainer_ledger.releases.layouts import HeaderMatch, Layout, layout, layouts, match_header
from detainer_ledger.releases.reading import Part, SheetAccount, read_sheet, unread_sheet
from detainer_ledger.releases.received import Received, receive
from detainer_ledger.releases.sheets import RawSheet, open_sheets
from detainer_ledger.releases.table import Findings, columns_of, detainers_sql, find_bulk_days, mark_duplicates, records
from detainer_ledger.tables import connect, connect_beside
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
    repeated: list[str] = []
    return tuple(receive_each(paths, repeated)), tuple(repeated)


def receive_each(paths: Iterable[Path], repeated: list[str]) -> Iterator[Received]:
    """Look at one file after the other and yield it, unless it repeats another to the byte: then note its name."""
    seen: set[str] = set()
    for path in paths:
        received = receive(path)
        if received.sha256 in seen:
            repeated.append(received.name)
            continue
        seen.add(received.sha256)
        yield received


def read_files(
    received: Iterable[Received],
    folder: Path,
    *,
    kind: str = "detainers",
    layout_id: str | None = None,
    read_on: date,
    columns: frozenset[str] | None = None,
    keep_in: DuckDBPyConnection | None = None,
    progress: Progress = lambda _name: None,
) -> tuple[FileRead, ...]:
    """Read the files and write their typed rows as Parquet parts into ``folder``; return them in the order given.

    With ``keep_in`` the rows of the first text files stand in tables of its database instead, as many as
    are sure to have room in memory.

    Workbooks are read in processes of their own, as many as there are cores, since unpacking them is most of the
    work; text and Parquet files are read here, on all cores. ``columns`` names the columns of the layouts that are
    read beside the date of issue, all of them if None; if it is given, defects are looked for in those alone and
    redacted cells are not counted. Raises BadInput for the first file that cannot be read.
    """
    forced = layout(layout_id) if layout_id else None
    if forced is not None and forced.kind != kind:
        raise BadInput(
            f"The layout '{forced.id}' is one of {forced.kind}, and {kind} are read here.",
            do="choose one of: " + ", ".join(each.id for each in layouts().values() if each.kind == kind) + ".",
        )
    jobs = (
        _Job(
            received=each,
            place=place,
            folder=folder,
            kind=kind,
            forced=forced,
            read_on=read_on,
            columns=columns,
            into_tables=keep_in is not None and each.kind == "text" and so_far <= MOST_BYTES_IN_TABLES,
        )
        for place, (each, so_far) in enumerate(_with_bytes_so_far(received))
    )
    books: list[_Job] = []
    done: dict[int, FileRead] = {}
    for results in (_read_tables(jobs, books, folder=folder, keep_in=keep_in), _read_books(books)):
        with closing(results):
            for job, result in results:
                done[job.place] = result
                progress(job.received.name)
    return tuple(done[place] for place in sorted(done))


MOST_BYTES_IN_TABLES = 128 << 20
"""Rows of files that are larger together are written as Parquet, wherever they could be kept."""


def _with_bytes_so_far(received: Iterable[Received]) -> Iterator[tuple[Received, int]]:
    so_far = 0
    for each in received:
        so_far += each.size_bytes
        yield each, so_far


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    received: Received
    place: int
    folder: Path
    kind: str
    forced: Layout | None
    read_on: date
    columns: frozenset[str] | None
    into_tables: bool
    threads: int | None = None


SHEETS_PER_FILE = 1000
"""A sheet's number is its file's place times this, plus its own place: the order of files, then of sheets."""


def _read_tables(
    jobs: Iterable[_Job], books: list[_Job], *, folder: Path, keep_in: DuckDBPyConnection | None
) -> Generator[tuple[_Job, FileRead]]:
    """Read text and Parquet files in threads, and put the workbooks that come along to ``books``.

    The table engine works outside the interpreter's lock, so that the next file can be looked at meanwhile.
    """
    workers = os.cpu_count() or 1
    with (
        closing(connect_beside(keep_in) if keep_in else connect_for_reading(folder)) as shared,
        ThreadPoolExecutor(workers) as pool,
    ):
        running: list[tuple[_Job, Future[FileRead]]] = []
        try:
            for job in jobs:
                if job.received.kind == "xlsx":
                    books.append(job)
                else:
                    running.append((job, pool.submit(_read_file, job, connect_beside(shared))))
            for job, result in running:
                yield job, result.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def connect_for_reading(folder: Path) -> DuckDBPyConnection:
    """Open a table engine that holds a good gigabyte at most; what is more goes to ``folder``."""
    return connect(memory_limit="1200MB", spill_to=folder)


def _read_books(books: list[_Job]) -> Generator[tuple[_Job, FileRead]]:
    """Read workbooks in processes, the largest first, so that no core waits for another at the end."""
    from concurrent.futures.process import BrokenProcessPool

    from detainer_ledger.releases.processes import in_processes

    if not books:
        return
    cores = os.cpu_count() or 1
    workers = min(cores, len(books))
    largest_first = sorted(books, key=lambda job: -job.received.size_bytes)
    jobs = [replace(job, threads=max(1, cores // workers)) for job in largest_first]
    with closing(in_processes(_read_book, jobs, workers=workers)) as results:
        try:
            yield from results
        except BrokenProcessPool:
            raise BadInput(
                "A process that was reading a workbook ended before it was done, most likely for want of memory.",
                file=", ".join(job.received.name for job in jobs),
                do="save the largest sheet as .csv and read that, or read the files on a machine with more memory.",
            ) from None


def _read_book(job: _Job) -> FileRead:
    """Read a workbook, in a process of its own."""
    return _read_file(job, connect(threads=job.threads, memory_limit="1GB", spill_to=job.folder))


def _read_file(job: _Job, connection: DuckDBPyConnection) -> FileRead:
    """Read all sheets of one file, and close the connection."""
    accounts: list[SheetAccount] = []
    with tempfile.TemporaryDirectory(prefix="reading-", dir=job.folder) as spill:
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
                        part=f"typed_{number}" if job.into_tables else job.folder / f"{number:07d}.parquet",
                        read_on=job.read_on,
                        columns=job.columns,
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

    ``duplicates`` counts the rows marked as repeats, by kind.
    ``detainers_sql`` needs the temporary tables of the connection that ``parts_of`` was given.
    """

    release_id: str
    layout: Layout
    files: tuple[FileRead, ...]
    parts: tuple[Part, ...]
    detainers_sql: str
    duplicates: dict[str, int]
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
    """Mark the repeats in a release and look for bulk days. Leaves temporary tables in ``connection``."""
    sheets = [sheet for file in files for sheet in file.sheets if sheet.part is not None]
    parts = tuple(sheet.part for sheet in sheets if sheet.part is not None)
    described = layout(next(sheet.layout_id for sheet in sheets if sheet.layout_id))
    present = columns_of(connection, parts)
    findings = Findings(sheets[0].number)
    has_identifier = described.marks_duplicates and "person_key" in present
    marked = mark_duplicates(connection, parts, findings, has_identifier=has_identifier)
    find_bulk_days(connection, parts, findings, has_state="facility_state" in present)
    first, last = _issued_span(connection, parts)
    return ReleaseParts(
        release_id=release_id,
        layout=described,
        files=tuple(files),
        parts=parts,
        detainers_sql=detainers_sql(connection, parts, findings, release_id=release_id, sheets=sheets),
        duplicates=marked,
        issued_first=first,
        issued_last=last,
    )


def _issued_span(connection: DuckDBPyConnection, parts: Sequence[Part]) -> tuple[date | None, date | None]:
    row = connection.execute(f"SELECT min(issued_on), max(issued_on) FROM {records(parts)}").fetchone()
    return (row[0], row[1]) if row else (None, None)
