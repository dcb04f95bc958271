"""Every ``partnership`` command that a document shows, tried: with fewer runs and months, in a place where folders are."""

import importlib.util
import re
import shlex
import shutil

import pandas as pd
import pytest
import yaml

import sim
from sim.cli.main import COMMANDS, main
from tests.reading import ROOT, blocks

PAGES = [ROOT / "README.md", *sorted(p for p in (ROOT / "docs").rglob("*.md") if p.parent.name != "decisions")]
SMALL = {
    "compare": "replications=2 region=0",
    "run": "months=24",
    "inform": "region=16 replications=2",
    "trace": "months=24",
    "dose": "replications=2 months=12",
    "import": "replications=2",
    "forecast": "particles=100 ahead=6 workers=1",
    "plan": "replications=1",
    "sweep": "replications=1 months=6 executor=serial",
    "extend": "executor=serial",
    "search": "trials=2 replications=2 test_replications=2 region=2 judged=2",
    "pathways": "replications=2 region=2 months=18",
    "calibrate": "calibration=my_facts.yaml design.n=256 executor=serial",
    "validate": "region=2 replications=2 executor=serial",
    "sensitivity": "n=4 trajectories=2 executor=serial",
    "forecast-score": "replications=1 workers=1",
}
"""What makes a command small; given last, it is what counts."""

ELSEWHERE = {
    "partnership lab": "it serves until it is stopped: tests/lab/test_command.py",
    "executor=dask": "it needs a scheduler: tests/sweeps/test_kills.py has one",
    "limits=true": "a minute: tests/studies/test_validation.py",
    "calibrate spells=": "some minutes: tests/studies/test_own_calibration.py",
    "region_from=": "it needs a region of the reader's own: tests/studies/test_own_calibration.py",
    "n=1024 trajectories=30": "the same as without, at greater length",
}
"""What is not tried here, why, and where it is."""

STAND_INS = {
    "report results/climate": "report results/compared",
    "inform results/climate": "inform results/compared",
    "report results/alliance": "report results/compared",
    "report results/denim": "report results/compared",
    "report results/garment": "report results/compared",
    "results/<folder>": "results/compared",
    "results/compare-denim_alliance-1a2b3c4d": "results/compared",
    "results/<sweep>": "results/wide",
    "methods results/health": "methods results/compared",
    "reproduce results/health": "reproduce results/compared",
    "results/run-neutral-1a2b3c4d": "results/followed",
    "config=results/ours/config.yaml": "my_case.yaml",
    "design.n=2048": "design.n=128",
    "replications=800": "replications=2",
    "replications=400": "replications=2",
    "effort_spent, at_most: 6,": "effort_spent, at_most: 60,",  # two trials need not find what keeps to 6
    "retention_60_of_nonprofit, at_least: 0.5": "retention_60_of_nonprofit, at_least: 0.0",
}

GIVEN = {
    "report": ["results/compared"],
    "inform": ["results/compared"],
    "verify": ["results/compared"],
    "status": ["folder=results/trust"],
    "import": ["members.csv"],
    "forecast": ["my_case.yaml"],
}
"""What a command gets that a text speaks of without its inputs."""


def commands():
    """Find the commands in blocks and between backticks, without comments, each once."""
    result = {}
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        shown = "\n".join(block.text for block in blocks(text))
        for line in re.findall(r"^ *(partnership .*)$", shown, re.MULTILINE) + re.findall(
            r"`(partnership [^`]+)`", text
        ):
            command = re.split(r"\s{2,}|\s#|\s>+\s", line)[0].strip()
            if not re.search(r"\b[A-Z]{3,}\b|<tab>", command):
                result.setdefault(command, page.name)
    return result


FOUND = commands()


