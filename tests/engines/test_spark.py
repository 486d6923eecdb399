"""Apache Spark as a guest: quiet, heard by this machine alone, beside a session that runs, and refused with reasons."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from detainer_ledger.measures import figures, source_of
from detainer_ledger.tables import engine_for
from detainer_ledger.terms import BadInput

from .comparing import assert_same
from .conftest import OLDEST_JAVA, SPARK, need
from .loading import write_folder
from .oracle import figures_by_hand
from .questions import Question
from .rows import Row

pytestmark = pytest.mark.spark

LOOPBACK = ("0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000")
LISTENING = "0A"


def running_session() -> Any:
    from pyspark.sql import SparkSession

    return SparkSession.active()


def test_a_local_spark_listens_to_its_own_machine_alone(spark_url: str) -> None:
    need(Path("/proc/net/tcp").exists(), "No /proc/net/tcp, which lists sockets.")
    process = running_session().sparkContext._gateway.proc.pid
    sockets = {str(each.readlink()) for each in Path(f"/proc/{process}/fd").iterdir()}
    lines = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()]
    heard = [line[1].partition(":")[0] for line in lines if line[3] == LISTENING and f"socket:[{line[9]}]" in sockets]
    assert heard
    assert set(heard) <= set(LOOPBACK)


def test_a_session_that_runs_keeps_its_settings_and_goes_on(spark_url: str, folder: Path) -> None:
    session = running_session()
    before = session.conf.get("spark.sql.ansi.doubleQuotedIdentifiers")
    engine = engine_for(SPARK, [folder])
    assert engine.columns()
    engine.close()
    assert session.conf.get("spark.sql.ansi.doubleQuotedIdentifiers") == before
    assert session.sql("SELECT 1 AS one").collect()[0][0] == 1


def test_engines_side_by_side_keep_to_their_own_files(spark_url: str, folder: Path, rows: list[Row]) -> None:
    count = "SELECT COUNT(*) AS n FROM detainers"
    whole, half = engine_for(SPARK, [folder]), engine_for(SPARK, [folder / "0.parquet"])
    expected = sum(row["release_id"] == min(each["release_id"] for each in rows) for row in rows)
    assert half.run(count) == (("n",), [(expected,)])
    half.close()
    assert whole.run(count) == (("n",), [(len(rows),)])
    whole.close()


def test_another_address_than_that_of_the_running_spark_is_refused(spark_url: str, folder: Path) -> None:
    with pytest.raises(BadInput, match=r"already runs Apache Spark at local\[2\][\s\S]*local\[3\]"):
        engine_for("local[3]", [folder])


def test_a_path_with_characters_of_patterns_is_taken_literally(spark_url: str, rows: list[Row], tmp_path: Path) -> None:
    source = source_of(write_folder(rows[:50], tmp_path / "[2026] {a,b} x*y? 50%"))
    engine = engine_for(SPARK, source.paths)
    try:
        question = Question(by=("outcome",))
        assert_same(figures(engine, source, **question.asked()).rows, figures_by_hand(rows[:50], question))
    finally:
        engine.close()


@pytest.mark.parametrize("when", ["before it is opened", "before it is counted"])
def test_files_that_spark_does_not_find_are_told(when: str, spark_url: str, rows: list[Row], tmp_path: Path) -> None:
    source = source_of(write_folder(rows[:9], tmp_path / "gone"))

    def remove() -> None:
        for path in source.paths:
            path.unlink()

    def ask() -> None:
        if when == "before it is opened":
            remove()
        engine = engine_for(SPARK, source.paths)
        if when == "before it is counted":
            remove()
        try:
            figures(engine, source)
        finally:
            engine.close()

    with pytest.raises(BadInput, match=r"could not read the Parquet files") as refusal:
        ask()
    assert "every machine of the cluster finds the files under the same path" in str(refusal.value)
    assert len(str(refusal.value).splitlines()) == 3
    assert running_session().sql("SELECT 1 AS one").collect()[0][0] == 1


def started_alone(url: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``detainer measure`` on Spark in a process that runs none yet."""
    command = [sys.executable, "-m", "detainer_ledger", "measure", "--store", str(folder), "--engine", url]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | environment)


@pytest.mark.slow
def test_without_java_the_message_says_what_is_missing(spark_url: str, folder: Path, tmp_path: Path) -> None:
    found = started_alone("local[*]", folder, JAVA_HOME=str(tmp_path))
    assert found.returncode == 2
    assert found.stdout == ""
    told = found.stderr[found.stderr.index("detainer: ") :]
    assert told.startswith("detainer: Apache Spark could not be started: ")
    assert "bin/java: No such file or directory" in told
    assert f"to do: see that Java {OLDEST_JAVA} or newer is installed (java -version)" in told
    assert len(told.splitlines()) == 3


@pytest.mark.parametrize(
    "url", ["spark://127.0.0.1:1", "spark://127.0.0.1", "spark://:7077:x", "spark://a.invalid:7077"]
)
def test_an_address_where_no_master_answers_is_refused_at_once(url: str, folder: Path) -> None:
    need_spark()
    begun = time.monotonic()
    found = started_alone(url, folder)
    assert found.returncode == 2
    assert "No Apache Spark master answers at this address." in found.stderr
    assert "write it as spark://HOST:PORT" in found.stderr
    assert time.monotonic() - begun < 30


def need_spark() -> None:
    from importlib.util import find_spec

    need(find_spec("pyspark"), "No Apache Spark: the extra [spark] is not installed.")


@pytest.mark.slow
def test_a_malformed_address_is_refused_with_the_reason_of_spark(spark_url: str, folder: Path) -> None:
    found = started_alone("local[x]", folder)
    assert found.returncode == 2
    assert "Could not parse Master URL: 'local[x]'" in found.stderr
