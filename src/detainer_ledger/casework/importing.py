"""An agency's own spreadsheet into the record: a mapping file says which column means what.

Every row is one detainer that the agency received, and becomes the commands that its cells tell of. A row is known by
the columns that the mapping names as its key: the same row twice changes nothing, and a row that was changed since is
told, because a record is corrected, not overwritten. A row is imported whole or not at all.
"""

from __future__ import annotations

import hashlib
import tempfile
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from detainer_ledger.casework.access import Act
from detainer_ledger.casework.lifecycle import command_kinds
from detainer_ledger.casework.record import CASE_PREFIX, SETUP, Command, Record, Refused
from detainer_ledger.ledger import Event, NewEvent, canonical, create_ledger
from detainer_ledger.releases import PlainRow, plain_rows
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

RESULTS = ("new", "more", "unchanged", "passed_over", "refused", "error")
"""What can become of a row."""

_FAILED = frozenset({"error", "refused"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """Where a field of a command comes from: a column, or a value that is the same in every row.

    ``values`` are what cells of the column mean; None means that they are taken as they are.
    """

    command: str
    field: str
    column: str | None
    constant: object
    values: Mapping[str, object] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportMapping:
    """What a mapping file says: the agency, the columns of the key, the forms of times and days, and the fields.

    ``only_where`` names for a command the column and the cells at which a row becomes it; ``passed_over`` names cells
    of such columns of which no command follows.
    """

    agency: str
    key: tuple[str, ...]
    time_format: str | None
    day_format: str | None
    fields: tuple[Mapped, ...]
    only_where: Mapping[str, tuple[str, frozenset[str]]]
    passed_over: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowResult:
    """What became of a row: one of RESULTS (``more``: events were added to its case), and why."""

    sheet: str | None
    number: int
    result: str
    case: str | None
    commands: int
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """What an import did: a result for every row of the file, and their numbers by kind."""

    rows: tuple[RowResult, ...]

    @property
    def counts(self) -> Mapping[str, int]:
        """Return how many rows had each result."""
        found = Counter(row.result for row in self.rows)
        return {kind: found.get(kind, 0) for kind in RESULTS}


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


_GENERAL = frozenset({"agency", "key", "time_format", "day_format", "passed_over"})


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
        yield _mapped(command, field, told, file)
    for needed in kind.fields:
        if not needed.optional and needed.kind != "agency" and needed.name not in entries:
            raise BadInput(
                f"The mapping does not say where {needed.name} comes from: {needed.says}.",
                file=file,
                entry=f"{command}.{needed.name}",
                do="name its column.",
            )


def _only_where(command: str, told: object, file: str) -> tuple[str, frozenset[str]]:
    if isinstance(told, Mapping) and set(told) == {"column", "is"} and isinstance(told["is"], list):
        return str(told["column"]), frozenset(str(each) for each in told["is"])
    raise BadInput(
        "The mapping does not say at which cells a row becomes this.",
        file=file,
        entry=f"{command}.only_where",
        do='write { column = "Outcome", is = ["Released"] }.',
    )


def import_file(
    record: Record,
    path: Path,
    mapping: ImportMapping,
    actor: str,
    *,
    progress: Callable[[int, int], None] = lambda _done, _rows: None,
) -> ImportResult | Refused:
    """Import a spreadsheet for an actor, each row whole or not at all; rows that fail are told.

    The file is read to its end first, and every row is tried on a copy of its case. Raises BadInput for a file that
    cannot be read, or that lacks a column that the mapping names.
    """
    if (refused := _may_import(record, mapping, actor)) is not None:
        return refused
    rows = list(plain_rows(path, needed=_columns_of(mapping)))
    with _trial_of(record) as trial:
        results: list[RowResult] = []
        first_of: dict[str, int] = {}
        for row in rows:
            tried = _told_apart(trial.row(row, mapping, actor), row, mapping, first_of)
            if tried.result == "refused":
                told = {"act": Act.IMPORT.value, "row": row.number, "why": tried.message}
                key = f"{_key_of(row, mapping, 'refused')}-{hashlib.sha256(tried.message.encode()).hexdigest()[:16]}"
                record.tell_refused_row(actor, told, key=key)
            results.append(tried if tried.result in _FAILED else _import_row(record, row, mapping, actor))
            progress(len(results), len(rows))
    return ImportResult(rows=tuple(results))


def try_file(
    record: Record,
    path: Path,
    mapping: ImportMapping,
    actor: str,
    *,
    progress: Callable[[int, int], None] = lambda _done, _rows: None,
) -> ImportResult | Refused:
    """Say what an import would do, and store nothing. Raises BadInput as ``import_file`` does."""
    if (refused := _may_import(record, mapping, actor)) is not None:
        return refused
    rows = list(plain_rows(path, needed=_columns_of(mapping)))
    with _trial_of(record) as trial:
        results: list[RowResult] = []
        first_of: dict[str, int] = {}
        for row in rows:
            results.append(_told_apart(trial.row(row, mapping, actor), row, mapping, first_of))
            progress(len(results), len(rows))
    return ImportResult(rows=tuple(results))


def _told_apart(result: RowResult, row: PlainRow, mapping: ImportMapping, first_of: dict[str, int]) -> RowResult:
    """Return a result that says so where a row has the key of an earlier one of the file and says something else."""
    first = first_of.setdefault(_key_of(row, mapping, "receive"), row.number)
    if first == row.number or not result.message.startswith(_CHANGED.partition(":")[0]):
        return result
    message = f"The row has the key of row {first} and says something else. To do: give each detainer a key of its own."
    return replace(result, message=message)


def _may_import(record: Record, mapping: ImportMapping, actor: str) -> Refused | None:
    if mapping.agency not in record.registry.agencies:
        raise BadInput(
            f"The mapping names an agency that the record does not know: '{mapping.agency[:60]}'.",
            entry="agency",
            do="'detainer record agency list' names those that are known.",
        )
    return record.may(actor, Act.IMPORT)


@contextmanager
def _trial_of(record: Record) -> Iterator[_Trial]:
    """Yield a trial of a record, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="detainer-") as folder:
        scratch = Record(
            create_ledger(
                str(Path(folder) / "trial.db"), record.ledger.keys, origin=record.ledger.origin, now=record.ledger.now
            )
        )
        try:
            _copy_events(record.ledger.events(SETUP), scratch, SETUP)
            yield _Trial(record, scratch)
        finally:
            scratch.close()


class _Trial:
    """An empty record with the same people and agencies, on which rows are tried.

    Every case in it has its keys under a mark of its own. A row that fails leaves part of a case behind: the case as it
    was before is then copied under a new mark, and the leavings are never looked at again.
    """

    def __init__(self, record: Record, scratch: Record) -> None:
        self._record = record
        self._scratch = scratch
        self._mark_of: dict[str, str] = {}
        self._marks = 0

    def row(self, row: PlainRow, mapping: ImportMapping, actor: str) -> RowResult:
        """Say what a row would do; the case is named where the record has it already."""
        key = _key_of(row, mapping, "receive")
        found = self._record.ledger.events_of_command(key)
        if found and key not in self._mark_of:
            self._mark_of[key] = self._copied(self._record.ledger.events(found[0].stream), "")
        mark = self._mark_of.get(key) or self._new_mark()
        began = self._scratch.ledger.events_of_command(key + mark)
        before = self._scratch.ledger.events(began[0].stream) if began else ()
        done = _import_row(self._scratch, row, mapping, actor, mark=mark)
        if done.result not in _FAILED:
            self._mark_of[key] = mark
        elif before:
            self._mark_of[key] = self._copied(before, mark)
        # A case that the actor may not see is not named to them.
        return replace(done, case=_case_name(found[0].stream) if found and done.result != "refused" else None)

    def _new_mark(self) -> str:
        self._marks += 1
        return f" {self._marks}"

    def _copied(self, events: Sequence[Event], old_mark: str) -> str:
        """Copy a case under a new mark, and return the mark."""
        mark = self._new_mark()
        _copy_events(events, self._scratch, f"{events[0].stream}{mark}", old_mark=old_mark, mark=mark)
        return mark


def _columns_of(mapping: ImportMapping) -> list[str]:
    """Return the columns that a mapping names."""
    named = [*mapping.key, *(each.column for each in mapping.fields if each.column)]
    return [*named, *(column for column, _ in mapping.only_where.values())]


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


def _import_row(record: Record, row: PlainRow, mapping: ImportMapping, actor: str, *, mark: str = "") -> RowResult:
    case: str | None = None
    step = ""
    given = added = 0

    def result(kind: str, message: str = "") -> RowResult:
        return RowResult(sheet=row.sheet, number=row.number, result=kind, case=case, commands=added, message=message)

    try:
        if not any(row.cells[column] for column in mapping.key):
            raise BadInput("The row has nothing in the columns of the key.", do=f"fill {', '.join(mapping.key)}.")
        for step, values in list(_commands_of(row, mapping)):
            command = Command(kind=step, case=case, values=values, key=_key_of(row, mapping, step) + mark)
            done = record.do(command, actor)
            if isinstance(done, Refused):
                return result("refused", done.reason)
            case = done.case
            given += 1
            added += not done.is_repeat
    except BadInput as error:
        if "was used for another command" in error.what:
            return result("error", _CHANGED.format(step))
        return result("error", _in_words(error, step, mapping))
    if not given:
        return result("passed_over", "No command of the mapping is for a row like this.")
    if added == given:
        return result("new")
    return result("more" if added else "unchanged")


_CHANGED = (
    "The row was changed since it was imported: it says something else of '{}' than the case does."
    " To do: record a correction of the case, or mend the row."
)


def _in_words(error: BadInput, step: str, mapping: ImportMapping) -> str:
    """Return an error in the words of the spreadsheet: its column, and how the mapping says that cells are written."""
    field = str(error.where.get("field", ""))
    mapped = next((each for each in mapping.fields if (each.command, each.field) == (step, field)), None)
    do = error.do
    where = f" (field {field})" if field else ""
    if mapped is not None and mapped.column is not None:
        where = f" (column {mapped.column})"
        is_written_so = mapping.time_format or mapping.day_format
        if is_written_so and do is not None and do.startswith("write it as 20"):
            do = "mend the cell."
    elif field in _columns_of(mapping):
        where = f" (column {field})"
    return error.what + where + (f" To do: {do}" if do else "")


def _commands_of(row: PlainRow, mapping: ImportMapping) -> Iterator[tuple[str, dict[str, object]]]:
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
        return mapped.values[cell]
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
        read = datetime.strptime(cell, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - the agency's zone is added by the record
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
    try:
        read = datetime.strptime(cell, form)  # noqa: DTZ007 - the agency's zone is added by the record
    except ValueError:
        raise BadInput(
            f"The cell is not written as {form}.", field=column, do="mend the cell, or the mapping's format."
        ) from None
    return _written(read, kind)


def _written(read: datetime, kind: str) -> str:
    return read.isoformat(timespec="seconds") if kind == "instant" else read.date().isoformat()


def _key_of(row: PlainRow, mapping: ImportMapping, step: str) -> str:
    told = canonical([mapping.agency, *(row.cells.get(column, "") for column in mapping.key)])
    return f"import-{hashlib.sha256(told.encode()).hexdigest()[:32]}-{step}"


def _copy_events(events: Iterable[Event], scratch: Record, stream: str, *, old_mark: str = "", mark: str = "") -> None:
    for event in events:
        scratch.ledger.append(
            stream,
            [NewEvent(kind=event.kind, body=event.said(), kind_version=event.kind_version)],
            head=scratch.ledger.head(stream),
            actor=event.actor,
            role=event.role,
            command=event.command.removesuffix(old_mark) + mark,
            digest=event.command_digest,
        )


def _case_name(stream: str) -> str:
    return stream.removeprefix(CASE_PREFIX)
