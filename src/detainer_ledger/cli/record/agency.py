"""``detainer record agency``: the agencies that a record knows."""

from __future__ import annotations

from pathlib import Path

import click

from detainer_ledger.cli.record.group import as_option, keys_option, opened, record_option, refuse

_EXAMPLE = "detainer record agency add oak-jail --name 'OAK COUNTY JAIL' --state ND --zone America/Chicago --as ada"


_CHANGE = "detainer record agency change oak-jail --zone America/Denver --reason 'typed wrongly' --as ada"


@click.group(name="agency", epilog=f"\b\nExamples:\n  {_EXAMPLE}\n  {_CHANGE}\n  detainer record agency list")
def command() -> None:
    """Add agencies that receive detainers, change what is said of them, or list them."""


@command.command(name="add", epilog=f"\b\nExample:\n  {_EXAMPLE}")
@click.argument("identifier", metavar="ID")
@click.option("--name", required=True, help="Name of the agency or facility, as releases write it.")
@click.option("--state", required=True, help="Its state, for example ND.")
@click.option("--zone", required=True, help="Time zone of its clocks (IANA), for example America/Chicago.")
@click.option("--city", default="", help="Its city.")
@click.option("--facility-code", default="", help="ICE's code of the facility.")
@as_option
@record_option
@keys_option
def add(
    identifier: str, name: str, state: str, zone: str, city: str, facility_code: str, actor: str, url: str, keys: Path
) -> None:
    """Add an agency; an administrator does it."""
    from detainer_ledger.casework import Agency, add_agency

    agency = Agency(id=identifier, name=name, state=state, zone=zone, city=city, facility_code=facility_code)
    with opened(url, keys) as record:
        refused = add_agency(record, actor, agency)
    if refused is not None:
        refuse(refused)
    click.echo(f"{identifier} is added.")


@command.command(name="change", epilog=f"\b\nExample:\n  {_CHANGE}")
@click.argument("identifier", metavar="ID")
@click.option("--name", help="Its name.")
@click.option("--state", help="Its state.")
@click.option("--zone", help="Time zone of its clocks (IANA).")
@click.option("--city", help="Its city.")
@click.option("--facility-code", help="ICE's code of the facility.")
@click.option("--reason", required=True, help="Why it is changed.")
@as_option
@record_option
@keys_option
def change(identifier: str, reason: str, actor: str, url: str, keys: Path, **changed: str | None) -> None:
    """Put right what is said of an agency; an administrator does it. Clocks and rules of its cases follow."""
    from dataclasses import replace

    from detainer_ledger.casework import Agency, change_agency

    with opened(url, keys) as record:
        known = record.registry.agencies
        before = known.get(identifier) or Agency(id=identifier, name="", state="", zone="")
        agency = replace(before, **{name: value for name, value in changed.items() if value is not None})
        refused = change_agency(record, actor, agency, reason=reason)
    if refused is not None:
        refuse(refused)
    click.echo(f"{identifier} is changed; limits, incidents and lists of its cases are worked out anew.")
    if agency.zone != before.zone:
        click.echo(
            f"Times that were written without an offset were read in {before.zone} and stay the instants that they are:"
            " correct those that were meant otherwise."
        )


@command.command(name="list", epilog="\b\nExample:\n  detainer record agency list")
@record_option
@keys_option
def list_them(url: str, keys: Path) -> None:
    """List the agencies."""
    from dataclasses import asdict

    from detainer_ledger.cli.texttable import text_table

    with opened(url, keys) as record:
        rows = [asdict(each) for each in record.registry.agencies.values()]
    click.echo(text_table(("id", "name", "state", "zone", "city"), rows) if rows else "No agency was added yet.")
