"""The synthetic releases are what their truth says, counted here once more from the raw files by another road."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detainer_ledger.releases.layouts import Layout, fold_header, layout, layouts, match_header
from detainer_ledger.releases.synthetic import release, synthesize, synthesize_detentions, truth
from detainer_ledger.releases.synthetic.plan import plan_release
from detainer_ledger.releases.synthetic.roles import BLOCK, roster
from detainer_ledger.releases.synthetic.writing import written_aside
from detainer_ledger.terms import BadInput, fold_label, lift_reason_by_label, state_code

LAYOUTS = [each.id for each in layouts().values() if each.kind == "detainers"]
IDENTIFIED = [name for name in LAYOUTS if layout(name).column("person_key")]
REDACTED = re.compile(r"(?i)^\s*(?:\(?b\)?\s*\(\d\)\s*(?:\([a-z]\)|[a-z])?[\s,;]*)+$")
SEED = 7

Row = tuple[str, str, int, list[str]]


@pytest.fixture(scope="module")
def csv_release(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return a function that makes a release as CSV once for each layout: its folder and its truth."""

    @cache
    def make(layout_id: str) -> tuple[Path, dict[str, Any]]:
        out = tmp_path_factory.mktemp(layout_id)
        paths = synthesize(rows=4 * BLOCK + 9, seed=SEED, layout_id=layout_id, file_format="csv", out=out)
        return out, json.loads(paths[-1].read_text("utf-8"))

    return make


def clean(text: str | None) -> str | None:
    """Return a cell without outer blanks, None where it is a marker or empty."""
    stripped = (text or "").strip()
    return None if stripped in {"", "NA", "N/A"} or REDACTED.match(stripped) else stripped


