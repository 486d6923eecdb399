"""``detainer demo --record``: invented cases through an agency's record, and what can be shown of them."""

from __future__ import annotations

from pathlib import Path

import click

from detainer_ledger.cli.record.show import BROKEN, shown_lines


def show_demonstration(out: Path) -> None:
    """Walk one case of each kind through a new record under ``out``, and show the timelines, the queue and the proof.

    Raises BadInput for a folder that holds other things.
    """
    from detainer_ledger.casework import Refused, demonstrate, extract
    from detainer_ledger.casework.demonstration import AUDITOR, JAIL, SUPERVISOR
    from detainer_ledger.cli.demo import MARK, PARTS
    from detainer_ledger.cli.making_room import make_room
    from detainer_ledger.cli.texttable import text_table
    from detainer_ledger.ledger import verify
    from detainer_ledger.measures import measure

    make_room(out, mark=MARK, parts=PARTS)
    folder = out / "record"
    folder.mkdir()
    record, cases, clock = demonstrate(str(folder / "record.db"), folder / "keys")
    rows = [{"case": each.case, "what it shows": each.title} for each in cases]
    try:
        for each in cases:
            click.echo(f"\n{each.title}\n{'=' * len(each.title)}")
            shown = record.show(each.case, SUPERVISOR)
            if not isinstance(shown, Refused):
                for line in shown_lines(shown, clock(), results=BROKEN):
                    click.echo(line)
            for refusal in each.refusals:
                click.echo(f"Refused, and recorded: {refusal.reason}")
                for finding in refusal.findings:
                    click.echo(f"  {finding.rule}: {finding.sentence}")
        click.echo(f"\n{text_table(('case', 'what it shows'), rows)}")
        queue = record.holds(JAIL)
        if not isinstance(queue, Refused):
            for hold in queue:
                hours = hold.seconds_left(clock()) / 3600
                click.echo(f"\nHeld now: {hold.case} until {hold.deadline:%a %Y-%m-%d %H:%M} ({hours:.1f} h left).")
        found = verify(record.ledger)
        click.echo(f"The record {'verifies' if found.holds else 'does NOT verify'}: {found.events} events.")
        extract(record, out / "store", AUDITOR)
        figures = measure(out / "store").to_pylist()[0]
        click.echo(
            f"Its extract, by the same measures as a published release: {figures['detainers']} detainers,"
            f" {figures['taken_into_custody']} taken into custody, {figures['declined']} declined,"
            f" {figures['pending_or_unrecorded']} not resolved yet."
        )
    finally:
        record.close()
    click.echo(f"Record: {folder / 'record.db'}   Keys: {folder / 'keys'}   Names are invented (synthetic).")
