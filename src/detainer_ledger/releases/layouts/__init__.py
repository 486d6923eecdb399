"""Layouts: how the files of one release are laid out, as data.

Each ``<id>.toml`` in this folder describes one layout. A file is recognised from its content: the header is the
first row, within the first rows of a sheet, that holds enough known names. ``docs/how-to/add-a-layout.md`` shows how to
add one.
"""

from detainer_ledger.releases.layouts.layout import (
    HEADER_SEARCH_ROWS,
    Layout,
    LayoutColumn,
    fold_header,
    layout,
    layouts,
)
from detainer_ledger.releases.layouts.matching import HeaderMatch, MatchedColumn, match_header

__all__ = [
    "HEADER_SEARCH_ROWS",
    "HeaderMatch",
    "Layout",
    "LayoutColumn",
    "MatchedColumn",
    "fold_header",
    "layout",
    "layouts",
    "match_header",
]
