"""A partnership as a Mesa model: equal to the engine's run, and at home in Mesa's own tools."""

import copy
import gc
import pickle
import warnings
import weakref

import mesa
import numpy as np
import pandas as pd
import pytest
from mesa.datacollection import DataCollector

import sim
from sim.integrations.mesa import Orchestrator, Partner, PartnershipModel

OPEN = sim.Scenario().replace(**{"size.candidates": 3, "rules.membership.entry_rate": 0.05})


def collected(model):
    return model.datacollector.get_model_vars_dataframe()


def ran(*args, **kwargs):
    model = PartnershipModel(*args, **kwargs)
    model.run_model()
    return model


@pytest.mark.parametrize("policy", ["neutral", {"name": "adaptive_tracking", "pause": 2}, "strategic_pause"])
def test_a_mesa_run_equals_its_ensemble_row(policy):
    tables = sim.simulate(OPEN, range(5), policy, 36, record=("summary", "series", "members"))
    series = tables.series[tables.series["seed"] == 3]
    members = tables.members[(tables.members["seed"] == 3) & (tables.members["month"] == 36)].set_index("member")
    model = ran(OPEN, policy, seed=3, months=36)

    pd.testing.assert_frame_equal(series.set_axis(range(1, 37)), collected(model), check_exact=True)
    for name in ("goodwill", "ledger", "trust", "needs_met"):
        assert members[name].to_list() == [getattr(partner, name) for partner in model.partners]


def test_it_ends_after_its_months():
    model = ran(months=6)

    assert (model.month, model.running) == (6, False)
    assert collected(model).index.to_list() == [1, 2, 3, 4, 5, 6]


def test_agents_are_those_who_take_part():
    model = ran("neutral", {"name": "connecting", "enough": 1000.0}, seed=1)
    members = model.agents_by_type[Partner]

    assert len(members) == model.outcomes()["n_members"]
    assert len(members) < len(model.partners) == 24
    assert all(p.exit_reason for p in model.partners if p not in members)
    assert isinstance(model.orchestrator, Orchestrator)
    assert model.orchestrator.spent["match_outside"] > 0
    assert {t for p in members for t in p.ties} <= {p.slot for p in members}
    assert all(p.slot in model.partners[t].ties for p in members for t in p.ties)


def test_who_joins_becomes_an_agent_and_keeps_its_number():
    model = PartnershipModel(OPEN.replace(**{"rules.membership.entry_rate": 1.0}), seed=1)
    numbers = [p.unique_id for p in model.partners]
    late = [p for p in model.partners if p not in model.agents]
    model.step()

    assert len(late) == 3
    assert all(p in model.agents for p in late)
    assert [p.unique_id for p in model.partners] == numbers
    assert len(set(numbers)) == len(numbers)


def test_agent_sets_and_a_data_collector_of_the_users_own_work():
    model = PartnershipModel(seed=2)
    model.datacollector = DataCollector(
        model_reporters={"tension": lambda m: float(m.state.tension[0, 0])},
        agenttype_reporters={Partner: {"engagement": "engagement", "trust": "trust"}},
    )
    for _ in range(3):
        model.step()

    assert len(collected(model)) == 3
    assert model.datacollector.get_agenttype_vars_dataframe(Partner)["engagement"].between(0, 1).all()
    assert model.agents_by_type[Partner].select(lambda p: p.sector_name == "private").agg("trust", np.mean) > 0


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"seed": "42x"}, "seed = '42x': give a whole number from 0"),
        ({"seed": 4.0}, "seed = 4.0: give a whole number"),
        ({"seed": -1}, "seed = -1: give a whole number"),
        ({"seed": True}, "seed = True: give a whole number"),
        ({"rng": np.random.default_rng(1)}, r"rng = Generator\(PCG64\).*: give a whole number"),
        ({"seed": 1, "rng": 1}, "seed = 1 and rng = 1: give one of them"),
        ({"scenario": 3}, "scenario is int, of builtins; give a sim.Scenario, or a name"),
        ({"months": 0}, "months = 0: give a whole number from 1 to 1200"),
        ({"start__trust": 3}, r"start.trust = 3: allowed is a number from 0.02 to 0.98"),
        ({"start.trst": 0.3}, "start has no 'trst'; did you mean trust"),
        ({"policy": "adaptve"}, "there is no policy 'adaptve'; did you mean adaptive"),
    ],
)
def test_what_is_not_valid_is_refused(given, expected):
    with pytest.raises(ValueError, match=expected):
        PartnershipModel(**given)


