"""The generated table in every engine. What an engine needs and is not there skips its tests, or fails them.

With DETAINER_REQUIRE_ALL=1 in the environment nothing is skipped.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from detainer_ledger.measures import Source, source_of
from detainer_ledger.tables import Engine, engine_for

from .loading import drop_schema, write_folder, write_postgres, write_sqlite
from .rows import Row, generated_rows

SPARK = "local[2]"
"""The Spark that all tests of one process share."""

OLDEST_JAVA = 17

POSTGRES_PARAM = pytest.param("postgres", marks=pytest.mark.postgres)
SPARK_PARAM = pytest.param("spark", marks=pytest.mark.spark)
QUICK = ["duckdb", "sqlite", POSTGRES_PARAM]
ENGINES = [*QUICK, SPARK_PARAM]


def need(found: object, what: str) -> None:
    """Skip the test if something it needs is not there, or fail it where everything is required."""
    if found:
        return
    if os.environ.get("DETAINER_REQUIRE_ALL") == "1":
        pytest.fail(f"{what} DETAINER_REQUIRE_ALL=1 forbids to skip this.", pytrace=False)
    pytest.skip(what)


def java_version() -> int:
    """Return the major version of the Java that Spark would take, 0 if there is none."""
    home = os.environ.get("JAVA_HOME")
    java = f"{home}/bin/java" if home else shutil.which("java")
    if not java or not Path(java).exists():
        return 0
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', told)
    return int(found[1]) if found else 0


@pytest.fixture(scope="package")
def rows() -> list[Row]:
    return generated_rows()


@pytest.fixture(scope="package")
def folder(rows: list[Row], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The table as a folder of two Parquet files."""
    return write_folder(rows, tmp_path_factory.mktemp("engines") / "detainers")


@pytest.fixture(scope="package")
def source(folder: Path) -> Source:
    return source_of(folder)


@pytest.fixture(scope="package")
def sqlite_url(rows: list[Row], tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{write_sqlite(rows, tmp_path_factory.mktemp('engines') / 'detainers.sqlite')}"


@pytest.fixture(scope="package")
def postgres_server() -> str:
    url = os.environ.get("DETAINER_TEST_POSTGRES", "")
    need(url, "No PostgreSQL: DETAINER_TEST_POSTGRES is not set to the postgresql:// URL of a server to write to.")
    need(find_spec("psycopg"), "No PostgreSQL driver: the extra [postgres] is not installed.")
    return url


@pytest.fixture(scope="package")
def postgres_url(rows: list[Row], postgres_server: str) -> Iterator[str]:
    schema = f"engines_{uuid.uuid4().hex}"
    try:
        yield write_postgres(rows, postgres_server, schema)
    finally:
        drop_schema(postgres_server, schema)


@pytest.fixture(scope="package")
def spark_url(folder: Path) -> Iterator[str]:
    """The URL of a Spark that runs in this process until the last test of the folder."""
    need(find_spec("pyspark"), "No Apache Spark: the extra [spark] is not installed.")
    need(java_version() >= OLDEST_JAVA, f"No Java {OLDEST_JAVA} or newer for Apache Spark.")
    running = engine_for(SPARK, [folder])
    try:
        yield SPARK
    finally:
        running.close()


@pytest.fixture(scope="package", params=ENGINES)
def engine_url(request: pytest.FixtureRequest) -> str:
    """The URL of each engine that holds the generated table, one after the other."""
    if request.param == "duckdb":
        return "duckdb"
    url = request.getfixturevalue(f"{request.param}_url")
    assert isinstance(url, str)
    return url


@pytest.fixture(scope="package")
def engine(engine_url: str, source: Source) -> Iterator[Engine]:
    running = engine_for(engine_url, source.paths)
    try:
        yield running
    finally:
        running.close()


@pytest.fixture(scope="package")
def texts() -> dict[str, str]:
    """The SQL text that the first engine was asked, by question."""
    return {}
