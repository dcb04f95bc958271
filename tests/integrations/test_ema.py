"""A model for the EMA Workbench, tried with the real one."""

import pickle
import subprocess
import sys
import warnings

import pytest

import sim
from sim.integrations import ema

pytestmark = pytest.mark.filterwarnings("ignore")
SMALL = sim.Scenario().replace(**{"size.partners": 6})
UNCERTAIN = {
    "rules.leak.rate": "range",
    "shocks.grant_end.month": {"low": 0, "high": 24},
    "start.goodwill": {"low": 1, "high": 16, "scale": "log"},
}


def made(levers=(), outcomes=("society_value", "exits_frustrated"), **options):
    return ema.model(UNCERTAIN, levers, outcomes, scenario=SMALL, **{"seeds": 2, "months": 12, **options})


@pytest.fixture(scope="module", autouse=True)
def em():
    """Import the workbench where it is used: that takes seconds, in every process that collects the tests."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("ema_workbench", reason="needs the extra ema")


def test_experiments_are_the_runs_of_simulate(em):
    levers = {"policy": ["neutral", "adaptive"], "policy.pause": [0, 3]}
    model = made(levers, ("society_value", "exits_frustrated", "tension"))
    experiments, outcomes = em.perform_experiments(model, scenarios=3, policies=2)

    assert len(experiments) == 6
    for k, row in experiments.iterrows():
        scenario = SMALL.replace(**{name: row[name] for name in UNCERTAIN})
        policy = {"name": row["policy.name"], "pause": int(row["policy.pause"])}
        tables = sim.simulate(scenario, 2, policy, 12)
        assert outcomes["society_value"][k] == tables.summary["society_value"].mean()
        assert outcomes["tension"][k].tolist() == tables.series.groupby("month")["tension"].mean().to_list()


def test_parameters_and_outcomes_are_of_their_kinds(em):
    model = made({"policy": ["neutral", "adaptive"], "grant.budget": [2, 8]}, ("society_value", "exits_frustrated"))

    kinds = {p.name: type(p).__name__ for p in [*model.uncertainties, *model.levers]}
    assert kinds == {
        "rules.leak.rate": "RealParameter",
        "shocks.grant_end.month": "IntegerParameter",
        "start.goodwill": "RealParameter",
        "policy.name": "CategoricalParameter",
        "grant.budget": "CategoricalParameter",
    }
    assert [o.kind for o in model.outcomes] == [em.ScalarOutcome.MAXIMIZE, em.ScalarOutcome.MINIMIZE]
    goodwill = next(p for p in model.uncertainties if p.name == "start.goodwill")
    assert (goodwill.lower_bound, goodwill.upper_bound) == pytest.approx((1, 16))


def test_the_model_can_be_sent_to_other_processes():
    model = made(policy="adaptive")
    function = pickle.loads(pickle.dumps(model.function))

    point = {"rules.leak.rate": 0.1, "shocks.grant_end.month": 12, "start.goodwill": 4.0}
    assert function(**point) == model.function(**point)


PROCESSES = """
import ema_workbench as em
from sim.integrations import ema

if __name__ == "__main__":
    model = ema.model(["rules.leak.rate"], {"policy": ["neutral", "adaptive"]}, ["society_value"], seeds=2, months=6)
    options = {"uncertainty_sampling": em.Samplers.FF, "lever_sampling": em.Samplers.FF}
    _, alone = em.perform_experiments(model, 4, 2, **options)
    with em.MultiprocessingEvaluator(model, n_processes=2) as evaluator:
        _, together = evaluator.perform_experiments(4, 2, **options)
    print(sorted(alone["society_value"]) == sorted(together["society_value"]), len(together["society_value"]))
"""


@pytest.mark.slow
def test_several_processes_give_the_same_numbers(tmp_path):
    script = tmp_path / "study.py"
    script.write_text(PROCESSES, encoding="utf-8")
    done = subprocess.run([sys.executable, "-W", "ignore", script], capture_output=True, text=True, timeout=300)

    assert done.stdout.split() == ["True", "8"], done.stderr


def test_what_is_not_valid_is_refused():
    with pytest.raises(ValueError, match="there is no outcome 'retntion'; did you mean retention"):
        made(outcomes=("retntion",))
    with pytest.raises(ValueError, match=r"there is no parameter 'rules\.leak\.rat'"):
        ema.model(["rules.leak.rat"])