def test_seed_and_rng_are_the_seed_of_the_tables():
    expected = collected(ran(seed=42, months=3))

    for seeded in ({"rng": 42}, {"seed": "42"}, {"rng": np.int64(42)}):
        pd.testing.assert_frame_equal(expected, collected(ran(months=3, **seeded)), check_exact=True)


def test_without_a_seed_a_new_one_is_drawn_that_repeats_the_run():
    model = ran(months=3)

    assert model.seed != PartnershipModel().seed
    pd.testing.assert_frame_equal(collected(model), collected(ran(seed=model.seed, months=3)), check_exact=True)


def test_parameters_of_the_scenario_are_keywords():
    model = PartnershipModel("public_health", start__trust=0.4, **{"rules.leak.rate": 0.2})
    changes = {"start.trust": 0.4, "rules.leak.rate": 0.2}

    assert model.case == sim.load_scenario("public_health").replace(**changes)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
@pytest.mark.parametrize("policy", ["adaptive_tracking", "docs/examples/help_the_small.py"])
def test_a_copy_goes_on_as_the_model_does(copied, policy, monkeypatch):
    from tests.reading import ROOT

    monkeypatch.chdir(ROOT)
    model = PartnershipModel("neutral", policy, seed=7, months=24)
    for _ in range(12):
        model.step()
    other = copied(model)
    month = other.month
    model.run_model()
    other.run_model()

    assert month == 12
    pd.testing.assert_frame_equal(collected(model), collected(other), check_exact=True)
    assert [a.unique_id for a in model.agents] == [a.unique_id for a in other.agents]
    assert all(a.model is other for a in other.agents)


def test_removing_a_partner_is_an_exit():
    forced = {"shocks.forced_exit.month": 4, "shocks.forced_exit.member": 5}
    expected = collected(ran("denim_alliance", "connecting", seed=7, months=24, **forced))
    model = PartnershipModel("denim_alliance", "connecting", seed=7, months=24)
    for _ in range(4):
        model.step()
    model.partners[5].remove()
    model.run_model()
    seen = collected(model)

    assert model.partners[5] not in model.agents
    assert (model.partners[5].exit_reason, model.partners[5].left_month) == ("other", 5)
    assert expected["exits_other"].sum() == seen["exits_other"].sum()
    pd.testing.assert_frame_equal(
        expected.drop(columns="exits_other").loc[5:], seen.drop(columns="exits_other").loc[5:], check_exact=True
    )


def test_partners_can_be_removed_before_the_first_month():
    model = PartnershipModel("neutral", seed=1, months=1)
    for partner in model.partners[:20]:
        partner.remove()
    model.run_model()

    assert model.outcomes()["n_members"] == 4
    assert collected(model)["exits_other"].to_list() == [20]


def test_the_orchestrator_cannot_be_removed():
    model = PartnershipModel(seed=1)
    with pytest.raises(ValueError, match="the orchestrator cannot be removed"):
        model.remove_all_agents()

    assert len(model.agents) == 25


def test_models_are_freed():
    model = ran(months=2)
    seen = weakref.ref(model)
    del model
    gc.collect()

    assert seen() is None


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_a_batch_run_gives_the_runs_of_simulate():
    batchrunner = pytest.importorskip("mesa.batchrunner", reason="Mesa 4 has no batch_run")
    points = {"scenario": "neutral", "months": 6, "start.trust": [0.3, 0.9], "policy": ["neutral", "connecting"]}
    repeated = {"iterations": 2} if mesa.__version__ < "3.4" else {"rng": [3, 4]}
    rows = batchrunner.batch_run(PartnershipModel, points, display_progress=False, **repeated)

    assert len(rows) == 8
    assert len({row["seed"] for row in rows}) == (8 if "iterations" in repeated else 2)
    for row in rows:
        scenario = sim.Scenario().replace(**{"start.trust": row["start.trust"]})
        series = sim.simulate(scenario, [row["seed"]], row["policy"], 6).series.set_index("month").loc[row["month"]]
        assert row["month"] in (5, 6)  # Mesa 3.4.1 and 3.4.2 report the month before the last
        assert {name: row[name] for name in series.index} == series.to_dict()


def test_the_draws_of_mesas_own_generator_change_nothing():
    model, other = (PartnershipModel(seed=3, months=3) for _ in range(2))
    other.random.random()
    other.agents.shuffle(inplace=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other.rng.random(10)
    model.run_model()
    other.run_model()

    pd.testing.assert_frame_equal(collected(model), collected(other), check_exact=True)
