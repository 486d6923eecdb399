"""Audits: rules run over a whole release, and files tested by a sample, from the frame to what it shows of all files.

An audit of files is a folder of its steps (``folder``); ``values`` has what each step hands on. Frames and draws are in
``sampling``, test sheets in ``sheets``, bounds and estimates in ``statistics``, what auditors write in ``findings``.
"""

from detainer_ledger.audit.programme import illustrative_programme, read_programme
from detainer_ledger.audit.release_checks import RESULTS, ReleaseCheck, release_checks, untested_rules
from detainer_ledger.audit.release_rules import COUNT_COLUMNS, RuleCounts, rule_counts
from detainer_ledger.audit.sampling.drawing import draw
from detainer_ledger.audit.sampling.frames import frame_of_csv, frame_of_store, frame_of_units
from detainer_ledger.audit.statistics.bounds import bounds_of
from detainer_ledger.audit.statistics.estimates import evaluate
from detainer_ledger.audit.statistics.sizing import sample_size
from detainer_ledger.audit.values import (
    Agreement,
    Allocation,
    Answer,
    Attribute,
    Bound,
    Design,
    Estimate,
    Evaluation,
    Frame,
    Mark,
    Programme,
    Results,
    Sample,
    Unit,
)

__all__ = [
    "COUNT_COLUMNS",
    "RESULTS",
    "Agreement",
    "Allocation",
    "Answer",
    "Attribute",
    "Bound",
    "Design",
    "Estimate",
    "Evaluation",
    "Frame",
    "Mark",
    "Programme",
    "ReleaseCheck",
    "Results",
    "RuleCounts",
    "Sample",
    "Unit",
    "bounds_of",
    "draw",
    "evaluate",
    "frame_of_csv",
    "frame_of_store",
    "frame_of_units",
    "illustrative_programme",
    "read_programme",
    "release_checks",
    "rule_counts",
    "sample_size",
    "untested_rules",
]
