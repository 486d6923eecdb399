"""``detainer audit evaluate``: rates and bounds of files and of each attribute."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detainer_ledger.cli.audit.writing import audit_option, level, percent, print_json
from detainer_ledger.cli.options import json_option

if TYPE_CHECKING:
    from detainer_ledger.audit.values import Estimate, Evaluation, Frame, Programme, Results, Sample

COLUMNS = (
    "what", "tested", "exceptions", "rate", "se", "at least", "at most", "of", "not testable", "not applicable",
)  # fmt: skip


@click.command(
    name="evaluate",
    epilog="""\b
Examples:
  detainer audit evaluate --audit audit-2026
  detainer audit evaluate --audit audit-2026 --confidence 0.99 --two-sided --json""",
)
@audit_option
@click.option("--confidence", type=float, default=0.95, show_default=True, help="Above 0.5 and below 1.")
@click.option("--two-sided", "sides", flag_value=2, type=int, default=1, help="Both bounds together at the confidence.")
@json_option
def command(folder: Path, confidence: float, sides: int, as_json: bool) -> None:  # noqa: FBT001
    """Tell what the sample shows about the whole frame: rates and exact bounds, of files and of each attribute.

    A file has an exception where a required attribute is not met. Files that were not testable stand apart: the lower
    bound counts them as without exception, the upper as with one. Writes evaluation.json.
    """
    from detainer_ledger.audit.folder import (
        PROGRAMME,
        read_frame,
        read_results,
        read_sample,
        write_evaluation,
    )
    from detainer_ledger.audit.programme import read_programme
    from detainer_ledger.audit.statistics.estimates import evaluate

    frame, sample = read_frame(folder), read_sample(folder)
    programme, results = read_programme(folder / PROGRAMME), read_results(folder)
    _refuse_other_draw(folder, frame, sample)
    found = evaluate(frame, sample, programme, results, confidence=confidence, sides=sides)
    write_evaluation(folder, found)
    if as_json:
        import json

        from detainer_ledger.audit.folder import EVALUATION

        print_json(json.loads((folder / EVALUATION).read_bytes()))
        return
    _print(found, programme, results)


def _refuse_other_draw(folder: Path, frame: Frame, sample: Sample) -> None:
    """Raise BadInput for a sample that its manifest does not draw: the bounds rest on the draw."""
    from detainer_ledger.audit.folder import COMMITMENT, earlier_samples, read_commitment
    from detainer_ledger.audit.sampling.drawing import faults_of_draw
    from detainer_ledger.terms import BadInput

    commitment = read_commitment(folder) if (folder / COMMITMENT).exists() else None
    faults = faults_of_draw(frame, sample, commitment, earlier_samples(folder, sample))
    if faults:
        raise BadInput(
            " ".join(faults), folder=str(folder), do="put the files of the draw back as they were; see draw --check."
        )


def _print(found: Evaluation, programme: Programme, results: Results) -> None:
    from detainer_ledger.cli.texttable import text_table

    files = found.files
    click.echo(
        f"Of {found.sampled:,} sampled files {files.exceptions:,} have an exception and {files.not_testable:,} were not"
        f" testable. The frame has {found.population:,} files."
    )
    click.echo(
        f"Of all of them at least {_both(files.lower.count, files.lower.rate)} and at most"
        f" {_both(files.upper.count, files.upper.rate)} have an exception, {level(files)}."
    )
    click.echo(files.condition + "\n")
    marked = {each.id: each.id if each.is_required else f"{each.id} (not required)" for each in programme.attributes}
    rows = [_row("files", files)]
    rows += [_row(f"files: {name}", each) for name, each in found.strata.items()]
    rows += [_row(marked.get(each.subject, each.subject), each) for each in found.attributes]
    columns = [name for name in COLUMNS if any(row[name] not in (None, 0) for row in rows) or name in COLUMNS[:4]]
    click.echo(text_table(columns, rows))
    click.echo(
        "\nRate: exceptions of those tested"
        + (", weighted by stratum, se its standard error" if files.standard_error is not None else "")
        + ". At least, at most: files of the population in the column 'of'. Each row's bounds hold for that row alone."
    )
    if found.exceptions_per_file:
        told = "; ".join(f"{lapses}: {count:,}" for lapses, count in found.exceptions_per_file.items())
        click.echo(f"Tested files by how many required attributes are not met: {told}.")
    if found.agreements:
        pairs = [
            {
                "two auditors on": each.attribute,
                "files": each.units,
                "equal": percent(each.agreed),
                "Cohen's kappa": "not defined" if each.kappa is None else f"{each.kappa:.2f}",
            }
            for each in found.agreements
        ]
        click.echo("\n" + text_table(tuple(pairs[0]), pairs))
    if results.set_aside:
        click.echo(f"Rows of the sheets set aside: {len(results.set_aside):,}; their tests count as not testable.")


def _both(count: int | None, rate: float) -> str:
    return percent(rate) if count is None else f"{count:,} ({percent(rate)})"


def _row(what: str, each: Estimate) -> dict[str, Any]:
    return {
        "what": what,
        "tested": each.tested,
        "exceptions": each.exceptions,
        "rate": percent(each.rate),
        "se": None if each.standard_error is None else percent(each.standard_error),
        "at least": _both(each.lower.count, each.lower.rate),
        "at most": _both(each.upper.count, each.upper.rate),
        "of": each.population,
        "not testable": each.not_testable,
        "not applicable": each.not_applicable,
    }
