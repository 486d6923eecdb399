"""Test programmes: what every file of a sample is tested for, as data that the auditors write and publish."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path

from detainer_ledger.audit.values import Attribute, Programme
from detainer_ledger.terms import BadInput

ILLUSTRATIVE = "programme-screening.toml"
"""The programme that ships with the program; its steps are illustrative, not KSTEP."""

MOST_ATTRIBUTES = 200
LARGEST_BYTES = 1 << 20
_ID = re.compile(r"[a-z0-9](?:[a-z0-9._/-]*[a-z0-9])?")
_ID_SAYS = "small letters, digits, and - . _ / between them, such as 'kst/initial-checks/in-time'"
_BLANKS = "\t \u00a0\u2002-\u200a\u202f\u205f\u3000"
_TEXTS = {"title": 200, "question": 1_000, "criterion": 2_000, "source": 1_000}
"""The texts of an attribute, each with the most characters that it may have."""


def read_programme(path: Path) -> Programme:
    """Read a test programme; ``sha256`` is the digest of the file's bytes.

    Raises BadInput, naming the place, for a file that cannot be read or is no programme.
    """
    return programme_of(programme_text(path), file=path.name)


def programme_text(path: Path) -> str:
    """Return the text of a programme, to the byte. Raises BadInput for a file that cannot be read as text."""
    try:
        with path.open("rb") as opened:
            raw = opened.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise BadInput(
            f"The programme cannot be read: {error.strerror}.",
            file=str(path),
            do="look at the path, or use the illustrative programme.",
        ) from None
    if len(raw) > LARGEST_BYTES:
        raise BadInput(
            f"The programme has more than {LARGEST_BYTES:,} bytes.",
            file=path.name,
            do="name a programme: a TOML file of attributes.",
        )
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(
            "The programme is not written in UTF-8.",
            file=path.name,
            line=raw[: error.start].count(b"\n") + 1,
            do="save it as UTF-8.",
        ) from None


def illustrative_programme() -> Programme:
    """Return the programme that ships: a protocol of screening as public texts let one suppose it, not KSTEP."""
    return programme_of(illustrative_text(), file=ILLUSTRATIVE)


def illustrative_text() -> str:
    """Return the text of the programme that ships, to be copied and changed."""
    return files(__package__).joinpath(ILLUSTRATIVE).read_bytes().decode("utf-8")


def programme_of(text: str, *, file: str) -> Programme:
    """Return the programme that a text says; ``file`` is how errors name it.

    Raises BadInput for what is no TOML, an entry that no programme has, one that is missing, empty, too long or holds
    control characters, an id that stands twice, and a programme without attributes.
    """
    try:
        # Some editors begin a file with a mark of its encoding, which is no part of the text.
        raw = tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise _no_toml(error, file) from None
    except (RecursionError, ValueError):
        raise BadInput(
            "The programme is nested too deeply, or has a number too long to be read.", file=file, do="shorten it."
        ) from None
    _check_names(raw, ("id", "version", "title", "attribute"), file)
    if isinstance(raw.get("version"), int) and not isinstance(raw["version"], bool):
        raw["version"] = str(raw["version"])
    attributes = raw.get("attribute")
    if not isinstance(attributes, list) or not attributes or not all(isinstance(each, dict) for each in attributes):
        raise BadInput(
            "The programme has no attributes.", file=file, entry="attribute", do="add a table [[attribute]] for each."
        )
    if len(attributes) > MOST_ATTRIBUTES:
        raise BadInput(
            f"The programme has {len(attributes):,} attributes, and {MOST_ATTRIBUTES} are the most.",
            file=file,
            do="test less at once: each file is tested for every attribute.",
        )
    read = tuple(_attributes_of(attributes, file))
    _check_twice([each.id for each in read], file)
    return Programme(
        id=_id_of(raw, file),
        version=_text(raw, "version", 40, file),
        title=_text(raw, "title", 200, file),
        attributes=read,
        sha256=hashlib.sha256(text.encode("utf-8")).hexdigest(),
    )


def _no_toml(error: tomllib.TOMLDecodeError, file: str) -> BadInput:
    said = str(error)
    place = re.search(r"\(at line (\d+), column (\d+)\)", said)
    return BadInput(
        f"The programme is no TOML: {said[: place.start()].strip() if place else said}.",
        file=file,
        line=int(place[1]) if place else None,
        column=int(place[2]) if place else None,
        do='look at that place; texts stand in quotation marks, as in title = "Initial checks".',
    )


def _attributes_of(entries: Sequence[Mapping[str, object]], file: str) -> Iterator[Attribute]:
    for number, entry in enumerate(entries, start=1):
        told = entry.get("id")
        named = f"{number} ('{told}')" if isinstance(told, str) and _is_id(told) else f"{number}"
        _check_names(entry, ("id", *_TEXTS, "required"), file, attribute=named)
        required = entry.get("required", True)
        if not isinstance(required, bool):
            raise BadInput(
                "Whether an attribute is required is true or false, without quotation marks.",
                file=file,
                attribute=named,
                entry="required",
                do="write required = true, or leave it out, which means the same.",
            )
        texts = {name: _text(entry, name, most, file, attribute=named) for name, most in _TEXTS.items()}
        yield Attribute(id=_id_of(entry, file, attribute=named), is_required=required, **texts)


def _check_names(entry: Mapping[str, object], known: Sequence[str], file: str, **where: object) -> None:
    for name in entry:
        if name not in known:
            close = get_close_matches(name, known, n=1)
            whose = "An attribute" if where else "A programme"
            raise BadInput(
                f"{whose} has no such entry.",
                file=file,
                **where,
                entry=_shown(name),
                do=f"did you mean '{close[0]}'?" if close else f"the entries are {', '.join(known)}.",
            )


def _check_twice(ids: Sequence[str], file: str) -> None:
    seen: dict[str, int] = {}
    for number, each in enumerate(ids, start=1):
        if each in seen:
            raise BadInput(
                f"The id '{each}' stands twice.",
                file=file,
                attribute=f"{seen[each]} and {number}",
                entry="id",
                do="give each attribute an id of its own.",
            )
        seen[each] = number


def _id_of(entry: Mapping[str, object], file: str, **where: object) -> str:
    found = _text(entry, "id", 80, file, **where)
    if not _is_id(found):
        raise BadInput("This is no id.", file=file, **where, entry="id", do=f"write {_ID_SAYS}.")
    return found


def _is_id(text: str) -> bool:
    return len(text) <= 80 and _ID.fullmatch(text) is not None


def _text(entry: Mapping[str, object], name: str, most: int, file: str, **where: object) -> str:
    """Return a text with its blanks trimmed; lines that were broken to be read are joined."""
    told = entry.get(name)
    if told is None:
        raise BadInput(
            "This entry is missing.", file=file, **where, entry=name, do=f'write {name} = "…"; every one is needed.'
        )
    if not isinstance(told, str):
        raise BadInput("This has to be text.", file=file, **where, entry=name, do=f'write {name} = "…".')
    found = re.sub(rf"[{_BLANKS}]*\r?\n[{_BLANKS}]*|[{_BLANKS}]", " ", told).strip()
    if not found:
        raise BadInput("This entry is empty.", file=file, **where, entry=name, do=f'write {name} = "…".')
    if len(found) > most:
        raise BadInput(
            f"This text has {len(found):,} characters, and {most:,} are the most.",
            file=file,
            **where,
            entry=name,
            do="shorten it; it has to be read in a cell of the test sheet.",
        )
    if not found.isprintable():
        raise BadInput(
            "This text holds characters that cannot be seen, such as control characters.",
            file=file,
            **where,
            entry=name,
            do="write the text again without them.",
        )
    return found


def _shown(name: str) -> str:
    return name[:40] if name.isprintable() else ascii(name[:40])
