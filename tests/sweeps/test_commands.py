"""The commands around a sweep, as a user types them; and every experiment that ships."""

import os
import subprocess
import sys
from pathlib import Path

import matplotlib.image
import pytest

import sim
from sim.cli.main import main
from sim.config.files import names_in
from sim.sweeps.spec import compose_experiment

TINY = ["space.start.trust=[0.3,0.9]", "policies=[neutral,adaptive]", "replications=3", "months=6",
        "scenario.size.partners=6", "executor=serial"]  # fmt: skip


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli") / "s"
    assert main(["sweep", *TINY, f"folder={folder}", "record=[series,events]"]) == 0
    return folder


ONE = "pause_and_trust"


@pytest.mark.parametrize(
    "name", [ONE, *(pytest.param(n, marks=pytest.mark.slow) for n in names_in("experiment") if n != ONE)]
)
def test_every_shipped_experiment_asks_a_question_runs_and_draws(name, tmp_path, capsys, drawn):
    request = compose_experiment([f"experiment={name}"])
    small = ["replications=2", "months=60", "executor=serial", f"folder={tmp_path / 's'}"]
    small += {"sobol": ["design.n=32"], "saltelli": ["design.n=4"]}.get(request.experiment.design["name"], [])

    assert request.experiment.question.endswith("?")
    assert request.experiment.figures
    assert main(["sweep", f"experiment={name}", *small]) == 0
    for figure in request.experiment.figures:
        picture = tmp_path / "s" / "figures" / f"{figure}.png"
        assert matplotlib.image.imread(picture).std() > 0.01
        content = picture.read_bytes()
        assert request.experiment.question.split("?")[0][:40].encode() in content
        assert b"partnership sweep" in content
        assert (tmp_path / "s" / "figures" / f"{figure}.csv").read_text().count("\n") > 2
    assert "runs done now" in capsys.readouterr().out


def test_a_sweep_says_what_it_did_and_a_second_one_does_nothing(done, capsys):
    assert main(["sweep", f"folder={done}"]) == 0

    out = capsys.readouterr().out
    assert "0 runs done now." in out
    assert "12 runs of 2 points" in out


def test_a_plan_counts_measures_and_writes_nothing(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["plan", "experiment=pause_and_trust", "replications=7"]) == 0

    out = capsys.readouterr().out
    assert "30 points x 1 policies x 7 replications = 210 runs of 60 months" in out
    assert "ms and" in out
    assert "2 workers about" in out
    assert "policy.pause" in out
    assert not list(tmp_path.iterdir())


