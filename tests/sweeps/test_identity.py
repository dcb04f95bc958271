"""Two different numbers never share a name: a changed model, policy, helper or data file shows in every key."""

import re
import shutil
import sys
import traceback
from pathlib import Path

import pandas as pd
import pytest

import sim
from sim.core.errors import InputError
from sim.core.plugins import PluginError
from sim.storage import digests
from sim.storage.digests import keep_sources, model_version, normalised, package_digest, plugin_digests, run_key
from sim.sweeps.operations import extend, resume
from sim.sweeps.spec import Executor
from tests.sweeps.helpers import Count, swept

SERIAL = Executor(name="serial")

POLICY = '''"""Spend a share inside."""
import json
from pathlib import Path

from helpers import SHARE
from tools.more import double

DATA = ("data/share.json",)
READ = json.loads((Path(__file__).parent / "data/share.json").read_text())["share"]


def allocate(seen, budget, memory):
    """Spend it."""
    return seen.spend(inside=double(SHARE) * READ * budget), memory  # of the budget
'''


@pytest.fixture
def policy(tmp_path):
    """A policy of several files: text, helper, package, data."""
    place = tmp_path / "own"
    (place / "tools").mkdir(parents=True)
    (place / "data").mkdir()
    (place / "mine.py").write_text(POLICY)
    (place / "helpers.py").write_text('"""Numbers."""\nSHARE = 0.5\n')
    (place / "tools" / "__init__.py").write_text("")
    (place / "tools" / "more.py").write_text("from .again import TWO\n\n\ndef double(x):\n    return TWO * x\n")
    (place / "tools" / "again.py").write_text("TWO = 2.0\n")
    (place / "data" / "share.json").write_text('{"share": 0.4}')
    return place / "mine.py"


def change(policy, name):
    """Change what a file says; its size and, perhaps, its time stay the same."""
    file = policy.parent / name
    text = {"mine.py": ("* budget", "* (budget)"), "helpers.py": ("0.5", "0.4"), "data/share.json": ("0.4", "0.3"),
            "tools/again.py": ("2.0", "1.0")}[name]  # fmt: skip
    assert text[0] in file.read_text()
    file.write_text(file.read_text().replace(*text))


def comment(policy):
    """Change what does not count: comments, docstrings, blank lines, spaces at the end of lines, line ends."""
    text = policy.read_text().replace("Spend it.", "Spend it, all of it.").replace("# of the budget", "# what is there")
    policy.write_bytes(text.replace("\n\n\n", "\n\n  \n\n").replace("\n", "\r\n").encode())
    (policy.parent / "helpers.py").write_text('# one\n"""Other words."""\nSHARE = 0.5  \n"""What is spent."""\n')


FILES = ("mine.py", "helpers.py", "data/share.json", "tools/again.py")


@pytest.mark.parametrize("name", FILES)
def test_a_changed_file_of_a_policy_gives_another_key(policy, name):
    spec = str(policy)
    before, key = plugin_digests(spec), run_key({"months": 6}, spec)
    change(policy, name)

    assert plugin_digests(spec) != before
    assert run_key({"months": 6}, spec) != key


def test_changed_comments_and_docstrings_give_the_same_key(policy):
    key = run_key({}, str(policy))
    comment(policy)

    assert run_key({}, str(policy)) == key


@pytest.mark.parametrize("name", FILES)
def test_a_changed_policy_never_goes_on_in_the_old_folder(policy, tmp_path, name):
    small = {"policies": [str(policy)], "space": {}, "replications": 2, "months": 3, "record": []}
    swept(tmp_path / "s", **small)
    change(policy, name)
    words = rf"mine.py has changed since these runs were made \({re.escape(name)}\): digest .*policies/mine.py: bring"

    with pytest.raises(InputError, match=words):
        swept(tmp_path / "s", **small)
    with pytest.raises(InputError, match=words):
        resume(tmp_path / "s", SERIAL, Count())
    with pytest.raises(InputError, match=words):
        extend(tmp_path / "s", ["replications=4"], SERIAL, Count(), "extend")
    with pytest.raises(InputError, match=words):
        sim.load(tmp_path / "s").rerun(sim.load(tmp_path / "s").runs["run_id"][0])


def test_changed_comments_go_on_in_the_old_folder(policy, tmp_path):
    small = {"policies": [str(policy)], "space": {}, "replications": 2, "months": 3, "record": []}
    swept(tmp_path / "s", **small)
    comment(policy)
    added = extend(tmp_path / "s", ["replications=4"], SERIAL, Count(), "extend")

    assert len(sim.load(tmp_path / "s").runs) == 4
    assert (added.rows, added.points, added.policies) == (0, 0, 0)


