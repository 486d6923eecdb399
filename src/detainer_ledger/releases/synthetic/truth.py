"""The truth of a synthetic release: what a right reading of it has to count, from the logical table alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from detainer_ledger.releases.synthetic.cells import Cells
from detainer_ledger.releases.synthetic.logic import BLANK, BULK_STATE, HEADER, RECORD, Logic, territory_codes
from detainer_ledger.releases.synthetic.plan import Plan, Sheet
from detainer_ledger.releases.synthetic.roles import BLANK_ROW, EXACT, LIKELY, REPEATED_HEADER, Roster
from detainer_ledger.releases.synthetic.words import SYNTHETIC_NOTE, vocabulary
from detainer_ledger.tables import literal
from detainer_ledger.terms import Outcome, fold_label, lift_reason_by_label

MOST_LISTED = 1000
"""So many rows of each kind of defect are listed."""

MOST_ROWS_LISTED = 5_000_000
"""Above so many rows the truth has counts only."""

_REDACTED_WHOLE = ("birth_date", "subject_name")


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetCounts:
    """What was counted in one sheet: groups of rows, facilities, and the places of special rows (None if too many)."""

    groups: list[tuple[Any, ...]]
    facilities: list[tuple[Any, ...]]
    special: list[tuple[Any, ...]] | None


def count_sheet(connection: Any, logic: Logic, meaning: str) -> SheetCounts:
    """Count one sheet, given the query of its rows with their meaning."""
    special = None
    if logic.plan.rows <= MOST_ROWS_LISTED:
        special = connection.execute(_SPECIAL.format(meaning, logic.roster.last_pair, MOST_LISTED)).fetchall()
    return SheetCounts(
        groups=connection.execute(_GROUPS.format(meaning)).fetchall(),
        facilities=connection.execute(_FACILITIES.format(meaning, RECORD)).fetchall(),
        special=special,
    )


_GROUPS = """
    SELECT kind, role, t_duplicate, t_outcome, year(t_issued), month(t_issued), t_identified, count(*)
    FROM ({}) GROUP BY ALL"""

_FACILITIES = f"""
    SELECT t_facility, t_state, t_outcome = '{Outcome.DECLINED_BY_AGENCY.value}', t_duplicate IS NULL, count(*)
    FROM ({{}}) WHERE kind = {{}} GROUP BY ALL"""

_SPECIAL = """
    SELECT i, role, kind, t_duplicate FROM ({}) WHERE role > {} OR t_duplicate IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY role ORDER BY i) <= {} ORDER BY i"""


def truth_of(logic: Logic, counts: list[tuple[Sheet, SheetCounts]]) -> dict[str, Any]:
    """Sum up the sheets, given in order. See ``synthesize`` for what the parts mean."""
    tally = _Tally(logic.plan, logic.roster)
    for sheet, counted in counts:
        tally.add(sheet, counted.groups)
    truth = tally.summary()
    truth.update(_facilities(counts))
    if logic.plan.rows <= MOST_ROWS_LISTED:
        truth["defect_rows"] = _listed(logic, counts)
    if logic.plan.defects:
        truth |= {"bulk_day": logic.bulk_day().isoformat(), "bulk_state": BULK_STATE}
    return truth


def meaning_sql(logic: Logic, sheet: Sheet) -> str:
    """Return the query of a sheet's rows with what a right reading makes of each: columns beginning with ``t_``."""
    roster = logic.roster
    places = Cells(logic, sheet)
    facility = next(each.column for each in sheet.columns if each.column.name == "facility_name")
    undated = _listing(roster, "issued_on", "date/unreadable", "date/outside-release", "date/missing")
    nameless = _listing(roster, "facility_name", "redacted", "marker/na")
    stateless = _listing(roster, "facility_state", "redacted", "state/unknown")
    unidentified = _listing(roster, "person_key", "redacted", "marker/na")
    has_person = str(logic.plan.layout.column("person_key") is not None).lower()
    marked = "NULL::VARCHAR"
    if logic.plan.layout.marks_duplicates:
        marked = (
            f"CASE WHEN NOT is_second THEN NULL WHEN role = {roster.number(EXACT)} THEN 'exact'"
            f" WHEN role = {roster.number(LIKELY)} THEN 'likely' END"
        )
    return f"""
    SELECT *,
           CASE WHEN role NOT IN ({undated}) THEN issued END AS t_issued,
           CASE WHEN role NOT IN ({nameless}) THEN trim({places.cell(facility)}) END AS t_facility,
           CASE WHEN role IN ({stateless}) THEN NULL {_territories(logic, places, sheet)}
                WHEN NOT is_placeless THEN facility_usps END AS t_state,
           {has_person} AND is_identified AND role NOT IN ({unidentified}) AS t_identified,
           {_outcome(logic)} AS t_outcome,
           {marked} AS t_duplicate
    FROM ({logic.sheet(sheet)})"""


