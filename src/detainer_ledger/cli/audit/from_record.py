"""``detainer audit from-record``: files of a record, with what it can answer by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from detainer_ledger.cli.audit.writing import audit_option
from detainer_ledger.cli.record.group import as_option, keys_option, opened, record_option, refuse
from detainer_ledger.terms import BadInput

if TYPE_CHECKING:
    from detainer_ledger.audit.recorded import FilesOfRecord
    from detainer_ledger.casework import Record, Refused


@click.command(
    name="from-record",
    epilog="""\b
Examples:
  detainer audit from-record screening --audit audit-2026 --title "Screening files, 2026" --as aud
  detainer audit from-record detainers --audit audit-2026 --title "Detainers, 2026" --as aud""",
)
@click.argument("kind", type=click.Choice(["screening", "detainers"]), metavar="KIND")
@click.option("--title", required=True, help="What the files are.")
@click.option("--at", "instant", help="Screening cases as they stood at this instant, with its offset; now by default.")
@audit_option
@as_option
@record_option
@keys_option
def command(kind: str, title: str, instant: str | None, folder: Path, actor: str, url: str, keys: Path) -> None:
    """Take the frame, the programme and the answers that a record gives by itself into an audit's folder.

    KIND is screening or detainers. Screening cases are tested for every step of their protocol, detainers for every
    rule of the policy. What the record does not show stays "not testable". 'detainer audit sheet' puts the answers into
    the test sheets, locked and named as the record's.
    """
    from detainer_ledger.audit.folder import put_frame, put_recorded
    from detainer_ledger.audit.recorded import Recorded
    from detainer_ledger.audit.sampling.frames import frame_of_units
    from detainer_ledger.audit.sheets.taking_over import choose_programme
    from detainer_ledger.casework import Refused
    from detainer_ledger.clock import read_instant

    now = datetime.now(UTC).replace(microsecond=0)
    at = read_instant(instant, None, field="--at") if instant else now
    if instant and kind == "detainers":
        raise BadInput("Detainers are taken as they stand now.", option="--at", do="leave it out.")
    if at > now:
        raise BadInput("The instant lies in the future.", option="--at", do="files are tested for what has happened.")
    with opened(url, keys) as record:
        files = _files(record, kind, actor, at)
        origin = record.ledger.origin
    if isinstance(files, Refused):
        refuse(files)
    frame = frame_of_units(files.units, title=title, source=f"record {origin}", source_sha256=None, made_at=now)
    frame = put_frame(folder, frame)
    programme = choose_programme(folder, files.programme, named=f"of the {kind}")
    put_recorded(
        folder, Recorded(frame_sha256=frame.sha256, programme_sha256=programme.sha256, at=at, marks=files.marks)
    )
    click.echo(f"Frame: {frame.title}. Units: {len(frame.units):,}. SHA-256: {frame.sha256}")
    click.echo(f"Programme: {programme.title}, {len(programme.attributes)} attributes.")
    click.echo(f"The record answers {len(files.marks):,} tests by itself, as of {at.isoformat(timespec='minutes')}.")


def _files(record: Record, kind: str, actor: str, at: datetime) -> FilesOfRecord | Refused:
    from detainer_ledger.audit.recorded import detainer_files, screening_files
    from detainer_ledger.casework import Act
    from detainer_ledger.casework.screening import Screenings

    act = Act.READ_SCREENING if kind == "screening" else Act.EXTRACT
    if (refused := record.may(actor, act)) is not None:
        return refused
    if kind == "screening":
        return screening_files(Screenings(record).every_case(), at=at)
    agency = record.actor(actor).agency
    return detainer_files(record.every_case(agency=agency), record.registry.agencies, at=at)
