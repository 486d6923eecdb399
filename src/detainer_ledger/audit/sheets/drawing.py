"""Drawing a test sheet as a workbook: texts as texts, what is not to be filled in locked, and a hidden manifest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detainer_ledger.audit.sheets.layout import (
    CRITERIA,
    LONGEST_TEXT,
    MANIFEST,
    MOST_TESTS,
    NEEDS_REMARK,
    READ_ME,
    RECORD,
    TESTS,
    Manifest,
    SheetColumn,
    manifest_rows,
)
from detainer_ledger.audit.values import Answer, Mark, Programme
from detainer_ledger.terms import BadInput

_LONGEST_CELL = 32_767
_PROTECTION = {"autofilter": True, "format_columns": True, "format_rows": True}
_GREY, _BLUE, _AMBER, _LINE = "#F2F2F2", "#DCE9F5", "#FFE9B8", "#BFBFBF"


@dataclass(frozen=True, slots=True, kw_only=True)
class TestRow:
    """One row of the tests: its cells in the order of the columns, and whether the record has answered it."""

    __test__ = False
    """Pytest takes classes of such names for tests."""

    cells: tuple[str, ...]
    is_from_record: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """All that one workbook shows: title and lines of the first sheet, criteria, tests, manifest.

    ``facts`` are named on the first sheet and in the document's properties.
    """

    title: str
    lines: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    programme: Programme
    columns: tuple[SheetColumn, ...]
    rows: tuple[TestRow, ...]
    manifest: Manifest
    from_record: tuple[Mark, ...] = ()


def draw(drawn: Drawn, path: Path) -> None:
    """Write one workbook. The sheets are protected without a password: against slips, and against nothing else.

    Raises BadInput for more tests than one sheet can have, and for a text longer than a cell can be.
    """
    _check(drawn)
    with _workbook(path) as book:
        book.set_properties(
            {
                "title": drawn.title,
                "subject": drawn.programme.title,
                "author": drawn.manifest.auditor or ", ".join(drawn.manifest.auditors),
                "comments": "\n".join(f"{name}: {value}" for name, value in drawn.facts)[:_LONGEST_CELL],
            }
        )
        for name in ("frame_sha256", "sample_sha256", "programme_sha256"):
            book.set_custom_property(name, getattr(drawn.manifest, name), "text")
        _draw_read_me(book, drawn)
        _draw_criteria(book, drawn.programme)
        _draw_tests(book, drawn)
        _draw_hidden(book, MANIFEST, manifest_rows(drawn.manifest))
        _draw_hidden(
            book,
            RECORD,
            [
                (each.unit, each.attribute, each.answer, each.evidence, each.remark, each.auditor)
                for each in drawn.from_record
            ],
        )


@contextmanager
def _workbook(path: Path) -> Iterator[Any]:
    import xlsxwriter

    # Rows are written one after the other and leave the memory at once: 50,000 tests take as much as 50.
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "constant_memory": True,
    }
    book = xlsxwriter.Workbook(str(path), options)
    try:
        yield book
    finally:
        book.close()


def _check(drawn: Drawn) -> None:
    if len(drawn.rows) > MOST_TESTS:
        raise BadInput(
            f"The sheet would have {len(drawn.rows):,} tests, and {MOST_TESTS:,} are the most.",
            do="share the files out among more auditors, or draw fewer.",
        )
    for row in drawn.rows:
        for column, cell in zip(drawn.columns, row.cells, strict=True):
            if len(cell) > _LONGEST_CELL:
                raise BadInput(
                    f"A text has {len(cell):,} characters, and a cell holds {_LONGEST_CELL:,}.",
                    unit=row.cells[0][:80],
                    column=column.name,
                    do="shorten it.",
                )


def _draw_read_me(book: Any, drawn: Drawn) -> None:
    sheet = book.add_worksheet(READ_ME)
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 96)
    title = book.add_format({"bold": True, "font_size": 16})
    strong = book.add_format({"bold": True, "valign": "top"})
    text = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.write_string(0, 0, drawn.title, title)
    line = 2
    for name, value in drawn.facts:
        sheet.write_string(line, 0, name, strong)
        sheet.write_string(line, 1, value, text)
        line += 1
    sheet.write_string(line, 0, "answered", strong)
    place = [column.name for column in drawn.columns].index("answer")
    letter = chr(ord("A") + place)
    done = sum(1 for row in drawn.rows if row.cells[place])
    counted = f'=COUNTA({TESTS}!{letter}2:{letter}{len(drawn.rows) + 1})&" of {len(drawn.rows):,} tests"'
    sheet.write_formula(line, 1, counted, text, f"{done:,} of {len(drawn.rows):,} tests")
    line += 2
    sheet.write_string(line, 0, "What to do", strong)
    for number, said in enumerate(drawn.lines):
        sheet.write_string(line + number, 1, said, text)
    sheet.protect("", _PROTECTION)


def _draw_criteria(book: Any, programme: Programme) -> None:
    sheet = book.add_worksheet(CRITERIA)
    head = _head(book)
    text = book.add_format({"text_wrap": True, "valign": "top", "bottom": 1, "bottom_color": _LINE})
    widths = {"attribute": 28, "title": 28, "question": 50, "criterion": 60, "source": 50, "required": 10}
    for place, (name, width) in enumerate(widths.items()):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, name, head)
    for line, each in enumerate(programme.attributes, start=1):
        required = "yes" if each.is_required else "no"
        for place, cell in enumerate((each.id, each.title, each.question, each.criterion, each.source, required)):
            sheet.write_string(line, place, cell, text)
    sheet.freeze_panes(1, 1)
    _set_paper(sheet)
    sheet.protect("", _PROTECTION)


def _draw_tests(book: Any, drawn: Drawn) -> None:
    sheet = book.add_worksheet(TESTS)
    head, filled_head = _head(book), _head(book, bg_color="#2F5F8F", font_color="#FFFFFF")
    formats = _cell_formats(book)
    for place, column in enumerate(drawn.columns):
        sheet.set_column(place, place, column.width)
    _add_help(book, sheet, drawn)
    for place, column in enumerate(drawn.columns):
        sheet.write_string(0, place, column.name, filled_head if column.is_filled_in else head)
    before = ""
    for line, row in enumerate(drawn.rows, start=1):
        begins = row.cells[0] != before
        before = row.cells[0]
        for place, (column, cell) in enumerate(zip(drawn.columns, row.cells, strict=True)):
            kind = "record" if row.is_from_record else "open" if column.is_filled_in else "locked"
            cell_format = formats[kind, begins]
            if cell:
                sheet.write_string(line, place, cell, cell_format)
            else:
                sheet.write_blank(line, place, None, cell_format)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(len(drawn.rows), 1), len(drawn.columns) - 1)
    _set_paper(sheet)
    sheet.protect("", _PROTECTION)


def _add_help(book: Any, sheet: Any, drawn: Drawn) -> None:
    """Add the list of answers, the greatest length of texts, and a shade where a remark is needed and missing."""
    names = [column.name for column in drawn.columns]
    last = max(len(drawn.rows), 1)
    answer, remark = names.index("answer"), names.index("remark")
    sheet.data_validation(
        1,
        answer,
        last,
        answer,
        {
            "validate": "list",
            "source": [str(each) for each in Answer],
            "error_title": "No answer",
            "error_message": "Choose one of: " + ", ".join(Answer) + ".",
        },
    )
    for name in ("evidence", "remark"):
        place = names.index(name)
        sheet.data_validation(
            1,
            place,
            last,
            place,
            {
                "validate": "length",
                "criteria": "<=",
                "value": LONGEST_TEXT,
                "error_title": "Too long",
                "error_message": f"At most {LONGEST_TEXT:,} characters.",
            },
        )
    letter, remark_letter = chr(ord("A") + answer), chr(ord("A") + remark)
    needs = ",".join(f'${letter}2="{each}"' for each in NEEDS_REMARK)
    sheet.conditional_format(
        1,
        remark,
        last,
        remark,
        {
            "type": "formula",
            "criteria": f'=AND(OR({needs}),TRIM(${remark_letter}2)="")',
            "format": book.add_format({"bg_color": _AMBER}),
        },
    )


def _draw_hidden(book: Any, name: str, rows: Iterable[Sequence[str]]) -> None:
    sheet = book.add_worksheet(name)
    for line, row in enumerate(rows):
        for place, cell in enumerate(row):
            sheet.write_string(line, place, cell)
    sheet.protect("")
    sheet.hide()


def _head(book: Any, **more: object) -> Any:
    return book.add_format(
        {"bold": True, "bottom": 2, "text_wrap": True, "valign": "top", "bg_color": "#D9D9D9", **more}
    )


def _cell_formats(book: Any) -> dict[tuple[str, bool], Any]:
    """Return the format of a cell by what it is, and by whether a new file begins with its row."""
    # Cells to fill in are text: what is typed there stays as typed, and is neither a number, a day nor a formula.
    kinds = {
        "open": {"locked": False, "num_format": "@", "border": 1, "border_color": _LINE},
        "locked": {"bg_color": _GREY, "border": 1, "border_color": _LINE},
        "record": {"bg_color": _BLUE, "border": 1, "border_color": _LINE, "italic": True},
    }
    return {
        (kind, begins): book.add_format(
            {"text_wrap": True, "valign": "top", **looks, **({"top": 2, "top_color": "#404040"} if begins else {})}
        )
        for kind, looks in kinds.items()
        for begins in (False, True)
    }


def _set_paper(sheet: Any) -> None:
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_footer("&L&F, &A&RPage &P of &N")
