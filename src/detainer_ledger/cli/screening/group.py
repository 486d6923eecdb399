"""The group ``detainer screening``."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from detainer_ledger.cli.lazy import LazyGroup

if TYPE_CHECKING:
    from detainer_ledger.casework.screening import Protocol

COMMANDS = {
    "protocol": "Check a protocol that you write, or print one to start from, or the schema.",
    "adopt": "Adopt a version of a protocol, for cases that begin on its first day or later.",
    "protocols": "List the protocols that the record adopted.",
    "commands": "List the commands on a screening case, and what each has to say.",
    "act": "Give a command on a case: begin, do a step, record a result, and so on.",
    "show": "Show a case: every step with its status, the timeline, and its detainer.",
    "list": "List the screening cases.",
    "due": "What falls due, soonest first; with --supervision, whose rescreening is due.",
    "compliance": "Rates of steps and of files at any instant, by office, month or step.",
    "coverage": "Which detainers led to custody and screening, as counts.",
    "extract": "Write the steps of all cases as a table, without personal fields.",
    "person": "Read the personal fields of a case; the reading is recorded.",
}
"""Commands in the order of help; the modules of ``cli.screening`` are named after them."""


NOT_KSTEP = " (illustrative, not KSTEP)"
"""Mark behind the name of an illustrative protocol."""


@click.group(
    name="screening",
    cls=LazyGroup,
    table=COMMANDS,
    package="detainer_ledger.cli.screening",
    epilog="""\b
Examples:
  detainer screening protocol --template > protocol.toml
  detainer screening adopt protocol.toml --as sam
  detainer screening act new begin at=2026-03-02T09:00 office="St. Paul" zone=America/Chicago --as olga
  detainer screening due --as sam
  detainer screening compliance --by office --as aud""",
)
def command() -> None:
    """Follow screening cases against a protocol that an agency wrote, in the same record as detainers.

    The program holds no watch-list content and compares nobody with a list: results come from the authority that owns
    the list, and a person enters them. The steps of KSTEP are not public; the protocol that comes with the program is
    an illustration, and says so.
    """


def marked(protocol: Protocol) -> str:
    """Return a protocol's name with its mark, where it is an illustration."""
    return protocol.name + (NOT_KSTEP if protocol.is_illustrative else "")


def local(instant: datetime | None, zone: ZoneInfo) -> str:
    """Return an instant as it is shown: in a zone, to the minute; a dash for none."""
    return "-" if instant is None else f"{instant.astimezone(zone):%Y-%m-%d %H:%M}"


def percent(rate: float | None) -> Any:
    """Return a rate as it is shown."""
    return "-" if rate is None else f"{rate:.1%}"
