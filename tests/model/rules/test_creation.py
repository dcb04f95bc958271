# expected == actual
from types import SimpleNamespace

import numpy as np
import pytest

from sim.model.rules import creation
from sim.model.rules.creation import Creation
from sim.model.state import PAUSE
from tests.helpers import close, each, effort, exactly, partnership

SPECIALISTS = ((1.0, 0.0), (0.0, 1.0))


def makers(**changes):
    return partnership(2, **({"expertise": SPECIALISTS, "tension": 0.0} | changes))


def rule(ces_exponent, productivity=1.0):
    return Creation(
        ces_exponent=ces_exponent, productivity=productivity, bottleneck=0.3, stock_gain=3, depreciation=0.1
    )


def test_a_member_supplies_its_engagement_times_size_times_disclosure():
    state = partnership(2, resources=(1.5, 2.0), disclosure=(0.5, 0.25))

    assert each(0.6, 0.5) == exactly(creation.contribute(state, rule(0.25), effort(), each(0.8, 1.0)))


def test_half_safeguarding_holds_back_15_percent_at_the_orchestrators_desk():
    state = partnership(2, resources=(1.5, 2.0), disclosure=(0.5, 0.25))

    assert each(0.51, 0.425) == exactly(creation.contribute(state, rule(0.25), effort(safeguard=0.5), each(0.8, 1.0)))


def test_domains_that_replace_each_other_add_up():
    created, parts = creation.create(makers(tension=0.25), rule(1.0, productivity=1.6), each(1.0, 0.5))

    # q = (1, 0.5), mean 0.75; 1.6 x 0.75 x (1 - 0.25)
    assert each(0.9) == exactly(created)
    assert each(0.6, 0.3) == exactly(parts)


def test_domains_that_need_each_other_create_less_from_the_same_supply():
    created, parts = creation.create(makers(), rule(0.25), each(1.0, 0.0625))

    # q^(1/4) = (1, 0.5), mean 0.75, fourth power; parts in proportion 1 : 0.5
    assert each(0.31640625) == exactly(created)
    assert each(0.2109375, 0.10546875) == exactly(parts)


def test_a_negative_exponent_gives_the_harmonic_mean():
    created, parts = creation.create(makers(), rule(-1.0), each(1.0, 1 / 3))

    # 1/q = (1, 3), mean 2
    assert each(0.5) == exactly(created)
    assert each(0.125, 0.375) == exactly(parts)


def test_around_an_exponent_of_0_value_is_near_the_geometric_mean():
    for ces_exponent in (-0.0005, 0.0, 0.0005):
        created, _ = creation.create(makers(), rule(ces_exponent), each(1.0, 0.25))

        assert each(0.5) == close(created)


def test_an_exponent_of_0_counts_as_a_thousandth():
    for supply in (each(1.0, 0.25), each(0.3, 0.5)):
        (none, of_none), (little, of_little) = (creation.create(makers(), rule(s), supply) for s in (0.0, 0.001))

        assert none == exactly(little)
        assert of_none == exactly(of_little)


def test_value_is_per_founder_so_an_empty_seat_counts_as_nothing_supplied():
    state = partnership(4, expertise=SPECIALISTS * 2, tension=0.0, member=(1, 1, 0, 0))
    created, parts = creation.create(state, rule(1.0), each(1.0, 1.0, 0.0, 0.0))

    assert each(0.5) == exactly(created)
    assert each(0.25, 0.25, 0.0, 0.0) == exactly(parts)


def test_a_later_entrant_adds_without_raising_the_number_of_founders():
    state = partnership(3, expertise=(*SPECIALISTS, (0.5, 0.5)), tension=0.0, founder=(1, 1, 0))
    created, _ = creation.create(state, rule(1.0), each(1.0, 1.0, 1.0))

    assert each(1.5) == exactly(created)


def test_nothing_is_created_in_a_pause():
    created, parts = creation.create(makers(phase=PAUSE), rule(0.25), each(1.0, 1.0))

    assert each(0.0) == exactly(created)
    assert each(0.0, 0.0) == exactly(parts)


def test_full_tension_stops_creation_and_half_tension_halves_it():
    half, _ = creation.create(makers(tension=0.5), rule(0.25), each(1.0, 1.0))
    full, _ = creation.create(makers(tension=1.0), rule(0.25), each(1.0, 1.0))

    assert each(0.5) == exactly(half)
    assert each(0.0) == exactly(full)


@pytest.mark.parametrize("ces_exponent", [-1.0, 0.0, 0.25, 1.0])
def test_where_nobody_contributes_nothing_is_created(ces_exponent):
    created, parts = creation.create(makers(), rule(ces_exponent), each(0.0, 0.0))

    assert each(0.0) == exactly(created)
    assert each(0.0, 0.0) == exactly(parts)


@pytest.mark.parametrize("ces_exponent", [-1.0, -0.4, 0.0, 0.25, 1.0])
def test_the_members_parts_sum_to_the_value_created(ces_exponent):
    expertise = ((0.7, 0.2, 0.1), (0.1, 0.1, 0.8), (0.3, 0.4, 0.3), (0.05, 0.9, 0.05))
    state = partnership(4, domains=3, expertise=expertise, tension=0.3)
    created, parts = creation.create(state, rule(ces_exponent), each(0.9, 0.02, 0.4, 0.0))

    assert created[0] == exactly(parts.sum(axis=0))
    assert (parts >= 0.0).all()
    assert (parts[3] == 0.0).all()


@pytest.mark.parametrize("ces_exponent", [-1.0, -0.4, 0.25, 1.0])
def test_twice_the_supply_creates_twice_the_value(ces_exponent):
    state = makers(expertise=((0.8, 0.2), (0.4, 0.6)))
    once, _ = creation.create(state, rule(ces_exponent), each(0.3, 0.5))
    twice, _ = creation.create(state, rule(ces_exponent), each(0.6, 1.0))

    assert 2.0 * once == exactly(twice)


def test_the_less_domains_replace_each_other_the_more_a_gap_costs():
    lopsided = [creation.create(makers(), rule(s), each(1.0, 0.2))[0][0, 0] for s in (1.0, 0.25, -0.5, -1.0)]
    balanced = [creation.create(makers(), rule(s), each(0.6, 0.6))[0][0, 0] for s in (1.0, 0.25, -0.5, -1.0)]

    assert lopsided == sorted(lopsided, reverse=True)
    assert [0.6] * 4 == exactly(balanced)


def test_the_stock_fades_and_grows_along_the_agenda():
    state = partnership(2, stock=(2.0, 6.0), agenda=(0.8, 0.2))

    # 0.9 x 2 + 3 x 0.5 x 0.8; 0.9 x 6 + 3 x 0.5 x 0.2
    assert each((3.0, 5.7)) == exactly(creation.accumulate(state, rule(0.25), each(0.5)))


def test_parameters_that_differ_by_run_give_the_same_bits_as_one_number():
    state, supply = makers(expertise=((0.8, 0.2), (0.4, 0.6))), each(0.3, 0.5)
    swept = SimpleNamespace(ces_exponent=np.array([[0.25, -0.4]]), productivity=np.array([[1.0, 1.0]]))
    created, _ = creation.create(state, swept, supply)

    assert creation.create(state, rule(0.25), supply)[0][0, 0] == created[0, 0]
    assert creation.create(state, rule(-0.4), supply)[0][0, 1] == created[0, 1]
