# expected == actual
from sim.model.rules import leak
from sim.model.rules.information import count_rivals
from sim.model.rules.leak import Leak
from tests.helpers import each, exactly, partnership

RULE = Leak(rate=0.5, loss=6, rival_share=0.4)


def divided(state, leaked):
    return leak.divide_loss(state, RULE, leaked, count_rivals(state))


def test_information_leaks_when_the_draw_falls_below_the_product_of_what_invites_it():
    state = partnership(2, sensitivity=0.8, disclosure=0.5)

    # 0.5 x 0.8 x 0.5 x 0.5 x 0.5 = 0.05
    assert each(1, 0) == exactly(leak.leak(state, RULE, each(0.5), each(0.5, 0.5), each(0.0499, 0.0501)))


def test_even_at_the_worst_rate_nothing_leaks_without_rivals_openness_sensitivity_or_under_full_safeguards():
    worst, unlucky, state = Leak(rate=1), each(0.0, 0.0), partnership(2, sensitivity=1.0, disclosure=1.0)

    assert each(1, 1) == exactly(leak.leak(state, worst, each(1.0), each(1.0, 1.0), unlucky))
    assert each(1, 0) == exactly(leak.leak(state, worst, each(1.0), each(1.0, 0.0), unlucky))
    assert each(0, 0) == exactly(leak.leak(state, worst, each(0.0), each(1.0, 1.0), unlucky))
    assert each(0, 0) == exactly(
        leak.leak(state.replace(disclosure=each(0, 0)), worst, each(1.0), each(1.0, 1.0), unlucky)
    )
    assert each(0, 0) == exactly(
        leak.leak(state.replace(sensitivity=each(0, 0)), worst, each(1.0), each(1.0, 1.0), unlucky)
    )


def test_who_left_has_nothing_left_to_leak():
    state = partnership(2, sensitivity=1.0, disclosure=1.0, member=(1, 0))

    assert each(1, 0) == exactly(leak.leak(state, RULE, each(1.0), each(1.0, 1.0), each(0.0, 0.0)))


def test_rivals_share_two_fifths_of_the_loss_and_the_rest_dissipates():
    state = partnership(4, segment=(0, 0, 0, 1))
    lost, gained, dissipated = divided(state, each(1, 0, 0, 0))

    assert each(6, 0, 0, 0) == exactly(lost)
    assert each(0, 1.2, 1.2, 0) == exactly(gained)
    assert each(3.6) == exactly(dissipated)


def test_two_rivals_that_both_leak_gain_from_each_other():
    state = partnership(3, segment=(0, 0, 0))
    lost, gained, dissipated = divided(state, each(1, 1, 0))

    assert each(6, 6, 0) == exactly(lost)
    assert each(1.2, 1.2, 2.4) == exactly(gained)
    assert each(7.2) == exactly(dissipated)


def test_leaks_in_two_markets_stay_apart():
    state = partnership(5, segment=(0, 0, 1, 1, 1))
    _, gained, dissipated = divided(state, each(1, 0, 0, 0, 1))

    assert each(0, 2.4, 1.2, 1.2, 0) == exactly(gained)
    assert each(7.2) == exactly(dissipated)


def test_a_rival_that_left_gains_nothing_and_leaves_more_for_the_others():
    state = partnership(3, segment=(0, 0, 0), member=(1, 1, 0))
    _, gained, _ = divided(state, each(1, 0, 0))

    assert each(0, 2.4, 0) == exactly(gained)


def test_without_an_active_rival_the_whole_loss_dissipates():
    state = partnership(2, segment=(0, 0), member=(1, 0))
    lost, gained, dissipated = divided(state, each(1, 0))

    assert each(6, 0) == exactly(lost)
    assert each(0, 0) == exactly(gained)
    assert each(6) == exactly(dissipated)


def test_without_a_leak_nothing_moves():
    lost, gained, dissipated = divided(partnership(2, segment=(0, 0)), each(0, 0))

    assert each(0, 0) == exactly(lost)
    assert each(0, 0) == exactly(gained)
    assert each(0) == exactly(dissipated)


def test_a_leak_in_one_run_does_not_reach_the_other():
    leaked = each(1, 0)
    leaked[:, 1] = 0.0
    lost, gained, dissipated = divided(partnership(2, segment=(0, 0)), leaked)

    assert [6, 0, 0, 2.4, 3.6] == exactly([*lost[:, 0], *gained[:, 0], dissipated[0, 0]])
    assert [0, 0, 0, 0, 0] == exactly([*lost[:, 1], *gained[:, 1], dissipated[0, 1]])
