"""The gazetteer: counties with their history, and the counties in which the towns of a state lie."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from detainer_ledger.places.names import squeezed

VINTAGE = date(2018, 1, 1)
"""The day whose counties are answered: before Connecticut's planning regions and the division of Valdez-Cordova."""


@dataclass(frozen=True, slots=True, kw_only=True)
class County:
    """A county or its equivalent.

    ``fips`` is its five-digit code, ``kind`` one of county, parish, borough, census_area, city (independent of any
    county), municipio, island. ``valid_from`` and ``valid_to`` are inclusive, None where open; ``successors`` are the
    codes that took its place. ``population`` is that of the American Community Survey, ``area`` the code of ICE's area
    of responsibility, both None where not on record.
    """

    fips: str
    state: str
    name: str
    kind: str
    population: int | None
    area: str | None
    valid_from: date | None
    valid_to: date | None
    successors: tuple[str, ...]

    @property
    def full_name(self) -> str:
        """Return the name with its kind, as ``Caddo Parish`` or ``Alexandria city``."""
        kind = {"census_area": "Census Area", "city": "city"}.get(self.kind, self.kind.capitalize())
        if (self.kind == "city" and self.name.lower().endswith("city")) or self.state in {"DC", "GU"}:
            return self.name
        return f"{self.name} {kind}"

    @property
    def division(self) -> str:
        """Return the Open Civic Data division id."""
        slug = re.sub(r"[^\w.~-]", "~", self.name.lower().replace(" ", "_"))
        if self.state == "DC":
            return "ocd-division/country:us/district:dc"
        if self.state == "GU":
            return "ocd-division/country:us/territory:gu"
        kind = {"city": "place", "island": "county", "borough": "borough"}.get(self.kind, self.kind)
        return f"{state_division(self.state)}/{kind}:{slug}"

    def in_force(self, on: date) -> bool:
        """Tell whether the county exists on a day."""
        return (self.valid_from or on) <= on <= (self.valid_to or on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A town, and where it lies.

    ``counties`` are those of its own ZIP codes with their weights, the heaviest first; ``touches`` are others that its
    ZIP codes reach into.
    """

    state: str
    name: str
    counties: tuple[tuple[str, int], ...]
    touches: frozenset[str]

    @property
    def all_counties(self) -> frozenset[str]:
        """Return every county in which an address of the town may lie."""
        return frozenset(code for code, _ in self.counties) | self.touches


def state_division(state: str) -> str:
    """Return the Open Civic Data division id of a state, district or territory by USPS code."""
    kind = {
        "DC": "district",
        "PR": "territory",
        "GU": "territory",
        "VI": "territory",
        "MP": "territory",
        "AS": "territory",
    }
    return f"ocd-division/country:us/{kind.get(state, 'state')}:{state.lower()}"


def town_division(state: str, name: str) -> str:
    """Return the Open Civic Data division id of a town."""
    return f"{state_division(state)}/place:{re.sub(r'[^a-z0-9.~-]', '_', name.lower())}"


@cache
def counties() -> Mapping[str, County]:
    """Return every county on record, in force or not, by its code."""
    return {row["county_fips"]: _county(row) for row in _rows("counties.csv")}


@cache
def counties_by_name() -> Mapping[str, Mapping[str, tuple[County, ...]]]:
    """Return the counties in force at VINTAGE, and the former names of those, by state and squeezed name."""
    index: dict[str, dict[str, list[County]]] = defaultdict(lambda: defaultdict(list))
    for county in counties().values():
        today = [county] if county.in_force(VINTAGE) else _in_its_place(county)
        for place in today:
            if place not in index[county.state][squeezed(county.name)]:
                index[county.state][squeezed(county.name)].append(place)
    return {state: {name: tuple(found) for name, found in names.items()} for state, names in index.items()}


@cache
def towns_in(state: str) -> Mapping[str, Town]:
    """Return the towns of a state by their squeezed names."""
    return _towns().get(state, {})


def _in_its_place(county: County) -> list[County]:
    """Return what a former county became, where that is one county; nothing where it was divided."""
    if len(county.successors) != 1:
        return []
    successor = counties()[county.successors[0]]
    return [successor] if successor.in_force(VINTAGE) else []


@cache
def _towns() -> Mapping[str, Mapping[str, Town]]:
    found: dict[str, dict[str, Town]] = defaultdict(dict)
    for row in _rows("towns.csv"):
        weights: dict[str, int] = defaultdict(int)
        for entry in row["counties"].split("|"):
            code, weight = entry.split(":")
            weights[county_of_vintage(code)] += int(weight)
        ordered = tuple(sorted(weights.items(), key=lambda item: (-item[1], item[0])))
        touches = {county_of_vintage(code) for code in row["touches"].split("|") if code} - set(weights)
        town = Town(state=row["state"], name=row["town"], counties=ordered, touches=frozenset(touches))
        found[row["state"]].setdefault(squeezed(row["town"]), town)
    return dict(found)


@cache
def county_of_vintage(code: str) -> str:
    """Return the code of the county at VINTAGE that a code of another year lies in."""
    county = counties().get(code)
    if county is None or county.in_force(VINTAGE):
        return code
    if county.valid_from and county.valid_from > VINTAGE:
        return next((former.fips for former in counties().values() if code in former.successors), code)
    return county.successors[0] if len(county.successors) == 1 else code


def _county(row: Mapping[str, str]) -> County:
    return County(
        fips=row["county_fips"],
        state=row["state"],
        name=row["name"],
        kind=row["kind"],
        population=int(row["population"]) if row["population"] else None,
        area=row["area"] or None,
        valid_from=date.fromisoformat(row["valid_from"]) if row["valid_from"] else None,
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        successors=tuple(code for code in row["successors"].split("|") if code),
    )


def _rows(name: str) -> Iterator[dict[str, str]]:
    with files(__package__).joinpath(f"reference/{name}").open("r", encoding="utf-8") as opened:
        yield from csv.DictReader(opened)
