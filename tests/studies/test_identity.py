"""Two different results never share a key or a folder: compare, run and trace."""

import itertools
import json
import shutil
import sys
import traceback

import pytest

import sim
from sim.core.errors import InputError

POLICY = '''"""Help the small."""
import json
from pathlib import Path

from beside import SHARE

DATA = ("share.json",)


def allocate(seen, budget, memory):
    """Spend a share on matches inside."""
    share = json.loads((Path(__file__).parent / "share.json").read_text())
    return seen.spend(inside=SHARE * share * budget), memory  # all of it
'''
SMALL = {"scenario": sim.Scenario().replace(**{"size.partners": 6}), "months": 2}


@pytest.fixture
def policy(tmp_path):
    (tmp_path / "own.py").write_text(POLICY)
    (tmp_path / "beside.py").write_text("SHARE = 0.5  # half\n")
    (tmp_path / "share.json").write_text("0.5")
    yield str(tmp_path / "own.py")
    sys.modules.pop("beside", None)


def study(command, policy, **more):
    if command == "run":
        return sim.run(policy=policy, **SMALL, **more)
    if command == "trace":
        return sim.trace(["neutral", policy], **SMALL, **more)
    return sim.compare(policies=["neutral", policy], seeds=2, region=0, progress=False, **SMALL, **more)


def change(policy, file, old, new):
    path = shutil.os.path.join(shutil.os.path.dirname(policy), file)
    with open(path, encoding="utf-8") as opened:
        text = opened.read()
    assert old in text
    with open(path, "w", encoding="utf-8") as opened:
        opened.write(text.replace(old, new))
    sys.modules.pop("beside", None)


CHANGES = {
    "policy file": ("own.py", "inside=SHARE", "outside=SHARE"),
    "helper module": ("beside.py", "0.5", "0.25"),
    "data file": ("share.json", "0.5", "0.25"),
}


FIRST = [("compare", "policy file"), ("run", "helper module"), ("trace", "data file")]
REST = [pair for pair in itertools.product(["compare", "run", "trace"], CHANGES) if pair not in FIRST]


@pytest.mark.parametrize(("command", "what"), [*FIRST, *(pytest.param(*p, marks=pytest.mark.slow) for p in REST)])
def test_a_changed_policy_gives_another_key_and_its_folder_is_not_replaced(command, what, policy, tmp_path):
    first = study(command, policy, folder=tmp_path / "out")
    before = (tmp_path / "out" / "manifest.json").read_bytes()
    change(policy, *CHANGES[what])
    second = study(command, policy)

    assert second.key != first.key
    with pytest.raises(InputError, match=r"holds the result of another version of .*own\.py; name a new folder"):
        study(command, policy, folder=tmp_path / "out")
    with pytest.raises(InputError, match="another version of"):
        second.save(tmp_path / "out")
    assert (tmp_path / "out" / "manifest.json").read_bytes() == before


@pytest.mark.parametrize("command", ["compare", "run", "trace"])
def test_a_changed_rule_gives_another_key_and_its_folder_is_not_replaced(command, policy, tmp_path, monkeypatch):
    first = study(command, policy, folder=tmp_path / "out")
    for module in ("sim.storage.digests", "sim.studies.identity"):
        monkeypatch.setattr(f"{module}.model_version", lambda: "0.1.0+00000000")

    assert study(command, policy).key != first.key
    with pytest.raises(InputError, match=r"holds the result of another model \(.*; this one is 0.1.0\+00000000\)"):
        study(command, policy, folder=tmp_path / "out")


@pytest.mark.parametrize("command", ["compare", "run", "trace"])
def test_changed_comments_and_docstrings_give_the_same_key(command, policy):
    first = study(command, policy)
    change(policy, "own.py", "# all of it", "# everything")
    change(policy, "own.py", "Help the small.", "Help those who are small.")
    change(policy, "beside.py", "# half", "# one half")

    assert study(command, policy).key == first.key


def test_another_configuration_gives_another_key():
    keys = {
        sim.run(policy=p, seed=s, **SMALL).key for p in ("neutral", {"name": "adaptive", "pause": 2}) for s in (0, 1)
    }
    keys |= {sim.run(policy="neutral", months=3, scenario=SMALL["scenario"]).key}

    assert len(keys) == 5


def test_the_command_and_the_python_call_give_the_same_key(tmp_path):
    from sim.cli.main import main

    few = ["scenario=neutral", "scenario.size.partners=6", "months=2"]
    assert main(["compare", *few, "policies=[neutral,placebo]", "replications=2", f"folder={tmp_path / 'out'}"]) == 0
    scenario = sim.load_scenario("neutral", "size.partners=6")
    called = sim.compare(scenario, ["neutral", "placebo"], seeds=2, months=2, progress=False)

    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["key"] == called.key


def test_a_folder_keeps_the_policy_with_its_helper_and_data(policy, tmp_path):
    folder = study("run", policy).save(tmp_path / "out")
    manifest = json.loads((folder / "manifest.json").read_text())

    assert {p.name for p in (folder / "policies").iterdir()} == {"own.py", "beside.py", "share.json"}
    assert manifest["policies"] == {policy: manifest["policies"][policy]}
    assert manifest["model"].startswith(sim.__version__)


def test_a_policy_changed_after_its_runs_is_not_saved_under_their_key(policy, tmp_path):
    result = study("run", policy)
    change(policy, "beside.py", "0.5", "0.25")

    with pytest.raises(InputError, match="has changed since the runs were simulated"):
        result.save(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_at_most_seven_calls_lie_between_compare_and_a_rule(monkeypatch):
    from sim.model.rules import trust

    depths, original = [], trust.build_trust

    def measured(*arguments):
        names = [frame.name for frame in traceback.extract_stack()]
        depths.append(len(names) - 2 - names.index("compare"))
        return original(*arguments)

    monkeypatch.setattr(trust, "build_trust", measured)
    sim.compare(policies=["neutral"], seeds=2, progress=False, **SMALL)

    assert 0 < max(depths) <= 7
