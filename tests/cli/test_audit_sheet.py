"""``detainer audit sheet`` as an auditor uses it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from detainer_ledger.audit.folder import read_frame, write_recorded
from detainer_ledger.audit.programme import illustrative_programme, illustrative_text, read_programme
from detainer_ledger.audit.recorded import Recorded
from detainer_ledger.audit.values import Answer, Mark
from tests.cli.audit_desk import drawn
from tests.running import detainer, tree


def test_one_auditor_gets_every_file_and_is_told_what_comes_next(tmp_path: Path) -> None:
    audit = drawn(tmp_path)
    ran = detainer("audit", "sheet", "--audit", audit, "--programme", tmp_path / "mine.toml", "--auditor", "Ana Ruiz")
    assert (ran.code, ran.err) == (0, "")
    sha256 = read_programme(tmp_path / "mine.toml").sha256
    assert ran.out == (
        f"Programme: Invented tests, version 1, SHA-256 {sha256}.\n"
        f"{audit}/sheets/sheet-ana-ruiz.xlsx: Ana Ruiz, 4 files × 2 attributes, 8 tests.\n"
        f"Next:   fill in the sheet 'Tests' of each, save, then: detainer audit read --audit {audit}\n"
    )
    assert (audit / "programme.toml").read_bytes() == (tmp_path / "mine.toml").read_bytes()


def test_files_are_shared_out_among_several(tmp_path: Path) -> None:
    audit = drawn(tmp_path, size=5)
    ran = detainer("audit", "sheet", "--audit", audit, "--illustrative", "--auditor", "a", "--auditor", "b", "--json")
    told = json.loads(ran.out)
    assert [(each["auditor"], each["files"], each["tests"]) for each in told["sheets"]] == [("a", 3, 48), ("b", 2, 32)]
    assert told["sharing"] == "shared"
    assert told["programme_sha256"] == illustrative_programme().sha256
    assert (audit / "programme.toml").read_bytes() == illustrative_text().encode()


def test_two_each_gives_both_every_file(tmp_path: Path) -> None:
    audit = drawn(tmp_path)
    asked = ("audit", "sheet", "--audit", audit, "--illustrative", "--auditor", "a", "--auditor", "b", "--two-each")
    ran = detainer(*asked)
    assert ran.code == 0
    assert ran.out.count("4 files × 16 attributes, 64 tests.") == 2


def test_the_programme_that_is_there_is_used_again(tmp_path: Path) -> None:
    audit = drawn(tmp_path)
    (audit / "programme.toml").write_bytes((tmp_path / "mine.toml").read_bytes())
    ran = detainer("audit", "sheet", "--audit", audit, "--auditor", "ana")
    assert ran.code == 0
    assert "Invented tests" in ran.out


@pytest.mark.parametrize(
    ("more", "what", "do"),
    [
        (("--auditor", "ana"), "The audit has no programme: what is to be tested.", "name one with --programme"),
        (
            ("--auditor", "ana", "--illustrative", "--programme", "x.toml"),
            "Two programmes are named.",
            "leave --illustrative or --programme out.",
        ),
        (
            ("--auditor", "ana", "--programme", "x.toml"),
            "The programme cannot be read: No such file",
            "look at the path",
        ),
        (
            ("--auditor", "ana", "--two-each", "--illustrative"),
            "Each file is to be tested by two auditors, and 1 are named.",
            "name two",
        ),
        (("--auditor", "!", "--illustrative"), "This is no name of an auditor.", "write a name"),
        (
            ("--auditor", "Ana", "--auditor", "ana", "--illustrative"),
            "Two auditors have names that cannot be told apart: 'Ana' and 'ana'.",
            "name each once",
        ),
        (
            sum((("--auditor", name) for name in "abcde"), ("--illustrative",)),
            "There is no file left for e: the sample has 4.",
            "name no more auditors than there are files.",
        ),
    ],
)
def test_what_cannot_be_is_refused_and_no_sheet_is_written(
    tmp_path: Path, more: tuple[str, ...], what: str, do: str
) -> None:
    audit = drawn(tmp_path)
    ran = detainer("audit", "sheet", "--audit", audit, *more)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"detainer: {what}")
    assert f"  to do: {do}" in ran.err
    assert not (audit / "sheets").exists()


def test_sheets_that_are_there_are_named_and_nothing_is_changed(tmp_path: Path) -> None:
    audit = drawn(tmp_path)
    asked = ("audit", "sheet", "--audit", audit, "--programme", tmp_path / "mine.toml")
    assert detainer(*asked, "--auditor", "ana").code == 0
    before = tree(audit)
    ran = detainer(*asked, "--auditor", "ben")
    assert ran.code == 2
    assert ran.err == (
        "detainer: Test sheets stand there already, and may be filled in: sheet-ana.xlsx.\n"
        f"  where: folder {audit}/sheets\n"
        "  to do: read them with 'detainer audit read', or move them away and write new ones.\n"
    )
    assert tree(audit) == before


def test_there_is_no_sheet_without_a_sample(tmp_path: Path) -> None:
    ran = detainer("audit", "sheet", "--audit", tmp_path, "--illustrative", "--auditor", "ana")
    assert ran.code == 2
    assert "run 'detainer audit frame' first" in ran.err


def test_what_a_record_answered_is_filled_in_and_read_back(tmp_path: Path) -> None:
    audit = drawn(tmp_path)
    (audit / "programme.toml").write_bytes((tmp_path / "mine.toml").read_bytes())
    frame, programme = read_frame(audit), read_programme(audit / "programme.toml")
    marks = tuple(
        Mark(unit=unit.id, attribute=each.id, answer=Answer.NOT_MET, auditor="record", is_from_record=True)
        for unit in frame.units
        for each in programme.attributes
    )
    at = datetime(2026, 3, 2, tzinfo=UTC)
    recorded = Recorded(frame_sha256=frame.sha256, programme_sha256=programme.sha256, at=at, marks=marks)
    write_recorded(audit, recorded)
    ran = detainer("audit", "sheet", "--audit", audit, "--auditor", "ana")
    assert ran.code == 0
    assert ran.out.endswith(
        "The record answered 8 of 8 tests: they are filled in, locked, and named as the record's.\n"
        f"Next:   detainer audit read --audit {audit}\n"
    )
    ran = detainer("audit", "read", "--audit", audit)
    assert ran.out.startswith(
        "4 files × 2 attributes: 8 tests, 0 met, 8 not met, 0 not testable, 0 not applicable.\n"
        "The record answered 8 of them.\n"
    )
