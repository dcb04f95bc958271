# expected == actual
from types import SimpleNamespace

import numpy as np
import pytest

from sim.engine.batch import Batch
from sim.engine.simulate import simulate
from sim.model.shocks import (
    CommonShock,
    Departures,
    ForcedExit,
    LossOfInterest,
    OrchestratorLoss,
    Shocks,
    apply_shocks,
    forced,
    now,
    strike_all,
)
from tests.helpers import each, exactly, partnership, scenario

SPARED = SimpleNamespace(departure=each(1.0, 1.0, 1.0))
"""Draws by which nobody is among those who are forced out together."""


def test_a_shock_happens_in_its_month_and_in_no_other():
    state = partnership(2, month=5)

    assert [0.0, 1.0, 0.0] == [float(now(state, month)[0, 0]) for month in (4, 5, 6)]


def test_month_0_means_never():
    months = [now(partnership(2, month=month), 0).max() for month in range(1, 100)]

    assert 0.0 == max(months)


def test_a_shock_can_come_at_a_different_month_in_each_run():
    assert [[1.0, 0.0]] == now(partnership(2, month=5), np.array([[5.0, 6.0]])).tolist()


def test_with_part_of_the_orchestrator_goes_as_much_of_its_knowledge():
    shocks = Shocks(orchestrator_loss=OrchestratorLoss(month=5, share=0.25))
    struck = apply_shocks(partnership(2, month=5, staff=0.8, knowledge=(4.0, 1.0)), shocks)

    assert each(0.6) == exactly(struck.staff)
    assert each(3.0, 0.75) == exactly(struck.knowledge)


def test_only_the_segment_hit_loses_interest():
    shocks = Shocks(loss_of_interest=LossOfInterest(month=5, segment=1, size=0.4))
    struck = apply_shocks(partnership(4, month=5, segment=(0, 1, 1, -1), interest=(1.0, 1.0, 0.5, 1.0)), shocks)

    assert each(1.0, 0.6, 0.3, 1.0) == exactly(struck.interest)


def test_members_in_no_segment_can_lose_interest_too():
    shocks = Shocks(loss_of_interest=LossOfInterest(month=5, segment=-1, size=1.0))
    struck = apply_shocks(partnership(2, month=5, segment=(0, -1)), shocks)

    assert each(1.0, 0.0) == exactly(struck.interest)


def test_in_other_months_nothing_changes():
    shocks = Shocks(orchestrator_loss=OrchestratorLoss(month=5), loss_of_interest=LossOfInterest(month=5))
    state = partnership(2, month=6, segment=(0, 0), staff=0.8, knowledge=4.0)
    struck = apply_shocks(state, shocks)

    assert state.staff == exactly(struck.staff)
    assert state.knowledge == exactly(struck.knowledge)
    assert state.interest == exactly(struck.interest)


def test_the_chosen_member_is_forced_out_if_it_still_is_one():
    shocks = Shocks(forced_exit=ForcedExit(month=5, member=1))

    assert each(0, 1, 0) == exactly(forced(partnership(3, month=5), shocks, SPARED))
    assert not forced(partnership(3, month=4), shocks, SPARED).any()
    assert each(0, 0, 0) == exactly(forced(partnership(3, month=5, member=(1, 0, 1)), shocks, SPARED))


def test_many_are_forced_out_at_once_each_by_its_own_draw():
    shocks = Shocks(departures=Departures(month=5, share=0.4), forced_exit=ForcedExit(month=5, member=2))
    draws = SimpleNamespace(departure=each(0.39, 0.4, 0.9))

    assert each(1, 0, 1) == exactly(forced(partnership(3, month=5), shocks, draws))
    assert not forced(partnership(3, month=6), shocks, draws).any()


def test_who_is_forced_out_with_many_others_counts_as_other_and_its_cause_is_told():
    run = simulate(scenario(shocks__departures__month=3, shocks__departures__share=0.4), 40, months=6)
    forced_out = run.events[run.events["cause"] == "forced"]

    assert set(forced_out["month"]) == {3}
    assert len(forced_out) / (40 * 24) == pytest.approx(0.4, abs=0.05)


