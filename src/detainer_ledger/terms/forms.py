"""Detainer forms and what each asks for (domain reference 1, form calendar)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

UNKNOWN_FORM = "unknown"
"""Value of ``form`` where the release has none or a label that the table does not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One form: ``code`` as in the detainers table, label beginnings, and whether it asks for a hold.

    ``in_force_from`` and ``in_force_to`` are inclusive days, None where open or unknown.
    """

    code: str
    prefixes: tuple[str, ...]
    whole: tuple[str, ...]
    asks_hold: bool
    in_force_from: date | None
    in_force_to: date | None
    calendar: str


@cache
def forms() -> tuple[Form, ...]:
    """Return all known forms, the most specific label beginning first."""
    raw = tomllib.loads(files(__package__).joinpath("forms.toml").read_text("utf-8"))
    return tuple(
        Form(
            code=entry["code"],
            prefixes=tuple(entry["prefixes"]),
            whole=tuple(entry.get("whole", ())),
            asks_hold=entry["asks_hold"],
            in_force_from=entry.get("in_force_from"),
            in_force_to=entry.get("in_force_to"),
            calendar=entry["calendar"],
        )
        for entry in raw["form"]
    )


def form_of(label: str | None) -> str:
    """Return the form code of a published label, ``unknown`` where it has none.

    >>> form_of("I247N - Immigration Advisal - Request for Notification")
    'I-247N'
    >>> form_of("")
    'unknown'
    """
    folded = (label or "").strip().upper()
    for form in forms():
        if folded in form.whole or folded.startswith(form.prefixes):
            return form.code
    return UNKNOWN_FORM


def notification_only_forms() -> tuple[str, ...]:
    """Return the codes of the forms that ask for notice and no hold."""
    return tuple(form.code for form in forms() if not form.asks_hold)


def hold_forms() -> tuple[str, ...]:
    """Return the codes of the forms that are counted under the denominator ``hold_forms_only``.

    These are I-247, I-247D and I-247A (domain reference 4.4); the I-247X asks for a transfer.
    """
    return tuple(form.code for form in forms() if form.asks_hold and form.code != "I-247X")
