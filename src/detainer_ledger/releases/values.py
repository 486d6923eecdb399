"""How a published cell becomes a value: SQL expressions for each type of column, and the defects that they find.

A value is never repaired. What cannot be understood becomes null, and the row carries the defect's name with the
column (domain reference 5.6). Three layers follow each other, so that nothing is computed twice: the cleaned text of a
cell (``t_<name>``), the value it is parsed to (``v_<name>``), and the value that stands after all limits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from detainer_ledger.releases.layouts import Layout, LayoutColumn
from detainer_ledger.tables import literal
from detainer_ledger.terms import UNKNOWN_FORM, fold_label, form_of, lift_reason_by_label, state_code

REDACTION = r"(?i)^\s*(?:\(?b\)?\s*\(\d\)\s*(?:\([a-z]\)|[a-z])?[\s,;]*)+$"
"""A cell that is withheld under FOIA exemptions: the whole cell, in all spellings seen (domain reference 5.6)."""

CONTROL_CHARACTERS = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
"""Characters that no published value holds; a cell with one is not understood."""

BLANKS = " \t\r\n\u00a0"
"""Characters that are removed at both ends of a cell."""

LONGEST_CELL = 32_767
"""The most characters that a spreadsheet cell can hold; a longer one is a quote that was never closed."""

RARE_BYTES = bytes([*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F])
"""The bytes of CONTROL_CHARACTERS, for looking through a whole sheet at once."""

NO_BREAK_SPACE = "\u00a0".encode()
"""A blank that is not a space; a sheet that has it needs a closer look at the ends of its cells."""

EARLIEST_YEAR = {"apprehended_on": 1980, "final_order_on": 1990}
"""Earliest year accepted in a date column (domain reference 5.6); every other date column starts in 1900."""

MAY_LIE_AHEAD = frozenset({"projected_release_on"})
"""Date columns whose days can lie after the day of reading."""

PLACEHOLDER_FACILITIES = ("OTHER-OTHER FACILITY",)
"""Facility strings that stand for no place (domain reference 5.1 and 7.3 fm/placeholder)."""

_DATE_FORMATS = (
    "%m/%d/%y",
    "%m/%d/%Y",
    "%m/%d/%y %H:%M",
    "%m/%d/%y %H:%M:%S",
    "%m/%d/%y %I:%M %p",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y %I:%M:%S %p",
)
"""Tried in this order: the two-digit form first, else 1/2/09 becomes the year 9 (domain reference 5.4b)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueExpression:
    """SQL for one column: ``parsed`` from ``t_<name>``, ``value`` from ``v_<name>``, and the defects it can have.

    A defect is a pair of its name, ``kind:column``, and a condition that may be null where it does not hold.
    """

    name: str
    parsed: str
    value: str
    defects: tuple[tuple[str, str], ...] = ()


def text_of(cell: str, *, look_closely: bool) -> str:
    """Return SQL for a raw cell's text without outer blanks, null where blank, NA, redacted or not understood.

    Most cells are plain, and are told so by comparisons with the beginnings of those that are not. ``look_closely`` is
    for sheets in which control characters or other blanks than spaces were seen.
    """
    trimmed = f"trim({cell}, {literal(BLANKS)})"
    full = (
        f"CASE WHEN {trimmed} IN ('', 'NA', 'N/A') THEN NULL"
        f" WHEN regexp_full_match({cell}, {literal(REDACTION)}) THEN NULL ELSE {trimmed} END"
    )
    if look_closely:
        return f"CASE WHEN regexp_matches({cell}, {literal(CONTROL_CHARACTERS)}) THEN NULL ELSE {full} END"
    at_odds = f"{cell} < '!' OR suffix({cell}, ' ') OR {_may_be_redacted(cell)}"
    return (
        f"CASE WHEN {cell} IN ('', 'NA', 'N/A') THEN NULL WHEN suffix({cell}, ' ') OR {_is_worth_a_look(cell)}"
        f" THEN CASE WHEN {at_odds} THEN {full} ELSE {cell} END ELSE {cell} END"
    )


def _is_worth_a_look(cell: str) -> str:
    """Return SQL that is true for all that can begin with a blank or a redaction, and false for most other cells.

    The engine works out all parts of an OR, but a branch of a CASE only for the rows that come to it.
    """
    return f"{cell} < '0' OR ({cell} >= 'B' AND {cell} < 'C') OR {cell} >= 'b'"


