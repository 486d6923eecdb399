"""The group of commands. Each command's module is imported when it is called, so that help is quick."""

from __future__ import annotations

import os
import sys
import traceback
from contextlib import suppress
from typing import NoReturn

import click

from detainer_ledger.cli.lazy import LazyGroup
from detainer_ledger.cli.stopping import listening_for_ctrl_c
from detainer_ledger.terms import VERSION, LedgerError

COMMANDS = {
    "demo": "The whole road on a small synthetic release: read, measure, report.",
    "ingest": "Read release files into a store and print the account of every row.",
    "account": "Print the account of a store again, or the rows with one defect.",
    "link": "Link detainers to stays in detention by the release's own identifier.",
    "resolve": "Place facilities: which jurisdiction runs them, in which county they stand.",
    "reference": "Keep registers of agencies, by which more facilities can be placed.",
    "evaluate": "Measure how right the placing is, against answers that are known.",
    "measure": "Count detainers and declines by group, with rate, interval and bounds.",
    "report": "Write a report: HTML, PDF, CSV, Parquet, data package.",
    "definitions": "List the definitions of declined and where each comes from.",
    "layouts": "List the layouts of releases that are known, or the columns of one.",
    "policy": "Rules in force on a day, a case against them, a hold's limits, a release against them.",
    "record": "Keep the record of detainers: commands on cases, holds, proofs, extracts, backups.",
    "screening": "Follow screening cases against a protocol: what is due, late, missing, undocumented.",
    "audit": "Audit files by a sample: frame, draw, test sheets, exact bounds, report.",
    "synth": "Make a synthetic release of any size, with the truth beside it.",
}
"""Commands in the order of help, each with its short help; the modules of ``cli`` are named after them."""

EXIT_BAD_INPUT = 2
"""Exit code for input that cannot be used (design, section 5)."""

EXIT_STOPPED = 130
"""Exit code after Ctrl-C, as shells have it."""


EXAMPLES = """\b
Examples:
  detainer demo
  detainer ingest FY2023.xlsx FY2024.xlsx --store store
  detainer measure --store store --by state --from 2024-01-01
  detainer report --store store --out report"""


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    package="detainer_ledger.cli",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EXAMPLES,
)
@click.version_option(VERSION, prog_name="detainer")
def group() -> None:
    """Follow immigration detainers from a published release to figures that can be checked."""


def main() -> NoReturn:
    """Run the command line and leave with its exit code: 0 done, 1 the answer is no, 2 bad input."""
    with listening_for_ctrl_c() as asked:
        try:
            code = group.main(standalone_mode=False)
            sys.stdout.flush()
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the last line of defence
            # What Ctrl-C breaks off can end in any error, which is then no news.
            if asked.is_set() or isinstance(error, click.Abort | KeyboardInterrupt):
                click.echo("Stopped.", err=True)
                code = EXIT_STOPPED
            else:
                code = _told(error)
    sys.exit(code if isinstance(code, int) else 0)


def program() -> NoReturn:
    """Run the command line as a process of its own, and leave at once when it is done.

    Everything is written and closed by then. To take the interpreter and the table engine apart object by object costs
    a tenth of a second, and gives nothing back that the end of the process does not.
    """
    code: int | str | None = 0
    try:
        main()
    except SystemExit as left:
        code = left.code
    with suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 0)


def _told(error: BaseException) -> int:
    """Tell the user what went wrong, never with a traceback, and return the exit code."""
    if isinstance(error, click.ClickException):
        error.show()
        return error.exit_code
    if isinstance(error, LedgerError):
        click.echo(f"detainer: {error.message()}", err=True)
    elif isinstance(error, BrokenPipeError):
        # The reader of our output has left, as with `| head`: nothing is wrong, and nothing more can be said.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    elif isinstance(error, OSError):
        click.echo(f"detainer: {_refused(error)}", err=True)
    else:
        click.echo(f"detainer: {_unexpected(error)}", err=True)
    return EXIT_BAD_INPUT


def _refused(error: OSError) -> str:
    """Say what the operating system refused, such as a folder for --out that is not there."""
    where = f"\n  where: file {error.filename}" if error.filename else ""
    return (
        f"A file could not be read or written: {error.strerror or error}.{where}\n"
        "  to do: look at the path, its permissions, and the space on the disk."
    )


def _unexpected(error: BaseException) -> str:
    if os.environ.get("DETAINER_DEBUG"):
        traceback.print_exception(error)
    return (
        f"something went wrong inside the program ({type(error).__name__}).\n"
        "  to do: run the command again with DETAINER_DEBUG=1 and report what it prints."
    )
