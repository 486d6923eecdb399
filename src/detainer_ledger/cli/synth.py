"""``detainer synth``: a synthetic release."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


@click.command(
    name="synth",
    epilog="""\b
Examples:
  detainer synth --rows 5000 --out made
  detainer synth --rows 600000 --seed 7 --layout icli-2026-03 --format xlsx --out made
  detainer synth --rows 10000000 --layout npr-2015 --format parquet --out made --clean""",
)
@click.option("--rows", default=5_000, show_default=True, type=click.IntRange(1), help="Rows in all.")
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same release.")
@click.option("--layout", default="icli-2026-03", show_default=True, help="Layout; see 'detainer layouts'.")
@click.option("--format", "form", type=click.Choice(["xlsx", "csv", "parquet"]), default="csv", show_default=True)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to write to.")
@click.option("--clean", is_flag=True, help="Without the defects that real releases have.")
@click.option("--detentions", is_flag=True, help="Write the matching file of detention stints as well.")
def command(rows: int, seed: int, layout: str, form: str, out: Path, clean: bool, detentions: bool) -> None:  # noqa: FBT001
    """Make a synthetic release in any layout, with truth.json beside it. Every file says that it is synthetic."""
    from detainer_ledger.releases.synthetic import synthesize, synthesize_detentions

    # The detentions come first: a layout without an identifier is refused before anything is written.
    asked: dict[str, Any] = {
        "rows": rows,
        "seed": seed,
        "layout_id": layout,
        "file_format": form,
        "out": out,
        "defects": not clean,
    }
    stays = synthesize_detentions(**asked) if detentions else ()
    for path in (*synthesize(**asked), *stays):
        click.echo(path)
