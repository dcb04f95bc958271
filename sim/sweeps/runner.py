"""The sweep: what is still to do is worked on and kept, until nothing is left."""

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np

from sim.sweeps.executors import EXECUTORS
from sim.sweeps.experiment import Executor, Precision
from sim.sweeps.plan import Plan
from sim.sweeps.stopping_rule import half_widths, looks
from sim.sweeps.store import Store
from sim.sweeps.tasks import Finished, Task
from sim.sweeps.views import query

TRIED = "(SELECT policy, point, seed FROM runs UNION ALL SELECT policy, point, seed FROM failures)"


class Progress(Protocol):
    """Whoever wants to know how a sweep goes."""

    def aim(self, total: int, tried: int) -> None:
        """Hear how many runs there will be for now, and how many were tried before."""

    def add(self, finished: Finished) -> None:
        """Hear of a finished task."""


def carry_out(plan: Plan, store: Store, executor: Executor, progress: Progress) -> None:
    """Do all runs of the plan that the store lacks. The store is locked, and knows what is done."""
    at_work = EXECUTORS[executor.name](executor)
    try:
        if plan.experiment.precision is None:
            worlds = np.full(plan.n_points, plan.experiment.replications)
            _reach(plan, store, worlds, at_work, progress)
            stops: dict[str, Any] = {"worlds": worlds, "stopped": "as many as asked for"}
        else:
            stops = _until_precise(plan, store, plan.experiment.precision, at_work, progress)
    finally:
        at_work.close()
    points = plan.points.copy().assign(**stops)  # in one piece: pandas warns of tables of many columns added singly
    points.insert(0, "point", np.arange(plan.n_points))
    store.write_points(points)


def _reach(plan: Plan, store: Store, worlds: Any, at_work: Any, progress: Progress) -> None:
    """Bring every point to its number of worlds."""
    tried = tried_runs(store)
    progress.aim(int(worlds.sum()) * plan.n_policies, int(tried["n"].sum()))
    for finished in at_work.run(missing(plan, store, worlds, tried)):
        store.add(finished)
        progress.add(finished)


def missing(plan: Plan, store: Store, worlds: Any, tried: Any) -> Iterator[Task]:
    """Give the tasks that bring every point to its number of worlds, leaving out every run that was tried."""
    first = plan.experiment.seed
    by_policy = {name: rows.set_index("point") for name, rows in tried.groupby("policy")}
    for group in plan.groups:
        here = by_policy.get(group.name, tried.head(0).set_index("point")).reindex(group.points)
        n = here["n"].fillna(0).to_numpy().astype(int)
        whole = (n == 0) | ((here["low"] == first) & (here["high"] == first + n - 1)).to_numpy()
        wanted = worlds[group.points]
        for done, until in sorted(set(zip(n[whole].tolist(), wanted[whole].tolist(), strict=True))):
            if done < until:
                yield from plan.tasks(group, np.flatnonzero(whole & (n == done) & (wanted == until)), done, until)
        for place in np.flatnonzero(~whole & (n < wanted)):  # worlds with gaps: a point wider than a task, half done
            point = int(group.points[place])
            known = query(store, f"SELECT seed FROM {TRIED} WHERE policy = ? AND point = ?", [group.name, point])
            seeds = np.setdiff1d(first + np.arange(wanted[place]), known["seed"].to_numpy())
            yield from plan.pieces(group, np.full(len(seeds), place), seeds)


def tried_runs(store: Store) -> Any:
    """Count runs that are finished or failed: columns policy, point, n, low and high (of the seeds)."""
    return query(
        store, f"SELECT policy, point, count(*) n, min(seed) low, max(seed) high FROM {TRIED} GROUP BY policy, point"
    )


def _until_precise(plan: Plan, store: Store, precision: Precision, at_work: Any, progress: Progress) -> dict[str, Any]:
    """Add worlds, look by look, to the points whose difference is not yet known well enough."""
    worlds, half = np.zeros(plan.n_points, dtype=int), np.full(plan.n_points, np.nan)
    stopped = np.full(plan.n_points, "the most allowed", dtype=object)
    open_ = np.arange(plan.n_points)
    for n in looks(plan.experiment.replications, precision.most):
        worlds[open_] = n
        _reach(plan, store, worlds, at_work, progress)
        runs = query(
            store,
            f'SELECT point, seed, policy, "{precision.outcome}" FROM runs WHERE seed < ? AND policy IN (?, ?)'
            " AND point IN (SELECT unnest(?)) ORDER BY point, seed",
            [plan.experiment.seed + n, precision.policy, precision.baseline, open_.tolist()],
        )
        found = half_widths(runs, precision)
        half[found["point"]] = found["half_width"]
        precise = half[open_] <= precision.half_width
        stopped[open_[precise]] = "precise enough"
        open_ = open_[~precise]
        if not len(open_):
            break
    return {"worlds": worlds, "half_width": half, "stopped": stopped}
