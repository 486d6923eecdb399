"""The rules run over a whole release: of how many detainers each is met, not met, not recorded, or not applicable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from detainer_ledger.audit.release_checks import RESULTS, ReleaseCheck, release_checks
from detainer_ledger.audit.release_sql import TYPES, result_sql
from detainer_ledger.measures import GROUPS, Duplicates, Source
from detainer_ledger.tables import Engine, identifier, literal
from detainer_ledger.terms import OVERRIDDEN, BadInput

COUNT_COLUMNS = ("check", "rule", "detainers", "population", *RESULTS, "duplicates_excluded", "overridden")
"""Columns of the counts, after the groups.

``population`` is what the rule applies to: met, not met and not recorded. The four results add up to ``detainers``.
``overridden`` are the detainers of the group that were issued after a supervisor overrode some rule, whichever it was.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCounts:
    """Counts by group and check: one row for each, with ``by`` and then COUNT_COLUMNS, in the order of the checks.

    ``lacking`` are, by release, the columns that a check reads and in which no row of that release has a value: what
    is not recorded there is so for the release, not for the row.
    """

    by: tuple[str, ...]
    start: date | None
    end: date | None
    duplicates: Duplicates
    source: Source
    checks: tuple[ReleaseCheck, ...]
    rows: tuple[Mapping[str, Any], ...]
    lacking: Mapping[str, tuple[str, ...]]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns: the groups, then COUNT_COLUMNS."""
        return (*self.by, *COUNT_COLUMNS)


def rule_counts(
    engine: Engine,
    source: Source,
    *,
    by: Sequence[str] = (),
    start: date | None = None,
    end: date | None = None,
    duplicates: Duplicates = Duplicates.DROP,
    releases: Sequence[str] = (),
) -> RuleCounts:
    """Put every check to every detainer of a source and count the answers by group.

    ``by`` are groups of measures; ``start`` and ``end`` are inclusive days of issue. Rows marked as repeats are left
    out and counted unless ``duplicates`` keeps them. A detainer that was superseded counts: it was issued. Raises
    BadInput for a group or release that there is not, and for a period that ends before it begins.
    """
    if start and end and end < start:
        raise BadInput(f"The period ends ({end}) before it begins ({start}).", do="swap the two days.")
    if len(set(by)) != len(by):
        raise BadInput("A group is named twice.", do="name each group once.")
    kept = source.only(tuple(releases))
    present = engine.columns()
    groups = {name: _group(name, present) for name in by}
    tests = _filters(start, end, tuple(releases))
    where = f" WHERE {' AND '.join(tests)}" if tests else ""
    has_overridden = any(release.overridden for release in kept.releases)
    sql = _counts_sql(
        groups, where, table=engine.table, present=present, duplicates=duplicates, has_overridden=has_overridden
    )
    names, found = engine.run(sql)
    counted = [dict(zip(names, row, strict=True)) for row in found]
    counted.sort(key=lambda row: [(row[name] is None, str(row[name])) for name in by])
    return RuleCounts(
        by=tuple(by),
        start=start,
        end=end,
        duplicates=duplicates,
        source=kept,
        checks=release_checks(),
        rows=tuple(_row(check, place, row, by) for row in counted for place, check in enumerate(release_checks())),
        lacking=_lacking(engine, where, present),
    )


def _counts_sql(
    groups: Mapping[str, str],
    where: str,
    *,
    table: str,
    present: frozenset[str],
    duplicates: Duplicates,
    has_overridden: bool,
) -> str:
    """Return the SQL text: the answers of each row first, then their counts by group."""
    marks = [f"{sql} AS {identifier('g_' + name)}" for name, sql in groups.items()]
    is_repeat = "CASE WHEN duplicate_kind IS NULL THEN 0 ELSE 1 END" if "duplicate_kind" in present else "0"
    marks.append(f"{is_repeat if duplicates is Duplicates.DROP else '0'} AS repeat")
    is_overridden = f"list_contains(quality, {literal(OVERRIDDEN)})" if has_overridden else "false"
    marks.append(f"{is_overridden} AS is_overridden")
    marks += [f"{result_sql(check)} AS r{place}" for place, check in enumerate(release_checks())]
    missing = [f"CAST(NULL AS {kind}) AS {name}" for name, kind in TYPES.items() if name not in present]
    rows = f"(SELECT {', '.join(['*', *missing])} FROM {table}) detainers" if missing else table
    selected = [f"{identifier('g_' + name)} AS {identifier(name)}" for name in groups]
    selected.append("COUNT(*) FILTER (WHERE repeat = 0) AS detainers")
    selected.append("COUNT(*) FILTER (WHERE repeat = 1) AS duplicates_excluded")
    selected.append("COUNT(*) FILTER (WHERE repeat = 0 AND is_overridden) AS overridden")
    for place, _check in enumerate(release_checks()):
        selected += [
            f"COUNT(*) FILTER (WHERE repeat = 0 AND r{place} = {literal(result)}) AS r{place}_{result}"
            for result in RESULTS
        ]
    closing = f" GROUP BY {', '.join(identifier('g_' + name) for name in groups)}" if groups else ""
    return f"SELECT {', '.join(selected)} FROM (SELECT {', '.join(marks)} FROM {rows}{where}) answered{closing}"


def _row(check: ReleaseCheck, place: int, counted: Mapping[str, Any], by: Sequence[str]) -> dict[str, Any]:
    results = {result: counted[f"r{place}_{result}"] for result in RESULTS}
    return {
        **{name: counted[name] for name in by},
        "check": check.id,
        "rule": check.rule.id,
        "detainers": counted["detainers"],
        "population": counted["detainers"] - results["not_applicable"],
        **results,
        "duplicates_excluded": counted["duplicates_excluded"],
        "overridden": counted["overridden"],
    }


def _group(name: str, present: frozenset[str]) -> str:
    if name not in GROUPS:
        raise BadInput(f"There is no column '{name}' to group by.", do="choose among: " + ", ".join(GROUPS) + ".")
    column, otherwise = GROUPS[name]
    if column in present:
        return column
    if not otherwise:
        raise BadInput(
            f"The table has no column to group by '{name}'.", do="group by another, or make the table with ingest."
        )
    return otherwise.format(day="issued_on")


def _filters(start: date | None, end: date | None, releases: Sequence[str]) -> list[str]:
    tests = []
    if start is not None:
        tests.append(f"issued_on >= {literal(start.isoformat())}")
    if end is not None:
        tests.append(f"issued_on <= {literal(end.isoformat())}")
    if releases:
        tests.append(f"release_id IN ({', '.join(literal(each) for each in releases)})")
    return tests


def _lacking(engine: Engine, where: str, present: frozenset[str]) -> Mapping[str, tuple[str, ...]]:
    """Return by release the columns that checks read and that hold no value in it."""
    read = [name for name in TYPES if name in present]
    counts = ", ".join(f"COUNT({name}) AS {name}" for name in read)
    _names, rows = engine.run(f"SELECT release_id, {counts} FROM {engine.table}{where} GROUP BY release_id")
    found = {}
    for release_id, *values in rows:
        empty = {name for name, value in zip(read, values, strict=True) if not value} | (set(TYPES) - present)
        if empty:
            found[str(release_id)] = tuple(name for name in TYPES if name in empty)
    return dict(sorted(found.items()))
