"""A measure: a frozen question about the detainers table, and the standard SQL text that asks it.

The text keeps to a small subset (SELECT, CASE, COALESCE, COUNT, FILTER, SUM, WHERE, IN, GROUP BY, derived tables)
that DuckDB, SQLite, PostgreSQL and Apache Spark run unchanged; ``tests/engines`` runs it on all four and against plain
Python. It first counts the cells of the finest grouping that any figure needs and then adds the cells up, so that the
table is read once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from detainer_ledger.measures.definitions import Clock, Definition, Denominator
from detainer_ledger.tables import identifier, literal
from detainer_ledger.terms import OVERRIDDEN, UNMAPPED, BadInput, Outcome, hold_forms

OUTCOMES = tuple(str(outcome) for outcome in Outcome)
"""Outcome columns of a measure, in their order."""

COUNTS = (
    "detainers",
    *OUTCOMES,
    "declined",
    "denominator",
    "unknown",
    "declined_low",
    "declined_high",
    "surely_other",
    "reach",
    "unknown_level",
    "unattributed",
    "duplicates_excluded",
    "immature",
    "overridden",
)
"""Columns that the SQL text returns after the groups, all integers.

``declined_low`` and ``declined_high`` are the least and the most that can be declined; ``surely_other`` is in the
population and surely not declined; ``reach`` is every detainer that could be in the denominator.
"""

_YEAR = "CAST(SUBSTR(CAST({day} AS VARCHAR(10)), 1, 4) AS INTEGER)"
_FROM_OCTOBER = "CASE WHEN SUBSTR(CAST({day} AS VARCHAR(10)), 6, 2) >= '10' THEN 1 ELSE 0 END"

GROUPS: Mapping[str, tuple[str, str]] = {
    "year": ("issued_year", _YEAR),
    "fiscal_year": ("issued_fiscal_year", f"CAST({_YEAR} + {_FROM_OCTOBER} AS INTEGER)"),
    "month": ("issued_month", "SUBSTR(CAST({day} AS VARCHAR(10)), 1, 7)"),
    "state": ("facility_state", ""),
    "county_fips": ("county_fips", ""),
    "jurisdiction": ("jurisdiction_id", ""),
    "jurisdiction_name": ("jurisdiction_name", ""),
    "jurisdiction_level": ("jurisdiction_level", ""),
    "facility": ("facility_name", ""),
    "facility_code": ("facility_code", ""),
    "facility_city": ("facility_city", ""),
    "form": ("form", ""),
    "outcome": ("outcome", ""),
    "outcome_detail": ("outcome_detail", ""),
    "outcome_basis": ("outcome_basis", ""),
    "lift_reason": ("lift_reason", ""),
    "area_of_responsibility": ("area_of_responsibility", ""),
    "release": ("release_id", ""),
    "criminality": ("criminality", ""),
    "threat_level": ("threat_level", ""),
    "gender": ("gender", ""),
    "citizenship_country": ("citizenship_country", ""),
}
"""Columns that a measure can be grouped by: the column of the detainers table, and for periods the expression of a day
that stands in where a table has no such column, or where another day than that of issue is the clock. Days are taken
apart as text, the one way that all engines have."""

NUMBERS = frozenset({"year", "fiscal_year"})
"""Groups whose values are integers; those of the others are text."""


class Duplicates(StrEnum):
    """Whether rows that are marked as exact or likely repeats are left out (and counted) or counted like the others."""

    DROP = "drop"
    KEEP = "keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A question: what to group by, the period (inclusive days, None where open), and the definition of declined.

    ``immature_after`` gives for each release the last day of issue that is old enough to be judged; ``where`` keeps
    rows whose group column has one of the values named; ``releases`` keeps these releases alone. Where a
    release tells of detainers issued after a rule was overridden, ``has_overridden``, they are counted.
    """

    definition: Definition
    denominator: Denominator
    by: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    clock: Clock = Clock.ISSUED
    duplicates: Duplicates = Duplicates.DROP
    releases: tuple[str, ...] = ()
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    immature_after: tuple[tuple[str, date], ...] = ()
    has_overridden: bool = False


