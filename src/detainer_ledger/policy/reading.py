"""Facts from JSON, strictly: a field that is not known, or of another kind than expected, is refused by its name.

Messages name fields and never repeat values, which may be personal.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from msgspec import Struct

from detainer_ledger.clock import read_instant, zone_named
from detainer_ledger.policy.facts import Facts, fact_names
from detainer_ledger.terms import BadInput, forms, state_names

MAX_TEXT = 2_000
"""Characters that a text can have; what is longer is no code, name or heading."""

_LIKE_AN_INSTANT = re.compile(r"[0-9TZ:.+ -]{1,40}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def read_facts(mapping: Mapping[str, object], *, where: str) -> Facts:
    """Return the facts that a mapping, as read from JSON or TOML, holds; null is not recorded.

    ``where`` names the file, or whatever the mapping came from, in messages. Raises BadInput, with the dotted name of
    the field, for a field that there is not (with the nearest one), for a value of another kind than expected, for an
    instant without an offset, and for a hold that ends before it begins.
    """
    try:
        found: Facts = _part(Facts, mapping, "")
        _refuse_backward_hold(found)
    except BadInput as error:
        raise error.at(file=where) from None
    return found


def fact_kinds() -> Mapping[str, str]:
    """Return what each fact is expected to be, in words, by its dotted name."""
    found: dict[str, str] = {}
    for name in fact_names():
        kind: Any = Facts
        for part in name.split("."):
            kind = _hints(kind)[part]
        found[name] = _in_words(kind, name)
    return found


def _in_words(kind: Any, name: str) -> str:
    if get_origin(kind) is tuple:
        return f"list of {_words_of(get_args(kind)[0])}"
    if issubclass(kind, StrEnum):
        return f"one of {_words_of(kind)}"
    return _SAID.get(name) or _SAID[kind]


def _words_of(kind: type[StrEnum]) -> str:
    return ", ".join(each.value for each in kind)


_SAID: Mapping[Any, str] = {
    "form": "code of a form, such as I-247A",
    "state": "USPS code, such as TX",
    "hold.zone": "IANA name of a time zone, such as America/Chicago",
    bool: "true or false",
    date: "day, YYYY-MM-DD",
    datetime: "instant with its offset, such as 2026-03-06T15:00-05:00",
    str: "text",
}


def _part(kind: type, value: object, name: str) -> Any:
    if not isinstance(value, Mapping):
        raise _refusal(name, "a JSON object with named fields")
    known = _hints(kind)
    inside = f"{name}." if name else ""
    read = {}
    for key, each in value.items():
        if key not in known:
            raise BadInput(f"There is no field '{_shown(inside + str(key))}'.", do=_nearest(str(key), known, inside))
        if each is not None:
            read[key] = _value(known[key], each, f"{inside}{key}")
    return kind(**read)


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    """Return the fields of a part with their kinds, without "or None"."""
    return {name: _without_none(hint) for name, hint in get_type_hints(kind).items()}


def _without_none(hint: Any) -> Any:
    if get_origin(hint) not in (Union, types.UnionType):
        return hint
    (kind,) = (each for each in get_args(hint) if each is not type(None))
    return kind


def _value(kind: Any, value: object, name: str) -> Any:
    if name in _OF_THEIR_OWN:
        return _OF_THEIR_OWN[name](value, name)
    if isinstance(kind, type) and issubclass(kind, Struct):
        return _part(kind, value, name)
    if get_origin(kind) is tuple:
        if not isinstance(value, list | tuple):
            raise _refusal(name, "a list")
        each_kind = get_args(kind)[0]
        return tuple(dict.fromkeys(_word(each_kind, each, f"{name}[{place}]") for place, each in enumerate(value)))
    if issubclass(kind, StrEnum):
        return _word(kind, value, name)
    return _PLAIN[kind](value, name)


def _word(kind: type[StrEnum], value: object, name: str) -> StrEnum:
    return kind(_one_of([each.value for each in kind], value, name))


def _one_of(words: list[str], value: object, name: str) -> str:
    if not isinstance(value, str) or value not in words:
        raise _refusal(name, "one of " + ", ".join(words))
    return value


def _bool(value: object, name: str) -> bool:
    if not isinstance(value, bool):
        raise _refusal(name, "true, false or null")
    return value


def _date(value: object, name: str) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise _refusal(name, "a day of the calendar as YYYY-MM-DD")


def _instant(value: object, name: str) -> datetime:
    text = value.isoformat() if isinstance(value, datetime) else value
    if not isinstance(text, str) or not _LIKE_AN_INSTANT.fullmatch(text):
        raise _refusal(name, "a day and time with its offset, such as 2026-03-06T15:00-05:00")
    return read_instant(text, None, field=name)


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise _refusal(name, "text")
    if len(value) > MAX_TEXT:
        raise _refusal(name, f"text of at most {MAX_TEXT:,} characters")
    if not value.isprintable():
        raise _refusal(name, "text without control characters")
    return value.strip()


def _form(value: object, name: str) -> str:
    return _one_of([form.code for form in forms()], value, name)


def _state(value: object, name: str) -> str:
    if not isinstance(value, str) or value not in state_names():
        raise _refusal(name, "a USPS code of a state or territory in capitals, such as TX")
    return value


def _zone(value: object, name: str) -> str:
    text = _text(value, name)
    if len(text) > 60:
        raise _refusal(name, "the IANA name of a time zone, such as America/Chicago")
    return zone_named(text, field=name).key


_OF_THEIR_OWN: Mapping[str, Callable[[object, str], Any]] = {"form": _form, "state": _state, "hold.zone": _zone}
_PLAIN: Mapping[Any, Callable[[object, str], Any]] = {bool: _bool, date: _date, datetime: _instant, str: _text}


def _refuse_backward_hold(facts: Facts) -> None:
    began, ended = facts.hold.began_at, facts.hold.ended_at
    if began is not None and ended is not None and ended < began:
        raise BadInput(
            "The hold ends before it begins.", do="look at the two times and their offsets.", field="hold.ended_at"
        )


def _refusal(name: str, expected: str) -> BadInput:
    return BadInput(
        "A field is not what is expected.",
        do=f"make it {expected}; leave it out, or null, where it is not recorded.",
        field=name or "(the whole)",
    )


def _nearest(key: str, known: Mapping[str, Any], inside: str) -> str:
    near = get_close_matches(key[:60], known, n=1, cutoff=0.5)
    if near:
        return f"perhaps {inside}{near[0]} is meant."
    return "use one of: " + ", ".join(f"{inside}{name}" for name in known) + "."


def _shown(text: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in text[:60])
