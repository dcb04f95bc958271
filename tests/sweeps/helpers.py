"""Small sweeps to look into."""

import hashlib
from pathlib import Path

import sim
from sim.sweeps.operations import start
from sim.sweeps.spec import check
from sim.sweeps.store import Store

SMALL = {
    "policies": ["neutral", "adaptive"],
    "space": {"start.trust": [0.3, 0.6, 0.9], "size.partners": [6, 8]},
    "replications": 5,
    "months": 6,
    "record": ["series", "events"],
}
"""6 points under 2 policies with 5 replications: 60 runs, in 4 tasks."""


class Count:
    """A progress that counts what is done now."""

    def __init__(self):
        self.done = self.failed = self.tasks = self.total = self.tried = 0

    def aim(self, total, tried):
        self.total, self.tried = total, tried

    def add(self, finished):
        self.done += finished.n_runs
        self.failed += len(finished.failures)
        self.tasks += 1


class Stop(Exception):
    """Somebody stops a sweep."""


class StopAfter(Count):
    """Stop a sweep after some tasks."""

    def __init__(self, tasks):
        super().__init__()
        self.left = tasks

    def add(self, finished):
        super().add(finished)
        self.left -= 1
        if not self.left:
            raise Stop


def checked_inputs(folder, data=None, **changes):
    return check("test", {**SMALL, "executor": "serial", **(data or {}), **changes}, Path(folder))


def swept(folder, **changes):
    """Sweep in this process; gives what was counted."""
    count = Count()
    start(checked_inputs(folder, **changes), count, "test")
    return count


def fingerprints(folder):
    """Digest every table, sorted by run id, to the last byte."""
    sweep = sim.load(folder)
    saved = ("runs", *sweep.config["experiment"]["record"])
    return {t: _digest(sweep.table(t)) for t in saved}


def _digest(table):
    digest = hashlib.sha256(repr(list(zip(table.columns, map(str, table.dtypes), strict=True))).encode())
    for name in table:
        column = table[name].to_numpy()
        digest.update(column.tobytes() if column.dtype.kind in "if" else "\0".join(column).encode())
    return digest.hexdigest()


def shards(folder, table="runs"):
    return {p.name: (p.stat().st_mtime_ns, p.read_bytes()) for p in (Path(folder) / table).glob("*.parquet")}


def store(folder):
    return Store(Path(folder)).open()
