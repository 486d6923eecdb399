"""Build the gazetteer of ``src/detainer_ledger/places/reference`` from public packages.

    python reference/build.py FOLDER

``FOLDER`` holds, unpacked, the packages that ``reference/README.md`` names. The tables are committed: this is run again
only to renew or to check them. It needs no network.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import re
import sys
import unicodedata
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

COARSEST = 9
"""Points nearer to the one before than this, in tenths of a unit, are left out."""

TARGET = Path(__file__).parents[1] / "src" / "detainer_ledger" / "places" / "reference"

KINDS = (
    (" County", "county"),
    (" Parish", "parish"),
    (" Borough", "borough"),
    (" Census Area", "census_area"),
    (" Municipality", "borough"),
    (" Municipio", "municipio"),
    (" Island", "island"),
    (" city", "city"),
)

# The changes are those of the Census Bureau's notes on substantial changes to counties and county equivalents.
# code: (in force from, in force to, codes of the successors)
CHANGES = {
    "02063": ("2019-01-02", "", ""),
    "02066": ("2019-01-02", "", ""),
    "02261": ("", "2019-01-01", "02063|02066"),
    "02270": ("", "2015-06-30", "02158"),
    "02158": ("2015-07-01", "", ""),
    "46113": ("", "2015-04-30", "46102"),
    "46102": ("2015-05-01", "", ""),
    "51515": ("", "2013-06-30", "51019"),
    "51560": ("", "2001-06-30", "51005"),
    "51780": ("", "1995-06-30", "51083"),
    "12025": ("", "1997-07-21", "12086"),
    "12086": ("1997-07-22", "", ""),
    "30113": ("", "1997-11-06", "30031|30067"),
    "08014": ("2001-11-15", "", ""),
    "02201": ("", "2008-05-18", "02198|02130"),
    "02232": ("", "2007-06-19", "02105|02230"),
    "02231": ("", "1992-09-21", "02232|02282"),
    "02280": ("", "2008-05-31", "02195|02275"),
}


def main() -> None:
    """Write the tables of counties and of towns."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--areas", type=Path, help="county_aor.csv: population and ICE area of each county")
    given = parser.parse_args()
    counties = list(_counties(given.folder, _areas(given.areas)))
    _write("counties.csv", counties)
    _write("towns.csv", list(_towns(given.folder, counties)))
    _write_shapes(given.folder)


def _areas(path: Path | None) -> dict[str, tuple[str, str]]:
    if path is None:
        return {row["county_fips"]: (row["population"], row["area"]) for row in _read(TARGET / "counties.csv")}
    return {row["geoid"]: (row["estimate"], row["aor"]) for row in _read(path)}


def _counties(folder: Path, areas: dict[str, tuple[str, str]]) -> Iterator[dict[str, str]]:
    with zipfile.ZipFile(next(folder.glob("pygris-*.whl"))) as wheel:
        text = wheel.read("pygris/internals/fips_codes.csv").decode()
    for row in csv.DictReader(io.StringIO(text)):
        code = row["state_code"] + row["county_code"]
        name, kind = next(
            ((row["county"].removesuffix(end), kind) for end, kind in KINDS if row["county"].endswith(end)),
            (row["county"], "city"),
        )
        name = name.removesuffix(" City and")
        population, area = areas.get(code, ("", ""))
        valid_from, valid_to, successors = CHANGES.get(code, ("", "", ""))
        yield {
            "county_fips": code,
            "state": row["state"],
            "name": name,
            "kind": kind,
            "population": population,
            "area": area,
            "valid_from": valid_from,
            "valid_to": valid_to,
            "successors": successors,
        }


