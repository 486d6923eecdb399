"""The rules over a whole release: equal to plain Python, closed, and silent where the release is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from detainer_ledger.audit import COUNT_COLUMNS, RESULTS, RuleCounts, release_checks, rule_counts, untested_rules
from detainer_ledger.audit.release_sql import BRANCHES
from detainer_ledger.intake import ingest
from detainer_ledger.measures import Duplicates, open_source
from detainer_ledger.policy import Checkable, finding, read_facts, rules
from detainer_ledger.releases.synthetic import synthesize
from detainer_ledger.terms import BadInput, forms
from tests.conftest import WriteCsv

Row = Mapping[str, Any]

# ---------------------------------------------------------------- the oracle, from the questions alone

BOXES = ("basis_final_order", "basis_proceedings", "basis_biometric", "basis_statements")
OTHERS = ("basis_final_order", "basis_proceedings", "basis_statements")
CITIZEN = {"united_states_citizen_interviewed", "us_citizenship_claim"}


def any_box(row: Row, boxes: tuple[str, ...]) -> str:
    values = [row[box] for box in boxes]
    if True in values:
        return "met"
    return "not_recorded" if None in values else "not_met"


def in_scope(row: Row, wanted: set[str], first: date | None = None, last: date | None = None) -> str | None:
    """Return the answer that form and day give already, None where the question remains."""
    day, form = row["issued_on"], row["form"] or "unknown"
    if wanted and form not in {*wanted, "unknown"}:
        return "not_applicable"
    if (first or last) and day is not None and not (first or date.min) <= day <= (last or date.max):
        return "not_applicable"
    if (first or last) and day is None:
        return "not_recorded"
    return "not_recorded" if wanted and form == "unknown" else None


APRIL_2017 = date(2017, 4, 2)


def one_box(row: Row, box: str) -> str:
    early = in_scope(row, {"I-247A"}, APRIL_2017)
    return early or {True: "met", False: "not_applicable", None: "not_recorded"}[row[box]]


def beside_biometric(row: Row) -> str:
    early = in_scope(row, {"I-247A"}, APRIL_2017)
    if early or row["basis_biometric"] is not True:
        return early or ("not_recorded" if row["basis_biometric"] is None else "not_applicable")
    return any_box(row, OTHERS)


def in_use(row: Row) -> str:
    form = next((each for each in forms() if each.code == row["form"]), None)
    day = row["issued_on"]
    if form is None or day is None:
        return "not_recorded"
    return "met" if (form.in_force_from or date.min) <= day <= (form.in_force_to or date.max) else "not_met"


def notice_first(row: Row) -> str:
    early = in_scope(row, set(), date(2014, 11, 20), date(2017, 1, 24))
    if early or row["form"] == "I-247X":
        return early or "not_applicable"
    return "met" if row["form"] in {"I-247N", "I-247G"} else "not_recorded"


def declined(row: Row, form: str, first: date, last: date) -> str:
    day = row["issued_on"]
    if row["form"] in (None, "unknown") and day is not None and not first <= day <= last:
        return "not_applicable"
    early = in_scope(row, {form})
    if early or row["outcome"] in (None, "pending_or_unrecorded"):
        return early or "not_recorded"
    return "not_met" if row["outcome"] == "declined_by_agency" else "met"


def lifted(row: Row) -> str:
    if row["lift_reason"] is None:
        return "not_recorded"
    return "not_met" if row["lift_reason"] in CITIZEN else "met"


def database_only(row: Row) -> str:
    early = in_scope(row, {"I-247A"}, date(2020, 2, 5), date(2020, 9, 11))
    if early:
        return early
    area = row["area_of_responsibility"]
    if area is not None and not area.startswith("Los Angeles"):
        return "not_applicable"
    if all(row[box] is False for box in BOXES):
        return "not_applicable"
    if area is None or row["basis_biometric"] is not True:
        return "met" if area is not None and any_box(row, OTHERS) == "met" else "not_recorded"
    return any_box(row, OTHERS)


ORACLE = {
    "basis/recorded": lambda row: in_scope(row, {"I-247A"}, APRIL_2017) or any_box(row, BOXES),
    "basis/final-order": lambda row: one_box(row, "basis_final_order"),
    "basis/proceedings": lambda row: one_box(row, "basis_proceedings"),
    "basis/beside-biometric": beside_biometric,
    "basis/statements": lambda row: one_box(row, "basis_statements"),
    "basis/recorded-i-247d": lambda row: (
        in_scope(row, {"I-247D"}, date(2015, 5, 1), date(2017, 4, 1)) or any_box(row, BOXES)
    ),
    "warrant/day": lambda row: (
        in_scope(row, {"I-247A"}, APRIL_2017) or ("met" if row["warrant_served_on"] else "not_recorded")
    ),
    "form/in-use": in_use,
    "form/earlier-forms": lambda row: in_scope(row, {"I-247D", "I-247N", "I-247X"}, APRIL_2017) or "not_met",
    "form/notice-first": notice_first,
    "declined/i-247n": lambda row: declined(row, "I-247N", date(2015, 5, 1), date(2017, 4, 1)),
    "declined/i-247g": lambda row: declined(row, "I-247G", date(2025, 3, 4), date(2030, 3, 4)),
    "lifted/us-citizen": lifted,
    "area/database-only": database_only,
}

# ---------------------------------------------------------------- stores


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store of invented releases: three rich ones of different years, and one of six columns."""
    folder = tmp_path_factory.mktemp("audit")
    for layout_id, rows in (("icli-2026-03", 2_000), ("icfo-18038", 250), ("npr-2017", 2_000), ("npr-2015", 2_000)):
        files = synthesize(rows=rows, seed=1, layout_id=layout_id, file_format="csv", out=folder / layout_id)
        ingest([file for file in files if file.suffix != ".json"], folder / "store")
    return folder / "store"


