"""``detainer audit size``: how many files to draw."""

from __future__ import annotations

import json

from tests.running import detainer


def test_a_size_is_told_in_a_sentence() -> None:
    done = detainer("audit", "size", "--population", "142", "--tolerable", "0.05")
    assert (done.code, done.out) == (
        0,
        (
            "Draw 44 files. Population of 142 files: with no exception in a random sample of that size, at most 5 % of"
            " all files have one, with 95 % confidence.\n"
        ),
    )


def test_a_table_has_the_usual_rates_or_those_named() -> None:
    told = detainer("audit", "size", "--table").out.splitlines()
    assert [line.split()[0] for line in told[2:8]] == ["1", "2", "5", "10", "15", "20"]
    assert told[4].split() == ["5", "%", "59"]
    said = json.loads(detainer("audit", "size", "--tolerable", "0.05", "--tolerable", "0.01", "--json").out)
    assert [each["size"] for each in said] == [59, 299]


def test_a_rate_that_no_sample_can_show_is_said_to_be_so() -> None:
    done = detainer("audit", "size", "--population", "142", "--tolerable", "0.01", "--expected", "7")
    assert (done.code, done.out) == (
        0,
        "No sample can show a rate of 1 % or less: 7 exceptions alone are more than that.\n",
    )
    table = detainer("audit", "size", "--population", "142", "--expected", "7", "--table").out
    assert "A dash: no sample can show it." in table


def test_a_size_without_a_rate_and_a_rate_in_percent_are_refused() -> None:
    assert "No tolerable rate was given." in detainer("audit", "size").err
    done = detainer("audit", "size", "--tolerable", "5")
    assert (done.code, done.out) == (2, "")
    assert "give a share above 0 and below 1, such as 0.05." in done.err
