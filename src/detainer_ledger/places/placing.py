"""Placing a facility: which county it stands in, and which jurisdiction runs it, from the evidence of its name.

What a facility's code says, in a table of codes that the user added, fills what the release left empty. The evidence is
then taken in layers, and the first that decides answers: a person's correction, the county named with its kind, the
town and its county, the registers that the user added, a county or town named without its kind, and, last, spelling
that comes close within the state. What no layer decides is not answered; the reason says what would decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from detainer_ledger.places.confidence import chance
from detainer_ledger.places.evidence import (
    NamedCounty,
    county_exactly,
    county_named,
    county_words,
    is_county_alone,
    town_at_beginning,
    town_in_words,
    town_named,
)
from detainer_ledger.places.gazetteer import (
    County,
    Town,
    counties,
    counties_by_name,
    state_division,
    town_division,
    towns_in,
)
from detainer_ledger.places.names import (
    KIND_WORDS,
    FacilityName,
    city_of_counties,
    level_rule,
    plain,
    regional_jails,
    squeezed,
    take_apart,
    tells_only_kind,
    unified_states,
)
from detainer_ledger.places.registers import Register
from detainer_ledger.terms import state_code, state_names

LEAST_CHANCE = 0.9
"""Answers that are right less often than this are not given."""

_MAIN_SHARE = 0.9
_LARGE_SHARE = 0.75
_RATHER_SHARE = 0.6
_NO_AGENCY = frozenset({"ice", "hospital", "other"})
_NAMED_AFTER_A_CITY = frozenset({"ice", "federal", "marshals", "private", "hospital"})
_NAMED_AFTER_COUNTIES = frozenset({"county", "jail", "municipal", "regional", "state", "ice", "federal", "marshals"})
_NAMED_AFTER_TOWNS = frozenset({"municipal", "ice", "federal", "marshals"})
_INSTITUTIONS = frozenset({"state", "federal", "private", "regional", "other"})
_IN_THE_TOWN = frozenset({"municipal", "jail", "ice", "marshals"})
_LEAVES_OPEN = frozenset({"state-prison", "jail"})
_OUTSIDE_TOWNS = frozenset({"state", "federal", "regional", "private"})
_ONE_COUNTY = {"DC": "11001", "GU": "66010"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facility:
    """A facility as a release names it; every part may be empty. ``state`` is a USPS code or a name in words."""

    name: str = ""
    code: str = ""
    city: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a facility stands and who runs it.

    ``jurisdiction_id`` is an Open Civic Data division id, with ``jurisdiction_name`` and ``level`` the answer to who
    runs the place; ``county_fips`` is the county where it stands, in codes of 2018. ``confidence`` is the share of
    such answers that are right, 0 to 1; ``rule`` names the evidence and ``reason`` says it in words. All but ``rule``
    and ``reason`` are None where the evidence does not decide.
    """

    jurisdiction_id: str | None = None
    jurisdiction_name: str | None = None
    level: str | None = None
    county_fips: str | None = None
    confidence: float | None = None
    rule: str
    reason: str

    @property
    def abstained(self) -> bool:
        """Tell whether neither question is answered."""
        return self.jurisdiction_id is None and self.county_fips is None and self.level is None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A county that the evidence points to, by which rule, and why."""

    county: str | None
    rule: str
    why: str
    town: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Placer:
    """Places facilities with the built-in tables, the ``registers`` that the user has, and people's ``corrections``.

    Registers and corrections are looked at in the order given. A placer keeps nothing between calls but a cache.
    """

    registers: tuple[Register, ...] = ()
    corrections: Mapping[tuple[str, str, str], Placement] = field(default_factory=dict)

    def place(self, facility: Facility) -> Placement:
        """Return where a facility stands and who runs it, or why that is not known. Never raises.

        >>> placed = Placer().place(Facility(name="SNOHOMISH COUNTY JAIL"))
        >>> placed.county_fips, placed.level, placed.jurisdiction_id
        ('53061', 'county', 'ocd-division/country:us/state:wa/county:snohomish')
        """
        corrected = self.corrections.get(correction_key(facility))
        if corrected is not None:
            return corrected
        completed, by_code = self._completed(facility)
        placed = self._placed(completed)
        return replace(placed, reason=f"{placed.reason} {by_code}") if by_code else placed

    def _completed(self, facility: Facility) -> tuple[Facility, str]:
        """Fill the parts that the release left empty from a table of codes, and say so."""
        code = plain(facility.code)
        known = next((register for register in self.registers if code in register.by_code), None)
        if known is None:
            return facility, ""
        coded = known.by_code[code]
        state = state_code(facility.state)
        if facility.state.strip() and coded.state != state:
            return facility, ""
        filled = {
            part: said
            for part, said in (("name", coded.name), ("city", coded.city), ("state", coded.state))
            if said and not getattr(facility, part).strip()
        }
        if not filled:
            return facility, ""
        return replace(facility, **filled), f"By its code in {known.name}: {', '.join(filled)}."

    def _placed(self, facility: Facility) -> Placement:
        name = take_apart(facility.name)
        if not name.words and not plain(facility.code):
            return Placement(rule="no-name", reason="The name is empty or has no letters; a name would decide.")
        state, doubt = _state_of(facility, name)
        if doubt is not None:
            return doubt
        place, names_county = self._place(name, plain(facility.city), state)
        rule = level_rule(name, names_county=names_county, state=state)
        if rule is not None and rule.level == "none":
            return Placement(
                rule=f"placeholder/{rule.id}",
                reason="The name is a placeholder, not a place; the release's own record of the facility would decide.",
            )
        return self._answer(name, facility, state, place, rule.id if rule else "", rule.level if rule else None)

    def place_all(self, facilities: Iterable[Facility]) -> Mapping[Facility, Placement]:
        """Place each distinct facility once."""
        return {facility: self.place(facility) for facility in dict.fromkeys(facilities)}

    def _place(self, name: FacilityName, city: str, state: str | None) -> tuple[_Place, bool]:
        if state is None:
            return _anywhere(name)
        named = county_named(name, state)
        town = town_named(city, state) if city else None
        if named is not None and named.exact:
            return _by_county(named, town, city), True
        if named is not None and town is not None:
            nearest = set(named.counties) & town.all_counties
            if len(nearest) == 1:
                return _Place(
                    county=nearest.pop(),
                    rule="county-misspelt-and-town",
                    why=f"{named.words} comes close to the county in which {town.name} lies",
                ), True
        names_kind = any(word in KIND_WORDS for word in name.words)
        if town is not None:
            return self._by_town(name, town, city, state), names_kind
        if named is not None and len(named.counties) == 1 and len(named.words) > 5:
            return _Place(
                county=named.counties[0], rule="county-misspelt", why=f"{named.words} comes close to one county's name"
            ), True
        registered = self._registered(name, state, None)
        if registered is not None:
            return registered, names_kind
        place = _in_name(name, state, city)
        return (place if place.county else self._nearly_registered(name, state) or place), names_kind

    def _nearly_registered(self, name: FacilityName, state: str) -> _Place | None:
        if _kind_of_place(name, state) not in _INSTITUTIONS - {"other"}:
            return None
        for register in self.registers:
            found = register.county_of_near_name(" ".join(name.words), state)
            if found is not None:
                return _Place(
                    county=found,
                    rule="register-near-name",
                    why=f"the name of one institution of the register {register.name} comes close",
                )
        return None

    def _by_town(self, name: FacilityName, town: Town, city: str, state: str) -> _Place:
        """Answer by the town that the release gives, where no county is named."""
        exactly = squeezed(city) == squeezed(town.name)
        ending = "" if exactly else "-misspelt"
        as_spelt = town.name if exactly else f"{city} (read as {town.name})"
        total = sum(weight for _, weight in town.counties)
        first, weight = town.counties[0]
        if len(town.all_counties) == 1:
            return _Place(
                county=first,
                rule=f"town-in-one-county{ending}",
                why=f"every address of {as_spelt} lies in it",
                town=town.name,
            )
        kind = _kind_of_place(name, state)
        words = county_words(name, state) & town.all_counties
        told = {code for code in words if code in dict(town.counties)}
        if len(words) == 1 and told and kind not in _NAMED_AFTER_A_CITY:
            return _Place(
                county=told.pop(),
                rule=f"town-and-county-word{ending}",
                why=f"{as_spelt} lies in several counties, and the name holds the name of one",
                town=town.name,
            )
        independent = counties_by_name().get(state, {}).get(squeezed(town.name), ())
        own = next((each for each in independent if each.kind == "city"), None)
        if own is not None and kind in _IN_THE_TOWN and own.fips == first:
            return _Place(
                county=first,
                rule="town-outside-every-county",
                why=f"{as_spelt} is a city of its own, outside every county",
                town=town.name,
            )
        registered = self._registered(name, state, town)
        if registered is not None and not (registered.rule == "register-town" and words - {first}):
            return registered
        if counties()[first].kind == "city" and town.touches and kind not in _IN_THE_TOWN:
            return _Place(
                county=None,
                rule="town-independent-city",
                why=f"{as_spelt} is a city outside every county, and its addresses reach into {_listed(town.touches)}",
                town=town.name,
            )
        if words - {first}:
            return _Place(
                county=None,
                rule="town-and-other-county-word",
                why=f"{as_spelt} lies for the most part in {_listed([first])}, but the name speaks of {_listed(words)}",
                town=town.name,
            )
        if len(town.counties) == 1:
            ending += "-outside" if kind in _OUTSIDE_TOWNS else ""
            return _Place(
                county=first, rule=f"town-mostly{ending}", why=f"nearly all of {as_spelt} lies in it", town=town.name
            )
        if weight >= _MAIN_SHARE * total:
            return _Place(
                county=first, rule=f"town-largely{ending}", why=f"most of {as_spelt} lies in it", town=town.name
            )
        if weight >= _RATHER_SHARE * total and kind not in _NO_AGENCY:
            return _Place(
                county=first,
                rule=f"town-rather{ending}",
                why=f"the greater part of {as_spelt} lies in it",
                town=town.name,
            )
        names = _listed(code for code, _ in town.counties)
        return _Place(
            county=None,
            rule="town-in-several-counties",
            why=f"{as_spelt} lies in {names}; a register of agencies or a correction would decide",
            town=town.name,
        )

    def _registered(self, name: FacilityName, state: str, town: Town | None) -> _Place | None:
        within = town.all_counties if town else None
        statewide = town is None and _is_statewide(name, state)
        for register in () if statewide else self.registers:
            found = register.county_of(name.text, state, within)
            if found is not None:
                return _Place(
                    county=found,
                    rule="register-name-and-town" if town else "register-name",
                    why=f"the register {register.name} has an agency of this name there",
                    town=town.name if town else None,
                )
            is_prison = _kind_of_place(name, state) in _INSTITUTIONS
            found = register.county_of_core(" ".join(name.words), state, within) if is_prison else None
            if found is not None:
                return _Place(
                    county=found,
                    rule="register-part-of-name" + ("-and-town" if town else ""),
                    why=f"the register {register.name} has one institution whose own name is the same",
                    town=town.name if town else None,
                )
        towns = self.registers if town and _kind_of_place(name, state) not in _NO_AGENCY else ()
        told = {register.county_of_town(town.name, state) for register in towns} if town else set()
        told -= {None}
        if town and len(told) == 1 and (found := told.pop()) in town.all_counties:
            return _Place(
                county=found,
                rule="register-town",
                why=f"every agency of {town.name} in the registers is there",
                town=town.name,
            )
        return None

    def _answer(
        self, name: FacilityName, facility: Facility, state: str | None, place: _Place, level_id: str, level: str | None
    ) -> Placement:
        county = counties()[place.county] if place.county else None
        right = chance("county", place.rule) if county else 1.0
        if county is not None and right < LEAST_CHANCE:
            place = replace(place, county=None, why=f"{place.why}, which is right too seldom to answer")
            county, right = None, 1.0
        if level == "jail":
            level, level_id = _who_runs_a_jail(name, county, state), "jail"
        if county is not None and level_id in _LEAVES_OPEN and state:
            told = {register.level_of(" ".join(name.words), state, county.fips) for register in self.registers} - {None}
            # The registers know state prisons and county jails well, and call many private places federal.
            if told == {"state"} or (told == {"county"} and level_id in {"state-prison", "jail"}):
                level, level_id = told.pop(), "register"
        if level is not None and chance("level", level_id) < LEAST_CHANCE:
            level = None
        needs_county = level in {"county", "municipal", "regional"}
        if county is None and (needs_county or level is None):
            return Placement(rule=place.rule, reason=f"Not decided: {place.why}." + _members(name, state, level))
        for merged in city_of_counties():
            is_jail = level is None and merged.when.search(" ".join(name.words))
            if county and county.fips in merged.counties and (level == "county" or is_jail):
                level, level_id = "municipal", "city-of-counties"
        answer = self._jurisdiction(name, facility, state or (county.state if county else None), county, level)
        if answer is None:
            level = level if level in {"hospital", "other", "private", "regional", "tribal"} else None
        sure = chance("level", level_id) if level else 1.0
        return Placement(
            jurisdiction_id=answer[0] if answer else None,
            jurisdiction_name=answer[1] if answer else None,
            level=level,
            county_fips=county.fips if county else None,
            confidence=round(right * sure, 4),
            rule=f"{place.rule if county else 'no-county'}/{level_id or 'no-level'}",
            reason=_sentence(county, place, level, level_id) + _members(name, state, level),
        )

    def _jurisdiction(
        self,
        name: FacilityName,
        facility: Facility,
        state: str | None,
        county: County | None,
        level: str | None,
    ) -> tuple[str, str] | None:
        if level in {"federal", "ice"}:
            return "ocd-division/country:us", "United States"
        if level == "state" and state:
            return state_division(state), state_names()[state]
        if level == "county" and county:
            return county.division, f"{county.full_name}, {county.state}"
        if level == "municipal" and state:
            merged = next((each for each in city_of_counties() if county and county.fips in each.counties), None)
            if merged is not None:
                return town_division(merged.state, merged.town), f"{merged.town.title()}, {merged.state}"
            town = town_in_words(name, state) or (town_named(plain(facility.city), state) if facility.city else None)
            if county and county.kind == "city":
                return county.division, f"{county.full_name}, {county.state}"
            named = town.name if town else plain(facility.city)
            if named:
                return town_division(state, named), f"{named.title()}, {state}"
        return None


def correction_key(facility: Facility) -> tuple[str, str, str]:
    """Return the key by which people's corrections are kept: name, city and state, spelt alike."""
    return plain(facility.name), plain(facility.city), state_code(facility.state) or ""


