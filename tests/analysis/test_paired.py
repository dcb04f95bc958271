"""Paired differences and bands, against cases worked by hand."""

import numpy as np
import pandas as pd
import pytest

from sim.analysis.paired import adjust, curves, differences, means, replications_needed
from sim.core.intervals import half_width
from sim.engine.simulate import simulate
from sim.model.outcomes.summary import SUMMARY


def summary(**policies):
    rows = [
        {"seed": seed, "policy": name, "value": value}
        for name, values in policies.items()
        for seed, value in enumerate(values)
    ]
    return pd.DataFrame(rows)


def test_the_interval_is_students_t_on_the_differences_with_the_same_seed():
    table = summary(neutral=[10.0, 20.0, 30.0], other=[11.0, 22.0, 33.0])
    (row,) = differences(table, "neutral", ["value"]).to_dict("records")

    # Differences 1, 2, 3: mean 2, standard deviation 1, t(0.975, 2) = 4.302653, half-width 4.302653 / sqrt(3).
    assert (row["policy"], row["baseline"], row["outcome"], row["replications"]) == ("other", "neutral", "value", 3)
    assert row["difference"] == pytest.approx(2.0)
    assert row["low"] == pytest.approx(2.0 - 2.484138, abs=1e-6)
    assert row["high"] == pytest.approx(2.0 + 2.484138, abs=1e-6)


def test_runs_are_matched_by_seed_and_not_by_row():
    table = summary(neutral=[1.0, 5.0, 9.0], other=[2.0, 6.0, 10.0]).sample(frac=1.0, random_state=1)
    (row,) = differences(table, "neutral", ["value"]).to_dict("records")

    assert row["difference"] == row["low"] == row["high"] == 1.0


def test_how_often_a_policy_does_better_counts_ties_half():
    table = summary(neutral=[1.0, 1.0, 1.0, 1.0], other=[2.0, 3.0, 1.0, 0.0])
    less = table.rename(columns={"value": "exits_frustrated"})

    assert differences(table, "neutral", ["value"])["better"].tolist() == [0.625]
    assert differences(less, "neutral", ["exits_frustrated"])["better"].tolist() == [0.375]


def test_a_seed_without_the_outcome_is_left_out():
    table = summary(neutral=[1.0, 2.0, np.nan], other=[2.0, np.nan, 4.0])
    (row,) = differences(table, "neutral", ["value"]).to_dict("records")

    assert (row["replications"], row["difference"]) == (1, 1.0)
    assert np.isnan(row["low"])


def test_nothing_to_compare_gives_no_row_or_a_marked_one():
    assert differences(summary(neutral=[1.0]), "neutral", ["value"]).empty
    (row,) = differences(summary(neutral=[np.nan], other=[1.0]), "neutral", ["value"]).to_dict("records")

    assert row["replications"] == 0
    assert np.isnan([row["difference"], row["low"], row["better"], row["p"], row["more_replications"]]).all()
    assert row["verdict"] == "undecided"


def test_means_and_bands_keep_the_order_of_policies():
    table = summary(zeta=[1.0, 3.0], alpha=[5.0, 5.0])
    series = table.assign(month=1).loc[table.index.repeat(1)]
    bands = curves(series, "value", 0.0, 1.0)

    assert means(table, ["value"])["value"].to_dict() == {"zeta": 2.0, "alpha": 5.0}
    assert bands["policy"].tolist() == ["zeta", "alpha"]
    assert bands[["mean", "low", "high"]].to_numpy().tolist() == [[2.0, 1.0, 3.0], [5.0, 5.0, 5.0]]


def test_a_band_holds_the_middle_four_fifths():
    series = pd.DataFrame({"policy": "any", "month": 1, "value": np.arange(11.0)})

    assert curves(series, "value")[["mean", "low", "high"]].to_numpy().tolist() == [[5.0, 1.0, 9.0]]


def test_effect_p_and_verdict_are_those_worked_by_hand():
    table = summary(neutral=[0.0, 0.0, 0.0, 0.0], other=[1.0, 2.0, 3.0, 4.0])
    (row,) = differences(table, "neutral", ["value"]).to_dict("records")

    # Mean 2.5, standard deviation sqrt(5/3) = 1.290994, t = 2.5 / (1.290994 / 2) = 3.872983 with 3 degrees: p = .030466.
    assert row["effect"] == pytest.approx(2.5 / 1.2909944)
    assert row["p"] == row["p_adjusted"] == pytest.approx(0.030466, abs=1e-6)
    assert (row["verdict"], row["more_replications"]) == ("higher", 0.0)


def test_p_values_are_adjusted_as_holm_did():
    # The example of many textbooks: .01, .04, .03, .005 become .03, .06, .06, .02.
    assert adjust(np.array([0.01, 0.04, 0.03, 0.005])) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert list(adjust(np.array([]))) == []


def test_holm_agrees_with_statsmodels():
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    p = np.random.default_rng(1).uniform(0, 0.2, 40)

    assert adjust(p) == pytest.approx(multitest.multipletests(p, method="holm")[1])


def test_equal_policies_are_undecided_and_no_number_of_replications_would_decide():
    (row,) = differences(summary(neutral=[1.0, 2.0, 3.0], twin=[1.0, 2.0, 3.0]), "neutral", ["value"]).to_dict(
        "records"
    )

    assert (row["difference"], row["p"], row["verdict"], row["better"]) == (0.0, 1.0, "undecided", 0.5)
    assert row["more_replications"] == np.inf


def test_common_seeds_save_runs_by_the_ratio_of_variances():
    draws = np.random.default_rng(2).normal(size=400)
    table = summary(neutral=draws, other=draws + np.tile([0.9, 1.1], 200))
    (row,) = differences(table, "neutral", ["value"]).to_dict("records")

    assert row["saving"] == pytest.approx(
        (draws.var(ddof=1) + (draws + np.tile([0.9, 1.1], 200)).var(ddof=1)) / (0.01 * 400 / 399)
    )


def test_the_replications_needed_show_a_difference_four_times_in_five():
    rng, n = np.random.default_rng(3), int(replications_needed(0.3))
    draws = rng.normal(0.3, 1.0, (4000, n))
    shown = np.abs(draws.mean(axis=1)) > half_width(draws.std(axis=1, ddof=1), n)

    assert n == 88
    assert shown.mean() == pytest.approx(0.8, abs=0.02)


def test_paying_and_doing_nothing_is_never_found_better():
    table = pd.concat(
        [simulate("neutral", 30, policy, record=("summary",)).summary for policy in ("neutral", "placebo")]
    )
    outcomes = [o.name for o in SUMMARY if o.name != "effort_spent"]

    assert set(differences(table, "neutral", outcomes)["verdict"]) == {"undecided"}


@pytest.mark.slow
def test_false_verdicts_stay_at_the_stated_rate():
    rng, wrong = np.random.default_rng(5), 0
    for _ in range(200):
        table = pd.DataFrame({"seed": np.tile(np.arange(15), 4), "policy": np.repeat(["neutral", "a", "b", "c"], 15),
                              **{f"v{k}": rng.normal(size=60) for k in range(3)}})  # fmt: skip
        wrong += (differences(table, "neutral", ["v0", "v1", "v2"])["verdict"] != "undecided").any()

    assert wrong <= 17  # 5 % of 200 is 10; more than 17 has a chance below one in a hundred
