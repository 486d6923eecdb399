"""Text files: however they are written, each record is read with its number, and as the csv module reads it."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detainer_ledger.intake import read
from detainer_ledger.releases import receive_all
from detainer_ledger.releases import sheets as sheets_room
from detainer_ledger.releases.sheets import open_sheets
from detainer_ledger.tables import connect
from detainer_ledger.terms import BadInput
from tests.releases.bad_files import HEADER, ROW, written

ROWS = [(f"2014-01-{day:02}", "I-247", f"JAIL {day}", "TEXAS", "AUSTIN", "Lifted") for day in range(1, 6)]
PLAIN = [(row, f"JAIL {row - 1}") for row in range(2, 7)]
"""What is read of ROWS written as a plain table: the row of each record, and its facility."""

Found = Sequence[tuple[int, str | None]]


def lines(*records: str, end: str = "\n") -> bytes:
    return (end.join(records) + end).encode()


def joined(records: Sequence[Sequence[str]], delimiter: str = ",") -> list[str]:
    return [delimiter.join(record) for record in records]


TABLE = joined([HEADER, *ROWS])


@dataclass(frozen=True, slots=True)
class Text:
    """A text file, what is read of it, and which rows are set aside for what."""

    name: str
    content: bytes
    found: Found
    set_aside: dict[int, str]


def case(name: str, content: bytes, found: Found | None = None, **set_aside: str) -> Text:
    return Text(name, content, PLAIN if found is None else found, {int(row[1:]): why for row, why in set_aside.items()})


def shifted(by: int, *, after: int = 0) -> Found:
    return [(row + by if row > after else row, facility) for row, facility in PLAIN]


TABBED = joined([HEADER, *ROWS], "\t")
ACCENT = [line.replace("JAIL 3", "CAÑON – JAIL") for line in TABLE]
ACCENTED = [(row, "CAÑON – JAIL" if facility == "JAIL 3" else facility) for row, facility in PLAIN]
FACILITY = [(row, facility) for row, facility in PLAIN[:2]]

CASES = [
    case("line feeds", lines(*TABLE)),
    case("returns and line feeds", lines(*TABLE, end="\r\n")),
    case("returns", lines(*TABLE, end="\r")),
    case("mixed line ends", lines(*TABLE[:2]) + lines(*TABLE[2:4], end="\r\n") + lines(*TABLE[4:], end="\r")),
    case("no line end after the last record", lines(*TABLE)[:-1]),
    case("returns and line feeds without the last", lines(*TABLE, end="\r\n")[:-2]),
    case("tabs", lines(*TABBED)),
    case("tabs, returns and line feeds", lines(*TABBED, end="\r\n")),
    case("a byte order mark", b"\xef\xbb\xbf" + lines(*TABLE)),
    case(
        "a byte order mark before a quoted header",
        b"\xef\xbb\xbf" + lines('"Prepare Date"' + TABLE[0][12:], *TABLE[1:]),
    ),
    case("UTF-8 accents", lines(*ACCENT), ACCENTED),
    case("Windows-1252 accents", lines(*ACCENT).decode().encode("cp1252"), ACCENTED),
    case(
        "UTF-16, little end first", "\ufeff".encode("utf-16-le") + lines(*ACCENT).decode().encode("utf-16-le"), ACCENTED
    ),
    case("UTF-16, big end first", "\ufeff".encode("utf-16-be") + lines(*ACCENT).decode().encode("utf-16-be"), ACCENTED),
    case("a blank line in the middle", lines(*TABLE[:3], "", *TABLE[3:]), shifted(1, after=3), r4="row/blank"),
    case("a line of blanks", lines(*TABLE[:3], "  ", *TABLE[3:]), shifted(1, after=3), r4="row/too-few-cells"),
    case("blank lines at the end", lines(*TABLE, "", ""), PLAIN, r7="row/blank", r8="row/blank"),
    case(
        "a blank line in a file with returns",
        lines(*TABLE[:3], "", *TABLE[3:], end="\r\n"),
        shifted(1, after=3),
        r4="row/blank",
    ),
    case("empty cells alone", lines(*TABLE[:3], ",,,,,", *TABLE[3:]), shifted(1, after=3), r4="row/blank"),
    case("quoted line ends", lines(*TABLE[:2], '2014-01-02,"a\nb\n\nc",JAIL 2,TEXAS,AUSTIN,Lifted', *TABLE[3:])),
    case("quoted returns", lines(*TABLE[:2], '2014-01-02,"a\r\nb",JAIL 2,TEXAS,AUSTIN,Lifted', *TABLE[3:], end="\r\n")),
    case(
        "a quoted line end and a blank line",
        lines(*TABLE[:2], '2014-01-02,"a\nb",JAIL 2,TEXAS,AUSTIN,Lifted', "", *TABLE[3:]),
        shifted(1, after=3),
        r4="row/blank",
    ),
    case(
        "quotes and commas",
        lines(*TABLE[:2], '2014-01-02,I,"THE ""NEW"" JAIL, EAST",TEXAS,AUSTIN,Lifted'),
        [(2, "JAIL 1"), (3, 'THE "NEW" JAIL, EAST')],
    ),
    case(
        "a quote inside a bare cell",
        lines(*TABLE[:2], '2014-01-02,I,5" PIPE ROAD,TEXAS,AUSTIN,Lifted'),
        [(2, "JAIL 1"), (3, '5" PIPE ROAD')],
    ),
    case(
        "a blank before a quote",
        lines(*TABLE[:2], '2014-01-02,I, "EAST",TEXAS,AUSTIN,Lifted'),
        [(2, "JAIL 1"), (3, '"EAST"')],
    ),
    case("delimiters after the last column", lines(*(line + ",," for line in TABLE))),
    case("delimiters after the records alone", lines(TABLE[0], *(line + ",," for line in TABLE[1:]))),
    case(
        "a record with a cell too many",
        lines(*TABLE[:3], TABLE[3] + ",x", *TABLE[4:]),
        [each for each in PLAIN if each[0] != 4],
        r4="row/too-many-cells",
    ),
    case(
        "a record with a cell too few",
        lines(*TABLE[:3], "2014-01-03,I-247", *TABLE[4:]),
        [each for each in PLAIN if each[0] != 4],
        r4="row/too-few-cells",
    ),
    case("rows above the header", lines("FOIA 2015-1", "", "Detainers,,", *TABLE), shifted(3)),
    case("rows above the header with quoted line ends", lines('"FOIA\n2015-1"', *TABLE), shifted(1)),
    case("a stray quote above the header", lines('FOIA 5" 2015', *TABLE), shifted(1)),
    case("eighteen rows above the header", lines(*["note"] * 18, *TABLE), shifted(18)),
    case(
        "the header again in the middle",
        lines(*TABLE[:3], TABLE[0], *TABLE[3:]),
        shifted(1, after=3),
        r4="row/repeated-header",
    ),
    case("a total in a row of empty cells", lines(*TABLE, "Total: 5,,,,,"), PLAIN, r7="row/not-a-record"),
    case("a total in a row of its own", lines(*TABLE, "Total: 5"), PLAIN, r7="row/too-few-cells"),
    case(
        "no-break spaces and blanks around cells",
        lines(*TABLE[:2], "2014-01-02 ,I,\u00a0 JAIL 2 \u00a0,TEXAS,AUSTIN,Lifted"),
        FACILITY,
    ),
    case("a line end that ends a cell", lines(*TABLE).replace(b"JAIL 2", b'"JAIL 2\n"')),
    case("returns that end a cell", lines(*TABLE, end="\r\n").replace(b"JAIL 2", b'"\r\nJAIL 2\r\n"')),
    case("a tab that ends a cell", lines(*TABLE).replace(b"JAIL 2", b"JAIL 2\t")),
    case("a quoted tab that ends a cell among tabs", lines(*TABBED).replace(b"JAIL 2", b'"JAIL 2\t"')),
    case("markers for nothing", lines(*TABLE[:2], "2014-01-02,NA,NA,TEXAS,AUSTIN,N/A"), [(2, "JAIL 1"), (3, None)]),
]


@pytest.mark.parametrize("text", CASES, ids=lambda text: text.name)
def test_a_text_file_is_read_to_the_row(text: Text, tmp_path: Path) -> None:
    release = read(written(tmp_path / "release.csv", text.content))
    found = [(row["source_row"], row["facility_name"]) for row in release.table.to_pylist()]
    assert found == text.found
    (sheet,) = release.account.files[0]["sheets"]
    assert {each["row"]: each["reason"] for each in sheet["set_aside_rows"]} == text.set_aside
    assert sheet["rows_seen"] == len(text.found) + len(text.set_aside)
    assert {row["issued_on"].year for row in release.table.to_pylist()} == {2014}


@pytest.mark.parametrize("ending", ["csv", "tsv", "txt", "CSV", "xlsx", "data"])
@pytest.mark.parametrize("delimiter", [",", "\t"], ids=["commas", "tabs"])
def test_the_content_tells_what_a_file_is_and_not_its_ending(delimiter: str, ending: str, tmp_path: Path) -> None:
    path = written(tmp_path / f"release.{ending}", lines(*joined([HEADER, *ROWS], delimiter)))
    assert read(path).table["source_row"].to_pylist() == [2, 3, 4, 5, 6]


def test_a_text_that_begins_like_an_archive_is_still_a_text(tmp_path: Path) -> None:
    path = written(tmp_path / "release.csv", lines("PK County detainers", *TABLE))
    assert read(path).table.num_rows == 5


# ---------------------------------------------------------------- any table, against the csv module

CELLS = st.one_of(
    st.sampled_from(
        ["", " ", "NA", "b(6), b(7)c", "x", " lead", "trail ", "\u00a0", '"', '""', "a,b", "a\tb", "a\nb", "\r\n"]
    ),
    st.text(st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cs"]), max_size=6),
)
DIALECTS = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from([",", "\t"]),
        "lineterminator": st.sampled_from(["\n", "\r\n", "\r"]),
        "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    }
)
TABLES = st.lists(
    st.one_of(
        st.tuples(*[CELLS] * 6).map(list),
        st.just([]),
        st.lists(CELLS, min_size=1, max_size=8),
    ),
    min_size=1,
    max_size=6,
)


def as_text(rows: Sequence[Sequence[str]], dialect: dict[str, Any]) -> str:
    written_rows = io.StringIO()
    csv.writer(written_rows, **dialect).writerows([HEADER, *rows])
    return written_rows.getvalue()


def as_the_csv_module_sees_it(text: str, delimiter: str) -> tuple[dict[int, list[str]], list[int], list[int]]:
    """Return the records by number, and the numbers of those that are too wide and too narrow."""
    fitting, wide, narrow = {}, [], []
    for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), start=1):
        if number == 1:
            continue
        cells = row or [""] * len(HEADER)
        if len(cells) < len(HEADER):
            narrow.append(number)
        elif any(cell.strip() for cell in cells[len(HEADER) :]):
            wide.append(number)
        else:
            fitting[number] = cells[: len(HEADER)]
    return fitting, wide, narrow


def as_it_is_read(path: Path) -> tuple[dict[int, list[str]], list[int], list[int]]:
    (received,), _ = receive_all([path])
    connection = connect(threads=1)
    try:
        with tempfile.TemporaryDirectory() as spill:
            (sheet,) = open_sheets(received, connection, Path(spill), kind="detainers", forced=None)
            cells = ", ".join(f"coalesce(c{place}, '')" for place in range(len(HEADER)))
            rows = connection.execute(f"SELECT source_row, [{cells}] FROM {sheet.table} ORDER BY source_row").fetchall()
    finally:
        connection.close()
    return dict(rows), list(sheet.too_wide), list(sheet.too_narrow)


@settings(deadline=None, max_examples=40)
@given(rows=TABLES, dialect=DIALECTS, encoding=st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16"]))
def test_any_table_is_read_as_the_csv_module_reads_it(
    rows: list[list[str]], dialect: dict[str, Any], encoding: str
) -> None:
    text = as_text(rows, dialect)
    with tempfile.TemporaryDirectory() as folder:
        found = as_it_is_read(written(Path(folder) / "any.csv", text.encode(encoding)))
    assert found == as_the_csv_module_sees_it(text, dialect["delimiter"])


PIECES = st.sampled_from(
    [*",\"'\n\r\t a=;", '""', ',"', '",', "\r\n", "\n\n", ",,,,,", ', "', '" ,', "x,", "2014-01-02,a,b,c,d,e\n"]
)


@settings(deadline=None, max_examples=60)
@given(pieces=st.lists(PIECES, max_size=25), end=st.sampled_from(["\n", "\r\n", "\r"]))
def test_any_text_is_read_as_the_csv_module_reads_it_or_refused_with_it(pieces: list[str], end: str) -> None:
    text = ",".join(HEADER) + end + "".join(pieces).replace("\n", end)
    try:
        expected = as_the_csv_module_sees_it(text, ",")
    except csv.Error:
        expected = None
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder) / "any.csv", text.encode())
        if expected is None:
            with pytest.raises(BadInput, match="quotation mark"):
                as_it_is_read(path)
        else:
            assert as_it_is_read(path) == expected


def test_the_quick_road_is_taken_for_plain_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Large files must not go record by record: plain ones, quoted cells and line ends in them do not need it."""
    monkeypatch.delattr(sheets_room, "_load_exactly")
    for number, end in enumerate(("\n", "\r\n", "\r")):
        text = as_text([*ROWS, (ROW[0], f"a{end}b", *ROW[2:])], {"lineterminator": end})
        assert read(written(tmp_path / f"{number}.csv", text.encode())).table.num_rows == 6


def test_dates_are_read_in_every_form_that_is_written(tmp_path: Path) -> None:
    forms = ["2014-03-05", "3/5/14", "03/05/2014", "03/05/2014 03:10 PM", "41703", "2014-03-05T00:00:00"]
    path = written(tmp_path / "dates.csv", lines(TABLE[0], *(",".join([form, *ROW[1:]]) for form in forms)))
    assert read(path).table["issued_on"].to_pylist() == [date(2014, 3, 5)] * len(forms)