def test_status_extend_export_and_rerun(done, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "results" / "mine"
    assert main(["sweep", *TINY, f"folder={folder}"]) == 0
    assert main(["extend", f"folder={folder}", "replications=4", "executor=serial"]) == 0
    assert main(["status", str(folder)]) == 0
    assert main(["export", f"folder={folder}", "to=runs.csv"]) == 0
    run_id = sim.load(folder).runs["run_id"][2]
    assert main(["rerun", run_id[:10]]) == 0

    out = capsys.readouterr().out
    assert "4 runs done now." in out
    assert "Added 0 design rows (0 new points) and 0 policies." in out
    assert "16 of 16 runs done, 0 failed" in out
    assert "partnership sweep 'space.start.trust=[0.3,0.9]'" in out
    assert "16 rows of runs are in runs.csv" in out
    assert f"Run {run_id} of results/mine/: the same to the last bit (1 rows of runs)." in out
    assert "month  members" in out
    assert len(Path("runs.csv").read_text().splitlines()) == 17


def test_retry_failed_finds_nothing_to_do(done, capsys):
    assert main(["retry-failed", f"folder={done}", "executor=serial"]) == 0
    assert "Nothing had failed." in capsys.readouterr().out


def test_the_order_of_overrides_does_not_matter():
    one = compose_experiment(
        ["design.n=8", "design=sobol", "executor.workers=3", "executor=processes", "space.start.trust=range"]
    )
    other = compose_experiment(
        ["space.start.trust=range", "executor=processes", "executor.workers=3", "design=sobol", "design.n=8"]
    )

    assert one.experiment == other.experiment
    assert (one.experiment.design["n"], one.executor.workers) == (8, 3)


def test_a_dimension_can_be_changed_and_taken_out():
    request = compose_experiment(["experiment=pause_and_trust", "space.start.trust=null", "space.policy.pause=[0,2]"])

    assert request.experiment.space == {"policy.pause": [0, 2]}


def test_an_experiment_of_ones_own_is_read_from_yaml(tmp_path, capsys):
    file = tmp_path / "mine.yaml"
    file.write_text("question: Why?\npolicies: [neutral]\nspace:\n  start.trust: [0.4]\nreplications: 2\nmonths: 3\n")
    assert main(["sweep", f"experiment={file}", "executor=serial", f"folder={tmp_path / 'out'}"]) == 0
    assert "2 runs done now" in capsys.readouterr().out


@pytest.mark.parametrize(("arguments", "words"), [
    (["sweep"], "say what to sweep"),
    (["sweep", "executor=serial"], "say what to sweep"),
    (["sweep", "experiment=puase_and_trust"], "did you mean pause_and_trust"),
    (["sweep", "experiment=none.yaml"], "there is no such file"),
    (["sweep", "experiment=pause_and_trust", "replicats=3"], "did you mean replications"),
    (["sweep", "experiment=pause_and_trust", "replications=0"], "replications = 0: allowed is a whole number from 1"),
    (["sweep", "experiment=pause_and_trust", "replications=2.5"], "replications"),
    (["sweep", "experiment=pause_and_trust", "executor=cluster"], "there is no such executor"),
    (["sweep", "experiment=pause_and_trust", "executor.workers=0"], "executor.workers = 0"),
    (["sweep", "experiment=pause_and_trust", "executor.adress=x"], "no such parameter; did you mean address"),
    (["sweep", "experiment=pause_and_trust", "executor.address=tcp://x:1"], "is for executor=dask"),
    (["sweep", "experiment=pause_and_trust", "design=sbol"], "did you mean sobol"),
    (["sweep", "experiment=pause_and_trust", "policies=[nobody]"], "there is no policy 'nobody'"),
    (["sweep", "experiment=pause_and_trust", "policies=neutral"], "policies"),
    (["sweep", "experiment=pause_and_trust", "record=[everything]"], "record"),
    (["sweep", "experiment=pause_and_trust", "scenario=nowhere"], "there is no such scenario"),
    (["sweep", "experiment=pause_and_trust", "scenario.rules.leak.rat=1"], "rules.leak.rat"),
    (["sweep", "experiment=pause_and_trust", "scenario.rules.leak.rate=7"], "rules.leak.rate = 7"),
    (["sweep", "experiment=pause_and_trust", "space=3"], "space"),
    (["sweep", "experiment=pause_and_trust", "other_model=maybe"], "give true or false"),
    (["sweep", "experiment=pause_and_trust", "replications"], "is not of the form key=value"),
    (["sweep", "experiment=pause_and_trust", "figures.retention.outcome=nothing"], "there is no outcome 'nothing'"),
    (["sweep", "experiment=pause_and_trust", "figures.new.kind=pie"], "kind"),
    (["sweep", "experiment=pause_and_trust", "changes=[1]"], "changes"),
    (["plan", "experiment=pause_and_trust", "space.policy.pause=[0,99]"], "pause = 99"),
    (["status"], "status needs a folder"),
    (["status", "folder=nowhere"], "holds no sweep"),
    (["status", "folder=nowhere", "months=3"], "takes a folder and nothing else"),
    (["extend", "folder=nowhere"], "say what to add"),
    (["extend", "folder=nowhere", "replications=3"], "holds no sweep"),
    (["retry-failed", "folder=nowhere"], "holds no sweep"),
    (["retry-failed", "folder=nowhere", "replications=3"], "takes folder= and executor= only"),
    (["export", "folder=nowhere"], "holds no sweep"),
    (["export", "folder=nowhere", "tabel=runs"], "export takes folder=, table=, to=,"),
    (["rerun"], "takes one run id"),
    (["rerun", "abcdef"], "no sweep below results/ has this run"),
    (["rerun", "abcdef", "folder=nowhere"], "holds no sweep"),
], ids=lambda v: " ".join(v)[:60] if isinstance(v, list) else "")  # fmt: skip
def test_bad_input_is_one_line_and_leaves_nothing(arguments, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2

    err = capsys.readouterr().err
    assert words in err
    assert "Traceback" not in err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", ["plan", "sweep", "status", "extend", "retry-failed", "rerun", "export"])
def test_every_command_teaches(command, capsys):
    assert main([command, "--help"]) == 0
    assert f"partnership {command}" in capsys.readouterr().out


@pytest.mark.slow
def test_a_script_without_a_main_guard_is_told_what_to_do(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import sim\nsim.sweep({'space': {'start.trust': [0.3]}, 'replications': 2, 'months': 3}, 'out', executor='processes')\n"
    )
    ended = subprocess.run(
        [sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True, timeout=120, env=os.environ
    )

    assert ended.returncode != 0
    assert "below if __name__ == '__main__':" in ended.stderr
