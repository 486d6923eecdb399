"""Corrections by people: what somebody who looked has found out about a facility, which wins over every rule."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from detainer_ledger.places.gazetteer import counties, state_division
from detainer_ledger.places.placing import Facility, Placement, correction_key
from detainer_ledger.terms import JURISDICTION_LEVELS, BadInput, state_names

FILE_NAME = "overrides.csv"
"""The file of corrections in a store."""

COLUMNS = (
    "facility_name",
    "facility_city",
    "facility_state",
    "jurisdiction_id",
    "jurisdiction_name",
    "jurisdiction_level",
    "county_fips",
    "who",
    "when",
    "why",
)
"""Its columns. ``when`` is a day as YYYY-MM-DD; an answer without id, level and county says that it is nobody's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One correction: the facility, the answer, and who gave it, when and why."""

    facility: Facility
    placement: Placement
    who: str
    when: date
    why: str


def read_corrections(path: Path) -> tuple[Correction, ...]:
    """Read corrections from a CSV file in UTF-8; none where there is no such file.

    Raises BadInput for columns that are missing, a level, county or division that does not exist, a county of another
    state, a missing ``who``, ``when`` or ``why``, and two different answers for one facility.
    """
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        return ()
    except UnicodeDecodeError:
        raise BadInput("The corrections are not UTF-8 text.", file=path.name, do="save them as CSV in UTF-8.") from None
    except OSError as error:
        raise BadInput(
            f"The corrections cannot be read: {error.strerror}.", file=str(path), do="look at its permissions."
        ) from None
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        raise BadInput(
            f"The corrections lack {', '.join(missing)}.",
            file=path.name,
            row=1,
            do=f"give these columns: {', '.join(COLUMNS)}.",
        )
    found = tuple(_correction(row, path.name, number) for number, row in enumerate(reader, start=2))
    _refuse_contradictions(found, path.name)
    return found


def by_facility(corrections: tuple[Correction, ...]) -> Mapping[tuple[str, str, str], Placement]:
    """Return the answers by the key of their facility, as a Placer takes them."""
    return {correction_key(each.facility): each.placement for each in corrections}


def _correction(row: Mapping[str, str | None], file: str, number: int) -> Correction:
    value = {column: (row[column] or "").strip() for column in COLUMNS}
    for column in ("facility_name", "who", "when", "why"):
        if not value[column]:
            raise BadInput("A correction says nothing here.", file=file, row=number, column=column, do="fill it in.")
    try:
        when = date.fromisoformat(value["when"])
    except ValueError:
        raise BadInput(
            "This is no day.",
            file=file,
            row=number,
            column="when",
            do="write it as YYYY-MM-DD, for example 2026-01-31.",
        ) from None
    _check_answer(value, file, number)
    name = value["jurisdiction_name"] or _name_of(value["jurisdiction_id"])
    facility = Facility(name=value["facility_name"], city=value["facility_city"], state=value["facility_state"])
    placement = Placement(
        jurisdiction_id=value["jurisdiction_id"] or None,
        jurisdiction_name=name or None,
        level=value["jurisdiction_level"] or None,
        county_fips=value["county_fips"] or None,
        confidence=1.0,
        rule="correction",
        reason=f"Corrected by {value['who']} on {when}: {value['why']}",
    )
    return Correction(facility=facility, placement=placement, who=value["who"], when=when, why=value["why"])


def _check_answer(value: Mapping[str, str], file: str, number: int) -> None:
    level, code, division = value["jurisdiction_level"], value["county_fips"], value["jurisdiction_id"]
    if level and level not in JURISDICTION_LEVELS:
        raise BadInput(
            "There is no such level.",
            file=file,
            row=number,
            column="jurisdiction_level",
            do=f"use one of {', '.join(JURISDICTION_LEVELS)}.",
        )
    if code and code not in counties():
        raise BadInput(
            "There is no county of this code.", file=file, row=number, column="county_fips", do="write 06037, for one."
        )
    if division and division != "ocd-division/country:us" and not division.startswith(tuple(_state_divisions())):
        raise BadInput(
            "This is no Open Civic Data division of a state.",
            file=file,
            row=number,
            column="jurisdiction_id",
            do="write ocd-division/country:us/state:ca/county:los_angeles, for one.",
        )


def _state_divisions() -> Iterator[str]:
    return (state_division(state) for state in state_names())


def _name_of(division: str) -> str:
    if not division:
        return ""
    county = next((each for each in counties().values() if each.division == division), None)
    if county is not None:
        return f"{county.full_name}, {county.state}"
    last = division.rsplit(":", 1)[-1]
    return {"us": "United States"}.get(last, state_names().get(last.upper(), last.replace("_", " ").title()))


def _refuse_contradictions(found: tuple[Correction, ...], file: str) -> None:
    seen: dict[tuple[str, str, str], tuple[int, Placement]] = {}
    for number, each in enumerate(found, start=2):
        key = correction_key(each.facility)
        before = seen.setdefault(key, (number, each.placement))
        answer, other = each.placement, before[1]
        if (answer.jurisdiction_id, answer.level, answer.county_fips) != (
            other.jurisdiction_id,
            other.level,
            other.county_fips,
        ):
            raise BadInput(
                f"This facility is corrected to something else in row {before[0]}.",
                file=file,
                row=number,
                do="keep the one that is right.",
            )