def measure_sql(measure: Measure, *, table: str, columns: frozenset[str]) -> str:
    """Return the SQL text of a measure over ``table``: the groups, then COUNTS.

    ``columns`` are the columns that the table has; one that is empty throughout may be left out, and the text is the
    shorter for it. Raises BadInput for a group that there is not.
    """
    groups = [(name, _group_expression(name, measure, columns)) for name in measure.by]
    keys = _cell_keys(measure, columns)
    cells = [*(f"{sql} AS {identifier('g_' + name)}" for name, sql in groups)]
    cells += [f"{_known(sql)} AS {name}" for name, sql in keys.items()]
    cells += [f"{sql} AS {name}" for name, sql in _cell_counts(measure, columns).items()]
    # The cells are grouped by expression and not by place or alias: only that means the same on every engine.
    grouped = ", ".join([*(sql for _, sql in groups), *keys.values()])
    inner = f"SELECT {', '.join(cells)} FROM {table}{_where(measure, table, columns)} GROUP BY {grouped}"
    marks = ["outcome_cell", *(identifier("g_" + name) for name, _ in groups)]
    marks += [f"{sql} AS {name}" for name, sql in _marks(measure, columns).items()]
    selected = [f"{identifier('g_' + name)} AS {identifier(name)}" for name, _ in groups]
    # Engines add integers up in a wider type, which costs more to hand over than the sum itself.
    selected += [f"CAST({sql} AS BIGINT) AS {name}" for name, sql in _sums().items()]
    closing = f" GROUP BY {', '.join(identifier('g_' + name) for name, _ in groups)}" if groups else ""
    return f"SELECT {', '.join(selected)} FROM (SELECT {', '.join(marks)} FROM ({inner}) cells) marked{closing}"


def columns_needed(measure: Measure) -> frozenset[str]:
    """Return the columns without which a table cannot answer the measure. Raises BadInput for a group there is not."""
    needed = {"release_id", "issued_on", "outcome", "outcome_detail", _clock_column(measure)}
    if measure.denominator is Denominator.HOLD_FORMS_ONLY:
        needed.add("form")
    if measure.definition.above_detainers is not None:
        needed.add("facility_name")
    if measure.has_overridden:
        needed.add("quality")
    asked = [_group(name) for name in (*measure.by, *(name for name, _ in measure.where))]
    return frozenset(needed | {column for column, otherwise in asked if not otherwise})


def columns_asked(
    *, by: Sequence[str], where: Sequence[str], definition: Definition, denominator: Denominator
) -> frozenset[str]:
    """Return the columns of the detainers table that a question can touch, whatever clock the table turns out to have.

    ``by`` and ``where`` are names of groups. The jurisdiction is among them only where a group or the definition asks
    for it. Raises BadInput for a group that there is not.
    """
    touched = {"duplicate_kind"} | ({"jurisdiction_level"} if definition.excluded_levels else set())
    for clock in {Clock.ISSUED, definition.clock}:
        asked = Measure(
            definition=definition,
            denominator=denominator,
            by=tuple(by),
            where=tuple((name, ()) for name in where),
            clock=clock,
        )
        touched |= columns_needed(asked)
    return frozenset(touched)


def _group(name: str) -> tuple[str, str]:
    try:
        return GROUPS[name]
    except KeyError:
        raise BadInput(
            f"There is no column '{name}' to group or filter by.", do="choose among: " + ", ".join(GROUPS) + "."
        ) from None


def _group_expression(name: str, measure: Measure, columns: frozenset[str]) -> str:
    """Return a group's column; a period is that of the measure's clock, not always that of issue."""
    column, otherwise = _group(name)
    if not otherwise or (column in columns and measure.clock is not Clock.RECORDED):
        return column
    return otherwise.format(day=_clock_column(measure))


