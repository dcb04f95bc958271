"""Robust search: planted optima under constraints, knees of known fronts, what does nothing goes, plans say the same."""

import numpy as np
import pandas as pd
import pytest

import sim
from sim.analysis.knee import knee, price_beyond
from sim.cli.main import main
from sim.config.plan_file import opened
from sim.core.errors import InputError
from sim.studies.policy_search.goals import Goals, Limit, Objective
from sim.studies.policy_search.judging import TEST
from sim.studies.policy_search.result import PLANS
from sim.studies.policy_search.rule import in_words, rule
from sim.studies.policy_search.simplify import same
from sim.studies.policy_search.spec import check_search

SPENDS = '''
from sim import Policy
from sim.core.declare import param

class Spends(Policy):
    """Spend a share of the budget on nothing; of idle parameters nothing depends."""
    name = "spends"
    x: float = param(0.9, unit="1", low=0, high=1, doc="The share")
    idle: float = param(0.5, unit="1", low=0, high=1, doc="Does nothing")
    def allocate(self, seen, budget, memory):
        return seen.spend(placebo=self.x * budget), memory
'''


@pytest.fixture(scope="module")
def bounded(tmp_path_factory):
    """The least effort that is at least 4 a month: of a budget of 10 a month, a share of 0.4."""
    place = tmp_path_factory.mktemp("bounded")
    (place / "spends.py").write_text(SPENDS)
    result = sim.search(
        sim.load_scenario("neutral", "size.partners=4", "grant.budget=10"),
        {"name": str(place / "spends.py"), "pause": 0},
        ["effort_spent"],
        constraints=[{"outcome": "effort_spent", "at_least": 4, "per": "month"}],
        trials=50, seeds=2, test_replications=3, region=2, judged=2, months=4, progress=False,
    )  # fmt: skip
    return result, result.save(place / "out")


def test_a_planted_optimum_under_a_constraint_is_found(bounded):
    result, _ = bounded
    best = result.policies[next(iter(result.reasons))]

    assert best.x == pytest.approx(0.4, abs=0.02)
    assert result.trials["effort_spent a month"].min() < 4 <= result.front["effort_spent a month"].min()
    assert "effort_spent a month at least 4" in result.text()


def test_a_parameter_that_does_nothing_is_left_out(bounded):
    result, _ = bounded

    assert result.plan_files["best.yaml"].policy.idle == 0.0
    assert "kept" in result.text()


@pytest.mark.parametrize("how", ["compare", "case"])
def test_a_plan_that_is_put_in_again_gives_the_same_numbers_to_the_last_bit(bounded, how, monkeypatch):
    result, folder = bounded
    monkeypatch.chdir(folder)
    spec, file = result.spec, folder / PLANS[""]
    judged = result.judged.set_index(["policy", "place", "outcome"])["mean"]
    policies = ["neutral", str(file)] if how == "compare" else None
    scenario = spec.scenario
    if how == "case":
        (folder / "case.yaml").write_text("grant: {budget: 10}\nsize: {partners: 4}\nplans: [neutral, best.yaml]\n")
        scenario = "case.yaml"
    runs = sim.compare(scenario, policies, spec.test_seeds, spec.months, outcomes=["effort_spent"], progress=False)

    own = runs.summary[runs.summary["policy"] == "Best of the search"]
    assert own["effort_spent"].mean() == judged[result.plan_files["best.yaml"].name, TEST, "effort_spent"]
    plan = opened(str(file))
    one, other = (
        sim.simulate(spec.scenario, spec.test_seeds, policy, spec.months).series.drop(columns="policy")
        for policy in (plan, result.plan_files["best.yaml"].policy)
    )
    pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_a_constraint_that_no_trial_keeps_says_how_near_one_came(tmp_path):
    (tmp_path / "spends.py").write_text(SPENDS)
    scenario = sim.load_scenario("neutral", "size.partners=4", "grant.budget=10")

    with pytest.raises(InputError, match=r"none of 3 trials keeps them: effort_spent at least 999 \(nearest: \d+"):
        sim.search(
            scenario, str(tmp_path / "spends.py"), ["effort_spent"], trials=3, seeds=2, test_replications=2, region=2,
            constraints=[{"outcome": "effort_spent", "at_least": 999}], months=2, progress=False,
        )  # fmt: skip


# Over the region


