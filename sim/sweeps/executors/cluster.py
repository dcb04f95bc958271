"""Dask distributed: workers of its own on this machine, or any scheduler's (Slurm, Kubernetes, a lab's machines)."""

import contextlib
import logging
from collections.abc import Iterable, Iterator
from typing import Any

from sim.core.cores import available
from sim.core.errors import InputError
from sim.core.processes import deaf_to_ctrl_c
from sim.sweeps.spec import Executor
from sim.sweeps.tasks import Finished, Task, lost, work

TRIES = 3
"""How often workers on this machine are started before giving up."""

PATIENCE = 60
"""Seconds to wait for a scheduler, and for its first worker."""


class Dask:
    """Work on a Dask cluster; Dask makes up for a worker that dies, up to three times a task."""

    def __init__(self, executor: Executor) -> None:
        try:
            import distributed
        except ModuleNotFoundError as error:
            raise InputError(
                "executor=dask needs the package distributed: python -m pip install 'partnership-dynamics[dask]'"
            ) from error
        self._dask: Any = distributed
        self._options = executor
        self._open = contextlib.ExitStack()
        self._client: Any = None
        self.n_workers = 0

    def run(self, tasks: Iterable[Task]) -> Iterator[Finished]:
        """Give what became of each task, as it is done."""
        left, running = iter(tasks), dict[str, Task]()
        first = next(left, None)
        if first is None:
            return
        if self._client is None:
            self._connect()
        under_way = self._dask.as_completed()

        def submit(task: Task | None) -> None:
            if task is not None:
                running[task.key] = task
                under_way.add(self._client.submit(work, task, key=task.key))

        try:
            submit(first)
            for _ in range(2 * self.n_workers):
                submit(next(left, None))
            for future in under_way:
                task, error = running.pop(future.key), future.exception() if future.status == "error" else None
                if isinstance(error, self._dask.scheduler.KilledWorker):
                    yield lost(task, "its workers died again and again (out of memory?)")
                else:
                    yield future.result()
                submit(next(left, None))
        except (OSError, self._dask.CancelledError) as error:
            raise InputError(
                "the Dask cluster is gone; what was finished is kept: start it, and run the same command again"
            ) from error

    def _connect(self) -> None:
        """Connect to a scheduler, or start workers on this machine that nobody else can reach."""
        import dask

        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        self._open.enter_context(dask.config.set({"distributed.comm.timeouts.connect": f"{PATIENCE}s"}))
        if not self._options.address:
            self.n_workers = self._options.workers or available()
            self._client = self._open.enter_context(self._dask.Client(self._open.enter_context(self._cluster())))
            return
        try:
            self._client = self._open.enter_context(self._dask.Client(self._options.address, timeout=PATIENCE))
            self._client.wait_for_workers(1, timeout=PATIENCE)
        except (OSError, ValueError, TimeoutError) as error:
            raise InputError(
                f"executor.address={self._options.address}: no scheduler with a worker answers within {PATIENCE} s; "
                "start both as docs/sweeps.md says"
            ) from error
        self.n_workers = len(self._client.nthreads())

    def _cluster(self) -> Any:
        """Start workers on this machine; tried again if one dies while it starts."""
        for tried in range(1, TRIES + 1):
            try:
                with deaf_to_ctrl_c():
                    return self._dask.LocalCluster(
                        n_workers=self.n_workers,
                        threads_per_worker=1,
                        host="127.0.0.1",
                        dashboard_address="127.0.0.1:0",
                        silence_logs=logging.CRITICAL,
                    )
            except (RuntimeError, OSError, TimeoutError) as error:
                if tried == TRIES:
                    raise InputError(f"Dask workers cannot start: {error}; try executor=processes") from error
        raise AssertionError

    def close(self) -> None:
        """Leave the cluster; end it if it was started here."""
        with contextlib.suppress(OSError, TimeoutError):
            self._open.close()
