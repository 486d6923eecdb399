"""How far a protocol was followed, at any instant: rates of steps and of files, counted in the table of steps.

The statuses are those of ``DueStep.status``, told here once more as SQL so that a million cases are counted in seconds;
a test holds the two against each other. A full count has no sampling error, so no interval stands beside a rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from detainer_ledger.casework.screening.steps import LAPSES, TESTED, Status
from detainer_ledger.casework.screening.table import schema
from detainer_ledger.tables import connect, file_literal, literal
from detainer_ledger.terms import BadInput

if TYPE_CHECKING:
    import pyarrow as pa

GROUPS = ("office", "month", "step", "protocol", "stage", "case")
"""Columns by which steps can be counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplianceRow:
    """The counts of a group.

    ``steps`` has how many stand in each status. ``tested`` steps had to be done by then: in time and all lapses;
    ``lapses`` of them are late, missing, undocumented or out of order. ``files`` have at least one required step that
    was tested, ``files_with_lapse`` at least one of these with a lapse. Rates are fractions of 1, None of nothing.
    """

    group: tuple[str, ...]
    steps: dict[Status, int]
    tested: int
    lapses: int
    files: int
    files_with_lapse: int

    @property
    def step_rate(self) -> float | None:
        """Return the share of tested steps with a lapse."""
        return self.lapses / self.tested if self.tested else None

    @property
    def file_rate(self) -> float | None:
        """Return the share of files with at least one lapse."""
        return self.files_with_lapse / self.files if self.files else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compliance:
    """The compliance of all cases at an instant: in all, by group, and how many files have how many lapses."""

    at: datetime
    by: tuple[str, ...]
    all: ComplianceRow
    rows: tuple[ComplianceRow, ...]
    lapses_per_file: dict[int, int]


def compliance_of(source: Path | pa.Table, *, at: datetime, by: Sequence[str] = ()) -> Compliance:
    """Count the statuses of steps at an instant, in a Parquet file or an Arrow table of ``table.COLUMNS``.

    ``at`` is aware; the table says nothing of what was recorded after it was written. Raises BadInput for a group that
    there is not, and for a file that is no such table.
    """
    for place, name in enumerate(by):
        if name not in GROUPS:
            raise BadInput("Steps are not counted by this.", option="--by", do=f"it can be {', '.join(GROUPS)}.")
        if name in by[:place]:
            raise BadInput("Steps are counted by this twice.", option="--by", do=f"write {name} once.")
    connection = connect()
    try:
        if isinstance(source, Path):
            check_file(source)
            connection.execute(f"CREATE VIEW given AS SELECT * FROM read_parquet({file_literal(source)})")
        else:
            connection.register("given", source)
        # Every count is made from one row for a case and group, so that the table is read once.
        keys = ", ".join(by)
        connection.execute(f"CREATE TEMP TABLE per_case AS {_per_case(at, by)}")
        rows = connection.execute(_totals(keys)).fetchall() if by else []
        whole = connection.execute(_totals("")).fetchone()
        lapses = connection.execute(
            "SELECT lapses, count(*) FROM (SELECT CAST(sum(required_lapses) AS BIGINT) AS lapses FROM per_case"
            " GROUP BY case_id HAVING sum(required_tested) > 0) AS cases GROUP BY lapses ORDER BY lapses"
        ).fetchall()
    finally:
        connection.close()
    return Compliance(
        at=at,
        by=tuple(by),
        all=_row((), whole or ()),
        rows=tuple(_row(row[: len(by)], row[len(by) :]) for row in rows),
        lapses_per_file=dict(lapses),
    )


def status_sql(at: datetime) -> str:
    """Return the SQL of the status of a row at an instant, in the words of ``Status``."""
    then = f"TIMESTAMP {literal(at.astimezone(UTC).replace(tzinfo=None).isoformat(sep=' '))}"
    return (
        f"CASE WHEN triggered_at IS NULL OR triggered_at > {then} THEN 'not_applicable'"
        f" WHEN done_at <= {then} THEN CASE"
        f" WHEN documented_at IS NULL OR documented_at > {then} THEN 'undocumented'"
        " WHEN is_in_order IS NOT TRUE THEN 'out_of_order'"
        " WHEN due_at IS NULL OR done_at <= due_at THEN 'in_time' ELSE 'late' END"
        f" WHEN due_at < {then} AND (ended_at IS NULL OR due_at <= ended_at) THEN 'missing'"
        f" WHEN ended_at <= {then} THEN 'not_applicable' ELSE 'not_due' END"
    )


def _per_case(at: datetime, by: Sequence[str]) -> str:
    """Return the SQL that counts the steps of each case in each group."""
    groups = "".join(f'"{name}" AS {_named(name)}, ' for name in by)
    counts = ", ".join(f"CAST(count(*) FILTER (status = '{each}') AS BIGINT) AS {each}" for each in Status)
    lapses = ", ".join(f"'{each}'" for each in LAPSES)
    tested = ", ".join(f"'{each}'" for each in TESTED)
    return (
        f'SELECT {groups}"case" AS case_id, {counts},'
        f" count(*) FILTER (required AND status IN ({tested})) AS required_tested,"
        f" count(*) FILTER (required AND status IN ({lapses})) AS required_lapses"
        f" FROM (SELECT *, {status_sql(at)} AS status FROM given) AS steps GROUP BY ALL"
    )


def _totals(keys: str) -> str:
    counts = ", ".join(f"CAST(coalesce(sum({each}), 0) AS BIGINT)" for each in Status)
    groups = "".join(f"{_named(name)}, " for name in keys.split(", ") if name)
    grouping = f" GROUP BY {groups.rstrip(', ')} ORDER BY {groups.rstrip(', ')}" if groups else ""
    files = "count(DISTINCT case_id)" if not groups else "count(*)"
    # Without groups a case stands once for each group by which it was counted.
    return (
        f"SELECT {groups}{counts}, {files} FILTER (required_tested > 0), {files} FILTER (required_lapses > 0)"
        f" FROM per_case{grouping}"
    )


def _named(group: str) -> str:
    return f"by_{group}"


def _row(group: Sequence[object], counts: Sequence[int]) -> ComplianceRow:
    steps = dict(zip(Status, counts[: len(Status)], strict=True))
    return ComplianceRow(
        group=tuple(str(each) for each in group),
        steps=steps,
        tested=sum(steps[each] for each in TESTED),
        lapses=sum(steps[each] for each in LAPSES),
        files=counts[-2],
        files_with_lapse=counts[-1],
    )


def check_file(path: Path) -> None:
    """Raise BadInput where a file is no table of steps."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    do = "write one with 'detainer screening extract'."
    try:
        found = pq.read_schema(path)
    except FileNotFoundError:
        raise BadInput("There is no such file.", file=str(path), do=do) from None
    except (pa.ArrowException, OSError):
        raise BadInput("This is no Parquet file that can be read.", file=str(path), do=do) from None
    if differing := [each.name for each in schema() if each not in [found.field(name) for name in found.names]]:
        raise BadInput("The file is no table of screening steps.", file=str(path), column=differing[0], do=do)
