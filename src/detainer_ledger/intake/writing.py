"""Writing classified detainers, within a limit of memory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from detainer_ledger.tables import literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MEMORY_LIMIT = "1200MB"
"""What the table engine may hold in memory while it writes; the rest goes to the staging folder."""


def write_detainers(connection: DuckDBPyConnection, sql: str, target: Path) -> None:
    """Write a classified detainers table as Parquet."""
    connection.execute(f"COPY ({sql}) TO {literal(str(target))} (FORMAT parquet, COMPRESSION snappy)")
