"""The cases of ``tests/cases/policy``: each is found as it says, and each rule has the cases that show what it does."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from detainer_ledger.policy import Result, Rule, finding, read_facts, rules
from detainer_ledger.policy.findings import NOT_CONFIRMED

FOLDER = Path(__file__).parents[1] / "cases" / "policy"
NOT_IN_FORCE = "The rule was not in force"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case: what was known, on which day the rules are those in force, and what has to be found."""

    rule: str
    title: str
    on: date
    facts: dict[str, Any]
    expected: Result


def cases() -> list[Case]:
    found = []
    for file in sorted(FOLDER.glob("*.toml")):
        for group in tomllib.loads(file.read_text("utf-8"))["rule"]:
            assert group["source"]
            for case in group["case"]:
                values = {**case, "expected": Result(case["expected"])}
                found.append(Case(rule=group["id"], **values))
    return found


CASES = cases()
OF_RULE: dict[str, list[Case]] = defaultdict(list)
for each in CASES:
    OF_RULE[each.rule].append(each)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}: {case.title} ({case.on})")
def test_a_case_is_found_as_it_says(case: Case) -> None:
    facts = read_facts(case.facts, where=case.title)
    found = finding(case.rule, facts, case.on)
    assert found.result is case.expected, found.sentence
    assert found.sentence.endswith(".")
    assert found.citation
    assert (found.trust == "unconfirmed") <= (NOT_CONFIRMED in found.sentence)


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_a_rule_has_a_case_for_every_result_that_it_can_give_and_for_no_other(rule: Rule) -> None:
    inside = [case for case in OF_RULE[rule.id] if rule.is_in_force(case.on)]
    assert {case.expected for case in inside} == set(rule.results)


@pytest.mark.parametrize("rule", [rule for rule in rules() if rule.in_force_from], ids=lambda rule: rule.id)
def test_a_rule_has_a_case_on_its_first_day_and_on_the_day_before(rule: Rule) -> None:
    assert rule.in_force_from is not None
    assert _outside(rule, rule.in_force_from - timedelta(days=1))
    assert _inside(rule, rule.in_force_from)


@pytest.mark.parametrize("rule", [rule for rule in rules() if rule.in_force_to], ids=lambda rule: rule.id)
def test_a_rule_has_a_case_on_its_last_day_and_on_the_day_after(rule: Rule) -> None:
    assert rule.in_force_to is not None
    assert _inside(rule, rule.in_force_to)
    assert _outside(rule, rule.in_force_to + timedelta(days=1))


def test_no_case_is_of_a_rule_that_is_not_there() -> None:
    assert set(OF_RULE) == {rule.id for rule in rules()}


def _on(rule: Rule, day: date) -> list[str]:
    found = [finding(rule.id, read_facts(case.facts, where=""), day) for case in OF_RULE[rule.id] if case.on == day]
    return [each.sentence for each in found]


def _outside(rule: Rule, day: date) -> bool:
    sentences = _on(rule, day)
    return bool(sentences) and all(sentence.startswith(NOT_IN_FORCE) for sentence in sentences)


def _inside(rule: Rule, day: date) -> bool:
    return any(not sentence.startswith(NOT_IN_FORCE) for sentence in _on(rule, day))
