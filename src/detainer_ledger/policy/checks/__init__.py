"""The checks of the rules by the name that the rule files give them: pure functions of the facts and the day."""

from __future__ import annotations

from collections.abc import Mapping

from detainer_ledger.policy.checks import courts, directive, guidance, holds, papers, regulation, states
from detainer_ledger.policy.checks.answers import Answer, Check, not_applicable

__all__ = ["CHECKS", "Answer", "Check", "not_applicable"]

CHECKS: Mapping[str, Check] = {
    "request_nature": regulation.request_nature,
    "authorized_issuer": regulation.authorized_issuer,
    "records_available": regulation.records_available,
    "regulation_hold": holds.hold_within(holds.REGULATION_LIMIT),
    "no_federal_cost": regulation.no_federal_cost,
    "drug_arrest": regulation.drug_arrest,
    "traffic_misdemeanor": regulation.traffic_misdemeanor,
    "custody_or_cancel": holds.custody_or_cancel,
    "scope_2012": guidance.scope_2012,
    "reason_to_believe": guidance.reason_to_believe,
    **{f"condition_{name}": guidance.condition(name, title) for name, title in guidance.CONDITIONS.items()},
    "copy_asked": papers.copy_asked,
    "notify_first": guidance.notify_first,
    "special_circumstances": guidance.special_circumstances,
    "pep_priority": guidance.pep_priority,
    "probable_cause_box": papers.probable_cause_box,
    "form_hold": holds.hold_within("I-247D/hold-48h", "I-247D"),
    "copy_served": papers.copy_served,
    "no_detention": papers.no_detention,
    "arrest_required": directive.arrest_required,
    "independent_authority": directive.independent_authority,
    "not_temporary_stop": directive.not_temporary_stop,
    "probable_cause": directive.probable_cause,
    "basis_final_order": directive.basis_final_order,
    "basis_proceedings": directive.basis_proceedings,
    "basis_biometric": directive.basis_biometric,
    "basis_statements": directive.basis_statements,
    "no_investigation_only": directive.no_investigation_only,
    "no_foreign_birth_alone": directive.no_foreign_birth_alone,
    "warrant_accompanies": directive.warrant_accompanies,
    "warrant_kind": directive.warrant_kind,
    "supervisory_review": directive.supervisory_review,
    "issue_regardless": directive.issue_regardless,
    "cancel_when_unfounded": holds.cancel_when_unfounded,
    "usc_claim": directive.usc_claim,
    "probative_evidence": directive.probative_evidence,
    "box1_hold": holds.box1_hold,
    "notify_48h": holds.notify_48h,
    "box2_transfer": papers.box2_transfer,
    "box1_xor_box2": papers.box1_xor_box2,
    "earlier_forms_remain": papers.earlier_forms_remain,
    "clock_start": holds.clock_start,
    "no_exclusion": holds.no_exclusion,
    "database_only_void": courts.database_only_void,
    "prompt_determination": courts.prompt_determination,
    "neutral_review": courts.neutral_review,
    "i247g_only": courts.i247g_only,
    "mandatory_issue": courts.mandatory_issue,
    "form_in_force": papers.form_in_force,
    "state_no_hold": states.state_no_hold,
    "state_comply": states.state_comply,
    "state_hold_limit": states.state_hold_limit,
    "state_report": states.state_report,
}
