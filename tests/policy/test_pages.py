"""The pages on the rules are made from the data, and are those that stand in the documentation."""

from __future__ import annotations

import importlib.util
import json
import re
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from detainer_ledger.audit import release_checks
from detainer_ledger.policy import decisions, fact_names, finding, instruments, read_facts, rules

DOCS = Path(__file__).parents[2] / "docs"
SOURCES_WORDS = re.compile(r"\b(?:sanctuar(?:y|ies)|aliens?|illegals?|refusal to honor)\b", re.IGNORECASE)


@cache
def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("rules_pages", DOCS / "rules_pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_pages_on_the_rules_are_current() -> None:
    assert {page.name for page in maker().stale_pages()} == set(), "run python docs/rules_pages.py"


def test_every_rule_instrument_decision_and_check_has_one_heading() -> None:
    text = "\n".join(maker().rules_pages().values())
    wanted = [rule.id for rule in rules()] + [each.id for each in instruments()]
    wanted += [each.id for each in decisions()] + [each.id for each in release_checks()]
    headings = re.findall(r"(?m)^## (\S+)$", text)
    assert sorted(headings) == sorted(wanted)


def test_every_fact_has_a_row() -> None:
    assert re.findall(r"(?m)^\| `(\S+)` \| \S", maker().rules_pages()["facts.md"]) == list(fact_names())


@pytest.mark.parametrize("name", maker().rules_pages())
def test_words_of_a_source_stand_in_quotations_names_and_addresses_alone(name: str) -> None:
    plain = re.sub(r"`[^`\n]*`|“[^”\n]*”|\"[^\"\n]*\"|\b[\w.-]+/[\w.-]+", "", maker().rules_pages()[name])
    assert SOURCES_WORDS.findall(plain) == []


def test_the_case_of_the_how_to_is_found_as_it_says() -> None:
    text = (DOCS / "how-to" / "check-the-policy.md").read_text("utf-8")
    block = re.search(r"(?ms)^```json\n(.*?)^```", text)
    assert block is not None
    facts = read_facts(json.loads(block[1]), where="how-to")
    assert facts.issued_on is not None
    found = finding("10074.2/pc-biometric", facts, facts.issued_on)
    assert found.result == "not_recorded"
    assert finding("I-247A/box1-hold", facts, facts.issued_on).result == "met"
