"""Calculations in other processes: a queue that is fair to all visitors, and a cache of the last results."""

import asyncio
import contextlib
import dataclasses
import multiprocessing
import os
import signal
import threading
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Hashable, Mapping
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.model.scenario import Scenario

MAX_WAITING = 100
"""Requests that wait at most."""

CACHED, CACHED_LARGE = 256, 48
"""Results in the cache. Small ones take some 50 kB; those that say their size in bytes (``nbytes``) up to 1 MB."""

Task = tuple[Any, ...]
"""A function and its arguments."""


class Busy(Exception):
    """Too many requests wait already."""


class Disconnected(Exception):
    """The sender of the request does not wait any more."""


@dataclasses.dataclass(eq=False)
class _Waiter:
    visitor: str
    due: float
    ready: "asyncio.Future[None]"


class Queue:
    """A few calculations at a time; the next place goes to the request that is due first.

    A request is due ``due_in`` seconds after it came, and as much later again for each request of the same
    visitor that waits already. So urgent requests pass others, but not for ever, and the many requests of one
    visitor do not delay the other visitors. If more than ``max_waiting`` wait, the visitor with the most requests
    loses the last one.
    """

    def __init__(self, at_once: int, max_waiting: int = MAX_WAITING) -> None:
        self._free, self._max_waiting = at_once, max_waiting
        self._waiting: list[_Waiter] = []

    @contextlib.asynccontextmanager
    async def place(self, visitor: str, due_in: float) -> AsyncIterator[None]:
        """Wait for a place and keep it until the end of the block.

        Raises:
            Busy: If too many requests wait.
        """
        await self._wait(visitor, due_in)
        try:
            yield
        finally:
            self._start_next()

    async def _wait(self, visitor: str, due_in: float) -> None:
        if self._free:
            self._free -= 1
            return
        loop = asyncio.get_running_loop()
        own = sum(w.visitor == visitor for w in self._waiting)
        waiter = _Waiter(visitor, loop.time() + due_in * (1 + own), loop.create_future())
        self._waiting.append(waiter)
        self._drop_if_too_many()
        try:
            await waiter.ready
        except asyncio.CancelledError:
            if waiter in self._waiting:
                self._waiting.remove(waiter)
            elif waiter.ready.exception() is None:  # it got its place in the moment that it left
                self._start_next()
            raise

    def _drop_if_too_many(self) -> None:
        waiting = self._still_waiting()
        if len(waiting) > self._max_waiting:
            most = Counter(w.visitor for w in waiting).most_common(1)[0][0]
            last = max((w for w in waiting if w.visitor == most), key=lambda w: w.due)
            self._waiting.remove(last)
            last.ready.set_exception(Busy())

    def _start_next(self) -> None:
        waiting = self._still_waiting()
        if not waiting:
            self._free += 1
            return
        following = min(waiting, key=lambda w: w.due)
        self._waiting.remove(following)
        following.ready.set_result(None)

    def _still_waiting(self) -> list[_Waiter]:
        """Return those who did not leave in this very moment."""
        return [w for w in self._waiting if not w.ready.done()]


class Workers:
    """An executor with a queue and a cache of the last results; ``start`` makes the executor."""

    def __init__(self, start: Callable[[], Executor], at_once: int) -> None:
        self._start, self._executor, self._queue = start, start(), Queue(at_once)
        self._futures: OrderedDict[Hashable, Future[Any]] = OrderedDict()

    async def run(
        self,
        is_disconnected: Callable[[], Awaitable[bool]],
        tasks: Mapping[Hashable, Task],
        visitor: str = "",
        due_in: float = 1.0,
    ) -> list[Any]:
        """Run tasks, or take their results from the cache.

        Args:
            is_disconnected: Tells whether the reader left; then nothing is started for them.
            tasks: A function with its arguments, under the key that determines the result.
            visitor: Who asks (``Queue``).
            due_in: Seconds after which the request is due (``Queue``).

        Returns:
            The result of each task, in order.

        Raises:
            Disconnected: If the reader left before anything was started.
            Busy: If too many requests wait already.
        """
        if (results := self.cached(tasks)) is not None:
            return results

        async def result(key: Hashable, task: Task) -> Any:
            if self._is_running(key):
                return await _result(self._futures[key])
            async with self._queue.place(visitor, due_in):
                if await is_disconnected():
                    raise Disconnected
                return await _result(self._start_task(key, task))

        return list(await asyncio.gather(*(result(key, task) for key, task in tasks.items())))

    def cached(self, keys: Collection[Hashable]) -> list[Any] | None:
        """Return the results under these keys from the cache; None if one is not there."""
        return [self._cached_result(key) for key in keys] if all(map(self._is_cached, keys)) else None

    def _is_cached(self, key: Hashable) -> bool:
        future = self._futures.get(key)
        return future is not None and future.done() and not future.cancelled() and future.exception() is None

    def _is_running(self, key: Hashable) -> bool:
        return key in self._futures and not self._futures[key].done()

    def _cached_result(self, key: Hashable) -> Any:
        self._futures.move_to_end(key)
        return self._futures[key].result()

    def _start_task(self, key: Hashable, task: Task) -> "Future[Any]":
        """Submit a task, unless it runs or its result is in the cache; drop the oldest results."""
        future = self._futures.get(key)
        if future is None or not (self._is_cached(key) or self._is_running(key)):
            future = self._futures[key] = self._submit(task)
        self._futures.move_to_end(key)
        large = [k for k in self._futures if self._is_cached(k) and hasattr(self._futures[k].result(), "nbytes")]
        among_large = set(large)
        small = [k for k in self._futures if k not in among_large]
        for old in large[:-CACHED_LARGE] + small[:-CACHED]:
            del self._futures[old]
        return future

    def _submit(self, task: Task) -> "Future[Any]":
        try:
            return self._executor.submit(*task)
        except BrokenExecutor:  # a process was killed: the executor does not go on without it
            self._executor = self._start()
            return self._executor.submit(*task)

    def close(self) -> None:
        """End the processes."""
        self._executor.shutdown(wait=True, cancel_futures=True)


async def _result(future: "Future[Any]") -> Any:
    """Wait for a result; a reader who leaves does not cancel it for others."""
    return await asyncio.shield(asyncio.wrap_future(future))


def start_processes(n: int, case: "Scenario | None" = None) -> ProcessPoolExecutor:
    """Start worker processes (spawned), which know the teacher's own case, and wait until each has loaded the model."""
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(n, mp_context=context, initializer=_initialise_process, initargs=(case,))
    for ready in [pool.submit(_load) for _ in range(n)]:
        ready.result()
    return pool


def _initialise_process(case: "Scenario | None") -> None:
    """Leave stopping to the server, and end with the server even if it is killed; open the teacher's own case."""
    from sim.lab.stories import open_case

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_exit_with, args=(parent,), daemon=True).start()
    open_case(case)


def _exit_with(parent: Any) -> None:
    parent.join()
    os._exit(0)


def _load() -> None:
    from sim.lab.link_state import LinkState
    from sim.lab.outcomes import allow_compiling, compare_policies, simulate_policy

    allow_compiling()
    compare_policies(*(simulate_policy(LinkState(), policy, 20)["summary"] for policy in LinkState.policies))
