"""``measure()``, the door for Python: any table of classified detainers in, a table of figures out."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detainer_ledger.measures.definitions import Denominator
from detainer_ledger.measures.figures import figures
from detainer_ledger.measures.measure import Duplicates
from detainer_ledger.measures.sources import open_source
from detainer_ledger.tables import connect, literal
from detainer_ledger.terms import BadInput

if TYPE_CHECKING:
    import pyarrow as pa


def measure(
    detainers: Any,
    *,
    by: Sequence[str] = (),
    start: str | date | None = None,
    end: str | date | None = None,
    declined: str = "recorded",
    denominator: str | None = None,
    duplicates: str = "drop",
    releases: Sequence[str] = (),
    where: Mapping[str, Sequence[str]] | None = None,
    engine: str | None = None,
) -> pa.Table:
    """Count classified detainers by group and return the figures as an Arrow table, one row per group.

    ``detainers`` is a store, a Parquet file or folder (as path), or an Arrow, pandas or Polars table. ``by`` names
    group columns (see GROUPS); ``start`` and ``end`` are inclusive, as days or ISO text; ``declined`` is the id of a
    definition, ``denominator`` one of ``all``, ``all_minus_duplicates``, ``resolved``, ``hold_forms_only``, ``none``
    (the definition's own if not named); ``duplicates`` is ``drop`` or ``keep``; ``engine`` is an engine URL, which only
    paths can go with. The columns are FIGURE_COLUMNS after the groups. Raises BadInput for what is not understood.
    """
    if isinstance(detainers, str | Path):
        return _measure_path(
            Path(detainers), by, start, end, declined, denominator, duplicates, releases, where, engine
        )
    if engine not in (None, "duckdb"):
        raise BadInput("Another engine needs a store or a Parquet path.", do="write the table to Parquet first.")
    with tempfile.TemporaryDirectory(prefix="detainer-") as folder:
        written = Path(folder) / "detainers.parquet"
        connection = connect()
        connection.register("given", getattr(detainers, "table", detainers))
        connection.execute(f"COPY (SELECT * FROM given) TO {literal(str(written))} (FORMAT parquet)")
        connection.close()
        return _measure_path(written, by, start, end, declined, denominator, duplicates, releases, where, None)


def _measure_path(
    path: Path,
    by: Sequence[str],
    start: str | date | None,
    end: str | date | None,
    declined: str,
    denominator: str | None,
    duplicates: str,
    releases: Sequence[str],
    where: Mapping[str, Sequence[str]] | None,
    engine: str | None,
) -> pa.Table:
    with closing(open_source(path, engine)) as opened:
        return figures(
            opened.engine,
            opened.source,
            by=by,
            start=_day(start),
            end=_day(end),
            declined=declined,
            denominator=_word(Denominator, denominator) if denominator else None,
            duplicates=_word(Duplicates, duplicates),
            releases=releases,
            where=where,
        ).to_arrow()


def _day(given: str | date | None) -> date | None:
    if given is None or isinstance(given, date):
        return given
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise BadInput(f"'{given}' is no day.", do="write it as YYYY-MM-DD.") from None


def _word(kind: Any, given: str) -> Any:
    try:
        return kind(given)
    except ValueError:
        raise BadInput(f"'{given}' is not understood.", do="choose one of: " + ", ".join(kind) + ".") from None
