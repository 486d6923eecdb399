"""What the words of a facility's name, and the city beside it, say: the counties and towns that they name.

Names are compared exactly first; spelling that comes close is the last resort, and never leaves the state.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice, takewhile

from detainer_ledger.places.gazetteer import Town, counties_by_name, towns_in
from detainer_ledger.places.names import KIND_WORDS, FacilityName, everyday_words, squeezed, tells_only_kind
from detainer_ledger.terms import state_code

NEAREST_SPELLING = 87.0
"""Least likeness, of 100, of two spellings that may be meant to be one (rapidfuzz's normalised Indel distance)."""


NEAREST_COUNTY = 80.0
"""The same for the name of a county that stands with its kind; the town has to agree, or no other to come near."""


SPELLING_MARGIN = 4.0
"""How much nearer the nearest spelling has to be than the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedCounty:
    """Words before or after a kind word that name a county, exactly or nearly."""

    words: str
    counties: tuple[str, ...]
    exact: bool


def county_named(name: FacilityName, state: str) -> NamedCounty | None:
    """Return the county that a name holds with its kind: ``ADAMS COUNTY``, ``COUNTY OF ADAMS``."""
    return county_exactly(name, state) or _county_nearly(name, state)


def _county_nearly(name: FacilityName, state: str) -> NamedCounty | None:
    """Return the county whose spelling comes close to the words before the first kind word that has such a one."""
    words = name.words
    for place, word in enumerate(words):
        if word in KIND_WORDS and (near := _near_county(words[max(0, place - 3) : place], state)):
            return near
    return None


def county_exactly(name: FacilityName, state: str) -> NamedCounty | None:
    """Return the county that a name holds with its kind, spelt as it is."""
    known = counties_by_name().get(state, {})
    words = name.words
    for place, word in enumerate(words):
        if word not in KIND_WORDS:
            continue
        for begin in range(max(0, place - 4), place):
            phrase = " ".join(words[begin:place])
            found = [county for county in known.get(squeezed(phrase), ()) if county.kind != "city"]
            if found:
                return NamedCounty(words=f"{phrase} {word}", counties=tuple(each.fips for each in found), exact=True)
        if words[place + 1 : place + 2] == ("OF",):
            phrase = words[place + 2] if len(words) > place + 2 else ""
            found = [county for county in known.get(squeezed(phrase), ()) if county.kind != "city"]
            if found:
                return NamedCounty(words=f"COUNTY OF {phrase}", counties=tuple(each.fips for each in found), exact=True)
    return None


def _near_county(words: tuple[str, ...], state: str) -> NamedCounty | None:
    """Return the counties whose spelling comes close to the words before a kind word."""
    for count in range(len(words), 0, -1):
        phrase = squeezed(" ".join(words[-count:]))
        if len(phrase) >= 4 and (found := _nearest_counties(phrase, state)):
            return NamedCounty(words=" ".join(words[-count:]), counties=found, exact=False)
    return None


@lru_cache(maxsize=1 << 16)
def _nearest_counties(phrase: str, state: str) -> tuple[str, ...]:
    from rapidfuzz import fuzz, process

    known = counties_by_name().get(state, {})
    near = process.extract(phrase, _county_keys(state), scorer=fuzz.ratio, score_cutoff=NEAREST_COUNTY, limit=3)
    if not near or (len(near) > 1 and near[0][1] - near[1][1] < SPELLING_MARGIN):
        return ()
    return tuple(county.fips for county in known[near[0][0]])


@cache
def _county_keys(state: str) -> tuple[str, ...]:
    return tuple(key for key, found in counties_by_name().get(state, {}).items() if found[0].kind != "city")


@cache
def _town_keys(state: str) -> tuple[str, ...]:
    return tuple(sorted(towns_in(state)))


def _begun(keys: Sequence[str], key: str) -> Iterable[str]:
    """Return the keys, of a sorted sequence, that begin with a key."""
    place = bisect_left(keys, key)
    return takewhile(lambda each: each.startswith(key), islice(keys, place, None))


@lru_cache(maxsize=1 << 16)
def town_named(city: str, state: str) -> Town | None:
    """Return the town that a city names: exactly, cut off, or nearly."""
    from rapidfuzz import fuzz, process

    known = towns_in(state)
    key = squeezed(city)
    if key in known:
        return known[key]
    if len(key) < 4:
        return None
    begun = [known[name] for name in _begun(_town_keys(state), key)]
    if len(key) >= 6 and begun and len({town.all_counties for town in begun}) == 1:
        return begun[0]
    near = process.extract(key, _town_keys(state), scorer=fuzz.ratio, score_cutoff=NEAREST_SPELLING, limit=3)
    if not near:
        return None
    if len(near) > 1 and near[0][1] - near[1][1] < SPELLING_MARGIN:
        rivals = [known[each[0]] for each in near if near[0][1] - each[1] < SPELLING_MARGIN]
        return rivals[0] if len({town.all_counties for town in rivals}) == 1 else None
    return known[near[0][0]]


def county_words(name: FacilityName, state: str) -> frozenset[str]:
    """Return the counties whose names a facility's name holds, without their kind."""
    known = counties_by_name().get(state, {})
    return frozenset(
        county.fips
        for run in _runs(name.words)
        if state_code(run) != state
        for county in known.get(squeezed(run), ())
        if county.kind != "city"
    )


def town_in_words(name: FacilityName, state: str) -> Town | None:
    """Return the longest town that a name is made of, where all its other words tell of the kind of place."""
    known = towns_in(state)
    words = name.words
    for count in range(min(4, len(words)), 0, -1):
        for begin in range(len(words) - count + 1):
            run = words[begin : begin + count]
            key = squeezed(" ".join(run))
            if len(key) > 3 and not _is_everyday(run) and key in known:
                return known[key] if tells_only_kind((*words[:begin], *words[begin + count :])) else None
    return None


def town_at_beginning(name: FacilityName, state: str) -> Town | None:
    """Return the town that a name begins with, the longest first, where no other word names a town or county too."""
    known = towns_in(state)
    words = name.words
    for count in range(min(4, len(words)), 0, -1):
        key = squeezed(" ".join(words[:count]))
        if len(key) > 3 and not _is_everyday(words[:count]) and key in known:
            others = (squeezed(word) for word in words[count:] if not tells_only_kind((word,)))
            return None if any(other in known for other in others) else known[key]
    return None


def _is_everyday(words: Sequence[str]) -> bool:
    return all(len(word) < 2 or word in everyday_words() for word in words)


def is_county_alone(name: FacilityName, state: str) -> bool:
    """Tell whether all words of a name but those of a county tell of the kind of place."""
    words = name.words
    known = counties_by_name().get(state, {})
    return any(
        squeezed(" ".join(words[begin:end])) in known and tells_only_kind((*words[:begin], *words[end:]))
        for begin in range(len(words))
        for end in range(begin + 1, min(begin + 5, len(words)) + 1)
    )


def _runs(words: tuple[str, ...]) -> Iterable[str]:
    for count in range(min(4, len(words)), 0, -1):
        for begin in range(len(words) - count + 1):
            yield " ".join(words[begin : begin + count])