COLUMNS = (
    "detainer_id",
    "release_id",
    "issued_on",
    "issued_year",
    "form",
    "facility_state",
    "jurisdiction_id",
    "area_of_responsibility",
    "lift_reason",
    "outcome",
    "duplicate_kind",
    *BOXES,
    "warrant_served_on",
)


def rows_of(path: Path) -> list[dict[str, Any]]:
    with closing(open_source(path)) as opened:
        names, found = opened.engine.run(f"SELECT {', '.join(COLUMNS)} FROM {opened.engine.table}")
    return [dict(zip(names, row, strict=True)) for row in found]


def counted(path: Path, **question: Any) -> RuleCounts:
    with closing(open_source(path)) as opened:
        return rule_counts(opened.engine, opened.source, **question)


def expected(rows: list[dict[str, Any]], group: str | None) -> dict[tuple[Any, str], Counter[str]]:
    found: dict[tuple[Any, str], Counter[str]] = {}
    for row in rows:
        for check, answer in ORACLE.items():
            key = (row[group] if group else None, check)
            found.setdefault(key, Counter())[answer(row)] += 1
    return found


# ---------------------------------------------------------------- counts


def test_the_oracle_has_every_check_and_so_has_the_sql() -> None:
    assert list(ORACLE) == [check.id for check in release_checks()] == list(BRANCHES)


@pytest.mark.parametrize(
    ("group", "column"),
    [
        (None, None),
        ("year", "issued_year"),
        ("area_of_responsibility", "area_of_responsibility"),
        ("jurisdiction", "jurisdiction_id"),
        ("state", "facility_state"),
        ("form", "form"),
        ("release", "release_id"),
    ],
)
def test_counts_are_those_of_plain_python(store: Path, group: str | None, column: str | None) -> None:
    wanted = expected([row for row in rows_of(store) if row["duplicate_kind"] is None], column)
    found = counted(store, by=(group,) if group else ())
    told = {
        (row[group] if group else None, row["check"]): Counter(
            {result: row[result] for result in RESULTS if row[result]}
        )
        for row in found.rows
        if row["detainers"]
    }
    assert told == wanted


def test_each_check_finds_what_it_says_that_it_can_find_and_nothing_else(store: Path, tmp_path: Path) -> None:
    write_made_rows(tmp_path / "made.parquet")
    rows = [*counted(store).rows, *counted(tmp_path / "made.parquet").rows]
    for check in release_checks():
        seen = {result for row in rows if row["check"] == check.id for result in RESULTS if row[result]}
        assert seen == set(check.answers), check.id


@pytest.mark.parametrize("by", [(), ("year",), ("form", "state"), ("month",)])
def test_the_four_results_close_to_the_detainers_and_groups_to_the_whole(store: Path, by: tuple[str, ...]) -> None:
    found, whole = counted(store, by=by), counted(store)
    for row in found.rows:
        assert sum(row[result] for result in RESULTS) == row["detainers"]
        assert row["population"] == row["met"] + row["not_met"] + row["not_recorded"]
        assert all(isinstance(row[name], int) for name in COUNT_COLUMNS if name not in {"check", "rule"})
    for row in whole.rows:
        parts = [each for each in found.rows if each["check"] == row["check"]]
        for name in ("detainers", "population", *RESULTS, "duplicates_excluded"):
            assert sum(each[name] for each in parts) == row[name]


