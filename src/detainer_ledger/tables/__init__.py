"""The one door to the table engine, to Parquet, and to the store."""

from detainer_ledger.tables.engine import connect, identifier, literal
from detainer_ledger.tables.store import STORE_FORMAT, Store, Writing

__all__ = ["STORE_FORMAT", "Store", "Writing", "connect", "identifier", "literal"]
