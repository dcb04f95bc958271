"""What each policy does with a budget, worked by hand: four members of five partners, prices as they ship.

Prices: safeguarding 0.10 a member, bundling 0.06, a match 0.5, tracking 0.05 a member, an intervention 1.0. One run has
plenty, one has next to nothing.
"""

import numpy as np
import pytest

import sim
from sim.model.effort import MECHANISMS, Prices, cost_of
from sim.model.observation import Observation
from sim.model.policies import (
    Adaptive,
    AdaptiveTracking,
    Bundling,
    Connecting,
    FixedMix,
    Neutral,
    Placebo,
    Policy,
    ReversedSchedule,
    Safeguarding,
    Scheduled,
    StrategicPause,
)
from tests.helpers import each, exactly

MEMBERS = each(1, 1, 1, 1, 0)


def seen(budget, month=1, risk=(0.0,) * 5, shortfall=(0.0,) * 5, interest=0.0, **members):
    """Lay out what an orchestrator sees; ``budget`` is one for each of two runs."""
    looks = {"risk": each(*risk), "shortfall": each(*shortfall), "tension_interest": each(interest)}
    nothing = MEMBERS * 0.0
    attendance, contacts, looks["captured"] = (
        each(*members[what]) if what in members else nothing for what in ("attendance", "contacts", "captured")
    )
    return Observation(
        month, each(0), np.array([budget], dtype=float), Prices(), MEMBERS, nothing, 2, each(12), each(0), each(0), attendance,
        nothing, contacts, looks.__getitem__, lambda: nothing,
    )  # fmt: skip


def spent(policy, what, memory=None):
    """Give what a policy spends on each mechanism, without those it leaves alone."""
    effort, _ = policy.allocate(what, what.budget, policy.start() if memory is None else memory)
    costs = cost_of(effort, what.prices, what.members)
    return {m: exactly((costs[m] + what.budget * 0)[0]) for m in MECHANISMS if np.any(costs[m])}


def test_doing_nothing_costs_nothing_and_the_pause_is_three_months():
    assert spent(Neutral(), seen((6, 0.1))) == {}
    assert spent(StrategicPause(), seen((6, 0.1))) == {}
    assert (Neutral().pause, StrategicPause().pause) == (0, 3)


def test_safeguarding_and_bundling_go_up_to_their_level_as_far_as_the_budget_goes():
    """0.5 x 0.10 x 4 = 0.2; 0.5 x 0.06 x 4 = 0.12; in full 0.4 and 0.24."""
    assert spent(Safeguarding(level=0.5), seen((6, 0.1))) == {"safeguard": [0.2, 0.1]}
    assert spent(Bundling(level=0.5), seen((6, 0.1))) == {"bundle": [0.12, 0.1]}
    assert spent(Safeguarding(), seen((6, 0.1))) == {"safeguard": [0.4, 0.1]}
    assert spent(Bundling(), seen((6, 0.1))) == {"bundle": [0.24, 0.1]}


def test_connecting_divides_its_share_and_what_tables_and_members_cannot_take_stays_idle():
    """0.8 of 1 is 0.8, a quarter inside. Of 6 it is 4.8: inside 1.2, but 2 tables cost 1; outside 3.6, but 4 matches cost 2."""
    assert spent(Connecting(share=0.8, inside=0.25), seen((1, 6))) == {
        "match_inside": [0.2, 1.0],
        "match_outside": [0.6, 2.0],
    }


def test_a_fixed_mix_spends_its_shares():
    mix = {"safeguard": 0.1, "bundle": 0.05, "inside": 0.2, "outside": 0.3, "track": 0.05, "intervene": 0.25}
    assert spent(FixedMix(**mix), seen((2, 1))) == {
        "safeguard": [0.2, 0.1],
        "bundle": [0.1, 0.05],
        "match_inside": [0.4, 0.2],
        "match_outside": [0.6, 0.3],
        "track": [0.1, 0.05],
        "intervene": [0.5, 0.25],
    }


@pytest.mark.parametrize("more", ["safeguard", "bundle", "inside", "outside", "track", "intervene"])
def test_shares_of_more_than_the_budget_are_refused_whichever_is_too_large(more):
    with pytest.raises(
        sim.PolicyError, match=r"the shares of fixed_mix sum to 1\.3; at most 1 can be spent: lower some"
    ):
        sim.find_policy({"name": "fixed_mix", more: FixedMix.model_fields[more].default + 0.3})
    assert sim.find_policy("fixed_mix").track == 0.1


