"""Screening cases: a million of ten steps counted at an instant, against reading the same columns once."""

from __future__ import annotations

from pathlib import Path

from benchmarks.measuring import Outcome, Task, process, python

CASES = 1_000_000
STEPS = 10

MAKE = """
import sys
import numpy as np, pyarrow as pa, pyarrow.parquet as pq
from detainer_ledger.casework.screening.table import schema
cases, steps = int(sys.argv[2]), int(sys.argv[3])
n, chance = cases * steps, np.random.default_rng(20180105)
which = pa.array(np.repeat(np.arange(cases), steps))
began = np.datetime64('2025-01-01', 'us') + chance.integers(0, 300 * 86400, cases).astype('timedelta64[s]')
triggered = np.repeat(began, steps)
done = triggered + chance.integers(0, 30 * 3600, n).astype('timedelta64[s]')
is_done, is_shown = chance.random(n) < 0.9, chance.random(n) < 0.98
pick = lambda words, places: pa.array(words).take(pa.array(places))
table = pa.table({
    'case': pa.array([f'S-{number:010d}' for number in range(cases)]).take(which),
    'office': pick([f'office {number}' for number in range(25)], np.repeat(chance.integers(0, 25, cases), steps)),
    'month': pick([f'2025-{month:02d}' for month in range(1, 13)], np.repeat(chance.integers(0, 12, cases), steps)),
    'stage': pick(['in_custody'], np.zeros(n, int)),
    'protocol': pick(['p@1'], np.zeros(n, int)),
    'step': pick([f'step-{number}' for number in range(steps)], np.tile(np.arange(steps), cases)),
    'required': pa.array(np.ones(n, bool)),
    'round': pa.array(np.ones(n, 'int32')),
    'triggered_at': triggered,
    'due_at': triggered + np.timedelta64(24, 'h'),
    'done_at': pa.array(done, mask=~is_done),
    'documented_at': pa.array(done, mask=~(is_done & is_shown)),
    'is_in_order': pa.array(np.ones(n, bool)),
    'ended_at': pa.nulls(n, pa.timestamp('us')),
}).cast(schema())
pq.write_table(table, sys.argv[1])
"""

COUNT = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from detainer_ledger.casework.screening import compliance_of
found = compliance_of(Path(sys.argv[1]), at=datetime(2026, 1, 1, tzinfo=UTC), by=sys.argv[2:])
assert sum(found.all.steps.values()) == int(1e7), found.all
"""

FLOOR = """
import sys
from detainer_ledger.tables import connect
connect().execute(
    "SELECT count(*), count(DISTINCT \\"case\\"), min(done_at), min(due_at), min(documented_at), min(ended_at),"
    f" min(triggered_at), min(step), min(office) FROM read_parquet('{sys.argv[1]}')"
).fetchall()
"""


def _counted(*by: str) -> Task:
    def run(data: Path) -> Outcome:
        table = data / "screening-steps.parquet"
        if not table.exists():
            process(python(MAKE, str(table), str(CASES), str(STEPS)))
        memory: list[float] = []
        floor = process(python(FLOOR, str(table)))
        ours = process(python(COUNT, str(table), *by), sink=memory)
        return Outcome(floor=floor, ours=ours, times=0, plus=10, largest_mb=max(memory), most_mb=2_000)

    return Task(name=f"screening-1m-by-{'-'.join(by)}", run=run, large=True)


TASKS = (_counted("office", "month"), _counted("step"))
"""Tasks of this module: under 10 s and 2 GB."""
