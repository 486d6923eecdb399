"""Release files into a store, and stays to the detainers in it: read, marked, classified, and committed as one."""

from detainer_ledger.intake.accounts import accounts_in, rows_with
from detainer_ledger.intake.ingesting import IngestResult, ingest
from detainer_ledger.intake.links import LinkResult, link
from detainer_ledger.intake.measuring import OpenFiles, open_files
from detainer_ledger.intake.overlaps import Overlap, overlaps_in
from detainer_ledger.intake.reading import Release, read

__all__ = [
    "IngestResult",
    "LinkResult",
    "OpenFiles",
    "Overlap",
    "Release",
    "accounts_in",
    "ingest",
    "link",
    "open_files",
    "overlaps_in",
    "read",
    "rows_with",
]
