"""What a sweep would cost: memory from the sizes of its tables, time measured for each engine."""

import time
import tracemalloc

import pytest

from sim.core.errors import InputError
from sim.sweeps import forecast as forecasting
from sim.sweeps.forecast import forecast, free_memory, task_memory
from sim.sweeps.operations import plan_of
from sim.sweeps.spec import check
from sim.sweeps.tasks import work


def plan(tmp_path, **options):
    data = {"space": {"start.trust": [0.3, 0.6]}, "policies": ["neutral"], "replications": 30, "months": 24}
    return plan_of(check("x", data | options, tmp_path))


@pytest.mark.parametrize("record", [[], ["series"], ["members"]])
def test_memory_is_foretold_within_a_factor_of_2(tmp_path, record):
    planned = plan(tmp_path, record=record)
    (task,) = planned.tasks(planned.groups[0], range(2), 0, 30)
    work(task)  # what is loaded once is no part of it
    tracemalloc.start()
    work(task)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert 0.5 < task_memory(planned) / peak < 2


def test_what_does_not_fit_is_refused_before_anything_runs(tmp_path, monkeypatch):
    assert free_memory() is None or free_memory() > 1e8
    monkeypatch.setattr(forecasting, "free_memory", lambda: 4e9)
    large = {"changes": {"size.partners": 5000}, "months": 1200, "record": ["members"]}

    with pytest.raises(
        InputError, match=r"need about 8\.\d+ GB of memory, and 4 GB are free: keep fewer tables \(record=\)"
    ):
        forecast(plan(tmp_path, **large))


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_time_is_foretold_within_a_factor_of_2(tmp_path, engine):
    planned = plan(tmp_path, engine=engine, policies=["neutral", "adaptive"], replications=1500, months=60)
    cost = forecast(planned)
    start = time.perf_counter()
    runs = sum(work(t).n_runs for g in planned.groups for t in planned.tasks(g, range(2), 0, 1500))

    assert runs == 6000
    assert 0.5 < (time.perf_counter() - start) / (cost.seconds * runs) < 2
