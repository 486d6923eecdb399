"""Running the command in this process, as a terminal would: arguments in, exit code and both outputs back."""

from __future__ import annotations

import contextlib
import io
import sys
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from detainer_ledger.cli import main


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str


def detainer(*arguments: str | Path) -> Ran:
    """Run ``detainer`` with these arguments."""
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "argv", ["detainer", *map(str, arguments)]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as left:
            code = left.code
    return Ran(code=code if isinstance(code, int) else 1, out=out.getvalue(), err=err.getvalue())


def tree(folder: Path) -> dict[str, bytes | None]:
    """Return everything that stands in a folder: bytes of files, None for folders; nothing if it is not there."""
    return {
        entry.relative_to(folder).as_posix(): entry.read_bytes() if entry.is_file() else None
        for entry in sorted(folder.rglob("*"))
    }
