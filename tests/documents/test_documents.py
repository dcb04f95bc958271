"""What the documents promise: generated tables, commands and the worked policy."""

import importlib.util
import inspect
import re
import runpy
import subprocess
import sys

import pytest

import sim
from sim.config.files import names_in
from sim.config.job import load_scenario
from sim.sweeps.operations import plan_of
from sim.sweeps.spec import compose_experiment
from tests.reading import ROOT, blocks

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_generated_tables_have_not_drifted(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["write_tables.py", "--check"])

    assert runpy.run_path(str(ROOT / "docs/write_tables.py"))["main"]() == 0, (
        f"{capsys.readouterr().out}run python docs/write_tables.py"
    )


@pytest.mark.slow
def test_the_comparison_of_the_tutorial_has_not_drifted():
    done = subprocess.run(
        [sys.executable, ROOT / "docs/write_tables.py", "--check", "--all"], capture_output=True, text=True
    )

    assert done.returncode == 0, f"{done.stdout}run python docs/write_tables.py --all"


def test_the_drift_check_sees_a_change():
    tools = runpy.run_path(str(ROOT / "docs/write_tables.py"))
    page = (ROOT / "docs/ODD.md").read_text(encoding="utf-8")

    assert tools["rewritten"](page) == page
    assert tools["rewritten"](page.replace("`rules.leak.rate`", "`rules.leak.pace`")) == page


def test_the_readme_promises_two_commands():
    promised = re.findall(r"^python3 -m venv .*$", README, re.MULTILINE)

    assert len(promised) == 2
    assert promised[0].endswith("partnership compare")
    assert promised[1].endswith("-m pytest")


SMALL = {
    r"seeds=range\(100\)": "seeds=range(2)",
    r"seeds=100\b": "seeds=4, region=0",
    r"replications=50": "replications=1, executor='serial'",
    r"replications=100\b": "replications=2, executor='serial'",
    r'"results/wide", replications=2': '"results/wide", replications=1, design={"name": "sobol", "n": 64}, executor="serial"',
    r"trials=100": "trials=2, seeds=2, test_replications=2, region=2, judged=1",
    r'sim.calibrate\("pledge"': 'sim.calibrate("pledge", design={"n": 256}, executor="serial"',
    r"region=16, seeds=40": "region=2, seeds=2, executor='serial'",
    r"n=512, trajectories=12": "n=4, trajectories=2, executor='serial'",
    r'"spells.csv", drop=\["riscv"\]': (
        f"{str(ROOT / 'configs/reference/listed_spells.csv')!r}, replications=1, workers=1, "
        "drop=['riscv', 'cncf', 'lfai', 'lfenergy', 'aswf', 'cdf', 'omp']"
    ),
}
"""What makes an example small: pattern -> what stands in its place."""

LONG = ("sim.search", "sim.calibrate", "sim.validate", "sim.sensitivity", "sim.forecast_score")
"""Calls that are tried by the slow tests."""


OPTIONAL = {"ema_workbench": "import ema\n", "xarray": "import xarray\n"}
"""Packages without which an example is left out: package -> what the example has."""


def run_python(page, monkeypatch, place, long):
    missing = [words for package, words in OPTIONAL.items() if importlib.util.find_spec(package) is None]
    monkeypatch.chdir(place)
    names = {"sim": sim}
    for block in blocks((ROOT / page).read_text(encoding="utf-8")):
        if block.language == "python" and any(call in block.text for call in LONG) == long:
            text = block.text
            if any(words in text for words in missing):
                continue
            for words, small in SMALL.items():
                text = re.sub(words, small, text)
            exec(compile(text, page, "exec"), names)


@pytest.mark.filterwarnings("ignore:ipyparallel not installed")
@pytest.mark.parametrize(
    "page", ["README.md", pytest.param("docs/python.md", marks=pytest.mark.slow), "docs/sweeps.md", "docs/plans.md"]
)
def test_the_python_of_the_documents_runs(page, monkeypatch, tmp_path):
    if page == "docs/sweeps.md":
        sim.sweep("pause_and_trust", tmp_path / "results/pause_and_trust", replications=1, months=6, executor="serial")
    run_python(page, monkeypatch, tmp_path, long=False)


