"""A history is as likely as free runs make it, and what is drawn after it fits it."""

import numpy as np
import pytest

import sim
from sim.engine.batch import Batch
from sim.engine.history import above, replay, settle
from sim.model.random_streams import RandomStreams

NOW, LEFT = 6, 4
ROWS = [{"name": f"Member {k}", "sector": "private", "segment": 0} for k in range(3)]
SHORT = {
    "start.goodwill": 0.6, "start.optimism": 0.1, "start.goodwill_spread": 0.8, "rules.membership.other_rate": 0.03,
    "rules.membership.lapse_rate": 0.7, "rules.membership.fee": 0.2, "rules.membership.look_ahead": 2.0,
    "rules.membership.hazard_width": 0.3,
}  # fmt: skip


def clamped(n=4000, first=0, rows=None, policy="neutral", **changes):
    rows = rows or [ROWS[0] | {"leaves": LEFT}, *ROWS[1:]]
    scenario = sim.Scenario().replace(members=rows, now=NOW, **(SHORT | changes))
    return Batch(scenario, range(first, first + n), policy)


def free_runs(n, rows=None, policy="neutral", **changes):
    """Run the same members for as long, with nothing known of when they leave; flags which runs make the history."""
    rows = rows or [ROWS[0] | {"leaves": LEFT}, *ROWS[1:]]
    free = [{k: v for k, v in row.items() if k != "leaves"} for row in rows]
    batch = Batch(sim.Scenario().replace(members=free, **(SHORT | changes)), range(n), policy)
    for _ in range(NOW):
        batch.advance()
    known = np.array([[row.get("leaves", 0)] for row in rows])
    return batch, (batch.state.left_month == np.where(known <= NOW, known, 0)).all(axis=0)


MEMBERSHIP, GRANT = "rules.membership.", "grant."
LATER = [ROWS[0], ROWS[1], ROWS[2] | {"joins": 2}]


@pytest.mark.parametrize("changes", [
    {}, {"structure.exit": "hazard"}, {"rules.membership.term": 2.0},
    {"structure.exit": "hazard", "rules.membership.term": 2.0, MEMBERSHIP + "fee": 0.6, "start.goodwill": 1.0},
    {MEMBERSHIP + "term": 3.0, MEMBERSHIP + "on_calendar": 0.6},
    {MEMBERSHIP + "term": 5.0, "events": [{"month": LEFT, "kind": "renewal"}]},
    {MEMBERSHIP + "exit_penalty": 0.5, GRANT + "months": 3.0},
    {MEMBERSHIP + "exit_penalty": 0.5, GRANT + "months": 4.0, "structure.exit": "hazard"},
    {"rows": [*LATER[:2], LATER[2] | {"leaves": 5}]},
    {"rows": [LATER[0] | {"leaves": LEFT}, *LATER[1:]], MEMBERSHIP + "term": 2.0},
    {"rows": [ROWS[0] | {"leaves": LEFT}, ROWS[1], ROWS[2] | {"leaves": NOW + 3}]},
    {"rows": [ROWS[0] | {"leaves": 4}, *(r | {"leaves": 5} for r in ROWS[1:])], MEMBERSHIP + "least_members": 3.0},
    {"shocks.departures.month": LEFT, "shocks.departures.share": 0.4},
    {"events": [{"month": 5, "kind": "departures", "size": 0.4}]},
    {"shocks.forced_exit.month": LEFT, "shocks.forced_exit.member": 0},
    {"policy": "strategic_pause", GRANT + "initiation": 1, "rules.commitment.impatience": 0.2},
    {"rules.commitment.goodwill_limit": 1.0, "start.optimism": 0.3, MEMBERSHIP + "lapse_rate": 0.3},
], ids=str)  # fmt: skip
def test_a_history_is_as_likely_as_free_runs_make_it(changes):
    n = 5_000
    share = free_runs(n, **changes)[1].mean()
    likely = replay(clamped(n, first=n, **changes), NOW).likelihood.prod(axis=0)

    error = np.sqrt(share * (1 - share) / n + likely.var() / len(likely))
    assert abs(share - likely.mean()) < 3.5 * error
    assert share > 10 * error / 3.5


def test_who_is_forced_out_in_another_month_than_is_known_makes_the_history_impossible():
    batch = clamped(20, **{"shocks.forced_exit.month": 5, "shocks.forced_exit.member": 1})

    assert (replay(batch, NOW).likelihood[1] == 0.0).all()


@pytest.mark.slow
@pytest.mark.parametrize("changes", [
    {}, {"structure.exit": "hazard"}, {MEMBERSHIP + "lapse_rate": 0.3}, {MEMBERSHIP + "term": 3.0},
    {"rows": [ROWS[0] | {"leaves": LEFT}, ROWS[1], ROWS[2] | {"joins": NOW + 1}], "start.goodwill": 1.0},
], ids=str)  # fmt: skip
def test_what_follows_a_history_is_what_follows_it_in_free_runs(changes):
    n = 40_000
    free, match = free_runs(n, **changes)
    batch, rng = clamped(n, first=n, **changes), np.random.default_rng(0)
    history = replay(batch, NOW)
    settle(batch, history, rng.random(batch.state.member.shape))
    batch.streams = RandomStreams(rng.integers(2**63, size=n, dtype=np.uint64), 3, batch.params.size.domains)
    for _ in range(6):
        free.advance()
        batch.advance()
    weight = history.likelihood.prod(axis=0)
    weight = weight / weight.sum()
    real = (free.state.member > 0)[:, match].mean(axis=1)
    drawn = ((batch.state.member > 0) * weight).sum(axis=1)

    error = np.sqrt(real * (1 - real) / match.sum() + drawn * (1 - drawn) * (weight**2).sum())
    assert (abs(real - drawn) <= 3.5 * error).all()
    assert error.max() < 0.04


def test_members_come_and_go_as_is_known():
    batch = clamped(n=4)
    months = []
    for _ in range(NOW):
        months.append(batch.advance()[2].member[:, 0].tolist())
    assert months == [[1, 1, 1]] * (LEFT - 1) + [[0, 1, 1]] * (NOW - LEFT + 1)


@pytest.mark.parametrize(
    "changes", [{}, {"rules.membership.term": 2.0, "rules.commitment.goodwill_limit": 1.0}], ids=str
)
def test_goodwill_follows_its_rule_from_the_patience_that_is_drawn(changes):
    batch = clamped(n=50, **changes)
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


def test_who_joins_later_begins_as_it_was_drawn():
    rows = [*ROWS[:2], ROWS[2] | {"joins": NOW + 2}]
    batch = clamped(50, rows=rows)
    before = batch.state.patience
    settle(batch, replay(batch, NOW), np.full(before.shape, 0.3))

    assert (batch.state.patience[2] == before[2]).all()
    assert (batch.state.goodwill[2] == before[2]).all()
