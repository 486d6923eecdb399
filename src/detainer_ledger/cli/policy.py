"""``detainer policy``: the rules in force, the rules on one case, the hold's limits, the rules over a release."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detainer_ledger.cli.options import DAY, json_option
from detainer_ledger.cli.policy_audit import command as audit_command
from detainer_ledger.cli.policy_clock import command as clock_command
from detainer_ledger.terms import BadInput, state_code

if TYPE_CHECKING:
    from collections.abc import Iterable

    from detainer_ledger.policy import Facts, Finding, Instrument, Rule

MOST_BYTES = 1_000_000
"""Size of a file of facts above which it is none."""

EXIT_NOT_MET = 1
"""Exit code where a rule is not met (design, section 5)."""

HEADINGS = {
    "not_met": "Not met",
    "not_recorded": "Not recorded: the facts do not say",
    "met": "Met",
    "not_applicable": "Not applicable",
}
"""Results in the order in which they are printed."""


@click.group(
    name="policy",
    epilog="""\b
Examples:
  detainer policy rules --on 2016-05-01 --state CA
  detainer policy check case.json
  detainer policy clock --form I-247A --start 2026-03-06T15:00 --zone America/New_York
  detainer policy audit --store store --by year""",
)
def command() -> None:
    """Tell which rules were in force, and test them: on one case, or on a whole release.

    Each rule carries its source and how sure it is. What is not recorded is never counted as not met.
    """


command.add_command(clock_command)
command.add_command(audit_command)


# ---------------------------------------------------------------- rules


@command.command(name="rules", epilog="\b\nExample:\n  detainer policy rules --on 2016-05-01 --state CA")
@click.option("--on", "on", type=DAY, required=True, help="The day, YYYY-MM-DD.")
@click.option("--state", metavar="STATE", help="Only instruments of this state; a USPS code or its name.")
@json_option
def rules(on: date, state: str | None, as_json: bool) -> None:  # noqa: FBT001
    """List the rules, and the states' instruments, that were in force on a day.

    A state without an instrument in the list is unknown; that is not the same as none.
    """
    from detainer_ledger.policy import decisions, instruments_in_force, rules_in_force

    code = _state(state)
    found, instruments = rules_in_force(on), instruments_in_force(on, code)
    made = [each for each in decisions() if (each.on or date(each.year, 12, 31)) <= on]
    if as_json:
        _write_json(
            {
                "on": on,
                "rules": [_rule_json(each) for each in found],
                "instruments": [_instrument_json(each) for each in instruments],
                "decisions": [
                    {"id": each.id, "name": each.name, "on": each.on, "year": each.year, "holding": each.holding}
                    | {"citation": each.citation, "trust": each.trust.value}
                    for each in made
                ],
            }
        )
        return
    click.echo(f"Rules in force on {on}: {len(found)}\n")
    for each in found:
        _entry(f"{each.id}: {each.title}", each, each.dates_note)
    where = f" of {code}" if code else ""
    click.echo(f"Instruments{where} in force on {on}: {len(instruments)}\n")
    for one in instruments:
        _entry(f"{one.id} ({one.jurisdiction}, {', '.join(one.kind) or one.about}): {one.name}", one, one.dates_note)
        click.echo(f"  {one.effect}\n")
    if code and not instruments:
        click.echo(f"The list has no instrument of {code} that is surely in force then: unknown, not none.\n")
    click.echo(f"Decisions of courts by {on}: {len(made)}\n")
    for decision in made:
        click.echo(f"{decision.id}: {decision.holding}\n  {decision.trust}; {decision.citation}\n")


def _state(text: str | None) -> str | None:
    if text is None:
        return None
    code = state_code(text)
    if code is None:
        raise BadInput(
            "There is no such state.", do="write a USPS code, such as CA, or the state's name.", option="state"
        )
    return code


def _entry(head: str, each: Rule | Instrument, note: str) -> None:
    aspects = "".join(f", {name} {trust}" for name, trust in each.aspects.items())
    click.echo(f"{head}\n  {_first_day(each)} to {each.in_force_to or 'open'}; {each.trust}{aspects}; {each.citation}")
    if note:
        click.echo(f"  dates: {note}")


def _first_day(each: Rule | Instrument) -> str:
    year = getattr(each, "from_year", None)
    return str(each.in_force_from or year or "open")


def _rule_json(each: Rule) -> dict[str, Any]:
    return {
        "id": each.id,
        "title": each.title,
        "text": each.text,
        "authority": each.authority,
        "instrument": each.instrument,
        "from": each.in_force_from,
        "to": each.in_force_to,
        "dates_note": each.dates_note,
        "forms": list(each.forms),
        "components": list(each.components),
        "trust": each.trust.value,
        "aspects": {name: trust.value for name, trust in each.aspects.items()},
        "citation": each.citation,
        "checkable": each.checkable.value,
        "overridable": each.overridable,
    }


def _instrument_json(each: Instrument) -> dict[str, Any]:
    return {
        "id": each.id,
        "jurisdiction": each.jurisdiction,
        "name": each.name,
        "from": each.in_force_from,
        "from_year": each.from_year,
        "to": each.in_force_to,
        "dates_note": each.dates_note,
        "kind": list(each.kind),
        "about": each.about,
        "hold": each.hold.value if each.hold else None,
        "effect": each.effect,
        "applies_to": list(each.applies_to),
        "clock": each.clock.value,
        "proof_exception": each.proof_exception,
        "reporting": each.reporting,
        "trust": each.trust.value,
        "aspects": {name: trust.value for name, trust in each.aspects.items()},
        "citation": each.citation,
    }


# ---------------------------------------------------------------- check


@command.command(
    name="check",
    epilog="""\b
