"""The mapping of an import: what it can say, and what it cannot mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from detainer_ledger.casework import command_kinds, import_file, read_mapping, try_file
from detainer_ledger.casework.import_mapping import STEPS
from detainer_ledger.terms import BadInput
from tests.casework.build import AGENCY, Office
from tests.casework.logs import (
    DECLINED,
    MAPPING,
    RECEIVED,
    TAKEN,
    WAITING,
    imported,
    kinds,
    log,
    mapping_file,
    only,
    results,
    says,
    what_is_kept,
)


def test_a_mapping_is_read_into_what_it_says(tmp_path: Path) -> None:
    told = read_mapping(mapping_file(tmp_path))
    assert (told.agency, told.key) == ("oak-jail", ("Booking No",))
    assert (told.time_format, told.day_format) == ("%m/%d/%Y %H:%M", "%m/%d/%Y")
    assert told.only_where == {
        "take_custody": ("Outcome", frozenset({"ICE"})),
        "release": ("Outcome", frozenset({"Released", "Bailed"})),
    }
    by_field = {(each.command, each.field): each for each in told.fields}
    assert by_field["receive", "form"].column == "Form"
    assert by_field["answer", "answer"].values == {"Honored": "honor", "Declined": "decline"}
    assert (by_field["release", "notice_given"].column, by_field["release", "notice_given"].constant) == (None, False)


BARE = 'agency = "oak-jail"\nkey = ["No"]\n'
SHORT = BARE + 'zone = "agency"\n'


@pytest.mark.parametrize(
    ("text", "message", "entry"),
    [
        ("agency = ", "The mapping is no TOML", None),
        ('key = ["No"]\n', "The mapping lacks an entry.", "agency"),
        ('agency = "oak-jail"\n', "The mapping lacks an entry.", "key"),
        ('agency = "oak-jail"\nkey = "No"\n', "The key is a list of columns.", "key"),
        ('agency = "oak-jail"\nkey = []\n', "The key is a list of columns.", "key"),
        ('agency = "oak-jail"\nkey = [1]\n', "The key is a list of columns.", "key"),
        (SHORT + "[issue]\n", "A row cannot become this.", "issue"),
        (SHORT + 'receive = "Received"\n', "A row cannot become this.", "receive"),
        (SHORT + "place = 1\n", "A row cannot become this.", "place"),
        (SHORT + '[receive]\nfrom = "A"\n', "The command receive has no such field.", "receive.from"),
        (SHORT + "[receive]\nat = 5\n", "The mapping does not say where the field comes from.", "receive.at"),
        (SHORT + "[receive]\nat = {}\n", "The mapping does not say where the field comes from.", "receive.at"),
        (
            SHORT + '[receive]\nat = { column = "A", is = "B" }\n',
            "The mapping does not say where the field comes from.",
            "receive.at",
        ),
        (
            SHORT + '[receive]\nform = { column = "A", value = { a = "b" } }\n',
            "The mapping does not say where the field comes from.",
            "receive.form",
        ),
        (SHORT + '[receive]\nat = ["A"]\n', "The mapping does not say where the field comes from.", "receive.at"),
    ],
)
def test_an_entry_that_cannot_be_meant_is_named(tmp_path: Path, text: str, message: str, entry: str | None) -> None:
    with pytest.raises(BadInput) as caught:
        read_mapping(mapping_file(tmp_path, text))
    assert message in caught.value.what
    assert caught.value.where.get("entry") == entry
    assert caught.value.where["file"] == "mapping.toml"
    assert caught.value.do


RECEIVE = '[receive]\nat = "Received"\nform = "Form"\nissued_on = "Issued"\n'
CUSTODY = '[take_custody]\nat = "Outcome at"\nonly_where = '

NO_MAPPING: Mapping[str, str] = {
    "no zone of the times": BARE + RECEIVE,
    "a zone that is a number": BARE + "zone = 1\n" + RECEIVE,
    "an abbreviation in the place of a zone": BARE + 'zone = "CST"\n' + RECEIVE,
    "a zone that there is not": BARE + 'zone = "America/Oak"\n' + RECEIVE,
    "a form of times without an offset, and no zone": BARE + 'time_format = "%m/%d/%Y %H:%M"\n' + RECEIVE,
    "cells that mean no answer": SHORT
    + RECEIVE
    + '[answer]\nat = "A"\nanswer = { column = "B", values = { Y = "honour" } }\n',
    "a form that there is not": BARE
    + 'zone = "agency"\n[receive]\nat = "A"\nform = { is = "I-247Z" }\nissued_on = "B"\n',
    "a form of times with no such sign": SHORT + 'time_format = "%Q/%m"\n' + RECEIVE,
    "sheets that are no list": SHORT + 'sheets = "Log"\n' + RECEIVE,
    "only_where is text": SHORT + RECEIVE + CUSTODY + '"Outcome"\n',
    "only_where without a column": SHORT + RECEIVE + CUSTODY + '{ is = ["ICE"] }\n',
    "only_where without cells": SHORT + RECEIVE + CUSTODY + '{ column = "Outcome" }\n',
    "only_where with a cell that is no list": SHORT + RECEIVE + CUSTODY + '{ column = "Outcome", is = "ICE" }\n',
    "values are a list": SHORT + RECEIVE + 'warrant_kind = { column = "Warrant", values = ["I-200"] }\n',
    "a form of times is a number": SHORT + "time_format = 5\n" + RECEIVE,
    "a form of days is a list": SHORT + 'day_format = ["%d"]\n' + RECEIVE,
    "the agency is a number": 'agency = 5\nkey = ["No"]\n' + RECEIVE,
    "no command receive": SHORT + '[answer]\nat = "Answered"\nanswer = { is = "honor" }\n',
    "a field that receive needs is left out": SHORT + RECEIVE.replace('issued_on = "Issued"\n', ""),
    "an answer without its time": SHORT + RECEIVE + '[answer]\nanswer = "Answer"\n',
    "a person in one column": SHORT + RECEIVE + 'person = "Name"\n',
}


@pytest.mark.parametrize("text", NO_MAPPING.values(), ids=NO_MAPPING)
def test_what_a_mapping_cannot_mean_is_told_before_any_row_is_read(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_mapping(mapping_file(tmp_path, text))
    assert "entry" in caught.value.where
    assert caught.value.do


@pytest.mark.parametrize("agency", ["'ash-jail'", "''"])
def test_an_agency_that_the_record_does_not_know_is_told_before_any_row_is_read(
    office: Office, tmp_path: Path, agency: str
) -> None:
    told = read_mapping(mapping_file(tmp_path, MAPPING.replace('"oak-jail"', agency)))
    for do in (import_file, try_file):
        with pytest.raises(BadInput, match="The mapping names an agency that the record does not know"):
            do(office.record, log(tmp_path, WAITING), told, AGENCY)


def test_a_mapping_that_is_not_there_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="The mapping cannot be read: No such file or directory"):
        read_mapping(tmp_path / "none.toml")


@pytest.mark.parametrize("step", STEPS)
def test_each_step_that_a_row_can_become_can_be_mapped_with_every_field_of_its_command(
    tmp_path: Path, step: str
) -> None:
    fields = [each.name for each in command_kinds()[step].fields if each.kind not in {"agency", "person"}]
    table = f"[{step}]\n" + "".join(f'{name} = "Column {name}"\n' for name in fields)
    told = read_mapping(mapping_file(tmp_path, SHORT + ("" if step == "receive" else RECEIVE) + table))
    assert [(each.field, each.column) for each in told.fields if each.command == step] == [
        (name, f"Column {name}") for name in fields
    ]


@pytest.mark.parametrize(
    ("formats", "received", "issued"),
    [
        ('zone = "agency"\n', "2026-02-20T09:00", "2026-02-19"),
        ('zone = "agency"\n', "2026-02-20 09:00:00", "2026-02-19"),
        ('zone = "America/Chicago"\n', "2026-02-20T09:00", "2026-02-19"),
        ('zone = "America/Los_Angeles"\n', "2026-02-20T07:00", "2026-02-19"),
        ('zone = "agency"\n', "2026-02-20T15:00Z", "2026-02-19"),
        ('zone = "America/Los_Angeles"\n', "2026-02-20T10:00-05:00", "2026-02-19"),
        (
            'zone = "agency"\ntime_format = "%d.%m.%Y %H:%M"\nday_format = "%d.%m.%Y"\n',
            "20.02.2026 09:00",
            "19.02.2026",
        ),
        (
            'zone = "agency"\ntime_format = "%b %d %Y %I:%M %p"\nday_format = "%d-%b-%y"\n',
            "Feb 20 2026 09:00 AM",
            "19-Feb-26",
        ),
        ('time_format = "%Y-%m-%dT%H:%M%z"\n', "2026-02-20T10:00-0500", "2026-02-19"),
    ],
)
def test_times_and_days_are_read_as_the_mapping_says(
    office: Office, tmp_path: Path, formats: str, received: str, issued: str
) -> None:
    mapping = f'agency = "oak-jail"\nkey = ["No"]\n{formats}{RECEIVE}reference = "No"\n'
    header = ("No", "Received", "Form", "Issued")
    imported(office, log(tmp_path, ("7", received, "I-247A", issued), header=header), mapping)
    said = says(office, "7", "detainer_received")
    assert (said["at"], said["issued_on"]) == ("2026-02-20T09:00:00-06:00", "2026-02-19")


def test_a_constant_is_the_same_in_every_row_and_values_are_translated(office: Office, tmp_path: Path) -> None:
    mapping = (
        SHORT + '[receive]\nat = "Received"\nissued_on = { is = "2026-02-19" }\nreference = "No"\n'
        'form = { column = "Kind", values = { hold = "I-247A", notice = "I-247N" } }\n'
    )
    path = log(
        tmp_path, ("1", "2026-02-20T09:00", "hold"), ("2", "2026-02-20T09:00", "notice"),
        header=("No", "Received", "Kind"),
    )  # fmt: skip
    assert results(imported(office, path, mapping)) == ["new", "new"]
    assert [says(office, number, "detainer_received")["form"] for number in ("1", "2")] == ["I-247A", "I-247N"]
    assert {says(office, number, "detainer_received")["issued_on"] for number in ("1", "2")} == {"2026-02-19"}


def test_a_cell_of_which_nothing_follows_for_a_field_leaves_it_out(office: Office, tmp_path: Path) -> None:
    """A log that has no column of reasons says with the answer itself that none was stated."""
    mapping = (
        MAPPING.replace(
            'reason = { column = "Why", values = { policy = "local_law_or_policy" } }',
            'reason = { column = "Answer", values = { Honored = "", Declined = "not_stated" } }',
        )
        .replace(
            'legal_basis = { column = "Why", values = { policy = "agency_policy" } }',
            'legal_basis = { column = "Answer", values = { Honored = "", Declined = "none_stated" } }',
        )
    )  # fmt: skip
    done = imported(office, log(tmp_path, TAKEN, DECLINED), mapping)
    assert results(done) == ["new", "new"]
    assert "legal_basis" not in says(office, "B-1", "answered")
    assert (says(office, "B-2", "answered")["reason"], says(office, "B-2", "answered")["legal_basis"]) == (
        "not_stated", "none_stated",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("outcome", "ends"),
    [("ICE", ["custody_taken"]), ("Released", ["released"]), ("Bailed", ["released"]), ("Waiting", [])],
)
def test_a_step_only_where_a_cell_says_so_is_given_there_alone(
    office: Office, tmp_path: Path, outcome: str, ends: list[str]
) -> None:
    mapping = f"{MAPPING}\n[passed_over]\nOutcome = ['Waiting']\n"
    assert results(imported(office, log(tmp_path, (*TAKEN[:9], outcome, TAKEN[-1])), mapping)) == ["new"]
    assert kinds(office)["B-1"][3:] == ends


@pytest.mark.parametrize(
    ("outcome", "message"),
    [
        ("Let out", "The mapping does not say what this cell means. (column Outcome)"),
        ("ice", "those of this column are Bailed, ICE, Released."),
        ("", "There is a time, and 'Outcome' does not say of what. (column Outcome at) To do: fill Outcome."),
    ],
)
def test_an_outcome_that_means_nothing_is_an_error_of_its_row(
    office: Office, tmp_path: Path, outcome: str, message: str
) -> None:
    done = only(imported(office, log(tmp_path, (*TAKEN[:9], outcome, TAKEN[-1]))))
    assert done.result == "error"
    assert message in done.message
    assert kinds(office) == {}


@pytest.mark.parametrize("told", ["'Waiting'", "['Waiting']", "{ Outcome = 'Waiting' }"])
def test_cells_that_are_passed_over_stand_by_column(tmp_path: Path, told: str) -> None:
    with pytest.raises(BadInput) as raised:
        read_mapping(mapping_file(tmp_path, f"passed_over = {told}\n{MAPPING}"))
    assert raised.value.where["entry"] == "passed_over"


def test_a_key_of_several_columns_tells_rows_apart_by_all_of_them(office: Office, tmp_path: Path) -> None:
    mapping = MAPPING.replace('key = ["Booking No"]', 'key = ["Booking No", "Issued"]').replace(
        'reference = "Booking No"', 'reference = "Issued"'
    )
    done = imported(office, log(tmp_path, WAITING, (*WAITING[:3], "02/18/2026")), mapping)
    assert results(done) == ["new", "new"]


def test_an_answer_without_its_time_is_told(office: Office, tmp_path: Path) -> None:
    done = only(imported(office, log(tmp_path, (*DECLINED[:6], "", *DECLINED[7:]))))
    assert done.result == "error"


def test_a_row_without_its_key_is_told(office: Office, tmp_path: Path) -> None:
    mapping = MAPPING.replace('reference = "Booking No"', 'reference = "Form"')
    done = imported(office, log(tmp_path, ("", *RECEIVED[1:])), mapping)
    assert results(done) == ["error"]


@pytest.mark.parametrize("place", [1, 2, 3, 4, 5, 6, 7])
def test_a_name_in_a_column_that_was_mapped_by_mistake_is_not_repeated(
    office: Office, tmp_path: Path, place: int
) -> None:
    name = "Example Person (synthetic)"
    row = [*DECLINED]
    row[place] = name
    done = only(imported(office, log(tmp_path, row)))
    assert done.result == "error"
    assert name not in done.message


def test_a_name_where_a_time_should_be_is_not_repeated_without_a_form_of_times_either(
    office: Office, tmp_path: Path
) -> None:
    name = "Example Person (synthetic)"
    mapping = re.sub(r"(?m)^(time|day)_format.*$", "", MAPPING)
    assert name not in only(imported(office, log(tmp_path, ("B-1", name, "I-247A", "2026-02-19")), mapping)).message


def test_a_row_that_becomes_nothing_is_not_told_as_new(office: Office, tmp_path: Path) -> None:
    mapping = MAPPING.replace("[receive]\n", '[receive]\nonly_where = { column = "Form", is = ["I-247A"] }\n')
    done = only(imported(office, log(tmp_path, ("B-1", "02/20/2026 09:00", "I-247N", "02/19/2026")), mapping))
    assert what_is_kept(office) == {}
    assert done.result != "new"
