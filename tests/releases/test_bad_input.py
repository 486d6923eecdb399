"""Input that cannot be used: one clear message that says where and what to do, and a store left as it was."""

from __future__ import annotations

import gzip
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from detainer_ledger.releases import processes
from tests.releases import bad_files as bad
from tests.releases.bad_files import HEADER, ROW, text, written
from tests.running import Ran, detainer, tree


@dataclass(frozen=True, slots=True)
class Bad:
    """A file that cannot be used, what the message says, and where it says that the trouble is."""

    name: str
    make: Callable[[Path], Path]
    says: str
    where: str = ""


def named(name: str, content: bytes) -> Callable[[Path], Path]:
    return lambda folder: written(folder / name, content)


LONG = (*ROW[:2], "x" * 1_000_000, *ROW[3:])
UTF16 = text().decode().encode("utf-16")

TEXT_FILES = [
    Bad("an empty file", named("empty.csv", b""), "The file is empty", "empty.csv"),
    Bad("an empty workbook file", named("empty.xlsx", b""), "The file is empty", "empty.xlsx"),
    Bad("blank lines alone", named("blank.csv", b"\n \r\n\n"), "nothing in the file", "blank.csv"),
    Bad("a byte order mark alone", named("mark.csv", b"\xef\xbb\xbf"), "nothing in the file", "mark.csv"),
    Bad("a header without rows", named("header.csv", text([])), "no record follows it", "header.csv"),
    Bad("a header without a line end", named("header.csv", text([])[:-1]), "no record follows it", "header.csv"),
    Bad(
        "a header and blank rows", named("gaps.csv", text([]) + b",,,,,\n\n , ,,,,\n"), "no record follows", "gaps.csv"
    ),
    Bad("semicolons", named("semicolon.csv", text(delimiter=";")), "parted by ';'", "semicolon.csv"),
    Bad("bars", named("bar.csv", text(delimiter="|")), "parted by '|'", "bar.csv"),
    Bad("other columns", named("cities.csv", b"city,people\nAustin,974447\n"), "No sheet has a header", "cities.csv"),
    Bad(
        "a layout that is not known",
        named("new.csv", text(header=("Prepare Date", "Jail", "State", "City", "Detainer Type", "End"))),
        "nearest is 'npr-2015', but the file lacks 'Detainer Detention Facility', 'Detainer Lift Reason' and has"
        " columns that it does not know: 'Jail', 'End'",
        "file new.csv, row 1",
    ),
    Bad(
        "a long cell",
        named("long.csv", text([ROW, LONG])),
        "longer than 32,767",
        "long.csv, sheet long, row 3, column D",
    ),
    Bad("a long cell by the other road", named("odd.csv", text([ROW, LONG, ("\x80",)])), "longer than 32,767", "row 3"),
    Bad("a long cell above the header", named("top.csv", b"x" * 500_000 + b"\n" + text()), "longer than", "csv, row 1"),
    Bad(
        "an unclosed quote", named("open.csv", text([ROW]) + b'2014-01-03,"I-247,A\n' + text()), "never closed", "row 3"
    ),
    Bad("a quote too many", named("quote.csv", text([ROW]) + b'2014-01-03,"I"x,A,B,C,D\n'), "none can be", "row 3"),
    Bad("zero bytes", named("data.csv", text() + b"\0\0"), "zero byte at byte 140", "data.csv"),
    Bad(
        "neither encoding", named("odd.csv", text() + b"2014-01-02,\x81\n"), "neither UTF-8 nor Windows-1252: byte 151"
    ),
    Bad("UTF-16 cut off", named("wide.csv", UTF16[:-1]), "damaged or cut off", "wide.csv"),
    Bad("UTF-32", named("wide.csv", text().decode().encode("utf-32")), "UTF-32", "wide.csv"),
    Bad("a web page as text", named("page.csv", bad.HTML), "web page", "page.csv"),
    Bad("a web page as workbook", named("page.xlsx", b"\n<!-- x -->" + bad.HTML), "web page", "page.xlsx"),
    Bad("a PDF", named("log.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), "a PDF", "log.pdf"),
    Bad("compressed text", named("log.csv.gz", gzip.compress(text())), "compressed (gzip)", "log.csv.gz"),
    Bad("a folder", lambda folder: folder, "A folder was given"),
    Bad("a missing file", lambda folder: folder / "typo.csv", "no such file", "typo.csv"),
    Bad("a name too long", lambda folder: folder / ("n" * 300), "File name too long", "nnn"),
    Bad("a device", lambda _folder: Path("/dev/null"), "a pipe or a device", "/dev/null"),
    Bad("an archive", bad.archive_that_is_no_workbook, "archive, but not an Excel workbook", "releases.xlsx"),
    Bad("a workbook cut off", bad.truncated_workbook, "damaged or cut off", "cut_off.xlsx"),
    Bad("a workbook with a password", bad.encrypted_workbook, "protected by a password", "locked.xlsx"),
    Bad("a workbook of the old format", bad.old_workbook, "old .xls format", "old.xlsx"),
    Bad("a zip bomb", bad.zip_bomb, "made to fill memory", "bomb.xlsx, part xl/worksheets/sheet1.xml"),
    Bad("a zip bomb that claims 4 GB", bad.zip_bomb_that_is_huge, "4,294,967,280 bytes", "huge.xlsx"),
    Bad("Parquet cut off", bad.truncated_parquet, "Parquet file cannot be read", "cut_off.parquet"),
    Bad("Parquet of other columns", bad.parquet_of_other_columns, "No sheet has a header", "cities.parquet"),
]
"""Files that are refused in this process."""

WORKBOOKS = [
    Bad("a damaged sheet", bad.workbook_with_a_damaged_sheet, "sheet of the workbook cannot be read", "sheet Sheet"),
    Bad("an empty sheet", lambda folder: bad.workbook(folder / "e.xlsx", []), "nothing in the file", "sheet Sheet1"),
    Bad(
        "headers and blank rows in all sheets",
        lambda folder: bad.workbook(folder / "h.xlsx", [HEADER], [HEADER, [" "] * 6, [None] * 6]),
        "no record follows it",
        "h.xlsx, sheet Sheet1, Sheet2",
    ),
    Bad("a long cell", bad.workbook_with_a_long_cell, "longer than 32,767", "sheet Sheet, row 3, column Detainer Det"),
]
"""Workbooks that are refused in a process of their own, which costs a second each."""

OPTIONS = [
    (("--layout", "npr-2051"), "no layout 'npr-2051'", "npr-2015"),
    (("--layout", "icli-2026-03-detentions"), "is one of detentions", "npr-2015"),
    (("--layout", "icli-2026-08"), "lacks 'Detainer Prepared Date'", "'detainer layouts'"),
    (("--release", "../up"), "'../up' cannot name a release", "letters"),
    (("--release", "n" * 101), "cannot name a release", "at most 100"),
]


@pytest.fixture(scope="module")
def full_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store with one release."""
    folder = tmp_path_factory.mktemp("full")
    store = folder / "store"
    assert detainer("ingest", written(folder / "first.csv", text([ROW])), "--store", store).code == 0
    return store


@pytest.fixture
def store(full_store: Path, tmp_path: Path) -> Path:
    return shutil.copytree(full_store, tmp_path / "store")


def assert_refused(ran: Ran, *, says: str, where: str = "", helps: str = "") -> None:
    """One message in three parts on standard error, and nothing on standard output."""
    assert ran.code == 2
    assert ran.out == ""
    first, *rest = ran.err.removesuffix("\n").split("\n")
    assert first.startswith("detainer: ")
    assert says in first
    kinds = [line.split(":")[0] for line in rest]
    assert kinds in (["  where", "  to do"], ["  to do"])
    assert where in rest[0]
    assert helps in rest[-1]
    assert re.fullmatch(r"  to do: [a-z'].{10,}", rest[-1])
    assert "Traceback" not in ran.err
    assert "inside the program" not in ran.err


@pytest.mark.parametrize("case", TEXT_FILES, ids=lambda case: case.name)
def test_a_bad_file_is_refused_with_one_message_and_the_store_stays(case: Bad, store: Path, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    path = case.make(folder)
    before = tree(store)
    assert_refused(detainer("ingest", path, "--store", store), says=case.says, where=case.where)
    assert tree(store) == before
    absent = tmp_path / "not" / "there"
    assert_refused(detainer("ingest", path, "--store", absent), says=case.says, where=case.where)
    assert not absent.parent.exists()


@pytest.mark.parametrize("case", WORKBOOKS, ids=lambda case: case.name)
def test_a_bad_workbook_is_refused_with_one_message_and_the_store_stays(case: Bad, store: Path, tmp_path: Path) -> None:
    before = tree(store)
    assert_refused(detainer("ingest", case.make(tmp_path), "--store", store), says=case.says, where=case.where)
    assert tree(store) == before


def test_one_bad_file_among_good_ones_keeps_all_of_them_out(store: Path, tmp_path: Path) -> None:
    before = tree(store)
    good = written(tmp_path / "good.csv", text([("2014-05-06", *ROW[1:])]))
    unclosed = written(tmp_path / "open.csv", text([ROW]) + b'2014-01-03,"I-247,A\n')
    assert_refused(detainer("ingest", good, unclosed, "--store", store), says="never closed", where="open.csv")
    assert tree(store) == before


@pytest.mark.parametrize(("options", "says", "helps"), OPTIONS, ids=lambda value: str(value)[:40])
def test_an_option_that_cannot_be_used_is_refused(
    options: tuple[str, str], says: str, helps: str, store: Path, tmp_path: Path
) -> None:
    before = tree(store)
    path = written(tmp_path / "second.csv", text([("2014-02-03", *ROW[1:])]))
    assert_refused(detainer("ingest", path, "--store", store, *options), says=says, helps=helps)
    assert tree(store) == before


def test_a_zip_bomb_that_lies_about_its_size_cannot_fill_the_memory(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "MOST_MEMORY_BYTES", 400 << 20)
    before = tree(store)
    path = bad.zip_bomb_that_lies(tmp_path, unpacked=200 << 20)
    ran = detainer("ingest", path, "--store", store)
    assert_refused(ran, says="most likely for want of memory", where="lying_bomb.xlsx", helps="as .csv")
    assert tree(store) == before
    honest = bad.workbook(tmp_path / "honest.xlsx", [HEADER, *[ROW] * 1000])
    assert detainer("ingest", honest, "--store", store).code == 0


def test_control_characters_become_an_empty_cell_with_a_defect_and_the_row_is_kept(tmp_path: Path) -> None:
    path = written(tmp_path / "odd.csv", text([(*ROW[:2], "JAIL\x07", *ROW[3:]), ROW]))
    store = tmp_path / "store"
    assert detainer("ingest", path, "--store", store).code == 0
    listed = detainer("account", "--store", store, "--rows", "text/control-character").out
    assert listed.splitlines()[1].split(",")[1:4] == ["odd.csv", "odd", "2"]
    by_facility = detainer("measure", "--store", store, "--by", "facility", "--format", "csv").out
    assert sorted(line.split(",")[:2] for line in by_facility.splitlines()[1:]) == [["", "1"], [ROW[2], "1"]]


@pytest.mark.parametrize("formula", ["=cmd|' /C calc'!A0", "+1", "-1", "@x", "=1+1", " =1", "\t=1"])
def test_a_cell_that_could_run_as_a_formula_comes_out_harmless(formula: str, tmp_path: Path) -> None:
    path = bad.quoted(tmp_path / "formula.csv", [(*ROW[:2], formula, *ROW[3:])])
    store = tmp_path / "store"
    assert detainer("ingest", path, "--store", store).code == 0
    line = detainer("measure", "--store", store, "--by", "facility", "--format", "csv").out.splitlines()[1]
    assert line.startswith(("'" + formula.strip(), "\"'" + formula.strip()))
