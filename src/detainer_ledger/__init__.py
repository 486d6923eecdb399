"""Detainer Ledger: from an immigration detainer's published record to an honest figure, each step checkable.

    import detainer_ledger as dl

    release = dl.read("2026-ICLI-00005_Detainers_FY26.xlsx")
    detainers = dl.classify(dl.place(release))
    table = dl.measure(detainers, by=["jurisdiction"], start="2025-10-01", end="2026-02-28", declined="recorded")

Every table is an Arrow table: ``table.to_pandas()`` and ``polars.from_arrow(table)`` give the others. What a user can
cause ends in a ``LedgerError`` that says what is wrong, where, and what to do.
"""

from typing import TYPE_CHECKING, Any

from detainer_ledger.terms import VERSION

if TYPE_CHECKING:
    from detainer_ledger.intake import IngestResult, LinkResult, Release, ingest, link, read
    from detainer_ledger.measures import definitions, measure
    from detainer_ledger.outcomes import classify
    from detainer_ledger.places import place
    from detainer_ledger.releases import layouts
    from detainer_ledger.reports import build_report, write_report
    from detainer_ledger.terms import BadInput, LedgerError, StoreError

__version__ = VERSION

_ROOM_OF = {
    "BadInput": "terms",
    "IngestResult": "intake",
    "LedgerError": "terms",
    "LinkResult": "intake",
    "Release": "intake",
    "StoreError": "terms",
    "build_report": "reports",
    "classify": "outcomes",
    "definitions": "measures",
    "ingest": "intake",
    "layouts": "releases",
    "link": "intake",
    "measure": "measures",
    "place": "places",
    "read": "intake",
    "write_report": "reports",
}

__all__ = [
    "BadInput",
    "IngestResult",
    "LedgerError",
    "LinkResult",
    "Release",
    "StoreError",
    "build_report",
    "classify",
    "definitions",
    "ingest",
    "layouts",
    "link",
    "measure",
    "place",
    "read",
    "write_report",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that the command line starts without the heavy libraries."""
    from importlib import import_module

    try:
        room = _ROOM_OF[name]
    except KeyError:
        raise AttributeError(f"module 'detainer_ledger' has no attribute '{name}'") from None
    return getattr(import_module(f"detainer_ledger.{room}"), name)
