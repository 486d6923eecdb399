"""Tables of the record: its stages and commands, who may do what, and the reports that states ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from markdown_tables import code, listed, table

from detainer_ledger.casework import ACTS, Act, CommandKind, Field, Role, command_kinds, diagram, stages, state_reports
from detainer_ledger.casework.gates import gates_of
from detainer_ledger.policy import Rule, Trust, rules

WORDS: Mapping[str, str] = {
    "instant": "A time with its offset, `2026-03-02T13:00-06:00`; without it where `--zone` says of which place it is.",
    "day": "A day, `2026-03-02`.",
    "flag": "`yes` or `no`.",
    "text": "Text of at most 2,000 characters.",
    "line": "Text on one line, of at most 2,000 characters.",
    "references": "References to documents, parted by commas.",
    "choice": "One of the words named.",
    "choices": "Some of the words named, parted by commas.",
    "agency": "Id of an agency of the record.",
    "form": "Code of a [form](lift-reasons-and-outcomes.md#forms).",
    "lift_reason": "Code of a [lift reason](lift-reasons-and-outcomes.md#lift-reasons).",
    "rule": "Id of a [rule](../rules/index.md).",
    "legal_basis": "Id of a [state instrument](../rules/instruments.md) or a [decision](../rules/decisions.md), or"
    " `local_ordinance`, `agency_policy`, `fourth_amendment`, `none_stated`.",
    "case": "Id of a case.",
    "incident": "Id of an incident, as `detainer record show` names it.",
    "version": "Number of an event in its case.",
    "values": "Fields with their values, `values.NAME=VALUE` or an object in JSON.",
    "person": "`name`, `birth_date`, `citizenship_country`, `gender`, `file_number`, `booking_number`; kept apart.",
}
"""What can be written for each kind of field."""

ACTS_IN_WORDS: Mapping[Act, str] = {
    Act.READ_CASE: "`detainer record show`",
    Act.READ_PERSON: "`detainer record person`; the reading is recorded",
    Act.READ_ACCESS: "`detainer record access`: who read personal fields, and was denied what",
    Act.LIST_CASES: "`detainer record list`, `holds`, `detainer screening coverage`",
    Act.EXTRACT: "`detainer record extract`, `report write`",
    Act.IMPORT: "`detainer record import`",
    Act.PROVE: "`detainer record prove`",
    Act.CHECKPOINT: "`detainer record checkpoint`",
    Act.BACK_UP: "`detainer record backup`, `rebuild`",
    Act.SET_UP: "`detainer record agency add`, `actor add`, `actor remove`",
    Act.READ_SCREENING: "`detainer screening show`, `list`, `due`, `compliance`, `extract`",
    Act.ADOPT_PROTOCOL: "`detainer screening adopt`",
}


def stage_list() -> str:
    """Return the stages of a case with what they mean."""
    return table(("stage", "meaning"), [(code(name), says) for name, says in stages().items()])


def diagram_text() -> str:
    """Return the diagram as Mermaid's text."""
    return f"```text\n{diagram()}\n```"


def command_list() -> str:
    """Return the commands in one table: what each does, who may give it, and where a case stands then."""
    rows = [
        (f"[`{each.id}`](#{each.id})", each.says, listed(sorted(each.roles)), _when(each), code(each.event))
        for each in command_kinds().values()
    ]
    return table(("command", "does", "who", "when", "gives the event"), rows)


def _when(each: CommandKind) -> str:
    origins = "no case yet" if each.from_stages == ("none",) else listed(each.from_stages)
    stays = f" (stays in {listed(sorted(each.stays_in))})" if each.stays_in else ""
    return origins + (f"; then {code(each.to_stage)}{stays}" if each.to_stage else "")


def command_fields() -> str:
    """Return a section for every command with its fields."""
    return "\n\n".join(_fields(each) for each in command_kinds().values())


