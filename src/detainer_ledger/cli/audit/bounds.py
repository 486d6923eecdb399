"""``detainer audit bounds``: what a sample shows about all files."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from detainer_ledger.cli.audit.writing import level, percent, print_json
from detainer_ledger.cli.options import json_option
from detainer_ledger.terms import BadInput

if TYPE_CHECKING:
    from detainer_ledger.audit.statistics.published_samples import PublishedSample
    from detainer_ledger.audit.values import Estimate

_NUMBERS = ("population", "sample", "exceptions", "not_testable")


@click.command(
    name="bounds",
    epilog="""\b
Examples:
  detainer audit bounds --population 142 --sample 40 --exceptions 40
  detainer audit bounds --claim oig-18-36/noncompliant
  detainer audit bounds --population 2500 --sample 60 --exceptions 2 --not-testable 3 --two-sided --json
  detainer audit bounds --sample 59 --exceptions 0""",
)
@click.option("--population", type=int, metavar="N", help="Files in all; left out where their number is unknown.")
@click.option("--sample", type=int, metavar="N", help="Files that were sampled, those not testable among them.")
@click.option("--exceptions", type=int, metavar="N", help="Sampled files with an exception.")
@click.option("--not-testable", type=int, metavar="N", help="Sampled files that could not be tested.")
@click.option("--confidence", type=float, default=0.95, show_default=True, help="Above 0.5 and below 1.")
@click.option("--two-sided", "sides", flag_value=2, type=int, default=1, help="Both bounds together at the confidence.")
@click.option(
    "--method",
    type=click.Choice(["clopper-pearson", "wilson"]),
    help="Where the population is unknown; clopper-pearson unless said.",
)
@click.option("--claim", metavar="ID", help="The numbers of a published audit instead, with its source.")
@click.option("--claims", is_flag=True, help="List the published audits.")
@json_option
def command(**options: Any) -> None:
    """Tell how many of all files have an exception at least and at most, from a sample, and when that holds.

    With --population the bounds are exact for a population of that size (hypergeometric). A one-sided bound holds by
    itself with the confidence; with --two-sided both hold together. Files that were not testable count as without
    exception in the lower bound and as exceptions in the upper. No number tells how the sample was chosen: if it was
    not at random, the bounds do not hold.
    """
    from detainer_ledger.audit.statistics.bounds import Method, bounds_of
    from detainer_ledger.audit.statistics.published_samples import published_sample

    if options["claims"]:
        _list_claims(as_json=options["as_json"])
        return
    claim = published_sample(options["claim"]) if options["claim"] else None
    numbers = _numbers(options, claim)
    if options["method"] and numbers["population"] is not None:
        raise BadInput(
            "The bounds of a population of known size are exact.",
            option="--method",
            do="leave --method out, or --population if the size is not known.",
        )
    found = bounds_of(
        **numbers,
        confidence=options["confidence"],
        sides=options["sides"],
        method=Method((options["method"] or "clopper-pearson").replace("-", "_")),
    )
    condition = f"{claim.selection} {found.condition}" if claim else found.condition
    if options["as_json"]:
        print_json(_as_json(found, numbers, condition, claim))
        return
    for sentence in _sentences(found, numbers["sample"], claim):
        click.echo(sentence)
    click.echo(condition)


def _numbers(options: dict[str, Any], claim: PublishedSample | None) -> dict[str, Any]:
    given = {name: options[name] for name in _NUMBERS if options[name] is not None}
    if claim:
        if given:
            raise BadInput(
                "A published audit has its own numbers.",
                option="--claim",
                do=f"leave --{min(given).replace('_', '-')} out, or --claim.",
            )
        return {
            "population": claim.population,
            "sample": claim.sample,
            "exceptions": claim.exceptions,
            "not_testable": 0,
        }
    for name in ("sample", "exceptions"):
        if name not in given:
            raise BadInput(
                "The numbers of the sample are not complete.",
                option=f"--{name}",
                do="give --sample and --exceptions, and --population where it is known; or --claim ID.",
            )
    return {"population": None, "not_testable": 0, **given}


def _as_json(found: Estimate, numbers: dict[str, Any], condition: str, claim: PublishedSample | None) -> dict[str, Any]:
    return {
        "lower": asdict(found.lower),
        "upper": asdict(found.upper),
        "method": found.method,
        "condition": condition,
        **numbers,
        "rate": found.rate,
        "confidence": found.confidence,
        "sides": found.sides,
        "claim": _claim_json(claim) if claim else None,
    }


def _claim_json(claim: PublishedSample) -> dict[str, Any]:
    return {**asdict(claim), "ids": list(claim.ids)}


def _sentences(found: Estimate, sample: int, claim: PublishedSample | None) -> list[str]:
    said = []
    if claim:
        said += [f"{claim.title}: {claim.source}.", f"Population: {claim.population} {claim.units}."]
        said.append(f"Exception: {claim.exception}. {claim.misreading} {claim.kinds}")
    untested = f", {found.not_testable:,} could not be tested" if found.not_testable else ""
    said.append(f"Of {sample:,} sampled files {found.exceptions:,} have an exception{untested}.")
    if found.population is None:
        said.append(
            f"Of all files at least {percent(found.lower.rate)} have one and at most {percent(found.upper.rate)},"
            f" {level(found)} ({found.method.replace('_', '-').title()})."
        )
    else:
        said.append(
            f"Of all {found.population:,} files at least {found.lower.count:,} ({percent(found.lower.rate)}) have one"
            f" and at most {found.upper.count:,} ({percent(found.upper.rate)}), {level(found)} (exact, hypergeometric)."
        )
    return said


def _list_claims(*, as_json: bool) -> None:
    from detainer_ledger.audit.statistics.published_samples import published_samples

    if as_json:
        print_json([_claim_json(each) for each in published_samples()])
        return
    for each in published_samples():
        click.echo(f"{', '.join(each.ids)}: {each.title}")
        click.echo(
            f"  {each.exceptions} of {each.sample} sampled from {each.population} {each.units};"
            f" exception: {each.exception}."
        )
        click.echo(f"  {each.selection} {each.misreading}")
        click.echo(f"  source: {each.source}; {each.url} ({each.trust})")
