"""Dose and response: levels, verdicts and causes; what is best is found, and what harms is named."""

import numpy as np
import pandas as pd
import pytest

import sim
from sim.cli.main import main
from sim.core.errors import InputError
from sim.studies.dose import OUTCOMES, Dose
from tests.helpers import OFF

LINEAR = sim.load_scenario("denim_alliance").replace(**OFF)
WITHOUT_END = {"name": "connecting", "enough": 1000.0}
QUICK = {"seeds": 12, "months": 36, "progress": False}


@pytest.fixture(scope="module")
def budget():
    return sim.dose("grant.budget", LINEAR, policy=WITHOUT_END, levels=[0, 6, 48], **QUICK)


def test_each_level_has_the_mean_of_its_own_runs(budget):
    alone = sim.simulate(LINEAR.replace(**{"grant.budget": 6}), 12, WITHOUT_END, 36).summary
    levels = budget.levels.set_index(["level", "outcome"])["mean"]

    assert set(budget.levels["outcome"]) == set(OUTCOMES)
    for outcome in OUTCOMES:
        assert levels[6.0, outcome] == pytest.approx(alone[outcome].mean(), rel=1e-12)
    assert (budget.levels["low"] <= budget.levels["mean"]).all()
    assert (budget.levels["mean"] <= budget.levels["high"]).all()


def test_levels_are_compared_with_the_best_on_the_same_seeds(budget):
    rows = budget.differences.query("outcome == 'private_value' and against == 'best'").set_index("level")
    runs = {
        level: sim.simulate(LINEAR.replace(**{"grant.budget": level}), 12, WITHOUT_END, 36).summary["private_value"]
        for level in (6, 48)
    }

    assert set(rows["against_level"]) == {6.0}
    assert rows.loc[48.0, "difference"] == pytest.approx((runs[48] - runs[6]).mean())
    assert rows.loc[48.0, "verdict"] == "lower"


def test_where_more_is_worse_the_text_says_from_where_on_and_why(budget):
    """With a linear pull every outside contact raises what members expect: much effort drives them out."""
    said, reason = budget.verdict("private_value"), budget.answer()[-1]

    assert "clearly more at 6" in said
    assert "most at 6" in said
    assert "loses from 48 on" in said
    assert reason.startswith("What changes from 6 to 48: exits +")
    assert "too little private value +" in reason
    assert "value a month that leavers expected +" in reason


def test_whether_any_is_better_than_none_is_said_against_none(budget):
    rows = budget.differences.query("outcome == 'private_value' and against == 'none'").set_index("level")

    assert set(rows["against_level"]) == {0.0}
    assert rows.loc[6.0, "verdict"] == "higher"


def test_levels_that_are_worse_than_none_are_told_also_where_none_is_worse_than_the_best():
    levels = pd.DataFrame([{"level": v, "outcome": "retention", "mean": m, "low": m, "high": m}
                           for v, m in ((0.0, 0.5), (1.0, 0.3), (2.0, 0.4), (3.0, 0.51))])  # fmt: skip
    verdicts = {("none", 1.0): "lower", ("none", 2.0): "undecided", ("none", 3.0): "undecided",
                ("best", 0.0): "undecided", ("best", 1.0): "lower", ("best", 2.0): "lower"}  # fmt: skip
    differences = pd.DataFrame(
        [{"level": v, "against": a, "outcome": "retention", "verdict": w} for (a, v), w in verdicts.items()]
    )
    dose = Dose({"levels": levels, "differences": differences}, identity=None)

    assert dose.verdict("retention") == "retention: 0.5 at 0; worse than none at 1"


def test_what_members_cost_and_who_counts_as_a_founder_do_not_grow_with_members():
    few, many = (
        sim.dose("grant.budget", sim.Scenario().replace(**size), "neutral", [0, 1], 4, 12, progress=False)
        for size in (
            {"size.partners": 6},
            {"size.partners": 6, "size.candidates": 60, "rules.membership.entry_rate": 0.5},
        )
    )

    assert many.watched["n_members"].mean() > 5 * few.watched["n_members"].mean()
    assert many.watched["cost"].mean() < 2 * few.watched["cost"].mean()
    assert many.causes.groupby("level")["share"].sum().le(1.0).all()


def test_causes_are_shares_of_the_founders(budget):
    exits = budget.causes.groupby("level")["share"].sum()
    retained = budget.levels[budget.levels["outcome"] == "retention"].set_index("level")["mean"]

    assert exits.to_numpy() == pytest.approx(1.0 - retained.reindex(exits.index).to_numpy())


