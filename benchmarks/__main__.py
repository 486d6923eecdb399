"""``python -m benchmarks [TASK…] [--large]``: run the tasks and print one line for each.

A line has the floor, our time, their ratio, the limit to reach, and the largest process. Without names all tasks but
the large ones are run; ``--large`` adds those of 10 and 100 million rows, which make several gigabytes of data first.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks import audit_report, auditing, inside, placing, reading, recording, screening
from benchmarks.measuring import Task

TASKS: tuple[Task, ...] = (
    *reading.TASKS,
    *inside.TASKS,
    *placing.TASKS,
    *recording.TASKS,
    *screening.TASKS,
    *auditing.TASKS,
    *audit_report.TASKS,
)


def main() -> int:
    """Run the tasks that were asked for; 1 if any of them misses its limit."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("tasks", nargs="*", metavar="TASK", help=", ".join(task.name for task in TASKS))
    parser.add_argument("--large", action="store_true", help="also the tasks of 10 and 100 million rows")
    parser.add_argument("--data", type=Path, default=Path("build/benchmarks"), help="where the data are made and kept")
    given = parser.parse_args()
    unknown = set(given.tasks) - {task.name for task in TASKS}
    if unknown:
        parser.error(f"there is no task {', '.join(sorted(unknown))}")
    chosen = [
        task for task in TASKS if task.name in given.tasks or (not given.tasks and (given.large or not task.large))
    ]
    given.data.mkdir(parents=True, exist_ok=True)
    print(f"{'task':28} {'floor s':>9} {'ours s':>9} {'ratio':>7} {'limit':>14} {'largest MB':>11}  holds")
    missed = 0
    for task in chosen:
        result = task.run(given.data)
        missed += not result.holds
        print(result.line(task.name), flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
