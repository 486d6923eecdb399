"""Figures by jurisdiction and county, and what is known of the attribution that they rest on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from detainer_ledger.places import (
    CORRECTIONS_FILE,
    Agreement,
    agreements_by_jurisdiction,
    agreements_in,
    counties,
    read_corrections,
    reference_folder,
)
from detainer_ledger.reports.columns import DECLINED, DENOMINATOR, DETAINERS, RATES, note_under, without_small_shares
from detainer_ledger.reports.reading import MIN_N, Reading
from detainer_ledger.reports.value import Column, Kind, ReportTable, table_of
from detainer_ledger.terms import state_names

TOP = 25
"""So many jurisdictions, and so many facilities without one, are listed in page and PDF."""

_PLACEHOLDER = "list_contains(quality, 'facility/placeholder')"
_FACILITY = "facility_name, facility_city, facility_state"
_DECLINED = "outcome = 'declined_by_agency'"
_UNATTRIBUTED = "Not attributed"

_LEVELS = {
    "federal": "Federal: Marshals, Bureau of Prisons",
    "ice": "ICE itself: hold rooms, processing centers",
    "state": "State: prisons, state systems of jails",
    "county": "County: jails and sheriffs",
    "municipal": "Municipal: police and city jails",
    "regional": "Regional: jails of several counties",
    "tribal": "Tribal",
    "private": "Private operators",
    "hospital": "Hospitals",
    "other": "Other: hotels, shelters",
    None: _UNATTRIBUTED,
}

_N = Column("share_of_detainers", "Of all detainers", "Detainers as a share of all.", Kind.SHARE, "1")


def jurisdiction_tables(reading: Reading) -> tuple[ReportTable, ...]:
    """Return the tables of jurisdictions, counties, areas, and of how far the detainers are attributed."""
    rows = _rows(reading, "jurisdiction", "jurisdiction_name", "jurisdiction_level")
    last = reading.end or reading.rows("MAX(issued_on)")[0][0] or date.max
    agreements = agreements_by_jurisdiction(agreements_in(reference_folder()), last)
    for row in rows:
        row["agreements"] = _agreements(agreements.get(row["jurisdiction"] or "", ()))
    return (
        _jurisdictions(rows, "jurisdictions", "Every jurisdiction", None),
        _jurisdictions(rows, "jurisdictions_declines", "Jurisdictions with the most recorded declines", TOP),
        _counties(reading),
        _areas(reading),
        _levels(reading),
        _states(reading),
        _range(reading),
        _unattributed(reading),
        _corrections(reading),
        _registers(reading),
    )


def _agreements(found: Sequence[Agreement]) -> str | None:
    """Return the agreements of a jurisdiction in words, each model once with its first day."""
    first: dict[str, str] = {}
    for each in found:
        first.setdefault(each.model, f"{each.model} ({each.signed or f'seen {each.first_seen}'})")
    return ", ".join(first.values()) or None


def _rows(reading: Reading, *by: str) -> list[dict[str, Any]]:
    return [dict(row) for row in reading.figures(*by).rows]


def _jurisdictions(rows: Iterable[dict[str, Any]], table_id: str, title: str, most: int | None) -> ReportTable:
    known = [row for row in rows if row["jurisdiction"] is not None and (most is None or row["declined"])]
    ordered = sorted(known, key=lambda row: (-row["declined"], -row["detainers"], row["jurisdiction"]))
    return table_of(
        table_id,
        title,
        "Governments that run the places to which detainers were sent, by Open Civic Data division.",
        (
            Column("jurisdiction_name", "Jurisdiction", "Name of the jurisdiction.", Kind.TEXT),
            Column("jurisdiction_level", "Level", "Who runs the place.", Kind.CODE),
            Column("jurisdiction", "Division", "Open Civic Data division id.", Kind.CODE, under="jurisdiction_name"),
            DETAINERS,
            DECLINED,
            DENOMINATOR,
            *RATES,
            Column(
                "agreements",
                "287(g):",
                "Agreements under section 287(g) that began by the end of the period, with the day of signature.",
                Kind.TEXT,
                under="jurisdiction_name",
            ),
            note_under("jurisdiction_name"),
        ),
        [without_small_shares(row) for row in ordered[:most]],
        note=(
            "A facility is attributed by its name, city and state, with the confidence that the method tells. Private"
            " places, regional jails, hospitals and hotels have a level but no one government. Shares among fewer than"
            f" {MIN_N} are not shown. Every jurisdiction is in tables/jurisdictions.csv, every county in"
            " tables/counties.csv."
        ),
        empty="No decline is attributed to a jurisdiction.",
    )


def _counties(reading: Reading) -> ReportTable:
    rows = [row for row in _rows(reading, "county_fips") if row["county_fips"] in counties()]
    records = [
        {
            **without_small_shares(row),
            "county": counties()[row["county_fips"]].full_name,
            "state": counties()[row["county_fips"]].state,
        }
        for row in sorted(rows, key=lambda row: row["county_fips"])
    ]
    return table_of(
        "counties",
        "Counties",
        "Detainers by the county where the facility stands, whoever runs it.",
        (
            Column("county_fips", "Code", "Five-digit county code of 2018.", Kind.CODE),
            Column("county", "County", "Name of the county.", Kind.TEXT),
            Column("state", "State", "USPS code of the state.", Kind.CODE),
            DETAINERS,
            DECLINED,
            DENOMINATOR,
            *RATES,
            note_under("county"),
        ),
        records,
        note=(
            "Where a facility stands is not who runs it: a state prison or a Marshals' hold counts in its county."
            f" Shares among fewer than {MIN_N} are not shown."
        ),
        empty="No detainer is attributed to a county.",
    )


def _areas(reading: Reading) -> ReportTable:
    totals: dict[str, list[int]] = {}
    for row in _rows(reading, "county_fips"):
        county = counties().get(row["county_fips"] or "")
        area = (county.area if county else None) or ""
        found = totals.setdefault(area, [0, 0])
        found[0] += row["detainers"]
        found[1] += row["declined"]
    return table_of(
        "areas_of_responsibility",
        "ICE areas of responsibility",
        "Detainers by the ICE area in which the county of the facility lies.",
        (
            Column("area", "Area", "Code of ICE's area of responsibility, of 2017 to 2023.", Kind.CODE),
            DETAINERS,
            DECLINED,
            note_under("area"),
        ),
        [
            {"area": area or None, "detainers": n, "declined": declined, "note": None if area else "county not known"}
            for area, (n, declined) in sorted(totals.items(), key=lambda each: (not each[0], -each[1][0], each[0]))
        ],
    )


def _levels(reading: Reading) -> ReportTable:
    rows = {row["jurisdiction_level"]: row for row in _rows(reading, "jurisdiction_level")}
    whole = sum(row["detainers"] for row in rows.values())
    return table_of(
        "attribution_levels",
        "Who runs the places",
        "Detainers by the level that runs the facility, and those for which that is not decided.",
        (
            Column("level", "Level", "Who runs the place.", Kind.TEXT),
            DETAINERS,
            _N,
            DECLINED,
        ),
        [
            {
                "level": words,
                "detainers": rows[level]["detainers"],
                "share_of_detainers": rows[level]["detainers"] / whole if whole else None,
                "declined": rows[level]["declined"],
            }
            for level, words in _LEVELS.items()
            if level in rows
        ],
        note="Detainers that are not attributed stay in every figure.",
    )


def _states(reading: Reading) -> ReportTable:
    found = reading.rows(
        "facility_state, count(*), count(county_fips), count(jurisdiction_level),"
        f" count(*) FILTER (WHERE {_PLACEHOLDER})",
        where="duplicate_kind IS NULL",
        group="facility_state",
    )
    names = state_names()
    return table_of(
        "attribution_states",
        "How much is attributed, by state",
        "Detainers whose county, and whose level, is decided, by the state as published.",
        (
            Column("state", "State", "State as published.", Kind.TEXT),
            Column("detainers", "Detainers", "Detainers, without repeats.", Kind.COUNT, "detainers"),
            Column("with_county", "County known", "Those whose county is decided.", Kind.SHARE, "1"),
            Column("with_level", "Level known", "Those for which it is decided who runs the place.", Kind.SHARE, "1"),
            Column("placeholder", "At placeholders", "Those sent to a placeholder.", Kind.COUNT, "detainers"),
        ),
        [
            {
                "state": names.get(state, state) if state else "State not stated",
                "detainers": n,
                "with_county": counted / n,
                "with_level": levelled / n,
                "placeholder": placeholder,
            }
            for state, n, counted, levelled, placeholder in sorted(
                found, key=lambda row: (row[0] is None, -row[1], row[0] or "")
            )
        ],
    )


def _range(reading: Reading) -> ReportTable:
    """Return the range of the number of declining jurisdictions."""
    where = f"duplicate_kind IS NULL AND {_DECLINED}"
    known = {
        row[0]: row[1]
        for row in reading.rows(
            "jurisdiction_id, count(*)", where=f"{where} AND jurisdiction_id IS NOT NULL", group="jurisdiction_id"
        )
    }
    own = reading.rows(
        f"{_FACILITY}, count(*), any_value({_PLACEHOLDER})",
        where=f"{where} AND jurisdiction_id IS NULL",
        group=_FACILITY,
    )
    places = [row[3] for row in own if not row[4] and row[0] is not None]
    holders = [row[3] for row in own if row[4] or row[0] is None]
    steps = (
        ("least: jurisdictions that are known", len(known), sum(known.values())),
        (
            "most: and every facility without one its own",
            len(known) + len(places),
            sum(known.values()) + sum(places),
        ),
        (
            "the same, and every placeholder of a city its own",
            len(known) + len(places) + len(holders),
            sum(known.values()) + sum(places) + sum(holders),
        ),
    )
    return table_of(
        "range_of_declining_jurisdictions",
        "How many jurisdictions declined",
        "Jurisdictions with at least one recorded decline. The number is not known better than this.",
        (
            Column("count", "Counted", "What is counted as a jurisdiction.", Kind.TEXT),
            Column("jurisdictions", "Jurisdictions", "Those with a decline.", Kind.COUNT, "jurisdictions"),
            Column("declined", "Declines", "Declines that stand behind the number.", Kind.COUNT, "detainers"),
            Column("declined_share", "Of all declines", "As a share of all declines.", Kind.SHARE, "1"),
        ),
        [
            {
                "count": words,
                "jurisdictions": number,
                "declined": declines,
                "declined_share": declines / steps[2][2] if steps[2][2] else None,
            }
            for words, number, declines in steps
        ],
        note=(
            "Federal places count as one jurisdiction. A placeholder such as OTHER-OTHER FACILITY stands for any number"
            " of agencies: the last line is not a bound, and shows how much rests on such names."
        ),
    )


def _unattributed(reading: Reading) -> ReportTable:
    found = reading.rows(
        f"{_FACILITY}, count(*), count(*) FILTER (WHERE {_DECLINED}), any_value(county_fips), any_value(match_reason)",
        where="duplicate_kind IS NULL AND jurisdiction_id IS NULL AND facility_name IS NOT NULL",
        group=_FACILITY,
    )
    ordered = sorted(found, key=lambda row: (-row[3], -row[4], *(str(cell) for cell in row[:3])))
    return table_of(
        "unattributed_facilities",
        "Facilities without a jurisdiction that would change most",
        f"The first {TOP} by detainers; 'detainer resolve --review' lists all.",
        (
            Column("facility", "Facility", "Facility as published.", Kind.RAW),
            Column("facility_city", "City", "City as published.", Kind.RAW, under="facility"),
            Column("state", "State", "USPS code of the state.", Kind.CODE),
            Column("county_fips", "County", "Code of the county, where that is decided.", Kind.CODE),
            Column("detainers", "Detainers", "Detainers, without repeats.", Kind.COUNT, "detainers"),
            Column("declined", "Declined", "Recorded declines.", Kind.COUNT, "detainers"),
            Column("reason", "Why", "Why no jurisdiction is given.", Kind.TEXT, under="facility"),
        ),
        [
            {
                "facility": name,
                "facility_city": city,
                "state": state,
                "county_fips": county,
                "detainers": n,
                "declined": declined,
                "reason": reason,
            }
            for name, city, state, n, declined, county, reason in ordered[:TOP]
        ],
        empty="Every facility has a jurisdiction.",
    )


def _corrections(reading: Reading) -> ReportTable:
    return table_of(
        "corrections",
        "Corrections by people",
        "What somebody who looked has found out about a facility; it wins over every rule.",
        (
            Column("facility", "Facility", "Facility as published.", Kind.RAW),
            Column("facility_city", "City", "City as published.", Kind.RAW, under="facility"),
            Column("state", "State", "State as published.", Kind.CODE),
            Column("jurisdiction", "Jurisdiction", "Open Civic Data division id.", Kind.CODE),
            Column("level", "Level", "Who runs the place.", Kind.CODE),
            Column("county_fips", "County", "Code of the county.", Kind.CODE),
            Column("who", "Who", "Who corrected it.", Kind.TEXT),
            Column("when", "When", "The day of the correction.", Kind.DAY),
            Column("why", "Why", "What the correction rests on.", Kind.TEXT, under="who"),
        ),
        [
            {
                "facility": each.facility.name,
                "facility_city": each.facility.city,
                "state": each.facility.state,
                "jurisdiction": each.placement.jurisdiction_id,
                "level": each.placement.level,
                "county_fips": each.placement.county_fips,
                "who": each.who,
                "when": each.when,
                "why": each.why,
            }
            for each in read_corrections(reading.store / CORRECTIONS_FILE)
        ],
        empty="The store has no corrections.",
    )


def _registers(reading: Reading) -> ReportTable:
    used: dict[tuple[str, str], dict[str, Any]] = {}
    for manifest in reading.manifests:
        for register in (manifest.get("places") or {}).get("registers", ()):
            used[register["name"], register["sha256"]] = register
    return table_of(
        "registers",
        "Registers of agencies that were used",
        "Registers of the user by which facilities were placed, besides the program's own tables.",
        (
            Column("name", "File", "Name of the file.", Kind.RAW),
            Column("layout", "Layout", "What kind of register it is.", Kind.CODE),
            Column("rows", "Agencies", "Rows of the register.", Kind.COUNT, "agencies"),
            Column("sha256", "SHA-256", "Digest of the file.", Kind.CODE, under="name"),
        ),
        _ordered(used.values()),
        empty="None; more would be attributed with one.",
    )


def _ordered(registers: Iterable[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    return sorted(registers, key=lambda register: str(register["name"]))
