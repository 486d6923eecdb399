"""ICE Directives 10074.2 and 16001.2: arrest, probable cause, warrant, review, citizenship."""

from __future__ import annotations

from datetime import date, datetime

from detainer_ledger.policy.checks.answers import Answer, Check, claim, met, not_applicable, not_met, not_recorded
from detainer_ledger.policy.facts import ArrestKind, Basis, Facts, WarrantKind

BASES = "probable_cause.bases"


def arrest_required(facts: Facts, _on: date) -> Answer:
    """10074.2: an arrest, and for a criminal offence."""
    kind, criminal = facts.arrest.kind, facts.arrest.criminal_offence
    names = ("arrest.kind", "arrest.criminal_offence")
    if kind is not None and kind is not ArrestKind.ARREST:
        return not_met("The person was stopped or detained for a short time, not arrested.", *names)
    if criminal is False:
        return not_met("The arrest was not for a criminal offence.", *names)
    if kind is None:
        return not_recorded("Whether the agency arrested the person is not recorded.", *names)
    if criminal is None:
        return not_recorded("Whether the arrest was for a criminal offence is not recorded.", *names)
    return met("The agency arrested the person for a criminal offence.", *names)


independent_authority: Check = claim(
    "arrest.independent_authority",
    yes="The agency arrested by its own, independent authority.",
    no="The arrest was not made by the agency's own, independent authority.",
    unknown="By which authority the agency made the arrest is not recorded.",
)


def not_temporary_stop(facts: Facts, _on: date) -> Answer:
    """10074.2: not on a stop."""
    kind = facts.arrest.kind
    if kind is None:
        return not_recorded("Whether the person was arrested or only stopped is not recorded.", "arrest.kind")
    if kind is ArrestKind.ARREST:
        return met("The person was arrested, not only stopped.", "arrest.kind")
    return not_met("The person was only stopped or detained for a short time.", "arrest.kind")


def probable_cause(facts: Facts, _on: date) -> Answer:
    """10074.2: probable cause, established before issue, on more than what the directive rules out."""
    cause = facts.probable_cause
    names = ("probable_cause.established", BASES)
    if cause.established is False:
        return not_met("Probable cause that the person is removable was not established.", *names)
    if cause.bases == ():
        return not_met("None of the four bases of probable cause is marked.", *names)
    if cause.investigation_only:
        return not_met(
            "The detainer rests on the start of an investigation alone.", *names, "probable_cause.investigation_only"
        )
    if cause.foreign_birth_and_no_record_only:
        return not_met(
            "The detainer rests on birth abroad and an empty search alone.",
            *names,
            "probable_cause.foreign_birth_and_no_record_only",
        )
    if _is_later(cause.established_at, facts.issued_on):
        return not_met(
            "Probable cause was established after the detainer was issued.",
            *names,
            "probable_cause.established_at",
            "issued_on",
        )
    if cause.bases == (Basis.BIOMETRIC,):
        return _biometric_alone(facts, *names)
    if cause.established is None and cause.bases is None:
        return not_recorded("Whether probable cause was established is not recorded.", *names)
    if cause.bases is None:
        return met("Probable cause is recorded as established; its basis is not recorded.", *names)
    return met("Probable cause is recorded with its basis.", *names)


def basis(kind: Basis, *, yes: str, no: str) -> Check:
    """Return the check of one of the four alternatives: a basis that a case does not rest on is not applicable."""

    def check(facts: Facts, _on: date) -> Answer:
        bases = facts.probable_cause.bases
        if bases is None:
            return not_recorded("On which bases of probable cause the detainer rests is not recorded.", BASES)
        return met(yes, BASES) if kind in bases else not_applicable(no, BASES)

    return check


basis_final_order = basis(
    Basis.FINAL_ORDER,
    yes="The detainer rests on a final order of removal.",
    no="The detainer does not rest on a final order of removal.",
)

basis_proceedings = basis(
    Basis.PROCEEDINGS,
    yes="The detainer rests on pending removal proceedings.",
    no="The detainer does not rest on pending removal proceedings.",
)

