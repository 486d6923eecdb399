"""``detainer definitions``: the definitions of declined."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from detainer_ledger.cli.options import json_option


@click.command(name="definitions", epilog="\b\nExamples:\n  detainer definitions\n  detainer definitions --json")
@json_option
def command(as_json: bool) -> None:  # noqa: FBT001
    """List the definitions of declined: what each counts, among which detainers, by which clock, over what."""
    from detainer_ledger.measures import definitions
    from detainer_ledger.tables import write_json

    if as_json:
        write_json(sys.stdout, [asdict(each) for each in definitions().values()])
        return
    for each in definitions().values():
        click.echo(f"{each.id} (version {each.version}): {each.title}")
        click.echo(f"  used by      {each.used_by}")
        click.echo(f"  counts       {each.numerator_in_words()}")
        if each.excluded_levels:
            click.echo(f"  leaves out   agencies at level {', '.join(each.excluded_levels)}")
        if each.above_detainers is not None:
            click.echo(f"  only         facilities with more than {each.above_detainers} detainers in the period")
        click.echo(f"  clock        {each.clock}")
        click.echo(f"  denominator  {each.denominator}")
        for caveat in each.caveats:
            click.echo(f"  note         {caveat}")
        if each.not_computable:
            click.echo(f"  not computable: {each.not_computable}")
        click.echo(f"  source       {each.source}\n")
