"""Findings: one for each rule in force, in the shape of the contract, pure, and silent about persons."""

from __future__ import annotations

import json
import random
import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from detainer_ledger.policy import (
    Facts,
    Result,
    fact_names,
    finding,
    findings,
    read_facts,
    rules,
    rules_in_force,
)
from detainer_ledger.terms import BadInput, forms, state_names

WORDS: dict[str, list[Any]] = {
    "form": [form.code for form in forms()],
    "state": ["TX", "CA", "NC", "NH", "WA", "CT", "OH", "IL", "RI", "NJ"],
    "area_of_responsibility": ["Los Angeles Area of Responsibility", "Dallas", "SECRET TEXT"],
    "issuer_role": ["deportation_officer", "immigration_enforcement_agent", "other"],
    "component": ["ICE", "CBP", "287g"],
    "arrest.kind": ["arrest", "stop", "temporary_detention"],
    "warrant.kind": ["I-200", "I-205", "none"],
    "agency.kind": ["jail", "prison", "police"],
    "hold.zone": ["America/Chicago", "America/New_York"],
    "pep_priority": ["", "SECRET TEXT"],
    "probable_cause.bases": [[], ["biometric"], ["final_order"], ["biometric", "statements"]],
}
DATES = {"issued_on", "warrant.signed_on"}
DAYS = st.dates(min_value=date(1996, 1, 1), max_value=date(2031, 1, 1))


def drawn(seed: int, day: date) -> dict[str, Any]:
    """Return facts drawn at random around a day; about half are not recorded."""
    chance = random.Random(seed)
    found: dict[str, Any] = {}
    for name in fact_names():
        if chance.random() < 0.5:
            continue
        if name in WORDS:
            value: Any = chance.choice(WORDS[name])
        elif name in DATES:
            value = (day + timedelta(days=chance.randint(-1, 1))).isoformat()
        elif name.endswith(("_at", ".at")):
            value = f"{day + timedelta(days=chance.randint(0, 5))}T{chance.randint(0, 23):02}:00-06:00"
        else:
            value = chance.random() < 0.5
        part, _, leaf = name.rpartition(".")
        (found.setdefault(part, {}) if part else found)[leaf] = value
    hold = found.get("hold", {})
    if hold.get("began_at", "") > hold.get("ended_at", "~"):
        del hold["ended_at"]
    return found


@given(st.integers(min_value=0), DAYS)
def test_whatever_the_facts_each_rule_in_force_gives_one_of_its_results(seed: int, day: date) -> None:
    facts = read_facts(drawn(seed, day), where="drawn")
    in_force = rules_in_force(day)
    found = findings(facts, day)
    assert [each.rule for each in found] == [rule.id for rule in in_force]
    for each, rule in zip(found, in_force, strict=True):
        assert each.result in rule.results
        assert each == finding(rule.id, facts, day)
        assert json.loads(json.dumps(each.as_json())) == each.as_json()
        assert set(each.facts) <= set(fact_names())
        assert "SECRET" not in json.dumps(each.as_json())


@given(DAYS)
def test_of_what_is_not_recorded_nothing_is_found_not_met(day: date) -> None:
    assert Result.NOT_MET not in {each.result for each in findings(Facts(), day)}


@given(st.integers(min_value=0), DAYS)
def test_a_fact_that_is_taken_away_never_makes_a_rule_not_met(seed: int, day: date) -> None:
    """A rule is not met only where a fact says so; to forget the facts that it rests on leaves nothing not met."""
    facts = drawn(seed, day)
    for each in findings(read_facts(facts, where="drawn"), day):
        if each.result is not Result.NOT_MET:
            continue
        kept = {name: value for name, value in facts.items() if name not in {fact.split(".")[0] for fact in each.facts}}
        assert finding(each.rule, read_facts(kept, where="drawn"), day).result is not Result.NOT_MET


def test_a_finding_has_the_shape_of_the_contract() -> None:
    facts = read_facts({"arrest": {"kind": "stop"}}, where="case.json")
    found = finding("10074.2/not-temporary-stop", facts, date(2018, 5, 2)).as_json()
    assert found == {
        "rule": "10074.2/not-temporary-stop",
        "result": "not_met",
        "sentence": "The person was only stopped or detained for a short time.",
        "citation": found["citation"],
        "trust": "confirmed",
        "facts": {"arrest.kind": "stop"},
    }
    assert found["citation"].startswith("ICE Directive 10074.2, Issuance of Immigration Detainers")


def test_findings_carry_whether_a_supervisor_can_let_the_case_go_on() -> None:
    by_rule = {each.rule: each.overridable for each in findings(Facts(), date(2018, 5, 2))}
    assert not by_rule["10074.2/arrest-required"]
    assert by_rule["10074.2/warrant-accompanies"]


def test_a_finding_on_a_state_cites_the_instrument_and_carries_its_trust() -> None:
    facts = read_facts({"state": "NY", "agency": {"declined": True}}, where="case.json")
    found = finding("state/no-hold", facts, date(2020, 1, 1))
    assert found.result is Result.MET
    assert "[ny-francis-2018]" in found.citation
    assert found.trust == "unconfirmed"
    assert "not confirmed by a source that was read" in found.sentence


