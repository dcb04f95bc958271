"""Calculations in other processes: each done once while it is remembered, none begun for a reader who is gone."""

import asyncio
import multiprocessing
import os
import signal
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Hashable
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from typing import Any

from sim.lab.turns import Turns

REMEMBERED, BULKY = 256, 48
"""Results kept: small ones take some 50 kB, those that say how many bytes they have (``nbytes``) up to 1 MB."""


class Gone(Exception):
    """Whoever asked does not wait any more."""


class Workers:
    """An executor with a queue that can be left, and a memory of the last results; ``start`` makes the executor."""

    def __init__(self, start: Callable[[], Executor], at_once: int) -> None:
        self._start, self._executor, self._turns = start, start(), Turns(at_once)
        self._found: OrderedDict[Hashable, Future[Any]] = OrderedDict()

    async def give(
        self,
        is_gone: Callable[[], Awaitable[bool]],
        tasks: dict[Hashable, Any],
        visitor: str = "",
        patience: float = 1.0,
    ) -> list[Any]:
        """Give the result of each task, a function with its arguments under the key that determines it.

        Raises:
            Gone: if the reader left before anything was begun.
            Busy: if too many wait already (``Turns``, which also says what ``visitor`` and ``patience`` do).
        """
        if (known := self.held(tasks)) is not None:
            return known

        async def find(key: Hashable, task: Any) -> Any:
            if self._is_under_way(key):
                return await _ended(self._found[key])
            async with self._turns.turn(visitor, patience):
                if await is_gone():
                    raise Gone
                return await _ended(self._begin(key, task))

        return list(await asyncio.gather(*(find(key, task) for key, task in tasks.items())))

    def held(self, keys: Collection[Hashable]) -> list[Any] | None:
        """Give the results that are remembered under these keys, or nothing if one is not."""
        return [self._take(key) for key in keys] if all(map(self._holds, keys)) else None

    def _holds(self, key: Hashable) -> bool:
        future = self._found.get(key)
        return future is not None and future.done() and not future.cancelled() and future.exception() is None

    def _is_under_way(self, key: Hashable) -> bool:
        return key in self._found and not self._found[key].done()

    def _take(self, key: Hashable) -> Any:
        self._found.move_to_end(key)
        return self._found[key].result()

    def _begin(self, key: Hashable, task: Any) -> "Future[Any]":
        """Submit a task, unless it is under way or remembered; forget the oldest."""
        future = self._found.get(key)
        if future is None or not (self._holds(key) or self._is_under_way(key)):
            future = self._found[key] = self._submit(task)
        self._found.move_to_end(key)
        bulky = [k for k in self._found if self._holds(k) and hasattr(self._found[k].result(), "nbytes")]
        large = set(bulky)
        small = [k for k in self._found if k not in large]
        for old in bulky[:-BULKY] + small[:-REMEMBERED]:
            del self._found[old]
        return future

    def _submit(self, task: Any) -> "Future[Any]":
        try:
            return self._executor.submit(*task)
        except BrokenExecutor:  # a process was killed: the others do not go on without it
            self._executor = self._start()
            return self._executor.submit(*task)

    def close(self) -> None:
        """End the processes."""
        self._executor.shutdown(wait=True, cancel_futures=True)


async def _ended(future: "Future[Any]") -> Any:
    """Wait for a result; who leaves does not stop it for others."""
    return await asyncio.shield(asyncio.wrap_future(future))


def processes(n: int) -> ProcessPoolExecutor:
    """Start worker processes anew (spawned), and wait until each has loaded the model."""
    pool = ProcessPoolExecutor(n, mp_context=multiprocessing.get_context("spawn"), initializer=_settle)
    for ready in [pool.submit(_load) for _ in range(n)]:
        ready.result()
    return pool


def _settle() -> None:
    """Leave stopping to the server, and end with it even if it is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: Any) -> None:
    parent.join()
    os._exit(0)


def _load() -> None:
    from sim.lab import quick
    from sim.lab.outcomes import judge, of_policy
    from sim.lab.settings import Asked

    quick.allow()
    judge(*(of_policy(Asked(), policy, 20)["summary"] for policy in Asked.policies))
