"""Writing a folder: all of it aside, then into place, so that it holds a whole report or what it held before."""

from __future__ import annotations

import errno
import json
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from detainer_ledger.terms import BadInput


def write_folder(out: Path, write: Callable[[Path], None], *, provenance: str, what: str) -> None:
    """Write a folder whole or not at all: ``write`` fills the folder that it is given, which then replaces ``out``.

    ``provenance`` is the JSON file in it that names the others (``entity.outputs[].path``) and says ``what`` it is, by
    which a former report is known: that is replaced. Raises BadInput if the folder holds anything else, and if it
    cannot be written; it is then as it was before.
    """
    _refuse_foreign(out, provenance, what)
    aside = out.absolute().parent / f".{out.absolute().name}.{uuid.uuid4().hex[:8]}.part"
    try:
        aside.mkdir(parents=True)
        write(aside)
        _put_in_place(aside, out)
    except OSError as error:
        raise _refusal(out, error) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def write_json(path: Path, value: Any) -> None:
    """Write a value as JSON."""
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _refuse_foreign(out: Path, provenance: str, what: str) -> None:
    """Refuse a folder with anything in it that a former report did not write."""
    do = "name a new or an empty folder with --out."
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise BadInput("The report needs a folder, and this is something else.", path=str(out), do=do)
    if not out.exists() or not any(out.iterdir()):
        return
    ours = _former_files(out, provenance, what)
    if ours is None:
        raise BadInput("The folder holds other things and is no former report.", folder=str(out), do=do)
    present = {path.relative_to(out).as_posix() for path in out.rglob("*") if not path.is_dir() or path.is_symlink()}
    if foreign := sorted(present - ours):
        raise BadInput(
            f"The folder holds a former report and something else, which would be lost: {foreign[0]}.",
            folder=str(out),
            do="move it elsewhere, or " + do,
        )


def _former_files(out: Path, provenance: str, what: str) -> frozenset[str] | None:
    """Return the files of the former report in a folder, None if there is none."""
    try:
        found = json.loads((out / provenance).read_text("utf-8"))
        if found["what"] != what:
            return None
        return frozenset([provenance, *(entry["path"] for entry in found["entity"]["outputs"])])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _put_in_place(aside: Path, out: Path) -> None:
    if not out.exists():
        aside.rename(out)
        return
    former = aside.with_suffix(".former")
    out.rename(former)
    try:
        aside.rename(out)
    except OSError:
        former.rename(out)
        raise
    shutil.rmtree(former, ignore_errors=True)


def _refusal(out: Path, error: OSError) -> BadInput:
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        what, do = "There is no space left on the disk.", "free some space, or name a folder on another disk."
    elif error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        what, do = "The folder cannot be written by this user.", "change its permissions, or name another folder."
    else:
        what, do = f"The report cannot be written: {error.strerror or error}.", "name another folder with --out."
    return BadInput(what, folder=str(out), do=do)
