"""The grammar of facility names: what a name says of the state, the county, the town, and who runs the place."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from detainer_ledger.terms import state_code

LONGEST_NAME = 200
"""Names are read up to this many characters; those of published releases have at most 60."""

KIND_WORDS = frozenset({"COUNTY", "PARISH", "BOROUGH", "MUNICIPIO"})
"""Words after which stands, or before which stood, the name of a county or its equivalent."""

_DISTRICTS = frozenset({"ND", "SD", "NE", "ED", "WD", "MD"})
_NOT_AFTER_A_BLANK = frozenset({"CO", "IN", "OR", "LA", "DE", "ME", "OK", "HI", "MS", "PA", "AL", "ID", "PR", "CT"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelRule:
    """One rule of the grammar: the name says that ``level`` runs the place."""

    id: str
    level: str
    when: re.Pattern[str]
    unless: re.Pattern[str] | None
    states: frozenset[str]
    county: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityName:
    """A facility's name, taken apart.

    ``text`` is the name in capitals, without punctuation; ``words`` are its words with one spelling for each kind
    word (CO, CNTY and CTY are COUNTY). ``state`` is the USPS code that stands in the name, if ``state_is_certain``
    set off by a comma or written out at the end. ``set_off`` are the words after the last comma, dash or stroke that
    are not the state, empty where there is none.
    """

    text: str
    words: tuple[str, ...]
    state: str | None
    state_is_certain: bool
    set_off: str


def plain(text: str) -> str:
    """Return text in capitals without accents and punctuation, letters set off by points joined.

    >>> plain("F.C.I., St. Cloud (old)")
    'FCI ST CLOUD OLD'
    """
    bare = text[:LONGEST_NAME].upper()
    if not bare.isascii():
        bare = "".join(letter for letter in unicodedata.normalize("NFKD", bare) if not unicodedata.combining(letter))
    bare = re.sub(r"['’`]", "", bare)
    bare = re.sub(r"\b([A-Z])\.(?=[A-Z]\b)", r"\1", bare)
    return " ".join(re.findall(r"[A-Z0-9#]+", bare.replace("&", " AND ")))


@lru_cache(maxsize=1 << 16)
def squeezed(text: str) -> str:
    """Return the key by which names of places are compared: no blanks, one spelling of SAINT, FORT and MOUNT.

    >>> squeezed("De Kalb"), squeezed("ST. LOUIS")
    ('DEKALB', 'SAINTLOUIS')
    """
    return "".join(_PLACE_WORDS.get(word, word) for word in plain(text).split())


def take_apart(name: str) -> FacilityName:
    """Take a facility's name apart. Never raises; an empty name has no words."""
    text = plain(name)
    spellings = _spellings()
    words = [spellings.get(word, word) for word in text.split()]
    state, certain = _state_in(name.strip().upper()[:LONGEST_NAME], text)
    if state and words and state_code(text.split()[-1]) == state and len(words) > 1:
        words.pop()
    return FacilityName(
        text=text, words=tuple(words), state=state, state_is_certain=certain, set_off=_set_off(name, state)
    )


def _set_off(name: str, state: str | None) -> str:
    """Return what stands after the last comma, dash or stroke of a name, its state left out."""
    parts = [plain(part) for part in re.split(r"[,/(]| ?- ?", name[:LONGEST_NAME])]
    parts = [part for part in parts if part]
    if len(parts) > 1 and state and state_code(parts[-1]) == state:
        parts.pop()
    words = parts[-1].split() if len(parts) > 1 else []
    if len(words) > 1 and state and state_code(words[-1]) == state:
        words.pop()
    return " ".join(words)


def level_rule(name: FacilityName, *, names_county: bool, state: str | None) -> LevelRule | None:
    """Return the first rule of the grammar that fits a name, None where no rule does.

    ``names_county`` tells whether the name holds the name of a county with its kind.
    """
    return _rule_of(" ".join(name.words), names_county, state)


@lru_cache(maxsize=1 << 12)
def _rule_of(words: str, names_county: bool, state: str | None) -> LevelRule | None:  # noqa: FBT001
    for rule in level_rules():
        if rule.states and state not in rule.states:
            continue
        if (rule.county == "yes" and not names_county) or (rule.county == "no" and names_county):
            continue
        if rule.when.search(words) and not (rule.unless and rule.unless.search(words)):
            return rule
    return None


