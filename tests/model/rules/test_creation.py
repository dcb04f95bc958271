# expected == actual
from types import SimpleNamespace

import numpy as np
import pytest

from sim.model.rules import creation
from sim.model.rules.creation import Creation
from sim.model.state import IMPLEMENTATION, PAUSE
from tests.helpers import close, each, effort, exactly, partnership, plain

SPECIALISTS = ((1.0, 0.0), (0.0, 1.0))


def makers(**changes):
    return partnership(2, **({"expertise": SPECIALISTS, "tension": 0.0} | changes))


def rule(ces_exponent, productivity=1.0):
    return plain(
        Creation, ces_exponent=ces_exponent, productivity=productivity, bottleneck=0.3, stock_gain=3, depreciation=0.1
    )


def create(state, params, supply, done=None, language=0.0, form="ces"):
    distance = np.full((1, 4, 1), np.array([language, 0.0, 0.0, 0.0])[None, :, None])
    return creation.create(state, params, supply, done or effort(), distance, form)


def test_a_member_supplies_its_engagement_times_size_times_disclosure():
    state = partnership(2, resources=(1.5, 2.0), disclosure=(0.5, 0.25))

    assert each(0.6, 0.5) == exactly(creation.contribute(state, rule(0.25), effort(), each(0.8, 1.0)))


def test_half_safeguarding_holds_back_15_percent_at_the_orchestrators_desk():
    state = partnership(2, resources=(1.5, 2.0), disclosure=(0.5, 0.25))

    assert each(0.51, 0.425) == exactly(creation.contribute(state, rule(0.25), effort(safeguard=0.5), each(0.8, 1.0)))


def test_domains_that_replace_each_other_add_up():
    created, parts = create(makers(tension=0.25), rule(1.0, productivity=1.6), each(1.0, 0.5))

    # q = (1, 0.5), mean 0.75; 1.6 x 0.75 x (1 - 0.25)
    assert each(0.9) == exactly(created)
    assert each(0.6, 0.3) == exactly(parts)


def test_domains_that_need_each_other_create_less_from_the_same_supply():
    created, parts = create(makers(), rule(0.25), each(1.0, 0.0625))

    # q^(1/4) = (1, 0.5), mean 0.75, fourth power; parts in proportion 1 : 0.5
    assert each(0.31640625) == exactly(created)
    assert each(0.2109375, 0.10546875) == exactly(parts)


def test_a_negative_exponent_gives_the_harmonic_mean():
    created, parts = create(makers(), rule(-1.0), each(1.0, 1 / 3))

    # 1/q = (1, 3), mean 2
    assert each(0.5) == exactly(created)
    assert each(0.125, 0.375) == exactly(parts)


def test_around_an_exponent_of_0_value_is_near_the_geometric_mean():
    for ces_exponent in (-0.0005, 0.0, 0.0005):
        created, _ = create(makers(), rule(ces_exponent), each(1.0, 0.25))

        assert each(0.5) == close(created)


def test_an_exponent_of_0_counts_as_a_thousandth():
    for supply in (each(1.0, 0.25), each(0.3, 0.5)):
        (none, of_none), (little, of_little) = (create(makers(), rule(s), supply) for s in (0.0, 0.001))

        assert none == exactly(little)
        assert of_none == exactly(of_little)


def test_value_is_per_founder_so_an_empty_seat_counts_as_nothing_supplied():
    state = partnership(4, expertise=SPECIALISTS * 2, tension=0.0, member=(1, 1, 0, 0))
    created, parts = create(state, rule(1.0), each(1.0, 1.0, 0.0, 0.0))

    assert each(0.5) == exactly(created)
    assert each(0.25, 0.25, 0.0, 0.0) == exactly(parts)


def test_value_is_per_place_so_a_body_that_grows_does_not_create_more_by_counting():
    """Two founders and an entrant: three places. An entrant in the place of one that left: still two."""
    grown = partnership(3, expertise=(*SPECIALISTS, (0.5, 0.5)), tension=0.0, founder=(1, 1, 0), places=3.0)
    refilled = grown.replace(places=grown.places - 1.0)
    created = [
        create(state, rule(1.0), supply)[0] for state, supply in ((grown, each(1, 1, 1)), (refilled, each(1, 0, 1)))
    ]

    assert each(1.0) == exactly(created[0])
    assert each(1.0) == exactly(created[1])


def test_nothing_is_created_in_a_pause():
    created, parts = create(makers(phase=PAUSE), rule(0.25), each(1.0, 1.0))

    assert each(0.0) == exactly(created)
    assert each(0.0, 0.0) == exactly(parts)


