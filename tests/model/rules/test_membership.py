# expected == actual
from types import SimpleNamespace

import numpy as np

from sim.model.rules import membership
from sim.model.rules.membership import Membership
from sim.model.state import FRUSTRATED, OTHER, SATISFIED
from tests.helpers import each, exactly, partnership, plain

RULE = plain(Membership, other_rate=0.001, satisfaction_threshold=0.7, exit_penalty=0, entry_rate=0)
NOBODY, LUCKY = each(0, 0, 0), each(0.5, 0.5, 0.5)


def drawn(quit=LUCKY, lapse=LUCKY, decision=LUCKY):
    return SimpleNamespace(quit=quit, lapse=lapse, decision=decision)


def leave(state, rule, forced, quit, outlook=0.0):
    """Let members decide, then draw the leavers."""
    going, _ = membership.decide(state, rule, each(outlook), drawn(), "threshold")
    return membership.leave(state.replace(going=state.going + going), rule, forced, drawn(quit))


def test_a_member_leaves_when_its_goodwill_is_below_0_and_not_before():
    state = partnership(3, goodwill=(-0.1, 0.0, 0.1))

    assert each(1, 0, 0) == exactly(membership.has_run_out(state, RULE) * 1.0)


def test_a_contract_holds_members_as_long_as_the_grant_lasts():
    bound, state = plain(Membership, exit_penalty=2.0), partnership(3, goodwill=(-1.9, -2.1, 0.1), fund=1.0)

    assert each(0, 1, 0) == exactly(membership.has_run_out(state, bound) * 1.0)
    assert each(1, 1, 0) == exactly(membership.has_run_out(state.replace(fund=each(0.0)), bound) * 1.0)


def test_who_leaves_with_most_of_its_needs_met_is_satisfied():
    state = partnership(3, goodwill=-1.0, needs_met=(43.0, 41.0, 0.0), need=60.0)
    satisfied, frustrated, other = leave(state, RULE, NOBODY, LUCKY)

    assert each(1, 0, 0) == exactly(satisfied)
    assert each(0, 1, 1) == exactly(frustrated)
    assert each(0, 0, 0) == exactly(other)


def test_a_leaver_with_exactly_the_share_of_its_need_is_not_satisfied_yet():
    state, half = (
        partnership(3, goodwill=-1.0, needs_met=(30.0, 30.1, 60.0), need=60.0),
        plain(Membership, satisfaction_threshold=0.5),
    )
    satisfied, _, _ = leave(state, half, NOBODY, LUCKY)

    assert each(0, 1, 1) == exactly(satisfied)
    assert each(0, 0, 0) == exactly(leave(state, plain(Membership, satisfaction_threshold=1), NOBODY, LUCKY)[0])


def test_reasons_outside_the_model_come_first_and_need_no_frustration():
    state = partnership(3, goodwill=(-1.0, 8.0, 8.0))
    satisfied, frustrated, other = leave(state, RULE, NOBODY, each(0.0009, 0.0009, 0.0011))

    assert each(1, 1, 0) == exactly(other)
    assert each(0, 0, 0) == exactly(satisfied + frustrated)


def test_without_reasons_outside_the_model_nobody_leaves_for_them_whatever_is_drawn():
    state, none = partnership(3, goodwill=8.0), plain(Membership, other_rate=0)

    assert each(0, 0, 0) == exactly(sum(leave(state, none, NOBODY, each(0, 0, 0))))


def test_a_forced_exit_counts_once_even_where_the_draw_agrees():
    state = partnership(3, goodwill=(8.0, 8.0, 8.0))
    satisfied, frustrated, other = leave(state, RULE, each(1, 1, 0), each(0.0, 0.5, 0.5))

    assert each(1, 1, 0) == exactly(other)
    assert each(0, 0, 0) == exactly(satisfied + frustrated)


def test_nobody_leaves_twice():
    state = partnership(3, goodwill=-1.0, member=(0, 0, 0))

    assert each(0, 0, 0) == exactly(sum(leave(state, RULE, each(1, 0, 0), each(0, 0, 0))))


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

    assert each(0, 0, 1, 0) == exactly(membership.enter(state, plain(Membership, entry_rate=0.5), draws))


def test_a_closed_partnership_draws_no_entrants():
    state, luckless = partnership(3, member=(1, 0, 0)), SimpleNamespace()

    assert not membership.enter(state, RULE, luckless).any()


def test_entry_can_be_open_in_one_run_and_closed_in_the_other():
    state = partnership(2, member=(1, 0))
    swept, draws = SimpleNamespace(entry_rate=np.array([[0.0, 0.5]])), SimpleNamespace(enter=each(0.0, 0.0))

    assert [0.0, 1.0] == list(membership.enter(state, swept, draws)[1])


