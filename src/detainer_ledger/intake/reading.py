"""Reading release files in memory, for use from Python."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from detainer_ledger.releases import ReleaseAccount, parts_of, read_files, receive_all, releases_in, take_account
from detainer_ledger.tables import connect
from detainer_ledger.terms import BadInput

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One release in memory: ``table`` has the detainers without outcomes, ``account`` what became of every row.

    ``table`` is an Arrow table; ``table.to_pandas()`` and ``polars.from_arrow(table)`` give the others.
    """

    release_id: str
    layout: str
    table: pa.Table
    account: ReleaseAccount


def read(
    *paths: str | Path, layout: str | None = None, progress: Callable[[str], None] = lambda _name: None
) -> Release:
    """Read the files of one release: workbooks, text or Parquet, of any layout that is known.

    Returns the rows in the order of files, sheets and rows, in the columns of the detainers table up to the placement;
    nothing is written. ``layout`` forces a layout. Raises BadInput for a file that cannot be read, and for files of
    several layouts: read each release in a call of its own.
    """
    if not paths:
        raise BadInput("No file was named.", do="name at least one file.")
    received, _repeated = receive_all(Path(path) for path in paths)
    with tempfile.TemporaryDirectory(prefix="detainer-") as folder:
        files = read_files(
            received, Path(folder), layout_id=layout, read_on=datetime.now(UTC).date(), progress=progress
        )
        grouped = releases_in(files)
        if len(grouped) > 1:
            raise BadInput(
                f"The files are of {len(grouped)} layouts ({', '.join(grouped)}).",
                do="read the files of each release in a call of their own.",
            )
        ((release_id, members),) = grouped.items()
        connection = connect(spill_to=Path(folder))
        try:
            release = parts_of(connection, release_id, members)
            account = take_account(connection, release)
            table = connection.sql(f"{release.detainers_sql} ORDER BY r.row_order").to_arrow_table()
        finally:
            connection.close()
    return Release(release_id=release_id, layout=release.layout.id, table=table, account=account)
