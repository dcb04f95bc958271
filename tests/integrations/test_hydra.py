"""Inside a Hydra app and in threads: no global state of Hydra is needed or touched."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hydra import compose, initialize_config_dir
from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra

import sim
from sim.config import job
from sim.config.files import names_in
from sim.config.yaml import plain
from sim.core.paths import CONFIGS
from sim.integrations.hydra import register
from sim.sweeps.spec import check, experiment_data


@pytest.fixture
def app():
    """Be an app that Hydra has been initialised for, on the configurations that ship."""
    with initialize_config_dir(config_dir=str(CONFIGS), version_base="1.3"):
        yield


def test_calls_work_where_hydra_is_initialised_and_leave_it_alone(app, tmp_path):
    before = GlobalHydra.instance().hydra
    result = sim.compare("neutral", ["neutral", "adaptive"], seeds=2, months=3, region=0, progress=False)
    swept = sim.sweep(
        {"space": {"start.trust": [0.3, 0.6]}}, tmp_path / "s", replications=1, months=3, executor="serial"
    )

    assert (len(result.summary), len(swept.runs)) == (4, 4)
    assert GlobalHydra.instance().hydra is before
    assert GlobalHydra.instance().is_initialized()


@pytest.mark.parametrize("name", names_in("scenario"))
def test_hydra_composes_the_shipped_scenarios_to_the_same(app, name):
    cfg = compose("config", [f"scenario={name}", "sectors=clean", "months=7", "++scenario.size.partners=9"])

    ours = job.compose([f"scenario={name}", "sectors=clean", "scenario.size.partners=9"]).scenario
    assert sim.load_scenario(cfg.scenario) == ours


def test_hydra_composes_designs_and_executors_that_a_sweep_takes(app, tmp_path):
    for name in sorted({*names_in("design")} - {"file"}):
        cfg = compose("sweep", [f"design={name}", "executor=serial"])
        ours = check("x", {"space": {"start.trust": [0.3]}, **plain(cfg)}, tmp_path)

        assert (ours.experiment.chosen_design().name, ours.executor.name) == (name, "serial")


def test_groups_can_be_registered_for_an_app(app, monkeypatch, tmp_path):
    monkeypatch.setattr(ConfigStore.instance(), "repo", dict(ConfigStore.instance().repo))
    register()
    chosen = [
        "+partnership/scenario=public_health",
        "+partnership/experiment=grant_length",
        "+partnership/design=sobol",
    ]
    cfg = compose("config", chosen).partnership
    swept = sim.sweep(cfg.experiment, tmp_path / "s", replications=1, months=2, record=[], executor="serial")

    assert sim.load_scenario(cfg.scenario) == sim.load_scenario("public_health")
    assert cfg.design.name == "sobol"
    assert swept.config["experiment"]["space"] == experiment_data("grant_length")["space"]


def test_calls_in_threads_give_what_they_give_one_after_another(tmp_path):
    def study(k):
        scenario = sim.load_scenario("public_health" if k % 2 else "neutral", f"size.partners={8 + k}")
        compared = sim.compare(scenario, ["neutral", "adaptive"], seeds=3, months=4, region=0, progress=False)
        folder = tmp_path / f"{k}-{len(list(tmp_path.iterdir()))}"
        options = {"scenario": scenario, "space": {"start.trust": [0.3, 0.6]}, "replications": 2, "months": 3}
        swept = sim.sweep(options, folder, executor="serial", progress=False)
        return compared.summary.to_csv(), swept.runs.to_csv()

    one_by_one = [study(k) for k in range(3)]
    with ThreadPoolExecutor(3) as threads:
        together = list(threads.map(study, range(3)))

    assert together == one_by_one


APP = """
import hydra, sim
from sim.config.yaml import plain
from sim.integrations.hydra import register

register()

@hydra.main(config_path="conf", config_name="app", version_base="1.3")
def main(cfg):
    given = cfg.partnership
    result = sim.compare(given.scenario, cfg.policies, seeds=3, months=cfg.months, region=0, progress=False)
    print("seen", result.config["scenario"]["title"], result.config["scenario"]["size"]["partners"], len(result.summary))

main()
"""


@pytest.mark.slow
def test_a_hydra_app_sweeps_over_shipped_scenarios_by_its_own_multirun(tmp_path):
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "app.yaml").write_text(
        "defaults:\n  - partnership/scenario: neutral\n  - _self_\nmonths: 3\npolicies: [neutral, adaptive]\n"
        "partnership: {scenario: {size: {partners: 7}}}\n"
    )
    (tmp_path / "app.py").write_text(APP)
    done = subprocess.run(
        [sys.executable, "app.py", "-m", "partnership/scenario=neutral,public_health"],
        cwd=tmp_path, capture_output=True, text=True, timeout=300, check=True,
    )  # fmt: skip
    seen = [line for line in done.stdout.splitlines() if line.startswith("seen")]

    assert seen == ["seen Neutral reference 7 6", "seen Public-health coalition 7 6"]
