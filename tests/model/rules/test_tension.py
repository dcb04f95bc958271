from itertools import combinations

import numpy as np

from sim.model.rules import tension
from sim.model.rules.tension import Tension
from tests.helpers import RUNS, each, effort, exactly, partnership, plain

RULE = plain(
    Tension,
    weight_information=0.6,
    weight_interest=0.8,
    weight_resource=0.5,
    size_scale=40,
    plan_relief=0.5,
    bundling_relief=0.3,
    unfunded=0.2,
    culture_friction=0.5,
)


def distances(language=0.0, goals=0.0, culture=0.0, ethos=0.0):
    return np.full((1, 4, RUNS), np.array([language, goals, culture, ethos])[None, :, None])


def test_two_members_are_as_far_apart_as_their_dna():
    state = partnership(2, dna=((0.0, 0.0, -0.2, 1.0), (1.0, 2.0, 0.3, 1.0)))

    assert distances(1.0, 2.0, 0.5, 0.0) == exactly(tension.dna_distance(state, "root"))


def test_distance_is_the_root_mean_square_over_all_pairs():
    places = (0.1, 0.4, -0.3, 0.9, 0.25)
    state = partnership(5, dna=tuple((place,) * 4 for place in places))
    pairs = [(a - b) ** 2 for a, b in combinations(places, 2)]

    assert np.full((1, 4, RUNS), (sum(pairs) / 10) ** 0.5) == exactly(tension.dna_distance(state, "root"))


def test_who_left_no_longer_counts_for_distance():
    state = partnership(3, dna=((0.0,) * 4, (1.0,) * 4, (9.0,) * 4), member=(1, 1, 0))

    assert distances(1.0, 1.0, 1.0, 1.0) == exactly(tension.dna_distance(state, "root"))


def test_a_member_alone_stands_at_no_distance():
    state = partnership(2, dna=((0.5,) * 4, (1.0,) * 4), member=(1, 0))

    assert distances() == exactly(tension.dna_distance(state, "root"))


def test_information_tension_is_the_sensitive_knowledge_withheld():
    state = partnership(3, sensitivity=(0.8, 0.2, 1.0), disclosure=(0.5, 1.0, 0.0), member=(1, 1, 0))

    assert each(0.4) == exactly(tension.information_tension(state))


def test_information_tension_runs_from_nothing_withheld_to_everything():
    assert each(0.0) == exactly(tension.information_tension(partnership(3, disclosure=1.0)))
    assert each(1.0) == exactly(tension.information_tension(partnership(3, disclosure=0.0)))


def test_without_sensitive_knowledge_there_is_no_information_tension():
    state = partnership(2, sensitivity=0.0, disclosure=0.0)

    assert each(0.0) == exactly(tension.information_tension(state))


def test_interest_tension_is_the_distance_in_goals_less_what_relieves_it():
    state = partnership(2, understanding=0.2, plan=0.4)

    # 0.6 x (1 - 0.2) x (1 - 0.3 x 0.5) x (1 - 0.5 x 0.4)
    expected = each(0.6 * 0.8 * 0.85 * 0.8)
    assert expected == exactly(tension.interest_tension(state, RULE, effort(bundle=0.5), distances(5.0, 0.6, 5.0, 5.0)))


def test_interest_tension_never_exceeds_1():
    state = partnership(2, understanding=0.0, plan=0.0)

    assert each(1.0) == exactly(tension.interest_tension(state, RULE, effort(), distances(goals=1.8)))


def test_members_with_the_same_goals_have_no_interest_tension():
    state = partnership(2, understanding=0.0, plan=0.0)

    assert each(0.0) == exactly(tension.interest_tension(state, RULE, effort(), distances(1.0, 0.0, 1.0, 1.0)))


def test_full_understanding_dissolves_interest_tension():
    state = partnership(2, understanding=1.0, plan=0.0)

    assert each(0.0) == exactly(tension.interest_tension(state, RULE, effort(), distances(goals=1.0)))


def test_ten_members_spend_a_fifth_of_their_time_on_coordination():
    state = partnership(10, plan=0.0, fund=12.0)

    assert each(0.2) == exactly(tension.resource_tension(state, RULE, distances(1.0, 1.0, 0.0, 1.0)))


def test_resource_tension_rises_with_culture_falls_with_a_plan_and_rises_when_the_grant_ends():
    state = partnership(10, plan=0.5, fund=0.0)

    # 0.2 x (1 + 0.5 x 0.4) = 0.24; x (1 - 0.5 x 0.5) = 0.18; + 0.2
    assert each(0.38) == exactly(tension.resource_tension(state, RULE, distances(culture=0.4)))
    assert each(0.18) == exactly(tension.resource_tension(state.replace(fund=each(1.0)), RULE, distances(culture=0.4)))


def test_who_left_needs_no_coordination():
    state = partnership(4, plan=0.0, fund=12.0, member=(1, 1, 0, 0))

    assert each(2 / 42) == exactly(tension.resource_tension(state, RULE, distances()))


def test_resource_tension_never_exceeds_1():
    harsh = plain(Tension, size_scale=5, culture_friction=3)

    assert each(1.0) == exactly(tension.resource_tension(partnership(10, plan=0.0), harsh, distances(culture=2.0)))


def test_the_three_tensions_combine_like_independent_hindrances():
    state = partnership(2, tension_information=0.5, tension_interest=0.5, tension_resource=0.4)

    # 1 - 0.7 x 0.6 x 0.8
    assert each(0.664) == exactly(tension.combine(state, RULE))


def test_each_tension_alone_counts_with_its_own_weight():
    calm = partnership(2, tension_information=0.0, tension_interest=0.0, tension_resource=0.0)

    assert each(0.0) == exactly(tension.combine(calm, RULE))
    assert each(0.6) == exactly(tension.combine(calm.replace(tension_information=each(1.0)), RULE))
    assert each(0.8) == exactly(tension.combine(calm.replace(tension_interest=each(1.0)), RULE))
    assert each(0.5) == exactly(tension.combine(calm.replace(tension_resource=each(1.0)), RULE))


def test_squared_distance_is_the_mean_over_all_pairs_of_the_square():
    places = (0.1, 0.4, -0.3, 0.9, 0.25)
    state = partnership(5, dna=tuple((place,) * 4 for place in places))
    pairs = [(a - b) ** 2 for a, b in combinations(places, 2)]

    assert np.full((1, 4, RUNS), sum(pairs) / 10) == exactly(tension.dna_distance(state, "square"))


def test_working_groups_bound_what_coordination_takes():
    calm = RULE.model_copy(update={"unfunded": 0.0, "working_groups": 0.05})

    # 20 members: k = 10, 10/50; 10,000 members: k near 20, 20/60
    assert each(0.2) == exactly(tension.resource_tension(partnership(20, plan=0.0), calm, distances())[0, 0])
    assert tension.resource_tension(partnership(2000, plan=0.0), calm, distances())[0, 0] < 20 / 60
    assert tension.resource_tension(partnership(2000, plan=0.0), calm, distances())[0, 0] > 0.98 * 20 / 60
