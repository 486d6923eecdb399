"""The pages on screening say what the code does: each key, trigger, result, status and column has its line."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from detainer_ledger.casework import screening_command_kinds, screening_stages
from detainer_ledger.casework.screening import COLUMNS, KEYS, STEP_KEYS, ScreeningResult, Status, Trigger, protocol_of
from detainer_ledger.cli.screening.group import COMMANDS
from tests.casework.screening.build import protocol_text

DOCS = Path(__file__).parents[3] / "docs"
REFERENCE = (DOCS / "reference" / "screening-protocol.md").read_text("utf-8")
HOW_TO = (DOCS / "how-to" / "follow-screening-cases.md").read_text("utf-8")
METHOD = (DOCS / "method" / "screening.md").read_text("utf-8")

PARTS: Mapping[str, Iterable[object]] = {
    "protocol-keys": KEYS,
    "protocol-step-keys": STEP_KEYS,
    "protocol-triggers": Trigger,
    "screening-results": ScreeningResult,
    "screening-statuses": Status,
    "screening-columns": COLUMNS,
    "screening-stages": screening_stages(),
    "screening-commands": screening_command_kinds(),
}


@pytest.mark.parametrize("part", PARTS)
def test_each_word_of_the_code_has_its_line_and_no_other_word_has_one(part: str) -> None:
    text = REFERENCE.partition(f"<!-- generated: {part} -->")[2].partition(f"<!-- end of {part} -->")[0]
    assert re.findall(r"^\| `([^`]+)` \| \S", text, flags=re.MULTILINE) == [str(each) for each in PARTS[part]]


def test_the_how_to_shows_each_command_that_does_something() -> None:
    shown = set(re.findall(r"detainer screening ([a-z]+)", HOW_TO))
    assert shown == set(COMMANDS) - {"list", "person"}


def test_commands_on_cases_in_the_how_to_name_fields_that_there_are() -> None:
    lines = [line.partition(" # ")[0] for line in HOW_TO.splitlines() if line.startswith("detainer screening act")]
    assert len(lines) >= 5
    for line in lines:
        _, _, _, case, kind, *values = shlex.split(line)
        assert (kind == "begin") == (case == "new")
        fields = {field.name: field for field in screening_command_kinds()[kind].fields}
        given = dict(value.split("=", 1) for value in values[: values.index("--as")])
        assert set(given) <= set(fields)
        assert {name for name, field in fields.items() if not field.optional} <= set(given)
        for name, value in given.items():
            assert not fields[name].choices or value in fields[name].choices


def test_the_step_in_the_how_to_can_be_used() -> None:
    (step,) = re.findall(r"```toml\n(.*?)```", HOW_TO, flags=re.DOTALL)
    head = protocol_text({}).partition("[[step]]")[0]
    assert protocol_of(head + step, where="how-to").step("initial-checks") is not None


@pytest.mark.parametrize(
    "claim",
    [
        "watch list",
        "compares a person",
        "`pending_authority` or `not_run`",
        "no custody, therefore not screened",
        "KSTEP",
    ],
)
def test_the_method_says_what_the_program_refuses_to_do(claim: str) -> None:
    assert claim in METHOD
