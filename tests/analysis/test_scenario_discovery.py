"""Boxes in which a policy fails: planted truths and cases worked by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta, binom, binomtest

from sim.analysis.scenario_discovery import (
    FACTS,
    Limit,
    _significant,
    boxes,
    cases,
    describe_box,
    describe_boxes,
    find_box,
    inside,
    name_and_unit,
    quasi_p,
)
from sim.core.errors import InputError
from tests.helpers import wholly

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


@pytest.mark.parametrize(("path", "text"), [
    ("rules.leak.rate", ("leak rate", "1/month")),
    ("rules.membership.exit_penalty", ("membership exit penalty", "value")),
    ("start.trust", ("start trust", "")),
    ("policy.pause", ("policy pause", "months")),
    ("mine_own", ("mine own", "")),
])  # fmt: skip
def test_a_parameter_is_named_for_a_reader_with_its_unit(path, text):
    assert name_and_unit(path) == text


def box(limits, **facts):
    content = {"points": 20, "mass": 0.2, "coverage": 0.6, "density": 0.75, "low": 0.5, "high": 0.9, "overall": 0.25, "density_searched": 0.8,
            "confirmed": True} | facts  # fmt: skip
    return pd.DataFrame(
        [{"box": 1, "parameter": p, "relation": r, "limit": v, "of": "points", **content} for p, r, v in limits]
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
    n, mass, coverage, density, low, high, overall, result, confirmed = _facts(within, share, searched, free)

    assert (n, mass, coverage, density, overall, result, bool(confirmed)) == pytest.approx(
        (3, 0.6, 2 / 3, 2 / 3, 0.6, 1.0, False)
    )
    assert (low, high) == pytest.approx((beta.ppf(0.025, 2, 2), beta.ppf(0.975, 3, 1)))


def test_a_box_without_a_test_point_has_no_density_and_is_not_confirmed():
    from sim.analysis.scenario_discovery import _facts

    within, share = np.array([0, 0, 0, 1], dtype=bool), np.array([1, 0, 1, 1.0])
    n, _, _, density, low, high, _, result, confirmed = _facts(
        within, share, np.array([0, 0, 1, 1], dtype=bool), np.ones(4, dtype=bool)
    )

    assert (n, low, high, result, bool(confirmed)) == (0, 0.0, 1.0, 1.0, False)
    assert np.isnan(density)


def test_the_search_ends_with_a_box_that_is_not_confirmed(monkeypatch):
    """Forty points, the fewest there can be, every second a case: the upper half has as many as all."""
    monkeypatch.setattr("sim.analysis.scenario_discovery.find_box", lambda *_: {Limit("x", ">", 0.5): 0.01})
    result = boxes(pd.DataFrame({"x": np.arange(40) / 40, "fails": [0, 1] * 20}), ["x"], "fails")

    assert result[["box", "parameter", "relation", "limit", "confirmed"]].to_numpy().tolist() == [
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


def planted(n, inside_box, outside, seed=0):
    """Give n points of five inputs; cases are frequent where a > 0.6 and b < 0.5."""
    g = np.random.default_rng(seed)
    table = pd.DataFrame(g.random((n, 5)), columns=list("abcde"))
    within = (table["a"] > 0.6) & (table["b"] < 0.5)
    return table.assign(fails=(g.random(n) < np.where(within, inside_box, outside)).astype(float))


def test_a_planted_box_is_found_and_confirmed_where_it_was_not_searched():
    result = boxes(planted(800, 0.9, 0.1), list("abcde"), "fails")
    later, result = result[result["box"] > 1], result[result["box"] == 1]
    limits = result.set_index(["parameter", "relation"])["limit"].to_dict()
    fact = result.iloc[0]

    assert limits == pytest.approx({("a", ">"): 0.6, ("b", "<"): 0.5}, abs=0.05)
    assert fact["density"] == pytest.approx(0.9, abs=0.08)
    assert fact["mass"] == pytest.approx(0.2, abs=0.05)
    assert fact["coverage"] == pytest.approx(0.18 / 0.26, abs=0.1)
    assert fact["confirmed"]
    assert (result["quasi_p"] < 1e-6).all()
    assert not later["confirmed"].any()


def test_the_facts_of_a_box_fit_together():
    fact = boxes(planted(300, 0.8, 0.1), list("abcde"), "fails").iloc[0]
    cases_in = round(fact["density"] * fact["points"])
    low, high = binomtest(cases_in, int(fact["points"])).proportion_ci()

    assert fact["coverage"] * fact["overall"] == pytest.approx(fact["density"] * fact["mass"])
    assert fact["points"] == pytest.approx(fact["mass"] * 150)
    assert [fact["low"], fact["high"]] == pytest.approx([low, high])


def test_where_there_is_no_structure_no_box_is_confirmed():
    result = [boxes(planted(120, 0.3, 0.3, seed), list("abcde"), "fails") for seed in range(10)]
    lines = [line for table in result for line in describe_boxes(table)[1:]]

    assert not any(table["confirmed"].any() for table in result)
    assert all(line.startswith(("no part of the space stands out", "not confirmed")) for line in lines)
    assert sum(len(table) == 0 for table in result) > 5
    overfitted = pd.concat(table for table in result if len(table))
    assert (overfitted["density_searched"] > overfitted["density"]).mean() > 0.8


def test_a_second_box_is_looked_for_outside_the_first():
    table = planted(600, 0.9, 0.0).assign(fails=lambda t: ((t["a"] > 0.75) | (t["b"] < 0.15)) * 1.0)
    result = boxes(table, list("abcde"), "fails")

    sides = result[result["box"] < 3]

    assert list(zip(sides["box"], sides["parameter"], sides["relation"], strict=True)) == [(1, "a", ">"), (2, "b", "<")]
    assert sides["confirmed"].all()
    assert sides["coverage"].sum() == pytest.approx(1.0, abs=0.1)
    assert "of the rest" in describe_box(result[result["box"] == 2])


def test_the_quasi_p_value_is_the_binomial_one():
    numbers = pd.DataFrame({"a": [1.0, 2, 3, 4, 5, 6, 7, 8]})
    share = np.array([0, 0, 0, 1, 0, 1, 1, 1.0])
    limit = Limit("a", ">", 4.5)

    # 3 of 4 points inside; half of all: P(at least 3 of 4) = 5 / 16.
    assert quasi_p(limit, [limit], numbers, share) == pytest.approx(5 / 16)
    assert inside([limit], numbers).tolist() == [False] * 4 + [True] * 4


def test_a_limit_on_levels_lies_between_them():
    numbers = pd.DataFrame({"size": np.repeat([6.0, 8, 10, 12], 30), "noise": np.tile(np.arange(30.0), 4)})
    share = (numbers["size"] > 8).to_numpy().astype(float)

    assert list(find_box(numbers, np.ones(120, dtype=int), share)) == [Limit("size", ">", 9.0)]


def test_whole_numbers_categories_and_constants_can_be_inputs():
    g = np.random.default_rng(3)
    table = pd.DataFrame({
        "size.partners": g.integers(3, 9, 600), "start.need": g.random(600), "open": g.random(600) > 0.5,
        "scenario": g.choice(["neutral", "public_health", "denim_alliance"], 600), "grant.months": 24,
    })  # fmt: skip
    table["fails"] = ((table["size.partners"] >= 6) & (table["scenario"] == "public_health") & table["open"]) * 1.0
    result = boxes(table, list(table.columns[:-1]), "fails")
    text = describe_boxes(result)

    assert set(zip(result["parameter"], result["relation"], result["limit"], strict=True)) >= {
        ("size.partners", ">", 5.5), ("scenario", "is", "public_health"),
    }  # fmt: skip
    assert "scenario is public health" in text[1]
    assert text[-1] == "left out, as it does not vary: grant.months"


def test_runs_at_the_same_point_stay_together():
    g = np.random.default_rng(4)
    points = planted(200, 0.8, 0.1)
    rows = points.loc[np.repeat(points.index, 10), list("abcde")].reset_index(drop=True)
    within = (rows["a"] > 0.6) & (rows["b"] < 0.5)
    result = boxes(rows.assign(fails=(g.random(2000) < np.where(within, 0.8, 0.1)) * 1.0), list("abcde"), "fails")

    assert set(result["of"]) == {"runs"}
    assert result["points"].iloc[0] <= 100
    assert result["density"].iloc[0] == pytest.approx(0.8, abs=0.12)
    assert "of such runs" in describe_box(result)


def test_the_same_seed_searches_the_same_half():
    table = planted(120, 0.9, 0.1)
    one, same, other = (boxes(table, list("abcde"), "fails", seed) for seed in (5, 5, 6))

    assert one.equals(same)
    assert not one.equals(other)


def test_a_box_in_words_has_its_limits_units_and_shares():
    fact = {"box": 1, "points": 50, "mass": 0.2, "coverage": 0.61, "density": 0.83, "low": 0.7, "high": 0.92,
            "overall": 0.3, "density_searched": 0.85, "confirmed": True, "of": "points", "quasi_p": 0.001}  # fmt: skip
    sides = [
        ("rules.leak.rate", ">", 0.21),
        ("start.trust", "<", 0.4),
        ("grant.months", ">", 20),
        ("grant.months", "<", 30),
    ]
    box = pd.DataFrame([{"parameter": p, "relation": r, "limit": v, **fact} for p, r, v in sides])

    assert describe_box(box) == (
        "fails mostly when leak rate > 0.21 (1/month) and start trust < 0.4 and grant months from 20 to 30 (months): "
        "83 % of such points (95 % interval 70 to 92; 30 % overall); holds 61 % of all failures"
    )
    assert describe_box(box.assign(density=0.45)).startswith("fails more often when leak rate")
    assert describe_box(box.assign(confirmed=False, density=0.35, low=0.2, high=0.5)).endswith(
        "85 % of such points where searched, 35 % of those in the test half (95 % interval 20 to 50; 30 % overall)"
    )
    assert "no test point" in describe_box(box.assign(points=0, density=np.nan, confirmed=False))
    assert name_and_unit("policy.pause") == ("policy pause", "months")


@pytest.mark.parametrize(
    ("fails", "words"), [(0.0, "none of the points fails"), (1.0, "every one of the points fails")]
)
def test_no_failure_and_only_failures_have_a_sentence(fails, words):
    result = boxes(planted(60, 0, 0).assign(fails=fails), list("abcde"), "fails")

    assert result.empty
    assert words in describe_boxes(result)[0]


def test_points_without_the_outcome_are_left_out():
    table = planted(150, 0.9, 0.1)
    table.loc[:49, "fails"] = np.nan

    assert boxes(table, list("abcde"), "fails").attrs["points"] == 100


@pytest.mark.parametrize(("change", "words"), [
    (lambda t: t.head(39),
     "39 points with a known outcome are too few to search one half and test in the other: at least 40 are needed; sweep more, for example with design=sobol design.n=256"),
    (lambda t: t.assign(fails=np.nan),
     "0 points with a known outcome are too few to search one half and test in the other: at least 40 are needed; sweep more, for example with design=sobol design.n=256"),
    (lambda t: t.drop(columns="b"), "there is no input 'b'; known: a, c, d, e, fails"),
    (lambda t: t.assign(c=np.nan), "input c has missing values; leave out those rows, or the input"),
])  # fmt: skip
def test_boxes_refuse_what_they_cannot_search(change, words):
    with pytest.raises(InputError, match=wholly(words)):
        boxes(change(planted(100, 0.9, 0.1)), list("abcde"), "fails")


def test_constants_alone_are_refused():
    table = pd.DataFrame({"a": 1, "b": np.arange(50.0), "fails": np.tile([0.0, 1.0], 25)})
    for inputs in (["a"], []):
        with pytest.raises(InputError, match="none of the inputs varies"):
            boxes(table, inputs, "fails")


def test_without_prim_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "prim", None)
    with pytest.raises(
        InputError, match=r"needs the package prim: python -m pip install 'partnership-dynamics\[analysis\]'"
    ):
        boxes(planted(100, 0.9, 0.1), list("abcde"), "fails")


def test_failing_is_what_the_user_says():
    table = pd.DataFrame({"policy": "a", "point": [0, 0, 1, 1, 2, 2], "seed": [0, 1] * 3, "x": [5, 5, 6, 6, 7, 7],
                          "value": [0.1, 0.3, 0.4, np.nan, np.nan, np.nan]})  # fmt: skip
    points = cases(table, "value", below=0.3)
    single = cases(table, "value", above=0.3, each="run")

    assert points["value"].tolist()[:2] == pytest.approx([0.2, 0.4])
    assert points["fails"].fillna(-1).tolist() == [1, 0, -1]
    assert points["x"].tolist() == [5, 6, 7]
    assert single["fails"].fillna(-1).tolist() == [0, 0, 1, -1, -1, -1]
    with pytest.raises(InputError, match="one of the two"):
        cases(table, "value")
