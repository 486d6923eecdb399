"""``detainer audit bounds``: the published statement in one command, and the condition with every bound."""

from __future__ import annotations

import json

import pytest

from detainer_ledger.cli.audit.writing import percent
from tests.running import detainer

NUMBERS = ("--population", 142, "--sample", 40, "--exceptions", 40)


def run(*arguments: object) -> str:
    done = detainer("audit", "bounds", *map(str, arguments))
    assert (done.code, done.err) == (0, "")
    return done.out


def test_the_plain_output_says_the_bound_and_its_condition() -> None:
    assert run(*NUMBERS) == (
        "Of 40 sampled files 40 have an exception.\n"
        "Of all 142 files at least 134 (94.4 %) have one and at most 142 (100.0 %), each by itself with 95 % confidence"
        " (exact, hypergeometric).\n"
        "The bounds hold if the sample was drawn at random from the whole population, each set of 40 files with the"
        " same chance. How it was drawn is not known from the numbers: if it was chosen in another way, they do not"
        " hold.\n"
    )


def test_the_json_has_the_keys_of_the_contract() -> None:
    said = json.loads(run(*NUMBERS, "--json"))
    assert said["lower"] == {"count": 134, "rate": 134 / 142}
    assert said["upper"] == {"count": 142, "rate": 1.0}
    assert said["method"] == "hypergeometric"
    assert "drawn at random" in said["condition"]
    assert (said["sides"], said["confidence"]) == (1, 0.95)


@pytest.mark.parametrize("claim", ["oig-18-36/sample", "oig-18-36/noncompliant"])
def test_one_command_reproduces_the_published_statement_with_source_and_misreading(claim: str) -> None:
    told = run("--claim", claim)
    assert "OIG-18-36, 5 January 2018" in told
    assert "at least 134 (94.4 %)" in told
    assert "How the 40 files were selected was not found. The bounds hold if" in told
    assert "It is not 40 of 142 files that were found non-compliant" in told
    said = json.loads(run("--claim", claim, "--json"))
    assert said["lower"]["count"] == 134
    assert said["claim"]["ids"] == ["oig-18-36/sample", "oig-18-36/noncompliant"]


def test_published_audits_are_listed() -> None:
    assert "oig-18-36/sample, oig-18-36/noncompliant" in run("--claims")
    assert json.loads(run("--claims", "--json"))[0]["population"] == 142


@pytest.mark.parametrize(
    ("rate", "shown"),
    [(None, "-"), (0.0, "0.0 %"), (1.0, "100.0 %"), (0.94366, "94.4 %"), (0.000307, "0.031 %"), (0.99997, "99.9970 %")],
)
def test_a_share_never_looks_like_none_or_all_unless_it_is(rate: float | None, shown: str) -> None:
    assert percent(rate) == shown


def test_two_sides_and_untested_files_widen() -> None:
    both = json.loads(run("--population", 142, "--sample", 40, "--exceptions", 10, "--two-sided", "--json"))
    one = json.loads(run("--population", 142, "--sample", 40, "--exceptions", 10, "--json"))
    assert both["lower"]["count"] < one["lower"]["count"]
    assert both["upper"]["count"] > one["upper"]["count"]
    some = json.loads(run("--population", 142, "--sample", 40, "--exceptions", 10, "--not-testable", 4, "--json"))
    assert some["lower"] == one["lower"]
    assert some["upper"]["count"] > one["upper"]["count"]
    assert "both together with 95 % confidence" in run(*NUMBERS, "--two-sided")
    assert "4 could not be tested" in run("--sample", 40, "--exceptions", 10, "--not-testable", 4)


def test_without_a_population_counts_are_null_and_the_method_is_said() -> None:
    said = json.loads(run("--sample", 59, "--exceptions", 0, "--json"))
    assert said["method"] == "clopper_pearson"
    assert said["upper"]["count"] is None
    assert said["upper"]["rate"] == pytest.approx(1 - 0.05 ** (1 / 59))
    assert json.loads(run("--sample", 59, "--exceptions", 0, "--method", "wilson", "--json"))["method"] == "wilson"
    assert "(Clopper-Pearson)" in run("--sample", 59, "--exceptions", 0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            (),
            (
                "detainer: The numbers of the sample are not complete.\n  where: option --sample\n"
                "  to do: give --sample and --exceptions, and --population where it is known; or --claim ID.\n"
            ),
        ),
        (
            ("--population", "142", "--sample", "40", "--exceptions", "41"),
            (
                "detainer: There cannot be 41 files with an exception in a sample of 40.\n"
                "  where: option --exceptions\n"
                "  to do: give how many of the sampled files failed, not how many of the population.\n"
            ),
        ),
        (
            ("--claim", "oig-18-36/other"),
            (
                "detainer: There is no published sample of this name.\n  where: option --claim\n"
                "  to do: choose one of: oig-18-36/sample, oig-18-36/noncompliant.\n"
            ),
        ),
        (
            ("--claim", "oig-18-36/sample", "--not-testable", "1"),
            (
                "detainer: A published audit has its own numbers.\n  where: option --claim\n"
                "  to do: leave --not-testable out, or --claim.\n"
            ),
        ),
        (
            (*map(str, NUMBERS), "--method", "wilson"),
            (
                "detainer: The bounds of a population of known size are exact.\n  where: option --method\n"
                "  to do: leave --method out, or --population if the size is not known.\n"
            ),
        ),
    ],
)
def test_what_cannot_be_is_refused_in_one_message(arguments: tuple[str, ...], message: str) -> None:
    done = detainer("audit", "bounds", *arguments)
    assert (done.code, done.out, done.err) == (2, "", message)
