"""Received files to the detainers table: rows keyed by release, file, sheet and row, and the account of them."""

from detainer_ledger.releases.account import (
    ReleaseAccount,
    account_json,
    defect_rows,
    flagged_rows,
    take_account,
    with_defects,
)
from detainer_ledger.releases.layouts import Layout, LayoutColumn, layout, layouts
from detainer_ledger.releases.plain import PlainRow, plain_rows
from detainer_ledger.releases.reading import Part
from detainer_ledger.releases.received import Received
from detainer_ledger.releases.release import (
    FileRead,
    ReleaseParts,
    connect_for_reading,
    parts_of,
    read_files,
    receive_all,
    receive_each,
    releases_in,
)
from detainer_ledger.releases.table import records

__all__ = [
    "FileRead",
    "Layout",
    "LayoutColumn",
    "Part",
    "PlainRow",
    "Received",
    "ReleaseAccount",
    "ReleaseParts",
    "account_json",
    "connect_for_reading",
    "defect_rows",
    "flagged_rows",
    "layout",
    "layouts",
    "parts_of",
    "plain_rows",
    "read_files",
    "receive_all",
    "receive_each",
    "records",
    "releases_in",
    "take_account",
    "with_defects",
]
