"""Figures: the counts of a measure with their rate, interval and bounds, and the conditions under which they hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from detainer_ledger.measures.definitions import Clock, Definition, Denominator, definition
from detainer_ledger.measures.measure import NUMBERS, OUTCOMES, Duplicates, Measure, columns_needed, measure_sql
from detainer_ledger.measures.sources import Source
from detainer_ledger.tables import Engine
from detainer_ledger.terms import BadInput, wilson

if TYPE_CHECKING:
    import pyarrow as pa

INTEGERS = (
    "detainers",
    *OUTCOMES,
    "declined",
    "denominator",
    "unattributed",
    "duplicates_excluded",
    "immature",
    "overridden",
    "unknown",
    "declined_low",
    "declined_high",
    "unknown_level",
    "definition_version",
)
SHARES = ("rate", "ci_low", "ci_high", "bound_low", "bound_high")

FIGURE_COLUMNS = (
    "detainers",
    *OUTCOMES,
    "declined",
    "definition",
    "denominator",
    "denominator_kind",
    "rate",
    "ci_low",
    "ci_high",
    "bound_low",
    "bound_high",
    "unattributed",
    "duplicates_excluded",
    "immature",
    "unknown",
    "declined_low",
    "declined_high",
    "unknown_level",
    "definition_version",
    "clock",
    "period_from",
    "period_to",
    "filters",
    "releases",
    "overridden",
)
"""Columns of every table of figures, after its groups (design, section 5; the last ones are additions to it).

