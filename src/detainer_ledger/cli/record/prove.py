"""``detainer record prove``: the proof of one case, or of growth, for somebody who has not the record."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detainer_ledger.cli.record.group import as_option, keys_option, opened, read_text, record_option, refuse, write_new
from detainer_ledger.terms import BadInput

if TYPE_CHECKING:
    from detainer_ledger.casework import Record, Refused


@click.command(
    name="prove",
    epilog="""\b
Examples:
  detainer record prove D-7K3M9QXT2A --out proof.json --as olga
  detainer record prove S-7K3M9QXT2A --out proof.json --as aud
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

    CASE is a detainer (D-…) or a screening case (S-…), which only those get who may read screening cases.
    A person's lawyer or a court checks it with 'detainer record check' and the record's public key, or with the few
    lines of the how-to on verifying from outside. Personal fields are not in it.
    """
    from detainer_ledger.casework import Refused

    if (case is None) == (since is None):
        raise BadInput("Either a case is proven, or growth since a checkpoint.", do="give a CASE or --since FILE.")
    with opened(url, keys) as record:
        proof = _growth(record, since, actor) if since is not None else _proof_of(record, str(case), actor)
    if isinstance(proof, Refused):
        refuse(proof)
    write_new(out, json.dumps(proof, indent=1, ensure_ascii=False) + "\n")
    click.echo(f"The proof is in {out}.")


def _proof_of(record: Record, case: str, actor: str) -> Mapping[str, Any] | Refused:
    from detainer_ledger.casework import Act
    from detainer_ledger.casework.record import CASE_PREFIX
    from detainer_ledger.casework.screening import Screenings
    from detainer_ledger.ledger import prove_case

    if case.startswith("S-"):
        return Screenings(record).proof(case, actor)
    refused = record.may_with_case(actor, Act.PROVE, case)
    return refused or prove_case(record.ledger, CASE_PREFIX + case)


def _growth(record: Record, since: Path, actor: str) -> Mapping[str, Any] | Refused:
    from detainer_ledger.casework import Act
    from detainer_ledger.ledger import prove_growth

    return record.may(actor, Act.CHECKPOINT) or prove_growth(record.ledger, read_text(since))
