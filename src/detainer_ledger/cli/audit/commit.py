"""``detainer audit commit``: choose a seed and publish its digest before the draw."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from detainer_ledger.cli.audit.writing import audit_option, print_json
from detainer_ledger.cli.options import json_option, say
from detainer_ledger.terms import BadInput


@click.command(
    name="commit",
    epilog="""\b
Examples:
  detainer audit commit --audit audit-2026
  detainer audit commit --audit audit-2026 --seed "numbers drawn by the county clerk: 14 3 27 8" """,
)
@audit_option
@click.option("--seed", metavar="TEXT", help="The seed, from 8 characters on; a random one if it is left out.")
@json_option
def command(folder: Path, seed: str | None, as_json: bool) -> None:  # noqa: FBT001
    """Fix the seed before the draw: its digest can be published, and whoever has seen it knows that it was not changed.

    Writes commitment.json, to be published, and seed.txt with the seed and a salt, to be kept secret until the draw.
    The digest binds the frame, too, which is listed first. A commitment does not show that only one seed was tried
    before it: for that, take a seed that nobody could know when the frame's digest was published, such as a later
    public lottery.
    """
    from detainer_ledger.audit.folder import (
        COMMITMENT,
        SAMPLE,
        SEED,
        read_frame,
        write_commitment,
        write_seed,
    )
    from detainer_ledger.audit.sampling.drawing import Commitment, checked_seed, new_salt, new_seed, seed_digest

    for name, why in ((COMMITMENT, "The seed is fixed already"), (SAMPLE, "The sample is drawn already")):
        if (folder / name).exists():
            raise BadInput(
                f"{why}; a seed that is chosen after that can be chosen to suit.",
                file=str(folder / name),
                do="go on with the one that there is, or begin another audit folder.",
            )
    chosen = checked_seed(seed) if seed is not None else new_seed()
    salt = new_salt()
    # Without the frame's digest a frame could be made to suit the seed afterwards.
    frame = read_frame(folder).sha256
    made = Commitment(
        sha256=seed_digest(chosen, salt=salt, frame_sha256=frame),
        frame_sha256=frame,
        made_at=datetime.now(UTC).replace(microsecond=0),
    )
    write_seed(folder, seed=chosen, salt=salt)
    write_commitment(folder, made)
    if as_json:
        print_json({"sha256": made.sha256, "frame_sha256": frame, "made_at": made.made_at.isoformat()})
    else:
        click.echo(f"Publish: {made.sha256}")
        click.echo(f"Frame:   {frame}")
    say(
        f"Warning: keep {folder / SEED} and show it to nobody before the draw. Without it the commitment cannot be"
        " opened, and no sample drawn under it."
    )
