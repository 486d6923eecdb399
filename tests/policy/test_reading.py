"""Facts are read strictly: every refusal names the field, and no value is repeated."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detainer_ledger.policy import Facts, fact_names, findings, read_facts
from detainer_ledger.terms import BadInput

GIVEN: dict[str, Any] = {
    "issued_on": "2018-05-02",
    "form": "I-247A",
    "state": "TX",
    "area_of_responsibility": "Dallas Area of Responsibility",
    "issuer_role": "deportation_officer",
    "component": "287g",
    "arrest": {"kind": "arrest", "at": "2018-05-01T22:10-05:00", "criminal_offence": True},
    "probable_cause": {"bases": ["biometric", "final_order", "biometric"], "established": None},
    "warrant": {"kind": "none"},
    "hold": {"zone": "America/Chicago", "ended_at": "2018-05-04T10:00:00Z"},
    "citizenship": None,
    "pep_priority": " felony ",
}


def test_facts_are_read_with_their_kinds() -> None:
    facts = read_facts(GIVEN, where="case.json")
    assert facts.issued_on == date(2018, 5, 2)
    assert facts.arrest.at is not None
    assert facts.arrest.at.astimezone(UTC) == datetime(2018, 5, 2, 3, 10, tzinfo=UTC)
    assert facts.probable_cause.bases == ("biometric", "final_order")
    assert facts.probable_cause.established is None
    assert facts.citizenship == Facts().citizenship
    assert facts.pep_priority == "felony"


def test_nothing_given_is_nothing_recorded() -> None:
    assert read_facts({}, where="case.json") == Facts()


@pytest.mark.parametrize(
    ("given_facts", "field", "told"),
    [
        ({"issued": "2018-05-02"}, "issued'", "perhaps issued_on is meant"),
        ({"arrest": {"kinds": "arrest"}}, "arrest.kinds", "perhaps arrest.kind is meant"),
        ({"arrest": {"xyzzy": 1}}, "arrest.xyzzy", "use one of: arrest.kind, "),
        ({"arrest": "stop"}, "field arrest", "a JSON object"),
        ({"arrest": {"kind": "raid"}}, "field arrest.kind", "one of arrest, stop, temporary_detention"),
        ({"arrest": {"criminal_offence": "yes"}}, "field arrest.criminal_offence", "true, false or null"),
        ({"arrest": {"criminal_offence": 1}}, "field arrest.criminal_offence", "true, false or null"),
        ({"arrest": {"at": "2018-05-02T10:00"}}, "field arrest.at", "give the offset"),
        ({"arrest": {"at": "2018-05-02"}}, "field arrest.at", "write it as YYYY-MM-DDTHH:MM"),
        ({"arrest": {"at": "2018-13-02T10:00Z"}}, "field arrest.at", "write it as YYYY-MM-DDTHH:MM"),
        ({"arrest": {"at": 1525273200}}, "field arrest.at", "a day and time with its offset"),
        ({"issued_on": "5/2/2018"}, "field issued_on", "YYYY-MM-DD"),
        ({"issued_on": "2018-02-30"}, "field issued_on", "YYYY-MM-DD"),
        ({"issued_on": 20180502}, "field issued_on", "YYYY-MM-DD"),
        ({"form": "I-247Z"}, "field form", "I-247A"),
        ({"form": "unknown"}, "field form", "I-247A"),
        ({"state": "Texas"}, "field state", "USPS code"),
        ({"component": "DHS"}, "field component", "one of ICE, CBP, 287g"),
        ({"issuer_role": "judge"}, "field issuer_role", "border_patrol_agent"),
        ({"probable_cause": {"bases": "biometric"}}, "field probable_cause.bases", "a list"),
        ({"probable_cause": {"bases": ["biometric", "guess"]}}, "field probable_cause.bases[1]", "final_order"),
        ({"hold": {"zone": "America/Chicgo"}}, "field hold.zone", "America/Chicago"),
        ({"hold": {"zone": "EST"}}, "field hold.zone", "America/New_York"),
        ({"hold": {"zone": "x" * 70}}, "field hold.zone", "IANA name"),
        ({"pep_priority": "felony\x07"}, "field pep_priority", "without control characters"),
        ({"pep_priority": "x" * 1_000_000}, "field pep_priority", "at most 2,000 characters"),
        ({"pep_priority": 3}, "field pep_priority", "text"),
        ({"area_of_responsibility": []}, "field area_of_responsibility", "text"),
        (
            {"hold": {"began_at": "2018-05-04T10:00Z", "ended_at": "2018-05-04T09:00Z"}},
            "field hold.ended_at",
            "look at the two times",
        ),
        ([], "field (the whole)", "a JSON object"),
    ],
)
def test_what_is_not_expected_is_refused_by_file_and_field(given_facts: Any, field: str, told: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_facts(given_facts, where="case.json")
    message = str(refused.value)
    assert field in message
    assert told in message
    assert "file case.json" in message


@pytest.mark.parametrize("secret", ["Doe, John", "A012345678", "x" * 5_000])
@pytest.mark.parametrize("name", fact_names())
def test_a_refusal_never_repeats_a_value(name: str, secret: str) -> None:
    part, _, leaf = name.rpartition(".")
    given_facts = {part: {leaf: [secret]}} if part else {leaf: [secret]}
    with pytest.raises(BadInput) as refused:
        read_facts(given_facts, where="case.json")
    assert secret not in str(refused.value)


def test_the_name_of_an_unknown_field_is_shown_short_and_printable() -> None:
    with pytest.raises(BadInput) as refused:
        read_facts({"\x1b[31m" + "x" * 10_000: 1}, where="case.json")
    assert "\x1b" not in str(refused.value)
    assert len(str(refused.value)) < 2_000


TOP = sorted({part for name in fact_names() for part in name.split(".")})
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(TOP), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_any_json_is_read_or_refused(value: Any) -> None:
    try:
        facts = read_facts(json.loads(json.dumps(value)), where="case.json")
    except BadInput:
        return
    assert findings(facts, date(2018, 5, 2))