def test_a_folder_runs_elsewhere_by_the_copies_that_it_keeps(policy, tmp_path):
    swept(tmp_path / "s", policies=[str(policy)], space={}, replications=2, months=3, record=[])
    shutil.move(tmp_path / "s", tmp_path / "elsewhere")
    shutil.rmtree(policy.parent)
    result = sim.extend(tmp_path / "elsewhere", replications=4, executor="serial")

    assert len(result.runs) == 4
    assert set(result.runs["policy"]) == {"mine"}
    assert result.rerun(result.runs["run_id"][0]).compared == {"runs": 1}
    (tmp_path / "elsewhere" / "policies" / "helpers.py").write_text("SHARE = 0.1\n")
    with pytest.raises(
        InputError, match=r"there is no file .*mine.py.* keeps no copy of it in policies/ with the digest"
    ):
        resume(tmp_path / "elsewhere", SERIAL, Count())


def test_every_package_of_the_model_counts_and_no_other(tmp_path):
    root = Path(sim.__file__).parent
    for package in ("model", "engine"):
        shutil.copytree(root / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    before = package_digest(tmp_path)
    rule = tmp_path / "model" / "rules" / "trust.py"
    text = rule.read_text()

    assert before.startswith(model_version().rpartition("+")[2])
    rule.write_text("# a word\n" + text.replace('"""\n', 'Another word.\n"""\n', 1) + '\n"""And one more."""\n')
    assert package_digest(tmp_path) == before
    rule.write_text(text.replace("+", "-", 1))
    assert package_digest(tmp_path) != before


def test_a_changed_rule_gives_another_key_and_refuses_the_folder(tmp_path, monkeypatch):
    small = {"policies": ["neutral"], "space": {}, "replications": 1, "months": 1, "record": []}
    swept(tmp_path / "s", **small)
    key = run_key({})
    for module in (digests, sys.modules["sim.sweeps.operations"]):
        monkeypatch.setattr(module, "model_version", lambda: "0.1.0+00000000")

    assert run_key({}) != key
    for act in (
        lambda: swept(tmp_path / "s", **small),
        lambda: extend(tmp_path / "s", ["replications=2"], SERIAL, Count(), ""),
    ):
        with pytest.raises(
            InputError, match=r"was made by model .*, this is 0.1.0\+00000000; runs would not compare. Sweep"
        ):
            act()


def test_a_design_file_that_changed_is_refused(tmp_path):
    file = tmp_path / "points.csv"
    file.write_text("start.trust\n0.3\n")
    small = {
        "policies": ["neutral"],
        "space": {},
        "design": {"name": "file", "path": str(file)},
        "months": 1,
        "record": [],
    }
    swept(tmp_path / "s", **small)
    file.write_text("start.trust\n0.4\n")

    with pytest.raises(InputError, match="the content of the design's file differs"):
        swept(tmp_path / "s", **small)


@pytest.mark.parametrize(("text", "same"), [
    ("x = 1  # one\n", "x = 1\n\n\n"),
    ('def f():\n    """Say."""\n    return 1\n', "def f():\n    return 1  \n"),
    ("x = '#'  # é\n", "x = '#'\n"),
    ('x = 1\n"""What it is."""\ny = 2\n', "x = 1\ny = 2\n"),
    ("x = 1\r\ny = 2\r\n", "x = 1\ny = 2\n"),
])  # fmt: skip
def test_what_python_does_not_run_does_not_count(text, same):
    assert normalised(text.replace("\r\n", "\n")) == normalised(same)


@pytest.mark.parametrize(("text", "other"), [
    ("x = '# a'\n", "x = '# b'\n"),
    ('x = """a \nb"""\n', 'x = """a\nb"""\n'),
    ('x = """a\n\nb"""\n', 'x = """a\nb"""\n'),
    ("if x:\n    y = 1\nz = 2\n", "if x:\n    y = 1\n    z = 2\n"),
])  # fmt: skip
def test_what_python_runs_counts(text, other):
    assert normalised(text) != normalised(other)


def test_a_policy_that_reads_what_it_does_not_declare_is_refused_with_the_line_to_add(tmp_path):
    (tmp_path / "share.json").write_text('{"share": 0.2}')
    file = tmp_path / "reads.py"
    reading = "import json, pathlib\nD = json.loads((pathlib.Path(__file__).parent / 'share.json').read_text())\n"
    late = "def allocate(seen, budget, memory):\n    open('/etc/hostname').close()\n    return seen.spend(), memory\n"
    file.write_text(
        reading + "def allocate(seen, budget, memory):\n    return seen.spend(inside=D['share'] * budget), memory\n"
    )

    with pytest.raises(
        PluginError, match=r'reads.py reads share.json without declaring it: .* DATA = \("share.json",\)'
    ):
        sim.simulate(policy=str(file), seeds=1, months=1)
    file.write_text('DATA = ("share.json",)\n' + file.read_text())
    assert len(sim.simulate(policy=str(file), seeds=2, months=1).summary) == 2
    (tmp_path / "late.py").write_text(late)
    with pytest.raises(
        PluginError, match=r"late.py reads /etc/hostname without declaring it.*put the file beside late.py"
    ):
        sim.simulate(policy=str(tmp_path / "late.py"), seeds=1, months=1)


@pytest.mark.parametrize(("line", "words"), [
    ('DATA = ("../secret",)', r"DATA names '../secret'; give files in the policy's own folder"),
    ('DATA = ("/etc/hostname",)', "give files in the policy's own folder"),
    ('DATA = ("none.csv",)', "names 'none.csv', and there is no such file in"),
])  # fmt: skip
def test_data_outside_the_folder_or_missing_is_refused(tmp_path, line, words):
    (tmp_path / "secret").write_text("")
    (tmp_path / "own").mkdir()
    file = tmp_path / "own" / "p.py"
    file.write_text(f"{line}\ndef allocate(seen, budget, memory):\n    return seen.spend(), memory\n")

    with pytest.raises(PluginError, match=words):
        plugin_digests(str(file))


def test_two_policies_with_helpers_of_the_same_name_get_each_their_own(tmp_path):
    shares = {}
    for name, share in (("a", 0.1), ("b", 0.2)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "helpers.py").write_text(f"SHARE = {share}\n")
        (tmp_path / name / "one.py").write_text(
            "from helpers import SHARE\ndef allocate(seen, budget, memory):\n    return seen.spend(), memory\n"
        )
        policy = sim.find_policy(str(tmp_path / name / "one.py"))
        shares[name] = policy.function.__globals__["SHARE"]

    assert shares == {"a": 0.1, "b": 0.2}
    assert "helpers" not in sys.modules
    specs = [str(tmp_path / name / "one.py") for name in "ab"]
    assert len(set(plugin_digests(*specs).values())) == 2
    saved = keep_sources(tmp_path / "out", *specs)
    assert "policies/one.py" in saved
    assert sum(name.endswith("one.py") for name in saved) == 2


def allocate(seen, budget, memory):
    """Spend nothing."""
    return seen.spend(), memory


class Own(sim.Policy):
    """Spend a share on members."""

    name = "own"
    share: float = 0.2

    def allocate(self, seen, budget, memory):
        """Spend it inside."""
        return seen.spend(inside=self.share * budget), memory


def of(share):
    def allocate(seen, budget, memory):
        return seen.spend(inside=share * budget), memory

    return allocate


def test_policies_passed_in_python_have_keys_too():
    assert len({run_key({}, p) for p in (allocate, Own, Own(share=0.3), of(0.1), of(0.2), "neutral")}) == 6
    assert run_key({}, of(0.1)) == run_key({}, of(0.1))
    exec(compile("def made(seen, budget, memory):\n    return seen.spend(), memory\n", "<cell>", "exec"), globals())
    with pytest.raises(PluginError, match="policy made: its source cannot be found; write it to a file and give"):
        run_key({}, globals()["made"])


def test_a_sweep_takes_what_simulate_takes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    scenario = sim.load_scenario("denim_alliance").replace(**{"size.partners": 6})
    sweep = sim.sweep(
        {"policies": ["neutral", allocate, Own(share=0.3)]}, "s", scenario=scenario, executor="serial",
        design=pd.DataFrame({"start.trust": [0.3, 0.6]}), replications=2, months=3,
    )  # fmt: skip

    assert set(sweep.runs["policy"]) == {"neutral", "allocate", "own share=0.3"}
    assert sorted(sweep.design["start.trust"]) == [0.3, 0.6]
    repeated = sim.sweep(folder="s", executor="serial")
    assert repeated.summary.equals(sweep.runs)
    assert sim.extend("s", executor="serial", replications=3, policies=[Own]).runs["policy"].nunique() == 4
    assert "3 runs" not in repr(sweep)
    assert "<table" in sweep._repr_html_()
    with pytest.raises(InputError, match="figure 'x': there is no such figure; the experiment describes none"):
        sweep.figure("x")
    assert "<html" in sweep.report(tmp_path / "page.html")
    assert (tmp_path / "page.html").is_file()
    assert list(sweep.tables) == ["summary", "points", "failures"]
    copy = sweep.save(tmp_path / "copy")
    assert sim.load(copy).runs.equals(sim.load("s").runs)


@pytest.mark.parametrize("policy", [lambda seen, budget, memory: (seen.spend(), memory), of(0.1)])
def test_a_policy_that_workers_cannot_find_is_refused_with_what_to_do(policy, tmp_path):
    with pytest.raises(
        InputError, match=r"workers cannot find it. Write it as a function or class at the top level of a"
    ):
        sim.sweep({"policies": [policy]}, tmp_path / "s", months=1)


def test_few_calls_lie_between_a_sweep_and_a_rule(tmp_path, monkeypatch):
    from sim.model import step

    frames = []

    def look(*args, **named):
        frames.append(traceback.extract_stack()[:-1])
        return rule(*args, **named)

    rule = step.trust.build_trust
    monkeypatch.setattr(step.trust, "build_trust", look)
    sim.sweep({"policies": ["neutral"]}, tmp_path / "s", executor="serial", replications=1, months=1)
    inside = [f for f in frames[0] if "/sim/" in f.filename.replace("\\", "/")]
    between = inside[next(k for k, f in enumerate(inside) if f.name == "sweep") + 1 :]

    assert len(between) <= 10, [f"{Path(f.filename).name}:{f.name}" for f in between]
