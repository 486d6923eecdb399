"""Shared fixtures: the real data, and small files in known layouts."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest

NPR_HEADER = (
    "Prepare Date",
    "Detainer Type",
    "Detainer Detention Facility",
    "State",
    "City",
    "Detainer Lift Reason",
)

WriteCsv = Callable[..., Path]
WriteText = Callable[[str, "str | bytes"], Path]


@pytest.fixture(autouse=True, scope="session")
def _no_registers(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the registers of whoever runs the tests out of them."""
    os.environ["DETAINER_REFERENCE"] = str(tmp_path_factory.mktemp("reference"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real data; skip without it, unless everything is required."""
    folder = Path(os.environ.get("DETAINER_SHARED", Path(__file__).parents[2] / "shared")) / "data"
    if not folder.is_dir():
        reason = f"the real data are not at {folder}; set DETAINER_SHARED to the folder that holds data/"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


@pytest.fixture
def write_text(tmp_path: Path) -> WriteText:
    """Return a function that writes a file of a name with a text, or with bytes as they are."""

    def write(name: str, text: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.fixture
def write_csv(tmp_path: Path) -> WriteCsv:
    """Return a function that writes rows as a release of the layout npr-2015, or under another header."""

    def write(
        rows: Iterable[Sequence[object]],
        *,
        name: str = "release.csv",
        header: Sequence[str] = NPR_HEADER,
        delimiter: str = ",",
        encoding: str = "utf-8",
        line_end: str = "\n",
    ) -> Path:
        path = tmp_path / name
        with path.open("w", encoding=encoding, newline="") as opened:
            writer = csv.writer(opened, delimiter=delimiter, lineterminator=line_end)
            writer.writerow(header)
            writer.writerows(rows)
        return path

    return write
