"""Write the parts of the documentation that are made from code and data.

``python docs/generate.py`` rewrites everything between the marks ``<!-- generated: NAME -->`` and
``<!-- end of NAME -->``, the pages on rules, the picture of the life cycle, and what the commands of the sessions
print; with ``--check`` nothing is written, and the exit code is 1 if a part differs.
"""

from __future__ import annotations

import ast
import importlib
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import click
from life_cycle import picture
from markdown_tables import code, listed, table
from record_pages import RECORD_PARTS
from rules_pages import rules_pages
from screening_pages import SCREENING_PARTS
from sessions import SESSIONS, replayed

import detainer_ledger
from detainer_ledger.cli.main import COMMANDS
from detainer_ledger.ledger import Conflict, ProofFails
from detainer_ledger.measures import FIGURE_COLUMNS, GROUPS, OUTCOMES, Definition, Denominator, definitions
from detainer_ledger.releases import Layout, layouts
from detainer_ledger.releases.layouts.layout import TYPES
from detainer_ledger.releases.values import value_of
from detainer_ledger.reports.texts import texts
from detainer_ledger.terms import DETAINERS, BadInput, LedgerError, StoreError, forms, lift_reasons

DOCS = Path(__file__).parent
SOURCE = Path(detainer_ledger.__file__).parent

OWN_NOTES = "domain reference "
"""Beginning of sources that name this project's own notes, which a reader of the documentation does not have."""


# ---------------------------------------------------------------- commands


def command_of(name: str) -> click.Command:
    """Return one command of the command line."""
    command = importlib.import_module(f"detainer_ledger.cli.{name}").command
    if not isinstance(command, click.Command):
        raise TypeError(name)
    return command


def members_of(group: click.Group) -> dict[str, click.Command]:
    """Return the commands of a group by name, those that are imported late among them."""
    context = click.Context(group)
    found = {name: group.get_command(context, name) for name in group.list_commands(context)}
    return {name: command for name, command in found.items() if command is not None}


def commands() -> str:
    """Return a section for every command: what it does, its arguments and options, and its examples."""
    return "\n\n".join(_command(name, command_of(name), short, depth=2) for name, short in COMMANDS.items())


def _command(name: str, command: click.Command, short: str, *, depth: int) -> str:
    heading = f"{'#' * depth} detainer {name}"
    if isinstance(command, click.Group):
        told = [heading, short, _prose(command.help or ""), _examples(command)]
        told += [
            _command(f"{name} {each}", member, "", depth=depth + 1) for each, member in members_of(command).items()
        ]
        return "\n\n".join(part for part in told if part)
    context = click.Context(command, info_name=f"detainer {name}", help_option_names=["-h", "--help"])
    parts = [heading, short, f"```text\n{_usage(command, context)}\n```", _prose(command.help or "")]
    rows = [_parameter(name, each, context) for each in command.params if not _is_help(each)]
    if rows:
        parts.append(table(("argument or option", "value", "if not given", "meaning"), rows))
    parts.append(_examples(command))
    return "\n\n".join(part for part in parts if part)


def _examples(command: click.Command) -> str:
    return "Examples:\n\n```console\n" + "\n".join(f"$ {line}" for line in examples_of(command)) + "\n```"


def _is_help(parameter: click.Parameter) -> bool:
    return "--help" in parameter.opts


def _usage(command: click.Command, context: click.Context) -> str:
    return " ".join([context.command_path, *command.collect_usage_pieces(context)])


def _prose(text: str) -> str:
    paragraphs = text.replace("\b", "").strip().split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _parameter(command: str, parameter: click.Parameter, context: click.Context) -> tuple[str, str, str, str]:
    if isinstance(parameter, click.Option):
        name = ", ".join(code(option) for option in (*parameter.opts, *parameter.secondary_opts))
        meaning = parameter.help or ""
        value = "" if parameter.is_flag else (parameter.metavar or _value_of(parameter, context))
    else:
        name, meaning, value = code(parameter.make_metavar(context)), "", ""
        meaning = ARGUMENTS.get(f"{command}: {parameter.name}") or ARGUMENTS[parameter.name or ""]
    repeated = parameter.multiple if isinstance(parameter, click.Option) else False
    return name, code(value) if value else "", _default(parameter), meaning + (" Can be repeated." if repeated else "")


