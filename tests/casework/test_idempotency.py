"""A repeated command is one event; of two writers on one case one wins, and the other can try again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from detainer_ledger.casework import Command, Done, Record, Refused, add_actor, rebuild, remove_actor
from detainer_ledger.ledger import Conflict, verify
from detainer_ledger.terms import BadInput
from tests.casework.build import (
    ADMINISTRATOR,
    AGENCY,
    ARREST,
    AUDITOR,
    GIVEN,
    OFFICER,
    OTHER_AGENCY,
    PERSON,
    READY,
    Office,
    with_changes,
)
from tests.records import tamper


def keyed(kind: str, case: str | None, key: str, version: int | None = None, **changed: Any) -> Command:
    return Command(
        kind=kind, case=case, values=with_changes(GIVEN[kind][1], changed), key=key, version=version, zone="agency"
    )


def done(found: Done | Refused) -> Done:
    assert isinstance(found, Done), found
    return found


def test_a_command_repeated_with_its_key_is_one_event_and_gets_what_it_got(office: Office) -> None:
    record = office.record
    first = done(record.do(keyed("record_arrest", None, "key-1"), OFFICER))
    before = office.everything()
    again = done(record.do(keyed("record_arrest", None, "key-1"), OFFICER))
    assert (again.case, again.events, again.is_repeat) == (first.case, first.events, True)
    assert not first.is_repeat
    other = office.again()
    assert done(other.do(keyed("record_arrest", None, "key-1"), OFFICER)).events == first.events
    other.close()
    assert {table: rows for table, rows in office.everything().items() if table != "seal"} == {
        table: rows for table, rows in before.items() if table != "seal"
    }


def test_the_same_key_with_another_person_is_an_error(office: Office) -> None:
    case = done(office.record.do(keyed("record_arrest", None, "key-1"), OFFICER)).case
    other = {**PERSON, "name": "Another Person (synthetic)"}
    before = office.everything()
    with pytest.raises(BadInput, match="used for another command") as raised:
        office.record.do(keyed("record_arrest", None, "key-1", person=other), OFFICER)
    assert raised.value.where == {"field": "key"}
    assert "Another" not in str(raised.value)
    assert office.everything() == before
    for kind in READY[1:]:
        office.done(kind, case)
    office.done("close", case)
    office.done("erase_person", case)
    # Who it was cannot be told any more.
    assert done(office.record.do(keyed("record_arrest", None, "key-1", person=other), OFFICER)).is_repeat


def test_a_repeated_command_gets_what_it_got_when_the_case_has_long_gone_on(office: Office) -> None:
    case = office.walk("issued")
    served = keyed("serve_agency", case, "key-1")
    first = done(office.record.do(served, OFFICER))
    for kind in ("acknowledge", "lift", "close"):
        office.done(kind, case)
    assert done(office.record.do(served, OFFICER)).events == first.events
    assert office.stage(case) == "closed"


def test_a_repeated_refusal_is_one_event_and_stays_a_refusal(office: Office) -> None:
    case = office.done("record_arrest").case
    asked = keyed("issue", case, "key-1")
    first = office.record.do(asked, OFFICER)
    again = office.record.do(asked, OFFICER)
    assert isinstance(first, Refused)
    assert isinstance(again, Refused)
    assert first.findings
    assert again.case == case
    assert office.kinds(case) == ["arrest_recorded", "refused"]


@pytest.mark.parametrize(
    ("kind", "changed", "by"),
    [
        ("record_arrest", {"offence": "theft"}, OFFICER),
        ("record_arrest", {"at": "2026-02-20T10:01"}, OFFICER),
        ("record_arrest", {"person": None}, OFFICER),
        ("receive", {}, AGENCY),
    ],
)
def test_a_key_is_used_for_one_command_with_the_same_values(
    office: Office, kind: str, changed: dict[str, Any], by: str
) -> None:
    done(office.record.do(keyed("record_arrest", None, "key-1"), OFFICER))
    before = office.everything()
    with pytest.raises(BadInput, match="The key 'key-1' was used for another command") as raised:
        office.record.do(keyed(kind, None, "key-1", **changed), by)
    assert "a key of its own" in raised.value.do
    assert office.everything() == before


@pytest.mark.parametrize("who", [ADMINISTRATOR, AUDITOR, OTHER_AGENCY, "eve"])
def test_a_command_repeated_by_somebody_who_may_not_give_it_shows_them_nothing(office: Office, who: str) -> None:
    case = office.walk("served")
    done(office.record.do(keyed("acknowledge", case, "key-1"), AGENCY))
    try:
        found = office.record.do(keyed("acknowledge", case, "key-1"), who)
    except BadInput:
        return
    assert isinstance(found, Refused)


def test_a_key_that_was_used_for_a_command_that_was_not_understood_is_free(office: Office) -> None:
    with pytest.raises(BadInput):
        office.record.do(keyed("record_arrest", None, "key-1", at="tomorrow"), OFFICER)
    assert not done(office.record.do(keyed("record_arrest", None, "key-1"), OFFICER)).is_repeat


def test_a_command_that_was_meant_for_an_earlier_version_is_told_so_and_can_be_given_again(
    office: Office,
) -> None:
    case = office.walk("issued")
    seen = office.case(case).head.version
    office.done("serve_person", case)
    before = office.everything()
    with pytest.raises(Conflict, match=f"gone on to version {seen + 1} since it was seen at {seen}") as raised:
        office.record.do(keyed("serve_agency", case, "key-1", version=seen), OFFICER)
    assert "Nothing was stored" in raised.value.what
    assert office.everything() == before
    again = done(office.record.do(keyed("serve_agency", case, "key-1", version=seen + 1), OFFICER))
    assert [event.version for event in again.events] == [seen + 2]


@pytest.mark.parametrize("version", [0, 99])
def test_a_version_that_the_case_never_had_is_a_conflict(office: Office, version: int) -> None:
    case = office.walk("issued")
    with pytest.raises(Conflict):
        office.record.do(keyed("serve_agency", case, "key-1", version=version), OFFICER)


def together(*acts: Callable[[], object]) -> list[object]:
    """Run acts at the same time and return what each gave or raised."""
    found: list[object] = [None] * len(acts)
    start = threading.Barrier(len(acts))

    def run(number: int, act: Callable[[], object]) -> None:
        start.wait()
        try:
            found[number] = act()
        except (Conflict, BadInput) as error:
            found[number] = error

    threads = [threading.Thread(target=run, args=(number, act)) for number, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_of_two_writers_on_one_case_one_wins_and_the_other_can_try_again(office: Office) -> None:
    record, other = office.record, office.again()
    won = {"record": 0, "other": 0}
    for _ in range(10):
        case = office.walk("served")
        version = office.case(case).head.version

        def act(which: Record, kind: str, case: str = case, version: int = version) -> Callable[[], object]:
            return lambda: which.do(keyed(kind, case, f"{kind}-{case}", version=version), AGENCY)

        found = together(act(record, "acknowledge"), act(other, "serve_person"))
        winners = [each for each in found if isinstance(each, Done)]
        losers = [each for each in found if isinstance(each, Conflict)]
        assert (len(winners), len(losers)) == (1, 1), found
        won["record" if isinstance(found[0], Done) else "other"] += 1
        lost, which = ("serve_person", other) if isinstance(found[0], Done) else ("acknowledge", record)
        again = done(which.do(keyed(lost, case, f"{lost}-{case}", version=version + 1), AGENCY))
        assert [event.version for event in again.events] == [version + 2]
        assert office.stage(case) == "acknowledged"
        assert [event.version for event in office.events(case)] == list(range(1, version + 3))
    other.close()
    assert verify(record.ledger).holds


def test_the_same_command_given_twice_at_once_is_one_event(office: Office) -> None:
    other = office.again()
    for number in range(10):
        asked = keyed("record_arrest", None, f"key-{number}")
        found = together(partial(office.record.do, asked, OFFICER), partial(other.do, asked, OFFICER))
        assert sorted(done(each).is_repeat for each in found) == [False, True]  # type: ignore[arg-type]
        assert done(found[0]).case == done(found[1]).case  # type: ignore[arg-type]
    other.close()
    # Of a person that was written twice, one is left.
    assert len(office.everything()["person_key"]) == 10
    assert verify(office.record.ledger).holds


def test_many_threads_of_one_process_write_many_cases_and_the_views_stay_those_of_the_events(
    office: Office,
) -> None:
    record = office.record

    def work() -> list[str]:
        cases = []
        for _ in range(5):
            case = office.walk("acknowledged")
            record.holds(AGENCY)
            cases.append(case)
        return cases

    found = together(*[work] * 4)
    assert sum(len(each) for each in found if isinstance(each, list)) == 20
    before = office.everything()["view"]
    rebuild(record)
    assert office.everything()["view"] == before
    assert verify(record.ledger).holds


def test_what_another_process_added_is_seen_at_once(office: Office) -> None:
    case = office.walk("issued")
    other = office.again()
    done(other.do(keyed("serve_agency", case, "key-1"), OFFICER))
    assert office.stage(case) == "served"
    office.done("acknowledge", case)
    found = other.show(case, AUDITOR)
    assert not isinstance(found, Refused)
    assert found.case.stage == "acknowledged"
    other.close()


def before_writing(patch: pytest.MonkeyPatch, record: Record, act: Callable[[], object]) -> None:
    """Do something once, at the moment at which the next event has been worked out and is about to be written."""
    mac = record.ledger.mac

    def first(leaf: bytes) -> bytes:
        patch.setattr(record.ledger, "mac", mac)
        act()
        return mac(leaf)

    patch.setattr(record.ledger, "mac", first)


def test_an_event_that_is_not_written_yet_is_seen_by_nobody(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two writers who saw the same version, and a third who looks while the one that loses is about to write."""
    case = office.walk("served")
    other = office.again()
    seen: list[list[str]] = []

    def another() -> None:
        done(other.do(keyed("serve_person", case, "wins"), AGENCY))
        seen.append([told.kind for told in office.case(case).told])

    before_writing(monkeypatch, office.record, another)
    at = office.case(case).head.version
    with pytest.raises(Conflict):
        office.record.do(keyed("acknowledge", case, "loses", version=at), AGENCY)
    other.close()
    assert seen == [office.kinds(case)]


