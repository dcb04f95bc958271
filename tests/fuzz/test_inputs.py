"""Whatever is given at any door: an answer, or a line that names it. No traceback, no hang."""

import warnings
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

import sim
from sim.cli import search
from sim.config.job import compose
from sim.core.declare import parameters
from sim.core.errors import InputError
from sim.core.paths import path_of
from sim.studies.policy_search.spec import check_search
from sim.studies.validation.calibration_spec import read_calibration
from sim.sweeps.designs.constraints import holds
from sim.sweeps.operations import plan_of
from sim.sweeps.spec import check, compose_experiment, experiment_data
from tests.fuzz.helpers import FEW, NASTY, PATHS, PLAIN, TEXT, answered, helps, mangled


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def given_as(keys):
    """Make overrides: mostly one odd one, with a key that is known or nearly so."""
    return st.lists(st.builds("{}={}".format, mangled(keys) | TEXT, TEXT) | TEXT, min_size=1, max_size=3)


RUN = ["scenario", "sectors", "policy", "policies", "months", "seed", "replications", "region", "folder", "scenario.title", "policy.pause",
       "policy.level", *(f"scenario.{p}" for p in PATHS)]  # fmt: skip
SWEEP = ["folder", "experiment", "scenario", "policies", "months", "seed", "replications", "record", "figures", "figures.a", "constraints",
         "precision", "precision.half_width", "precision.outcome", "space", "space.mix", "space.policy", "space.policy.pause", "changes", "question",
         "design", "design.name", "design.path", "executor", "executor.workers", *(f"space.{p}" for p in PATHS)]  # fmt: skip
SEARCH = [
    "policies",
    "objectives",
    "space.pause",
    "space.inertia",
    "space",
    "trials",
    "replications",
    "test_replications",
    "region",
    "judged",
    "months",
    "seed",
]
EXPERIMENT = ["question", "scenario", "outcomes", "changes", "policies", "space", "constraints", "replications", "precision", "months", "seed", "record",
              "figures", "design", "executor"]  # fmt: skip
PARTS = ["name", "path", "outcome", "half_width", "most", "policy", "baseline", "x", "y", "by", "kind", "panels", "against", "low", "high",
         "scale", "start.trust", "policy.pause", "mix"]  # fmt: skip
LINES = st.sampled_from([
    "size: {partners: 5}", "title: x", "rules:", "  leak:", "    rate: 0.1", "    rate: [", "? a", "- b", ": :", "|", "> x", "<<: {a: 1}", "!!set {a}",
    "date: 2020-01-01", "start: {trust: 0.5}", "start: null", "start: 3", "? {a: 1}\n: 2", "1: 2", "null: 3", "[1,2]: 3", "size: {partners: 1e9}",
    "--- a", "...", "%YAML 9.9", "\ufeff", "a: &x 1", "b: *x", "sectors: {private: {share: .nan}}", "payoffs: os", "space: {start.trust: [0.2, 0.4]}",
    "outcomes: [retention_of_private, a.py]", "rules: {replace: {membership.leave: a.py}}", "rules: {replace: {leak: 3}}",
    "shocks: {forced_exit: {month: 3, member: 30}}", "targets: {a: {outcome: retention, low: 0, high: 1}}", "targets: {a: 1}", "replications: x",
])  # fmt: skip
CELLS = st.sampled_from([
    "start.trust", "policy", "scenario", "policy.pause", "size.partners", "targeting", "0.3", "0.6", "nan", "-0", "1e400", "1_0", "neutral",
    "adaptive", "x\"y", " 0.3 ", "start.goodwill", "mix", "title", "payoffs", "outcomes", "rules.replace", "True", "5", "6.0", "denim_alliance", "0.30", "row", "point",
]) | TEXT  # fmt: skip
SYMBOLS = st.sampled_from([
    "start.trust", "rules.leak.rate", "<", ">", "==", "!=", "<=", "and", "or", "not", "(", ")", "+", "-", "*", "/", "1", "0.5", "1e999", "1j", "True",
    "'a'", "**", "%", "if", "else", "lambda", ":", "[", "]", ",", "f(", "is", "in", "~", ":=", "__import__", "a.b", "._x", "\n", "#", "\\", "\x00", "é",
]) | TEXT  # fmt: skip
FILES = (
    st.lists(LINES | TEXT, max_size=6).map("\n".join)
    | st.binary(max_size=60)
    | PLAIN.map(lambda value: yaml.safe_dump(value, allow_unicode=True))
)
TABLES = st.lists(st.lists(CELLS, min_size=1, max_size=3).map(",".join), max_size=5).map("\n".join) | st.binary(
    max_size=60
)
EXPERIMENTS = st.dictionaries(
    st.sampled_from(EXPERIMENT),
    PLAIN | st.fixed_dictionaries({}, optional=dict.fromkeys(PARTS, PLAIN)),
    min_size=1,
    max_size=3,
)