@pytest.fixture(scope="session")
def reader(tmp_path_factory):
    """Make a place with the files and folders that the documents speak of."""
    place = tmp_path_factory.mktemp("reader")
    shutil.copytree(ROOT / "docs" / "examples", place / "docs" / "examples")
    shutil.copy(ROOT / "docs/examples/help_the_small.py", place / "my_policy.py")
    guide = blocks((ROOT / "docs/your_own_policy.md").read_text(encoding="utf-8"))
    (place / "my_file.py").write_text(next(b.text for b in guide if "class HelpMore" in b.text))
    plans = blocks((ROOT / "docs/plans.md").read_text(encoding="utf-8"))
    (place / "plans.yaml").write_text(next(b.text for b in plans if b.language == "yaml"))
    case = yaml.safe_load((ROOT / "configs/scenario/public_health.yaml").read_text(encoding="utf-8"))
    case.setdefault("sectors", {})["finance"] = {"like": "private", "share": 0.1}
    case |= {"members": {"public": 4, "private": 6, "finance": 2}, "now": 6}
    (place / "my_case.yaml").write_text(yaml.safe_dump(case), encoding="utf-8")
    shutil.copy(ROOT / "configs/experiment/pause_and_trust.yaml", place / "my_experiment.yaml")
    facts = (ROOT / "configs/calibration/pledge.yaml").read_text(encoding="utf-8")
    (place / "my_facts.yaml").write_text(
        facts.replace("replications: 200", "replications: 10").replace("sample_size: 64", "sample_size: 4")
    )
    _lists(place)
    spells = pd.read_csv(ROOT / "configs/reference/listed_spells.csv").groupby("partnership").head(40)
    (place / "configs/reference").mkdir(parents=True)
    for path in ("spells.csv", "configs/reference/listed_spells.csv"):
        spells[spells["partnership"].isin(["graphql", "cncf", "lfai", "riscv"])].to_csv(place / path, index=False)
    (place / "more_points.csv").write_text("start.trust\n0.3\n0.6\n0.9\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        few = {"replications": 1, "months": 60, "executor": "serial"}
        sim.sweep("pause_and_trust", "results/pause_and_trust", **few)
        sim.sweep("pause_and_trust", "results/quick", **few)
        sim.sweep("safeguarding_and_leaks", "results/safeguarding_and_leaks", **few)
        sim.sweep("wide", "results/wide", design={"name": "sobol", "n": 64}, **few)
        own = {"space": {"start.trust": [0.3, 0.6]}, "policies": ["neutral", "adaptive"]}
        sim.sweep(own, "results/trust", **few)
        (place / "points.csv").write_text("start.trust\n0.3\n0.6\n")
        sim.sweep({"design": {"name": "file", "path": "points.csv"}}, "results/mine", **few)
        assert main(["compare", "replications=3", "months=24", "region=0", "folder=results/compared"]) == 0
        assert main(["run", "policy=neutral", "months=24", "folder=results/followed"]) == 0
        example = ["docs/examples/members.csv", "map=docs/examples/sectors.csv", "dates=2025-01-01"]
        assert main(["import", *example, "replications=2", "folder=results/members"]) == 0
        for name in ("ours", "theirs"):
            options = ["map=sectors.csv", "dates=2025-01-01", f"partnership={name.capitalize()}", "replications=2"]
            assert main(["import", f"{name}.csv", *options, f"folder=results/list_{name}"]) == 0
        both = [f"results/list_{name}/spells.csv" for name in ("ours", "theirs")]
        assert main(["import", *both, "replications=2", "folder=results/both"]) == 0
    return place


def _lists(place):
    """Write the member lists that the documents speak of."""
    text = (ROOT / "docs/examples/members.csv").read_text(encoding="utf-8")
    for name in (
        "members.csv",
        "members_2019.csv",
        "members_2020.csv",
        "members_2021.csv",
        "old.csv",
        "new.csv",
        "ours.csv",
        "theirs.csv",
    ):
        (place / name).write_text(text)
    (place / "list.csv").write_text(
        text.replace("Organisation", "Signatory of", 1).replace("Member since", "Since when", 1)
    )
    shutil.copy(ROOT / "docs/examples/sectors.csv", place)
    if importlib.util.find_spec("openpyxl"):
        from openpyxl import Workbook

        book = Workbook()
        for line in text.splitlines():
            book.active.append(line.split(";"))
        book.save(place / "members.xlsx")


def test_every_command_that_a_document_shows_is_one():
    assert len(FOUND) > 60
    assert {c.split()[1] for c in FOUND} <= {*COMMANDS, "--version"}
    assert {c.split()[1] for c in FOUND} >= set(COMMANDS)


@pytest.mark.slow
@pytest.mark.parametrize("command", [c for c in FOUND if not any(e in c for e in ELSEWHERE)])
def test_the_commands_of_the_documents_work(command, reader, tmp_path, monkeypatch, capsys):
    place = tmp_path / "place"
    shutil.copytree(reader, place)
    monkeypatch.chdir(place)
    first_run = sim.load("results/pause_and_trust").runs["run_id"][0]
    request = re.sub(r"\b3f2a9c[0-9.]*", first_run, command)
    for words, stand_in in STAND_INS.items():
        request = request.replace(words, stand_in)
    name, *inputs = shlex.split(request)[1:]
    inputs = inputs or GIVEN.get(name, []) or {"rerun": [first_run]}.get(name, [])
    small = [] if inputs == ["folder=results/quick"] else shlex.split(SMALL.get(name, ""))
    if name == "calibrate" or (name == "sweep" and small):  # into a folder of no other command
        shutil.rmtree("results")
    code = main([name, *inputs, *small])
    text = capsys.readouterr()

    assert code == 0, f"{FOUND[command]}: {request}\n{text.err}"
    assert text.out