def day_of(text: str | None, described: Layout) -> date | None:
    """Read an issue date in every way in which one is written, None outside the layout's window."""
    stripped = (text or "").strip()
    found = None
    if re.fullmatch(r"\d{5}", stripped):
        found = date(1899, 12, 30) + timedelta(days=int(stripped))
    for form in ("%Y-%m-%d", "%m/%d/%y", "%m/%d/%Y", "%m/%d/%Y %I:%M %p"):
        try:
            found = found or datetime.strptime(stripped, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    if found and described.issued_from and found < described.issued_from:
        return None
    return None if found and described.issued_to and found > described.issued_to else found


def csv_rows(folder: Path, told: dict[str, Any]) -> Iterator[tuple[str, str, list[list[str]]]]:
    """Yield file, sheet and records of every text file, in the order of the truth."""
    delimiter = "\t" if told["layout"] == "npr-2017" else ","
    for each in told["files"]:
        with (folder / each["name"]).open(newline="", encoding="utf-8") as stream:
            yield each["name"], each["sheets"][0]["name"], list(csv.reader(stream, delimiter=delimiter))


class Recount:
    """Counts a release row by row in plain Python, from the cells as published."""

    def __init__(self, layout_id: str) -> None:
        self.layout = layout(layout_id)
        self.rows: Counter[str] = Counter()
        self.sheets: list[tuple[str, int, int, int, int]] = []
        self.outcomes: Counter[str] = Counter()
        self.outcomes_first: Counter[str] = Counter()
        self.months: Counter[str] = Counter()
        self.declined_years: Counter[str] = Counter()
        self.places: dict[tuple[str | None, str | None], list[int]] = {}
        self.duplicates: Counter[str] = Counter()
        self.marked: dict[str, list[list[str | int]]] = {"exact": [], "likely": []}
        self.unidentified = 0
        self._whole: set[tuple[str, ...]] = set()
        self._same_day: set[tuple[str, date]] = set()

    def add(self, file: str, sheet: str, records: list[list[str]]) -> None:
        match = match_header(records[:20])
        assert match is not None
        assert match.layout.id == self.layout.id
        at = {each.column.name: each.position for each in match.columns}
        counts: Counter[str] = Counter()
        for number, cells in enumerate(records[match.row :], start=match.row + 1):
            counts["rows"] += 1
            if not any(cells):
                counts["blank"] += 1
            elif cells == records[match.row - 1]:
                counts["header"] += 1
            else:
                counts["records"] += 1
                self._record(file, sheet, number, cells, {name: cells[place] for name, place in at.items()})
        self.sheets.append((sheet, counts["rows"], counts["blank"], counts["header"], counts["records"]))

    def _record(self, file: str, sheet: str, number: int, cells: list[str], cell: dict[str, str]) -> None:
        issued = day_of(cell["issued_on"], self.layout)
        outcome = self._outcome(cell["lift_reason_raw"])
        kind = self._duplicate(tuple(cells), clean(cell.get("person_key")), issued)
        self.outcomes[outcome] += 1
        if kind is None:
            self.outcomes_first[outcome] += 1
        else:
            self.duplicates[kind] += 1
            self.marked[kind].append([file, sheet, number])
        if issued:
            self.months[f"{issued:%Y-%m}"] += 1
            self.declined_years[f"{issued:%Y}"] += outcome == "declined_by_agency"
        sums = self.places.setdefault((clean(cell["facility_name"]), state_code(clean(cell["facility_state"]))), [0, 0])
        sums[0] += outcome == "declined_by_agency"
        sums[1] += 1
        self.unidentified += clean(cell.get("person_key")) is None

    @staticmethod
    def _outcome(text: str) -> str:
        label = clean(text)
        reason = lift_reason_by_label().get(fold_label(label or ""))
        return "pending_or_unrecorded" if label is None else reason.outcome.value if reason else "other"

    def _duplicate(self, cells: tuple[str, ...], person: str | None, issued: date | None) -> str | None:
        if person is None or not self.layout.marks_duplicates:
            return None
        kind = "exact" if cells in self._whole else "likely" if (person, issued) in self._same_day else None
        self._whole.add(cells)
        if issued:
            self._same_day.add((person, issued))
        return kind

    def agrees_with(self, told: dict[str, Any]) -> None:
        keys = ("name", "rows", "blank_rows", "repeated_headers", "records")
        assert self.sheets == [tuple(each[k] for k in keys) for file in told["files"] for each in file["sheets"]]
        assert sum(each[1] for each in self.sheets) == told["rows"]
        assert sum(each[4] for each in self.sheets) == told["records"]
        assert self.outcomes == Counter(told["outcomes"])
        assert self.outcomes_first == Counter(told["outcomes_without_duplicates"])
        assert self.duplicates == Counter(told["duplicates"])
        assert self.months == Counter(told["by_month"])
        assert self.declined_years == Counter(told["declined_by_year"])
        assert self.unidentified == told["records_without_identifier"]
        listed = {(name, state): [declined, n] for name, state, declined, n in told["declined_by_facility_state"]}
        assert self.places == listed
        for kind, rows in self.marked.items():
            assert rows == told["defect_rows"].get(f"duplicate/{kind}", [])


@pytest.mark.parametrize("layout_id", LAYOUTS)
def test_the_truth_equals_a_count_of_the_raw_csv(csv_release: Any, layout_id: str) -> None:
    folder, told = csv_release(layout_id)
    recount = Recount(layout_id)
    for file, sheet, records in csv_rows(folder, told):
        recount.add(file, sheet, records)
    recount.agrees_with(told)
    if layout(layout_id).marks_duplicates:
        assert told["duplicates"]["exact"] > 2
        assert told["duplicates"]["likely"] > 2


@pytest.mark.parametrize("layout_id", ["npr-2015", "icli-2026-08"])
def test_the_truth_equals_a_count_of_the_raw_workbooks(tmp_path: Path, layout_id: str) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    *_, last = synthesize(rows=BLOCK, seed=SEED, layout_id=layout_id, file_format="xlsx", out=tmp_path)
    told = json.loads(last.read_text("utf-8"))
    recount = Recount(layout_id)
    for each in told["files"]:
        book = openpyxl.load_workbook(tmp_path / each["name"], read_only=True)
        names = [name for name in book.sheetnames if name != "README"]
        assert names == [sheet["name"] for sheet in each["sheets"]]
        assert ("README" in book.sheetnames) == (layout_id == "npr-2015")
        for name in names:
            cells = [[as_text(value) for value in row] for row in book[name].iter_rows(values_only=True)]
            width = max(len(row) for row in cells)
            recount.add(each["name"], name, [row + [""] * (width - len(row)) for row in cells])
            assert ("SYNTHETIC" in cells[0][0]) == (layout_id != "npr-2015")
        book.close()
    recount.agrees_with(told)


def as_text(value: object) -> str:
    return "" if value is None else value.date().isoformat() if isinstance(value, datetime) else str(value)


@pytest.mark.parametrize("layout_id", LAYOUTS)
@pytest.mark.parametrize("file_format", ["parquet", "xlsx"])
def test_every_layout_is_recognised_in_every_format(tmp_path: Path, layout_id: str, file_format: str) -> None:
    *paths, _ = synthesize(rows=1, seed=SEED, layout_id=layout_id, file_format=file_format, out=tmp_path)
    assert all(path.name.startswith("SYNTHETIC_") for path in paths)
    for path in paths:
        match = match_header(first_rows(path))
        assert match is not None
        assert match.layout.id == layout_id
        assert match.unknown == ()
        assert match.missing == ()
        assert match.row == (7 if file_format == "xlsx" and layout_id.startswith(("i", "c")) else 1)


def first_rows(path: Path) -> list[list[str]]:
    if path.suffix == ".parquet":
        import pyarrow.parquet

        schema = pyarrow.parquet.read_schema(path)
        assert pyarrow.parquet.read_metadata(path).metadata[b"synthetic"] == b"true"
        return [schema.names]
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True)
    rows = [[str(cell or "") for cell in row] for row in book.worksheets[0].iter_rows(max_row=8, values_only=True)]
    assert "SYNTHETIC DATA" in book.properties.description
    book.close()
    return rows


