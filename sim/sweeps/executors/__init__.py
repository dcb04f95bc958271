"""Executors: where tasks are worked on. Each gives what became of them, in any order; a result never depends on it.

A new one is a class with ``run`` and ``close`` and its name in ``EXECUTORS``; it holds a few tasks at a time.
"""

from typing import Any

from sim.sweeps.executors.cluster import Dask
from sim.sweeps.executors.local import Processes, Serial

EXECUTORS: dict[str, Any] = {"serial": Serial, "processes": Processes, "dask": Dask}