def test_a_schedule_turns_after_its_month_and_reversed_the_other_way():
    guarding, connecting = {"safeguard": [0.4, 0.1]}, {"match_inside": [0.5, 0.05], "match_outside": [0.5, 0.05]}
    for month, first, second in ((5, guarding, connecting), (6, connecting, guarding)):
        assert spent(Scheduled(months=5), seen((1, 0.1), month)) == first
        assert spent(ReversedSchedule(months=5), seen((1, 0.1), month)) == second


ALARMED = {"risk": (0.04, 0.06, 0.10, 0.12, 9.0), "interest": 0.4}
"""Mean risk of the members 0.08, half way from 0.03 to 0.13; interest tension half way from 0.2 to 0.6."""


def test_adaptive_follows_what_it_sees_with_inertia_protects_first_and_leaves_half_of_the_rest():
    """Levels 0.5 x 0.2 + 0.5 x 0.5 = 0.35 and 0.5 x 0.1 + 0.5 x 0.5 x 0.5 = 0.175; they cost 0.14 and 0.042.

    Of 2, half of the remaining 1.818 goes to matches, evenly. Of 0.15, bundling gets what safeguarding leaves.
    """
    before = {"safeguard": 0.2, "bundle": 0.1}
    what = seen((2, 0.15), **ALARMED)
    _, levels = Adaptive().allocate(what, what.budget, before)

    assert spent(Adaptive(), what, before) == {
        "safeguard": [0.14, 0.14],
        "bundle": [0.042, 0.01],
        "match_inside": [0.4545, 0],
        "match_outside": [0.4545, 0],
    }
    assert [levels["safeguard"][0, 0], levels["bundle"][0, 0]] == exactly([0.35, 0.175])
    assert before == {"safeguard": 0.2, "bundle": 0.1}


def test_adaptive_divides_its_matches_as_told_and_keeps_to_its_most_bundling():
    """Without memory and inertia: levels 0.5 and 0.8 x 0.5; of 2 - 0.2 - 0.096 a quarter, of that a tenth inside."""
    policy = Adaptive(inertia=0, bundle_most=0.8, connect=0.25, inside=0.1)
    assert spent(policy, seen((2, 2), **ALARMED)) == {
        "safeguard": [0.2, 0.2],
        "bundle": [0.096, 0.096],
        "match_inside": [0.0426, 0.0426],
        "match_outside": [0.3834, 0.3834],
    }


@pytest.mark.parametrize(
    ("risk", "interest", "level"), [(0.03, 0.2, 0.0), (0.13, 0.6, 1.0), (0.5, 0.9, 1.0), (0.0, 0.0, 0.0)]
)
def test_adaptive_is_at_rest_below_its_thresholds_and_in_full_above(risk, interest, level):
    what = seen((6, 6), risk=(risk,) * 5, interest=interest)
    _, levels = Adaptive(inertia=0).allocate(what, what.budget, Adaptive().start())

    assert levels["safeguard"][0, 0] == exactly(level)
    assert levels["bundle"][0, 0] == exactly(0.5 * level)


def test_thresholds_that_are_the_same_make_a_switch():
    policy = Adaptive(inertia=0, risk_low=0.08, risk_high=0.08, interest_low=0.4, interest_high=0.4)
    for risk, interest, level in ((0.079, 0.399, 0.0), (0.081, 0.401, 1.0)):
        what = seen((6, 6), risk=(risk,) * 5, interest=interest)
        _, levels = policy.allocate(what, what.budget, policy.start())

        assert (levels["safeguard"][0, 0], levels["bundle"][0, 0]) == (level, 0.5 * level)


def test_tracking_spends_the_rest_on_matches_tracking_and_help_for_those_below_the_average():
    """Protection as above costs 0.182 of 2. Of 1.818: matches 0.4 (0.7272), tracking at most 0.05 x 4 = 0.2, help 0.8908.

    Shortfalls -3, -1, 1, 3 average 0, so help goes 3 : 1 to the first two, and nothing to those above.
    """
    what = seen((2, 0.15), shortfall=(-3, -1, 1, 3, -99), **ALARMED)
    before = {"safeguard": 0.2, "bundle": 0.1}
    effort, levels = AdaptiveTracking(expected_effect=0.0).allocate(what, what.budget, before)

    assert spent(AdaptiveTracking(expected_effect=0.0), what, before) == {
        "safeguard": [0.14, 0.14],
        "bundle": [0.042, 0.01],
        "match_inside": [0.3636, 0],
        "match_outside": [0.3636, 0],
        "track": [0.2, 0],
        "intervene": [0.8908, 0],
    }
    assert effort.intervene[:, 0] == exactly([0.6681, 0.2227, 0, 0, 0])
    assert effort.priority[:, 0] == exactly([3, 1, 0, 0, 0])
    assert effort.match_outside[:, 0] == exactly([0.1818] * 4 + [0])
    assert effort.track[:, 0] == exactly([1, 1, 1, 1, 0])
    assert levels["safeguard"][0, 0] == exactly(0.35)