def test_full_tension_stops_creation_and_half_tension_halves_it():
    half, _ = create(makers(tension=0.5), rule(0.25), each(1.0, 1.0))
    full, _ = create(makers(tension=1.0), rule(0.25), each(1.0, 1.0))

    assert each(0.5) == exactly(half)
    assert each(0.0) == exactly(full)


@pytest.mark.parametrize("ces_exponent", [-1.0, 0.0, 0.25, 1.0])
def test_where_nobody_contributes_nothing_is_created(ces_exponent):
    created, parts = create(makers(), rule(ces_exponent), each(0.0, 0.0))

    assert each(0.0) == exactly(created)
    assert each(0.0, 0.0) == exactly(parts)


@pytest.mark.parametrize("ces_exponent", [-1.0, -0.4, 0.0, 0.25, 1.0])
def test_the_members_parts_sum_to_the_value_created(ces_exponent):
    expertise = ((0.7, 0.2, 0.1), (0.1, 0.1, 0.8), (0.3, 0.4, 0.3), (0.05, 0.9, 0.05))
    state = partnership(4, domains=3, expertise=expertise, tension=0.3)
    created, parts = create(state, rule(ces_exponent), each(0.9, 0.02, 0.4, 0.0))

    assert created[0] == exactly(parts.sum(axis=0))
    assert (parts >= 0.0).all()
    assert (parts[3] == 0.0).all()


@pytest.mark.parametrize("ces_exponent", [-1.0, -0.4, 0.25, 1.0])
def test_twice_the_supply_creates_twice_the_value(ces_exponent):
    state = makers(expertise=((0.8, 0.2), (0.4, 0.6)))
    once, _ = create(state, rule(ces_exponent), each(0.3, 0.5))
    twice, _ = create(state, rule(ces_exponent), each(0.6, 1.0))

    assert 2.0 * once == exactly(twice)


def test_the_less_domains_replace_each_other_the_more_a_gap_costs():
    lopsided = [create(makers(), rule(s), each(1.0, 0.2))[0][0, 0] for s in (1.0, 0.25, -0.5, -1.0)]
    balanced = [create(makers(), rule(s), each(0.6, 0.6))[0][0, 0] for s in (1.0, 0.25, -0.5, -1.0)]

    assert lopsided == sorted(lopsided, reverse=True)
    assert [0.6] * 4 == exactly(balanced)


def test_the_stock_fades_and_grows_along_the_agenda():
    state = partnership(2, stock=(2.0, 6.0), agenda=(0.8, 0.2))

    # 0.9 x 2 + 3 x 0.5 x 0.8; 0.9 x 6 + 3 x 0.5 x 0.2
    assert each((3.0, 5.7)) == exactly(creation.accumulate(state, rule(0.25), each(0.5), each(1.0, 1.0)))


def test_parameters_that_differ_by_run_give_the_same_bits_as_one_number():
    state, supply = makers(expertise=((0.8, 0.2), (0.4, 0.6))), each(0.3, 0.5)
    swept = SimpleNamespace(
        novelty=0.0,
        strangeness=0.0,
        critical_mass=0.0,
        ces_exponent=np.array([[0.25, -0.4]]),
        productivity=np.array([[1.0, 1.0]]),
    )
    created, _ = create(state, swept, supply)

    assert create(state, rule(0.25), supply)[0][0, 0] == created[0, 0]
    assert create(state, rule(-0.4), supply)[0][0, 1] == created[0, 1]


def wide(**changes):
    return plain(Creation, ces_exponent=1.0, productivity=1.0, **changes)


def test_difference_is_worth_what_it_adds_times_what_can_be_absorbed():
    rules, supply = wide(novelty=2.0, strangeness=0.6), each(1.0, 1.0)
    state = makers(understanding=0.0)

    # (1 + 2 x .5)(1 - .6 x .5) = 1.4
    created, parts = create(state, rules, supply, language=0.5)
    assert each(1.4) == exactly(created)
    assert each(0.7, 0.7) == exactly(parts)
    assert each(1.0) == exactly(create(state, rules, supply, language=0.0)[0])