def _towns(folder: Path, counties: list[dict[str, str]]) -> Iterator[dict[str, str]]:
    import zipcodes

    in_force = [row for row in counties if not row["valid_to"] or row["valid_to"] > "2016"]
    code_of = {(row["state"], _key(row["name"])): row["county_fips"] for row in in_force}
    code_of |= {(row["state"], _key(_full_name(row))): row["county_fips"] for row in in_force}
    touched = defaultdict(set)
    for row in _read(folder / "package" / "resources" / "zip_fips_county_code_and_state.csv"):
        touched[row["zip"]].add(row["fips"].zfill(5))
    known = {row["county_fips"] for row in counties}
    main: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    used: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    edges: dict[tuple[str, str], set[str]] = defaultdict(set)
    unknown = Counter()
    for entry in zipcodes.list_all():
        if not entry["county"]:
            continue
        code = code_of.get((entry["state"], _key(entry["county"])))
        around = {each for each in touched[entry["zip_code"]] if each in known}
        if code is None and len(around) == 1:
            code = around.pop()
        if code is None:
            unknown[entry["state"], entry["county"]] += 1
            continue
        weight = 1 if entry["zip_code_type"] in {"UNIQUE", "MILITARY"} else 3
        for name in [entry["city"], *entry["acceptable_cities"]]:
            town = (entry["state"], re.sub(r"[^A-Z0-9 ]+", "", name.upper().replace("-", " ")).strip())
            # Where a town's name may merely be used for another's addresses, it only reaches.
            (main if name == entry["city"] else used)[town][code] += weight
            edges[town] |= touched[entry["zip_code"]] & known
    sys.stdout.write(f"counties without a code: {dict(unknown)}\n")
    for state, town in sorted(edges):
        weights = main[state, town] or used[state, town]
        edges[state, town] |= set(used[state, town])
        if town:
            yield {
                "state": state,
                "town": town,
                "counties": "|".join(f"{code}:{weight}" for code, weight in weights.most_common()),
                "touches": "|".join(sorted(edges[state, town] - set(weights))),
            }


def _write_shapes(folder: Path) -> None:
    """Write the outlines of counties and states as paths on a plane of 975 by 610, coordinates in whole tenths.

    The source is projected already (Albers, Alaska and Hawaii moved); territories are not in it.
    """
    topology = json.loads((folder / "atlas" / "counties-albers-10m.json").read_text())
    scale, move = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        points: list[tuple[int, int]] = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            point = (round((x * scale[0] + move[0]) * 10), round((y * scale[1] + move[1]) * 10))
            if not points or abs(point[0] - points[-1][0]) + abs(point[1] - points[-1][1]) > COARSEST:
                points.append(point)
        last = (round((x * scale[0] + move[0]) * 10), round((y * scale[1] + move[1]) * 10))
        arcs.append([*points[:-1], last] if len(points) > 1 else [*points, last])
    shapes = {
        kind: {each["id"]: _rings(each, arcs) for each in topology["objects"][kind]["geometries"]}
        for kind in ("counties", "states")
    }
    text = json.dumps(shapes, separators=(",", ":"), sort_keys=True)
    (TARGET / "shapes.json.gz").write_bytes(gzip.compress(text.encode(), mtime=0))


def _rings(geometry: dict[str, Any], arcs: list[list[tuple[int, int]]]) -> list[list[int]]:
    polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    rings = []
    for polygon in polygons:
        for ring in polygon:
            points: list[tuple[int, int]] = []
            for number in ring:
                part = arcs[number] if number >= 0 else arcs[~number][::-1]
                points += part[1:] if points else part
            if len(points) > 3:
                rings.append([value for point in points for value in point])
    return rings


def _full_name(row: dict[str, str]) -> str:
    ends = {kind: end for end, kind in reversed(KINDS)}
    return row["name"] + ends[row["kind"]]


def _key(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.lower()).replace("saint ", "st. ")
    plain = plain.replace("city and borough", "borough").replace("municipality", "borough")
    return re.sub(r"[^a-z]", "", plain)


def _read(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as opened:
        yield from csv.DictReader(opened)


def _write(name: str, rows: list[dict[str, str]]) -> None:
    with (TARGET / name).open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    sys.stdout.write(f"{name}: {len(rows):,} rows\n")


if __name__ == "__main__":
    main()
