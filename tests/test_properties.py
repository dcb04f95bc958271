"""Identities and ranges hold wherever parameters may stand: any scenario within its declared bounds, any policy."""

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import sim
from sim.declare import parameters
from sim.policies import POLICIES

SMALL = {"size.partners": 10, "size.candidates": 3, "size.ties": 2}
FREE = [q for q in parameters(sim.Scenario()) if not q.structural and q.low is not None and q.high is not None]


def within(fact):
    """Draw from a parameter's bounds, its ends included; months of shocks within the run."""
    if fact.path.startswith("shocks.") and fact.path.endswith(".month"):
        return st.integers(0, 20)
    if fact.path == "shocks.forced_exit.member":
        return st.integers(0, 9)
    if fact.kind == "int":
        return st.integers(int(fact.low), int(min(fact.high, 40)))
    return st.one_of(st.sampled_from([float(fact.low), float(fact.high)]), st.floats(fact.low, fact.high))


SCENARIOS = st.lists(st.sampled_from(FREE), min_size=1, max_size=25, unique_by=lambda q: q.path).flatmap(
    lambda facts: st.fixed_dictionaries({q.path: within(q) for q in facts})
)
GOVERNING = st.builds(
    lambda name, pause: {"name": name, "pause": pause}, st.sampled_from([p.name for p in POLICIES]), st.integers(0, 6)
)


def holds(changes, policy, seed):
    """Run with every identity and range checked, and look for numbers that are none."""
    shares = [changes.get(f"sectors.{sector}.share", 0.1) for sector in ("public", "private", "academic", "nonprofit")]
    assume(sum(shares) > 0)
    scenario = sim.Scenario().with_(**SMALL, **changes)
    tables = sim.simulate(scenario, [seed, seed + 1], policy, 20, audit=True)
    numbers = tables.series.select_dtypes("number")
    peopled = numbers[numbers["n_members"] > 0]
    assert np.isfinite(peopled.to_numpy()).all(), peopled.columns[~np.isfinite(peopled).all()].tolist()
    assert not np.isinf(numbers.to_numpy()).any()


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(SCENARIOS, GOVERNING, st.integers(0, 2**40))
def test_identities_hold_in_scenarios_at_random(changes, policy, seed):
    holds(changes, policy, seed)


@pytest.mark.slow
@settings(max_examples=2000, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(SCENARIOS, GOVERNING, st.integers(0, 2**40))
def test_identities_hold_in_very_many_scenarios_at_random(changes, policy, seed):
    holds(changes, policy, seed)
