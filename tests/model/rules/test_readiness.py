import math

from sim.model.arrays import pick
from sim.model.rules import readiness
from sim.model.rules.readiness import Readiness
from tests.helpers import each, effort, exactly, partnership

RULE = Readiness(typical=0.5, spread=0.75, representative_weight=0.4, turnover=0.02, coaching=0.15, coached_model=0.5)
NO_SHOCK = each(0.0)


def picker(draws):
    return lambda where: pick(draws, where)


def test_two_fifths_of_readiness_lie_with_the_representative():
    state = partnership(2, routine=(0.5, 1.0), representative=(1.0, 0.0))

    assert each(0.7, 0.6) == exactly(readiness.readiness(state, RULE))


def test_a_replaced_representative_brings_a_readiness_of_its_own():
    state = partnership(3, representative=0.9)
    successor = each(0.0, math.log(3) / 0.75, 0.0)
    replaced, new = readiness.replace_representative(
        state, RULE, NO_SHOCK, each(0.019, 0.019, 0.021), picker(successor)
    )

    # logistic(0) = 1/2 and logistic(ln 3) = 3/4
    assert each(1, 1, 0) == exactly(replaced)
    assert each(0.5, 0.75, 0.9) == exactly(new)


def test_successors_centre_on_typical_readiness():
    state = partnership(2, representative=0.9)
    _, new = readiness.replace_representative(state, Readiness(typical=0.3), NO_SHOCK, each(0, 0), picker(each(0, 0)))

    assert each(0.3, 0.3) == exactly(new)


def test_a_sector_sends_successors_of_its_own_readiness():
    state = partnership(2, representative=0.9, representative_shift=(math.log(3), 0.0))
    _, new = readiness.replace_representative(state, RULE, NO_SHOCK, each(0, 0), picker(each(0, 0)))

    # logistic(0 + ln 3) = 3/4
    assert each(0.75, 0.5) == exactly(new)


def test_a_turnover_shock_adds_to_the_chance_of_replacement():
    state = partnership(2, representative=0.9)
    replaced, _ = readiness.replace_representative(state, RULE, each(0.5), each(0.51, 0.53), picker(each(0, 0)))

    assert each(1, 0) == exactly(replaced)


def test_without_turnover_and_shock_nobody_is_replaced_whatever_is_drawn():
    state = partnership(2, representative=0.9)
    replaced, _ = readiness.replace_representative(
        state, Readiness(turnover=0), NO_SHOCK, each(0, 0), picker(each(0, 0))
    )

    assert each(0, 0) == exactly(replaced)


def test_who_left_sends_no_new_representative():
    state = partnership(2, representative=0.9, member=(1, 0))
    replaced, new = readiness.replace_representative(state, RULE, each(1.0), each(0.5, 0.5), picker(each(0, 0)))

    assert each(1, 0) == exactly(replaced)
    assert each(0.5, 0.9) == exactly(new)


def test_a_full_intervention_adds_15_percent_of_what_is_missing():
    done = effort(intervene=(1.0, 0.5, 1.0))
    coached = readiness.coach(each(0.5, 0.5, 0.5), RULE, done, each(1, 1, 0))

    assert each(0.575, 0.5375, 0.5) == exactly(coached)


def test_coaching_never_lifts_readiness_above_1():
    assert each(1.0) == exactly(readiness.coach(each(1.0), Readiness(coaching=1.0), effort(intervene=1.0), each(1)))


def test_an_intervention_secures_a_business_model_but_spoils_none():
    state = partnership(3, business_model=(0.2, 0.4, 0.0), member=(1, 1, 0))

    assert each(0.3, 0.4, 0.0) == exactly(readiness.secure_model(state, RULE, effort(intervene=(0.6, 0.6, 0.6))))
