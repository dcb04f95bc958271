"""Executors without processes: a pool and a cluster that die as told. Real ones, and real kills, are in test_kills.py."""

import contextlib
import functools
import subprocess
import sys
from collections import Counter
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from types import SimpleNamespace

import pytest

from sim.core import processes
from sim.core.errors import InputError
from sim.sweeps.executors import cluster, local
from sim.sweeps.executors.local import in_processes
from sim.sweeps.plan import Plan, points_of
from sim.sweeps.spec import Executor
from sim.sweeps.tasks import Finished, lost, work
from tests.sweeps.helpers import checked_inputs


@functools.cache
def planned():
    made = checked_inputs(Path("unused"), {"space": {}, "record": []})
    return Plan(made.experiment, made.scenarios, points_of(made.experiment, made.scenarios))


def tasks(n):
    """Make n tasks of two runs each: one of neutral, the next of adaptive."""
    return [planned().task(planned().groups[k % 2], [0, 0], [10 * k, 10 * k + 1]) for k in range(n)]


def done(task):
    return Finished(task.key, len(task.seeds), {})


def test_of_a_lost_task_every_run_is_named_with_the_reason():
    (_, task) = tasks(2)

    assert lost(task, "gone") == Finished(task.key, 0, {}, tuple(
        {"run_id": run_id, "point": 0, "policy": "adaptive", "seed": seed, "error": "gone"}
        for run_id, seed in zip(task.run_ids(), (10, 11), strict=True)))  # fmt: skip
    assert len(lost(task, "long " * 100).failures[0]["error"]) == 300


def test_serial_gives_each_task_in_its_order():
    inputs = tasks(2)

    assert list(local.Serial(None).run(inputs)) == [work(task) for task in inputs]


# --- processes --------------------------------------------------------------------------------------------------


class Worker:
    """A worker that cannot be ended (it is gone already), and that says it was tried."""

    def __init__(self):
        self.calls = []

    def terminate(self):
        self.calls.append("terminate")
        raise OSError

    def join(self, _seconds):
        self.calls.append("join")
        raise AssertionError


class Pool:
    """Stand in for a pool of processes; ``deaths`` says how often a task (by key) kills it, and all that wait with it."""

    deaths, tried, workers, starts = Counter(), Counter(), [], True

    def __init__(self, n_workers, _context, initializer):
        assert initializer is local._begin_worker
        self.broken, self.ended = False, False
        self._processes = {k: Worker() for k in range(n_workers)}
        self.workers.extend(self._processes.values())

    def submit(self, function, *inputs):
        if self.broken:
            raise BrokenProcessPool
        future = Future()
        if not inputs:
            future.set_result(None) if self.starts else future.set_exception(BrokenProcessPool())
            return future
        (task,) = inputs
        self.tried[task.key] += 1
        self.broken = self.deaths[task.key] > 0
        self.deaths[task.key] -= self.broken
        future.set_exception(BrokenProcessPool()) if self.broken else future.set_result(function(task))
        return future

    def shutdown(self, wait, cancel_futures):
        assert (wait, cancel_futures) == (False, True)


@pytest.fixture
def pool(monkeypatch):
    for name, value in {"deaths": Counter(), "tried": Counter(), "workers": [], "starts": True}.items():
        monkeypatch.setattr(Pool, name, value)
    monkeypatch.setattr(processes, "ProcessPoolExecutor", Pool)
    monkeypatch.setattr(local, "work", done)
    return Pool


@pytest.mark.parametrize("workers", [1, 3])
def test_a_task_that_kills_its_worker_alone_three_times_is_lost_and_every_other_is_done_once(pool, workers):
    inputs = tasks(9)
    deadly, unlucky = inputs[2], inputs[5]
    pool.deaths.update({deadly.key: 99, unlucky.key: 3})
    executor = local.Processes(Executor(workers=workers))
    result = {f.key: f for f in executor.run(inputs)}
    executor.close()

    assert sum(pool.tried.values()) - pool.tried[deadly.key] - pool.tried[unlucky.key] == len(inputs) - 2
    assert result == {t.key: done(t) for t in inputs} | {
        deadly.key: lost(deadly, "its worker died 3 times (out of memory?)")
    }
    assert pool.tried[deadly.key] in (3, 4)
    assert pool.tried[unlucky.key] == 4
    assert all(worker.calls == ["terminate", "join"] for worker in pool.workers)


