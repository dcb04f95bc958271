"""What a scenario states stays, also where it states the default."""

import pytest
import yaml

import sim
from sim.cli.kept_config import with_config
from sim.config.job import compose
from sim.model.scenario import Scenario, stated_defaults, value_at
from sim.studies.validation.region import read_region, region_parameters, structures, varied

PATH = "rules.leak.rate"
DEFAULT = value_at(Scenario(), PATH)


def by_file(place):
    (place / "mine.yaml").write_text(yaml.safe_dump({"rules": {"leak": {"rate": DEFAULT}}}))
    return sim.load_scenario(str(place / "mine.yaml"))


def by_a_file_that_starts_from_another(place):
    by_file(place)
    (place / "case.yaml").write_text(yaml.safe_dump({"scenario": "mine.yaml", "title": "Mine"}))
    return sim.load_scenario(str(place / "case.yaml"))


SAYINGS = {
    "an override": lambda place: compose(["scenario=neutral", f"scenario.{PATH}={DEFAULT!r}"]).scenario,
    "an override of a group": lambda place: compose(["scenario=neutral", f"scenario.rules.leak={{rate: {DEFAULT!r}}}"]).scenario,
    "a file": by_file,
    "a case from a file": by_a_file_that_starts_from_another,
    "a mapping": lambda place: sim.load_scenario({PATH: DEFAULT}),
    "load_scenario": lambda place: sim.load_scenario("neutral", f"{PATH}={DEFAULT!r}"),
    "Scenario": lambda place: Scenario(rules={"leak": {"rate": DEFAULT}}),
    "replace": lambda place: Scenario().replace(**{PATH: DEFAULT}).replace(title="Another"),
}  # fmt: skip


@pytest.mark.parametrize("saying", SAYINGS)
def test_a_default_that_somebody_states_is_not_varied(saying, tmp_path):
    scenario = SAYINGS[saying](tmp_path)
    free = varied(scenario, 2).columns

    assert scenario.replace(title="x") == Scenario().replace(title="x")
    assert stated_defaults(scenario) == [PATH]
    assert PATH in varied(Scenario(), 2).columns
    assert PATH not in free
    assert len(free) == len(varied(Scenario(), 2).columns) - 1


def test_a_scenario_that_names_every_parameter_states_none_of_its_defaults():
    assert stated_defaults(Scenario.model_validate(Scenario().model_dump())) == []
    assert stated_defaults(sim.load_scenario(Scenario().model_dump(mode="json"))) == []


def test_a_structure_that_is_stated_stays():
    scenario = sim.load_scenario("neutral", "structure.exit=threshold")

    assert {path for path, _ in structures(Scenario())} - {path for path, _ in structures(scenario)} == {
        "structure.exit"
    }
    facts = region_parameters(scenario, read_region(n=2)).set_index("parameter")["status"]
    assert facts["structure.exit"] == "held"


def test_what_is_held_is_part_of_the_configuration_and_comes_back(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    stated = sim.compare(Scenario().replace(**{PATH: DEFAULT}), ["neutral", "bundling"], 2, 6, 2)
    free = sim.compare(Scenario(), ["neutral", "bundling"], 2, 6, 2)
    again = compose(with_config("compare", [f"config={stated.save('out')}/config.yaml"]))

    assert stated.config["held"] == [PATH]
    assert stated.key != free.key
    assert PATH not in stated.parameter_sets
    assert stated_defaults(again.scenario) == [PATH]
    assert f"Held, as the scenario states them: {PATH}." in stated.text()
    assert "The scenario states none of them." in free.text()
    assert sim.reproduce("out", "second").holds
