"""Somebody at a terminal with a record: commands go in as they are typed, by a clock that the test holds.

Every run is watched: no traceback, no error of the program's own, and no personal value unless the command is 'person'.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from tests.records import Clock, place_of_record
from tests.running import Ran, detainer

PERSON = {
    "name": "Example Person (synthetic)",
    "birth_date": "1990-01-02",
    "citizenship_country": "Syntheticland",
    "gender": "not told (synthetic)",
    "file_number": "A-000-000-001",
    "booking_number": "BOOK-4711",
}
"""Personal fields of an invented person; no value of them is part of anything else that the tests type."""

ZONE = "agency"
"""What whoever types here has said of times without an offset."""

ARREST = (
    "agency=oak-jail",
    "at=2026-02-20T10:00",
    "arrest_kind=arrest",
    "offence=burglary",
    "criminal_offence=yes",
    "independent_authority=yes",
)
READY: tuple[tuple[str, ...], ...] = (
    ("examine_citizenship", "at=2026-02-20T11:00", "result=no_indication", "--as", "olga"),
    ("establish_probable_cause", "at=2026-02-20T11:30", "bases=final_order", "evidence=file-1", "--as", "olga"),
    ("attach_warrant", "warrant_kind=I-205", "signed=yes", "signed_on=2026-02-20", "--as", "olga"),
)
ISSUED: tuple[tuple[str, ...], ...] = (
    *READY,
    ("issue", "at=2026-02-20T13:00", "form=I-247A", "box1=yes", "box2=no", "--as", "olga"),
    ("serve_agency", "at=2026-02-20T14:00", "--as", "olga"),
)
HELD: tuple[tuple[str, ...], ...] = (
    *ISSUED,
    ("answer", "at=2026-02-20T17:00", "answer=honor", "--as", "jill"),
    ("begin_hold", "at=2026-03-01T10:00", "--as", "jill"),
)
TAKEN: tuple[tuple[str, ...], ...] = (*HELD, ("take_custody", "at=2026-03-02T08:00", "--as", "olga"))
RELEASED_AFTER_DECLINE: tuple[tuple[str, ...], ...] = (
    *ISSUED,
    ("answer", "at=2026-02-20T17:00", "answer=decline", "reason=state_law", "legal_basis=none_stated", "--as", "jill"),
    ("release", "at=2026-02-22T09:00", "notice_given=no", "--as", "jill"),
)


@dataclass(frozen=True)
class Desk:
    """A terminal: the record's address and keys stand in its environment, its folder holds the files."""

    folder: Path
    url: str
    keys: Path
    clock: Clock

    def run(self, *arguments: str | Path, code: int = 0, typed: str | bytes = "") -> Ran:
        """Run ``detainer`` with these arguments and see that it leaves with ``code``; ``typed`` is standard input."""
        here = {
            "DETAINER_RECORD": self.url,
            "DETAINER_KEYS": str(self.keys),
            "DETAINER_ACTOR": "",
            "DETAINER_ZONE": ZONE,
        }
        keyed = io.TextIOWrapper(io.BytesIO(typed if isinstance(typed, bytes) else typed.encode()), encoding="utf-8")
        with (
            mock.patch.dict(os.environ, here),
            mock.patch("detainer_ledger.ledger.opening._system_clock", self.clock),
            mock.patch("sys.stdin", keyed),
        ):
            ran = detainer(*arguments)
        said = ran.out + ran.err
        assert ran.code == code, said
        assert "Traceback" not in said
        assert "inside the program" not in said, said
        if arguments[:2] != ("record", "person"):
            for value in PERSON.values():
                assert value not in said
        return ran

    def record(self, *arguments: str | Path, code: int = 0, typed: str | bytes = "") -> Ran:
        """Run ``detainer record`` with these arguments."""
        return self.run("record", *arguments, code=code, typed=typed)

    def refusal(self, *arguments: str | Path, code: int = 2) -> str:
        """Run ``detainer record``, see that it does nothing but say what is wrong, and return what it says."""
        ran = self.record(*arguments, code=code)
        assert ran.out == ""
        return ran.err

    def json(self, *arguments: str | Path) -> Any:
        """Run ``detainer record`` with ``--json`` and return what it prints."""
        return json.loads(self.record(*arguments, "--json").out)

    def arrest(self, *, person: Mapping[str, str] | None = None) -> str:
        """Record an arrest and return the id of the case."""
        given = [f"person.{name}={value}" for name, value in (PERSON if person is None else person).items()]
        done = self.json("act", "new", "record_arrest", *ARREST, *given, "--as", "olga")
        return str(done["case"])

    def walk(self, steps: tuple[tuple[str, ...], ...]) -> str:
        """Record an arrest, give these commands on its case, and return the id of the case."""
        case = self.arrest()
        for step in steps:
            self.record("act", case, *step)
        return case

    def file(self, name: str, content: str | bytes) -> Path:
        """Write a file into the folder."""
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path


def bare_desk(folder: Path, *, url: str | None = None) -> Desk:
    """Return a desk at which no record was made yet."""
    return Desk(folder=folder, url=url or str(folder / "record.db"), keys=folder / "record.keys", clock=Clock())


def desk_in(engine: str, folder: Path) -> Iterator[Desk]:
    """Yield a desk with a record in an engine, and clean up after it."""
    for place in place_of_record(engine, folder / "aside"):
        yield set_up(bare_desk(folder, url=place.url))


def set_up(desk: Desk) -> Desk:
    """Make a record at a desk, with two agencies and somebody of each role."""
    desk.record("init", "--origin", "test.example/record", "--administrator", "ada")
    for agency, name, state, zone in (
        ("oak-jail", "OAK COUNTY JAIL", "IL", "America/Chicago"),
        ("elm-jail", "ELM COUNTY JAIL", "NY", "America/New_York"),
    ):
        desk.record("agency", "add", agency, "--name", name, "--state", state, "--zone", zone, "--as", "ada")
    for name, role in (("olga", "issuing_officer"), ("sam", "supervisor"), ("aud", "auditor")):
        desk.record("actor", "add", name, "--role", role, "--as", "ada")
    for name, agency in (("jill", "oak-jail"), ("nora", "elm-jail")):
        desk.record("actor", "add", name, "--role", "receiving_agency", "--agency", agency, "--as", "ada")
    return desk
