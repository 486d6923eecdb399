"""An invented pool of facilities: a few huge county jails, a long tail, homonyms, and second spellings.

The pool is the same for every seed, so that figures of two synthetic releases can be compared by facility.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from detainer_ledger.releases.synthetic.words import place_words, spread
from detainer_ledger.terms import state_names

POOL_SIZE = 4096
"""A power of two, because the heavy-tailed draw of a facility cuts its number out of the upper bits of a product."""

LONGEST_NAME = 30
"""Published facility names are cut here in part of the rows (domain reference 5.1)."""

BUSIEST = 60
"""So many of the first places are county jails."""

PLACEHOLDER = "OTHER-OTHER FACILITY"
"""Stands at the end of the pool; published without city and state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facility:
    """One facility string. ``declines_permille`` is how many of a thousand resolved detainers it declines."""

    name: str
    city: str | None
    usps: str | None
    code: str
    area: str | None
    declines_permille: int

    @property
    def state(self) -> str | None:
        """The state as published: its full name in capitals."""
        return state_names()[self.usps].upper() if self.usps else None


@cache
def facility_pool() -> tuple[Facility, ...]:
    """Return the ``POOL_SIZE`` facilities, the busiest first, and the placeholder after them."""
    chance = random.Random("detainer-ledger facilities, first edition")  # noqa: S311 - invents names, guards nothing
    found: dict[tuple[str, str], Facility] = {}
    for written, usps, city in _places(chance):
        name = written[:LONGEST_NAME].rstrip() if chance.random() < 0.7 else written
        if (name, usps) not in found:
            found[name, usps] = _facility(name, usps, city, number=len(found), chance=chance)
        if len(found) == POOL_SIZE:
            break
    placeholder = Facility(name=PLACEHOLDER, city=None, usps=None, code="SYNOTHER", area=None, declines_permille=60)
    return (*found.values(), placeholder)


def _one(values: list[str], chance: random.Random) -> str:
    """Choose one value by ``random()``, the only draw whose sequence Python promises to keep."""
    return values[int(chance.random() * len(values))]


def _places(chance: random.Random) -> Iterator[tuple[str, str, str]]:
    """Invent name, state and city without end: big county jails first, then all kinds, some of them a second time."""
    words = place_words()
    states = spread({usps: words["states"].get(usps, 4) for usps in list(state_names())[:51]})
    counties = sorted(
        (stem + ending for stem in words["stems"] for ending in words["endings"]), key=lambda _: chance.random()
    )
    yielded = 0
    while True:
        for county in counties:
            usps = _one(states, chance)
            city = _one(words["stems"], chance) + _one(["", " CITY", " SPRINGS", "VILLE", " FALLS"], chance)
            is_county = yielded < BUSIEST or chance.random() < 0.62
            named = _one(words["generic"], chance) if yielded >= BUSIEST and chance.random() < 0.12 else county
            yield _one(words["county_kinds" if is_county else "other_kinds"], chance).format(named), usps, city
            if is_county and chance.random() < 0.12:
                yield _one(words["second_spellings"], chance).format(named), usps, city
            yielded += 1


def _facility(name: str, usps: str, city: str, *, number: int, chance: random.Random) -> Facility:
    areas = {state: area for area, states in place_words()["areas"].items() for state in states}
    declines = (20, 40, 80, 300, 600)[int(chance.random() * 5)] if chance.random() < 0.3 else 0
    letters = "".join(letter for letter in name if letter.isalpha())
    return Facility(
        name=name,
        city=city,
        usps=usps,
        code=f"SYN{letters[:2]}{number:04d}",
        area=f"{areas[usps]} Area of Responsibility" if usps in areas else None,
        declines_permille=declines,
    )
