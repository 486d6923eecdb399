"""Counts and shares with their bounds, and the definitions they are counted under."""

from detainer_ledger.measures.api import measure
from detainer_ledger.measures.definitions import Clock, Definition, Denominator, definition, definitions
from detainer_ledger.measures.figures import FIGURE_COLUMNS, Figures, figures, measure_of
from detainer_ledger.measures.measure import GROUPS, OUTCOMES, Duplicates, Measure, columns_asked, measure_sql
from detainer_ledger.measures.published import (
    InspectorGeneralFigure,
    PublishedYear,
    inspector_general,
    outcome_of,
    outcomes_of_counts,
    published_years,
)
from detainer_ledger.measures.sources import (
    MATURITY_MONTHS,
    CommonPeriod,
    OpenSource,
    Source,
    SourceRelease,
    open_source,
    source_of,
)

__all__ = [
    "FIGURE_COLUMNS",
    "GROUPS",
    "MATURITY_MONTHS",
    "OUTCOMES",
    "Clock",
    "CommonPeriod",
    "Definition",
    "Denominator",
    "Duplicates",
    "Figures",
    "InspectorGeneralFigure",
    "Measure",
    "OpenSource",
    "PublishedYear",
    "Source",
    "SourceRelease",
    "columns_asked",
    "definition",
    "definitions",
    "figures",
    "inspector_general",
    "measure",
    "measure_of",
    "measure_sql",
    "open_source",
    "outcome_of",
    "outcomes_of_counts",
    "published_years",
    "source_of",
]
