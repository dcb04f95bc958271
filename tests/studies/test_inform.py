"""What is worth finding out before choosing between the policies of a comparison."""

import numpy as np
import pandas as pd
import pytest

import sim
from sim.cli.main import main
from sim.core.errors import InputError
from sim.studies.inform import choice_of, subjects_of

POLICIES = ["neutral", "bundling", "connecting"]


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    scenario = sim.Scenario().replace(**{"size.partners": 8})
    result = sim.compare(scenario, POLICIES, 4, 12, region=2, progress=False)
    result.save(tmp_path_factory.mktemp("inform") / "compared")
    return result


@pytest.fixture(scope="module")
def informed(compared):
    return sim.inform(compared, region=16, replications=3, progress=False)


def test_every_section_and_every_parameter_that_varies_has_a_value(informed):
    values, sets = informed.values, informed.parameter_sets.drop(columns="parameter_set")
    single = values[values["kind"] == "parameter"]["subject"]

    assert values["subject"][0] == "everything"
    assert set(single) == set(sets)
    assert {"capture", "start", "shocks.common"} <= set(values[values["kind"] == "section"]["subject"])
    assert (values["value"] >= 0).all()


def test_the_choice_without_more_knowledge_is_by_the_mean_over_the_parameter_sets(informed):
    means = informed.region_runs.groupby("policy")["retention"].mean() * 8

    assert informed.options.set_index("policy")["mean"].to_dict() == pytest.approx(means.to_dict())
    assert informed.options["policy"][0] == means.idxmax()
    assert informed.options["best"].sum() == pytest.approx(1.0)
    assert f"Without more knowledge choose {means.idxmax()}: {means.max():.3g} members" in informed.text()


def test_a_comparison_with_parameter_sets_enough_is_used_as_it_is(compared, informed):
    many = pd.concat(
        [informed.parameter_sets.assign(parameter_set=lambda t, k=k: t["parameter_set"] + 16 * k) for k in range(3)]
    )
    runs = pd.concat(
        [informed.region_runs.assign(parameter_set=lambda t, k=k: t["parameter_set"] + 16 * k) for k in range(3)]
    )
    tables = {**compared.tables, "parameter_sets": many, "region_runs": runs}
    result = sim.inform(type(compared)(tables, compared.identity, compared.seeds, compared.call), progress=False)

    assert "region_runs" not in result.tables
    assert result.options["mean"].tolist() == pytest.approx(informed.options["mean"].tolist())
    assert "48 plausible parameter sets" in result.text()


def test_runs_are_arranged_by_parameter_set_seed_and_policy():
    runs = pd.DataFrame(
        [(p, s, k, 100 * i + 10 * s + k) for i, p in enumerate("ab") for s in (3, 7) for k in (0, 1)],
        columns=["policy", "parameter_set", "seed", "outcome"],
    )
    runs.loc[0, "outcome"] = np.nan
    choice = choice_of(runs, pd.DataFrame({"parameter_set": [7, 3], "start.trust": [0.1, 0.2]}), "outcome", 2.0)

    assert choice.gains[0].tolist() == [[140.0, 340.0], [142.0, 342.0]]
    assert np.isnan(choice.gains[1, 0]).all()  # a run that is not known under one policy is left out under all
    assert choice.gains[1, 1].tolist() == [62.0, 262.0]


def test_less_is_better_where_the_outcome_says_so(compared):
    result = sim.inform(compared, "effort_spent", region=16, replications=2, progress=False)

    assert result.options["policy"][0] == "neutral"
    assert result.options["mean"].tolist() == sorted(result.options["mean"])
    assert "Nothing is worth finding out for this choice" in result.text()


def test_sections_are_those_of_the_parameter_tree():
    table = pd.DataFrame({"rules.leak.rate": [0.1, 0.2], "rules.leak.loss": [1.0, 2.0], "start.trust": [0.5, 0.5]})

    assert subjects_of(table) == {
        "leak": ["rules.leak.rate", "rules.leak.loss"],
        "rules.leak.rate": ["rules.leak.rate"],
        "rules.leak.loss": ["rules.leak.loss"],
    }


@pytest.mark.slow
def test_the_command_reads_a_folder_and_saves_what_it_found(compared, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    place = compared.save("compared")
    assert main(["inform", str(place), "objective=society_value", "region=16", "replications=2", "folder=out"]) == 0

    assert "what is worth finding out, for society value" in capsys.readouterr().out
    assert {"values.csv", "options.csv", "region_runs.parquet", "value_of_information.png"} <= {
        p.name for p in (tmp_path / "out").iterdir()
    }
    assert main(["verify", "out"]) == 0


@pytest.mark.parametrize(("options", "words"), [
    ({"objective": "retentoin"}, "did you mean retention"), ({"objective": "exits_satisfied"}, "neither more nor less is better"),
    ({"region": 8}, "from 16 to 256"), ({"replications": 1}, "from 2 to"), ({"comparison": "nowhere"}, "there is no such folder"),
])  # fmt: skip
def test_what_cannot_be_used_is_said_in_one_line(options, words, compared):
    with pytest.raises(InputError, match=words) as error:
        sim.inform(**{"comparison": compared, **options})

    assert "\n" not in str(error.value)


def test_a_section_that_the_scenario_states_is_held_and_not_found_out():
    scenario = sim.load_scenario({"start": sim.Scenario().start.model_dump()})
    paths = sim.compare(scenario, POLICIES, 2, 6, region=2, progress=False).region_parameters

    assert set(paths.loc[paths["status"] == "held", "parameter"]) >= {"start.goodwill", "start.optimism"}
