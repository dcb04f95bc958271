"""The same seed gives the same bits, in any batch, order and set of tables."""

import numpy as np
import pandas as pd
import pytest

import sim
from sim.engine.batch import Batch
from sim.model.policies import POLICIES
from sim.model.random_streams import Draws, RandomStreams

SMALL = sim.Scenario().replace(**{"size.partners": 8})
NAMES = [p.name for p in POLICIES]
PLAN = {
    "steps": [
        {"policy": "adaptive_tracking", "ramp": 4},
        {"policy": "strategic_pause", "from": 6},
        {"policy": "bundling"},
    ],
    "when": [{"if": "exits >= 1", "then": {"steps": [{"policy": "connecting", "until": 2}]}, "for": 4}],
}


def run(scenario, seeds, policy="adaptive_tracking", months=24, **more):
    return sim.simulate(scenario, seeds, policy, months, record=("summary", "series", "members", "events"), **more)


QUICK = ("neutral", "adaptive_tracking")
EACH = [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in NAMES]


@pytest.mark.parametrize("policy", [*EACH, pytest.param(PLAN, id="plan")])
def test_a_run_is_the_same_alone_among_seven_and_among_a_thousand(policy):
    thousand = sim.simulate(SMALL, range(1000), policy, 15)
    seven = sim.simulate(SMALL, range(990, 997), policy, 15)
    alone = sim.simulate(SMALL, [993], policy, 15)

    for few in (seven, alone):
        seeds = few.summary["seed"].to_list()
        for table in ("summary", "series", "events"):
            many = getattr(thousand, table)
            expected = many[many["seed"].isin(seeds)].reset_index(drop=True)
            pd.testing.assert_frame_equal(expected, getattr(few, table), check_exact=True)


def test_the_order_of_seeds_changes_only_the_order_of_rows():
    forward, backward = run(SMALL, [3, 1, 2]), run(SMALL, [2, 3, 1])

    for table in ("summary", "series", "members", "events"):
        keys = [c for c in ("seed", "month", "member", "kind", "other") if c in getattr(forward, table)]
        one, two = (getattr(t, table).sort_values(keys, kind="stable", ignore_index=True) for t in (forward, backward))
        pd.testing.assert_frame_equal(one, two, check_exact=True)


def test_a_batch_that_spans_several_cache_blocks_is_the_same(monkeypatch):
    complete = run(SMALL, range(20))
    monkeypatch.setattr("sim.engine.simulate.CELLS", 24)
    pieces = run(SMALL, range(20))

    pd.testing.assert_frame_equal(complete.summary, pieces.summary, check_exact=True)
    pd.testing.assert_frame_equal(complete.members, pieces.members, check_exact=True)


def test_a_column_of_equal_values_has_the_bits_of_the_number():
    values = {"rules.creation.ces_exponent": 0.4, "start.goodwill": 5.0, "sectors.distance": 0.3, "grant.initiation": 2,
              "rules.readiness.typical": 0.6, "grant.budget": 4.0, "rules.understanding.plan_time": 2.0,
              "rules.connecting.giver_share": 0.7, "shocks.loss_of_interest.month": 5}  # fmt: skip
    for policy in ({"name": "adaptive_tracking", "pause": 2}, PLAN):
        as_numbers = sim.simulate(SMALL.replace(**values), range(5), policy, 24)
        as_columns = sim.simulate(SMALL, range(5), policy, 24, columns={k: [v] * 5 for k, v in values.items()})

        pd.testing.assert_frame_equal(as_numbers.series, as_columns.series.drop(columns=list(values)), check_exact=True)
    assert (as_columns.summary["start.goodwill"] == 5.0).all()


def test_columns_differ_by_run_as_separate_calls_do():
    rates = [0.0, 0.1, 0.9]
    together = sim.simulate(
        SMALL, [7, 7, 7], "neutral", 24, columns={"rules.leak.rate": rates}, record="summary"
    ).summary
    apart = [sim.simulate(SMALL.replace(**{"rules.leak.rate": r}), [7], "neutral", 24).summary for r in rates]

    for k, one in enumerate(apart):
        assert one["society_value"].iloc[0] == together["society_value"].iloc[k]


def test_reading_more_draws_changes_none():
    streams = RandomStreams([1, 2], 5, 4)
    plain, busy = Draws(streams, 3), Draws(streams, 3)
    for name in ("enter", "tables", "outside_match", "tension_errors"):
        getattr(busy, name)
    busy.seek(0), busy.offer(3), busy.successor()

    np.testing.assert_array_equal(plain.leak, busy.leak)
    np.testing.assert_array_equal(plain.quit, busy.quit)


def test_candidates_and_later_months_leave_earlier_draws_alone():
    short = sim.simulate(SMALL, range(4), "neutral", 6).series
    long = sim.simulate(SMALL.replace(**{"size.candidates": 4}), range(4), "neutral", 12).series

    saved = long[long["month"] <= 6].reset_index(drop=True)
    np.testing.assert_allclose(short["value_created"], saved["value_created"], rtol=1e-12)


def test_permuting_members_leaves_outcomes_alone():
    ordered, shuffled = (Batch(sim.Scenario(), range(6), "adaptive_tracking") for _ in range(2))
    order = np.random.default_rng(0).permutation(24)
    state, streams = shuffled.state, shuffled.streams
    shuffled.state = state.replace(**{k: v[order] for k, v in vars(state).items() if k != "month" and len(v) == 24})
    streams._partner = streams._partner[order]

    for _ in range(60):
        ordered.advance()
        shuffled.advance()

    for name in ("society_value", "understanding", "tension", "agenda", "stock"):
        np.testing.assert_allclose(getattr(ordered.state, name), getattr(shuffled.state, name), rtol=1e-9)
    np.testing.assert_allclose(ordered.state.ledger[order], shuffled.state.ledger, rtol=1e-8, atol=1e-9)
    np.testing.assert_array_equal(ordered.state.left_month[order], shuffled.state.left_month)
