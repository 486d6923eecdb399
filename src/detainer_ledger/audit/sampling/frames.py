"""Frames: the list of all units that a sample is drawn from, its canonical text, and the digest of that text.

The canonical text is the file frame.csv byte for byte: UTF-8, the header ``id,stratum``, then one line for each unit in
the order of ids by code point, every line ended by one line feed; a field stands in double quotes only where it holds a
comma or a double quote, which is then doubled (RFC 4180). ``sha256sum frame.csv`` prints the frame's digest.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import datetime
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

from detainer_ledger.audit.values import Frame, Unit
from detainer_ledger.measures import GROUPS, open_source
from detainer_ledger.tables import harmless, identifier, is_formula
from detainer_ledger.terms import BadInput

COLUMNS = ("id", "stratum")
"""Columns of frame.csv."""

LONGEST = 200
"""Characters that an id or the name of a stratum may have."""

NOT_RECORDED = "not recorded"
"""Stratum of the detainers of a store whose column is empty."""

_TOLD = 5


def frame_of_units(
    units: Iterable[Unit], *, title: str, source: str, source_sha256: str | None, made_at: datetime
) -> Frame:
    """Return the frame of these units, in the order of ids.

    ``source`` says where the list is from, ``source_sha256`` the digest of that file. Raises BadInput where there is no
    unit, an id twice, some units with a stratum and some without, or an id or stratum that is empty, too long or not
    printable.
    """
    ordered = tuple(sorted(units, key=lambda unit: unit.id))
    if not ordered:
        raise BadInput("The frame has no unit.", do="give a list with at least one.")
    if not title.strip() or not title.isprintable():
        raise BadInput("The frame needs a title of printable characters in one line.", do="give one with --title.")
    for unit in ordered:
        fault = fault_of_id(unit.id) or (unit.stratum and fault_of_stratum(unit.stratum))
        if fault:
            raise BadInput(fault, unit=_shown(unit.id), do="give each unit an id that can be printed.")
    twice = [one.id for one, other in pairwise(ordered) if one.id == other.id]
    if twice:
        raise BadInput("A unit is in the frame twice.", unit=_shown(twice[0]), do="list each file once.")
    if len({bool(unit.stratum) for unit in ordered}) > 1:
        lacking = next(unit.id for unit in ordered if not unit.stratum)
        raise BadInput("Some units have a stratum and some have none.", unit=_shown(lacking), do="name one for each.")
    return Frame(
        title=title.strip(),
        source=source,
        source_sha256=source_sha256,
        made_at=made_at,
        units=ordered,
        sha256=sha256(frame_text(ordered)).hexdigest(),
    )


def frame_text(units: Sequence[Unit]) -> bytes:
    """Return the canonical text of units that stand in the order of ids: the bytes of frame.csv."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((unit.id, unit.stratum) for unit in units)
    return target.getvalue().encode()


def units_of_text(text: bytes) -> tuple[Unit, ...]:
    """Return the units of a canonical text. Raises ValueError for one that is not, with what is wrong."""
    rows = list(csv.reader(io.StringIO(text.decode("utf-8"), newline=""), strict=True))
    if not rows or tuple(rows[0]) != COLUMNS:
        raise ValueError(f"its header is not {','.join(COLUMNS)}")
    if any(len(row) != len(COLUMNS) for row in rows):
        raise ValueError("a row has not two cells")
    return tuple(Unit(id=row[0], stratum=row[1]) for row in rows[1:])


def fault_of_id(text: str) -> str:
    """Return what is wrong with an id, "" if nothing is."""
    return _fault(text, "The id")


def fault_of_stratum(text: str) -> str:
    """Return what is wrong with the name of a stratum, "" if nothing is."""
    return _fault(text, "The stratum")


def _fault(text: str, what: str) -> str:
    if not text:
        return f"{what} is empty."
    if len(text) > LONGEST:
        return f"{what} has {len(text):,} characters; at most {LONGEST} are allowed."
    if not text.isprintable() or text != text.strip():
        return f"{what} has characters that cannot be seen, such as a tab, a line break or a blank at its end."
    if is_formula(text):
        return f"{what} begins with a sign that makes a spreadsheet program run it as a formula."
    return ""


def _shown(text: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in text[:60])


def frame_of_csv(path: Path, *, title: str, id_column: str, by: str | None, made_at: datetime) -> Frame:
    """Return the frame of a CSV file: one unit a row, its id in ``id_column``, its stratum in ``by``.

    Blanks around a cell are left out. Raises BadInput, naming file, row and column, for a file that is empty, is not
    UTF-8 or not CSV, lacks a column, or has an id that is empty, twice, too long or not printable; nothing is skipped.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(f"The file cannot be read: {error.strerror}.", file=str(path), do="look at the path.") from None
    rows = _rows(content, path.name)
    header = [cell.strip() for cell in rows[0][1]]
    places = [_place(header, id_column, path.name, "--id"), _place(header, by, path.name, "--by") if by else None]
    units, faults = _units(rows[1:], len(header), places, (id_column, by or ""))
    if faults:
        raise _all_faults(faults, path.name)
    if not units:
        raise BadInput("The file has a header and no row.", file=path.name, do="list one file in each row.")
    return frame_of_units(
        units, title=title, source=path.name, source_sha256=sha256(content).hexdigest(), made_at=made_at
    )


def _rows(content: bytes, name: str) -> list[tuple[int, list[str]]]:
    """Return the rows that have a cell, each with its number, 1 for the header."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadInput(
            "The file is not UTF-8 text.", file=name, row=line, do="save it as CSV in UTF-8 and give it again."
        ) from None
    try:
        read = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise BadInput(f"The file is no CSV: {error}.", file=name, do="save it as CSV, parted by commas.") from None
    rows = [(number, row) for number, row in enumerate(read, start=1) if any(cell.strip() for cell in row)]
    if not rows:
        raise BadInput("The file is empty.", file=name, do="give a CSV with a header and one row for each file.")
    return rows