basis_statements = basis(
    Basis.STATEMENTS,
    yes="The detainer rests on statements or other reliable evidence.",
    no="The detainer does not rest on statements or other evidence.",
)


def basis_biometric(facts: Facts, _on: date) -> Answer:
    """Form I-247A, third box: the match and the records check."""
    bases = facts.probable_cause.bases
    if bases is None:
        return not_recorded("On which bases of probable cause the detainer rests is not recorded.", BASES)
    if Basis.BIOMETRIC not in bases:
        return not_applicable("The detainer does not rest on a biometric match.", BASES)
    return _biometric_alone(facts, BASES)


def _biometric_alone(facts: Facts, *names: str) -> Answer:
    check = "probable_cause.records_check_affirmative"
    if facts.probable_cause.records_check_affirmative is None:
        return not_recorded(
            "A biometric match is recorded; whether a records check affirmatively indicated removability is not.",
            *names,
            check,
        )
    if facts.probable_cause.records_check_affirmative:
        return met("A biometric match stands with an affirmative records check.", *names, check)
    return not_met("A biometric match stands without a records check that was affirmative.", *names, check)


def no_investigation_only(facts: Facts, _on: date) -> Answer:
    """10074.2: a basis of its own that the form knows rules out that an investigation is all there is."""
    cause = facts.probable_cause
    name = "probable_cause.investigation_only"
    if cause.investigation_only:
        return not_met("The detainer rests on the start of an investigation alone.", name)
    if cause.investigation_only is False:
        return met("The detainer rests on more than the start of an investigation.", name)
    if cause.bases:
        return met("The detainer rests on a basis of probable cause that the form names.", BASES)
    return not_recorded("Whether the detainer rests on an investigation alone is not recorded.", name, BASES)


def no_foreign_birth_alone(facts: Facts, _on: date) -> Answer:
    """10074.2: a final order, proceedings or statements rule out that birth abroad is all there is."""
    cause = facts.probable_cause
    name = "probable_cause.foreign_birth_and_no_record_only"
    if cause.foreign_birth_and_no_record_only:
        return not_met("The detainer rests on birth abroad and an empty search alone.", name)
    if cause.foreign_birth_and_no_record_only is False:
        return met("The detainer rests on more than birth abroad and an empty search.", name)
    if has_basis_beside_biometric(cause.bases):
        return met("The detainer rests on a basis other than a search of databases.", BASES)
    return not_recorded(
        "Whether the detainer rests on birth abroad and an empty search alone is not recorded.", name, BASES
    )


def has_basis_beside_biometric(bases: tuple[Basis, ...] | None) -> bool:
    """Tell whether a detainer rests on a basis other than the biometric one."""
    return bases is not None and any(each is not Basis.BIOMETRIC for each in bases)


def warrant_accompanies(facts: Facts, _on: date) -> Answer:
    """10074.2: an I-200 or I-205, completed and signed, with the detainer."""
    warrant = facts.warrant
    names = ("warrant.kind", "warrant.signed", "warrant.signed_on")
    if warrant.kind is WarrantKind.NONE:
        return not_met("No administrative warrant came with the detainer.", *names)
    if warrant.signed is False:
        return not_met("The warrant that came with the detainer is not signed.", *names)
    if warrant.signed_on is not None and facts.issued_on is not None and warrant.signed_on > facts.issued_on:
        return not_met("The warrant was signed after the detainer was issued.", *names, "issued_on")
    if warrant.kind is None:
        return not_recorded("Whether a warrant came with the detainer is not recorded.", *names)
    if warrant.signed is None and warrant.signed_on is None:
        return not_recorded("Whether the warrant was signed is not recorded.", *names)
    return met(f"A signed {warrant.kind} came with the detainer.", *names)


