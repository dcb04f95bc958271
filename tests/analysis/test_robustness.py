"""Pareto fronts, regrets and effort per additional member retained, worked by hand."""

import numpy as np
import pandas as pd
import pytest

from sim.analysis.robustness import effort_per_member_retained, pareto, regrets, robustness
from sim.core.errors import InputError
from tests.analysis.cells import same

PLACES = pd.DataFrame(
    [(place, policy, seed, value)
     for place, policies in {"here": {"b": (0.4, 0.6), "a": (0.5, 0.41)}, "there": {"b": (0.1, 0.1), "a": (0.8, 0.8)}}.items()
     for policy, values in policies.items() for seed, value in enumerate(values)],
    columns=["place", "policy", "seed", "retention"],
)  # fmt: skip
"""Means: here b 0.5, a 0.455; there b 0.1, a 0.8."""


def test_the_front_is_what_no_other_row_beats():
    table = pd.DataFrame({"retention": [0.5, 0.5, 0.4, 0.6, np.nan], "effort_spent": [10.0, 12.0, 5.0, 10.0, 0.0]})

    better = {"retention": "more", "effort_spent": "less"}
    assert pareto(table, better).tolist() == [False, False, True, True, False]
    assert pareto(table.loc[[0, 0]], better).tolist() == [True, True]
    assert pareto(table.head(0), better).tolist() == []


def runs_at(**by_place):
    return pd.DataFrame([{"place": place, "policy": policy, "seed": k, "retention": value}
                         for place, policies in by_place.items() for policy, values in policies.items()
                         for k, value in enumerate(values)])  # fmt: skip


def test_regret_is_what_is_missed_of_the_best_in_the_same_place():
    table = runs_at(here={"a": [0.4, 0.6], "b": [0.3, 0.3]}, there={"a": [0.1, 0.1], "b": [0.8, 0.8]})
    result = regrets(table, "retention", ["place"])

    assert result.loc["here"].tolist() == pytest.approx([0.0, 0.2])
    assert result.loc["there"].tolist() == pytest.approx([0.7, 0.0])
    assert robustness(table, "retention", ["place"])["policy"].tolist() == ["b", "a"]
    assert robustness(table, "retention", ["place"])["worst_at"].tolist() == ["here", "there"]
    assert robustness(table, "retention", ["place"])["best"].tolist() == [0.5, 0.5]


def test_regret_turns_round_where_less_is_better_and_leaves_out_places_without_a_policy():
    table = runs_at(here={"a": [2.0], "b": [5.0]}, there={"a": [1.0]}).rename(columns={"retention": "exits_frustrated"})

    assert regrets(table, "exits_frustrated", ["place"]).loc["here"].tolist() == [0.0, 3.0]
    assert regrets(table, "exits_frustrated", ["place"]).loc["there"].isna().tolist() == [False, True]
    assert robustness(table, "exits_frustrated", ["place"])["states"].tolist() == [1, 1]


def test_effort_per_additional_member_retained_is_effort_over_members():
    table = pd.DataFrame({"policy": ["neutral"] * 3 + ["a"] * 3 + ["b"] * 3, "seed": [0, 1, 2] * 3,
                          "retention": [0.1, 0.2, 0.3, 0.3, 0.4, 0.5, 0.2, 0.1, 0.3],
                          "effort_spent": [0.0] * 3 + [20.0, 40.0, 60.0] + [9.0] * 3})  # fmt: skip
    result = effort_per_member_retained(table, "neutral", 10).set_index("policy")

    assert result.loc["a", ["retained", "effort", "effort_per_member"]].tolist() == pytest.approx([2.0, 40.0, 20.0])
    assert result.loc["a", "low"] < 20.0 < result.loc["a", "high"]
    assert result.loc["b", ["effort_per_member", "low", "high"]].isna().all()
    assert effort_per_member_retained(table[table["seed"] == 0], "neutral", 10)["effort_per_member"].isna().all()


def test_regrets_keep_the_order_of_policies_and_are_nothing_for_the_best():
    result = regrets(PLACES, "retention", ["place"])

    assert list(result) == ["b", "a"]
    assert result.to_numpy().tolist() == [pytest.approx([0, 0.045]), pytest.approx([0.7, 0])]


