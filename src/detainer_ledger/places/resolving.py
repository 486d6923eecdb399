"""Placing the facilities of a CSV file: its rows come back as they are, with the answers beside them."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from detainer_ledger.places.placing import Facility, Placement, Placer
from detainer_ledger.terms import BadInput

ADDED_COLUMNS = ("jurisdiction", "level", "county_fips", "confidence", "abstained", "reason")
"""Columns that are added to a file; one that the file has already is added as ``resolved_`` and its name."""

_COLUMNS = {
    "name": ("facility_name", "facility", "det_facility", "name"),
    "code": ("facility_code", "code"),
    "city": ("city", "facility_city"),
    "state": ("state", "facility_state"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """What resolving a file did: its rows, the distinct facilities among them, and how many rows were answered."""

    rows: int
    facilities: int
    with_county: int
    with_jurisdiction: int
    abstained: int


def resolve_file(
    source: Path, target: Path, placer: Placer, *, progress: Callable[[int], None] = lambda _rows: None
) -> Resolved:
    """Read a CSV file in UTF-8, place the facility of every row, and write the file with ADDED_COLUMNS.

    A name is in the first there is of ``facility_name``, ``facility``, ``det_facility``, ``name``; ``city``, ``state``
    and ``facility_code`` may be missing. The target is written aside and then put in its place. Raises BadInput for a
    file that cannot be read as CSV, or that has no column of names; there is no target then.
    """
    aside = target.with_name(f".{target.name}.part")
    # A release names few facilities in many rows: what is answered once is kept as it is written.
    answers: dict[tuple[str, ...], _Answer] = {}
    rows_written = 0
    try:
        with _rows_of(source) as (header, rows), aside.open("w", encoding="utf-8", newline="") as opened:
            places = _places_of(header, source.name)
            at = [places[part] for part in ("name", "code", "city", "state")]
            added = [f"resolved_{each}" if each in header else each for each in ADDED_COLUMNS]
            line = _LineWriter().line
            opened.write(line([*header, *added]))
            width = len(header)
            for row in rows:
                if len(row) != width:
                    row = [*row, *[""] * (width - len(row))][:width]
                key = tuple([row[place] if place >= 0 else "" for place in at])
                answer = answers.get(key)
                if answer is None:
                    placement = placer.place(Facility(name=key[0], code=key[1], city=key[2], state=key[3]))
                    answer = answers[key] = _Answer(placement, line(_cells(placement)))
                opened.write(f"{line(row)[:-1]},{answer.line}")
                answer.rows += 1
                rows_written += 1
                if rows_written % _ROWS_A_STEP == 0:
                    progress(rows_written)
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)
    placed = [(answer.placement, answer.rows) for answer in answers.values()]
    return Resolved(
        rows=rows_written,
        facilities=len(answers),
        with_county=sum(count for placement, count in placed if placement.county_fips is not None),
        with_jurisdiction=sum(count for placement, count in placed if placement.jurisdiction_id is not None),
        abstained=sum(count for placement, count in placed if placement.abstained),
    )


@dataclass(slots=True)
class _Answer:
    """What was answered, as it is written, and in how many rows so far."""

    placement: Placement
    line: str
    rows: int = 0


class _LineWriter:
    """Writes cells as a line of CSV, and hands the line back."""

    def __init__(self) -> None:
        self._line = ""
        self._writer = csv.writer(self, lineterminator="\n")

    def write(self, text: str) -> None:
        """Take what the writer of CSV writes."""
        self._line = text

    def line(self, cells: Sequence[str]) -> str:
        """Return the cells as a line."""
        self._writer.writerow(cells)
        return self._line


_ROWS_A_STEP = 5_000
"""Progress is told after so many rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Counts of a file by jurisdiction, and the range of the number of jurisdictions.

    ``jurisdictions`` has division id, name, level and count, the largest first. ``least`` is how many there are;
    ``most`` adds every facility that has no jurisdiction, as if each were its own. ``without`` is the count that stands
    at those, ``at_placeholders`` the count at placeholders, which are no facility. ``total`` is the whole count.
    """

    jurisdictions: tuple[tuple[str, str, str, int], ...]
    least: int
    most: int
    without: int
    at_placeholders: int
    total: int


def tally_file(source: Path, placer: Placer, *, count_column: str, where: Mapping[str, frozenset[str]]) -> Tally:
    """Add up a column of counts of a CSV file by the jurisdiction of each row's facility.

    ``where`` keeps the rows whose columns have one of the values. Raises BadInput for a file that cannot be read, a
    column that is missing, and a count that is no whole number.
    """
    counts: Counter[Facility] = Counter()
    with _rows_of(source) as (header, rows):
        places = _places_of(header, source.name)
        missing = next((name for name in (count_column, *where) if name not in header), None)
        if missing is not None:
            raise BadInput(
                f"There is no column '{missing}'.", file=source.name, row=1, do=f"choose among {', '.join(header)}."
            )
        at = header.index(count_column)
        kept = {header.index(name): values for name, values in where.items()}
        for number, row in enumerate(rows, start=2):
            if any(place >= len(row) or row[place] not in values for place, values in kept.items()):
                continue
            if at >= len(row) or not row[at].strip().isdigit():
                raise BadInput(
                    "The count is no whole number.", file=source.name, row=number, column=count_column, do="repair it."
                )
            counts[_facility_of(row, places)] += int(row[at])
    return _tally({facility: placer.place(facility) for facility in counts}, counts)


def _tally(placed: Mapping[Facility, Placement], counts: Mapping[Facility, int]) -> Tally:
    known: Counter[tuple[str, str, str]] = Counter()
    without = at_placeholders = unknown = 0
    for facility, count in counts.items():
        answer = placed[facility]
        if not count:
            continue
        if answer.jurisdiction_id is not None:
            known[answer.jurisdiction_id, answer.jurisdiction_name or "", answer.level or ""] += count
        elif answer.rule.startswith("placeholder/") or answer.rule == "no-name":
            at_placeholders += count
        else:
            unknown += 1
            without += count
    ordered = sorted(known.items(), key=lambda each: (-each[1], each[0]))
    divisions = {division for division, _, _ in known}
    return Tally(
        jurisdictions=tuple((*key, count) for key, count in ordered),
        least=len(divisions),
        most=len(divisions) + unknown,
        without=without,
        at_placeholders=at_placeholders,
        total=sum(counts.values()),
    )


@contextmanager
def _rows_of(source: Path) -> Iterator[tuple[list[str], Iterator[list[str]]]]:
    try:
        opened = source.open("r", encoding="utf-8-sig", newline="")
    except FileNotFoundError:
        raise BadInput("There is no such file.", file=str(source), do="look at the spelling of the path.") from None
    except OSError as error:
        raise BadInput(
            f"The file cannot be read: {error.strerror}.", file=str(source), do="look at the path and its permissions."
        ) from None
    with opened:
        reader = csv.reader(opened, strict=False)
        rows = _checked(reader, source.name)
        header = next(rows, None)
        if not header:
            raise BadInput(
                "The file is empty.", file=source.name, do="give a CSV file whose first row names its columns."
            )
        yield header, rows


def _checked(reader: Iterator[list[str]], file: str) -> Iterator[list[str]]:
    line = 0
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except UnicodeDecodeError:
            raise BadInput(
                "The file is not UTF-8 text.", file=file, row=line + 1, do="save it as CSV in UTF-8."
            ) from None
        except csv.Error as error:
            raise BadInput(f"The file is not CSV: {error}.", file=file, row=line + 1, do="save it as CSV.") from None
        except IsADirectoryError:
            raise BadInput("A folder was given where a file is needed.", file=file, do="name a CSV file.") from None
        line += 1
        if row:
            yield row


def _places_of(header: Sequence[str], file: str) -> dict[str, int]:
    folded = [column.strip().lower() for column in header]
    places = {
        part: next((folded.index(name) for name in names if name in folded), -1) for part, names in _COLUMNS.items()
    }
    if places["name"] < 0:
        raise BadInput(
            "No column holds the names of facilities.",
            file=file,
            row=1,
            do="name the columns facility_name, city and state; the city may be empty.",
        )
    return places


def _facility_of(row: Sequence[str], places: dict[str, int]) -> Facility:
    return Facility(**{part: row[place] if 0 <= place < len(row) else "" for part, place in places.items()})


def _cells(placement: Placement) -> tuple[str, ...]:
    return (
        placement.jurisdiction_id or "",
        placement.level or "",
        placement.county_fips or "",
        "" if placement.confidence is None else f"{placement.confidence:.4f}",
        "true" if placement.abstained else "false",
        placement.reason,
    )
