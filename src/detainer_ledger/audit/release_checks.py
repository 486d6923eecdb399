"""What a published release lets one test of the rules, as data, and what it does not, with the reason."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from detainer_ledger.policy import Checkable, Rule, rules


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseCheck:
    """One question that is put to every row of a release, and the rule it is about.

    ``answers`` say by result what it means; a result that is not among them is never given. ``forms`` are those that
    it concerns, empty for all; ``dated`` tells whether rows issued outside the rule's days are not applicable.
    """

    id: str
    rule: Rule
    question: str
    forms: tuple[str, ...]
    dated: bool
    answers: Mapping[str, str]
    note: str


@cache
def release_checks() -> tuple[ReleaseCheck, ...]:
    """Return all checks, in the order of the table."""
    by_id = {rule.id: rule for rule in rules()}
    return tuple(
        ReleaseCheck(
            id=entry["id"],
            rule=by_id[entry["rule"]],
            question=entry["question"],
            forms=tuple(entry.get("forms", ())),
            dated=entry["dated"],
            answers={result: entry[result] for result in RESULTS if result in entry},
            note=entry.get("note", ""),
        )
        for entry in _table()["check"]
    )


RESULTS = ("met", "not_met", "not_recorded", "not_applicable")
"""What a check can say of a row, in the order of the columns of counts."""


def untested_rules() -> Mapping[str, str]:
    """Return the rules that no release can be tested on, in the order of ``rules()``, each with the reason."""
    tested = {check.rule.id for check in release_checks()}
    reasons = {rule: entry["reason"] for entry in _table()["untested"] for rule in entry["rules"]}
    return {rule.id: reasons.get(rule.id) or _WHY[rule.checkable] for rule in rules() if rule.id not in tested}


_WHY = {
    Checkable.RECORD: "Only the record of a case shows it; no release does.",
    Checkable.NO: "No record of a case shows it.",
}


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("release_checks.toml").read_text("utf-8"))
