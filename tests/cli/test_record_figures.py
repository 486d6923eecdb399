"""What goes into a record from an agency's log, and what comes out of it as figures and reports, at the terminal."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from detainer_ledger.casework import state_reports
from tests.casework.logs import BAD, DECLINED, HEADER, MAPPING, TAKEN, WAITING, Row, log
from tests.cli.record_desk import HELD, ISSUED, READY, RELEASED_AFTER_DECLINE, Desk, desk_in
from tests.cli.record_desk import TAKEN as TAKEN_STEPS
from tests.records import ENGINES

YEAR = ("--from", "2026-01-01", "--to", "2026-12-31")


@pytest.fixture(params=ENGINES)
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    for made in desk_in(request.param, tmp_path):
        made.file("map.toml", MAPPING)
        yield made


def importing(desk: Desk, path: Path, *more: str) -> tuple[str | Path, ...]:
    return ("import", path, "--mapping", desk.folder / "map.toml", "--as", "jill", *more)


def cases(desk: Desk) -> int:
    return len(desk.json("list", "--as", "sam"))


# ---------------------------------------------------------------- import


def test_a_dry_run_says_what_would_happen_and_the_import_what_did(desk: Desk) -> None:
    path = log(desk.folder, TAKEN, DECLINED, WAITING)
    dry = desk.record(*importing(desk, path, "--dry-run"))
    assert dry.out == (
        "3 rows: 3 would be new, 0 would be added to, 0 unchanged, 0 passed over, 0 refused, 0 with an error.\n"
    )
    assert cases(desk) == 0
    done = desk.record(*importing(desk, path))
    assert done.out == "3 rows: 3 new, 0 added to, 0 unchanged, 0 passed over, 0 refused, 0 with an error.\n"
    assert cases(desk) == 3
    again = desk.record(*importing(desk, path))
    assert again.out == "3 rows: 0 new, 0 added to, 3 unchanged, 0 passed over, 0 refused, 0 with an error.\n"
    assert desk.json("verify")["holds"] is True


def test_rows_with_an_error_are_listed_by_number_and_the_exit_code_is_1(desk: Desk) -> None:
    ran = desk.record(*importing(desk, log(desk.folder, WAITING, BAD)), code=1)
    assert ran.out == "2 rows: 1 new, 0 added to, 0 unchanged, 0 passed over, 0 refused, 1 with an error.\n"
    assert ran.err == (
        "  row 3: The cell is not written as %m/%d/%Y %H:%M. (column Received)"
        " To do: mend the cell, or the mapping's format.\n"
    )
    assert cases(desk) == 1


def test_the_first_twenty_rows_with_an_error_are_told_and_json_has_them_all(desk: Desk) -> None:
    rows: list[Row] = [(f"B-{number}", *BAD[1:]) for number in range(25)]
    path = log(desk.folder, *rows)
    said = desk.record(*importing(desk, path), code=1).err
    assert len(said.splitlines()) == 21
    assert said.endswith("  … and 5 more; --json lists them all.\n")
    told = json.loads(desk.record(*importing(desk, path, "--json"), code=1).out)
    assert set(told) == {"dry_run", "counts", "rows"}
    assert told["counts"] == {"new": 0, "more": 0, "unchanged": 0, "passed_over": 0, "refused": 0, "error": 25}
    assert [row["number"] for row in told["rows"]] == list(range(2, 27))
    assert set(told["rows"][0]) == {"sheet", "number", "result", "case", "commands", "message"}


def test_a_file_without_a_column_is_bad_input(desk: Desk) -> None:
    path = log(desk.folder, WAITING, header=["No", *HEADER[1:]])
    assert "The file has no column 'Booking No', which the mapping names." in desk.refusal(*importing(desk, path))


def test_a_file_or_mapping_that_is_not_there_is_bad_input(desk: Desk) -> None:
    assert "There is no such file." in desk.refusal(*importing(desk, desk.folder / "none.csv"))
    none = desk.folder / "none.toml"
    said = desk.refusal("import", log(desk.folder, WAITING), "--mapping", none, "--as", "jill")
    assert "The mapping cannot be read: No such file or directory." in said
    assert f"file {none}" in said


# ---------------------------------------------------------------- extract and measure


def test_the_figures_of_an_imported_log_are_those_of_its_rows(desk: Desk) -> None:
    rows: list[Row] = [TAKEN, DECLINED, ("B-5", *DECLINED[1:]), WAITING]
    desk.record(*importing(desk, log(desk.folder, *rows)))
    store = desk.folder / "store"
    said = desk.record("extract", "--store", store, "--as", "jill").out
    assert said == f"4 detainers are written to {store} as release record-test.example-record-oak-jail.\n"
    (row,) = json.loads(desk.run("measure", "--store", store, "--json").out)
    assert {name: row[name] for name in ("detainers", "declined", "taken_into_custody", "pending_or_unrecorded")} == {
        "detainers": 4,
        "declined": sum("Declined" in each for each in rows),
        "taken_into_custody": sum("ICE" in each for each in rows),
        "pending_or_unrecorded": 1,
    }
    assert desk.run("account", "--store", store).out.count("4 seen = 4 kept + 0 set aside") == 1


def test_an_extract_into_a_folder_with_other_things_is_refused(desk: Desk) -> None:
    said = desk.refusal("extract", "--store", desk.folder, "--as", "aud")
    assert "The folder holds other things and is not a store." in said


# ---------------------------------------------------------------- reports


def test_each_report_is_listed_with_its_law_period_and_fields(desk: Desk) -> None:
    listed = desk.record("report", "list").out
    for report in state_reports().values():
        assert f"{report.id} ({report.state}): {report.title}\n" in listed
        assert report.citation in listed
        assert report.due in listed
        for field in report.fields:
            assert field["title"] in listed
        for name in report.outside:
            assert name in listed


def test_a_report_is_written_as_csv_with_what_has_to_be_said_beside_it(desk: Desk) -> None:
    desk.walk(TAKEN_STEPS)
    desk.walk(RELEASED_AFTER_DECLINE)
    ran = desk.record("report", "write", "illinois", *YEAR, "--as", "jill")
    rows = list(csv.DictReader(io.StringIO(ran.out)))
    assert sorted(row["Released or transferred"] for row in rows) == ["released", "transferred"]
    assert ran.err.startswith("2 rows. 5 ILCS 805/25 (P.A. 102-234); due by 1 March, to the Attorney General")
    target = desk.folder / "il.csv"
    to_file = desk.record("report", "write", "illinois", *YEAR, "--out", target, "--as", "jill")
    assert to_file.out == ""
    assert target.read_text() == ran.out
    assert (desk.folder / "il.csv.notes.txt").read_text().startswith(ran.err + "Period: ")
    for path in (target, desk.folder / "il.csv.notes.txt"):
        assert str(path) in desk.refusal("report", "write", "illinois", *YEAR, "--out", target, "--as", "jill")
        path.unlink()


def test_notes_of_a_report_are_on_standard_error(desk: Desk) -> None:
    ran = desk.record("report", "write", "california", *YEAR, "--as", "sam")
    assert ran.out == "Offence that allowed the transfer,Transfers,Arrests by joint task forces\n"
    assert "No agency of this record is in CA.\n" in ran.err
    assert "The fields are from a secondary source" in ran.err


# ---------------------------------------------------------------- the mark of an override

OVERRIDE = ("override", "rule=10074.2/warrant-accompanies", "reason=The judge signs at noon.", "--as", "sam")


ISSUED_WITH_AN_OVERRIDE = (
    *(step for step in READY if step[0] != "attach_warrant"),
    OVERRIDE,
    *ISSUED[len(READY) :],
)
HELD_WITH_AN_OVERRIDE = (*ISSUED_WITH_AN_OVERRIDE, *HELD[len(ISSUED) :])
RULE = "10074.2/warrant-accompanies"


def see_marked(desk: Desk, marked: str, plain: str, *options: str) -> None:
    """See that a list has a mark on one case and none on another."""
    lines = desk.record("holds", *options, "--as", "aud").out.splitlines()
    of_marked, of_plain = ([line for line in lines if case in line] for case in (marked, plain))
    assert of_marked
    assert of_plain
    assert all(line.endswith(RULE) for line in of_marked)
    assert not any(RULE in line for line in of_plain)
    told = {each["case"]: each["overridden"] for each in desk.json("holds", *options, "--as", "aud")}
    assert told == {marked: [RULE], plain: []}


def test_an_override_is_marked_in_the_queues_of_holds_and_of_incidents(desk: Desk) -> None:
    marked, plain = desk.walk(HELD_WITH_AN_OVERRIDE), desk.walk(HELD)
    see_marked(desk, marked, plain)
    desk.clock.forward(days=5)
    for case in (marked, plain):
        desk.record("act", case, "release", f"at={desk.clock.at.isoformat()}", "notice_given=yes", "--as", "jill")
    see_marked(desk, marked, plain, "--incidents")


def test_an_override_is_marked_beside_an_expected_release(desk: Desk) -> None:
    expected = ("expect_release", "at=2026-03-05T10:00", "noticed_at=2026-02-21T10:00", "--as", "jill")
    marked, plain = desk.walk((*ISSUED_WITH_AN_OVERRIDE, expected)), desk.walk((*ISSUED, expected))
    see_marked(desk, marked, plain, "--expected")


def test_an_override_is_counted_in_the_figures_of_the_record_and_in_the_audit_of_its_rules(desk: Desk) -> None:
    desk.walk(HELD_WITH_AN_OVERRIDE)
    desk.walk(TAKEN_STEPS)
    store = desk.folder / "store"
    desk.record("extract", "--store", store, "--as", "aud")
    ran = desk.run("measure", "--store", store)
    assert "overridden" in ran.out
    assert "Note: of these detainers, 1 was issued after a supervisor overrode a rule" in ran.err
    rows = list(
        csv.DictReader(io.StringIO(desk.run("measure", "--store", store, "--by", "form", "--format", "csv").out))
    )
    assert [(row["detainers"], row["overridden"]) for row in rows] == [("2", "1")]
    (parquet,) = store.rglob("detainers*.parquet")
    rows = json.loads(desk.run("measure", "--store", parquet, "--json").out)
    assert [(row["detainers"], row["overridden"]) for row in rows] == [(2, 1)]
    audited = desk.run("policy", "audit", "--store", store).out
    assert (
        "Issued after a supervisor overrode a rule of the policy: 1; their rows are marked policy/overridden."
        in audited
    )
    by_form = json.loads(desk.run("policy", "audit", "--store", store, "--by", "form", "--json").out)
    assert {(row["detainers"], row["overridden"]) for row in by_form["rows"]} == {(2, 1)}


def test_figures_without_an_override_say_nothing_of_one(desk: Desk) -> None:
    desk.walk(TAKEN_STEPS)
    store = desk.folder / "store"
    desk.record("extract", "--store", store, "--as", "aud")
    for asked in (("measure",), ("policy", "audit")):
        ran = desk.run(*asked, "--store", store)
        assert "overr" not in ran.out + ran.err
