"""The SQL of the checks: for each one an expression that says of a row met, not_met, not_recorded or not_applicable.

A comparison with an empty cell is neither true nor false, so that every branch but the last says what a cell does hold,
and the last one is ``not_recorded``. A column that the table does not have is one that is empty throughout.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from detainer_ledger.audit.release_checks import ReleaseCheck
from detainer_ledger.tables import literal
from detainer_ledger.terms import UNKNOWN_FORM, Outcome, forms, lift_reasons, notification_only_forms

BASES = ("basis_final_order", "basis_proceedings", "basis_biometric", "basis_statements")
BESIDE_BIOMETRIC = tuple(name for name in BASES if name != "basis_biometric")

TYPES: Mapping[str, str] = {
    **dict.fromkeys(BASES, "BOOLEAN"),
    "warrant_served_on": "DATE",
    "issued_on": "DATE",
    **dict.fromkeys(("form", "outcome", "lift_reason", "area_of_responsibility"), "VARCHAR"),
}
"""The columns that checks read, with the type of the empty cell that stands in for one that is missing."""

_LOS_ANGELES = "area_of_responsibility LIKE 'Los Angeles%'"
_ELSEWHERE = "area_of_responsibility NOT LIKE 'Los Angeles%'"


def _any(names: Sequence[str]) -> str:
    return f"({' OR '.join(names)})"


def _none(names: Sequence[str]) -> str:
    return f"({' AND '.join(f'NOT {name}' for name in names)})"


def _listed(values: Sequence[str]) -> str:
    return ", ".join(literal(value) for value in values)


def _alternative(name: str) -> tuple[tuple[str, str], ...]:
    return ((name, "met"), (f"NOT {name}", "not_applicable"))


def _outside_days(first: date | None, last: date | None) -> str:
    tests = [f"issued_on < {literal(first.isoformat())}"] if first else []
    if last:
        tests.append(f"issued_on > {literal(last.isoformat())}")
    return f"({' OR '.join(tests)})" if tests else "1 = 0"


def _in_use() -> tuple[tuple[str, str], ...]:
    """Return the branches of the form calendar: outside its days, then inside them."""
    branches = []
    for form in forms():
        is_form = f"form = {literal(form.code)}"
        outside = _outside_days(form.in_force_from, form.in_force_to)
        branches += [(f"{is_form} AND {outside}", "not_met"), (f"{is_form} AND issued_on IS NOT NULL", "met")]
    return tuple(branches)


_RECORDED = ((_any(BASES), "met"), (_none(BASES), "not_met"))
_DECLINED = (
    (f"outcome = {literal(Outcome.DECLINED_BY_AGENCY)}", "not_met"),
    (f"outcome <> {literal(Outcome.PENDING_OR_UNRECORDED)}", "met"),
)
_CITIZEN = [reason.code for reason in lift_reasons() if reason.detail == "us_citizen"]

BRANCHES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "basis/recorded": _RECORDED,
    "basis/final-order": _alternative("basis_final_order"),
    "basis/proceedings": _alternative("basis_proceedings"),
    "basis/beside-biometric": (
        ("NOT basis_biometric", "not_applicable"),
        (f"basis_biometric AND {_any(BESIDE_BIOMETRIC)}", "met"),
        (f"basis_biometric AND {_none(BESIDE_BIOMETRIC)}", "not_met"),
    ),
    "basis/statements": _alternative("basis_statements"),
    "basis/recorded-i-247d": _RECORDED,
    "warrant/day": (("warrant_served_on IS NOT NULL", "met"),),
    "form/in-use": _in_use(),
    "form/earlier-forms": (("1 = 1", "not_met"),),
    "form/notice-first": (
        ("form = 'I-247X'", "not_applicable"),
        (f"form IN ({_listed(notification_only_forms())})", "met"),
    ),
    "declined/i-247n": _DECLINED,
    "declined/i-247g": _DECLINED,
    "lifted/us-citizen": (
        (f"lift_reason IN ({_listed(_CITIZEN)})", "not_met"),
        ("lift_reason IS NOT NULL", "met"),
    ),
    "area/database-only": (
        (_ELSEWHERE, "not_applicable"),
        (f"{_LOS_ANGELES} AND {_any(BESIDE_BIOMETRIC)}", "met"),
        (f"NOT basis_biometric AND {_none(BESIDE_BIOMETRIC)}", "not_applicable"),
        (f"{_LOS_ANGELES} AND basis_biometric AND {_none(BESIDE_BIOMETRIC)}", "not_met"),
    ),
}
"""For each check the conditions and their results, after form and day are known; where none holds, not_recorded."""


def result_sql(check: ReleaseCheck) -> str:
    """Return the expression that says what a check finds of a row.

    A row on another form, or of a day outside the rule's, is not applicable; one of which the form or the day would
    have to be known and is not, is not recorded.
    """
    branches = []
    outside = _outside_days(check.rule.in_force_from, check.rule.in_force_to)
    if check.forms:
        others = f"form NOT IN ({_listed((*check.forms, UNKNOWN_FORM))})"
        branches.append((others, "not_applicable"))
    if check.dated:
        branches += [(outside, "not_applicable"), ("issued_on IS NULL", "not_recorded")]
    if check.forms:
        unknown = f"(form IS NULL OR form = {literal(UNKNOWN_FORM)})"
        # A form that is not recorded cannot have been one that was not in use yet, or not any more.
        branches += [(f"{unknown} AND {outside}", "not_applicable"), (unknown, "not_recorded")]
    branches += BRANCHES[check.id]
    cases = " ".join(f"WHEN {condition} THEN {literal(result)}" for condition, result in branches)
    return f"CASE {cases} ELSE 'not_recorded' END"
