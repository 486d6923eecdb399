"""Rows of small releases, and what the reports of the tests are made with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

HEADER = (
    "Prepare Date",
    "Detainer Type",
    "Detainer Detention Facility",
    "State",
    "City",
    "Detainer Lift Reason",
)
FORM = "I-247 - Immigration Detainer"
BOOKED, DECLINED, LIFTED, BLANK = "Booked into Detention", "Detainer Declined by LEA", "Lifted", ""
CREATED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
COMMAND = "detainer report --store store --out report"

FORMULA = "=cmd|' /C calc'!A0"
SCRIPT = "<script>alert(1)</script>"
HOSTILE = (
    FORMULA,
    SCRIPT,
    "He said \"no\", 'never' & <b>bold</b>",
    "A" * 300,
    "BELL\x07 JAIL",
    "@SUM(A1)",
    "-2+3",
    "#show: panic",
    "http://example.com/jail",
    "\u4e2d\u6587 JAIL \u202eturned",
)

Row = tuple[str, str, str, str, str, str]
MakeStore = Callable[..., Path]


def row(
    day: str, reason: str, *, facility: str = "COUNTY JAIL", state: str = "CALIFORNIA", city: str = "FRESNO"
) -> Row:
    return (day, FORM, facility, state, city, reason)


def ordinary_rows() -> list[Row]:
    """Forty detainers in each month of 2013: six of them declined, ten without an outcome."""
    reasons = [DECLINED] * 6 + [BOOKED] * 20 + [LIFTED] * 4 + [BLANK] * 10
    states = (("CALIFORNIA", "FRESNO"), ("TEXAS", "HOUSTON"))
    return [
        row(f"{month}/{1 + place % 27}/13", reason, state=states[place % 2][0], city=states[place % 2][1])
        for month in range(1, 13)
        for place, reason in enumerate(reasons)
    ]


def hostile_rows() -> list[Row]:
    """Rows whose cells try to be something else than text, and the two kinds of no place."""
    rows = [row("3/4/13", DECLINED, facility=name, city=FORMULA) for name in HOSTILE]
    rows += [row("3/5/13", FORMULA), row("3/5/13", SCRIPT), row("3/6/13", "Lifted | unknown reason")]
    rows += [row("3/7/13", DECLINED, facility="OTHER-OTHER FACILITY", state="", city="") for _ in range(3)]
    rows += [row("3/7/13", DECLINED, facility="", state="", city="")]
    rows += [row("13/45/13", BLANK)]
    return rows
