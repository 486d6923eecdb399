"""``detainer screening coverage``: which detainers led to screening."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from detainer_ledger.cli.options import json_option
from detainer_ledger.cli.record.group import as_option, keys_option, opened, record_option, refuse


@click.command(name="coverage", epilog="\b\nExample:\n  detainer screening coverage --as aud")
@as_option
@record_option
@keys_option
@json_option
def command(actor: str, url: str, keys: Path, as_json: bool) -> None:  # noqa: FBT001
    """Count the detainers that led to custody and screening, and those that did not.

    Screening concerns people in custody. Of a detainer that was declined it says that there was no custody, and nothing
    about anybody.
    """
    from detainer_ledger.casework import Refused
    from detainer_ledger.casework.screening import NOT_SCREENED, coverage_of

    with opened(url, keys) as record:
        found = coverage_of(record, actor)
    if isinstance(found, Refused):
        refuse(found)
    if as_json:
        click.echo(json.dumps(asdict(found), indent=1))
        return
    for number, what in (
        (found.detainers, "detainers"),
        (found.screened, "custody taken, with a screening case"),
        (found.custody_without_case, "custody taken, and no screening case recorded"),
        (found.declined, f"declined: {NOT_SCREENED}"),
        (found.other_ends, f"ended otherwise: {NOT_SCREENED}"),
        (found.open, "not ended"),
        (found.without_detainer, "screening cases without a detainer, not among these"),
    ):
        click.echo(f"{number:8,}  {what}")