@pytest.mark.parametrize(
    ("state", "rule", "told"),
    [
        ("NJ", "state/no-hold", "of nj-ag-2018-6: rule on holds."),
        ("GA", "state/hold-limit", "of ga-hb1105-2024: first day, reading of the clock."),
        ("FL", "state/comply", "of fl-sb168-2019: first day of the duties on detainers."),
        ("OR", "state/no-hold", None),
    ],
)
def test_what_is_unconfirmed_of_an_instrument_is_said_in_its_finding(state: str, rule: str, told: str | None) -> None:
    facts = read_facts({"state": state, "agency": {"declined": True, "kind": "jail"}}, where="case.json")
    sentence = finding(rule, facts, date(2025, 1, 1)).sentence
    if told is None:
        assert "confirmed by a source" not in sentence
    else:
        assert sentence.endswith(f" Not confirmed by a source that was read, {told}")


def test_rules_of_the_hold_go_by_the_law_of_its_day() -> None:
    facts = read_facts({"state": "GA", "form": "I-247A", "agency": {"declined": True, "kind": "jail"}}, where="c.json")
    issued, held = date(2024, 6, 30), date(2024, 7, 1)
    by_rule = {each.rule: each for each in findings(facts, issued, held_on=held)}
    assert by_rule["state/comply"].result is Result.NOT_MET
    assert {each.rule: each for each in findings(facts, issued)}["state/comply"].result is Result.NOT_RECORDED
    on_issue = {each.rule: each for each in findings(facts, issued)}
    assert all(by_rule[rule] == found for rule, found in on_issue.items() if not rule.startswith("state/"))


def test_two_instruments_that_bar_holds_are_both_cited() -> None:
    facts = read_facts({"state": "OR", "agency": {"declined": True}}, where="case.json")
    citation = finding("state/no-hold", facts, date(2022, 1, 1)).citation
    assert "[or-1987]" in citation
    assert "[or-hb3265-2021]" in citation


def test_the_role_that_is_unconfirmed_in_the_list_makes_the_finding_unconfirmed() -> None:
    on = date(2018, 5, 2)
    facts = read_facts({"issuer_role": "immigration_enforcement_agent"}, where="case.json")
    assert finding("8cfr287.7/authorized-issuer", facts, on).trust == "unconfirmed"
    officer = read_facts({"issuer_role": "deportation_officer"}, where="case.json")
    assert finding("8cfr287.7/authorized-issuer", officer, on).trust == "confirmed"


def test_the_hours_of_a_hold_and_its_limit_are_told() -> None:
    hold = {
        "would_be_released_at": "2026-03-06T15:00-05:00",
        "ended_at": "2026-03-08T16:30-04:00",
        "zone": "America/New_York",
    }
    facts = read_facts({"form": "I-247A", "hold": hold}, where="case.json")
    found = finding("I-247A/box1-hold", facts, date(2026, 3, 6))
    assert found.sentence == (
        "The person was held 48.5 hours beyond release, past the limit, which was 2026-03-08T16:00-04:00."
    )
    allowed = finding("8cfr287.7/hold-48h-excluding", facts, date(2026, 3, 6))
    assert allowed.result is Result.MET
    assert "2026-03-10T15:00-04:00" in allowed.sentence


def test_instants_are_compared_and_not_their_offsets() -> None:
    facts = read_facts({"hold": {"zone": "America/Chicago"}}, where="case.json")
    released = datetime.fromisoformat("2018-05-02T10:00-05:00")
    same = datetime.fromisoformat("2018-05-02T15:00+00:00")
    held = replace(facts, hold=replace(facts.hold, would_be_released_at=released, ended_at=same))
    found = finding("8cfr287.7/hold-48h-excluding", held, date(2018, 5, 2))
    assert found.sentence == "The person was not held beyond release."


@pytest.mark.parametrize("given_id", ["10074.2/arrest", "nothing at all", "\x1b[31m" * 50])
def test_an_unknown_rule_is_refused_with_the_nearest(given_id: str) -> None:
    with pytest.raises(BadInput) as refused:
        finding(given_id, Facts(), date(2018, 5, 2))
    assert "\x1b" not in str(refused.value)
    assert ("10074.2/arrest-required is meant" in str(refused.value)) == (given_id == "10074.2/arrest")


def test_of_text_of_the_users_own_a_finding_repeats_the_name_of_an_area_alone() -> None:
    told = []
    for text in ("los angeles area of responsibility", "Los Angeles", "Doe, John"):
        facts = read_facts({"area_of_responsibility": text, "form": "I-247A"}, where="case.json")
        found = finding("gonzalez-2020/database-only-void", facts, date(2020, 5, 1))
        told.append((found.result.value, found.facts["area_of_responsibility"]))
    assert told == [("not_recorded", "Los Angeles"), ("not_recorded", "Los Angeles"), ("not_applicable", "given")]


def test_the_states_of_the_circuit_are_states() -> None:
    from detainer_ledger.policy.checks.courts import NINTH_CIRCUIT

    assert set(state_names()) >= NINTH_CIRCUIT


def test_no_sentence_has_a_word_that_takes_sides() -> None:
    texts = " ".join(f"{rule.title} {rule.text}" for rule in rules()).casefold()
    assert re.findall(r"\b(?:aliens?|illegal\w*|sanctuar\w+|violat\w+)\b", texts) == []
