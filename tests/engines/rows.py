"""A generated detainers table, the same in every run: all outcomes, nulls, repeats, two releases, awkward names."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from detainer_ledger.terms import DETAINERS

Row = dict[str, Any]

RELEASE_ONE = "o'brien-2015"
RELEASE_TWO = "two-2017"
SPANS = {
    RELEASE_ONE: (date(2013, 1, 1), date(2015, 8, 31)),
    RELEASE_TWO: (date(2014, 6, 1), date(2017, 5, 31)),
}
"""First and last issue dates. Six months before each last one is a day that its month does not have."""

LONG_NAME = "A JAIL WITH A VERY LONG NAME " * 120

AT, OVER, OVER_WITH_REPEATS = "EXACTLY ONE HUNDRED JAIL", "HUNDRED AND ONE JAIL", "HUNDRED AND ONE WITH REPEATS JAIL"
ABOVE = (AT, OVER, OVER_WITH_REPEATS)
"""Facilities with 100 detainers, with 101, and with 101 of which three repeat others."""

OUTCOMES: tuple[tuple[str, str, str | None, int], ...] = (
    ("taken_into_custody", "booked", "booked_into_detention", 20),
    ("taken_into_custody", "linked_stay", None, 2),
    ("declined_by_agency", "recorded_declined", "detainer_declined_by_lea", 12),
    ("declined_by_agency", "later_custody", "detainer_declined_by_lea", 2),
    ("released_before_pickup", "insufficient_notice", "insufficient_notice_to_ice", 3),
    ("released_before_pickup", "early_release", "early_release", 2),
    ("withdrawn_by_ice", "case_closed", "case_closed", 5),
    ("withdrawn_by_ice", "us_citizen", "united_states_citizen_interviewed", 2),
    ("transferred", "transferred", "transferred", 3),
    ("superseded_or_duplicate", "superseded", "superseding_new_form_issued", 4),
    ("superseded_or_duplicate", "duplicate", "duplicate", 2),
    ("pending_or_unrecorded", "blank", None, 25),
    ("pending_or_unrecorded", "redacted", None, 2),
    ("other", "died", "died", 1),
    ("other", "unmapped", None, 4),
)
"""Outcome, detail, lift reason, and how often."""

FACILITIES: tuple[tuple[str | None, str | None, str | None, str | None, str | None, int], ...] = (
    ("BERKS COUNTY PRISON", "LEESPORT", "PA", "ocd-division/country:us/state:pa/county:berks", "county", 30),
    ("FRANKLIN COUNTY JAIL", "CHAMBERSBURG", "PA", "ocd-division/country:us/state:pa/county:franklin", "county", 8),
    ("FRANKLIN COUNTY JAIL", "COLUMBUS", "OH", "ocd-division/country:us/state:oh/county:franklin", "county", 8),
    (
        "LOS ANGELES COUNTY JAIL",
        "LOS ANGELES",
        "CA",
        "ocd-division/country:us/state:ca/county:los_angeles",
        "county",
        40,
    ),
    ("USP ALLENWOOD", "WHITE DEER", "PA", "ocd-division/country:us", "federal", 12),
    ("CCA PRIVATE PRISON", "ELOY", "AZ", None, "private", 6),
    ("ATTRIBUTED, LEVEL UNKNOWN", "ALBANY", "NY", "ocd-division/country:us/state:ny", None, 8),
    ("OTHER-OTHER FACILITY", None, None, None, None, 20),
    (None, None, "CA", None, None, 4),
    ("O'BRIEN CO. JAIL", "PRIMGHAR", "IA", "ocd-division/country:us/state:ia/county:o~brien", "county", 6),
    ('THE "OLD" JAIL', "", "TX", None, "municipal", 6),
    ("NORTH\\NEW JAIL\\", "NOWHERE", "TX", None, None, 6),
    ("${HOME} %s {0} :x JAIL", "NOWHERE", "TX", None, None, 6),
    ("CÁRCEL DE DOÑA ANA – 監獄 \U0001f3db", "LAS CRUCES", "NM", None, "county", 6),
    ("=cmd|'/c calc'!A1", "-1", "TX", None, None, 3),
    (LONG_NAME, "X" * 300, "TX", None, "state", 5),
    ("berks county prison", "leesport", "PA", None, "county", 3),
)
"""Name, city, state, jurisdiction, level, and how often. Two are homonyms, two differ in capitals alone."""

FORMS = ("I-247", "I-247", "I-247", "I-247D", "I-247N", "I-247X", "I-247A", "I-247G", "unknown", None)

COLUMNS = tuple(
    column
    for column in DETAINERS
    if column.name
    in {
        *("detainer_id", "release_id", "issued_on", "issued_year", "issued_fiscal_year", "issued_month", "form"),
        *("facility_name", "facility_code", "facility_city", "facility_state", "area_of_responsibility"),
        *("lift_reason", "lifted_on", "criminality", "threat_level", "citizenship_country", "gender"),
        *("duplicate_kind", "jurisdiction_id", "jurisdiction_name", "jurisdiction_level", "county_fips"),
        *("outcome", "outcome_detail", "outcome_basis", "quality"),
    }
)
"""The columns of the detainers table that a measure can ask for."""


def generated_rows(count: int = 3_300, seed: int = 29_269) -> list[Row]:
    """Return ``count`` rows and those of the facilities ABOVE."""
    draw = random.Random(seed)
    rows = [_row(draw, number) for number in range(count)]
    for name, size, repeats in ((AT, 100, 0), (OVER, 101, 0), (OVER_WITH_REPEATS, 101, 3)):
        for number in range(size):
            kind = "exact" if number < repeats else None
            row = _row(draw, len(rows)) | {"facility_name": name, "facility_state": "WA", "duplicate_kind": kind}
            rows.append(row)
    for place, (release, (first, last)) in enumerate(SPANS.items()):
        rows[2 * place] |= {"release_id": release} | days(first)
        rows[2 * place + 1] |= {"release_id": release} | days(last)
    return rows


def days(issued: date | None) -> Row:
    """Return the columns that say when a detainer was issued."""
    if issued is None:
        return dict.fromkeys(("issued_on", "issued_year", "issued_fiscal_year", "issued_month"))
    return {
        "issued_on": issued,
        "issued_year": issued.year,
        "issued_fiscal_year": issued.year + (issued.month > 9),
        "issued_month": issued.isoformat()[:7],
    }


def _row(draw: random.Random, number: int) -> Row:
    release = draw.choice((RELEASE_ONE, RELEASE_TWO))
    first, last = SPANS[release]
    issued = None if draw.random() < 0.03 else first + timedelta(days=draw.randint(0, (last - first).days))
    outcome, detail, reason, _ = draw.choices(OUTCOMES, [weight for *_, weight in OUTCOMES])[0]
    name, city, state, jurisdiction, level, _ = draw.choices(FACILITIES, [weight for *_, weight in FACILITIES])[0]
    lifted = issued and issued + timedelta(days=draw.randint(0, 300))
    return {
        "detainer_id": f"{release}/sheet/{number + 2}",
        "release_id": release,
        **days(issued),
        "form": draw.choice(FORMS),
        "facility_name": name,
        "facility_code": name and f"{len(name):03}{name[:2]}",
        "facility_city": city,
        "facility_state": state,
        "area_of_responsibility": draw.choice(("PHILADELPHIA", "LOS ANGELES", "", None)),
        "lift_reason": reason,
        "lifted_on": lifted if outcome != "pending_or_unrecorded" and draw.random() < 0.5 else None,
        "criminality": draw.choice(("1 CONVICTED CRIMINAL", "2 PENDING CHARGES", None)),
        "threat_level": draw.choice(("1", "2", "3", None)),
        "citizenship_country": draw.choice(("MEXICO", "CÔTE D'IVOIRE", None)),
        "gender": draw.choice(("Male", "Female", "Unknown", None)),
        "duplicate_kind": draw.choices(("exact", "likely", None), (3, 4, 93))[0],
        "jurisdiction_id": jurisdiction,
        "jurisdiction_name": jurisdiction and jurisdiction.rpartition(":")[2].replace("_", " ").title(),
        "jurisdiction_level": level,
        "county_fips": draw.choice(("42011", "06037", None)),
        "outcome": outcome,
        "outcome_detail": detail,
        "quality": draw.choice((None, [], ["record/corrected"], ["date/bulk-entry", "policy/overridden"])),
        "outcome_basis": "none" if outcome == "pending_or_unrecorded" else "linked" if not reason else "recorded",
    }
