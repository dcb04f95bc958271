# expected == actual
import math
from types import SimpleNamespace

import pytest

from sim.model.rules import commitment
from sim.model.rules.commitment import Commitment
from sim.model.state import IMPLEMENTATION, PAUSE
from tests.helpers import each, exactly, partnership, plain

RULE = plain(
    Commitment, common_weight=3, smoothing=0.2, outside_option_pull=0.06, width=0.5, adjustment=0.2, goodwill_limit=2
)


def test_net_benefit_is_private_and_common_value_less_cost():
    state = partnership(3, mission=(0.5, 0.0, 0.5), member=(1, 1, 0))
    income, cost = each(0.7, 1, 1), each(0.8, 0.8, 0.5)

    # 0.7 + 3 x 0.5 x 0.4 - 0.8; 1 - 0.8; and nothing for who left
    assert each(0.5, 0.2, 0.0) == exactly(commitment.net_benefit(state, RULE, income, each(0.4), cost, each(0.0)))


def test_only_members_with_a_mission_gain_from_common_value():
    state, none = partnership(3, mission=(0.0, 0.4, 0.8)), each(0, 0, 0)

    assert each(0.0, 1.2, 2.4) == exactly(commitment.net_benefit(state, RULE, none, each(1.0), none, none))


def test_a_fifth_of_a_new_benefit_is_felt_at_once():
    state = partnership(2, benefit=1.0, member=(1, 0))

    assert each(0.9, 1.0) == exactly(commitment.smooth(state.benefit, state, RULE, each(0.5, 0.5)))


def test_a_steady_benefit_is_felt_in_full_in_the_end():
    state = partnership(2, benefit=(2.0, -1.0))
    for _ in range(150):
        state = state.replace(benefit=commitment.smooth(state.benefit, state, RULE, each(0.5, 0.5)))

    assert each(0.5, 0.5) == exactly(state.benefit)


def test_each_outside_contact_raises_what_a_member_expects():
    state = partnership(2, base_aspiration=0.15, contacts=(0.0, 5.0))

    assert each(0.15, 0.45) == exactly(commitment.aspiration(state, RULE, "linear"))


def test_goodwill_adds_up_surpluses_to_at_most_twice_the_patience():
    state = partnership(4, goodwill=(8.0, 15.9, 0.2, 8.0), patience=8.0, member=(1, 1, 1, 0))

    assert each(7.5, 16.0, -0.3, 8.0) == exactly(commitment.update_goodwill(state, RULE, each(-0.5, 0.5, -0.5, 1.0)))


def test_a_constant_shortfall_uses_up_goodwill_in_patience_over_shortfall_months():
    state, months = partnership(2, goodwill=8.0, patience=8.0), 0
    while state.goodwill.min() > 0.0:
        state, months = state.replace(goodwill=commitment.update_goodwill(state, RULE, each(-0.5, -0.5))), months + 1

    assert 16 == months


def test_engagement_moves_a_fifth_of_the_way_to_what_the_surplus_warrants():
    state = partnership(3, engagement=0.8, member=(1, 1, 0))

    # logistic(0) = 1/2, logistic(ln 3) = 3/4
    assert each(0.74, 0.79, 0.8) == exactly(commitment.engage(state, RULE, each(0.0, 0.5 * math.log(3), 0.0)))


def test_the_larger_the_surplus_the_higher_engagement_and_it_stays_a_share():
    state = partnership(4, engagement=0.5)
    engaged = commitment.engage(state, plain(Commitment, adjustment=1.0), each(-1e4, -0.2, 0.2, 1e4))[:, 0]

    assert list(engaged) == sorted(engaged)
    assert [0.0, 1.0] == exactly([engaged[0], engaged[3]])


def test_a_saturating_pull_raises_aspiration_less_and_less():
    state = partnership(3, base_aspiration=0.1, contacts=(0.0, 3.0, 1e9))
    rule = RULE.model_copy(update={"outside_option_pull": 0.1, "half_contacts": 3.0})

    # o/(1 + o/3) = 0, 1.5, 3
    assert each(0.1, 0.25, 0.4) == pytest.approx(commitment.aspiration(state, rule, "saturating"), rel=1e-6)


def test_match_news_and_a_common_shock_add_to_benefit_and_take_from_it():
    state = partnership(2, match=(0.5, 0.0), news=(0.3, -0.6), exposure=(1.0, 0.5), common=0.4, mission=0.0)

    # half of .5, as half of the stock is of use, + .3 - .4; -.6 - .2
    own = commitment.own_affairs(state, each(0.5, 0.5))
    assert each(0.15, -0.8) == exactly(own)
    assert each(0.15, -0.8) == exactly(commitment.net_benefit(state, RULE, each(0.0), each(0.0), each(0.0), own))


def test_news_keep_their_standard_deviation():
    state = partnership(2, news=(1.0, -1.0))
    heard = commitment.hear_news(
        state, RULE.model_copy(update={"news": 0.3, "news_memory": 0.6}), SimpleNamespace(news=each(0.5, 0.5))
    )

    # .6 n + .3 x .8 z
    assert each(0.72, -0.48) == exactly(heard)


def test_the_trend_follows_the_change_of_benefit():
    state = partnership(2, benefit=(1.0, 0.0), trend=(0.0, 0.5))

    assert each(0.04, 0.41) == exactly(commitment.follow_trend(state, each(0.6, 0.4)))


def test_waiting_in_a_pause_takes_goodwill():
    rule = plain(Commitment, impatience=0.5)

    assert each(5 - 0.5 + 1, 5 - 0.5 + 1) == exactly(
        commitment.update_goodwill(partnership(2, goodwill=5.0, phase=PAUSE), rule, each(1.0, 1.0))
    )
    assert each(6, 6) == exactly(
        commitment.update_goodwill(partnership(2, goodwill=5.0, phase=IMPLEMENTATION), rule, each(1.0, 1.0))
    )
