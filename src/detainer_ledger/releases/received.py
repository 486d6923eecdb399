"""Looking at a received file before it is read: what it is, its digest, and whether it is safe to open."""

from __future__ import annotations

import codecs
import hashlib
import re
import stat
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from detainer_ledger.releases.values import LONGEST_CELL, NO_BREAK_SPACE, RARE_BYTES
from detainer_ledger.terms import BadInput

_CHUNK_BYTES = 1 << 22
_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

LARGEST_SHEET_BYTES = 12 << 30
"""A worksheet whose unpacked text is larger than this is refused."""

SUSPICIOUS_PACKING = 250
"""Worksheets pack 5 to 40 times; a part that packs more than this, and is large, is a zip bomb."""

SUSPICIOUS_FROM_BYTES = 64 << 20
"""Parts smaller than this are harmless however well they pack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One received file: where it is, its name as given, size, SHA-256, and what it is.

    ``kind`` is ``xlsx``, ``parquet`` or ``text``. For text, ``encoding`` is what its bytes decode with, and
    ``line_end`` the one way in which its ``n_lines`` lines end, None if they differ; ``has_rare`` tells whether it
    holds control characters or no-break spaces, ``has_tab`` whether it holds tabs, ``has_odd_quotes`` whether
    blanks may stand between a quotation mark and the end of its cell, which the table engine would pass over;
    ``has_long_line`` whether a line is longer than a cell can be.
    """

    path: Path
    name: str
    size_bytes: int
    sha256: str
    kind: str
    encoding: str | None = None
    line_end: str | None = None
    n_lines: int = 0
    has_rare: bool = False
    has_tab: bool = False
    has_odd_quotes: bool = False
    has_long_line: bool = True


def receive(path: Path) -> Received:
    """Look at one file and return what it is. Reads it once, in pieces, whatever its size.

    Raises BadInput for what cannot be a release: a folder, a missing or empty file, an old or encrypted workbook, a
    web page, a damaged or dangerous archive, binary data, text in an encoding that is not understood.
    """
    name = path.name
    try:
        size = _size_of(path)
        with path.open("rb") as opened:
            start = opened.read(4096)
            directory = _directory_of(opened) if start.startswith(_OLE2) else b""
    except FileNotFoundError:
        raise BadInput("There is no such file.", file=str(path), do="look at the spelling of the path.") from None
    except OSError as error:
        raise BadInput(
            f"The file cannot be read: {error.strerror}.",
            file=str(path),
            do="look at the path, and whether you may read the file.",
        ) from None
    if size == 0:
        raise BadInput("The file is empty.", file=name, do="fetch it again; the download was probably cut off.")
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        _check_workbook(path)
        return Received(path=path, name=name, size_bytes=size, sha256=_sha256(path), kind="xlsx")
    if start.startswith(b"PAR1"):
        return Received(path=path, name=name, size_bytes=size, sha256=_sha256(path), kind="parquet")
    _refuse_look_alikes(start, directory, name)
    return _receive_text(path, size, start)


def _size_of(path: Path) -> int:
    """Return the size of a regular file. Raises BadInput for folders, and for pipes, which can be read only once."""
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise BadInput(
            "A folder was given where a file is needed.",
            file=str(path),
            do="name its files, for example FOLDER/*.xlsx.",
        )
    if not stat.S_ISREG(status.st_mode):
        raise BadInput(
            "This is a pipe or a device, not a file.", file=str(path), do="save its content as a file and read that."
        )
    return status.st_size


def _directory_of(opened: BinaryIO) -> bytes:
    """Return the beginning of the directory of an OLE2 file, where the names of its streams stand."""
    opened.seek(30)
    header = opened.read(22)
    if len(header) < 22:
        return b""
    sector_bytes = 1 << min(int.from_bytes(header[:2], "little"), 16)
    first_sector = int.from_bytes(header[18:], "little")
    opened.seek((first_sector + 1) * sector_bytes)
    return opened.read(4096)


def _refuse_look_alikes(start: bytes, directory: bytes, name: str) -> None:
    if start.startswith(_OLE2):
        if "EncryptedPackage".encode("utf-16-le") in directory:
            raise BadInput(
                "The workbook is protected by a password.",
                file=name,
                do="open it in a spreadsheet program, remove the password, and save it again.",
            )
        raise BadInput(
            "This is a workbook of the old .xls format, whatever its name says.",
            file=name,
            do="open it in a spreadsheet program, save it as .xlsx, and read that.",
        )
    for signature, what, do in _OTHER_FORMATS:
        if start.startswith(signature):
            raise BadInput(what, file=name, do=do)
    if re.match(rb"(?:\xef\xbb\xbf)?\s*<[!?a-zA-Z]", start):
        raise BadInput(
            "This is a web page or XML, not a workbook or a table, whatever its name says.",
            file=name,
            do="fetch the file itself; the address probably led to a sign-in or error page.",
        )


