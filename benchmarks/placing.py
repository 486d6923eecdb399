"""Tasks of placing: distinct names a second against a register, and a file of 600,000 rows as a process."""

from __future__ import annotations

import csv
import random
from pathlib import Path

from benchmarks.measuring import Outcome, Task, best_of, detainer, process, python, seconds
from detainer_ledger.places import Facility, Placer, counties, read_register, towns_in
from detainer_ledger.places.names import plain
from detainer_ledger.terms import state_names

AGENCIES = 18_000
DISTINCT = 20_000
NAMES_A_SECOND = 5_000
ROWS = 600_000


def _facilities(count: int) -> list[Facility]:
    """Make distinct facilities of a realistic shape; one in ten is misspelt, one in four has no city."""
    chosen = random.Random(11)
    towns = [town for state in state_names() for town in towns_in(state).values()]
    places = list(counties().values())
    kinds = ("POLICE DEPT.", "CITY JAIL", "CORR. FACILITY", "HOLD ROOM", "DET. CENTER", "F.C.I.")
    found: dict[Facility, None] = {}
    while len(found) < count:
        if chosen.random() < 0.5:
            county = chosen.choice(places)
            name, city, state = f"{county.name.upper()} COUNTY JAIL", "", county.state
        else:
            town = chosen.choice(towns)
            name, city, state = f"{town.name} {chosen.choice(kinds)}", town.name, town.state
        if chosen.random() < 0.1:
            at = chosen.randrange(len(name) - 1)
            name = name[:at] + name[at + 1 :]
        city = "" if chosen.random() < 0.25 else city
        found[Facility(name=f"{name} {len(found) % 97}", city=city, state=state)] = None
    return list(found)


def _register(data: Path) -> Path:
    path = data / "register.csv"
    if not path.exists():
        chosen = random.Random(12)
        towns = [town for state in state_names() for town in towns_in(state).values()]
        with path.open("w", encoding="utf-8", newline="") as opened:
            writer = csv.writer(opened)
            writer.writerow(("name", "city", "state", "county_fips"))
            for town in chosen.sample(towns, AGENCIES):
                writer.writerow((f"{town.name} POLICE DEPARTMENT", town.name, town.state, town.counties[0][0]))
    return path


def distinct_names(data: Path) -> Outcome:
    """Placing 20,000 distinct names against a register of 18,000 agencies; the floor takes their words apart alone."""
    facilities = _facilities(DISTINCT)
    placer = Placer(registers=(read_register(_register(data)),))
    placer.place(facilities[0])
    floor, ours = best_of(
        1,
        lambda: seconds(lambda: [plain(each.name) for each in facilities]),
        lambda: seconds(lambda: placer.place_all(facilities)),
    )
    return Outcome(floor=floor, ours=ours, times=0, plus=DISTINCT / NAMES_A_SECOND)


_COPY = """
import csv, sys
with open(sys.argv[1], newline="") as given, open(sys.argv[2], "w", newline="") as out:
    csv.writer(out).writerows(csv.reader(given))
"""


def rows_600k(data: Path) -> Outcome:
    """A file of 600,000 rows and 4,000 distinct facilities as a process; the floor copies its rows."""
    source = data / "facilities-600k.csv"
    if not source.exists():
        facilities = _facilities(4_000)
        with source.open("w", encoding="utf-8", newline="") as opened:
            writer = csv.writer(opened)
            writer.writerow(("facility_name", "city", "state"))
            for number in range(ROWS):
                each = facilities[number * 7919 % len(facilities)]
                writer.writerow((each.name, each.city, each.state))
    target = data / "facilities-600k-placed.csv"
    memory: list[float] = []
    floor, ours = best_of(
        3,
        lambda: process(python(_COPY, str(source), str(target))),
        lambda: process(detainer("resolve", str(source), "--out", str(target)), sink=memory),
    )
    return Outcome(floor=floor, ours=ours, times=0, plus=3.0, largest_mb=max(memory), most_mb=400)


TASKS = (Task(name="place-names-20k", run=distinct_names), Task(name="place-rows-600k", run=rows_600k))
"""Tasks of this module."""
