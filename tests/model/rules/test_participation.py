# expected == actual
from sim.model.rules import participation
from sim.model.rules.participation import Participation
from sim.model.state import PAUSE
from tests.helpers import each, effort, exactly, partnership

RULE = Participation(
    base_cost=0.6,
    tension_cost=1.0,
    fixed_share=0.5,
    pause_share=0.7,
    match_cost=0.1,
    tracking_cost=0.05,
    intervention_cost=0.3,
    reserve=12,
    allowance=0.5,
    cash_share=0.5,
    reserve_limit=2,
)


def test_who_has_the_means_takes_part_as_much_as_it_wants():
    state = partnership(2, engagement=0.8, tension=0.4, reserve=0.5, resources=1.0)

    # A full month costs 0.6 + 0.4 = 1, and so much is there.
    assert each(0.8, 0.8) == exactly(participation.participate(state, RULE, each(0.0)))


def test_who_lacks_the_means_takes_part_in_proportion_to_them():
    state = partnership(2, engagement=0.8, tension=0.4, reserve=(0.0, 0.25), resources=(1.0, 0.5))

    # Both can put up 0.5 of the 0.8 that a fifth of subsidy leaves.
    assert each(0.5, 0.5) == exactly(participation.participate(state, RULE, each(0.2)))


def test_who_left_does_not_take_part():
    assert each(0.8, 0.0) == exactly(
        participation.participate(partnership(2, engagement=0.8, member=(1, 0)), RULE, each(0.0))
    )


def test_a_member_that_has_insufficient_resources_and_gets_no_subsidy_stays_away():
    state = partnership(2, engagement=0.8, reserve=0.0)

    assert each(0, 0) == exactly(participation.participate(state, Participation(allowance=0), each(0.0)))


def test_what_is_fully_paid_for_can_be_joined_without_means():
    state = partnership(2, engagement=0.8, reserve=0.0)

    assert each(0.8, 0.8) == exactly(participation.participate(state, RULE, each(1.0)))


def test_what_costs_nothing_can_be_joined_with_nothing():
    state = partnership(2, engagement=0.8, reserve=0.0)

    assert each(0.8, 0.8) == exactly(participation.participate(state, Participation(allowance=0), each(1.0)))


def test_tension_makes_poor_members_take_part_less():
    state = partnership(2, engagement=0.8, reserve=0.2, tension=0.0)

    calm = participation.participate(state, RULE, each(0.0))[0, 0]
    tense = participation.participate(state.replace(tension=each(0.8)), RULE, each(0.0))[0, 0]

    assert 0.8 == exactly(calm)
    assert 0.4 == exactly(tense)


def test_being_matched_assessed_and_helped_takes_a_members_time():
    done = effort(track=(1.0, 0.0), intervene=(0.5, 1.0))

    assert each(0.4, 0.3) == exactly(participation.burden(RULE, done, each(2.0, 0.0)))


def test_a_month_at_a_tension_of_two_fifths_costs_a_fully_engaged_member_1():
    state = partnership(2, tension=0.4)

    assert each(1.0, 0.8) == exactly(participation.cost(state, RULE, each(1.0, 0.6), each(0.0, 0.0)))


def test_a_passive_member_bears_half_and_a_burden_comes_on_top():
    state = partnership(2, tension=0.4)

    assert each(0.5, 0.6) == exactly(participation.cost(state, RULE, each(0.0, 0.0), each(0.0, 0.1)))


def test_a_pause_takes_seven_tenths_of_the_cost_but_no_less_of_the_burden():
    state = partnership(2, tension=0.4, phase=PAUSE)

    assert each(0.7, 0.66) == exactly(participation.cost(state, RULE, each(1.0, 0.6), each(0.0, 0.1)))


def test_who_left_bears_no_cost():
    state = partnership(2, tension=0.4, member=(1, 0))

    assert each(1.1, 0.0) == exactly(participation.cost(state, RULE, each(1.0, 1.0), each(0.1, 0.1)))


def test_the_reserve_is_refilled_by_allowance_and_half_of_the_income_and_pays_the_cost_net_of_subsidy():
    state = partnership(2, reserve=2.0, resources=(1.0, 2.0))
    refill, paid = participation.settle(state, RULE, each(0.72, 0.9), each(1.0, 3.0))

    assert each(1.0, 2.5) == exactly(refill)
    assert each(0.72, 0.9) == exactly(paid)


def test_a_reserve_cannot_pay_more_than_it_holds():
    state = partnership(2, reserve=0.1, resources=1.0)
    refill, paid = participation.settle(state, RULE, each(1.0, 1.0), each(0.0, 0.0))

    assert each(0.5, 0.5) == exactly(refill)
    assert each(0.6, 0.6) == exactly(paid)


def test_a_reserve_stops_at_twice_what_it_was_at_the_start():
    state = partnership(2, reserve=(24.0, 47.9), resources=(1.0, 2.0))
    refill, paid = participation.settle(state, RULE, each(0.2, 0.2), each(9.0, 9.0))

    assert each(0.2, 0.3) == exactly(refill)
    assert each(0.2, 0.2) == exactly(paid)


def test_a_loss_is_felt_but_does_not_drain_the_reserve():
    state = partnership(2, reserve=2.0, resources=1.0)
    refill, _ = participation.settle(state, RULE, each(0.5, 0.5), each(-6.0, 0.0))

    assert each(0.5, 0.5) == exactly(refill)


def test_the_reserve_of_who_left_rests():
    state = partnership(2, reserve=2.0, member=(1, 0))
    refill, paid = participation.settle(state, RULE, each(0.5, 0.0), each(1.0, 0.0))

    assert (refill[1] == 0.0).all()
    assert (paid[1] == 0.0).all()
