"""Registers of agencies and facilities that the user has: recognised by their columns, indexed by state and name."""

from __future__ import annotations

import csv
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from detainer_ledger.places.gazetteer import counties, counties_by_name, county_of_vintage, towns_in
from detainer_ledger.places.names import plain, squeezed, tells_only_kind
from detainer_ledger.terms import BadInput, state_code

LEAST_LETTERS = 6
"""An own name shorter than this is not compared by spelling."""

NEAREST = 90.0
"""Least likeness, of 100, of two own names that may be meant to be one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterLayout:
    """The columns by which a register is known, and which of its columns say what.

    A register has a column of county codes (``fips``), one of county names (``county``), or, as a table of facility
    codes, neither. ``code`` is the column of ICE's facility codes; ``level`` is the column that tells who runs a place;
    ``of_institutions`` says that its rows are prisons and jails, and ``marks`` are columns more by which it is known.
    """

    id: str
    name: str
    city: str | None
    state: str
    fips: str | None
    county: str | None
    code: str | None = None
    level: str | None = None
    of_institutions: bool = False
    marks: tuple[str, ...] = ()

    @property
    def columns(self) -> frozenset[str]:
        """Return the columns that the register has to have."""
        named = (self.name, self.city, self.state, self.fips, self.county, self.code, self.level, *self.marks)
        return frozenset(column for column in named if column)


LAYOUTS: tuple[RegisterLayout, ...] = (
    RegisterLayout(
        id="hifld-prisons",
        name="name",
        city="city",
        state="state",
        fips="countyfips",
        county="county",
        level="type",
        marks=("facilityid", "securelvl"),
        of_institutions=True,
    ),
    RegisterLayout(
        id="hifld-law-enforcement", name="name", city="city", state="state", fips="countyfips", county="county"
    ),
    RegisterLayout(
        id="fbi-police-employees",
        name="pub_agency_name",
        city=None,
        state="state_abbr",
        fips=None,
        county="county_name",
        level="agency_type_name",
    ),
    RegisterLayout(
        id="facility-codes",
        name="facility_name",
        city="facility_city",
        state="facility_state",
        fips=None,
        county=None,
        code="facility_code",
    ),
    RegisterLayout(id="plain", name="name", city="city", state="state", fips="county_fips", county=None),
)
"""Layouts of registers, the more particular first: those of the files named in ``docs/how-to/place-facilities.md``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodedFacility:
    """What a table of facility codes says of one code; a part on which its rows differ, or say nothing, is empty."""

    name: str = ""
    city: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """A register: its name, the digest of its file, and the counties of its agencies by state, name and town.

    ``by_code`` has the facilities of a table of codes, by code in capitals.
    """

    name: str
    sha256: str
    rows: int
    layout: str
    by_name: Mapping[tuple[str, str], frozenset[str]]
    by_town: Mapping[tuple[str, str], frozenset[str]]
    by_core: Mapping[tuple[str, str], frozenset[str]]
    levels: Mapping[tuple[str, str, str], str]
    by_code: Mapping[str, CodedFacility]

    def level_of(self, name: str, state: str, county: str) -> str | None:
        """Return who runs the place of this name or own name in a county, where the register says one level."""
        for key in (register_key(name), own_name(name)):
            if (level := self.levels.get((state, key, county))) is not None:
                return level or None
        return None

    def county_of_near_name(self, name: str, state: str) -> str | None:
        """Return the county of the one institution whose own name comes close in spelling."""
        from rapidfuzz import fuzz, process

        core = own_name(name)
        if len(core) < LEAST_LETTERS:
            return None
        known = [each for place, each in self.by_core if place == state and each]
        near = process.extract(core, known, scorer=fuzz.ratio, score_cutoff=NEAREST, limit=2)
        found = {code for each in near for code in self.by_core[state, each[0]]}
        return next(iter(found)) if len(found) == 1 else None

    def county_of_core(self, name: str, state: str, within: frozenset[str] | None) -> str | None:
        """Return the county of the institution whose own name, without the words of its kind, is the same."""
        core = own_name(name)
        named = self.by_core.get((state, core), frozenset()) if len(core) > 3 else frozenset()
        there = named if within is None else named & within
        return next(iter(there)) if len(there) == 1 and len(named) == 1 else None

    def county_of(self, name: str, state: str, within: frozenset[str] | None) -> str | None:
        """Return the one county in which the register has an agency of this name.

        ``within`` limits the counties; None means the whole state.
        """
        named = self.by_name.get((state, register_key(name)), frozenset())
        there = named if within is None else named & within
        return next(iter(there)) if len(there) == 1 else None

    def county_of_town(self, town: str, state: str) -> str | None:
        """Return the county of every agency that the register has in a town, None where they are in several."""
        there = self.by_town.get((state, squeezed(town)), frozenset())
        return next(iter(there)) if len(there) == 1 else None


