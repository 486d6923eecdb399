"""Which county a facility stands in and who runs it, from its name, code, city and state.

The way in is ``Placer.place``. Tables are restated from public sources (``reference/``); registers of agencies and
people's corrections are the user's. Nothing is guessed: what the evidence does not decide has a reason instead.
"""

from detainer_ledger.places.agreements import Agreement, agreements_by_jurisdiction, is_agreements_file
from detainer_ledger.places.corrections import COLUMNS as CORRECTION_COLUMNS
from detainer_ledger.places.corrections import FILE_NAME as CORRECTIONS_FILE
from detainer_ledger.places.corrections import Correction, by_facility, read_corrections
from detainer_ledger.places.evaluation import Bin, Evaluation, Score, Share, Truth, evaluate, is_fitted, read_truth
from detainer_ledger.places.folder import (
    add_agreements,
    add_register,
    agreements_in,
    reference_folder,
    registers_in,
    remove_register,
)
from detainer_ledger.places.gazetteer import VINTAGE, County, Town, counties, counties_by_name, towns_in
from detainer_ledger.places.placing import Facility, Placement, Placer, correction_key
from detainer_ledger.places.registers import LAYOUTS, Register, RegisterLayout, read_register
from detainer_ledger.places.resolving import ADDED_COLUMNS, Resolved, Tally, resolve_file, tally_file
from detainer_ledger.places.shapes import MAP_HEIGHT, MAP_WIDTH, county_shapes, state_shapes
from detainer_ledger.places.table import place, place_facilities

__all__ = [
    "ADDED_COLUMNS",
    "CORRECTIONS_FILE",
    "CORRECTION_COLUMNS",
    "LAYOUTS",
    "MAP_HEIGHT",
    "MAP_WIDTH",
    "VINTAGE",
    "Agreement",
    "Bin",
    "Correction",
    "County",
    "Evaluation",
    "Facility",
    "Placement",
    "Placer",
    "Register",
    "RegisterLayout",
    "Resolved",
    "Score",
    "Share",
    "Tally",
    "Town",
    "Truth",
    "add_agreements",
    "add_register",
    "agreements_by_jurisdiction",
    "agreements_in",
    "by_facility",
    "correction_key",
    "counties",
    "counties_by_name",
    "county_shapes",
    "evaluate",
    "is_agreements_file",
    "is_fitted",
    "place",
    "place_facilities",
    "read_corrections",
    "read_register",
    "read_truth",
    "reference_folder",
    "registers_in",
    "remove_register",
    "resolve_file",
    "state_shapes",
    "tally_file",
    "towns_in",
]
