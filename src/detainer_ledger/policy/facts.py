"""The facts of one detainer that rules are tested on. Every one is optional: None means that it is not recorded.

No name, number or birth date of a person is among them.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import fields


class IssuerRole(StrEnum):
    """Who issued, by the list of 8 CFR 287.7(b); ``other`` is an officer whom the list does not have."""

    BORDER_PATROL_AGENT = "border_patrol_agent"
    SPECIAL_AGENT = "special_agent"
    DEPORTATION_OFFICER = "deportation_officer"
    IMMIGRATION_INSPECTOR = "immigration_inspector"
    ADJUDICATIONS_OFFICER = "adjudications_officer"
    IMMIGRATION_ENFORCEMENT_AGENT = "immigration_enforcement_agent"
    SUPERVISOR = "supervisor"
    DELEGATED = "delegated"
    OTHER = "other"


class Component(StrEnum):
    """For whom the issuer acts: ICE, Customs and Border Protection, or a local agency under section 287(g)."""

    ICE = "ICE"
    CBP = "CBP"
    DELEGATED_287G = "287g"


class ArrestKind(StrEnum):
    """How the agency came to hold the person."""

    ARREST = "arrest"
    STOP = "stop"
    TEMPORARY_DETENTION = "temporary_detention"


class Basis(StrEnum):
    """The four bases of probable cause that the I-247D and the I-247A print."""

    FINAL_ORDER = "final_order"
    PROCEEDINGS = "proceedings"
    BIOMETRIC = "biometric"
    STATEMENTS = "statements"


class WarrantKind(StrEnum):
    """The administrative warrant that comes with the detainer."""

    I200 = "I-200"
    I205 = "I-205"
    NONE = "none"


class AgencyKind(StrEnum):
    """What kind of agency holds the person."""

    JAIL = "jail"
    PRISON = "prison"
    POLICE = "police"


class Arrest(Struct, frozen=True, kw_only=True):
    """The agency's own arrest. ``traffic_exception``: an exception of 10074.1 holds; ``convicted``: of the charge."""

    kind: ArrestKind | None = None
    criminal_offence: bool | None = None
    independent_authority: bool | None = None
    at: datetime | None = None
    traffic_misdemeanor_only: bool | None = None
    traffic_exception: bool | None = None
    convicted: bool | None = None
    controlled_substance: bool | None = None


class Citizenship(Struct, frozen=True, kw_only=True):
    """Signs of US citizenship, whether they were examined, and what came of it."""

    indication: bool | None = None
    examined: bool | None = None
    probative_evidence: bool | None = None
    citizen: bool | None = None


class ProbableCause(Struct, frozen=True, kw_only=True):
    """Probable cause that the person is removable. ``bases`` is None where not recorded, empty where none is marked."""

    established: bool | None = None
    established_at: datetime | None = None
    bases: tuple[Basis, ...] | None = None
    records_check_affirmative: bool | None = None
    investigation_only: bool | None = None
    foreign_birth_and_no_record_only: bool | None = None


class Conditions(Struct, frozen=True, kw_only=True):
    """The eight conditions of the guidance of 2012."""

    felony: bool | None = None
    three_misdemeanors: bool | None = None
    serious_misdemeanor: bool | None = None
    illegal_entry: bool | None = None
    illegal_reentry: bool | None = None
    removal_order: bool | None = None
    immigration_fraud: bool | None = None
    significant_risk: bool | None = None


class Warrant(Struct, frozen=True, kw_only=True):
    """The administrative warrant that came with the detainer."""

    kind: WarrantKind | None = None
    signed: bool | None = None
    signed_on: date | None = None


class Review(Struct, frozen=True, kw_only=True):
    """Who looked at the detainer: a supervisor, a neutral reviewer; ``at`` is when."""

    supervisor: bool | None = None
    neutral: bool | None = None
    at: datetime | None = None


class Requests(Struct, frozen=True, kw_only=True):
    """What the form asks of the agency; ``from_dhs_custody``: the person came to it from the Department's custody."""

    hold: bool | None = None
    notice: bool | None = None
    box1: bool | None = None
    box2: bool | None = None
    from_dhs_custody: bool | None = None


class Served(Struct, frozen=True, kw_only=True):
    """When agency and person got their copies; ``person_served`` where no instant is known, or it did not happen."""

    agency_at: datetime | None = None
    person_at: datetime | None = None
    person_served: bool | None = None


class HoldFacts(Struct, frozen=True, kw_only=True):
    """The hold on the detainer. ``zone`` is the facility's IANA zone; instants are aware.

    ``received_at`` is when the agency had detainer and warrant, ``noticed_at`` when it told ICE of the release.
    """

    would_be_released_at: datetime | None = None
    began_at: datetime | None = None
    ended_at: datetime | None = None
    zone: str | None = None
    received_at: datetime | None = None
    noticed_at: datetime | None = None
    planned_release_at: datetime | None = None