def read_register(path: Path) -> Register:
    """Read a register from a CSV file in one of LAYOUTS.

    Raises BadInput where the file is missing, is not UTF-8 text, or has columns of no known register.
    """
    try:
        content = path.read_bytes()
        lines = content.decode("utf-8-sig").splitlines()
    except OSError as error:
        raise BadInput(
            f"The register cannot be read: {error.strerror}.", file=str(path), do="look at the spelling of the path."
        ) from None
    except UnicodeDecodeError:
        raise BadInput("The register is not UTF-8 text.", file=path.name, do="save it as CSV in UTF-8.") from None
    reader = csv.DictReader(lines)
    columns = frozenset(reader.fieldnames or ())
    layout = next((each for each in LAYOUTS if each.columns <= columns), None)
    if layout is None:
        known = "; ".join(f"{each.id}: {', '.join(sorted(each.columns))}" for each in LAYOUTS)
        raise BadInput(
            "The columns are those of no known register.",
            file=path.name,
            row=1,
            do=f"give a register with the columns of one of these. {known}.",
        )
    return _indexed(path.name, hashlib.sha256(content).hexdigest(), layout, list(reader))


def register_key(name: str) -> str:
    """Return the key by which names of agencies are compared: kind words spelt out, blanks gone."""
    return "".join(_WORDS.get(word, word) for word in plain(name).split())


def own_name(name: str) -> str:
    """Return the key of an institution's own name: without the words of its kind, its state, and what is in brackets.

    >>> own_name("IRONWOOD STATE PRISON (ISP)"), own_name("FCI HERLONG")
    ('IRONWOOD', 'HERLONG')
    """
    words = plain(re.sub(r"\([^)]*\)", " ", name)).split()
    return "".join(word for word in words if not (_KIND.fullmatch(word) or tells_only_kind((word,))))


def _indexed(name: str, digest: str, layout: RegisterLayout, rows: Sequence[Mapping[str, str]]) -> Register:
    by_name: dict[tuple[str, str], set[str]] = defaultdict(set)
    by_town: dict[tuple[str, str], set[str]] = defaultdict(set)
    by_core: dict[tuple[str, str], set[str]] = defaultdict(set)
    levels: dict[tuple[str, str, str], str] = {}
    for row in rows:
        state = state_code(_STATES.get(row[layout.state], row[layout.state]))
        found = set(_counties_of(row, layout, state)) if state else set()
        if not state or not found:
            continue
        by_name[state, register_key(row[layout.name] or "")] |= found
        if layout.of_institutions and _is_institution(row[layout.name] or ""):
            by_core[state, own_name(row[layout.name] or "")] |= found
        level = _LEVELS.get(row[layout.level] or "", "") if layout.level else ""
        for code in found if level else ():
            for key in {register_key(row[layout.name] or ""), own_name(row[layout.name] or "")}:
                levels[state, key, code] = level if levels.get((state, key, code), level) == level else ""
        town = row[layout.city] if layout.city else _town_of(row, layout)
        if town:
            by_town[state, squeezed(town)] |= found
    return Register(
        name=name,
        sha256=digest,
        rows=len(rows),
        layout=layout.id,
        by_name={key: frozenset(found) for key, found in by_name.items()},
        by_town={key: frozenset(found) for key, found in by_town.items()},
        by_core={key: frozenset(found) for key, found in by_core.items()},
        levels=levels,
        by_code=_by_code(layout, rows),
    )