ARGUMENTS: Mapping[str, str] = {
    "files": "Files of one or more releases, or registers. At least one.",
    "file": "A CSV file with facility_name, city and state.",
    "truth": "A CSV file of facilities whose place is known.",
    "name": "The name of a register, as 'detainer reference list' shows it.",
    "more_detentions": "Further files of detention stints.",
    "layout_id": "The layout whose columns are shown.",
    "policy check: file": "A JSON file with the facts of one case, or `-` for standard input.",
    "identifier": "Id of the agency: small letters, digits and hyphens.",
    "record actor add: name": "The name by which the record knows somebody.",
    "record actor remove: name": "The name by which the record knows somebody.",
    "record commands: name": "The command whose fields are shown; all commands if left out.",
    "case": "The id of a case, as `detainer record list` shows it.",
    "record act: case": "The id of a case, or `new` for the first command of one.",
    "kind": "The command, see [life cycle](life-cycle.md#commands).",
    "values": "Fields of the command with their values.",
    "record import: file": "The spreadsheet: XLSX, or text parted by commas, semicolons or tabs.",
    "report": "The id of a report, see [state reports](state-reports.md).",
    "proof": "The file that `detainer record prove` wrote.",
    "target": "The file to write; there may be none of this name.",
    "backup": "The file that `detainer record backup` wrote.",
    "screening protocol: file": "A protocol in TOML, see [protocols](screening-protocol.md).",
    "screening adopt: file": "A protocol in TOML, see [protocols](screening-protocol.md).",
    "screening commands: name": "The command whose fields are shown; all commands if left out.",
    "screening act: case": "The id of a screening case, or `new` for the first command of one.",
    "screening act: kind": "The command, as `detainer screening commands` lists it.",
    "screening show: case": "The id of a case, as `detainer screening list` shows it.",
    "screening person: case": "The id of a case, as `detainer screening list` shows it.",
    "audit frame: file": "A CSV file with one row for each file that could be drawn.",
    "audit from-record: kind": "Which files of the record: screening cases, or detainers.",
    "audit read: sheets": "Filled test sheets; all in the audit's folder if left out.",
    "audit follow-up: before": "Folder of the audit before.",
    "audit follow-up: after": "Folder of the audit that tests the same attributes again.",
}
"""What arguments mean, by their name, with the command before it where one name means several things."""


def _value_of(parameter: click.Option, context: click.Context) -> str:
    if isinstance(parameter.type, click.Choice):
        return " ".join(map(str, parameter.type.choices))
    return (parameter.type.get_metavar(parameter, context) or parameter.type.name).upper()


def _default(parameter: click.Parameter) -> str:
    if parameter.required:
        return "required"
    is_shown = isinstance(parameter, click.Option) and parameter.show_default and not parameter.is_flag
    return code(parameter.default) if is_shown else ""


def examples_of(command: click.Command) -> list[str]:
    """Return the example lines of a command's help."""
    lines = re.sub(r"\\\n\s*", "", (command.epilog or "").replace("\b", "")).splitlines()
    return [line.strip() for line in lines if line.strip().startswith("detainer ")]


# ---------------------------------------------------------------- columns


def detainers_table() -> str:
    """Return the columns of the detainers table."""
    rows = [(code(column.name), code(column.sql_type), column.meaning) for column in DETAINERS]
    return table(("column", "type", "meaning"), rows)