def test_robustness_says_how_much_is_missed_at_most_and_how_often_a_policy_is_best_or_near():
    """Here a misses 0.045 of 0.5: within a tenth. There b misses 0.7."""
    same(robustness(PLACES, "retention", ["place"]), pd.DataFrame([
        {"policy": "a", "outcome": "retention", "mean": 0.6275, "mean_regret": 0.0225, "worst_regret": 0.045, "worst_at": "here", "best": 0.5,
         "near_best": 1.0, "states": 2},
        {"policy": "b", "outcome": "retention", "mean": 0.3, "mean_regret": 0.35, "worst_regret": 0.7, "worst_at": "there", "best": 0.5,
         "near_best": 0.5, "states": 2},
    ]))  # fmt: skip


def test_robustness_turns_round_where_less_is_better():
    less = PLACES.rename(columns={"retention": "exits_frustrated"})
    result = robustness(less, "exits_frustrated", ["place"]).set_index("policy")

    assert result["worst_regret"].to_dict() == pytest.approx({"b": 0.045, "a": 0.7})
    assert result["near_best"].to_dict() == {"b": 1.0 if 0.045 <= 0.1 * 0.455 else 0.5, "a": 0.5}


def test_without_a_state_that_all_policies_share_nothing_is_known():
    alone = PLACES[(PLACES["place"] == "here") == (PLACES["policy"] == "a")]
    result = robustness(alone, "retention", ["place"])

    assert result["states"].tolist() == [0, 0]
    assert result["worst_at"].isna().all()
    assert result[["mean", "mean_regret", "worst_regret", "best", "near_best"]].isna().all(axis=None)


def test_effort_per_additional_member_retained_is_a_table_in_the_order_of_policies():
    """Ten founders. z keeps 1 and 3 more for an effort of 30 each: 15 per member, between 10 and 30. One seed has no interval."""
    rows = [
        ("neutral", 0, 0.5, 0.0),
        ("neutral", 1, 0.5, 0.0),
        ("z", 0, 0.6, 30.0),
        ("z", 1, 0.8, 30.0),
        ("m", 1, 0.6, 5.0),
        ("c", 9, 0.9, 5.0),
    ]
    table = pd.DataFrame(rows, columns=["policy", "seed", "retention", "effort_spent"])
    same(effort_per_member_retained(table, "neutral", 10), pd.DataFrame([
        {"policy": "z", "retained": 2.0, "effort": 30.0, "effort_per_member": 15.0, "low": 10.0, "high": 30.0, "replications": 2},
        {"policy": "m", "retained": 1.0, "effort": 5.0, "effort_per_member": np.nan, "low": np.nan, "high": np.nan, "replications": 1},
        {"policy": "c", "retained": np.nan, "effort": np.nan, "effort_per_member": np.nan, "low": np.nan, "high": np.nan, "replications": 0},
    ]))  # fmt: skip


def test_the_interval_of_effort_per_member_has_the_requested_level():
    """Resamples of 1 and 3 kept: a quarter cost 10 each, half 15, a quarter 30; so 60 % of them from 10 to 30, 40 % all at 15."""
    rows = [("neutral", 0, 0.5, 0.0), ("neutral", 1, 0.5, 0.0), ("z", 0, 0.6, 30.0), ("z", 1, 0.8, 30.0)]
    table = pd.DataFrame(rows, columns=["policy", "seed", "retention", "effort_spent"])

    for level, ends in ((0.6, [10.0, 30.0]), (0.4, [15.0, 15.0])):
        assert effort_per_member_retained(table, "neutral", 10, level)[["low", "high"]].to_numpy()[0] == pytest.approx(
            ends
        )


def test_effort_per_member_is_unknown_where_a_resample_may_keep_nobody():
    rows = [("neutral", 0, 0.5, 0.0), ("neutral", 1, 0.5, 0.0), ("z", 0, 0.5, 30.0), ("z", 1, 0.8, 30.0)]
    result = effort_per_member_retained(
        pd.DataFrame(rows, columns=["policy", "seed", "retention", "effort_spent"]), "neutral", 10
    )

    assert result[["retained", "effort", "replications"]].to_numpy()[0] == pytest.approx([1.5, 30.0, 2])
    assert result[["effort_per_member", "low", "high"]].isna().all(axis=None)


@pytest.mark.parametrize(("directions", "words"), [
    ({}, r"pareto: name at least one column with its direction, for example {'retention_60': 'more'}"),
    ({"stays": "more"}, r"pareto: there is no column 'stays'; did you mean stay?"),
    ({"stay": "higher"}, r"pareto: stay: better is 'more' or 'less', not 'higher'"),
])  # fmt: skip
def test_a_front_says_what_it_needs(directions, words):
    with pytest.raises(InputError, match=words):
        pareto(pd.DataFrame({"stay": [1.0]}), directions)
