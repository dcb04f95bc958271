"""The commands as a person types them: help, results, and what they say to bad input."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from sim.cli.main import COMMANDS, main
from sim.model.scenario import Scenario
from sim.storage.results import read_table

QUICK = ["months=6", "replications=3", "scenario=neutral", "scenario.size.partners=8", "region=2"]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def output_of(capsys, *arguments):
    code = main(list(arguments))
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_examples(command, capsys):
    code, out, _ = output_of(capsys, command, "--help")

    assert code == 0
    assert out.count(f"partnership {command}") >= (1 if command in ("status", "retry-failed") else 2)


def test_without_arguments_the_commands_are_listed(capsys):
    code, out, _ = output_of(capsys)

    assert code == 0
    assert all(f"partnership {command}" in out for command in COMMANDS)


def test_help_needs_no_heavy_library():
    code = "import sys; from sim.cli.main import main; main(['--help']); print([m for m in ('numpy', 'pandas', 'mesa', 'hydra') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "[]"


def test_compare_writes_tables_figures_configuration_and_manifest(capsys, drawn):
    code, out, _ = output_of(capsys, "compare", *QUICK, "policies=[neutral,bundling]", "folder=out")
    folder = Path("out")
    manifest = json.loads((folder / "manifest.json").read_text())

    assert code == 0
    assert "bundling" in out
    assert manifest["n_seeds"] == 3
    assert set(manifest["versions"]) >= {"python", "numpy", "mesa", "partnership-dynamics"}
    assert f"rate: {Scenario().rules.leak.rate}" in (folder / "config.yaml").read_text()
    assert len(read_table(folder / "summary.parquet")) == 6
    assert len(read_table(folder / "series.parquet")) == 36
    for name in ("retention", "value_created", "value_captured", "tension_and_effort", "differences"):
        assert (folder / f"{name}.png").stat().st_size > 10_000
        assert (folder / f"{name}.svg").stat().st_size > 10_000


def test_the_printed_numbers_are_those_of_the_tables(capsys):
    _, out, _ = output_of(capsys, "compare", *QUICK, "policies=[neutral,bundling]", "folder=out")
    gaps = pd.read_csv("out/differences.csv").set_index(["policy", "outcome"])
    row = gaps.loc[("bundling", "society_value")]

    assert f"{row['difference']:+.2f} [{row['low']:+.2f}, {row['high']:+.2f}]" in out


@pytest.mark.parametrize("command", [
    ("run", "months=6"), pytest.param(("compare", *QUICK, "policies=[neutral,adaptive]"), marks=pytest.mark.slow),
], ids=["run", "compare"])  # fmt: skip
def test_the_same_configuration_gives_the_same_bytes(command, capsys, drawn):
    for folder in ("one", "two"):
        assert output_of(capsys, *command, f"folder={folder}")[0] == 0
    one, two = Path("one"), Path("two")
    names = sorted(p.name for p in one.iterdir())

    assert names == sorted(p.name for p in two.iterdir())
    for name in names:
        assert (one / name).read_bytes() == (two / name).read_bytes(), name


def test_repeating_replaces_and_another_configuration_is_refused(capsys):
    assert output_of(capsys, "run", "months=3", "folder=out")[0] == 0
    assert output_of(capsys, "run", "months=3", "folder=out")[0] == 0
    code, _, err = output_of(capsys, "run", "months=4", "folder=out")

    assert code == 2
    assert "holds the result of another configuration" in err
    assert sorted(p.name for p in Path().iterdir()) == ["out"]


def test_a_folder_of_ones_own_is_never_overwritten(capsys):
    Path("mine").mkdir()
    Path("mine/thesis.txt").write_text("precious")
    code, _, err = output_of(capsys, "run", "months=3", "folder=mine")

    assert code == 2
    assert "mine" in err
    assert Path("mine/thesis.txt").read_text() == "precious"


def test_run_tells_the_story(capsys, drawn):
    code, out, _ = output_of(capsys, "run", "seed=4", "months=60", "policy=neutral", "folder=out")

    assert code == 0
    assert "phase: initiation" in out
    assert "phase: post-grant" in out
    assert "leaves" in out
    assert Path("out/story.png").stat().st_size > 20_000


def test_one_replication_has_no_interval(capsys):
    code, out, _ = output_of(
        capsys, "compare", "months=6", "replications=1", "scenario=neutral", "policies=[neutral,bundling]", "folder=out"
    )

    assert code == 0
    assert "(one run)" in out
    assert "nan" not in out


@pytest.mark.slow
def test_without_neutral_the_first_policy_is_the_baseline(capsys):
    _, out, _ = output_of(capsys, "compare", *QUICK, "policies=[bundling,adaptive]", "folder=out")

    assert "Difference to bundling" in out


@pytest.mark.parametrize(
    "word", ["rules.leak", "adaptive", "goodwill", "retention_24", "parameters", "policies", "scenarios"]
)
def test_describe_knows(word, capsys):
    code, out, _ = output_of(capsys, "describe", word)

    assert code == 0
    assert len(out.splitlines()) >= 2


def test_describe_lists_every_parameter_policy_variable_and_outcome(capsys):
    from sim import POLICIES, Scenario
    from sim.core.declare import parameters, variables
    from sim.model.outcomes import SERIES, SUMMARY
    from sim.model.state import Flows, State

    _, out, _ = output_of(capsys, "describe")
    names = (
        [q.path for q in parameters(Scenario())] + [p.name for p in POLICIES] + [o.name for o in (*SERIES, *SUMMARY)]
    )
    names += [*variables(State), *variables(Flows)]

    assert all(f"  {name} " in out for name in names)


BAD = [
    (["comapre"], "did you mean compare"),
    (["compare", "scenario=nope"], "no such scenario"),
    (["compare", "scenario=denim"], "did you mean denim_alliance"),
    (["compare", "sectors=nope"], "known: clean"),
    (["run", "policy=adaptve"], "did you mean adaptive"),
    (["compare", "policy=adaptive"], "has no effect here"),
    (["run", "policies=[neutral]"], "has no effect here"),
    (["run", "replications=3"], "has no effect here"),
    (["run", "scenario=[]"], "scenario"),
    (["run", "scenario=null"], "no such scenario"),
    (["run", "months=true"], "is not a number"),
    (["run", "months=${oc.env:HOME}"], "is not used here"),
    (["run", "+months=5"], "no '+months'"),
    (["run", "scenario.rules.leak={rat: 0.1}"], "did you mean rate"),
    (["compare", "policies=[neutral,nonsense]"], "there is no policy 'nonsense'"),
    (["compare", "policies=[neutral,neutral]"], "named twice"),
    (["compare", "policies=[]"], "at least one policy"),
    (["compare", "policies=neutral"], "give a list"),
    (["compare", "policies=[neutral"], "brackets"),
    (["run", "policy.paus=3"], "did you mean pause"),
    (["run", "policy.pause=-1"], "from 0 to 60"),
    (["run", "policy.pause=nan"], "from 0 to 60"),
    (["run", "policy=fixed_mix", "policy.safeguard=0.9"], "sum to 1.7"),
    (["run", "executor=dask"], "no 'executor'"),
    (["run", "months=-3"], "from 1 to 1200"),
    (["run", "months=0"], "from 1 to 1200"),
    (["run", "months=many"], "whole number"),
    (["run", "months=[1"], "brackets"),
    (["run", "months"], "key=value"),
    (["run", "seed=1.5"], "whole number"),
    (["compare", "replications=0"], "from 1"),
    (["run", "scenario.rules.leak.rate=7"], "from 0 to 1 (1/month)"),
    (["run", "scenario.rules.leak.rate=nan"], "from 0 to 1"),
    (["run", "scenario.rules.leak.rate=inf"], "from 0 to 1"),
    (["run", "scenario.rules.leak.rate=often"], "a number"),
    (["run", "scenario.rules.leak.rat=0.1"], "did you mean rate"),
    (["run", "scenario.rules.leek.rate=0.1"], "did you mean leak"),
    (["run", "scenario.size.partners=0"], "from 2 to 5000"),
    (["run", "scenario.rules.leak=3"], "scenario.rules.leak"),
    (["run", "scenario.targeting=draws"], "'estimate', 'random' or 'perfect_information'"),
    (["run", "scenario.shocks.forced_exit.month=3", "scenario.shocks.forced_exit.member=99"], "is not a member"),
    (
        ["run", "scenario.shocks.loss_of_interest.month=3", "scenario.shocks.loss_of_interest.segment=3"],
        "segments are 0 to 2",
    ),
    (["run", "policy=missing.py"], "there is no file missing.py"),
    (["run", "policy=no.such.module:Thing"], "cannot be read: No module named 'no'"),
    (["run", "scenario=missing.yaml"], "cannot be read"),
    (["run", "scenario.payoffs=missing.py"], "there is no file"),
    (["describe", "rules.leek"], "did you mean"),
    (["describe", "one", "two"], "one word"),
]


@pytest.mark.parametrize(("arguments", "words"), BAD, ids=lambda v: " ".join(v) if isinstance(v, list) else None)
def test_bad_input_gets_one_line_that_helps_and_leaves_nothing_behind(arguments, words, capsys):
    code, out, err = output_of(capsys, *arguments)

    assert code == 2
    assert words in err
    assert err.startswith("partnership: ")
    assert "Traceback" not in err
    assert out == ""
    assert list(Path().iterdir()) == []


POLICY_FILES = {
    "syntax.py": ("def allocate(seen, budget, memory:\n    pass\n", "syntax error in line 1"),
    "stops.py": ("import nothing_of_that_name\n", "cannot be imported"),
    "raises.py": ("1 / 0\n", "ZeroDivisionError"),
    "empty.py": ("x = 1\n", "needs a function allocate"),
    "overspends.py": ("def allocate(seen, budget, memory):\n    return seen.spend(placebo=2 * budget), memory\n", "of a budget of"),
    "shape.py": ("import dataclasses, numpy\ndef allocate(seen, budget, memory):\n"
                 "    return dataclasses.replace(seen.spend(), safeguard=numpy.zeros(7)), memory\n", "has shape (7,)"),
    "nan.py": ("def allocate(seen, budget, memory):\n    return seen.spend(safeguard=float('nan')), memory\n", "safeguard"),
    "negative.py": ("def allocate(seen, budget, memory):\n    return seen.spend(placebo=-1), memory\n", "placebo lies in -1"),
    "nothing.py": ("def allocate(seen, budget, memory):\n    return None\n", "month 1"),
    "wrong.py": ("def allocate(seen, budget, memory):\n    return 3, memory\n", "returned int"),
    "leaves.py": ("import sys\ndef allocate(seen, budget, memory):\n    sys.exit(0)\n", "SystemExit"),
    "leaves_early.py": ("import sys\nsys.exit(7)\n", "SystemExit"),
    "text.py": ("def allocate(seen, budget, memory):\n    return seen.spend().replace(safeguard='much'), memory\n", "ValueError"),
    "branches.py": ("def allocate(seen, budget, memory):\n    if seen.tension_interest > 0.3:\n        pass\n"
                    "    return seen.spend(), memory\n", "np.where"),
    "forgets.py": ("def allocate(seen, budget, memory):\n    return seen.spend()\n", "return seen.spend(...), memory"),
    "fails.py": ("def allocate(seen, budget, memory):\n    return seen.wish, memory\n", "line 2 of fails.py"),
}  # fmt: skip


@pytest.mark.parametrize("name", POLICY_FILES)
def test_a_bad_policy_file_gets_one_line_that_helps(name, capsys):
    text, words = POLICY_FILES[name]
    Path(name).write_text(text)
    for arguments in (["run", f"policy={name}"], ["compare", *QUICK, f"policies=[neutral,{name}]"]):
        code, _, err = output_of(capsys, *arguments)

        assert code == 2
        assert words in err
        assert "Traceback" not in err
    assert [p.name for p in Path().iterdir() if p.name not in (name, "__pycache__", "results")] == []
    assert not list(Path().glob("results/*"))


def test_a_policy_file_is_compared_by_its_name(capsys):
    Path("halves.py").write_text(
        "def allocate(seen, budget, memory):\n    return seen.spend(inside=budget / 2), memory\n"
    )
    code, out, _ = output_of(capsys, "compare", *QUICK, "policies=[neutral,halves.py]", "folder=out")

    assert code == 0
    assert "halves" in out


def test_a_malformed_scenario_file_is_named(capsys):
    Path("mine.yaml").write_text("rules: [leak: {rate\n")
    code, _, err = output_of(capsys, "run", "scenario=mine.yaml")

    assert code == 2
    assert "mine.yaml is not valid YAML" in err


def test_a_scenario_file_says_what_differs(capsys):
    Path("mine.yaml").write_text("title: Mine\nsize: {partners: 5}\n")
    code, out, _ = output_of(capsys, "run", "scenario=mine.yaml", "months=3", "folder=out")

    assert code == 0
    assert out.startswith("Mine")
    assert "5 partners" in out


def test_the_command_line_overrules_a_scenario_file(capsys):
    Path("mine.yaml").write_text("size: {partners: 5}\nsectors: {private: {sensitivity: 0.9}}\n")
    code, out, _ = output_of(
        capsys, "run", "scenario=mine.yaml", "scenario.size.partners=9", "sectors=clean", "months=3", "folder=out"
    )

    assert code == 0
    assert "9 partners" in out
    assert "sensitivity: 0.9" not in Path("out/config.yaml").read_text()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: &x [1]\nb: *x\n", "alias"),
        ("title: ${oc.env:HOME}\n", "has ${...}; write the values out"),
        ("start: {trust: 0.3}\nstart: {need: 0.5}\n", "has 'start' twice in what begins in line 1; give it once"),
        ("a:\n  - b: 1\n    c: 2\n    b: 3\n", "has 'b' twice in what begins in line 2"),
        ("[" * 3000, "nest"),
        ("title: '" + "x" * 300 + "'\n", "1 to 200 printable"),
        ("- a\n", "needs 'name: value' lines"),
        ("x" * 1_100_000, "is larger than"),
        ("size: {partners: !!python/object:os.system {}}\n", "not valid YAML"),
    ],
)
def test_a_hostile_scenario_file_is_refused(text, words, capsys):
    Path("mine.yaml").write_text(text)
    code, _, err = output_of(capsys, "run", "scenario=mine.yaml")

    assert code == 2
    assert words in err
    assert [p.name for p in Path().iterdir()] == ["mine.yaml"]


def test_names_of_folders_and_titles_are_taken_as_typed(capsys):
    code, out, _ = output_of(capsys, "run", "months=2", "folder=José's, folder", "scenario.title=Überall, täglich")

    assert code == 0
    assert out.startswith("Überall, täglich")
    assert Path("José's, folder/summary.parquet").is_file()


def test_a_file_laid_beside_results_is_never_deleted(capsys):
    output_of(capsys, "run", "months=2", "folder=out")
    Path("out/notes.txt").write_text("mine")
    code, _, err = output_of(capsys, "run", "months=2", "folder=out")

    assert code == 2
    assert "notes.txt" in err
    assert Path("out/notes.txt").read_text() == "mine"


def test_a_link_to_a_folder_stays_a_link(capsys):
    Path("real").mkdir()
    Path("link").symlink_to("real")
    assert output_of(capsys, "run", "months=2", "folder=link")[0] == 0

    assert Path("link").is_symlink()
    assert Path("real/summary.parquet").is_file()


@pytest.mark.slow
def test_results_survive_a_reader_that_stops_reading(capsys):
    command = f"{sys.executable} -m sim run months=40 folder=out | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True)

    assert "Traceback" not in done.stderr
    assert Path("out/summary.parquet").is_file()


def test_a_full_disk_while_writing_a_table_is_one_line(capsys, monkeypatch):
    import duckdb

    def full(*_, **__):
        raise duckdb.IOException("No space left on device")

    monkeypatch.setattr("sim.storage.results._database_of", full)
    code, _, err = output_of(capsys, "run", "months=2", "folder=out")

    assert code == 2
    assert "cannot be written: No space left" in err
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("return 3.0", "returned shape ()"),
        ("return state.member * float('nan')", "NaN or infinity"),
        ("return state.wish", "line 2 of game.py"),
        ("state.goodwill[:] = 9; return state.member", "read-only"),
        ("participation[:] = 9; return state.member", "read-only"),
    ],
)
def test_bad_payoffs_are_one_line(body, words, capsys):
    Path("game.py").write_text(f"def payoffs(state, participation):\n    {body}\n")
    code, _, err = output_of(capsys, "run", "months=3", "scenario.payoffs=game.py", "folder=out")

    assert code == 2
    assert words in err
    assert "Traceback" not in err


def test_a_scenario_file_with_an_unknown_name_is_refused(capsys):
    Path("mine.yaml").write_text("rules: {leak: {rat: 0.1}}\n")
    code, _, err = output_of(capsys, "run", "scenario=mine.yaml")

    assert code == 2
    assert "rat" in err


def test_a_folder_that_cannot_be_written_is_named(capsys):
    Path("file").write_text("x")
    code, _, err = output_of(capsys, "run", "months=3", "folder=file/below")

    assert code == 2
    assert "folder=file/below: cannot be written" in err


def test_a_full_disk_leaves_nothing_half_written(capsys, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sim.storage.results.write_table", full)
    code, _, err = output_of(capsys, "run", "months=3", "folder=out")

    assert code == 2
    assert "No space left" in err
    assert list(Path().iterdir()) == []


def test_a_missing_package_is_named(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    code, _, err = output_of(capsys, "run", "months=3", "folder=out")

    assert code == 2
    assert "pip install duckdb" in err
    assert list(Path().iterdir()) == []


STARTED = """from pathlib import Path

def allocate(seen, budget, memory):
    Path("started").touch()
    return seen.spend(), memory
"""


def test_ctrl_c_ends_at_once_and_leaves_nothing():
    Path("marks.py").write_text(STARTED)
    command = [sys.executable, "-m", "sim", "compare", "replications=50000", "policies=[marks.py]", "folder=out"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ)
    deadline = time.monotonic() + 60
    while not Path("started").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)

    assert process.returncode in (
        130,
        -signal.SIGINT,
    )  # the second where Python was just executing text: same to a shell
    assert "stopped; nothing half-written is left" in err
    assert "Traceback" not in err
    assert {p.name for p in Path().iterdir()} <= {"marks.py", "started", "__pycache__"}
