"""Files that cannot be a release, each written by one function into a folder."""

from __future__ import annotations

import csv
import io
import struct
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

HEADER = ("Prepare Date", "Detainer Type", "Detainer Detention Facility", "State", "City", "Detainer Lift Reason")
ROW = ("2014-01-02", "I-247", "TRAVIS CO JAIL", "TEXAS", "AUSTIN", "Lifted")
OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
HTML = b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Please sign in.</body></html>\n"


def text(rows: Iterable[Sequence[str]] = (ROW,), *, delimiter: str = ",", header: Sequence[str] = HEADER) -> bytes:
    """Return a table as plain text, nothing quoted."""
    return "".join(delimiter.join(row) + "\n" for row in (header, *rows)).encode()


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def quoted(path: Path, rows: Iterable[Sequence[str]]) -> Path:
    """Write a table with every cell in quotation marks."""
    with path.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened, quoting=csv.QUOTE_ALL).writerows([HEADER, *rows])
    return path


def workbook(path: Path, *sheets: Sequence[Sequence[object]]) -> Path:
    """Write a workbook with openpyxl, one list of rows a sheet."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for number, rows in enumerate(sheets, start=1):
        sheet = book.create_sheet(f"Sheet{number}")
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def truncated_workbook(folder: Path) -> Path:
    whole = workbook(folder / "whole.xlsx", [HEADER, *[ROW] * 50]).read_bytes()
    return written(folder / "cut_off.xlsx", whole[: len(whole) // 2])


def workbook_with_a_damaged_sheet(folder: Path) -> Path:
    return with_sheet_xml(folder / "damaged.xlsx", b"<worksheet><sheetData><row r='1'><c t='inlineStr'><is><t>Prep")


def encrypted_workbook(folder: Path) -> Path:
    return written(folder / "locked.xlsx", compound_file("Root Entry", "EncryptionInfo", "EncryptedPackage"))


def old_workbook(folder: Path) -> Path:
    return written(folder / "old.xlsx", compound_file("Root Entry", "Workbook"))


def compound_file(*entries: str) -> bytes:
    """Return the beginning of an OLE2 file: its header, three sectors, and the directory with the names of streams."""
    header = OLE2 + bytes(22) + struct.pack("<H", 9) + bytes(16) + struct.pack("<I", 3) + bytes(460)
    directory = b"".join(entry.encode("utf-16-le").ljust(64, b"\0") + bytes(64) for entry in entries)
    return header + bytes(3 * 512) + directory.ljust(4096, b"\0")


def archive_that_is_no_workbook(folder: Path) -> Path:
    path = folder / "releases.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("detainers.csv", text())
    return path


def with_sheet_xml(path: Path, sheet: bytes) -> Path:
    """Write a workbook and put ``sheet`` in the place of its only worksheet, byte for byte."""
    whole = io.BytesIO()
    book = openpyxl.Workbook()
    book.save(whole)
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            is_sheet = part.filename == "xl/worksheets/sheet1.xml"
            target.writestr(part.filename, sheet if is_sheet else source.read(part))
    return path


def sheet_xml(rows: Iterable[Sequence[str]]) -> bytes:
    """Return a worksheet of inline strings; nothing is escaped."""
    written_rows = "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in row) + "</row>" for row in rows
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><worksheet'
        ' xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{written_rows}</sheetData></worksheet>"
    ).encode()


def workbook_with_a_long_cell(folder: Path) -> Path:
    rows = [HEADER, ROW, (*ROW[:2], "x" * 1_000_000, *ROW[3:])]
    return with_sheet_xml(folder / "long_cell.xlsx", sheet_xml(rows))


def zip_bomb(folder: Path) -> Path:
    """Write a workbook whose sheet packs 80 MB of blanks into almost nothing, and says so."""
    return with_sheet_xml(folder / "bomb.xlsx", sheet_xml([HEADER]) + b" " * (80 << 20))


def zip_bomb_that_lies(folder: Path, *, unpacked: int) -> Path:
    """Write a workbook whose sheet says that it unpacks to 1,000 bytes and unpacks to one cell of ``unpacked``."""
    start, end = sheet_xml([HEADER, ("2014-01-02",)]).split(b"2014-01-02")
    path = with_sheet_xml(folder / "lying_bomb.xlsx", start + b"0" * unpacked + end)
    content = bytearray(path.read_bytes())
    true_size = struct.pack("<I", len(start) + unpacked + len(end))
    for place in (content.find(true_size), content.rfind(true_size)):
        content[place : place + 4] = struct.pack("<I", 1000)
    return written(path, bytes(content))


def zip_bomb_that_is_huge(folder: Path) -> Path:
    """Write a workbook whose sheet says that it unpacks to 13 GB; the size stands in the directory alone."""
    path = with_sheet_xml(folder / "huge.xlsx", sheet_xml([HEADER]))
    content = bytearray(path.read_bytes())
    place = content.rfind(b"xl/worksheets/sheet1.xml") - 46
    content[place + 24 : place + 28] = struct.pack("<I", 0xFFFF_FFF0)
    return written(path, bytes(content))


def truncated_parquet(folder: Path) -> Path:
    path = folder / "cut_off.parquet"
    pq.write_table(pa.table({name: [cell] * 100 for name, cell in zip(HEADER, ROW, strict=True)}), path)
    whole = path.read_bytes()
    return written(path, whole[: len(whole) // 2])


def parquet_of_other_columns(folder: Path) -> Path:
    path = folder / "cities.parquet"
    pq.write_table(pa.table({"city": ["Austin"], "population": [974_447]}), path)
    return path