@pytest.mark.parametrize("layout_id", LAYOUTS)
def test_every_kind_of_defect_is_there(csv_release: Any, layout_id: str) -> None:
    _, told = csv_release(layout_id)
    plan = plan_release(rows=told["rows"], seed=SEED, layout_id=layout_id, file_format="csv", defects=True)
    expected = {role.kind for role in roster(plan).roles if not role.in_pairs}
    assert expected == set(told["defects"])
    always = {"date/unreadable", "state/unknown", "lift_reason/unknown", "form/unknown", "redacted", "row/blank"}
    assert always <= expected
    if layout_id == "icli-2026-08":
        assert "date/garbage-year" in expected
    for kind, count in told["defects"].items():
        assert len(told["defect_rows"][kind]) == min(count, 1000)


def test_the_listed_rows_hold_the_defect(csv_release: Any) -> None:
    folder, told = csv_release("icli-2026-08")
    sheets = {sheet: records for _, sheet, records in csv_rows(folder, told)}

    def cells(kind: str) -> list[list[str]]:
        return [sheets[sheet][row - 1] for _, sheet, row in told["defect_rows"][kind]]

    def has(kind: str, text: str) -> bool:
        return all(any(re.search(text, cell) for cell in row) for row in cells(kind))

    assert has("date/garbage-year", r"06/14/0002 03:10 PM|/8017 |^0215-")
    assert has("state/unknown", "^(MEXICO|ONTARIO|UNKNOWN)$")
    assert has("facility/hostile", r"^[=+@-]")
    assert has("facility/quoted", r'["\n,]')
    assert has("facility/non-ascii", "[ÑÉ]")
    assert has("lift_reason/dash", "Superseding – New")
    assert has("date/with-time", r"\d\d/\d\d/\d{4} \d\d:\d\d PM")
    assert has("date/excel-serial", r"^4[4-6]\d{3}$")
    assert not any(any(row) for row in cells("row/blank"))
    assert {cell for row in cells("redacted") for cell in row if REDACTED.match(cell)} == {
        "b(6), b(7)c",
        "b(6), b(7)C",
        "(b)(6), (b)(7)(c) (b)(7)(e)",
        "(b)(6)(b)(7)(c)",
        "b(7)(e)",
    }


def test_the_day_of_bulk_entry_stands_out(csv_release: Any) -> None:
    folder, told = csv_release("cilp-2025")
    ((_, _, records),) = csv_rows(folder, told)
    on_that_day = [
        row for row in records if row[0] == told["bulk_day"] and row[1] == "MINNESOTA" and told["bulk_state"] == "MN"
    ]
    assert len(on_that_day) >= told["defects"]["date/bulk-entry"] == 32


def test_without_defects_there_are_only_blanks(tmp_path: Path) -> None:
    *paths, last = synthesize(
        rows=BLOCK * 2, seed=SEED, layout_id="cilp-2025", file_format="csv", out=tmp_path, defects=False
    )
    told = json.loads(last.read_text("utf-8"))
    records = list(csv.reader(io.StringIO(paths[0].read_text("utf-8"))))
    assert told["records"] == told["rows"] == len(records) - 1
    assert told["defects"] == told["defect_rows"] == {}
    assert told["duplicates"] == {"exact": 0, "likely": 0}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", row[0]) for row in records[1:])
    assert not any(REDACTED.match(cell) or cell.strip() != cell for row in records[1:] for cell in row if cell)
    recount = Recount("cilp-2025")
    recount.add(paths[0].name, paths[0].stem, records)
    recount.agrees_with(told)


def test_parquet_without_defects_has_types(tmp_path: Path) -> None:
    import pyarrow.parquet

    path, _ = synthesize(rows=50, seed=1, layout_id="ddp-clean", file_format="parquet", out=tmp_path, defects=False)
    types = {field.name: str(field.type) for field in pyarrow.parquet.read_schema(path)}
    assert types["detainer_prepare_date"].startswith("date32")
    assert types["birth_year"] == "int32"
    assert types["facility_state"] == "string"


