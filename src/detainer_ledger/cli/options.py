"""Options that several commands share, and progress on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.progress import Progress

    from detainer_ledger.places import Placer


class Day(click.ParamType[date]):
    """A day as YYYY-MM-DD."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read the day, or fail with the form that is expected."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"'{value}' is no day; write it as YYYY-MM-DD, for example 2014-01-31.", param, ctx)


DAY = Day()

store_option = click.option(
    "--store", required=True, type=click.Path(path_type=Path), help="Folder of the store, as made by 'detainer ingest'."
)
from_option = click.option("--from", "start", type=DAY, help="First day of the period, YYYY-MM-DD, inclusive.")
to_option = click.option("--to", "end", type=DAY, help="Last day of the period, YYYY-MM-DD, inclusive.")
releases_option = click.option(
    "--release", "releases", multiple=True, metavar="ID", help="Only this release; can be given several times."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print machine-readable JSON on standard output.")


references_option = click.option(
    "--reference",
    "references",
    multiple=True,
    type=click.Path(path_type=Path, readable=False),
    metavar="FILE",
    help="A register of agencies to use this once, before those that were added; can be given several times.",
)


def placer_with(references: tuple[Path, ...], store: Path | None) -> Placer:
    """Return the placer of a command: the registers it names, those that were added, and a store's corrections."""
    from detainer_ledger.intake import corrections_in
    from detainer_ledger.places import Placer, by_facility, read_register, reference_folder, registers_in
    from detainer_ledger.tables import Store

    registers = (*(read_register(path) for path in references), *registers_in(reference_folder()))
    corrections = corrections_in(Store.open(store)) if store is not None else ()
    return Placer(registers=registers, corrections=by_facility(corrections))


@contextmanager
def progress_over(total: int, what: str) -> Iterator[Callable[[str], None]]:
    """Show a progress bar on standard error while files are worked on, if it is a terminal."""
    with _bar() as bar:
        if bar is None:
            yield lambda _name: None
            return
        task = bar.add_task(what, total=total)
        yield lambda name: bar.update(task, advance=1, description=f"{what}: {name}")


@contextmanager
def progress_of(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar on standard error, if it is a terminal; it is told how many of how many are done."""
    with _bar() as bar:
        if bar is None:
            yield lambda _done, _total: None
            return
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def _bar() -> Iterator[Progress | None]:
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield bar


def say(text: str) -> None:
    """Print a notice on standard error, apart from the command's output."""
    click.echo(text, err=True)
