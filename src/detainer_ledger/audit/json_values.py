"""Frozen values as JSON text and back, strictly: a text that is not exactly such a value is refused with the place.

The text is one object with the value's fields, ``what`` naming its kind, and ``version``. Instants are ISO 8601 with an
offset, enumerations their written values, tuples lists, mappings objects.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from math import isfinite
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

VERSION = 1
"""Version of every JSON file of an audit folder."""

Value = TypeVar("Value")


def json_of(value: Any, kind: str) -> bytes:
    """Return the JSON text of a dataclass in UTF-8, one line feed at its end."""
    whole = {"what": kind, "version": VERSION, **_plain(value)}
    return (json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False, default=_plain) + "\n").encode()


def _plain(value: Any) -> Any:
    """Return a value that JSON does not have as one that it has."""
    if is_dataclass(value):
        kind: Any = type(value)
        return {name: getattr(value, name) for name in _names(kind)}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


class NotSuch(ValueError):  # noqa: N818 - it names what went wrong
    """A text that is not the JSON of the value that was asked for: what was expected, and the way to the place."""

    def __init__(self, expected: str) -> None:
        super().__init__(expected)
        self.expected = expected
        self.way: list[str | int] = []

    def __str__(self) -> str:
        way = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in reversed(self.way))
        return f"{way.lstrip('.')}: {self.expected}" if way else self.expected


def value_of(content: bytes, kind: type[Value], what: str) -> Value:
    """Return the value that a JSON text holds. Raises NotSuch, which says what is wrong and where."""
    try:
        read = json.loads(content.decode("utf-8"), parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise NotSuch("the file is not UTF-8 text") from None
    except RecursionError:
        raise NotSuch("it is nested too deeply") from None
    except NotSuch:
        raise
    except json.JSONDecodeError as error:
        raise NotSuch(f"it is no JSON: {error.msg} in line {error.lineno}, column {error.colno}") from None
    except ValueError:
        raise NotSuch("it has a number too long to be read") from None
    if not isinstance(read, dict):
        raise NotSuch("it is no object")
    found = read.pop("what", None)
    if found != what:
        raise NotSuch(f"its kind is {_shown(found)}, not '{what}'")
    version = read.pop("version", None)
    if version != VERSION or isinstance(version, bool):
        raise NotSuch(f"its version is {_shown(version)}; this program reads version {VERSION}")
    asked: Any = kind
    value: Value = _reader(asked)(read)
    return value


def _no_constant(text: str) -> Any:
    raise NotSuch(f"{text} is no number")


def _shown(value: Any) -> str:
    text = f"'{value}'" if isinstance(value, str) else "missing" if value is None else str(value)
    return "".join(sign if sign.isprintable() else "?" for sign in text[:60])


Reader = Callable[[Any], Any]


@cache
def _reader(kind: Any) -> Reader:
    """Return the function that reads a value of a type out of what JSON holds."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is UnionType:
        return _or_none(_reader(next(each for each in arguments if each is not NoneType)))
    if origin is tuple:
        return _tuple(_reader(arguments[0]))
    if origin is not None and issubclass(origin, Mapping):
        return _mapping(arguments[0], _reader(arguments[1]))
    if is_dataclass(kind):
        return _dataclass(kind)
    if issubclass(kind, StrEnum):
        return _enumeration(kind)
    return _SCALARS[kind]


def _or_none(inner: Reader) -> Reader:
    return lambda value: None if value is None else inner(value)


def _tuple(inner: Reader) -> Reader:
    def read(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise NotSuch("a list is expected")
        found: list[Any] = []
        try:
            for each in value:
                found.append(inner(each))  # noqa: PERF401 - where it fails, the place is how many there are
        except NotSuch as error:
            error.way.append(len(found))
            raise
        return tuple(found)

    return read


def _mapping(key_kind: type, inner: Reader) -> Reader:
    def read(value: Any) -> dict[Any, Any]:
        if not isinstance(value, dict):
            raise NotSuch("an object is expected")
        found: dict[Any, Any] = {}
        for key, each in value.items():
            try:
                found[_key(key, key_kind)] = inner(each)
            except NotSuch as error:
                error.way.append(key[:60])
                raise
        return found

    return read


def _key(text: str, kind: type) -> str | int:
    if kind is str:
        return text
    if not (text.isascii() and text.isdigit()):
        raise NotSuch("its name has to be a whole number")
    return int(text)


def _dataclass(kind: Any) -> Reader:
    hints = get_type_hints(kind)
    readers = {field.name: _reader(hints[field.name]) for field in fields(kind)}
    needed = frozenset(f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING)

    def read(value: Any) -> Any:
        if not isinstance(value, dict):
            raise NotSuch("an object is expected")
        if not needed <= value.keys():
            raise NotSuch(f"it lacks {', '.join(sorted(needed - value.keys()))}")
        found = {}
        name = ""
        try:
            for name, each in value.items():
                found[name] = readers[name](each)
        except KeyError:
            raise NotSuch(f"it has {_shown(name)}, which this version does not know") from None
        except NotSuch as error:
            error.way.append(name)
            raise
        return kind(**found)

    return read


def _enumeration(kind: type[StrEnum]) -> Reader:
    members: dict[Any, StrEnum] = {each.value: each for each in kind}

    def read(value: Any) -> StrEnum:
        if not isinstance(value, str) or value not in members:
            raise NotSuch(f"it is {_shown(value)}, which is none of {', '.join(members)}")
        return members[value]

    return read


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise NotSuch("text is expected")
    if not value.isascii() and any("\ud800" <= sign <= "\udfff" for sign in value):
        raise NotSuch("the text has half of a character")
    return value


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise NotSuch("a whole number is expected")
    return value


def _number(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not isfinite(value):
        raise NotSuch("a number is expected")
    return float(value)


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise NotSuch("true or false is expected")
    return value


def _instant(value: Any) -> datetime:
    try:
        found = datetime.fromisoformat(_text(value))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise NotSuch("an instant with an offset is expected, as 2026-03-02T09:00:00+00:00")
    return found


_SCALARS: Mapping[type, Reader] = {str: _text, int: _whole, float: _number, bool: _truth, datetime: _instant}
