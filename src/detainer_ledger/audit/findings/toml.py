"""Reading one table of findings.toml: each value by its kind, with the place in every refusal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, TypeVar

from detainer_ledger.audit.findings.figures import KnownFigure
from detainer_ledger.audit.findings.text import prose_of, words_of
from detainer_ledger.audit.findings.values import Element, Prose
from detainer_ledger.terms import BadInput

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")

_Word = TypeVar("_Word", bound=StrEnum)
_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What texts may name: the figures that are known, and the reasons for which passages are withheld."""

    figures: Mapping[str, KnownFigure]
    reasons: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of the file: ``what`` says which it is, in refusals."""

    raw: Mapping[str, Any]
    what: str

    def only(self, *names: str) -> None:
        """Refuse a key that is none of ``names``."""
        for key in self.raw:
            if key not in names:
                near = get_close_matches(str(key)[:60], names, n=1, cutoff=0.5)
                do = f"did you mean '{near[0]}'?" if near else "choose among: " + ", ".join(names) + "."
                raise self.refusal("This key is not known.", key, do)

    def refusal(self, what: str, field: str | None, do: str) -> BadInput:
        """Return a refusal that says where it is."""
        return BadInput(what, do=do, table=self.what, field=field)

    def plain(self, name: str) -> str:
        """Return a short text, which holds neither figures nor passages."""
        return self._placed(name, lambda: words_of(self._text(name)))

    def id(self) -> str:
        """Return the id of this table."""
        found = self._text("id")
        if not ID.fullmatch(found):
            raise self.refusal("An id has letters, digits, dots, dashes and underscores only.", "id", "change it.")
        return found

    def prose(self, name: str, context: Context) -> Prose:
        """Return a text that has to be there."""
        return self._placed(name, lambda: prose_of(self._text(name).strip(), context.figures, context.reasons))

    def prose_if_any(self, name: str, context: Context) -> Prose:
        """Return a text, () where there is none."""
        return self.prose(name, context) if name in self.raw else ()

    def element(self, name: str, context: Context) -> Element:
        """Return an element of a finding: a text, or ``{absent = "why"}``."""
        found = self.raw.get(name)
        if isinstance(found, Mapping):
            return Element(prose=self.inner(name, found).prose("absent", context), is_absent=True)
        if isinstance(found, str) and found.strip():
            return Element(prose=self.prose(name, context))
        do = f'write it, or say why there is none: {name} = {{absent = "…"}}.'
        raise self.refusal(f"The finding has no {name}.", name, do)

    def inner(self, name: str, found: Mapping[str, Any]) -> Table:
        """Return ``{absent = …}`` as a table that has nothing else."""
        table = Table(raw=found, what=f"{self.what}, {name}")
        table.only("absent")
        return table

    def day(self, name: str) -> date:
        """Return a day, written as a date of TOML."""
        found = self.raw.get(name)
        if isinstance(found, date) and not isinstance(found, datetime):
            return found
        raise self.refusal("A day is missing or written otherwise.", name, "write it as 2026-12-31, without quotes.")

    def truth(self, name: str) -> bool:
        """Return true or false."""
        found = self.raw.get(name)
        if isinstance(found, bool):
            return found
        raise self.refusal("This says neither true nor false.", name, "write true or false, without quotes.")

    def word(self, name: str, words: type[_Word]) -> _Word:
        """Return one of the words of a closed list."""
        found = self._text(name)
        if found in {each.value for each in words}:
            return words(found)
        do = "choose among: " + ", ".join(each.value for each in words) + "."
        raise self.refusal(f"'{found[:60]}' is none of the words that can stand here.", name, do)

    def names(self, name: str) -> tuple[str, ...]:
        """Return a list of ids, each once; () where there is none."""
        found = self.raw.get(name, [])
        if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
            raise self.refusal("This is no list of ids.", name, 'write it as ["one", "two"].')
        if len(set(found)) != len(found):
            raise self.refusal("An id stands twice in the list.", name, "name it once.")
        return tuple(found)

    def tables(self, name: str, what: str) -> tuple[Table, ...]:
        """Return the tables of a list, each told by its id or place; () where there is none."""
        found = self.raw.get(name, [])
        if not isinstance(found, list) or not all(isinstance(each, Mapping) for each in found):
            raise self.refusal("This is no list of tables.", name, f"begin each with [[{name}]].")
        return tuple(
            Table(raw=each, what=_told(f"{self.what}, {what}" if self.what else what, each, place))
            for place, each in enumerate(found, start=1)
        )

    def table(self, name: str) -> Table | None:
        """Return a table within this one, None where there is none."""
        found = self.raw.get(name)
        if found is None:
            return None
        if not isinstance(found, Mapping):
            raise self.refusal("This is no table.", name, f"begin it with [{name}], or write {{key = value}}.")
        return Table(raw=found, what=f"{self.what}, {name}" if self.what else name)

    def _text(self, name: str) -> str:
        found = self.raw.get(name)
        if isinstance(found, str) and found.strip():
            return found
        if found is None or isinstance(found, str):
            raise self.refusal("A text is missing.", name, f'write {name} = "…".')
        raise self.refusal("This is no text.", name, f'put it in quotes: {name} = "…".')

    def _placed(self, name: str, read: Callable[[], _Read]) -> _Read:
        try:
            return read()
        except BadInput as error:
            raise error.at(table=self.what, field=name) from None


def refuse_repeated(ids: Iterable[str], what: str) -> None:
    """Refuse ids of which two are equal."""
    seen: set[str] = set()
    for each in ids:
        if each in seen:
            raise BadInput(f"Two {what}s have the id '{each}'.", do="give each its own.")
        seen.add(each)


def refuse_unknown(name: str, known: Iterable[str], what: str, table: Table, field: str) -> None:
    """Refuse a name that is not known, and offer the nearest."""
    names = list(known)
    if name in names:
        return
    near = get_close_matches(name[:80], names, n=1, cutoff=0.4)
    do = f"did you mean '{near[0]}'?" if near else "choose among: " + (", ".join(names[:20]) or "there are none") + "."
    raise table.refusal(f"There is no {what} '{name[:80]}'.", field, do)


def _told(what: str, raw: Mapping[str, Any], place: int) -> str:
    told = raw.get("id", raw.get("name"))
    return f"{what} {told[:80]}" if isinstance(told, str) and ID.fullmatch(told[:80]) else f"{what} number {place}"