@pytest.mark.parametrize("file_format", ["csv", "parquet", "xlsx"])
def test_the_same_arguments_give_the_same_bytes(tmp_path: Path, file_format: str) -> None:
    def make(name: str, seed: int) -> list[bytes]:
        asked: dict[str, Any] = {"rows": BLOCK, "layout_id": "ddp-clean", "file_format": file_format}
        return [path.read_bytes() for path in synthesize(**asked, seed=seed, out=tmp_path / name)]

    first = make("first", 1)
    assert make("second", 1) == first
    assert make("other seed", 2) != first


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_several_workers_make_what_one_makes(tmp_path: Path, file_format: str, monkeypatch: Any) -> None:
    def make(name: str) -> list[bytes]:
        asked: dict[str, Any] = {"rows": 300, "seed": 1, "layout_id": "npr-2015", "file_format": file_format}
        return [path.read_bytes() for path in synthesize(**asked, out=tmp_path / name)]

    kept_in_memory = make("small")
    monkeypatch.setattr(release, "MOST_ROWS_KEPT", 0)
    assert make("large") == kept_in_memory


def test_the_truth_of_a_large_release_has_counts_only(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(truth, "MOST_ROWS_LISTED", 10)
    *_, last = synthesize(rows=11, seed=1, layout_id="ddp-clean", file_format="csv", out=tmp_path)
    told = json.loads(last.read_text("utf-8"))
    assert "defect_rows" not in told
    assert sum(told["outcomes"].values()) == told["records"]


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(min_value=0, max_value=2**40), rows=st.integers(min_value=1, max_value=900))
def test_any_seed_and_size_agree_with_their_truth(tmp_path: Path, seed: int, rows: int) -> None:
    path, last = synthesize(rows=rows, seed=seed, layout_id="ddp-clean", file_format="csv", out=tmp_path)
    recount = Recount("ddp-clean")
    with path.open(newline="", encoding="utf-8") as stream:
        recount.add(path.name, path.stem, list(csv.reader(stream)))
    recount.agrees_with(json.loads(last.read_text("utf-8")))


def test_identifiers_and_facility_codes_cannot_be_mistaken_for_real_ones(csv_release: Any) -> None:
    folder, told = csv_release("cilp-2025")
    ((_, _, records),) = csv_rows(folder, told)
    people = [person for row in records[1:] if (person := clean(row[-1])) and person != "Unique Identifier"]
    assert all(person.startswith("synthetic-") for person in people)
    assert len(set(people)) > 1000
    assert max(Counter(people).values()) == 2
    assert all(row[9].startswith("SYN") for row in records[1:] if any(row) and row != records[0])


def test_facilities_have_a_heavy_tail(csv_release: Any) -> None:
    _, told = csv_release("npr-2015")
    placed = told["declined_by_facility_state"]
    assert any(name == "OTHER-OTHER FACILITY" and state is None and n > 100 for name, state, _, n in placed)
    assert sum(n for *_, n in placed[:100]) > told["records"] * 0.4
    assert len(placed) > 500


@pytest.mark.parametrize("layout_id", ["icli-2026-03", "cilp-2025"])
def test_linking_by_hand_finds_what_the_truth_says(csv_release: Any, tmp_path: Path, layout_id: str) -> None:
    folder, told = csv_release(layout_id)
    path, last = synthesize_detentions(
        rows=told["rows"], seed=SEED, layout_id=layout_id, file_format="csv", out=tmp_path
    )
    linked = json.loads(last.read_text("utf-8"))
    described = layout(layout_id)
    with path.open(newline="", encoding="utf-8") as stream:
        header, *stints = list(csv.reader(stream))
    match = match_header([header], kind="detentions")
    assert match is not None
    assert match.layout.id == "icli-2026-03-detentions"
    assert {"Religion", "Known Terrorist Yes No"} <= set(match.unknown)
    stays: dict[str, set[str]] = {}
    for stint in stints:
        if stint[-1]:
            stays.setdefault(stint[-1], set()).add(stint[0])
    assert sum(len(days) for days in stays.values()) <= linked["stays"]
    detainers = sorted(issued_detainers(folder, told, described))
    for window in ("30", "180", "365"):
        answered = Counter(answer(detainers, stays, int(window)))
        assert answered.total() == linked["windows"][window]["answered"]
        assert answered["pending_or_unrecorded"] == linked["windows"][window]["newly_taken_into_custody"]
        assert answered["declined_by_agency"] == linked["windows"][window]["later_custody"]
        after = Counter(told["outcomes"])
        after["taken_into_custody"] += answered["pending_or_unrecorded"]
        after["pending_or_unrecorded"] -= answered["pending_or_unrecorded"]
        assert after == Counter(linked["windows"][window]["outcomes"])
    listed = linked["answered_rows"]
    assert len(listed) + len(linked["contested_rows"]) == linked["windows"]["180"]["answered"] - only_later(linked)