def test_tracking_takes_its_share_of_a_small_rest_and_nothing_of_none():
    """Nothing to protect: of 0.5, tracking has 0.2 x 0.5; where matches take all, none is left to track with or help."""
    what = seen((0.5, 0.5), shortfall=(-1, 0, 0, 1, 0))

    assert spent(AdaptiveTracking(inside=1.0, expected_effect=0.0), what) == {
        "match_inside": [0.2, 0.2],
        "track": [0.1, 0.1],
        "intervene": [0.2, 0.2],
    }
    assert spent(AdaptiveTracking(inside=0.0, connect=1.0, expected_effect=0.0), what) == {"match_outside": [0.5, 0.5]}


def test_placebo_spends_everything_on_nothing():
    assert spent(Placebo(), seen((6, 0.1))) == {"placebo": [6, 0.1]}


def test_memory_is_handed_on_and_starts_as_declared():
    what = seen((6, 0.1))
    for policy in (
        Neutral(),
        Safeguarding(),
        Bundling(),
        Connecting(),
        FixedMix(),
        Scheduled(),
        Scheduled(months=0),
        Placebo(),
    ):
        assert policy.start() is None
        assert policy.allocate(what, what.budget, "kept")[1] == "kept"
    assert Adaptive().start() == AdaptiveTracking().start() == {"safeguard": 0.0, "bundle": 0.0}


def test_a_policy_that_decides_nothing_says_what_it_needs():
    with pytest.raises(NotImplementedError, match=r"^Policy needs a method allocate\(seen, budget, memory\)$"):
        Policy().allocate(None, None, None)


def test_safeguarding_may_cover_only_who_looks_at_risk():
    """Of four members two look at a risk of 0.1 or more: in full 0.2; 0.1 covers each of them by half."""
    what = seen((6, 0.1), risk=(0.3, 0.05, 0.1, 0.0, 0.9))
    effort, _ = Safeguarding(least_risk=0.1).allocate(what, what.budget, None)

    assert spent(Safeguarding(least_risk=0.1), what) == {"safeguard": [0.2, 0.1]}
    assert effort.safeguard == exactly(np.array([[1, 0.5], [0, 0], [1, 0.5], [0, 0], [0, 0]]))


def test_adaptive_may_safeguard_only_who_looks_at_risk():
    what = seen((6, 0.1), risk=(0.9, 0.0, 0.0, 0.0, 0.9))

    # mean risk .225: the alarm is full, half of it by inertia; one member costs .05
    assert spent(Adaptive(least_risk=0.5, connect=0.0), what) == {"safeguard": [0.05, 0.05]}
    assert spent(Adaptive(connect=0.0), what) == {"safeguard": [0.2, 0.1]}


def test_who_has_contacts_enough_is_matched_to_no_more():
    what = seen((1, 6), contacts=(0, 3, 2.9, 5, 0))
    effort, _ = Connecting(inside=0.0, enough=3.0).allocate(what, what.budget, None)

    # two members are left: 1 pays for two matches, 6 for no more
    assert effort.match_outside == exactly(np.array([[1, 1], [0, 0], [1, 1], [0, 0], [0, 0]]))


def test_help_may_go_where_it_moves_most():
    """On the edge, attending and in need of all: 1; far below or above next to nothing; half served: half."""
    what = seen((2, 2), shortfall=(0, -5, 0, 0, 0), attendance=(1, 1, 1, 0.5, 1), captured=(0, 0, 0.5, 0, 0))
    moved = 4 * np.exp(-10) / (1 + np.exp(-10)) ** 2

    assert what.moved_by_help()[:4, 0] == exactly([1.0, moved, 0.5, 0.5])
    effort, _ = AdaptiveTracking(expected_effect=1.0).allocate(what, what.budget, AdaptiveTracking().start())
    assert effort.priority[:, 0] == exactly([1.0, moved, 0.5, 0.5, 0.0])


def test_members_alike_but_for_rounding_are_alike_to_help_by_shortfall():
    """Else the last bits, which differ by engine, would say who is helped."""
    alike = seen((2, 2), shortfall=(0.1, 0.1 + 1e-15, 0.1 - 1e-15, 0.1, 0.1))
    apart = seen((2, 2), shortfall=(0.1, 0.3, 0.1, 0.3, 0.2))

    assert alike.below_average(alike.shortfall).tolist() == np.zeros((5, 2)).tolist()
    assert apart.below_average(apart.shortfall)[:4, 0] == exactly([0.1, 0.0, 0.1, 0.0])