def _state_of(facility: Facility, name: FacilityName) -> tuple[str | None, Placement | None]:
    """Return the state, or why there is a doubt about it."""
    given = state_code(facility.state)
    if facility.state.strip() and given is None:
        return None, Placement(
            rule="state-unknown", reason="The state given is not one of the United States; a USPS code would decide."
        )
    if given and name.state and name.state != given and name.state_is_certain:
        return None, Placement(
            rule="state-contradicted",
            reason=f"The name says {name.state} and the state given is {given}; either may be wrong.",
        )
    if given:
        return given, None
    code = plain(facility.code)
    by_code = state_code(code[-2:]) if len(code) in {6, 7} else None
    if name.state and by_code and name.state != by_code and name.state_is_certain:
        by_code = None
    return (name.state if name.state_is_certain or not by_code else by_code) or by_code, None


def _by_county(named: NamedCounty, town: Town | None, city: str) -> _Place:
    if len(named.counties) > 1:
        told = [code for code in named.counties if town and code in town.all_counties]
        if len(told) != 1:
            return _Place(county=None, rule="county-homonym", why=f"{named.words} names several counties of the state")
        return _Place(county=told[0], rule="county-and-town", why=f"{named.words} is named and {city} lies in it")
    if town is None:
        rule = "county-and-unknown-town" if city else "county-alone"
        return _Place(county=named.counties[0], rule=rule, why=f"{named.words} is named, and there is one in the state")
    if named.counties[0] in town.all_counties:
        return _Place(
            county=named.counties[0], rule="county-and-town", why=f"{named.words} is named and {town.name} lies in it"
        )
    return _Place(
        county=named.counties[0],
        rule="county-beside-town",
        why=f"{named.words} is named, though {town.name} lies in {_listed(town.all_counties)}",
    )