def written(name, content):
    """Write what was drawn to a file; gives its name."""
    Path(name).write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    return name


def words_of(overrides):
    """Give what a message may name: the text, its key, its value, the key's ends; of a policy at least that it is one."""
    words = [
        word
        for text in overrides
        for word in (text, *text.split("=", 1), *(text.split("=")[0].split(".")[end] for end in (0, -1)))
    ]
    return [*words, "policy '1'", "policy 'a'"] if any(words) else words


def of_a_run(overrides):
    answered(lambda: compose(overrides), *words_of(overrides))


def of_a_sweep(overrides):
    answered(lambda: plan_of(compose_experiment(overrides)), *words_of(overrides))


def of_a_search(overrides):
    def checked():
        options, scenario, _ = search.parse(overrides)
        return check_search(options, compose(scenario).scenario)

    answered(checked, *words_of(overrides))


def of_an_experiment(data):
    answered(lambda: plan_of(check("x", {"space": {"start.trust": [0.2, 0.4]}} | data, Path("out"))))


def of_a_scenario_file(content):
    answered(
        lambda: compose([f"scenario={written('mine.yaml', content)}"]),
        "mine.yaml",
        *PATHS,
        "scenario.",
        "sectors",
        "title",
    )


def of_an_experiment_file(content):
    answered(lambda: plan_of(check("x", experiment_data(written("mine.yaml", content)), Path("out"))))


def of_a_calibration_file(content):
    answered(lambda: read_calibration(written("mine.yaml", content)), "mine.yaml", "calibration", "targets")


