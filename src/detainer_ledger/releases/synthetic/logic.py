"""The logical table of a release: what each row means, before anything is written down in a layout's manner.

Every column is a function of seed and row number, so that a row can be made without any other, in any order, and the
truth of a hundred million rows is a sum that needs no memory.
"""

from __future__ import annotations

from datetime import date
from functools import cache, cached_property

from detainer_ledger.releases.synthetic.facilities import POOL_SIZE, facility_pool
from detainer_ledger.releases.synthetic.mixing import Mixer
from detainer_ledger.releases.synthetic.plan import Plan, Sheet
from detainer_ledger.releases.synthetic.roles import (
    BLANK_ROW,
    BLOCK,
    BULK,
    EXACT,
    LIKELY,
    REPEAT,
    REPEATED_HEADER,
    UNIDENTIFIED,
    Roster,
)
from detainer_ledger.releases.synthetic.words import vocabulary
from detainer_ledger.tables import literal
from detainer_ledger.terms import fold_label, lift_reason_by_label, state_code

RECORD, BLANK, HEADER = 0, 1, 2
"""Values of the column ``kind``."""

BULK_STATE = "MN"
"""Where the day of bulk entry falls: the one such day that is documented was in Minnesota (domain reference 5.6)."""

DECLINED_LABEL = "Detainer Declined by LEA"