def _check_workbook(path: Path) -> None:
    """Refuse archives that are damaged, are no workbook, or would unpack to more than can be meant."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise BadInput(
            "The workbook is damaged or cut off.", file=path.name, do="fetch it again and compare its size."
        ) from None
    if not any(part.filename.startswith("xl/workbook.") for part in parts):
        raise BadInput(
            "This is an archive, but not an Excel workbook.",
            file=path.name,
            do="unpack it and read the files inside; a sheet of another program can be saved as .xlsx.",
        )
    for part in parts:
        packed = max(part.compress_size, 1)
        if part.file_size > LARGEST_SHEET_BYTES or (
            part.file_size > SUSPICIOUS_FROM_BYTES and part.file_size > SUSPICIOUS_PACKING * packed
        ):
            raise BadInput(
                f"A part of the workbook unpacks to {part.file_size:,} bytes from {packed:,}: this looks like an"
                " archive made to fill memory, and it was not opened.",
                file=path.name,
                part=part.filename,
                do="if the file is sound, save the sheet as .csv and read that.",
            )


def _sha256(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _receive_text(path: Path, size_bytes: int, start: bytes) -> Received:
    """Read a text file once and return its digest, its encoding, and how its lines end."""
    text = Received(path=path, name=path.name, size_bytes=size_bytes, sha256="", kind="text")
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        _check_utf16(path)
        return replace(text, sha256=_sha256(path), encoding="utf-16", has_rare=True)
    digest = hashlib.sha256()
    encoding = _EncodingWatch(path.name)
    lines = _LineWatch()
    quotes = _QuoteWatch()
    has_rare = has_tab = False
    with path.open("rb") as opened:
        while chunk := opened.read(_CHUNK_BYTES):
            digest.update(chunk)
            encoding.look(chunk)
            lines.look(chunk)
            quotes.look(chunk)
            has_rare = has_rare or has_rare_characters(chunk)
            has_tab = has_tab or b"\t" in chunk
    line_end, n_lines, has_long_line = lines.conclude()
    found = encoding.conclude()
    return replace(
        text,
        sha256=digest.hexdigest(),
        encoding=found,
        line_end=line_end,
        n_lines=n_lines,
        # A no-break space is two bytes in UTF-8, which a cut can part, and one byte in Windows-1252.
        has_rare=has_rare or found != "utf-8",
        has_tab=has_tab,
        has_odd_quotes=quotes.conclude(),
        has_long_line=has_long_line,
    )


def _check_utf16(path: Path) -> None:
    decoder = codecs.getincrementaldecoder("utf-16")()
    with path.open("rb") as opened:
        try:
            while chunk := opened.read(_CHUNK_BYTES):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            raise BadInput(
                "The text says that it is UTF-16, but is damaged or cut off.",
                file=path.name,
                do="fetch it again, or save it as UTF-8 and read that.",
            ) from None


def has_rare_characters(text: bytes) -> bool:
    """Tell whether UTF-8 text holds control characters, other than tabs and line ends, or no-break spaces."""
    return len(text.translate(None, RARE_BYTES)) != len(text) or NO_BREAK_SPACE[1:] in text


class _EncodingWatch:
    """Looks at the pieces of a text as they pass: UTF-8, else Windows-1252, else refused."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._is_utf8 = True
        self._offset = 0
        self._undefined_at: int | None = None

    def look(self, chunk: bytes) -> None:
        """Take the next piece. Raises BadInput at a zero byte, which no text holds."""
        if (nul := chunk.find(b"\0")) >= 0:
            raise BadInput(
                f"This is not text: there is a zero byte at byte {self._offset + nul + 1:,}.",
                file=self._name,
                do="read workbooks (.xlsx), text (.csv, .tsv, .txt) or Parquet files.",
            )
        is_plain = chunk.isascii()
        if self._is_utf8 and not (is_plain and self._decoder.getstate() == (b"", 0)):
            try:
                self._decoder.decode(chunk)
            except UnicodeDecodeError:
                self._is_utf8 = False
        if self._undefined_at is None and not is_plain:
            places = [place for byte in _UNDEFINED_IN_CP1252 if (place := chunk.find(byte)) >= 0]
            self._undefined_at = self._offset + min(places) if places else None
        self._offset += len(chunk)

    def conclude(self) -> str:
        """Return ``utf-8`` or ``cp1252``. Raises BadInput if the text is neither."""
        if self._is_utf8 and not self._decoder.getstate()[0]:
            return "utf-8"
        if self._undefined_at is not None:
            raise BadInput(
                f"The text is neither UTF-8 nor Windows-1252: byte {self._undefined_at + 1:,} belongs to neither.",
                file=self._name,
                do="save it as UTF-8 and read that.",
            )
        return "cp1252"


