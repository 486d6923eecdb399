"""An agency's own database: read and never written, whatever its settings, and refused with what helps."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from detainer_ledger.measures import Source, figures
from detainer_ledger.tables import engine_for
from detainer_ledger.terms import BadInput

from .comparing import assert_same
from .loading import write_sqlite
from .oracle import figures_by_hand
from .questions import Question
from .rows import Row

ODD_SETTINGS = (
    "-cdatestyle%3DGerman",
    "-cdatestyle%3DSQL,DMY",
    "-cstandard_conforming_strings%3Doff%20-cbackslash_quote%3Don%20-cescape_string_warning%3Doff",
    "-cclient_encoding%3DLATIN1",
    "-cTimeZone%3DAmerica/Los_Angeles%20-cquote_all_identifiers%3Don",
)

ASKED = (
    Question(by=("facility",), where={"facility": ("NORTH\\NEW JAIL\\", "CÁRCEL DE DOÑA ANA – 監獄 \U0001f3db")}),
    Question(by=("month",), declined="ddor", denominator="all"),
)


@pytest.mark.postgres
@pytest.mark.parametrize("options", ODD_SETTINGS)
def test_settings_of_a_postgresql_server_change_no_figure(
    options: str, postgres_url: str, source: Source, rows: list[Row]
) -> None:
    engine = engine_for(f"{postgres_url}%20{options}", source.paths)
    try:
        for question in ASKED:
            assert_same(figures(engine, source, **question.asked()).rows, figures_by_hand(rows, question))
    finally:
        engine.close()


@pytest.mark.postgres
def test_a_postgresql_table_is_found_in_its_schema(postgres_url: str, postgres_server: str, source: Source) -> None:
    schema = postgres_url.rpartition("%3D")[2]
    engine = engine_for(postgres_server, source.paths, table=f"{schema}.detainers")
    try:
        assert figures(engine, source).rows[0]["detainers"] > 1_000
    finally:
        engine.close()


@pytest.mark.postgres
def test_a_postgresql_database_is_never_written(postgres_url: str) -> None:
    import psycopg

    engine = engine_for(postgres_url, [])
    try:
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            engine.run("DELETE FROM detainers")
    finally:
        engine.close()


@pytest.mark.postgres
@pytest.mark.parametrize("table", ["absent", "absent.detainers", 'x"; DROP TABLE detainers; --'])
def test_a_postgresql_table_that_is_not_there_is_named(table: str, postgres_url: str) -> None:
    engine = engine_for(postgres_url, [], table=table)
    try:
        with pytest.raises(BadInput, match=r'no table "[\s\S]*name the detainers table with --table'):
            engine.columns()
    finally:
        engine.close()


@pytest.mark.postgres
@pytest.mark.parametrize(
    "url",
    [
        "postgresql://reader:secret@127.0.0.1:1/detainers",
        "postgresql://reader:secret@127.0.0.1:1/detainers?nonsense=1",
        "postgresql://reader:secret@[::1/detainers",
    ],
)
def test_a_server_that_does_not_answer_is_told_without_the_password(url: str, postgres_server: str) -> None:
    with pytest.raises(BadInput, match="cannot be reached or refuses") as refusal:
        engine_for(url, [])
    assert "secret" not in str(refusal.value)


def test_an_sqlite_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no such SQLite file[\s\S]*absent\.sqlite"):
        engine_for(f"sqlite:///{tmp_path / 'absent.sqlite'}", [])
    assert not list(tmp_path.iterdir())


def test_an_sqlite_file_is_never_written(rows: list[Row], tmp_path: Path) -> None:
    engine = engine_for(f"sqlite:///{write_sqlite(rows[:9], tmp_path / 'few.sqlite')}", [])
    try:
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            engine.run("DELETE FROM detainers")
    finally:
        engine.close()


def test_an_sqlite_table_of_another_name_and_path_with_signs_is_found(rows: list[Row], tmp_path: Path) -> None:
    path = write_sqlite(rows[:9], tmp_path / "50% of #1?.sqlite", table='own "table"')
    engine = engine_for(f"sqlite:///{path}", [], table='own "table"')
    try:
        assert engine.run(f"SELECT COUNT(*) AS n FROM {engine.table}") == (("n",), [(9,)])
    finally:
        engine.close()


@pytest.mark.parametrize("content", [b"", b"this is no database at all, but a text of some length" * 40])
def test_a_file_that_is_no_database_with_the_table_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "text.sqlite").write_bytes(content)
    engine = engine_for(f"sqlite:///{tmp_path / 'text.sqlite'}", [])
    try:
        with pytest.raises(BadInput, match=r'cannot be read as an SQLite database with a table "detainers"'):
            engine.columns()
    finally:
        engine.close()
