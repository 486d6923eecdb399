"""Settings of the documentation's build: sphinx-build docs build/docs."""

project = "Detainer Ledger"
author = "The Detainer Ledger developers"
extensions = ["myst_parser"]
html_theme = "furo"
html_title = "Detainer Ledger"
exclude_patterns = ["generate.py"]
myst_heading_anchors = 4
myst_enable_extensions = ["dollarmath"]
suppress_warnings = ["misc.highlighting_failure"]
