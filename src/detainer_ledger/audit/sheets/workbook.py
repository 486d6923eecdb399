"""Opening a workbook that somebody has filled in: looked at before it is opened, and read as text or not at all."""

from __future__ import annotations

import lzma
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detainer_ledger.audit.sheets.layout import CONTROL_CHARACTERS, LONGEST_TEXT
from detainer_ledger.releases import receive_all
from detainer_ledger.terms import BadInput

if TYPE_CHECKING:
    from openpyxl import Workbook

LARGEST_BYTES = 50 << 20
"""A workbook that is larger is not opened; one with 50,000 tests has a million and a half."""

LARGEST_UNPACKED_BYTES = 256 << 20
"""A workbook whose parts unpack to more, all together, is not opened; one with 50,000 tests has twenty million."""

_MOST_COLUMNS = 64
_ESCAPED = re.compile(r"_x(00[01][0-9A-Fa-f]|007[fF]|005[fF])_")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextCell:
    """The text of a cell, trimmed; ``fault`` says why it cannot be taken, None where it can."""

    text: str
    fault: str | None = None
    do: str = ""


EMPTY = TextCell(text="")


@contextmanager
def opened_workbook(path: Path) -> Iterator[Workbook]:
    """Open a workbook to be read row by row, with its formulas as they are.

    Raises BadInput for what is not there, too large, encrypted, damaged, no workbook, made to fill memory, or holds
    declarations of document types, which no spreadsheet program writes.
    """
    import openpyxl

    _look_before(path)
    # What the library warns of are things of a workbook that it leaves out, such as styles; none of them is read.
    with path.open("rb") as opened, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            book = openpyxl.load_workbook(opened, read_only=True, keep_links=False)
        except Exception:  # noqa: BLE001 - what a damaged workbook makes the library raise is any error
            raise _damaged(path) from None
        try:
            yield book
        finally:
            book.close()


def _look_before(path: Path) -> None:
    try:
        size = path.stat().st_size if path.is_file() else 0
    except OSError:
        # What there is to say of it is said where the file is looked at.
        size = 0
    if size > LARGEST_BYTES:
        raise BadInput(
            f"The file has {size:,} bytes, and {LARGEST_BYTES:,} are the most: it was not opened.",
            file=path.name,
            do="give back the sheet that was written, without pictures or attachments.",
        )
    (received,), _ = receive_all((path,))
    if received.kind != "xlsx":
        raise BadInput("This is not a workbook.", file=path.name, do="give back the sheet that was written, as .xlsx.")
    try:
        with zipfile.ZipFile(path) as archive:
            _look_at_parts(archive, path)
    except _DAMAGE:
        raise _damaged(path) from None


_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    OSError,
    EOFError,
)


def _look_at_parts(archive: zipfile.ZipFile, path: Path) -> None:
    parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    if unpacked > LARGEST_UNPACKED_BYTES:
        raise BadInput(
            f"The workbook unpacks to {unpacked:,} bytes, and {LARGEST_UNPACKED_BYTES:,} are the most: it was not"
            " opened.",
            file=path.name,
            do="give back the sheet that was written.",
        )
    if len({part.filename for part in parts}) != len(parts):
        raise _damaged(path)
    for part in parts:
        _look_for_declarations(archive, part, path)


def _look_for_declarations(archive: zipfile.ZipFile, part: zipfile.ZipInfo, path: Path) -> None:
    """Refuse a part with a document type, by which a short text can stand for a very long one."""
    is_text = part.filename.endswith((".xml", ".rels", ".vml"))
    last = b""
    with archive.open(part) as content:
        while chunk := content.read(1 << 20):
            # Spreadsheet programs write UTF-8; in another encoding the words would not be found.
            searched = last + chunk
            if (is_text and b"\0" in chunk) or b"<!DOCTYPE" in searched or b"<!ENTITY" in searched:
                raise BadInput(
                    "The workbook holds a declaration that no spreadsheet program writes: it was not opened.",
                    file=path.name,
                    part=part.filename[:80],
                    do="give back the sheet that was written.",
                )
            last = chunk[-16:]


