"""How much a sweep adds to the bare engine, and what two workers gain: ``python experiments/benchmark_sweep.py``.

The experiment ``wide``: 12 partners, 60 months, 20 parameters by a Sobol sequence, two policies, summary outcomes.
``--runs 1000000`` is the large one (a few minutes on two cores); by default 100,000. Everything is measured in one
execution, so ratios can be compared; times depend on the machine.
"""

import argparse
import multiprocessing
import resource
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import sim
from sim.engine.simulate import simulate_batches
from sim.model.parameters import check_columns
from sim.model.policies.registry import find_policy
from sim.sweeps.operations import plan_of
from sim.sweeps.spec import compose_experiment
from sim.sweeps.tasks import _scenario


def bare(task: Any) -> int:
    """Simulate a task's runs and throw them away."""
    import json

    scenario, policy = _scenario(task.scenario), find_policy(json.loads(task.policy))
    columns = check_columns(scenario, task.columns, len(task.seeds))
    return sum(1 for _ in simulate_batches(scenario, task.seeds.tolist(), policy, task.months, (), columns))


def timed_bare(n_runs: int, workers: int) -> float:
    """Time the engine alone in worker processes that are already running."""
    experiment = compose_experiment(["experiment=wide", f"design.n={n_runs // 2}", "replications=1"])
    plan = plan_of(experiment)
    tasks = [task for group in plan.groups for task in plan.tasks(group, range(plan.n_points), 0, 1)]
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        list(pool.map(bare, tasks[: 2 * workers]))
        start = time.perf_counter()
        list(pool.map(bare, tasks))
        return time.perf_counter() - start


def timed_sweep(n_runs: int, workers: int, folder: Path) -> float:
    """Time a whole sweep: design, start of the workers, runs, shards."""
    start = time.perf_counter()
    sim.sweep(
        "wide",
        folder,
        design={"name": "sobol", "n": n_runs // 2},
        replications=1,
        executor={"name": "processes", "workers": workers},
        figures={},
    )
    return time.perf_counter() - start


def main() -> None:
    """Measure, and print a line each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=100_000)
    n_runs = parser.parse_args().runs // 2 * 2
    few = min(n_runs, 100_000)
    with tempfile.TemporaryDirectory() as place:
        two = timed_sweep(n_runs, 2, Path(place) / "two")
        peak = (
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
            resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss,
        )
        engine = timed_bare(n_runs, 2)
        size = sum(f.stat().st_size for f in (Path(place) / "two").rglob("*") if f.is_file())
        start = time.perf_counter()
        sweep = sim.load(Path(place) / "two")
        sweep.sql("SELECT * FROM runs LIMIT 1")
        first = time.perf_counter() - start
        table = len(sweep.runs)
        all_rows = time.perf_counter() - start - first
        fast = two if few == n_runs else timed_sweep(few, 2, Path(place) / "few")
        slow = timed_sweep(few, 1, Path(place) / "one")
    print(f"{table:,} runs, 2 workers: {two:.1f} s; the bare engine in 2 processes: {engine:.1f} s")
    print(f"peak memory: {peak[0] / 1024:.0f} MB in the process that sweeps, {peak[1] / 1024:.0f} MB in a worker")
    print(f"disk: {size / 1e6:.0f} MB; first row in pandas after {first:.2f} s, all rows after {all_rows:.1f} s")
    print(f"{few:,} runs: 1 worker {slow:.1f} s, 2 workers {fast:.1f} s")
    print(f"sweep={two / engine:.2f} times the bare engine, 2 workers={slow / fast:.2f} times 1 worker")


if __name__ == "__main__":
    main()
