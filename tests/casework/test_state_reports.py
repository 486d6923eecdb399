"""Reports that states ask of agencies: exactly the fields that the law names, of exactly the cases that it means."""

from __future__ import annotations

import csv
import io
import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from unittest import mock

import pytest

from detainer_ledger.casework import (
    Agency,
    Done,
    Refused,
    ReportRows,
    add_actor,
    add_agency,
    fill_report,
    state_reports,
)
from detainer_ledger.terms import BadInput
from tests.casework.build import ADMINISTRATOR, AUDITOR, OFFICER, PERSON, SUPERVISOR, Office, new_office
from tests.records import Clock, place_of_record
from tests.running import detainer

STATES: Mapping[str, tuple[str, str]] = {
    "illinois": ("IL", "America/Chicago"),
    "oregon": ("OR", "America/Los_Angeles"),
    "california": ("CA", "America/Los_Angeles"),
    "new-jersey": ("NJ", "America/New_York"),
    "georgia": ("GA", "America/New_York"),
}
TABLE = tomllib.loads(files("detainer_ledger.casework").joinpath("state_reports.toml").read_text("utf-8"))["report"]
YEAR = (date(2026, 1, 1), date(2026, 12, 31))

OTHER_REQUESTS = (
    "Not in a record of detainers, and to be told from elsewhere: other requests of the Department of Homeland Security"
    " for assistance, and how they were handled."
)

Step = tuple[str, Mapping[str, object]]
ANSWER_HONOR: Step = ("answer", {"at": "2026-02-11T09:00", "answer": "honor"})
ANSWER_DECLINE: Step = (
    "answer",
    {"at": "2026-02-11T09:00", "answer": "decline", "reason": "state_law", "legal_basis": "none_stated"},
)
NOTICE: Step = ("expect_release", {"at": "2026-02-12T09:00", "noticed_at": "2026-02-11T10:00"})
HOLD: Step = ("begin_hold", {"at": "2026-02-12T09:00"})
TAKEN: Step = ("take_custody", {"at": "2026-02-13T08:15"})
TAKEN_FOR: Step = ("take_custody", {"at": "2026-02-13T08:15", "allowing_offence": "=2+2"})
EXPIRED: Step = ("expire", {"at": "2026-02-14T09:00"})
RELEASED: Step = ("release", {"at": "2026-02-12T18:30", "bail_posted_at": "2026-02-12T16:45"})
TRANSFERRED: Step = ("transfer", {"at": "2026-02-12T07:00", "to_agency": "Pine County Jail"})
LIFTED: Step = ("record_lift", {"at": "2026-02-12T07:00", "reason": "lifted"})

CASES: Mapping[str, tuple[Step, ...]] = {
    "burglary": (ANSWER_HONOR, NOTICE, HOLD, TAKEN),
    "=1+1": (ANSWER_HONOR, TAKEN_FOR),
    "theft": (ANSWER_DECLINE, RELEASED),
    "robbery": (HOLD, EXPIRED),
    "assault": (ANSWER_HONOR, NOTICE),
    "fraud": (TRANSFERRED,),
    "arson": (LIFTED,),
    "": (),
}
"""What became of a detainer, by the offence for which the person was held; one agency of each state has each."""


@dataclass(frozen=True)
class Reported:
    """A record with an agency in each of the five states, and one that no state's report is of."""

    office: Office
    cases: tuple[str, ...]

    def rows(
        self, report: str, by: str = SUPERVISOR, start: date = YEAR[0], end: date = YEAR[1]
    ) -> list[Mapping[str, str]]:
        return list(self.filled(report, by, start, end).rows)

    def filled(self, report: str, by: str = SUPERVISOR, start: date = YEAR[0], end: date = YEAR[1]) -> ReportRows:
        found = fill_report(self.office.record, report, by, start=start, end=end)
        assert isinstance(found, ReportRows), found
        return found


def receive(office: Office, agency: str, at: str, offence: str, steps: tuple[Step, ...] = ()) -> str:
    who = f"jail of {agency}"
    values = {
        "agency": agency, "at": at, "form": "I-247A", "issued_on": at[:10], "offence": offence or None,
        "reference": f"ref {agency}", "person": PERSON,
    }  # fmt: skip
    done = office.give(who, "receive", None, {name: value for name, value in values.items() if value is not None})
    assert isinstance(done, Done), done
    for kind, told in steps:
        assert isinstance(office.give(who, kind, done.case, told), Done)
    return done.case


