"""``detainer account``: what became of every row."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from detainer_ledger.cli.options import json_option, releases_option, store_option
from detainer_ledger.cli.texttable import text_table

if TYPE_CHECKING:
    from detainer_ledger.releases import ReleaseAccount


@click.command(
    name="account",
    epilog="""\b
Examples:
  detainer account --store store
  detainer account --store store --json
  detainer account --store store --rows date/garbage-year
  detainer account --store store --rows row/blank""",
)
@store_option
@releases_option
@click.option(
    "--rows",
    "kind",
    metavar="KIND",
    help="List the rows with this defect, or set aside for this reason, as CSV or JSON.",
)
@json_option
def command(store: Path, releases: tuple[str, ...], kind: str | None, as_json: bool) -> None:  # noqa: FBT001
    """Print the account of every release in a store: rows seen, kept, set aside with reason, repeats, and defects."""
    from detainer_ledger.intake import accounts_in, rows_with
    from detainer_ledger.tables import write_csv, write_json

    if kind is not None:
        rows = rows_with(store, kind, releases)
        if as_json:
            write_json(sys.stdout, list(rows))
        else:
            write_csv(sys.stdout, ("release_id", "file", "sheet", "row", "column", "kind"), rows)
        return
    print_account(accounts_in(store, releases), as_json=as_json)


def print_account(accounts: Sequence[ReleaseAccount], *, as_json: bool) -> None:
    """Print accounts as JSON in the shape of the contract, or as tables for a reader."""
    from detainer_ledger.releases import account_json
    from detainer_ledger.tables import write_json

    if as_json:
        write_json(sys.stdout, account_json(tuple(accounts)))
        return
    for account in accounts:
        click.echo(_in_words(account))


def _in_words(account: ReleaseAccount) -> str:
    lines = [f"Release {account.release_id} (layout {account.layout})", ""]
    rows = [
        {
            "file": file["name"],
            "sheet": sheet["name"] + (" (hidden)" if sheet["hidden"] else ""),
            "seen": sheet["rows_seen"],
            "kept": sheet["kept"],
            "set aside": sheet["set_aside"],
            "why": ", ".join(f"{reason} {count:,}" for reason, count in sheet["set_aside_reasons"].items()) or "-",
        }
        for file in account.files
        for sheet in file["sheets"]
    ]
    lines.append(text_table(("file", "sheet", "seen", "kept", "set aside", "why"), rows))
    exact, likely = account.duplicates["exact"], account.duplicates["likely"]
    closes = "closes" if account.rows_seen == account.kept + account.set_aside else "DOES NOT CLOSE"
    lines += [
        "",
        f"The account {closes}: {account.rows_seen:,} seen = {account.kept:,} kept + {account.set_aside:,} set aside.",
        f"Marked as repeats, none removed: {exact:,} exact, {likely:,} likely.",
        f"Redacted cells: {account.redacted_cells:,}.",
    ]
    if account.defects:
        lines += ["", "Rows flagged (no value is repaired, and all the rows are kept):"]
        lines += [f"  {kind:28} {count:>12,}" for kind, count in account.defects.items()]
    if account.unmapped_lift_reasons:
        lines += ["", "Lift reasons that no table knows (counted as unknown in every bound):"]
        lines += [f"  {count:>12,}  {raw!r}" for raw, count in list(account.unmapped_lift_reasons.items())[:20]]
    for label, columns in (
        ("Columns that the layout does not know, kept out", account.unknown_columns),
        ("Columns of the layout that are missing", account.missing_columns),
        ("Columns that are not read by policy", account.withheld_columns),
    ):
        if columns:
            lines += ["", f"{label}: {', '.join(columns)}."]
    return "\n".join(lines) + "\n"
