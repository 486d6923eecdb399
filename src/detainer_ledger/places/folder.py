"""The folder in which the user's registers are kept, so that every later command uses them."""

from __future__ import annotations

import os
from pathlib import Path

from detainer_ledger.places.agreements import Agreement, is_agreements_file, read_agreements
from detainer_ledger.places.placing import Placer
from detainer_ledger.places.registers import Register, read_register
from detainer_ledger.terms import BadInput

FOLDER_VARIABLE = "DETAINER_REFERENCE"
"""Environment variable that names the folder of registers."""


def reference_folder() -> Path:
    """Return the folder of registers: that of DETAINER_REFERENCE, else one in the user's data folder."""
    named = os.environ.get(FOLDER_VARIABLE)
    if named:
        return Path(named)
    data = os.environ.get("XDG_DATA_HOME") or os.environ.get("LOCALAPPDATA") or str(Path.home() / ".local" / "share")
    return Path(data) / "detainer-ledger" / "reference"


def add_register(path: Path, folder: Path) -> Register:
    """Check a register and copy it into the folder; one of the same name is replaced. Raises BadInput."""
    register = read_register(path)
    _copy(path, folder)
    return register


def add_agreements(path: Path, folder: Path) -> tuple[Agreement, ...]:
    """Check a list of agreements and copy it into the folder; one of the same name is replaced. Raises BadInput."""
    agreements = read_agreements(path, Placer())
    _copy(path, folder)
    return agreements


def agreements_in(folder: Path) -> tuple[Agreement, ...]:
    """Read the lists of agreements of the folder, in the order of their names; none where there is no folder."""
    lists = [path for path in _files(folder) if is_agreements_file(path)]
    placer = Placer()
    return tuple(each for path in lists for each in read_agreements(path, placer))


def _copy(path: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f".{path.name}.part"
    aside.write_bytes(path.read_bytes())
    aside.replace(folder / path.name)


def remove_register(name: str, folder: Path) -> None:
    """Remove a register from the folder. Raises BadInput where there is none of this name."""
    found = next((path for path in _files(folder) if path.name == name), None)
    if found is None:
        raise BadInput(f"There is no register '{name}'.", do="'detainer reference list' names those that were added.")
    found.unlink()


def registers_in(folder: Path) -> tuple[Register, ...]:
    """Read the registers of the folder, in the order of their names; none where there is no folder."""
    return tuple(read_register(path) for path in _files(folder) if not is_agreements_file(path))


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if path.is_file() and not path.name.startswith("."))
