import numpy as np
import pytest

from sim.model.rules import understanding
from sim.model.rules.understanding import Understanding
from sim.model.state import IMPLEMENTATION, PAUSE
from tests.helpers import RUNS, each, effort, exactly, partnership, plain

RULE = plain(
    Understanding,
    rate=0.05,
    language_barrier=1,
    pause_gain=0.5,
    plan_time=3,
    plan_carried=1,
    plan_agenda=0.5,
    bundle_agenda=0.05,
)
NONE = each(0, 0, 0)


def language(value):
    return np.full((1, 4, RUNS), np.array([value, 9.0, 9.0, 9.0])[None, :, None])


def group(**changes):
    return partnership(3, **({"understanding": 0.1, "phase": IMPLEMENTATION, "member": (1, 1, 0)} | changes))


def test_understanding_grows_with_mean_participation_slowed_by_distance_in_language():
    together = understanding.understand(group(), RULE, each(0.8, 0.4, 0.0), language(1.0), NONE)

    # 0.1 + 0.05 / 2 x 0.9 x 0.6
    assert each(0.1135) == exactly(together)


def test_one_language_doubles_the_pace_of_a_distance_of_1():
    together = understanding.understand(group(), RULE, each(0.8, 0.4, 0.0), language(0.0), NONE)

    assert each(0.127) == exactly(together)


def test_a_month_of_pause_adds_half_a_month_of_full_participation():
    paused = understanding.understand(group(phase=PAUSE), RULE, each(0.8, 0.4, 0.0), language(1.0), NONE)

    assert each(0.12475) == exactly(paused)


def test_one_entrant_to_two_members_dilutes_understanding_by_a_third():
    diluted = understanding.understand(group(), RULE, each(0.8, 0.4, 0.0), language(1.0), each(0, 0, 1))

    assert each(0.1135 * 2 / 3) == exactly(diluted)


def test_one_entrant_halves_the_understanding_of_who_was_alone():
    alone = group(member=(1, 0, 0))

    assert each(0.05) == exactly(understanding.understand(alone, RULE, NONE, language(0.0), each(0, 1, 0)))


def test_where_nobody_takes_part_understanding_stays():
    assert each(0.1) == exactly(understanding.understand(group(), RULE, NONE, language(0.0), NONE))


def test_understanding_never_exceeds_1():
    eager = plain(Understanding, rate=0.5, pause_gain=5)
    complete = understanding.understand(group(phase=PAUSE), eager, each(1, 1, 0), language(0.0), NONE)

    assert each(1.0) == exactly(complete)


def test_a_plan_is_63_percent_made_after_as_many_months_as_its_time():
    state = group(plan=0.0)
    for _ in range(3):
        state = state.replace(plan=understanding.make_plan(state, RULE, each(1.0)))

    assert each(0.6321205588285577) == exactly(state.plan)


def test_two_months_at_half_strength_make_as_much_of_a_plan_as_one_full_month():
    state = group(plan=0.2)
    half = state.replace(plan=understanding.make_plan(state, RULE, each(0.5)))

    # 1 - 0.8 exp(-1/3)
    assert each(1 - 0.8 * 0.7165313105737893) == exactly(understanding.make_plan(state, RULE, each(1.0)))
    assert each(1 - 0.8 * 0.7165313105737893) == exactly(understanding.make_plan(half, RULE, each(0.5)))


def test_without_a_pause_no_plan_is_made():
    assert each(0.2) == exactly(understanding.make_plan(group(plan=0.2), RULE, each(0.0)))


def test_a_plan_goes_with_the_representatives_who_made_it():
    state = group(plan=0.6)

    assert each(0.3) == exactly(understanding.forget_plan(state, RULE, each(1, 0, 0)))
    assert each(0.6) == exactly(understanding.forget_plan(state, RULE, NONE))
    assert each(0.45) == exactly(
        understanding.forget_plan(state, plain(Understanding, plan_carried=0.5), each(1, 0, 0))
    )


def test_a_business_model_in_the_pause_is_as_good_as_the_plan_and_as_the_member_is_open():
    state = group(plan=0.5, disclosure=0.6, business_model=(0.0, 0.4, 0.0), phase=PAUSE)

    assert each(0.3, 0.4, 0.0) == exactly(understanding.model_business(state))


@pytest.mark.parametrize("phase", [0, 2, 3])
def test_outside_a_pause_no_business_model_is_worked_out(phase):
    state = group(plan=0.5, disclosure=0.6, business_model=(0.1, 0.4, 0.0), phase=phase)

    assert each(0.1, 0.4, 0.0) == exactly(understanding.model_business(state))


def debating(**changes):
    goals = ((0.6, 0.4), (0.2, 0.8), (1.0, 0.0))
    return group(**({"agenda": (0.8, 0.2), "goals": goals, "plan": 0.6} | changes))


def test_a_plan_moves_the_agenda_to_the_members_mean_goals():
    # pace 0.5 x 0.6; 0.7 x (0.8, 0.2) + 0.3 x (0.4, 0.6)
    assert each((0.68, 0.32)) == exactly(understanding.set_agenda(debating(phase=PAUSE), RULE, effort()))


def test_deciding_together_moves_the_agenda_slowly():
    assert each((0.78, 0.22)) == exactly(understanding.set_agenda(debating(), RULE, effort(bundle=1.0)))


def test_the_goals_of_a_lone_member_are_those_of_the_agenda():
    alone = debating(phase=PAUSE, member=(1, 0, 0))

    # 0.7 x (0.8, 0.2) + 0.3 x (0.6, 0.4)
    assert each((0.74, 0.26)) == exactly(understanding.set_agenda(alone, RULE, effort()))


def test_a_pause_in_one_run_makes_no_business_model_in_the_other():
    state = group(plan=0.5, disclosure=0.6, business_model=0.1, phase=np.array([[PAUSE, IMPLEMENTATION]]))

    assert [[0.3, 0.1], [0.3, 0.1], [0.1, 0.1]] == exactly(understanding.model_business(state))


def test_without_a_pause_and_bundling_the_proposal_stays_the_agenda():
    assert each((0.8, 0.2)) == exactly(understanding.set_agenda(debating(), RULE, effort()))


def test_an_abandoned_partnership_keeps_its_agenda():
    state = debating(phase=PAUSE, member=(0, 0, 0))

    assert each((0.8, 0.2)) == exactly(understanding.set_agenda(state, RULE, effort(bundle=1.0)))


def aged(phase=IMPLEMENTATION, moved=(0, 0, 0), struck=0.0, **changes):
    state = group(plan=0.8, phase=phase)
    return understanding.age_plan(state, plain(Understanding, **changes), each(*moved), each(struck))


def test_a_plan_goes_out_of_date_but_not_while_it_is_made():
    assert each(0.76) == exactly(aged(plan_ageing=0.05))
    assert each(0.8) == exactly(aged(plan_ageing=0.05, phase=PAUSE))


def test_events_overtake_a_plan_as_many_members_come_or_go_or_a_shock_strikes():
    # one of two members goes: half of .6; with a shock all of .6
    assert each(0.8 * 0.7) == exactly(aged(plan_events=0.6, moved=(1, 0, 0)))
    assert each(0.8 * 0.4) == exactly(aged(plan_events=0.6, moved=(1, 0, 0), struck=1.0))
    assert each(0.0) == exactly(aged(plan_events=5.0, moved=(1, 0, 0)))
    assert each(0.8) == exactly(aged(plan_events=0.6))
