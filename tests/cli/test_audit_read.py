"""``detainer audit read`` as an auditor uses it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.audit.filling import fill, spoil
from tests.cli.audit_desk import drawn
from tests.running import detainer, tree


def written(folder: Path, *more: str) -> tuple[Path, list[Path]]:
    audit = drawn(folder)
    ran = detainer("audit", "sheet", "--audit", audit, "--programme", folder / "mine.toml", *more)
    assert ran.code == 0, ran.err
    return audit, sorted((audit / "sheets").iterdir())


def answer(place: str, text: object) -> Any:
    return lambda book: book["Tests"].__setitem__(place, text)


def test_filled_sheets_become_results_and_are_counted(tmp_path: Path) -> None:
    audit, (path,) = written(tmp_path, "--auditor", "ana")
    fill(path)
    spoil(path, answer("E2", "not_met"))
    ran = detainer("audit", "read", "--audit", audit)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "4 files × 2 attributes: 8 tests, 7 met, 1 not met, 0 not testable, 0 not applicable.\n"
        f"Next:   detainer audit evaluate --audit {audit}\n"
    )
    before = tree(audit)
    again = detainer("audit", "read", "--audit", audit)
    assert again.out.endswith("Nothing has changed: results.json says the same already.\n")
    assert tree(audit) == before


def test_one_inconsistency_is_told_as_one_message(tmp_path: Path) -> None:
    audit, (path,) = written(tmp_path, "--auditor", "ana")
    fill(path)
    spoil(path, answer("E3", "not met"))
    before = tree(audit)
    ran = detainer("audit", "read", "--audit", audit)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "detainer: This is no answer.\n"
        "  where: file sheet-ana.xlsx, sheet Tests, row 3, column answer\n"
        "  to do: did you mean 'not_met'? Nothing was read: mend the sheets and read them again, or leave these"
        " rows out on purpose with --set-aside: their tests then count as not testable.\n"
    )
    assert tree(audit) == before


def test_all_inconsistencies_of_all_sheets_are_told(tmp_path: Path) -> None:
    audit, paths = written(tmp_path, "--auditor", "ana", "--auditor", "ben")
    for path in paths:
        fill(path)
        spoil(path, answer("E2", "=1"))
    ran = detainer("audit", "read", "--audit", audit)
    assert ran.code == 2
    assert ran.err.splitlines()[:3] == [
        "detainer: The sheets have 2 inconsistencies; nothing was read.",
        "  sheet-ana.xlsx, sheet Tests, row 2, column answer: The cell holds a formula. To do: write the text itself.",
        "  sheet-ben.xlsx, sheet Tests, row 2, column answer: The cell holds a formula. To do: write the text itself.",
    ]
    told = json.loads(detainer("audit", "read", "--audit", audit, "--json").out)
    assert not told["read"]
    assert [(each["file"], each["row"], each["column"]) for each in told["inconsistencies"]] == [
        ("sheet-ana.xlsx", 2, "answer"),
        ("sheet-ben.xlsx", 2, "answer"),
    ]


def test_rows_are_set_aside_on_purpose_and_named(tmp_path: Path) -> None:
    audit, (path,) = written(tmp_path, "--auditor", "ana")
    fill(path)
    spoil(path, answer("E2", None))
    ran = detainer("audit", "read", "--audit", audit, "--set-aside")
    assert (ran.code, ran.err) == (0, "")
    reason = "sheet-ana.xlsx, sheet Tests, row 2, column answer: The test is not answered."
    assert ran.out == (
        "4 files × 2 attributes: 8 tests, 7 met, 0 not met, 1 not testable, 0 not applicable.\n"
        "1 row set aside; results.json names each with its reason:\n"
        f"  {reason}\n"
        f"Next:   detainer audit evaluate --audit {audit}\n"
    )
    assert json.loads((audit / "results.json").read_text())["set_aside"] == [reason]


def test_a_sheet_of_another_audit_is_never_set_aside(tmp_path: Path) -> None:
    audit, (path,) = written(tmp_path, "--auditor", "ana")
    fill(path)
    (tmp_path / "other").mkdir()
    other = drawn(tmp_path / "other", size=3)
    (other / "programme.toml").write_bytes((audit / "programme.toml").read_bytes())
    ran = detainer("audit", "read", "--audit", other, path, "--set-aside")
    assert ran.code == 2
    assert "The sheet is of another sample" in ran.err
    assert not (other / "results.json").exists()


def test_two_auditors_settle_before_anything_is_read(tmp_path: Path) -> None:
    audit, (one, other) = written(tmp_path, "--auditor", "ana", "--auditor", "ben", "--two-each")
    fill(one)
    fill(other)
    spoil(one, answer("E2", "not_met"))
    ran = detainer("audit", "read", "--audit", audit)
    assert (ran.code, ran.err) == (1, "")
    assert ran.out == (
        "The two auditors agree on 7 of 8 tests that both answered.\n"
        "1 test answered otherwise, 1 not settled. Nothing was read.\n"
        f"Next:   settle them in {audit}/sheets/settlement.xlsx, then read again.\n"
    )
    told = detainer("audit", "read", "--audit", audit, "--json")
    assert told.code == 1
    assert json.loads(told.out)["unsettled"] == 1
    assert not (audit / "results.json").exists()

    spoil(audit / "sheets" / "settlement.xlsx", answer("K2", "met"))
    spoil(audit / "sheets" / "settlement.xlsx", answer("N2", "Cy"))
    ran = detainer("audit", "read", "--audit", audit)
    assert ran.code == 0
    assert "8 tests, 8 met" in ran.out


def test_other_results_are_replaced_with_a_reason(tmp_path: Path) -> None:
    audit, (path,) = written(tmp_path, "--auditor", "ana")
    fill(path)
    assert detainer("audit", "read", "--audit", audit).code == 0
    spoil(path, answer("E2", "not_met"))
    ran = detainer("audit", "read", "--audit", audit)
    assert ran.code == 2
    assert "read them with --replace and the reason" in ran.err
    ran = detainer("audit", "read", "--audit", audit, "--replace", "a second look", "--json")
    assert ran.code == 0
    told = json.loads(ran.out)
    assert told["is_new"]
    assert told["answers"] == {"met": 7, "not_met": 1, "not_testable": 0, "not_applicable": 0}
    assert (audit / "results-1.json").exists()


@pytest.mark.parametrize("sheets", [(), ("none.xlsx",)])
def test_sheets_that_are_not_there_are_told(tmp_path: Path, sheets: tuple[str, ...]) -> None:
    audit, (path,) = written(tmp_path, "--auditor", "ana")
    path.unlink()
    ran = detainer("audit", "read", "--audit", audit, *sheets)
    assert ran.code == 2
    assert ("There is no such file." if sheets else "There are no test sheets.") in ran.err
