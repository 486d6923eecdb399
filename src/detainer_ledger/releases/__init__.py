"""Received files to the detainers table: rows keyed by release, file, sheet and row, and the account of them."""

from detainer_ledger.releases.account import ReleaseAccount, account_json, defect_rows, flagged_rows, with_defects
from detainer_ledger.releases.layouts import Layout, LayoutColumn, layout, layouts
from detainer_ledger.releases.received import Received
from detainer_ledger.releases.release import (
    FileRead,
    ReleaseParts,
    parts_of,
    read_files,
    receive_all,
    releases_in,
)
from detainer_ledger.releases.table import records

__all__ = [
    "FileRead",
    "Layout",
    "LayoutColumn",
    "Received",
    "ReleaseAccount",
    "ReleaseParts",
    "account_json",
    "defect_rows",
    "flagged_rows",
    "layout",
    "layouts",
    "parts_of",
    "read_files",
    "receive_all",
    "records",
    "releases_in",
    "with_defects",
]
