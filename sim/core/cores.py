"""How many processors there are, and work that threads do in turn."""

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def available() -> int:
    """Give the number of cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def threads() -> int:
    """Give how many threads may calculate: one in a process that was started as one of several."""
    return available() if multiprocessing.parent_process() is None else 1


def in_order(calls: Iterable[Callable[[], T]], n: int) -> Iterator[T]:
    """Make calls in n threads, and give what they return in order; at most one more than n is held at a time."""
    if n < 2:
        yield from (call() for call in calls)
        return
    running = deque[Future[T]]()
    with ThreadPoolExecutor(n) as pool:
        try:
            for call in calls:
                running.append(pool.submit(call))
                if len(running) > n:
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()
        finally:
            for waiting in running:
                waiting.cancel()
