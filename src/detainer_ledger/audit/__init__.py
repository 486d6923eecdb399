"""Rules run over a whole release."""

from detainer_ledger.audit.release_checks import RESULTS, ReleaseCheck, release_checks, untested_rules
from detainer_ledger.audit.release_rules import COUNT_COLUMNS, RuleCounts, rule_counts

__all__ = [
    "COUNT_COLUMNS",
    "RESULTS",
    "ReleaseCheck",
    "RuleCounts",
    "release_checks",
    "rule_counts",
    "untested_rules",
]
