"""``detainer audit size``: how many files to draw."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from detainer_ledger.cli.audit.writing import print_json
from detainer_ledger.cli.options import json_option
from detainer_ledger.terms import BadInput

if TYPE_CHECKING:
    from detainer_ledger.audit.statistics.sizing import SampleSize


@click.command(
    name="size",
    epilog="""\b
Examples:
  detainer audit size --population 142 --tolerable 0.05
  detainer audit size --tolerable 0.05 --expected 1 --confidence 0.99
  detainer audit size --population 2500 --table""",
)
@click.option("--population", type=int, metavar="N", help="Files in all; left out where their number is unknown.")
@click.option("--tolerable", type=float, multiple=True, metavar="RATE", help="Rate of exceptions that is tolerable.")
@click.option("--confidence", type=float, default=0.95, show_default=True, help="Above 0.5 and below 1.")
@click.option(
    "--expected", type=int, default=0, show_default=True, metavar="N", help="Exceptions that the sample may hold."
)
@click.option("--table", "as_table", is_flag=True, help="Sizes for several rates: the usual ones if none is given.")
@json_option
def command(**options: Any) -> None:
    """Tell how many files to draw so that the sample can show the rate of exceptions to be tolerable.

    If the sample has no more exceptions than expected, the exact upper bound of the rate is at most the tolerable one.
    --tolerable can be given several times.
    """
    from detainer_ledger.audit.statistics.sizing import USUAL_RATES, sample_sizes

    rates = options["tolerable"] or (USUAL_RATES if options["as_table"] else ())
    if not rates:
        raise BadInput(
            "No tolerable rate was given.", option="--tolerable", do="give a share, such as 0.05, or --table."
        )
    found = sample_sizes(
        rates, population=options["population"], confidence=options["confidence"], expected=options["expected"]
    )
    if options["as_json"]:
        print_json([asdict(each) for each in found])
    elif options["as_table"]:
        _print_table(found)
    else:
        for each in found:
            click.echo(_sentence(each))


def _print_table(found: tuple[SampleSize, ...]) -> None:
    from detainer_ledger.cli.texttable import text_table

    first = found[0]
    rows = [{"tolerable": f"{each.tolerable * 100:g} %", "size": each.size} for each in found]
    click.echo(text_table(("tolerable", "size"), rows))
    click.echo(
        f"\n{_of(first)}, {first.confidence * 100:g} % confidence, at most {first.expected:,} exceptions in the sample."
        + (" A dash: no sample can show it." if any(each.size is None for each in found) else "")
    )


def _of(each: SampleSize) -> str:
    return f"Population of {each.population:,} files" if each.population else "Population of unknown size"


def _sentence(each: SampleSize) -> str:
    rate, level = f"{each.tolerable * 100:g} %", f"{each.confidence * 100:g} %"
    if each.size is None:
        return f"No sample can show a rate of {rate} or less: {each.expected:,} exceptions alone are more than that."
    found = "no exception" if not each.expected else f"at most {each.expected:,} exceptions"
    return (
        f"Draw {each.size:,} files. {_of(each)}: with {found} in a random sample of that size, at most {rate} of all"
        f" files have one, with {level} confidence."
    )