def only_later(linked: dict[str, Any]) -> int:
    """Return how many contested stays have but one detainer within the listed window: those are not listed."""
    return int(linked["contested"]) - len(linked["contested_rows"])


def issued_detainers(folder: Path, told: dict[str, Any], described: Layout) -> Iterator[tuple[date, str, int, str]]:
    """Yield issue date, person, place and outcome of the detainers that can be linked, duplicates left out."""
    marked = {(sheet, row) for k in ("exact", "likely") for _, sheet, row in told["defect_rows"][f"duplicate/{k}"]}
    for _, sheet, records in csv_rows(folder, told):
        match = match_header(records[:1])
        assert match is not None
        at = {each.column.name: each.position for each in match.columns}
        for number, cells in enumerate(records[1:], start=2):
            if not any(cells) or cells == records[0] or (sheet, number) in marked:
                continue
            issued, person = day_of(cells[at["issued_on"]], described), clean(cells[at["person_key"]])
            if issued and person:
                yield issued, person, number, Recount._outcome(cells[at["lift_reason_raw"]])


def answer(detainers: list[tuple[date, str, int, str]], stays: dict[str, set[str]], window: int) -> Iterator[str]:
    """Yield the outcome of each answered detainer: the earliest free stay that begins within the window."""
    free = {person: sorted(begins) for person, begins in stays.items()}
    for issued, person, _, outcome in detainers:
        for begin in free.get(person, []):
            if timedelta(days=-2) <= datetime.fromisoformat(begin).date() - issued <= timedelta(days=window):
                free[person].remove(begin)
                yield outcome
                break


@pytest.mark.parametrize("layout_id", IDENTIFIED)
def test_detentions_name_the_identifier_as_their_release_does(tmp_path: Path, layout_id: str) -> None:
    path, _ = synthesize_detentions(rows=1, seed=1, layout_id=layout_id, file_format="csv", out=tmp_path)
    header = path.read_text("utf-8").splitlines()[0].split(",")
    own = layout(layout_id).column("person_key")
    assert own is not None
    known = layout("icli-2026-03-detentions").column("person_key")
    assert known is not None
    assert header[-1] == (own.header if fold_header(own.header) in known.spellings() else known.header)


@pytest.mark.parametrize("file_format", ["parquet", "xlsx"])
def test_detentions_in_other_formats_hold_the_same_stints(tmp_path: Path, file_format: str) -> None:
    told = []
    for each in (file_format, "csv"):
        _, last = synthesize_detentions(rows=300, seed=1, layout_id="cilp-2025", file_format=each, out=tmp_path / each)
        told.append(json.loads(last.read_text("utf-8")))
    assert told[0]["windows"] == told[1]["windows"]
    assert told[0]["files"][0]["sheets"][0]["rows"] == told[1]["files"][0]["sheets"][0]["rows"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"layout_id": "nowhere"}, "no layout"),
        ({"layout_id": "icli-2026-03-detentions"}, "No synthetic release"),
        ({"file_format": "ods"}, "no format"),
        ({"rows": 0}, "at least one row"),
        ({"layout_id": "cilp-2025", "file_format": "xlsx", "rows": 2_000_000}, "Excel holds"),
    ],
)
def test_what_cannot_be_made_is_refused_before_anything_is_written(
    tmp_path: Path, changed: dict[str, Any], said: str
) -> None:
    asked: dict[str, Any] = {"rows": 5, "seed": 1, "layout_id": "npr-2015", "file_format": "csv"} | changed
    with pytest.raises(BadInput, match=said):
        synthesize(**asked, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_detentions_of_a_release_without_identifier_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no identifier"):
        synthesize_detentions(rows=5, seed=1, layout_id="npr-2015", file_format="csv", out=tmp_path / "out")


def test_a_file_that_fails_half_way_leaves_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "file.csv"
    target.write_text("old")
    with pytest.raises(OSError, match="full"):
        fail_half_way(target)
    assert [path.name for path in tmp_path.iterdir()] == ["file.csv"]
    assert target.read_text() == "old"


def fail_half_way(target: Path) -> None:
    with written_aside(target) as aside:
        aside.write_text("ha")
        raise OSError("disk full")
