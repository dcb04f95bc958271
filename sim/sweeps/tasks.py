"""A task: some runs of one scenario and policy; worked on anywhere, it gives whole Parquet files as bytes."""

import dataclasses
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from sim.core.errors import InputError
from sim.engine.simulate import simulate_batches
from sim.engine.tables import Tables, as_tables
from sim.model.parameters import check_columns
from sim.model.policies.registry import find_policy
from sim.model.scenario import Scenario
from sim.storage.digests import model_version
from sim.storage.results import table_bytes
from sim.sweeps.run_id import Identity

LONGEST = 300
"""Characters kept of what went wrong in a run."""


@dataclasses.dataclass(frozen=True)
class Task:
    """Some runs: a point and a seed each. ``columns`` are parameters, ``named`` what else tells points apart."""

    key: str
    scenario: str
    policy: str
    months: int
    record: tuple[str, ...]
    plugins: str
    model: str
    engine: str
    points: Any
    seeds: Any
    columns: Mapping[str, Any]
    named: Mapping[str, Any]

    def only(self, some: Any) -> "Task":
        """Give the task with some of its runs (a slice, or places)."""
        columns = {k: v[some] for k, v in self.columns.items()}
        named = {k: v[some] if isinstance(v, np.ndarray) else v for k, v in self.named.items()}
        return dataclasses.replace(self, points=self.points[some], seeds=self.seeds[some], columns=columns, named=named)

    def run_ids(self) -> list[str]:
        """Give the id of every run."""
        return _identity(self.scenario, self.policy, self.months, self.plugins, self.engine).ids(
            self.columns, self.seeds
        )


@dataclasses.dataclass(frozen=True)
class Finished:
    """What became of a task: its tables as Parquet, and what failed."""

    key: str
    n_runs: int
    files: Mapping[str, bytes]
    failures: tuple[Mapping[str, Any], ...] = ()


@lru_cache(maxsize=64)
def _scenario(text: str) -> Scenario:
    return Scenario.model_validate(json.loads(text))


@lru_cache(maxsize=64)
def _identity(scenario: str, policy: str, months: int, plugins: str, engine: str) -> Identity:
    return Identity(_scenario(scenario), json.loads(policy), months, json.loads(plugins), engine)


def work(task: Task) -> Finished:
    """Simulate a task's runs and write them as Parquet; a run that fails is named, and the others go on.

    Raises:
        InputError: if this worker has another version of the model than whoever sent the task.
    """
    if task.model != model_version():
        raise InputError(
            f"a worker has model {model_version()}, the sweep {task.model}; install the same version everywhere"
        )
    done, failures = _attempt(task, task.run_ids())
    return Finished(task.key, sum(len(t.summary) for t in done), _parquet(done), tuple(failures))


def tables_of(task: Task, run_ids: list[str]) -> Tables:
    """Simulate a task's runs; gives their tables, opened by what names each run."""
    scenario, policy = _scenario(task.scenario), find_policy(json.loads(task.policy))
    columns = check_columns(scenario, task.columns, len(task.seeds))
    seeds = [int(s) for s in task.seeds]
    parts = list(simulate_batches(scenario, seeds, policy, task.months, task.record, columns, engine=task.engine))
    named = dict(task.named)
    runs = {
        "run_id": np.array(run_ids, dtype=object),
        "point": np.asarray(task.points, dtype=np.int64),
        "scenario": named.pop("scenario"),
        "policy": named.pop("policy"),
        "seed": np.asarray(task.seeds, dtype=np.int64),
    }
    tables = as_tables(parts, runs, task.record, {**named, **task.columns})
    if tables.events is not None:
        tables.events.insert(5, "event", tables.events.groupby("run_id", sort=False).cumcount().astype(np.int64))
    return tables


def _attempt(task: Task, run_ids: list[str]) -> tuple[list[Tables], list[dict[str, Any]]]:
    """Simulate all runs; if that fails, halve until the runs that fail are alone."""
    try:
        return [tables_of(task, run_ids)], []
    except Exception as error:
        if len(run_ids) == 1:
            reason = " ".join(f"{'' if isinstance(error, InputError) else type(error).__name__ + ': '}{error}".split())
            return [], [_failure(task, run_ids[0], reason)]
    half = len(run_ids) // 2
    first = _attempt(task.only(slice(None, half)), run_ids[:half])
    second = _attempt(task.only(slice(half, None)), run_ids[half:])
    return first[0] + second[0], first[1] + second[1]


def _failure(task: Task, run_id: str, reason: str) -> dict[str, Any]:
    point, seed = int(task.points[0]), int(task.seeds[0])
    return {"run_id": run_id, "point": point, "policy": task.named["policy"], "seed": seed, "error": reason[:LONGEST]}


def lost(task: Task, reason: str) -> Finished:
    """Say that nothing came of a task, for a reason outside its runs."""
    ids = task.run_ids()
    failures = tuple(_failure(task.only(slice(k, k + 1)), run_id, reason) for k, run_id in enumerate(ids))
    return Finished(task.key, 0, {}, failures)


def _parquet(done: list[Tables]) -> dict[str, bytes]:
    import pandas as pd

    files = {}
    for name in ("summary", "series", "members", "events"):
        tables = [table for t in done if (table := t[name]) is not None]
        if tables:
            files["runs" if name == "summary" else name] = table_bytes(pd.concat(tables))
    return files
