"""Where an answer turns round: a planted limit is found, and chance is not taken for one."""

import numpy as np
import pandas as pd
import pytest

from sim.analysis.turning_points import best_split, turning_points


def sets_of(n, parameters=6, seed=0):
    values = np.random.default_rng(seed).uniform(size=(n, parameters))
    return pd.DataFrame(values, columns=[f"p{k}" for k in range(parameters)])


def test_a_planted_limit_is_found_with_its_counts():
    sets = sets_of(32)
    gaps = pd.DataFrame({"policy": "a", "outcome": "retention", "parameter_set": sets.index,
                         "difference": np.where(sets["p3"] > 0.4, 1.0, -1.0)})  # fmt: skip
    (row,) = turning_points(gaps, sets).to_dict("records")

    assert row["parameter"] == "p3"
    assert sets["p3"][sets["p3"] <= 0.4].max() < row["threshold"] < sets["p3"][sets["p3"] > 0.4].min()
    assert (row["more_below"], row["below"]) == (0, (sets["p3"] <= 0.4).sum())
    assert row["more_above"] == row["above"] == (sets["p3"] > 0.4).sum()
    assert row["separates"]


def test_the_best_limit_is_the_one_of_a_search_by_hand():
    sets = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], "b": [2.0, 1.0, 1.0, 2.0, 2.0, 1.0]})
    split = best_split(sets, np.array([False, False, True, False, True, True]))

    assert (split.parameter, split.threshold) == ("a", 2.5)  # 0 of 2 below, 3 of 4 above: chi-square 3


@pytest.mark.parametrize("more", [np.ones(8, bool), np.zeros(8, bool)], ids=["always", "never"])
def test_an_answer_that_never_turns_has_no_limit(more):
    assert best_split(sets_of(8), more) is None


def test_a_parameter_set_that_comes_twice_counts_once():
    sets, more = sets_of(12), np.arange(12) % 2 == 0
    twice = pd.concat([sets] * 5, ignore_index=True)

    assert best_split(twice, np.tile(more, 5)) == best_split(sets, more)


@pytest.mark.slow
def test_chance_separates_in_at_most_one_table_of_twenty():
    rng = np.random.default_rng(3)
    found = [best_split(sets_of(16, seed=k), rng.permutation(16) < 6).p <= 0.05 for k in range(200)]

    assert sum(found) <= 19  # above it in one of a hundred such tests, at a rate of 5 %
