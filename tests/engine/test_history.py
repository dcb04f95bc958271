"""A history is as likely as free runs make it, and what is drawn after it fits it."""

import numpy as np
import pytest

import sim
from sim.engine.batch import Batch
from sim.engine.history import above, replay, settle

NOW, LEFT = 6, 4
ROWS = [{"name": f"Member {k}", "sector": "private", "segment": 0} for k in range(3)]
SHORT = {
    "start.goodwill": 0.6, "start.optimism": 0.1, "start.goodwill_spread": 0.8, "rules.membership.other_rate": 0.03,
    "rules.membership.lapse_rate": 0.7, "rules.membership.fee": 0.2, "rules.membership.look_ahead": 2.0,
    "rules.membership.hazard_width": 0.3,
}  # fmt: skip


def clamped(n=4000, first=0, **changes):
    rows = [ROWS[0] | {"leaves": LEFT}, *ROWS[1:]]
    scenario = sim.Scenario().replace(members=rows, now=NOW, **(SHORT | changes))
    return Batch(scenario, range(first, first + n), "neutral")


@pytest.mark.parametrize("changes", [
    {}, {"structure.exit": "hazard"}, {"rules.membership.term": 2.0},
    {"structure.exit": "hazard", "rules.membership.term": 2.0},
], ids=str)  # fmt: skip
def test_a_history_is_as_likely_as_free_runs_make_it(changes):
    n = 12_000
    free = Batch(sim.Scenario().replace(members=ROWS, **(SHORT | changes)), range(n), "neutral")
    for _ in range(NOW):
        free.advance()
    left = free.state.left_month
    share = ((left[0] == LEFT) & (left[1:] == 0).all(axis=0)).mean()
    likely = replay(clamped(first=n, **changes), NOW).likelihood.prod(axis=0)

    error = np.sqrt(share * (1 - share) / n + likely.var() / len(likely))
    assert abs(share - likely.mean()) < 3.5 * error
    assert share > 10 * error / 3.5


def test_members_come_and_go_as_is_known():
    batch = clamped(n=4)
    months = []
    for _ in range(NOW):
        months.append(batch.advance()[2].member[:, 0].tolist())
    assert months == [[1, 1, 1]] * (LEFT - 1) + [[0, 1, 1]] * (NOW - LEFT + 1)


def test_goodwill_follows_its_rule_from_the_patience_that_is_drawn():
    batch = clamped(n=50)
    before = batch.state.patience
    history = replay(batch, NOW)
    tracked = np.minimum(
        before + history.gain, batch.params.rules.commitment.goodwill_limit * before + history.gain_from_limit
    )
    here = batch.state.member > 0
    assert np.allclose(batch.state.goodwill[here], tracked[here])


def test_what_is_drawn_for_those_who_stayed_would_have_let_them_stay():
    batch = clamped(n=500)
    history = replay(batch, NOW)
    least = history.patience
    settle(batch, history, np.random.default_rng(0).random(least.shape))
    stays = (batch.state.member > 0) & (batch.state.going == 0)

    assert (batch.state.patience[stays] >= least[stays] - 1e-9).all()
    assert (batch.state.patience[stays] > least[stays] * 1.01).mean() > 0.5
    share = above(np.zeros_like(least), batch)
    assert (share == 1.0).all()


def test_seeds_of_members_change_their_own_draws_and_no_others():
    scenario = sim.Scenario().replace(members=ROWS)
    seeds = np.arange(6, dtype=np.uint64).reshape(3, 2)
    one = Batch(scenario, [1, 2], "neutral", members=seeds).state
    seeds = seeds.copy()
    seeds[1, 0] = 99
    other = Batch(scenario, [1, 2], "neutral", members=seeds).state

    changed = one.resources != other.resources
    assert changed.tolist() == [[False, False], [True, False], [False, False]]
    assert (one.agenda == other.agenda).all()
