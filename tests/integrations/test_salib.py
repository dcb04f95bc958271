"""SALib's samples, evaluated."""

import numpy as np
import pandas as pd
import pytest
from SALib import ProblemSpec
from SALib.sample import sobol

import sim
from sim.integrations import salib
from sim.integrations.points import needed

SMALL = sim.Scenario().replace(**{"size.partners": 6})
SPACE = {"rules.leak.rate": "range", "start.goodwill": {"low": 1, "high": 16, "scale": "log"}, "grant.months": "range"}


def test_the_problem_has_the_declared_ranges():
    found = salib.problem(["rules.leak.rate", "grant.months"], ["society_value"])

    assert found == {
        "num_vars": 2,
        "names": ["rules.leak.rate", "grant.months"],
        "bounds": [[0.0, 1.0], [0.0, 1200.0]],
        "dists": ["unif", "unif"],
        "outputs": ["society_value"],
    }


def test_an_experiment_is_a_problem():
    found = salib.problem("sensitivity")

    assert found["num_vars"] == 16
    assert found["bounds"][found["names"].index("start.goodwill")] == [1.0, 16.0]


def test_outcomes_come_in_the_order_of_the_samples_and_are_means_over_the_same_seeds():
    problem = salib.problem({"rules.leak.rate": "range", "size.partners": {"low": 4, "high": 6}})
    samples = np.array([[0.9, 6.0], [0.0, 4.2], [0.5, 6.0], [0.2, 5.1]])
    made = salib.evaluate(samples, problem, ["society_value", "exits_frustrated"], seeds=[3, 8], months=24)

    for (rate, partners), row in zip([(0.9, 6), (0.0, 4), (0.5, 6), (0.2, 5)], made, strict=True):
        scenario = sim.Scenario().replace(**{"rules.leak.rate": rate, "size.partners": partners})
        summary = sim.simulate(scenario, [3, 8], months=24).summary
        assert row.tolist() == [summary["society_value"].mean(), summary["exits_frustrated"].mean()]


def test_whole_numbers_take_equal_parts_of_their_range_and_stay_what_they_are():
    problem = salib.problem({"shocks.grant_end.month": {"low": 1, "high": 4}})
    samples = np.linspace(1, 4, 13)[:, None]
    made = salib.evaluate(samples, problem, ["society_value"], scenario=SMALL, seeds=1, months=6)
    own = [
        sim.simulate(SMALL.replace(**{"shocks.grant_end.month": k}), 1, months=6).summary["society_value"][0]
        for k in range(1, 5)
    ]

    assert [own.index(v) for v in made] == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3]


def test_salibs_own_way_of_working_gives_indices():
    problem = salib.problem(SPACE, ["retention", "society_value"])
    spec = ProblemSpec(problem).sample_sobol(16, calc_second_order=False, seed=1)
    spec.evaluate(salib.evaluate, problem, scenario=SMALL, seeds=2, months=12).analyze_sobol(calc_second_order=False)

    assert spec.results.shape == (16 * 5, 2)
    assert spec.samples[:, 1].min() > 1
    assert np.median(spec.samples[:, 1]) == pytest.approx(4, rel=0.1)  # halfway 1 and 16 on a log scale
    assert spec.analysis["society_value"]["ST"].max() > 0


def test_it_gives_the_numbers_of_a_sweep_on_the_same_design(tmp_path):
    space = {"rules.leak.rate": "range", "grant.months": {"low": 0, "high": 60}}
    design = {"name": "saltelli", "n": 4, "seed": 5}
    options = {"policies": ["connecting"], "months": 12, "replications": 2, "executor": "serial", "design": design}
    swept = sim.sweep({"space": space, "changes": {"size.partners": 6}}, tmp_path / "swept", **options)
    problem = salib.problem(space)
    samples = sobol.sample(problem, 4, calc_second_order=False, seed=5)
    made = salib.evaluate(samples, problem, ["society_value"], scenario=SMALL, policy="connecting", seeds=2, months=12)

    by_point = swept.runs.groupby("point")["society_value"].mean()
    np.testing.assert_allclose(made, by_point.loc[swept.design["point"]], rtol=1e-9)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (lambda: salib.problem(["rules.leak.rat"]), "there is no parameter 'rules.leak.rat'; did you mean"),
        (lambda: salib.problem({"policy": ["neutral"]}), "policy is a list of values, and SALib samples ranges"),
        (lambda: salib.problem([]), "nothing varies"),
        (lambda: salib.problem("distance_and_mix"), "mix has named cases|is a list of values"),
        (lambda: evaluated(["retntion"]), "there is no outcome 'retntion'; did you mean retention"),
        (lambda: evaluated([]), "outcomes: name at least one"),
        (lambda: evaluated(["tension"]), "tension has a value each month; SALib needs one number a run"),
        (lambda: evaluated(["retention_24"]), r"retention_24 is not known at 2 of 2 samples \(6 months\)"),
        (lambda: evaluated(["retention"], np.ones(3)), r"samples have shape \(3,\)"),
        (lambda: evaluated(["retention"], np.full((2, 1), 3.0)), "rules.leak.rate = 3 is outside 0 to 1"),
    ],
)
def test_what_is_not_valid_is_refused(call, expected):
    with pytest.raises(ValueError, match=expected):
        call()


def evaluated(outcomes, samples=((0.1,), (0.2,))):
    problem = salib.problem(["rules.leak.rate"])
    return salib.evaluate(samples, problem, outcomes, scenario=SMALL, seeds=1, months=6)


def test_a_missing_package_says_how_to_install_it():
    with pytest.raises(
        ValueError, match=r"'no_such' is missing; install it with: python -m pip install 'partnership-dyn.*\[ema\]'"
    ):
        needed("no_such", "ema")


def test_a_problem_of_the_users_own_is_evaluated_too():
    problem = {"num_vars": 1, "names": ["shocks.grant_end.month"], "bounds": [[24, 6]], "dists": ["norm"]}
    made = salib.evaluate(pd.DataFrame({"x": [23.6, 24.4]}), problem, ["society_value"], scenario=SMALL, seeds=1)

    assert made[0] == made[1]
