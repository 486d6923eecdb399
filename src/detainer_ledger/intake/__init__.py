"""Release files into a store, and stays to the detainers in it: read, marked, classified, and committed as one."""

from detainer_ledger.intake.accounts import accounts_in, rows_with
from detainer_ledger.intake.ingesting import IngestResult, ingest
from detainer_ledger.intake.jurisdictions import PlacedRelease, corrections_in, place_store, placer_for
from detainer_ledger.intake.links import LinkResult, link
from detainer_ledger.intake.measuring import OpenFiles, open_files
from detainer_ledger.intake.overlaps import Overlap, overlaps_in
from detainer_ledger.intake.reading import Release, read
from detainer_ledger.intake.reviewing import REVIEW_COLUMNS, review_of

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
    "read",
    "review_of",
    "rows_with",
]
