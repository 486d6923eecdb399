"""How a synthetic release falls into files and sheets, by layout."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from detainer_ledger.releases.layouts import Layout, LayoutColumn, fold_header, layout
from detainer_ledger.terms import BadInput

ISO, MDY_SHORT, MDY_LONG = "%Y-%m-%d", "%-m/%-d/%y", "%-m/%-d/%Y"
"""How a sheet writes its dates."""

FORMATS = ("csv", "parquet", "xlsx")

MOST_EXCEL_ROWS = 1_048_576


@dataclass(frozen=True, slots=True)
class Published:
    """One column of a file: its header as written there, and what the layout says about it."""

    header: str
    column: LayoutColumn


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """What is peculiar to a layout; shares are per thousand of the rows.

    ``blank_first`` and ``blank_last`` are the shares without a lift reason at the window's two ends: old rows are
    better resolved than recent ones.
    """

    window: tuple[date, date]
    era: str
    blank_first: int
    blank_last: int
    declines_percent: int
    preamble: int
    delimiter: str = ","
    has_forms_from: date = date.min


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A run of rows, ``start`` to ``start + rows - 1`` of the release, that goes to one sheet or text file."""

    file: str
    name: str
    start: int
    rows: int
    first_day: date
    last_day: date
    columns: tuple[Published, ...]
    date_style: str

    @property
    def days(self) -> int:
        """Length of the sheet's own window."""
        return (self.last_day - self.first_day).days + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A whole release before it is written."""

    layout: Layout
    style: Style
    seed: int
    rows: int
    file_format: str
    defects: bool
    sheets: tuple[Sheet, ...]

    @property
    def header_rows(self) -> int:
        """Rows of a sheet above the data: preamble and header in a workbook, the header elsewhere.

        The column names of a Parquet file count as one, so that a row has the same number as in text.
        """
        return self.style.preamble + 1 if self.file_format == "xlsx" else 1

    @property
    def is_typed(self) -> bool:
        """Tell whether dates and numbers are stored as such: only Parquet can, and only without defects."""
        return self.file_format == "parquet" and not self.defects


_STYLES: dict[str, Style] = {
    "npr-2015": Style(
        window=(date(2007, 10, 1), date(2015, 7, 19)), era="2007", blank_first=300, blank_last=640,
        declines_percent=40, preamble=0, has_forms_from=date(2014, 10, 1),
    ),
    "npr-2017": Style(
        window=(date(2008, 10, 1), date(2017, 6, 30)), era="2007", blank_first=300, blank_last=640,
        declines_percent=40, preamble=0, delimiter="\t",
    ),
    "icfo-18038": Style(
        window=(date(2017, 6, 18), date(2025, 3, 15)), era="2025", blank_first=200, blank_last=560,
        declines_percent=150, preamble=6,
    ),
    "cilp-2025": Style(
        window=(date(2023, 9, 1), date(2025, 10, 15)), era="2025", blank_first=230, blank_last=570,
        declines_percent=150, preamble=6,
    ),
    "icli-2026-03": Style(
        window=(date(2022, 10, 1), date(2026, 3, 10)), era="2025", blank_first=150, blank_last=520,
        declines_percent=150, preamble=6,
    ),
    "icli-2026-08": Style(
        window=(date(2022, 10, 1), date(2026, 8, 6)), era="2025", blank_first=150, blank_last=560,
        declines_percent=150, preamble=6,
    ),
    "ddp-clean": Style(
        window=(date(2022, 10, 1), date(2026, 3, 10)), era="2025", blank_first=150, blank_last=520,
        declines_percent=150, preamble=0,
    ),
}  # fmt: skip
"""By layout. Shares of blanks after domain reference 4.1; the decline shares scale those of the facilities."""

_NPR_SPELLINGS: tuple[dict[str, str] | None, ...] = (
    None,
    {
        "issued_on": "date", "lift_reason_raw": "lift_reason", "facility_name": "det_facility",
        "facility_city": "city", "facility_state": "state", "form_raw": "detainer_type",
    },
    {
        "published_row": "source_row", "issued_on": "prepare_date", "form_raw": "detainer_type",
        "facility_name": "det_facility", "facility_state": "state", "facility_city": "city",
        "lift_reason_raw": "lift_reason",
    },
)  # fmt: skip
"""The spellings in which npr-2015 circulates: ICE's own, and those of two public copies (domain reference 5.1)."""


def plan_release(*, rows: int, seed: int, layout_id: str, file_format: str, defects: bool) -> Plan:
    """Lay out a release. Raises BadInput for a layout or format that cannot be made."""
    described = layout(layout_id)
    if layout_id not in _STYLES:
        raise BadInput(
            f"No synthetic release can be made of layout '{layout_id}'.", do=f"choose one of: {', '.join(_STYLES)}."
        )
    if file_format not in FORMATS:
        raise BadInput(f"There is no format '{file_format}'.", do=f"choose one of: {', '.join(FORMATS)}.")
    if rows < 1:
        raise BadInput(f"A release needs at least one row, not {rows}.", do="ask for 1 row or more.")
    style = _STYLES[layout_id]
    sheets = _sheets(described, style, rows=rows, file_format=file_format)
    largest = max(sheet.rows for sheet in sheets)
    if file_format == "xlsx" and largest + style.preamble + 1 > MOST_EXCEL_ROWS:
        raise BadInput(
            f"A sheet would have {largest:,} rows, and Excel holds {MOST_EXCEL_ROWS:,}.",
            do="ask for fewer rows, or for csv or parquet.",
        )
    return Plan(
        layout=described, style=style, seed=seed, rows=rows, file_format=file_format, defects=defects, sheets=sheets
    )


