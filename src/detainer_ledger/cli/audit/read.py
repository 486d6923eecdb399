"""``detainer audit read``: filled test sheets, read back."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from detainer_ledger.cli.audit.writing import EXIT_NO, audit_option, print_json
from detainer_ledger.cli.options import json_option, progress_over
from detainer_ledger.terms import BadInput

if TYPE_CHECKING:
    from detainer_ledger.audit.sheets.taking_over import TakenOver
    from detainer_ledger.audit.values import Programme, Results, Sample

_EXIT_BAD_INPUT = 2


@click.command(
    name="read",
    epilog="""\b
Examples:
  detainer audit read --audit audit-2026
  detainer audit read --audit audit-2026 returned/sheet-ana.xlsx returned/sheet-ben.xlsx
  detainer audit read --audit audit-2026 --set-aside
  detainer audit read --audit audit-2026 --replace "Two files were found after all"
  detainer audit read --audit audit-2026 --json""",
)
@audit_option
@click.argument("sheets", nargs=-1, type=click.Path(path_type=Path), metavar="[SHEET.xlsx]...")
@click.option("--set-aside", is_flag=True, help="Leave inconsistent rows out: their tests count as not testable.")
@click.option(
    "--replace", metavar="REASON", help="Replace results that say something else; they are kept, with the reason."
)
@json_option
def command(
    folder: Path,
    sheets: tuple[Path, ...],
    set_aside: bool,  # noqa: FBT001
    replace: str | None,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Read filled sheets, all in DIR/sheets unless named, or name every inconsistency by sheet, row and column.

    Nothing is read until all sheets are consistent. Where two auditors differ, sheets/settlement.xlsx is written, and
    the exit code is 1 until it is filled in. The same sheets again change nothing.
    """
    from detainer_ledger.audit.folder import PROGRAMME, read_frame, read_sample
    from detainer_ledger.audit.programme import read_programme
    from detainer_ledger.audit.sheets.inconsistencies import inconsistency_json, refusal
    from detainer_ledger.audit.sheets.layout import sheet_paths
    from detainer_ledger.audit.sheets.reading import look_at_sheets
    from detainer_ledger.audit.sheets.reading import set_aside as without_inconsistent_rows
    from detainer_ledger.audit.sheets.taking_over import take_over

    frame, sample = read_frame(folder), read_sample(folder)
    programme = read_programme(folder / PROGRAMME)
    paths = sheets or sheet_paths(folder)
    if not paths:
        raise BadInput(
            "There are no test sheets.", folder=str(folder / "sheets"), do="write them with 'detainer audit sheet'."
        )
    with progress_over(len(paths), "sheets") as progress:
        looked = look_at_sheets(paths, frame, sample, programme, progress=progress)
    found = looked.inconsistencies
    if found and not (set_aside and not any(each.is_structural for each in found)):
        if as_json:
            print_json({"read": False, "inconsistencies": [inconsistency_json(each) for each in found]})
            sys.exit(_EXIT_BAD_INPUT)
        raise refusal(found)
    done = take_over(folder, without_inconsistent_rows(looked), frame, sample, programme, replacing=replace)
    if as_json:
        print_json(_as_json(done, sample, programme))
    else:
        _tell(done, folder, sample, programme)
    if done.results is None:
        sys.exit(EXIT_NO)


def _tell(done: TakenOver, folder: Path, sample: Sample, programme: Programme) -> None:
    from detainer_ledger.audit.sheets.layout import settlement_path

    if done.n_both:
        agreed = done.n_both - done.n_differing
        click.echo(f"The two auditors agree on {agreed:,} of {done.n_both:,} tests that both answered.")
    if done.results is None:
        click.echo(
            f"{_counted(done.n_differing, 'test')} answered otherwise, {done.n_unsettled:,} not settled."
            " Nothing was read."
            f"\nNext:   settle them in {settlement_path(folder)}, then read again."
        )
        return
    counts = _counts(done.results)
    told = ", ".join(f"{count:,} {answer.replace('_', ' ')}" for answer, count in counts.items())
    files, tests = len(sample.units), len(done.results.marks)
    click.echo(f"{files:,} files × {len(programme.attributes)} attributes: {tests:,} tests, {told}.")
    from_record = sum(mark.is_from_record for mark in done.results.marks)
    if from_record:
        click.echo(f"The record answered {from_record:,} of them.")
    if done.results.set_aside:
        click.echo(
            f"{_counted(len(done.results.set_aside), 'row')} set aside; results.json names each with its reason:"
        )
        for reason in done.results.set_aside[:_MOST_TOLD]:
            click.echo(f"  {reason}")
        if len(done.results.set_aside) > _MOST_TOLD:
            click.echo(f"  and {len(done.results.set_aside) - _MOST_TOLD:,} more.")
    click.echo(
        f"Next:   detainer audit evaluate --audit {folder}"
        if done.is_new
        else "Nothing has changed: results.json says the same already."
    )


_MOST_TOLD = 20


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def _counts(results: Results) -> dict[str, int]:
    from detainer_ledger.audit.values import Answer

    counted = Counter(mark.answer for mark in results.marks)
    return {str(answer): counted[answer] for answer in Answer}


def _as_json(done: TakenOver, sample: Sample, programme: Programme) -> dict[str, object]:
    told: dict[str, object] = {
        "read": done.results is not None,
        "files": len(sample.units),
        "attributes": len(programme.attributes),
        "tests": len(sample.units) * len(programme.attributes),
        "answered_by_both": done.n_both,
        "differing": done.n_differing,
        "unsettled": done.n_unsettled,
    }
    if done.results is None:
        return told
    return {
        **told,
        "is_new": done.is_new,
        "answers": _counts(done.results),
        "from_record": sum(mark.is_from_record for mark in done.results.marks),
        "set_aside": list(done.results.set_aside),
    }