def test_what_is_over_the_region_by_hand():
    """Two policies, one outcome, three parameter sets; the best there are 5, 4 and 9 (of a policy that is not scored)."""
    kept = Limit("stay", False, 4.0)
    goals = Goals(
        (
            Objective("stay", "more"),
            Objective("stay", "more", "expected"),
            Objective("stay", "more", "worst_regret"),
            Objective("stay", "more", "satisficing", kept),
        ),
        (Limit("stay", False, 2.0, over="worst"), Limit("stay", True, 1.0, per_month=True)),
        months=10,
    )
    values, limited = goals.score([[7, 5, 3, 4], [8, 2, 4, 3]], [[0, 0, 0, 9]])

    assert values.tolist() == [[7, 4, 5, pytest.approx(2 / 3)], [8, 3, 6, pytest.approx(1 / 3)]]
    assert limited.tolist() == [[3, 0.7], [2, 0.8]]
    np.testing.assert_allclose(goals.excess(limited), [[-1, -0.3], [0, -0.2]])
    assert list(goals.directions.items()) == [
        ("stay", "more"), ("expected stay", "more"), ("worst regret in stay", "less"),
        ("share with stay at least 4", "more"),
    ]  # fmt: skip


def test_a_search_over_the_region_is_judged_in_other_parameter_sets():
    spec = check_search(
        {"objectives": [{"outcome": "retention_24", "over": "worst_regret"}], "region": 3, "months": 24}
    )
    from sim.studies.policy_search.judging import region_of

    trials, judged = region_of(spec), region_of(spec, judged=True)

    assert len(trials) == len(judged) == 3
    assert not set(trials.iloc[:, 0]) & set(judged.iloc[:, 0])
    assert not set(spec.robust_seeds) & {*spec.training_seeds, *spec.test_seeds, *spec.region_seeds}


@pytest.mark.slow
def test_a_search_over_the_region_runs_and_says_what_it_found():
    result = sim.search(
        sim.load_scenario("neutral", "size.partners=6"), {"name": "connecting", "pause": 0, "enough": 3},
        [{"outcome": "retention_24", "over": "worst_regret"}, {"outcome": "effort_spent", "over": "expected"}],
        constraints=[{"outcome": "retention_24", "at_least": 0.1, "over": "worst"}],
        trials=8, seeds=4, test_replications=4, region=2, months=24, progress=False,
    )  # fmt: skip

    assert "worst regret in retention_24" in result.text()
    assert result.figures == ["front", "differences"]
    result.figure("front")


# The knee


def test_the_knee_of_a_known_front():
    """On y = 1 - x^4 with effort x, the furthest point from the straight line has a slope of 1: x = (1/4)^(1/3)."""
    effort = np.linspace(0, 1, 101)
    front = pd.DataFrame({"effort": effort, "stay": 1 - (1 - effort) ** 4})
    directions = {"stay": "more", "effort": "less"}
    place = knee(front, directions)

    assert front["effort"][place] == pytest.approx(1 - 0.25 ** (1 / 3), abs=0.01)
    (more, gain, other, loss), (less, *_) = price_beyond(front, directions, place)
    assert (more, other, less) == ("stay", "effort", "effort")
    assert gain == pytest.approx(1 - front["stay"][place])
    assert loss == pytest.approx(1 - front["effort"][place])


def test_a_straight_front_and_a_front_of_two_have_no_knee():
    straight = pd.DataFrame({"a": np.linspace(0, 1, 9), "b": np.linspace(1, 0, 9)})

    assert knee(straight, {"a": "more", "b": "more"}) is None
    assert knee(straight.iloc[[0, 8]], {"a": "more", "b": "more"}) is None


# Rules, and what is the same


def test_the_same_but_for_noise():
    one = np.array([[1.0], [2.0], [3.0], [4.0]])
    spans = np.array([10.0])

    assert same(one, one + 0.09, spans)
    assert not same(one, one + 0.11, spans)
    assert same(one, one + np.array([[1.0], [-1.0], [1.0], [-0.5]]), spans)
    assert not same(one, one + np.array([[9.0], [-9.0], [9.0], [-3.0]]), spans)


