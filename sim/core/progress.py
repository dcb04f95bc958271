"""Progress of a long work: a bar on a terminal, and elsewhere a line now and then."""

import sys
import threading
import time
from typing import Any

FIRST, NEXT = 10.0, 30.0
"""Seconds until the first line, and from line to line."""


def bar(shown: bool | None = None, **options: Any) -> Any:
    """Return what shows progress; nothing of a bar is left when the work is done.

    Args:
        shown: False for nothing.
        **options: of ``tqdm``: ``total``, ``initial``, ``unit``, ``desc``.

    Returns:
        tqdm's bar, or lines where standard error is not a terminal: in logs, notebooks and pipes.
    """
    if shown is not False and not is_on_terminal():
        return Lines(**options)
    from tqdm import tqdm

    if not hasattr(tqdm, "_lock"):  # tqdm's own lock is a semaphore, which a killed process leaves behind
        tqdm.set_lock(threading.RLock())
    return tqdm(file=sys.stderr, leave=False, disable=shown is False, **options)


def is_on_terminal() -> bool:
    """Tell whether standard error is a terminal."""
    return sys.stderr is not None and sys.stderr.isatty()


class Lines:
    """Progress as lines, with the methods of tqdm's bar; short works write none."""

    def __init__(self, total: int | None = None, initial: int = 0, unit: str = "", desc: str = "") -> None:
        self.total, self.n, self.disable = total, initial, False
        self._first, self._unit, self._desc, self._more = initial, unit, desc, ""
        self._start = time.monotonic()
        self._due = self._start + FIRST

    def update(self, n: float = 1) -> None:
        """Count what is done."""
        self.n += int(n)
        self.refresh()

    def set_description(self, text: str, refresh: bool = True) -> None:
        """Note what a line begins with; like tqdm, and without a line of its own."""
        self._desc = text

    def set_postfix_str(self, text: str) -> None:
        """Note what a line ends with."""
        self._more = f", {text}" if text else ""

    def refresh(self) -> None:
        """Write a line, if it is time for one."""
        now = time.monotonic()
        if now < self._due or (self.total is not None and self.n >= self.total):
            return
        self._due = now + NEXT
        what, pace = f"{self._desc}: " if self._desc else "", (self.n - self._first) / (now - self._start)
        share = f" of {self.total:,}{self._unit} ({self.n / self.total:.0%})" if self.total else self._unit
        ahead = f", about {_duration((self.total - self.n) / pace)} left" if self.total and pace > 0 else ""
        print(f"{what}{self.n:,}{share}{ahead}{self._more}", file=sys.stderr, flush=True)

    def close(self) -> None:
        """Write no more lines."""
        self.disable = True

    def __enter__(self) -> "Lines":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _duration(seconds: float) -> str:
    minutes = seconds / 60
    return f"{seconds:.0f} s" if minutes < 2 else f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.0f} h"
