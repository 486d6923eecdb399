"""Release files into a store, and stays to the detainers in it: read, marked, classified, and committed as one."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from detainer_ledger.intake.accounts import accounts_in, rows_with
    from detainer_ledger.intake.extracts import put_extract
    from detainer_ledger.intake.ingesting import IngestResult, ingest
    from detainer_ledger.intake.jurisdictions import PlacedRelease, corrections_in, place_store, placer_for
    from detainer_ledger.intake.links import LinkResult, link
    from detainer_ledger.intake.measuring import OpenFiles, open_files
    from detainer_ledger.intake.overlaps import Overlap, overlaps_in
    from detainer_ledger.intake.reading import Release, read
    from detainer_ledger.intake.reviewing import REVIEW_COLUMNS, review_of

_MODULE_OF = {
    "IngestResult": "ingesting",
    "LinkResult": "links",
    "OpenFiles": "measuring",
    "Overlap": "overlaps",
    "PlacedRelease": "jurisdictions",
    "REVIEW_COLUMNS": "reviewing",
    "Release": "reading",
    "accounts_in": "accounts",
    "corrections_in": "jurisdictions",
    "ingest": "ingesting",
    "link": "links",
    "open_files": "measuring",
    "overlaps_in": "overlaps",
    "place_store": "jurisdictions",
    "placer_for": "jurisdictions",
    "put_extract": "extracts",
    "read": "reading",
    "review_of": "reviewing",
    "rows_with": "accounts",
}

__all__ = [
    "REVIEW_COLUMNS",
    "IngestResult",
    "LinkResult",
    "OpenFiles",
    "Overlap",
    "PlacedRelease",
    "Release",
    "accounts_in",
    "corrections_in",
    "ingest",
    "link",
    "open_files",
    "overlaps_in",
    "place_store",
    "placer_for",
    "put_extract",
    "read",
    "review_of",
    "rows_with",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for: to measure files, nothing has to be known of stores."""
    from importlib import import_module

    try:
        module = _MODULE_OF[name]
    except KeyError:
        raise AttributeError(f"module 'detainer_ledger.intake' has no attribute '{name}'") from None
    return getattr(import_module(f"detainer_ledger.intake.{module}"), name)