def test_a_command_that_names_no_version_is_judged_anew_on_what_came_between(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = office.walk("served")
    other = office.again()

    def others() -> None:
        done(other.do(keyed("serve_person", case, "first"), AGENCY))
        done(office.record.do(keyed("indicate_citizenship", case, "second"), OFFICER))

    before_writing(monkeypatch, office.record, others)
    done(office.record.do(keyed("acknowledge", case, "third"), AGENCY))
    other.close()
    assert office.kinds(case)[-3:] == ["served_on_person", "citizenship_indicated", "acknowledged"]
    assert verify(office.record.ledger).holds


def test_a_command_that_no_longer_fits_is_refused_with_nothing_stored(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = office.walk("served")
    other = office.again()
    before_writing(monkeypatch, office.record, lambda: done(other.do(keyed("acknowledge", case, "wins"), AGENCY)))
    with pytest.raises(BadInput, match="acknowledged"):
        office.record.do(keyed("acknowledge", case, "loses"), AGENCY)
    other.close()
    assert office.kinds(case)[-1] == "acknowledged"


def test_a_command_that_is_outrun_twice_is_a_conflict(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    case = office.walk("served")
    other = office.again()

    def again() -> None:
        done(other.do(keyed("indicate_citizenship", case, "second"), OFFICER))

    def first() -> None:
        done(other.do(keyed("serve_person", case, "first"), AGENCY))
        before_writing(monkeypatch, office.record, again)

    before_writing(monkeypatch, office.record, first)
    with pytest.raises(Conflict):
        office.record.do(keyed("acknowledge", case, "loses"), AGENCY)
    other.close()


def test_somebody_removed_by_another_process_gives_no_command_more(office: Office) -> None:
    case = office.walk("served")
    other = office.again()
    remove_actor(other, ADMINISTRATOR, name=OFFICER)
    with pytest.raises(BadInput, match="knows nobody"):
        office.record.do(keyed("indicate_citizenship", case, "late"), OFFICER)
    other.close()
    assert office.kinds(case)[-1] == "served_on_agency"


def test_somebody_added_by_another_process_is_known_at_once(office: Office) -> None:
    case = office.walk("served")
    other = office.again()
    add_actor(other, ADMINISTRATOR, name="newcomer", role="issuing_officer")
    done(office.record.do(keyed("indicate_citizenship", case, "new"), "newcomer"))
    other.close()


def test_nothing_is_judged_on_events_that_the_database_has_no_more(office: Office) -> None:
    """The database was put back to an older state under a running process, and went on from there."""
    case = office.walk("arrest_recorded")
    for kind in ("examine_citizenship", "establish_probable_cause", "attach_warrant"):
        office.done(kind, case)
    at = office.case(case).head.version
    tamper(office.record.ledger, "DELETE FROM entry WHERE stream = ? AND version = ?", f"case/{case}", at)
    other = office.again()
    done(other.do(keyed("indicate_citizenship", case, "other"), OFFICER))
    other.close()
    assert office.case(case).head.version == at
    found = office.record.do(keyed("issue", case, "issue"), OFFICER)
    assert isinstance(found, Refused)
    assert office.kinds(case)[-2:] == ["citizenship_indicated", "refused"]


def test_a_key_whose_command_was_refused_meanwhile_is_told_as_refused(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = office.follow("record_arrest", "examine_citizenship", "establish_probable_cause", "attach_warrant")
    other = office.again()

    def refused_there() -> None:
        done(other.do(keyed("indicate_citizenship", case, "claim"), OFFICER))
        assert isinstance(other.do(keyed("issue", case, "key-1"), OFFICER), Refused)

    before_writing(monkeypatch, office.record, refused_there)
    assert isinstance(office.record.do(keyed("issue", case, "key-1"), OFFICER), Refused)
    other.close()
    assert office.kinds(case).count("refused") == 1


def test_the_same_values_in_another_order_are_the_same_command(office: Office) -> None:
    person = {"name": "Example Person (synthetic)", "gender": "not stated"}
    turned = dict(reversed(list(person.items())))
    first = Command(kind="record_arrest", case=None, values={**ARREST, "person": person}, key="key-1", zone="agency")
    again = Command(kind="record_arrest", case=None, values={**ARREST, "person": turned}, key="key-1", zone="agency")
    done(office.record.do(first, OFFICER))
    assert done(office.record.do(again, OFFICER)).is_repeat