def _listing(roster: Roster, column: str, *kinds: str) -> str:
    numbers = [number for number, role in roster.of_column(column) if role.kind in kinds]
    return ", ".join(map(str, numbers)) or "-1"


def _territories(logic: Logic, places: Cells, sheet: Sheet) -> str:
    number = logic.roster.number("state/territory")
    if number < 0:
        return ""
    state = next(each.column for each in sheet.columns if each.column.name == "facility_state")
    codes = " ".join(f"WHEN {literal(name)} THEN {literal(code)}" for name, code in territory_codes().items())
    return f"WHEN role = {number} THEN CASE {places.cell(state)} {codes} END"


def _outcome(logic: Logic) -> str:
    roster = logic.roster
    pending, other = Outcome.PENDING_OR_UNRECORDED.value, Outcome.OTHER.value
    blanked = _listing(roster, "lift_reason_raw", "redacted", "marker/na")
    dashed = {
        lift_reason_by_label()[fold_label(label)].outcome.value
        for label in vocabulary()["lift_reasons"][f"dash_{logic.plan.style.era}"]
    }
    (dash_outcome,) = dashed
    return (
        f"CASE WHEN role IN ({blanked}) THEN '{pending}'"
        f" WHEN role = {roster.number('lift_reason/unknown')} THEN '{other}'"
        f" WHEN role = {roster.number('lift_reason/dash')} THEN '{dash_outcome}'"
        f" WHEN reason = 0 THEN '{pending}' ELSE getvariable('lift_outcome')[reason] END"
    )