Examples:
  detainer policy check case.json
  detainer policy check case.json --on 2016-05-01 --rule pep/notify-first
  detainer policy check - --json < case.json""",
)
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True, readable=False), metavar="FACTS")
@click.option("--on", "on", type=DAY, help="The day whose rules are asked, YYYY-MM-DD; the day of issue if not given.")
@click.option("--rule", "rule_ids", multiple=True, metavar="ID", help="Only this rule; can be given several times.")
@json_option
@click.pass_context
def check(ctx: click.Context, file: Path, on: date | None, rule_ids: tuple[str, ...], as_json: bool) -> None:  # noqa: FBT001
    """Test the rules of a day on the facts of one case, a JSON file ('-' for standard input).

    A fact that is left out, or null, is not recorded. The exit code is 1 if a rule is not met.
    """
    from detainer_ledger.policy import finding, findings

    name = "(standard input)" if str(file) == "-" else str(file)
    facts = _read_facts(file, name)
    day = on or facts.issued_on
    if day is None:
        raise BadInput(
            "There is no day whose rules could be asked.", do="give --on DAY, or issued_on among the facts.", file=name
        )
    found = [finding(each, facts, day) for each in rule_ids] if rule_ids else findings(facts, day)
    if as_json:
        _write_json([each.as_json() for each in found])
    else:
        _print_findings(found, day)
    if any(each.result == "not_met" for each in found):
        ctx.exit(EXIT_NOT_MET)


def _read_facts(file: Path, name: str) -> Facts:
    """Return the facts of a file of JSON. Raises BadInput, naming the file, for whatever is none."""
    from detainer_ledger.policy import read_facts

    content = sys.stdin.buffer.read(MOST_BYTES + 1) if str(file) == "-" else _first_bytes(file)
    if len(content) > MOST_BYTES:
        raise BadInput(
            "The file is too large for the facts of one case.", do=f"give at most {MOST_BYTES:,} bytes.", file=name
        )
    try:
        given = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_without_repeats)
    except UnicodeDecodeError:
        raise BadInput("The file is no text in UTF-8.", do="save it as UTF-8.", file=name) from None
    except json.JSONDecodeError as error:
        raise BadInput(
            f"The file is no JSON: {error.msg}.",
            do="look at that place: quotes, commas and brackets have to match.",
            file=name,
            line=error.lineno,
            column=error.colno,
        ) from None
    except BadInput as error:
        raise error.at(file=name) from None
    except (ValueError, RecursionError):
        raise BadInput(
            "The file is no JSON that can be read: a number or a nesting in it has no end.",
            do="give the facts as described in the documentation.",
            file=name,
        ) from None
    return read_facts(given, where=name)


def _first_bytes(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(MOST_BYTES + 1)


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        shown = "".join(sign if sign.isprintable() else "?" for sign in twice[:60])
        raise BadInput("A field is given twice.", do="keep one of them.", field=shown)
    return found


def _print_findings(found: Iterable[Finding], day: date) -> None:
    by_result: dict[str, list[Finding]] = {result: [] for result in HEADINGS}
    for each in found:
        by_result[each.result].append(each)
    click.echo(
        f"Rules of {day}: "
        + ", ".join(f"{len(some)} {name.replace('_', ' ')}" for name, some in by_result.items())
        + "\n"
    )
    for result, some in by_result.items():
        if not some:
            continue
        click.echo(f"{HEADINGS[result]} ({len(some)})")
        for each in some:
            click.echo(f"  {each.rule}: {each.sentence}")
            if result == "not_met":
                rests = ", ".join(f"{name} = {json.dumps(value)}" for name, value in each.facts.items())
                click.echo(f"    rests on  {rests}\n    source    {each.citation} ({each.trust})")
        click.echo()


def _write_json(value: Any) -> None:
    click.echo(json.dumps(value, indent=1, ensure_ascii=False, default=str))