@cache
def level_rules() -> tuple[LevelRule, ...]:
    """Return the rules of ``reference/grammar.toml`` in their order."""
    return tuple(
        LevelRule(
            id=entry["id"],
            level=entry["level"],
            when=re.compile(entry["when"]),
            unless=re.compile(entry["unless"]) if "unless" in entry else None,
            states=frozenset(entry.get("states", ())),
            county=entry.get("county", ""),
        )
        for entry in _grammar()["rule"]
    )


@cache
def unified_states() -> frozenset[str]:
    """Return the states whose prisons and jails are one state system."""
    return frozenset(_grammar()["unified"]["states"])


@dataclass(frozen=True, slots=True, kw_only=True)
class CityOfCounties:
    """A city whose own agency runs the jails of several counties; ``when`` are words that name such a jail."""

    state: str
    town: str
    counties: frozenset[str]
    when: re.Pattern[str]


@cache
def city_of_counties() -> tuple[CityOfCounties, ...]:
    """Return the cities whose own agency runs the jails of several counties."""
    return tuple(
        CityOfCounties(
            state=entry["state"],
            town=entry["town"],
            counties=frozenset(entry["counties"]),
            when=re.compile(entry["when"]),
        )
        for entry in _grammar()["city_of_counties"]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionalJail:
    """A regional jail whose members are on record: its name, state, the codes of its counties, and the source.

    ``later`` has the counties that joined later: since when (a year or a date), and their codes.
    """

    name: str
    state: str
    when: re.Pattern[str]
    counties: tuple[str, ...]
    later: tuple[tuple[str, tuple[str, ...]], ...]
    source: str


@cache
def regional_jails() -> tuple[RegionalJail, ...]:
    """Return the regional jails whose members are on record."""
    return tuple(
        RegionalJail(
            name=entry["name"],
            state=entry["state"],
            when=re.compile(entry["when"]),
            counties=tuple(entry["counties"]),
            later=tuple((each["since"], tuple(each["counties"])) for each in entry.get("later", ())),
            source=entry["source"],
        )
        for entry in _grammar()["regional_jail"]
    )


def tells_only_kind(words: Iterable[str]) -> bool:
    """Tell whether all words are of the kind of a place or its state, none of them a name of its own."""
    return all(_kind_words().fullmatch(word) or state_code(word) for word in words)


@cache
def _kind_words() -> re.Pattern[str]:
    return re.compile(_grammar()["kind"]["words"])


@cache
def everyday_words() -> frozenset[str]:
    """Return words that are names of towns too, but in a facility's name seldom mean one."""
    return frozenset(_grammar()["everyday"]["words"])


def _state_in(raw: str, text: str) -> tuple[str | None, bool]:
    """Return the state at the end of a name, and whether it is certain that a state is meant."""
    after_comma = re.search(r"[,(]\s*([A-Z]{2}|[A-Z][A-Z. ]{3,})\)?\.?$", raw)
    if after_comma:
        code = state_code(plain(after_comma[1]))
        if code and not (plain(after_comma[1]) in _DISTRICTS and "DIST" not in raw and "MARSHAL" in raw):
            return code, True
    words = text.split()
    if len(words) > 2 and state_code(" ".join(words[-2:])) and len(words[-1]) > 2:
        return state_code(" ".join(words[-2:])), True
    if len(words) > 1 and len(words[-1]) == 2 and words[-1] not in _NOT_AFTER_A_BLANK | _DISTRICTS:
        return state_code(words[-1]), False
    return None, False


@cache
def _spellings() -> dict[str, str]:
    kinds = {word: spellings for word, spellings in _grammar()["words"].items() if word in KIND_WORDS}
    return {spelling: word for word, spellings in kinds.items() for spelling in spellings}


@cache
def _grammar() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("reference/grammar.toml").read_text("utf-8"))


_PLACE_WORDS = {
    "ST": "SAINT", "STE": "SAINTE", "FT": "FORT", "MT": "MOUNT", "MTN": "MOUNTAIN", "HTS": "HEIGHTS", "HGTS": "HEIGHTS",
    "N": "NORTH", "S": "SOUTH", "E": "EAST", "W": "WEST", "SPGS": "SPRINGS", "BCH": "BEACH", "CTY": "CITY",
}  # fmt: skip
