"""The mapping of an agency's spreadsheet: which column means what, and the commands that a row tells of by it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from detainer_ledger.casework.lifecycle import Field, command_kinds
from detainer_ledger.casework.values import AGENCY_ZONE, CLOSED_KINDS, read_closed
from detainer_ledger.clock import zone_named
from detainer_ledger.releases import PlainRow
from detainer_ledger.terms import BadInput

STEPS = (
    "receive",
    "serve_person",
    "acknowledge",
    "answer",
    "expect_release",
    "begin_hold",
    "take_custody",
    "release",
    "expire",
    "transfer",
    "record_lift",
    "end_hold",
)
"""Commands that a row can become, in the order in which they are given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """Where a field of a command comes from: a column, or a value that is the same in every row.

    ``values`` are what cells of the column mean, an empty text that nothing follows of them; None means that they are
    taken as they are.
    """

    command: str
    field: str
    column: str | None
    constant: object
    values: Mapping[str, object] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportMapping:
    """What a mapping file says: the agency, the columns of the key, the forms of times and days, and the fields.

    ``zone`` is that of the times in the file, as a command names it; None where each time is written with its offset.
    ``sheets`` are those of a workbook that are read, all where none is named.
    ``only_where`` names for a command the column and the cells at which a row becomes it; ``passed_over`` names cells
    of such columns of which no command follows.
    """

    agency: str
    key: tuple[str, ...]
    zone: str | None
    sheets: tuple[str, ...]
    time_format: str | None
    day_format: str | None
    fields: tuple[Mapped, ...]
    only_where: Mapping[str, tuple[str, frozenset[str]]]
    passed_over: Mapping[str, frozenset[str]]


def read_mapping(path: Path) -> ImportMapping:
    """Read a mapping file. Raises BadInput, naming the entry, for what it cannot mean."""
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BadInput(
            f"The mapping cannot be read: {error.strerror}.", file=str(path), do="look at the path."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"The mapping is no TOML: {error}.", file=path.name, do="look at that line.") from None
    for name in ("agency", "key"):
        if name not in raw:
            raise BadInput(
                "The mapping lacks an entry.",
                file=path.name,
                entry=name,
                do='write agency = "oak-jail" and key = ["Booking No"].',
            )
    if not isinstance(raw["agency"], str):
        raise BadInput("The agency is its id.", file=path.name, entry="agency", do='write agency = "oak-jail".')
    if not isinstance(raw["key"], list) or not raw["key"] or not all(isinstance(each, str) for each in raw["key"]):
        raise BadInput("The key is a list of columns.", file=path.name, entry="key", do='write key = ["Booking No"].')
    for name in ("time_format", "day_format"):
        if not isinstance(raw.get(name, ""), str):
            raise BadInput("This has to be text.", file=path.name, entry=name, do='write it as "%m/%d/%Y %H:%M".')
        if name in raw:
            _check_format(raw[name], path.name, name)
    commands = {name: entries for name, entries in raw.items() if name not in _GENERAL}
    fields = [each for command, entries in commands.items() for each in _fields_of(command, entries, path.name)]
    if "receive" not in commands:
        raise BadInput(
            "The mapping does not say how a detainer was received.",
            file=path.name,
            entry="receive",
            do="add [receive] with at, form and issued_on: every row begins with it.",
        )
    return ImportMapping(
        agency=raw["agency"],
        key=tuple(raw["key"]),
        zone=_zone_of(raw, path.name),
        sheets=_sheets_of(raw.get("sheets", []), path.name),
        time_format=raw.get("time_format"),
        day_format=raw.get("day_format"),
        fields=tuple(fields),
        only_where={
            command: _only_where(command, entries["only_where"], path.name)
            for command, entries in commands.items()
            if "only_where" in entries
        },
        passed_over=_passed_over(raw.get("passed_over", {}), path.name),
    )


_GENERAL = frozenset({"agency", "key", "zone", "sheets", "time_format", "day_format", "passed_over"})


def _sheets_of(told: object, file: str) -> tuple[str, ...]:
    if isinstance(told, list) and all(isinstance(each, str) and each for each in told):
        return tuple(told)
    raise BadInput("The sheets are a list of names.", file=file, entry="sheets", do='write sheets = ["Log"].')


_ANY_TIME = datetime(2026, 11, 23, 21, 45, 30, tzinfo=UTC)


def _check_format(form: str, file: str, entry: str) -> None:
    """Raise BadInput for a form of times or days with signs that nothing is written with."""
    try:
        datetime.strptime(_ANY_TIME.strftime(form), form)  # noqa: DTZ007 - only whether it can be read
    except ValueError:
        raise BadInput(
            "The form has a sign that there is not.", file=file, entry=entry, do='write it as "%m/%d/%Y %H:%M".'
        ) from None