def of_a_design_table(content):
    design = {"name": "file", "path": written("mine.csv", content)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # what is not in UTF-8 is read as Windows-1252, and said
        answered(lambda: plan_of(check("x", {"policies": None, "design": design}, Path("out"))))


def of_a_constraint(words):
    text = " ".join(words)
    result = answered(lambda: holds(text, {"start.trust": np.array([0.1, 0.6]), "rules.leak.rate": 0.2}), "constraint")
    assert result is None or result.dtype == bool


DOORS = {
    "a run": (of_a_run, given_as(RUN), 2500),
    "a sweep": (of_a_sweep, given_as(SWEEP), 1500),
    "a search": (of_a_search, given_as(SEARCH), 2500),
    "an experiment": (of_an_experiment, EXPERIMENTS, 2500),
    "a scenario file": (of_a_scenario_file, FILES, 2500),
    "an experiment file": (of_an_experiment_file, FILES, 2500),
    "a calibration file": (of_a_calibration_file, FILES, 2500),
    "a design table": (of_a_design_table, TABLES, 2500),
    "a constraint": (of_a_constraint, st.lists(SYMBOLS, max_size=9), 2500),
}
"""What to do at each door, what may come, and how often it is tried in the slow suite."""


def tried(entry, most, folder):
    """Let drawn input come to a door, again and again; nothing is left in the folder but the file that was given."""
    through, strategy, _ = DOORS[entry]

    @settings(FEW, max_examples=most)
    @given(strategy)
    def come(value):
        through(value)
        assert {p.name for p in folder.iterdir()} <= {"mine.yaml", "mine.csv"}

    come()


@pytest.mark.parametrize("entry", DOORS)
def test_whatever_comes_is_answered_or_named(entry, folder):
    tried(entry, 15, folder)


@pytest.mark.slow
@pytest.mark.parametrize("entry", DOORS)
def test_very_much_that_comes_is_answered_or_named(entry, folder):
    tried(entry, DOORS[entry][2], folder)


@pytest.mark.slow
@pytest.mark.parametrize(("through", "keys"), [(of_a_run, RUN[:14]), (of_a_sweep, SWEEP[:26]), (of_a_search, SEARCH)])
def test_every_nasty_value_of_every_option_is_accepted_or_named(through, keys, folder):
    for key in keys:
        for value in NASTY:
            through([f"{key}={value}"])
    assert not list(folder.iterdir())


@pytest.mark.parametrize(("entry", "value"), [
    ("a run", ["seed=" + "9" * 5000]),
    ("a run", ["seed=" + "{a: " * 20_000]),
    ("a run", ["\x1b[31mmonths=3"]),
    ("a run", ["months=" + "x" * 15_000]),
    ("a run", ["scenario=~nobody_of_that_name/x.yaml"]),
    ("a sweep", ["folder=~nobody_of_that_name/x", "space.start.trust=[0.2,0.4]"]),
    ("an experiment", {"space": {"start.trust": [-(2**70)]}}),
    ("an experiment", {"design": {"name": "file", "path": "a\0b"}}),
    ("an experiment file", "1: 2"),
    ("a scenario file", "size: {partners: " + "9" * 5000 + "}"),
    ("a scenario file", "title: 2001-99-99"),
    ("a calibration file", "sample_size: 2001-99-99"),
], ids=lambda v: v if isinstance(v, str) and len(v) < 30 else "")  # fmt: skip
def test_what_once_stopped_a_door_gets_a_line(entry, value, folder):
    DOORS[entry][0](value)


@pytest.mark.parametrize(
    "fact", [q for q in parameters(sim.Scenario()) if q.kind in ("int", "float")], ids=lambda q: q.path
)
def test_a_number_out_of_range_is_named_with_its_range_and_unit(fact):
    for value in (fact.low - 1, fact.high * 2 + 1, ".nan", "much"):
        with pytest.raises(InputError) as error:
            compose([f"scenario.{fact.path}={value}"])
        message = str(error.value)
        helps(message, fact.path)
        assert f"scenario.{fact.path} = " in message
        assert (
            f"from {fact.low:.6g} to {fact.high:.6g}".replace("e+0", "e") in message.replace("e+0", "e")
            or "1000000" in message
        )
        assert fact.doc in message


@given(st.text(max_size=300))
@example("\x1b[2J")
@FEW
def test_a_message_never_acts_on_a_terminal(text):
    helps(str(InputError(f"key={text}: give another")), "key=")


def test_a_home_that_nobody_has_and_a_zero_byte_are_named():
    with pytest.raises(InputError, match=r"~nobody_of_that_name/x: there is no such home; write the path out"):
        path_of("~nobody_of_that_name/x")
    with pytest.raises(InputError, match="a path has no zero byte"):
        path_of("a\0b")
    with pytest.raises(InputError, match="is not in UTF-8"):
        path_of("a\udcff")
    with pytest.raises(InputError, match="3: is not a path"):
        path_of(3)


def test_of_very_many_problems_the_first_are_said(folder):
    figures = {f"figure_{k}": None for k in range(60)}
    with pytest.raises(InputError) as refused:
        check("x", {"space": {"start.trust": [0.2, 0.4]}, "figures": figures}, folder)
    lines = str(refused.value).splitlines()
    assert len(lines) == 13
    assert lines[-1] == "and 48 more: put these right first"


def test_a_very_long_value_is_shown_in_part(folder):
    with pytest.raises(InputError) as refused:
        check("x", {"space": {"start.trust": [0.2, 0.4]}, "months": ["many months"] * 500}, folder)
    assert "many months" in str(refused.value)
    assert len(str(refused.value)) < 500
