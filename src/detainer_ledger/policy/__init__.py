"""The policy's rules and the states' instruments as dated, cited data with a pure check.

Facts of one detainer and a day go in, findings come out: met, not met, not recorded, or not applicable, each with the
rule, its citation, how sure it is, and the facts it rests on. Nothing here reads a file of the user's, the network, or
the current time.
"""

from detainer_ledger.clock import Trust
from detainer_ledger.policy.decisions import Decision, decisions
from detainer_ledger.policy.facts import (
    AgencyAnswer,
    Arrest,
    ArrestKind,
    Basis,
    Citizenship,
    Component,
    Custody,
    Facts,
    HoldFacts,
    Issuance,
    ProbableCause,
    Requests,
    Review,
    Served,
    Warrant,
    WarrantKind,
    fact_names,
)
from detainer_ledger.policy.findings import Finding, finding, findings, result_of
from detainer_ledger.policy.instruments import (
    Instrument,
    decline_instruments,
    instruments,
    instruments_in_force,
)
from detainer_ledger.policy.reading import fact_kinds, read_facts
from detainer_ledger.policy.rulebook import Checkable, Result, Rule, rules, rules_in_force

__all__ = [
    "AgencyAnswer",
    "Arrest",
    "ArrestKind",
    "Basis",
    "Checkable",
    "Citizenship",
    "Component",
    "Custody",
    "Decision",
    "Facts",
    "Finding",
    "HoldFacts",
    "Instrument",
    "Issuance",
    "ProbableCause",
    "Requests",
    "Result",
    "Review",
    "Rule",
    "Served",
    "Trust",
    "Warrant",
    "WarrantKind",
    "decisions",
    "decline_instruments",
    "fact_kinds",
    "fact_names",
    "finding",
    "findings",
    "instruments",
    "instruments_in_force",
    "read_facts",
    "result_of",
    "rules",
    "rules_in_force",
]
