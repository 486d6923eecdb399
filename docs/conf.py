"""Settings with which Sphinx builds the documentation: sphinx-build --fail-on-warning docs build/docs."""

from __future__ import annotations

from detainer_ledger.terms import VERSION

project = "Detainer Ledger"
author = "the Detainer Ledger maintainers"
release = VERSION
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"Detainer Ledger {VERSION}"
myst_heading_anchors = 4
# Examples have placeholders, options and output in them; they are shown as they are.
highlight_language = "text"
suppress_warnings = ["misc.highlighting_failure"]