class _LineWatch:
    """Looks at the pieces of a text as they pass: do all lines end alike, how many are there, and is any very long?"""

    def __init__(self) -> None:
        self._returns = self._feeds = self._pairs = 0
        self._last = b""
        self._begun = 0
        self._has_long_line = False

    def look(self, chunk: bytes) -> None:
        """Take the next piece."""
        # Looking for a sign is much quicker than counting it, and most files have no carriage return.
        returns = chunk.count(b"\r") if b"\r" in chunk else 0
        self._returns += returns
        self._feeds += chunk.count(b"\n")
        if self._returns:
            self._pairs += chunk.count(b"\r\n") + (self._last == b"\r" and chunk[:1] == b"\n")
        self._last = chunk[-1:]
        self._look_for_long_lines(chunk, b"\r" if returns else b"\n")

    def _look_for_long_lines(self, chunk: bytes, end: bytes) -> None:
        """Leap from line end to line end, each time to the last one within the reach of the longest cell."""
        begun = -self._begun
        while not self._has_long_line and len(chunk) - begun > LONGEST_CELL:
            found = chunk.rfind(end, max(begun, 0), max(begun + LONGEST_CELL, 0))
            self._has_long_line = found < 0
            begun = found + 1
        last = chunk.rfind(end, max(begun, 0))
        self._begun = len(chunk) - (last + 1 if last >= 0 else begun)

    def conclude(self) -> tuple[str | None, int, bool]:
        r"""Return the one line end, ``\n``, ``\r\n`` or ``\r`` (None if lines differ), and two facts more.

        They are the number of lines, and whether one may be longer than LONGEST_CELL bytes.
        """
        ends = max(self._returns, self._feeds)
        lines = ends + (self._last not in {b"\n", b"\r"})
        if self._returns == 0:
            return "\n", lines, self._has_long_line
        if self._returns == self._feeds == self._pairs:
            return "\r\n", lines, self._has_long_line
        return ("\r" if self._feeds == 0 else None), lines, self._has_long_line


class _QuoteWatch:
    """Looks at the pieces of a text as they pass: do blanks stand between a quotation mark and the end of its cell?"""

    def __init__(self) -> None:
        self._is_odd = False
        self._last = b""

    def look(self, chunk: bytes) -> None:
        """Take the next piece."""
        for text in (self._last + chunk[:2], chunk):
            if not self._is_odd and _has_blank_at_quote(text):
                self._is_odd = any(odd in text for odd in _ODD_QUOTES)
        self._last = chunk[-2:]

    def conclude(self) -> bool:
        """Tell whether there may be such a cell."""
        return self._is_odd or self._last == b'" '


def _has_blank_at_quote(text: bytes) -> bool:
    # Looking for two bytes at once is slow where both are common; most texts have few quotation marks.
    pieces = text.split(b'"', _MOST_PIECES)
    if len(pieces) > _MOST_PIECES:
        return b' "' in text or b'" ' in text
    return any(piece[:1] == b" " for piece in pieces[1:]) or any(piece[-1:] == b" " for piece in pieces[:-1])


_MOST_PIECES = 10_000
_CELL_ENDS = (b",", b"\t", b"\n", b"\r", b" ")
_ODD_QUOTES = (*(end + b' "' for end in _CELL_ENDS), *(b'" ' + end for end in _CELL_ENDS))

_UNDEFINED_IN_CP1252 = bytes([0x81, 0x8D, 0x8F, 0x90, 0x9D])

_UNPACK = "unpack it and read the file inside."
_OTHER_FORMATS = (
    (b"%PDF-", "This is a PDF, not a table.", "ask for the records as a spreadsheet; figures are not read from pages."),
    (b"\x1f\x8b", "The file is compressed (gzip).", _UNPACK),
    (b"BZh", "The file is compressed (bzip2).", _UNPACK),
    (b"\xfd7zXZ\0", "The file is compressed (xz).", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "The file is an archive (7-Zip).", _UNPACK),
    (b"Rar!\x1a\x07", "The file is an archive (RAR).", _UNPACK),
    (codecs.BOM_UTF32_LE, "The text is in UTF-32.", "save it as UTF-8 and read that."),
    (codecs.BOM_UTF32_BE, "The text is in UTF-32.", "save it as UTF-8 and read that."),
)
