"""Which rows are special, and how: every kind of defect has its own slots in each block of rows.

Within a block of ``BLOCK`` rows each row has one slot, by a permutation that differs from block to block. A kind of
defect owns certain slots. So a row has at most one defect, each kind comes at a known rate, and a release of more than
one block has all of them. Two rows that belong together (a row and its duplicate) own the two slots ``2n`` and
``2n + 1``, so that each can compute where the other stands.
"""

from __future__ import annotations

from dataclasses import dataclass

from detainer_ledger.releases.synthetic.plan import Plan

BLOCK = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """One way of being special: ``kind`` is its name in truth.json, ``column`` the cell it changes.

    ``in_pairs`` says that its slots are couples; ``is_defect`` that it comes only in a release with defects.
    """

    kind: str
    slots: int
    column: str | None = None
    in_pairs: bool = False
    is_defect: bool = True

    @property
    def key(self) -> str:
        """Unique name: the kind, and the column where several columns have that kind."""
        return f"{self.kind}:{self.column}" if self.column else self.kind


EXACT, LIKELY, UNIDENTIFIED, REPEAT = "duplicate/exact", "duplicate/likely", "equal/unidentified", "person/repeat"
BLANK_ROW, REPEATED_HEADER = "row/blank", "row/repeated-header"
BULK = "date/bulk-entry"

PAIR_ROLES = (
    Role(kind=EXACT, slots=6, in_pairs=True),
    Role(kind=LIKELY, slots=6, in_pairs=True),
    Role(kind=UNIDENTIFIED, slots=2, in_pairs=True),
    Role(kind=REPEAT, slots=60, in_pairs=True, is_defect=False),
)
"""Rows that belong together in twos. They are ordinary records otherwise."""

SINGLE_ROLES = (
    Role(kind=BLANK_ROW, slots=1),
    Role(kind=REPEATED_HEADER, slots=1),
    Role(kind="date/unreadable", slots=1, column="issued_on"),
    Role(kind="date/outside-release", slots=2, column="issued_on"),
    Role(kind="date/missing", slots=1, column="issued_on"),
    Role(kind="date/excel-serial", slots=2, column="issued_on"),
    Role(kind="date/two-digit-year", slots=2, column="issued_on"),
    Role(kind="date/with-time", slots=2, column="issued_on"),
    Role(kind="date/garbage-year", slots=2, column="apprehended_on"),
    Role(kind="date/garbage-year", slots=1, column="final_order_on"),
    Role(kind="date/garbage-year", slots=1, column="departed_on"),
    Role(kind="date/garbage-year", slots=1, column="msc_charge_on"),
    Role(kind="date/garbage-year", slots=1, column="entry_on"),
    Role(kind="date/unreadable", slots=1, column="apprehended_on"),
    Role(kind="date/excel-serial", slots=1, column="apprehended_on"),
    Role(kind="date/with-time", slots=1, column="apprehended_on"),
    Role(kind="date/two-digit-year", slots=1, column="departed_on"),
    Role(kind="state/unknown", slots=2, column="facility_state"),
    Role(kind="state/territory", slots=3, column="facility_state"),
    Role(kind="state/spaces", slots=1, column="facility_state"),
    Role(kind="lift_reason/unknown", slots=2, column="lift_reason_raw"),
    Role(kind="lift_reason/case", slots=2, column="lift_reason_raw"),
    Role(kind="lift_reason/spaces", slots=2, column="lift_reason_raw"),
    Role(kind="lift_reason/dash", slots=2, column="lift_reason_raw"),
    Role(kind="form/unknown", slots=1, column="form_raw"),
    Role(kind="redacted", slots=1, column="lift_reason_raw"),
    Role(kind="redacted", slots=1, column="facility_name"),
    Role(kind="redacted", slots=1, column="facility_city"),
    Role(kind="redacted", slots=1, column="facility_state"),
    Role(kind="redacted", slots=1, column="gender"),
    Role(kind="redacted", slots=1, column="birth_year"),
    Role(kind="redacted", slots=1, column="case_status"),
    Role(kind="redacted", slots=1, column="apprehended_on"),
    Role(kind="redacted", slots=1, column="person_key"),
    Role(kind="marker/na", slots=1, column="lift_reason_raw"),
    Role(kind="marker/na", slots=1, column="facility_name"),
    Role(kind="marker/na", slots=1, column="facility_city"),
    Role(kind="marker/na", slots=1, column="form_raw"),
    Role(kind="marker/na", slots=1, column="person_key"),
    Role(kind="facility/spaces", slots=3, column="facility_name"),
    Role(kind="facility/hostile", slots=2, column="facility_name"),
    Role(kind="facility/quoted", slots=2, column="facility_name"),
    Role(kind="facility/non-ascii", slots=2, column="facility_name"),
    Role(kind=BULK, slots=8),
)
"""Rows that are special alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """The roles of one release: number 0 is no role, the pair roles come next, so do their slots.

    ``numbers`` gives the role number of every slot.
    """

    roles: tuple[Role, ...]
    numbers: tuple[int, ...]
    pair_slots: int

    def number(self, kind: str, column: str | None = None) -> int:
        """Return the number of a role, -1 if the release has no such rows."""
        for number, role in enumerate(self.roles, start=1):
            if role.kind == kind and (column is None or role.column == column):
                return number
        return -1

    def of_column(self, column: str) -> list[tuple[int, Role]]:
        """Return number and role of all that change one column."""
        return [(number, role) for number, role in enumerate(self.roles, start=1) if role.column == column]

    def of_kind(self, *kinds: str) -> list[int]:
        """Return the numbers of all roles of these kinds."""
        return [number for number, role in enumerate(self.roles, start=1) if role.kind in kinds]

    @property
    def last_pair(self) -> int:
        """Number of the last pair role: rows with a greater number have a defect of their own."""
        return sum(role.in_pairs for role in self.roles)


def roster(plan: Plan) -> Roster:
    """Return the roles that a release can have: those whose column it publishes, defects only if it has any."""
    published = {each.column.name for sheet in plan.sheets for each in sheet.columns}
    has_window = plan.layout.issued_from is not None or plan.layout.issued_to is not None
    roles = tuple(
        role
        for role in (*PAIR_ROLES, *SINGLE_ROLES)
        if (plan.defects or not role.is_defect)
        and (role.column is None or role.column in published)
        and (has_window or role.kind != "date/outside-release")
    )
    numbers = [number for number, role in enumerate(roles, start=1) for _ in range(role.slots)]
    pair_slots = sum(role.slots for role in roles if role.in_pairs)
    return Roster(roles=roles, numbers=(*numbers, *[0] * (BLOCK - len(numbers))), pair_slots=pair_slots)