class Custody(Struct, frozen=True, kw_only=True):
    """How it ended for ICE: custody, cancellation, what was found out, and the prompt look by a magistrate.

    ``ended_otherwise`` tells that the person was released or went elsewhere, with neither custody nor cancellation.
    """

    taken_at: datetime | None = None
    cancelled_at: datetime | None = None
    ended_otherwise: bool | None = None
    otherwise_detained: bool | None = None
    found_citizen_at: datetime | None = None
    found_not_removable_at: datetime | None = None
    prompt_determination: bool | None = None


class Issuance(Struct, frozen=True, kw_only=True):
    """Whether a detainer was issued, and what part the agency had in that."""

    agency_expected_to_cooperate: bool | None = None
    issued: bool | None = None
    withheld_because_of_agency: bool | None = None
    requested_by_agency: bool | None = None
    decided_promptly: bool | None = None


class LakenRiley(Struct, frozen=True, kw_only=True):
    """The two conditions of the Laken Riley Act."""

    inadmissible: bool | None = None
    listed_offence: bool | None = None


class AgencyAnswer(Struct, frozen=True, kw_only=True):
    """The agency and what it did.

    ``exception_applies``: a condition under which the state's instrument allows a hold; ``proof_of_status``: the person
    has shown proof of citizenship or lawful status; ``reported``: as the state's instrument asks.
    """

    kind: AgencyKind | None = None
    declined: bool | None = None
    exception_applies: bool | None = None
    proof_of_status: bool | None = None
    reported: bool | None = None


class Facts(Struct, frozen=True, kw_only=True):
    """All facts of one detainer that a rule can rest on. ``state`` is a USPS code, ``form`` a code of the forms."""

    issued_on: date | None = None
    form: str | None = None
    state: str | None = None
    area_of_responsibility: str | None = None
    issuer_role: IssuerRole | None = None
    component: Component | None = None
    arrest: Arrest = Arrest()
    citizenship: Citizenship = Citizenship()
    probable_cause: ProbableCause = ProbableCause()
    reason_to_believe: bool | None = None
    conditions: Conditions = Conditions()
    pep_priority: str | None = None
    special_circumstances: bool | None = None
    warrant: Warrant = Warrant()
    review: Review = Review()
    requests: Requests = Requests()
    served: Served = Served()
    hold: HoldFacts = HoldFacts()
    custody: Custody = Custody()
    issuance: Issuance = Issuance()
    laken_riley: LakenRiley = LakenRiley()
    covered_by_gonzalez: bool | None = None
    records_given: bool | None = None
    agency: AgencyAnswer = AgencyAnswer()


FREE_TEXT = frozenset({"pep_priority", "area_of_responsibility"})
"""Facts that are text of the user's own: findings say that they are given, and repeat a known area's name alone."""

AREAS = (
    "Atlanta",
    "Baltimore",
    "Boston",
    "Buffalo",
    "Chicago",
    "Dallas",
    "Denver",
    "Detroit",
    "El Paso",
    "Harlingen",
    "Houston",
    "Los Angeles",
    "Miami",
    "Newark",
    "New Orleans",
    "New York City",
    "Philadelphia",
    "Phoenix",
    "Salt Lake City",
    "San Antonio",
    "San Diego",
    "San Francisco",
    "Seattle",
    "St. Paul",
    "Washington",
)
"""Areas of responsibility of ICE's field offices. Source: https://github.com/deportationdata/ice-offices."""


def area_of(text: str) -> str | None:
    """Return an area's name from a text with or without "Area of Responsibility"; None for what is no known area."""
    folded = text.casefold().removesuffix(" area of responsibility")
    return next((area for area in AREAS if area.casefold() == folded), None)


def fact_names(kind: type[Struct] = Facts) -> tuple[str, ...]:
    """Return the dotted names of all facts, in their order."""
    found: list[str] = []
    for each in fields(kind):
        inner = each.default
        if isinstance(inner, Struct):
            found += [f"{each.name}.{name}" for name in fact_names(type(inner))]
        else:
            found.append(each.name)
    return tuple(found)


def fact_of(facts: Facts, name: str) -> object:
    """Return a fact by its dotted name as findings show it: days and instants as ISO text, None where not recorded."""
    value: object = facts
    for part in name.split("."):
        value = getattr(value, part)
    if name in FREE_TEXT and isinstance(value, str):
        return area_of(value) or ("given" if value else "")
    if isinstance(value, date):
        return value.isoformat()
    return [str(each) for each in value] if isinstance(value, tuple) else value