FIGURES: Mapping[str, str] = {
    "detainers": "Detainers of the group, without the rows marked as repeats (unless `--duplicates keep`).",
    "declined": "Detainers that count as declined under the definition.",
    "definition": "Id of the definition, see [definitions](definitions.md).",
    "denominator": "Detainers that the rate is a share of; empty where the definition gives a count alone.",
    "denominator_kind": "Which detainers those are, see [denominators](definitions.md#denominators).",
    "rate": "`declined` / `denominator`, a fraction of 1; empty without a denominator.",
    "ci_low": "Lower end of the Wilson 95 % interval of the rate.",
    "ci_high": "Upper end of the Wilson 95 % interval of the rate.",
    "bound_low": "The rate if no detainer of unknown outcome had been declined.",
    "bound_high": "The rate if every detainer of unknown outcome had been declined.",
    "unattributed": "Detainers of the group that no jurisdiction is known for.",
    "duplicates_excluded": "Rows marked as exact or likely repeats that were left out.",
    "immature": "Detainers issued in the last 6 months of their release: too young to be judged.",
    "overridden": "Detainers issued after a supervisor overrode a rule; only the extract of a record tells of them.",
    "unknown": "Detainers in reach of the denominator whose outcome is pending, unrecorded, or not understood.",
    "declined_low": "The bound below, as a count.",
    "declined_high": "The bound above, as a count.",
    "unknown_level": "Detainers that may or may not be in the population, because it is unknown who runs the facility.",
    "definition_version": "Version of the definition.",
    "clock": "`issued` or `recorded`: the day by which a detainer falls into the period.",
    "period_from": "First day asked for, inclusive, as YYYY-MM-DD; empty where open.",
    "period_to": "Last day asked for, inclusive; empty where open.",
    "filters": "Conditions given with `--where`; empty for none.",
    "releases": "Ids of the releases counted, parted by blanks.",
}
"""What each figure means; the outcome columns are described by the report's own words."""


def figure_columns() -> str:
    """Return the columns of every table of figures."""
    outcomes = texts().outcomes
    rows = []
    for name in FIGURE_COLUMNS:
        meaning = f"{outcomes[name].label}. {outcomes[name].meaning}" if name in OUTCOMES else FIGURES[name]
        rows.append((code(name), meaning))
    return table(("column", "meaning"), rows)


def group_columns() -> str:
    """Return the columns that figures can be grouped by."""
    meanings = {column.name: column.meaning for column in DETAINERS}
    rows = [(code(name), code(column), meanings[column]) for name, (column, _) in GROUPS.items()]
    return table(("group", "column of the detainers table", "meaning"), rows)


# ---------------------------------------------------------------- layouts


def _source(text: str) -> str:
    parts = [part.strip() for part in text.split(";")]
    return "; ".join(part for part in parts if not part.startswith(OWN_NOTES))


def layout_list() -> str:
    """Return all layouts in one table."""
    rows = [
        (
            f"[`{each.id}`](#{each.id})",
            each.kind,
            len(each.columns),
            _window(each),
            "yes" if each.marks_duplicates else "no",
            each.title,
        )
        for each in layouts().values()
    ]
    return table(("layout", "rows are", "columns", "issue dates accepted", "repeats marked", "release"), rows)


def _window(each: Layout) -> str:
    if each.kind != "detainers":
        return ""
    return f"{each.issued_from or date(1952, 1, 1)} to {each.issued_to or 'the day of reading'}"


def layout_details() -> str:
    """Return a section for every layout."""
    return "\n\n".join(_layout(each) for each in layouts().values())


def _layout(each: Layout) -> str:
    parts = [
        f"### {each.id}",
        f"{each.title}.",
        f"Recognised by: {listed(each.identified_by)}. Source of the description: {_source(each.source) or '–'}.",
    ]
    notes = [_first_comment(each.id), *each.notes]
    parts.append("\n".join(f"- {note}" for note in notes if note))
    rows = [
        (
            code(column.header) + (f" (the {_nth(column.occurrence)} of this header)" if column.occurrence > 1 else ""),
            code(column.name),
            column.type,
            listed(column.aliases),
            "yes" if column.optional else "",
            column.note,
        )
        for column in each.columns
    ]
    parts.append(table(("header", "name", "type", "also written", "may be missing", "note"), rows))
    return "\n\n".join(part for part in parts if part)