def warrant_kind(facts: Facts, _on: date) -> Answer:
    """10074.2: the warrant that fits the case."""
    kind, bases = facts.warrant.kind, facts.probable_cause.bases
    names = ("warrant.kind", BASES)
    if kind is WarrantKind.NONE:
        return not_applicable("No warrant came with the detainer.", *names)
    if kind is None:
        return not_recorded("Which warrant came with the detainer is not recorded.", *names)
    if bases is None:
        return not_recorded("Whether there is a final order of removal is not recorded.", *names)
    has_order = Basis.FINAL_ORDER in bases
    wanted = WarrantKind.I205 if has_order else WarrantKind.I200
    why = "there is a final order" if has_order else "no final order is recorded"
    if kind is wanted:
        return met(f"The warrant is an {kind}, and {why}.", *names)
    return not_met(f"The warrant is an {kind}, although {why}.", *names)


def supervisory_review(facts: Facts, _on: date) -> Answer:
    """10074.2: a supervisor's look, before issue."""
    names = ("review.supervisor", "review.at")
    if facts.review.supervisor is None:
        return not_recorded("Whether a supervisor reviewed the detainer is not recorded.", *names)
    if not facts.review.supervisor:
        return not_met("No supervisor reviewed the detainer.", *names)
    if _is_later(facts.review.at, facts.issued_on):
        return not_met("The supervisor's review came after the detainer was issued.", *names, "issued_on")
    return met("A supervisor reviewed the detainer.", *names)


def issue_regardless(facts: Facts, _on: date) -> Answer:
    """10074.2: whether or not the agency is expected to cooperate."""
    issuance = facts.issuance
    names = ("issuance.withheld_because_of_agency", "issuance.issued")
    if issuance.withheld_because_of_agency:
        return not_met("A detainer was withheld because the agency was not expected to cooperate.", *names)
    if facts.probable_cause.established is False:
        return not_applicable("Without probable cause there is nothing to issue.", "probable_cause.established")
    if issuance.withheld_because_of_agency is False:
        return met("Nothing was withheld because of the agency.", *names)
    if was_issued(facts):
        return met("A detainer was issued.", *names)
    return not_recorded("Whether a detainer was withheld because of the agency is not recorded.", *names)


def was_issued(facts: Facts) -> bool | None:
    """Return whether a detainer was issued: a day of issue says so where nothing else does."""
    if facts.issuance.issued is not None:
        return facts.issuance.issued
    return True if facts.issued_on is not None else None


def usc_claim(facts: Facts, _on: date) -> Answer:
    """16001.2: no detention of citizens, and signs of citizenship are examined."""
    found = facts.citizenship
    names = ("citizenship.indication", "citizenship.examined", "citizenship.citizen")
    if found.citizen:
        if facts.custody.cancelled_at is not None:
            return met("The person is a US citizen, and the detainer was cancelled.", *names, "custody.cancelled_at")
        return not_met("The person is a US citizen.", *names, "custody.cancelled_at")
    if found.indication is None:
        return not_recorded("Whether there are signs of US citizenship is not recorded.", *names)
    if not found.indication:
        return not_applicable("There are no signs that the person is a US citizen.", *names)
    if found.examined is None:
        return not_recorded("Whether the signs of US citizenship were examined is not recorded.", *names)
    if found.examined:
        return met("The signs of US citizenship were examined.", *names)
    return not_met("There are signs of US citizenship that were not examined.", *names)


def probative_evidence(facts: Facts, _on: date) -> Answer:
    """16001.2: no detainer on probative evidence of citizenship."""
    names = ("citizenship.probative_evidence", "custody.cancelled_at")
    if facts.citizenship.probative_evidence is None:
        return not_recorded("Whether there is probative evidence of US citizenship is not recorded.", *names)
    if not facts.citizenship.probative_evidence:
        return not_applicable("There is no probative evidence of US citizenship.", *names)
    if facts.custody.cancelled_at is not None:
        return met("There is probative evidence of US citizenship, and the detainer was cancelled.", *names)
    return not_met("There is probative evidence of US citizenship, and the detainer stands.", *names)


def _is_later(moment: datetime | None, day: date | None) -> bool:
    """Tell whether an instant falls, by its own offset, on a day after another."""
    return moment is not None and day is not None and moment.date() > day