def with_agency(office: Office, agency: str, state: str, zone: str) -> None:
    added = Agency(id=agency, name=f"Jail of {state}", state=state, zone=zone)
    assert add_agency(office.record, ADMINISTRATOR, added) is None
    name = f"jail of {agency}"
    assert add_actor(office.record, ADMINISTRATOR, name=name, role="receiving_agency", agency=agency) is None


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, each_engine: str) -> Iterator[Reported]:
    folder = tmp_path_factory.mktemp("reports")
    for place in place_of_record(each_engine, folder):
        office = new_office(place, Clock())
        cases: list[str] = []
        for state, zone in [*STATES.values(), ("TX", "America/Chicago")]:
            with_agency(office, state.lower(), state, zone)
            for offence, steps in CASES.items():
                cases.append(receive(office, state.lower(), "2026-02-10T09:00", offence, steps))
        yield Reported(office, tuple(cases))
        office.record.close()


# ---------------------------------------------------------------- fields


def test_there_is_a_report_for_each_entry_of_the_table() -> None:
    assert list(state_reports()) == [entry["id"] for entry in TABLE] == list(STATES)
    assert {each.id: each.state for each in state_reports().values()} == {
        report: state for report, (state, _) in STATES.items()
    }


@pytest.mark.parametrize("entry", TABLE, ids=lambda entry: str(entry["id"]))
def test_a_report_has_the_fields_that_the_table_names_and_no_others(
    made: Reported, entry: Mapping[str, list[Mapping[str, str]]]
) -> None:
    names = [field["name"] for field in entry["fields"]]
    rows = made.rows(str(entry["id"]))
    assert rows
    assert [list(row) for row in rows] == [names] * len(rows)


@pytest.mark.parametrize("report", STATES)
def test_a_report_says_its_law_how_sure_that_is_and_when_it_is_due(report: str) -> None:
    told = state_reports()[report]
    assert told.citation
    assert told.trust in {"confirmed", "secondary", "unconfirmed"}
    assert told.due
    assert all(set(field) == {"name", "title", "source"} for field in told.fields)


# ---------------------------------------------------------------- values


def test_illinois_gets_receipt_bail_end_and_who_took_custody(made: Reported) -> None:
    day = "2026-02-10"
    assert sorted(tuple(row.values()) for row in made.rows("illinois")) == sorted(
        [
            (day, "", "transferred", "2026-02-13T08:15-06:00", "ICE"),
            (day, "", "transferred", "2026-02-13T08:15-06:00", "ICE"),
            (day, "2026-02-12T16:45-06:00", "released", "2026-02-12T18:30-06:00", ""),
            (day, "", "released", "2026-02-14T09:00-06:00", ""),
            (day, "", "", "", ""),
            (day, "", "transferred", "2026-02-12T07:00-06:00", "Pine County Jail"),
            (day, "", "", "", ""),
            (day, "", "", "", ""),
        ]
    )


def test_oregon_gets_what_was_done_with_each_request(made: Reported) -> None:
    rows = made.rows("oregon")
    assert {(row["date_received"], row["request"]) for row in rows} == {("2026-02-10", "I-247A")}
    assert sorted(row["what_was_done"] for row in rows) == sorted(
        [
            "notice of release, hold, transfer of custody",
            "transfer of custody",
            "declined; released",
            "hold; released",
            "notice of release",
            "nothing yet",
            "detainer lifted",
            "transferred to another agency",
        ]
    )


@pytest.mark.parametrize("step", [TRANSFERRED, LIFTED], ids=["transferred", "lifted"])
def test_oregon_is_not_told_nothing_yet_of_a_detainer_that_has_ended(office: Office, step: Step) -> None:
    with_agency(office, "or", "OR", "America/Los_Angeles")
    receive(office, "or", "2026-02-10T09:00", "theft", (step,))
    found = fill_report(office.record, "oregon", SUPERVISOR, start=YEAR[0], end=YEAR[1])
    assert isinstance(found, ReportRows)
    assert [row["what_was_done"] == "nothing yet" for row in found.rows] == [False]


