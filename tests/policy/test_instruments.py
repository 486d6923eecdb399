"""State instruments and court decisions as data: cited, dated as far as a source dates them, never taken for more."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from detainer_ledger.clock import Algorithm, StartsFrom, clock_rules
from detainer_ledger.policy import (
    Decision,
    Instrument,
    decisions,
    decline_instruments,
    instruments,
    instruments_in_force,
)
from detainer_ledger.terms import state_names

KINDS = {"limits", "requires", "permits", "notification-only", "reporting"}
CLOCKS = {
    "continuous-48-from-release": (Algorithm.CONTINUOUS, StartsFrom.RELEASE),
    "continuous-48-from-receipt": (Algorithm.CONTINUOUS, StartsFrom.RECEIPT),
    "48-excluding": (Algorithm.EXCLUDING, StartsFrom.RELEASE),
}

NAMED = """
AL AZ CA CA CA CO CT CT DE HI MD NY RI VT FL GA IA IL IL IN LA MA MD ME MN MS NC NC NH NH NJ NM NY OR OR TN TX TX VA WA
US
""".split()


def test_every_row_of_the_sources_is_there() -> None:
    assert [each.jurisdiction for each in instruments()] == NAMED
    assert len({each.id for each in instruments()}) == len(NAMED)
    assert [each.id for each in decisions()] == [
        "galarza-2014",
        "miranda-olivares-2014",
        "morales-2015",
        "lunn-2017",
        "el-cenizo-2018",
        "francis-2018",
        "nobles-2019",
        "gonzalez-2020",
        "acluirp-2023",
        "la-county-2020",
    ]


@pytest.mark.parametrize("each", instruments(), ids=lambda each: each.id)
def test_an_instrument_is_cited_and_its_dates_and_words_hold_together(each: Instrument) -> None:
    assert each.citation
    assert each.effect.endswith(".")
    assert set(each.kind) <= KINDS
    assert each.jurisdiction == "US" or each.jurisdiction in state_names()
    assert (each.in_force_from or date.min) <= (each.in_force_to or date.max)
    assert each.in_force_from is None or each.from_year is None
    assert each.hold is None or "limits" in each.kind
    assert ("reporting" in each.kind) == bool(each.reporting)
    assert each.reports_each is None or each.reporting


@pytest.mark.parametrize("each", decisions(), ids=lambda each: each.id)
def test_a_decision_is_cited(each: Decision) -> None:
    assert each.citation
    assert each.holding.endswith(".")
    assert each.on is None or each.on.year == each.year


@pytest.mark.parametrize("each", [one for one in instruments() if one.in_force_from], ids=lambda each: each.id)
def test_an_instrument_is_in_force_from_its_first_to_its_last_day(each: Instrument) -> None:
    assert each.in_force_from is not None
    assert each in instruments_in_force(each.in_force_from, each.jurisdiction)
    assert each not in instruments_in_force(each.in_force_from - timedelta(days=1))
    if each.in_force_to is not None:
        assert each in instruments_in_force(each.in_force_to)
        assert each not in instruments_in_force(each.in_force_to + timedelta(days=1))


def test_where_the_year_alone_is_known_the_year_itself_is_not_claimed() -> None:
    assert "la-sb208-2024" not in {each.id for each in instruments_in_force(date(2024, 12, 31))}
    assert "la-sb208-2024" in {each.id for each in instruments_in_force(date(2025, 1, 1))}


def test_an_instrument_of_unknown_beginning_is_in_force_on_no_day() -> None:
    assert {each.id for each in instruments() if not each.in_force_from and not each.from_year} == {
        f"{state}-various" for state in ("de", "hi", "md", "ny", "ri", "vt")
    }
    assert instruments_in_force(date(2026, 6, 1), "RI") == ()


@pytest.mark.parametrize(
    ("state", "on", "ids"),
    [
        ("CA", date(2016, 6, 1), ["ca-trust-2014"]),
        ("CA", date(2026, 6, 1), ["ca-values-2018"]),
        ("IL", date(2026, 6, 1), ["il-trust-2017"]),
        ("OR", date(2022, 6, 1), ["or-1987", "or-hb3265-2021"]),
        ("WA", date(2019, 5, 20), []),
        ("NM", date(2026, 6, 1), []),
        ("TX", date(2026, 6, 1), []),
        ("OH", date(2026, 6, 1), []),
    ],
)
def test_a_decline_is_annotated_with_the_instruments_that_limit_holds_alone(
    state: str, on: date, ids: list[str]
) -> None:
    assert [each.id for each in decline_instruments(state, on)] == ids


def test_the_clocks_of_the_states_are_those_that_the_clock_counts() -> None:
    told = {
        (each.jurisdiction, each.in_force_from, each.in_force_to, *CLOCKS[each.clock])
        for each in instruments()
        if each.clock in CLOCKS
    }
    counted = {
        (rule.state, rule.in_force_from, rule.in_force_to, rule.algorithm, rule.starts_from)
        for rule in clock_rules()
        if rule.state is not None and rule.algorithm is not Algorithm.END_OF_DAY
    }
    assert told == counted