def _zone_of(raw: Mapping[str, object], file: str) -> str | None:
    """Return the zone of a file's times. Raises BadInput where none is named and the times do not say their own."""
    told = raw.get("zone")
    if told is None and "%z" in str(raw.get("time_format", "")):
        return None
    if not isinstance(told, str):
        raise BadInput(
            "The mapping does not say of which zone the file's times are.",
            file=file,
            entry="zone",
            do='write zone = "agency" if the file is in the agency\'s own time, or its name, as "America/Chicago".',
        )
    if told != AGENCY_ZONE:
        try:
            zone_named(told, field="zone")
        except BadInput as error:
            raise BadInput(error.what, file=file, entry="zone", do=error.do) from None
    return told


def _passed_over(told: object, file: str) -> Mapping[str, frozenset[str]]:
    if isinstance(told, Mapping) and all(isinstance(cells, list) for cells in told.values()):
        return {str(column): frozenset(str(each) for each in cells) for column, cells in told.items()}
    raise BadInput(
        "The cells that are passed over stand by column.",
        file=file,
        entry="passed_over",
        do='write a table [passed_over] with Outcome = ["Pending"].',
    )


def _fields_of(command: str, entries: object, file: str) -> Iterator[Mapped]:
    if command not in STEPS or not isinstance(entries, Mapping):
        raise BadInput("A row cannot become this.", file=file, entry=command, do=f"choose one of: {', '.join(STEPS)}.")
    kind = command_kinds()[command]
    for field, told in entries.items():
        if field == "only_where":
            continue
        known = kind.field(field)
        if known is None or known.kind in {"person", "agency"}:
            names = ", ".join(each.name for each in kind.fields if each.kind not in {"person", "agency"})
            raise BadInput(
                f"The command {command} has no such field.",
                file=file,
                entry=f"{command}.{field}",
                do=f"it has {names}.",
            )
        mapped = _mapped(command, field, told, file)
        _check_meant(mapped, known, file)
        yield mapped
    for needed in kind.fields:
        if not needed.optional and needed.kind != "agency" and needed.name not in entries:
            raise BadInput(
                f"The mapping does not say where {needed.name} comes from: {needed.says}.",
                file=file,
                entry=f"{command}.{needed.name}",
                do="name its column.",
            )


def _check_meant(mapped: Mapped, field: Field, file: str) -> None:
    """Raise BadInput where cells mean what the field of a command cannot be."""
    meant = {"is": mapped.constant} if mapped.column is None else dict(mapped.values or {})
    for cell, value in meant.items():
        if value != "" and field.kind in CLOSED_KINDS:
            try:
                read_closed(value, field)
            except BadInput as error:
                entry = f"{mapped.command}.{mapped.field}.{cell}"
                raise BadInput(error.what, file=file, entry=entry, do=error.do) from None


def _only_where(command: str, told: object, file: str) -> tuple[str, frozenset[str]]:
    if isinstance(told, Mapping) and set(told) == {"column", "is"} and isinstance(told["is"], list):
        return str(told["column"]), frozenset(str(each) for each in told["is"])
    raise BadInput(
        "The mapping does not say at which cells a row becomes this.",
        file=file,
        entry=f"{command}.only_where",
        do='write { column = "Outcome", is = ["Released"] }.',
    )


def _mapped(command: str, field: str, told: object, file: str) -> Mapped:
    if isinstance(told, str):
        return Mapped(command=command, field=field, column=told, constant=None, values=None)
    if isinstance(told, Mapping) and "column" in told and set(told) <= {"column", "values"}:
        values = told.get("values")
        if values is not None and not isinstance(values, Mapping):
            raise BadInput(
                "The values of a column are a table.",
                file=file,
                entry=f"{command}.{field}.values",
                do='write values = { Honored = "honor" }.',
            )
        return Mapped(command=command, field=field, column=str(told["column"]), constant=None, values=values)
    if isinstance(told, Mapping) and set(told) == {"is"}:
        return Mapped(command=command, field=field, column=None, constant=told["is"], values=None)
    raise BadInput(
        "The mapping does not say where the field comes from.",
        file=file,
        entry=f"{command}.{field}",
        do='write the name of a column, { column = "…", values = { … } }, or { is = "…" }.',
    )


def columns_of(mapping: ImportMapping) -> list[str]:
    """Return the columns that a mapping names."""
    named = [*mapping.key, *(each.column for each in mapping.fields if each.column)]
    return [*named, *(column for column, _ in mapping.only_where.values())]


