"""Figures on small tables whose answers can be counted by hand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

import detainer_ledger as dl
from detainer_ledger.measures import FIGURE_COLUMNS, definitions
from detainer_ledger.measures.sources import months_before
from detainer_ledger.terms import BadInput, wilson
from tests.conftest import WriteCsv

DECLINED, BOOKED, LIFTED = "Detainer Declined by LEA", "Booked into Detention", "Lifted"
A = "I247A - Immigration Detainer - Notice of Action"
N = "I247N - Immigration Advisal - Request for Notification"


def table_of(write_csv: WriteCsv, *rows: tuple[str, str, str]) -> Any:
    """Return classified detainers of (day, state, lift reason), all on I-247A at one facility."""
    written = [[day, A, "X JAIL", state, "", reason] for day, state, reason in rows]
    return dl.classify(dl.read(write_csv(written)))


def only(table: Any) -> Mapping[str, Any]:
    (row,) = table.to_pylist()
    found: Mapping[str, Any] = row
    return found


TEN = [("1/2/14", "OHIO", reason) for reason in [DECLINED] * 2 + [BOOKED] * 3 + [LIFTED] + [""] * 4]


def test_a_rate_has_its_denominator_interval_and_bounds(write_csv: WriteCsv) -> None:
    row = only(dl.measure(table_of(write_csv, *TEN)))
    assert (row["detainers"], row["declined"], row["denominator"], row["denominator_kind"]) == (10, 2, 10, "all")
    assert row["rate"] == pytest.approx(0.2)
    low, high = proportion_confint(2, 10, method="wilson")
    assert (row["ci_low"], row["ci_high"]) == (pytest.approx(low), pytest.approx(high))
    assert (row["bound_low"], row["bound_high"]) == (pytest.approx(0.2), pytest.approx(0.6))
    assert (row["declined_low"], row["declined_high"], row["unknown"]) == (2, 6, 4)


DENOMINATORS = [
    # denominator, declined, denominator count, least, most
    ("all", 2, 10, 2 / 10, 6 / 10),
    ("resolved", 2, 6, 2 / 10, 6 / 10),
    ("all_minus_duplicates", 2, 10, 2 / 10, 6 / 10),
    ("hold_forms_only", 2, 10, 2 / 10, 6 / 10),
]


@pytest.mark.parametrize(("kind", "declined", "denominator", "low", "high"), DENOMINATORS)
def test_every_denominator_says_what_it_is(
    write_csv: WriteCsv, kind: str, declined: int, denominator: int, low: float, high: float
) -> None:
    row = only(dl.measure(table_of(write_csv, *TEN), denominator=kind))
    assert (row["declined"], row["denominator"], row["denominator_kind"]) == (declined, denominator, kind)
    assert (row["bound_low"], row["bound_high"]) == (pytest.approx(low), pytest.approx(high))


def test_the_bounds_of_2014_are_those_of_the_domain_reference() -> None:
    # 13,595 declined, 72,369 without outcome, 147,849 in all: 9.2 % of all, 18.0 % of resolved, at most 58.1 %.
    assert round(13_595 / 147_849, 3) == 0.092
    assert round(13_595 / (147_849 - 72_369), 3) == 0.18
    assert round((13_595 + 72_369) / 147_849, 3) == 0.581


def test_superseded_detainers_leave_every_denominator_and_are_counted(write_csv: WriteCsv) -> None:
    rows = [("1/2/14", "OHIO", reason) for reason in (DECLINED, BOOKED, "Duplicate", "Superseding - New Form Issued")]
    for kind in ("all", "resolved", "all_minus_duplicates", "hold_forms_only"):
        row = only(dl.measure(table_of(write_csv, *rows), denominator=kind))
        assert (row["detainers"], row["superseded_or_duplicate"], row["denominator"]) == (4, 2, 2)
        assert row["rate"] == pytest.approx(0.5)


def test_a_lift_reason_that_is_not_understood_widens_the_bounds(write_csv: WriteCsv) -> None:
    row = only(dl.measure(table_of(write_csv, ("1/2/14", "OHIO", "Moved to Mars"), ("1/2/14", "OHIO", BOOKED))))
    assert (row["other"], row["unknown"], row["bound_low"], row["bound_high"]) == (1, 1, 0.0, 0.5)


COUNTED_AS_DECLINED = {
    # definition: (declined, least, most) over TEN and one each of insufficient notice, early release, transferred
    "recorded": (2, 2, 6),
    "trac": (2, 2, 6),
    "oig-2018": (2, 2, 6),
    "ddor": (3, 0, 7),
    "not-taken": (10, 6, 10),
    "broad": (4, 4, 8),
}


@pytest.mark.parametrize(("definition", "expected"), COUNTED_AS_DECLINED.items())
def test_each_definition_counts_what_it_says(
    write_csv: WriteCsv, definition: str, expected: tuple[int, int, int]
) -> None:
    rows = [
        *TEN,
        ("1/2/14", "OHIO", "Insufficient Notice to ICE"),
        ("1/2/14", "OHIO", "Early Release"),
        ("1/2/14", "OHIO", "Transferred"),
    ]
    row = only(dl.measure(table_of(write_csv, *rows), declined=definition))
    assert (row["declined"], row["declined_low"], row["declined_high"]) == expected
    assert row["definition"] == definition


def test_ddor_says_that_no_level_is_known_and_gives_a_count_without_a_rate(write_csv: WriteCsv) -> None:
    row = only(dl.measure(table_of(write_csv, *TEN), declined="ddor"))
    assert (row["unknown_level"], row["rate"], row["denominator"], row["bound_high"]) == (10, None, None, None)


def test_npr_share_keeps_facilities_with_more_than_a_hundred_detainers(write_csv: WriteCsv) -> None:
    rows = [["1/2/14", "", "LARGE JAIL", "OHIO", "", DECLINED if place < 10 else BOOKED] for place in range(101)]
    rows += [["1/2/14", "", "SMALL JAIL", "OHIO", "", DECLINED] for _ in range(100)]
    table = dl.classify(dl.read(write_csv(rows)))
    row = only(dl.measure(table, declined="npr-share"))
    assert (row["declined"], row["denominator"], row["denominator_kind"]) == (10, 101, "resolved")


@pytest.mark.parametrize("definition", [each.id for each in definitions().values() if each.not_computable])
def test_what_cannot_be_computed_says_why(write_csv: WriteCsv, definition: str) -> None:
    with pytest.raises(BadInput, match="cannot be computed"):
        dl.measure(table_of(write_csv, *TEN), declined=definition)


def test_periods_are_inclusive_and_fiscal_years_begin_in_october(write_csv: WriteCsv) -> None:
    table = table_of(
        write_csv, ("9/30/13", "OHIO", ""), ("10/1/13", "OHIO", ""), ("9/30/14", "OHIO", ""), ("10/1/14", "OHIO", "")
    )
    assert only(dl.measure(table, start="2013-10-01", end="2014-09-30"))["detainers"] == 2
    by_year = {row["fiscal_year"]: row["detainers"] for row in dl.measure(table, by=["fiscal_year"]).to_pylist()}
    assert by_year == {2013: 1, 2014: 2, 2015: 1}
    by_month = {row["month"]: row["detainers"] for row in dl.measure(table, by=["month"]).to_pylist()}
    assert by_month == {"2013-09": 1, "2013-10": 1, "2014-09": 1, "2014-10": 1}


def test_months_younger_than_half_a_year_are_marked(write_csv: WriteCsv) -> None:
    table = table_of(write_csv, ("1/31/14", "OHIO", ""), ("2/1/14", "OHIO", ""), ("7/31/14", "OHIO", ""))
    rows = {row["month"]: row["immature"] for row in dl.measure(table, by=["month"]).to_pylist()}
    assert rows == {"2014-01": 0, "2014-02": 1, "2014-07": 1}


def test_repeats_are_left_out_and_counted_or_kept_on_request(write_csv: WriteCsv) -> None:
    header = ["Detainer Prepare Date", "Detainer Criminality", "Detainer Facility", "Detainer Threat Level"]
    header += ["Detainer Lift Reason", "Anonymized Identifier"]
    row = ["2024-05-06", "", "X JAIL", "", DECLINED, "p"]
    table = dl.classify(dl.read(write_csv([row, row, [*row[:5], "q"]], header=header)))
    dropped, kept = only(dl.measure(table)), only(dl.measure(table, duplicates="keep"))
    assert (dropped["detainers"], dropped["declined"], dropped["duplicates_excluded"]) == (2, 2, 1)
    assert (kept["detainers"], kept["declined"], kept["duplicates_excluded"]) == (3, 3, 0)
    lean = only(dl.measure(table, duplicates="keep", denominator="all_minus_duplicates"))
    assert (lean["detainers"], lean["denominator"]) == (3, 2)


def test_groups_with_null_are_a_group_of_their_own_and_sort_last(write_csv: WriteCsv) -> None:
    table = table_of(write_csv, ("1/2/14", "", DECLINED), ("1/2/14", "OHIO", BOOKED), ("1/2/14", "TEXAS", BOOKED))
    rows = dl.measure(table, by=["state"]).to_pylist()
    assert [row["state"] for row in rows] == ["OH", "TX", None]


def test_conditions_are_printed_with_every_figure(write_csv: WriteCsv) -> None:
    table = dl.measure(table_of(write_csv, *TEN), by=["state"], start="2014-01-01", where={"state": ["OH"]})
    assert table.column_names == ["state", *FIGURE_COLUMNS]
    row = only(table)
    assert row["filters"] == "state=OH"
    assert (row["period_from"], row["period_to"], row["clock"]) == ("2014-01-01", None, "issued")
    assert row["releases"].startswith("npr-2015-")
    assert row["unattributed"] == row["detainers"] == 10


def test_nothing_in_the_period_is_a_figure_of_zero_without_a_rate(write_csv: WriteCsv) -> None:
    row = only(dl.measure(table_of(write_csv, *TEN), start="2015-01-01"))
    assert (row["detainers"], row["denominator"], row["rate"], row["bound_high"]) == (0, 0, None, None)
    assert dl.measure(table_of(write_csv, *TEN), by=["state"], start="2015-01-01").num_rows == 0


BAD_QUESTIONS: list[tuple[dict[str, Any], str]] = [
    ({"by": ["shoe"]}, "no column 'shoe'"),
    ({"by": ["state", "state"]}, "named twice"),
    ({"declined": "mine"}, "no definition 'mine'"),
    ({"denominator": "half"}, "'half' is not understood"),
    ({"duplicates": "maybe"}, "'maybe' is not understood"),
    ({"start": "2014-13-01"}, "is no day"),
    ({"start": "2015-01-01", "end": "2014-01-01"}, "before it begins"),
    ({"releases": ["x"]}, "no release 'x'"),
    ({"engine": "local[*]"}, "Another engine"),
]


@pytest.mark.parametrize(("question", "message"), BAD_QUESTIONS)
def test_a_question_that_makes_no_sense_is_refused_with_the_choices(
    write_csv: WriteCsv, question: dict[str, Any], message: str
) -> None:
    with pytest.raises(BadInput, match=message):
        dl.measure(table_of(write_csv, *TEN), **question)


@pytest.mark.parametrize("hostile", ["'; DROP TABLE detainers; --", 'x" OR 1=1', "O'Brien", "\\", "%"])
def test_a_filter_value_is_never_sql(write_csv: WriteCsv, hostile: str) -> None:
    assert only(dl.measure(table_of(write_csv, *TEN), where={"facility": [hostile]}))["detainers"] == 0


def test_a_path_that_is_neither_store_nor_parquet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such store"):
        dl.measure(tmp_path / "nowhere")
    (tmp_path / "x.parquet").write_text("no parquet")
    with pytest.raises(BadInput, match="no table of detainers"):
        dl.measure(tmp_path / "x.parquet")


@given(trials=st.integers(1, 10**7), share=st.floats(0, 1))
def test_wilson_agrees_with_a_second_opinion_and_holds_the_share(trials: int, share: float) -> None:
    successes = min(trials, int(trials * share))
    low, high = wilson(successes, trials)
    expected_low, expected_high = proportion_confint(successes, trials, alpha=0.05, method="wilson")
    assert low == pytest.approx(max(0.0, expected_low), abs=1e-12)
    assert high == pytest.approx(min(1.0, expected_high), abs=1e-12)
    assert 0 <= low <= successes / trials <= high <= 1


@pytest.mark.parametrize(("successes", "trials"), [(1, 0), (-1, 5), (6, 5)])
def test_wilson_refuses_what_is_no_share(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match="no share"):
        wilson(successes, trials)


@pytest.mark.parametrize(
    ("day", "months", "earlier"),
    [
        ("2026-03-10", 6, "2025-09-10"),
        ("2024-08-31", 6, "2024-02-29"),
        ("2015-02-28", 6, "2014-08-28"),
        ("2024-01-15", 12, "2023-01-15"),
    ],
)
def test_half_a_year_before_a_day_is_counted_in_calendar_months(day: str, months: int, earlier: str) -> None:
    from datetime import date

    assert months_before(date.fromisoformat(day), months) == date.fromisoformat(earlier)