def _in_name(name: FacilityName, state: str, city: str) -> _Place:
    """Answer by a county or town that the name holds without saying its kind, where the city does not help."""
    ending = "-unknown-town" if city else ""
    kind = _kind_of_place(name, state)
    if state in _ONE_COUNTY:
        return _Place(county=_ONE_COUNTY[state], rule="state-of-one-county", why="there is no other in it")
    told = county_words(name, state)
    apart = towns_in(state).get(squeezed(name.set_off)) if name.set_off else None
    if apart is not None and len(apart.counties) == 1:
        return _Place(
            county=apart.counties[0][0],
            rule=f"town-set-off{ending}",
            why=f"the name ends in {apart.name}, which lies in it",
            town=apart.name,
        )
    town = town_in_words(name, state)
    begins = town_at_beginning(name, state) if town is None and kind in _NAMED_AFTER_TOWNS else None
    ending += "-and-more" if begins else ""
    town = town or begins
    if town is not None and kind not in {"hospital", "other"}:
        first, weight = town.counties[0]
        if kind == "ice" or told in ({first}, frozenset()):
            share = "" if len(town.all_counties) == 1 else "-mostly"
            both = "county-and-town" if told == {first} else "town"
            is_region = kind in _NAMED_AFTER_A_CITY and told and len(town.all_counties) > 1
            if weight >= _LARGE_SHARE * sum(each for _, each in town.counties) and not is_region:
                return _Place(
                    county=first,
                    rule=f"{both}-in-name-{kind}{share}{ending}",
                    why=f"the name is that of {town.name}, which lies in it",
                    town=town.name,
                )
    elif len(told) == 1 and kind in _NAMED_AFTER_COUNTIES and is_county_alone(name, state):
        return _Place(
            county=next(iter(told)), rule=f"county-word-{kind}{ending}", why="the name is that of this county alone"
        )
    if city:
        return _Place(
            county=None,
            rule="town-unknown",
            why=f"{city} is no town of {state} in the gazetteer, nor comes close to one",
        )
    return _Place(
        county=None, rule="no-place-named", why=f"the name decides no county of {state}; the city would decide"
    )


