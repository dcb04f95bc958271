"""Branching: a copy of a batch goes on under another policy, on the same random draws."""

import numpy as np
import pytest

import sim
from sim.engine.batch import Batch
from sim.model.outcomes.series import series_of

FIRST = {"label": "First", "steps": [{"policy": "adaptive_tracking"}], "when": [{"if": "exits in 6 months >= 1", "also": "bundling"}]}  # fmt: skip
SECOND = {"label": "Second", "steps": [{"policy": "adaptive", "from": 15}, {"policy": "strategic_pause", "from": 15}]}
BOTH = {"steps": [{"policy": FIRST, "until": 14}, {"policy": SECOND}]}
ENGINES = ["numpy", pytest.param("compiled", marks=pytest.mark.slow)]


def measured(batch, months):
    """Advance by some months; gives every monthly outcome, shape (outcomes, months, runs)."""
    if batch.engine == "compiled":
        pytest.importorskip("llvmlite")
    return np.concatenate([values for values, *_ in batch.run_months(months, series_of(batch.sectors), False)], axis=1)


def after(months, policy, engine, n=8):
    batch = Batch(sim.load_scenario("denim_alliance"), range(n), policy, engine=engine)
    return batch, measured(batch, months)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("policy", ["adaptive_tracking", FIRST], ids=str)
def test_going_on_under_the_same_policy_gives_the_same_bits_as_not_branching(policy, engine):
    _, straight = after(24, policy, engine)
    batch, before = after(14, policy, engine)
    renamed = policy if isinstance(policy, str) else {**policy, "label": "Another label"}

    branched = measured(batch.under(renamed), 10)

    np.testing.assert_array_equal(straight, np.concatenate([before, branched], axis=1))


@pytest.mark.parametrize("engine", ENGINES)
def test_branching_to_another_plan_is_the_plan_of_both(engine):
    _, straight = after(24, BOTH, engine)
    batch, before = after(14, FIRST, engine)

    branched = measured(batch.under(SECOND), 10)

    joined = np.concatenate([before, branched], axis=1)
    np.testing.assert_allclose(joined, straight, rtol=0, atol=0 if engine == "numpy" else 1e-9)


def test_a_branch_leaves_the_batch_as_it_is_and_the_other_branches_too():
    batch, _ = after(14, FIRST, "numpy")
    branches = [batch.under(policy) for policy in ("neutral", SECOND, "placebo", FIRST)]
    ends = [measured(branch, 6) for branch in branches]

    np.testing.assert_array_equal(measured(batch.under("neutral"), 6), ends[0])
    np.testing.assert_array_equal(measured(batch, 6), ends[3])
    assert batch.state.month == branches[1].state.month == 20
    assert not np.array_equal(ends[0], ends[1])


def test_branches_keep_common_random_numbers():
    """Spending to no effect changes no member's fate after the branch, and every branch has the seeds of the batch."""
    batch, _ = after(14, "bundling", "numpy")
    nothing, placebo = batch.under("neutral"), batch.under("placebo")
    for branch in (nothing, placebo):
        measured(branch, 12)

    np.testing.assert_array_equal(nothing.state.member, placebo.state.member)
    np.testing.assert_array_equal(nothing.state.goodwill, placebo.state.goodwill)
    np.testing.assert_array_equal(nothing.seeds, placebo.seeds)


def test_paired_differences_of_plans_that_branch_are_zero_until_they_do():
    """Two plans that share their first fourteen months are paired run by run, by the seeds that both save."""
    plans = [{"label": f"Plan {k}", "steps": [{"policy": "bundling", "until": 14}, {"policy": then, "from": 15}]}
             for k, then in enumerate(("neutral", "connecting"))]  # fmt: skip
    one, other = (sim.simulate(None, range(20, 26), plan, 24).series for plan in plans)

    assert one["seed"].equals(other["seed"])
    early = one["month"] <= 14
    columns = one.columns.drop("policy")
    assert one.loc[early, columns].equals(other.loc[early, columns])
    assert not one.loc[~early, columns].equals(other.loc[~early, columns])
