"""``detainer reference``: the registers of agencies that the user has."""

from __future__ import annotations

from pathlib import Path

import click


@click.group(
    name="reference",
    epilog="""\b
Examples:
  detainer reference add hifld_prisons.csv
  detainer reference list
  detainer reference remove hifld_prisons.csv""",
)
def command() -> None:
    """Keep registers of agencies and prisons, by which more facilities can be placed.

    A register is a CSV file in UTF-8: that of local law enforcement or of prisons as published by HIFLD, the FBI's
    table of police employees, any file with the columns name, city, state and county_fips, or a table of facility
    codes (facility_code, facility_name, facility_city, facility_state). A list of agreements under section 287(g) can
    be added too: reports then annotate jurisdictions with them. Files are copied into the folder that
    DETAINER_REFERENCE names, or one in your data folder, and used by every later command.
    """


@command.command(name="add", epilog="\b\nExample:\n  detainer reference add hifld_prisons.csv fbi_police_employees.csv")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, readable=False), metavar="FILE...")
def add(files: tuple[Path, ...]) -> None:
    """Check registers and keep them; one of the same name is replaced."""
    from detainer_ledger.places import add_agreements, add_register, is_agreements_file, reference_folder

    folder = reference_folder()
    for file in files:
        if is_agreements_file(file):
            found = add_agreements(file, folder)
            known = sum(each.jurisdiction_id is not None for each in found)
            click.echo(
                f"{file.name}, agreements under 287(g): {len(found):,}, with a jurisdiction: {known:,},"
                f" kept in {folder}."
            )
            continue
        register = add_register(file, folder)
        click.echo(f"{register.name}, agencies: {register.rows:,} (layout {register.layout}), kept in {folder}.")


@command.command(name="list", epilog="\b\nExample:\n  detainer reference list")
def list_them() -> None:
    """List the registers that were added, with the digest of each."""
    from detainer_ledger.cli.texttable import text_table
    from detainer_ledger.places import reference_folder, registers_in

    found = registers_in(reference_folder())
    rows = [{"name": each.name, "layout": each.layout, "agencies": each.rows, "sha256": each.sha256} for each in found]
    click.echo(text_table(("name", "layout", "agencies", "sha256"), rows) if rows else "No register was added yet.")


@command.command(name="remove", epilog="\b\nExample:\n  detainer reference remove hifld_prisons.csv")
@click.argument("name", metavar="NAME")
def remove(name: str) -> None:
    """Remove a register by its name."""
    from detainer_ledger.places import reference_folder, remove_register

    remove_register(name, reference_folder())
    click.echo(f"{name} is removed.")