def _sheets(described: Layout, style: Style, *, rows: int, file_format: str) -> tuple[Sheet, ...]:
    """Cut the rows by time. A period that gets no row gets no sheet: a header alone is a fault, not a release."""
    naming = _NAMING[described.id]
    parts = _parts(described.id, style)
    total = sum((last - first).days + 1 for first, last, _ in parts)
    made: list[Sheet] = []
    passed = 0
    for number, (first, last, half) in enumerate(parts):
        start = rows * passed // total
        passed += (last - first).days + 1
        if (count := rows * passed // total - start) == 0:
            continue
        book, sheet = naming(fiscal_year(first), half)
        columns, date_style = _columns(described, number=number, fiscal=fiscal_year(first), file_format=file_format)
        several = described.id in {"icfo-18038", "icli-2026-08"}
        stem = book if file_format == "xlsx" or not several else f"{book}_{sheet}".replace(" ", "_")
        made.append(
            Sheet(
                file=f"SYNTHETIC_{stem}.{file_format}",
                name=sheet if file_format == "xlsx" else f"SYNTHETIC_{stem}",
                start=start, rows=count, first_day=first, last_day=last, columns=columns, date_style=date_style,
            )
        )  # fmt: skip
    return tuple(made)


def fiscal_year(day: date) -> int:
    """Return the federal fiscal year, October to September, named by its end."""
    return day.year + (day.month >= 10)


def _parts(layout_id: str, style: Style) -> list[tuple[date, date, int]]:
    """Return first day, last day and half (0 where undivided) of every sheet."""
    first, last = style.window
    if layout_id in {"cilp-2025", "ddp-clean"}:
        return [(first, last, 0)]
    parts: list[tuple[date, date, int]] = []
    while first <= last:
        end = min(date(fiscal_year(first), 9, 30), last)
        if layout_id == "icli-2026-08":
            middle = first + timedelta(days=(end - first).days // 2)
            parts += [(first, middle, 1), (middle + timedelta(days=1), end, 2)]
        else:
            parts.append((first, end, 0))
        first = end + timedelta(days=1)
    return parts


def _icfo_name(fiscal: int, _half: int) -> tuple[str, str]:
    opening = 2017 + (fiscal - 2017) // 3 * 3
    return f"2025-ICFO-18038_Detainers_FY{opening % 100}-FY{(opening + 2) % 100}_Redacted", f"FY{fiscal}"


_NAMING: dict[str, Callable[[int, int], tuple[str, str]]] = {
    "npr-2015": lambda fiscal, _: (f"FOIA_15-06333_detainers_fy{fiscal}", "FOIA 15-06333 Detail"),
    "npr-2017": lambda fiscal, _: (f"detainersfy{fiscal % 100}_raw", "Detainers"),
    "icfo-18038": _icfo_name,
    "cilp-2025": lambda *_: ("2025-ICLI-00019_2024-ICFO-39357_ERO_Detainers_Redacted", "Detainers"),
    "icli-2026-03": lambda fiscal, _: (f"2026-ICLI-00005_Detainers_FY{fiscal % 100}_20260311_Redacted", f"FY{fiscal}"),
    "icli-2026-08": lambda fiscal, half: (
        f"2026-ICLI-00005_DPR_FY{fiscal % 100}_20260807_Redacted",
        f"FY{fiscal} Part {half}",
    ),
    "ddp-clean": lambda *_: ("detainers-latest", "Sheet 1"),
}
"""Name of the workbook without ending, and of the sheet, by layout."""


def _columns(described: Layout, *, number: int, fiscal: int, file_format: str) -> tuple[tuple[Published, ...], str]:
    """Return the published columns of one sheet in order, and how it writes dates."""
    columns = described.columns
    if described.id == "npr-2015":
        spelling = _NPR_SPELLINGS[number % 3] if file_format == "csv" else None
        if spelling is None:
            return _as_published(columns[:6]), MDY_SHORT if file_format == "csv" else ISO
        by_name = {column.name: column for column in columns}
        return tuple(Published(header, by_name[name]) for name, header in spelling.items()), ISO
    if described.id == "npr-2017":
        return _as_published(columns, underscores=True), (MDY_SHORT, MDY_LONG, ISO)[number % 3]
    if described.id == "ddp-clean":
        last = next(place for place, column in enumerate(columns) if column.name == "published_row")
        return _as_published(columns[: last + 1]), ISO
    if described.id == "icli-2026-03" and fiscal <= 2024:
        return _as_published(tuple(column for column in columns if column.name != "birth_date")), ISO
    return _as_published(columns, underscores=described.id == "icfo-18038"), ISO


def _as_published(columns: tuple[LayoutColumn, ...], *, underscores: bool = False) -> tuple[Published, ...]:
    return tuple(
        Published(column.header.replace(" ", "_") if underscores else column.header, column) for column in columns
    )


@cache
def identifier_header(layout_id: str) -> str | None:
    """Return the header of the person's identifier, None in a layout without one."""
    column = layout(layout_id).column("person_key")
    return column.header if column else None


def detention_identifier_header(layout_id: str) -> str | None:
    """Return the header under which a detentions file of that release names the identifier.

    It is the release's own where the detentions layout knows it.
    """
    own = identifier_header(layout_id)
    known = layout("icli-2026-03-detentions").column("person_key")
    if own is None or known is None:
        return None
    return own if fold_header(own) in known.spellings() else known.header