def _cell_keys(measure: Measure, columns: frozenset[str]) -> dict[str, str]:
    """Return the columns of a cell beside the groups: the distinctions that the figures of this measure make."""
    keys = {"outcome_cell": "outcome"}
    if measure.definition.details:
        keys["detail_cell"] = "outcome_detail"
    if "duplicate_kind" in columns:
        keys["duplicate_cell"] = "duplicate_kind"
    if measure.definition.excluded_levels and "jurisdiction_level" in columns:
        keys["level_cell"] = "jurisdiction_level"
    if measure.denominator is Denominator.HOLD_FORMS_ONLY:
        keys["form_cell"] = "form"
    return keys


def _known(column: str) -> str:
    """Return a cell's column as the figures compare it: an outcome that is not there is one that is not recorded."""
    if column == "outcome":
        return f"COALESCE(outcome, {literal(Outcome.PENDING_OR_UNRECORDED)})"
    return "COALESCE(outcome_detail, '')" if column == "outcome_detail" else column


def _cell_counts(measure: Measure, columns: frozenset[str]) -> dict[str, str]:
    """Return what is counted in each cell: its detainers, and of them the unmapped, young and attributed ones."""
    counts = {"n": "COUNT(*)", "n_unmapped": f"COUNT(*) FILTER (WHERE outcome_detail = {literal(UNMAPPED)})"}
    if measure.immature_after:
        counts["n_immature"] = f"COUNT(*) FILTER (WHERE {_immature(measure)})"
    if "jurisdiction_id" in columns:
        counts["n_attributed"] = "COUNT(jurisdiction_id)"
    if measure.has_overridden:
        # A list as text looks otherwise on every engine, and holds the word on all of them.
        marked = f"CAST(quality AS VARCHAR(4000)) LIKE {literal(f'%{OVERRIDDEN}%')}"
        counts["n_overridden"] = f"COUNT(*) FILTER (WHERE {marked})"
    return counts


def _declined(definition: Definition) -> str:
    if definition.everything_but:
        return f"outcome_cell NOT IN ({_listed(definition.everything_but)})"
    tests = [f"outcome_cell IN ({_listed(definition.outcomes)})"] if definition.outcomes else []
    if definition.details:
        tests.append(f"detail_cell IN ({_listed(definition.details)})")
    return f"({' OR '.join(tests)})"


def _clock_column(measure: Measure) -> str:
    return "lifted_on" if measure.clock is Clock.RECORDED else "issued_on"


def _immature(measure: Measure) -> str:
    return " OR ".join(
        f"(release_id = {literal(release)} AND issued_on > {literal(day.isoformat())})"
        if len(measure.immature_after) > 1
        else f"issued_on > {literal(day.isoformat())}"
        for release, day in measure.immature_after
    )


def _where(measure: Measure, table: str, columns: frozenset[str]) -> str:
    tests = _filters(measure, columns)
    if measure.definition.above_detainers is not None:
        # The facilities are chosen among the rows that the measure is about, so the filters stand in both places.
        inner = [*tests, "facility_name IS NOT NULL"]
        if measure.duplicates is Duplicates.DROP and "duplicate_kind" in columns:
            inner.append("duplicate_kind IS NULL")
        tests.append(
            f"facility_name IN (SELECT facility_name FROM {table} WHERE {' AND '.join(inner)} GROUP BY facility_name"
            f" HAVING COUNT(*) > {measure.definition.above_detainers})"
        )
    return f" WHERE {' AND '.join(tests)}" if tests else ""


def _filters(measure: Measure, columns: frozenset[str]) -> list[str]:
    tests = []
    day = _clock_column(measure)
    if measure.start is not None:
        tests.append(f"{day} >= {literal(measure.start.isoformat())}")
    if measure.end is not None:
        tests.append(f"{day} <= {literal(measure.end.isoformat())}")
    if measure.releases:
        tests.append(f"release_id IN ({_listed(measure.releases)})")
    for name, values in measure.where:
        listed = _listed_numbers(name, values) if name in NUMBERS else _listed(values)
        tests.append(f"{_group_expression(name, measure, columns)} IN ({listed})")
    return tests