def _by_code(layout: RegisterLayout, rows: Sequence[Mapping[str, str]]) -> Mapping[str, CodedFacility]:
    said: dict[str, list[CodedFacility]] = defaultdict(list)
    for row in rows if layout.code else ():
        said[plain(row[layout.code or ""] or "")].append(
            CodedFacility(
                name=row[layout.name] or "",
                city=row[layout.city or ""] or "",
                state=state_code(row[layout.state] or "") or "",
            )
        )
    found = {
        code: CodedFacility(
            name=_agreed(each.name for each in known),
            city=_agreed(each.city for each in known),
            state=_agreed(each.state for each in known),
        )
        for code, known in said.items()
    }
    return {code: each for code, each in found.items() if code and each != CodedFacility()}


def _agreed(values: Iterable[str]) -> str:
    """Return the first of the values if all that say something say the same, in whatever spelling; else nothing."""
    spellings = {plain(value): value.strip() for value in reversed(list(values)) if value.strip()}
    return spellings.popitem()[1] if len(spellings) == 1 else ""


def _town_of(row: Mapping[str, str], layout: RegisterLayout) -> str | None:
    """Return the town that a register without a column of towns names its town police after."""
    return row[layout.name] if layout.level and row[layout.level] == "City" else None


def _counties_of(row: Mapping[str, str], layout: RegisterLayout, state: str) -> Iterator[str]:
    if layout.fips:
        code = county_of_vintage((row[layout.fips] or "").zfill(5))
        town = towns_in(state or "").get(squeezed(row[layout.city] or "")) if layout.city else None
        if code in counties() and counties()[code].state == state:
            yield code
        elif town is not None and len(town.counties) == 1:
            # Codes of later years, as Connecticut's planning regions, cross the counties: the town decides.
            yield town.counties[0][0]
        return
    for name in re.split(r"[;,]", row[layout.county] or "") if layout.county else ():
        for county in counties_by_name().get(state, {}).get(squeezed(name), ()):
            yield county.fips


def _is_institution(name: str) -> bool:
    return not _NOT_OWN_NAME.search(plain(name))


_KIND = re.compile(r"ASPC|MCF|MCI|D?DOC|ARK|CALIF|MINN|TENN|FOR|INDUSTRIAL|GLOBAL|UNITED|STATES|AUTHORITY|FLIGHTLINE")
_NOT_OWN_NAME = re.compile(r"\b(?:COUNTY|CO|PARISH|CITY|POLICE|SHERIFFS?|JAIL|LOCKUP)\b")

_LEVELS = {"STATE": "state", "FEDERAL": "federal", "COUNTY": "county", "LOCAL": "municipal", "MULTI": "regional"}
"""Who runs a place, as the registers of prisons and jails write it."""

_STATES = {"NB": "NE"}
"""Codes of registers that are not those of the Postal Service: the FBI's Nebraska."""

_WORDS = {
    "DEPT": "DEPARTMENT", "PD": "POLICEDEPARTMENT", "SO": "SHERIFFOFFICE", "CTR": "CENTER", "CNTR": "CENTER",
    "FAC": "FACILITY", "CORR": "CORRECTIONAL", "COR": "CORRECTIONAL", "CORREC": "CORRECTIONAL",
    "CORRECTIONS": "CORRECTIONAL", "INST": "INSTITUTION", "DET": "DETENTION", "CO": "COUNTY",
    "INSTITUTE": "INSTITUTION", "CF": "CORRECTIONALFACILITY", "CC": "CORRECTIONALCENTER",
    "CI": "CORRECTIONALINSTITUTION", "THE": "", "SHERIFFS": "SHERIFF", "ST": "SAINT", "FED": "FEDERAL",
    "FCI": "FEDERALCORRECTIONALINSTITUTION", "SCI": "STATECORRECTIONALINSTITUTION",
}  # fmt: skip