class _Tally:
    """Sums the counts of all sheets."""

    def __init__(self, plan: Plan, roster: Roster) -> None:
        self._plan = plan
        self._roster = roster
        self._counts: dict[str, Counter[str]] = defaultdict(Counter)
        self._by_column: dict[str, Counter[str]] = defaultdict(Counter)
        self._files: dict[str, list[dict[str, Any]]] = {}
        self._withheld = 0

    def add(self, sheet: Sheet, counts: list[tuple[Any, ...]]) -> None:
        """Add the counted groups of one sheet."""
        kinds: Counter[int] = Counter()
        for kind, role, duplicate, outcome, year, month, identified, n in counts:
            kinds[kind] += n
            if kind == RECORD:
                self._record(role, duplicate, outcome, n)
                self._dated(year, month, outcome, duplicate, n)
                self._counts["records"]["identified" if identified else "unidentified"] += n
        entry = {"name": sheet.name, "rows": sheet.rows, "blank_rows": kinds[BLANK]}
        entry |= {"repeated_headers": kinds[HEADER], "records": kinds[RECORD]}
        self._files.setdefault(sheet.file, []).append(entry)
        self._counts["defects"][BLANK_ROW] += kinds[BLANK]
        self._counts["defects"][REPEATED_HEADER] += kinds[HEADER]
        redacted = sum(each.column.name in _REDACTED_WHOLE for each in sheet.columns)
        self._withheld += redacted * kinds[RECORD] * self._plan.defects

    def _record(self, role: int, duplicate: str | None, outcome: str, n: int) -> None:
        self._counts["outcomes"][outcome] += n
        if duplicate is None:
            self._counts["outcomes_without_duplicates"][outcome] += n
        else:
            self._counts["duplicates"][duplicate] += n
        if role > self._roster.last_pair:
            described = self._roster.roles[role - 1]
            if described.kind not in {BLANK_ROW, REPEATED_HEADER}:
                self._counts["defects"][described.kind] += n
                self._by_column[described.kind][described.column or "row"] += n

    def _dated(self, year: int | None, month: int | None, outcome: str, duplicate: str | None, n: int) -> None:
        if year is None:
            return
        is_declined = outcome == Outcome.DECLINED_BY_AGENCY
        suffixes = [""] if duplicate else ["", "_without_duplicates"]
        for suffix in suffixes:
            self._counts[f"by_month{suffix}"][f"{year:04d}-{month:02d}"] += n
            self._counts[f"by_year{suffix}"][f"{year:04d}"] += n
            self._counts[f"declined_by_year{suffix}"][f"{year:04d}"] += n * is_declined

    def summary(self) -> dict[str, Any]:
        """Return the counts in the order in which truth.json has them."""
        plan = self._plan
        count = self._counts
        sorted_counts = {
            name: dict(sorted(count[name].items()))
            for name in ("by_year", "by_month", "declined_by_year")
            for name in (name, f"{name}_without_duplicates")
        }
        return {
            "synthetic": True,
            "note": SYNTHETIC_NOTE,
            "layout": plan.layout.id,
            "seed": plan.seed,
            "rows": plan.rows,
            "format": plan.file_format,
            "with_defects": plan.defects,
            "header_rows": plan.header_rows,
            "files": [{"name": name, "sheets": sheets} for name, sheets in self._files.items()],
            "records": sum(count["records"].values()),
            "records_without_identifier": count["records"]["unidentified"],
            "outcomes": {each.value: count["outcomes"][each.value] for each in Outcome},
            "outcomes_without_duplicates": {
                each.value: count["outcomes_without_duplicates"][each.value] for each in Outcome
            },
            "duplicates": {kind: count["duplicates"][kind] for kind in ("exact", "likely")},
            "defects": {kind: n for kind, n in sorted(count["defects"].items()) if n},
            "defects_by_column": {kind: dict(sorted(n.items())) for kind, n in sorted(self._by_column.items())},
            "redacted_withheld": self._withheld,
            **sorted_counts,
        }


def _facilities(counts: list[tuple[Sheet, SheetCounts]]) -> dict[str, Any]:
    """Return declined and all detainers by facility and state, the busiest first, with and without duplicates."""
    found: dict[bool, dict[tuple[str | None, str | None], list[int]]] = {True: {}, False: {}}
    for _, counted in counts:
        for name, state, is_declined, is_first, n in counted.facilities:
            for only_first in (True, False) if is_first else (False,):
                sums = found[only_first].setdefault((name, state), [0, 0])
                sums[0] += n * is_declined
                sums[1] += n
    listed = {
        only_first: [
            [name, state, *sums]
            for (name, state), sums in sorted(
                places.items(), key=lambda item: (-item[1][1], item[0][0] or "", item[0][1] or "")
            )
        ]
        for only_first, places in found.items()
    }
    return {
        "declined_by_facility_state": listed[False],
        "declined_by_facility_state_without_duplicates": listed[True],
    }


def _listed(logic: Logic, counts: list[tuple[Sheet, SheetCounts]]) -> dict[str, list[list[str | int]]]:
    """List where the first rows of each kind of defect stand, and the rows to be marked as duplicates."""
    plan, roster = logic.plan, logic.roster
    found: dict[str, list[list[str | int]]] = defaultdict(list)
    for sheet, counted in counts:
        for i, role, kind, duplicate in counted.special or ():
            name = f"duplicate/{duplicate}" if duplicate else roster.roles[role - 1].kind
            if (name == BLANK_ROW and kind != BLANK) or (name == REPEATED_HEADER and kind != HEADER):
                continue
            if len(found[name]) < MOST_LISTED:
                found[name].append([sheet.file, sheet.name, i - sheet.start + 1 + plan.header_rows])
    return dict(sorted(found.items()))