def _fields(each: CommandKind) -> str:
    rows = [
        (code(field.name), code(field.kind), "may be left out" if field.optional else "needed", _says(field))
        for field in each.fields
    ]
    parts = [f"### {each.id}", each.says, table(("field", "kind", "", "meaning"), rows)]
    if each.is_gated:
        parts.append("The [rules](#rules-that-refuse) are asked first.")
    return "\n\n".join(parts)


def _says(field: Field) -> str:
    text = field.says[0].upper() + field.says[1:]
    choices = f": {listed(field.choices)}" if field.choices else ""
    after = f". Not before: {listed(field.not_before)}" if field.not_before else ""
    ahead = ". Can lie ahead" if field.may_be_future else ""
    return f"{text}{choices}{after}{ahead}."


def field_kinds() -> str:
    """Return the kinds of fields with what can be written for them."""
    used = {field.kind for each in command_kinds().values() for field in each.fields}
    return table(("kind", "write"), [(code(kind), WORDS[kind]) for kind in sorted(used)])


def gates() -> str:
    """Return the rules that can refuse a command."""
    known = {rule.id: rule for rule in rules()}
    rows = [
        (code(each.id), code(rule), "not met, not recorded" if needs_record else "not met", *_force(known[rule]))
        for each in command_kinds().values()
        if each.is_gated
        for rule, needs_record in gates_of(each.id).items()
    ]
    return table(("command", "rule", "refuses if", "trust", "refuses", "can be overridden"), rows)


def _force(rule: Rule) -> tuple[str, bool, bool]:
    return rule.trust.value, rule.trust is not Trust.UNCONFIRMED, rule.overridable


def roles_and_commands() -> str:
    """Return which role may give which command."""
    rows = [(code(each.id), *(role.value in each.roles for role in Role)) for each in command_kinds().values()]
    return table(("command", *(_role(role) for role in Role)), _marked(rows))


def roles_and_acts() -> str:
    """Return which role may do what besides commands."""
    rows = [(ACTS_IN_WORDS[act], *(act in ACTS[role] for role in Role)) for act in Act]
    return table(("act", *(_role(role) for role in Role)), _marked(rows))


def _marked(rows: list[tuple[str, *tuple[bool, ...]]]) -> list[tuple[str, ...]]:
    return [(name, *("yes" if may else "no" for may in each)) for name, *each in rows]


def _role(role: Role) -> str:
    return role.value.replace("_", " ")


def report_list() -> str:
    """Return a section for every report of a state."""
    parts = []
    for each in state_reports().values():
        facts = [
            ("state", each.state),
            ("law", f"“{each.citation}” ({each.trust})"),
            ("period", each.period),
            ("due", each.due),
            ("rows", ROWS[each.rows]),
            ("fields", "; ".join(field["title"] for field in each.fields)),
            ("named by the law, and in no record of detainers", "; ".join(each.outside)),
        ]
        parts += [f"## {each.id}", f"“{each.title}”.", "\n".join(f"- {name}: {text}" for name, text in facts if text)]
    return "\n\n".join(parts)


ROWS: Mapping[str, str] = {
    "detainers": "one for each detainer received in the period",
    "instances of assistance": "one for each instance of assistance that the agency gave in the period: notice, a hold,"
    " or a transfer of custody; several on one detainer are several rows",
    "offences of transfers": "one for each offence, with the people whom ICE took into custody in the period",
    "totals": "one, with the detainers received in the period, and in how many cases ICE took custody in it",
}

RECORD_PARTS: Mapping[str, Callable[[], str]] = {
    "stages": stage_list,
    "diagram": diagram_text,
    "case-commands": command_list,
    "command-fields": command_fields,
    "field-kinds": field_kinds,
    "gates": gates,
    "roles-and-commands": roles_and_commands,
    "roles-and-acts": roles_and_acts,
    "state-reports": report_list,
}
"""The generated parts by name."""
