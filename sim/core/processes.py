"""Worker processes of this machine: started as new interpreters, and left alone by Ctrl-C."""

import contextlib
import multiprocessing
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import resource_tracker
from typing import Any

from sim.core.cores import available
from sim.core.errors import InputError


def start_pool(n: int, call: str, instead: str, begin: Callable[..., Any] | None = None) -> ProcessPoolExecutor:
    """Start worker processes.

    Args:
        n: how many.
        call: what the user called, for the message.
        instead: the option that works without them, for the message.
        begin: called in each before its first task.

    Raises:
        InputError: if they cannot start.
    """
    pool = ProcessPoolExecutor(n, multiprocessing.get_context("spawn"), initializer=begin)
    try:
        with deaf_to_ctrl_c():
            started = pool.submit(available)
        started.result()
    except BrokenProcessPool as error:
        raise InputError(
            f"worker processes cannot start; in a script, put {call}(...) below if __name__ == '__main__': "
            f"(workers read the script too), or use {instead}"
        ) from error
    return pool


@contextlib.contextmanager
def deaf_to_ctrl_c() -> Iterator[None]:
    """Start processes that a Ctrl-C leaves alone from their first moment; this process hears it afterwards."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # where it is started later, it lets Ctrl-C through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
