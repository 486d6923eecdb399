"""The one door to the table engines, to Parquet, and to the store."""

from detainer_ledger.tables.engine import connect, connect_beside, file_literal, identifier, interrupt_all, literal
from detainer_ledger.tables.engines import DETAINERS_TABLE, EMBEDDED, DuckDBEngine, Engine, engine_for, parquet
from detainer_ledger.tables.exports import harmless, is_formula, write_csv, write_json
from detainer_ledger.tables.store import STORE_FORMAT, Store, Writing

__all__ = [
    "DETAINERS_TABLE",
    "EMBEDDED",
    "STORE_FORMAT",
    "DuckDBEngine",
    "Engine",
    "Store",
    "Writing",
    "connect",
    "connect_beside",
    "engine_for",
    "file_literal",
    "harmless",
    "identifier",
    "interrupt_all",
    "is_formula",
    "literal",
    "parquet",
    "write_csv",
    "write_json",
]
