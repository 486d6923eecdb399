"""Small random tables with random questions, on the two engines that need no server, against plain Python."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detainer_ledger.measures import GROUPS, figures, source_of
from detainer_ledger.tables import engine_for

from .comparing import assert_same
from .loading import write_parquet, write_sqlite
from .oracle import figures_by_hand
from .questions import COMPUTABLE, DENOMINATORS, Question
from .rows import COLUMNS, OUTCOMES, Row, days

ISSUED = st.none() | st.dates(date(2013, 11, 1), date(2014, 12, 31))
TEXT = st.sampled_from(("", "a", "A", "b'", 'b"', "c\\", "null", "é", "\U0001f3db")) | st.text(
    st.characters(codec="utf-8", exclude_characters="\0"), max_size=4
)
SOME = st.none() | TEXT
ENDINGS = st.sampled_from([(outcome, detail) for outcome, detail, _, _ in OUTCOMES]) | st.just((None, None))


@st.composite
def detainers(draw: st.DrawFn) -> Row:
    """Draw one row: few distinct values, so that rows fall into common groups."""
    outcome, detail = draw(ENDINGS)
    row: Row = {column.name: None for column in COLUMNS}
    row |= {name: draw(SOME) for name in ("facility_city", "lift_reason", "area_of_responsibility", "county_fips")}
    row |= days(draw(ISSUED))
    return row | {
        "release_id": draw(st.sampled_from(("one", "two's"))),
        "form": draw(st.sampled_from(("I-247", "I-247N", "I-247A", "unknown", None))),
        "facility_name": draw(st.sampled_from(("X", "Y", None))),
        "facility_state": draw(st.sampled_from(("PA", "CA", None))),
        "lifted_on": draw(ISSUED),
        "duplicate_kind": draw(st.sampled_from((None, None, "exact", "likely"))),
        "jurisdiction_id": draw(st.sampled_from((None, "county", "state"))),
        "jurisdiction_level": draw(st.sampled_from((None, "federal", "county"))),
        "quality": draw(st.sampled_from((None, [], ["policy/overridden"], ["record/corrected", "policy/overridden"]))),
        "outcome": outcome,
        "outcome_detail": detail,
    }


@st.composite
def questions(draw: st.DrawFn) -> Question:
    """Draw a question that can be answered."""
    start, end = sorted(draw(st.dates(date(2013, 12, 1), date(2014, 12, 1))) for _ in range(2))
    filters: dict[str, Any] = {
        "state": ("PA", "NY"),
        "year": ("2014",),
        "month": ("2014-01", "2014-02"),
        "form": ("I-247",),
    }
    chosen = draw(st.sets(st.sampled_from(sorted(filters)), max_size=1))
    return Question(
        by=tuple(draw(st.lists(st.sampled_from(sorted(GROUPS)), max_size=3, unique=True))),
        start=draw(st.sampled_from((None, start))),
        end=draw(st.sampled_from((None, end))),
        declined=draw(st.sampled_from(COMPUTABLE)),
        denominator=draw(st.sampled_from((None, *DENOMINATORS))),
        duplicates=draw(st.sampled_from(("drop", "keep"))),
        where={name: filters[name] for name in chosen},
    )


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(drawn=st.lists(detainers(), min_size=1, max_size=8), times=st.sampled_from((1, 1, 51)), question=questions())
def test_any_table_and_any_question_give_what_is_counted_by_hand(
    drawn: list[Row], times: int, question: Question
) -> None:
    rows = drawn * times  # now and then often enough for a facility of more than a hundred
    expected = figures_by_hand(rows, question)
    with tempfile.TemporaryDirectory() as name:
        source = source_of(write_parquet(rows, Path(name) / "rows.parquet"))
        for url in ("duckdb", f"sqlite:///{write_sqlite(rows, Path(name) / 'rows.sqlite')}"):
            engine = engine_for(url, source.paths)
            try:
                assert_same(figures(engine, source, **question.asked()).rows, expected)
            finally:
                engine.close()