def test_a_policy_is_said_as_a_rule():
    plan = {
        "steps": [
            {"policy": {"name": "adaptive_tracking", "pause": 3, "inertia": 0.0, "bundle_most": 0.0, "risk_low": 1.0}},
            {"policy": "bundling", "from": 7, "until": 12, "level": 0.5},
        ],
        "when": [{"if": "exits in 6 months >= 2", "also": "safeguarding", "for": 4}],
    }

    assert rule(sim.find_policy(plan)) == [
        "From month 1 on:",
        "  After the initiation, pause for 3 months.",
        "  Do not safeguard.",
        "  Of the budget, spend two fifths on introductions, half of it inside and the rest outside up to 3 contacts a "
        "member; a fifth on tracking what members capture; help with the rest the members that stand nearest to the "
        "edge of leaving.",
        "From month 7 until month 12, with half of the effort:",
        "  Bundle all information before it is shared.",
        "As soon as exits in 6 months >= 2, add to this for 4 months:",
        "  Safeguard all sensitive information of all members.",
    ]
    assert (in_words(1 / 3), in_words(0.37)) == ("a third", "37 %")


def test_every_shipped_policy_has_a_rule_of_its_own():
    from sim.model.policies import POLICIES
    from sim.studies.policy_search.rule import SENTENCES

    assert set(SENTENCES) == {policy.name for policy in POLICIES}
    assert all(rule(policy()) for policy in POLICIES)


# What is refused


@pytest.mark.parametrize(("options", "words"), [
    ({"constraints": ["effort_spent"]}, "give {outcome: retention_60, at_least: 0.5}"),
    ({"constraints": [{"outcome": "effort", "at_most": 6}]}, "effort"),
    ({"constraints": [{"outcome": "effort_spent"}]}, "give at_least or at_most, one of the two"),
    ({"constraints": [{"outcome": "effort_spent", "at_most": "6"}]}, "at_most = '6': give a number"),
    ({"constraints": [{"outcome": "effort_spent", "at_most": 6, "per": "year"}]}, "give per: month"),
    ({"constraints": [{"outcome": "effort_spent", "at_most": 6, "over": "worst_regret"}]}, "over = 'worst_regret'"),
    ({"constraints": [{"outcome": "effort_spent", "at_mots": 6}]}, "did you mean at_most"),
    ({"objectives": [{"outcome": "retention_60", "over": "worst"}]}, "did you mean worst_regret"),
    ({"objectives": [{"outcome": "retention_60", "over": "satisficing"}]}, "give at_least or at_most"),
    ({"objectives": [{"outcome": "retention_60", "at_least": 1}]}, "at_least belongs to over: satisficing"),
    ({"objectives": [{"over": "expected"}]}, "give the name of an outcome"),
    ({"objectives": [{"outcome": "retention_60", "over": "expected"}], "region": 40}, "at most 32"),
], ids=str)  # fmt: skip
def test_goals_that_cannot_be_read_give_one_line(options, words):
    with pytest.raises(InputError) as error:
        check_search(options)

    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_plan_files_are_found_beside_each_other_and_refused_in_a_circle(tmp_path, monkeypatch):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "b.yaml").write_text("name: bundling\nlevel: 0.5\n")
    (tmp_path / "a.yaml").write_text("label: A\nsteps: [{policy: deep/b.yaml, until: 3}]\n")
    (tmp_path / "circle.yaml").write_text("steps: [{policy: circle.yaml}]\n")
    (tmp_path / "none.yaml").write_text("question: why\n")
    monkeypatch.chdir(tmp_path)

    assert opened("a.yaml") == {"label": "A", "steps": [{"policy": {"name": "bundling", "level": 0.5}, "until": 3}]}
    assert opened({"name": "deep/b.yaml", "level": 1}) == {"name": "bundling", "level": 1}
    for file, words in (
        ("circle.yaml", "name each other"),
        ("none.yaml", "says no policy"),
        ("x.yaml", "no such file"),
    ):
        with pytest.raises(InputError, match=words):
            opened(file)
    assert isinstance(sim.simulate(None, 2, "a.yaml", 3).summary, pd.DataFrame)


def test_the_command_takes_constraints_and_a_plan_file(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plan.yaml").write_text("label: Late\nsteps: [{policy: bundling, from: 2}]\n")

    assert main([
        "search", "scenario=neutral", "scenario.size.partners=4", "policies=[plan.yaml]", "space={steps.0.level: [0,1]}",
        "objectives=[effort_spent]", "constraints=[{outcome: effort_spent, at_most: 99}]", "trials=3", "months=3",
        "replications=2", "test_replications=2", "region=2", "judged=1", "folder=out",
    ]) == 0  # fmt: skip
    assert "as a rule (best.yaml" in capsys.readouterr().out
    assert main(["verify", "out"]) == 0
