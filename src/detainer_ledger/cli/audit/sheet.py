"""``detainer audit sheet``: test sheets to be filled in off-line."""

from __future__ import annotations

from pathlib import Path

import click

from detainer_ledger.cli.audit.writing import audit_option, print_json
from detainer_ledger.cli.options import json_option, progress_over
from detainer_ledger.terms import BadInput


@click.command(
    name="sheet",
    epilog="""\b
Examples:
  detainer audit sheet --audit audit-2026 --programme programme.toml --auditor "Ana Ruiz"
  detainer audit sheet --audit audit-2026 --illustrative --auditor ana --auditor ben
  detainer audit sheet --audit audit-2026 --auditor ana --auditor ben --two-each""",
)
@audit_option
@click.option(
    "--programme",
    type=click.Path(path_type=Path),
    metavar="FILE.toml",
    help="What is tested; copied into the audit's folder. Left out: the one that is there.",
)
@click.option("--illustrative", is_flag=True, help="The programme that ships: illustrative, not KSTEP.")
@click.option(
    "--auditor",
    "auditors",
    multiple=True,
    required=True,
    metavar="NAME",
    help="Who tests. Given several times, the files are shared out.",
)
@click.option("--two-each", is_flag=True, help="Each of two auditors tests every file, so that agreement can be told.")
@json_option
def command(
    folder: Path,
    programme: Path | None,
    illustrative: bool,  # noqa: FBT001
    auditors: tuple[str, ...],
    two_each: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> None:
    """Write a test sheet for each auditor: a workbook with a row for each file and attribute.

    The sheets stand in DIR/sheets. Auditors choose each answer from a list and fill in evidence and remark; everything
    else is locked, against slips. What a record answered (see 'detainer audit from-record') is filled in. Sheets that
    are there already are never written over.
    """
    from detainer_ledger.audit.folder import read_frame, read_sample
    from detainer_ledger.audit.programme import ILLUSTRATIVE, illustrative_text, programme_text
    from detainer_ledger.audit.sheets.layout import Sharing, checked_auditors, share_out
    from detainer_ledger.audit.sheets.taking_over import choose_programme, recorded_answers
    from detainer_ledger.audit.sheets.writing import refuse_other_sheets, write_sheets

    if programme is not None and illustrative:
        raise BadInput(
            "Two programmes are named.", option="--illustrative", do="leave --illustrative or --programme out."
        )
    frame, sample = read_frame(folder), read_sample(folder)
    sharing = Sharing.TWO_EACH if two_each else Sharing.SHARED
    names = checked_auditors(auditors)
    shares = share_out(sample, names, sharing)
    refuse_other_sheets(folder)
    text = illustrative_text() if illustrative else programme_text(programme) if programme is not None else None
    chosen = choose_programme(folder, text, named=programme.name if programme is not None else ILLUSTRATIVE)
    recorded = recorded_answers(folder, frame, sample, chosen)
    with progress_over(len(names), "sheets") as progress:
        paths = write_sheets(
            folder, frame, sample, chosen, auditors=names, sharing=sharing, prefilled=recorded, progress=progress
        )
    told = [
        {
            "auditor": name,
            "sheet": str(path),
            "files": len(shares[name]),
            "tests": len(shares[name]) * len(chosen.attributes),
        }
        for name, path in zip(names, paths, strict=True)
    ]
    if as_json:
        print_json(
            {
                "programme": chosen.id,
                "programme_sha256": chosen.sha256,
                "sharing": sharing,
                "from_record": len(recorded),
                "sheets": told,
            }
        )
        return
    click.echo(f"Programme: {chosen.title}, version {chosen.version}, SHA-256 {chosen.sha256}.")
    for each in told:
        click.echo(
            f"{each['sheet']}: {each['auditor']}, {each['files']:,} files × {len(chosen.attributes)} attributes,"
            f" {each['tests']:,} tests."
        )
    n_tests = len(sample.units) * len(chosen.attributes)
    if recorded:
        click.echo(
            f"The record answered {len(recorded):,} of {n_tests:,} tests: they are filled in, locked, and named as the"
            " record's."
        )
    to_fill = "fill in the sheet 'Tests' of each, save, then: " if len(recorded) < n_tests else ""
    click.echo(f"Next:   {to_fill}detainer audit read --audit {folder}")
