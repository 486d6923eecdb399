"""The words of the field: lift reasons, forms, states, and the error family."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detainer_ledger.measures import outcome_of
from detainer_ledger.terms import (
    COLUMN_NAMES,
    BadInput,
    Outcome,
    fold_label,
    form_of,
    forms,
    hold_forms,
    lift_reason_by_label,
    lift_reasons,
    notification_only_forms,
    state_code,
    state_names,
)

# Every raw value of the domain reference 4.1 with the outcome and detail of 4.3, written out a second time on purpose.
RULES = [
    ("Booked into Detention", "taken_into_custody", "booked"),
    ("Detainer Declined by LEA", "declined_by_agency", "recorded_declined"),
    ("Insufficient Notice to ICE", "released_before_pickup", "insufficient_notice"),
    ("Early Release", "released_before_pickup", "early_release"),
    ("No longer in State, Local, or Federal Custody", "released_before_pickup", "no_longer_in_custody"),
    ("Lifted", "withdrawn_by_ice", "unspecified"),
    ("Case Closed", "withdrawn_by_ice", "case_closed"),
    ("Prosecutorial Discretion", "withdrawn_by_ice", "discretion"),
    ("Lifted - Lack of Funds", "withdrawn_by_ice", "resources_funds"),
    ("Lifted - Lack of Space", "withdrawn_by_ice", "resources_space"),
    ("ICE Temporary Resource Constraint", "withdrawn_by_ice", "resources_temporary"),
    ("Alien Not Subject to Deportation", "withdrawn_by_ice", "not_removable"),
    ("Not Amenable to Removal", "withdrawn_by_ice", "not_removable"),
    ("Noncitizen Not Amenable to Removal", "withdrawn_by_ice", "not_removable"),
    ("United States Citizen Interviewed", "withdrawn_by_ice", "us_citizen"),
    ("USC or Presumptive Claim to US Citizenship", "withdrawn_by_ice", "us_citizen"),
    ("Judicial Review", "withdrawn_by_ice", "judicial_review"),
    ("Duplicate", "superseded_or_duplicate", "duplicate"),
    ("Superseding - New Form Issued", "superseded_or_duplicate", "superseded"),
    ("Transferred", "transferred", "transferred"),
    ("Died", "other", "died"),
    ("", "pending_or_unrecorded", "blank"),
    ("NA", "pending_or_unrecorded", "blank"),
    ("Moved to Mars", "other", "unmapped"),
]


@pytest.mark.parametrize(("label", "outcome", "detail"), RULES)
def test_every_published_lift_reason_has_the_outcome_of_the_rules(label: str, outcome: str, detail: str) -> None:
    assert outcome_of(label) == (outcome, detail)


def test_the_table_knows_no_lift_reason_beyond_the_rules_and_that_of_an_agencys_own_record() -> None:
    published = {fold_label(label) for label, _, detail in RULES if detail not in {"blank", "unmapped"}}
    assert set(lift_reason_by_label()) == published | {"hold expired"}


@pytest.mark.parametrize(
    "written",
    ["  Lifted -  Lack of Funds ", "LIFTED - LACK OF FUNDS", "Lifted – Lack of Funds", "Lifted — Lack\tof Funds"],
)
def test_lift_reasons_are_matched_whatever_the_case_blanks_and_dashes(written: str) -> None:
    assert outcome_of(written) == ("withdrawn_by_ice", "resources_funds")


@given(st.text())
def test_folding_a_label_twice_changes_nothing_more(text: str) -> None:
    assert fold_label(fold_label(text)) == fold_label(text)


def test_lift_reason_codes_are_unique_and_every_outcome_is_known() -> None:
    codes = [reason.code for reason in lift_reasons()]
    assert len(codes) == len(set(codes))
    assert {reason.outcome for reason in lift_reasons()} <= set(Outcome)


FORM_LABELS = [
    ("I247 - Immigration Detainer - Notice of Action (prior to March 2013)", "I-247"),
    ("I247 - Immigration Detainer - Notice of Action (as of March 2013)", "I-247"),
    ("I247D - Immigration Detainer - Request for Action", "I-247D"),
    ("I247N - Immigration Advisal - Request for Notification", "I-247N"),
    ("I247X - Request for Voluntary Transfer", "I-247X"),
    ("I247A - Immigration Detainer - Immigration Detainer - Notice of Action", "I-247A"),
    ("I247A - Immigration Detainer - Notice of Action (as of May 2025)", "I-247A"),
    ("I247G - Request for Advance Notification of Release", "I-247G"),
    (" i247d - lower case ", "I-247D"),
    ("I-247", "I-247"),
    ("I2470", "unknown"),
    ("I-851", "unknown"),
    ("", "unknown"),
    (None, "unknown"),
]


@pytest.mark.parametrize(("label", "code"), FORM_LABELS)
def test_a_form_is_known_by_the_beginning_of_its_label(label: str | None, code: str) -> None:
    assert form_of(label) == code


def test_only_n_and_g_ask_for_notice_alone_and_x_is_no_hold_form() -> None:
    assert set(notification_only_forms()) == {"I-247N", "I-247G"}
    assert set(hold_forms()) == {"I-247", "I-247D", "I-247A"}
    assert len(forms()) == 6


STATES = [
    ("CALIFORNIA", "CA"),
    ("California", "CA"),
    (" new   york ", "NY"),
    ("tx", "TX"),
    ("PUERTO RICO", "PR"),
    ("FEDERATED STATES OF MICRONESIA", "FM"),
    ("DISTRICT OF COLUMBIA", "DC"),
    ("U.S. VIRGIN ISLANDS", "VI"),
    ("MEXICO", None),
    ("", None),
    (None, None),
]


@pytest.mark.parametrize(("written", "code"), STATES)
def test_a_state_is_known_by_name_or_code_and_never_guessed(written: str | None, code: str | None) -> None:
    assert state_code(written) == code


def test_there_are_fifty_states_the_district_five_territories_and_three_associated_states() -> None:
    assert len(state_names()) == 50 + 1 + 5 + 3


def test_an_error_tells_what_where_and_what_to_do_and_survives_another_process() -> None:
    error = BadInput("It is broken.", file="a.xlsx", sheet=None, row=7, do="mend it.")
    assert error.message() == "It is broken.\n  where: file a.xlsx, row 7\n  to do: mend it."
    again = pickle.loads(pickle.dumps(error))
    assert isinstance(again, BadInput)
    assert again.message() == error.message()


def test_the_contract_of_the_detainers_table_has_its_columns_in_order() -> None:
    contract = (
        "detainer_id release_id source_file source_sheet source_row person_key issued_on form form_raw facility_name"
        " facility_code facility_city facility_state area_of_responsibility lift_reason_raw lift_reason"
        " lift_reason_2_raw lifted_on request_accepted criminality threat_level citizenship_country birth_year gender"
        " basis_final_order basis_proceedings basis_biometric basis_statements final_order_on apprehended_on"
        " warrant_served_on departed_on duplicate_of duplicate_kind quality jurisdiction_id jurisdiction_name"
        " jurisdiction_level county_fips match_confidence match_reason outcome outcome_detail outcome_basis"
    ).split()
    kept = [name for name in COLUMN_NAMES if name in contract]
    assert kept == contract