def _may_be_redacted(cell: str) -> str:
    beginnings = (("(", ")"), ("b ", "b!"), ("b(", "b*"), ("B ", "B!"), ("B(", "B*"), (" ", "!"))
    return " OR ".join(f"({cell} >= '{low}' AND {cell} < '{high}')" for low, high in beginnings)


def is_redacted(cell: str) -> str:
    """Return SQL that tells whether a raw cell is a redaction marker; never null."""
    return (
        f"CASE WHEN {_is_worth_a_look(cell)} THEN CASE WHEN {_may_be_redacted(cell)}"
        f" THEN regexp_full_match({cell}, {literal(REDACTION)}) ELSE FALSE END ELSE FALSE END"
    )


def value_of(column: LayoutColumn, *, layout: Layout, read_on: date) -> ValueExpression:
    """Return the SQL of one column's value."""
    text, parsed = f"t_{column.name}", f"v_{column.name}"
    return _BY_TYPE.get(column.type, _text)(column.name, text, parsed, layout, read_on)


def _text(name: str, text: str, parsed: str, _layout: Layout, _read_on: date) -> ValueExpression:
    defects: tuple[tuple[str, str], ...] = ()
    if name == "facility_name":
        placeholders = ", ".join(literal(each) for each in PLACEHOLDER_FACILITIES)
        # Lengths are quicker to compare than words, and nearly always decide.
        lengths = ", ".join(sorted({str(len(each)) for each in PLACEHOLDER_FACILITIES}))
        is_placeholder = f"strlen({text}) IN ({lengths}) AND upper({text}) IN ({placeholders})"
        defects = ((f"facility/placeholder:{name}", is_placeholder),)
    return ValueExpression(name=name, parsed=text, value=parsed, defects=defects)


def _yes_no(name: str, text: str, parsed: str, _layout: Layout, _read_on: date) -> ValueExpression:
    words = (
        f"CASE WHEN {text} = 'YES' THEN TRUE WHEN {text} = 'NO' THEN FALSE WHEN {text} IS NULL THEN NULL"
        f" WHEN upper({text}) IN ('YES', 'Y', 'TRUE') THEN TRUE"
        f" WHEN upper({text}) IN ('NO', 'N', 'FALSE') THEN FALSE END"
    )
    return ValueExpression(name=name, parsed=words, value=parsed, defects=(_not_understood("yes_no/unknown", name),))


def _number(name: str, text: str, parsed: str, _layout: Layout, read_on: date) -> ValueExpression:
    # A cast alone would round 5.7 to 6: a fraction is not what these columns hold.
    digits = (
        f"CASE WHEN strlen({text}) <= 9 AND {text} NOT LIKE '%.%' THEN TRY_CAST({text} AS INTEGER)"
        f" WHEN regexp_full_match({text}, '-?[0-9]{{1,9}}[.]0+') THEN TRY_CAST({text} AS INTEGER) END"
    )
    if name == "birth_year":
        value = f"CASE WHEN {parsed} BETWEEN 1900 AND {read_on.year} THEN CAST({parsed} AS SMALLINT) END"
        outside = (f"number/garbage-year:{name}", f"{parsed} NOT BETWEEN 1900 AND {read_on.year}")
        return ValueExpression(
            name=name,
            parsed=digits,
            value=value,
            defects=(_not_understood("number/unreadable", name), outside),
        )
    return ValueExpression(
        name=name, parsed=digits, value=parsed, defects=(_not_understood("number/unreadable", name),)
    )


def _date(name: str, text: str, parsed: str, layout: Layout, read_on: date) -> ValueExpression:
    unreadable = _not_understood("date/unreadable", name)
    if name == "issued_on":
        first = layout.issued_from or date(1952, 1, 1)
        inside = _between(parsed, first, layout.issued_to or read_on)
        defects: tuple[tuple[str, str], ...] = (
            unreadable,
            (f"date/missing:{name}", f"{text} IS NULL"),
            (f"date/outside-release:{name}", f"NOT ({inside})"),
        )
    else:
        first = date(EARLIEST_YEAR.get(name, 1900), 1, 1)
        inside = _between(parsed, first, date(2199, 12, 31) if name in MAY_LIE_AHEAD else read_on)
        defects = (unreadable, (f"date/garbage-year:{name}", f"NOT ({inside})"))
    return ValueExpression(
        name=name, parsed=day_of(text), value=f"CASE WHEN {inside} THEN {parsed} END", defects=defects
    )


