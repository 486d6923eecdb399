"""``detainer audit draw``: a sample that anybody can draw again."""

from __future__ import annotations

import sys
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detainer_ledger.cli.audit.writing import EXIT_NO, audit_option, print_json
from detainer_ledger.cli.options import json_option, say
from detainer_ledger.terms import BadInput

if TYPE_CHECKING:
    from detainer_ledger.audit.sampling.drawing import Commitment
    from detainer_ledger.audit.values import Frame, Sample


@click.command(
    name="draw",
    epilog="""\b
Examples:
  detainer audit draw --audit audit-2026 --size 40
  detainer audit draw --audit audit-2026 --size 60 --design stratified --seed "a text of your own"
  detainer audit draw --audit audit-2026 --size 60 --design stratified --allocation neyman \\
      --deviation north=0.5 --deviation south=0.2
  detainer audit draw --audit audit-2026 --check""",
)
@audit_option
@click.option("--size", type=int, metavar="N", help="Units to draw; 'detainer audit size' says how many.")
@click.option(
    "--design",
    type=click.Choice(["simple", "stratified", "systematic", "all"]),
    help="How to draw; simple unless said.",
)
@click.option("--allocation", type=click.Choice(["proportional", "neyman"]), help="Of a stratified sample.")
@click.option(
    "--deviation",
    "deviations",
    multiple=True,
    metavar="STRATUM=S",
    help="Standard deviation of a stratum, for --allocation neyman.",
)
@click.option("--seed", metavar="TEXT", help="The seed; that of seed.txt unless said.")
@click.option("--salt", metavar="TEXT", help="The salt of the commitment; that of seed.txt unless said.")
@click.option("--again", metavar="REASON", help="Draw once more, for this reason; the earlier manifest is kept.")
@click.option("--check", is_flag=True, help="Draw again from the manifest, and tell whether it is the same sample.")
@json_option
def command(**options: Any) -> None:
    """Draw a sample from the frame, by SHA-256 of the seed, the frame's digest and each id.

    sample.json is the manifest: from it and frame.csv anybody can draw the sample again, in any language; the method is
    in the documentation. A seed that was committed to is the only one that draws. A second draw needs a reason, which
    stands in the new manifest with the digest of the earlier one.
    """
    from detainer_ledger.audit.folder import COMMITMENT, read_commitment, read_frame

    folder: Path = options["folder"]
    frame = read_frame(folder)
    commitment = read_commitment(folder) if (folder / COMMITMENT).exists() else None
    if options["check"]:
        _refuse_besides(options)
        _check(folder, frame, commitment, as_json=options["as_json"])
        return
    sample = _drawn(folder, frame, commitment, options)
    if options["as_json"]:
        print_json(_as_json(sample))
        return
    click.echo(f"Drawn: {len(sample.units):,} of {sample.frame_size:,} units, {sample.design}.")
    if sample.allocation is not None:
        click.echo(f"By stratum ({sample.allocation}): {_by_stratum(sample)}.")
    click.echo(f"Manifest: {folder / 'sample.json'}, digest {sample.sha256}")
    _warn(sample)


def _drawn(folder: Path, frame: Frame, commitment: Commitment | None, options: dict[str, Any]) -> Sample:
    from detainer_ledger.audit.folder import SAMPLE, keep_sample, read_sample, write_first_sample, write_sample
    from detainer_ledger.audit.sampling.drawing import draw, drawn_after
    from detainer_ledger.audit.values import Allocation, Design

    earlier = read_sample(folder) if (folder / SAMPLE).exists() else None
    if earlier is not None and options["again"] is None:
        raise BadInput(
            "The sample is drawn already.",
            file=str(folder / SAMPLE),
            do="go on with it; or give --again REASON, which keeps the earlier manifest and stands in the new one.",
        )
    if earlier is None and options["again"] is not None:
        raise BadInput("Nothing was drawn before.", option="--again", do="leave --again out.")
    seed, salt = _seed(folder, commitment, options)
    sample = draw(
        frame,
        design=Design(options["design"] or "simple"),
        seed=seed,
        size=options["size"],
        allocation=Allocation(options["allocation"]) if options["allocation"] else None,
        deviations=_deviations(options["deviations"]),
        commitment=commitment,
        salt=salt,
    )
    if earlier is not None:
        sample = drawn_after(sample, earlier=earlier, reason=options["again"])
        keep_sample(folder, earlier)
        write_sample(folder, sample)
    else:
        write_first_sample(folder, sample)
    return sample


