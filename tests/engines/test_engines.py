"""Every engine runs the same text and gives the values that plain Python counts."""

from __future__ import annotations

from typing import Any

import pytest

from detainer_ledger.measures import FIGURE_COLUMNS, GROUPS, Source, definitions, figures
from detainer_ledger.tables import DETAINERS_TABLE, Engine

from .comparing import assert_same
from .conftest import QUICK
from .oracle import RULES, figures_by_hand
from .questions import BYS, COMPUTABLE, GROUPINGS, QUESTIONS, Question
from .rows import COLUMNS, Row


class OneText:
    """An engine under the table's plain name that keeps the texts it is asked."""

    table = DETAINERS_TABLE

    reads_paths = True

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.asked: list[str] = []

    def columns(self) -> frozenset[str]:
        return self._engine.columns()

    def run(self, sql: str) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        self.asked.append(sql)
        return self._engine.run(sql)

    def close(self) -> None:
        """The engine is not this one's to close."""


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_the_same_text_gives_the_values_counted_by_hand(
    question: Question, engine: Engine, rows: list[Row], source: Source, texts: dict[str, str]
) -> None:
    asking = OneText(engine)
    found = figures(asking, source, **question.asked())
    assert asking.asked[-1] == texts.setdefault(str(question), asking.asked[-1])
    assert_same(found.rows, figures_by_hand(rows, question))


@pytest.mark.parametrize("engine_url", QUICK, indirect=True, scope="package")
@pytest.mark.parametrize("question", GROUPINGS, ids=str)
def test_every_group_has_the_values_counted_by_hand(
    question: Question, engine: Engine, rows: list[Row], source: Source
) -> None:
    assert_same(figures(engine, source, **question.asked()).rows, figures_by_hand(rows, question))


def test_every_engine_tells_its_columns(engine: Engine) -> None:
    assert engine.columns() == {column.name for column in COLUMNS}


def test_the_questions_cover_every_group_and_every_definition_that_can_be_computed() -> None:
    assert {name for by in BYS for name in by} == set(GROUPS)
    computable = {each.id for each in definitions().values() if not each.not_computable}
    assert set(COMPUTABLE) == computable == set(RULES)
    assert {name for question in QUESTIONS for name in question.by} == set(GROUPS)
    assert len({str(question) for question in QUESTIONS}) == len(QUESTIONS)


def test_the_table_has_what_the_questions_are_to_find(rows: list[Row]) -> None:
    whole = figures_by_hand(rows, Question())[0]
    assert all(whole[name] for name in FIGURE_COLUMNS if isinstance(whole[name], int) and name != "unknown_level")
    for column in COLUMNS:
        nullable = column.name not in {"detainer_id", "release_id", "outcome", "outcome_detail", "outcome_basis"}
        assert any(row[column.name] is None for row in rows) == nullable, column.name
