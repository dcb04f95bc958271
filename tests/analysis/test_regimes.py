"""Which policy is best where: tables worked by hand, planted truths, and verdicts that stay open."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t, ttest_rel

from sim.analysis.regimes import COLUMNS, regimes
from sim.core.errors import InputError
from tests.analysis.cells import runs_of_cells, same
from tests.helpers import wholly

POINTS = {0: ("low", 0.1), 1: ("high", 0.1), 2: ("low", 0.2)}


def swept(values):
    """Lay out runs: (policy, point) -> a value for each seed."""
    return pd.DataFrame([{"policy": policy, "point": point, "seed": seed, "kind": POINTS[point][0], "rate": POINTS[point][1], "retention": value}
                         for (policy, point), row in values.items() for seed, value in enumerate(row)])  # fmt: skip


def test_each_cell_names_the_best_the_runner_up_and_by_how_much():
    """Point 0: a - b is 1, 2, 3, so 2 with half-width 4.302653 / sqrt(3); t = 2 sqrt(3), p = 0.0742. Points 1 and 2: see verdicts."""
    table = regimes(swept({("a", 0): (2, 4, 6), ("b", 0): (1, 2, 3), ("a", 1): (5, 5, 5), ("b", 1): (5, 5, 5), ("a", 2): (1, 1, 1)}),
                    "kind", "rate", "retention", "more")  # fmt: skip
    first, tie, alone, none = (
        table.set_index(["kind", "rate"]).loc[cell]
        for cell in (("low", 0.1), ("high", 0.1), ("low", 0.2), ("high", 0.2))
    )

    assert list(table) == ["kind", "rate", *COLUMNS]
    assert table[["kind", "rate"]].to_numpy().tolist() == [["low", 0.1], ["low", 0.2], ["high", 0.1], ["high", 0.2]]
    assert first[["best", "runner_up", "mean", "difference"]].tolist() == ["a", "b", 4.0, 2.0]
    assert first[["low", "high"]].tolist() == pytest.approx([2 - 2.484138, 2 + 2.484138], abs=1e-6)
    assert first["p"] == pytest.approx(2 * t.sf(2 * 3**0.5, 2))
    assert first[["verdict", "policies", "points", "replications", "left_out"]].tolist() == [
        "undecided: within noise",
        2,
        1,
        3,
        0.0,
    ]
    assert tie[["verdict", "mean", "difference", "policies", "points", "replications"]].tolist() == [
        "undecided: tie",
        5.0,
        0.0,
        2,
        1,
        3,
    ]
    assert tie[["best", "runner_up", "low", "high", "p"]].isna().all()
    assert alone[["verdict", "policies", "replications"]].tolist() == ["undecided: one policy", 1, 3]
    assert none["verdict"] == "undecided: no runs"
    assert table.attrs["bins"] == []


def test_less_may_be_better_and_a_clear_difference_is_decided():
    runs = swept(
        {
            ("a", 0): (2, 3, 4, 5),
            ("b", 0): (1.1, 2, 3, 4),
            ("a", 1): (2, 3),
            ("b", 1): (9, np.nan),
            ("a", 2): (1, np.nan),
            ("b", 2): (np.nan, 1),
        }
    )
    table = regimes(runs, "kind", "rate", "retention", "less").set_index(["kind", "rate"])

    assert table.loc[("low", 0.1), ["best", "runner_up", "verdict"]].tolist() == ["b", "a", "decided"]
    assert table.loc[("low", 0.1), "difference"] == pytest.approx(-0.975)
    assert table.loc[("high", 0.1), ["best", "verdict", "left_out", "replications"]].tolist() == [
        "a",
        "undecided: a single seed",
        0.5,
        1,
    ]
    assert table.loc[("low", 0.2), ["verdict", "left_out"]].tolist() == ["undecided: no common seeds", 1.0]


def test_a_best_policy_has_to_beat_every_other():
    """a is clearly above c, and within noise of b: not decided, with the larger of the p-values after Holm."""
    runs = swept({("a", 0): (2, 4, 6), ("b", 0): (1, 2, 3), ("c", 0): (-97, -95.1, -93), ("a", 1): (0, 0, 0)})
    row = (
        regimes(runs, "kind", "rate", "retention", "more").query("kind == 'low' and rate == 0.1")
        if runs["rate"].nunique() > 1
        else None
    )
    assert row is None
    runs.loc[runs["point"] == 1, "rate"] = 0.3
    runs.loc[runs["point"] == 1, "rate"] = 0.3
    row = regimes(runs, "kind", "rate", "retention", "more").set_index(["kind", "rate"]).loc[("low", 0.1)]

    assert row[["best", "runner_up", "verdict"]].tolist() == ["a", "b", "undecided: within noise"]
    assert row["p"] == pytest.approx(2 * t.sf(2 * 3**0.5, 2))


def test_policies_that_are_alike_but_for_rounding_tie_whatever_their_size():
    runs = swept({("a", 0): (0.1 + 0.2, 1), ("b", 0): (0.3, 1), ("a", 1): (0, 0), ("b", 1): (0, 0), ("a", 2): (1, 1)})
    table = regimes(runs, "kind", "rate", "retention", "more").set_index(["kind", "rate"])

    for cell in (("low", 0.1), ("high", 0.1)):
        assert table.loc[cell, ["difference", "verdict"]].tolist() == [0.0, "undecided: tie"]


def test_sixteen_levels_are_not_many():
    """Of more the points would count as drawn by chance, and one point a cell would say nothing."""
    runs = pd.DataFrame([{"policy": policy, "point": k, "seed": seed, "kind": "odd" if k % 2 else "even", "rate": k, "retention": value}
                         for k in range(16) for policy, values in (("a", (2, 4, 6)), ("b", (1, 2, 3)))
                         for seed, value in enumerate(values)])  # fmt: skip

    verdicts = regimes(runs, "kind", "rate", "retention", "more")["verdict"].value_counts().to_dict()
    assert verdicts == {"undecided: within noise": 16, "undecided: no runs": 16}


def test_names_of_runs_are_nothing_that_varies():
    """Were the 24 ids a dimension of many values, the interval would be over points as well, of which there is one."""
    runs = swept({("a", 0): range(8), ("b", 0): (1, 3, 2, 4, 5, 5, 7, 6), ("a", 1): range(8)})
    named = runs.assign(run_id=[f"{k:024x}" for k in range(len(runs))])

    same(regimes(named, "kind", "rate", "retention", "more"), regimes(runs, "kind", "rate", "retention", "more"))
    with pytest.raises(InputError, match=wholly("x=run_id: there is no such dimension that varies; known: kind, rate")):
        regimes(named, "run_id", "rate", "retention", "more")


def test_runs_that_cannot_be_mapped_are_refused_with_what_is_wrong():
    runs = swept({("a", 0): (1, 2), ("b", 0): (1, 2), ("a", 1): (1, 2), ("b", 2): (3, 4)})
    for inputs, words in (
        ((runs.drop(columns="seed"), "kind", "rate", "retention", "more"), "runs have no column 'seed'; give a sweep, or its runs, and one of their outcomes"),
        ((runs, "rat", "rate", "retention", "more"), "x=rat: there is no such dimension that varies; did you mean rate?"),
        ((runs, "kind", "retention", "retention", "more"), "y=retention: there is no such dimension that varies; known: kind, rate"),
        ((runs.rename(columns={"kind": "best"}), "best", "rate", "retention", "more"), "x=best: the table of regimes has a column of that name; give it another name"),
        ((runs, "kind", "kind", "retention", "more"), "x=kind and y=kind are the same; give two different columns"),
        ((runs, "kind", "rate", "retention", "up"), "better=up: give more or less, for what is better of retention"),
        ((pd.concat([runs, runs.head(1).assign(retention=9.0)]), "kind", "rate", "retention", "more"), "some policy has two runs of the same point and seed; give each once"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=wholly(words)):
            regimes(*inputs)


def regime(**policies):
    """Give the regime of one cell."""
    return regimes(runs_of_cells({(0, 0): policies}), "x", "y", "value", "more").iloc[0]


def test_the_best_is_compared_with_the_runner_up_with_the_same_seeds():
    row = regime(one=[11.0, 22.0, 33.0], other=[10.0, 20.0, 30.0])

    # Differences 1, 2, 3: mean 2, standard deviation 1, t = 2 sqrt(3), half-width 4.302653 / sqrt(3).
    assert (row["best"], row["runner_up"], row["mean"], row["replications"]) == ("one", "other", 22.0, 3)
    assert [row["difference"], row["low"], row["high"]] == pytest.approx([2.0, 2.0 - 2.484138, 2.0 + 2.484138])
    assert row["p"] == pytest.approx(0.0742, abs=1e-4)
    assert row["verdict"] == "undecided: within noise"


def test_the_best_must_beat_every_other_policy_after_holm():
    one, close, wide = [10.0, 11, 12, 13, 14, 15], [8.9, 10.1, 10.8, 12.1, 12.9, 14.1], [9.0, 14, 2, 13, 3, 14]
    row = regime(close=close, one=one, wide=wide)
    p = sorted(ttest_rel(one, other).pvalue for other in (close, wide))

    assert (row["best"], row["runner_up"]) == ("one", "close")
    assert row["low"] > 0
    assert row["p"] == pytest.approx(max(2 * p[0], p[1]))
    assert row["verdict"] == "undecided: within noise"
    assert regime(one=one, close=close)["verdict"] == "decided"


def test_less_can_be_better():
    table = regimes(runs_of_cells({(0, 0): {"a": [1.0, 2, 3], "b": [2.0, 4, 6]}}), "x", "y", "value", "less")

    assert (table["best"][0], table["difference"][0]) == ("a", -2.0)


def test_what_cannot_be_said_is_marked():
    nan = np.nan
    table = regimes(
        runs_of_cells({
            (0, 0): {"a": [1.0, 2.0], "b": [1.0, 2.0]},
            (0, 1): {"a": [1.0], "b": [2.0]},
            (1, 0): {"a": [1.0, 2.0]},
            (1, 1): {"a": [1.0, nan], "b": [nan, 2.0]},
            (2, 0): {"a": [nan], "b": [nan]},
        }), "x", "y", "value", "more",
    ).set_index(["x", "y"])  # fmt: skip

    assert table["verdict"].to_dict() == {
        (0, 0): "undecided: tie", (0, 1): "undecided: a single seed", (1, 0): "undecided: one policy",
        (1, 1): "undecided: no common seeds", (2, 0): "undecided: no runs", (2, 1): "undecided: no runs",
    }  # fmt: skip
    assert table["p"].isna().all()
    assert table["best"].dropna().to_dict() == {(0, 1): "b"}
    assert table.loc[(1, 1), "left_out"] == 1.0


def test_a_seed_that_one_policy_lacks_is_left_out_for_all():
    row = regime(a=[1.0, 2.0, 100.0], b=[0.0, 0.5, np.nan])

    assert (row["best"], row["mean"], row["replications"]) == ("a", 1.5, 2)
    assert row["left_out"] == pytest.approx(1 / 3)


@pytest.mark.parametrize(("n_seeds", "p", "verdict"), [(3, 0.25, "undecided: within noise"), (8, 1 / 128, "decided")])
def test_gaps_that_are_all_the_same_are_judged_by_their_sign(n_seeds, p, verdict):
    row = regime(a=[1.0] * n_seeds, b=[0.5] * n_seeds)

    assert (row["p"], row["verdict"]) == (p, verdict)


def test_policies_that_are_equal_seldom_look_decided():
    g = np.random.default_rng(1)
    draws = {(k, 0): {p: g.normal(size=12) for p in "abcd"} for k in range(16)}
    result = pd.concat(
        regimes(
            runs_of_cells({cell: {p: g.normal(size=12) for p in "abcd"} for cell in draws}), "x", "y", "value", "more"
        )
        for _ in range(4)
    )

    assert (result["verdict"] == "decided").mean() <= 0.05


def sampled(n, n_seeds, effect, seed=0):
    """Give runs at n points by chance; policy b is better by ``effect`` where x > 0.5, worse elsewhere."""
    g = np.random.default_rng(seed)
    points = pd.DataFrame({"x": g.random(n), "y": g.random(n)})
    rows = points.loc[np.repeat(points.index, n_seeds)].assign(seed=np.tile(range(n_seeds), n))
    rows = rows.rename_axis("point").reset_index()
    draws = g.normal(size=(2, len(rows)))
    gain = effect * np.sign(rows["x"] - 0.5)
    return pd.concat([rows.assign(policy="a", value=draws[0]), rows.assign(policy="b", value=draws[1] + gain)])


def test_a_planted_boundary_is_found_over_bins_of_equal_count():
    table = regimes(sampled(288, 8, 1.5), "x", "y", "value", "more")

    assert table.attrs["bins"] == ["x", "y"]
    assert len(table) == 36
    assert table["points"].sum() == 288
    assert (table["best"] == np.where(table["x"] > 0.5, "b", "a")).all()
    assert (table["verdict"] == "decided").mean() > 0.8


def test_points_by_chance_add_their_variance_to_that_of_seeds():
    table = sampled(40, 6, 0.3).assign(y=0, z=lambda rows: rows["x"], x=lambda rows: rows["point"] % 2)
    row = regimes(table, "x", "y", "value", "more").iloc[1]
    paired = table[table["x"] == 1].pivot(index=["point", "seed"], columns="policy", values="value")
    gaps = paired[row["best"]] - paired[row["runner_up"]]
    by_point, by_seed = (gaps.groupby(level=unit).mean() for unit in ("point", "seed"))

    assert (row["points"], row["replications"]) == (20, 6)
    assert row["difference"] == pytest.approx(gaps.mean())
    half = t.ppf(0.975, 5) * np.sqrt(by_point.var() / 20 + by_seed.var() / 6)
    assert row["high"] - row["difference"] == pytest.approx(half)


@pytest.mark.parametrize(("change", "words"), [
    ({"x": "z"}, "x=z: there is no such dimension that varies; known: x, y, value"),
    ({"y": "x"}, "x=x and y=x are the same; give two different columns"),
    ({"better": "high"}, "better=high: give more or less, for what is better of value"),
    ({"outcome": "nothing"}, "runs have no column 'nothing'; give a sweep, or its runs, and one of their outcomes"),
])  # fmt: skip
def test_a_map_of_nothing_is_refused(change, words):
    request = {"x": "x", "y": "y", "outcome": "value", "better": "more"} | change
    with pytest.raises(InputError, match=wholly(words)):
        regimes(runs_of_cells({(0, 0): {"a": [1.0]}}).assign(value=1.0), **request)
