"""Calculations in other processes: each done once while it is remembered, none begun for a reader who is gone."""

import asyncio
import multiprocessing
import os
import signal
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from typing import Any

REMEMBERED = 256
"""Results kept: one of a policy in its circumstances takes some 50 kB."""


class Gone(Exception):
    """Whoever asked does not wait any more."""


class Workers:
    """An executor with a queue that can be left, and a memory of the last results."""

    def __init__(self, executor: Executor, at_once: int) -> None:
        self.executor, self._turn = executor, asyncio.Semaphore(at_once)
        self._found: OrderedDict[Hashable, Future[Any]] = OrderedDict()

    async def give(self, is_gone: Callable[[], Awaitable[bool]], tasks: dict[Hashable, Any]) -> list[Any]:
        """Give the result of each task, a function with its arguments under the key that determines it.

        Raises:
            Gone: if the reader left before anything was begun.
        """
        if all(self._holds(key) for key in tasks):
            return [self._take(key) for key in tasks]
        async with self._turn:
            if await is_gone():
                raise Gone
            begun = [self._begin(key, task) for key, task in tasks.items()]
            return list(await asyncio.gather(*(asyncio.shield(asyncio.wrap_future(future)) for future in begun)))

    def _holds(self, key: Hashable) -> bool:
        future = self._found.get(key)
        return future is not None and future.done() and not future.cancelled() and future.exception() is None

    def _take(self, key: Hashable) -> Any:
        self._found.move_to_end(key)
        return self._found[key].result()

    def _begin(self, key: Hashable, task: Any) -> "Future[Any]":
        """Submit a task, unless it is under way or remembered; forget the oldest."""
        future = self._found.get(key)
        if future is None or (future.done() and not self._holds(key)):
            future = self._found[key] = self.executor.submit(*task)
        self._found.move_to_end(key)
        while len(self._found) > REMEMBERED:
            self._found.popitem(last=False)
        return future


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
    from sim.lab.outcomes import judge, of_policy
    from sim.lab.settings import Asked

    one, other = (of_policy(Asked(), policy, 20)["summary"] for policy in Asked.policies)
    judge(one, other)
