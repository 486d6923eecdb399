"""The rules as data: all that the sources name are there, each cited, dated and marked with its trust."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from detainer_ledger.policy import Rule, Trust, rules, rules_in_force
from detainer_ledger.policy.checks import CHECKS
from detainer_ledger.terms import forms

NAMED = """
8cfr287.7/request-nature 8cfr287.7/authorized-issuer 8cfr287.7/records-available 8cfr287.7/hold-48h-excluding
8cfr287.7/no-federal-cost 8usc1357d/drug-arrest
10074.1/traffic-misdemeanor 10074.1/custody-or-cancel
2012/scope 2012/reason-to-believe 2012/felony 2012/three-misdemeanors 2012/serious-misdemeanor 2012/illegal-entry
2012/illegal-reentry 2012/removal-order 2012/immigration-fraud 2012/significant-risk I-247-2013/copy-to-person
pep/notify-first pep/special-circumstances pep/priorities I-247D/probable-cause-box I-247D/hold-48h I-247D/serve-copy
I-247N/no-detention
10074.2/arrest-required 10074.2/independent-arrest-authority 10074.2/not-temporary-stop 10074.2/probable-cause
10074.2/pc-final-order 10074.2/pc-proceedings 10074.2/pc-biometric 10074.2/pc-statements 10074.2/no-investigation-only
10074.2/no-foreign-birth-alone 10074.2/warrant-accompanies 10074.2/warrant-kind 10074.2/supervisory-review
10074.2/issue-regardless 10074.2/assume-custody-or-cancel 10074.2/cancel-when-unfounded
16001.2/usc-claim 16001.2/probative-evidence
I-247A/box1-hold I-247A/notify-48h I-247A/box2-transfer I-247A/box1-xor-box2 I-247A/serve-copy
I-247A/earlier-forms-remain I-247A/clock-start I-247A/no-exclusion
gonzalez-2020/database-only-void gonzalez-2020/prompt-judicial-determination gonzalez-2025/neutral-review
gonzalez-2025/i247g-only laken-riley-2025/mandatory-issue
""".split()
"""The identifiers of the rules as the domain reference has them, without those on the screening of people."""

ADDED = """
I-247G/no-detention forms/in-force state/no-hold state/comply state/hold-limit state/report
""".split()

NOT_TO_BE_OVERRIDDEN = """
2012/reason-to-believe pep/special-circumstances I-247D/probable-cause-box
10074.2/arrest-required 10074.2/independent-arrest-authority 10074.2/not-temporary-stop 10074.2/probable-cause
10074.2/pc-final-order 10074.2/pc-proceedings 10074.2/pc-biometric 10074.2/pc-statements 10074.2/no-investigation-only
10074.2/no-foreign-birth-alone 10074.2/cancel-when-unfounded
16001.2/usc-claim 16001.2/probative-evidence gonzalez-2020/database-only-void gonzalez-2025/neutral-review
""".split()

UNCONFIRMED = """
8cfr287.7/records-available 8cfr287.7/no-federal-cost 8usc1357d/drug-arrest 10074.1/traffic-misdemeanor
10074.1/custody-or-cancel 10074.2/warrant-kind 10074.2/supervisory-review 10074.2/cancel-when-unfounded
""".split()


def test_every_rule_that_the_sources_name_is_there_in_their_order() -> None:
    assert [rule.id for rule in rules()] == [*NAMED, *ADDED]


@pytest.mark.shared
def test_the_list_is_that_of_the_domain_reference(shared: object) -> None:
    from pathlib import Path

    text = (Path(str(shared)).parent / "domain.md").read_text("utf-8").partition("### Rule identifiers")[2]
    assert [name for name in text.split("`")[1::2] if not name.startswith("kst/")] == NAMED


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_a_rule_says_what_it_asks_where_it_stands_and_how_sure_it_is(rule: Rule) -> None:
    assert rule.title
    assert rule.text.endswith(".")
    assert rule.citation
    assert rule.authority
    assert rule.instrument
    assert rule.trust in Trust
    assert rule.check in CHECKS
    assert set(rule.forms) <= {form.code for form in forms()}
    assert (rule.in_force_from or date.min) <= (rule.in_force_to or date.max)


def test_no_check_is_left_that_no_rule_uses() -> None:
    assert set(CHECKS) == {rule.check for rule in rules()}


def test_rules_on_arrest_probable_cause_and_citizenship_cannot_be_overridden() -> None:
    assert [rule.id for rule in rules() if not rule.overridable] == NOT_TO_BE_OVERRIDDEN


def test_what_no_source_that_was_read_confirms_is_marked() -> None:
    assert [rule.id for rule in rules() if rule.trust is Trust.UNCONFIRMED] == UNCONFIRMED


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_a_rule_is_in_force_from_its_first_to_its_last_day(rule: Rule) -> None:
    if rule.in_force_from:
        assert rule in rules_in_force(rule.in_force_from)
        assert rule not in rules_in_force(rule.in_force_from - timedelta(days=1))
    if rule.in_force_to:
        assert rule in rules_in_force(rule.in_force_to)
        assert rule not in rules_in_force(rule.in_force_to + timedelta(days=1))


@pytest.mark.parametrize(
    ("day", "some", "none"),
    [
        (date(2009, 1, 1), {"8cfr287.7/request-nature"}, {"10074.1/", "2012/", "pep/", "10074.2/", "16001.2/"}),
        (date(2013, 5, 1), {"2012/felony"}, {"10074.1/", "pep/", "10074.2/"}),
        (date(2016, 5, 1), {"pep/notify-first", "I-247D/hold-48h", "16001.2/usc-claim"}, {"2012/", "10074.2/"}),
        (date(2017, 3, 1), {"I-247D/hold-48h"}, {"pep/", "10074.2/"}),
        (date(2020, 6, 1), {"gonzalez-2020/database-only-void", "10074.2/arrest-required"}, {"pep/", "laken"}),
        (date(2026, 6, 1), {"laken-riley-2025/mandatory-issue", "gonzalez-2025/i247g-only"}, {"pep/", "I-247D"}),
    ],
)
def test_the_rules_of_a_day_are_those_of_its_period(day: date, some: set[str], none: set[str]) -> None:
    found = {rule.id for rule in rules_in_force(day)}
    assert some <= found
    assert [name for name in found if name.startswith(tuple(none))] == []