def test_california_gets_the_number_of_transfers_by_offence(made: Reported) -> None:
    assert [tuple(row.values()) for row in made.rows("california")] == [("=2+2", "1", ""), ("not recorded", "1", "")]


def test_a_transfer_is_counted_by_the_offence_that_allowed_it_and_not_by_that_of_the_arrest(office: Office) -> None:
    with_agency(office, "ca", "CA", "America/Los_Angeles")
    for allowing in ("theft", None, "theft"):
        said = {"at": "2026-02-13T08:15", **({"allowing_offence": allowing} if allowing else {})}
        receive(office, "ca", "2026-02-10T09:00", "burglary", (ANSWER_HONOR, ("take_custody", said)))
    found = fill_report(office.record, "california", SUPERVISOR, start=YEAR[0], end=YEAR[1])
    assert isinstance(found, ReportRows)
    assert [tuple(row.values()) for row in found.rows] == [("not recorded", "1", ""), ("theft", "2", "")]


def test_new_jersey_gets_the_assistance_that_was_given_and_no_row_without_any(made: Reported) -> None:
    assert sorted(row["assistance"] for row in made.rows("new-jersey")) == sorted(
        [
            # Of one detainer.
            "notice of release",
            "hold",
            "transfer of custody",
            # Of three others.
            "transfer of custody",
            "hold",
            "notice of release",
        ]
    )


def test_georgia_gets_the_numbers_of_detainers_and_of_those_that_ice_answered(made: Reported) -> None:
    assert [tuple(row.values()) for row in made.rows("georgia")] == [("", "", "8", "2")]


def test_a_detainer_issued_in_this_record_is_reported_by_when_it_was_served(office: Office) -> None:
    with_agency(office, "il", "IL", "America/Chicago")
    case = office.follow(
        "record_arrest", "examine_citizenship", "establish_probable_cause", "attach_warrant", first={"agency": "il"}
    )
    office.done("issue", case)
    found = fill_report(office.record, "illinois", SUPERVISOR, start=YEAR[0], end=YEAR[1])
    assert isinstance(found, ReportRows)
    assert found.rows == ()
    office.done("serve_agency", case, at="2026-02-21T00:30")
    found = fill_report(office.record, "illinois", SUPERVISOR, start=YEAR[0], end=YEAR[1])
    assert isinstance(found, ReportRows)
    assert [row["date_received"] for row in found.rows] == ["2026-02-21"]


# ---------------------------------------------------------------- period, state, agency


@pytest.mark.parametrize(
    ("start", "end", "dates"),
    [
        ("2026-02-01", "2026-02-28", ["2026-02-01", "2026-02-28"]),
        ("2026-02-02", "2026-02-27", []),
        ("2026-02-01", "2026-02-01", ["2026-02-01"]),
        ("2026-02-28", "2026-02-28", ["2026-02-28"]),
        ("2026-01-31", "2026-01-31", ["2026-01-31"]),
        ("2026-01-01", "2026-12-31", ["2026-01-31", "2026-02-01", "2026-02-28", "2026-03-01"]),
    ],
)
def test_the_period_holds_its_first_and_its_last_day_by_the_clock_of_the_agency(
    office: Office, start: str, end: str, dates: list[str]
) -> None:
    with_agency(office, "il", "IL", "America/Chicago")
    for at in ("2026-01-31T23:59", "2026-02-01T00:00", "2026-02-28T23:59", "2026-03-01T00:00"):
        receive(office, "il", at, "theft")
    found = fill_report(
        office.record, "illinois", SUPERVISOR, start=date.fromisoformat(start), end=date.fromisoformat(end)
    )
    assert isinstance(found, ReportRows)
    assert sorted(row["date_received"] for row in found.rows) == dates
    assert (found.start.isoformat(), found.end.isoformat()) == (start, end)