def test_understanding_bundling_and_ties_bridge_distance():
    rules, supply = wide(novelty=0.0, strangeness=0.8, bundling_bridge=0.5, tie_bridge=0.5), each(1.0, 1.0)
    bridges = [
        (makers(understanding=0.5), effort()),
        (makers(understanding=0.0), effort(bundle=1.0)),
        (makers(understanding=0.0, n_ties=(1.0, 1.0)), effort()),
        (makers(understanding=0.5, n_ties=(1.0, 1.0)), effort(bundle=1.0)),
    ]

    # 1 - .8 x (.5, .5, .75, .5 x .5 x .75)
    for (state, done), left in zip(bridges, (0.6, 0.6, 0.4, 0.85), strict=True):
        assert each(left) == exactly(create(state, rules, supply, done, language=1.0)[0])


def test_members_too_far_apart_create_nothing_and_never_less_than_nothing():
    created, parts = create(makers(understanding=0.0), wide(strangeness=2.0), each(1.0, 1.0), language=0.8)

    assert each(0.0) == exactly(created)
    assert each(0.0, 0.0) == exactly(parts)


def test_the_value_of_difference_peaks_at_an_intermediate_distance_further_out_with_understanding():
    rules, supply, places = wide(novelty=2.0, strangeness=0.6), each(1.0, 1.0), np.linspace(0.0, 3.0, 301)

    def peak(understanding):
        state = makers(understanding=understanding)
        return places[np.argmax([create(state, rules, supply, language=d)[0][0, 0] for d in places])]

    # (1 + 2d)(1 - .6 d u) has its peak at 1/(1.2 u) - 1/4
    assert peak(0.0) == pytest.approx(0.583, abs=0.01)
    assert peak(0.5) == pytest.approx(1.417, abs=0.01)


def test_a_critical_mass_halves_creation_where_supply_equals_it_and_spares_the_many():
    rules = wide(critical_mass=2.0)

    # S = 2: 4/(4+4); S = 1: 1/(1+4), of half as much
    assert each(0.5) == exactly(create(makers(), rules, each(1.0, 1.0))[0])
    assert each(0.1) == exactly(create(makers(), rules, each(0.5, 0.5))[0])
    assert each(0.0) == exactly(create(makers(), rules, each(0.0, 0.0))[0])


def test_steepness_decides_whether_the_first_or_the_last_contributions_bring_most():
    few, many = each(0.5, 0.5), each(1.0, 1.0)

    def gain(steepness, supply):
        return creation.momentum(wide(critical_mass=2.0, mass_steepness=steepness), supply)[0, 0]

    assert gain(3.0, few) < gain(2.0, few) < gain(1.0, few)
    assert gain(2.0, many) == gain(1.0, many) == pytest.approx(0.5)


def test_the_stock_grows_where_members_bring_knowledge_and_the_agenda_wants_it():
    state = makers(stock=(0.0, 0.0), agenda=(0.75, 0.25))
    supply = each(1.0, 3.0)

    # agenda x supply = (.75, .75); halfway between agenda and that
    full = creation.accumulate(state, wide(stock_by_supply=1.0, stock_gain=4.0), each(0.5), supply)
    half = creation.accumulate(state, wide(stock_by_supply=0.5, stock_gain=4.0), each(0.5), supply)
    assert each((1.0, 1.0)) == exactly(full)
    assert each((1.25, 0.75)) == exactly(half)


def test_where_nobody_brings_what_the_agenda_wants_the_stock_follows_the_agenda():
    state = makers(stock=(0.0, 0.0), agenda=(1.0, 0.0))

    assert each((1.5, 0.0)) == exactly(
        creation.accumulate(state, wide(stock_by_supply=1.0, stock_gain=3.0), each(0.5), each(0.0, 1.0))
    )


def test_in_a_linear_form_domains_replace_each_other_whatever_the_exponent():
    supply = each(0.9, 0.1)

    linear, _ = create(makers(), rule(-0.5), supply, form="linear")
    assert linear == exactly(create(makers(), rule(1.0), supply)[0])
    assert linear[0, 0] > create(makers(), rule(-0.5), supply)[0][0, 0]


def test_joint_work_loses_pace_in_a_pause_and_regains_it_after():
    slow = plain(Creation, standstill=0.25)

    assert each(0.6) == exactly(creation.keep_pace(makers(pace=0.8, phase=PAUSE), slow))
    assert each(0.85) == exactly(creation.keep_pace(makers(pace=0.8, phase=IMPLEMENTATION), slow))
    assert each(1.0) == exactly(creation.keep_pace(makers(phase=PAUSE), plain(Creation)))
    half, _ = create(makers(pace=0.5), rule(1.0), each(0.9, 0.1))
    assert half == exactly(0.5 * create(makers(), rule(1.0), each(0.9, 0.1))[0])
