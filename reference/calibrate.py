"""Measure how often each rule of placing is right, and write ``confidence.csv``.

    python reference/calibrate.py TRUTH.csv REGISTER…

Only the facilities of ``is_fitted`` are used, six counties in ten; the reliability in the docs is measured on the
others. Each facility is placed with and without its city, and with and without the registers.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from pathlib import Path

from detainer_ledger.places import Facility, Placer, confidence, is_fitted, read_register, read_truth

TARGET = Path(__file__).parents[1] / "src" / "detainer_ledger" / "places" / "reference" / "confidence.csv"
LEAST_ANSWERS = {"county": 40, "level": 12}
"""Rules with fewer answers than this are counted with those that begin alike."""


def main() -> None:
    """Write the table of how often each rule is right."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("truth", type=Path)
    parser.add_argument("registers", type=Path, nargs="*")
    given = parser.parse_args()
    confidence.chance = lambda question, rule: 1.0  # noqa: ARG005
    import detainer_ledger.places.placing as placing

    placing.chance = confidence.chance
    right: Counter[tuple[str, str]] = Counter()
    answers: Counter[tuple[str, str]] = Counter()
    placers = (Placer(), Placer(registers=tuple(read_register(path) for path in given.registers)))
    for truth in read_truth(given.truth):
        if not is_fitted(truth):
            continue
        for city in (truth.facility.city, ""):
            facility = Facility(name=truth.facility.name, city=city, state=truth.facility.state)
            for placement in {placer.place(facility) for placer in placers}:
                county_rule, _, level_rule = placement.rule.partition("/")
                for question, rule, answered, is_right in (
                    ("county", county_rule, placement.county_fips, placement.county_fips in truth.counties),
                    ("level", level_rule, placement.level and truth.levels, placement.level in truth.levels),
                ):
                    parts = rule.split("-")
                    if answered:
                        for count in range(len(parts) + 1):
                            answers[question, "-".join(parts[:count])] += 1
                            right[question, "-".join(parts[:count])] += is_right
    with TARGET.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened, lineterminator="\n")
        writer.writerow(("question", "rule", "right", "answers"))
        writer.writerows(
            (*key, right[key], count) for key, count in sorted(answers.items()) if count >= LEAST_ANSWERS[key[0]]
        )


if __name__ == "__main__":
    main()
