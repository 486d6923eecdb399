"""The command line as its users meet it: names, exit codes, shapes, messages."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest

from detainer_ledger.cli.main import COMMANDS, group
from detainer_ledger.measures import FIGURE_COLUMNS
from detainer_ledger.terms import VERSION
from tests.conftest import WriteCsv

ROWS = [
    ["1/2/14", "", "X JAIL", "OHIO", "AKRON", "Detainer Declined by LEA"],
    ["1/3/14", "", "X JAIL", "OHIO", "AKRON", "Booked into Detention"],
    ["2/3/14", "", "=cmd|' /C calc'!A0", "TEXAS", "", "Moved to Mars"],
    ["", "", "", "", "", ""],
    ["06/14/0002 03:10 PM", "", "Y JAIL", "MEXICO", "", ""],
]


def run(*arguments: str, expect: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "detainer_ledger", *arguments], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == expect, done.stderr
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    path = folder / "release.csv"
    with path.open("w", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(
            ["Prepare Date", "Detainer Type", "Detainer Detention Facility", "State", "City", "Detainer Lift Reason"]
        )
        writer.writerows(ROWS)
    run("ingest", str(path), "--store", str(folder / "store"), "--release", "r")
    return folder / "store"


def test_help_lists_every_command_and_each_has_an_example() -> None:
    shown = run("--help").stdout
    for name in COMMANDS:
        assert f"\n  {name} " in shown
        command = import_module(f"detainer_ledger.cli.{name}").command
        assert isinstance(command, click.Command)
        assert f"detainer {name}" in (command.epilog or ""), f"{name} has no example"
        assert command.help
        for parameter in command.params:
            if isinstance(parameter, click.Option) and parameter.name not in {"form"}:
                assert parameter.help, f"{name} {parameter.opts} has no help"


def test_help_and_version_import_no_heavy_library() -> None:
    code = (
        "import sys; from detainer_ledger.cli.main import group;"
        "group.main(['--help'], standalone_mode=False);"
        "print([name for name in ('duckdb', 'pyarrow', 'rich', 'jinja2', 'typst') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION
    assert VERSION in run("--version").stdout


def test_an_unknown_command_is_answered_with_the_closest_one() -> None:
    assert "Did you mean 'measure'?" in run("measur", expect=2).stderr


def test_the_account_has_the_shape_of_the_contract_and_closes(store: Path) -> None:
    printed = json.loads(run("account", "--store", str(store), "--json").stdout)
    assert set(printed) == {"releases", "rows_seen", "kept", "set_aside"}
    (release,) = printed["releases"]
    assert {"release_id", "layout", "files", "duplicates", "defects", "unknown_columns", "missing_columns"} <= set(
        release
    )
    (file,) = release["files"]
    assert {"name", "sha256", "sheets"} <= set(file)
    (sheet,) = file["sheets"]
    assert {"name", "rows_seen", "kept", "set_aside", "set_aside_reasons"} <= set(sheet)
    assert (printed["rows_seen"], printed["kept"], printed["set_aside"]) == (5, 4, 1)
    assert sheet["set_aside_rows"] == [{"row": 5, "reason": "row/blank"}]
    assert release["duplicates"] == {"exact": 0, "likely": 0}
    assert release["defects"] == {"date/outside-release": 1, "lift_reason/unknown": 1, "state/unknown": 1}
    assert release["unmapped_lift_reasons"] == {"Moved to Mars": 1}


@pytest.mark.parametrize(
    ("kind", "row", "column"),
    [("state/unknown", "6", "facility_state"), ("row/blank", "5", ""), ("lift_reason/unknown", "4", "lift_reason_raw")],
)
def test_the_rows_behind_a_number_of_the_account_are_listed(store: Path, kind: str, row: str, column: str) -> None:
    printed = run("account", "--store", str(store), "--rows", kind).stdout
    (found,) = csv.DictReader(io.StringIO(printed))
    assert (found["file"], found["row"], found["column"], found["kind"]) == ("release.csv", row, column, kind)


def test_a_kind_that_no_row_has_lists_the_kinds_there_are_and_prints_no_header(store: Path) -> None:
    refused = run("account", "--store", str(store), "--rows", "nothing", expect=2)
    assert "state/unknown" in refused.stderr
    assert refused.stdout == ""


def test_the_rows_behind_a_number_are_json_on_request(store: Path) -> None:
    (row,) = json.loads(run("account", "--store", str(store), "--rows", "state/unknown", "--json").stdout)
    assert (row["file"], row["row"], row["column"]) == ("release.csv", 6, "facility_state")


def test_a_count_without_a_rate_shows_its_bounds_and_says_which_clock_was_to_be_had(store: Path) -> None:
    shown = run("measure", "--store", str(store), "--declined", "ddor").stdout
    for part in ("declined_low", "declined_high", "unknown_level", "clock is recorded", "unknown level left out or in"):
        assert part in shown
    assert "Wilson" not in shown


def test_a_filter_that_nothing_answers_to_says_so(store: Path) -> None:
    assert "No detainer answers" in run("measure", "--store", str(store), "--by", "state", "--where", "state=oh").stdout


def test_two_formats_at_once_are_refused(store: Path) -> None:
    assert "contradict" in run("measure", "--store", str(store), "--json", "--format", "csv", expect=2).stderr


def test_stays_for_a_layout_without_identifier_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    out = tmp_path / "made"
    run("synth", "--rows", "50", "--layout", "npr-2015", "--detentions", "--out", str(out), expect=2)
    assert not list(tmp_path.rglob("*.csv"))


def test_measure_gives_one_row_a_group_in_the_columns_of_the_contract(store: Path) -> None:
    rows = list(
        csv.DictReader(io.StringIO(run("measure", "--store", str(store), "--by", "state", "--format", "csv").stdout))
    )
    assert list(rows[0]) == ["state", *FIGURE_COLUMNS]
    assert [(row["state"], row["detainers"], row["declined"]) for row in rows] == [
        ("OH", "2", "1"),
        ("TX", "1", "0"),
        ("", "1", "0"),
    ]
    assert rows[0]["rate"] == "0.5"


def test_csv_json_and_parquet_hold_the_same_rows(store: Path, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    asked = ["measure", "--store", str(store), "--by", "facility,year"]
    as_json: list[dict[str, Any]] = json.loads(run(*asked, "--json").stdout)
    run(*asked, "--format", "parquet", "--out", str(tmp_path / "x.parquet"))
    assert pq.read_table(tmp_path / "x.parquet").to_pylist() == as_json
    as_csv = list(csv.DictReader(io.StringIO(run(*asked, "--format", "csv").stdout)))
    for one, other in zip(as_csv, as_json, strict=True):
        assert one["detainers"] == str(other["detainers"])
        assert one["facility"].lstrip("'") == (other["facility"] or "")


def test_a_formula_comes_out_harmless(store: Path) -> None:
    printed = run("measure", "--store", str(store), "--by", "facility", "--format", "csv").stdout
    assert "'=cmd|" in printed
    assert "\n=cmd" not in printed


def test_the_table_for_reading_says_what_every_number_rests_on(store: Path) -> None:
    shown = run("measure", "--store", str(store), "--by", "year", "--from", "2014-01-01").stdout
    for part in (
        "definition recorded, version 1",
        "2014-01-01",
        "Denominator: all",
        "Wilson",
        "SHA-256",
        "Repeats left out",
        "not attributed",
    ):
        assert part in shown
    assert "\n2014 " in shown


def test_the_sql_text_can_be_taken_elsewhere(store: Path) -> None:
    printed = run("measure", "--store", str(store), "--by", "state", "--sql").stdout
    assert printed.startswith('SELECT "g_state" AS "state"')
    assert printed.rstrip().endswith(";")


def test_a_bad_option_is_one_clear_message(store: Path) -> None:
    assert "write it as YYYY-MM-DD" in run("measure", "--store", str(store), "--from", "yesterday", expect=2).stderr
    assert "There is no engine" in run("measure", "--store", str(store), "--engine", "oracle://x", expect=2).stderr
    assert "write it as --where" in run("measure", "--store", str(store), "--where", "state", expect=2).stderr


def test_an_engine_url_never_prints_its_password(store: Path) -> None:
    message = run("measure", "--store", str(store), "--engine", "mysql://me:secret@host/db", expect=2).stderr
    assert "secret" not in message


def test_overlapping_releases_are_told_before_the_figures(write_csv: WriteCsv, tmp_path: Path) -> None:
    store = str(tmp_path / "store")
    first = write_csv([["1/2/14", "", "X", "OHIO", "", ""]], name="one.csv")
    second = write_csv([["1/2/14", "", "Y", "OHIO", "", ""]], name="two.csv")
    run("ingest", str(first), "--store", store, "--release", "one")
    assert "counted twice" in run("ingest", str(second), "--store", store, "--release", "two").stderr
    assert "counted twice" in run("measure", "--store", store).stderr
    assert "counted twice" not in run("measure", "--store", store, "--release", "one").stderr


def test_definitions_and_layouts_are_listed() -> None:
    assert {each["id"] for each in json.loads(run("definitions", "--json").stdout)} >= {
        "recorded",
        "ddor",
        "oig-2018",
        "trac",
        "npr-share",
        "not-taken",
        "broad",
        "dhs-2026",
    }
    assert "29,269" in run("definitions").stdout
    assert "icli-2026-08" in run("layouts").stdout
    assert "Final Order Yes No (2)" in run("layouts", "cilp-2025").stdout


def test_synth_ingest_link_measure_agree_with_the_truth(tmp_path: Path) -> None:
    made, store = tmp_path / "made", str(tmp_path / "store")
    run(
        "synth",
        "--rows",
        "1500",
        "--seed",
        "4",
        "--layout",
        "icli-2026-03",
        "--format",
        "csv",
        "--detentions",
        "--out",
        str(made),
    )
    truth = json.loads((made / "truth.json").read_text())
    stays = json.loads((made / "detentions_truth.json").read_text())
    releases = [str(made / file["name"]) for file in truth["files"]]
    stints = [str(made / file["name"]) for file in stays["files"]]
    account = json.loads(run("ingest", *releases, "--store", store, "--json").stdout)
    assert account["kept"] == truth["records"]
    (row,) = json.loads(run("measure", "--store", store, "--json").stdout)
    assert {name: row[name] for name in truth["outcomes_without_duplicates"]} == truth["outcomes_without_duplicates"]
    linked = json.loads(run("link", "--store", store, "--detentions", *stints, "--json").stdout)
    assert linked["by_window"] == {days: window["answered"] for days, window in stays["windows"].items()}
    assert linked["later_custody"] == stays["windows"]["180"]["later_custody"]
    (after,) = json.loads(run("measure", "--store", store, "--json").stdout)
    assert after["taken_into_custody"] > row["taken_into_custody"]
    assert after["declined_by_agency"] == row["declined_by_agency"]


@pytest.mark.slow
def test_the_demo_makes_its_report_and_says_where_it_is(tmp_path: Path) -> None:
    for _again in range(2):
        lines = run("demo", "--out", str(tmp_path / "demo")).stdout.splitlines()
        assert len(lines) == 6
        assert "seen" in lines[0]
        assert "16,380" in lines[4]
        page = Path(lines[5].removeprefix("Report: "))
        assert "Synthetic data" in page.read_text()
    (tmp_path / "demo/mine.txt").write_text("keep")
    assert "holds other things" in run("demo", "--out", str(tmp_path / "demo"), expect=2).stderr


def test_output_that_nobody_reads_to_its_end_is_no_error(store: Path) -> None:
    reader = subprocess.run(
        f"'{sys.executable}' -m detainer_ledger account --store '{store}' --json | head -c 10",
        shell=True,
        capture_output=True,
        text=True,
    )
    assert reader.stderr == ""
    assert isinstance(group, click.Group)
