"""Personal fields live apart, encrypted: erasing the key erases the person, and the record still verifies."""

from __future__ import annotations

import gzip
import io
import json
import logging
import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from detainer_ledger.casework import Command, Done, Refused, held_against_events, rebuild
from detainer_ledger.ledger import back_up, read_person, verify
from detainer_ledger.terms import BadInput, LedgerError
from tests.casework.build import (
    AGENCY,
    ARREST,
    AUDITOR,
    GIVEN,
    OFFICER,
    OTHER_AGENCY,
    PERSON,
    RECEIVED,
    Office,
    with_changes,
)
from tests.records import tamper

SECRETS = (
    "Unmistakable Name (synthetic)",
    "1901-02-03",
    "Ruritania",
    "undisclosed-gender",
    "A999888777",
    "BOOK-4711",
)
FIELDS = dict(
    zip(
        ("name", "birth_date", "citizenship_country", "gender", "file_number", "booking_number"),
        SECRETS,
        strict=True,
    )
)


def texts_of(office: Office) -> str:
    """Return everything that the tables hold, bytes as text."""
    return repr(office.everything()) + "".join(
        value.decode("utf-8", "replace")
        for rows in office.everything().values()
        for row in rows
        for value in row
        if isinstance(value, bytes)
    )


def test_no_table_holds_a_personal_value_whatever_is_done_with_a_case(office: Office) -> None:
    case = office.done("record_arrest", person=FIELDS).case
    office.refused("issue", case)
    for kind in (
        "examine_citizenship", "establish_probable_cause", "attach_warrant", "issue", "serve_agency", "acknowledge",
        "answer", "begin_hold", "take_custody",
    ):  # fmt: skip
        office.done(kind, case)
    office.done("correct", case)
    assert office.record.person(case, AGENCY, purpose="identification") == FIELDS
    office.refused("record_arrest", by=AGENCY, person=FIELDS)
    office.refused("receive", by=OTHER_AGENCY, person=FIELDS)
    rebuild(office.record)
    stored = texts_of(office)
    for secret in SECRETS:
        assert secret not in stored
    assert FIELDS["name"] not in repr(office.shown(case))


