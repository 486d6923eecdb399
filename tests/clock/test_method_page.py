"""The page on the method says what the clock does."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from detainer_ledger.clock import Algorithm, ClockRule, add_hold, clock_rules
from tests.clock.case_table import CASES, utc

PAGE = (Path(__file__).parents[2] / "docs" / "method" / "clock.md").read_text("utf-8")


def rows_under(heading: str) -> list[list[str]]:
    """Return the cells of the rows of the first table under a heading."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def in_words(moment: datetime) -> str:
    return f"{moment:%a} {moment.day} {moment:%b} {moment.year} {moment:%H:%M %Z}"


EXAMPLES = rows_under("Eight examples")


@pytest.mark.parametrize("row", EXAMPLES, ids=[row[-1] for row in EXAMPLES])
def test_an_example_of_the_page_agrees_with_the_clock(row: list[str]) -> None:
    name, start_text, excluding_text, hours, continuous_text, _shows = row
    zone = ZoneInfo(name)
    start = datetime.strptime(start_text.rpartition(" ")[0], "%a %d %b %Y %H:%M").replace(tzinfo=zone)
    assert in_words(start) == start_text
    excluding = add_hold(start, Algorithm.EXCLUDING, zone=zone)
    assert in_words(excluding) == excluding_text
    assert (excluding.timestamp() - start.timestamp()) / 3600 == float(hours)
    assert in_words(add_hold(start, Algorithm.CONTINUOUS, zone=zone)) == continuous_text


def test_the_examples_of_the_page_are_those_of_the_table_of_cases() -> None:
    examples = [case for case in CASES if case["title"].startswith("Example ")]
    assert len(examples) == len(EXAMPLES) == 8
    for case, row in zip(examples, EXAMPLES, strict=True):
        excluding, continuous = (utc(limit["deadline"]).astimezone(ZoneInfo(row[0])) for limit in case["limits"])
        assert [case["zone"], in_words(excluding), in_words(continuous)] == [row[0], row[2], row[4]]
        assert case["limits"][0]["hours"] == int(row[3])


def test_the_limits_of_the_page_are_those_of_the_table() -> None:
    assert [row[:3] + row[4:] for row in rows_under("Limits")] == [
        [f"`{each.rule}`", each.algorithm.value, each.starts_from.value, each.trust.value] for each in clock_rules()
    ]
    assert [row[3] for row in rows_under("Limits")] == [in_force(each) for each in clock_rules()]


def in_force(rule: ClockRule) -> str:
    def day(moment: date) -> str:
        return f"{moment.day} {moment:%b} {moment.year}"

    if rule.issued_to is not None:
        return f"forms issued to {day(rule.issued_to)}"
    if rule.issued_from is not None:
        return f"forms issued from {day(rule.issued_from)}"
    if rule.in_force_from is None:
        return "by form"
    if rule.in_force_to is None:
        return f"from {day(rule.in_force_from)}"
    return f"{day(rule.in_force_from)} to {day(rule.in_force_to)}"


def test_the_page_gives_the_number_of_cases() -> None:
    written = re.search(r"(\d+) written cases", PAGE)
    assert written is not None
    assert int(written[1]) == len(CASES)
