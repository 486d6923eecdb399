"""``detainer evaluate``: how right the placing of facilities is, on facilities whose place is known."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detainer_ledger.cli.options import json_option, progress_over, references_option
from detainer_ledger.cli.texttable import text_table

if TYPE_CHECKING:
    from detainer_ledger.places import Evaluation, Placer, Score, Share


@click.group(name="evaluate", epilog="\b\nExample:\n  detainer evaluate facilities TRUTH.csv")
def command() -> None:
    """Measure how right the program is, against answers that are known."""


@command.command(
    name="facilities",
    epilog="""\b
Examples:
  detainer evaluate facilities truth.csv
  detainer evaluate facilities truth.csv --without-city --reference hifld_prisons.csv
  detainer evaluate facilities truth.csv --json""",
)
@click.argument("truth", type=click.Path(path_type=Path, readable=False), metavar="TRUTH")
@click.option("--without-city", is_flag=True, help="Take the city away first.")
@click.option("--unfitted", is_flag=True, help="Only facilities on which the confidence was not fitted.")
@click.option("--wrong", is_flag=True, help="List the facilities that were credited to a wrong county too.")
@references_option
@json_option
def facilities(
    truth: Path,
    without_city: bool,  # noqa: FBT001
    unfitted: bool,  # noqa: FBT001
    wrong: bool,  # noqa: FBT001
    references: tuple[Path, ...],
    as_json: bool,  # noqa: FBT001
) -> None:
    """Place the facilities of TRUTH and print how often the county and the level are right.

    TRUTH is a CSV file with facility_name, city, state, county_fips (also_ok_fips for others that are right),
    agency_level and, where no answer is right, must_abstain. Printed with 95 % intervals: precision (right, of answers
    given), recall (right, of all), answered (of all), false attribution (wrong, of all); the same weighted by
    detainers, by state and by level; the confusions of levels; and the reliability of the confidence.
    """
    from detainer_ledger.cli.options import placer_with
    from detainer_ledger.places import evaluate, is_fitted, read_truth
    from detainer_ledger.tables import write_json

    placer = placer_with(references, None)
    truths = read_truth(truth)
    if unfitted:
        truths = tuple(each for each in truths if not is_fitted(each))
    with progress_over(len(truths), "placing") as progress:
        found = evaluate(placer, truths, without_city=without_city, progress=lambda count: progress(f"{count:,}"))
    if as_json:
        write_json(sys.stdout, _as_json(found, placer))
        return
    _print(found, placer, lists_wrong=wrong)


def _print(found: Evaluation, placer: Placer, *, lists_wrong: bool) -> None:
    names = ", ".join(each.name for each in placer.registers) or "none"
    click.echo(f"{found.facilities:,} facilities; registers used: {names}")
    click.echo("")
    scores = {
        "county": found.county,
        "county, by detainers": found.county_weighted,
        "level": found.level,
        "level, by detainers": found.level_weighted,
    }
    click.echo(_score_table("question", scores))
    must = found.declinable
    click.echo(f"\nFacilities that must not be answered: {must.whole:,}; answered all the same: {must.part:,}\n")
    click.echo(_score_table("state (county)", found.by_state))
    click.echo("")
    click.echo(_score_table("level", found.by_level))
    click.echo("\nConfusions of levels\n")
    rows = [
        {"is": right, "answered": answered, "facilities": count}
        for (right, answered), count in sorted(found.confusions.items(), key=lambda each: (-each[1], each[0]))
    ]
    click.echo(text_table(("is", "answered", "facilities"), rows) if rows else "none")
    click.echo("\nReliability of the confidence: an answer is right where its county and its level are\n")
    bins = [
        {"confidence": f"{each.confidence:.3f}", "right": _percent(each.right), "answers": each.right.whole}
        for each in found.reliability
    ]
    click.echo(text_table(("confidence", "right", "answers"), bins))
    if lists_wrong:
        click.echo("\nCredited to a wrong county\n")
        listed = [
            {
                "facility": facility.name,
                "city": facility.city,
                "state": facility.state,
                "is": right,
                "answered": placement.county_fips,
                "rule": placement.rule,
            }
            for facility, placement, right in found.wrong
        ]
        click.echo(text_table(("facility", "city", "state", "is", "answered", "rule"), listed) if listed else "none")


def _score_table(first: str, scores: Mapping[str, Score]) -> str:
    rows = [
        {
            first: name,
            "of": score.answered.whole,
            "precision": _percent(score.precision),
            "recall": _percent(score.recall),
            "answered": _percent(score.answered),
            "false attribution": _percent(score.false_attribution),
        }
        for name, score in scores.items()
    ]
    return text_table((first, "of", "precision", "recall", "answered", "false attribution"), rows)


def _percent(share: Share) -> str:
    if share.value is None or share.interval is None:
        return "-"
    low, high = share.interval
    return f"{share.value:.1%} ({low:.1%}-{high:.1%})"


def _as_json(found: Evaluation, placer: Placer) -> dict[str, Any]:
    return {
        "facilities": found.facilities,
        "registers": [{"name": each.name, "sha256": each.sha256} for each in placer.registers],
        "county": _score_json(found.county),
        "county_weighted": _score_json(found.county_weighted),
        "level": _score_json(found.level),
        "level_weighted": _score_json(found.level_weighted),
        "must_abstain": _share_json(found.declinable),
        "by_state": {name: _score_json(score) for name, score in found.by_state.items()},
        "by_level": {name: _score_json(score) for name, score in found.by_level.items()},
        "confusions": [
            {"is": right, "answered": answered, "facilities": count}
            for (right, answered), count in found.confusions.items()
        ],
        "reliability": [
            {"confidence": round(each.confidence, 4), "right": _share_json(each.right)} for each in found.reliability
        ],
    }


def _score_json(score: Score) -> dict[str, Any]:
    return {
        "precision": _share_json(score.precision),
        "recall": _share_json(score.recall),
        "answered": _share_json(score.answered),
        "false_attribution": _share_json(score.false_attribution),
    }


def _share_json(share: Share) -> dict[str, Any]:
    low, high = share.interval or (None, None)
    return {"count": share.part, "of": share.whole, "share": share.value, "ci_low": low, "ci_high": high}
