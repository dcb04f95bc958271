"""The runner: simulates what a sweep still lacks, until nothing is missing or differences are precise enough."""

from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from sim.core.intervals import half_width
from sim.core.progress import bar
from sim.storage.results import quoted
from sim.sweeps.executors import EXECUTORS
from sim.sweeps.plan import Plan
from sim.sweeps.spec import Executor, Precision
from sim.sweeps.sql import query
from sim.sweeps.store import Store
from sim.sweeps.tasks import Finished, Task

if TYPE_CHECKING:
    import pandas as pd

GROWTH = 1.5
"""By what factor the number of replications grows between two looks at the precision."""

TRIED = "(SELECT policy, point, seed FROM runs UNION ALL SELECT policy, point, seed FROM failures)"


class Progress(Protocol):
    """What hears how a sweep goes."""

    def aim(self, total: int, tried: int) -> None:
        """Hear how many runs there will be for now, and how many were tried before."""

    def add(self, finished: Finished) -> None:
        """Hear of a finished task."""


class Bar:
    """The progress of a sweep: a bar, or lines without a terminal."""

    def __init__(self, shown: bool | None = None) -> None:
        self._shown, self.done, self.failed = shown, 0, 0
        self._bar: Any = None

    def aim(self, total: int, tried: int) -> None:
        """Hear how many runs there will be for now, and how many were tried before."""
        if self._bar is None:
            self._bar = bar(self._shown, total=total, initial=tried, unit=" runs")
        self._bar.total = total
        self._bar.refresh()

    def add(self, finished: Finished) -> None:
        """Hear of a finished task."""
        self.done += finished.n_runs
        self.failed += len(finished.failures)
        if self.failed:
            self._bar.set_postfix_str(f"{self.failed} failed")
        self._bar.update(finished.n_runs + len(finished.failures))

    def __enter__(self) -> "Bar":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave the terminal as it was."""
        if self._bar is not None:
            self._bar.close()


def run_missing(plan: Plan, store: Store, executor: Executor, progress: Progress) -> None:
    """Simulate every run of the plan that the store lacks, then write the table of points.

    With ``precision``, replications are added look by look, at the points whose difference is not precise yet.

    Args:
        plan: what to simulate.
        store: the sweep's folder; it is locked, and knows what is done.
        executor: where to simulate.
        progress: what hears of every finished task.
    """
    precision, first = plan.experiment.precision, plan.experiment.replications
    wanted, half = np.zeros(plan.n_points, dtype=int), np.full(plan.n_points, np.nan)
    stopped = np.full(plan.n_points, "the most allowed" if precision else "all replications", dtype=object)
    open_points = np.arange(plan.n_points)
    workers = EXECUTORS[executor.name](executor)
    try:
        for n in (first,) if precision is None else looks(first, precision.most):
            wanted[open_points] = n
            tried = tried_runs(store)
            progress.aim(int(wanted.sum()) * plan.n_policies, int(tried["n"].sum()))
            for finished in workers.run(missing(plan, store, wanted, tried)):
                store.add(finished)
                progress.add(finished)
            if precision is None:
                break
            widths = _measured(plan, store, precision, open_points, n)
            half[widths["point"]] = widths["half_width"]
            precise = half[open_points] <= precision.half_width
            stopped[open_points[precise]] = "precise enough"
            open_points = open_points[~precise]
            if not len(open_points):
                break
    finally:
        workers.close()
    columns = {"replications": wanted, **({} if precision is None else {"half_width": half}), "stopped": stopped}
    points = plan.points.copy().assign(**columns)  # in one piece: pandas warns of tables of many columns added singly
    points.insert(0, "point", np.arange(plan.n_points))
    store.finish(points)


def missing(plan: Plan, store: Store, wanted: Any, tried: "pd.DataFrame") -> Iterator[Task]:
    """Give the tasks that bring every point to its number of replications, leaving out every run that was tried.

    Args:
        plan: what to simulate.
        store: the sweep's folder.
        wanted: replications per point, shape (points,).
        tried: what ``tried_runs`` gives.
    """
    first = plan.experiment.seed
    by_policy = {name: rows.set_index("point") for name, rows in tried.groupby("policy")}
    for group in plan.groups:
        here = by_policy.get(group.name, tried.head(0).set_index("point")).reindex(group.points)
        n = here["n"].fillna(0).to_numpy().astype(int)
        without_gaps = (n == 0) | ((here["low"] == first) & (here["high"] == first + n - 1)).to_numpy()
        until = wanted[group.points]
        for done, stop in sorted(set(zip(n[without_gaps].tolist(), until[without_gaps].tolist(), strict=True))):
            if done < stop:
                places = np.flatnonzero(without_gaps & (n == done) & (until == stop))
                yield from plan.tasks(group, places, done, stop)
        for place in np.flatnonzero(~without_gaps & (n < until)):  # a point wider than a task, half done
            point = int(group.points[place])
            known = query(store, f"SELECT seed FROM {TRIED} WHERE policy = ? AND point = ?", [group.name, point])
            seeds = np.setdiff1d(first + np.arange(until[place]), known["seed"].to_numpy())
            yield from plan.pieces(group, np.full(len(seeds), place), seeds)


def tried_runs(store: Store) -> "pd.DataFrame":
    """Count runs that are finished or failed: columns policy, point, n, low and high (of the seeds)."""
    return query(
        store, f"SELECT policy, point, count(*) n, min(seed) low, max(seed) high FROM {TRIED} GROUP BY policy, point"
    )


def looks(first: int, most: int) -> Iterator[int]:
    """Give the numbers of replications at which precision is measured: fixed beforehand, so that a resume agrees."""
    n = first
    while n < most:
        yield n
        n = min(most, int(np.ceil(n * GROWTH)))
    yield most


def _measured(plan: Plan, store: Store, precision: Precision, points: Any, n: int) -> "pd.DataFrame":
    """Measure the precision at some points after ``n`` replications."""
    runs = query(
        store,
        f"SELECT point, seed, policy, {quoted(precision.outcome)} FROM runs WHERE seed < ? AND policy IN (?, ?)"
        " AND point IN (SELECT unnest(?)) ORDER BY point, seed",
        [plan.experiment.seed + n, precision.policy, precision.baseline, points.tolist()],
    )
    return half_widths(runs, precision)


def half_widths(runs: "pd.DataFrame", precision: Precision) -> "pd.DataFrame":
    """Give, per point, replications and 95 % half-width of the paired difference (Student's t).

    Args:
        runs: a table with columns point, seed, policy and the outcome, of the two policies.
        precision: what to compare; both policies named.

    Returns:
        A row per point: point, replications (seeds that both policies have), half_width.
    """
    import pandas as pd

    wide = runs.pivot(index=["point", "seed"], columns="policy", values=precision.outcome).sort_index()
    for name in (precision.policy, precision.baseline):
        if name not in wide:
            wide[name] = np.nan
    gaps = (wide[precision.policy] - wide[precision.baseline]).dropna()
    rows = []
    for point, values in gaps.groupby(level="point"):
        n, spread = len(values), values.to_numpy().std(ddof=1) if len(values) > 1 else np.nan
        rows.append({"point": point, "replications": n, "half_width": float(half_width(spread, n))})
    return pd.DataFrame(rows, columns=["point", "replications", "half_width"])
