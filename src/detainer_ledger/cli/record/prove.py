"""``detainer record prove``: the proof of one case, or of growth, for somebody who has not the record."""

from __future__ import annotations

import json
from pathlib import Path

import click

from detainer_ledger.cli.record.group import as_option, keys_option, opened, read_text, record_option, refuse, write_new
from detainer_ledger.terms import BadInput


@click.command(
    name="prove",
    epilog="""\b
Examples:
  detainer record prove D-7K3M9QXT2A --out proof.json --as olga
  detainer record prove --since checkpoint-2026-03-02.txt --out growth.json --as aud""",
)
@click.argument("case", required=False)
@click.option("--since", type=click.Path(path_type=Path), help="Prove growth since this checkpoint, instead of a case.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="JSON file to write.")
@as_option
@record_option
@keys_option
def command(case: str | None, since: Path | None, out: Path, actor: str, url: str, keys: Path) -> None:
    """Write the proof of every event of one case, and nothing about any other, under a signed checkpoint.

    A person's lawyer or a court checks it with 'detainer record check' and the record's public key, or with the few
    lines of the how-to on verifying from outside. Personal fields are not in it.
    """
    from detainer_ledger.casework import Act
    from detainer_ledger.casework.record import CASE_PREFIX
    from detainer_ledger.ledger import prove_case, prove_growth

    if (case is None) == (since is None):
        raise BadInput("Either a case is proven, or growth since a checkpoint.", do="give a CASE or --since FILE.")
    with opened(url, keys) as record:
        if case is not None:
            refused = record.may_with_case(actor, Act.PROVE, case)
            proof = {} if refused else prove_case(record.ledger, CASE_PREFIX + case)
        else:
            refused = record.may(actor, Act.CHECKPOINT)
            proof = {} if refused or since is None else prove_growth(record.ledger, read_text(since))
    if refused is not None:
        refuse(refused)
    write_new(out, json.dumps(proof, indent=1, ensure_ascii=False) + "\n")
    click.echo(f"The proof is in {out}.")
