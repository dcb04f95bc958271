"""Averages of a sweep over values and bins, with their intervals."""

import pytest
from scipy.stats import t

import sim
from sim.analysis.means import averages
from sim.core.errors import InputError


@pytest.fixture(scope="module")
def leaky(tmp_path_factory):
    """Sweep two parameters, one of many values, under two policies with three seeds."""
    folder = tmp_path_factory.mktemp("averages") / "s"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sim.engine.batch, "CHECK_INVARIANTS", False)
        rates = [round(0.01 * k, 2) for k in range(20)]
        space = {"rules.leak.rate": rates, "start.trust": [0.3, 0.6]}
        return sim.sweep({"space": space, "policies": ["neutral", "adaptive"]}, folder, executor="serial", replications=3, months=6,
                         changes={"size.partners": 5, "size.segments": 1})  # fmt: skip


def test_averages_over_few_values_have_students_interval_over_seeds(leaky):
    table = averages(leaky, "private_value", ["policy", "start.trust"], level=0.9)
    runs = leaky.runs

    assert list(table) == ["policy", "start.trust", "mean", "n", "low", "high"]
    assert table[["policy", "start.trust"]].to_numpy().tolist() == [
        ["adaptive", 0.3],
        ["adaptive", 0.6],
        ["neutral", 0.3],
        ["neutral", 0.6],
    ]
    for row in table.to_dict("records"):
        by_seed = (
            runs[(runs["policy"] == row["policy"]) & (runs["start.trust"] == row["start.trust"])]
            .groupby("seed")["private_value"]
            .mean()
        )
        half = t.ppf(0.95, 2) * by_seed.std() / 3**0.5
        assert (row["mean"], row["low"], row["high"], row["n"]) == pytest.approx(
            (by_seed.mean(), by_seed.mean() - half, by_seed.mean() + half, 3)
        )
    assert table.attrs["over"] == "seeds"


def test_averages_over_many_values_are_in_bins_with_the_interval_over_points(leaky):
    table = averages(leaky, "private_value", ["rules.leak.rate"], {"policy": "neutral"})
    runs = leaky.runs.pivot(index=["point", "rules.leak.rate", "seed"], columns="policy", values="private_value")
    gaps = (runs["adaptive"] - runs["neutral"]).groupby(["rules.leak.rate", "point"]).mean().reset_index(name="v")
    first = gaps.sort_values("rules.leak.rate").head(5)

    assert (len(table), table["n"].sum(), table.attrs["over"]) == (8, 40, "points")
    assert table["n"].tolist() == [5] * 8
    assert table["rules.leak.rate"].is_monotonic_increasing
    assert table["rules.leak.rate"].iloc[0] == pytest.approx(0.008, abs=0.003)
    assert table["mean"].mean() == pytest.approx(gaps["v"].mean())
    assert abs(table["mean"].iloc[0] - first["v"].mean()) < 3 * gaps["v"].std()
    assert (table["low"] < table["mean"]).all()


def test_a_difference_may_be_to_a_value_of_a_dimension(leaky):
    table = averages(leaky, "retention", ["policy", "start.trust"], {"start.trust": 0.3})
    runs = leaky.runs.pivot(index=["policy", "rules.leak.rate", "seed"], columns="start.trust", values="retention")
    gaps = (runs[0.6] - runs[0.3]).groupby(["policy", "seed"]).mean().groupby("policy").mean()

    assert table[["policy", "start.trust"]].to_numpy().tolist() == [["adaptive", 0.6], ["neutral", 0.6]]
    assert table["mean"].tolist() == pytest.approx(gaps.tolist())


def test_what_does_not_vary_is_named(leaky):
    with pytest.raises(
        InputError, match=r"figure: there is no dimension 'start.trsut' that varies; did you mean start.trust\?"
    ):
        averages(leaky, "retention", ["start.trsut"])
