"""The progress bar on the terminal: what is done and how long the rest takes."""

import sys
import threading
from typing import Any


def bar(shown: bool | None = None, **options: Any) -> Any:
    """Give tqdm's bar: silent without a terminal (unless told), and gone when the work is done."""
    from tqdm import tqdm

    if not hasattr(tqdm, "_lock"):  # its own asks the system for a semaphore, which a killed process leaves behind
        tqdm.set_lock(threading.RLock())
    disable = None if shown is None else not shown
    return tqdm(file=sys.stderr, leave=False, disable=disable, **options)
