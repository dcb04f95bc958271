"""The first day as machine code: every variable of every run as NumPy draws it."""

from pathlib import Path

import numpy as np
import pytest

import sim
from sim.core.declare import variables
from sim.engine.batch import Batch
from sim.model.state import State
from tests.helpers import EVERY_MECHANISM

pytest.importorskip("llvmlite")

ALLIANCE = str(Path(sim.__file__).parents[1] / "docs/examples/alliance.yaml")
FURTHER = {"sectors": {"finance": {"like": "private", "share": 0.2}, "media": {"share": 0.1}}}
CASES = {
    "neutral": (lambda: sim.load_scenario("neutral"), {}),
    "the first version": (lambda: sim.load_scenario("first_version"), {}),
    "sectors and depth that differ by run": (
        lambda: sim.load_scenario("denim_alliance"),
        {"sectors.private.share": np.linspace(0, 1, 19), "start.depth": np.linspace(1, 2, 19)},
    ),
    "candidates, few domains, tenure": (
        lambda: sim.Scenario().replace(
            **{"size.partners": 9, "size.candidates": 5, "start.tenure": 20.0, "size.domains": 3}
        ),
        {},
    ),
    "a roster with events": (lambda: sim.load_scenario(ALLIANCE), {}),
    "further sectors, every mechanism": (lambda: sim.load_scenario(FURTHER).replace(**EVERY_MECHANISM), {}),
}


QUICK = ("sectors and depth that differ by run", "a roster with events", "further sectors, every mechanism")


@pytest.mark.parametrize("case", [pytest.param(c, marks=() if c in QUICK else pytest.mark.slow) for c in CASES])
def test_it_is_what_numpy_draws(case):
    scenario, columns = CASES[case][0](), CASES[case][1]
    own, other = (Batch(scenario, range(19), "neutral", columns, engine=e).state for e in ("compiled", "numpy"))

    for name in variables(State):
        one, two = getattr(own, name), getattr(other, name)
        assert (one.shape, one.dtype) == (two.shape, two.dtype), name
        np.testing.assert_allclose(one, two, rtol=1e-12, atol=1e-12, err_msg=name)


def test_it_is_compiled_again_where_other_parameters_need_other_equations():
    """Where goals follow the sector in no run, nothing is calculated of that; in the next batch they do."""
    for share in (0.0, 0.7, 0.0):
        scenario = sim.Scenario().replace(**{"sectors.goals_by_sector": share, "start.depth": 1.0 + share})
        own, other = (Batch(scenario, range(5), "neutral", engine=e).state for e in ("compiled", "numpy"))

        np.testing.assert_allclose(own.goals, other.goals, rtol=1e-12)
        np.testing.assert_allclose(own.expertise, other.expertise, rtol=1e-12)


def test_every_roster_has_a_first_day_of_its_own_in_one_process():
    rows = [{"name": f"Member {k}", "sector": "private"} for k in range(3)]
    for needs in (1.0, 2.0), (30.0, 40.0):
        members = [row | {"need": need, "mission": need / 50} for row, need in zip(rows[:2], needs, strict=True)]
        scenario = sim.Scenario().replace(members=[*members, rows[2]])
        own, other = (Batch(scenario, range(5), "neutral", engine=e).state for e in ("compiled", "numpy"))

        np.testing.assert_allclose(own.need, other.need, rtol=1e-12)
        np.testing.assert_allclose(own.mission, other.mission, rtol=1e-12)