def _timestamp(name: str, text: str, parsed: str, _layout: Layout, read_on: date) -> ValueExpression:
    inside = _between(f"CAST({parsed} AS DATE)", date(1980, 1, 1), read_on)
    return ValueExpression(
        name=name,
        parsed=instant_of(text),
        value=f"CASE WHEN {inside} THEN {parsed} END",
        defects=(_not_understood("date/unreadable", name), (f"date/garbage-year:{name}", f"NOT ({inside})")),
    )


def _state(name: str, _text: str, parsed: str, _layout: Layout, _read_on: date) -> ValueExpression:
    return ValueExpression(
        name=name, parsed="code_facility_state", value=parsed, defects=(_not_understood("state/unknown", name),)
    )


def _lift_reason(name: str, text: str, parsed: str, _layout: Layout, _read_on: date) -> ValueExpression:
    defects: tuple[tuple[str, str], ...] = ()
    if name == "lift_reason_raw":
        ambiguous = [reason.code for reason in lift_reason_by_label().values() if reason.flag]
        defects = (
            (f"lift_reason/unknown:{name}", f"{text} IS NOT NULL AND code_{name} IS NULL"),
            (f"lift_reason/ambiguous:{name}", f"code_{name} IN ({', '.join(literal(code) for code in ambiguous)})"),
            (f"lift_reason/redacted:{name}", "reason_is_redacted"),
        )
    return ValueExpression(name=name, parsed=text, value=parsed, defects=defects)


def _form(name: str, text: str, parsed: str, _layout: Layout, _read_on: date) -> ValueExpression:
    unknown = (f"form/unknown:{name}", f"{text} IS NOT NULL AND code_{name} IS NULL")
    return ValueExpression(name=name, parsed=text, value=parsed, defects=(unknown,))


_BY_TYPE: Mapping[str, Callable[[str, str, str, Layout, date], ValueExpression]] = {
    "date": _date,
    "timestamp": _timestamp,
    "yes_no": _yes_no,
    "number": _number,
    "state": _state,
    "lift_reason": _lift_reason,
    "form": _form,
}

CODE_OF: Mapping[str, Callable[[str], str | None]] = {
    "facility_state": lambda raw: state_code(raw.strip(BLANKS)),
    "lift_reason_raw": lambda raw: reason.code if (reason := lift_reason_by_label().get(fold_label(raw))) else None,
    "form_raw": lambda raw: code if (code := form_of(raw)) != UNKNOWN_FORM else None,
}
"""Columns of few distinct values whose code is looked up once for each distinct raw cell, by the words' own rules."""


def day_of(text: str) -> str:
    """Return SQL that reads a day from text: ISO, an Excel serial, or one of the American forms; null if neither."""
    return (
        f"CASE WHEN {text} IS NULL THEN NULL"
        f" WHEN {text} LIKE '____-__-__%' THEN TRY_CAST(left({text}, 10) AS DATE)"
        f" WHEN {text} NOT LIKE '%/%' THEN CASE WHEN regexp_full_match({text}, '[0-9]{{5}}([.][0-9]+)?')"
        f" THEN DATE '1899-12-30' + CAST(floor(CAST({text} AS DOUBLE)) AS INTEGER) END"
        f" ELSE CAST(TRY_STRPTIME({text}, [{_formats()}]) AS DATE) END"
    )


def instant_of(text: str) -> str:
    """Return SQL that reads an instant without zone from text, in the same forms as ``day_of``."""
    return (
        f"CASE WHEN {text} IS NULL THEN NULL"
        f" WHEN {text} LIKE '____-__-__%' THEN TRY_CAST({text} AS TIMESTAMP)"
        f" WHEN {text} NOT LIKE '%/%' THEN CASE WHEN regexp_full_match({text}, '[0-9]{{5}}([.][0-9]+)?')"
        f" THEN TIMESTAMP '1899-12-30' + to_seconds(round(CAST({text} AS DOUBLE) * 86400)) END"
        f" ELSE TRY_STRPTIME({text}, [{_formats()}]) END"
    )


def _formats() -> str:
    return ", ".join(literal(each) for each in _DATE_FORMATS)


def _not_understood(kind: str, name: str) -> tuple[str, str]:
    return f"{kind}:{name}", f"t_{name} IS NOT NULL AND v_{name} IS NULL"


def _between(value: str, first: date, last: date) -> str:
    return f"{value} BETWEEN {literal(first)} AND {literal(last)}"
