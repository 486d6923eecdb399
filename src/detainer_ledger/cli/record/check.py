"""``detainer record check``: a proof against nothing but the record's public key."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from detainer_ledger.cli.record.group import EXIT_NO, read_json, read_text
from detainer_ledger.cli.record.show import in_words


@click.command(
    name="check",
    epilog="""\b
Examples:
  detainer record check proof.json --public-key public-key.pem
  detainer record check proof.json --public-key public-key.pem --checkpoint published.txt""",
)
@click.argument("proof", type=click.Path(path_type=Path))
@click.option("--public-key", required=True, type=click.Path(path_type=Path), help="The record's public-key.pem.")
@click.option(
    "--checkpoint", type=click.Path(path_type=Path), help="A published checkpoint that the proof has to rest on."
)
def command(proof: Path, public_key: Path, checkpoint: Path | None) -> None:
    """Check a proof, and show the events that it proves. Needs no record, and no network.

    The exit code is 1 if the proof does not hold.
    """
    from detainer_ledger.ledger import ProofFails, check_proof, read_public_key

    key = read_public_key(public_key)
    told = read_json(proof, do="give the file as 'detainer record prove' wrote it.")
    try:
        shown = check_proof(told, key, published=read_text(checkpoint) if checkpoint else None)
    except ProofFails as error:
        click.echo(error.message(), err=True)
        sys.exit(EXIT_NO)
    checkpoint_told = shown.checkpoint
    over = (
        f"the checkpoint of {checkpoint_told.made_at} over {checkpoint_told.size:,} events of {checkpoint_told.origin}"
    )
    if shown.earlier is not None:
        click.echo(
            f"The proof holds: the first {shown.earlier.size:,} events of {over} are those of the checkpoint of"
            f" {shown.earlier.made_at}."
        )
        return
    click.echo(f"The proof holds: {len(shown.events):,} events are in {over}, none left out between them.")
    for event in shown.events:
        said = ", ".join(
            f"{name} {in_words(value)}" for name, value in event["body"].items() if name not in {"findings", "said"}
        )
        click.echo(
            f"{event['version']:4}  recorded {event['recorded_at'][:16]}Z  {event['kind']:28} {event['role']}: {said}"
        )
