"""The group ``detainer audit``."""

from __future__ import annotations

import click

from detainer_ledger.cli.lazy import LazyGroup

COMMANDS = {
    "demo": "A whole audit of an invented population with known lapses, from frame to report.",
    "bounds": "What a sample shows about all files: exact bounds, and the condition they need.",
    "size": "How many files to draw, for a tolerable rate and a confidence.",
    "frame": "List the population to draw from, with its digest.",
    "from-record": "Take files, rules and the answers that a record gives by itself.",
    "commit": "Choose a seed and publish its digest before the draw.",
    "draw": "Draw a sample that anybody can draw again.",
    "sheet": "Write test sheets to be filled in off-line.",
    "read": "Read filled sheets back, or name every inconsistency.",
    "evaluate": "Rates and bounds of files and of each attribute.",
    "report": "Write the report: HTML and PDF, with or without marked passages.",
    "follow-up": "Compare an audit with the one before it, attribute by attribute.",
}
"""Commands in the order of help; the modules of ``cli.audit`` are named after them."""


@click.group(
    name="audit",
    cls=LazyGroup,
    table=COMMANDS,
    package="detainer_ledger.cli.audit",
    epilog="""\b
Examples:
  detainer audit bounds --population 142 --sample 40 --exceptions 40
  detainer audit size --population 142 --tolerable 0.05
  detainer audit frame files.csv --title "Screening files" --audit audit-2026
  detainer audit draw --audit audit-2026 --size 40 --seed "…"
  detainer audit demo --out audit-demo""",
)
def command() -> None:
    """Audit a population of files by a sample that nobody can have shopped for.

    An audit is a folder: frame.csv and frame.json, sample.json, sheets, results.json, evaluation.json, findings.toml
    and the report. Each step reads those before it and refuses another's.
    """