@pytest.mark.parametrize(
    ("report", "state", "received_year", "next_year"),
    [
        ("california", "CA", [], [("not recorded", "1", "")]),
        (
            "new-jersey",
            "NJ",
            [("2025-12-30", "notice of release")],
            [("2025-12-30", "hold"), ("2025-12-30", "transfer of custody")],
        ),
        ("georgia", "GA", [("", "", "1", "0")], [("", "", "0", "1")]),
        ("illinois", "IL", [("2025-12-30", "", "transferred", "2026-01-02T08:00-06:00", "ICE")], []),
    ],
)
def test_what_happens_in_another_period_than_the_receipt_stands_in_its_own(
    office: Office, report: str, state: str, received_year: list[tuple[str, ...]], next_year: list[tuple[str, ...]]
) -> None:
    with_agency(office, "jail", state, STATES[report][1])
    steps: tuple[Step, ...] = (
        ("expect_release", {"at": "2026-01-01T09:00", "noticed_at": "2025-12-31T10:00"}),
        ("begin_hold", {"at": "2026-01-01T09:00"}),
        ("take_custody", {"at": "2026-01-02T08:00"}),
    )
    receive(office, "jail", "2025-12-30T09:00", "theft", steps)
    for year, expected in ((2025, received_year), (2026, next_year)):
        start, end = date(year, 1, 1), date(year, 12, 31)
        found = fill_report(office.record, report, SUPERVISOR, start=start, end=end)
        assert isinstance(found, ReportRows)
        assert [tuple(row.values()) for row in found.rows] == expected


@pytest.mark.parametrize(
    ("how", "illinois", "oregon"),
    [
        ("released", ("released", "2026-02-13T13:00", ""), "hold; detainer lifted; released"),
        ("custody_taken", ("transferred", "2026-02-13T13:00", "ICE"), "hold, transfer of custody; detainer lifted"),
        (None, ("", "", ""), "hold; detainer lifted"),
    ],
)
def test_how_a_hold_ended_that_outlasted_a_lift_is_reported(
    office: Office, how: str | None, illinois: tuple[str, ...], oregon: str
) -> None:
    steps: tuple[Step, ...] = (
        HOLD,
        ("record_lift", {"at": "2026-02-13T07:00", "reason": "lifted"}),
        ("end_hold", {"at": "2026-02-13T13:00"} | ({"how": how} if how else {})),
    )
    for agency, state, zone in (("il", "IL", "America/Chicago"), ("or", "OR", "America/Los_Angeles")):
        with_agency(office, agency, state, zone)
        receive(office, agency, "2026-02-10T09:00", "theft", steps)
    found = [
        fill_report(office.record, each, SUPERVISOR, start=YEAR[0], end=YEAR[1]) for each in ("illinois", "oregon")
    ]
    rows = [list(each.rows[0].values()) for each in found if isinstance(each, ReportRows)]
    assert (rows[0][2], rows[0][3].removesuffix("-06:00"), rows[0][4]) == illinois
    assert rows[1][2] == oregon


@pytest.mark.parametrize("report", STATES)
def test_a_report_tells_that_a_rule_was_overridden_whenever_its_rows_are_of_that_detainer(
    office: Office, report: str
) -> None:
    state, zone = STATES[report]
    with_agency(office, "jail", state, zone)
    case = office.follow("record_arrest", "examine_citizenship", "establish_probable_cause", first={"agency": "jail"})
    office.done("override", case, rule="10074.2/warrant-accompanies", reason="It is on its way.")
    office.done("issue", case)
    office.done("serve_agency", case, at="2026-02-20T15:00")
    office.done("take_custody", case, at="2026-02-26T10:00")
    mark = "Detainers in this report for which a rule was overridden: 1."
    for start, end in (
        (YEAR[0], YEAR[1]),
        (date(2026, 2, 25), date(2026, 2, 28)),
        (date(2026, 2, 1), date(2026, 2, 21)),
    ):
        found = fill_report(office.record, report, SUPERVISOR, start=start, end=end)
        assert isinstance(found, ReportRows)
        counts = [row for row in found.rows if set(row.values()) - {"", "0"}]
        assert (mark in found.notes) == bool(counts), (start, end)


@pytest.mark.parametrize("report", STATES)
def test_only_agencies_of_the_state_are_in_its_report(made: Reported, report: str) -> None:
    everything = made.rows(report)
    state = STATES[report][0].lower()
    assert made.rows(report, by=f"jail of {state}") == everything


