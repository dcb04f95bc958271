"""Paired differences and bands, against cases worked by hand."""

import numpy as np
import pandas as pd
import pytest

from sim.analysis.paired import curves, differences, means


def summary(**policies):
    rows = [
        {"seed": seed, "policy": name, "value": value}
        for name, values in policies.items()
        for seed, value in enumerate(values)
    ]
    return pd.DataFrame(rows)


def test_the_interval_is_students_t_on_the_differences_in_the_same_world():
    table = summary(neutral=[10.0, 20.0, 30.0], other=[11.0, 22.0, 33.0])
    (row,) = differences(table, "neutral", ["value"]).to_dict("records")

    # Differences 1, 2, 3: mean 2, standard deviation 1, t(0.975, 2) = 4.302653, half-width 4.302653 / sqrt(3).
    assert (row["policy"], row["baseline"], row["outcome"], row["worlds"]) == ("other", "neutral", "value", 3)
    assert row["difference"] == pytest.approx(2.0)
    assert row["low"] == pytest.approx(2.0 - 2.484138, abs=1e-6)
    assert row["high"] == pytest.approx(2.0 + 2.484138, abs=1e-6)


def test_worlds_are_matched_by_seed_and_not_by_row():
    table = summary(neutral=[1.0, 5.0, 9.0], other=[2.0, 6.0, 10.0]).sample(frac=1.0, random_state=1)
    (row,) = differences(table, "neutral", ["value"]).to_dict("records")

    assert row["difference"] == row["low"] == row["high"] == 1.0


def test_how_often_a_policy_is_larger_counts_ties_as_not_larger():
    table = summary(neutral=[1.0, 1.0, 1.0, 1.0], other=[2.0, 3.0, 1.0, 0.0])

    assert differences(table, "neutral", ["value"])["larger"].tolist() == [0.5]


def test_a_world_without_the_outcome_is_left_out():
    table = summary(neutral=[1.0, 2.0, np.nan], other=[2.0, np.nan, 4.0])
    (row,) = differences(table, "neutral", ["value"]).to_dict("records")

    assert (row["worlds"], row["difference"]) == (1, 1.0)
    assert np.isnan(row["low"])


def test_nothing_to_compare_gives_no_row_or_a_marked_one():
    assert differences(summary(neutral=[1.0]), "neutral", ["value"]).empty
    (row,) = differences(summary(neutral=[np.nan], other=[1.0]), "neutral", ["value"]).to_dict("records")

    assert row["worlds"] == 0
    assert np.isnan([row["difference"], row["low"], row["larger"]]).all()


def test_means_and_bands_keep_the_order_of_policies():
    table = summary(zeta=[1.0, 3.0], alpha=[5.0, 5.0])
    series = table.assign(month=1).loc[table.index.repeat(1)]
    bands = curves(series, "value", 0.0, 1.0)

    assert means(table, ["value"])["value"].to_dict() == {"zeta": 2.0, "alpha": 5.0}
    assert bands["policy"].tolist() == ["zeta", "alpha"]
    assert bands[["mean", "low", "high"]].to_numpy().tolist() == [[2.0, 1.0, 3.0], [5.0, 5.0, 5.0]]
