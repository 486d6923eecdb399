"""The one door to the table engine and to Parquet."""

from detainer_ledger.tables.engine import connect, identifier, literal

__all__ = ["connect", "identifier", "literal"]