def _nth(number: int) -> str:
    return {2: "second", 3: "third"}.get(number, f"{number}th")


def _first_comment(layout_id: str) -> str:
    first = (SOURCE / "releases" / "layouts" / f"{layout_id}.toml").read_text("utf-8").splitlines()[0]
    return first.lstrip("# ") if first.startswith("#") else ""


COLUMN_TYPES: Mapping[str, str] = {
    "text": "Text. Outer blanks are removed; `NA`, `N/A`, blank and redaction markers become empty.",
    "date": "A day: `2025-03-31`, an Excel serial, or an American form such as `3/31/25` or `03/31/2025 03:10 PM`.",
    "timestamp": "A day with a time of day and no zone, in the same forms.",
    "number": "A whole number.",
    "yes_no": "`YES` or `NO` (also `Y`, `N`, `TRUE`, `FALSE`); blank is neither.",
    "state": "A state or territory, in words or as USPS code; it becomes the code.",
    "form": "The label of the form; it becomes a code such as `I-247A`.",
    "lift_reason": "The label of the lift reason; the first one decides the outcome.",
    "identifier": "The release's own anonymised identifier.",
    "withheld": "Recognised and never read: the cells are not stored.",
}


def column_types() -> str:
    """Return the types that a column of a layout can have."""
    return table(("type", "what a cell can hold"), [(code(name), COLUMN_TYPES[name]) for name in sorted(TYPES)])


# ---------------------------------------------------------------- outcomes and definitions


def outcome_list() -> str:
    """Return the eight outcomes."""
    words = texts().outcomes
    return table(("outcome", "called", "meaning"), [(code(o), words[o].label, words[o].meaning) for o in OUTCOMES])


def lift_reason_list() -> str:
    """Return the lift reasons and the outcome each stands for."""
    rows = [
        ("; ".join(f"“{label}”" for label in each.labels), code(each.code), code(each.outcome), code(each.detail))
        for each in lift_reasons()
    ]
    return table(("label as published", "code", "outcome", "detail"), rows)


def form_list() -> str:
    """Return the forms and what each asks for."""
    rows = [
        (
            code(each.code),
            listed((*each.prefixes, *each.whole)),
            "hold and notice" if each.asks_hold else "notice alone",
            each.calendar,
        )
        for each in forms()
    ]
    return table(("form", "labels that begin with", "asks for", "in use"), rows)


def definition_list() -> str:
    """Return a section for every definition, after a table of all."""
    rows = [
        (
            f"[`{each.id}`](#{each.id})",
            each.numerator_in_words().replace("_", " "),
            str(each.clock),
            code(each.denominator),
            "no" if each.not_computable else "yes",
        )
        for each in definitions().values()
    ]
    head = table(("definition", "counts", "clock", "denominator", "can be computed"), rows)
    return "\n\n".join([head, *(_definition(each) for each in definitions().values())])


def _definition(each: Definition) -> str:
    facts = [
        ("used by", each.used_by),
        ("counts", each.numerator_in_words()),
        ("leaves out", ", ".join(f"{level} agencies" for level in each.excluded_levels)),
        ("only", f"facilities with more than {each.above_detainers} detainers" if each.above_detainers else ""),
        ("clock", str(each.clock)),
        ("denominator", code(each.denominator)),
        ("cannot be computed", each.not_computable or ""),
        ("source", _source(each.source.replace("derived, domain reference 4.4", "derived by this project"))),
        ("version", each.version),
    ]
    lines = [f"- {name}: {text}" for name, text in facts if text]
    lines += [f"- note: {caveat}" for caveat in each.caveats]
    return f"### {each.id}\n\n{each.title}.\n\n" + "\n".join(lines)