def test_no_message_and_no_log_holds_a_personal_value(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    told = io.StringIO()
    slips: tuple[dict[str, Any], ...] = (
        {"offence": "a\x00"},
        {"agency": "no-jail"},
        {"at": "tomorrow"},
        {"person": {**FIELDS, "name": SECRETS[0] + "\x00"}},
        {"person": {**FIELDS, "shoe_size": SECRETS[1]}},
        {"person": {**FIELDS, "birth_date": [SECRETS[1]]}},
        {"name": SECRETS[0]},
    )
    for changed in slips:
        with pytest.raises(LedgerError) as raised:
            office.do("record_arrest", **{"person": FIELDS, **changed})
        told.write(raised.value.message())
        told.write(repr(raised.value))
    for secret in SECRETS:
        assert secret not in told.getvalue() + caplog.text


def test_an_erased_person_is_gone_and_the_record_still_verifies_and_counts(office: Office) -> None:
    kept = office.walk("closed")
    case = office.done("record_arrest", person=FIELDS).case
    office.done("close", case)
    person = office.case(case).beginning.body["person"]
    events = office.events(case)
    done = office.done("erase_person", case, reason="Order of a court.")
    assert [(event.kind, event.said()) for event in done.events] == [("person_erased", {"reason": "Order of a court."})]
    assert office.events(case)[: len(events)] == events
    assert office.record.person(case, AUDITOR, purpose="audit") is None
    assert read_person(office.record.ledger, person) is None
    assert person not in {row[0] for row in office.everything()["person_key"]}
    assert office.record.person(kept, AUDITOR, purpose="audit") == PERSON
    assert verify(office.record.ledger).holds
    rows = office.record.cases(AUDITOR)
    assert not isinstance(rows, Refused)
    assert {row.key for row in rows} == {kept, case}
    assert office.shown(case).case.stage == "closed"
    before = office.everything()["view"]
    rebuild(office.record)
    assert office.everything()["view"] == before
    other = office.again()
    assert other.person(case, AUDITOR, purpose="audit") is None
    other.close()


@pytest.mark.parametrize("stage", ["arrest_recorded", "issued", "held", "ended"])
def test_nobody_is_erased_from_a_case_that_is_not_closed(shared_office: Office, stage: str) -> None:
    case = shared_office.walk(stage)
    with pytest.raises(BadInput, match="no erase person on a case that is"):
        shared_office.do("erase_person", case)
    assert shared_office.record.person(case, AUDITOR, purpose="audit") == PERSON


def test_erasing_is_refused_where_nothing_is_left_to_erase(shared_office: Office) -> None:
    case = shared_office.walk("closed")
    with pytest.raises(BadInput) as raised:
        shared_office.do("erase_person", case, reason=None)
    assert raised.value.where == {"field": "reason"}
    for who in (OFFICER, AGENCY, AUDITOR, "ada"):
        shared_office.refused("erase_person", case, by=who)
    shared_office.done("erase_person", case)
    with pytest.raises(BadInput, match="erased before"):
        shared_office.do("erase_person", case)
    nobody = shared_office.walk("arrest_recorded", person=None)
    shared_office.done("close", nobody)
    assert shared_office.record.person(nobody, AUDITOR, purpose="audit") is None
    with pytest.raises(BadInput, match="no personal fields"):
        shared_office.do("erase_person", nobody)


def test_a_reading_of_nobody_and_of_somebody_erased_is_recorded_too(office: Office) -> None:
    nobody, erased = office.walk("issued", person=None), office.walk("closed")
    office.done("erase_person", erased)
    for case in (nobody, erased):
        assert office.record.person(case, AUDITOR, purpose="a request for records") is None
    assert [(kind, said["case"], said["purpose"]) for kind, said in office.access(AUDITOR)] == [
        ("person_read", nobody, "a request for records"),
        ("person_read", erased, "a request for records"),
    ]


def test_a_reading_that_cannot_be_recorded_returns_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    case = office.walk("issued")

    def full(*_given: Any, **_named: Any) -> None:
        raise LedgerError("There is no space left for the record.")

    monkeypatch.setattr(office.record.ledger, "append", full)
    with pytest.raises(LedgerError, match="no space left"):
        office.record.person(case, AUDITOR, purpose="audit")


@pytest.mark.parametrize("kind", ["record_arrest", "receive"])
def test_a_command_that_fails_leaves_nothing_of_the_person_behind(
    office: Office, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    def failing(*_given: Any, **_named: Any) -> None:
        raise LedgerError("The record cannot be written.")

    with monkeypatch.context() as patch:
        patch.setattr(office.record.ledger, "append", failing)
        with pytest.raises(LedgerError):
            office.do(kind)
    assert office.everything()["person_key"] == []
    case = office.done(kind).case
    assert office.record.person(case, AUDITOR, purpose="audit") == PERSON


def test_a_backup_holds_nobody_in_the_clear_and_nothing_of_who_was_erased(office: Office, tmp_path: Path) -> None:
    case = office.done("record_arrest", person=FIELDS).case
    office.done("close", case)
    office.done("erase_person", case)
    other = office.done("record_arrest", person={"name": "Somebody Else (synthetic)"}).case
    back_up(office.record.ledger, tmp_path / "backup")
    content = gzip.decompress((tmp_path / "backup").read_bytes())
    assert case.encode() in content
    for secret in (*SECRETS, "Somebody Else (synthetic)"):
        assert secret.encode() not in content
    assert office.record.person(other, AUDITOR, purpose="audit") == {"name": "Somebody Else (synthetic)"}


@pytest.mark.parametrize("kind", ["record_arrest", "erase_person"])
def test_a_person_is_kept_and_erased_with_the_event_that_says_so_or_not_at_all(
    office: Office, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    case = office.walk("closed") if kind == "erase_person" else None
    before = office.everything()
    asked = Command(kind=kind, case=case, values=GIVEN[kind][1], key="key-1", zone="agency")

    def cut_short(_leaf: bytes) -> bytes:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(office.record.ledger, "mac", cut_short)
        with pytest.raises(KeyboardInterrupt):
            office.record.do(asked, GIVEN[kind][0])
    assert office.everything() == before
    done = office.record.do(asked, GIVEN[kind][0])
    assert isinstance(done, Done)
    expected = None if kind == "erase_person" else PERSON
    assert office.record.person(done.case, AUDITOR, purpose="audit") == expected
    assert len(office.everything()["person_key"]) == (0 if kind == "erase_person" else 1)


def test_what_stays_after_an_erasure_tells_two_people_not_apart(office: Office) -> None:
    """A plain digest over a name and a birth date can be guessed: it would bring an erased person back."""
    digests = set()
    for name in ("One Person (synthetic)", "Another Person (synthetic)"):
        values = {**ARREST, "person": {"name": name}}
        office.record.do(Command(kind="record_arrest", case=None, values=values, key=name[:3], zone="agency"), OFFICER)
        digests |= {event.command_digest for event in office.record.ledger.events_of_command(name[:3])}
    assert len(digests) == 1


def test_an_erased_key_is_in_no_file_of_the_record(sqlite_office: Office) -> None:
    case = sqlite_office.walk("closed")
    person = sqlite_office.case(case).beginning.body["person"]
    ((wrapped,),) = sqlite_office.record.ledger.rows("SELECT wrapped FROM person_key WHERE id = ?", person)
    folder = Path(sqlite_office.place.url.removeprefix("sqlite:///")).parent

    def found() -> list[str]:
        return [path.name for path in folder.iterdir() if path.is_file() and bytes(wrapped) in path.read_bytes()]

    assert found()
    sqlite_office.done("erase_person", case)
    assert found() == []


@pytest.mark.parametrize("kind", ["record_arrest", "erase_person"])
def test_a_command_about_a_person_does_not_wait_for_somebody_who_reads_the_record(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """As long as another process reads, to verify or to back up, SQLite cannot empty its log."""
    monkeypatch.setattr("detainer_ledger.ledger.opening.PATIENCE_SECONDS", 2.0)
    case = sqlite_office.walk("closed") if kind == "erase_person" else None
    patient = replace(sqlite_office, record=sqlite_office.again())
    with closing(sqlite3.connect(sqlite_office.place.url.removeprefix("sqlite:///"))) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM entry").fetchall()
        began = time.monotonic()
        patient.done(kind, case)
        took = time.monotonic() - began
    patient.record.ledger.close()
    assert took < 1


def test_what_is_recorded_of_a_case_names_a_person_by_a_random_id_alone(shared_office: Office) -> None:
    first = shared_office.give(OFFICER, "record_arrest", None, with_changes(ARREST, {"person": FIELDS}))
    second = shared_office.give(AGENCY, "receive", None, with_changes(RECEIVED, {"person": FIELDS}))
    ids = set()
    for found in (first, second):
        assert isinstance(found, Done)
        person = json.loads(found.events[0].body)["person"]
        assert person.startswith("p-")
        ids.add(person)
    assert len(ids) == 2


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM person",
        "DELETE FROM person_key",
        "UPDATE person SET sealed = wrapped FROM person_key WHERE person_key.id = person.id",
        "UPDATE person_key SET wrapped = sealed FROM person WHERE person.id = person_key.id",
    ],
)
def test_fields_or_keys_of_people_that_were_taken_away_or_changed_are_noticed(office: Office, sql: str) -> None:
    office.walk("issued")
    erased = office.walk("closed")
    office.done("erase_person", erased)
    assert held_against_events(office.record).n_unread_persons == 0
    tamper(office.record.ledger, sql)
    assert held_against_events(office.record).n_unread_persons == 1


def test_an_auditor_sees_who_read_a_person_and_why_and_who_was_denied(office: Office) -> None:
    case = office.walk("issued")
    office.record.person(case, OFFICER, purpose="service of the copy")
    office.clock.forward(minutes=5)
    assert isinstance(office.record.person(case, OTHER_AGENCY, purpose="to look"), Refused)
    found = office.record.accesses(AUDITOR)
    assert not isinstance(found, Refused)
    assert [(each.actor, each.role, each.kind, each.said["case"]) for each in found] == [
        (OFFICER, "issuing_officer", "person_read", case),
        (OTHER_AGENCY, "receiving_agency", "denied", case),
    ]
    assert found[0].said["purpose"] == "service of the copy"
    for value in PERSON.values():
        assert value not in repr(found)
