"""The folder of a demonstration: made, or cleared of what an earlier one left; never of anything else."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from detainer_ledger.terms import BadInput


def make_room(out: Path, *, mark: str, parts: Iterable[str]) -> None:
    """Make a demonstration's folder, or clear the ``parts`` of it that an earlier one left, known by the file ``mark``.

    Raises BadInput for a folder that holds other things, and for a file in its place.
    """
    ours = tuple(parts)
    if out.exists() and not out.is_dir():
        raise BadInput(
            "There is a file where the demo's folder should be.", path=str(out), do="name another with --out."
        )
    if out.is_dir() and any(out.iterdir()):
        others = {entry.name for entry in out.iterdir()} - {*ours, mark}
        if others or not (out / mark).exists():
            raise BadInput(
                "The folder holds other things.", folder=str(out), do="name a new or an empty folder with --out."
            )
        for part in ours:
            shutil.rmtree(out / part, ignore_errors=True)
    out.mkdir(parents=True, exist_ok=True)
    (out / mark).write_text("Made by a demonstration; the next one clears this folder.\n")
