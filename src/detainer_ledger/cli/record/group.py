"""The group ``detainer record`` and what its commands share."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from detainer_ledger.cli.lazy import LazyGroup

if TYPE_CHECKING:
    from detainer_ledger.casework import Done, Record, Refused

COMMANDS = {
    "init": "Make a new record with its keys and first administrator.",
    "agency": "Add agencies, or list them.",
    "actor": "Add people and their roles, remove or list them.",
    "commands": "List the commands on a case, and what each has to say.",
    "act": "Give a command on a case: arrest, issue, answer, hold, and so on.",
    "show": "Show a case: timeline, limits of the hold, incidents, findings of the policy.",
    "list": "List the cases that you may see.",
    "holds": "The queue of holds by time left, or the incidents that are open.",
    "person": "Read the personal fields of a case; the reading is recorded.",
    "access": "List who read personal fields and why, and who was denied what.",
    "import": "Import an agency's own spreadsheet, or say what an import would do.",
    "extract": "Write the detainers table, without personal fields, into a store.",
    "report": "Write a report that a state asks for.",
    "verify": "Check every event, and find what was altered, is missing, inserted or reordered.",
    "checkpoint": "Sign how many events there are and their root, to be published.",
    "prove": "Write the proof of one case, or of growth since a checkpoint, for somebody outside.",
    "check": "Check a proof with nothing but the record's public key.",
    "backup": "Back the record up while commands go on.",
    "restore": "Make a record anew from a backup, in either engine.",
    "rebuild": "Make the lists and queues anew from the events.",
}
"""Commands in the order of help; the modules of ``cli.record`` are named after them."""

EXIT_NO = 1
"""Exit code where the answer is no: a refusal, a trail that does not verify, a proof that does not hold."""


@click.group(
    name="record",
    cls=LazyGroup,
    table=COMMANDS,
    package="detainer_ledger.cli.record",
    epilog="""\b
Examples:
  detainer record init --origin county.example/detainers --administrator ada
  detainer record act new record_arrest agency=oak-jail at=2026-03-02T09:00-06:00 … --as olga
  detainer record holds --as jill
  detainer record verify""",
)
def command() -> None:
    """Keep the record of detainers, each step under the policy's rules and provable to somebody outside.

    The record stands in an SQLite file or a PostgreSQL database (--record or DETAINER_RECORD), its keys in a folder
    apart (--keys or DETAINER_KEYS). --as, or DETAINER_ACTOR, says who you are; roles decide what you may do. --zone, or
    DETAINER_ZONE, says of which place the times are that you write without their offset.
    """


record_option = click.option(
    "--record",
    "url",
    default="record.db",
    show_default=True,
    envvar="DETAINER_RECORD",
    metavar="URL",
    help="The record: a path of an SQLite file, or postgresql://user@host/database.",
)
keys_option = click.option(
    "--keys",
    default="record.keys",
    show_default=True,
    envvar="DETAINER_KEYS",
    type=click.Path(path_type=Path),
    help="Folder with the record's keys.",
)
as_option = click.option(
    "--as",
    "actor",
    required=True,
    envvar="DETAINER_ACTOR",
    metavar="NAME",
    help="Who you are, as the record knows you.",
)


zone_option = click.option(
    "--zone",
    envvar="DETAINER_ZONE",
    metavar="ZONE",
    help="Of which place times without an offset are: 'agency' for the case's agency, or as America/Chicago.",
)


@contextmanager
def opened(url: str, keys: Path) -> Iterator[Record]:
    """Open a record for a command and close it again. Raises BadInput, StoreError."""
    from detainer_ledger.casework import open_record

    record = open_record(url, keys)
    try:
        yield record
    finally:
        record.close()


def in_days(seconds: int) -> str:
    """Return a length of time as a person reads it: hours and minutes, with days from four on."""
    days, hours = divmod(seconds // 3600, 24) if seconds >= 4 * 24 * 3600 else (0, seconds // 3600)
    return (f"{days} d " if days else "") + f"{hours} h {seconds // 60 % 60:02d} min"


def refuse(refused: Refused) -> NoReturn:
    """Say why something was refused, with the findings that forbid it, and leave with the exit code for no."""
    click.echo(f"Refused: {refused.reason}", err=True)
    for finding in refused.findings:
        click.echo(f"  {finding.rule}: {finding.sentence}", err=True)
        click.echo(f"    {finding.citation.partition(';')[0]}", err=True)
    click.echo("The refusal is recorded.", err=True)
    sys.exit(EXIT_NO)


def tell_done(done: Done | Refused, *, as_json: bool) -> None:
    """Say what a command on a case did, or why it was refused; then leave with the exit code for no."""
    from detainer_ledger.casework import Refused

    if isinstance(done, Refused):
        if as_json:
            findings = [each.as_json() for each in done.findings]
            click.echo(json.dumps({"refused": done.reason, "case": done.case, "findings": findings}, indent=1))
            sys.exit(EXIT_NO)
        refuse(done)
    for warning in done.warnings:
        click.echo(warning, err=True)
    if as_json:
        versions = [each.version for each in done.events]
        click.echo(json.dumps({"case": done.case, "events": versions, "repeat": done.is_repeat}, indent=1))
        return
    again = " (it had been done before)" if done.is_repeat else ""
    click.echo(f"{done.case}: {', '.join(f'{each.kind} is event {each.version}' for each in done.events)}{again}.")


def print_person(found: Mapping[str, str] | Refused | None) -> None:
    """Print personal fields, or say that there are none; where they were refused, leave with the exit code for no."""
    from detainer_ledger.casework import Refused

    if isinstance(found, Refused):
        refuse(found)
    if found is None:
        click.echo("The case has no personal fields, or they were erased.")
        return
    for name, value in found.items():
        click.echo(f"{name:22} {value}")


def write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet. Raises BadInput where it is: nothing is written over."""
    from detainer_ledger.terms import BadInput

    try:
        with path.open("x", encoding="utf-8") as opened_file:
            opened_file.write(text)
    except FileExistsError:
        raise BadInput("There is such a file already.", file=str(path), do="name another.") from None


def read_json(path: Path, *, do: str) -> Any:
    """Return the JSON of a file of the user's. Raises BadInput, which tells what to do."""
    from detainer_ledger.terms import BadInput

    try:
        return json.loads(read_text(path), object_pairs_hook=_each_once)
    except (ValueError, RecursionError) as error:
        why = error if isinstance(error, ValueError) else "it is nested too deeply"
        raise BadInput(f"This is no JSON that can be read: {why}.", file=str(path), do=do) from None


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise ValueError(f"it says '{next(name for name in names if names.count(name) > 1)[:60]}' twice")
    return dict(pairs)


def read_text(path: Path) -> str:
    """Return the text of a file of the user's, of standard input for ``-``. Raises BadInput."""
    from detainer_ledger.terms import BadInput

    try:
        content = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
        return content.decode("utf-8-sig")
    except OSError as error:
        raise BadInput(f"The file cannot be read: {error.strerror}.", file=str(path), do="look at the path.") from None
    except UnicodeDecodeError:
        raise BadInput("The file is not UTF-8 text.", file=path.name, do="give the file as it was written.") from None
