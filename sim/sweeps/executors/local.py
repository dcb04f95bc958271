"""This machine: one run after another, or worker processes."""

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from sim.core import paths
from sim.core.cores import available
from sim.core.processes import deaf_to_ctrl_c, start_pool
from sim.sweeps.spec import Executor
from sim.sweeps.tasks import Finished, Task, lost, work

DEATHS = 3
"""How often a worker may die over a task, alone with it, before the task's runs count as failed."""

MOST_ON_WINDOWS = 61
"""Most worker processes that one process can wait for on Windows."""

T = TypeVar("T")
R = TypeVar("R")


class Serial:
    """Work on one task after another in this process."""

    def __init__(self, executor: Executor) -> None:
        pass

    def run(self, tasks: Iterable[Task]) -> Iterator[Finished]:
        """Give what became of each task, in order."""
        yield from map(work, tasks)

    def close(self) -> None:
        """Nothing to end."""


class Processes:
    """Work in processes of this machine; a worker that dies is replaced and what it was at tried again."""

    def __init__(self, executor: Executor) -> None:
        self.n_workers = executor.workers or available()
        if paths.ON_WINDOWS:
            self.n_workers = min(self.n_workers, MOST_ON_WINDOWS)
        self._pool: ProcessPoolExecutor | None = None

    def run(self, tasks: Iterable[Task]) -> Iterator[Finished]:
        """Give what became of each task, as it is done.

        After a death the tasks that were under way are tried one by one, so that a guilty one is found.
        """
        left, running = iter(tasks), dict[Future[Finished], Task]()
        suspects, deaths = list[Task](), dict[str, int]()
        while True:
            alone = bool(suspects)
            if alone:
                task = suspects.pop()
                running[self._submit(task)] = task
            while not alone and len(running) < self.n_workers + 2:
                following = next(left, None)
                if following is None:
                    break
                running[self._submit(following)] = following
            if not running:
                return
            ready, _ = wait(running, return_when=FIRST_COMPLETED)
            victims = []
            for future in ready:
                task = running.pop(future)
                try:
                    yield future.result()
                except BrokenProcessPool:
                    victims.append(task)
            if victims:
                victims += running.values()
                running.clear()
                self._end()
                if alone:
                    guilty = victims.pop()
                    deaths[guilty.key] = deaths.get(guilty.key, 0) + 1
                    if deaths[guilty.key] >= DEATHS:
                        yield lost(guilty, f"its worker died {DEATHS} times (out of memory?)")
                    else:
                        victims.append(guilty)
                suspects += victims

    def _submit(self, task: Task) -> "Future[Finished]":
        if self._pool is None:
            self._pool = start_pool(self.n_workers, "sim.sweep", "executor=serial", _begin_worker)
        try:
            with deaf_to_ctrl_c():  # the pool starts its workers one by one, as tasks come
                return self._pool.submit(work, task)
        except BrokenProcessPool as error:
            failed: Future[Finished] = Future()
            failed.set_exception(error)
            return failed

    def _end(self) -> None:
        """End the workers at once: what they are at is not needed."""
        if self._pool is None:
            return
        workers = list((getattr(self._pool, "_processes", None) or {}).values())
        manager = getattr(self._pool, "_executor_manager_thread", None)
        self._pool.shutdown(wait=False, cancel_futures=True)
        for worker in workers:
            with contextlib.suppress(OSError, AttributeError):
                worker.terminate()
        for worker in workers:
            with contextlib.suppress(OSError, AssertionError):
                worker.join(5)
        if manager is not None:
            manager.join(5)  # Python's own clean-up would race with its last steps, and print a traceback
        self._pool = None

    def close(self) -> None:
        """End the workers."""
        self._end()


def in_processes(function: Callable[[T], R], tasks: Sequence[T], workers: int, call: str) -> Iterator[R]:
    """Call a function on every task, in some processes, and give what it returns in order.

    Args:
        function: a function of a module.
        tasks: what it is called on.
        workers: how many processes; with one, or one task, it is called here.
        call: what the user called, for the message.

    Raises:
        InputError: if the processes cannot start.
    """
    if workers == 1 or len(tasks) < 2:
        yield from map(function, tasks)
        return
    with start_pool(min(workers, len(tasks)), call, "workers=1") as pool:
        with deaf_to_ctrl_c():
            futures = [pool.submit(function, task) for task in tasks]
        try:
            for future in futures:
                yield future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _begin_worker() -> None:
    """Start a worker: leave Ctrl-C to the parent, and end when the parent is gone, however it went."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def follow() -> None:
        if parent is not None:
            parent.join()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()
