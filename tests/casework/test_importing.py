"""An agency's own spreadsheet into the record: what becomes of each row."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detainer_ledger.casework import (
    Command,
    ImportResult,
    Refused,
    add_actor,
    extract,
    import_file,
    read_mapping,
    try_file,
)
from detainer_ledger.casework.importing import RowResult
from tests.casework.build import ADMINISTRATOR, AGENCY, AUDITOR, ELM, OAK, OTHER_AGENCY, SUPERVISOR, Office, new_office
from tests.casework.logs import (
    BAD,
    DECLINED,
    MAPPING,
    RECEIVED,
    TAKEN,
    WAITING,
    Row,
    imported,
    kinds,
    log,
    mapping_file,
    only,
    results,
    says,
    tried,
    what_is_kept,
)
from tests.records import Clock, place_of_record

# ---------------------------------------------------------------- what an import does


def test_each_row_becomes_the_case_that_its_cells_tell_of(office: Office, tmp_path: Path) -> None:
    done = imported(office, log(tmp_path, TAKEN, DECLINED, WAITING))
    assert results(done) == ["new", "new", "new"]
    assert done.counts == {"new": 3, "more": 0, "unchanged": 0, "passed_over": 0, "refused": 0, "error": 0}
    assert kinds(office) == {
        "B-1": ["detainer_received", "answered", "hold_began", "custody_taken"],
        "B-2": ["detainer_received", "answered", "released"],
        "B-3": ["detainer_received"],
    }
    assert says(office, "B-2", "answered") == {
        "answer": "decline", "at": "2026-02-20T12:00:00-06:00", "reason": "local_law_or_policy",
        "legal_basis": "agency_policy",
    }  # fmt: skip
    assert says(office, "B-2", "released") == {"at": "2026-02-22T08:30:00-06:00", "notice_given": False}
    assert says(office, "B-3", "detainer_received") == {
        "agency": OAK.id, "at": "2026-02-20T09:00:00-06:00", "form": "I-247A", "issued_on": "2026-02-19",
        "warrant_kind": "I-200", "reference": "B-3",
    }  # fmt: skip


def test_each_result_names_the_case_and_the_number_of_commands(office: Office, tmp_path: Path) -> None:
    done = imported(office, log(tmp_path, TAKEN, WAITING))
    assert [(row.sheet, row.number, row.commands) for row in done.rows] == [(None, 2, 4), (None, 3, 1)]
    assert [office.stage(str(row.case)) for row in done.rows] == ["ended", "served"]


def test_the_same_file_twice_changes_nothing(office: Office, tmp_path: Path) -> None:
    path = log(tmp_path, TAKEN, DECLINED, WAITING)
    imported(office, path)
    before = office.everything()
    again = imported(office, path)
    assert results(again) == ["unchanged"] * 3
    assert [row.commands for row in again.rows] == [0, 0, 0]
    assert office.everything() == before


def test_a_row_twice_in_a_file_is_one_case(office: Office, tmp_path: Path) -> None:
    done = imported(office, log(tmp_path, WAITING, WAITING))
    assert results(done) == ["new", "unchanged"]
    assert done.rows[0].case == done.rows[1].case


def test_a_colleague_who_imports_the_same_file_changes_nothing(office: Office, tmp_path: Path) -> None:
    assert add_actor(office.record, ADMINISTRATOR, name="jack", role="receiving_agency", agency=OAK.id) is None
    path = log(tmp_path, TAKEN, WAITING)
    imported(office, path)
    assert results(imported(office, path, by="jack")) == ["unchanged", "unchanged"]


def test_columns_filled_in_since_add_what_happened_since(office: Office, tmp_path: Path) -> None:
    imported(office, log(tmp_path, TAKEN[:5]))
    done = only(imported(office, log(tmp_path, TAKEN[:9])))
    assert (done.result, done.commands) == ("more", 2)
    done = only(imported(office, log(tmp_path, TAKEN)))
    assert (done.result, done.commands) == ("more", 1)
    assert kinds(office) == {"B-1": ["detainer_received", "answered", "hold_began", "custody_taken"]}


def test_a_cell_that_was_changed_since_is_told_and_changes_nothing(office: Office, tmp_path: Path) -> None:
    imported(office, log(tmp_path, WAITING))
    before = what_is_kept(office)
    done = only(imported(office, log(tmp_path, ("B-3", "02/20/2026 09:30", *WAITING[2:]))))
    assert done.result == "error"
    assert done.message == (
        "The row was changed since it was imported: it says something else of 'receive' than the case does."
        " To do: record a correction of the case, or mend the row."
    )
    assert what_is_kept(office) == before


def test_a_changed_cell_is_no_error_once_the_case_is_corrected_and_what_happened_since_is_added(
    office: Office, tmp_path: Path
) -> None:
    case = str(only(imported(office, log(tmp_path, WAITING))).case)
    changed = ("B-3", "02/20/2026 09:30", *WAITING[2:], "Declined", "02/20/2026 12:00", "policy")
    assert results(imported(office, log(tmp_path, changed))) == ["error"]
    office.done("correct", case, by=AGENCY, version="1", values={"at": "2026-02-20T09:30"})
    assert results(tried(office, log(tmp_path, changed))) == ["more"]
    assert results(imported(office, log(tmp_path, changed))) == ["more"]
    assert results(imported(office, log(tmp_path, changed))) == ["unchanged"]
    # What it said first is what is wrong now.
    assert results(imported(office, log(tmp_path, WAITING))) == ["unchanged"]


def test_two_rows_of_a_file_with_one_key_are_told_apart_from_a_row_that_was_changed(
    office: Office, tmp_path: Path
) -> None:
    path = log(tmp_path, WAITING, ("B-3", "02/21/2026 09:30", *WAITING[2:]))
    for act in (tried, imported):
        first, second = act(office, path).rows
        assert first.result in {"new"}
        assert (second.result, second.number) == ("error", 3)
        assert second.message.startswith("The row has the key of row 2 and says something else.")


def test_a_case_that_was_carried_on_by_hand_is_left_as_it_is(office: Office, tmp_path: Path) -> None:
    path = log(tmp_path, WAITING)
    case = str(only(imported(office, path)).case)
    office.done("answer", case, at="2026-02-21T17:00")
    assert results(imported(office, path)) == ["unchanged"]
    assert office.kinds(case) == ["detainer_received", "answered"]


def test_what_was_done_by_hand_and_stands_in_the_row_too_is_told(office: Office, tmp_path: Path) -> None:
    case = str(only(imported(office, log(tmp_path, TAKEN[:5]))).case)
    office.done("answer", case, at="2026-02-21T17:00")
    done = only(imported(office, log(tmp_path, TAKEN[:7])))
    assert done.result == "error"
    assert "This is before what it follows on: answered" in done.message


def test_a_row_that_fails_stores_nothing_and_the_others_are_imported(office: Office, tmp_path: Path) -> None:
    half_bad = ("B-5", *RECEIVED[1:], "Honored", "02/20/2026 10:00", "", "", "ICE", "no time")
    done = imported(office, log(tmp_path, BAD, WAITING, half_bad, DECLINED))
    assert results(done) == ["error", "new", "error", "new"]
    assert sorted(kinds(office)) == ["B-2", "B-3"]
    assert done.rows[0].message == (
        "The cell is not written as %m/%d/%Y %H:%M. (column Received) To do: mend the cell, or the mapping's format."
    )
    assert [row.number for row in done.rows] == [2, 3, 4, 5]


def test_a_file_that_is_cut_off_in_a_time_is_not_read_as_another_time(office: Office, tmp_path: Path) -> None:
    done = only(imported(office, log(tmp_path, (*RECEIVED[:1], RECEIVED[1][:-1], *RECEIVED[2:]))))
    assert done.result == "error"
    assert "The cell ends in the middle of a time." in done.message


def test_a_row_that_is_shorter_than_the_header_is_an_error_of_its_row(office: Office, tmp_path: Path) -> None:
    path = log(tmp_path, TAKEN, WAITING)
    path.write_text(path.read_text("utf-8").rstrip("\n,") + "\n", "utf-8")
    done = imported(office, path)
    assert results(done) == ["new", "error"]
    assert done.rows[1].message.startswith("The row has 5 cells, and the header names 11. To do: look whether")


def test_a_row_that_is_longer_than_the_header_is_an_error_of_its_row(office: Office, tmp_path: Path) -> None:
    done = imported(office, log(tmp_path, WAITING, (*TAKEN, "one cell too many")))
    assert results(done) == ["new", "error"]
    assert done.rows[1].message.startswith("The row has 12 cells, and the header names 11.")


def test_what_the_policy_forbids_is_refused_and_stores_nothing_of_the_row(office: Office, tmp_path: Path) -> None:
    case = str(only(imported(office, log(tmp_path, TAKEN[:7]))).case)
    office.done("indicate_citizenship", case, by=AGENCY, at="2026-02-21T10:00")
    before = office.events(case)
    done = only(imported(office, log(tmp_path, TAKEN)))
    assert done.result == "refused"
    assert done.message.startswith("The policy's rules forbid this hold.")
    assert office.events(case) == before
    assert office.access(AGENCY) == [("denied", {"act": "import", "row": done.number, "why": done.message})]
    # The refusal is recorded once, however often the row is given.
    before_again = office.everything()
    assert only(imported(office, log(tmp_path, TAKEN))).result == "refused"
    assert only(tried(office, log(tmp_path, TAKEN))).result == "refused"
    assert office.everything() == before_again


def test_a_row_that_failed_is_imported_once_it_is_mended(office: Office, tmp_path: Path) -> None:
    assert results(imported(office, log(tmp_path, BAD))) == ["error"]
    assert results(imported(office, log(tmp_path, ("B-4", "02/20/2026 11:00", *BAD[2:])))) == ["new"]


@pytest.mark.parametrize("second", [TAKEN[:7], ("B-1", "02/20/2026 09:30", *TAKEN[2:7])], ids=["same", "other"])
def test_a_row_that_failed_leaves_no_trace_for_the_next_of_its_key(office: Office, tmp_path: Path, second: Row) -> None:
    first = (*TAKEN[:6], "no time")
    dry = tried(office, log(tmp_path, first, second))
    assert results(dry) == ["error", "new"]
    assert results(imported(office, log(tmp_path, first, second))) == ["error", "new"]


def test_a_row_of_a_known_case_that_failed_leaves_no_trace_for_its_next_row(office: Office, tmp_path: Path) -> None:
    imported(office, log(tmp_path, TAKEN[:5]))
    held_before_it_was_received = (*TAKEN[:8], "02/19/2026 08:00")
    answered_later = (*TAKEN[:6], "02/20/2026 11:00")
    path = log(tmp_path, held_before_it_was_received, answered_later)
    assert results(tried(office, path)) == ["error", "more"]
    assert results(imported(office, path)) == ["error", "more"]
    assert kinds(office) == {"B-1": ["detainer_received", "answered"]}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("B-9", "02/20/2026 09:00", "I-247Q", "02/19/2026"), "(column Form) To do: did you mean 'I-247"),
        (("B-9", "02/20/2026 09:00", "", "02/19/2026"), "needs this field: the form"),
        (("B-9", "04/20/2026 09:00", "I-247A", "02/19/2026"), "The time lies in the future"),
        (("B-9", "03/09/2025 02:30", "I-247A", "03/08/2025"), "clocks were set forward over it"),
        (("B-9", "11/02/2025 01:30", "I-247A", "11/01/2025"), "happens twice in America/Chicago"),
        ((*DECLINED[:5], "Refused", *DECLINED[6:]), "The mapping does not say what this cell means."),
        ((*DECLINED[:6], "02/19/2026 12:00", *DECLINED[7:]), "This is before what it follows on: detainer received"),
        ((*DECLINED[:7], "", *DECLINED[8:]), "A decline says its reason."),
        ((*DECLINED[:8], "02/21/2026 12:00", *DECLINED[9:]), "The agency answered that it will decline."),
        (("B-\x079", *RECEIVED[1:]), "control character (U+0007) at place 3"),
        (("B-​9", *RECEIVED[1:]), "control character (U+200B)"),
        (("x" * 3_000, *RECEIVED[1:]), "3,000 characters"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_is_told_with_its_field_and_what_helps(
    office: Office, tmp_path: Path, row: Row, message: str
) -> None:
    done = only(imported(office, log(tmp_path, row)))
    assert (done.result, done.number) == ("error", 2)
    assert message in done.message
    assert what_is_kept(office) == {}


def test_a_formula_is_kept_as_the_text_that_it_is(office: Office, tmp_path: Path) -> None:
    row = ("=1+1", *RECEIVED[1:])
    assert results(imported(office, log(tmp_path, row))) == ["new"]
    assert list(kinds(office)) == ["=1+1"]


# ---------------------------------------------------------------- dry run


def told(done: ImportResult) -> list[RowResult]:
    return [replace(row, case=None) for row in done.rows]


def test_a_dry_run_stores_nothing_and_says_what_the_import_then_does(office: Office, tmp_path: Path) -> None:
    imported(office, log(tmp_path, TAKEN[:5], ("B-7", *RECEIVED[1:])))
    path = log(
        tmp_path, TAKEN, DECLINED, BAD, WAITING, WAITING, ("B-7", *RECEIVED[1:]), ("B-7", *RECEIVED[1:4], "I-205"),
        (*TAKEN[:4], "I-205"),
    )  # fmt: skip
    before = office.everything()
    dry = tried(office, path)
    assert office.everything() == before
    assert results(dry) == ["more", "new", "error", "new", "unchanged", "unchanged", "error", "error"]
    assert told(imported(office, path)) == told(dry)


def test_a_dry_run_leaves_no_file_behind(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    aside = tmp_path / "aside"
    aside.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(aside))
    tried(office, log(tmp_path, TAKEN, BAD))
    imported(office, log(tmp_path, TAKEN, BAD))
    assert list(aside.iterdir()) == []


def test_a_dry_run_names_no_case_that_is_not_there(office: Office, tmp_path: Path) -> None:
    assert only(tried(office, log(tmp_path, WAITING))).case is None


# ---------------------------------------------------------------- who


@pytest.mark.parametrize("who", [SUPERVISOR, AUDITOR, ADMINISTRATOR])
def test_only_a_receiving_agency_imports(office: Office, tmp_path: Path, who: str) -> None:
    told = read_mapping(mapping_file(tmp_path))
    for do in (import_file, try_file):
        assert isinstance(do(office.record, log(tmp_path, WAITING), told, who), Refused)
    assert what_is_kept(office) == {}


def test_the_log_of_another_agency_is_refused_row_by_row(office: Office, tmp_path: Path) -> None:
    done = imported(office, log(tmp_path, WAITING), by=OTHER_AGENCY)
    assert (only(done).result, only(done).message) == (
        "refused",
        "An agency may see and answer its own detainers alone.",
    )
    assert what_is_kept(office) == {}


def test_two_agencies_with_the_same_numbers_have_cases_of_their_own(office: Office, tmp_path: Path) -> None:
    imported(office, log(tmp_path, WAITING))
    done = imported(office, log(tmp_path, WAITING), MAPPING.replace("oak-jail", ELM.id), by=OTHER_AGENCY)
    assert results(done) == ["new"]
    assert sorted(case.agency for case in office.record.every_case()) == [ELM.id, OAK.id]


# ---------------------------------------------------------------- any order, any number of times


GROWING = (TAKEN[:5], TAKEN[:7], TAKEN[:9], TAKEN, DECLINED[:5], DECLINED[:8], DECLINED, WAITING)
"""Three cases as a log shows them on different days, each with more columns filled than before."""


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory, each_engine: str) -> dict[str, list[tuple[str, str]]]:
    """Give what the last state of the log makes in an empty record."""
    folder = tmp_path_factory.mktemp("straight")
    for place in place_of_record(each_engine, folder):
        office = new_office(place, Clock())
        imported(office, log(folder, TAKEN, DECLINED, WAITING))
        kept = what_is_kept(office)
        office.record.close()
    return kept


@pytest.fixture
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    return iter(lambda: tmp_path_factory.mktemp("any"), None)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ((TAKEN, TAKEN), ["new", "unchanged"]),
        ((TAKEN[:5], TAKEN), ["new", "more"]),
        ((TAKEN[:7], DECLINED, TAKEN), ["new", "new", "more"]),
        ((TAKEN, TAKEN[:7]), ["new", "unchanged"]),
    ],
)
def test_a_case_with_several_rows_in_one_file_is_one_case(
    office: Office, tmp_path: Path, rows: Sequence[Row], expected: list[str]
) -> None:
    dry = tried(office, log(tmp_path, *rows))
    assert results(dry) == expected
    assert results(imported(office, log(tmp_path, *rows))) == expected


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    files=st.lists(st.lists(st.sampled_from(GROWING), max_size=4), max_size=4),
    last=st.permutations((TAKEN, DECLINED, WAITING)),
    when=st.integers(0, 4),
)
def test_rows_in_any_order_and_any_number_of_times_give_the_same_cases(
    files: list[list[Row]],
    last: list[Row],
    when: int,
    straight: dict[str, list[tuple[str, str]]],
    fresh: Iterator[Path],
    each_engine: str,
) -> None:
    folder = next(fresh)
    for place in place_of_record(each_engine, folder):
        office = new_office(place, Clock())
        try:
            for rows in (*files[:when], last, *files[when:]):
                done = imported(office, log(folder, *rows))
                assert set(results(done)) <= {"new", "more", "unchanged"}
            assert what_is_kept(office) == straight
        finally:
            office.record.close()


def test_the_trial_of_a_row_sees_what_the_record_has_of_its_case(office: Office, tmp_path: Path) -> None:
    case = str(only(imported(office, log(tmp_path, TAKEN[:9]))).case)
    office.record.do(
        Command(kind="correct", case=case, zone="agency", values={
            "version": 3, "values": {"at": "2026-02-26T08:00"}, "reason": "slip of the pen",
        }),
        AGENCY,
    )  # fmt: skip
    # Custody at 07:30 would be before the hold began, as it stands now.
    done = only(imported(office, log(tmp_path, TAKEN)))
    assert done.result == "error"
    assert "This is before what it follows on: hold began" in done.message
    assert office.kinds(case)[-1] == "corrected"


@pytest.mark.slow
def test_two_thousand_rows_are_imported_and_extracted_within_a_minute(office: Office, tmp_path: Path) -> None:
    rows = [(f"N-{number:05}", *(TAKEN, DECLINED, WAITING)[number % 3][1:]) for number in range(2_000)]
    begun = time.perf_counter()
    done = imported(office, log(tmp_path, *rows))
    assert done.counts["new"] == 2_000
    assert time.perf_counter() - begun < 60
    begun = time.perf_counter()
    found = extract(office.record, tmp_path / "store", AUDITOR)
    assert not isinstance(found, Refused)
    assert found[1] == 2_000
    assert time.perf_counter() - begun < 10