def _marks(measure: Measure, columns: frozenset[str]) -> dict[str, str]:
    """Return what is worked out once for each cell: how many of its detainers count, and for what.

    A detainer that was superseded or entered twice is in no denominator and can be in no numerator (rule 4). Outcomes
    that are pending or not understood are unknown; so is, where the definition leaves levels out, an unknown level.
    """
    left_out = measure.definition.excluded_levels
    has_level = bool(left_out) and "jurisdiction_level" in columns
    in_population = f"(level_cell IS NULL OR level_cell NOT IN ({_listed(left_out)}))" if has_level else "1 = 1"
    unknown_level = "level_cell IS NULL" if has_level else ("1 = 1" if left_out else "1 = 0")
    repeat = "duplicate_cell IS NOT NULL" if "duplicate_kind" in columns else "1 = 0"
    drops = measure.duplicates is Duplicates.DROP
    counted = f"{in_population} AND NOT ({repeat})" if drops else in_population
    reach = f"{counted} AND {_in_reach(measure.denominator, repeat)}"
    pending = f"outcome_cell = {literal(Outcome.PENDING_OR_UNRECORDED)}"
    n_unknown = f"CASE WHEN {pending} THEN n ELSE n_unmapped END"
    left_by_resolved = pending if measure.denominator is Denominator.RESOLVED else "1 = 0"
    return {
        "n_counted": _if(counted),
        "n_reach": _if(reach),
        "n_base": _if(f"{reach} AND NOT ({left_by_resolved})"),
        "n_unknown": _if(reach, n_unknown),
        "n_repeats": _if(f"{in_population} AND {repeat}") if drops else "0",
        "n_unattributed": _if(counted, "n - n_attributed" if "jurisdiction_id" in columns else "n"),
        "n_young": _if(counted, "n_immature") if measure.immature_after else "0",
        "n_marked": _if(counted, "n_overridden") if measure.has_overridden else "0",
        "is_declined": _if(_declined(measure.definition), "1"),
        "is_level_unknown": _if(unknown_level, "1"),
    }


def _sums() -> dict[str, str]:
    """Return the SQL of every count, over the marks of the cells."""
    sure = "is_level_unknown = 0"
    sums = {"detainers": "SUM(n_counted)"}
    sums |= {outcome: f"SUM({_if(f'outcome_cell = {literal(outcome)}', 'n_counted')})" for outcome in OUTCOMES}
    return sums | {
        "declined": f"SUM({_if('is_declined = 1', 'n_base')})",
        "denominator": "SUM(n_base)",
        "unknown": "SUM(n_unknown)",
        "declined_low": f"SUM({_if(f'is_declined = 1 AND {sure}', 'n_reach - n_unknown')})",
        "declined_high": "SUM(CASE WHEN is_declined = 1 THEN n_reach ELSE n_unknown END)",
        "surely_other": f"SUM({_if(f'is_declined = 0 AND {sure}', 'n_reach - n_unknown')})",
        "reach": "SUM(n_reach)",
        "unknown_level": f"SUM({_if('is_level_unknown = 1', 'n_reach')})",
        "unattributed": "SUM(n_unattributed)",
        "duplicates_excluded": "SUM(n_repeats)",
        "immature": "SUM(n_young)",
        "overridden": "SUM(n_marked)",
    }


def _in_reach(denominator: Denominator, repeat: str) -> str:
    tests = f"outcome_cell <> {literal(Outcome.SUPERSEDED_OR_DUPLICATE)}"
    if denominator is Denominator.ALL_MINUS_DUPLICATES:
        tests += f" AND NOT ({repeat})"
    elif denominator is Denominator.HOLD_FORMS_ONLY:
        tests += f" AND form_cell IN ({_listed(hold_forms())})"
    return tests


def _if(condition: str, counted: str = "n") -> str:
    return f"CASE WHEN {condition} THEN {counted} ELSE 0 END"


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(literal(value) for value in values)


def _listed_numbers(name: str, values: tuple[str, ...]) -> str:
    try:
        return ", ".join(literal(int(value)) for value in values)
    except ValueError:
        raise BadInput(
            f"'{', '.join(values)}' is no {name.replace('_', ' ')}.", do=f"write it as {name}=2014."
        ) from None