def _place(header: Sequence[str], column: str, name: str, option: str) -> int:
    if header.count(column) == 1:
        return header.index(column)
    if column in header:
        raise BadInput("The file has two columns of this name.", file=name, column=column, do="rename one of them.")
    shown = ", ".join(_shown(each) for each in header[:12])
    raise BadInput(
        f"The file has no column '{column}'.", file=name, do=f"name one of its columns with {option}: {shown}."
    )


def _units(
    rows: Iterable[tuple[int, list[str]]], width: int, places: Sequence[int | None], columns: tuple[str, str]
) -> tuple[list[Unit], list[tuple[str, int, str | None]]]:
    """Return the units, and the faults: what is wrong, row and column."""
    id_place, by_place = places
    units: list[Unit] = []
    faults: list[tuple[str, int, str | None]] = []
    first_row: dict[str, int] = {}
    for number, row in rows:
        if len(row) != width:
            faults.append((f"The row has {len(row)} cells where the header has {width}.", number, None))
            continue
        unit_id = row[id_place or 0].strip()
        stratum = row[by_place].strip() if by_place is not None else ""
        if fault := fault_of_id(unit_id):
            faults.append((fault, number, columns[0]))
        elif unit_id in first_row:
            faults.append((f"The id stands in row {first_row[unit_id]} already.", number, columns[0]))
        elif by_place is not None and (fault := fault_of_stratum(stratum)):
            faults.append((fault, number, columns[1]))
        first_row.setdefault(unit_id, number)
        units.append(Unit(id=unit_id, stratum=stratum))
    return units, faults


def _all_faults(faults: Sequence[tuple[str, int, str | None]], name: str) -> BadInput:
    """Return one error that names the first fault in full and the rows of the others."""
    what, row, column = faults[0]
    others = ", ".join(str(number) for _what, number, _column in faults[1 : _TOLD + 1])
    more = len(faults) - 1 - _TOLD
    rest = f" and {more:,} more" if more > 0 else ""
    also = f" Something is wrong in these rows, too: {others}{rest}." if others else ""
    return BadInput(what + also, file=name, row=row, column=column, do="correct the list; no row is left out for you.")


def frame_of_store(path: Path, *, title: str, by: str | None, made_at: datetime, releases: Sequence[str] = ()) -> Frame:
    """Return the frame of the detainers of a store, rows marked as repeats left out, each with its detainer_id.

    ``by`` is a group of measures, as ``state``; a detainer without a value is in the stratum NOT_RECORDED. The source
    names the releases; their digest is the SHA-256 over the digests of their files, in order, each with a line feed.
    Raises BadInput for a group or release that there is not, StoreError for a store that cannot be read.
    """
    if by is not None and by not in GROUPS:
        raise BadInput(f"There is no column '{by}' to stratify by.", do="choose among: " + ", ".join(GROUPS) + ".")
    with closing(open_source(path)) as opened:
        kept = opened.source.only(tuple(releases))
        present = opened.engine.columns()
        stratum = "NULL" if by is None else _stratum_sql(by, present)
        tests = ["duplicate_kind IS NULL"] if "duplicate_kind" in present else []
        chosen = {each.release_id for each in kept.releases}
        _names, rows = opened.engine.run(
            f"SELECT detainer_id, {stratum}, release_id FROM {opened.engine.table}"
            + (f" WHERE {' AND '.join(tests)}" if tests else "")
        )
    units = (
        Unit(id=str(unit_id), stratum="" if by is None else _stratum(value))
        for unit_id, value, release in rows
        if release in chosen
    )
    digests = [digest for each in kept.releases for digest in each.sha256]
    return frame_of_units(
        units,
        title=title,
        source="detainers of " + ", ".join(each.release_id for each in kept.releases),
        source_sha256=sha256("".join(f"{each}\n" for each in digests).encode()).hexdigest() if digests else None,
        made_at=made_at,
    )


def _stratum_sql(by: str, present: frozenset[str]) -> str:
    column, otherwise = GROUPS[by]
    if column in present:
        return identifier(column)
    if not otherwise:
        raise BadInput(f"The store has no column for '{by}'.", do="stratify by another.")
    return otherwise.format(day="issued_on")


def _stratum(value: object) -> str:
    text = "" if value is None else "".join(sign if sign.isprintable() else " " for sign in str(value)).strip()
    return str(harmless(text[: LONGEST - 1])) or NOT_RECORDED
