"""The extract of a record: the same table as a published release, with nobody in it, and the same figures."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from msgspec.structs import replace

from detainer_ledger.casework import Refused, add_actor, create_record, extract, extract_table
from detainer_ledger.intake import put_extract
from detainer_ledger.ledger import make_checkpoint, read_checkpoint
from detainer_ledger.measures import measure
from detainer_ledger.tables import Store
from detainer_ledger.terms import COLUMN_NAMES, DETAINERS, BadInput
from tests.casework.build import (
    ADMINISTRATOR,
    AGENCY,
    AUDITOR,
    ELM,
    OAK,
    OFFICER,
    OTHER_AGENCY,
    PERSON,
    SUPERVISOR,
    WAY,
    Office,
    new_office,
)
from tests.records import Clock, place_of_record
from tests.running import detainer

Step = str | tuple[str, Mapping[str, object]]

SERVED: tuple[Step, ...] = WAY["served"]
ANSWERED: tuple[Step, ...] = WAY["answered"]
HELD: tuple[Step, ...] = (*ANSWERED, ("begin_hold", {"at": "2026-03-01T10:00"}))
DECLINED: tuple[Step, ...] = (
    *SERVED,
    ("answer", {"answer": "decline", "reason": "state_law", "legal_basis": "none_stated"}),
)
RELEASED: Mapping[str, object] = {"at": "2026-02-26T11:00"}


def lifted(reason: str) -> tuple[Step, ...]:
    return (*SERVED, ("lift", {"reason": reason}))


PENDING = "pending_or_unrecorded"

ENDINGS: Mapping[str, tuple[tuple[Step, ...], str | None, str]] = {
    "custody was taken": (
        (*HELD, ("take_custody", {"at": "2026-03-02T08:00"})), "booked_into_detention", "taken_into_custody",
    ),
    "custody was taken before any hold": ((*SERVED, "take_custody"), "booked_into_detention", "taken_into_custody"),
    "custody was taken after a decline": ((*DECLINED, "take_custody"), "booked_into_detention", "taken_into_custody"),
    "declined, then released": ((*DECLINED, "release"), "detainer_declined_by_lea", "declined_by_agency"),
    "declined, then released without notice": (
        (*DECLINED, ("release", {"notice_given": "no"})), "detainer_declined_by_lea", "declined_by_agency",
    ),
    "declined, and not released yet": (DECLINED, "detainer_declined_by_lea", "declined_by_agency"),
    "declined, released and closed": (
        (*DECLINED, "release", "close"), "detainer_declined_by_lea", "declined_by_agency",
    ),
    "declined, then transferred": ((*DECLINED, "transfer"), "transferred", "transferred"),
    "declined, then lifted": ((*DECLINED, "lift"), "case_closed", "withdrawn_by_ice"),
    "released with notice": ((*ANSWERED, ("release", RELEASED)), "no_longer_in_custody", "released_before_pickup"),
    "released without notice": (
        (*ANSWERED, ("release", {**RELEASED, "notice_given": "no"})),
        "insufficient_notice_to_ice", "released_before_pickup",
    ),
    "released, notice only expected": (
        (*ANSWERED, "expect_release", ("release", {**RELEASED, "notice_given": None})),
        "no_longer_in_custody", "released_before_pickup",
    ),
    "released, nothing said of notice": (
        (*ANSWERED, ("release", {**RELEASED, "notice_given": None})),
        "no_longer_in_custody", "released_before_pickup",
    ),
    "the hold ran out": ((*ANSWERED, "begin_hold", "expire"), "hold_expired", "released_before_pickup"),
    "transferred": ((*ANSWERED, "transfer"), "transferred", "transferred"),
    "superseded": ((*ANSWERED, "supersede"), "superseded_by_new_form", "superseded_or_duplicate"),
    "lifted": (lifted("lifted"), "lifted", "withdrawn_by_ice"),
    "lifted, case closed": (lifted("case_closed"), "case_closed", "withdrawn_by_ice"),
    "lifted, a citizen": (
        lifted("united_states_citizen_interviewed"), "united_states_citizen_interviewed", "withdrawn_by_ice",
    ),
    "lifted, no space": (lifted("lack_of_space"), "lack_of_space", "withdrawn_by_ice"),
    "lifted, a duplicate": (lifted("duplicate"), "duplicate", "superseded_or_duplicate"),
    "lifted, the person died": (lifted("died"), "died", "other"),
    "lifted, early release": (lifted("early_release"), "early_release", "released_before_pickup"),
    "lifted, as declined": (lifted("detainer_declined_by_lea"), "detainer_declined_by_lea", "declined_by_agency"),
    "received from outside, and lifted": (("receive", "record_lift"), "lifted", "withdrawn_by_ice"),
    "received from outside, and declined": (
        ("receive", ("answer", {"answer": "decline", "reason": "not_stated", "legal_basis": "none_stated"})),
        "detainer_declined_by_lea", "declined_by_agency",
    ),
    "issued": (WAY["issued"], None, PENDING),
    "served": (SERVED, None, PENDING),
    "acknowledged": (WAY["acknowledged"], None, PENDING),
    "answered: will honor": (ANSWERED, None, PENDING),
    "answered: will notify only": ((*SERVED, ("answer", {"answer": "notify_only"})), None, PENDING),
    "no answer": ((*SERVED, ("answer", {"answer": "no_answer"})), None, PENDING),
    "held": (HELD, None, PENDING),
    "received from outside": (("receive",), None, PENDING),
}  # fmt: skip
"""What became of a detainer: its steps, the code of the lift reason, and the outcome, each as a person would say it."""

NO_DETAINER: tuple[tuple[Step, ...], ...] = (
    ("record_arrest",),
    WAY["arrest_recorded"],
    ("record_arrest", "close"),
)


def walk(office: Office, *steps: Step, **first: object) -> str:
    """Give the steps, each as it stands in ``GIVEN`` with some values changed, and return the case."""
    case: str | None = None
    for step in steps:
        kind, changed = (step, {}) if isinstance(step, str) else step
        values: dict[str, Any] = {**(first if case is None else {}), **changed}
        if kind == "supersede":
            earlier = office.record.cases(AUDITOR)
            assert not isinstance(earlier, Refused)
            values["by_case"] = earlier[0].key if earlier[0].key != case else earlier[1].key
        case = office.done(kind, case, **values).case
    assert case is not None
    return case


@dataclass(frozen=True)
class Extracted:
    """A record with a case of each ending, its extract, and the rows of it by case."""

    office: Office
    store: Path
    release: str
    cases: Mapping[str, str]
    rows: Mapping[str, dict[str, Any]]
    table: pa.Table


def read_extract(store: Path, release: str) -> pa.Table:
    return pq.read_table(store / manifest(store, release)["detainers"])


def manifest(store: Path, release: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((store / "1-received" / f"{release}.json").read_text())
    return told


def extracted(office: Office, store: Path, by: str = AUDITOR) -> tuple[str, int]:
    done = extract(office.record, store, by)
    assert not isinstance(done, Refused), done
    return done


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, each_engine: str) -> Iterator[Extracted]:
    folder = tmp_path_factory.mktemp("extract")
    for place in place_of_record(each_engine, folder):
        office = new_office(place, Clock())
        cases: dict[str, str] = {}
        for title, (steps, _, _) in ENDINGS.items():
            cases[title] = walk(office, *steps)
            # One that is counted already takes the place of another.
            office.successors[:] = [next(iter(cases.values()))]
        for steps in NO_DETAINER:
            walk(office, *steps)
        release, rows = extracted(office, folder / "store")
        assert rows == len(ENDINGS)
        table = read_extract(folder / "store", release)
        by_case = {row["detainer_id"]: row for row in table.to_pylist()}
        yield Extracted(office, folder / "store", release, cases, by_case, table)
        office.record.close()


# ---------------------------------------------------------------- shape


def test_the_extract_has_exactly_the_columns_of_the_contract_with_their_types(made: Extracted) -> None:
    assert tuple(made.table.column_names) == COLUMN_NAMES
    kinds = {
        "VARCHAR": pa.string(), "INTEGER": pa.int32(), "SMALLINT": pa.int16(), "DATE": pa.date32(),
        "BOOLEAN": pa.bool_(), "FLOAT": pa.float32(), "VARCHAR[]": pa.list_(pa.string()),
    }  # fmt: skip
    for column in DETAINERS:
        found = made.table.schema.field(column.name).type
        if column.sql_type == "VARCHAR[]":
            assert found.value_type == pa.string()
        else:
            assert found == kinds[column.sql_type], column.name


def test_each_case_with_a_detainer_is_one_row_under_its_own_id(made: Extracted) -> None:
    assert set(made.rows) == set(made.cases.values())
    assert made.table.num_rows == len(ENDINGS)
    assert sorted(made.table["source_row"].to_pylist()) == list(range(1, len(ENDINGS) + 1))
    assert set(made.table["release_id"].to_pylist()) == {made.release}
    assert set(made.table["source_file"].to_pylist()) == {"test.example/record"}


@pytest.mark.parametrize(
    "column",
    ["person_key", "citizenship_country", "birth_year", "gender", "criminality", "threat_level", "final_order_on",
     "departed_on", "duplicate_of", "duplicate_kind", "lift_reason_2_raw", "custody_linked_on"],
)  # fmt: skip
def test_what_the_record_does_not_say_or_keeps_apart_is_null(made: Extracted, column: str) -> None:
    assert made.table[column].null_count == made.table.num_rows


def test_no_personal_value_is_in_any_file_of_the_store(made: Extracted) -> None:
    files = [path for path in made.store.rglob("*") if path.is_file()]
    assert len(files) >= 4
    for path in files:
        content = path.read_bytes()
        if path.suffix == ".parquet":
            content += json.dumps(pq.read_table(path).to_pylist(), default=str).encode()
        for value in (*PERSON.values(), "burglary", "file-1"):
            assert value.encode() not in content


# ---------------------------------------------------------------- outcomes


@pytest.mark.parametrize("title", ENDINGS)
def test_the_outcome_is_that_of_what_became_of_the_detainer(made: Extracted, title: str) -> None:
    _, reason, outcome = ENDINGS[title]
    row = made.rows[made.cases[title]]
    assert (row["lift_reason"], row["outcome"]) == (reason, outcome)
    assert row["outcome_basis"] == ("none" if reason is None else "recorded")
    assert (row["lift_reason_raw"] is None) == (reason is None)


@pytest.mark.parametrize(
    ("title", "accepted"),
    [
        ("answered: will honor", True),
        ("answered: will notify only", True),
        ("declined, and not released yet", False),
        ("custody was taken after a decline", False),
        ("no answer", None),
        ("served", None),
    ],
)
def test_a_request_is_accepted_declined_or_not_answered(made: Extracted, title: str, accepted: bool | None) -> None:
    assert made.rows[made.cases[title]]["request_accepted"] is accepted


def test_days_are_those_of_the_events_in_the_zone_of_the_agency(made: Extracted) -> None:
    row = made.rows[made.cases["custody was taken"]]
    days = {name: row[name] for name in ("issued_on", "lifted_on", "apprehended_on")}
    assert days == {
        "issued_on": date(2026, 2, 20),
        "lifted_on": date(2026, 3, 2),
        "apprehended_on": date(2026, 2, 20),
    }
    assert (row["issued_year"], row["issued_fiscal_year"], row["issued_month"]) == (2026, 2026, "2026-02")
    assert made.rows[made.cases["held"]]["lifted_on"] is None


def test_form_facility_and_bases_are_those_of_the_case(made: Extracted) -> None:
    row = made.rows[made.cases["issued"]]
    told = {name: value for name, value in row.items() if name.startswith(("facility_", "form", "basis_"))}
    assert told == {
        "form": "I-247A", "form_raw": "I-247A",
        "facility_name": OAK.name, "facility_code": None, "facility_city": None, "facility_state": "ND",
        "basis_final_order": True, "basis_proceedings": False, "basis_biometric": False, "basis_statements": False,
    }  # fmt: skip
    received = made.rows[made.cases["received from outside"]]
    assert (received["basis_final_order"], received["basis_proceedings"]) == (False, True)
    assert received["apprehended_on"] is None


def test_a_warrant_that_was_signed_is_not_said_to_be_served(made: Extracted) -> None:
    assert made.table["warrant_served_on"].null_count == made.table.num_rows


def test_a_detainer_issued_late_in_the_evening_is_of_that_day_whatever_offset_was_written(office: Office) -> None:
    local = walk(office, *WAY["arrest_recorded"], ("issue", {"at": "2026-02-20T23:30"}))
    in_utc = walk(office, *WAY["arrest_recorded"], ("issue", {"at": "2026-02-21T05:30Z"}))
    table = extract_table(
        office.record.every_case(), office.record.registry.agencies, release="r", source="s", now=office.clock()
    )
    assert {row["detainer_id"]: row["issued_on"] for row in table.to_pylist()} == {
        local: date(2026, 2, 20),
        in_utc: date(2026, 2, 20),
    }


@pytest.mark.parametrize(
    ("day", "year", "fiscal_year", "month"),
    [
        ("2025-09-30", 2025, 2025, "2025-09"),
        ("2025-10-01", 2025, 2026, "2025-10"),
        ("2026-01-01", 2026, 2026, "2026-01"),
    ],
)
def test_the_fiscal_year_begins_in_october(office: Office, day: str, year: int, fiscal_year: int, month: str) -> None:
    walk(office, "receive", issued_on=day)
    (row,) = extract_table(
        office.record.every_case(), office.record.registry.agencies, release="r", source="s", now=office.clock()
    ).to_pylist()
    found = (row["issued_year"], row["issued_fiscal_year"], row["issued_month"])
    assert found == (year, fiscal_year, month)


# ---------------------------------------------------------------- marks


def test_a_case_that_was_voided_counts_nowhere(office: Office, tmp_path: Path) -> None:
    walk(office, *SERVED)
    mistaken = office.done("receive").case
    office.done("void", mistaken, by=AGENCY, reason="The same detainer, received twice.")
    extracted(office, tmp_path / "store")
    (row,) = measure(tmp_path / "store").to_pylist()
    assert row["detainers"] == 1
    # It stays to be seen.
    assert office.kinds(mistaken) == ["detainer_received", "voided"]


MARKED: Mapping[str, tuple[tuple[Step, ...], list[str]]] = {
    "nothing to mark": (SERVED, []),
    "a rule overridden": ((*WAY["arrest_recorded"], "override", "issue"), ["policy/overridden"]),
    "corrected": ((*SERVED, "correct"), ["record/corrected"]),
    "released past the limit": (
        (*ANSWERED, "begin_hold", ("expire", {"at": "2026-02-28T10:00"})), ["record/hold-past-limit"],
    ),
    "still held past the limit": ((*ANSWERED, "begin_hold"), ["record/hold-past-limit"]),
    "held although the agency declined": (
        (*DECLINED, ("begin_hold", {"despite": "The night shift had not seen the answer."}), ("release", RELEASED)),
        ["record/incident"],
    ),
    "released within the limit": ((*ANSWERED, "begin_hold", ("release", {"at": "2026-02-27T09:00"})), []),
    "overridden and corrected": (
        (*WAY["arrest_recorded"], "override", "issue", "correct"), ["policy/overridden", "record/corrected"],
    ),
    "declined on a form that asks for notice alone": (
        (
            ("receive", {"form": "I-247N"}),
            ("answer", {"answer": "decline", "reason": "not_stated", "legal_basis": "none_stated"}),
        ),
        ["form/notification_only"],
    ),
}  # fmt: skip


def test_overrides_corrections_and_holds_past_their_limit_are_marked_and_counted(
    office: Office, tmp_path: Path
) -> None:
    cases = {walk(office, *steps): marks for steps, marks in MARKED.values()}
    release, _ = extracted(office, tmp_path / "store")
    table = read_extract(tmp_path / "store", release)
    assert {row["detainer_id"]: row["quality"] for row in table.to_pylist()} == cases
    counted = Counter(mark for marks in cases.values() for mark in marks if not mark.startswith("form/"))
    assert manifest(tmp_path / "store", release)["account"]["defects"] == dict(counted)


# ---------------------------------------------------------------- figures


def test_the_figures_are_those_counted_from_the_cases(made: Extracted) -> None:
    (row,) = measure(made.store).to_pylist()
    outcomes = Counter(outcome for _, _, outcome in ENDINGS.values())
    assert row["detainers"] == len(ENDINGS)
    assert row["declined"] == outcomes["declined_by_agency"]
    for outcome in (
        "taken_into_custody", "declined_by_agency", "released_before_pickup", "withdrawn_by_ice", "transferred",
        "superseded_or_duplicate", "pending_or_unrecorded", "other",
    ):  # fmt: skip
        assert row[outcome] == outcomes[outcome], outcome
    # What took another detainer's place, or repeats one, is in no rate.
    counted = len(ENDINGS) - outcomes["superseded_or_duplicate"]
    assert row["denominator"] == counted
    assert row["rate"] == pytest.approx(outcomes["declined_by_agency"] / counted)
    assert row["duplicates_excluded"] == 0


def test_the_figures_agree_with_the_events_as_the_ledger_has_them(made: Extracted) -> None:
    ended: dict[str, str] = {}
    declined: set[str] = set()
    for stream, events in made.office.record.ledger.streams("case/"):
        for event in events:
            if event.kind in {"custody_taken", "transferred", "expired", "superseded", "released", "lifted"}:
                ended[stream] = event.kind
            told = event.said()
            if (event.kind == "answered" and told["answer"] == "decline") or (
                event.kind == "lifted" and told["reason"] == "detainer_declined_by_lea"
            ):
                declined.add(stream)
                ended.pop(stream, None)
    kinds = Counter(ended.values())
    (row,) = measure(made.store).to_pylist()
    assert row["taken_into_custody"] == kinds["custody_taken"]
    assert row["transferred"] == kinds["transferred"]
    assert row["declined"] == sum(ended.get(stream, "released") == "released" for stream in declined)


def test_figures_by_facility_and_state_are_those_of_each_agency(office: Office, tmp_path: Path) -> None:
    for _ in range(3):
        walk(office, *DECLINED)
    walk(office, *SERVED)
    by_elm = {"agency": ELM.id}
    for case in [office.done("receive", by=OTHER_AGENCY, **by_elm).case for _ in range(2)]:
        office.done("answer", case, by=OTHER_AGENCY, answer="decline", reason="state_law", legal_basis="none_stated")
    extracted(office, tmp_path / "store")
    rows = measure(tmp_path / "store", by=["facility", "state"]).to_pylist()
    found = {(row["facility"], row["state"]): (row["detainers"], row["declined"]) for row in rows}
    assert found == {(OAK.name, "ND"): (4, 3), (ELM.name, "NY"): (2, 2)}


def test_a_report_is_written_from_the_extract_as_from_a_release(made: Extracted, tmp_path: Path) -> None:
    ran = detainer("report", "--store", made.store, "--out", tmp_path / "report")
    assert ran.code == 0, ran.err
    page = (tmp_path / "report" / "index.html").read_text()
    assert made.release in page
    assert not any(case in page for case in made.cases.values())


def test_the_account_of_the_extract_closes(made: Extracted) -> None:
    told = json.loads(detainer("account", "--store", made.store, "--json").out)
    assert (told["rows_seen"], told["kept"], told["set_aside"]) == (len(ENDINGS), len(ENDINGS), 0)
    assert detainer("account", "--store", made.store).code == 0


def test_the_rows_behind_a_mark_can_be_listed(office: Office, tmp_path: Path) -> None:
    walk(office, *SERVED, "correct")
    extracted(office, tmp_path / "store")
    ran = detainer("account", "--store", tmp_path / "store", "--rows", "record/corrected")
    assert ran.code == 0, ran.err
    assert "record/corrected" in ran.out


def test_a_record_without_a_detainer_gives_an_empty_table(office: Office, tmp_path: Path) -> None:
    walk(office, "record_arrest")
    release, rows = extracted(office, tmp_path / "store")
    assert rows == 0
    assert tuple(read_extract(tmp_path / "store", release).column_names) == COLUMN_NAMES
    (row,) = measure(tmp_path / "store").to_pylist()
    assert (row["detainers"], row["declined"], row["rate"]) == (0, 0, None)


# ---------------------------------------------------------------- who, again, and what it is the extract of


def test_the_manifest_names_the_root_of_the_checkpoint_that_it_is_of(made: Extracted) -> None:
    record = made.office.record
    root = read_checkpoint(make_checkpoint(record.ledger), record.ledger.keys.public).root.hex()
    told = manifest(made.store, made.release)
    assert told["layout"] == "record"
    assert [(file["name"], file["sha256"]) for file in told["account"]["files"]] == [("test.example/record", root)]
    assert (told["issued_first"], told["issued_last"]) == ("2026-02-20", "2026-02-20")


def test_a_second_extract_takes_the_place_of_the_first(office: Office, tmp_path: Path) -> None:
    case = walk(office, *SERVED)
    first = extracted(office, tmp_path / "store")
    office.done("take_custody", case)
    walk(office, *SERVED)
    second = extracted(office, tmp_path / "store")
    assert (first[0], first[1], second[1]) == (second[0], 1, 2)
    (row,) = measure(tmp_path / "store").to_pylist()
    assert (row["detainers"], row["taken_into_custody"], row[PENDING]) == (2, 1, 1)
    assert len(list((tmp_path / "store" / "1-received").iterdir())) == 1
    assert len(list((tmp_path / "store" / "4-classified").rglob("*.parquet"))) == 1


def test_the_extract_of_another_record_under_the_same_id_is_never_replaced(office: Office, tmp_path: Path) -> None:
    walk(office, *SERVED)
    release, rows = extracted(office, tmp_path / "store")
    other = create_record(
        str(tmp_path / "other.db"), tmp_path / "other-keys", origin="test.example-record", administrator=ADMINISTRATOR
    )
    add_actor(other, ADMINISTRATOR, name=AUDITOR, role="auditor")
    with pytest.raises(BadInput, match="another record"):
        extract(other, tmp_path / "store", AUDITOR)
    other.close()
    (manifest,) = Store.open(tmp_path / "store").manifests()
    assert (manifest["release_id"], manifest["account"]["rows_seen"]) == (release, rows)


def test_an_agency_extracts_its_own_detainers_alone(office: Office, tmp_path: Path) -> None:
    mine = walk(office, *SERVED)
    office.done("receive", by=OTHER_AGENCY, agency=ELM.id)
    release, rows = extracted(office, tmp_path / "store", by=AGENCY)
    assert (release, rows) == ("record-test.example-record-oak-jail", 1)
    assert read_extract(tmp_path / "store", release)["detainer_id"].to_pylist() == [mine]
    _, rows = extracted(office, tmp_path / "all", by=SUPERVISOR)
    assert rows == 2


def test_the_extracts_of_an_agency_and_of_the_whole_in_one_store_are_told_as_overlapping(
    office: Office, tmp_path: Path
) -> None:
    walk(office, *SERVED)
    extracted(office, tmp_path / "store", by=AGENCY)
    extracted(office, tmp_path / "store", by=AUDITOR)
    assert "counted twice" in detainer("measure", "--store", tmp_path / "store").err


def test_an_issuing_officer_extracts_nothing_and_nothing_is_written(office: Office, tmp_path: Path) -> None:
    refused = extract(office.record, tmp_path / "store", OFFICER)
    assert isinstance(refused, Refused)
    assert refused.reason == "The role issuing officer may not extract."
    assert not (tmp_path / "store").exists()


# ---------------------------------------------------------------- size


def test_two_thousand_cases_become_a_table_within_seconds(made: Extracted, tmp_path: Path) -> None:
    patterns = list(made.office.record.every_case())
    cases = [replace(patterns[number % len(patterns)], id=f"D-{number:010}") for number in range(2_000)]
    agencies = made.office.record.registry.agencies
    begun = time.perf_counter()
    table = extract_table(cases, agencies, release="r", source="s", now=made.office.clock())
    rows = put_extract(table, tmp_path, release_id="r", source="s", sha256="0" * 64)
    assert time.perf_counter() - begun < 5
    with_detainer = [case for case in cases if case.last_of("issued", "detainer_received")]
    assert rows == len(with_detainer) == len(set(table["detainer_id"].to_pylist()))
