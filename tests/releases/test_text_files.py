"""Text files as they come: delimiters, encodings, line ends, quotes, and rows that are no records."""

from __future__ import annotations

import csv
import io
import tempfile
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.releases.bad_files import HEADER, ROW, text, written
from tests.releases.reading_back import read_back

A = "2014-01-02,I-247,JAIL A,TEXAS,AUSTIN,Lifted"
B = "2014-01-03,I-247,JAIL B,TEXAS,AUSTIN,Lifted"
H = ",".join(HEADER)


def joined(*lines: str, end: str = "\n") -> bytes:
    return "".join(line + end for line in lines).encode()


def named_jail(name: str) -> str:
    return A.replace("JAIL A", name)


@dataclass(frozen=True, slots=True)
class Case:
    """A text file, the facility of every record by its row, and the rows that are no records."""

    name: str
    content: bytes
    facilities: dict[int, str | None]
    aside: dict[int, str] = field(default_factory=dict)
    file: str = "release.csv"


BOTH = {2: "JAIL A", 3: "JAIL B"}
TABS = joined(*(line.replace(",", "\t") for line in (H, A, B)))
E_ACUTE = joined(H, named_jail("CAFÉ – JAIL")).decode()

CASES = [
    Case("commas in a .csv", joined(H, A, B), BOTH),
    Case("tabs in a .csv", TABS, BOTH),
    Case("commas in a .txt", joined(H, A, B), BOTH, file="release.txt"),
    Case("commas in a .tsv", joined(H, A, B), BOTH, file="release.tsv"),
    Case("tabs in a .tsv", TABS, BOTH, file="release.tsv"),
    Case("no ending at all", joined(H, A, B), BOTH, file="release"),
    Case("a comma in a name of tabs", TABS.replace(b"JAIL A", b"JAIL, A"), {2: "JAIL, A", 3: "JAIL B"}),
    Case("a byte order mark", b"\xef\xbb\xbf" + joined(H, A, B), BOTH),
    Case("UTF-8", E_ACUTE.encode(), {2: "CAFÉ – JAIL"}),
    Case("Windows-1252", E_ACUTE.encode("cp1252"), {2: "CAFÉ – JAIL"}),
    Case("UTF-16, little end first", b"\xff\xfe" + E_ACUTE.encode("utf-16-le"), {2: "CAFÉ – JAIL"}),
    Case("UTF-16, big end first", b"\xfe\xff" + E_ACUTE.encode("utf-16-be"), {2: "CAFÉ – JAIL"}),
    Case("returns and feeds", joined(H, A, B, end="\r\n"), BOTH),
    Case("returns", joined(H, A, B, end="\r"), BOTH),
    Case("all three ends", f"{H}\r\n{A}\r{B}\n{A}".encode(), BOTH | {4: "JAIL A"}),
    Case("feeds, then returns and feeds", f"{H}\n{A}\r\n{B}\r\n".encode(), BOTH),
    Case("no end after the last row", joined(H, A, B)[:-1], BOTH),
    Case("no end after the last row, CRLF", joined(H, A, B, end="\r\n")[:-2], BOTH),
    Case("no end after the last row, CR", joined(H, A, B, end="\r")[:-1], BOTH),
    Case("a blank line in the middle", joined(H, A, "", B), {2: "JAIL A", 4: "JAIL B"}, {3: "row/blank"}),
    Case("a blank line, CRLF", joined(H, A, "", B, end="\r\n"), {2: "JAIL A", 4: "JAIL B"}, {3: "row/blank"}),
    Case("a blank line, CR", joined(H, A, "", B, end="\r"), {2: "JAIL A", 4: "JAIL B"}, {3: "row/blank"}),
    Case("blank lines at the end", joined(H, A, B, "", ""), BOTH, {4: "row/blank", 5: "row/blank"}),
    Case("a row of commas", joined(H, A, ",,,,,", B), {2: "JAIL A", 4: "JAIL B"}, {3: "row/blank"}),
    Case("a comma in quotes", joined(H, named_jail('"JAIL, A"'), B), {2: "JAIL, A", 3: "JAIL B"}),
    Case("quotes in quotes", joined(H, named_jail('"JAIL ""A"""'), B), {2: 'JAIL "A"', 3: "JAIL B"}),
    Case("a line in quotes", joined(H, named_jail('"JAIL\nA"'), B), {2: "JAIL\nA", 3: "JAIL B"}),
    Case("blank lines in quotes", joined(H, named_jail('"JAIL\n\n\nA"'), B), {2: "JAIL\n\n\nA", 3: "JAIL B"}),
    Case(
        "a line in quotes and a blank line",
        joined(H, named_jail('"JAIL\nA"'), "", B),
        {2: "JAIL\nA", 4: "JAIL B"},
        {3: "row/blank"},
    ),
    Case("a line in quotes, CRLF", joined(H, named_jail('"JAIL\r\nA"'), B, end="\r\n"), {2: "JAIL\r\nA", 3: "JAIL B"}),
    Case("a line in quotes, CR", joined(H, named_jail('"JAIL\rA"'), B, end="\r"), {2: "JAIL\rA", 3: "JAIL B"}),
    Case("a quote inside a bare cell", joined(H, named_jail('JAIL "A"'), B), {2: 'JAIL "A"', 3: "JAIL B"}),
    Case("blanks around a name", joined(H, named_jail(" \u00a0JAIL A\u00a0 "), B), BOTH),
    Case("a row too wide", joined(H, A, A + ",more", B), {2: "JAIL A", 4: "JAIL B"}, {3: "row/too-many-cells"}),
    Case("a row too narrow", joined(H, A, "2014-01-02,x", B), {2: "JAIL A", 4: "JAIL B"}, {3: "row/too-few-cells"}),
    Case("rows that are wider by blanks", joined(H, A + ",,", B), BOTH),
    Case(
        "wide and narrow rows after lines in quotes",
        joined(H, named_jail('"JAIL\nA"'), A + ",1,2", "", "x,y", B),
        {2: "JAIL\nA", 6: "JAIL B"},
        {3: "row/too-many-cells", 4: "row/blank", 5: "row/too-few-cells"},
    ),
    Case("a preamble", joined("Enforcement", "", "As of,2015", H, A, B), {5: "JAIL A", 6: "JAIL B"}),
    Case("a preamble with a line in quotes", joined('"ICE\nERO"', H, A, B), {3: "JAIL A", 4: "JAIL B"}),
    Case("a preamble, CRLF", joined("ICE", "", H, A, B, end="\r\n"), {4: "JAIL A", 5: "JAIL B"}),
    Case("a preamble, CR", joined("ICE", "", H, A, B, end="\r"), {4: "JAIL A", 5: "JAIL B"}),
    Case("the header in row 20", joined(*["ICE"] * 19, H, A), {21: "JAIL A"}),
    Case("the header again", joined(H, A, H, B), {2: "JAIL A", 4: "JAIL B"}, {3: "row/repeated-header"}),
    Case("a total of its own width", joined(H, A, B, "Total: 3,,,,,"), BOTH, {4: "row/not-a-record"}),
    Case("a total in a lone cell", joined(H, A, B, "Total: 3"), BOTH, {4: "row/too-few-cells"}),
    Case("a row without a date", joined(H, A, ",I-247,JAIL B,,,"), BOTH),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_record_keeps_its_row_and_every_other_row_its_reason(case: Case, tmp_path: Path) -> None:
    back = read_back(written(tmp_path / case.file, case.content))
    assert back.facilities() == case.facilities
    assert {row: reason for (_sheet, row), reason in back.set_aside.items()} == case.aside


@dataclass(frozen=True, slots=True)
class Dialect:
    """A way of writing a table as text."""

    delimiter: str
    encoding: str
    line_end: str
    quote_all: bool
    preamble: int
    has_final_end: bool


DIALECTS = st.builds(
    Dialect,
    delimiter=st.sampled_from([",", "\t"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    quote_all=st.booleans(),
    preamble=st.integers(0, 3),
    has_final_end=st.booleans(),
)
CELLS = st.text(alphabet='AB é,\t"\n\r\u00a0', max_size=5)
FULL_ROWS = st.tuples(st.sampled_from(["2014-01-02", "3/4/15", ""]), st.just("I-247"), CELLS, CELLS, CELLS, CELLS)
ROWS = st.one_of(FULL_ROWS, FULL_ROWS, st.lists(CELLS, max_size=8), st.just(HEADER))
DAYS = {"2014-01-02": date(2014, 1, 2), "3/4/15": date(2015, 3, 4)}
Expected = tuple[dict[int, tuple[date | None, str | None, str | None, str | None]], dict[int, str]]


@settings(max_examples=25, deadline=None)
@given(rows=st.lists(ROWS, max_size=8), dialect=DIALECTS)
def test_a_random_table_is_read_as_python_reads_it(rows: list[tuple[str, ...]], dialect: Dialect) -> None:
    content = written_under(dialect, [*rows, ROW])
    with tempfile.TemporaryDirectory() as folder:
        back = read_back(written(Path(folder) / "random.csv", content.encode(dialect.encoding)))
    kept, aside = as_python_reads(content, dialect)
    assert {
        row["source_row"]: (row["issued_on"], row["facility_name"], row["facility_city"], row["lift_reason_raw"])
        for row in back.rows
    } == kept
    assert {row: reason for (_sheet, row), reason in back.set_aside.items()} == aside


def written_under(dialect: Dialect, rows: list[tuple[str, ...]]) -> str:
    out = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if dialect.quote_all else csv.QUOTE_MINIMAL
    writer = csv.writer(out, delimiter=dialect.delimiter, lineterminator=dialect.line_end, quoting=quoting)
    writer.writerows([*[("As of 2015",)] * dialect.preamble, HEADER, *rows])
    return out.getvalue() if dialect.has_final_end else out.getvalue().removesuffix(dialect.line_end)


def as_python_reads(content: str, dialect: Dialect) -> Expected:
    """Say what should be read, by Python's reader and the rules in words: strip, then null what is blank."""
    kept: dict[int, tuple[date | None, str | None, str | None, str | None]] = {}
    aside: dict[int, str] = {}
    for number, row in enumerate(csv.reader(io.StringIO(content, newline=""), delimiter=dialect.delimiter), start=1):
        cells = [cell.strip(" \t\r\n\u00a0") for cell in row]
        if number <= dialect.preamble + 1:
            continue
        if row and len(row) < len(HEADER):
            aside[number] = "row/too-few-cells"
        elif any(cell.strip() for cell in row[len(HEADER) :]):
            aside[number] = "row/too-many-cells"
        elif not any(cells):
            aside[number] = "row/blank"
        elif tuple(row[: len(HEADER)]) == HEADER:
            aside[number] = "row/repeated-header"
        elif cells[0] not in DAYS and not any(cells[1:]):
            aside[number] = "row/not-a-record"
        else:
            kept[number] = (DAYS.get(cells[0]), cells[2] or None, cells[4] or None, cells[5] or None)
    return kept, aside


def test_a_table_of_many_pieces_keeps_its_row_numbers(tmp_path: Path) -> None:
    """A blank line and a line in quotes far down, where the engine reads on several cores."""
    rows = [(*ROW[:2], f"JAIL {number}", *ROW[3:]) for number in range(60_000)]
    content = text(rows).decode().splitlines()
    content[50_000] = named_jail('"JAIL\nX"')
    content.insert(55_000, "")
    facilities = read_back(written(tmp_path / "many.csv", joined(*content))).facilities()
    assert facilities.pop(50_001) == "JAIL\nX"
    assert facilities == {
        number + 2 + (number >= 54_999): f"JAIL {number}" for number in range(60_000) if number != 49_999
    }
