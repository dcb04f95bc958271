"""The progress of a sweep on the terminal: what is done, time left, failures as they happen."""

from typing import Any

from sim.core.progress import bar
from sim.sweeps.tasks import Finished


class Bar:
    """The progress bar of a sweep; without a terminal it stays silent."""

    def __init__(self, shown: bool | None = None) -> None:
        self._shown, self.done, self.failed = shown, 0, 0
        self._bar: Any = None

    def aim(self, total: int, tried: int) -> None:
        """Hear how many runs there will be for now, and how many were tried before."""
        if self._bar is None:
            self._bar = bar(self._shown, total=total, initial=tried, unit=" runs")
        self._bar.total = total
        self._bar.refresh()

    def add(self, finished: Finished) -> None:
        """Hear of a finished task."""
        self.done += finished.n_runs
        self.failed += len(finished.failures)
        if self.failed:
            self._bar.set_postfix_str(f"{self.failed} failed")
        self._bar.update(finished.n_runs + len(finished.failures))

    def __enter__(self) -> "Bar":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave the terminal as it was."""
        if self._bar is not None:
            self._bar.close()
