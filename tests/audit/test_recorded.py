"""What a record answers by itself agrees with what the record shows otherwise, and reads as frame and programme."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from detainer_ledger.audit.demonstration.record import N_CASES, OFFICES, lapsed_record
from detainer_ledger.audit.folder import put_recorded, read_recorded
from detainer_ledger.audit.programme import programme_of
from detainer_ledger.audit.recorded import (
    BY,
    FilesOfRecord,
    Recorded,
    attribute_of_rule,
    detainer_files,
    failing_units,
    screening_files,
)
from detainer_ledger.audit.sampling.frames import frame_of_units
from detainer_ledger.audit.values import Answer
from detainer_ledger.casework import Record, Refused
from detainer_ledger.casework.screening import (
    LAPSES,
    Screenings,
    compliance_of,
    due_steps,
    illustrative_protocol,
    protocol_of,
    step_rows,
    table_of,
)
from detainer_ledger.policy import Result, rules
from detainer_ledger.terms import BadInput
from tests.casework.build import AGENCY, Office, new_office
from tests.records import Clock, Place, place_of_record


@dataclass(frozen=True)
class Invented:
    """The demonstration's record with its files."""

    record: Record
    at: datetime
    files: FilesOfRecord


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Invented]:
    folder = tmp_path_factory.mktemp("record")
    record, at = lapsed_record(str(folder / "record.db"), folder / "keys")
    yield Invented(record=record, at=at, files=screening_files(Screenings(record).every_case(), at=at))
    record.close()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    for place in place_of_record("sqlite", tmp_path):
        assert isinstance(place, Place)
        made = new_office(place, Clock())
        yield made
        made.record.close()


def recorded_of(files: FilesOfRecord, at: datetime) -> Recorded:
    return Recorded(frame_sha256="f" * 64, programme_sha256="p" * 64, at=at, marks=files.marks)


def test_every_file_is_answered_once_for_every_attribute_by_the_record(invented: Invented) -> None:
    programme = programme_of(invented.files.programme, file="programme.toml")
    told = Counter((mark.unit, mark.attribute) for mark in invented.files.marks)
    assert set(told) == {(unit.id, each.id) for unit in invented.files.units for each in programme.attributes}
    assert set(told.values()) == {1}
    assert all(mark.is_from_record and mark.auditor == BY for mark in invented.files.marks)
    assert len(invented.files.units) == N_CASES
    assert {unit.stratum for unit in invented.files.units} == set(OFFICES)


def test_a_file_fails_where_the_protocol_has_a_required_lapse_and_only_there(invented: Invented) -> None:
    programme = programme_of(invented.files.programme, file="programme.toml")
    lapsed = {
        case.id
        for case, protocol in Screenings(invented.record).every_case()
        if any(row.required and row.status(invented.at) in LAPSES for row in due_steps(case, protocol, at=invented.at))
    }
    assert failing_units(recorded_of(invented.files, invented.at), programme) == lapsed
    table = table_of(step_rows(Screenings(invented.record).every_case(), invented.at))
    assert compliance_of(table, at=invented.at).all.files_with_lapse == len(lapsed)
    assert 0 < len(lapsed) < N_CASES


def test_what_is_not_met_or_not_applicable_says_why(invented: Invented) -> None:
    for mark in invented.files.marks:
        assert bool(mark.remark) == (mark.answer is not Answer.MET)
        assert mark.unit in mark.evidence


def test_a_case_that_begins_later_is_no_file_and_what_is_not_due_yet_is_not_tested(invented: Invented) -> None:
    cases = list(Screenings(invented.record).every_case())
    assert screening_files(cases, at=datetime(2026, 1, 1, tzinfo=UTC)).units == ()
    first = min(case.beginning.at for case, _protocol in cases if case.beginning.at is not None)
    early = screening_files(cases, at=first)
    assert [unit.id for unit in early.units] == ["S-SYNTHETIC-001"]
    assert {mark.answer for mark in early.marks} == {Answer.NOT_APPLICABLE}


