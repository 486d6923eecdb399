"""``detainer record verify``: whether the record is as it was recorded."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from detainer_ledger.cli.options import json_option, progress_of
from detainer_ledger.cli.record.group import EXIT_NO, keys_option, opened, read_text, record_option

_MOST_TOLD = 10


@click.command(
    name="verify",
    epilog="\b\nExamples:\n  detainer record verify\n  detainer record verify --checkpoint published-2026-03.txt",
)
@click.option(
    "--checkpoint",
    "checkpoints",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A checkpoint kept elsewhere; can be given several times.",
)
@record_option
@keys_option
@json_option
def command(checkpoints: tuple[Path, ...], url: str, keys: Path, as_json: bool) -> None:  # noqa: FBT001
    """Check every event of the record, and say which was altered, is missing, was inserted or stands elsewhere.

    A record that was rewritten from end to end, hashes and all, shows only against a checkpoint kept elsewhere.
    Lists and queues are held against the events, too. The exit code is 1 if anything is found.
    """
    from detainer_ledger.casework import held_against_events
    from detainer_ledger.ledger import verify

    notes = [read_text(path) for path in checkpoints]
    with opened(url, keys) as record, progress_of("events") as progress:
        found = verify(record.ledger, published=notes, progress=progress)
        # Events that are not as they were recorded make nothing that could be compared.
        kept = held_against_events(record) if found.holds else None
        stale = kept.stale_cases if kept else ()
    if as_json:
        told = [
            {
                "kind": each.kind,
                "case": each.stream,
                "event": each.version,
                "position": each.position,
                "sentence": each.sentence,
            }
            for each in found.discrepancies
        ]
        summary = {
            "holds": found.holds,
            "events": found.events,
            "checkpoints": found.checkpoints,
            "root": found.root.hex(),
            "discrepancies": told,
            "stale_cases": list(stale),
            "unread_persons": kept.n_unread_persons if kept else None,
        }
        click.echo(json.dumps(summary, indent=1))
    elif found.holds:
        click.echo(
            f"The record verifies: {found.events:,} events, each as recorded; {_checkpoints(found.checkpoints)}."
        )
    else:
        click.echo(f"The record does NOT verify. Discrepancies: {found.n_discrepancies:,}. Events: {found.events:,}.")
        for each in found.discrepancies:
            click.echo(f"  {each.kind}: {each.sentence}")
        if found.n_discrepancies > len(found.discrepancies):
            click.echo(f"  … and {found.n_discrepancies - len(found.discrepancies):,} more.")
    if kept and kept.n_unread_persons and not as_json:
        click.echo(
            f"Fields of people that cannot be read: {kept.n_unread_persons:,}. They or their keys are not here, or were"
            " changed, and no erasure is recorded; a restore without --persons leaves the keys out."
        )
    if stale and not as_json:
        click.echo(
            f"Lists and queues do NOT show what the events say. Cases: {len(stale):,}:"
            f" {', '.join(stale[:_MOST_TOLD])}{' …' if len(stale) > _MOST_TOLD else ''}."
            " 'detainer record rebuild' makes them anew."
        )
    if stale or not found.holds:
        sys.exit(EXIT_NO)


def _checkpoints(number: int) -> str:
    return "1 checkpoint holds" if number == 1 else f"{number:,} checkpoints hold"