def test_an_agency_of_another_state_has_nothing_in_it(made: Reported) -> None:
    found = made.filled("illinois", by="jail of tx")
    assert found.rows == ()
    assert "No detainer falls into this period." in found.notes


def test_an_agency_gets_its_own_detainers_alone(office: Office) -> None:
    for agency in ("il-a", "il-b"):
        with_agency(office, agency, "IL", "America/Chicago")
    receive(office, "il-a", "2026-02-10T09:00", "theft")
    receive(office, "il-b", "2026-02-11T09:00", "theft")
    for by, days in (
        ("jail of il-a", ["2026-02-10"]),
        ("jail of il-b", ["2026-02-11"]),
        (AUDITOR, ["2026-02-10", "2026-02-11"]),
    ):
        found = fill_report(office.record, "illinois", by, start=YEAR[0], end=YEAR[1])
        assert isinstance(found, ReportRows)
        assert sorted(row["date_received"] for row in found.rows) == days


@pytest.mark.parametrize("who", [OFFICER, ADMINISTRATOR])
def test_who_may_not_extract_gets_no_report(made: Reported, who: str) -> None:
    assert isinstance(fill_report(made.office.record, "illinois", who, start=YEAR[0], end=YEAR[1]), Refused)


def test_an_unknown_report_and_a_period_that_runs_backwards_are_bad_input(made: Reported) -> None:
    with pytest.raises(BadInput, match="There is no such report"):
        made.filled("ohio")
    with pytest.raises(BadInput, match="The period ends before it begins"):
        made.filled("illinois", start=date(2026, 2, 2), end=date(2026, 2, 1))


# ---------------------------------------------------------------- notes


def test_a_state_without_an_agency_is_told_as_such(office: Office) -> None:
    found = fill_report(office.record, "illinois", SUPERVISOR, start=YEAR[0], end=YEAR[1])
    assert isinstance(found, ReportRows)
    assert found.notes == ("No agency of this record is in IL.", OTHER_REQUESTS)


def test_a_period_without_a_detainer_is_told_as_such(made: Reported) -> None:
    found = made.filled("illinois", start=date(2025, 1, 1), end=date(2025, 12, 31))
    assert (found.rows, found.notes) == ((), ("No detainer falls into this period.", OTHER_REQUESTS))


@pytest.mark.parametrize(
    ("report", "notes"),
    [
        ("illinois", [OTHER_REQUESTS]),
        ("oregon", []),
        ("new-jersey", []),
        (
            "california",
            [
                "Not in a record of detainers, and to be told from elsewhere: arrests by joint task forces.",
                "The fields are from a secondary source; look at the law before you file the report.",
            ],
        ),
        (
            "georgia",
            [
                "Not in a record of detainers, and to be told from elsewhere: total number of inmates.",
                OTHER_REQUESTS.partition(": ")[0] + ": queries to the Law Enforcement Support Center.",
            ],
        ),
    ],
)
def test_what_is_left_out_or_not_sure_is_said_beside_the_report(made: Reported, report: str, notes: list[str]) -> None:
    assert list(made.filled(report).notes) == notes


# ---------------------------------------------------------------- nobody in it


@pytest.mark.parametrize("report", STATES)
def test_no_report_has_a_personal_value_a_case_or_a_reference(made: Reported, report: str, tmp_path: Path) -> None:
    place = made.office.place
    here = {"DETAINER_RECORD": place.url, "DETAINER_KEYS": str(place.keys_folder)}
    with mock.patch.dict(os.environ, here):
        ran = detainer(
            "record", "report", "write", report, "--from", "2026-01-01", "--to", "2026-12-31", "--as", SUPERVISOR
        )
    assert ran.code == 0, ran.err
    text = ran.out + ran.err + json.dumps([dict(row) for row in made.rows(report)])
    for value in (*PERSON.values(), *made.cases, "ref ", "p-"):
        assert value not in text.replace("Department", "")
    titles = [field["title"] for field in state_reports()[report].fields]
    rows = list(csv.reader(io.StringIO(ran.out)))
    assert rows[0] == titles
    assert len(rows) == len(made.rows(report)) + 1
    # An offence that a spreadsheet would take for a formula comes out harmless.
    assert not any(cell.startswith("=") for row in rows for cell in row)
    assert state_reports()[report].citation in ran.err
