"""Who may do what with screening cases: each role and command, and each role and way to read, one cell at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from detainer_ledger.casework import Refused, Role, screening_command_kinds
from detainer_ledger.casework.screening import adopt, coverage_of, extract_steps
from detainer_ledger.terms import BadInput
from tests.casework.build import AUDITOR, SUPERVISOR
from tests.casework.screening.build import GIVEN, READY, Room, protocol_text
from tests.casework.test_roles import ROLE, WHO, grid

# O issuing officer, S supervisor, R receiving agency, U auditor, A administrator
COMMANDS = """
                        O S R U A
begin                   x x . . .
do_step                 x x . . .
record_result           x x . . .
notify                  x x . . .
document                x x . . .
decide_custody          x x . . .
second_review           . x . . .
release_to_supervision  x x . . .
return_to_custody       x x . . .
end                     x x . . .
move_protocol           . x . . .
void                    x x . . .
correct                 x x . . .
erase_person            . x . . .
"""

READING = """
            O S R U A
show        x x . x .
due         x x . x .
list        x x . x .
person      x x . x .
prove       x x . x .
coverage    x x . x .
extract     x x . x .
adopt       . x . . .
"""


def test_the_tables_of_this_file_know_every_command_and_role() -> None:
    assert {command for command, _, _ in grid(COMMANDS)} == set(screening_command_kinds())
    assert set(ROLE.values()) == {each.value for each in Role}


def words(name: str) -> str:
    return name.replace("_", " ")


def check_cell(room: Room, command: str, letter: str, allowed: bool) -> None:
    who = WHO[letter]
    case = None if command == "begin" else room.begin(*READY.get(command, ()))
    before = room.events(case or "")
    access = room.office.access(who)
    if allowed:
        event = room.done(command, case, by=who).events[0]
        assert (event.actor, event.role) == (who, ROLE[letter])
        assert room.office.access(who) == access
        return
    refused = room.refused(command, case, by=who)
    assert refused.reason.startswith(f"The role {words(ROLE[letter])} may not {words(command)}: that is for ")
    assert refused.findings == ()
    assert room.events(case or "") == before
    (kind, said) = room.office.access(who)[-1]
    assert (kind, said["case"], said["why"]) == ("denied", case, refused.reason)
    assert command in said.values()
    assert len(room.office.access(who)) == len(access) + 1


@pytest.mark.parametrize(("command", "letter", "allowed"), grid(COMMANDS))
def test_a_command_is_done_for_those_who_may_give_it_and_denied_to_all_others(
    shared_room: Room, command: str, letter: str, allowed: bool
) -> None:
    check_cell(shared_room, command, letter, allowed)


@pytest.mark.parametrize(("way", "letter", "allowed"), grid(READING))
def test_screening_is_read_by_those_who_may_and_denied_to_all_others(
    shared_room: Room, tmp_path: Path, way: str, letter: str, allowed: bool
) -> None:
    who, record, screenings = WHO[letter], shared_room.office.record, shared_room.screenings
    case = shared_room.begin()
    out = tmp_path / "steps.parquet"
    text = protocol_text({}, version=f"of-{who}")
    ways: dict[str, Callable[[], Any]] = {
        "show": lambda: screenings.show(case, who),
        "due": lambda: screenings.due(who),
        "list": lambda: screenings.rows(who),
        "person": lambda: screenings.person(case, who, purpose="to test"),
        "prove": lambda: screenings.proof(case, who),
        "coverage": lambda: coverage_of(record, who),
        "extract": lambda: extract_steps(record, out, who),
        "adopt": lambda: adopt(record, text, who, where="x"),
    }
    access = shared_room.office.access(who)
    found = ways[way]()
    noted = [kind for kind, _ in shared_room.office.access(who)[len(access) :]]
    if allowed:
        assert not isinstance(found, Refused)
        assert noted == (["person_read"] if way == "person" else [])
        return
    assert isinstance(found, Refused)
    assert f"The role {words(ROLE[letter])} may not " in found.reason
    assert noted == ["denied"]
    assert not out.exists()


def test_an_auditor_reads_everything_and_changes_nothing(room: Room) -> None:
    case = room.begin("do_step", "record_result")
    before = room.office.everything()
    room.shown(case, by=AUDITOR)
    room.screenings.due(AUDITOR)
    room.screenings.rows(AUDITOR)
    assert room.office.everything() == before
    for command in GIVEN:
        room.refused(command, None if command == "begin" else case, by=AUDITOR)
    after = room.office.everything()
    assert (after["view"], after["person"]) == (before["view"], before["person"])
    assert [kind for kind, _ in room.office.access(AUDITOR)] == ["denied"] * len(GIVEN)


def test_nobody_unknown_does_or_reads_anything(room: Room) -> None:
    case = room.begin()
    before = room.office.everything()
    for act in (
        lambda: room.do("do_step", case, by="eve"),
        lambda: room.screenings.show(case, "eve"),
        lambda: room.screenings.person(case, "eve", purpose="to see"),
        lambda: room.screenings.due("eve"),
        lambda: room.screenings.rows("eve"),
        lambda: room.screenings.proof(case, "eve"),
        lambda: coverage_of(room.office.record, "eve"),
        lambda: adopt(room.office.record, protocol_text({}), "eve", where="x"),
    ):
        with pytest.raises(BadInput, match="knows nobody of this name"):
            act()
    assert room.office.everything() == before


def test_who_was_removed_does_nothing_more(room: Room) -> None:
    from detainer_ledger.casework import remove_actor
    from tests.casework.build import ADMINISTRATOR, OFFICER

    case = room.begin()
    assert remove_actor(room.office.record, ADMINISTRATOR, name=OFFICER) is None
    with pytest.raises(BadInput, match="knows nobody"):
        room.do("do_step", case)
    room.done("do_step", case, by=SUPERVISOR)
    assert [event.actor for event in room.events(case)] == [OFFICER, SUPERVISOR]