def _damaged(path: Path) -> BadInput:
    return BadInput(
        "The workbook is damaged or cut off.",
        file=path.name,
        do="save it again as .xlsx from the program that it was filled in with.",
    )


_MOST_ROWS = 200_100
"""More than the tests that a sheet can have, with its head."""


def sheet_rows(book: Workbook, path: Path, name: str) -> Iterator[tuple[int, list[TextCell]]]:
    """Give the rows of one sheet that are not empty, each with its number as a person counts, as text.

    Raises BadInput where there is no such sheet, where it cannot be read, and for a row with more columns than any
    test sheet has.
    """
    if name not in book.sheetnames:
        raise BadInput(
            f"The workbook has no sheet '{name}'.", file=path.name, sheet=name, do="give back the sheet as written."
        )
    sheet: Any = book[name]
    if not hasattr(sheet, "reset_dimensions"):
        raise BadInput(
            "This is a chart, not a sheet.", file=path.name, sheet=name, do="give back the sheet as written."
        )
    # What a workbook says of its own size may be wrong.
    sheet.reset_dimensions()
    rows = enumerate(sheet.iter_rows(), start=1)
    while True:
        try:
            number, cells = next(rows)
            read = [text_of(cell.value, cell.data_type) for cell in cells[:_MOST_COLUMNS]]
            rest = any(cell.value is not None for cell in cells[_MOST_COLUMNS:])
        except StopIteration:
            return
        except Exception:  # noqa: BLE001 - what a damaged sheet makes the library raise is any error
            raise _damaged(path).at(sheet=name) from None
        if number > _MOST_ROWS:
            raise BadInput(
                f"The sheet has rows beyond {_MOST_ROWS:,}.",
                file=path.name,
                sheet=name,
                do="remove them; no test sheet has so many.",
            )
        if rest:
            raise BadInput(
                f"The row has cells beyond column {_MOST_COLUMNS}.",
                file=path.name,
                sheet=name,
                row=number,
                do="empty them; a test sheet has no such columns.",
            )
        if any(cell.text or cell.fault for cell in read):
            yield number, read


def text_of(value: object, data_type: str) -> TextCell:
    """Return what a cell holds as text, or why it cannot be taken. What it holds is never part of the message."""
    if data_type == "f":
        return TextCell(text="", fault="The cell holds a formula.", do="write the text itself.")
    if value is None:
        return EMPTY
    if isinstance(value, bool):
        return TextCell(text="", fault="The cell holds TRUE or FALSE, not text.", do=_AS_TEXT)
    if isinstance(value, datetime | date | time):
        return TextCell(text="", fault="The cell holds a date or a time, not text.", do=_AS_TEXT)
    if data_type == "e":
        return TextCell(text="", fault="The cell holds an error, such as #N/A.", do="write the text itself.")
    if not isinstance(value, str):
        return TextCell(text="", fault="The cell holds a number, not text.", do=_AS_TEXT)
    # Workbooks write control characters as _x000D_, and the underscore before what looks like one as _x005F_. A
    # carriage return before a line feed is part of a line's end.
    plain = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value).replace("\r\n", "\n").replace("\r", "\n")
    text = plain.strip()
    if len(text) > LONGEST_TEXT:
        # Locked texts may be longer, and are compared with what they have to be; those to fill in are not.
        return TextCell(
            text=text,
            fault=f"The text has {len(text):,} characters, and {LONGEST_TEXT:,} are the most.",
            do="shorten it, and name where the rest stands.",
        )
    if CONTROL_CHARACTERS.search(text):
        return TextCell(text="", fault="The text holds control characters.", do="write it again without them.")
    return TextCell(text=text)


_AS_TEXT = "format the cell as text and write it again, or begin it with an apostrophe."


def texts_by_name(header: Sequence[TextCell], cells: Sequence[TextCell]) -> Mapping[str, TextCell]:
    """Return the cells of a row by the names of the columns; columns that a row does not reach are empty."""
    return {
        name.text.casefold(): cells[place] if place < len(cells) else EMPTY
        for place, name in enumerate(header)
        if name.text
    }