def months(n, seeds=(1, 2), **changes):
    """Run some months under a policy that does nothing; give the last state and all months' flows."""
    batch = Batch(scenario(**changes), list(seeds), "neutral")
    return [batch.advance()[1:] for _ in range(n)]


def test_a_funder_that_withdraws_leaves_no_grant():
    history = months(5, shocks__grant_end__month=4)

    assert [23.0, 22.0, 21.0, 0.0, 0.0] == [float(after.fund[0, 0]) for _, after in history]
    assert 20.0 == history[3][0].grant_withdrawn[0, 0]


def test_a_lost_orchestrator_leaves_half_of_the_budget_from_that_month_on():
    history = months(4, shocks__orchestrator_loss__month=3, shocks__orchestrator_loss__share=0.5)

    assert [6.0, 6.0, 3.0, 3.0] == [float(after.budget[0, 0]) for _, after in history]


def test_everybody_sends_someone_new_when_the_turnover_shock_is_certain():
    quiet = {"rules__readiness__turnover": 0.0}
    history = months(3, shocks__representative_turnover__month=2, shocks__representative_turnover__share=1.0, **quiet)

    assert [0.0, 24.0, 0.0] == [float(flows.turned_over[:, 0].sum()) for flows, _ in history]


def test_a_forced_exit_takes_one_member_and_counts_as_other():
    history = months(3, shocks__forced_exit__month=2, shocks__forced_exit__member=3, rules__membership__other_rate=0.0)
    flows, after = history[1]

    assert 1.0 == flows.forced[3, 0] == flows.other[3, 0]
    assert 0.0 == after.member[3, 0]
    assert 2.0 == after.left_month[3, 0]
    assert 23.0 == history[2][1].member[:, 0].sum()


def test_the_market_that_lost_interest_captures_less_from_that_month_on():
    shock = {"shocks__loss_of_interest__month": 10, "shocks__loss_of_interest__segment": 0}
    calm, struck = (months(10, **(shock | {"shocks__loss_of_interest__size": size})) for size in (0.0, 0.5))
    hit = struck[9][1].segment == 0

    before = [calm[8][0].captured, struck[8][0].captured]
    assert np.array_equal(*before)
    assert hit.any()
    assert calm[9][0].captured[hit] / 2 == pytest.approx(struck[9][0].captured[hit], rel=1e-12)
    assert np.array_equal(calm[9][0].captured[~hit], struck[9][0].captured[~hit])


def test_a_common_shock_strikes_by_chance_or_in_its_month_and_wears_off():
    shock = CommonShock(rate=0.1, size=2.0, memory=0.5, month=5)
    draws = SimpleNamespace(common=(each(0.05)[0][None], each(1.0 - np.exp(-1.5))[0][None]))
    calm = SimpleNamespace(common=(each(0.5)[0][None], each(0.5)[0][None]))

    # half of what was felt, plus 2 x 1.5 by chance, plus 2 in month 5
    assert 3.4 == pytest.approx(strike_all(partnership(2, month=4, common=0.8), shock, draws)[0][0, 0])
    assert 5.4 == pytest.approx(strike_all(partnership(2, month=5, common=0.8), shock, draws)[0][0, 0])
    assert 0.4 == pytest.approx(strike_all(partnership(2, month=4, common=0.8), shock, calm)[0][0, 0])


def test_a_strike_counts_even_where_more_wears_off():
    shock = CommonShock(rate=0.1, size=0.1, memory=0.5)
    draws = SimpleNamespace(common=(each(0.05)[0][None], each(1.0 - np.exp(-1.0))[0][None]))
    calm = SimpleNamespace(common=(each(0.5)[0][None], each(0.5)[0][None]))
    felt, struck = strike_all(partnership(2, month=4, common=0.8), shock, draws)

    assert felt[0, 0] == pytest.approx(0.5)  # half of .8, plus .1 x 1
    assert struck[0, 0] == 1.0
    assert strike_all(partnership(2, month=4, common=0.8), shock, calm)[1][0, 0] == 0.0