def test_exits_of_who_joined_later_are_not_counted_among_founders():
    many = {
        "size.partners": 6,
        "size.candidates": 60,
        "rules.membership.entry_rate": 0.5,
        "rules.membership.other_rate": 0.1,
    }
    result = sim.dose("grant.budget", sim.Scenario().replace(**many), "neutral", [0, 1], 4, 12, progress=False)
    retained = result.levels[result.levels["outcome"] == "retention"].set_index("level")["mean"]

    assert result.causes.groupby("level")["share"].sum().tolist() == pytest.approx((1.0 - retained).tolist())


def test_a_parameter_that_does_nothing_makes_no_difference():
    result = sim.dose("policy.level", policy={"name": "bundling"}, scenario=sim.Scenario().replace(
        **{"grant.budget": 0.0}), levels=[0, 1], **QUICK)  # fmt: skip

    by_level = result.levels.pivot(index="outcome", columns="level", values="mean")
    assert np.array_equal(by_level[0.0], by_level[1.0])
    assert "the same at every level" in result.verdict("society_value")


def test_of_a_policys_own_parameter_the_other_ones_stay():
    result = sim.dose("policy.pause", policy={"name": "adaptive", "connect": 0.1}, levels=[0, 4], **QUICK)
    plain = sim.simulate("denim_alliance", 12, {"name": "adaptive", "connect": 0.1, "pause": 4}, 36).summary

    found = result.levels[(result.levels["level"] == 4) & (result.levels["outcome"] == "retention")]["mean"]
    assert found.iloc[0] == pytest.approx(plain["retention"].mean())


@pytest.mark.parametrize(("of", "scenario", "levels"), [
    ("sectors.within", {"sectors.within": 0.3}, np.linspace(0, 1, 9)),  # to the end of its range, less than four times .3
    ("grant.budget", None, np.linspace(0, 24, 9)),  # to four times 6, within 100
    ("rules.creation.novelty", {"rules.creation.novelty": 0.0}, np.linspace(0, 10, 9)),  # 0 here: to the end
])  # fmt: skip
def test_without_levels_there_are_nine_from_none_to_full(of, scenario, levels):
    scenario = sim.Scenario().replace(**(scenario or {}))
    result = sim.dose(of, scenario, "neutral", seeds=2, months=2, progress=False)

    assert sorted(set(result.levels["level"])) == pytest.approx(list(levels))


@pytest.mark.parametrize(("call", "words"), [
    (("grant.bugdet",), "did you mean grant.budget"),
    (("policy.lvel", None, "safeguarding"), "did you mean level"),
    (("policy.level", None, "neutral"), "policy neutral has no parameter 'level'"),
    (("structure.exit",), "is not a number"),
    (("grant.budget", None, "neutral", [0, 500]), "from 0 to 100"),
    (("grant.budget", None, "neutral", [3]), "at least two numbers"),
    (("grant.budget", None, "neutral", [3, 1]), "from the lowest to the highest"),
    (("policy.safeguard", None, "fixed_mix", [0, 1]), "at most 1 can be spent"),
    ((["grant.budget", "grant.months"],), "varies one parameter"),
    (("grant.budget", None, "neutral", 6), "give numbers"),
], ids=str)  # fmt: skip
def test_what_cannot_be_varied_is_named(call, words):
    with pytest.raises(InputError) as error:
        sim.dose(*call, seeds=2, months=2, progress=False)
    assert words in str(error.value)


def test_one_replication_tells_nothing():
    with pytest.raises(InputError, match="at least two seeds"):
        sim.dose("grant.budget", seeds=1)


def test_the_page_has_the_verdicts(budget):
    page = budget.report()

    assert budget.verdict("retention").split(";")[0] in page
    assert "All 12 rows" in page


@pytest.mark.slow
def test_the_command_saves_a_figure_and_runs_again_from_its_configuration(tmp_path, monkeypatch, capsys, drawn):
    monkeypatch.chdir(tmp_path)

    assert (
        main(["dose", "policy.level", "policy=bundling", "levels=[0,1]", "replications=3", "months=12", "folder=one"])
        == 0
    )
    text = capsys.readouterr().out
    assert main(["dose", "config=one/config.yaml", "folder=two"]) == 0
    assert "society_value" in text
    assert {p.name for p in (tmp_path / "one").iterdir()} >= {"dose.png", "dose.svg", "levels.csv", "differences.csv"}
    assert (tmp_path / "one/levels.csv").read_bytes() == (tmp_path / "two/levels.csv").read_bytes()


@pytest.mark.parametrize(("arguments", "words"), [
    ([], "name what to vary"),
    (["grant.budget", "grant.months"], "varies one thing"),
    (["grant.budget", "levels=much"], "give numbers"),
    (["grant.budget", "region=3"], "has no effect here"),
], ids=str)  # fmt: skip
def test_bad_input_is_one_line(arguments, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    assert main(["dose", *arguments]) == 2
    assert words in capsys.readouterr().err