def _is_statewide(name: FacilityName, state: str) -> bool:
    """Tell whether a name is that of an agency of the whole state, and no place in it."""
    rule = level_rule(name, names_county=False, state=state)
    return rule is not None and rule.id in {"state-agency", "state-department"} and tells_only_kind(name.words)


def _kind_of_place(name: FacilityName, state: str) -> str:
    """Return what kind of place a name tells of, as far as it bears on standing where the name says."""
    rule = level_rule(name, names_county=False, state=state)
    level = rule.level if rule and rule.id != "marshals" else "marshals" if rule else None
    return level if level else "other"


def _anywhere(name: FacilityName) -> tuple[_Place, bool]:
    """Answer by a county's name that the country has once, where no state is known."""
    found: dict[str, str] = {}
    for state in counties_by_name():
        named = county_exactly(name, state)
        if named is not None:
            found |= dict.fromkeys(named.counties, named.words)
    if len(found) == 1:
        code, words = next(iter(found.items()))
        return _Place(
            county=code, rule="county-once-in-country", why=f"{words} is named, and the country has one"
        ), True
    if found:
        return _Place(
            county=None,
            rule="homonym",
            why=f"{len(found)} counties of the country have this name; the state would decide",
        ), True
    return _Place(county=None, rule="no-state", why="no state is given, nor a county that the country has once"), False


