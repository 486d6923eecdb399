"""Tasks that a user runs as a command: reading workbooks and text, measuring, help."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

from benchmarks.measuring import Outcome, Task, best_of, detainer, process, python
from detainer_ledger.releases.synthetic import synthesize
from detainer_ledger.tables import connect, literal

CALAMINE = """
import sys
from python_calamine import CalamineWorkbook
for path in sys.argv[1:]:
    book = CalamineWorkbook.from_path(path)
    for name in book.sheet_names:
        for row in book.get_sheet_by_name(name).iter_rows():
            for cell in row:
                pass
"""

DUCKDB = "import sys, duckdb; duckdb.sql(sys.argv[1]).fetchall()"


def _release(data: Path, *, rows: int, layout: str, form: str, defects: bool = True) -> list[Path]:
    folder = data / f"{layout}-{rows}-{form}-{'real' if defects else 'clean'}"
    if not (folder / "truth.json").exists():
        synthesize(rows=rows, seed=1, layout_id=layout, file_format=form, out=folder, defects=defects)
    return sorted(folder.glob(f"*.{form}"))


def _ingest(files: list[Path], store: Path, memory: list[float]) -> float:
    shutil.rmtree(store, ignore_errors=True)
    return process(detainer("ingest", *map(str, files), "--store", str(store)), sink=memory)


def _workbooks(data: Path, *, rows: int, layout: str, times: float, most_mb: float | None = None) -> Outcome:
    files = _release(data, rows=rows, layout=layout, form="xlsx")
    memory: list[float] = []
    floor, ours = best_of(
        2,
        lambda: process(python(CALAMINE, *map(str, files))),
        lambda: _ingest(files, data / "store", memory),
    )
    return Outcome(floor=floor, ours=ours, times=times, largest_mb=max(memory), most_mb=most_mb)


def four_workbooks(data: Path) -> Outcome:
    """Four workbooks of 597,009 rows into the store."""
    return _workbooks(data, rows=597_009, layout="icli-2026-03", times=1.0, most_mb=1500)


def one_workbook(data: Path) -> Outcome:
    """One workbook of 300,000 rows into the store."""
    return _workbooks(data, rows=300_000, layout="cilp-2025", times=1.6)


def text_to_declines(data: Path) -> Outcome:
    """600,000 rows of text, from the files to declined per facility, right to the row."""
    # One spelling of the header, so that the floor can be one query over all files.
    made = _release(data, rows=600_000, layout="npr-2015", form="csv", defects=False)
    folder = data / "npr-one-spelling"
    folder.mkdir(exist_ok=True)
    header = "Prepare Date,Detainer Type,Detainer Detention Facility,State,City,Detainer Lift Reason"
    files = []
    for place, path in enumerate(made):
        target = folder / f"{place}.csv"
        if not target.exists():
            _respell(path, target, header)
        files.append(target)
    query = (
        f'SELECT "Detainer Detention Facility", count(*) FROM read_csv({literal(str(folder / "*.csv"))}, header = true,'
        " all_varchar = true) WHERE \"Detainer Lift Reason\" = 'Detainer Declined by LEA' GROUP BY 1"
    )
    memory: list[float] = []
    printed = data / "declines.csv"
    floor, ours = best_of(
        3,
        lambda: process(python(DUCKDB, query)),
        lambda: process(
            detainer("measure", *map(str, files), "--by", "facility", "--format", "csv"), sink=memory, out=printed
        ),
    )
    connection = connect()
    expected = dict(connection.execute(query).fetchall())
    connection.close()
    with printed.open(newline="") as opened:
        found = {
            row["facility"] or None: int(row["declined"]) for row in csv.DictReader(opened) if int(row["declined"])
        }
    if found != expected:
        raise RuntimeError("the declines per facility differ from the floor's")
    return Outcome(floor=floor, ours=ours, times=2.5, largest_mb=max(memory))


def _respell(path: Path, target: Path, header: str) -> None:
    order = header.split(",")
    spelled = {
        "date": order[0],
        "prepare_date": order[0],
        "detainer_type": order[1],
        "det_facility": order[2],
        "state": order[3],
        "city": order[4],
        "lift_reason": order[5],
    }
    with path.open(newline="") as opened, target.open("w", newline="") as written:
        reader = csv.DictReader(opened)
        writer = csv.writer(written, lineterminator="\n")
        writer.writerow(order)
        for row in reader:
            named = {spelled.get(name, name): cell for name, cell in row.items()}
            writer.writerow([named[name] for name in order])


def detainers_of(data: Path, rows: int) -> Path:
    """Make classified detainers of a realistic spread, by day of issue, without going through a release."""
    target = data / f"detainers-{rows}.parquet"
    if target.exists():
        return target
    connection = connect(memory_limit="4GB", spill_to=data)
    connection.execute("SET preserve_insertion_order = false")
    connection.execute(
        "COPY (SELECT 'made' AS release_id, 'made/s/' || i AS detainer_id,"
        f" DATE '2007-10-01' + CAST(i * 2848 / {rows} AS INTEGER) AS issued_on,"
        " 'FACILITY ' || f || ' COUNTY JAIL' AS facility_name,"
        " chr(65 + f % 26) || chr(65 + f // 26 % 2) AS facility_state,"
        " CASE WHEN o < 45 THEN 'pending_or_unrecorded' WHEN o < 80 THEN 'taken_into_custody'"
        " WHEN o < 84 THEN 'declined_by_agency' WHEN o < 97 THEN 'withdrawn_by_ice' ELSE 'transferred' END AS outcome,"
        " CASE WHEN o < 45 THEN 'blank' WHEN o < 80 THEN 'booked' WHEN o < 84 THEN 'recorded_declined'"
        " WHEN o < 97 THEN 'unspecified' ELSE 'transferred' END AS outcome_detail, 'I-247' AS form,"
        " CAST(NULL AS VARCHAR) AS duplicate_kind, CAST(NULL AS VARCHAR) AS jurisdiction_id,"
        " CAST(NULL AS VARCHAR) AS jurisdiction_level"
        " FROM (SELECT i, CAST(4200 * pow((i * 48271 % 65537) / 65537.0, 3) AS INTEGER) AS f, i * 69621 % 100 AS o"
        f" FROM range({rows}) AS r(i))) TO {literal(str(target))} (FORMAT parquet, COMPRESSION zstd)"
    )
    connection.close()
    return target


def _measure(data: Path, rows: int) -> Outcome:
    table = detainers_of(data, rows)
    query = (
        "SELECT facility_state, facility_name, count(*),"
        " sum(CASE WHEN outcome = 'declined_by_agency' THEN 1 ELSE 0 END)"
        f" FROM read_parquet({literal(str(table))}) WHERE issued_on BETWEEN DATE '2014-01-01' AND DATE '2015-07-19'"
        " GROUP BY 1, 2"
    )
    memory: list[float] = []
    asked = ["measure", "--store", str(table), "--by", "state,facility", "--from", "2014-01-01", "--to", "2015-07-19"]
    floor, ours = best_of(
        5,
        lambda: process(python(DUCKDB, query)),
        lambda: process(detainer(*asked, "--format", "csv"), sink=memory),
    )
    return Outcome(floor=floor, ours=ours, times=1.5, plus=0.25, largest_mb=max(memory), most_mb=300)


def help_text(_data: Path) -> Outcome:
    """``detainer --help`` against an interpreter that does nothing: under a quarter of a second in all."""
    floor, ours = best_of(5, lambda: process(python("pass")), lambda: process(detainer("--help")))
    return Outcome(floor=floor, ours=ours, times=0, plus=0.25)


TASKS = (
    Task(name="help", run=help_text),
    Task(name="measure-600k", run=lambda data: _measure(data, 600_000)),
    Task(name="text-to-declines", run=text_to_declines),
    Task(name="one-workbook", run=one_workbook),
    Task(name="four-workbooks", run=four_workbooks),
    Task(name="measure-10m", run=lambda data: _measure(data, 10_000_000), large=True),
    Task(name="measure-100m", run=lambda data: _measure(data, 100_000_000), large=True),
)
"""Tasks of this module."""
