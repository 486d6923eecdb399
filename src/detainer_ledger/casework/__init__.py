"""Commands on a record: what may be done, by whom, and what follows from it.

One door, ``Record``: a command goes in with who gives it, and is done, refused with the findings that forbid it, or not
understood. Everything that is read of a case is read through it too, so that roles hold whoever asks.
"""

from detainer_ledger.casework.access import ACTS, Act, Actor, Agency, Role
from detainer_ledger.casework.holds import Hold, Incident
from detainer_ledger.casework.lifecycle import CommandKind, Field, command_kinds, diagram, stages
from detainer_ledger.casework.record import Command, Done, Record, Refused, Shown
from detainer_ledger.casework.setup import add_actor, add_agency, create_record, open_record, remove_actor
from detainer_ledger.casework.state import Case, Told

__all__ = [
    "ACTS",
    "Act",
    "Actor",
    "Agency",
    "Case",
    "Command",
    "CommandKind",
    "Done",
    "Field",
    "Hold",
    "Incident",
    "Record",
    "Refused",
    "Role",
    "Shown",
    "Told",
    "add_actor",
    "add_agency",
    "command_kinds",
    "create_record",
    "diagram",
    "open_record",
    "remove_actor",
    "stages",
]
