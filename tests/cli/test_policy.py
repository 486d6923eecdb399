"""``detainer policy``: what it lists, what it finds, how it leaves, and what it refuses in one message."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from detainer_ledger.intake import ingest
from detainer_ledger.releases.synthetic import synthesize
from tests.conftest import WriteText
from tests.running import detainer

GOOD: dict[str, Any] = {
    "issued_on": "2018-05-02",
    "form": "I-247A",
    "component": "ICE",
    "arrest": {"kind": "arrest", "criminal_offence": True, "independent_authority": True},
    "probable_cause": {"established": True, "bases": ["final_order"]},
    "warrant": {"kind": "I-205", "signed": True, "signed_on": "2018-05-02"},
}


def with_facts(**facts: Any) -> str:
    return json.dumps({**GOOD, **facts})


# ---------------------------------------------------------------- rules


def test_rules_are_listed_with_days_trust_and_source() -> None:
    done = detainer("policy", "rules", "--on", "2016-05-01", "--state", "california")
    assert done.code == 0
    assert "Rules in force on 2016-05-01" in done.out
    assert "pep/notify-first: Ask for notice rather than for a hold" in done.out
    assert "  2014-11-20 to 2017-01-24; confirmed; J. Johnson, Secure Communities, 20 November 2014" in done.out
    assert "ca-trust-2014 (CA, limits)" in done.out
    assert "ca-values-2018" not in done.out
    assert "10074.2/" not in done.out
    assert "galarza-2014: " in done.out
    assert "lunn-2017: " not in done.out


def test_rules_as_json_carry_all_that_is_known_of_them() -> None:
    found = json.loads(detainer("policy", "rules", "--on", "2026-05-01", "--json").out)
    rule = next(each for each in found["rules"] if each["id"] == "10074.2/warrant-kind")
    assert rule["trust"] == "unconfirmed"
    assert rule["overridable"] is True
    assert rule["from"] == "2017-04-02"
    assert rule["to"] is None
    texas = next(each for each in found["instruments"] if each["id"] == "tx-sb4-2017")
    assert texas["proof_exception"] is True
    assert texas["kind"] == ["requires"]
    assert {each["jurisdiction"] for each in found["instruments"]} > {"TX", "CA", "IL"}


def test_a_state_without_an_instrument_is_unknown_and_not_none() -> None:
    assert "no instrument of OH" in detainer("policy", "rules", "--on", "2026-05-01", "--state", "OH").out


# ---------------------------------------------------------------- check


def test_a_case_in_which_nothing_is_against_the_rules_leaves_with_0(write_text: WriteText) -> None:
    done = detainer("policy", "check", write_text("case.json", with_facts()))
    assert done.code == 0
    assert done.out.startswith("Rules of 2018-05-02: 0 not met, ")
    assert "10074.2/arrest-required: The agency arrested the person for a criminal offence." in done.out
    assert "Not recorded: the facts do not say" in done.out


def test_a_case_against_a_rule_leaves_with_1_and_tells_it_first(write_text: WriteText) -> None:
    done = detainer("policy", "check", write_text("case.json", with_facts(arrest={"kind": "stop"})))
    assert done.code == 1
    assert done.out.splitlines()[2] == "Not met (2)"
    assert '    rests on  arrest.kind = "stop"' in done.out
    assert "    source    ICE Directive 10074.2" in done.out


def test_findings_as_json_have_the_shape_of_the_contract(write_text: WriteText) -> None:
    done = detainer("policy", "check", write_text("case.json", with_facts(arrest={"kind": "stop"})), "--json")
    found = json.loads(done.out)
    assert done.code == 1
    assert {tuple(each) for each in found} == {("rule", "result", "sentence", "citation", "trust", "facts")}
    assert {each["result"] for each in found} == {"met", "not_met", "not_recorded", "not_applicable"}


def test_one_rule_can_be_asked_and_another_day(write_text: WriteText) -> None:
    case = write_text("case.json", with_facts(form="I-247D", special_circumstances=False))
    asked = ("policy", "check", case, "--rule", "pep/notify-first", "--json")
    (then,) = json.loads(detainer(*asked, "--on", "2016-05-02").out)
    (now,) = json.loads(detainer(*asked).out)
    assert (then["result"], now["result"]) == ("not_met", "not_applicable")
    assert detainer(*asked, "--on", "2016-05-02").code == 1
    assert detainer(*asked).code == 0


def test_facts_come_from_standard_input_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"\xef\xbb\xbf" + with_facts().encode())))
    assert detainer("policy", "check", "-").code == 0
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"{")))
    refused = detainer("policy", "check", "-")
    assert (refused.code, "file (standard input)" in refused.err) == (2, True)


DEEP = "[" * 200_000


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ["no JSON", "line 1"]),
        ("{", ["no JSON", "line 1"]),
        ('{"form": "I-247A",}', ["no JSON", "line 1"]),
        ("[]", ["JSON object"]),
        ("null", ["JSON object"]),
        ("3", ["JSON object"]),
        (b"\xff\xfe{}", ["UTF-8"]),
        (DEEP, ["no JSON that can be read"]),
        ('{"issued_on": ' + "9" * 5_000 + "}", ["no JSON that can be read"]),
        ('{"form": "I-247A", "form": "I-247D"}', ["given twice", "field form"]),
        ('{"issued_on": NaN}', ["field issued_on"]),
        ('{"issued_on": "2018-05-02", "froM": "I-247A"}', ["perhaps form is meant"]),
        ('{"issued_on": "2018-05-02", "arrest": {"at": "2018-05-01T10:00"}}', ["field arrest.at", "offset"]),
        ('{"issued_on": "2018-05-02", "reason_to_believe": "true"}', ["field reason_to_believe", "true, false"]),
        ('{"issued_on": "2018-05-02", "pep_priority": "a\\u0007b"}', ["field pep_priority", "control characters"]),
        ('{"issued_on": "2018-05-02", "pep_priority": "a\x07b"}', ["no JSON", "control character"]),
        ('{"issued_on": "2018-05-02", "pep_priority": "\\ud800"}', ["field pep_priority", "control characters"]),
        ('{"pep_priority": "' + "x" * 900_000 + '"}', ["field pep_priority", "at most 2,000 characters"]),
        ('{"pep_priority": "' + "x" * 1_100_000 + '"}', ["too large"]),
        ("{}", ["no day whose rules", "--on DAY"]),
    ],
)
def test_what_is_no_facts_is_refused_by_file_and_field(
    text: str | bytes, told: list[str], write_text: WriteText
) -> None:
    refused = detainer("policy", "check", write_text("case.json", text))
    assert refused.code == 2
    assert refused.out == ""
    assert "Traceback" not in refused.err
    assert "case.json" in refused.err
    assert len(refused.err) < 2_000
    for each in told:
        assert each in refused.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("check", "{case}", "--rule", "10074.2/arrest"), "perhaps 10074.2/arrest-required is meant"),
        (("check", "{case}", "--on", "5/2/2018"), "is no day"),
        (("check", "{case}x"), "could not be read"),
        (("check", "."), "could not be read"),
        (("check",), "Missing argument"),
        (("rules",), "Missing option"),
        (("rules", "--on", "2018-05-02", "--state", "Ruritania"), "no such state"),
        (("audit", "--store", "{case}"), ""),
        (("audit", "--store", "{case}x"), "no such store"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_message(
    arguments: tuple[str, ...], told: str, write_text: WriteText
) -> None:
    case = write_text("case.json", with_facts())
    refused = detainer("policy", *(each.replace("{case}", str(case)) for each in arguments))
    assert refused.code == 2
    assert told in refused.err
    assert "Traceback" not in refused.err


# ---------------------------------------------------------------- clock


def test_the_clock_is_one_of_the_commands() -> None:
    asked = ("--form", "I-247A", "--start", "2026-03-06T15:00", "--zone", "America/New_York", "--json")
    found = json.loads(detainer("policy", "clock", *asked).out)
    assert found["shortest"]["deadline"] == "2026-03-08T16:00:00-04:00"


# ---------------------------------------------------------------- audit


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("policy")
    files = synthesize(rows=600, seed=5, layout_id="icli-2026-03", file_format="csv", out=folder)
    ingest([file for file in files if file.suffix != ".json"], folder / "store")
    return folder / "store"


def test_the_audit_prints_counts_with_what_they_mean_and_what_is_not_tested(store: Path) -> None:
    done = detainer("policy", "audit", "--store", store)
    assert done.code == 0
    assert "basis/recorded" in done.out
    assert "not met: all four boxes say no" in done.out
    assert "Repeats left out: " in done.out
    assert "Not tested on a release:" in done.out
    assert "gonzalez-2025/i247g-only" in done.out


def test_the_audit_as_csv_and_json_has_the_same_rows(store: Path) -> None:
    arguments = ("policy", "audit", "--store", store, "--by", "year", "--by", "form")
    rows = list(csv.DictReader(io.StringIO(detainer(*arguments, "--format", "csv").out)))
    found = json.loads(detainer(*arguments, "--json").out)
    assert found == json.loads(detainer(*arguments, "--format", "json").out)
    told = [{name: "" if value is None else str(value) for name, value in row.items()} for row in found["rows"]]
    assert rows == told
    for row in found["rows"]:
        assert row["met"] + row["not_met"] + row["not_recorded"] + row["not_applicable"] == row["detainers"]
    assert {each["check"] for each in found["checks"]} == {row["check"] for row in found["rows"]}
    assert {
        "rule": "gonzalez-2025/i247g-only",
        "reason": "The list of covered offices was not found as text.",
    } in found["not_testable"]


def test_the_audit_takes_groups_parted_by_commas(store: Path) -> None:
    one = detainer("policy", "audit", "--store", store, "--by", "year,form", "--format", "csv").out
    assert one == detainer("policy", "audit", "--store", store, "--by", "year", "--by", "form", "--format", "csv").out


def test_a_period_without_detainers_says_so(store: Path) -> None:
    done = detainer("policy", "audit", "--store", store, "--to", "1953-01-01")
    assert "No check applies to a detainer of this period." in done.out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--by", "colour"), "no column 'colour'"),
        (("--from", "2026-01-02", "--to", "2026-01-01"), "before it begins"),
        (("--json", "--format", "csv"), "contradict"),
        (("--release", "other"), "no release 'other'"),
    ],
)
def test_an_audit_that_cannot_be_made_is_refused(arguments: tuple[str, ...], told: str, store: Path) -> None:
    refused = detainer("policy", "audit", "--store", store, *arguments)
    assert refused.code == 2
    assert told in refused.err


@pytest.mark.parametrize("name", ["rules", "check", "clock", "audit"])
def test_each_command_has_help_with_an_example(name: str) -> None:
    assert f"detainer policy {name}" in detainer("policy", name, "-h").out
