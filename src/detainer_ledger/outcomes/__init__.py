"""What became of each detainer, and by which rule; linking to stays within one release."""

from detainer_ledger.outcomes.classification import OUTCOME_COLUMNS, classified_sql, classify
from detainer_ledger.outcomes.linking import LINK_WINDOWS_DAYS, find_stays, link_stays

__all__ = ["LINK_WINDOWS_DAYS", "OUTCOME_COLUMNS", "classified_sql", "classify", "find_stays", "link_stays"]
