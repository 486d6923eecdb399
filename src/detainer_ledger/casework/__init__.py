"""Commands on a record: what may be done, by whom, and what follows from it.

One door, ``Record``: a command goes in with who gives it, and is done, refused with the findings that forbid it, or not
understood. Everything that is read of a case is read through it too, so that roles hold whoever asks.
"""

from detainer_ledger.casework.access import ACTS, Access, Act, Actor, Agency, Role
from detainer_ledger.casework.comparing import Kept, held_against_events
from detainer_ledger.casework.demonstration import Demonstrated, DemonstrationClock, demonstrate
from detainer_ledger.casework.extracting import extract, extract_table
from detainer_ledger.casework.gates import findings_of_case
from detainer_ledger.casework.giving import Command, Done, Refused
from detainer_ledger.casework.import_mapping import ImportMapping, read_mapping
from detainer_ledger.casework.importing import ImportResult, import_file, try_file
from detainer_ledger.casework.incidents import Incident
from detainer_ledger.casework.lifecycle import (
    CommandKind,
    Field,
    command_kinds,
    diagram,
    screening_command_kinds,
    screening_stages,
    stages,
)
from detainer_ledger.casework.lists import rebuild
from detainer_ledger.casework.record import Record, Shown
from detainer_ledger.casework.reports import ReportRows, StateReport, fill_report, state_reports
from detainer_ledger.casework.setup import (
    add_actor,
    add_agency,
    change_agency,
    create_record,
    open_record,
    remove_actor,
)
from detainer_ledger.casework.state import Case, Told
from detainer_ledger.casework.views import ExpectedRelease, Hold, OpenIncidents

__all__ = [
    "ACTS",
    "Access",
    "Act",
    "Actor",
    "Agency",
    "Case",
    "Command",
    "CommandKind",
    "Demonstrated",
    "DemonstrationClock",
    "Done",
    "ExpectedRelease",
    "Field",
    "Hold",
    "ImportMapping",
    "ImportResult",
    "Incident",
    "Kept",
    "OpenIncidents",
    "Record",
    "Refused",
    "ReportRows",
    "Role",
    "Shown",
    "StateReport",
    "Told",
    "add_actor",
    "add_agency",
    "change_agency",
    "command_kinds",
    "create_record",
    "demonstrate",
    "diagram",
    "extract",
    "extract_table",
    "fill_report",
    "findings_of_case",
    "held_against_events",
    "import_file",
    "open_record",
    "read_mapping",
    "rebuild",
    "remove_actor",
    "screening_command_kinds",
    "screening_stages",
    "stages",
    "state_reports",
    "try_file",
]
