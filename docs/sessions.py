"""Sessions of the how-to pages: their commands are run, one after the other, and what they print stands beneath them.

A page's blocks ``console`` are one session in a folder of its own. ``<!-- at: 2026-03-02T15:05-06:00 -->`` sets the
clock that the commands see, ``<!-- file: NAME -->`` before a block writes it as a file, ``export NAME=VALUE`` holds for
the commands after it, and ``<!-- not run -->`` before
a block leaves it out. What is printed may differ where the page has an ellipsis, and ids of cases may.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

from detainer_ledger.cli import main
from detainer_ledger.ledger import opening

SESSIONS = ("how-to/keep-a-record.md", "how-to/import-a-spreadsheet.md", "how-to/verify-from-outside.md")
"""Pages whose commands are run."""

_CASE = r"(?:D-[0-9A-Z]{10}|p-[0-9a-f]{24})"
_TOKENS = re.compile(
    r"<!-- at: (?P<at>\S+) -->\n|(?P<not_run><!-- not run -->\n```.*?^```)"
    r"|<!-- file: (?P<file>\S+) -->\n+```\w+\n(?P<text>.*?)^```|(?P<open>```console\n)(?P<lines>.*?)^```",
    re.DOTALL | re.MULTILINE,
)


def replayed(text: str) -> str:
    """Return a page with what its commands print now; what is printed as the page has it stays as it is."""
    with (
        tempfile.TemporaryDirectory(prefix="detainer-session-") as folder,
        contextlib.chdir(folder),
        mock.patch.dict(os.environ),
    ):
        session = _Session()
        return _TOKENS.sub(session.token, text)


@dataclass
class _Session:
    now: datetime = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
    cases: dict[str, str] = field(default_factory=dict)
    """Ids of cases as they came out in this run, by the ids that the page has for them."""

    def token(self, found: re.Match[str]) -> str:
        if found["at"]:
            self.now = datetime.fromisoformat(found["at"])
        elif found["file"]:
            Path(found["file"]).write_text(self.real(found["text"]), "utf-8")
        elif found["open"]:
            return found["open"] + self.block(found["lines"]) + "```"
        return found[0]

    def block(self, lines: str) -> str:
        """Return a block with what its commands print."""
        parts = re.findall(r"(?m)^(\$ (?:.*\\\n)*.*\n)((?:(?!\$ ).*\n)*)", lines)
        return "".join(shown + self.output(shown, before) for shown, before in parts)

    def output(self, shown: str, before: str) -> str:
        command = re.sub(r"\\\n\s*", "", shown.removeprefix("$ ")).strip()
        printed = _without_blanks(_run(self.real(command), self.now))
        return before if self.agrees(before, printed) else self.told(printed)

    def agrees(self, before: str, printed: str) -> bool:
        """Tell whether a page's text says what was printed; ids that it has not had before are learnt."""
        pattern, names = "", list[str]()
        for part in re.split(f"(…|{_CASE})", before):
            if part == "…":
                pattern += ".*?"
            elif re.fullmatch(_CASE, part) and part not in self.cases and part not in names:
                pattern += f"(?P<case{len(names)}>{_CASE})"
                names.append(part)
            elif part in names:
                pattern += f"(?P=case{names.index(part)})"
            else:
                pattern += re.escape(self.real(part))
        found = re.fullmatch(pattern, printed, re.DOTALL)
        if found is None:
            return False
        self.cases |= {name: found[f"case{place}"] for place, name in enumerate(names)}
        return True

    def real(self, text: str) -> str:
        return re.sub(_CASE, lambda found: self.cases.get(found[0], found[0]), text)

    def told(self, printed: str) -> str:
        """Return what was printed, with the page's ids; an id that is new to the page stands for itself."""
        for case in re.findall(_CASE, printed):
            if case not in self.cases.values():
                self.cases[case] = case
        by_real = {real: name for name, real in self.cases.items()}
        return re.sub(_CASE, lambda found: by_real[found[0]], printed)


def _run(command: str, now: datetime) -> str:
    """Return what a command prints on both outputs, as a terminal shows it."""
    if command.startswith("detainer "):
        return _detainer(command, now)
    if command.startswith("export "):
        name, _, value = command.removeprefix("export ").partition("=")
        os.environ[name] = value
        return ""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    done = subprocess.run(  # noqa: S603 - the commands stand in our own pages
        ["bash", "-c", command],  # noqa: S607
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env={**os.environ, "PATH": path},
    )
    return done.stdout


def _detainer(command: str, now: datetime) -> str:
    printed = io.StringIO()
    clock: Callable[[], datetime] = lambda: now  # noqa: E731
    with (
        mock.patch.object(opening, "_system_clock", clock),
        mock.patch.object(sys, "argv", shlex.split(command)),
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(printed),
        contextlib.suppress(SystemExit),
    ):
        main()
    return printed.getvalue()


def _without_blanks(printed: str) -> str:
    return "".join(f"{line.rstrip()}\n" for line in printed.splitlines())
