"""Tables of choices, regimes, boxes and sweeps: whole, with every column, worked by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta, binom, t

import sim
from sim.analysis.means import averages
from sim.analysis.regimes import COLUMNS, regimes
from sim.analysis.robustness import effort_per_member_retained, pareto, regrets, robustness
from sim.analysis.scenario_discovery import (
    FACTS,
    Limit,
    _significant,
    boxes,
    describe_box,
    describe_boxes,
    inside,
    name_and_unit,
    quasi_p,
)
from sim.core.errors import InputError
from tests.helpers import wholly

PLACES = pd.DataFrame(
    [(place, policy, seed, value)
     for place, policies in {"here": {"b": (0.4, 0.6), "a": (0.5, 0.41)}, "there": {"b": (0.1, 0.1), "a": (0.8, 0.8)}}.items()
     for policy, values in policies.items() for seed, value in enumerate(values)],
    columns=["place", "policy", "seed", "retention"],
)  # fmt: skip
"""Means: here b 0.5, a 0.455; there b 0.1, a 0.8."""


def same(table, expected):
    pd.testing.assert_frame_equal(table, expected, check_dtype=False, rtol=1e-9)


def test_regrets_keep_the_order_of_policies_and_are_nothing_for_the_best():
    found = regrets(PLACES, "retention", ["place"])

    assert list(found) == ["b", "a"]
    assert found.to_numpy().tolist() == [pytest.approx([0, 0.045]), pytest.approx([0.7, 0])]


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
    found = robustness(less, "exits_frustrated", ["place"]).set_index("policy")

    assert found["worst_regret"].to_dict() == pytest.approx({"b": 0.045, "a": 0.7})
    assert found["near_best"].to_dict() == {"b": 1.0 if 0.045 <= 0.1 * 0.455 else 0.5, "a": 0.5}


def test_without_a_state_that_all_policies_share_nothing_is_known():
    alone = PLACES[(PLACES["place"] == "here") == (PLACES["policy"] == "a")]
    found = robustness(alone, "retention", ["place"])

    assert found["states"].tolist() == [0, 0]
    assert found["worst_at"].isna().all()
    assert found[["mean", "mean_regret", "worst_regret", "best", "near_best"]].isna().all(axis=None)


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
    found = effort_per_member_retained(
        pd.DataFrame(rows, columns=["policy", "seed", "retention", "effort_spent"]), "neutral", 10
    )

    assert found[["retained", "effort", "replications"]].to_numpy()[0] == pytest.approx([1.5, 30.0, 2])
    assert found[["effort_per_member", "low", "high"]].isna().all(axis=None)


@pytest.mark.parametrize(("directions", "words"), [
    ({}, r"pareto: name at least one column with its direction, for example {'retention_60': 'more'}"),
    ({"stays": "more"}, r"pareto: there is no column 'stays'; did you mean stay?"),
    ({"stay": "higher"}, r"pareto: stay: better is 'more' or 'less', not 'higher'"),
])  # fmt: skip
def test_a_front_says_what_it_needs(directions, words):
    with pytest.raises(InputError, match=words):
        pareto(pd.DataFrame({"stay": [1.0]}), directions)


# regimes

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
    for given, words in (
        ((runs.drop(columns="seed"), "kind", "rate", "retention", "more"), "runs have no column 'seed'; give a sweep, or its runs, and one of their outcomes"),
        ((runs, "rat", "rate", "retention", "more"), "x=rat: there is no such dimension that varies; did you mean rate?"),
        ((runs, "kind", "retention", "retention", "more"), "y=retention: there is no such dimension that varies; known: kind, rate"),
        ((runs.rename(columns={"kind": "best"}), "best", "rate", "retention", "more"), "x=best: the table of regimes has a column of that name; give it another name"),
        ((runs, "kind", "kind", "retention", "more"), "x=kind and y=kind are the same; give two different columns"),
        ((runs, "kind", "rate", "retention", "up"), "better=up: give more or less, for what is better of retention"),
        ((pd.concat([runs, runs.head(1).assign(retention=9.0)]), "kind", "rate", "retention", "more"), "some policy has two runs of the same point and seed; give each once"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=wholly(words)):
            regimes(*given)


# boxes

NUMBERS = pd.DataFrame({"x": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0], "y": [1.0, 2.0] * 5})
SHARE = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 1.0])


def test_a_limit_keeps_what_lies_on_it():
    assert inside([Limit("x", ">", 0.9)], NUMBERS).tolist() == [False] * 8 + [True] * 2
    assert inside([Limit("x", "<", 0.2), Limit("y", ">", 2.0)], NUMBERS).tolist() == [False, True] + [False] * 8
    assert inside([], NUMBERS).all()


def test_the_quasi_p_of_a_limit_is_the_binomial_chance_without_it():
    """Above 0.6 all 5 points are cases; without the limit half are: 0.5^5. The limit of y leaves the share as it is."""
    high, even = Limit("x", ">", 0.6), Limit("y", ">", 2.0)

    assert quasi_p(high, [high], NUMBERS, SHARE) == pytest.approx(0.5**5)
    assert quasi_p(even, [even], NUMBERS, SHARE) == pytest.approx(binom.sf(2, 5, 0.5))
    assert quasi_p(even, [high, even], NUMBERS, SHARE) == pytest.approx(1.0)


@pytest.mark.parametrize("name", ["a", "y"])
def test_the_least_significant_limit_is_dropped_first_whatever_it_is_called(name):
    """Without y the limit of x is significant; dropping x first would leave nothing, as y alone is not."""
    high, even, numbers = Limit("x", ">", 0.6), Limit(name, ">", 2.0), NUMBERS.rename(columns={"y": name})

    for order in ([high, even], [even, high]):
        assert _significant(order, numbers, SHARE, 0.05) == {high: pytest.approx(0.5**5)}
    assert _significant([even], numbers, SHARE, 0.05) == {}
    assert _significant([high], numbers, SHARE, 0.5**5) == {}, "at the level is not below it"


@pytest.mark.parametrize(("path", "told"), [
    ("rules.leak.rate", ("leak rate", "1/month")),
    ("rules.membership.exit_penalty", ("membership exit penalty", "value")),
    ("start.trust", ("start trust", "")),
    ("policy.pause", ("policy pause", "months")),
    ("mine_own", ("mine own", "")),
])  # fmt: skip
def test_a_parameter_is_named_for_a_reader_with_its_unit(path, told):
    assert name_and_unit(path) == told


def box(limits, **facts):
    held = {"points": 20, "mass": 0.2, "coverage": 0.6, "density": 0.75, "low": 0.5, "high": 0.9, "overall": 0.25, "density_searched": 0.8,
            "confirmed": True} | facts  # fmt: skip
    return pd.DataFrame(
        [{"box": 1, "parameter": p, "relation": r, "limit": v, "of": "points", **held} for p, r, v in limits]
    )


def test_a_box_is_described_in_words():
    limits = [("start.trust", ">", 0.123456), ("start.trust", "<", 0.5), ("rules.leak.rate", "<", 0.05)]
    when = "start trust from 0.123 to 0.5 and leak rate < 0.05 (1/month)"
    facts = "95 % interval 50 to 90; 25 % overall"

    assert (
        describe_box(box(limits))
        == f"fails mostly when {when}: 75 % of such points ({facts}); holds 60 % of all failures"
    )
    assert (
        describe_box(box(limits, density=0.4))
        == f"fails more often when {when}: 40 % of such points ({facts}); holds 60 % of all failures"
    )
    assert describe_box(box(limits, confirmed=False)) == (
        f"not confirmed: when {when}: 80 % of such points where searched, 75 % of those in the test half ({facts})"
    )
    assert (
        describe_box(box(limits, points=0)) == f"not confirmed: when {when} (80 % where searched; no test point in it)"
    )
    assert (
        describe_box(box(limits).assign(box=2))
        == f"fails mostly when {when}: 75 % of such points (95 % interval 50 to 90; 25 % of the rest); holds 60 % of all failures"
    )
    assert "when targeting is random: " in describe_box(box([("targeting", "is", "random")]))
    assert "when scenario is not denim alliance and is not neutral: " in describe_box(
        box([("scenario", "is not", "denim_alliance"), ("scenario", "is not", "neutral")])
    )
    assert set(FACTS) <= set(box(limits))


def test_all_boxes_are_described_and_also_that_there_are_no_boxes():
    table = box([("start.trust", ">", 0.5)])
    table.attrs = {"points": 1200, "share": 0.3, "of": "points", "left_out": ["size.ties", "x"]}
    nothing = table.head(0)
    nothing.attrs = table.attrs | {"of": "runs", "left_out": []}

    assert describe_boxes(table) == [
        "fails at 30 % of 1,200 points",
        describe_box(table),
        "left out, as it does not vary: size.ties, x",
    ]
    assert describe_boxes(nothing) == [
        "fails in 30 % of runs at 1,200 points",
        "no part of the space stands out: no limit on any input is significant",
    ]
    for share, every in ((0.0, "none"), (1.0, "every one")):
        nothing.attrs["share"] = share
        assert describe_boxes(nothing) == [f"{every} of the runs fails: no part stands out; choose another threshold"]


def test_the_interval_of_a_box_is_clopper_and_pearsons():
    from sim.analysis.scenario_discovery import _facts

    within, share = np.array([1, 1, 1, 0, 0, 1, 1, 0], dtype=bool), np.array([1, 0, 1, 0, 1, 1, 1, 0.0])
    searched, free = np.array([0, 0, 0, 0, 0, 1, 1, 1], dtype=bool), np.ones(8, dtype=bool)
    n, mass, coverage, density, low, high, overall, found, confirmed = _facts(within, share, searched, free)

    assert (n, mass, coverage, density, overall, found, bool(confirmed)) == pytest.approx(
        (3, 0.6, 2 / 3, 2 / 3, 0.6, 1.0, False)
    )
    assert (low, high) == pytest.approx((beta.ppf(0.025, 2, 2), beta.ppf(0.975, 3, 1)))


def test_a_box_without_a_test_point_has_no_density_and_is_not_confirmed():
    from sim.analysis.scenario_discovery import _facts

    within, share = np.array([0, 0, 0, 1], dtype=bool), np.array([1, 0, 1, 1.0])
    n, _, _, density, low, high, _, found, confirmed = _facts(
        within, share, np.array([0, 0, 1, 1], dtype=bool), np.ones(4, dtype=bool)
    )

    assert (n, low, high, found, bool(confirmed)) == (0, 0.0, 1.0, 1.0, False)
    assert np.isnan(density)


def test_the_search_ends_with_a_box_that_is_not_confirmed(monkeypatch):
    """Forty points, the fewest there can be, every second a case: the upper half has as many as all."""
    monkeypatch.setattr("sim.analysis.scenario_discovery.find_box", lambda *_: {Limit("x", ">", 0.5): 0.01})
    found = boxes(pd.DataFrame({"x": np.arange(40) / 40, "fails": [0, 1] * 20}), ["x"], "fails")

    assert found[["box", "parameter", "relation", "limit", "confirmed"]].to_numpy().tolist() == [
        [1, "x", ">", 0.5, False]
    ]


@pytest.mark.parametrize(("limit", "named"), [
    (Limit("x", ">", 0.5), ("x", ">", 0.5)),
    (Limit("policy=placebo", ">", 0.5), ("policy", "is", "placebo")),
    (Limit("policy=placebo", "<", 0.5), ("policy", "is not", "placebo")),
])  # fmt: skip
def test_a_limit_on_a_category_says_whether_it_is_the_one(limit, named):
    from sim.analysis.scenario_discovery import _named

    assert _named(limit) == named


# averages of a sweep


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
