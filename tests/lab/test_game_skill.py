"""The class game rewards skill: experience on other seeds beats chance, in each outcome."""

import functools
import sys
from pathlib import Path

import numpy as np
import pytest

from sim.lab.stories import MONTHS

sys.path.insert(0, str(Path(__file__).parents[2] / "experiments"))

import game_skill

OUTCOMES = list(game_skill.OUTCOMES)
CHANCE = "random plans (mean of 6)"


@functools.lru_cache
def table():
    return game_skill.compare("denim_alliance", range(20), 6)


@pytest.mark.slow
def test_the_plan_that_was_best_on_other_seeds_beats_random_plans():
    for outcome in OUTCOMES:
        assert table().loc[f"best random plan for {outcome}", outcome] > table().loc[CHANCE, outcome]


@pytest.mark.slow
def test_bundling_beats_random_plans_in_both_outcomes_among_rivals():
    assert (table().loc["bundling", OUTCOMES] > table().loc[CHANCE, OUTCOMES]).all()


def test_a_random_plan_is_one_that_the_page_allows():
    plan = game_skill.random_plan(np.random.default_rng(3))
    pauses = [hand.hold for hand in plan]

    assert len(plan) == MONTHS
    assert all(sum(getattr(hand, lever) for lever in game_skill.LEVERS) <= 1 + 1e-9 for hand in plan)
    assert pauses == sorted(pauses, reverse=True)
