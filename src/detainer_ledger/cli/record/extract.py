"""``detainer record extract``: the detainers table of a record."""

from __future__ import annotations

from pathlib import Path

import click

from detainer_ledger.cli.options import progress_of
from detainer_ledger.cli.record.group import as_option, keys_option, opened, record_option, refuse


@click.command(
    name="extract",
    epilog="\b\nExample:\n  detainer record extract --store store --as aud",
)
@click.option("--store", required=True, type=click.Path(path_type=Path), help="Folder of the store; made if missing.")
@as_option
@record_option
@keys_option
def command(store: Path, actor: str, url: str, keys: Path) -> None:
    """Write the detainers table of the record into a store, as one release; personal fields do not leave.

    Every figure and report then runs on it as on a published release. An earlier extract is replaced.
    """
    from detainer_ledger.casework import Refused, extract

    with opened(url, keys) as record, progress_of("cases") as progress:
        done = extract(record, store, actor, progress=progress)
    if isinstance(done, Refused):
        refuse(done)
    release, rows = done
    click.echo(f"{rows:,} detainers are written to {store} as release {release}.")