DENOMINATORS: Mapping[Denominator, str] = {
    Denominator.ALL: "Every detainer of the population.",
    Denominator.ALL_MINUS_DUPLICATES: "The same without rows marked as repeats; differs only with `--duplicates keep`.",
    Denominator.RESOLVED: "Detainers with an outcome, that is, not `pending_or_unrecorded`.",
    Denominator.HOLD_FORMS_ONLY: "Detainers on forms that ask for a hold: I-247, I-247D and I-247A.",
    Denominator.NONE: "A count without a rate.",
}


def denominator_list() -> str:
    """Return the denominators."""
    return table(("denominator", "meaning"), [(code(each), DENOMINATORS[each]) for each in Denominator])


# ---------------------------------------------------------------- defects

KEPT, EMPTIED = "kept", "emptied"
EFFECTS: Mapping[str, str] = {
    "date/bulk-entry": KEPT,
    "date/garbage-year": EMPTIED,
    "date/missing": "was empty",
    "date/outside-release": EMPTIED,
    "date/unreadable": EMPTIED,
    "facility/placeholder": KEPT,
    "form/notification_only": KEPT,
    "form/unknown": "label kept, form `unknown`",
    "lift_reason/ambiguous": KEPT,
    "lift_reason/redacted": EMPTIED,
    "lift_reason/unknown": "label kept, code empty",
    "number/garbage-year": EMPTIED,
    "number/unreadable": EMPTIED,
    "policy/overridden": KEPT,
    "record/corrected": KEPT,
    "record/hold-past-limit": KEPT,
    "record/incident": KEPT,
    "state/unknown": EMPTIED,
    "text/control-character": EMPTIED,
    "yes_no/unknown": EMPTIED,
}
"""What becomes of the value. The row is always kept."""

WHOLE_RELEASE = {"date/bulk-entry", "form/notification_only", "text/control-character"}
"""Kinds that do not belong to one column's reading."""

OF_A_RECORD = {"policy/overridden", "record/corrected", "record/hold-past-limit", "record/incident"}
"""Marks of the extract of a record."""

FOUND_IN = {"text/control-character": "any text"} | dict.fromkeys(OF_A_RECORD, "a case of a record")
"""Where kinds are found that belong to no column, if not in the row."""


@cache
def defect_kinds() -> dict[str, tuple[str, ...]]:
    """Return every kind of defect that reading can find, with the columns of the detainers table that have it."""
    found: dict[str, dict[str, None]] = {kind: {} for kind in WHOLE_RELEASE | OF_A_RECORD}
    names = {column.name for column in DETAINERS}
    for each in layouts().values():
        for column in each.columns:
            if column.type == "withheld":
                continue
            for defect, _ in value_of(column, layout=each, read_on=date(2026, 11, 24)).defects:
                kind, _, name = defect.partition(":")
                found.setdefault(kind, {})
                if name in names and each.kind == "detainers":
                    found[kind][name] = None
    return {kind: tuple(found[kind]) for kind in sorted(found)}


def defect_list() -> str:
    """Return every kind of defect."""
    words = texts().defects
    rows = []
    for kind, columns in defect_kinds().items():
        shown = listed(columns) if columns else FOUND_IN.get(kind, "the row")
        rows.append((code(kind), shown, EFFECTS[kind], words[kind]))
    return table(("kind", "found in", "value", "meaning"), rows)


def set_aside_list() -> str:
    """Return the reasons for which a row is set aside."""
    return table(("reason", "meaning"), [(code(kind), text) for kind, text in sorted(texts().set_aside.items())])


# ---------------------------------------------------------------- errors


def error_classes() -> str:
    """Return the error family as a table."""
    rows = [
        (code(each.__name__), listed([base.__name__ for base in each.__bases__]), (each.__doc__ or "").split("\n")[0])
        for each in _family(LedgerError)
    ]
    return table(("class", "is a", "meaning"), rows)


def _family(root: type[LedgerError]) -> Iterator[type[LedgerError]]:
    yield root
    for each in root.__subclasses__():
        yield from _family(each)


