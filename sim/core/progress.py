"""The progress bar on the terminal."""

import sys
import threading
from typing import Any


def bar(shown: bool | None = None, **options: Any) -> Any:
    """Return tqdm's bar: by default silent without a terminal; removed when the work is done."""
    from tqdm import tqdm

    if not hasattr(tqdm, "_lock"):  # tqdm's own lock is a semaphore, which a killed process leaves behind
        tqdm.set_lock(threading.RLock())
    disable = None if shown is None else not shown
    return tqdm(file=sys.stderr, leave=False, disable=disable, **options)
