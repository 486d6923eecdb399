"""An agency's own spreadsheet into the record: a mapping file says which column means what.

Every row is one detainer that the agency received, and becomes the commands that its cells tell of. A row is known by
the columns that the mapping names as its key: the same row twice changes nothing, and a row that was changed since is
told, because a record is corrected, not overwritten. A row is imported whole or not at all.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from detainer_ledger.casework.access import Act
from detainer_ledger.casework.giving import Command, Refused
from detainer_ledger.casework.import_mapping import ImportMapping, columns_of, commands_of
from detainer_ledger.casework.record import CASE_PREFIX, SETUP, Record
from detainer_ledger.ledger import Event, NewEvent, canonical, create_ledger
from detainer_ledger.releases import PlainRow, plain_rows
from detainer_ledger.terms import BadInput

RESULTS = ("new", "more", "unchanged", "passed_over", "refused", "error")
"""What can become of a row."""

_FAILED = frozenset({"error", "refused"})


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
    rows = list(plain_rows(path, needed=columns_of(mapping), sheets=mapping.sheets))
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
    rows = list(plain_rows(path, needed=columns_of(mapping), sheets=mapping.sheets))
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


def _import_row(record: Record, row: PlainRow, mapping: ImportMapping, actor: str, *, mark: str = "") -> RowResult:
    case: str | None = None
    step = ""
    given = added = 0

    def result(kind: str, message: str = "") -> RowResult:
        return RowResult(sheet=row.sheet, number=row.number, result=kind, case=case, commands=added, message=message)

    try:
        if not any(row.cells[column] for column in mapping.key):
            raise BadInput("The row has nothing in the columns of the key.", do=f"fill {', '.join(mapping.key)}.")
        if row.n_cells != len(row.cells) and (row.sheet is None or row.n_cells > len(row.cells)):
            raise BadInput(
                f"The row has {row.n_cells} cells, and the header names {len(row.cells)}.",
                do="look whether the file is whole, and for a delimiter inside a cell without quotation marks; an empty"
                " cell at the end has its delimiter too.",
            )
        for step, values in list(commands_of(row, mapping)):
            command = Command(
                kind=step, case=case, values=values, key=_key_of(row, mapping, step) + mark, zone=mapping.zone
            )
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
    elif field in columns_of(mapping):
        where = f" (column {field})"
    return error.what + where + (f" To do: {do}" if do else "")


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