def _who_runs_a_jail(name: FacilityName, county: County | None, state: str | None) -> str | None:
    """Tell whether a jail without a word of its kind is the county's or the town's."""
    if county is None or state is None:
        return None
    if state in unified_states():
        return "state"
    is_county = county.fips in county_words(name, state)
    town = town_in_words(name, state)
    if is_county and (town is None or "JAIL" not in name.words):
        return "county"
    return "municipal" if town is not None and not is_county and "JAIL" in name.words else None


def _sentence(county: County | None, place: _Place, level: str | None, level_id: str) -> str:
    where = f"{county.full_name}, {county.state}: {place.why}." if county else f"County not decided: {place.why}."
    who = f" Run by: {level} ({level_id.replace('-', ' ')})." if level else " Who runs it is not decided by the name."
    return where + who


def _members(name: FacilityName, state: str | None, level: str | None) -> str:
    """Say to which counties a regional jail belongs, where that is on record."""
    if level != "regional":
        return ""
    for jail in regional_jails():
        if jail.state == state and jail.when.search(" ".join(name.words)):
            joined = "".join(f", since {since} also of {_listed(codes)}" for since, codes in jail.later)
            return f" It is the {jail.name} of {_listed(jail.counties)}{joined} ({jail.source})."
    return " The counties to which it belongs are not on record."


def _listed(codes: Iterable[str]) -> str:
    return ", ".join(counties()[code].full_name for code in sorted(codes) if code in counties())