Counts are integers, shares are fractions of 1, days are ISO text and inclusive. ``immature`` counts the detainers too
young to be judged, ``unknown`` those without an outcome that is understood, ``declined_low`` and ``declined_high`` are
the bounds as counts, ``releases`` are the ids of the releases counted, parted by blanks, ``overridden`` counts the
detainers that were issued in an agency's record after a supervisor overrode a rule.
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """A table of figures: the measure, its group columns, and one row per group by column name."""

    measure: Measure
    source: Source
    rows: tuple[Mapping[str, Any], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns: the groups, then FIGURE_COLUMNS."""
        return (*self.measure.by, *FIGURE_COLUMNS)

    def to_arrow(self) -> pa.Table:
        """Return the figures as an Arrow table, counts as int64 and shares as double."""
        import pyarrow as pa

        kinds = dict.fromkeys(INTEGERS, pa.int64()) | dict.fromkeys(SHARES, pa.float64())
        kinds |= dict.fromkeys(NUMBERS, pa.int64())
        fields = [pa.field(name, kinds.get(name, pa.string())) for name in self.columns]
        return pa.Table.from_pylist([dict(row) for row in self.rows], schema=pa.schema(fields))


def measure_of(
    engine: Engine,
    source: Source,
    *,
    by: Sequence[str] = (),
    start: date | None = None,
    end: date | None = None,
    declined: str = "recorded",
    denominator: Denominator | None = None,
    duplicates: Duplicates = Duplicates.DROP,
    releases: Sequence[str] = (),
    where: Mapping[str, Sequence[str]] | None = None,
) -> Measure:
    """Return the measure that these words ask for. ``start`` and ``end`` are inclusive days of the definition's clock.

    ``where`` keeps the rows whose group column has one of the values named. The denominator is the definition's own
    unless another is named. Raises BadInput for unknown groups, definitions and releases, for a period that ends before
    it begins, and for a definition that cannot be computed.
    """
    chosen = definition(declined)
    if chosen.not_computable:
        raise BadInput(
            f"'{chosen.id}' cannot be computed: {chosen.not_computable}.",
            do="use another definition, such as recorded.",
        )
    if start and end and end < start:
        raise BadInput(f"The period ends ({end}) before it begins ({start}).", do="swap the two days.")
    if len(set(by)) != len(by):
        raise BadInput("A group is named twice.", do="name each group once.")
    return Measure(
        definition=chosen,
        denominator=denominator or chosen.denominator,
        by=tuple(by),
        start=start,
        end=end,
        clock=_clock(engine, chosen),
        duplicates=duplicates,
        releases=tuple(releases),
        where=tuple((name, tuple(values)) for name, values in (where or {}).items()),
        immature_after=source.only(tuple(releases)).immature_after(),
        has_overridden=any(release.overridden for release in source.only(tuple(releases)).releases),
    )


def figures(engine: Engine, source: Source, **question: Any) -> Figures:
    """Count detainers by group on an engine. ``question`` is what ``measure_of`` takes.

    Raises what ``measure_of`` raises, and BadInput if the table lacks a column that the measure cannot do without.
    """
    measure = measure_of(engine, source, **question)
    present = engine.columns()
    if lacking := columns_needed(measure) - present:
        raise BadInput(
            "The table lacks columns that this measure needs: " + ", ".join(sorted(lacking)) + ".",
            do="group and filter by other columns, or make the table with detainer ingest.",
        )
    if not engine.reads_paths:
        _refuse_other_releases(engine, source, present)
    columns = present - source.empty_columns if engine.reads_paths else present
    names, found = engine.run(measure_sql(measure, table=engine.table, columns=columns))
    kept = source.only(measure.releases)
    conditions = _conditions(measure, kept)
    rows = [_figure(measure, conditions, dict(zip(names, row, strict=True))) for row in found]
    if not measure.by and not rows:
        rows = [_figure(measure, conditions, {})]
    rows.sort(key=lambda row: [(row[name] is None, str(row[name])) for name in measure.by])
    return Figures(measure=measure, source=kept, rows=tuple(rows))


def _refuse_other_releases(engine: Engine, source: Source, present: frozenset[str]) -> None:
    """Refuse a database table with releases that the store does not know: its figures would carry wrong digests."""
    if "release_id" not in present:
        return
    _names, rows = engine.run(f"SELECT release_id FROM {engine.table} GROUP BY release_id")
    known = {release.release_id for release in source.releases}
    if others := sorted(str(row[0]) for row in rows if row[0] not in known):
        raise BadInput(
            f"The table has releases that the store does not know: {', '.join(others[:5])}.",
            do="name with --store the store from which the table was made.",
        )


def _clock(engine: Engine, chosen: Definition) -> Clock:
    """Return the clock that can be used: the recording date only where some row has one."""
    if chosen.clock is not Clock.RECORDED or "lifted_on" not in engine.columns():
        return Clock.ISSUED
    _names, rows = engine.run(f"SELECT COUNT(lifted_on) AS n FROM {engine.table}")
    return Clock.RECORDED if rows and rows[0][0] else Clock.ISSUED


def _conditions(measure: Measure, source: Source) -> dict[str, Any]:
    """Return what every row of the figures says of the question itself, and a zero for all that is to be counted."""
    return dict.fromkeys(INTEGERS, 0) | {
        "definition": measure.definition.id,
        "denominator_kind": str(measure.denominator),
        "definition_version": measure.definition.version,
        "clock": str(measure.clock),
        "period_from": measure.start.isoformat() if measure.start else None,
        "period_to": measure.end.isoformat() if measure.end else None,
        "filters": "; ".join(f"{name}={'|'.join(values)}" for name, values in measure.where) or None,
        "releases": " ".join(release.release_id for release in source.releases),
    }


def _figure(measure: Measure, conditions: Mapping[str, Any], raw: Mapping[str, Any]) -> dict[str, Any]:
    """Complete one row of counts to a figure with its conditions."""
    groups = {name: raw[name] for name in measure.by}
    # Without groups there is a row even where nothing was counted, and its sums are null.
    count = raw if measure.by else {name: value or 0 for name, value in raw.items()}
    known: dict[str, Any] = {**conditions, **count, **_shares(measure, count)}
    if measure.denominator is Denominator.NONE:
        known["denominator"] = None
    return groups | dict(zip(FIGURE_COLUMNS, _in_order(known), strict=True))


_in_order = itemgetter(*FIGURE_COLUMNS)


def _shares(measure: Measure, count: Mapping[str, int]) -> dict[str, float | None]:
    """Return rate, interval and bounds; all None where the definition has no denominator or nothing is in it.

    The bounds follow from what is not known: at the least no unknown detainer is declined, at the most all of them are,
    and where a level is not known the detainer may or may not be in the population.
    """
    shares: dict[str, float | None] = dict.fromkeys(SHARES)
    if measure.denominator is Denominator.NONE:
        return shares
    declined, total = count.get("declined", 0), count.get("denominator", 0)
    if total:
        shares["rate"] = declined / total
        shares["ci_low"], shares["ci_high"] = wilson(declined, total)
    reach = count.get("reach", 0)
    most = count.get("declined_high", 0)
    if reach:
        shares["bound_low"] = count.get("declined_low", 0) / reach
        possible = most + count.get("surely_other", 0)
        shares["bound_high"] = most / possible if possible else 0.0
    return shares
