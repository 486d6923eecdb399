"""The figures are the same through every door: ``figures``, ``measure`` and the command line, on every engine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from detainer_ledger.measures import Source, figures, measure
from detainer_ledger.tables import engine_for
from detainer_ledger.terms import BadInput

OTHERS = [
    "sqlite_url",
    pytest.param("postgres_url", marks=pytest.mark.postgres),
    pytest.param("spark_url", marks=pytest.mark.spark),
]

QUESTION = ("--by", "state,facility,year", "--declined", "ddor", "--denominator", "resolved", "--from", "2014-01-01")


def detainer(*words: str | Path) -> subprocess.CompletedProcess[bytes]:
    """Run the command line in a process of its own."""
    return subprocess.run([sys.executable, "-m", "detainer_ledger", *words], capture_output=True, check=False)


@pytest.fixture(params=OTHERS)
def other_url(request: pytest.FixtureRequest) -> str:
    """The URL of each engine but the embedded one."""
    url = request.getfixturevalue(request.param)
    assert isinstance(url, str)
    return url


def test_figures_of_an_engine_are_those_of_the_embedded_one(other_url: str, source: Source) -> None:
    question = {"by": ("state", "month"), "declined": "npr-share"}
    embedded, other = engine_for(None, source.paths), engine_for(other_url, source.paths)
    try:
        expected, found = figures(embedded, source, **question), figures(other, source, **question)
    finally:
        embedded.close()
        other.close()
    assert found == expected
    assert found.to_arrow().equals(expected.to_arrow())
    assert found.rows


def test_measure_gives_the_same_arrow_table_on_an_engine(other_url: str, folder: Path) -> None:
    found = measure(folder, by=["fiscal_year", "form"], declined="broad", engine=other_url)
    assert found.equals(measure(folder, by=["fiscal_year", "form"], declined="broad"))
    assert found.num_rows > 10


@pytest.mark.slow
def test_the_command_prints_the_same_bytes_on_an_engine_and_nothing_beside_them(other_url: str, folder: Path) -> None:
    engine = "local[*]" if other_url.startswith("local") else other_url
    expected = detainer("measure", "--store", folder, *QUESTION, "--format", "csv")
    found = detainer("measure", "--store", folder, *QUESTION, "--format", "csv", "--engine", engine)
    assert (found.returncode, found.stderr) == (0, expected.stderr)
    assert found.stdout == expected.stdout
    assert found.stdout.count(b"\n") > 50


def test_the_printed_text_is_the_one_that_runs(folder: Path, sqlite_url: str) -> None:
    import sqlite3
    from contextlib import closing

    printed = detainer("measure", "--store", folder, "--by", "year", "--engine", sqlite_url, "--sql").stdout.decode()
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as connection:
        by_year = {row[0]: row[1] for row in connection.execute(printed)}
    table = measure(folder, by=["year"])
    assert by_year == dict(zip(table["year"].to_pylist(), table["detainers"].to_pylist(), strict=True))


@pytest.mark.parametrize(
    "url",
    ["localhost:7077", "mysql://host/db", "sqlite:relative.db", "", "spark:/host", "locality"],
)
def test_an_engine_that_is_not_known_is_refused_with_the_ones_that_are(url: str) -> None:
    with pytest.raises(BadInput, match=r"no engine for this URL[\s\S]*local\[\*\], spark://HOST:PORT"):
        engine_for(url, [])