def error_messages() -> str:
    """Return every message of the program, with what to do; an ellipsis stands for what differs from case to case."""
    found: set[tuple[str, str, str]] = set()
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ERROR_NAMES:
                what = _text_of(node.args[0]) if node.args else ""
                do = next((_text_of(each.value) for each in node.keywords if each.arg == "do"), "")
                if what and what != "…":
                    found.add((node.func.id, what, "" if do == "…" else do))
    rows = [(what, do) for _, what, do in sorted(found, key=lambda each: (each[1].lower(), each[2]))]
    return table(("message", "what to do"), rows)


ERROR_NAMES = {each.__name__ for each in (BadInput, StoreError, Conflict, ProofFails)}


def _text_of(node: ast.expr) -> str:
    """Return the text that an expression makes, with an ellipsis for each part that is not constant."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return re.sub("…+", "…", "".join(_text_of(part) for part in node.values))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return re.sub("…+", "…", _text_of(node.left) + _text_of(node.right))
    return "…"


# ---------------------------------------------------------------- writing

PARTS: Mapping[str, Callable[[], str]] = {
    "commands": commands,
    "detainers-table": detainers_table,
    "figure-columns": figure_columns,
    "group-columns": group_columns,
    "layout-list": layout_list,
    "layout-details": layout_details,
    "column-types": column_types,
    "outcomes": outcome_list,
    "lift-reasons": lift_reason_list,
    "forms": form_list,
    "definitions": definition_list,
    "denominators": denominator_list,
    "defects": defect_list,
    "set-aside": set_aside_list,
    "error-classes": error_classes,
    "error-messages": error_messages,
    **RECORD_PARTS,
    **SCREENING_PARTS,
}
"""The generated parts by name."""

_MARKED = re.compile(r"(<!-- generated: (?P<name>[a-z-]+) -->\n).*?(<!-- end of (?P=name) -->)", re.DOTALL)


def with_parts(text: str) -> str:
    """Return a page with its generated parts as they are now."""
    return _MARKED.sub(lambda found: f"{found[1]}\n{PARTS[found['name']]()}\n\n{found[3]}", text)


def stale_pages(folder: Path = DOCS) -> dict[Path, str]:
    """Return the files that are not current, each with the text that it should have; empty for one too many."""
    pages = {page: page.read_text("utf-8") for page in sorted(folder.rglob("*.md"))}
    placed = {found["name"] for text in pages.values() for found in _MARKED.finditer(text)}
    if missing := sorted(PARTS.keys() - placed):
        raise ValueError(f"no page has the generated parts {', '.join(missing)}")
    wanted = {page: with_parts(text) for page, text in pages.items() if page.parent.name != "rules"}
    wanted |= {folder / "rules" / name: text for name, text in rules_pages().items()}
    wanted[folder / "reference" / "life-cycle.svg"] = picture()
    there = {*pages, *folder.rglob("life-cycle.svg")}
    return {
        page: wanted.get(page, "")
        for page in sorted(wanted.keys() | there)
        if page not in there or page.read_text("utf-8") != wanted.get(page)
    }


def stale_sessions(folder: Path = DOCS) -> dict[Path, str]:
    """Return the pages whose commands print something else by now, each with the text that it should have."""
    pages = {folder / name: (folder / name).read_text("utf-8") for name in SESSIONS}
    return {page: new for page, text in pages.items() if (new := replayed(text)) != text}


def main(arguments: Sequence[Any]) -> int:
    """Rewrite the generated parts, or check them; return the exit code."""
    stale = {**stale_pages(), **stale_sessions()}
    is_check = "--check" in arguments
    for page, text in stale.items():
        if not is_check:
            page.parent.mkdir(exist_ok=True)
            page.write_text(text, "utf-8") if text else page.unlink()
        sys.stdout.write(f"{'out of date' if is_check else 'rewritten'}: {page.relative_to(DOCS)}\n")
    return 1 if stale and is_check else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