YEARLY = plain(Membership, other_rate=0, term=12.0, fee=0, look_ahead=6.0, fee_spread=0)


def test_with_a_term_members_decide_at_its_end_only():
    state = partnership(3, goodwill=-1.0, month=12, since=(0.0, 1.0, -1.0))

    assert each(1, 0, 0) == exactly(sum(leave(state, YEARLY, NOBODY, LUCKY)))


def test_later_terms_end_at_the_common_date_or_with_the_month_of_joining():
    state = partnership(3, month=29, since=(5.0, 5.0, 5.0), on_calendar=(0.0, 1.0, 1.0))

    assert [True, False, False] == membership.is_due(state, YEARLY)[:, 0].tolist()
    assert [False, True, True] == membership.is_due(state.replace(month=36), YEARLY)[:, 0].tolist()
    assert [False] * 3 == membership.is_due(state.replace(month=12), YEARLY)[:, 0].tolist()  # before the first year


def test_who_stays_pays_the_fee_and_who_cannot_leaves():
    state = partnership(3, goodwill=(5.0, 3.9, 9.0), fee=(4.0, 4.0, 0.0), month=12, since=0.0)
    going, fees = membership.decide(state, YEARLY, each(0.0), drawn(), "threshold")

    assert each(4, 0, 0) == exactly(fees)
    assert each(0, 1, 0) == exactly(going)


def test_what_is_expected_ahead_makes_up_for_goodwill_and_the_other_way_round():
    state = partnership(2, goodwill=(-2.0, 2.0), month=12, since=0.0)

    # six months of .5 and of -.5
    going, _ = membership.decide(state, YEARLY, each(3.0, -3.0), drawn(), "threshold")
    assert each(0, 1) == exactly(going)


def test_outlook_is_the_surplus_with_its_trend_less_what_departures_would_take():
    rule = plain(Membership, look_ahead=10.0, trend=0.5, company=1.0)
    state = partnership(2, trend=(0.02, 0.0), departing=0.1)

    # 10 (.3 + .5 x .02 x 5) = 3.5; 10 (0 - .4 (1 - exp(-.5)))
    expected = each(3.5, -4.0 * (1.0 - np.exp(-0.5)))
    assert expected == exactly(membership.outlook(state, rule, each(0.3, 0.0), each(0.0, 0.4)))


def test_as_a_hazard_the_one_with_less_goodwill_is_likelier_to_leave():
    rule = plain(Membership, hazard_width=2.0)
    state = partnership(3, goodwill=(0.0, 2.0, -2.0))

    # logistic(0), logistic(-1), logistic(1) = .5, .269, .731
    def going(draw):
        return membership.decide(state, rule, each(0.0), drawn(decision=each(draw)), "hazard")[0][:, 0].tolist()

    assert [going(d) for d in (0.26, 0.28, 0.49, 0.51, 0.74)] == [[1, 1, 1], [1, 0, 1], [1, 0, 1], [0, 0, 1], [0, 0, 0]]


def test_who_has_decided_goes_when_the_list_is_next_brought_up_to_date():
    slow, state = plain(Membership, other_rate=0, lapse_rate=0.5), partnership(3, going=(1.0, 1.0, 0.0))

    assert each(1, 0, 0) == exactly(sum(membership.leave(state, slow, NOBODY, drawn(lapse=each(0.4, 0.6, 0.4)))))


def test_below_the_least_number_of_members_the_partnership_ends():
    rule = plain(Membership, other_rate=0, least_members=3.0)

    assert each(0, 0, 0) == exactly(sum(leave(partnership(3), rule, NOBODY, LUCKY)))
    assert each(1, 1, 0) == exactly(sum(leave(partnership(3, member=(1, 1, 0)), rule, NOBODY, LUCKY)))


def test_members_notice_the_supply_that_leaves():
    state = partnership(2, departing=0.0)

    # half is gone: .2 x log 2; with all of it the rate counts 90 %
    half = membership.watch_departures(state, each(1.0, 1.0), each(1, 0))
    assert each(0.2 * np.log(2)) == exactly(half)
    assert each(0.2 * np.log(10)) == exactly(membership.watch_departures(state, each(1.0, 1.0), each(1, 1)))


def test_with_too_little_of_a_secretariat_the_partnership_ends():
    rule = plain(Membership, other_rate=0, least_secretariat=2.0)

    assert each(0, 0, 0) == exactly(sum(leave(partnership(3, budget=2.0), rule, NOBODY, LUCKY)))
    assert each(1, 1, 1) == exactly(sum(leave(partnership(3, budget=1.9), rule, NOBODY, LUCKY)))
