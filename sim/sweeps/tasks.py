"""A task: some runs of one scenario and policy, each with its run id; worked on anywhere, it gives Parquet files."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from sim.core.declare import parameters
from sim.core.errors import InputError
from sim.core.plugins import use_copies
from sim.engine.simulate import simulate_batches
from sim.engine.tables import Tables, as_tables
from sim.model.parameters import check_columns
from sim.model.policies.registry import find_policy
from sim.model.scenario import Scenario
from sim.storage.digests import model_version
from sim.storage.results import table_bytes, versions

LONGEST = 300
"""Characters kept of the reason why a run failed."""


@dataclasses.dataclass(frozen=True)
class Task:
    """Some runs of one scenario and policy.

    Attributes:
        key: 24 hexadecimal digits of all that determines the runs.
        scenario: the scenario as JSON.
        policy: the policy with all its parameters as JSON.
        months: how long to simulate.
        record: tables to make besides the runs.
        plugins: digests of the user's own policy and pay-off as JSON.
        model: the model's version.
        engine: ``numpy`` or ``compiled``.
        points: the point of each run, shape (runs,).
        seeds: the seed of each run, shape (runs,).
        columns: parameters that differ by run: dotted path -> shape (runs,).
        named: further columns of the tables, the same for all runs or one value each.
        copies: copies to use where the user's own file is not on this machine: spec -> path.
    """

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
    copies: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def only(self, some: Any) -> "Task":
        """Give the task with some of its runs (a slice, or places)."""
        columns = {k: v[some] for k, v in self.columns.items()}
        named = {k: v[some] if isinstance(v, np.ndarray) else v for k, v in self.named.items()}
        return dataclasses.replace(self, points=self.points[some], seeds=self.seeds[some], columns=columns, named=named)

    def run_ids(self) -> list[str]:
        """Give the id of every run."""
        ids = _run_ids(self.scenario, self.policy, self.months, self.plugins, self.engine)
        return ids.of(self.columns, self.seeds)


@dataclasses.dataclass(frozen=True)
class Finished:
    """What became of a task: its tables as Parquet, the runs that failed, and the versions and machine that made it."""

    key: str
    n_runs: int
    files: Mapping[str, bytes]
    failures: tuple[Mapping[str, Any], ...] = ()
    made_by: Mapping[str, str] = dataclasses.field(default_factory=dict)


class RunIds:
    """Ids of the runs of one scenario and policy, made from everything that determines a run and nothing else.

    Swept parameters and seeds differ by run; the rest is digested once.
    """

    def __init__(
        self,
        scenario: Scenario,
        policy: Mapping[str, Any],
        months: int,
        plugins: Mapping[str, str],
        engine: str,
    ) -> None:
        facts = sorted(parameters(scenario), key=lambda q: q.path)
        fixed = {q.path: q.default for q in facts if q.structural}
        head = {"scenario": fixed, "policy": policy, "months": months, "plugins": plugins, "model": model_version()}
        head |= {"engine": engine}
        text = json.dumps(head, sort_keys=True, default=lambda entry: entry.model_dump(mode="json"))
        self._head = hashlib.sha256(text.encode()).digest()
        self._place = {q.path: k for k, q in enumerate(q for q in facts if not q.structural)}
        self._numbers = np.array([float(q.default) for q in facts if not q.structural])

    def of(self, columns: Mapping[str, Any], seeds: Any) -> list[str]:
        """Give one id per run, 24 hexadecimal digits.

        Args:
            columns: parameters that differ by run: dotted path -> shape (runs,).
            seeds: shape (runs,).
        """
        rows = np.repeat(self._numbers[None], len(seeds), axis=0)
        for path, values in columns.items():
            rows[:, self._place[path]] = values
        rows += 0.0  # so that -0 is 0
        start = hashlib.blake2b(self._head, digest_size=12)
        ids = []
        for row, seed in zip(rows.astype("<f8"), np.asarray(seeds, dtype="<i8"), strict=True):
            digest = start.copy()
            digest.update(row.tobytes() + seed.tobytes())
            ids.append(digest.hexdigest())
        return ids


@lru_cache(maxsize=64)
def _scenario(text: str) -> Scenario:
    return Scenario.model_validate(json.loads(text))


@lru_cache(maxsize=64)
def _run_ids(scenario: str, policy: str, months: int, plugins: str, engine: str) -> RunIds:
    return RunIds(_scenario(scenario), json.loads(policy), months, json.loads(plugins), engine)


def work(task: Task) -> Finished:
    """Simulate a task's runs and write them as Parquet.

    If that fails, the runs are halved until those that fail are alone; they are named, and the others go on.

    Raises:
        InputError: if this worker has another version of the model than the sweep.
    """
    if task.model != model_version():
        raise InputError(
            f"a worker has model {model_version()}, the sweep {task.model}; install the same version everywhere"
        )
    tables: list[Tables] = []
    failures: list[dict[str, Any]] = []
    waiting = [(task, task.run_ids())]
    while waiting:
        some, run_ids = waiting.pop()
        try:
            tables.append(tables_of(some, run_ids))
        except Exception as error:
            if len(run_ids) == 1:
                kind = "" if isinstance(error, InputError) else f"{type(error).__name__}: "
                failures.append(_failure(some, run_ids[0], " ".join(f"{kind}{error}".split())))
                continue
            half = len(run_ids) // 2
            waiting += [
                (some.only(slice(half, None)), run_ids[half:]),
                (some.only(slice(None, half)), run_ids[:half]),
            ]
    return Finished(task.key, sum(len(t.summary) for t in tables), _parquet(tables), tuple(failures), versions())


def tables_of(task: Task, run_ids: list[str]) -> Tables:
    """Simulate a task's runs; gives their tables, whose first columns say which run a row is of."""
    use_copies(task.copies)
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


def lost(task: Task, reason: str) -> Finished:
    """Give the result of a task of which nothing came, for a reason outside its runs."""
    ids = task.run_ids()
    failures = tuple(_failure(task.only(slice(k, k + 1)), run_id, reason) for k, run_id in enumerate(ids))
    return Finished(task.key, 0, {}, failures)


def _failure(task: Task, run_id: str, reason: str) -> dict[str, Any]:
    point, seed = int(task.points[0]), int(task.seeds[0])
    return {"run_id": run_id, "point": point, "policy": task.named["policy"], "seed": seed, "error": reason[:LONGEST]}


def _parquet(parts: list[Tables]) -> dict[str, bytes]:
    import pandas as pd

    files = {}
    for name in ("summary", "series", "members", "events"):
        tables = [table for t in parts if (table := t[name]) is not None]
        if tables:
            files["runs" if name == "summary" else name] = table_bytes(pd.concat(tables))
    return files
