"""The published cells: each column of a layout as SQL over the logical table, then the defect that falls on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from detainer_ledger.releases.layouts import LayoutColumn
from detainer_ledger.releases.synthetic.logic import BLANK, HEADER, Logic
from detainer_ledger.releases.synthetic.plan import MDY_SHORT, Published, Sheet, fiscal_year
from detainer_ledger.releases.synthetic.roles import EXACT, LIKELY, REPEAT, Role
from detainer_ledger.releases.synthetic.words import picked, text_list, vocabulary
from detainer_ledger.tables import literal

WITHHELD_CANARY = "SYNTHETIC-WITHHELD"
"""Stands in the columns that must never be ingested, so that a test can look for it where it must not be."""

_REDACTED_WHOLE = frozenset({"birth_date", "subject_name"})


class Cells:
    """Writes the SQL of one sheet's published columns."""

    def __init__(self, logic: Logic, sheet: Sheet) -> None:
        self._logic = logic
        self._plan = logic.plan
        self._sheet = sheet
        self._mixer = logic.mixer
        self._words = vocabulary()
        self._special: dict[str, Callable[[], str]] = {
            "issued_on": lambda: self._date("issued"),
            "form_raw": self._form,
            "facility_name": lambda: f"CASE WHEN {self._draw('nameless', 2000)} > 0 THEN facility_name END",
            "facility_code": lambda: "facility_code",
            "facility_city": lambda: "CASE WHEN NOT is_placeless THEN facility_city END",
            "facility_state": lambda: "CASE WHEN NOT is_placeless THEN facility_state END",
            "area_of_responsibility": lambda: f"CASE WHEN {self._draw('area', 100)} >= 12 THEN facility_area END",
            "lift_reason_raw": lambda: "lift_label",
            "lift_reason_code": self._lift_code,
            "lifted_on": self._lifted_on,
            "birth_year": lambda: self._number_text(
                f"year(issued) - 18 - {self._draw('age', 22)} - {self._draw('age2', 24)}"
            ),
            "person_key": lambda: f"CASE WHEN is_identified THEN {person_sql()} END",
            "birth_country": lambda: self._text("citizenship_country"),
            "detainer_prepare_fiscal_year": lambda: self._number_text(str(fiscal_year(sheet.first_day))),
            "published_row": self._published_row,
            "published_file": lambda: literal("SYNTHETIC_2026-ICLI-00005_Detainers_Redacted.xlsx"),
            "published_sheet": lambda: "'FY' || year(issued + INTERVAL 3 MONTH)",
            "duplicate_likely": self._duplicate_likely,
            "threat_level": self._threat_level,
        }

    def select(self) -> list[str]:
        """Return one SQL expression for each column of the sheet, in order."""
        return [self._framed(each) for each in self._sheet.columns]

    def cell(self, column: LayoutColumn) -> str:
        """Return the SQL of a record's cell with the defects that fall on this column."""
        plain = self._plain(column)
        faults = self._logic.roster.of_column(column.name)
        if not faults:
            return plain
        cases = " ".join(f"WHEN {number} THEN {self._faulty(role, plain)}" for number, role in faults)
        return f"CASE role {cases} ELSE {plain} END"

    def _framed(self, each: Published) -> str:
        cell = self.cell(each.column)
        if not self._plan.defects:
            return cell
        if self._plan.layout.id == "ddp-clean":
            cell = f"COALESCE({cell}, 'NA')"
        return f"CASE kind WHEN {BLANK} THEN NULL WHEN {HEADER} THEN {literal(each.header)} ELSE {cell} END"

    def _plain(self, column: LayoutColumn) -> str:
        if column.name in self._special:
            return self._special[column.name]()
        if column.type == "withheld":
            return self._withheld(column)
        if column.type == "yes_no":
            return self._yes_no(column.name)
        if column.type == "date":
            return self._secondary_date(column.name)
        if column.type == "number":
            return self._number(column.name)
        if column.name.startswith("eid_") or column.name == "detainer_id":
            repeat = self._logic.roster.number(REPEAT)
            return f"'SYN-' || (CASE WHEN role = {repeat} THEN i ELSE j END * 7 + {len(column.name)})"
        return self._text(column.name)

    def _draw(self, salt: str, below: int) -> str:
        return self._mixer.draw(salt, below, own=True)

    def _withheld(self, column: LayoutColumn) -> str:
        if not self._plan.defects:
            return "NULL"
        return literal("b(6), b(7)c" if column.name in _REDACTED_WHOLE else WITHHELD_CANARY)

    def _text(self, name: str) -> str:
        entry = self._words["text"].get(name)
        if entry is None:
            return "NULL"
        value = picked(self._mixer, f"text {name}", entry["values"], own=True)
        return f"CASE WHEN {self._draw(f'blank {name}', 100)} >= {entry['blank']} THEN {value} END"

    def _yes_no(self, name: str) -> str:
        yes, blank = self._words["yes_no"].get(name, self._words["yes_no"]["default"])
        drawn = self._draw(f"yes {name}", 100)
        return f"CASE WHEN {drawn} < {yes} THEN 'YES' WHEN {drawn} < {100 - blank} THEN 'NO' END"

    def _secondary_date(self, name: str) -> str:
        blank, first, last = self._words["dates"].get(name, self._words["dates"]["default"])
        day = f"issued - ({first} + {self._draw(f'days {name}', last - first + 1)})"
        closing = literal(self._plan.style.window[1])
        if first < 0 and name != "projected_release_on":
            day = f"least({day}, {closing})"
        return f"CASE WHEN {self._draw(f'blank {name}', 100)} >= {blank} THEN {self._date(day)} END"

    def _number(self, name: str) -> str:
        blank, least, most = self._words["numbers"].get(name, self._words["numbers"]["default"])
        value = self._number_text(f"{least} + {self._draw(f'number {name}', most - least + 1)}")
        return f"CASE WHEN {self._draw(f'blank {name}', 100)} >= {blank} THEN {value} END"

    def _number_text(self, sql: str) -> str:
        return f"({sql})::INTEGER" if self._plan.is_typed else f"({sql})::VARCHAR"

    def _date(self, sql: str) -> str:
        if self._plan.is_typed:
            return f"({sql})::DATE"
        style = self._sheet.date_style
        return f"({sql})::DATE::VARCHAR" if style == "%Y-%m-%d" else f"strftime({sql}, {literal(style)})"

    def _form(self) -> str:
        if self._sheet.last_day < self._plan.style.has_forms_from:
            return "NULL::VARCHAR"
        cases: list[str] = []
        for period in self._words["forms"]:
            if period["until"] <= self._sheet.first_day:
                continue
            value = picked(self._mixer, "form", period["values"], own=True)
            if period["until"] > self._sheet.last_day:
                cases.append(f"ELSE {value}")
                break
            cases.append(f"WHEN issued < {literal(period['until'])} THEN {value}")
        return f"CASE WHEN false THEN NULL {' '.join(cases)} END"

    def _lift_code(self) -> str:
        """Write the two codes that are known, blank for all others (domain reference 4.1)."""
        booked = "lift_label = 'Booked into Detention'"
        return f"CASE WHEN reason = 1 THEN 'A' WHEN reason > 1 AND {booked} THEN 'B' END"

    def _lifted_on(self) -> str:
        closing = literal(self._plan.style.window[1] + timedelta(days=60))
        day = self._date(f"least(issued + {self._draw('lifted', 400)}, {closing})")
        return f"CASE WHEN reason > 0 THEN {day} END"

    def _published_row(self) -> str:
        """Write the row of the spreadsheet that a copy was made from; a copied row keeps it."""
        exact = self._logic.roster.number(EXACT)
        return self._number_text(f"CASE WHEN role = {exact} THEN j ELSE i END + 2 + {self._plan.style.preamble}")

    def _duplicate_likely(self) -> str:
        doubled = self._logic.roster.of_kind(EXACT, LIKELY)
        listed = ", ".join(map(str, doubled)) or "-1"
        return f"CASE WHEN is_identified THEN CASE WHEN role IN ({listed}) THEN 'TRUE' ELSE 'FALSE' END END"

    def _threat_level(self) -> str:
        """Write the threat level, which is what differs in the second row of a likely duplicate."""
        plain = self._text("threat_level")
        likely = self._logic.roster.number(LIKELY)
        changed = f"CASE {plain} WHEN '1' THEN '2' WHEN '2' THEN '3' ELSE '1' END"
        return f"CASE WHEN role = {likely} AND is_second THEN {changed} ELSE {plain} END"

    def _faulty(self, role: Role, plain: str) -> str:
        """Return the cell of a row with this role."""
        written: dict[str, Callable[[], str]] = {
            "date/unreadable": lambda: self._defect("date_unreadable"),
            "date/garbage-year": lambda: self._defect("date_garbage_year"),
            "date/missing": lambda: "NULL",
            "date/outside-release": self._outside,
            "date/excel-serial": lambda: f"({self._any_day(role)} - DATE '1899-12-30')::VARCHAR",
            "date/two-digit-year": lambda: f"strftime({self._any_day(role)}, {literal(MDY_SHORT)})",
            "date/with-time": lambda: f"strftime({self._any_day(role)}, '%m/%d/%Y') || ' 03:10 PM'",
            "state/unknown": lambda: self._defect("state_unknown"),
            "state/territory": lambda: self._defect("state_territory"),
            "state/spaces": lambda: f"' ' || replace({plain}, ' ', '  ') || ' '",
            "lift_reason/unknown": lambda: picked(
                self._mixer, "unknown reason", self._words["lift_reasons"]["unknown"]
            ),
            "lift_reason/case": lambda: (
                f"CASE {self._draw('case', 2)} WHEN 0 THEN upper({plain}) ELSE lower({plain}) END"
            ),
            "lift_reason/spaces": lambda: f"' ' || replace({plain}, ' ', '  ') || '  '",
            "lift_reason/dash": lambda: f"replace({self._dash_label()}, ' - ', ' – ')",
            "form/unknown": lambda: self._defect("form_unknown"),
            "redacted": lambda: self._defect("redacted"),
            "marker/na": lambda: self._defect("na"),
            "facility/spaces": lambda: self._spaced("facility_name"),
            "facility/hostile": lambda: self._defect("hostile"),
            "facility/quoted": lambda: self._defect("quoted"),
            "facility/non-ascii": lambda: self._defect("non_ascii"),
        }
        return written[role.kind]()

    def _defect(self, name: str) -> str:
        """Go through the values of a defect by block and role, so that all come soon."""
        values = list(self._words["defects"][name])
        return f"{text_list(values)}[1 + (((i >> 9) + slot) % {len(values)})::INTEGER]"

    def _any_day(self, role: Role) -> str:
        return "issued" if role.column == "issued_on" else f"(issued - {self._draw('fault day', 20)})"

    def _outside(self) -> str:
        """Write a readable day before or after the release's window."""
        sides: list[str] = []
        if self._plan.layout.issued_from:
            sides.append(f"{literal(self._plan.layout.issued_from)} - 30 - {self._draw('outside', 1500)}")
        if self._plan.layout.issued_to:
            sides.append(f"{literal(self._plan.layout.issued_to)} + 30 + {self._draw('outside', 300)}")
        chosen = sides[0] if len(sides) == 1 else f"CASE slot & 1 WHEN 0 THEN {sides[0]} ELSE {sides[1]} END"
        return self._date(f"({chosen})")

    def _dash_label(self) -> str:
        return picked(self._mixer, "dash", self._words["lift_reasons"][f"dash_{self._plan.style.era}"])

    def _spaced(self, plain: str) -> str:
        return (
            f"CASE slot % 3 WHEN 0 THEN {plain} || ' ' WHEN 1 THEN '  ' || {plain} ELSE replace({plain}, ' ', '  ') END"
        )


def person_sql() -> str:
    """Return the identifier of a row's person: 64 bits that no other person of the release has."""
    return "'synthetic-' || lpad(lower(to_hex(s1)), 8, '0') || lpad(lower(to_hex(s2)), 8, '0')"