def test_repeats_are_left_out_and_counted_unless_they_are_kept(store: Path) -> None:
    dropped, kept = counted(store).rows[0], counted(store, duplicates=Duplicates.KEEP).rows[0]
    repeats = sum(row["duplicate_kind"] is not None for row in rows_of(store))
    assert repeats > 0
    assert dropped["duplicates_excluded"] == repeats
    assert kept["duplicates_excluded"] == 0
    assert kept["detainers"] == dropped["detainers"] + repeats == len(rows_of(store))


def test_a_period_takes_its_first_and_its_last_day_in(store: Path) -> None:
    first, last = date(2017, 4, 1), date(2017, 4, 2)
    rows = [row for row in rows_of(store) if row["duplicate_kind"] is None and row["issued_on"] is not None]
    wanted = sum(first <= row["issued_on"] <= last for row in rows)
    assert counted(store, start=first, end=last).rows[0]["detainers"] == wanted > 0


def test_a_column_that_no_row_of_a_release_fills_is_told_by_release(store: Path) -> None:
    lacking = {release.rpartition("-")[0]: columns for release, columns in counted(store).lacking.items()}
    assert {*BOXES, "warrant_served_on"} <= set(lacking["npr-2015"])
    assert lacking["npr-2017"] == ("warrant_served_on",)
    assert "icli-2026-03" not in lacking


