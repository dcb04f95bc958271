"""Where policies fail and which is best where: planted truths, cases worked by hand, and what cannot be said."""

import matplotlib.image
import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, t, ttest_rel

import sim
from sim.analysis.regimes import regimes
from sim.analysis.scenario_discovery import (
    Limit,
    boxes,
    cases,
    describe_box,
    describe_boxes,
    dimensions,
    find_box,
    inside,
    name_and_unit,
    outcome_of_runs,
    quasi_p,
)
from sim.cli.main import main
from sim.core.errors import InputError
from sim.viz.figures.report import regimes_figure
from tests.helpers import wholly


@pytest.fixture(autouse=True, scope="module")
def _no_invariants():
    from sim.engine import batch

    before, batch.CHECK_INVARIANTS = batch.CHECK_INVARIANTS, False
    yield
    batch.CHECK_INVARIANTS = before


def runs(cells):
    """Give runs from {(x, y): {policy: outcome by seed}}; each cell is one point."""
    return pd.DataFrame([
        {"policy": policy, "point": point, "seed": seed, "x": x, "y": y, "value": value}
        for point, ((x, y), policies) in enumerate(cells.items())
        for policy, values in policies.items()
        for seed, value in enumerate(values)
    ])  # fmt: skip


def regime(**policies):
    """Give the regime of one cell."""
    return regimes(runs({(0, 0): policies}), "x", "y", "value", "more").iloc[0]


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
    table = regimes(runs({(0, 0): {"a": [1.0, 2, 3], "b": [2.0, 4, 6]}}), "x", "y", "value", "less")

    assert (table["best"][0], table["difference"][0]) == ("a", -2.0)


