"""What is asked of every engine: a covering selection of definitions, denominators, groups, periods and filters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import cycle, product
from typing import Any

from .rows import ABOVE, LONG_NAME, RELEASE_ONE, RELEASE_TWO

COMPUTABLE = ("recorded", "ddor", "oig-2018", "trac", "npr-share", "not-taken", "broad")
DENOMINATORS = ("all", "all_minus_duplicates", "resolved", "hold_forms_only", "none")

BYS: tuple[tuple[str, ...], ...] = (
    (),
    ("year",),
    ("fiscal_year",),
    ("month",),
    ("state",),
    ("state", "facility"),
    ("form",),
    ("outcome",),
    ("lift_reason",),
    ("area_of_responsibility",),
    ("release",),
    ("jurisdiction", "jurisdiction_name"),
    ("jurisdiction_level",),
    ("county_fips", "gender"),
    ("facility_code", "facility_city"),
    ("outcome_detail", "outcome_basis"),
    ("criminality", "threat_level", "citizenship_country"),
    ("release", "year", "state"),
)
"""Every group that there is, alone or with others; most of them hold nulls."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What ``figures`` is asked, in its own words."""

    by: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    declined: str = "recorded"
    denominator: str | None = None
    duplicates: str = "drop"
    releases: tuple[str, ...] = ()
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    name: str = ""

    def __str__(self) -> str:
        return self.name or f"{self.declined}-of-{self.denominator or 'its-own'}-by-{'+'.join(self.by) or 'nothing'}"

    def asked(self) -> dict[str, Any]:
        """Return the question as keyword arguments of ``measure_of`` and ``figures``."""
        from detainer_ledger.measures import Denominator, Duplicates

        return {
            "by": self.by,
            "start": self.start,
            "end": self.end,
            "declined": self.declined,
            "denominator": Denominator(self.denominator) if self.denominator else None,
            "duplicates": Duplicates(self.duplicates),
            "releases": self.releases,
            "where": self.where,
        }


def _crossed() -> tuple[Question, ...]:
    """Every definition over every denominator, the groups going round, repeats kept every third time."""
    groups = cycle(BYS)
    kept = cycle(("drop", "drop", "keep"))
    return tuple(
        Question(declined=declined, denominator=denominator, by=next(groups), duplicates=next(kept))
        for declined, denominator in product(COMPUTABLE, DENOMINATORS)
    )


FIRST, LAST = date(2014, 1, 1), date(2014, 12, 31)

SPECIAL = (
    Question(name="a year to the day", by=("state",), start=FIRST, end=LAST),
    Question(name="one day", by=("facility",), start=date(2014, 7, 1), end=date(2014, 7, 1)),
    Question(name="open beginning", by=("fiscal_year",), end=date(2014, 9, 30)),
    Question(name="open end", by=("fiscal_year", "form"), start=date(2014, 10, 1), denominator="resolved"),
    Question(name="before every row", start=date(1990, 1, 1), end=date(1990, 12, 31)),
    Question(name="before every row, in groups", by=("state",), start=date(1990, 1, 1), end=date(1990, 12, 31)),
    Question(name="by recording date", declined="ddor", denominator="all", by=("month",), start=FIRST, end=LAST),
    Question(name="by recorded year", declined="ddor", by=("year", "fiscal_year"), where={"year": ("2014", "2015")}),
    Question(name="one release", by=("year",), releases=(RELEASE_ONE,)),
    Question(name="the other release", by=("month",), releases=(RELEASE_TWO,), duplicates="keep"),
    Question(name="both releases named", by=("release",), releases=(RELEASE_TWO, RELEASE_ONE)),
    Question(name="one state", by=("facility", "year"), where={"state": ("PA",)}),
    Question(name="two states and a form", by=("state",), where={"state": ("PA", "CA"), "form": ("I-247", "I-247N")}),
    Question(name="a year as filter", by=("month",), where={"year": ("2014",)}),
    Question(name="a month as filter", where={"month": ("2014-10", "2014-11")}, denominator="hold_forms_only"),
    Question(name="a value nobody has", by=("state",), where={"state": ("ZZ",)}),
    Question(name="an apostrophe", by=("facility",), where={"facility": ("O'BRIEN CO. JAIL",)}),
    Question(name="a backslash", by=("facility",), where={"facility": ("NORTH\\NEW JAIL\\",)}),
    Question(name="what looks like a variable", by=("facility",), where={"facility": ("${HOME} %s {0} :x JAIL",)}),
    Question(name="double quotes", by=("facility",), where={"facility": ('THE "OLD" JAIL',)}),
    Question(name="other scripts", by=("facility",), where={"facility": ("CÁRCEL DE DOÑA ANA – 監獄 \U0001f3db",)}),
    Question(name="a very long name", by=("facility",), where={"facility": (LONG_NAME,)}),
    Question(name="an injection", where={"facility": ("x') OR 1=1; DROP TABLE detainers; --",)}),
    Question(name="npr-share by facility", declined="npr-share", by=("facility",)),
    Question(name="npr-share with repeats kept", declined="npr-share", by=("facility",), duplicates="keep"),
    Question(name="npr-share in a period", declined="npr-share", by=("facility", "state"), start=FIRST, end=LAST),
    Question(name="npr-share around a hundred", declined="npr-share", by=("facility",), where={"facility": ABOVE}),
    Question(name="ddor by level", declined="ddor", denominator="resolved", by=("jurisdiction_level",)),
    Question(name="ddor by outcome, repeats kept", declined="ddor", by=("outcome_detail",), duplicates="keep"),
)

QUESTIONS = (*_crossed(), *SPECIAL)
"""What every engine is asked; the questions' names, which are the tests' names, differ."""

GROUPINGS = tuple(Question(name=f"groups {'+'.join(by)}", by=by, denominator="resolved") for by in BYS)
"""The same figures by every group once more, for the engines that are quick to answer."""