class Logic:
    """Writes the SQL of one release's logical table, sheet by sheet."""

    def __init__(self, plan: Plan, roster: Roster) -> None:
        self.plan = plan
        self.roster = roster
        self.mixer = Mixer(plan.seed)
        self._stride = self.mixer.number("stride", 9) | 1
        self._back = pow(self._stride, -1, BLOCK)

    @cached_property
    def variables(self) -> dict[str, list[str | int | None]]:
        """Return the lists that the SQL looks things up in, by the name of the DuckDB variable."""
        pool = facility_pool()
        reasons = vocabulary()["lift_reasons"][self.plan.style.era]
        labels: list[str | int | None] = [DECLINED_LABEL, *reasons]
        return {
            "facility_name": [each.name for each in pool],
            "facility_city": [each.city for each in pool],
            "facility_state": [each.state for each in pool],
            "facility_usps": [each.usps for each in pool],
            "facility_code": [each.code for each in pool],
            "facility_area": [each.area for each in pool],
            "facility_declines": [each.declines_permille * self.plan.style.declines_percent // 100 for each in pool],
            "facility_bulk": [number for number, each in enumerate(pool) if each.usps == BULK_STATE],
            "lift_label": labels,
            "lift_outcome": [lift_reason_by_label()[fold_label(str(label))].outcome.value for label in labels],
            "lift_draw": [number for number, label in enumerate(reasons, start=2) for _ in range(reasons[label])],
        }

    def sheet(self, sheet: Sheet) -> str:
        """Return the query of one sheet's rows, ordered by row number ``i``."""
        query = self._placed(sheet)
        query = self.mixer.with_state(query, key="j")
        query = self._situated(query, sheet)
        query = self._resolved(query)
        return self._named(query)

    def bulk_day(self) -> date:
        """Return the day of bulk entry, in the middle of the release's last sheet."""
        last = self.plan.sheets[-1]
        return date.fromordinal((last.first_day.toordinal() + last.last_day.toordinal()) // 2)

    def _placed(self, sheet: Sheet) -> str:
        """Add to each row its slot, its role, and the row ``j`` that its content is drawn from."""
        last = sheet.start + sheet.rows - 1
        block, first = self.mixer.number("block", 31) | 1, self.mixer.number("first", 31)
        shift = f"(((range::UBIGINT >> 9) * {block} + {first}) % 4294967291 >> 7) & 511"
        roles = f"[{', '.join(map(str, self._numbers(sheet)))}]"
        blank, header = self.roster.number(BLANK_ROW), self.roster.number(REPEATED_HEADER)
        paired = f"slot < {self.roster.pair_slots}"
        return f"""
        SELECT i, slot, role,
               CASE WHEN role = {blank} AND i < {last} THEN {BLANK}
                    WHEN role = {header} AND i > {sheet.start} AND i < {last} THEN {HEADER} ELSE {RECORD} END AS kind,
               CASE WHEN {paired} THEN {self._row_of_slot("slot & 510")} ELSE i END AS j,
               COALESCE({paired} AND partner < i AND partner >= {sheet.start}, false) AS is_second
        FROM (SELECT *, {roles}[slot::INTEGER + 1] AS role, {self._row_of_slot("xor(slot, 1)")} AS partner
        FROM (SELECT *, ((i & 511) * {self._stride} + shift) & 511 AS slot
        FROM (SELECT range::UBIGINT AS i, {shift} AS shift
        FROM range({sheet.start}, {sheet.start + sheet.rows}))))"""

    def _row_of_slot(self, slot: str) -> str:
        return f"((i >> 9) << 9) + (((({slot}) + {BLOCK} - shift) * {self._back}) & 511)"

    def _numbers(self, sheet: Sheet) -> list[int]:
        """Return the role of every slot; the bulk entry happens in the release's last sheet alone."""
        bulk = self.roster.number(BULK) if sheet is not self.plan.sheets[-1] else -1
        return [0 if number == bulk else number for number in self.roster.numbers]

    def _situated(self, query: str, sheet: Sheet) -> str:
        """Add person, facility and issue day."""
        draw = self.mixer.draw
        last_pair, repeat = self.roster.last_pair, self.roster.number(REPEAT)
        identified = [number for kind in (EXACT, LIKELY, REPEAT) if (number := self.roster.number(kind)) > 0]
        bulk = self.roster.number(BULK)
        bulk_facilities = len(self.variables["facility_bulk"])
        first = literal(sheet.first_day)
        return f"""
        SELECT *, {first} + day AS issued, facility = {POOL_SIZE} OR no_place = 0 AS is_placeless
        FROM (SELECT *,
               CASE WHEN role = {bulk} THEN getvariable('facility_bulk')[1 + {draw("bulk", bulk_facilities)}]
                    WHEN role <= {last_pair} AND {draw("placeholder", 1000, own=True)} < 85 THEN {POOL_SIZE}
                    WHEN (t * t) >> 52 < 8 THEN {draw("busiest", 8, own=True)}
                    ELSE ((t * t) >> 52)::INTEGER END AS facility,
               CASE WHEN role > {last_pair} THEN 1 ELSE {draw("no place", 33, own=True)} END AS no_place,
               CASE WHEN role = {bulk} THEN {(self.bulk_day() - sheet.first_day).days}
                    WHEN episode = 1 THEN (base_day + 1 + {draw("gap", max(sheet.days - 1, 1))}) % {sheet.days}
                    ELSE base_day END AS day
        FROM (SELECT *, (f & 65535) * (f >> 16) AS t
        FROM (SELECT *,
               {self.mixer.word("facility", own=True)} & 4294967295 AS f,
               {draw("day", sheet.days)} AS base_day,
               CASE WHEN role IN ({", ".join(map(str, identified))}) THEN true
                    WHEN role = {self.roster.number(UNIDENTIFIED)} THEN false
                    ELSE {draw("identified", 1000)} >= 139 END AS is_identified
        FROM (SELECT *,
               CASE WHEN episode = 1 THEN s2 ELSE s1 END AS e1, CASE WHEN episode = 1 THEN s1 ELSE s2 END AS e2
        FROM (SELECT *, CASE WHEN role = {repeat} THEN slot & 1 ELSE 0 END AS episode,
               (role = {self.roster.number(LIKELY)} AND is_second)::UBIGINT AS is_second_reason
        FROM ({query}))))))"""

    def _resolved(self, query: str) -> str:
        """Add the lift reason: 0 where blank, else its number in ``lift_label``, counted from 1."""
        style = self.plan.style
        draw = self.mixer.draw
        opening, closing = style.window
        span = max((closing - opening).days, 1)
        passed = f"(issued - {literal(opening)})"
        blank = f"{style.blank_first} + ({style.blank_last - style.blank_first} * {passed}) // {span}"
        forced = self.roster.of_kind(
            "lift_reason/unknown", "lift_reason/case", "lift_reason/spaces", "lift_reason/dash"
        )
        lifted = f"role IN ({', '.join(map(str, forced))})" if forced else "false"
        draws = len(self.variables["lift_draw"])
        label = draw("reason", draws, own=True, shift="is_second_reason")
        return f"""
        SELECT *,
               CASE WHEN NOT {lifted} AND {draw("blank", 1000, own=True, shift="is_second_reason")} < {blank} THEN 0
                    WHEN {draw("declined", 1000, own=True, shift="is_second_reason")}
                         < getvariable('facility_declines')[facility + 1] THEN 1
                    ELSE getvariable('lift_draw')[1 + {label}] END AS reason
        FROM ({query})"""

    def _named(self, query: str) -> str:
        """Look up the facility's words and the lift reason's label."""
        looked_up = ", ".join(
            f"getvariable('facility_{name}')[facility + 1] AS facility_{name}"
            for name in ("name", "city", "usps", "state", "code", "area")
        )
        return f"""
        SELECT *, {looked_up}, CASE WHEN reason > 0 THEN getvariable('lift_label')[reason] END AS lift_label
        FROM ({query})"""


@cache
def territory_codes() -> dict[str, str]:
    """Return the USPS codes of the territories that the vocabulary names."""
    return {name: state_code(name) or "" for name in vocabulary()["defects"]["state_territory"]}
