"""A policy of several files: helpers beside it, packages, relative names, imports in functions."""

import sys
from pathlib import Path

import pytest

import sim
from sim.core.sources import sources_of
from sim.storage.digests import plugin_digests

ALLOCATE = "def allocate(seen, budget, memory):\n    return seen.spend(intervene=SHARE * budget), memory\n"
WAYS = {
    "a module": ({"policy.py": "from helpers import SHARE\n" + ALLOCATE, "helpers.py": "SHARE = {}\n"}, ["helpers.py"]),
    "a relative name": (
        {"policy.py": "from .helpers import SHARE\n" + ALLOCATE, "helpers.py": "SHARE = {}\n"},
        ["helpers.py"],
    ),
    "a package, relative to itself": (
        {
            "policy.py": "from shares.deep import SHARE\n" + ALLOCATE,
            "shares/__init__.py": "from .deep import SHARE\n",
            "shares/deep.py": "from .base import SHARE\n",
            "shares/base.py": "SHARE = {}\n",
        },
        ["shares/__init__.py", "shares/base.py", "shares/deep.py"],
    ),
    "a package that goes up to what is beside it": (
        {
            "policy.py": "from .inner.deep import SHARE\n" + ALLOCATE,
            "inner/__init__.py": "",
            "inner/deep.py": "from ..helpers import SHARE\n",
            "helpers.py": "SHARE = {}\n",
        },
        ["helpers.py", "inner/__init__.py", "inner/deep.py"],
    ),
    "an import in the function": (
        {
            "policy.py": ALLOCATE.replace("    return", "    from helpers import SHARE\n    return"),
            "helpers.py": "import base\nSHARE = base.SHARE\n",
            "base.py": "SHARE = {}\n",
        },
        ["base.py", "helpers.py"],
    ),
    "a module by its name in the folder": (
        {"policy.py": "from . import helpers\nSHARE = helpers.SHARE\n" + ALLOCATE, "helpers.py": "SHARE = {}\n"},
        ["helpers.py"],
    ),
}


def written(folder, way, share):
    for name, text in WAYS[way][0].items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text.format(share) if "{}" in text else text)
    return str(folder / "policy.py")


def value(policy):
    return sim.simulate(policy=policy, seeds=3, months=6).summary["society_value"].tolist()


@pytest.mark.parametrize("way", WAYS)
def test_helpers_beside_a_policy_are_imported_and_count(way, tmp_path):
    few, many = (written(tmp_path / str(share), way, share) for share in (0.1, 0.9))
    plain = [
        sim.simulate(policy=lambda s, b, m, x=x: (s.spend(intervene=x * b), m), seeds=3, months=6) for x in (0.1, 0.9)
    ]

    assert [value(few), value(many)] == [t.summary["society_value"].tolist() for t in plain]
    assert value(few) == value(few)  # the other one's helpers have the same names
    assert sorted(sources_of(Path(few)).relative(p) for p in sources_of(Path(few)).modules[1:]) == WAYS[way][1]
    assert plugin_digests(few)[few] != plugin_digests(many)[many]
    assert not {"helpers", "shares", "inner", "base"} & set(sys.modules)


def test_a_module_of_ones_own_with_a_helpers_name_is_left_alone(tmp_path, monkeypatch):
    own = type(sys)("helpers")
    monkeypatch.setitem(sys.modules, "helpers", own)
    value(written(tmp_path, "an import in the function", 0.5))

    assert sys.modules["helpers"] is own


@pytest.mark.slow
def test_a_folder_named_with_dots_finds_the_copy_of_a_policy(tmp_path, monkeypatch):
    spec = written(tmp_path / "mine", "a module", 0.2)
    monkeypatch.chdir(tmp_path / "mine")
    options = {"policies": ["neutral", "policy.py"], "space": {"start.trust": [0.3]}, "executor": "serial", "months": 2}
    sim.sweep(options, "../swept", replications=1, progress=False)
    Path(spec).with_name("helpers.py").write_text("SHARE = 0.7\n")

    with pytest.raises(ValueError, match=r"policy.py has changed since these runs were made \(helpers.py\)"):
        sim.extend("../swept", replications=2, executor="serial", progress=False)
