"""Timing of processes and functions, and what a task is."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a task measured: seconds of floor and ours, the limit ``times`` the floor ``plus`` seconds, and memory."""

    floor: float
    ours: float
    times: float
    plus: float = 0.0
    largest_mb: float | None = None
    most_mb: float | None = None

    @property
    def holds(self) -> bool:
        """Tell whether time and memory are within their limits."""
        in_memory = self.most_mb is None or self.largest_mb is None or self.largest_mb <= self.most_mb
        return self.ours <= self.times * self.floor + self.plus and in_memory

    def line(self, name: str) -> str:
        """Return the line that is printed."""
        limit = f"{self.times:g} x" + (f" + {self.plus:g} s" if self.plus else "")
        memory = "-" if self.largest_mb is None else f"{self.largest_mb:.0f}"
        verdict = "yes" if self.holds else "NO"
        ratio = self.ours / self.floor
        return f"{name:28} {self.floor:9.2f} {self.ours:9.2f} {ratio:7.2f} {limit:>14} {memory:>11}  {verdict}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A named task; ``run`` makes its data in the folder it is given, unless they are there, and measures."""

    name: str
    run: Callable[[Path], Outcome]
    large: bool = False


def best_of(rounds: int, *functions: Callable[[], float]) -> list[float]:
    """Call the functions in turn, ``rounds`` times, and return the least seconds of each."""
    least = [float("inf")] * len(functions)
    for _ in range(rounds):
        for place, function in enumerate(functions):
            least[place] = min(least[place], function())
    return least


def seconds(function: Callable[[], object]) -> float:
    """Return how long a call takes."""
    began = time.perf_counter()
    function()
    return time.perf_counter() - began


def process(arguments: Sequence[str], *, sink: list[float] | None = None, out: Path | None = None) -> float:
    """Run a process and return its wall time; ``sink`` gets the memory of its largest process in megabytes."""
    with (out or Path(os.devnull)).open("wb") as target:
        began = time.perf_counter()
        started = subprocess.Popen(arguments, stdout=target, stderr=subprocess.DEVNULL, env=_as_installed())
        watched = _Watch(started.pid)
        if started.wait() != 0:
            raise RuntimeError(f"{' '.join(arguments[:6])} … ended with {started.returncode}")
        took = time.perf_counter() - began
    if sink is not None:
        sink.append(watched.largest_mb())
    return took


def _as_installed() -> dict[str, str]:
    # An installed command has its bytecode; a setting that forbids to write it would time the compiler at each start.
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def python(code: str, *arguments: str) -> list[str]:
    """Return the command that runs Python code with arguments."""
    return [sys.executable, "-c", code, *arguments]


def detainer(*arguments: str) -> list[str]:
    """Return the command that runs ``detainer``."""
    return [str(Path(sys.executable).with_name("detainer")), *arguments]


class _Watch:
    """Looks at a process and its children while they run, and keeps the peak of the largest one."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._peak_kb = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def largest_mb(self) -> float:
        """Stop looking and return the peak."""
        self._done.set()
        self._thread.join()
        return self._peak_kb / 1024

    def _look(self) -> None:
        while not self._done.wait(0.05):
            for pid in [self._pid, *self._children(self._pid)]:
                try:
                    status = Path(f"/proc/{pid}/status").read_text()
                except OSError:
                    continue
                for line in status.splitlines():
                    if line.startswith("VmHWM:"):
                        self._peak_kb = max(self._peak_kb, int(line.split()[1]))

    def _children(self, pid: int) -> list[int]:
        try:
            direct = [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        except OSError:
            return []
        return [*direct, *(each for child in direct for each in self._children(child))]
