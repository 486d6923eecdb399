"""Tables that lack columns of the contract: what can be worked out is, and the rest is refused by name."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest

from detainer_ledger.measures import Source, figures, source_of
from detainer_ledger.tables import Engine, engine_for
from detainer_ledger.terms import BadInput, Column

from .comparing import assert_same
from .conftest import ENGINES, SPARK, SPARK_PARAM
from .loading import drop_schema, without, write_parquet, write_postgres, write_sqlite
from .oracle import figures_by_hand
from .questions import Question
from .rows import RELEASE_ONE, RELEASE_TWO, Row

PERIODS = ("issued_year", "issued_fiscal_year", "issued_month")
LEFT_OUT = (*PERIODS, "jurisdiction_id", "jurisdiction_name", "jurisdiction_level", "duplicate_kind", "lifted_on")

ASKED = (
    Question(name="all together"),
    Question(name="years", by=("year", "state")),
    Question(name="fiscal years", by=("fiscal_year",), start=date(2013, 10, 1)),
    Question(name="months", by=("month",), releases=(RELEASE_ONE,)),
    Question(name="a year as filter", by=("form",), where={"year": ("2014",)}),
    Question(name="fiscal years as filter", by=("release",), where={"fiscal_year": ("2014", "2016")}),
    Question(name="months as filter", where={"month": ("2014-10",)}),
    Question(name="federal agencies cannot be told", by=("year",), declined="ddor", denominator="all"),
    Question(name="repeats cannot be told", by=("year",), denominator="all_minus_duplicates"),
    Question(name="large facilities", by=("facility",), declined="npr-share"),
)

Opener = Callable[[Sequence[Row], Sequence[Column]], tuple[Engine, Source]]


@pytest.fixture
def few(rows: list[Row]) -> list[Row]:
    """A tenth of the table, with outcomes and details that an agency's own table may leave blank."""
    kept = [dict(row) for row in rows[:300]]
    for number, row in enumerate(kept):
        if number % 17 == 0:
            row["outcome_detail"] = None
        if number % 41 == 0:
            row["outcome"] = row["outcome_detail"] = None
    return kept


@pytest.fixture(params=ENGINES)
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    """Return a function that opens each engine over a table of rows with some columns."""
    kind: str = request.param
    if kind == "spark":
        request.getfixturevalue("spark_url")
    server = request.getfixturevalue("postgres_server") if kind == "postgres" else ""

    def open_engine(rows: Sequence[Row], columns: Sequence[Column]) -> tuple[Engine, Source]:
        source = source_of(write_parquet(rows, tmp_path / "bare.parquet", columns))
        url = {"duckdb": "duckdb", "spark": SPARK}.get(kind, "")
        if kind == "sqlite":
            url = f"sqlite:///{write_sqlite(rows, tmp_path / 'bare.sqlite', columns)}"
        if kind == "postgres":
            schema = f"bare_{uuid.uuid4().hex}"
            request.addfinalizer(lambda: drop_schema(server, schema))
            url = write_postgres(rows, server, schema, columns)
        engine = engine_for(url, source.paths)
        request.addfinalizer(engine.close)
        return engine, source

    return open_engine


def test_periods_repeats_and_levels_need_no_column_of_their_own(opened: Opener, few: list[Row]) -> None:
    engine, source = opened(few, without(*LEFT_OUT))
    known = [{name: value for name, value in row.items() if name not in LEFT_OUT} for row in few]
    for question in ASKED:
        assert_same(figures(engine, source, **question.asked()).rows, figures_by_hand(known, question))


def test_blank_outcomes_are_pending_and_blank_details_are_no_doubt(opened: Opener, few: list[Row]) -> None:
    engine, source = opened(few, without())
    for question in (
        Question(declined="ddor", denominator="resolved"),
        Question(declined="not-taken"),
        Question(by=("outcome", "outcome_detail")),
    ):
        assert_same(figures(engine, source, **question.asked()).rows, figures_by_hand(few, question))


@pytest.mark.parametrize("kind", ["duckdb", SPARK_PARAM])
def test_columns_that_only_one_file_has_are_null_in_the_other(
    kind: str, rows: list[Row], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue("spark_url") if kind == "spark" else kind
    bare = ("jurisdiction_id", "jurisdiction_name", "jurisdiction_level", "duplicate_kind")
    one = [row | dict.fromkeys(bare) for row in rows if row["release_id"] == RELEASE_ONE]
    two = [row for row in rows if row["release_id"] == RELEASE_TWO]
    write_parquet(one, tmp_path / "one.parquet", without(*bare))
    write_parquet(two, tmp_path / "two.parquet")
    source = source_of(tmp_path)
    engine = engine_for(url, source.paths)
    question = Question(by=("release", "jurisdiction"), declined="ddor", denominator="all")
    try:
        assert_same(figures(engine, source, **question.asked()).rows, figures_by_hand([*one, *two], question))
    finally:
        engine.close()


REFUSED = (
    (("outcome",), Question(), "outcome"),
    (("outcome_detail", "outcome"), Question(), "outcome, outcome_detail"),
    (("facility_state",), Question(by=("state",)), "facility_state"),
    (("facility_state",), Question(where={"state": ("PA",)}), "facility_state"),
    (("jurisdiction_id",), Question(by=("jurisdiction",)), "jurisdiction_id"),
    (("form",), Question(denominator="hold_forms_only"), "form"),
    (("facility_name",), Question(declined="npr-share"), "facility_name"),
)


@pytest.mark.parametrize(("lacking", "question", "named"), REFUSED, ids=lambda value: str(value))
def test_a_column_that_a_question_needs_is_named(
    lacking: tuple[str, ...], question: Question, named: str, few: list[Row], tmp_path: Path
) -> None:
    source = source_of(write_parquet(few, tmp_path / "bare.parquet", without(*lacking)))
    engine = engine_for(None, source.paths)
    try:
        with pytest.raises(BadInput) as refusal:
            figures(engine, source, **question.asked())
    finally:
        engine.close()
    assert str(refusal.value) == (
        f"The table lacks columns that this measure needs: {named}.\n"
        "  to do: group and filter by other columns, or make the table with detainer ingest."
    )


def test_a_year_that_is_no_number_is_refused(few: list[Row], tmp_path: Path) -> None:
    source = source_of(write_parquet(few, tmp_path / "few.parquet"))
    engine = engine_for(None, source.paths)
    try:
        with pytest.raises(BadInput, match="'2014, FY15' is no fiscal year"):
            figures(engine, source, where={"fiscal_year": ("2014", "FY15")})
    finally:
        engine.close()
