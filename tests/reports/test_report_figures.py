"""The figures of a report add up, and its sentences say what its cells say."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from detainer_ledger.intake import ingest
from detainer_ledger.measures import definitions
from detainer_ledger.reports import Report, build_report
from detainer_ledger.reports.value import ReportTable
from detainer_ledger.terms import BadInput, StoreError, wilson
from tests.reports.report_stores import (
    BLANK,
    BOOKED,
    COMMAND,
    CREATED,
    DECLINED,
    LIFTED,
    MakeStore,
    hostile_rows,
    ordinary_rows,
    row,
)


def total(table: ReportTable, name: str) -> int:
    return sum(value for value in table.values(name) if isinstance(value, int))


def test_outcomes_equal_a_count_of_the_rows_by_another_road(report: Report) -> None:
    raw = Counter(each[5].strip() for each in [*ordinary_rows(), *hostile_rows()])
    outcomes = report.table("outcomes")
    assert outcomes.cell("declined_by_agency", "detainers") == raw[DECLINED]
    assert outcomes.cell("taken_into_custody", "detainers") == raw[BOOKED]
    assert outcomes.cell("withdrawn_by_ice", "detainers") == raw[LIFTED]
    assert outcomes.cell("pending_or_unrecorded", "detainers") == raw[BLANK]
    assert outcomes.cell("other", "detainers") == sum(raw.values()) - sum(
        raw[reason] for reason in (DECLINED, BOOKED, LIFTED, BLANK)
    )


@pytest.mark.parametrize(
    "table_id", ["outcomes", "by_month", "by_year", "by_fiscal_year", "lift_reasons", "forms", "states"]
)
def test_the_rows_of_a_table_add_up_to_all_detainers(report: Report, table_id: str) -> None:
    assert total(report.table(table_id), "detainers") == report.table("key_figures").cell("detainers", "count")


def test_the_account_closes_and_leads_to_the_detainers_counted(report: Report) -> None:
    for record in report.table("account").records():
        assert record["rows_seen"] == int(str(record["kept"])) + int(str(record["set_aside"]))
    assert total(report.table("set_aside"), "rows") == total(report.table("account"), "set_aside") == 1
    for record in report.table("duplicates").records():
        parts = [int(str(record[name])) for name in ("outside", "exact", "likely", "counted")]
        assert record["kept"] == sum(parts)
    keys = report.table("key_figures")
    assert keys.count("rows_kept", "count") == total(report.table("account"), "kept")
    assert keys.count("rows_kept", "count") == sum(
        keys.count(name, "count") for name in ("detainers", "duplicates_excluded", "outside_period")
    )


def test_every_definition_has_a_row_with_a_figure_or_a_reason(report: Report) -> None:
    table = report.table("definitions")
    assert table.values("definition") == list(definitions())
    for record in table.records():
        assert (record["declined"] is None) == (record["not_computable"] is not None)
        if record["denominator"] is None:
            assert record["rate"] is record["ci_low"] is record["bound_high"] is None


def test_the_headline_is_between_its_bounds_and_has_wilsons_interval(report: Report) -> None:
    record = next(each for each in report.table("definitions").records() if each["definition"] == "recorded")
    low, high = wilson(int(str(record["declined"])), int(str(record["denominator"])))
    assert (record["ci_low"], record["ci_high"]) == (low, high)
    assert float(str(record["bound_low"])) <= float(str(record["rate"])) <= float(str(record["bound_high"]))


def test_placeholders_and_no_facility_stand_apart_and_have_no_rank(report: Report) -> None:
    for name in ("facilities", "facilities_declines"):
        records = report.table(name).records()
        placeholder = next(each for each in records if each["facility"] == "OTHER-OTHER FACILITY")
        assert placeholder["rank"] is None
        assert str(placeholder["note"]).startswith("placeholder, not a place")
        unnamed = next(each for each in records if each["facility"] is None)
        assert (unnamed["rank"], unnamed["declined"]) == (None, 2)
    reach = report.table("range_of_declining_facilities")
    assert reach.cell("distinct names", "declined_placeholder") == 3
    assert reach.cell("distinct names", "declining") == 10
    assert reach.cell("distinct name, city and state", "declining") == 11


def test_a_share_among_few_is_not_shown(report: Report) -> None:
    for name in ("by_month", "states", "facilities"):
        for record in report.table(name).records():
            if int(str(record["detainers"])) < 30:
                assert record["rate"] is record["ci_low"] is record["bound_high"] is None
                assert record["note"]


def test_reasons_that_no_table_knows_are_listed_and_count_as_unknown(report: Report) -> None:
    notes = {record["lift_reason_raw"]: record["note"] for record in report.table("lift_reasons").records()}
    assert notes["<script>alert(1)</script>"] == "unmapped: counts as unknown"
    blanks = sum(1 for each in [*ordinary_rows(), *hostile_rows()] if each[5] == BLANK)
    assert report.table("key_figures").cell("unknown", "count") == blanks + 3


def test_young_months_are_marked(report: Report) -> None:
    by_month = report.table("by_month")
    assert by_month.cell("2013-01", "maturity") is None
    assert by_month.cell("2013-12", "maturity") == "too young"
    assert by_month.cell(None, "note") == "no day of issue"


def test_a_period_narrows_the_figures_and_the_rest_is_told(make_store: MakeStore) -> None:
    store = make_store(ordinary_rows())
    narrow = build_report(
        store, start=date(2013, 2, 1), end=date(2013, 3, 31), command=COMMAND, created_at=CREATED, title="Spring"
    )
    keys = narrow.table("key_figures")
    assert (keys.cell("detainers", "count"), keys.cell("outside_period", "count")) == (80, 400)
    assert narrow.table("by_month").values("month") == ["2013-02", "2013-03"]
    assert narrow.table("duplicates").values("outside") == [400]
    assert narrow.title == "Spring"
    assert "1 February 2013 to 31 March 2013" in narrow.subtitle


def test_a_period_without_detainers_is_refused_with_the_days_that_there_are(make_store: MakeStore) -> None:
    store = make_store(ordinary_rows())
    with pytest.raises(BadInput, match="between 1 January 2013 and 27 December 2013"):
        build_report(store, start=date(2020, 1, 1), command=COMMAND)
    with pytest.raises(BadInput, match=r"ends .* before it begins"):
        build_report(store, start=date(2013, 5, 1), end=date(2013, 4, 1), command=COMMAND)
    with pytest.raises(BadInput, match="no release 'nothing'"):
        build_report(store, releases=["nothing"], command=COMMAND)
    with pytest.raises(StoreError):
        build_report(store.parent / "nowhere", command=COMMAND)


def test_overlapping_files_of_one_release_are_told_first(tmp_path: Path, make_store: MakeStore) -> None:
    header = "Prepare Date,Detainer Type,Detainer Detention Facility,State,City,Detainer Lift Reason\n"
    for name, facility in (("one.csv", "X JAIL"), ("two.csv", "Y JAIL")):
        lines = "".join(f"6/{day}/13,,{facility},OHIO,,Lifted\n" for day in range(1, 29))
        (tmp_path / name).write_text(header + lines)
    store = tmp_path / "both"
    ingest([tmp_path / "one.csv", tmp_path / "two.csv"], store)
    report = build_report(store, command=COMMAND, created_at=CREATED)
    assert "one.csv (28 rows) and two.csv (28 rows) overlap" in report.warnings[0]
    assert report.warnings[0].endswith("choose one when you measure.")
    assert len(report.table("overlaps").rows) == 1


def test_overlapping_releases_are_told_first_and_one_can_be_chosen(make_store: MakeStore) -> None:
    store = make_store(ordinary_rows())
    make_store([row("6/1/13", BOOKED), row("7/1/13", DECLINED)], name="again.csv", into=store)
    both = build_report(store, command=COMMAND, created_at=CREATED)
    assert "counted twice" in both.warnings[0]
    assert len(both.table("overlaps").rows) == 1
    one = build_report(store, releases=[both.releases[0].release_id], command=COMMAND, created_at=CREATED)
    assert one.table("key_figures").cell("detainers", "count") == 480
    assert one.table("overlaps").rows == ()
    assert [release.rows for release in one.releases] == [480]
