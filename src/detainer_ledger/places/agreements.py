"""Agreements under section 287(g) between ICE and an agency, from the user's copy of ICE's published lists."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from detainer_ledger.places.placing import Facility, Placer
from detainer_ledger.terms import BadInput

AGREEMENT_COLUMNS = frozenset({"state", "agency", "county", "model", "signed", "first_seen_in_list"})
"""Columns by which a file of agreements is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """One agreement: the agency as published, the model, the jurisdiction of the agency, None where it is not decided.

    ``signed`` is the day of signature, None where the source has none or an impossible one; ``first_seen`` the first
    list that has the agreement. ICE publishes no day on which one ended.
    """

    agency: str
    state: str
    model: str
    jurisdiction_id: str | None
    signed: date | None
    first_seen: date | None

    def began_by(self, day: date) -> bool:
        """Tell whether the agreement was signed, or, where that is not known, seen in a list, by a day."""
        began = self.signed or self.first_seen
        return began is not None and began <= day


def is_agreements_file(path: Path) -> bool:
    """Tell whether a file has the columns of a list of agreements."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as opened:
            header = next(csv.reader(opened), [])
    except (OSError, UnicodeDecodeError, csv.Error):
        return False
    return frozenset(header) >= AGREEMENT_COLUMNS


def read_agreements(path: Path, placer: Placer) -> tuple[Agreement, ...]:
    """Read a list of agreements; each agency is placed by its name and state.

    Raises BadInput where the file cannot be read or lacks AGREEMENT_COLUMNS.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise BadInput(
            "The list of agreements cannot be read as UTF-8 text.", file=path.name, do="save it as CSV."
        ) from None
    reader = csv.DictReader(io.StringIO(text, newline=""))
    if not frozenset(reader.fieldnames or ()) >= AGREEMENT_COLUMNS:
        raise BadInput(
            "This is no list of agreements.",
            file=path.name,
            row=1,
            do=f"give the columns {', '.join(sorted(AGREEMENT_COLUMNS))}.",
        )
    return tuple(
        Agreement(
            agency=row["agency"],
            state=row["state"],
            model=row["model"],
            jurisdiction_id=placer.place(Facility(name=row["agency"], state=row["state"])).jurisdiction_id,
            signed=_day(row["signed"]),
            first_seen=_day(row["first_seen_in_list"]),
        )
        for row in reader
    )


def agreements_by_jurisdiction(agreements: Iterable[Agreement], by: date) -> Mapping[str, tuple[Agreement, ...]]:
    """Return the agreements that began by a day, by jurisdiction, the earliest first."""
    found: dict[str, list[Agreement]] = defaultdict(list)
    for each in agreements:
        if each.jurisdiction_id is not None and each.began_by(by):
            found[each.jurisdiction_id].append(each)
    return {
        division: tuple(sorted(members, key=lambda each: (each.signed or each.first_seen or by, each.model)))
        for division, members in found.items()
    }


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