def test_each_task_comes_back_once_and_few_wait_at_a_time(pool):
    taken = []
    executor = local.Processes(Executor(workers=2))
    for n, finished in enumerate(executor.run(t for t in tasks(9) if taken.append(t.key) is None), start=1):
        assert len(taken) <= 4 + 4 * ((n - 1) // 4)
        assert finished.key in taken
    assert (n, set(pool.tried.values())) == (9, {1})
    assert list(executor.run([])) == []


def test_workers_that_cannot_start_say_what_to_do(pool):
    pool.starts = False

    with pytest.raises(InputError) as error:
        list(local.Processes(Executor(workers=1)).run(tasks(1)))
    assert str(error.value) == (
        "worker processes cannot start; in a script, put sim.sweep(...) below if __name__ == '__main__': (workers read "
        "the script too), or use executor=serial"
    )


def test_by_default_there_is_a_worker_for_each_core():
    assert local.Processes(Executor()).n_workers == local.available()
    assert local.Processes(Executor(workers=7)).n_workers == 7


# --- dask -------------------------------------------------------------------------------------------------------


class Killed(Exception):
    pass


class Cancelled(Exception):
    pass


class Cluster:
    """Stand in for Dask's client, cluster and queue of futures; ``fate`` is what a task (by key) raises."""

    def __init__(self, fate=(), answers=True, starts=0):
        self.fate, self.answers, self.starts = dict(fate), answers, starts
        self.waiting, self.log, self.most = [], [], 0
        self.scheduler, self.CancelledError = SimpleNamespace(KilledWorker=Killed), Cancelled

    def Client(self, where, timeout=None):
        self.log.append(("client", where if isinstance(where, str) else "own", timeout))
        return self

    def LocalCluster(self, **options):
        self.log.append(("cluster", options["n_workers"], options["host"]))
        if self.starts <= 0:
            return self
        self.starts -= 1
        raise RuntimeError("no port is free")

    def wait_for_workers(self, n, timeout):
        if not self.answers:
            raise TimeoutError(n, timeout)

    def nthreads(self):
        return {"one": 1, "two": 1}

    def as_completed(self):
        return self

    def submit(self, function, task, key):
        error = self.fate.get(key)
        return SimpleNamespace(key=key, status="error" if error else "finished", exception=lambda: error,
                               result=lambda: self._result(error, function, task))  # fmt: skip

    def _result(self, error, function, task):
        if error:
            raise error
        return function(task)

    def add(self, future):
        self.waiting.append(future)
        self.most = max(self.most, len(self.waiting))

    def __iter__(self):
        while self.waiting:
            yield self.waiting.pop()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.log.append("left")


@pytest.fixture
def dask(monkeypatch):
    """Give a maker of executors that work on a made-up cluster."""

    def make(made_up, **options):
        config = SimpleNamespace(set=lambda _: contextlib.nullcontext())
        monkeypatch.setitem(sys.modules, "distributed", made_up)
        monkeypatch.setitem(sys.modules, "dask", SimpleNamespace(config=config))
        monkeypatch.setattr(cluster, "work", done)
        return cluster.Dask(Executor(name="dask", **options))

    return make


def test_a_cluster_gives_every_task_once_and_names_the_runs_of_one_that_kills_its_workers(dask):
    inputs, made_up = tasks(9), Cluster()
    made_up.fate[inputs[4].key] = Killed()
    executor = dask(made_up, workers=2)
    result = list(executor.run(inputs))

    assert list(executor.run([])) == []
    assert len(result) == len(inputs)
    assert {f.key: f for f in result} == {t.key: done(t) for t in inputs} | {
        inputs[4].key: lost(inputs[4], "its workers died again and again (out of memory?)")
    }
    assert made_up.most == 1 + 2 * 2
    list(executor.run(inputs[:1]))
    executor.close()
    assert made_up.log == [("cluster", 2, "127.0.0.1"), ("client", "own", None), "left", "left"]


def test_a_schedulers_workers_are_counted_and_left_running(dask):
    made_up = Cluster()
    executor = dask(made_up, address="tcp://there:1")

    assert len(list(executor.run(tasks(7)))) == 7
    assert (executor.n_workers, made_up.most, made_up.log) == (2, 5, [("client", "tcp://there:1", 60)])


def test_what_is_wrong_with_a_task_itself_is_raised(dask):
    inputs = tasks(2)

    with pytest.raises(InputError, match=r"^another model$"):
        list(dask(Cluster({inputs[1].key: InputError("another model")})).run(inputs))


@pytest.mark.parametrize("error", [OSError("closed"), Cancelled()])
def test_a_cluster_that_goes_away_says_what_to_do(dask, error):
    inputs = tasks(1)

    with pytest.raises(
        InputError,
        match=r"^the Dask cluster is gone; what was finished is kept: start it, and run the same command again$",
    ):
        list(dask(Cluster({inputs[0].key: error})).run(inputs))


def test_a_scheduler_that_does_not_answer_is_named(dask):
    with pytest.raises(
        InputError,
        match=r"^executor\.address=tcp://there:1: no scheduler with a worker answers within 60 s; start both as docs/sweeps\.md says$",
    ):
        list(dask(Cluster(answers=False), address="tcp://there:1").run(tasks(1)))


def test_workers_of_dask_are_started_up_to_three_times(dask):
    assert len(list(dask(Cluster(starts=2)).run(tasks(1)))) == 1
    with pytest.raises(InputError, match=r"^Dask workers cannot start: no port is free; try executor=processes$"):
        list(dask(Cluster(starts=3)).run(tasks(1)))


def test_dask_that_is_not_installed_is_named_with_the_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)

    with pytest.raises(
        InputError,
        match=r"^executor=dask needs the package distributed: python -m pip install 'partnership-dynamics\[dask\]'$",
    ):
        cluster.Dask(Executor(name="dask"))


def test_work_in_processes_comes_in_order_and_says_why_it_cannot_start(tmp_path):
    assert list(in_processes(abs, [-3, 2, -1], 2, "sim.mine")) == [3, 2, 1]
    script = (
        "from sim.sweeps.executors.local import in_processes\nprint(list(in_processes(abs, [-1, -2], 2, 'sim.mine')))"
    )
    done = subprocess.run([sys.executable, "-"], input=script, capture_output=True, text=True, cwd=tmp_path)

    assert done.returncode == 1
    assert "worker processes cannot start; in a script, put sim.mine(...) below if __name__" in done.stderr
    assert "or use workers=1" in done.stderr