def test_a_table_without_the_columns_gives_not_recorded(store: Path, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    tables = [pq.read_table(path).select(["release_id", "issued_on", "form"]) for path in store.glob("4-*/*/*.parquet")]
    pq.write_table(tables[0], tmp_path / "bare.parquet")
    found = {row["check"]: row for row in counted(tmp_path / "bare.parquet").rows}
    assert found["basis/recorded"]["met"] == found["basis/recorded"]["not_met"] == 0
    assert found["lifted/us-citizen"]["not_recorded"] == found["lifted/us-citizen"]["detainers"] > 0


def test_a_source_without_detainers_in_the_period_counts_nothing(store: Path) -> None:
    found = counted(store, start=date(1953, 1, 1), end=date(1953, 1, 2))
    assert {row["detainers"] for row in found.rows} == {0}
    assert counted(store, by=("year",), start=date(1953, 1, 1), end=date(1953, 1, 2)).rows == ()


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ({"by": ("colour",)}, "There is no column 'colour'"),
        ({"by": ("year", "year")}, "named twice"),
        ({"start": date(2020, 1, 2), "end": date(2020, 1, 1)}, "before it begins"),
        ({"releases": ("none",)}, "There is no release 'none'"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(store: Path, question: dict[str, Any], told: str) -> None:
    with pytest.raises(BadInput, match=told):
        counted(store, **question)


# ---------------------------------------------------------------- the rules behind the counts


SAME_AS_THE_RULE = ("form/in-use", "form/earlier-forms", "area/database-only")


def facts_of(row: Row) -> dict[str, Any]:
    boxes = {box.removeprefix("basis_"): row[box] for box in BOXES}
    known = None not in boxes.values()
    facts: dict[str, Any] = {"issued_on": row["issued_on"], "area_of_responsibility": row["area_of_responsibility"]}
    if row["form"] and row["form"] != "unknown":
        facts["form"] = row["form"]
    if known:
        facts["probable_cause"] = {"bases": [name for name, value in boxes.items() if value]}
    return facts


def made_rows() -> Iterator[Row]:
    """Yield rows in which form, day, area and boxes take every side of what the three checks turn on."""
    days = [date(2014, 12, 1), date(2017, 4, 1), date(2017, 4, 2), date(2020, 2, 4), date(2020, 2, 5)]
    for form in ("I-247", "I-247A", "I-247D", "I-247N", "I-247X", "I-247G"):
        for day in (*days, date(2020, 9, 11), date(2020, 9, 12)):
            for area in (None, "Los Angeles Area of Responsibility", "Dallas Area of Responsibility"):
                for biometric, statements in ((True, True), (True, False), (False, True), (False, False)):
                    yield {
                        "form": form,
                        "issued_on": day,
                        "area_of_responsibility": area,
                        "basis_final_order": False,
                        "basis_proceedings": False,
                        "basis_biometric": biometric,
                        "basis_statements": statements,
                    }


@pytest.mark.parametrize("check_id", SAME_AS_THE_RULE)
def test_where_a_release_has_all_that_a_rule_asks_the_count_is_of_its_findings(check_id: str) -> None:
    rule = next(check.rule.id for check in release_checks() if check.id == check_id)
    for row in made_rows():
        found = finding(rule, read_facts(facts_of(row), where="row"), row["issued_on"])
        assert found.result.value == ORACLE[check_id](row), (row, found.sentence)


def write_made_rows(path: Path) -> list[dict[str, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [{**dict.fromkeys(COLUMNS), **row, "release_id": "made"} for row in made_rows()]
    kinds = {"issued_on": pa.date32(), "warrant_served_on": pa.date32(), "issued_year": pa.int16()}
    kinds |= dict.fromkeys(BOXES, pa.bool_())
    schema = pa.schema([pa.field(name, kinds.get(name, pa.string())) for name in COLUMNS])
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)
    return rows


def test_the_made_rows_are_counted_as_the_oracle_has_them(tmp_path: Path) -> None:
    rows = write_made_rows(tmp_path / "made.parquet")
    wanted = expected(rows, None)
    for row in counted(tmp_path / "made.parquet").rows:
        assert Counter({result: row[result] for result in RESULTS if row[result]}) == wanted[None, row["check"]]


def test_every_rule_is_tested_or_told_why_it_is_not() -> None:
    tested = {check.rule.id for check in release_checks()}
    assert tested.isdisjoint(untested_rules())
    assert tested | set(untested_rules()) == {rule.id for rule in rules()}
    for rule in rules():
        if rule.checkable in {Checkable.RELEASE, Checkable.PARTLY} and rule.id not in tested:
            assert "Only the record of a case" not in untested_rules()[rule.id]


# ---------------------------------------------------------------- real data


@pytest.mark.shared
def test_a_real_sample_of_declined_detainers_of_2026(shared: Path, tmp_path: Path) -> None:
    ingest([shared / "mn_2026" / "st_cloud_declined_sample.csv"], tmp_path / "store")
    rows = [row for row in rows_of(tmp_path / "store") if row["duplicate_kind"] is None]
    found = counted(tmp_path / "store", by=("year",))
    wanted = expected(rows, "issued_year")
    assert {(row["year"], row["check"]): row["met"] for row in found.rows} == {
        key: counts["met"] for key, counts in wanted.items()
    }
    whole = {row["check"]: row for row in counted(tmp_path / "store").rows}
    assert whole["form/in-use"]["met"] == len(rows)
    assert whole["basis/recorded"]["population"] == len(rows)
    assert whole["lifted/us-citizen"]["not_met"] == 0


@pytest.mark.shared
def test_a_real_release_of_six_columns_has_forms_before_their_day_and_no_bases(shared: Path, tmp_path: Path) -> None:
    ingest([shared / "npr_detainers" / "fy2015_detainers_2014-10_to_2015-02.csv"], tmp_path / "store")
    rows = rows_of(tmp_path / "store")
    whole = {row["check"]: row for row in counted(tmp_path / "store").rows}
    early = [row for row in rows if row["form"] in {"I-247D", "I-247N"}]
    assert whole["form/in-use"]["not_met"] == len(early)
    assert whole["form/in-use"]["detainers"] == len(rows)
    assert whole["basis/recorded"]["population"] == 0
    assert whole["lifted/us-citizen"]["not_met"] == sum(row["lift_reason"] in CITIZEN for row in rows) > 0
    (lacking,) = counted(tmp_path / "store").lacking.values()
    assert set(BOXES) <= set(lacking)


def test_a_form_before_its_day_is_counted_where_it_stands(write_csv: WriteCsv, tmp_path: Path) -> None:
    label = "I247N - Immigration Advisal - Request for Notification"
    rows = [
        ("2014-12-01", label, "DALLAS COUNTY JAIL", "TEXAS", "DALLAS", "Detainer Declined by LEA"),
        ("2015-06-01", label, "DALLAS COUNTY JAIL", "TEXAS", "DALLAS", "Early Release"),
        ("2015-06-01", "", "DALLAS COUNTY JAIL", "TEXAS", "DALLAS", "United States Citizen Interviewed"),
    ]
    ingest([write_csv(rows)], tmp_path / "store")
    found = {row["check"]: row for row in counted(tmp_path / "store").rows}
    assert [found["form/in-use"][result] for result in RESULTS] == [1, 1, 1, 0]
    assert [found["declined/i-247n"][result] for result in RESULTS] == [1, 1, 1, 0]
    assert [found["form/notice-first"][result] for result in RESULTS] == [2, 0, 1, 0]
    assert [found["lifted/us-citizen"][result] for result in RESULTS] == [2, 1, 0, 0]
