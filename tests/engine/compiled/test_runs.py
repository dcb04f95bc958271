"""Whole runs in compiled code: the same as month by month, and as NumPy, whatever the scenario says."""

import typing

import numpy as np
import pytest

import sim

pytest.importorskip("llvmlite")

from sim.engine.batch import Batch
from sim.engine.compiled import NotCompilable, runs
from sim.model.outcomes.series import ALWAYS
from sim.model.policies.base import Policy
from sim.model.structure import Structure
from tests.engine.compiled.test_engines import EVENTFUL, PLAN
from tests.helpers import EVERY_MECHANISM

MONTHS, RUNS = 24, 37


def tables(engine, scenario, policy, record=("summary", "series"), columns=None):
    """Simulate without invariants: they are checked month by month."""
    more = {"record": record, "columns": columns, "engine": engine, "check_invariants": False}
    return sim.simulate(scenario, RUNS, policy, MONTHS, **more)


def assert_close(one, other):
    for name in ("summary", "series"):
        for column in one[name].select_dtypes("number"):
            np.testing.assert_allclose(
                one[name][column], other[name][column], rtol=1e-9, atol=1e-12, err_msg=f"{name} {column}"
            )


SLOW = [pytest.param(p, marks=pytest.mark.slow) for p in ("neutral", "adaptive_tracking", "scheduled")]


@pytest.mark.parametrize("policy", [*SLOW, PLAN], ids=str)
def test_whole_runs_have_the_bits_of_runs_month_by_month(policy):
    scenario = sim.Scenario().replace(**EVENTFUL, **EVERY_MECHANISM)
    columns = {"rules.leak.rate": np.linspace(0, 0.5, RUNS), "start.goodwill": np.linspace(2, 9, RUNS)}
    at_once = tables("compiled", scenario, policy, columns=columns)
    by_month = tables("compiled", scenario, policy, ("summary", "series", "events"), columns)

    assert at_once.series.equals(by_month.series)
    assert at_once.summary.equals(by_month.summary)
    assert_close(at_once, tables("numpy", scenario, policy, columns=columns))
    assert at_once.summary["exits_frustrated"].sum() > 0


FORMS = [(f"structure.{name}", value) for name, field in Structure.model_fields.items()
         for value in typing.get_args(field.annotation)]  # fmt: skip


@pytest.mark.parametrize(("path", "value"), FORMS)
def test_every_form_has_equations_of_its_own_in_one_process(path, value):
    tables("compiled", sim.Scenario(), "neutral")
    scenario = sim.Scenario().replace(**{path: value})

    assert_close(tables("numpy", scenario, "neutral"), tables("compiled", scenario, "neutral"))


def test_what_differs_by_run_and_what_does_not_give_the_same_bits():
    alone = tables("compiled", sim.Scenario().replace(**{"rules.leak.rate": 0.25}), "neutral")
    varied = tables("compiled", sim.Scenario(), "neutral", columns={"rules.leak.rate": [0.25] * RUNS})

    for name in ("summary", "series"):
        assert alone[name].equals(varied[name].drop(columns="rules.leak.rate"))


OFF = {"membership.look_ahead": 6.0, "membership.least_members": 20.0, "membership.other_rate": 0.02, "leak.rate": 0.5,
       "capture.rivalry": 1.0, "tension.culture_friction": 1.0, "participation.allowance": 1.0}  # fmt: skip


@pytest.mark.parametrize(("name", "on"), OFF.items())
def test_what_is_off_has_the_bits_of_what_is_off_in_some_runs(name, on):
    path, many = f"rules.{name}", RUNS // 2
    values = [0.0] * many + [on] * (RUNS - many)
    off = tables("compiled", sim.Scenario().replace(**{path: 0.0}), "neutral").summary
    some = tables("compiled", sim.Scenario(), "neutral", columns={path: values}).summary.drop(columns=path)

    assert off[:many].equals(some[:many])
    assert not off[many:].equals(some[many:])


def test_no_first_day_is_drawn_for_whole_runs(monkeypatch):
    monkeypatch.setattr(Batch, "_first_day", None)

    assert len(tables("compiled", sim.Scenario(), "neutral").summary) == RUNS


def test_outcomes_that_no_equation_can_say_are_measured_from_the_state(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text("""import numpy as np
import sim

@sim.outcome("value", better="more")
def middle(history, state):
    '''Median of what members captured.'''
    return np.median(state.needs_met, axis=0)
""")
    scenario = sim.Scenario().replace(outcomes=[str(file)])
    batch = Batch(scenario, range(3), "neutral", engine="compiled")

    with pytest.raises(NotCompilable, match="median"):
        runs.simulate_runs(batch, 3, ALWAYS, batch.own.outcomes)
    assert_close(tables("numpy", scenario, "neutral"), tables("compiled", scenario, "neutral"))


@pytest.mark.slow
def test_many_members_are_compared_in_pairs_by_numpy_alone():
    scenario = sim.Scenario().replace(**{"size.partners": 70})

    assert_close(tables("numpy", scenario, "neutral"), tables("compiled", scenario, "neutral"))


def test_an_effort_that_is_not_valid_is_refused_in_words():
    def allocate(seen, budget, memory):
        return seen.spend(placebo=budget * 2.0), memory

    with pytest.raises(ValueError, match="budget"):
        tables("compiled", sim.Scenario(), allocate)


class Later(Policy):
    """Remembers from the start what it needs in later months alone."""

    name = "later"

    def start(self):
        return [2.0]

    def allocate(self, seen, budget, memory):
        return (seen.spend() if seen.month <= 3 else seen.spend(bundle=budget * memory[0] * 0.25)), memory


@pytest.mark.slow
def test_what_is_remembered_from_the_start_is_there_when_it_is_needed():
    assert_close(tables("numpy", sim.Scenario(), Later()), tables("compiled", sim.Scenario(), Later()))
