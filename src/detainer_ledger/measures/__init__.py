"""Counts and shares with their bounds, and the definitions they are counted under."""

from detainer_ledger.measures.api import measure
from detainer_ledger.measures.definitions import Clock, Definition, Denominator, definition, definitions
from detainer_ledger.measures.figures import FIGURE_COLUMNS, Figures, figures, measure_of, wilson
from detainer_ledger.measures.measure import GROUPS, OUTCOMES, Duplicates, Measure, measure_sql
from detainer_ledger.measures.sources import MATURITY_MONTHS, Source, SourceRelease, source_of

__all__ = [
    "FIGURE_COLUMNS",
    "GROUPS",
    "MATURITY_MONTHS",
    "OUTCOMES",
    "Clock",
    "Definition",
    "Denominator",
    "Duplicates",
    "Figures",
    "Measure",
    "Source",
    "SourceRelease",
    "definition",
    "definitions",
    "figures",
    "measure",
    "measure_of",
    "measure_sql",
    "source_of",
    "wilson",
]
