"""Screening cases against a protocol that an agency wrote: what has to be done, by whom, by when, and what was.

The software holds no watch-list content, compares nobody with a list, and never shows "pending" or "not run" as "no
match". The steps of KSTEP are not public; the protocol that comes with the program is an illustration.
"""

from detainer_ledger.casework.screening.cases import Screenings, ShownScreening
from detainer_ledger.casework.screening.compliance import GROUPS, Compliance, ComplianceRow, check_file, compliance_of
from detainer_ledger.casework.screening.coverage import NOT_SCREENED, Coverage, coverage_of
from detainer_ledger.casework.screening.protocol import (
    KEYS,
    STEP_KEYS,
    Protocol,
    ScreeningResult,
    Step,
    Trigger,
)
from detainer_ledger.casework.screening.protocols import adopt, protocols_of
from detainer_ledger.casework.screening.reading import illustrative_protocol, protocol_of
from detainer_ledger.casework.screening.rows import Due
from detainer_ledger.casework.screening.schema import protocol_schema
from detainer_ledger.casework.screening.steps import LAPSES, TESTED, DueStep, Status, due_steps
from detainer_ledger.casework.screening.table import COLUMNS, Notes, extract_steps, notes_of, step_rows, table_of

__all__ = [
    "COLUMNS",
    "GROUPS",
    "KEYS",
    "LAPSES",
    "NOT_SCREENED",
    "STEP_KEYS",
    "TESTED",
    "Compliance",
    "ComplianceRow",
    "Coverage",
    "Due",
    "DueStep",
    "Notes",
    "Protocol",
    "ScreeningResult",
    "Screenings",
    "ShownScreening",
    "Status",
    "Step",
    "Trigger",
    "adopt",
    "check_file",
    "compliance_of",
    "coverage_of",
    "due_steps",
    "extract_steps",
    "illustrative_protocol",
    "notes_of",
    "protocol_of",
    "protocol_schema",
    "protocols_of",
    "step_rows",
    "table_of",
]
