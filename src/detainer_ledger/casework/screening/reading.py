"""Reading a protocol: what its schema does not allow is refused with the step, the key, and what helps."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib.resources import files
from typing import Any

from detainer_ledger.casework.screening.protocol import (
    KEYS,
    LONGEST_HOURS,
    LONGEST_NAME,
    LONGEST_TEXT,
    MOST_BYTES,
    MOST_STEPS,
    SCREENING_ROLES,
    STEP_KEYS,
    Protocol,
    ScreeningResult,
    Step,
    Trigger,
)
from detainer_ledger.casework.values import shown
from detainer_ledger.clock import Algorithm
from detainer_ledger.terms import BadInput

_MEND = "mend it there."
_MOST_NAMED = 20


@cache
def illustrative_protocol() -> Protocol:
    """Return the protocol that comes with the program: illustrative, not KSTEP, whose steps are not public."""
    return protocol_of(files(__package__).joinpath("illustrative.toml").read_text("utf-8"), where="illustrative.toml")


def protocol_of(text: str, *, where: str) -> Protocol:
    """Return the protocol that a document in TOML describes.

    Raises BadInput, with the step and the key, for what the schema does not allow: an unknown key (with the nearest
    one) or value, an unknown role, a deadline that is not positive, a step that depends on none that there is, or on
    itself by way of others.
    """
    if len(text) > MOST_BYTES or len(text.encode(errors="replace")) > MOST_BYTES:
        raise BadInput(f"The protocol is longer than {MOST_BYTES:,} bytes.", file=where, do="shorten its texts.")
    try:
        said = tomllib.loads(text)
    except RecursionError:
        raise BadInput("This is no TOML that can be read: it is nested too deeply.", file=where, do=_MEND) from None
    except ValueError as error:
        # Besides what is no TOML, numbers with more digits than are read.
        why = "".join(each if each.isprintable() else "?" for each in str(error)[:200]).rstrip(".")
        raise BadInput(f"This is no TOML that can be read: {why}.", file=where, do=_MEND) from None
    try:
        return _protocol(said, text)
    except BadInput as error:
        raise error.at(file=where) from None


def _protocol(said: Mapping[str, Any], text: str) -> Protocol:
    _known(said, KEYS, {})
    entries = said.get("step")
    if not isinstance(entries, list) or not entries or not all(isinstance(each, dict) for each in entries):
        raise BadInput("The protocol has no steps.", key="step", do="write each as [[step]].")
    if len(entries) > MOST_STEPS:
        raise BadInput(f"The protocol has more than {MOST_STEPS} steps.", key="step", do="divide it.")
    steps = tuple(_step(entry, place) for place, entry in enumerate(entries, start=1))
    _check_order(steps)
    begins = said.get("in_force_from")
    if type(begins) is not date:
        raise BadInput("This has to be a date.", key="in_force_from", do="write it without quotes, as 2026-01-01.")
    return Protocol(
        id=_name(said, "id", {}),
        version=_version(said),
        title=_text(said, "title", {}),
        in_force_from=begins,
        source=_text(said, "source", {}),
        is_illustrative=_flag(said, "is_illustrative", {}, default=False),
        steps=steps,
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )


def _step(entry: Mapping[str, Any], place: int) -> Step:
    at = {"step": shown(entry["id"]) if isinstance(entry.get("id"), str) else str(place)}
    _known(entry, STEP_KEYS, at)
    trigger = Trigger(_one_of(entry, "trigger", tuple(Trigger), at))
    step = Step(
        id=_name(entry, "id", at),
        title=_text(entry, "title", at),
        trigger=trigger,
        roles=_list(entry, "roles", at, choices=SCREENING_ROLES),
        source=_text(entry, "source", at),
        required=_flag(entry, "required", at, default=True),
        on_results=_list(entry, "on_results", at, choices=tuple(ScreeningResult), needed=False),
        every_days=_number(entry, "every_days", at, most=LONGEST_HOURS // 24),
        hours=_number(entry, "hours", at, most=LONGEST_HOURS),
        clock=Algorithm(_one_of(entry, "clock", tuple(Algorithm), at, default=Algorithm.CONTINUOUS)),
        evidence=_list(entry, "evidence", at, needed=False),
        depends_on=_list(entry, "depends_on", at, needed=False),
        by_another=_flag(entry, "by_another", at, default=False),
    )
    _check_trigger(step, at)
    return step


def _check_trigger(step: Step, at: Mapping[str, str]) -> None:
    """Refuse what does not go with the trigger of a step."""
    is_periodic, on_result = step.trigger is Trigger.UNDER_SUPERVISION, step.trigger is Trigger.RESULT_RECEIVED
    if is_periodic != (step.every_days is not None):
        do = "give the days." if is_periodic else "leave it out, or make the trigger under_supervision."
        raise BadInput("every_days goes with the trigger under_supervision alone.", **at, key="every_days", do=do)
    if is_periodic and (step.hours is not None or step.clock is not Algorithm.CONTINUOUS):
        key = "hours" if step.hours is not None else "clock"
        raise BadInput("A periodic step is due at the end of its period.", **at, key=key, do="leave it out.")
    _check_clock(step, at)
    if on_result != bool(step.on_results):
        do = "name the results." if on_result else "leave it out, or make the trigger result_received."
        raise BadInput("on_results goes with the trigger result_received alone.", **at, key="on_results", do=do)
    if step.by_another and not step.depends_on:
        raise BadInput(
            "by_another asks for somebody else than who did the steps before, and there are none.",
            **at,
            key="by_another",
            do="name them with depends_on.",
        )


def _check_clock(step: Step, at: Mapping[str, str]) -> None:
    """Refuse hours that would not be counted, and a way to count without hours, which would be no deadline."""
    if step.clock is Algorithm.END_OF_DAY and step.hours is not None:
        raise BadInput("With end-of-day the day of the trigger is the deadline.", **at, key="hours", do="leave it out.")
    if step.clock is Algorithm.EXCLUDING and step.hours is None:
        raise BadInput("There are no hours that are counted so.", **at, key="clock", do="give hours, or leave it out.")


def _check_order(steps: tuple[Step, ...]) -> None:
    ids = [step.id for step in steps]
    for step in steps:
        if ids.count(step.id) > 1:
            raise BadInput("Two steps have the same id.", step=step.id, key="id", do="give each one of its own.")
        for other in step.depends_on:
            if other not in ids:
                raise BadInput(
                    "It depends on a step that there is not.",
                    step=step.id,
                    key="depends_on",
                    do=_nearest(other[:LONGEST_NAME], ids),
                )
    try:
        TopologicalSorter({step.id: step.depends_on for step in steps}).prepare()
    except CycleError as error:
        way = " → ".join(reversed(error.args[1]))
        raise BadInput(
            f"The steps depend on each other in a circle: {way}.",
            step=error.args[1][0],
            key="depends_on",
            do="take one of these out.",
        ) from None


def _known(said: Mapping[str, Any], keys: Mapping[str, str], at: Mapping[str, str]) -> None:
    for key in said:
        if key not in keys:
            raise BadInput("There is no such key.", **at, key=shown(key), do=_nearest(key[:LONGEST_NAME], keys))


def _nearest(word: str, known: Iterable[str]) -> str:
    choices = list(known)
    close = get_close_matches(word, choices, n=1)
    some = f"{', '.join(choices[:_MOST_NAMED])}{' …' if len(choices) > _MOST_NAMED else ''}"
    return f"did you mean '{close[0]}'?" if close else f"it can be {some}."


def _missing(key: str, at: Mapping[str, str]) -> BadInput:
    says = (STEP_KEYS if at else KEYS)[key]
    return BadInput("This key is needed.", **at, key=key, do=f"give it: {says}.")


def _text(said: Mapping[str, Any], key: str, at: Mapping[str, str]) -> str:
    if key not in said:
        raise _missing(key, at)
    value = said[key]
    if not isinstance(value, str) or not value.strip() or not value.isprintable() or len(value) > LONGEST_TEXT:
        raise BadInput(
            f"This has to be a line of text of at most {LONGEST_TEXT} characters.",
            **at,
            key=key,
            do="write it in quotes.",
        )
    return value.strip()


def _name(said: Mapping[str, Any], key: str, at: Mapping[str, str]) -> str:
    value = _text(said, key, at)
    plain = value.replace("-", "").replace("/", "").replace("_", "")
    if not plain.isascii() or not plain.isalnum() or value != value.lower() or len(value) > LONGEST_NAME:
        raise BadInput("This is no short name.", **at, key=key, do="write small letters, digits and hyphens alone.")
    return value


def _version(said: Mapping[str, Any]) -> str:
    """Return the version of a protocol: a word, since the protocol is named by its id and this with @ between."""
    value = _text(said, "version", {})
    if len(value.split()) != 1 or "@" in value or len(value) > LONGEST_NAME:
        raise BadInput("This is no version.", key="version", do="write one word without @, for example 2026-1.")
    return value


def _flag(said: Mapping[str, Any], key: str, at: Mapping[str, str], *, default: bool) -> bool:
    value = said.get(key, default)
    if not isinstance(value, bool):
        raise BadInput("This has to be true or false.", **at, key=key, do="write it without quotes.")
    return value


def _number(said: Mapping[str, Any], key: str, at: Mapping[str, str], *, most: int) -> int | None:
    value = said.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= most:
        raise BadInput(
            f"This has to be a whole number from 1 to {most:,}.",
            **at,
            key=key,
            do="a deadline lies after what makes the step due." if key == "hours" else "look at the number.",
        )
    return value


def _one_of(
    said: Mapping[str, Any], key: str, choices: tuple[str, ...], at: Mapping[str, str], *, default: str | None = None
) -> str:
    value = said.get(key, default)
    if value is None:
        raise _missing(key, at)
    if not isinstance(value, str) or value not in choices:
        raise BadInput("This is none of what it can be.", **at, key=key, do=_nearest(str(value)[:60], choices))
    return value


def _list(
    said: Mapping[str, Any],
    key: str,
    at: Mapping[str, str],
    *,
    choices: tuple[str, ...] = (),
    needed: bool = True,
) -> tuple[str, ...]:
    value = said.get(key, [])
    if needed and key not in said:
        raise _missing(key, at)
    if not isinstance(value, list) or (needed and not value):
        raise BadInput("This has to be a list.", **at, key=key, do='write it as ["…"].')
    for each in value:
        if not isinstance(each, str) or not each.strip() or not each.isprintable() or len(each) > LONGEST_TEXT:
            raise BadInput("Each member has to be a line of text.", **at, key=key, do='write it as ["…"].')
        if choices and each not in choices:
            what = "There is no such role that screens." if key == "roles" else "This is none of what it can be."
            raise BadInput(what, **at, key=key, do=_nearest(each[:60], choices))
    if len(set(value)) != len(value):
        raise BadInput("The list has a member twice.", **at, key=key, do="write it once.")
    return tuple(value)
