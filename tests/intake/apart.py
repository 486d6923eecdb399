"""Running the command as a process of its own, so that it can be killed, interrupted and kept from the disk."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from tests.releases.bad_files import HEADER, text, workbook, written
from tests.running import detainer

KILLED_AT_RENAME = """
import os, signal, sys
left = int(sys.argv.pop(1))
def watch(event, arguments):
    global left
    if event == "os.rename":
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(watch)
from detainer_ledger.cli import main
main()
"""
"""Kills itself just before the n-th rename: the moments at which the state of a store changes."""

BUSY_IN_THE_ENGINE = """
import click
from detainer_ledger.tables import connect
from detainer_ledger.terms import BadInput

@click.command()
def busy():
    click.echo("begun")
    try:
        connect().execute("CREATE TABLE t AS SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b")
    except Exception:
        raise BadInput("What Ctrl-C broke off was taken for bad input.")

from detainer_ledger.cli.main import LazyGroup, main
LazyGroup.get_command = lambda self, ctx, name: busy
main()
"""
"""Runs one statement of the table engine that takes hours."""

SHORT_OF_DISK = """
import resource, sys
most = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
from detainer_ledger.cli import main
main()
"""
"""May write no file of more than so many bytes."""


def rows(count: int, *, first: date = date(2014, 1, 1), days: int = 300) -> list[tuple[str, ...]]:
    """Return made-up rows of the layout npr-2015 from ``first`` on."""
    reasons = ("Lifted", "", "Booked into Detention", "Detainer Declined by LEA")
    return [
        (
            str(first + timedelta(days=each % days)),
            "",
            f"JAIL {each * 7919 % 997}",
            "TEXAS",
            "AUSTIN",
            reasons[each % 4],
        )
        for each in range(count)
    ]


def table(path: Path, content: Sequence[Sequence[str]]) -> Path:
    return written(path, text(content))


def book(path: Path, content: Sequence[Sequence[str]]) -> Path:
    return workbook(path, [HEADER, *content])


def start(*arguments: str | Path, script: str = "") -> subprocess.Popen[str]:
    """Start the command in a session of its own; ``script`` runs it in another way."""
    how = ["-c", script] if script else ["-m", "detainer_ledger"]
    return subprocess.Popen(
        [sys.executable, *how, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def processes_of(session: int) -> list[int]:
    """Return the processes of a session that are still there."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            state = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(state[3]) == session and state[0] != "Z":
            found.append(int(entry.parent.name))
    return found


def wait_until_gone(session: int, seconds: float = 10) -> None:
    """Wait until a session has no process any more. Fails if one stays."""
    end = time.monotonic() + seconds
    while (left := processes_of(session)) and time.monotonic() < end:
        time.sleep(0.05)
    assert not left


def picture(store: Path) -> dict[str, object]:
    """Return what a store answers: its account, and its figures by facility and month."""
    if not store.exists():
        return {}
    account = detainer("account", "--store", store, "--json")
    assert account.code == 0, account.err
    found = json.loads(account.out)
    figures = ""
    if found["releases"]:
        figures = detainer("measure", "--store", store, "--by", "facility,month", "--format", "csv").out
    return {"account": found, "figures": figures}


def files_in(store: Path) -> list[str]:
    """Return the names of everything in a store, without the digits that differ from run to run."""
    return sorted(
        re.sub(r"-[0-9a-f]{8}\.parquet", ".parquet", str(each.relative_to(store))) for each in store.rglob("*")
    )
