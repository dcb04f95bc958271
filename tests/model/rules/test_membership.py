# expected == actual
from types import SimpleNamespace

import numpy as np

from sim.model.rules import membership
from sim.model.rules.membership import Membership
from sim.model.state import FRUSTRATED, OTHER, SATISFIED
from tests.helpers import each, exactly, partnership

RULE = Membership(other_rate=0.001, satisfaction_threshold=0.7, exit_penalty=0, entry_rate=0)
NOBODY, LUCKY = each(0, 0, 0), each(0.5, 0.5, 0.5)


def test_a_member_leaves_when_its_goodwill_is_below_0_and_not_before():
    state = partnership(3, goodwill=(-0.1, 0.0, 0.1))

    assert each(1, 0, 0) == exactly(membership.has_run_out(state, RULE) * 1.0)


def test_a_contract_holds_members_as_long_as_the_grant_lasts():
    bound, state = Membership(exit_penalty=2.0), partnership(3, goodwill=(-1.9, -2.1, 0.1), fund=1.0)

    assert each(0, 1, 0) == exactly(membership.has_run_out(state, bound) * 1.0)
    assert each(1, 1, 0) == exactly(membership.has_run_out(state.replace(fund=each(0.0)), bound) * 1.0)


def test_who_leaves_with_most_of_its_needs_met_is_satisfied():
    state = partnership(3, goodwill=-1.0, needs_met=(43.0, 41.0, 0.0), need=60.0)
    satisfied, frustrated, other = membership.leave(state, RULE, NOBODY, LUCKY)

    assert each(1, 0, 0) == exactly(satisfied)
    assert each(0, 1, 1) == exactly(frustrated)
    assert each(0, 0, 0) == exactly(other)


def test_a_leaver_with_exactly_the_share_of_its_need_is_not_satisfied_yet():
    state, half = (
        partnership(3, goodwill=-1.0, needs_met=(30.0, 30.1, 60.0), need=60.0),
        Membership(satisfaction_threshold=0.5),
    )
    satisfied, _, _ = membership.leave(state, half, NOBODY, LUCKY)

    assert each(0, 1, 1) == exactly(satisfied)
    assert each(0, 0, 0) == exactly(membership.leave(state, Membership(satisfaction_threshold=1), NOBODY, LUCKY)[0])


def test_reasons_outside_the_model_come_first_and_need_no_frustration():
    state = partnership(3, goodwill=(-1.0, 8.0, 8.0))
    satisfied, frustrated, other = membership.leave(state, RULE, NOBODY, each(0.0009, 0.0009, 0.0011))

    assert each(1, 1, 0) == exactly(other)
    assert each(0, 0, 0) == exactly(satisfied + frustrated)


def test_without_reasons_outside_the_model_nobody_leaves_for_them_whatever_is_drawn():
    state, none = partnership(3, goodwill=8.0), Membership(other_rate=0)

    assert each(0, 0, 0) == exactly(sum(membership.leave(state, none, NOBODY, each(0, 0, 0))))


def test_a_forced_exit_counts_once_even_where_the_draw_agrees():
    state = partnership(3, goodwill=(8.0, 8.0, 8.0))
    satisfied, frustrated, other = membership.leave(state, RULE, each(1, 1, 0), each(0.0, 0.5, 0.5))

    assert each(1, 1, 0) == exactly(other)
    assert each(0, 0, 0) == exactly(satisfied + frustrated)


def test_nobody_leaves_twice():
    state = partnership(3, goodwill=-1.0, member=(0, 0, 0))

    assert each(0, 0, 0) == exactly(sum(membership.leave(state, RULE, each(1, 0, 0), each(0, 0, 0))))


def test_leavers_go_off_the_roll_with_month_and_reason():
    state = membership.remove_leavers(partnership(4, month=7), each(1, 0, 0, 0), each(0, 1, 0, 0), each(0, 0, 1, 0))

    assert each(0, 0, 0, 1) == exactly(state.member)
    assert each(1, 1, 1, 0) == exactly(state.left)
    assert each(7, 7, 7, 0) == exactly(state.left_month)
    assert each(SATISFIED, FRUSTRATED, OTHER, 0) == exactly(state.left_reason)


def test_an_early_leavers_month_and_reason_stand_when_others_follow():
    state = membership.remove_leavers(partnership(3, month=7), each(1, 0, 0), NOBODY, NOBODY)
    state = membership.remove_leavers(state.replace(month=9), NOBODY, each(0, 1, 0), NOBODY)

    assert each(7, 9, 0) == exactly(state.left_month)
    assert each(SATISFIED, FRUSTRATED, 0) == exactly(state.left_reason)


def test_candidates_join_by_chance_and_neither_members_nor_leavers_do():
    state = partnership(4, member=(1, 0, 0, 0), left=(0, 1, 0, 0))
    draws = SimpleNamespace(enter=each(0.01, 0.01, 0.01, 0.9))

    assert each(0, 0, 1, 0) == exactly(membership.enter(state, Membership(entry_rate=0.5), draws))


def test_a_closed_partnership_draws_no_entrants():
    state, luckless = partnership(3, member=(1, 0, 0)), SimpleNamespace()

    assert not membership.enter(state, RULE, luckless).any()


def test_entry_can_be_open_in_one_run_and_closed_in_the_other():
    state = partnership(2, member=(1, 0))
    swept, draws = SimpleNamespace(entry_rate=np.array([[0.0, 0.5]])), SimpleNamespace(enter=each(0.0, 0.0))

    assert [0.0, 1.0] == list(membership.enter(state, swept, draws)[1])