def commands_of(row: PlainRow, mapping: ImportMapping) -> Iterator[tuple[str, dict[str, object]]]:
    """Give the commands that a row tells of, each with its values."""
    kinds = command_kinds()
    _check_outcomes(row, mapping)
    for step in STEPS:
        fields = [each for each in mapping.fields if each.command == step]
        if step in mapping.only_where:
            column, cells = mapping.only_where[step]
            if row.cells[column] not in cells:
                continue
        elif not fields:
            continue
        values: dict[str, object] = {}
        for mapped in fields:
            field = kinds[step].field(mapped.field)
            value = _value(mapped, row, mapping, field.kind if field else "text")
            if value is not None:
                values[mapped.field] = value
        told = {mapped.field for mapped in fields if mapped.column and mapped.field in values}
        if step not in {"receive", *mapping.only_where} and not told:
            # Nothing in the row speaks of this step: it has not happened.
            continue
        if step == "receive":
            values["agency"] = mapping.agency
        yield step, values


def _check_outcomes(row: PlainRow, mapping: ImportMapping) -> None:
    """Raise BadInput where a cell that decides on commands means nothing, or is empty beside a time."""
    means: dict[str, set[str]] = {column: set(cells) for column, cells in mapping.passed_over.items()}
    for column, cells in mapping.only_where.values():
        means.setdefault(column, set()).update(cells)
    for step, (column, _) in mapping.only_where.items():
        cell = row.cells[column]
        if cell and cell not in means[column]:
            known = ", ".join(sorted(means[column]))
            raise BadInput(
                "The mapping does not say what this cell means.",
                field=column,
                do=f"mend the cell, or add it to an only_where or to passed_over; those of this column are {known}.",
            )
        at = next((each.column for each in mapping.fields if (each.command, each.field) == (step, "at")), None)
        if at is not None and row.cells[at] and not cell:
            raise BadInput(f"There is a time, and '{column}' does not say of what.", field=at, do=f"fill {column}.")


def _value(mapped: Mapped, row: PlainRow, mapping: ImportMapping, kind: str) -> object:
    if mapped.column is None:
        return mapped.constant
    cell = row.cells[mapped.column]
    if not cell:
        return None
    if mapped.values is not None:
        if cell not in mapped.values:
            raise BadInput(
                "The mapping does not say what this cell means.",
                field=mapped.column,
                do=f"the values of this column have {', '.join(mapped.values)}; add it, or mend the cell.",
            )
        meant = mapped.values[cell]
        return None if meant == "" else meant
    if kind == "instant" and row.sheet is not None and cell.endswith(" 00:00:00") and _cell_of_time(cell, kind):
        raise BadInput(
            "The cell says a day without a time of day, or midnight: a workbook does not tell them apart.",
            field=mapped.column,
            do="add the time of day; if it was midnight, write it as the text 2026-03-03T00:00.",
        )
    if kind not in {"instant", "day"} or (from_workbook := _cell_of_time(cell, kind)) is None:
        form = mapping.time_format if kind == "instant" else mapping.day_format if kind == "day" else None
        if form is not None:
            return _read_as(cell, form, kind, mapped.column)
        if kind in {"instant", "day"} and not _looks_like_time(cell):
            raise BadInput(
                f"The cell is no {'time' if kind == 'instant' else 'day'}.",
                field=mapped.column,
                do="mend the cell, or say in the mapping how it is written (time_format, day_format).",
            )
        return cell
    return from_workbook


def _cell_of_time(cell: str, kind: str) -> str | None:
    """Return the day or time of a workbook's cell that holds one, which comes as YYYY-MM-DD HH:MM:SS."""
    try:
        read = datetime.strptime(cell, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - the mapping names the zone
    except ValueError:
        return None
    return _written(read, kind)


def _looks_like_time(cell: str) -> bool:
    try:
        datetime.fromisoformat(cell)
    except ValueError:
        return False
    return True


def _read_as(cell: str, form: str, kind: str, column: str) -> str:
    if form.endswith((":%M", ":%S")) and cell[-2:-1] == ":":
        # It would be read as another time: 08:3 as three minutes past eight.
        raise BadInput("The cell ends in the middle of a time.", field=column, do="look whether the file is whole.")
    try:
        read = datetime.strptime(cell, form)  # noqa: DTZ007 - the mapping names the zone
    except ValueError:
        raise BadInput(
            f"The cell is not written as {form}.", field=column, do="mend the cell, or the mapping's format."
        ) from None
    return _written(read, kind)


def _written(read: datetime, kind: str) -> str:
    return read.isoformat(timespec="seconds") if kind == "instant" else read.date().isoformat()
