"""``detainer record act``: a command on a case."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from detainer_ledger.cli.options import json_option
from detainer_ledger.cli.record.group import as_option, keys_option, opened, read_json, record_option, refuse
from detainer_ledger.terms import BadInput


@click.command(
    name="act",
    epilog="""\b
Examples:
  detainer record act new record_arrest agency=oak-jail at=2026-03-02T09:00 arrest_kind=arrest \\
      offence=burglary criminal_offence=yes independent_authority=yes --as olga
  detainer record act D-7K3M9QXT2A issue at=2026-03-02T13:00 form=I-247A box1=yes box2=no --as olga
  detainer record act D-7K3M9QXT2A answer --values answer.json --as jill""",
)
@click.argument("case")
@click.argument("kind", metavar="COMMAND")
@click.argument("values", nargs=-1, metavar="[FIELD=VALUE]...")
@click.option("--values", "file", type=click.Path(path_type=Path), help="JSON file with fields; - for standard input.")
@click.option("--key", help="Key of this command: repeated with the same key it changes nothing.")
@click.option("--version", type=int, help="Version of the case that you have seen; refused if it has gone on.")
@as_option
@record_option
@keys_option
@json_option
def command(
    case: str,
    kind: str,
    values: tuple[str, ...],
    file: Path | None,
    key: str | None,
    version: int | None,
    actor: str,
    url: str,
    keys: Path,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Give a command on a case; CASE is its id, or 'new' for the first command of a case.

    Times without an offset are in the agency's zone. A field in a field is written with a dot: values.at=…. Personal
    fields are best given with --values, so that they stand in no history of the shell. What the policy forbids is
    refused with the findings that forbid it (exit code 1), and the refusal is recorded.
    """
    from detainer_ledger.casework import Command, Refused, command_kinds

    if case in command_kinds():
        raise BadInput(
            f"A command is given on a case, and {case} is a command.",
            field="case",
            do=f"write the case's id before it, or 'new' for the first of a case: detainer record act new {case} ….",
        )
    said = _with_arguments(_from_file(file), values)
    asked = Command(kind=kind, case=None if case == "new" else case, values=said, key=key, version=version)
    with opened(url, keys) as record:
        done = record.do(asked, actor)
    if isinstance(done, Refused):
        if as_json:
            findings = [each.as_json() for each in done.findings]
            click.echo(json.dumps({"refused": done.reason, "case": done.case, "findings": findings}, indent=1))
            sys.exit(1)
        refuse(done)
    for warning in done.warnings:
        click.echo(warning, err=True)
    if as_json:
        versions = [each.version for each in done.events]
        click.echo(json.dumps({"case": done.case, "events": versions, "repeat": done.is_repeat}, indent=1))
        return
    again = " (it had been done before)" if done.is_repeat else ""
    click.echo(f"{done.case}: {', '.join(f'{each.kind} is event {each.version}' for each in done.events)}{again}.")


def _with_arguments(said: dict[str, object], values: tuple[str, ...]) -> dict[str, object]:
    """Return what a file says with what was typed, which comes before it; nothing is typed twice."""
    typed: dict[str, object] = {}
    for each in values:
        name, mark, value = each.partition("=")
        if not mark:
            raise BadInput("A field is given as field=value.", field=name[:60], do=f"write {name[:60]}=….")
        outer, dot, inner = name.partition(".")
        into: object = typed.setdefault(outer, {}) if dot else typed
        if not isinstance(into, dict) or (inner if dot else outer) in into:
            raise BadInput("The field is given twice.", field=name[:60], do="give it once, whole or in parts.")
        into[inner if dot else outer] = value
    for field, given in typed.items():
        before = said.get(field)
        said[field] = {**before, **given} if isinstance(before, dict) and isinstance(given, dict) else given
    return said


def _from_file(file: Path | None) -> dict[str, object]:
    if file is None:
        return {}
    said = read_json(file, do='write {"field": "value"}.')
    if not isinstance(said, dict):
        raise BadInput("The JSON is no object with fields.", file=str(file), do='write {"field": "value"}.')
    return said