def test_a_step_that_two_versions_describe_otherwise_is_tested_by_the_one_of_the_case(invented: Invented) -> None:
    text = illustrative_protocol().text
    other = protocol_of(
        text.replace('version = "1"', 'version = "2"').replace("hours = 24", "hours = 12", 1), where="2"
    )
    cases = [
        (case, other if place % 2 else protocol)
        for place, (case, protocol) in enumerate(Screenings(invented.record).every_case())
    ]
    files = screening_files(cases, at=invented.at)
    programme = programme_of(files.programme, file="programme.toml")
    for version, hours in (("1", 24), ("2", 12)):
        attribute = programme.attribute(f"initial-checks/{version}/in-time")
        assert attribute is not None
        assert f"within {hours} hours" in attribute.criterion
    told = {(mark.unit, mark.attribute): mark.answer for mark in files.marks}
    for case, protocol in cases:
        version, foreign = ("2", "1") if protocol is other else ("1", "2")
        assert told[case.id, f"initial-checks/{foreign}/done"] is Answer.NOT_APPLICABLE
        assert told[case.id, f"initial-checks/{version}/done"] is not Answer.NOT_APPLICABLE
    assert programme.attribute("oversight-review/done") is not None


def test_answers_are_not_exchanged_once_the_sample_is_drawn(tmp_path: Path, invented: Invented) -> None:
    recorded = recorded_of(invented.files, invented.at)
    put_recorded(tmp_path, recorded)
    put_recorded(tmp_path, replace(recorded, marks=recorded.marks[:5]))
    put_recorded(tmp_path, recorded)
    (tmp_path / "sample.json").write_text("{}")
    put_recorded(tmp_path, recorded)
    with pytest.raises(BadInput, match="The sample is drawn, and the record's answers are not those"):
        put_recorded(tmp_path, replace(recorded, marks=recorded.marks[:5]))
    assert read_recorded(tmp_path) == recorded


def test_the_same_seed_makes_the_same_lapses(invented: Invented, tmp_path: Path) -> None:
    record, at = lapsed_record(str(tmp_path / "record.db"), tmp_path / "keys")
    again = screening_files(Screenings(record).every_case(), at=at)
    record.close()
    assert [(mark.unit, mark.attribute, mark.answer) for mark in again.marks] == [
        (mark.unit, mark.attribute, mark.answer) for mark in invented.files.marks
    ]
    other, at = lapsed_record(str(tmp_path / "other.db"), tmp_path / "other-keys", seed=1)
    assert [mark.answer for mark in screening_files(Screenings(other).every_case(), at=at).marks] != [
        mark.answer for mark in again.marks
    ]
    other.close()


def test_detainers_are_tested_for_the_rules_and_what_is_not_recorded_is_not_testable(office: Office) -> None:
    honored, held = office.walk("ended"), office.walk("held")
    office.walk("arrest_recorded")
    voided = office.follow("receive")
    office.done("void", voided, by=AGENCY)
    now = office.clock()
    files = detainer_files(office.record.every_case(), office.record.registry.agencies, at=now)
    assert {unit.id for unit in files.units} == {honored, held}
    assert voided not in {unit.id for unit in files.units}
    answers = {
        Result.MET: Answer.MET,
        Result.NOT_MET: Answer.NOT_MET,
        Result.NOT_RECORDED: Answer.NOT_TESTABLE,
        Result.NOT_APPLICABLE: Answer.NOT_APPLICABLE,
    }
    for case in (honored, held):
        shown = office.shown(case)
        told = {mark.attribute: mark.answer for mark in files.marks if mark.unit == case}
        assert told == {attribute_of_rule(each.rule): answers[each.result] for each in shown.findings}
        assert Answer.NOT_TESTABLE in told.values()


def test_the_programme_of_the_rules_can_be_read_and_names_their_sources(office: Office) -> None:
    office.walk("ended")
    files = detainer_files(office.record.every_case(), office.record.registry.agencies, at=office.clock())
    programme = programme_of(files.programme, file="programme.toml")
    known = {attribute_of_rule(rule.id): rule for rule in rules()}
    assert len({attribute_of_rule(rule.id) for rule in rules()}) == len(rules())
    for attribute in programme.attributes:
        assert attribute.source == " ".join(known[attribute.id].citation.split())
    frame_of_units(files.units, title="Detainers", source="record", source_sha256=None, made_at=office.clock())


def test_no_personal_field_is_in_what_an_audit_takes(office: Office) -> None:
    office.walk("ended")
    files = detainer_files(office.record.every_case(), office.record.registry.agencies, at=office.clock())
    assert "Example Person" not in repr(files)
    assert not isinstance(files, Refused)