def test_what_cannot_be_said_is_marked():
    nan = np.nan
    table = regimes(
        runs({
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
    found = pd.concat(
        regimes(runs({cell: {p: g.normal(size=12) for p in "abcd"} for cell in draws}), "x", "y", "value", "more")
        for _ in range(4)
    )

    assert (found["verdict"] == "decided").mean() <= 0.05


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
    asked = {"x": "x", "y": "y", "outcome": "value", "better": "more"} | change
    with pytest.raises(InputError, match=wholly(words)):
        regimes(runs({(0, 0): {"a": [1.0]}}).assign(value=1.0), **asked)


def test_the_map_shows_a_letter_for_each_cell_and_keeps_the_legend_off_the_data():
    given = {(0, "few"): {"a": [1.0, 2, 3, 4], "b": [0.0, 1.1, 2, 3]}, (1, "few"): {"a": [1.0, 9.0], "b": [2.0, 3.0]}}
    given |= {(0, "many"): {"a": [1.0], "b": [1.0]}, (1, "many"): {"a": [0.0, 1, 2, 3], "b": [1.0, 2.1, 3, 4]}}
    table = regimes(runs(given), "x", "y", "value", "more")
    figure = regimes_figure(table, "x", "y", "Best policy", "note", ["a", "b"])
    (ax,), (legend,) = figure.axes, figure.legends
    figure.canvas.draw()
    words = [text.get_text() for text in ax.texts]
    names = [text.get_text() for text in legend.get_texts()]

    assert words == ["A", "·", "(A)", "B"]
    assert names == ["A  a", "B  b", "( )  ahead, undecided", "·  tie, or nothing to compare"]
    assert legend.get_window_extent().y1 <= ax.get_window_extent().y0
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["few", "many"]


def planted(n, inside_box, outside, seed=0):
    """Give n points of five inputs; cases are frequent where a > 0.6 and b < 0.5."""
    g = np.random.default_rng(seed)
    table = pd.DataFrame(g.random((n, 5)), columns=list("abcde"))
    within = (table["a"] > 0.6) & (table["b"] < 0.5)
    return table.assign(fails=(g.random(n) < np.where(within, inside_box, outside)).astype(float))


def test_a_planted_box_is_found_and_confirmed_where_it_was_not_searched():
    found = boxes(planted(800, 0.9, 0.1), list("abcde"), "fails")
    later, found = found[found["box"] > 1], found[found["box"] == 1]
    limits = found.set_index(["parameter", "relation"])["limit"].to_dict()
    fact = found.iloc[0]

    assert limits == pytest.approx({("a", ">"): 0.6, ("b", "<"): 0.5}, abs=0.05)
    assert fact["density"] == pytest.approx(0.9, abs=0.08)
    assert fact["mass"] == pytest.approx(0.2, abs=0.05)
    assert fact["coverage"] == pytest.approx(0.18 / 0.26, abs=0.1)
    assert fact["confirmed"]
    assert (found["quasi_p"] < 1e-6).all()
    assert not later["confirmed"].any()


def test_the_facts_of_a_box_fit_together():
    fact = boxes(planted(300, 0.8, 0.1), list("abcde"), "fails").iloc[0]
    cases_in = round(fact["density"] * fact["points"])
    low, high = binomtest(cases_in, int(fact["points"])).proportion_ci()

    assert fact["coverage"] * fact["overall"] == pytest.approx(fact["density"] * fact["mass"])
    assert fact["points"] == pytest.approx(fact["mass"] * 150)
    assert [fact["low"], fact["high"]] == pytest.approx([low, high])


def test_where_there_is_no_structure_no_box_is_confirmed():
    found = [boxes(planted(120, 0.3, 0.3, seed), list("abcde"), "fails") for seed in range(10)]
    lines = [line for table in found for line in describe_boxes(table)[1:]]

    assert not any(table["confirmed"].any() for table in found)
    assert all(line.startswith(("no part of the space stands out", "not confirmed")) for line in lines)
    assert sum(len(table) == 0 for table in found) > 5
    overfitted = pd.concat(table for table in found if len(table))
    assert (overfitted["density_searched"] > overfitted["density"]).mean() > 0.8


def test_a_second_box_is_looked_for_outside_the_first():
    table = planted(600, 0.9, 0.0).assign(fails=lambda t: ((t["a"] > 0.75) | (t["b"] < 0.15)) * 1.0)
    found = boxes(table, list("abcde"), "fails")

    sides = found[found["box"] < 3]

    assert list(zip(sides["box"], sides["parameter"], sides["relation"], strict=True)) == [(1, "a", ">"), (2, "b", "<")]
    assert sides["confirmed"].all()
    assert sides["coverage"].sum() == pytest.approx(1.0, abs=0.1)
    assert "of the rest" in describe_box(found[found["box"] == 2])


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
    found = boxes(table, list(table.columns[:-1]), "fails")
    text = describe_boxes(found)

    assert set(zip(found["parameter"], found["relation"], found["limit"], strict=True)) >= {
        ("size.partners", ">", 5.5), ("scenario", "is", "public_health"),
    }  # fmt: skip
    assert "scenario is public health" in text[1]
    assert text[-1] == "left out, as it does not vary: grant.months"


def test_runs_at_the_same_point_stay_together():
    g = np.random.default_rng(4)
    points = planted(200, 0.8, 0.1)
    rows = points.loc[np.repeat(points.index, 10), list("abcde")].reset_index(drop=True)
    within = (rows["a"] > 0.6) & (rows["b"] < 0.5)
    found = boxes(rows.assign(fails=(g.random(2000) < np.where(within, 0.8, 0.1)) * 1.0), list("abcde"), "fails")

    assert set(found["of"]) == {"runs"}
    assert found["points"].iloc[0] <= 100
    assert found["density"].iloc[0] == pytest.approx(0.8, abs=0.12)
    assert "of such runs" in describe_box(found)


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
    found = boxes(planted(60, 0, 0).assign(fails=fails), list("abcde"), "fails")

    assert found.empty
    assert words in describe_boxes(found)[0]


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


TINY = ["replications=2", "months=6", "scenario.size.partners=6", "executor=serial"]
SOBOL = ["space.start.trust={low: 0.3, high: 0.9}", "space.rules.capture.scale={low: 0, high: 20}",
         "policies=[neutral,safeguarding]", "design=sobol", "design.n=64", *TINY]  # fmt: skip


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    folder = tmp_path_factory.mktemp("discover") / "s"
    assert main(["sweep", *SOBOL, f"folder={folder}"]) == 0
    return folder


def test_discover_says_where_it_fails_and_writes_tables_and_a_map(swept, capsys):
    assert main(["discover", f"folder={swept}", "outcome=private_value", "below=1"]) == 0
    out = capsys.readouterr().out
    (place,) = (swept / "discover").glob("private_value-*")
    found = pd.read_csv(place / "boxes.csv")

    assert "neutral: private_value below 1" in out
    assert "fails mostly when capture scale < " in out
    assert "Best policy by mean private_value (more is better) in 4 cells of rules.capture.scale and start.trust" in out
    assert set(found["fails"]) == {"private_value below 1"}
    assert {"policy", "parameter", "limit", "coverage", "density", "mass", "quasi_p", "density_searched"} <= set(found)
    assert {"map.png", "map.svg", "config.yaml", "manifest.json"} <= {p.name for p in place.iterdir()}
    picture = place / "map.png"
    assert matplotlib.image.imread(picture).std() > 0.01
    assert b"partnership discover outcome=private_value below=1" in picture.read_bytes()
    assert "best" in pd.read_csv(place / "regimes.csv")


@pytest.mark.slow
def test_discover_repeats_to_the_last_byte(swept):
    asked = ["discover", f"folder={swept}", "outcome=private_value", "below=1", "each=run", "policy=neutral"]
    contents = []
    for _ in range(2):
        assert main(asked) == 0
        (place,) = (p.parent for p in (swept / "discover").glob("*/config.yaml") if "each: run" in p.read_text())
        contents.append({p.name: p.read_bytes() for p in sorted(place.iterdir())})

    assert contents[0] == contents[1]
    assert set(pd.read_csv(place / "boxes.csv")["policy"]) == {"neutral"}


def test_a_sweep_over_policies_is_paired_by_everything_else(tmp_path):
    found = sim.sweep(
        {"space": {"policy": ["neutral", "placebo"], "start.trust": [0.3, 0.9], "start.need": [40, 80]},
         "replications": 2, "months": 2, "changes": {"size.partners": 6}}, tmp_path / "s", executor="serial", progress=False,
    )  # fmt: skip
    table = regimes(found, "start.trust", "start.need", "retention", "more")

    assert dimensions(found) == ["start.trust", "start.need"]
    assert outcome_of_runs(found, "retention")["point"].nunique() == 4
    assert set(table["policies"]) == {2}
    assert set(table["verdict"]) == {"undecided: tie"}


@pytest.mark.parametrize(("arguments", "words"), [
    (["outcome=retentoin"], "did you mean retention"),
    (["outcome=retention_60", "below=0.5"], "retention_60 is known in no run (6 months"),
    (["below=high"], "below=high: give a number"),
    (["below=nan"], "below=nan: give a number"),
    (["below=0.5", "above=0.5"], "give one of the two"),
    (["outcome=retention", "policy=netral"], "did you mean neutral"),
    (["outcome=retention", "x=start.trust"], "give both, or neither"),
    (["outcome=retention", "x=start.trst", "y=rules.leak.rate"], "did you mean start.trust"),
    (["outcome=exits_satisfied"], "give better=more or better=less"),
    (["outcome=retention", "better=high"], "better=high: give more or less, for what is better of retention"),
    (["each=month"], "give point or run"),
    (["seed=-1"], "seed=-1: give a whole number"),
    (["outcom=retention"], "discover takes folder=, outcome="),
], ids=lambda v: " ".join(v)[:60] if isinstance(v, list) else "")  # fmt: skip
def test_bad_input_is_one_line(arguments, words, swept, monkeypatch, capsys):
    monkeypatch.setattr("sim.cli.sweep.folder_and", lambda rest, command: (swept, rest, None))  # it takes a while
    assert main(["discover", *arguments]) == 2

    err = capsys.readouterr().err
    assert words in err
    assert err.count("\n") == 1
    assert "Traceback" not in err


@pytest.mark.parametrize(("arguments", "words"), [([], "needs a folder"), (["folder=nowhere"], "holds no sweep")])
def test_discover_needs_a_folder_with_a_sweep(arguments, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["discover", *arguments]) == 2
    assert words in capsys.readouterr().err


def test_few_points_are_said_after_the_map_is_made(tmp_path, capsys):
    space = ["space.start.trust=[0.3,0.9]", "space.rules.leak.rate=[0,0.5]"]
    assert main(["sweep", *space, *TINY, f"folder={tmp_path / 's'}"]) == 0
    assert main(["discover", f"folder={tmp_path / 's'}", "outcome=retention", "below=0.5"]) == 2

    assert "4 points with a known outcome are too few" in capsys.readouterr().err
    assert len(list((tmp_path / "s" / "discover").glob("retention-*/map.png"))) == 1


def test_one_dimension_has_no_map(tmp_path, capsys):
    assert main(["sweep", "space.start.trust=[0.3,0.9]", *TINY, f"folder={tmp_path / 's'}"]) == 0
    assert main(["discover", f"folder={tmp_path / 's'}", "outcome=retention"]) == 2
    assert "a map needs two policies and two things that vary" in capsys.readouterr().err


def test_a_sweep_a_folder_and_a_table_give_the_same_boxes_and_map(swept):
    table = sim.load(swept).runs
    asked = {"outcome": "private_value", "below": 1.0}
    by_folder, by_sweep, by_table = (sim.discover(runs, **asked) for runs in (swept, sim.load(swept), table))

    pd.testing.assert_frame_equal(by_folder.boxes, by_sweep.boxes)
    assert by_folder.key == by_sweep.key
    assert by_table.boxes["limit"].tolist() == by_folder.boxes["limit"].tolist()
    assert by_table.regimes["best"].tolist() == by_folder.regimes["best"].tolist()
    assert by_folder.figures == ["map"]


def test_a_table_without_the_outcome_is_refused():
    with pytest.raises(InputError, match="has no column 'retention'"):
        sim.discover(pd.DataFrame({"policy": ["neutral"], "seed": [0]}), "retention")
