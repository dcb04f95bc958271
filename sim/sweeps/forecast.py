"""What a sweep would cost before it runs: time, measured now; disk; memory, from the sizes of its largest tables."""

import dataclasses
import os
import time
from pathlib import Path

from sim.core.errors import InputError
from sim.engine.simulate import CELLS
from sim.sweeps.plan import Plan
from sim.sweeps.tasks import work

SAMPLES = 6
"""How many kinds of task are timed."""

STATE = 2_400
"""Bytes that a run needs while it is simulated, for each partner slot."""

ROW = {"series": 1_400, "events": 800, "members": 700}
"""Bytes that a row of a table needs while its task makes it (measured with tracemalloc)."""

CELL, PROCESS = 60, 200_000_000
"""Bytes of a cell of the design in the sweeping process, and of a process with its libraries."""


@dataclasses.dataclass(frozen=True)
class Forecast:
    """The cost of a sweep.

    Attributes:
        seconds: for one run, one worker.
        disk: bytes on disk of one run.
        worker: bytes of memory of one worker.
        own: bytes of memory of the sweeping process.
    """

    seconds: float
    disk: float
    worker: float
    own: float


def forecast(plan: Plan) -> Forecast:
    """Measure a few kinds of task, and weigh them by the runs of each.

    Compiling for the compiled engine happens before the clock starts: it is done once, and kept.

    Args:
        plan: the sweep.

    Raises:
        InputError: if one task alone needs more memory than the machine has free.
    """
    refuse_too_large(plan)
    step = max(1, len(plan.groups) // SAMPLES)
    seconds = disk = weight = 0.0
    for group in plan.groups[::step][:SAMPLES]:
        work(plan.task(group, [0, 0], [plan.experiment.seed, plan.experiment.seed + 1]))
        task = next(iter(plan.tasks(group, range(len(group.points)), 0, plan.experiment.replications)))
        start = time.perf_counter()
        finished = work(task)
        share = len(group.points) / len(task.seeds)
        seconds += (time.perf_counter() - start) * share
        disk += sum(len(content) for content in finished.files.values()) * share
        weight += len(group.points)
    own = PROCESS + CELL * plan.rows.size
    return Forecast(seconds / weight, disk / weight, PROCESS + task_memory(plan), own)


def task_memory(plan: Plan) -> float:
    """Give the bytes that the largest task of a plan needs."""
    months, sizes = plan.experiment.months, []
    for group in plan.groups:
        slots = group.scenario.size.partners + group.scenario.size.candidates
        runs = min(plan.most(group.scenario), len(group.points) * plan.experiment.replications)
        rows = {"series": months, "events": 3 * slots, "members": months * slots}
        tables = sum(ROW[name] * rows[name] for name in plan.experiment.record)
        sizes.append(STATE * slots * min(runs, max(2, CELLS // slots)) + tables * runs)
    return float(max(800 * CELLS, *sizes))  # the engine sets so much aside before its first batch


def refuse_too_large(plan: Plan) -> None:
    """Refuse a plan of which one task alone does not fit: tasks are cut small, but not below two runs.

    Raises:
        InputError: the message says how much it needs, how much is free, and what to do.
    """
    free, needed = free_memory(), task_memory(plan)
    if free is not None and needed > free:
        raise InputError(
            f"two runs at a time need about {needed / 1e9:.3g} GB of memory, and {free / 1e9:.3g} GB are free: keep "
            "fewer tables (record=), or simulate fewer partners or months"
        )


def free_memory() -> float | None:
    """Give the bytes of memory that are free on this machine; None where it does not say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return 1024.0 * next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError, IndexError):
        pass
    try:
        return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, OSError, ValueError):  # Windows
        return None
