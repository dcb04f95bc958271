import numpy as np

from sim.engine.batch import Batch
from sim.model.rules import information
from sim.model.rules.information import Information
from tests.helpers import each, effort, exactly, partnership, scenario

RULE = Information(caution=2.5, adjustment=0.3, bundling_protection=0.6)


def test_rivals_are_the_other_members_of_the_segment():
    state = partnership(5, segment=(0, 0, 0, 1, -1))

    assert each(2, 2, 2, 0, 0) == exactly(information.count_rivals(state))


def test_a_rival_that_left_is_no_rival():
    state = partnership(3, segment=(0, 0, 0), member=(1, 1, 0))

    assert each(1, 1) == exactly(information.count_rivals(state)[:2])


def test_members_outside_every_market_do_not_compete():
    state = partnership(3, segment=(-1, -1, -1))

    assert each(0, 0, 0) == exactly(information.count_rivals(state))


def test_two_rivals_give_half_of_the_pressure_and_six_give_three_quarters():
    assert each(0, 1 / 3, 0.5, 0.75) == exactly(information.rival_pressure(each(0, 1, 2, 6), 2.0))


def test_latent_risk_is_sensitivity_times_pressure_times_distrust():
    state = partnership(2, sensitivity=(0.8, 0.4), trust_for=(3, 1), trust_against=(1, 1))

    assert each(0.1, 0.1) == exactly(information.latent_risk(state, each(0.5, 0.5)))


def test_a_member_without_rivals_sees_no_risk():
    state = partnership(2, segment=(0, -1), sensitivity=1.0, trust_for=0.0, trust_against=1.0)
    pressure = information.rival_pressure(information.count_rivals(state), 2.0)

    assert each(0, 0) == exactly(information.latent_risk(state, pressure))


def test_full_trust_takes_all_risk_away():
    state = partnership(2, sensitivity=1.0, trust_for=4.0, trust_against=0.0)

    assert each(0, 0) == exactly(information.latent_risk(state, each(0.5, 0.5)))


def test_half_safeguarding_and_half_bundling_leave_a_third_of_the_risk():
    assert each(0.35) == exactly(information.exposure(effort(safeguard=0.5, bundle=0.5), RULE))


def test_full_safeguarding_leaves_no_exposure_and_full_bundling_leaves_some():
    assert each(0.0) == exactly(information.exposure(effort(safeguard=1.0), RULE))
    assert each(0.4) == exactly(information.exposure(effort(bundle=1.0), RULE))


def test_disclosure_moves_three_tenths_of_the_way_to_what_risk_allows():
    state = partnership(3, disclosure=(0.5, 0.5, 0.9))

    # Allowed: 1 - 2.5 x 0.1 = 0.75, 1 - 0 = 1, and at a risk of 0.4 or more nothing.
    assert each(0.575, 0.65, 0.63) == exactly(information.disclose(state, RULE, each(0.1, 0.0, 0.8)))


def test_who_left_keeps_its_disclosure():
    state = partnership(2, disclosure=0.5, member=(1, 0))

    assert each(0.65, 0.5) == exactly(information.disclose(state, RULE, each(0.0, 0.0)))


def test_without_caution_members_open_up_whatever_the_risk():
    state = partnership(2, disclosure=0.5)
    bold = Information(caution=0.0, adjustment=1.0)

    assert each(1, 1) == exactly(information.disclose(state, bold, each(1.0, 0.2)))


def test_safeguarding_opens_sensitive_members_more_than_others():
    state = partnership(3, segment=(0, 0, 0), sensitivity=(0.9, 0.2, 0.0), disclosure=0.5)
    risk = information.latent_risk(state, information.rival_pressure(information.count_rivals(state), 2.0))
    bare = information.disclose(state, RULE, risk * information.exposure(effort(), RULE))
    guarded = information.disclose(state, RULE, risk * information.exposure(effort(safeguard=0.8), RULE))
    opened = (guarded - bare)[:, 0]

    assert opened[0] > opened[1] > opened[2] == 0.0


def test_in_a_month_of_full_safeguards_nobody_is_held_back_by_fear():
    batch = Batch(scenario(start__disclosure=0.5, grant__budget=100.0), [1, 2], "safeguarding")
    batch.advance()

    assert np.full((24, 2), 0.65) == exactly(batch.state.disclosure)


def test_what_is_disclosed_is_kept_by_the_orchestrator_bundled_or_open():
    saved, bundled, opened = information.channels(effort(safeguard=0.4, bundle=0.25))

    assert each(0.4) == exactly(saved)
    assert each(0.15) == exactly(bundled)
    assert each(0.45) == exactly(opened)


def test_by_share_a_member_of_ten_times_as_many_in_as_many_segments_feels_the_same_press():
    rule = RULE.model_copy(update={"half_share": 0.1})
    small, large = partnership(20), partnership(200)

    # z/(z + .1 n): 2 of 20, 20 of 200
    assert information.rival_pressure(each(2.0), information.crowd(small, rule, "share"))[0, 0] == exactly(0.5)
    assert information.rival_pressure(each(20.0), information.crowd(large, rule, "share"))[0, 0] == exactly(0.5)
    assert information.crowd(small, rule, "count") == 2.0
