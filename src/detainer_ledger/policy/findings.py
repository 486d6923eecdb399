"""Findings: what the rules in force on a day say of one detainer's facts. Pure: facts and a day in, findings out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any

from detainer_ledger.clock import Trust
from detainer_ledger.policy.checks import CHECKS, Answer, not_applicable
from detainer_ledger.policy.facts import Facts, fact_of
from detainer_ledger.policy.rulebook import Result, Rule, rules, rules_by_id
from detainer_ledger.terms import BadInput

NOT_CONFIRMED = "not confirmed by a source that was read"
"""The words with which a finding tells that its rule, or a part of it, is unconfirmed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one rule says of one detainer. ``facts`` are the facts that it rests on, by dotted name, as JSON values.

    Neither ``facts`` nor ``sentence`` hold text of the user's own. ``overridable`` tells whether a supervisor can let
    the case go on although the rule is not met.
    """

    rule: str
    result: Result
    sentence: str
    citation: str
    trust: Trust
    facts: Mapping[str, object]
    overridable: bool

    def as_json(self) -> dict[str, Any]:
        """Return the finding in the shape of the contract."""
        return {
            "rule": self.rule,
            "result": self.result.value,
            "sentence": self.sentence,
            "citation": self.citation,
            "trust": self.trust.value,
            "facts": dict(self.facts),
        }


def findings(facts: Facts, on: date, *, held_on: date | None = None) -> tuple[Finding, ...]:
    """Return one finding for each rule that is in force on a day, in the order of ``rules()``.

    ``held_on`` is the day of the hold, where it is another: rules of the hold go by the law of that day.
    """
    day_of_hold = held_on or on
    return tuple(
        _finding(rule, facts, day)
        for rule in rules()
        if rule.is_in_force(day := day_of_hold if rule.is_of_the_hold else on)
    )


def finding(rule_id: str, facts: Facts, on: date) -> Finding:
    """Return what one rule says on a day; a rule that is not in force then is not applicable.

    Raises BadInput, with the nearest id, for a rule that there is not.
    """
    known = rules_by_id()
    if rule_id not in known:
        near = get_close_matches(rule_id[:80], known, n=1, cutoff=0.4)
        hint = f"perhaps {near[0]} is meant; " if near else ""
        shown = "".join(sign if sign.isprintable() else "?" for sign in rule_id[:80])
        raise BadInput(f"There is no rule '{shown}'.", do=f"{hint}'detainer policy rules --on DAY' lists them.")
    return _finding(known[rule_id], facts, on)


def result_of(rule_id: str, facts: Facts, on: date) -> Result:
    """Return the result of ``finding``, without what it would say: where a rule is only asked whether it is met.

    Raises KeyError for a rule that there is not.
    """
    rule = rules_by_id()[rule_id]
    return (_outside(rule, facts, on) or CHECKS[rule.check](facts, on)).result


def _finding(rule: Rule, facts: Facts, on: date) -> Finding:
    answer = _outside(rule, facts, on) or CHECKS[rule.check](facts, on)
    trust = answer.trust or rule.trust
    return Finding(
        rule=rule.id,
        result=answer.result,
        sentence=_with_doubt(answer.sentence, rule, trust),
        citation=answer.citation or rule.citation,
        trust=trust,
        facts={name: fact_of(facts, name) for name in dict.fromkeys(answer.facts)},
        overridable=rule.overridable,
    )


def _outside(rule: Rule, facts: Facts, on: date) -> Answer | None:
    """Return the answer where the rule does not reach the case at all: its days, its forms, its components."""
    if not rule.is_in_force(on):
        return not_applicable(f"The rule was not in force on {on}.")
    if rule.forms and facts.form is not None and facts.form not in rule.forms:
        return not_applicable(f"The rule does not concern the {facts.form}.", "form")
    if rule.components and facts.component is not None and facts.component not in rule.components:
        return not_applicable(f"The rule does not concern detainers by {facts.component}.", "component")
    if rule.presumes_issue and facts.issuance.issued is False:
        return not_applicable("No detainer was issued.", "issuance.issued")
    return None


def _with_doubt(sentence: str, rule: Rule, trust: Trust) -> str:
    """Return the sentence, with what is unconfirmed of the rule said in it."""
    if trust is Trust.UNCONFIRMED:
        doubt = f"this rule is {NOT_CONFIRMED}"
    elif aspects := rule.unconfirmed_aspects():
        doubt = f"the {' and the '.join(aspects)} {'is' if len(aspects) == 1 else 'are'} {NOT_CONFIRMED}"
    else:
        return sentence
    return f"{sentence.removesuffix('.')}; {doubt}."
