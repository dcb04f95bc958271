"""How a sweep goes, on the terminal: runs done, time left, failures as they happen."""

import sys
from typing import Any

from sim.ensemble.tasks import Finished


class Bar:
    """A progress bar; without a terminal it stays silent."""

    def __init__(self, shown: bool | None = None) -> None:
        self._shown, self.done, self.failed = shown, 0, 0
        self._bar: Any = None

    def aim(self, total: int, tried: int) -> None:
        """Hear how many runs there will be for now, and how many were tried before."""
        from tqdm import tqdm

        if self._bar is None:
            disable = None if self._shown is None else not self._shown
            self._bar = tqdm(total=total, initial=tried, unit=" runs", file=sys.stderr, disable=disable, leave=False)
        self._bar.total = total
        self._bar.refresh()

    def add(self, finished: Finished) -> None:
        """Hear of a finished task."""
        self.done += finished.n_runs
        self.failed += len(finished.failures)
        self._bar.set_postfix_str(f"{self.failed} failed" if self.failed else "", refresh=False)
        self._bar.update(finished.n_runs + len(finished.failures))

    def __enter__(self) -> "Bar":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave the terminal as it was."""
        if self._bar is not None:
            self._bar.close()