def _seed(folder: Path, commitment: Commitment | None, options: dict[str, Any]) -> tuple[str, str]:
    from detainer_ledger.audit.folder import SEED, read_seed

    if options["salt"] and not commitment:
        raise BadInput("A salt belongs to a commitment, and there is none.", option="--salt", do="leave --salt out.")
    if options["seed"] is not None and (options["salt"] or not commitment):
        return options["seed"], options["salt"] or ""
    if not (folder / SEED).exists():
        if commitment:
            raise BadInput(
                "The seed was committed to, and seed.txt is not there.",
                folder=str(folder),
                do="put seed.txt back, or give its --seed and --salt.",
            )
        raise BadInput(
            "No seed was given.",
            option="--seed",
            do="give one, or fix one beforehand, so that others can trust it: detainer audit commit.",
        )
    seed, salt = read_seed(folder)
    return options["seed"] or seed, options["salt"] or salt


def _deviations(given: tuple[str, ...]) -> dict[str, float]:
    found: dict[str, float] = {}
    for each in given:
        name, sign, number = each.rpartition("=")
        try:
            value = float(number)
        except ValueError:
            value = float("nan")
        if not sign or not isfinite(value):
            raise BadInput(
                "This is no standard deviation of a stratum.",
                option=f"--deviation {each[:60]}",
                do="write --deviation north=0.5.",
            )
        if name in found:
            raise BadInput("A stratum has two standard deviations.", stratum=name, do="give one for each.")
        found[name] = value
    return found


def _refuse_besides(options: dict[str, Any]) -> None:
    for name in ("size", "design", "allocation", "deviations", "seed", "salt", "again"):
        if options[name]:
            raise BadInput(
                "The manifest says how it was drawn; --check needs nothing besides.",
                option=f"--{name.removesuffix('s') if name == 'deviations' else name}",
                do="leave it out.",
            )


def _check(folder: Path, frame: Frame, commitment: Commitment | None, *, as_json: bool) -> None:
    from detainer_ledger.audit.folder import earlier_samples, read_sample
    from detainer_ledger.audit.sampling.drawing import faults_of_draw

    sample = read_sample(folder)
    faults = faults_of_draw(frame, sample, commitment, earlier_samples(folder, sample))
    if as_json:
        print_json({"same": not faults, "faults": list(faults), **_as_json(sample)})
    elif not faults:
        click.echo(f"The same sample: {len(sample.units):,} of {sample.frame_size:,} units, in the same order.")
        if commitment:
            click.echo("Seed and salt are those whose digest was published.")
        _warn(sample)
    else:
        click.echo("NOT the sample that the manifest says.")
        for fault in faults:
            click.echo(f"  {fault}")
    if faults:
        sys.exit(EXIT_NO)


def _by_stratum(sample: Sample) -> str:
    return ", ".join(f"{name} {sample.drawn[name]:,} of {size:,}" for name, size in sample.strata.items())


def _warn(sample: Sample) -> None:
    empty = [name for name, count in sample.drawn.items() if not count]
    if sample.allocation is not None and empty:
        say(f"Warning: nothing is drawn from {', '.join(empty)}, so that nothing will be known of them. Draw more.")
    if sample.allocation is not None:
        say(
            "Note: bounds of a stratified sample are wider than those of a simple one of the same size, which"
            " 'detainer audit size' goes by: each stratum has a bound of its own, and they are added up."
        )
    if sample.is_random and sample.commitment is None:
        say(
            "Warning: no digest of the seed was published beforehand. Others have to trust that it was not chosen among"
            " several."
        )
    if sample.number > 1:
        say(f"Warning: this is draw {sample.number} in this folder; the reason stands in the manifest: {sample.again}")


def _as_json(sample: Sample) -> dict[str, Any]:
    return {
        "frame_sha256": sample.frame_sha256,
        "frame_size": sample.frame_size,
        "design": sample.design.value,
        "allocation": sample.allocation.value if sample.allocation else None,
        "strata": dict(sample.strata),
        "drawn": dict(sample.drawn),
        "seed": sample.seed,
        "salt": sample.salt,
        "commitment": sample.commitment,
        "number": sample.number,
        "again": sample.again,
        "sha256": sample.sha256,
        "units": [unit.id for unit in sample.units],
    }