@pytest.mark.slow
def test_the_long_studies_of_the_documents_run(monkeypatch, tmp_path):
    run_python("docs/python.md", monkeypatch, tmp_path, long=True)


def test_every_public_function_has_an_example():
    shown = "".join(
        b.text for b in blocks((ROOT / "docs/python.md").read_text(encoding="utf-8")) if b.language == "python"
    )
    functions = [name for name in sim.__all__ if inspect.isfunction(getattr(sim, name))]

    assert len(functions) > 5
    assert [name for name in functions if f"sim.{name}(" not in shown] == []


def test_the_experiment_of_the_guide_to_sweeps_runs(tmp_path):
    guide = (ROOT / "docs/sweeps.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL)
    (tmp_path / "mine.yaml").write_text(text.replace(", my_policy.py", ""))
    request = compose_experiment([f"experiment={tmp_path / 'mine.yaml'}"])
    plan = plan_of(request)

    # Of five losses from 1 to 48 the highest alone is not below four times the goodwill of 7.1.
    assert plan.n_points == 3 * 5 * 2 * 3 * 2 - 3 * 1 * 2 * 3 * 2


@pytest.mark.parametrize("block", [0, 1])
def test_the_policies_of_the_guide_run(block, tmp_path):
    guide = (ROOT / "docs/your_own_policy.md").read_text(encoding="utf-8")
    file = tmp_path / "mine.py"
    file.write_text(re.findall(r"```python\n(.*?)```", guide, re.DOTALL)[block])
    own = sim.simulate(None, 3, str(file), 12).summary
    shipped = sim.simulate(None, 3, str(ROOT / "docs/examples/help_the_small.py"), 12).summary

    assert own["society_value"].tolist() == shipped["society_value"].tolist()


def test_the_payoffs_of_the_guide_run(tmp_path):
    guide = (ROOT / "docs/your_own_policy.md").read_text(encoding="utf-8")
    file = tmp_path / "game.py"
    file.write_text(re.findall(r"```python\n(.*?)```", guide, re.DOTALL)[2])
    ledger = sim.simulate(sim.Scenario().replace(payoffs=str(file)), 3, months=24).summary["private_net"]

    assert (ledger > 0).all()


@pytest.mark.parametrize("name", names_in("scenario"))
def test_every_scenario_runs_and_says_what_it_is(name):
    text = (ROOT / f"configs/scenario/{name}.yaml").read_text(encoding="utf-8")
    tables = sim.simulate(load_scenario(name), 2, "adaptive_tracking", 30, check_invariants=True)

    assert text.startswith("# ")
    assert load_scenario(name).title
    assert tables.summary["society_value"].gt(0).all()


def test_the_neutral_scenario_is_the_default():
    assert load_scenario("neutral") == sim.Scenario()


def test_every_number_of_the_denim_case_has_a_source_or_is_called_an_assumption():
    text = (ROOT / "configs/scenario/denim_alliance.yaml").read_text(encoding="utf-8")
    above, without, seen = "", [], 0
    for line in text.partition("title:")[2].splitlines()[1:]:
        output, _, why = line.partition("#")
        above = (above + why if why and not output.strip() else above) if line.strip() else ""
        if re.search(r": -?\d", output):
            seen += 1
            if not re.search(r"assumption|\([^)]*(registry|\.(com|org|nl))[^)]*\)", why or above):
                without.append(line)

    assert seen >= 10
    assert without == []


def test_the_outcomes_and_the_rule_of_the_guide_are_those_of_the_examples_and_run():
    guide = (ROOT / "docs/your_own_outcomes_and_rules.md").read_text(encoding="utf-8")
    blocks_of = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
    files = [ROOT / f"docs/examples/{name}.py" for name in ("value_of_leavers", "stay_for_others")]
    own = {"outcomes": [str(files[0])], "rules.replace": {"commitment.engage": f"{files[1]}:engage"}}
    tables = sim.simulate(sim.load_scenario("denim_alliance").replace(**own), 3, months=24)

    assert [file.read_text(encoding="utf-8").partition('"""\n\n')[2] for file in files] == blocks_of
    assert tables.summary["value_per_leaver"].gt(0).all()
    assert not tables.series["engagement"].equals(sim.simulate("denim_alliance", 3, months=24).series["engagement"])
