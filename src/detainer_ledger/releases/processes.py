"""Work in processes of its own, which end with their parent, leave Ctrl-C to it, and cannot fill the memory."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from typing import TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")

MOST_MEMORY_BYTES = 8 << 30
"""What one process may take: enough for a full sheet of 1,048,576 rows by 65 columns. An archive that unpacks to more
than it says is stopped here."""


def in_processes(
    function: Callable[[Job], Result], jobs: Sequence[Job], *, workers: int
) -> Generator[tuple[Job, Result]]:
    """Yield each job with its result, in the order in which they are done.

    ``function`` must be a module's own. Raises what it raises, and BrokenProcessPool if a process ended before it was
    done; the others are then stopped. Close the iterator if it is not read to its end.
    """
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(most_memory_bytes(),),
    )
    try:
        futures = _submitted(pool, function, jobs)
        for future in as_completed(futures):
            yield futures[future], future.result()
    except BaseException:
        for process in set(multiprocessing.active_children()) - others:
            process.terminate()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def most_memory_bytes() -> int:
    """Return what one process may take: three quarters of the machine's memory, and never more than the most."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min(MOST_MEMORY_BYTES, machine * 3 // 4)


def _submitted(
    pool: ProcessPoolExecutor, function: Callable[[Job], Result], jobs: Sequence[Job]
) -> dict[Future[Result], Job]:
    """Submit all jobs. The processes start here, and with Ctrl-C blocked, which they inherit: it is the parent's."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return {pool.submit(function, job): job for job in jobs}
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(memory_bytes: int) -> None:
    """Prepare a process: limit its memory, and let it end when its parent has gone, however that came about."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    allowed = memory_bytes if hard == resource.RLIM_INFINITY else min(memory_bytes, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (allowed, hard))
    # What stops a process at its limit writes a line of its own; the parent says in words what happened.
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 2)
    os.close(silence)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
