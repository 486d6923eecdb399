"""Tasks inside a running process: marking repeats and linking stays, against plain SQL on the same tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measuring import Outcome, Task, best_of, detainer, process, python, seconds
from detainer_ledger.outcomes import find_stays, link_stays
from detainer_ledger.releases.duplicates import duplicates_sql
from detainer_ledger.tables import connect, literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ROWS = 600_000
COLUMNS = 60


def _rows(connection: DuckDBPyConnection, rows: int) -> None:
    """Make rows of a realistic shape: one in eight without identifier, one in fifty a repeat, every third booked.

    A repeat has identifier and date of an earlier row; half of the repeats are equal in every column.
    """
    connection.execute(
        "CREATE OR REPLACE TABLE typed AS SELECT i AS row_order, 'd' || i AS detainer_id,"
        f" CASE WHEN k % 8 = 0 THEN NULL ELSE md5(CAST(k * 7919 % {rows * 9 // 10} AS VARCHAR)) END AS person_key,"
        " DATE '2023-10-01' + CAST(k * 31 % 800 AS INTEGER) AS issued_on,"
        " hash(k, CASE WHEN k <> i AND i % 2 = 0 THEN i END) AS row_hash,"
        " CASE WHEN k % 3 = 0 THEN 'booked_into_detention' END AS lift_reason, CAST(NULL AS VARCHAR) AS duplicate_kind"
        f" FROM (SELECT i, CASE WHEN i % 50 = 49 THEN i - 40 ELSE i END AS k FROM range({rows}) AS r(i))"
    )


def likely_repeats(_data: Path) -> Outcome:
    """Marking likely and exact repeats among 600,000 rows."""
    connection = connect()
    _rows(connection, ROWS)
    plain = (
        "SELECT row_order, first_order FROM (SELECT row_order, min(row_order) OVER"
        " (PARTITION BY person_key, issued_on) AS first_order FROM typed WHERE person_key IS NOT NULL)"
        " WHERE row_order <> first_order"
    )
    floor, ours = best_of(
        5,
        lambda: seconds(lambda: connection.execute(f"CREATE OR REPLACE TABLE marked AS {plain}")),
        lambda: seconds(lambda: connection.execute(f"CREATE OR REPLACE TABLE marked AS {duplicates_sql('typed')}")),
    )
    connection.close()
    return Outcome(floor=floor, ours=ours, times=1.3)


def linking(_data: Path) -> Outcome:
    """Linking 600,000 detainers to book-ins within 180 days."""
    connection = connect()
    _rows(connection, ROWS)
    connection.execute(
        "CREATE TABLE stints AS SELECT person_key, CAST(issued_on + CAST(row_order % 200 AS INTEGER) AS TIMESTAMP)"
        " AS stay_book_in_at, CAST(NULL AS TIMESTAMP) AS stay_book_out_at, CAST(NULL AS TIMESTAMP) AS book_in_at,"
        " 'F' || row_order % 900 AS facility_code FROM typed WHERE row_order % 2 = 0 AND person_key IS NOT NULL"
    )
    # The plain way to one stay a detainer and one detainer a stay: rank the pairs from both sides.
    plain = (
        "SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY person_key, stay_book_in_at ORDER BY detainer_id)"
        " AS second"
        " FROM (SELECT d.detainer_id, s.person_key, s.stay_book_in_at,"
        " row_number() OVER (PARTITION BY d.detainer_id ORDER BY s.stay_book_in_at) AS first FROM typed AS d JOIN"
        " (SELECT DISTINCT person_key, stay_book_in_at FROM stints) AS s ON s.person_key = d.person_key"
        " AND CAST(s.stay_book_in_at AS DATE) BETWEEN d.issued_on - 2 AND d.issued_on + 180) WHERE first = 1)"
        " WHERE second = 1"
    )

    def ours_once() -> None:
        find_stays(connection, stints="stints")
        link_stays(connection, detainers="typed", window_days=180)

    floor, ours = best_of(
        5,
        lambda: seconds(lambda: connection.execute(f"CREATE OR REPLACE TABLE linked AS {plain}")),
        lambda: seconds(ours_once),
    )
    connection.close()
    return Outcome(floor=floor, ours=ours, times=1.3)


WIDE_OURS = """
import sys
from pathlib import Path
from detainer_ledger.releases.duplicates import duplicates_sql
from detainer_ledger.tables import connect, literal
connection = connect(memory_limit='2500MB', spill_to=Path(sys.argv[2]))
cells = ', '.join(f'c{place}' for place in range(60))
connection.execute(f"CREATE TABLE typed AS SELECT file_row_number AS row_order, c0 AS person_key,"
                   f" NULL::DATE AS issued_on,"
                   f" hash({cells}) AS row_hash FROM read_parquet({literal(sys.argv[1])}, file_row_number = true)")
print(connection.execute(f"SELECT count(*) FROM ({duplicates_sql('typed')})").fetchone())
"""

WIDE_FLOOR = """
import sys, duckdb
duckdb.execute("SET enable_progress_bar = false")
cells = ', '.join(f'c{place}' for place in range(60))
print(duckdb.sql(f"SELECT sum(n - 1) FROM (SELECT count(*) AS n FROM read_parquet('{sys.argv[1]}')"
                 f" WHERE c0 IS NOT NULL GROUP BY {cells} HAVING count(*) > 1)").fetchall()[0])
"""


def exact_repeats(data: Path) -> Outcome:
    """Exact repeats over all columns of ten million rows, in a process of its own."""
    rows = 10_000_000
    table = data / "wide.parquet"
    if not table.exists():
        connection = connect(memory_limit="4GB", spill_to=data)
        cells = ", ".join(
            ["md5(CAST(k AS VARCHAR)) AS c0"]
            + [f"'VALUE ' || (k * {7 + place} % {50 + 40 * place}) AS c{place}" for place in range(1, COLUMNS)]
        )
        connection.execute(
            f"COPY (SELECT {cells} FROM (SELECT i % {rows - rows // 500} AS k FROM range({rows}) AS r(i)))"
            f" TO {literal(str(table))} (FORMAT parquet, COMPRESSION zstd)"
        )
        connection.close()
    memory: list[float] = []
    floor, ours = best_of(
        1,
        lambda: process(python(WIDE_FLOOR, str(table)), out=data / "floor.txt"),
        lambda: process(python(WIDE_OURS, str(table), str(data)), sink=memory, out=data / "ours.txt"),
    )
    expected, found = ((data / name).read_text().strip("(),\n") for name in ("floor.txt", "ours.txt"))
    if int(float(expected)) != int(found):
        raise RuntimeError(f"{found} repeats were marked where there are {expected}")
    return Outcome(floor=floor, ours=ours, times=1.0, largest_mb=max(memory), most_mb=3000)


def spark_start(data: Path) -> Outcome:
    """Measuring 600,000 rows on Apache Spark in local mode, for orientation against the embedded engine."""
    from benchmarks.reading import detainers_of

    table = detainers_of(data, ROWS)
    asked = ["measure", "--store", str(table), "--by", "state,facility", "--format", "csv"]
    floor, ours = best_of(
        1,
        lambda: process(detainer(*asked)),
        lambda: process(detainer(*asked, "--engine", "local[*]")),
    )
    return Outcome(floor=floor, ours=ours, times=100)


TASKS = (
    Task(name="mark-repeats-600k", run=likely_repeats),
    Task(name="link-600k", run=linking),
    Task(name="exact-repeats-10m", run=exact_repeats, large=True),
    Task(name="spark-600k", run=spark_start, large=True),
)
"""Tasks of this module."""
