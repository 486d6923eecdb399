"""``detainer screening protocol``: a protocol while it is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from detainer_ledger.cli.record.group import read_text
from detainer_ledger.terms import BadInput

if TYPE_CHECKING:
    from detainer_ledger.casework.screening import Step


@click.command(
    name="protocol",
    epilog="""\b
Examples:
  detainer screening protocol --template > protocol.toml
  detainer screening protocol protocol.toml
  detainer screening protocol --schema > protocol.schema.json""",
)
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--template", is_flag=True, help="Print the illustrative protocol, to start from.")
@click.option("--schema", is_flag=True, help="Print the JSON Schema, for an editor.")
def command(file: Path | None, template: bool, schema: bool) -> None:  # noqa: FBT001
    """Check a protocol and list its steps; nothing is adopted."""
    from detainer_ledger.casework.screening import illustrative_protocol, protocol_of, protocol_schema
    from detainer_ledger.cli.screening.group import marked
    from detainer_ledger.cli.texttable import text_table

    if template:
        click.echo(illustrative_protocol().text, nl=False)
        return
    if schema:
        click.echo(json.dumps(protocol_schema(), indent=1))
        return
    if file is None:
        raise BadInput("There is nothing to check.", do="name a FILE, or ask for --template or --schema.")
    protocol = protocol_of(read_text(file), where=file.name)
    click.echo(f"{marked(protocol)}: {protocol.title}, in force from {protocol.in_force_from}.\n")
    rows = [
        {
            "step": step.id,
            "due": _due(step.trigger, step.on_results),
            "within": _within(step),
            "by": ", ".join(step.roles),
            "references": len(step.evidence),
            "after": ", ".join(step.depends_on) + (" by another" if step.by_another else ""),
            "required": step.required,
        }
        for step in protocol.steps
    ]
    click.echo(text_table(("step", "due", "within", "by", "references", "after", "required"), rows))


def _within(step: Step) -> str:
    from detainer_ledger.clock import Algorithm

    if step.every_days is not None:
        return f"{step.every_days} d"
    if step.hours is None:
        return step.clock.value if step.clock is Algorithm.END_OF_DAY else "-"
    return f"{step.hours} h {step.clock}"


def _due(trigger: str, results: tuple[str, ...]) -> str:
    return f"{trigger} ({', '.join(results)})" if results else trigger
