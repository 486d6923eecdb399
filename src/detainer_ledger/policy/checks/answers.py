"""What a check gives back: the result, a sentence, and the names of the facts that both rest on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from msgspec import Struct

from detainer_ledger.clock import Trust
from detainer_ledger.policy.facts import Facts, fact_of
from detainer_ledger.policy.rulebook import Result


class Answer(Struct, frozen=True, kw_only=True):
    """A check's answer. ``facts`` are dotted names; ``citation`` and ``trust`` stand in for the rule's where given."""

    result: Result
    sentence: str
    facts: tuple[str, ...]
    citation: str | None = None
    trust: Trust | None = None


Check = Callable[[Facts, date], Answer]
"""A pure test of one rule: the facts, the day on which the rules are those in force, and the answer."""


def met(sentence: str, *facts: str) -> Answer:
    """Return that the rule is met."""
    return Answer(result=Result.MET, sentence=sentence, facts=facts)


def not_met(sentence: str, *facts: str) -> Answer:
    """Return that the rule is not met: the facts say so."""
    return Answer(result=Result.NOT_MET, sentence=sentence, facts=facts)


def not_recorded(sentence: str, *facts: str) -> Answer:
    """Return that the facts do not tell; ``facts`` names what is missing, and what was looked at."""
    return Answer(result=Result.NOT_RECORDED, sentence=sentence, facts=facts)


def not_applicable(sentence: str, *facts: str) -> Answer:
    """Return that the rule does not speak of such a case."""
    return Answer(result=Result.NOT_APPLICABLE, sentence=sentence, facts=facts)


def claim(name: str, *, yes: str, no: str, unknown: str) -> Check:
    """Return the check of a rule that rests on one fact being true."""

    def check(facts: Facts, _on: date) -> Answer:
        value = fact_of(facts, name)
        if value is None:
            return not_recorded(unknown, name)
        return met(yes, name) if value else not_met(no, name)

    return check
