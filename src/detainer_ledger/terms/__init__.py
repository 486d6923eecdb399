"""Words of the field: outcomes, forms, states, the detainers table, and the error family.

Imports the standard library only, so that every other room can stand on it.
"""

from detainer_ledger.terms.columns import COLUMN_NAMES, DETAINERS, OVERRIDDEN, PLACEMENT_COLUMNS, Column
from detainer_ledger.terms.errors import BadInput, LedgerError, StoreError
from detainer_ledger.terms.forms import (
    UNKNOWN_FORM,
    Form,
    form_of,
    forms,
    hold_forms,
    notification_only_forms,
)
from detainer_ledger.terms.intervals import CONFIDENCE, wilson
from detainer_ledger.terms.levels import JURISDICTION_LEVELS
from detainer_ledger.terms.outcomes import (
    UNMAPPED,
    DuplicateKind,
    LiftReason,
    Outcome,
    OutcomeBasis,
    fold_label,
    lift_reason_by_label,
    lift_reasons,
)
from detainer_ledger.terms.states import state_code, state_codes, state_names
from detainer_ledger.terms.version import VERSION

__all__ = [
    "COLUMN_NAMES",
    "CONFIDENCE",
    "DETAINERS",
    "JURISDICTION_LEVELS",
    "OVERRIDDEN",
    "PLACEMENT_COLUMNS",
    "UNKNOWN_FORM",
    "UNMAPPED",
    "VERSION",
    "BadInput",
    "Column",
    "DuplicateKind",
    "Form",
    "LedgerError",
    "LiftReason",
    "Outcome",
    "OutcomeBasis",
    "StoreError",
    "fold_label",
    "form_of",
    "forms",
    "hold_forms",
    "lift_reason_by_label",
    "lift_reasons",
    "notification_only_forms",
    "state_code",
    "state_codes",
    "state_names",
    "wilson",
]
