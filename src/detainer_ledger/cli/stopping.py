"""Ctrl-C: the table engine is told at once, wherever the program is, and whoever asks later knows that it was asked."""

from __future__ import annotations

import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_AGAIN_AFTER_SECONDS = 0.2


@contextmanager
def listening_for_ctrl_c() -> Iterator[threading.Event]:
    """Yield an event that is set when Ctrl-C is pressed; the command is stopped by KeyboardInterrupt, as ever.

    Python acts on a signal only between its own steps, which a long statement of the table engine can put off for
    minutes; so a thread listens as well and interrupts the engine. Where Ctrl-C has another meaning, it keeps it.
    """
    asked = threading.Event()
    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    ):
        yield asked
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        asked.set()
        raise KeyboardInterrupt

    heard, told = socket.socketpair()
    told.settimeout(0)
    ended = threading.Event()
    listener = threading.Thread(target=_interrupt_when_told, args=(heard, asked, ended), daemon=True)
    listener.start()
    signal.signal(signal.SIGINT, stop)
    before = signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
    try:
        yield asked
    finally:
        signal.set_wakeup_fd(before)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        ended.set()
        told.close()
        listener.join()
        heard.close()


def _interrupt_when_told(heard: socket.socket, asked: threading.Event, ended: threading.Event) -> None:
    """Wait for Ctrl-C; then interrupt the engine again and again, since a statement may just be about to begin."""
    while signals := heard.recv(1):
        if signals[0] != signal.SIGINT:
            continue
        asked.set()
        while not ended.wait(_AGAIN_AFTER_SECONDS):
            # Not imported means that no statement is running, and importing it here would cost time.
            if "detainer_ledger.tables" in sys.modules:
                from detainer_ledger.tables import interrupt_all

                interrupt_all()
